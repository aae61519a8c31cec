// SPDX-License-Identifier: Apache-2.0
// Tuples whose items have names: os.stat_result, time.struct_time, sys.flags. Leaves what the items mean to the modules that make them.
//
// A row of fields says it all. The first `visible` fields are items of the tuple; what comes behind is reached by name only (st_atime_ns). A field
// without name is reached by index only. Hidden items stand behind the tuple's own, so that every function of tuple sees the visible ones alone.
#ifndef KRAIT_INTERP_TYPES_STRUCTSEQ_H
#define KRAIT_INTERP_TYPES_STRUCTSEQ_H

#include "interp/core/object.h"

struct structseq_field {
    const char *name, *doc;      // name NULL: reached by index only
};
struct structseq {
    struct type type;            // .name, .module, .doc and, if Python code may not make one, TYPE_NO_NEW in .flags are the caller's; the rest is filled at the first use
    const struct structseq_field *fields;
    unsigned count, visible;     // of fields
};
// Readies the type. returns it, NULL: exception. Call it before structseq_new and when the module is made.
struct type *structseq_type(struct thread *t, struct structseq *s);
// Slot `make` of these types; one that wants to do more sets its own before the first use and calls this.
value structseq_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames);
// takes items[0..count), also on failure; one of them may be V_NULL if an exception is pending, which then makes this fail. returns new.
value structseq_new(struct thread *t, struct structseq *s, value *items);

#endif
