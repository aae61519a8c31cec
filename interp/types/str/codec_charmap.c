// SPDX-License-Identifier: Apache-2.0
// The charmap codec: one byte a character by a table, a mapping, or the compact map that charmap_build makes of a decoding table. Leaves error handlers
// to codec_error.c, the tables to the package encodings.
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/str/codec.h"
#include "interp/types/str/text.h"

#include <stdlib.h>

enum { UNDEFINED = 0xfffe };
static const char undefined[] = "character maps to <undefined>";

// ---- the map of charmap_build: characters below 256 by index, the others sorted ----
struct pair {
    uint32_t c;
    uint8_t byte;
};
struct encoding_map {
    struct object head;
    int16_t low[256]; // -1: not mapped
    uint32_t count;
    struct pair at[256];
};
static value map_size(struct thread *t, const vref *a) { return (void)t, (void)a, from_int62((int64_t)sizeof(struct encoding_map)); }
static const struct native map_natives[] = {{.name = "size", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = map_size}, {.name = NULL}};
struct type type_encoding_map = {
    .name = "EncodingMap", .module = "builtins", .flags = TYPE_NO_NEW, .basicsize = sizeof(struct encoding_map), .base = &type_object, .natives = map_natives,
};

static int by_character(const void *a, const void *b) {
    const struct pair *x = a, *y = b;
    return x->c < y->c ? -1 : x->c > y->c;
}

static value build_dict(struct thread *t, const struct str *s) {
    value d = dict_new(t);
    for (size_t i = 0; d && i < s->length && i < 256; i++)
        if (!dict_set(t, d, from_int62(str_at(s, i)), from_int62((int64_t)i))) release_field(t, &d);
    return d;
}

value codec_charmap_build(struct thread *t, vref table) {
    const struct str *s = as_str(table);
    bool plain = s->length == 256 && str_at(s, 0) == 0;
    for (size_t i = 1; plain && i < 256; i++) plain = str_at(s, i) != 0 && str_at(s, i) <= UNDEFINED;
    if (!plain) return build_dict(t, s);
    if (!type_encoding_map.root_shape && !type_ready(t, &type_encoding_map)) return V_NULL;
    struct encoding_map *m = object_alloc(t, sizeof *m, type_encoding_map.root_shape);
    if (!m) return V_NULL;
    m->count = 0;
    for (int i = 0; i < 256; i++) m->low[i] = -1;
    for (size_t i = 0; i < 256; i++) {
        uint32_t c = str_at(s, i);
        if (c < 256) m->low[c] = (int16_t)i;
        else if (c != UNDEFINED) m->at[m->count++] = (struct pair){c, (uint8_t)i};
    }
    qsort(m->at, m->count, sizeof *m->at, by_character);
    return counted_word(m);
}

static int map_find(const struct encoding_map *m, uint32_t c) {
    if (c < 256) return m->low[c];
    const struct pair key = {c, 0}, *p = bsearch(&key, m->at, m->count, sizeof *m->at, by_character);
    return p ? p->byte : -1;
}

// ---- decoding ----

// mapping[key]; V_NULL without exception: it has none, or None.
static value look_up(struct thread *t, vref mapping, uint32_t key) {
    value v = object_getitem(t, mapping, from_int62(key));
    if (!v && raised_is(t, &exc_LookupError)) raised_clear(t);
    if (v && is_none(v)) return V_NULL;
    return v;
}

enum outcome { DONE, NOT_MAPPED, FAILED };

static enum outcome decode_one(struct thread *t, struct decode_job *j, vref mapping, uint8_t byte) {
    if (has_shape(mapping, SHAPE_STR)) {
        const struct str *s = as_str(mapping);
        uint32_t c = byte < s->length ? str_at(s, byte) : UNDEFINED;
        if (c == UNDEFINED) return NOT_MAPPED;
        builder_char(&j->out, c);
        return DONE;
    }
    value v = look_up(t, mapping, byte);
    if (!v) return raised(t) ? FAILED : NOT_MAPPED;
    enum outcome r = DONE;
    int64_t c;
    if (is_int(v)) {
        bool fits = int_as_i64_overflow(v, &c) == 0 && c >= 0 && c <= UNICODE_MAX;
        if (!fits) raise(t, &exc_TypeError, "character mapping must be in range(0x110000)"), r = FAILED;
        else if (c == UNDEFINED) r = NOT_MAPPED;
        else builder_char(&j->out, (uint32_t)c);
    } else if (is_str(v)) {
        if (as_str(v)->length == 1 && str_at(as_str(v), 0) == UNDEFINED) r = NOT_MAPPED;
        else builder_str(&j->out, v);
    } else {
        raise(t, &exc_TypeError, "character mapping must return integer, None or str");
        r = FAILED;
    }
    release(t, v);
    return r;
}

value codec_charmap_decode(struct thread *t, const uint8_t *p, size_t n, const char *errors, vref mapping) {
    if (!mapping || is_none(mapping)) return codec_latin1_decode(t, p, n);
    struct decode_job j;
    decode_begin(&j, t, "charmap", errors, p, n);
    for (size_t i = 0; i < j.n;) {
        enum outcome r = decode_one(t, &j, mapping, j.p[i]);
        if (r == FAILED) return decode_end(&j, false);
        if (r == DONE) i++;
        else if (!decode_error(&j, i, i + 1, undefined, &i)) return decode_end(&j, false);
    }
    return decode_end(&j, true);
}

// ---- encoding ----

static enum outcome encode_one(struct thread *t, struct byte_builder *b, vref mapping, uint32_t c) {
    uint8_t byte;
    if (type_of(mapping) == &type_encoding_map) {
        int found = map_find((const struct encoding_map *)as_object(mapping), c);
        if (found < 0) return NOT_MAPPED;
        byte = (uint8_t)found;
        byte_builder_add(b, &byte, 1);
        return DONE;
    }
    value v = look_up(t, mapping, c);
    if (!v) return raised(t) ? FAILED : NOT_MAPPED;
    enum outcome r = DONE;
    int64_t i;
    if (is_int(v)) {
        if (int_as_i64_overflow(v, &i) == 0 && i >= 0 && i < 256) byte = (uint8_t)i, byte_builder_add(b, &byte, 1);
        else raise(t, &exc_TypeError, "character mapping must be in range(256)"), r = FAILED;
    } else if (is_bytes(v)) byte_builder_add(b, as_bytes(v)->data, as_bytes(v)->length);
    else raise(t, &exc_TypeError, "character mapping must return integer, bytes or None, not %T", v), r = FAILED;
    release(t, v);
    return r;
}

// Whether c has no place in the mapping; what it maps to is thrown away.
static enum outcome probe(struct thread *t, vref mapping, uint32_t c) {
    struct byte_builder scratch = {.t = t};
    enum outcome r = encode_one(t, &scratch, mapping, c);
    byte_builder_discard(&scratch);
    return r;
}

static bool put_patch(struct thread *t, struct byte_builder *b, vref mapping, vref s, size_t start, size_t end, const struct encode_patch *patch) {
    if (patch->bytes) {
        byte_builder_add(b, as_bytes(patch->bytes)->data, as_bytes(patch->bytes)->length);
        return true;
    }
    const struct str *text = as_str(patch->text);
    for (size_t k = 0; k < text->length; k++) {
        enum outcome r = encode_one(t, b, mapping, str_at(text, k));
        if (r == NOT_MAPPED) codec_raise_encode(t, "charmap", s, start, end, undefined);
        if (r != DONE) return false;
    }
    return true;
}

value codec_charmap_encode(struct thread *t, vref v, const char *errors, vref mapping) {
    if (!mapping || is_none(mapping)) return codec_latin1_encode(t, v, errors);
    const struct str *s = as_str(v);
    struct byte_builder b = {.t = t};
    for (size_t i = 0; i < s->length;) {
        enum outcome r = encode_one(t, &b, mapping, str_at(s, i));
        if (r == FAILED) goto fail;
        if (r == DONE) {
            i++;
            continue;
        }
        size_t end = i + 1;
        while (end < s->length && (r = probe(t, mapping, str_at(s, end))) == NOT_MAPPED) end++;
        struct encode_patch patch;
        if (r == FAILED || !encode_error(t, "charmap", errors, v, i, end, undefined, &patch)) goto fail;
        bool ok = put_patch(t, &b, mapping, v, i, end, &patch);
        release_opt(t, patch.bytes), release_opt(t, patch.text);
        if (!ok) goto fail;
        i = patch.at;
    }
    return byte_builder_finish(&b);
fail:
    byte_builder_discard(&b);
    return V_NULL;
}
