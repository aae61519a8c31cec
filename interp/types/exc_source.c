// SPDX-License-Identifier: Apache-2.0
// The source line of a traceback entry and the marks under it (PEP 657). Leaves the text around them to exc_print.c.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interp/front/ast.h"
#include "interp/front/parse.h"
#include "interp/types/dict.h"
#include "interp/types/exc_source.h"
#include "interp/types/seq.h"
#include "interp/types/words.h"

// ---- reading ----

// returns new str of the n-th line of an open file.
static value nth_line(struct thread *t, FILE *f, int n) {
    char *text = NULL;
    size_t room = 0;
    ssize_t length = -1;
    bool latin = false;
    for (int i = 1; i <= n; i++) {
        length = getline(&text, &room, f);
        if (length < 0) break;
        if (i <= 2 && text[0] == '#' && (strstr(text, "coding: latin-1") || strstr(text, "coding: iso-8859-1"))) latin = true;
    }
    value line = V_NULL;
    if (length >= 0) {
        while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == '\r')) length--;
        const char *from = text;
        if (n == 1 && length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
            from += 3;
            length -= 3;
        }
        line = str_decode(t, (const uint8_t *)from, (size_t)length, latin ? "latin-1" : "utf-8", "replace");
    }
    free(text);
    return line;
}

static FILE *open_source(struct thread *t, vref filename) {
    const char *name = str_utf8(t, filename, NULL);
    FILE *f = name ? fopen(name, "re") : NULL;
    if (f || !name || name[0] == '<') return f;
    const char *slash = strrchr(name, '/'), *tail = slash ? slash + 1 : name;
    value path = dict_get_str(t, t->interp->sys_dict, "path");
    for (size_t i = 0; !f && path && is_list(path); i++) {
        value folder = list_get_or_null(t, path, i);
        if (!folder) break;
        const char *p = is_str(folder) ? str_utf8(t, folder, NULL) : NULL;
        char whole[4096];
        if (p && snprintf(whole, sizeof whole, "%s%s%s", p, *p ? "/" : "", tail) < (int)sizeof whole) f = fopen(whole, "re");
        release(t, folder);
    }
    release_opt(t, path);
    return f;
}

value source_read_line(struct thread *t, vref filename, int line) {
    if (line <= 0 || !is_str(filename)) return V_NULL;
    value pending = raised_take(t);
    FILE *f = open_source(t, filename);
    value text = f ? nth_line(t, f, line) : V_NULL;
    if (f) fclose(f);
    raised_clear(t);
    if (pending) raised_restore(t, pending);
    return text;
}

// ---- marks ----

static bool is_space(uint32_t c) { return c == ' ' || c == '\t' || c == '\f'; }

int64_t source_indent(vref line) {
    const struct str *s = as_str(line);
    int64_t i = 0;
    while (i < (int64_t)s->length && is_space(str_at(s, (size_t)i))) i++;
    return i;
}

// Characters of a line that stand before a column given in UTF-8 bytes.
static int64_t characters_before(const struct str *s, int64_t bytes) {
    int64_t i = 0;
    for (; i < (int64_t)s->length && bytes > 0; i++) {
        uint32_t c = str_at(s, (size_t)i);
        bytes -= c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    }
    return i;
}

// The operator of `left op right` in the text of the whole expression, in bytes.
static void mark_operator(const char *text, const struct node *e, int64_t *left, int64_t *right) {
    uint32_t end = e->BinOp.right->pos.col;
    for (uint32_t i = e->BinOp.left->pos.end_col; i < end; i++) {
        if (is_space((unsigned char)text[i])) continue;
        *left = i;
        *right = i + 1;
        if (i + 1 < end && !is_space((unsigned char)text[i + 1])) ++*right;
        return;
    }
}

// What in the expression is to be pointed out: the operator, or the brackets of a subscript. In bytes of the text; -1: nothing.
static void find_anchors(const char *text, size_t n, int64_t *left, int64_t *right) {
    struct front f;
    *left = *right = -1;
    if (!front_init(&f, FRONT_EVAL, 0, NULL)) return;
    struct node *top = source_load_text(&f, text, n) ? parse_run(&f) : NULL;
    const struct node *e = top && top->kind == AST_Expression ? top->Expression.body : NULL;
    if (e && e->pos.line == 1 && e->pos.end_line == 1) {
        if (e->kind == AST_BinOp) mark_operator(text, e, left, right);
        if (e->kind == AST_Subscript) {
            *left = e->Subscript.value->pos.end_col;
            *right = e->Subscript.slice->pos.end_col + 1;
        }
    }
    front_free(&f);
}

static int64_t trimmed_length(const struct str *s) {
    int64_t n = (int64_t)s->length;
    while (n > 0 && (is_space(str_at(s, (size_t)n - 1)) || str_at(s, (size_t)n - 1) == '\r')) n--;
    return n;
}

// UTF-8 of characters [from, to), for the parser; NUL behind. NULL: no memory.
static char *text_of(const struct str *s, int64_t from, int64_t to, size_t *n) {
    char *text = malloc((size_t)(to - from) * 4 + 1), *p = text;
    for (int64_t i = from; text && i < to; i++) {
        uint32_t c = str_at(s, (size_t)i);
        if (c < 0x80) {
            *p++ = (char)c;
        } else if (c < 0x800) {
            *p++ = (char)(0xc0 | c >> 6);
            *p++ = (char)(0x80 | (c & 63));
        } else if (c < 0x10000) {
            *p++ = (char)(0xe0 | c >> 12);
            *p++ = (char)(0x80 | (c >> 6 & 63));
            *p++ = (char)(0x80 | (c & 63));
        } else {
            *p++ = (char)(0xf0 | c >> 18);
            *p++ = (char)(0x80 | (c >> 12 & 63));
            *p++ = (char)(0x80 | (c >> 6 & 63));
            *p++ = (char)(0x80 | (c & 63));
        }
    }
    if (text) *p = 0;
    *n = text ? (size_t)(p - text) : 0;
    return text;
}

static int64_t characters_in(const char *text, int64_t bytes) {
    int64_t n = 0;
    for (int64_t i = 0; i < bytes; i++) n += ((unsigned char)text[i] & 0xc0) != 0x80;
    return n;
}

static void add_anchors(const struct str *s, struct marks *m) {
    size_t n;
    int64_t left, right;
    char *text = text_of(s, m->start, m->end, &n);
    if (!text) return;
    find_anchors(text, n, &left, &right);
    if (left >= 0) {
        m->left = m->start + characters_in(text, left);
        m->right = m->start + characters_in(text, right);
        m->outer = '~';
    }
    free(text);
}

bool source_marks(vref line, const struct position *where, struct marks *m) {
    const struct str *s = as_str(line);
    if (where->line <= 0 || where->end_line <= 0 || where->column < 0 || where->end_column < 0) return false;
    *m = (struct marks){characters_before(s, where->column), characters_before(s, where->end_column), -1, -1, '^', '^'};
    if (where->line == where->end_line) {
        if (m->start < m->end) add_anchors(s, m);
    } else {
        m->end = trimmed_length(s);
    }
    return m->left >= 0 || m->end - m->start != (int64_t)s->length - source_indent(line);
}
