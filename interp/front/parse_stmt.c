// SPDX-License-Identifier: Apache-2.0
// Simple statements: assignments, imports, return, raise, del, assert, global.
// It leaves blocks to parse_compound.c and targets to parse_target.c.
#include "parse.h"

#include <string.h>

/* ---- assignment ---- */

static enum ast_operator augmented(enum token_kind kind)
{
    switch ((int)kind) {
    case TOK_PLUSEQUAL: return AOP_Add;
    case TOK_MINUSEQUAL: return AOP_Sub;
    case TOK_STAREQUAL: return AOP_Mult;
    case TOK_SLASHEQUAL: return AOP_Div;
    case TOK_PERCENTEQUAL: return AOP_Mod;
    case TOK_AMPEREQUAL: return AOP_BitAnd;
    case TOK_VBAREQUAL: return AOP_BitOr;
    case TOK_CIRCUMFLEXEQUAL: return AOP_BitXor;
    case TOK_LEFTSHIFTEQUAL: return AOP_LShift;
    case TOK_RIGHTSHIFTEQUAL: return AOP_RShift;
    case TOK_DOUBLESTAREQUAL: return AOP_Pow;
    case TOK_DOUBLESLASHEQUAL: return AOP_FloorDiv;
    case TOK_ATEQUAL: return AOP_MatMult;
    }
    return AOP_COUNT;
}

static struct node *value_of_assignment(struct parser *p)
{
    return at(p, KW_YIELD) ? parse_yield(p) : parse_star_expressions(p);
}

static bool is_single_target(const struct node *n)
{
    return n->kind == AST_Name || n->kind == AST_Attribute || n->kind == AST_Subscript;
}

static struct node *annotated(struct parser *p, const struct token *start, struct node *target)
{
    if (!is_single_target(target)) {
        parse_advance(p);
        if (!starts_expression(p->tok)) {
            p->tok--;
            return parse_invalid(p);
        }
        if (target->kind == AST_Tuple || target->kind == AST_List)
            return parse_fail(p, target->pos, "only single target (not %s) can be annotated", ast_describe(target));
        return parse_fail(p, target->pos, "illegal target for annotation");
    }
    parse_advance(p);
    struct node *annotation = parse_expression(p), *value = NULL;
    if (!annotation || (accept(p, TOK_EQUAL) && !(value = value_of_assignment(p))))
        return NULL;
    struct node *n = ast_new(p->f, AST_AnnAssign, pos_since(p, start));
    if (!n || !parse_store(p, target, AST_STORE))
        return NULL;
    n->AnnAssign.target = target;
    n->AnnAssign.annotation = annotation;
    n->AnnAssign.value = value;
    n->AnnAssign.simple = target->kind == AST_Name && !target->parens;
    return n;
}

static struct node *augmented_assignment(struct parser *p, const struct token *start, struct node *target, enum ast_operator op)
{
    if (!is_single_target(target))
        return parse_fail(p, target->pos, "'%s' is an illegal expression for augmented assignment", ast_describe(target));
    parse_advance(p);
    struct node *value = value_of_assignment(p);
    struct node *n = value ? ast_new(p->f, AST_AugAssign, pos_since(p, start)) : NULL;
    if (!n || !parse_store(p, target, AST_STORE))
        return NULL;
    n->AugAssign.target = target;
    n->AugAssign.op = op;
    n->AugAssign.value = value;
    return n;
}

/* `target =` where target cannot be one: did the writer mean `==`? */
static void *explain_target(struct parser *p, struct node *target, bool first)
{
    struct node *bad = parse_invalid_target(target, AST_STORE);
    bool plain = target->kind != AST_List && target->kind != AST_Tuple && target->kind != AST_GeneratorExp &&
                 target->kind != AST_BoolOp && target->kind != AST_Compare && target->kind != AST_IfExp && target->kind != AST_Lambda &&
                 target->kind != AST_Starred;
    plain = plain && !(target->kind == AST_Constant && strcmp(ast_describe(target), "literal") && strcmp(ast_describe(target), "ellipsis"));
    plain = plain && !(target->kind == AST_UnaryOp && target->UnaryOp.op == AOP_Not);
    if (first && (plain || (target->parens && target->kind != AST_Tuple && target->kind != AST_GeneratorExp && target->kind != AST_Constant))) {
        struct parse_mark m = parse_mark(p);
        parse_advance(p);
        struct node *b = parse_bitor(p);
        bool again = !b || at(p, TOK_EQUAL) || at(p, TOK_COLONEQUAL);
        parse_reset(p, m);
        if (!again)
            return parse_fail(p, target->pos, "cannot assign to %s here. Maybe you meant '==' instead of '='?", ast_describe(target));
    }
    return parse_fail(p, bad->pos, "cannot assign to %s", ast_describe(bad));
}

static struct node *assignment(struct parser *p, const struct token *start, struct node *target)
{
    struct node *n = ast_new(p->f, AST_Assign, target->pos), *value = target;
    uint32_t mark = p->pile_count;
    if (!n)
        return NULL;
    while (at(p, TOK_EQUAL)) {
        if ((value->kind == AST_Yield || value->kind == AST_YieldFrom) && !value->parens)
            return parse_fail(p, value->pos, "assignment to yield expression not possible");
        if (parse_invalid_target(value, AST_STORE))
            return explain_target(p, value, value == target);
        if (!parse_store(p, value, AST_STORE) || !pile_push(p, value))
            return NULL;
        parse_advance(p);
        if (!(value = value_of_assignment(p)))
            return NULL;
    }
    n->Assign.value = value;
    n->pos = pos_since(p, start);
    return pile_take(p, mark, &n->Assign.targets) ? n : NULL;
}

static struct node *expression_statement(struct parser *p)
{
    const struct token *start = p->tok;
    struct node *first = at(p, KW_YIELD) ? parse_yield(p) : parse_star_expressions(p);
    if (!first)
        return NULL;
    enum ast_operator op = augmented((enum token_kind)p->tok->kind);
    if (at(p, TOK_EQUAL))
        return assignment(p, start, first);
    if (op != AOP_COUNT)
        return augmented_assignment(p, start, first, op);
    if (at(p, TOK_COLON))
        return annotated(p, start, first);
    struct node *n = ast_new(p->f, AST_Expr, pos_since(p, start));
    if (n)
        n->Expr.value = first;
    return n;
}

/* ---- imports ---- */

/* NAME ('.' NAME)* as one name. */
static struct name *dotted_name(struct parser *p)
{
    const struct token *start = p->tok;
    if (!expect(p, TOK_NAME))
        return NULL;
    if (!at(p, TOK_DOT))
        return start->name;
    char text[4096];
    size_t len = start->name->len;
    if (len >= sizeof text)
        return parse_invalid(p);
    memcpy(text, start->name->text, len);
    while (accept(p, TOK_DOT)) {
        struct name *part = p->tok->name;
        if (!expect(p, TOK_NAME))
            return NULL;
        if (len + part->len + 2 >= sizeof text)
            return parse_invalid(p);
        text[len++] = '.';
        memcpy(text + len, part->text, part->len);
        len += part->len;
    }
    return names_intern(&p->f->names, text, len);
}

static struct node *import_alias(struct parser *p, bool dotted)
{
    const struct token *start = p->tok;
    struct name *name = dotted ? dotted_name(p) : start->name, *as = NULL;
    if (!name || (!dotted && !expect(p, TOK_NAME)))
        return parse_invalid(p);
    if (accept(p, KW_AS)) {
        as = p->tok->name;
        if (!expect(p, TOK_NAME))
            return NULL;
    }
    struct node *n = ast_new(p->f, AST_alias, pos_since(p, start));
    if (n) {
        n->alias.name = name;
        n->alias.asname = as;
    }
    return n;
}

static struct node *import_statement(struct parser *p)
{
    const struct token *start = p->tok;
    uint32_t mark = p->pile_count;
    parse_advance(p);
    do
        if (!pile_push(p, import_alias(p, true)))
            return NULL;
    while (accept(p, TOK_COMMA));
    struct node *n = ast_new(p->f, AST_Import, pos_since(p, start));
    return n && pile_take(p, mark, &n->Import.names) ? n : NULL;
}

static bool imported_names(struct parser *p)
{
    if (at(p, TOK_STAR)) {
        struct node *n = ast_new(p->f, AST_alias, pos_of(p->tok));
        if (n)
            n->alias.name = names_intern(&p->f->names, "*", 1);
        parse_advance(p);
        return pile_push(p, n);
    }
    bool brackets = accept(p, TOK_LPAR);
    for (;;) {
        if (!pile_push(p, import_alias(p, false)))
            return false;
        if (!accept(p, TOK_COMMA))
            break;
        if (brackets && at(p, TOK_RPAR))
            break;
        if (!brackets && (at(p, TOK_NEWLINE) || at(p, TOK_SEMI)))
            return at(p, TOK_SEMI) ? parse_invalid(p)
                                   : parse_fail(p, pos_of(p->tok), "trailing comma not allowed without surrounding parentheses");
    }
    return !brackets || expect(p, TOK_RPAR);
}

static struct node *from_statement(struct parser *p)
{
    const struct token *start = p->tok;
    int level = 0;
    struct name *module = NULL;
    parse_advance(p);
    for (; at(p, TOK_DOT) || at(p, TOK_ELLIPSIS); parse_advance(p))
        level += at(p, TOK_DOT) ? 1 : 3;
    if ((level == 0 || !at(p, KW_IMPORT)) && !(module = dotted_name(p)))
        return NULL;
    uint32_t mark = p->pile_count;
    if (!expect(p, KW_IMPORT) || !imported_names(p))
        return NULL;
    struct node *n = ast_new(p->f, AST_ImportFrom, pos_since(p, start));
    if (!n || !pile_take(p, mark, &n->ImportFrom.names))
        return NULL;
    n->ImportFrom.module = module;
    n->ImportFrom.level = level;
    if (level == 0 && name_is(module, "__future__"))
        for (uint32_t i = 0; i < n->ImportFrom.names.count; i++)
            if (name_is(n->ImportFrom.names.items[i]->alias.name, "barry_as_FLUFL"))
                p->f->flags |= FRONT_BARRY;
    return n;
}

/* ---- the small ones ---- */

static bool at_statement_end(const struct parser *p)
{
    return at(p, TOK_NEWLINE) || at(p, TOK_SEMI) || at(p, TOK_END);
}

static struct node *plain(struct parser *p, enum ast_kind kind)
{
    struct node *n = ast_new(p->f, kind, pos_of(p->tok));
    parse_advance(p);
    return n;
}

static struct node *return_statement(struct parser *p)
{
    const struct token *start = p->tok;
    struct node *value = NULL;
    parse_advance(p);
    if (!at_statement_end(p) && !(value = parse_star_expressions(p)))
        return NULL;
    struct node *n = ast_new(p->f, AST_Return, pos_since(p, start));
    if (n)
        n->Return.value = value;
    return n;
}

static struct node *raise_statement(struct parser *p)
{
    const struct token *start = p->tok;
    struct node *exc = NULL, *cause = NULL;
    parse_advance(p);
    if (!at_statement_end(p)) {
        if (!(exc = parse_expression(p)) || (accept(p, KW_FROM) && !(cause = parse_expression(p))))
            return NULL;
    }
    struct node *n = ast_new(p->f, AST_Raise, pos_since(p, start));
    if (n) {
        n->Raise.exc = exc;
        n->Raise.cause = cause;
    }
    return n;
}

static struct node *delete_statement(struct parser *p)
{
    const struct token *start = p->tok;
    uint32_t mark = p->pile_count;
    parse_advance(p);
    do {
        if (p->pile_count > mark && at_statement_end(p))
            break;
        struct node *target = parse_star_expression(p);
        if (!target || !parse_store(p, target, AST_DEL) || !pile_push(p, target))
            return NULL;
    } while (accept(p, TOK_COMMA));
    struct node *n = ast_new(p->f, AST_Delete, pos_since(p, start));
    return n && pile_take(p, mark, &n->Delete.targets) ? n : NULL;
}

static struct node *assert_statement(struct parser *p)
{
    const struct token *start = p->tok;
    struct node *msg = NULL;
    parse_advance(p);
    struct node *test = parse_expression(p);
    if (!test || (accept(p, TOK_COMMA) && !(msg = parse_expression(p))))
        return NULL;
    struct node *n = ast_new(p->f, AST_Assert, pos_since(p, start));
    if (n) {
        n->Assert.test = test;
        n->Assert.msg = msg;
    }
    return n;
}

static struct node *names_statement(struct parser *p, enum ast_kind kind)
{
    const struct token *start = p->tok, *t;
    uint32_t count = 0;
    parse_advance(p);
    for (t = p->tok; t->kind == TOK_NAME; t += 2) {
        count++;
        if (t[1].kind != TOK_COMMA)
            break;
    }
    struct name **items = arena_alloc(&p->f->arena, (count + 1) * sizeof *items);
    if (!items)
        return NULL;
    for (uint32_t i = 0; i == 0 || accept(p, TOK_COMMA); i++) {
        struct name *name = p->tok->name;
        if (!expect(p, TOK_NAME))
            return NULL;
        items[i] = name;
    }
    struct node *n = ast_new(p->f, kind, pos_since(p, start));
    if (n)
        n->Global.names = (struct name_list){items, count};
    return n;
}

static struct node *simple_statement(struct parser *p)
{
    switch ((int)p->tok->kind) {
    case KW_RETURN: return return_statement(p);
    case KW_IMPORT: return import_statement(p);
    case KW_FROM: return from_statement(p);
    case KW_RAISE: return raise_statement(p);
    case KW_PASS: return plain(p, AST_Pass);
    case KW_BREAK: return plain(p, AST_Break);
    case KW_CONTINUE: return plain(p, AST_Continue);
    case KW_DEL: return delete_statement(p);
    case KW_ASSERT: return assert_statement(p);
    case KW_GLOBAL: return names_statement(p, AST_Global);
    case KW_NONLOCAL: return names_statement(p, AST_Nonlocal);
    }
    return expression_statement(p);
}

bool parse_simple_line(struct parser *p)
{
    for (;;) {
        if (!pile_push(p, simple_statement(p)) || p->f->error.kind != FRONT_NONE)
            return false;
        if (!accept(p, TOK_SEMI))
            return expect(p, TOK_NEWLINE);
        if (accept(p, TOK_NEWLINE))
            return true;
    }
}

bool parse_statement(struct parser *p)
{
    bool matched;
    struct node *n = parse_compound(p, &matched);
    return matched ? pile_push(p, n) : parse_simple_line(p);
}
