// SPDX-License-Identifier: Apache-2.0
// Running programs: subjects, the matcher's memory, polling, results. Leaves the loop to machine.inc, compiled here for each width of characters.
#include "interp/modules/sre/sre.h"
#include "interp/types/bytes.h"
#include "interp/types/exc.h"
#include "interp/types/str/text.h"

enum back { BACK_MARK, BACK_COUNT, BACK_CHOICE, BACK_ONE, BACK_LAZY, BACK_LOOP, BACK_LAZY_LOOP };
static const uint8_t back_words[] = {[BACK_MARK] = 2, [BACK_COUNT] = 3, [BACK_CHOICE] = 2, [BACK_ONE] = 3, [BACK_LAZY] = 3, [BACK_LOOP] = 4, [BACK_LAZY_LOOP] = 2};
enum { STACK_SLACK = 8, PIECE = 1 << 20 }; // words of the largest entry and more; characters between two polls of a plain loop

bool matcher_poll(struct thread *t, struct matcher *m) {
    m->fuel = FUEL;
    return safepoint_poll(t);
}

bool matcher_grow(struct thread *t, struct matcher *m, size_t used) {
    size_t size = m->stack_size * 2;
    uint64_t *to = m->stack == m->stack_inline ? mem_alloc(t, size * sizeof *to) : mem_resize(t, m->stack, m->stack_size * sizeof *to, size * sizeof *to);
    if (!to) return false;
    if (m->stack == m->stack_inline) memcpy(to, m->stack_inline, used * sizeof *to);
    m->stack = to;
    m->stack_size = size;
    return true;
}

// Undoes what the entries above height did, without taking any other way. returns the last group closed before.
static int64_t unwind(struct matcher *m, uint64_t *sp, size_t height, int64_t lastindex) {
    while (sp > m->stack + height) {
        uint64_t head = sp[-1];
        uint32_t arg = (uint32_t)(head >> 8) & 0xffffff;
        enum back kind = (enum back)(head & 255);
        if (kind == BACK_MARK) {
            m->marks[arg] = (const void *)(uintptr_t)sp[-2];
            lastindex = (int64_t)(head >> 32) - 1;
        } else if (kind == BACK_COUNT || kind == BACK_LOOP) {
            struct slot *s = &m->slots[kind == BACK_LOOP ? m->program->insns[arg].a : arg];
            s->last = (const void *)(uintptr_t)sp[-2];
            s->count = (int64_t)sp[-3];
        }
        sp -= back_words[kind];
    }
    return lastindex;
}

// An atomic part has matched: drops the entries above height, but those that undo marks. returns the new top, NULL: MemoryError.
static uint64_t *cut(struct thread *t, struct matcher *m, uint64_t *sp, size_t height, bool has_marks) {
    if (!has_marks) return m->stack + height;
    size_t used = (size_t)(sp - m->stack), kept = 0;
    while (m->stack_size - used < used - height + STACK_SLACK)
        if (!matcher_grow(t, m, used)) return NULL;
    uint64_t *keep = m->stack + used, *low = m->stack + height;
    for (uint64_t *from = keep; from > low; from -= back_words[from[-1] & 255])
        if ((from[-1] & 255) == BACK_MARK) {
            keep[2 * kept] = from[-2];
            keep[2 * kept++ + 1] = from[-1];
        }
    for (; kept; low += 2) {
        kept--;
        low[0] = keep[2 * kept];
        low[1] = keep[2 * kept + 1];
    }
    return low;
}

// The search string in n characters; -1: not there.
static int64_t find_string(const struct program *p, const uint8_t *at, unsigned width, size_t n) {
    const uint32_t *s = p->strings + p->search_at;
    size_t m = p->search_length, from = 0;
    bool narrow = true;
    for (size_t k = 0; k < m; k++) narrow &= s[k] < 256;
    if (narrow) return units_find(at, width, n, p->narrow + p->search_at, 1, m);
    if (width == 4) return units_find(at, 4, n, (const uint8_t *)s, 4, m);
    while (width == 2 && from + m <= n) { // the string is kept in wider characters than these
        int64_t hit = units_find_char(at + 2 * from, 2, n - m - from + 1, s[0]);
        if (hit < 0) return -1;
        from += (size_t)hit;
        size_t k = 1;
        while (k < m && unit_get(at, 2, from + k) == s[k]) k++;
        if (k == m) return (int64_t)from;
        from++;
    }
    return -1;
}

#define CHAR uint8_t
#define WIDTH 1
#define NAME(x) x##_1
#include "interp/modules/sre/machine.inc"
#undef CHAR
#undef WIDTH
#undef NAME
#define CHAR uint16_t
#define WIDTH 2
#define NAME(x) x##_2
#include "interp/modules/sre/machine.inc"
#undef CHAR
#undef WIDTH
#undef NAME
#define CHAR uint32_t
#define WIDTH 4
#define NAME(x) x##_4
#include "interp/modules/sre/machine.inc"

// ---- subjects ----

bool subject_open(struct thread *t, struct subject *s, vref string) {
    s->view.owner = V_NULL;
    s->is_bytes = !is_str(string);
    if (!s->is_bytes) {
        s->data = as_str(string)->data;
        s->length = as_str(string)->length;
        s->width = as_str(string)->width;
    } else {
        if (!buffer_check(string)) {
            raise(t, &exc_TypeError, "expected string or bytes-like object, got '%T'", string);
            return false;
        }
        if (!buffer_get(t, string, &s->view, false)) return false;
        s->data = s->view.data ? s->view.data : (const uint8_t *)"";
        s->length = s->view.length;
        s->width = 1;
    }
    s->string = own(t, string);
    return true;
}

void subject_close(struct thread *t, struct subject *s) {
    buffer_release(t, &s->view);
    release(t, s->string);
}

value subject_slice(struct thread *t, const struct subject *s, int64_t from, int64_t to) {
    if (from > (int64_t)s->length) from = (int64_t)s->length;
    if (to > (int64_t)s->length) to = (int64_t)s->length;
    if (to < from) to = from;
    if (!s->is_bytes) return str_cut(t, s->string, (size_t)from, (size_t)to);
    if (has_shape(s->string, SHAPE_BYTES)) return bytes_cut(t, s->string, (size_t)from, (size_t)to);
    return bytes_new(t, s->data + from, (size_t)(to - from));
}

// ---- matchers ----

bool matcher_open(struct thread *t, struct matcher *m, const struct program *p, const struct subject *s, int64_t pos, int64_t endpos) {
    int64_t length = (int64_t)s->length;
    m->program = p;
    m->subject = s;
    m->endpos = endpos < 0 ? 0 : endpos > length ? length : endpos;
    m->pos = pos < 0 ? 0 : pos > length ? length : pos;
    m->full = m->advance = false;
    m->lastindex = -1;
    m->fuel = FUEL;
    m->stack = m->stack_inline;
    m->stack_size = STACK_INLINE;
    m->slots = m->slots_inline;
    m->marks = m->marks_inline;
    if (unlikely(p->slots > SLOTS_INLINE)) m->slots = mem_calloc(t, p->slots * sizeof *m->slots);
    else memset(m->slots_inline, 0, p->slots * sizeof *m->slots);
    if (!m->slots) return false;
    if (unlikely(2 * p->groups > MARKS_INLINE)) m->marks = mem_calloc(t, 2 * p->groups * sizeof *m->marks);
    if (m->marks) return true;
    matcher_close(t, m);
    return false;
}

void matcher_close(struct thread *t, struct matcher *m) {
    if (m->slots != m->slots_inline) mem_free(t, m->slots, m->program->slots * sizeof *m->slots);
    if (m->marks != m->marks_inline) mem_free(t, m->marks, 2 * m->program->groups * sizeof *m->marks);
    if (m->stack != m->stack_inline) mem_free(t, m->stack, m->stack_size * sizeof *m->stack);
}

int matcher_match(struct thread *t, struct matcher *m) {
    const void *base = m->subject->data;
    if (m->pos > m->endpos) return 0;
    return m->subject->width == 1 ? match_1(t, m, base) : m->subject->width == 2 ? match_2(t, m, base) : match_4(t, m, base);
}

int matcher_search(struct thread *t, struct matcher *m) {
    const void *base = m->subject->data;
    if (m->pos > m->endpos) return 0;
    return m->subject->width == 1 ? search_1(t, m, base) : m->subject->width == 2 ? search_2(t, m, base) : search_4(t, m, base);
}

void matcher_next(struct matcher *m) {
    m->advance = m->end == m->start;
    m->pos = m->end;
}

bool matcher_group(const struct matcher *m, uint32_t i, int64_t *from, int64_t *to) {
    if (i == 0) {
        *from = m->start;
        *to = m->end;
        return true;
    }
    const uint8_t *a = m->marks[2 * i - 2], *b = m->marks[2 * i - 1];
    if (!a || !b) return false;
    *from = (a - m->subject->data) / m->subject->width;
    *to = (b - m->subject->data) / m->subject->width;
    return true;
}

value matcher_group_text(struct thread *t, const struct matcher *m, uint32_t i, vref fallback) {
    int64_t from, to;
    return matcher_group(m, i, &from, &to) ? subject_slice(t, m->subject, from, to) : own(t, fallback);
}
