// SPDX-License-Identifier: Apache-2.0
// Statements with blocks: if, while, for, try, with, def, class, decorators, async.
// It leaves match to parse_match.c and parameter lists to parse_call.c.
#include "parse.h"

/* ---- blocks ---- */

bool parse_colon(struct parser *p, bool forced)
{
    if (accept(p, TOK_COLON))
        return true;
    if (forced || at(p, TOK_NEWLINE))
        return p->f->error.kind == FRONT_NONE && parse_fail(p, pos_of(p->tok), "expected ':'");
    return parse_invalid(p);
}

bool parse_block(struct parser *p, const char *what, uint32_t line, struct node_list *out)
{
    uint32_t mark = p->pile_count;
    if (!at(p, TOK_NEWLINE))
        return parse_simple_line(p) && pile_take(p, mark, out);
    parse_advance(p);
    if (!at(p, TOK_INDENT)) {
        if (at(p, TOK_ERROR) && !p->lexed.open)
            return parse_invalid(p);
        return front_fail(p->f, FRONT_INDENT, pos_start(p->tok), "expected an indented block after %s on line %u", what, line);
    }
    parse_advance(p);
    while (!accept(p, TOK_DEDENT))
        if (!parse_statement(p))
            return false;
    return pile_take(p, mark, out);
}

/* [else: block] */
static bool parse_else(struct parser *p, struct node_list *out)
{
    uint32_t line = p->tok->line;
    *out = (struct node_list){0};
    return !accept(p, KW_ELSE) || (parse_colon(p, true) && parse_block(p, "'else' statement", line, out));
}

static struct node *finish(struct parser *p, const struct token *start, struct node *n)
{
    const struct token *last = p->tok - 1;
    while (last > start && (last->kind == TOK_NEWLINE || last->kind == TOK_DEDENT || last->kind == TOK_INDENT))
        last--;
    n->pos = pos_range(pos_of(start), pos_of(last));
    return n;
}

/* ---- if, while, for ---- */

static struct node *if_statement(struct parser *p)
{
    const struct token *start = p->tok;
    bool elif = at(p, KW_ELIF);
    struct node *n = ast_new(p->f, AST_If, pos_of(start));
    parse_advance(p);
    if (!n || !parse_enter(p) || !(n->If.test = parse_named(p)) || !parse_colon(p, false) ||
        !parse_block(p, elif ? "'elif' statement" : "'if' statement", start->line, &n->If.body))
        return NULL;
    if (at(p, KW_ELIF)) {
        uint32_t mark = p->pile_count;
        if (!pile_push(p, if_statement(p)) || !pile_take(p, mark, &n->If.orelse))
            return NULL;
    } else if (!parse_else(p, &n->If.orelse)) {
        return NULL;
    }
    parse_leave(p);
    return finish(p, start, n);
}

static struct node *while_statement(struct parser *p)
{
    const struct token *start = p->tok;
    struct node *n = ast_new(p->f, AST_While, pos_of(start));
    parse_advance(p);
    if (!n || !(n->While.test = parse_named(p)) || !parse_colon(p, false) ||
        !parse_block(p, "'while' statement", start->line, &n->While.body) || !parse_else(p, &n->While.orelse))
        return NULL;
    return finish(p, start, n);
}

static struct node *for_statement(struct parser *p, const struct token *start, bool is_async)
{
    const struct token *word = p->tok;
    struct node *n = ast_new(p->f, is_async ? AST_AsyncFor : AST_For, pos_of(start));
    parse_advance(p);
    if (!n || !(n->For.target = parse_targets(p)) || !expect(p, KW_IN) || !(n->For.iter = parse_star_expressions(p)) ||
        !parse_colon(p, false) || !parse_block(p, "'for' statement", word->line, &n->For.body) || !parse_else(p, &n->For.orelse))
        return NULL;
    return finish(p, start, n);
}

/* ---- with ---- */

static struct node *with_item(struct parser *p)
{
    const struct token *start = p->tok;
    struct node *n = ast_new(p->f, AST_withitem, pos_of(start));
    if (!n || !(n->withitem.context_expr = parse_expression(p)))
        return NULL;
    if (accept(p, KW_AS)) {
        struct node *target = parse_star_expression(p);
        if (!target || !parse_store(p, target, AST_STORE))
            return NULL;
        n->withitem.optional_vars = target;
    }
    n->pos = pos_since(p, start);
    return n;
}

static bool with_items(struct parser *p, bool brackets)
{
    do {
        if (brackets && at(p, TOK_RPAR))
            break;
        if (!pile_push(p, with_item(p)))
            return false;
    } while (accept(p, TOK_COMMA));
    return true;
}

/* '(' items [','] ')' ':' : else the bracket belongs to an expression, and nothing was read. */
static bool bracketed_items(struct parser *p, uint32_t mark)
{
    struct parse_mark m = parse_mark(p);
    if (accept(p, TOK_LPAR) && with_items(p, true) && p->pile_count > mark && accept(p, TOK_RPAR) && at(p, TOK_COLON))
        return true;
    bool bound = false;
    for (uint32_t i = mark; i < p->pile_count; i++)
        bound |= p->pile[i]->withitem.optional_vars != NULL;
    if (bound && at(p, TOK_NEWLINE) && p->tok[-1].kind == TOK_RPAR)
        return parse_colon(p, true);
    parse_reset(p, m);
    return false;
}

static struct node *with_statement(struct parser *p, const struct token *start, bool is_async)
{
    const struct token *word = p->tok;
    struct node *n = ast_new(p->f, is_async ? AST_AsyncWith : AST_With, pos_of(start));
    uint32_t mark = p->pile_count;
    parse_advance(p);
    if (!n || (!bracketed_items(p, mark) && (p->f->error.kind != FRONT_NONE || !with_items(p, false))) || !pile_take(p, mark, &n->With.items) ||
        !parse_colon(p, false) || !parse_block(p, "'with' statement", word->line, &n->With.body))
        return NULL;
    return finish(p, start, n);
}

/* ---- try ---- */

/* `, B, C [as e] :` behind the first type, as Python 2 would have it: reads the types. */
static bool bare_types(struct parser *p)
{
    struct parse_mark m = parse_mark(p);
    while (accept(p, TOK_COMMA) && starts_expression(p->tok))
        if (!parse_expression(p))
            break;
    if (p->f->error.kind == FRONT_NONE && (at(p, TOK_COLON) || at(p, KW_AS)))
        return true;
    parse_reset(p, m);
    return false;
}

static struct node *except_clause(struct parser *p, bool *star)
{
    const struct token *start = p->tok;
    struct node *n = ast_new(p->f, AST_ExceptHandler, pos_of(start));
    parse_advance(p);
    *star = accept(p, TOK_STAR);
    if (!n)
        return NULL;
    if (*star && (at(p, TOK_COLON) || at(p, TOK_NEWLINE)))
        return parse_fail(p, pos_of(p->tok), "expected one or more exception types");
    if (!at(p, TOK_COLON) && !at(p, TOK_NEWLINE)) {
        if (!(n->ExceptHandler.type = parse_expression(p)))
            return NULL;
        if (at(p, TOK_COMMA) && bare_types(p))
            return parse_fail(p, pos_since(p, start + 1 + *star), "multiple exception types must be parenthesized");
        if (accept(p, KW_AS)) {
            n->ExceptHandler.name = p->tok->name;
            if (!expect(p, TOK_NAME))
                return NULL;
        }
    }
    if (!parse_colon(p, false) ||
        !parse_block(p, *star ? "'except*' statement" : "'except' statement", start->line, &n->ExceptHandler.body))
        return NULL;
    return finish(p, start, n);
}

static bool except_clauses(struct parser *p, struct node *n)
{
    uint32_t mark = p->pile_count;
    for (bool star; at(p, KW_EXCEPT);) {
        const struct token *start = p->tok;
        if (!pile_push(p, except_clause(p, &star)))
            return false;
        if (p->pile_count == mark + 1)
            n->kind = star ? AST_TryStar : AST_Try;
        else if ((n->kind == AST_TryStar) != star)
            return parse_fail(p, pos_range(pos_of(start), pos_of(start + star)), "cannot have both 'except' and 'except*' on the same 'try'");
    }
    return pile_take(p, mark, &n->Try.handlers);
}

static struct node *try_statement(struct parser *p)
{
    const struct token *start = p->tok;
    struct node *n = ast_new(p->f, AST_Try, pos_of(start));
    parse_advance(p);
    if (!n || !parse_colon(p, true) || !parse_block(p, "'try' statement", start->line, &n->Try.body) || !except_clauses(p, n))
        return NULL;
    if (n->Try.handlers.count > 0 && !parse_else(p, &n->Try.orelse))
        return NULL;
    const struct token *word = p->tok;
    if (accept(p, KW_FINALLY)) {
        if (!parse_colon(p, true) || !parse_block(p, "'finally' statement", word->line, &n->Try.finalbody))
            return NULL;
    } else if (n->Try.handlers.count == 0) {
        if (at(p, TOK_ERROR))
            return parse_invalid(p);
        return parse_fail(p, pos_of(p->tok), "expected 'except' or 'finally' block");
    }
    return finish(p, start, n);
}

/* ---- def, class, decorators ---- */

static struct node *function(struct parser *p, const struct token *start, struct node_list decorators, bool is_async)
{
    const struct token *word = p->tok;
    parse_advance(p);
    struct node *n = ast_new(p->f, is_async ? AST_AsyncFunctionDef : AST_FunctionDef, pos_of(start));
    struct name *name = p->tok->name;
    if (!n || !expect(p, TOK_NAME))
        return NULL;
    n->FunctionDef.name = name;
    n->FunctionDef.decorator_list = decorators;
    if (!at(p, TOK_LPAR))
        return parse_fail(p, pos_of(p->tok), "expected '('");
    parse_advance(p);
    if (!(n->FunctionDef.args = parse_parameters(p, TOK_RPAR, true)) || !expect(p, TOK_RPAR))
        return NULL;
    if (accept(p, TOK_ARROW) && !(n->FunctionDef.returns = parse_expression(p)))
        return NULL;
    if (!parse_colon(p, true) || !parse_block(p, "function definition", word->line, &n->FunctionDef.body))
        return NULL;
    return finish(p, start, n);
}

static struct node *class_statement(struct parser *p, struct node_list decorators)
{
    const struct token *start = p->tok;
    parse_advance(p);
    struct node *n = ast_new(p->f, AST_ClassDef, pos_of(start));
    struct name *name = p->tok->name;
    if (!n || !expect(p, TOK_NAME))
        return NULL;
    n->ClassDef.name = name;
    n->ClassDef.decorator_list = decorators;
    if (accept(p, TOK_LPAR) && !parse_call_args(p, NULL, &n->ClassDef.bases, &n->ClassDef.keywords))
        return NULL;
    if (!parse_colon(p, false) || !parse_block(p, "class definition", start->line, &n->ClassDef.body))
        return NULL;
    return finish(p, start, n);
}

static struct node *async_statement(struct parser *p, struct node_list decorators)
{
    const struct token *start = p->tok;
    parse_advance(p);
    if (at(p, KW_DEF))
        return function(p, start, decorators, true);
    if (decorators.count == 0 && at(p, KW_FOR))
        return for_statement(p, start, true);
    if (decorators.count == 0 && at(p, KW_WITH))
        return with_statement(p, start, true);
    return parse_invalid(p);
}

static struct node *decorated(struct parser *p)
{
    struct node_list decorators;
    uint32_t mark = p->pile_count;
    while (accept(p, TOK_AT))
        if (!pile_push(p, parse_named(p)) || !expect(p, TOK_NEWLINE))
            return NULL;
    if (!pile_take(p, mark, &decorators))
        return NULL;
    if (at(p, KW_DEF))
        return function(p, p->tok, decorators, false);
    if (at(p, KW_CLASS))
        return class_statement(p, decorators);
    if (at(p, KW_ASYNC))
        return async_statement(p, decorators);
    return parse_invalid(p);
}

/* The compound statement that starts here; *matched false (and nothing read) if none does. */
struct node *parse_compound(struct parser *p, bool *matched)
{
    *matched = true;
    switch ((int)p->tok->kind) {
    case KW_IF: return if_statement(p);
    case KW_WHILE: return while_statement(p);
    case KW_FOR: return for_statement(p, p->tok, false);
    case KW_TRY: return try_statement(p);
    case KW_WITH: return with_statement(p, p->tok, false);
    case KW_DEF: return function(p, p->tok, (struct node_list){0}, false);
    case KW_CLASS: return class_statement(p, (struct node_list){0});
    case KW_ASYNC: return async_statement(p, (struct node_list){0});
    case TOK_AT: return decorated(p);
    case TOK_NAME:
        if (name_is(p->tok->name, "match")) {
            struct parse_mark m = parse_mark(p);
            struct node *n = parse_match(p);
            if (n || p->f->error.kind != FRONT_NONE)
                return n;
            parse_reset(p, m);
        }
        break;
    }
    *matched = false;
    return NULL;
}
