// SPDX-License-Identifier: Apache-2.0
// Normal forms (Unicode Standard Annex 15): decomposition, canonical order, composition. Leaves the tables to lookup.c.
#include "interp/modules/unicodedata/normal.h"
#include "interp/modules/unicodedata/unicodedata.h"
#include "interp/types/exc.h"

struct buffer {
    struct thread *t;
    uint32_t *at;
    size_t n, room;
    bool old, compat;
};

static bool push(struct buffer *b, uint32_t c) {
    if (b->n == b->room) {
        uint32_t *to = mem_resize(b->t, b->at, b->room * sizeof *to, b->room * 2 * sizeof *to);
        if (!to) return false;
        b->at = to;
        b->room *= 2;
    }
    b->at[b->n++] = c;
    return true;
}

static bool decompose(struct buffer *b, uint32_t c) {
    if (c - 0xac00 < 11172) {
        uint32_t s = c - 0xac00;
        return push(b, 0x1100 + s / 588) && push(b, 0x1161 + s % 588 / 28) && (s % 28 == 0 || push(b, 0x11a7 + s % 28));
    }
    if (b->old && c >= 0x2f800 && ucd_old_correction(c)) return push(b, ucd_old_correction(c));
    const struct ucd_mapping *m = ucd_mapping_of(c, b->old);
    if (!m || (m->tag && !b->compat)) return push(b, c);
    for (unsigned i = 0; i < m->count; i++)
        if (!decompose(b, ucd_mapping_pool[m->at + i])) return false;
    return true;
}

// Combining marks between two starters by their class; equal ones stay in order. Insertion: runs are short, and long ones are polled.
static bool order(struct buffer *b) {
    for (size_t i = 1; i < b->n; i++) {
        uint32_t c = b->at[i];
        uint8_t class = ucd_of(c, b->old)->combining;
        size_t k = i;
        for (; class && k > 0 && ucd_of(b->at[k - 1], b->old)->combining > class; k--) b->at[k] = b->at[k - 1];
        b->at[k] = c;
        if (i - k > 64 && !safepoint_poll(b->t)) return false;
    }
    return true;
}

static void compose(struct buffer *b) {
    size_t out = 0, starter = SIZE_MAX;
    int last = -1; // class of the character before, since the starter; -1: it stands right before
    for (size_t i = 0; i < b->n; i++) {
        uint32_t c = b->at[i], whole;
        int class = ucd_of(c, b->old)->combining;
        if (starter != SIZE_MAX && last < class && (whole = ucd_compose(b->at[starter], c))) {
            b->at[starter] = whole;
            continue;
        }
        if (class == 0) starter = out, last = -1;
        else last = class;
        b->at[out++] = c;
    }
    b->n = out;
}

value normal_form(struct thread *t, vref text, bool compat, bool composed, bool old) {
    const struct str *s = as_str(text);
    if (str_is_ascii(s)) return own(t, text);
    struct buffer b = {t, NULL, 0, s->length + s->length / 2 + 8, old, compat};
    b.at = mem_alloc(t, b.room * sizeof *b.at);
    bool ok = b.at != NULL;
    for (size_t i = 0; ok && i < s->length; i++) ok = decompose(&b, str_at(s, i)) && (i % 4096 || safepoint_poll(t));
    ok = ok && order(&b);
    if (ok && composed) compose(&b);
    value r = ok ? str_from_chars(t, b.at, b.n) : V_NULL;
    mem_free(t, b.at, b.room * sizeof *b.at);
    return r;
}
