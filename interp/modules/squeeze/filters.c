// SPDX-License-Identifier: Apache-2.0
// Filter chains of _lzma from dicts and back. Leaves the streams to lzma.c.
#include "interp/modules/squeeze/filters.h"
#include "interp/modules/posix/posix.h"
#include "interp/types/dict.h"

// ---- from dicts ----

// spec[name] as a number of so many bits: 1 found, 0 absent, -1 exception.
static int option(struct thread *t, vref spec, const char *name, unsigned bits, uint64_t *out) {
    value key = str_from_cstr(t, name), v = key ? object_getitem(t, spec, key) : V_NULL, i;
    release_opt(t, key);
    if (!v) {
        if (!raised_is(t, &exc_KeyError)) return -1;
        raised_clear(t);
        return 0;
    }
    i = object_index(t, v);
    release(t, v);
    uint8_t raw[8];
    bool ok = i && int_to_bytes(t, i, raw, bits / 8, true, false);
    release_opt(t, i);
    if (!ok) return -1;
    *out = 0;
    memcpy(out, raw, bits / 8);
    return 1;
}
struct field {
    const char *name;
    uint32_t *to;
};
// Every key of spec must be known: "id", the fields, perhaps "preset".
static bool only_known(struct thread *t, vref spec, const struct field *fields, size_t n, const char *what) {
    value keys = object_call_method_cstr(t, spec, "keys", NULL, 0), it = keys ? object_iter(t, keys) : V_NULL, key;
    bool ok = it != V_NULL;
    while (ok && (key = object_next(t, it))) {
        bool known = is_str(key) && str_equal_cstr(key, "id");
        for (size_t i = 0; !known && i < n; i++) known = is_str(key) && str_equal_cstr(key, fields[i].name);
        release(t, key);
        if (!known) ok = (raise(t, &exc_ValueError, "Invalid filter specifier for %s filter", what), false);
    }
    release_opt(t, it);
    release_opt(t, keys);
    return ok && !raised(t);
}
static bool take_fields(struct thread *t, vref spec, const struct field *fields, size_t n, const char *what) {
    if (!only_known(t, spec, fields, n, what)) return false;
    for (size_t i = 0; i < n; i++) {
        uint64_t v;
        int found = fields[i].to ? option(t, spec, fields[i].name, 32, &v) : 0;
        if (found < 0) return false;
        if (found) *fields[i].to = (uint32_t)v;
    }
    return true;
}
static bool lzma_options(struct thread *t, vref spec, lzma_options_lzma *o) {
    uint64_t preset = LZMA_PRESET_DEFAULT;
    uint32_t mode, mf;
    if (option(t, spec, "preset", 32, &preset) < 0) return false;
    memset(o, 0, sizeof *o);
    if (lz.lzma_lzma_preset(o, (uint32_t)preset)) return raise(t, &lzma_error_type, "Invalid compression preset: %lu", (unsigned long)preset), false;
    mode = o->mode;
    mf = o->mf;
    const struct field fields[] = {{"preset", NULL}, {"dict_size", &o->dict_size}, {"lc", &o->lc}, {"lp", &o->lp}, {"pb", &o->pb}, {"mode", &mode}, {"nice_len", &o->nice_len},
                                   {"mf", &mf}, {"depth", &o->depth}};
    if (!take_fields(t, spec, fields, sizeof fields / sizeof *fields, "LZMA")) return false;
    o->mode = (lzma_mode)mode;
    o->mf = (lzma_match_finder)mf;
    return true;
}
bool filter_get(struct thread *t, vref spec, lzma_filter *f, union filter_options *o) {
    uint64_t id;
    if (!type_of(spec)->getitem || is_str(spec) || is_list(spec) || is_tuple(spec) || is_bytes(spec)) return raise(t, &exc_TypeError, "Filter specifier must be a dict or dict-like object"), false;
    int found = option(t, spec, "id", 64, &id);
    if (found == 0) raise(t, &exc_ValueError, "Filter specifier must have an \"id\" entry");
    if (found <= 0) return false;
    f->id = id;
    f->options = o;
    switch (id) {
    case LZMA_FILTER_LZMA1: case LZMA_FILTER_LZMA2: return lzma_options(t, spec, &o->lzma);
    case LZMA_FILTER_DELTA: {
        memset(o, 0, sizeof *o);
        o->delta = (lzma_options_delta){.type = LZMA_DELTA_TYPE_BYTE, .dist = 1};
        const struct field field = {"dist", &o->delta.dist};
        return take_fields(t, spec, &field, 1, "delta");
    }
    case LZMA_FILTER_X86: case LZMA_FILTER_POWERPC: case LZMA_FILTER_IA64: case LZMA_FILTER_ARM: case LZMA_FILTER_ARMTHUMB: case LZMA_FILTER_SPARC: {
        memset(o, 0, sizeof *o);
        const struct field field = {"start_offset", &o->bcj.start_offset};
        return take_fields(t, spec, &field, 1, "BCJ");
    }
    default: return raise(t, &exc_ValueError, "Invalid filter ID: %lu", (unsigned long)id), false;
    }
}
bool filters_get(struct thread *t, vref specs, struct filter_chain *out) {
    if (is_dict(specs) || !type_of(specs)->getitem) return raise(t, &exc_TypeError, "%T is not a sequence", specs), false;
    int64_t n = object_length(t, specs);
    if (n < 0) return false;
    if (n > LZMA_FILTERS_MAX) return raise(t, &exc_ValueError, "Too many filters - liblzma supports a maximum of %d", LZMA_FILTERS_MAX), false;
    for (int64_t i = 0; i < n; i++) {
        value spec = object_getitem(t, specs, from_int62(i));
        bool ok = spec && filter_get(t, spec, &out->filters[i], &out->options[i]);
        release_opt(t, spec);
        if (!ok) return false;
    }
    out->filters[n].id = LZMA_VLI_UNKNOWN;
    return true;
}

// ---- to dicts ----

static bool put(struct thread *t, vref d, const char *name, uint64_t n) {
    value v = int_from_u64(t, n);
    bool ok = v && dict_set_str(t, d, name, v);
    release_opt(t, v);
    return ok;
}
static bool put_options(struct thread *t, vref d, const lzma_filter *f) {
    const lzma_options_lzma *o = f->options;
    switch (f->id) {
    case LZMA_FILTER_LZMA1: return put(t, d, "lc", o->lc) && put(t, d, "lp", o->lp) && put(t, d, "pb", o->pb) && put(t, d, "dict_size", o->dict_size);
    case LZMA_FILTER_LZMA2: return put(t, d, "dict_size", o->dict_size);
    case LZMA_FILTER_DELTA: return put(t, d, "dist", ((const lzma_options_delta *)f->options)->dist);
    default: return !f->options || put(t, d, "start_offset", ((const lzma_options_bcj *)f->options)->start_offset);
    }
}
value filter_dict(struct thread *t, const lzma_filter *f) {
    value d = dict_new(t);
    if (d && (!put(t, d, "id", f->id) || !put_options(t, d, f))) release_field(t, &d);
    return d;
}
