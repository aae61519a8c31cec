// SPDX-License-Identifier: Apache-2.0
// What the files of the module _csv share: the dialect. Leaves reading to reader.c, writing to writer.c, the registry to module.c.
//
// A dialect is immutable, so readers and writers use it without a lock. A reader keeps nothing between two records but the number of lines, a writer nothing at all:
// threads that share one get whole records each.
#ifndef KRAIT_INTERP_MODULES_CSV_H
#define KRAIT_INTERP_MODULES_CSV_H

#include "interp/types/exc_types.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"

enum csv_quoting { QUOTE_MINIMAL, QUOTE_ALL, QUOTE_NONNUMERIC, QUOTE_NONE };
#define CSV_NO_CHAR UINT32_MAX // no such character is set
struct dialect {
    struct object head;
    uint32_t delimiter, quotechar, escapechar;
    enum csv_quoting quoting;
    bool doublequote, skipinitialspace, strict;
    value lineterminator;  // owned str
    bool special[256];     // Latin-1 characters at which a run of plain text ends, for readers; those of the line terminator too, for writers
    bool special_beyond;   // one of the characters is beyond Latin-1
};
static inline struct dialect *as_dialect(vref v) { return (struct dialect *)as_object(v); }
// Whether c needs a closer look.
static inline bool csv_special(const struct dialect *d, uint32_t c) { return c < 256 ? d->special[c] : d->special_beyond; }

extern struct type type_csv_dialect, type_csv_reader, type_csv_writer, csv_error;
// A dialect from a name, an object with attributes, or nothing, with options as keywords. returns new.
value csv_dialect_new(struct thread *t, vref dialect_or_null, const vref *values, vref kwnames);
value csv_get_dialect(struct thread *t, vref name); // returns new; Error "unknown dialect"
native_raw_fn csv_reader, csv_writer;
int64_t csv_field_limit(struct thread *t);

#endif
