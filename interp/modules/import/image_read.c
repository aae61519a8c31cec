// SPDX-License-Identifier: Apache-2.0
// Reads images of code objects (image.h). Leaves writing them to image_write.c. Every offset is checked: a damaged image is a ValueError, never a crash of the reader.
#include "interp/modules/import/image.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"

struct reader {
    struct thread *t;
    const uint8_t *at;
    size_t n;
    const struct image_head *head;
    value *strings;      // made when first needed
    vref filename;       // replaces what the image says, or V_NULL
    bool keep;
};

static value bad(struct reader *r, const char *what) { return raised(r->t) ? V_NULL : raise(r->t, &exc_ValueError, "bad marshal data (%s)", what); }
// The array of `count` items at that offset. NULL: exception.
static const void *array(struct reader *r, uint32_t offset, size_t count, size_t size) {
    if (offset % 4 == 0 && offset <= r->n && count <= (r->n - offset) / size) return r->at + offset;
    bad(r, "offset out of range");
    return NULL;
}

static value string(struct reader *r, uint32_t number) {
    if (number >= r->head->nstrings) return bad(r, "invalid reference");
    if (r->strings[number]) return r->strings[number];
    uint32_t offset = ((const uint32_t *)(const void *)(r->at + r->head->strings))[number];
    const struct image_str *s = array(r, offset, 1, sizeof *s);
    if (!s || (s->width != 1 && s->width != 2 && s->width != 4) || !array(r, offset + (uint32_t)sizeof *s, s->length, s->width)) return bad(r, "string");
    value v = str_new(r->t, s->length, s->ascii ? 0x7f : s->width == 1 ? 0xff : s->width == 2 ? 0xffff : 0x10ffff);
    if (!v) return V_NULL;
    if (s->length) memcpy(as_str(v)->data, s->data, (size_t)s->length * s->width);
    if (s->interned) v = str_intern_immortal(r->t, v);
    if (v && is_counted(v)) v = ref_defer(r->t, as_object(v)); // code holds its constants uncounted
    return r->strings[number] = v;
}

static value constant(struct reader *r, uint32_t word);
static value items(struct reader *r, const uint32_t *box, uint32_t offset) {
    const uint32_t *words = array(r, offset + 8, box[1], 4);
    if (!words) return V_NULL;
    value tuple = box[1] ? tuple_new(r->t, box[1]) : own(r->t, tuple_empty);
    for (uint32_t k = 0; tuple && k < box[1]; k++) {
        value v = constant(r, words[k]);
        if (!v) release_field(r->t, &tuple);
        else as_tuple(tuple)->at[k] = v;
    }
    if (!tuple || box[0] == BOX_TUPLE) return tuple;
    value set = set_new(r->t, true, tuple);
    release(r->t, tuple);
    return set;
}
static value boxed(struct reader *r, uint32_t offset) {
    const uint32_t *box = array(r, offset, 2, 4);
    if (!box) return V_NULL;
    if (box[0] == BOX_TUPLE || box[0] == BOX_FROZENSET) {
        if (!recursion_enter(r->t, " while unmarshalling")) return V_NULL;
        value v = items(r, box, offset);
        recursion_leave(r->t);
        return v;
    }
    const uint8_t *data = array(r, offset + 8, box[1], 1);
    double d[2];
    if (!data) return V_NULL;
    switch (box[0]) {
    case BOX_INT: return int_from_bytes(r->t, data, box[1], true, true);
    case BOX_BYTES: return bytes_new(r->t, data, box[1]);
    case BOX_FLOAT:
        if (box[1] != 8) return bad(r, "float");
        memcpy(d, data, 8);
        return float_new(r->t, d[0]);
    case BOX_COMPLEX:
        if (box[1] != 16) return bad(r, "complex");
        memcpy(d, data, 16);
        return complex_new(r->t, d[0], d[1]);
    default: return bad(r, "unknown type code");
    }
}
static struct code *code_at(struct reader *r, uint32_t offset);
static value constant(struct reader *r, uint32_t word) {
    const value singles[] = {V_NONE, V_TRUE, V_FALSE, V_ELLIPSIS};
    uint32_t n = word >> IMAGE_WORD_BITS;
    value v;
    struct code *c;
    switch (word & IMAGE_WORD_MASK) {
    case IMAGE_SINGLE: return n < 4 ? singles[n] : n == IMAGE_ABSENT ? V_UNBOUND : bad(r, "unknown type code");
    case IMAGE_INT: return from_int62((int64_t)((uint64_t)n << 35) >> 35);
    case IMAGE_STR: return (v = string(r, n)) ? own(r->t, v) : V_NULL;
    case IMAGE_BOX: return boxed(r, n);
    case IMAGE_CODE: return (c = code_at(r, n)) ? borrowed_word(c) : V_NULL;
    default: return bad(r, "unknown type code");
    }
}

// ---- code ----

enum { WORDS = 8 };
static bool good_kinds(const value *w) {
    for (int k = 0; k < 3; k++)
        if (!is_str(w[k])) return false;
    for (int k = 3; k < 7; k++)
        if (!is_tuple(w[k])) return false;
    return w[7] == V_UNBOUND || is_str(w[7]);
}
static bool site_names_ok(const uint32_t *names, const struct image_code *c) {
    for (uint32_t k = 0; k < c->nsites; k++)
        if (names[k] >= c->nconsts) return false;
    return true;
}
static struct code *make(struct reader *r, const struct image_code *c, const value *w, const value *consts) {
    struct code_parts p = {
        .ops = array(r, c->ops, c->nops, 4), .nops = c->nops, .consts = consts, .nconsts = c->nconsts, .site_names = array(r, c->site_names, c->nsites, 4), .nsites = c->nsites,
        .handlers = array(r, c->handlers, c->nhandlers, sizeof(struct handler)), .nhandlers = c->nhandlers,
        .positions = array(r, c->positions, c->npositions, sizeof(struct position)), .npositions = c->npositions, .nlocals = c->nlocals, .nregs = c->nregs,
        .argcount = c->argcount, .posonly = c->posonly, .kwonly = c->kwonly, .flags = c->flags, .attr_hint = c->attr_hint, .firstlineno = c->firstlineno,
        .name = w[0], .qualname = w[1], .filename = r->filename ? r->filename : w[2], .varnames = w[3], .freevars = w[4], .cellvars = w[5], .names = w[6],
        .doc = w[7] == V_UNBOUND ? V_NULL : w[7],
    };
    if (!p.ops || !p.site_names || !p.handlers || !p.positions) return NULL;
    if (!site_names_ok(p.site_names, c)) return bad(r, "invalid reference"), NULL;
    return code_new(r->t, &p);
}
static struct code *read_code(struct reader *r, const struct image_code *c) {
    const uint32_t *words = array(r, c->consts, c->nconsts, 4);
    if (!words) return NULL;
    value *v = mem_calloc(r->t, (WORDS + c->nconsts) * sizeof *v);
    if (!v) return NULL;
    struct held_words held;
    hold_words(r->t, &held, v, WORDS + c->nconsts);
    const uint32_t in[WORDS] = {c->name, c->qualname, c->filename, c->varnames, c->freevars, c->cellvars, c->names, c->doc};
    bool ok = true;
    for (uint32_t k = 0; ok && k < WORDS + c->nconsts; k++) ok = (v[k] = constant(r, k < WORDS ? in[k] : words[k - WORDS])) != V_NULL;
    struct code *code = NULL;
    if (ok && !good_kinds(v)) bad(r, "code object");
    else if (ok) code = make(r, c, v, v + WORDS);
    unhold_words(r->t, &held);
    for (uint32_t k = 0; k < WORDS + c->nconsts; k++) release_opt(r->t, v[k]);
    mem_free(r->t, v, (WORDS + c->nconsts) * sizeof *v);
    return code;
}
static struct code *code_at(struct reader *r, uint32_t offset) {
    const struct image_code *c = array(r, offset, 1, sizeof *c);
    if (!c || !recursion_enter(r->t, " while unmarshalling code")) return NULL;
    struct code *code = read_code(r, c);
    recursion_leave(r->t);
    return code;
}

// ---- the whole ----

size_t image_size(const void *p, size_t n) {
    struct image_head head;
    if (n < sizeof head) return 0;
    memcpy(&head, p, sizeof head);
    bool ok = head.magic == IMAGE_MAGIC && head.fingerprint == image_fingerprint() && head.size >= sizeof head && head.size <= n && head.size % 4 == 0;
    return ok ? head.size : 0;
}
struct code *image_read(struct thread *t, const void *image, size_t n, vref filename, bool keep) {
    struct reader r = {.t = t, .at = image, .filename = filename, .keep = keep, .head = image};
    if (n < sizeof *r.head) return (struct code *)(uintptr_t)raise(t, &exc_EOFError, "marshal data too short");
    r.n = image_size(image, n);
    if (!r.n) return bad(&r, "code of another interpreter or build"), NULL;
    if (!keep && image_checksum(r.at + sizeof *r.head, r.n - sizeof *r.head) != r.head->checksum) return bad(&r, "checksum"), NULL;
    if (!array(&r, r.head->strings, r.head->nstrings, 4)) return NULL;
    r.strings = mem_calloc(t, (r.head->nstrings + 1) * sizeof *r.strings);
    if (!r.strings) return NULL;
    struct held_words held; // the strings are deferred: these slots keep them from the collector until code holds them
    hold_words(t, &held, r.strings, r.head->nstrings);
    struct code *code = code_at(&r, r.head->root);
    unhold_words(t, &held);
    for (uint32_t k = 0; k < r.head->nstrings; k++) release_opt(t, r.strings[k]);
    mem_free(t, r.strings, (r.head->nstrings + 1) * sizeof *r.strings);
    return code;
}
