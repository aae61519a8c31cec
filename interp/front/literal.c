// SPDX-License-Identifier: Apache-2.0
// The values of number, string and bytes tokens: underscores, escapes, prefixes.
// It leaves replacement fields to fstring.c and big integers to the compiler (an integer stays text here).
#include "parse.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

bool text_append(struct text_buffer *b, const char *text, size_t len)
{
    if (b->len + len > b->capacity) {
        size_t capacity = (b->len + len) * 2 + 32;
        char *grown = realloc(b->data, capacity);
        if (!grown)
            return false;
        b->data = grown;
        b->capacity = capacity;
    }
    if (len) memcpy(b->data + b->len, text, len);
    b->len += len;
    return true;
}

/* ---- numbers ---- */

static double parse_double(const char *text)
{
    locale_t c = newlocale(LC_ALL_MASK, "C", NULL);
    double d = c ? strtod_l(text, NULL, c) : strtod(text, NULL);
    if (c)
        freelocale(c);
    return d;
}

struct node *literal_number(struct parser *p, const struct token *t)
{
    char *text = arena_alloc(&p->f->arena, t->end - t->start + 1);
    if (!text)
        return NULL;
    uint32_t len = 0;
    bool is_float = false;
    bool radix = t->end - t->start > 1 && p->f->text[t->start] == '0' && strchr("xXoObB", p->f->text[t->start + 1]);
    for (uint32_t i = t->start; i < t->end; i++) {
        char c = p->f->text[i];
        if (c != '_')
            text[len++] = c;
        is_float |= !radix && (c == '.' || c == 'e' || c == 'E');
    }
    text[len] = 0;
    bool imaginary = !radix && (text[len - 1] | 0x20) == 'j';
    struct node *n = ast_constant(p->f, imaginary ? CONST_IMAG : is_float ? CONST_FLOAT : CONST_INT, pos_of(t));
    if (!n)
        return NULL;
    n->Constant.value.text = text;
    n->Constant.value.len = len;
    if (imaginary || is_float)
        n->Constant.value.number = parse_double(text);
    return n;
}

/* ---- strings ---- */

struct string_part literal_split(const struct parser *p, const struct token *t)
{
    struct string_part s = {.token = t, .start = t->start, .end = t->end};
    const char *text = p->f->text;
    for (; text[s.start] != '"' && text[s.start] != '\''; s.start++) {
        char c = (char)(text[s.start] | 0x20);
        s.bytes |= c == 'b';
        s.raw |= c == 'r';
        s.fstring |= c == 'f';
        s.u |= text[s.start] == 'u';
    }
    char q = text[s.start];
    s.triple = s.end - s.start >= 6 && text[s.start + 1] == q && text[s.start + 2] == q;
    uint32_t n = s.triple ? 3 : 1;
    s.start += n;
    s.end -= n;
    return s;
}

static bool append_code_point(struct text_buffer *out, uint32_t c)
{
    char b[4];
    size_t n = 0;
    if (c < 0x80) {
        b[n++] = (char)c;
    } else if (c < 0x800) {
        b[n++] = (char)(0xc0 | c >> 6);
        b[n++] = (char)(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        b[n++] = (char)(0xe0 | c >> 12);
        b[n++] = (char)(0x80 | (c >> 6 & 0x3f));
        b[n++] = (char)(0x80 | (c & 0x3f));
    } else {
        b[n++] = (char)(0xf0 | c >> 18);
        b[n++] = (char)(0x80 | (c >> 12 & 0x3f));
        b[n++] = (char)(0x80 | (c >> 6 & 0x3f));
        b[n++] = (char)(0x80 | (c & 0x3f));
    }
    return text_append(out, b, n);
}

struct escape { struct parser *p; const struct string_part *s; uint32_t origin, start, pos, end; struct text_buffer *out; bool warned; };

bool literal_warn(struct parser *p, const struct string_part *s, const char *kind, uint32_t at, unsigned length)
{
    struct front_pos pos = {s->token->line, s->token->col, 0, 0};
    return front_warn(p->f, FRONT_DEPRECATION, pos, "invalid %sescape sequence '\\%.*s'", kind, (int)length, p->f->text + at);
}

static bool unicode_error(struct escape *e, const char *why)
{
    return parse_fail(e->p, pos_after_strings(e->p), "(unicode error) 'unicodeescape' codec can't decode bytes in position %u-%u: %s",
                      e->start - e->origin, e->pos - 1 - e->origin, why);
}

static int hex_value(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
}

static bool hex_escape(struct escape *e, unsigned count, const char *truncated)
{
    uint32_t value = 0;
    const char *text = e->p->f->text;
    for (unsigned i = 0; i < count; i++, e->pos++) {
        int h = e->pos < e->end ? hex_value(text[e->pos]) : -1;
        if (h < 0 && e->s->bytes)
            return parse_fail(e->p, pos_after_strings(e->p), "(value error) invalid \\x escape at position %u", e->start - e->origin);
        if (h < 0)
            return unicode_error(e, truncated);
        value = value << 4 | (uint32_t)h;
    }
    if (value > 0x10ffff)
        return unicode_error(e, "illegal Unicode character");
    if (e->s->bytes) {
        char byte = (char)value;
        return text_append(e->out, &byte, 1);
    }
    return append_code_point(e->out, value);
}

/* Warns of the first odd escape of a literal, at the place where the literal begins. */
static bool odd_escape(struct escape *e, const char *kind, unsigned length)
{
    bool ok = e->warned || literal_warn(e->p, e->s, kind, e->start + 1, length);
    e->warned = true;
    return ok;
}

static bool octal_escape(struct escape *e, uint32_t value)
{
    const char *text = e->p->f->text;
    for (int i = 0; i < 2 && e->pos < e->end && text[e->pos] >= '0' && text[e->pos] <= '7'; i++)
        value = value << 3 | (uint32_t)(text[e->pos++] - '0');
    if (value > 0377 && !odd_escape(e, "octal ", e->pos - e->start - 1))
        return false;
    if (e->s->bytes) {
        char byte = (char)value;
        return text_append(e->out, &byte, 1);
    }
    return append_code_point(e->out, value);
}

static bool named_escape(struct escape *e)
{
    const char *text = e->p->f->text;
    const struct front_hooks *h = e->p->f->hooks;
    if (e->pos >= e->end || text[e->pos] != '{')
        return unicode_error(e, "malformed \\N character escape");
    uint32_t start = ++e->pos;
    while (e->pos < e->end && text[e->pos] != '}')
        e->pos++;
    if (e->pos >= e->end || e->pos == start)
        return unicode_error(e, "malformed \\N character escape");
    int32_t c = h && h->unicode_name ? h->unicode_name(h->data, text + start, e->pos - start) : 0xfffd;
    e->pos++;
    return c < 0 ? unicode_error(e, "unknown Unicode character name") : append_code_point(e->out, (uint32_t)c);
}

static bool unknown_escape(struct escape *e)
{
    if ((unsigned char)e->p->f->text[e->start + 1] < 0x80 && !odd_escape(e, "", 1))
        return false;
    e->pos = e->start + 1;
    return text_append(e->out, "\\", 1);
}

/* The escape whose backslash is at e->start; e->pos moves behind it. */
static bool decode_escape(struct escape *e)
{
    static const char from[] = "\\'\"abfnrtv", to[] = "\\'\"\a\b\f\n\r\t\v";
    const char *text = e->p->f->text, *simple;
    char c = text[e->start + 1];
    e->pos = e->start + 2;
    if (c == '\n')
        return true;
    if (c && (simple = strchr(from, c)))
        return text_append(e->out, &to[simple - from], 1);
    if (c >= '0' && c <= '7')
        return octal_escape(e, (uint32_t)(c - '0'));
    if (c == 'x')
        return hex_escape(e, 2, "truncated \\xXX escape");
    if (c == 'u' && !e->s->bytes)
        return hex_escape(e, 4, "truncated \\uXXXX escape");
    if (c == 'U' && !e->s->bytes)
        return hex_escape(e, 8, "truncated \\UXXXXXXXX escape");
    if (c == 'N' && !e->s->bytes)
        return named_escape(e);
    return unknown_escape(e);
}

bool literal_decode(struct parser *p, const struct string_part *s, uint32_t start, uint32_t end, struct text_buffer *out)
{
    const char *text = p->f->text;
    if (s->bytes)
        for (uint32_t i = start; i < end; i++)
            if ((unsigned char)text[i] >= 0x80)
                return parse_fail(p, pos_after_strings(p), "bytes can only contain ASCII literal characters");
    if (s->raw)
        return text_append(out, text + start, end - start);
    struct escape e = {.p = p, .s = s, .origin = start, .end = end, .out = out};
    while (start < end) {
        const char *slash = memchr(text + start, '\\', end - start);
        uint32_t stop = slash ? (uint32_t)(slash - text) : end;
        if (!text_append(out, text + start, stop - start))
            return false;
        if (!slash)
            break;
        if (stop + 1 == end)
            return text_append(out, "\\", 1);
        e.start = stop;
        if (!decode_escape(&e))
            return false;
        start = e.pos;
    }
    return true;
}
