// SPDX-License-Identifier: Apache-2.0
// Argument lists of calls and classes, parameter lists of functions and lambdas.
// It leaves repeated names to symtab.c (parameters) and compile*.c (keyword arguments).
#include "parse.h"

/* Append to a list that doubles in the arena. */
static bool grow_list(struct parser *p, struct node_list *l, struct node *n)
{
    if ((l->count & (l->count - 1)) == 0) {
        struct node **grown = arena_alloc(&p->f->arena, (l->count ? 2 * l->count : 1) * sizeof *grown);
        if (!grown)
            return false;
        for (uint32_t i = 0; i < l->count; i++)
            grown[i] = l->items[i];
        l->items = grown;
    }
    l->items[l->count++] = n;
    return true;
}

/* ---- arguments ---- */

struct call_list {
    const struct token *first;   // where the list begins
    uint32_t args;               // pile index of the first positional argument
    struct node_list *keywords;
    struct node *last_double;    // the ** argument seen last
    bool keyword;
};

static bool add_keyword(struct parser *p, struct call_list *c, struct name *arg, struct node *value, const struct token *start)
{
    struct node *n = value ? ast_new(p->f, AST_keyword, pos_since(p, start)) : NULL;
    if (!n)
        return false;
    n->keyword.arg = arg;
    n->keyword.value = value;
    c->keyword = true;
    return grow_list(p, c->keywords, n);
}

static bool keyword_argument(struct parser *p, struct call_list *c)
{
    const struct token *start = p->tok;
    parse_advance(p);
    parse_advance(p);
    struct node *value = parse_expression(p);
    if (!value)
        return false;
    if (at(p, KW_FOR) || (at(p, KW_ASYNC) && at_next(p, KW_FOR)))
        return parse_fail(p, pos_range(pos_of(start), pos_of(start + 1)), "invalid syntax. Maybe you meant '==' or ':=' instead of '='?");
    return add_keyword(p, c, start->name, value, start);
}

static bool star_argument(struct parser *p, struct call_list *c)
{
    const struct token *start = p->tok;
    bool twice = at(p, TOK_DOUBLESTAR);
    parse_advance(p);
    struct node *value = parse_expression(p);
    if (!value)
        return false;
    if (twice) {
        c->last_double = value;
        return add_keyword(p, c, NULL, value, start);
    }
    if (c->last_double)
        return parse_fail(p, pos_range(pos_of(c->first), pos_of(start - 2)), "iterable argument unpacking follows keyword argument unpacking");
    struct node *n = ast_new(p->f, AST_Starred, pos_since(p, start));
    if (n)
        n->Starred.value = value;
    return pile_push(p, n);
}

static bool misplaced_equal(struct parser *p, const struct token *start, struct node *n)
{
    if (n->kind == AST_Constant && !n->parens && p->tok == start + 1 &&
        (start->kind == KW_NONE || start->kind == KW_TRUE || start->kind == KW_FALSE))
        return parse_fail(p, pos_range(pos_of(start), pos_of(p->tok)), "cannot assign to %s", ast_describe(n));
    return parse_fail(p, pos_range(n->pos, pos_of(p->tok)), "expression cannot contain assignment, perhaps you meant \"==\"?");
}

/* A generator expression may go without brackets only if it is the whole list. */
static bool bare_generator(struct parser *p, struct call_list *c, const struct token *open, const struct token *start, struct node *elt)
{
    struct node *n = ast_new(p->f, AST_GeneratorExp, pos_of(open));
    if (!n || !parse_for_clauses(p, &n->GeneratorExp.generators))
        return false;
    n->GeneratorExp.elt = elt;
    bool alone = p->pile_count == c->args && c->keywords->count == 0;
    if (!alone || (at(p, TOK_COMMA) && p->tok[1].kind != TOK_RPAR) || (at(p, TOK_COMMA) && p->tok[1].kind == TOK_RPAR))
        return parse_fail(p, pos_since(p, start), "Generator expression must be parenthesized");
    if (!at(p, TOK_RPAR))
        return parse_invalid(p);
    n->pos = pos_range(pos_of(open), pos_of(p->tok));
    return pile_push(p, n);
}

static bool positional_argument(struct parser *p, struct call_list *c, const struct token *open)
{
    const struct token *start = p->tok;
    bool walrus = at(p, TOK_NAME) && at_next(p, TOK_COLONEQUAL);
    struct node *n = walrus ? parse_named(p) : parse_expression(p);
    if (!n)
        return false;
    if (at(p, TOK_EQUAL))
        return misplaced_equal(p, start, n);
    if (at(p, TOK_COLONEQUAL))
        return parse_fail(p, n->pos, "cannot use assignment expressions with %s", ast_describe(n));
    if (at(p, KW_FOR) || (at(p, KW_ASYNC) && at_next(p, KW_FOR)))
        return open ? bare_generator(p, c, open, start, n) : parse_invalid(p) != NULL;
    if (!c->keyword)
        return pile_push(p, n);
    if (!at(p, TOK_COMMA) && !at(p, TOK_RPAR))
        return parse_invalid(p);
    bool after_double = c->keywords->items[c->keywords->count - 1]->keyword.arg == NULL;
    return parse_fail(p, pos_of(p->tok), after_double ? "positional argument follows keyword argument unpacking"
                                                          : "positional argument follows keyword argument");
}

bool parse_call_args(struct parser *p, const struct token *open, struct node_list *args, struct node_list *keywords)
{
    struct call_list c = {.first = p->tok, .args = p->pile_count, .keywords = keywords};
    *keywords = (struct node_list){0};
    while (!at(p, TOK_RPAR)) {
        bool ok = at(p, TOK_STAR) || at(p, TOK_DOUBLESTAR) ? star_argument(p, &c)
                : at(p, TOK_NAME) && at_next(p, TOK_EQUAL) ? keyword_argument(p, &c) : positional_argument(p, &c, open);
        if (!ok)
            return false;
        if (!accept(p, TOK_COMMA))
            break;
    }
    return expect(p, TOK_RPAR) && pile_take(p, c.args, args);
}

/* ---- parameters ---- */

struct parameters {
    struct node *n;              // the arguments node
    uint32_t plain;              // pile index of the first plain parameter
    struct node_list defaults;   // grown by doubling
    bool star, slash, kwarg, annotations;
    enum token_kind close;
};

static const char *parameter_kind(const struct parameters *a)
{
    return a->close == TOK_COLON ? "Lambda expression" : "Function";
}

/* ( NAME, NAME ), what Python 2 allowed: the closing bracket, else NULL. */
static const struct token *bracketed_names(const struct parser *p, const struct parameters *a)
{
    const struct token *t = p->tok;
    if (a->star || t->kind != TOK_LPAR)
        return NULL;
    while (t[1].kind == TOK_NAME && t[2].kind == TOK_COMMA)
        t += 2;
    t += t[1].kind == TOK_NAME;
    return t[1].kind == TOK_RPAR ? t + 1 : NULL;
}

/* NAME [':' annotation]; *NAME may be annotated with a starred expression. */
static struct node *one_parameter(struct parser *p, const struct parameters *a, bool starred)
{
    const struct token *start = p->tok;
    const struct token *closing = bracketed_names(p, a);
    if (closing)
        return parse_fail(p, pos_range(pos_of(start), pos_of(closing)), "%s parameters cannot be parenthesized", parameter_kind(a));
    if (!expect(p, TOK_NAME))
        return NULL;
    struct node *annotation = NULL;
    if (a->annotations && accept(p, TOK_COLON)) {
        annotation = starred && at(p, TOK_STAR) ? parse_star_expression(p) : parse_expression(p);
        if (!annotation)
            return NULL;
    }
    struct node *n = ast_new(p->f, AST_arg, pos_since(p, start));
    if (n) {
        n->arg.arg = start->name;
        n->arg.annotation = annotation;
    }
    return n;
}

static bool at_parameter_end(const struct parser *p, const struct parameters *a)
{
    return at(p, TOK_COMMA) || at(p, a->close);
}

/* ['=' expression]; *out NULL if there is none. */
static bool default_value(struct parser *p, const struct parameters *a, struct node **out)
{
    const struct token *equal = p->tok;
    *out = NULL;
    if (!accept(p, TOK_EQUAL))
        return true;
    if (at_parameter_end(p, a))
        return parse_fail(p, pos_of(equal), "expected default value expression");
    *out = parse_expression(p);
    return *out != NULL;
}

static bool star_parameter(struct parser *p, struct parameters *a)
{
    const struct token *star = p->tok;
    if (a->star)
        return parse_fail(p, pos_of(star), "* argument may appear only once");
    a->star = true;
    parse_advance(p);
    if (at(p, TOK_COMMA) || at(p, a->close)) {
        bool named = at(p, TOK_COMMA) && p->tok[1].kind != a->close && p->tok[1].kind != TOK_DOUBLESTAR;
        return named || parse_fail(p, pos_of(a->close != TOK_COLON ? star : at(p, TOK_COMMA) ? p->tok + 1 : p->tok), "named arguments must follow bare *");
    }
    a->n->arguments.vararg = one_parameter(p, a, true);
    if (!a->n->arguments.vararg)
        return false;
    if (at(p, TOK_EQUAL))
        return parse_fail(p, pos_of(p->tok), "var-positional argument cannot have default value");
    return true;
}

static bool double_star_parameter(struct parser *p, struct parameters *a)
{
    parse_advance(p);
    a->kwarg = true;
    a->n->arguments.kwarg = one_parameter(p, a, false);
    if (!a->n->arguments.kwarg)
        return false;
    if (at(p, TOK_EQUAL))
        return parse_fail(p, pos_of(p->tok), "var-keyword argument cannot have default value");
    if (at(p, TOK_COMMA) && (p->tok[1].kind == TOK_NAME || p->tok[1].kind == TOK_STAR || p->tok[1].kind == TOK_DOUBLESTAR ||
                             p->tok[1].kind == TOK_SLASH))
        return parse_fail(p, pos_of(p->tok + 1), "arguments cannot follow var-keyword argument");
    return true;
}

static bool slash(struct parser *p, struct parameters *a)
{
    if (a->slash)
        return parse_fail(p, pos_of(p->tok), "/ may appear only once");
    if (a->star)
        return parse_fail(p, pos_of(p->tok), "/ must be ahead of *");
    if (p->pile_count == a->plain)
        return at_next(p, TOK_COMMA) ? parse_fail(p, pos_of(p->tok), "at least one argument must precede /") : parse_invalid(p);
    a->slash = true;
    parse_advance(p);
    if (at(p, TOK_STAR))
        return parse_fail(p, pos_of(p->tok), "expected comma between / and *");
    return pile_take(p, a->plain, &a->n->arguments.posonlyargs);
}

static bool plain_parameter(struct parser *p, struct parameters *a)
{
    const struct token *start = p->tok;
    struct node *value, *n = one_parameter(p, a, false);
    if (!n || !default_value(p, a, &value))
        return false;
    if (a->star)
        return grow_list(p, &a->n->arguments.kw_defaults, value) && grow_list(p, &a->n->arguments.kwonlyargs, n);
    if (!value && a->defaults.count > 0) {
        if (!at_parameter_end(p, a))
            return parse_invalid(p);
        return parse_fail(p, pos_of(start), "non-default argument follows default argument");
    }
    return (!value || grow_list(p, &a->defaults, value)) && pile_push(p, n);
}

struct node *parse_parameters(struct parser *p, enum token_kind close, bool annotations)
{
    struct parameters a = {.n = ast_new(p->f, AST_arguments, pos_of(p->tok)), .plain = p->pile_count, .annotations = annotations, .close = close};
    if (!a.n)
        return NULL;
    while (!at(p, close) && !a.kwarg) {
        bool ok = at(p, TOK_STAR) ? star_parameter(p, &a)
                : at(p, TOK_DOUBLESTAR) ? double_star_parameter(p, &a)
                : at(p, TOK_SLASH) ? slash(p, &a) : plain_parameter(p, &a);
        if (!ok)
            return NULL;
        if (!accept(p, TOK_COMMA))
            break;
    }
    a.n->arguments.defaults = a.defaults;
    return pile_take(p, a.plain, &a.n->arguments.args) ? a.n : NULL;
}
