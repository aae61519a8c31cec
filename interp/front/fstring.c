// SPDX-License-Identifier: Apache-2.0
// f-strings as 3.11 reads them: literal text, replacement fields, conversions, nested format specifications.
// It leaves escapes to literal.c and the expression of a field to the parser, started anew on that span of the source.
#include "parse.h"

#include <stdlib.h>
#include <string.h>

struct fstring {
    struct parser *p;
    const struct string_part *s;
    struct front_pos whole;
    uint32_t pos, end;
    uint32_t spec_depth;         // format specifications around this text
};

static bool fail(struct fstring *x, const char *message)
{
    return parse_fail(x->p, pos_after_strings(x->p), "f-string: %s", message);
}

bool fstring_flush(struct parser *p, struct front_pos whole, struct text_buffer *text)
{
    if (text->len == 0)
        return true;
    struct node *n = ast_constant(p->f, CONST_STR, whole);
    if (!n || !(n->Constant.value.text = arena_copy(&p->f->arena, text->data, text->len)))
        return false;
    n->Constant.value.len = (uint32_t)text->len;
    text->len = 0;
    return pile_push(p, n);
}

/* ---- literal text ---- */

/* \N{...} is no field: move behind it. */
static bool skip_named_escape(struct fstring *x, const char *text)
{
    if (x->s->raw || text[x->pos] != '\\' || x->pos + 1 >= x->end)
        return false;
    if (text[x->pos + 1] == 'N' && x->pos + 2 < x->end && text[x->pos + 2] == '{') {
        while (x->pos < x->end && text[x->pos] != '}')
            x->pos++;
        x->pos += x->pos < x->end;
        return true;
    }
    if (text[x->pos + 1] == '{' || text[x->pos + 1] == '}')
        x->pos++;
    else
        x->pos += 2;
    return true;
}

/* Append text up to a field or the end of this level. */
static bool literal_run(struct fstring *x, struct text_buffer *out)
{
    const char *text = x->p->f->text;
    uint32_t start = x->pos;
    while (x->pos < x->end) {
        char c = text[x->pos];
        bool brace = c == '\\' && !x->s->raw && x->pos + 1 < x->end && text[x->pos + 1] == '{';
        if (brace && !literal_warn(x->p, x->s, "", x->pos + 1, 1))
            return false;
        if (skip_named_escape(x, text))
            continue;
        if (c != '{' && c != '}') {
            x->pos++;
            continue;
        }
        if (x->spec_depth > 0)
            break;
        if (x->pos + 1 < x->end && text[x->pos + 1] == c) {
            if (!literal_decode(x->p, x->s, start, x->pos + 1, out))
                return false;
            x->pos += 2;
            start = x->pos;
            continue;
        }
        if (c == '}')
            return fail(x, "single '}' is not allowed");
        break;
    }
    return literal_decode(x->p, x->s, start, x->pos, out);
}

/* ---- the expression of a field ---- */

struct scan { char quote; unsigned run; char stack[LEX_MAX_LEVEL]; unsigned depth; };

/* Inside a string literal of the expression: true while it lasts. */
static bool scan_quoted(struct fstring *x, struct scan *s, const char *text)
{
    char c = text[x->pos];
    if (c != s->quote)
        return true;
    if (s->run == 1) {
        s->quote = 0;
        return true;
    }
    if (x->pos + 2 < x->end && text[x->pos + 1] == c && text[x->pos + 2] == c) {
        x->pos += 2;
        s->quote = 0;
    }
    return true;
}

static bool scan_close(struct fstring *x, struct scan *s, char c)
{
    if (s->depth == 0)
        return parse_fail(x->p, pos_after_strings(x->p), "f-string: unmatched '%c'", c);
    char open = s->stack[--s->depth];
    if ((open == '(' && c == ')') || (open == '[' && c == ']') || (open == '{' && c == '}'))
        return true;
    return parse_fail(x->p, pos_after_strings(x->p), "f-string: closing parenthesis '%c' does not match opening parenthesis '%c'", c, open);
}

static void scan_quote(struct fstring *x, struct scan *s, const char *text)
{
    s->quote = text[x->pos];
    s->run = 1;
    if (x->pos + 2 < x->end && text[x->pos + 1] == s->quote && text[x->pos + 2] == s->quote) {
        s->run = 3;
        x->pos += 2;
    }
}

static bool part_error(struct fstring *x, const char *message)
{
    return parse_fail(x->p, pos_after_strings(x->p), "%s", message);
}

/* 1: the expression ends here, 0: go on, -1: error. */
static int scan_one(struct fstring *x, struct scan *s, const char *text)
{
    char c = text[x->pos], next = x->pos + 1 < x->end ? text[x->pos + 1] : 0;
    if (c == '\\')
        return part_error(x, "f-string expression part cannot include a backslash") - 1;
    if (s->quote)
        return scan_quoted(x, s, text) ? 0 : -1;
    if (c == '\'' || c == '"') {
        scan_quote(x, s, text);
        return 0;
    }
    if (c == '#')
        return part_error(x, "f-string expression part cannot include '#'") - 1;
    if (s->depth == 0 && (c == '!' || c == ':' || c == '}' || c == '=' || c == '<' || c == '>')) {
        if (next == '=' && c != ':' && c != '}') {
            x->pos++;
            return 0;
        }
        return c != '<' && c != '>';
    }
    if (c == '(' || c == '[' || c == '{') {
        if (s->depth == LEX_MAX_LEVEL)
            return fail(x, "too many nested parenthesis") - 1;
        s->stack[s->depth++] = c;
        return 0;
    }
    if (c == ')' || c == ']' || c == '}')
        return scan_close(x, s, c) ? 0 : -1;
    return 0;
}

static bool scan_expression(struct fstring *x)
{
    const char *text = x->p->f->text;
    struct scan s = {0};
    for (; x->pos < x->end; x->pos++) {
        int r = scan_one(x, &s, text);
        if (r < 0)
            return false;
        if (r > 0)
            break;
    }
    if (s.quote)
        return fail(x, "unterminated string");
    if (s.depth)
        return parse_fail(x->p, pos_after_strings(x->p), "f-string: unmatched '%c'", s.stack[s.depth - 1]);
    return x->pos < x->end || fail(x, "expecting '}'");
}

/* Where the span begins, counted from its string token. */
static struct span locate(struct fstring *x, uint32_t start, uint32_t end)
{
    const struct token *t = x->s->token;
    struct span span = {start, end, t->line, t->start - t->col, true};
    for (uint32_t i = t->start; i < start; i++)
        if (x->p->f->text[i] == '\n') {
            span.line++;
            span.line_start = i + 1;
        }
    return span;
}

static void prefix_error(struct front *f)
{
    char message[sizeof f->error.message];
    if (f->error.kind != FRONT_SYNTAX || f->error.lexical || !strncmp(f->error.message, "f-string: ", 10))
        return;
    memcpy(message, f->error.message, sizeof message);
    snprintf(f->error.message, sizeof f->error.message, "f-string: %.380s", message);
}

/* Parse [start, end) as if in brackets. */
static struct node *parse_field(struct fstring *x, uint32_t start, uint32_t end)
{
    const char *text = x->p->f->text;
    uint32_t i = start;
    while (i < end && strchr(" \t\n\f\r", text[i]))
        i++;
    if (i == end && text[end] != '}')
        return parse_fail(x->p, pos_after_strings(x->p), "f-string: expression required before '%c'", text[end]);
    if (i == end)
        return fail(x, "empty expression not allowed"), NULL;
    struct parser inner = {.f = x->p->f, .depth = x->p->depth, .fstring_depth = x->p->fstring_depth + 1};
    struct node *n = NULL;
    if (lex_run(x->p->f, locate(x, start, end), &inner.lexed)) {
        inner.tok = inner.lexed.tokens;
        n = parse_group(&inner, inner.tok, TOK_END);
        if (n && inner.f->error.kind != FRONT_NONE)
            n = NULL;
        if (!n) {
            bool lexical = inner.lexed.error.kind != FRONT_NONE && !inner.lexed.open;
            if (lexical && !inner.lexed.soft)
                inner.f->error = inner.lexed.error;
            else
                prefix_error(inner.f);
        }
    }
    free(inner.pile);
    lexed_free(&inner.lexed);
    return n;
}

/* ---- fields ---- */

static bool fstring_level(struct fstring *x, struct text_buffer *text);

static bool conversion(struct fstring *x, struct node *field)
{
    const char *text = x->p->f->text;
    if (text[x->pos] != '!')
        return true;
    x->pos++;
    if (x->pos >= x->end)
        return fail(x, "expecting '}'");
    char c = text[x->pos++];
    if (c != 's' && c != 'r' && c != 'a')
        return fail(x, "invalid conversion character: expected 's', 'r', or 'a'");
    field->FormattedValue.conversion = c;
    return x->pos < x->end || fail(x, "expecting '}'");
}

static bool format_spec(struct fstring *x, struct node *field)
{
    struct text_buffer text = {0};
    uint32_t mark = x->p->pile_count;
    x->pos++;
    x->spec_depth++;
    bool ok = fstring_level(x, &text) && fstring_flush(x->p, x->whole, &text);
    x->spec_depth--;
    free(text.data);
    struct node *n = ok ? ast_new(x->p->f, AST_JoinedStr, x->whole) : NULL;
    field->FormattedValue.format_spec = n;
    return n && pile_take(x->p, mark, &n->JoinedStr.values);
}

/* `=`: the source of the expression becomes text before the field. */
static bool self_documenting(struct fstring *x, uint32_t start, struct text_buffer *text, bool *shown)
{
    const char *source = x->p->f->text;
    if (source[x->pos] != '=')
        return true;
    x->pos++;
    while (x->pos < x->end && strchr(" \t\n\f\r", source[x->pos]))
        x->pos++;
    *shown = true;
    return text_append(text, source + start, x->pos - start) && (x->pos < x->end || fail(x, "expecting '}'"));
}

static bool field(struct fstring *x, struct text_buffer *text)
{
    const char *source = x->p->f->text;
    if (x->spec_depth >= 2)
        return fail(x, "expressions nested too deeply");
    uint32_t start = ++x->pos;
    bool shown = false;
    struct node *n = ast_new(x->p->f, AST_FormattedValue, x->whole);
    if (!n || !scan_expression(x) || !(n->FormattedValue.value = parse_field(x, start, x->pos)))
        return false;
    n->FormattedValue.conversion = -1;
    if (!self_documenting(x, start, text, &shown) || !conversion(x, n))
        return false;
    if (!fstring_flush(x->p, x->whole, text) || (source[x->pos] == ':' && !format_spec(x, n)))
        return false;
    if (x->pos >= x->end || source[x->pos] != '}')
        return fail(x, "expecting '}'");
    x->pos++;
    if (shown && n->FormattedValue.conversion < 0 && !n->FormattedValue.format_spec)
        n->FormattedValue.conversion = 'r';
    return pile_push(x->p, n);
}

/* Text and fields up to the end, or in a specification up to its '}'. */
static bool fstring_level(struct fstring *x, struct text_buffer *text)
{
    for (;;) {
        if (!literal_run(x, text))
            return false;
        if (x->pos >= x->end || x->p->f->text[x->pos] == '}')
            return true;
        if (!field(x, text))
            return false;
    }
}

bool fstring_parse(struct parser *p, const struct string_part *s, struct front_pos whole, struct text_buffer *text)
{
    struct fstring x = {.p = p, .s = s, .whole = whole, .pos = s->start, .end = s->end};
    return fstring_level(&x, text);
}
