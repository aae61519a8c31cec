// SPDX-License-Identifier: Apache-2.0
// The parser's entry, its token cursor, its node lists, and the choice of which error is told.
// It leaves the grammar to parse_*.c.
#include "parse.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct parse_mark parse_mark(struct parser *p)
{
    return (struct parse_mark){p->tok, p->pile_count, p->f->error, p->generic};
}

void parse_reset(struct parser *p, struct parse_mark m)
{
    if (p->tok > p->furthest)
        p->furthest = p->tok;
    p->tok = m.tok;
    p->pile_count = m.pile_count;
    p->f->error = m.error;
    p->generic = m.generic;
}

void parse_advance(struct parser *p)
{
    if (p->tok->kind != TOK_END && p->tok->kind != TOK_ERROR)
        p->tok++;
}

bool accept(struct parser *p, enum token_kind kind)
{
    if (p->tok->kind != kind)
        return false;
    parse_advance(p);
    return true;
}

bool expect(struct parser *p, enum token_kind kind)
{
    return accept(p, kind) || parse_invalid(p);
}

struct front_pos pos_of(const struct token *t)
{
    return (struct front_pos){t->line, t->col, t->end_line, t->end_col};
}

struct front_pos pos_since(const struct parser *p, const struct token *start)
{
    const struct token *last = p->tok > start ? p->tok - 1 : start;
    return (struct front_pos){start->line, start->col, last->end_line, last->end_col};
}

struct front_pos pos_after_strings(const struct parser *p)
{
    const struct token *t = p->tok;
    while (t->kind == TOK_STRING)
        t++;
    return pos_of(t);
}

struct front_pos pos_range(struct front_pos a, struct front_pos b)
{
    return (struct front_pos){a.line, a.col, b.end_line, b.end_col};
}

void *parse_fail(struct parser *p, struct front_pos pos, const char *format, ...)
{
    char message[400];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    if (p->f->error.kind == FRONT_NONE)
        p->generic = false;
    front_fail(p->f, FRONT_SYNTAX, pos, "%s", message);
    return NULL;
}

/* The plain error at the token that nothing could take; the lexer's own error if that is where it stopped. */
void *parse_invalid(struct parser *p)
{
    if (p->f->error.kind != FRONT_NONE)
        return NULL;
    p->generic = true;
    if (at(p, TOK_ERROR) && !p->lexed.open)
        p->f->error = p->lexed.error;
    else if (at(p, TOK_INDENT))
        front_fail(p->f, FRONT_INDENT, pos_of(p->tok), "unexpected indent");
    else if (at(p, TOK_DEDENT))
        front_fail(p->f, FRONT_INDENT, pos_of(p->tok), "unexpected unindent");
    else
        front_fail(p->f, FRONT_SYNTAX, pos_of(p->tok), "invalid syntax");
    return NULL;
}

bool parse_enter(struct parser *p)
{
    if (++p->depth < PARSE_MAX_DEPTH)
        return true;
    p->depth--;
    return front_fail(p->f, FRONT_MEMORY, pos_of(p->tok), "Parser stack overflowed - Python source too complex to parse");
}

bool pile_push_null(struct parser *p)
{
    if (p->pile_count == p->pile_capacity) {
        uint32_t capacity = p->pile_capacity ? p->pile_capacity * 2 : 128;
        struct node **grown = realloc(p->pile, capacity * sizeof *grown);
        if (!grown)
            return false;
        p->pile = grown;
        p->pile_capacity = capacity;
    }
    p->pile[p->pile_count++] = NULL;
    return true;
}

bool pile_push(struct parser *p, struct node *n)
{
    if (!n || !pile_push_null(p))
        return false;
    p->pile[p->pile_count - 1] = n;
    return true;
}

bool pile_take(struct parser *p, uint32_t mark, struct node_list *out)
{
    uint32_t count = p->pile_count - mark;
    p->pile_count = mark;
    *out = (struct node_list){NULL, count};
    if (count == 0)
        return true;
    out->items = arena_alloc(&p->f->arena, count * sizeof *out->items);
    if (!out->items)
        return false;
    memcpy(out->items, p->pile + mark, count * sizeof *out->items);
    return true;
}

/* ---- which error is told ---- */

/* The lexer's error beats a parser's error before it, unless it only matters where the parser reaches it. */
static void prefer_lexer_error(struct parser *p)
{
    struct lexed *l = &p->lexed;
    struct front_error *e = &p->f->error;
    if (l->error.kind == FRONT_NONE || e->kind == FRONT_NONE || e->kind == FRONT_MEMORY)
        return;
    const struct token *last = p->furthest > p->tok ? p->furthest : p->tok;
    if (l->open) {
        if ((p->generic && last->kind == TOK_ERROR) || last->line > l->bracket_pos.line)
            *e = l->error;
    } else if (!l->soft && !(e->kind == FRONT_INDENT && !p->generic)) {
        *e = l->error;
    }
}

static bool at_end_of_source(const struct parser *p)
{
    const struct token *t = p->tok;
    if (t->kind == TOK_ERROR)
        return p->lexed.at_end;
    while (t->kind == TOK_NEWLINE || t->kind == TOK_DEDENT)
        t++;
    return t->kind == TOK_END;
}

static void settle_error(struct parser *p)
{
    if (p->f->error.kind == FRONT_NONE)
        return;
    bool incomplete = (p->f->flags & FRONT_INCOMPLETE) && at_end_of_source(p);
    prefer_lexer_error(p);
    if (incomplete && p->f->error.kind != FRONT_MEMORY && (p->generic || p->f->error.kind == FRONT_INDENT || p->lexed.at_end)) {
        struct front_pos pos = pos_of(p->tok);
        p->f->error = (struct front_error){.kind = FRONT_SYNTAX, .pos = pos, .message = "incomplete input"};
    }
}

/* ---- the three starts ---- */

static struct node *file_input(struct parser *p)
{
    struct node *n = ast_new(p->f, AST_Module, (struct front_pos){1, 0, 1, 0});
    uint32_t mark = p->pile_count;
    if (!n)
        return NULL;
    while (!at(p, TOK_END))
        if (!accept(p, TOK_NEWLINE) && !parse_statement(p))
            return NULL;
    return pile_take(p, mark, &n->Module.body) ? n : NULL;
}

static struct node *eval_input(struct parser *p)
{
    struct node *n = ast_new(p->f, AST_Expression, pos_of(p->tok));
    if (!n || !(n->Expression.body = parse_star_expressions(p)))
        return NULL;
    while (accept(p, TOK_NEWLINE))
        ;
    return expect(p, TOK_END) ? n : NULL;
}

static struct node *single_input(struct parser *p)
{
    struct node *n = ast_new(p->f, AST_Interactive, pos_of(p->tok));
    uint32_t mark = p->pile_count;
    if (!n)
        return NULL;
    if (!accept(p, TOK_NEWLINE)) {
        if (at(p, TOK_END))
            return parse_invalid(p);
        if (!parse_statement(p))
            return NULL;
    }
    while (accept(p, TOK_NEWLINE))
        ;
    if (!at(p, TOK_END)) {
        if (at(p, TOK_ERROR))
            return parse_invalid(p);
        return parse_fail(p, pos_of(p->tok), "multiple statements found while compiling a single statement");
    }
    return pile_take(p, mark, &n->Interactive.body) ? n : NULL;
}

struct node *parse_run(struct front *f)
{
    struct parser p = {.f = f};
    if (!lex_run(f, lex_whole(f), &p.lexed)) {
        lexed_free(&p.lexed);
        return NULL;
    }
    p.tok = p.lexed.tokens;
    struct node *n = f->mode == FRONT_EXEC ? file_input(&p) : f->mode == FRONT_EVAL ? eval_input(&p) : single_input(&p);
    if (f->error.kind != FRONT_NONE)
        n = NULL;
    settle_error(&p);
    free(p.pile);
    lexed_free(&p.lexed);
    return n;
}
