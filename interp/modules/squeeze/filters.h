// SPDX-License-Identifier: Apache-2.0
// Filter chains of _lzma: dicts in Python, lzma_filter in C. Leaves the streams to lzma.c.
#ifndef KRAIT_INTERP_MODULES_SQUEEZE_FILTERS_H
#define KRAIT_INTERP_MODULES_SQUEEZE_FILTERS_H

#include "interp/core/object.h"

#include <lzma.h>

#define LZMA_FUNCTIONS(X) X(lzma_code) X(lzma_end) X(lzma_get_check) X(lzma_easy_encoder) X(lzma_stream_encoder) X(lzma_alone_encoder) X(lzma_raw_encoder) \
    X(lzma_auto_decoder) X(lzma_stream_decoder) X(lzma_alone_decoder) X(lzma_raw_decoder) X(lzma_lzma_preset) X(lzma_check_is_supported) X(lzma_properties_size) \
    X(lzma_properties_encode) X(lzma_properties_decode)
struct lzma_library {
#define X(f) __typeof__(&f) f;
    LZMA_FUNCTIONS(X)
#undef X
};
extern struct lzma_library lz;
extern struct type lzma_error_type;

union filter_options {
    lzma_options_lzma lzma;
    lzma_options_delta delta;
    lzma_options_bcj bcj;
};
struct filter_chain {
    lzma_filter filters[LZMA_FILTERS_MAX + 1];
    union filter_options options[LZMA_FILTERS_MAX];
};
bool filters_get(struct thread *t, vref specs, struct filter_chain *out) MUST_CHECK;    // a sequence of dicts
bool filter_get(struct thread *t, vref spec, lzma_filter *f, union filter_options *options) MUST_CHECK;
value filter_dict(struct thread *t, const lzma_filter *f);                             // returns new
value lzma_raise(struct thread *t, int error);                                         // an lzma_ret; V_NULL

#endif
