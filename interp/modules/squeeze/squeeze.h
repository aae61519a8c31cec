// SPDX-License-Identifier: Apache-2.0
// What _bz2 and _lzma do alike: objects that take a text piece by piece and give out another. Leaves the formats to bz2.c and lzma.c.
//
// A kind of stream is one function, its step: some input in, some output out. The loops around it grow the output, keep input that was not used yet, run detached and look at
// safepoints. A stream's lock guards everything but the two flags that programs read alone.
#ifndef KRAIT_INTERP_MODULES_SQUEEZE_H
#define KRAIT_INTERP_MODULES_SQUEEZE_H

#include "interp/core/lock.h"
#include "interp/modules/constants.h"
#include "interp/types/args.h"
#include "interp/types/str/codec.h"

struct portion { // what a step may read and write; it moves the pointers
    const uint8_t *in;
    size_t n;
    uint8_t *out;
    size_t room;
};
struct squeeze;
enum { SQUEEZE_END = 1, SQUEEZE_OK = 0 }; // anything below is an error of the library, for `raise_error`
struct squeeze_kind {
    int (*step)(struct squeeze *s, struct portion *p, bool finish);
    void (*end)(struct squeeze *s);
    value (*raise_error)(struct thread *t, int error); // V_NULL
    const char *over;                                  // what is said to who goes on behind the end
    bool error_is_end;                                 // after wrong input no more of it is wanted
};
struct squeeze {
    struct object head;
    struct lock lock;
    const struct squeeze_kind *kind;
    bool live, flushed;
    bool failed;       // wrong input was found, and libbz2 must not be called again
    _Atomic bool eof, needs_input;
    value unused;      // owned bytes behind the end; a slot that others may read
    uint8_t *kept;     // input that a limit on the output left over
    size_t nkept;
};
static inline struct squeeze *as_squeeze(vref v) { return (struct squeeze *)as_object(v); }

extern const struct native squeeze_compress_natives[], squeeze_decompress_natives[];
native_fn squeeze_decompress, squeeze_get_eof, squeeze_get_needs_input, squeeze_get_unused, squeeze_reduce;
bool squeeze_begin(struct squeeze *s, const struct squeeze_kind *kind);
void squeeze_destroy(struct thread *t, struct object *o);
int squeeze_traverse(struct object *o, visit_fn *visit, void *arg);

#endif
