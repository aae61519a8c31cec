// SPDX-License-Identifier: Apache-2.0
// Writes images of code objects (image.h). Leaves reading them to image_read.c.
#include "interp/modules/import/image.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"

#include <stdlib.h>

struct writer {
    struct thread *t;
    uint8_t *at;
    size_t n, room;
    value strings;   // dict: str → number
    value order;     // list of str by number
    uint8_t *interned;
    size_t nstrings, strings_room;
    bool failed;     // an exception is pending
};

uint32_t image_fingerprint(void) {
    static _Atomic uint32_t known;
    uint32_t h = atomic_load_explicit(&known, memory_order_relaxed);
    if (h) return h;
    enum { FORMAT = 1 }; // of image.h: count up when it changes
    const uint32_t seeds[] = {FORMAT, sizeof(struct image_code), sizeof(struct handler), sizeof(struct position), OP_COUNT, NB_COUNT, CODE_NAMESPACE};
    h = 2166136261u;
    for (size_t k = 0; k < sizeof seeds / sizeof *seeds; k++) h = (h ^ seeds[k]) * 16777619u;
    for (unsigned op = 0; op < OP_COUNT; op++) {
        const struct opcode_info *info = &opcode_table[op];
        for (const char *p = info->name; p && *p; p++) h = (h ^ (uint8_t)*p) * 16777619u;
        for (const char *p = info->operands; p && *p; p++) h = (h ^ (uint8_t)*p) * 16777619u;
        h = (h ^ (uint32_t)info->extra) * 16777619u;
    }
    if (!h) h = 1;
    atomic_store_explicit(&known, h, memory_order_relaxed);
    return h;
}

// ---- bytes ----

static uint32_t take(struct writer *w, size_t bytes) { // returns the offset of that many zero bytes, rounded up to 4
    bytes = (bytes + 3) & ~(size_t)3;
    if (w->n + bytes > UINT32_MAX >> (IMAGE_WORD_BITS + 1)) {
        if (!raised(w->t)) raise(w->t, &exc_ValueError, "code object is too large to be marshalled");
        w->failed = true;
    }
    if (!w->failed && w->n + bytes > w->room) {
        size_t room = w->room ? w->room * 2 : 4096;
        while (room < w->n + bytes) room *= 2;
        uint8_t *more = realloc(w->at, room);
        if (more) {
            w->at = more;
            w->room = room;
        } else {
            raise_no_memory(w->t);
            w->failed = true;
        }
    }
    if (w->failed) return 0;
    uint32_t offset = (uint32_t)w->n;
    memset(w->at + w->n, 0, bytes);
    w->n += bytes;
    return offset;
}
static uint32_t put(struct writer *w, const void *p, size_t bytes) {
    uint32_t at = take(w, bytes);
    if (!w->failed && bytes) memcpy(w->at + at, p, bytes);
    return at;
}
static void set_word(struct writer *w, uint32_t offset, uint32_t v) {
    if (!w->failed) memcpy(w->at + offset, &v, sizeof v);
}
static uint32_t word(enum image_word kind, uint32_t v) { return v << IMAGE_WORD_BITS | kind; }

// ---- constants ----

static uint32_t string_word(struct writer *w, vref s) {
    bool interned = as_str(s)->flags & STR_INTERNED;
    if (as_str(s)->length > 60) interned = false; // docstrings and messages: nobody compares them by identity
    value known = dict_get(w->t, w->strings, s);
    if (known) {
        w->interned[as_int62(known)] |= interned;
        return word(IMAGE_STR, (uint32_t)as_int62(known));
    }
    if (w->nstrings == w->strings_room) {
        size_t room = w->strings_room ? w->strings_room * 2 : 64;
        uint8_t *more = realloc(w->interned, room);
        if (!more) {
            raise_no_memory(w->t);
            w->failed = true;
            return 0;
        }
        w->interned = more;
        w->strings_room = room;
    }
    w->interned[w->nstrings] = interned;
    if (!dict_set(w->t, w->strings, s, from_int62((int64_t)w->nstrings)) || !list_append(w->t, w->order, s)) w->failed = true;
    return word(IMAGE_STR, (uint32_t)w->nstrings++);
}
static uint32_t box(struct writer *w, enum image_box kind, uint32_t count, const void *payload, size_t bytes) {
    uint32_t head[2] = {kind, count}, at = put(w, head, sizeof head);
    put(w, payload, bytes);
    return word(IMAGE_BOX, at);
}
static uint32_t big_int(struct writer *w, vref v) {
    size_t n = is_int62(v) ? 8 : (size_t)llabs(((struct bigint *)as_object(v))->size) * 8 + 8;
    uint8_t *bytes = malloc(n);
    uint32_t r = 0;
    if (!bytes) raise_no_memory(w->t);
    if (bytes && int_to_bytes(w->t, v, bytes, n, true, true)) r = box(w, BOX_INT, (uint32_t)n, bytes, n);
    else w->failed = true;
    free(bytes);
    return r;
}
static uint32_t code_offset(struct writer *w, struct code *c);
static uint32_t constant(struct writer *w, vref v);
// The items' words stand behind the box, which is therefore made when they are.
static uint32_t items(struct writer *w, enum image_box kind, const value *at, size_t n) {
    uint32_t *words = malloc(n * sizeof *words + 1);
    if (!words) {
        raise_no_memory(w->t);
        w->failed = true;
        return 0;
    }
    for (size_t k = 0; k < n && !w->failed; k++) words[k] = constant(w, at[k]);
    uint32_t r = w->failed ? 0 : box(w, kind, (uint32_t)n, words, n * sizeof *words);
    free(words);
    return r;
}
static uint32_t frozen_set(struct writer *w, vref v) {
    value list = list_from_iterable(w->t, v), tuple = list ? list_to_tuple(w->t, list) : V_NULL;
    uint32_t r = 0;
    if (tuple) r = items(w, BOX_FROZENSET, as_tuple(tuple)->at, tuple_size(tuple));
    else w->failed = true;
    release_opt(w->t, list);
    release_opt(w->t, tuple);
    return r;
}
static uint32_t constant(struct writer *w, vref v) {
    if (w->failed) return 0;
    if (v == V_NULL || v == V_UNBOUND) return word(IMAGE_SINGLE, IMAGE_ABSENT);
    if (v == V_NONE) return word(IMAGE_SINGLE, IMAGE_NONE);
    if (is_same(v, V_TRUE)) return word(IMAGE_SINGLE, IMAGE_TRUE);
    if (is_same(v, V_FALSE)) return word(IMAGE_SINGLE, IMAGE_FALSE);
    if (is_same(v, V_ELLIPSIS)) return word(IMAGE_SINGLE, IMAGE_ELLIPSIS);
    if (is_int62(v) && as_int62(v) >= -(1 << 27) && as_int62(v) < 1 << 27) return word(IMAGE_INT, (uint32_t)(as_int62(v) & 0x1fffffff));
    if (is_exact_int(v)) return big_int(w, v);
    if (has_shape(v, SHAPE_STR)) return string_word(w, v);
    if (has_shape(v, SHAPE_CODE)) return word(IMAGE_CODE, code_offset(w, as_code(v)));
    if (has_shape(v, SHAPE_TUPLE)) return items(w, BOX_TUPLE, as_tuple(v)->at, tuple_size(v));
    if (has_shape(v, SHAPE_BYTES)) return box(w, BOX_BYTES, (uint32_t)as_bytes(v)->length, as_bytes(v)->data, as_bytes(v)->length);
    if (has_shape(v, SHAPE_FROZENSET)) return frozen_set(w, v);
    if (type_of(v) == &type_float) {
        double d = float_value(v);
        return box(w, BOX_FLOAT, 8, &d, 8);
    }
    if (has_shape(v, SHAPE_COMPLEX)) {
        const struct complex_box *z = (const struct complex_box *)as_object(v);
        double d[2] = {z->re, z->im};
        return box(w, BOX_COMPLEX, 16, d, 16);
    }
    raise(w->t, &exc_ValueError, "unmarshallable object");
    w->failed = true;
    return 0;
}

// ---- code ----

// The instructions in their general forms: what quickening wrote over them belongs to this process.
static uint32_t instructions(struct writer *w, const struct code *c) {
    uint32_t at = take(w, c->nops * sizeof(uint32_t));
    for (uint32_t k = 0; k < c->nops && !w->failed;) {
        uint32_t op = atomic_load_explicit(&c->ops[k], memory_order_relaxed);
        enum opcode general = opcode_table[op & 255].general;
        set_word(w, at + 4 * k, (op & ~255u) | (uint32_t)general);
        unsigned n = opcode_words(opcode_table[general].extra);
        for (unsigned j = 1; j < n; j++) set_word(w, at + 4 * (k + j), atomic_load_explicit(&c->ops[k + j], memory_order_relaxed));
        k += n;
    }
    return at;
}
static uint32_t constants(struct writer *w, const struct code *c) {
    uint32_t at = take(w, c->nconsts * sizeof(uint32_t));
    for (uint32_t k = 0; k < c->nconsts && !w->failed; k++) set_word(w, at + 4 * k, constant(w, c->consts[k]));
    return at;
}
static uint32_t code_offset(struct writer *w, struct code *c) {
    if (!recursion_enter(w->t, " while marshalling code")) {
        w->failed = true;
        return 0;
    }
    uint32_t at = take(w, sizeof(struct image_code));
    struct image_code r = {
        .nops = c->nops, .nconsts = c->nconsts, .nsites = c->nsites, .nhandlers = c->nhandlers, .npositions = c->npositions, .nlocals = c->nlocals, .nregs = c->nregs,
        .argcount = c->argcount, .posonly = c->posonly, .kwonly = c->kwonly, .flags = c->flags, .attr_hint = c->attr_hint, .firstlineno = c->firstlineno,
    };
    r.name = constant(w, c->name);
    r.qualname = constant(w, c->qualname);
    r.filename = constant(w, c->filename);
    r.varnames = constant(w, c->varnames);
    r.freevars = constant(w, c->freevars);
    r.cellvars = constant(w, c->cellvars);
    r.names = constant(w, c->names);
    r.doc = constant(w, c->doc);
    r.ops = instructions(w, c);
    r.site_names = put(w, c->site_names, c->nsites * sizeof *c->site_names);
    r.handlers = put(w, c->handlers, c->nhandlers * sizeof *c->handlers);
    r.positions = put(w, c->positions, c->npositions * sizeof *c->positions);
    r.consts = constants(w, c);
    if (!w->failed) memcpy(w->at + at, &r, sizeof r);
    recursion_leave(w->t);
    return at;
}

// ---- the whole ----

static void string_table(struct writer *w, struct image_head *head) {
    head->nstrings = (uint32_t)w->nstrings;
    head->strings = take(w, w->nstrings * sizeof(uint32_t));
    for (size_t k = 0; k < w->nstrings && !w->failed; k++) {
        value s = list_get_or_null(w->t, w->order, k);
        const struct str *str = as_str(s);
        struct image_str rec = {.length = (uint32_t)str->length, .width = str->width, .interned = w->interned[k], .ascii = (str->flags & STR_ASCII) != 0};
        set_word(w, head->strings + 4 * (uint32_t)k, put(w, &rec, sizeof rec));
        put(w, str->data, str->length * str->width);
        release(w->t, s);
    }
}
static uint32_t checksum(const uint8_t *p, size_t n) { // words, Fletcher-like; n is a multiple of 4
    uint64_t a = 1, b = 0;
    for (size_t k = 0; k < n; k += 4) {
        uint32_t v;
        memcpy(&v, p + k, 4);
        a += v;
        b += a;
    }
    return (uint32_t)(a ^ a >> 32) ^ (uint32_t)(b * 0x9e3779b1u ^ b >> 32);
}
uint32_t image_checksum(const void *p, size_t n) { return checksum(p, n); }

value image_write(struct thread *t, struct code *code) {
    struct writer w = {.t = t, .strings = dict_new(t), .order = list_new(t, 64)};
    w.failed = !w.strings || !w.order;
    struct image_head head = {.magic = IMAGE_MAGIC, .fingerprint = image_fingerprint()};
    take(&w, sizeof head);
    head.root = code_offset(&w, code);
    string_table(&w, &head);
    head.size = (uint32_t)w.n;
    value r = V_NULL;
    if (!w.failed) {
        head.checksum = checksum(w.at + sizeof head, w.n - sizeof head);
        memcpy(w.at, &head, sizeof head);
        r = bytes_new(t, w.at, w.n);
    }
    release_opt(t, w.strings);
    release_opt(t, w.order);
    free(w.at);
    free(w.interned);
    return r;
}
