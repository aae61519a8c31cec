// SPDX-License-Identifier: Apache-2.0
// Parsing struct formats into rows, once each. Leaves values to codes.c.
#include "interp/modules/struct/struct.h"
#include "interp/types/exc.h"
#include "interp/types/str.h"

#include <stdlib.h>

// Size and alignment in '@' mode; size in the others (0: not there).
struct code_size {
    char code;
    uint8_t native, align, standard;
};
static const struct code_size sizes[] = {
    {'x', 1, 1, 1}, {'b', 1, 1, 1}, {'B', 1, 1, 1}, {'c', 1, 1, 1}, {'s', 1, 1, 1}, {'p', 1, 1, 1}, {'?', 1, 1, 1},
    {'h', 2, 2, 2}, {'H', 2, 2, 2}, {'i', 4, 4, 4}, {'I', 4, 4, 4}, {'l', 8, 8, 4}, {'L', 8, 8, 4}, {'q', 8, 8, 8}, {'Q', 8, 8, 8},
    {'n', 8, 8, 0}, {'N', 8, 8, 0}, {'P', 8, 8, 0}, {'e', 2, 2, 2}, {'f', 4, 4, 4}, {'d', 8, 8, 8},
};
_Static_assert(sizeof(long) == 8 && sizeof(void *) == 8, "the sizes above are those of LP64");

static const struct code_size *find_code(char c, bool native) {
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        if (sizes[i].code == c) return native || sizes[i].standard ? &sizes[i] : NULL;
    return NULL;
}

static bool complain(struct thread *t, const char *text) {
    raise(t, &struct_error, text);
    return false;
}
static bool too_long(struct thread *t) { return complain(t, "total struct size too long"); }

static bool add_row(struct thread *t, struct layout *l, struct layout_row row) {
    if (l->nrows == l->room) {
        size_t room = l->room * 2;
        struct layout_row *to = l->rows == l->few ? mem_alloc(t, room * sizeof *to) : mem_resize(t, l->rows, l->room * sizeof *to, room * sizeof *to);
        if (!to) return false;
        if (l->rows == l->few) memcpy(to, l->few, sizeof l->few);
        l->rows = to;
        l->room = room;
    }
    l->rows[l->nrows++] = row;
    return true;
}

// The repeat count at s[*i], 1 if none. false: struct.error.
static bool read_count(struct thread *t, const char *s, size_t n, size_t *i, size_t *count) {
    *count = 1;
    if (s[*i] < '0' || s[*i] > '9') return true;
    *count = 0;
    for (; *i < n && s[*i] >= '0' && s[*i] <= '9'; ++*i) {
        size_t digit = (size_t)(s[*i] - '0');
        if (*count > ((size_t)PTRDIFF_MAX - digit) / 10) return too_long(t);
        *count = *count * 10 + digit;
    }
    return *i < n || complain(t, "repeat count given without format specifier");
}

static bool add_item(struct thread *t, struct layout *l, const struct code_size *c, size_t count, bool native, bool big) {
    size_t size = native ? c->native : c->standard, align = native ? c->align : 1;
    size_t at = (l->bytes + align - 1) / align * align;
    if (at > PTRDIFF_MAX || count > ((size_t)PTRDIFF_MAX - at) / size) return too_long(t);
    l->bytes = at + count * size;
    if (c->code == 'x') return true;
    if (c->code == 's' || c->code == 'p') size = count, count = 1;
    l->items += count;
    return count == 0 || add_row(t, l, (struct layout_row){c->code, native, big, strchr("BHILQNP", c->code) != NULL, at, size, count});
}

static bool parse(struct thread *t, struct layout *l, const char *s, size_t n) {
    size_t i = 0, count;
    bool native = true, big = false;
    if (n && strchr("@=<>!", s[0]) && s[0]) {
        native = s[0] == '@';
        big = s[0] == '>' || s[0] == '!';
        i = 1;
    }
    for (; i < n; i++) {
        if (s[i] == ' ' || (s[i] >= '\t' && s[i] <= '\r')) continue;
        if (!read_count(t, s, n, &i, &count)) return false;
        const struct code_size *c = find_code(s[i], native);
        if (!c) return complain(t, "bad char in struct format");
        if (!add_item(t, l, c, count, native, big)) return false;
    }
    return true;
}

static void drop_rows(struct thread *t, struct layout *l) {
    if (l->rows != l->few) mem_free(t, l->rows, l->room * sizeof *l->rows);
}

static struct layout *layout_new(struct thread *t, const char *s, size_t n) {
    struct layout *l = mem_alloc(t, sizeof *l);
    if (!l) return NULL;
    l->nrows = l->items = l->bytes = 0;
    l->kept = false;
    l->rows = l->few;
    l->room = LAYOUT_INLINE;
    if (memchr(s, 0, n) ? complain(t, "embedded null character") : parse(t, l, s, n)) return l;
    drop_rows(t, l);
    mem_free(t, l, sizeof *l);
    return NULL;
}

// ---- layouts that are kept ----

// Written once, from empty to full, and never cleared: who reads one needs no lock and no count. A program has few formats; who makes them up at
// run time fills the table and pays for parsing from then on.
enum { KEPT = 512, PROBES = 8 };
struct kept {
    struct layout *layout;
    uint32_t hash, length;
    char text[];
};
static struct kept *_Atomic table[KEPT];

// FNV-1a (Fowler, Noll, Vo): formats are a handful of bytes.
static uint32_t hash(const char *s, size_t n) {
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < n; i++) h = (h ^ (uint8_t)s[i]) * 16777619u;
    return h;
}

// The layout in its place, or NULL and the first empty place that may take it (NULL: none).
static struct layout *look_up(const char *s, size_t n, uint32_t h, struct kept *_Atomic **empty) {
    *empty = NULL;
    for (uint32_t i = 0; i < PROBES; i++) {
        struct kept *_Atomic *at = &table[(h + i) % KEPT];
        struct kept *k = atomic_load_explicit(at, memory_order_acquire);
        if (!k) return *empty = at, NULL;
        if (k->hash == h && k->length == n && memcmp(k->text, s, n) == 0) return k->layout;
    }
    return NULL;
}

static void keep(struct layout *l, const char *s, size_t n, uint32_t h, struct kept *_Atomic *at) {
    struct kept *k = n <= 64 ? malloc(sizeof *k + n) : NULL, *none = NULL;
    if (!k) return;
    *k = (struct kept){l, h, (uint32_t)n};
    memcpy(k->text, s, n);
    l->kept = true;
    if (atomic_compare_exchange_strong_explicit(at, &none, k, memory_order_release, memory_order_relaxed)) return;
    l->kept = false; // another thread was first
    free(k);
}

static const struct layout *get(struct thread *t, const char *s, size_t n) {
    struct kept *_Atomic *empty;
    uint32_t h = hash(s, n);
    struct layout *l = look_up(s, n, h, &empty);
    if (!l && (l = layout_new(t, s, n)) && empty) keep(l, s, n, h, empty);
    return l;
}

const struct layout *layout_get(struct thread *t, vref format) {
    if (is_str(format) && as_str(format)->flags & STR_ASCII) return get(t, (const char *)as_str(format)->data, as_str(format)->length);
    value ascii = V_NULL;
    if (is_str(format)) ascii = str_encode(t, format, "ascii", NULL); // says what is wrong
    else if (is_bytes(format)) ascii = own(t, format);
    else raise(t, &exc_TypeError, "Struct() argument 1 must be a str or bytes object, not %T", format);
    if (!ascii) return NULL;
    const struct layout *l = get(t, (const char *)as_bytes(ascii)->data, as_bytes(ascii)->length);
    release(t, ascii);
    return l;
}

void layout_let_go(struct thread *t, const struct layout *l) {
    if (l->kept) return;
    struct layout *own = (struct layout *)(uintptr_t)l;
    drop_rows(t, own);
    mem_free(t, own, sizeof *own);
}

void layout_retire(struct thread *t, const struct layout *l) {
    if (l->kept) return;
    if (l->rows != l->few) mem_retire(t, l->rows, l->room * sizeof *l->rows);
    mem_retire(t, (void *)(uintptr_t)l, sizeof *l);
}
