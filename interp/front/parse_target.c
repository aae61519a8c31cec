// SPDX-License-Identifier: Apache-2.0
// Assignment, deletion and loop targets: which expressions may stand there, and the words when one may not.
// It leaves starred targets out of place and counts of stars to the compiler.
#include "parse.h"

static struct node *invalid_in_list(const struct node_list *l, enum ast_context ctx)
{
    for (uint32_t i = 0; i < l->count; i++) {
        struct node *bad = parse_invalid_target(l->items[i], ctx);
        if (bad)
            return bad;
    }
    return NULL;
}

/* The first part of n that cannot be a target, or NULL. */
struct node *parse_invalid_target(struct node *n, enum ast_context ctx)
{
    switch ((int)n->kind) {
    case AST_List: return invalid_in_list(&n->List.elts, ctx);
    case AST_Tuple: return invalid_in_list(&n->Tuple.elts, ctx);
    case AST_Starred: return ctx == AST_DEL ? n : parse_invalid_target(n->Starred.value, ctx);
    case AST_Name: case AST_Subscript: case AST_Attribute: return NULL;
    }
    return n;
}

static bool store_list(struct parser *p, const struct node_list *l, enum ast_context ctx)
{
    for (uint32_t i = 0; i < l->count; i++)
        if (!parse_store(p, l->items[i], ctx))
            return false;
    return true;
}

/* Turn an expression into a target in place; fails if it cannot be one. */
bool parse_store(struct parser *p, struct node *n, enum ast_context ctx)
{
    switch ((int)n->kind) {
    case AST_Name: n->Name.ctx = ctx; return true;
    case AST_Attribute: n->Attribute.ctx = ctx; return true;
    case AST_Subscript: n->Subscript.ctx = ctx; return true;
    case AST_List: n->List.ctx = ctx; return store_list(p, &n->List.elts, ctx);
    case AST_Tuple: n->Tuple.ctx = ctx; return store_list(p, &n->Tuple.elts, ctx);
    case AST_Starred:
        if (ctx == AST_DEL)
            break;
        n->Starred.ctx = ctx;
        return parse_store(p, n->Starred.value, ctx);
    }
    return parse_fail(p, n->pos, ctx == AST_DEL ? "cannot delete %s" : "cannot assign to %s", ast_describe(n));
}

static struct node *one_target(struct parser *p)
{
    const struct token *start = p->tok;
    if (!accept(p, TOK_STAR))
        return parse_bitor(p);
    struct node *value = parse_bitor(p);
    struct node *n = value ? ast_new(p->f, AST_Starred, pos_since(p, start)) : NULL;
    if (n)
        n->Starred.value = value;
    return n;
}

struct node *parse_targets(struct parser *p)
{
    const struct token *start = p->tok;
    struct node *n = one_target(p);
    if (n && at(p, TOK_COMMA)) {
        uint32_t mark = p->pile_count;
        struct node *first = n;
        if (!pile_push(p, first))
            return NULL;
        while (accept(p, TOK_COMMA) && !ends_list(p))
            if (!pile_push(p, one_target(p)))
                return NULL;
        n = ast_new(p->f, AST_Tuple, pos_since(p, start));
        if (!n || !pile_take(p, mark, &n->Tuple.elts))
            return NULL;
    }
    return n && parse_store(p, n, AST_STORE) ? n : NULL;
}

struct node *parse_target(struct parser *p)
{
    struct node *n = parse_star_expression(p);
    return n && parse_store(p, n, AST_STORE) ? n : NULL;
}
