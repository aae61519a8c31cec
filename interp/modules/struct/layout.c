// SPDX-License-Identifier: Apache-2.0
// Parsing struct formats into rows. Leaves values to codes.c.
#include "interp/modules/struct/struct.h"
#include "interp/types/exc.h"
#include "interp/types/str.h"

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
    return count == 0 || add_row(t, l, (struct layout_row){c->code, native, big, at, size, count});
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

bool layout_parse(struct thread *t, struct layout *l, vref format) {
    value ascii = V_NULL;
    l->nrows = l->items = l->bytes = 0;
    l->rows = l->few;
    l->room = LAYOUT_INLINE;
    if (is_str(format)) ascii = str_encode(t, format, "ascii", NULL);
    else if (is_bytes(format)) ascii = own(t, format);
    else raise(t, &exc_TypeError, "Struct() argument 1 must be a str or bytes object, not %T", format);
    if (!ascii) return false;
    const char *s = (const char *)as_bytes(ascii)->data;
    size_t n = as_bytes(ascii)->length;
    bool ok = memchr(s, 0, n) ? complain(t, "embedded null character") : parse(t, l, s, n);
    if (!ok) layout_drop(t, l);
    release(t, ascii);
    return ok;
}

void layout_drop(struct thread *t, struct layout *l) {
    if (l->rows != l->few) mem_free(t, l->rows, l->room * sizeof *l->rows);
    l->rows = l->few;
}
