// SPDX-License-Identifier: Apache-2.0
// Expressions from the comma list down to the unary operators; yield and lambda.
// It leaves primaries, atoms and comprehensions to parse_atom.c and argument lists to parse_call.c.
#include "parse.h"

bool starts_expression(const struct token *t)
{
    switch ((int)t->kind) {
    case TOK_NAME: case TOK_NUMBER: case TOK_STRING: case TOK_LPAR: case TOK_LSQB: case TOK_LBRACE: case TOK_MINUS: case TOK_PLUS:
    case TOK_TILDE: case TOK_ELLIPSIS: case KW_NOT: case KW_LAMBDA: case KW_AWAIT: case KW_NONE: case KW_TRUE: case KW_FALSE:
        return true;
    }
    return false;
}

bool ends_list(const struct parser *p)
{
    return !starts_expression(p->tok) && !at(p, TOK_STAR);
}

static struct node *binary(struct parser *p, const struct token *start, struct node *left, enum ast_operator op, struct node *right)
{
    struct node *n = right ? ast_new(p->f, AST_BinOp, pos_since(p, start)) : NULL;
    if (n) {
        n->BinOp.left = left;
        n->BinOp.op = op;
        n->BinOp.right = right;
    }
    return n;
}

/* ---- arithmetic: | ^ & shift sum term, loosest first ---- */

static int binary_level(enum token_kind kind, enum ast_operator *op)
{
    switch ((int)kind) {
    case TOK_VBAR: *op = AOP_BitOr; return 1;
    case TOK_CIRCUMFLEX: *op = AOP_BitXor; return 2;
    case TOK_AMPER: *op = AOP_BitAnd; return 3;
    case TOK_LEFTSHIFT: *op = AOP_LShift; return 4;
    case TOK_RIGHTSHIFT: *op = AOP_RShift; return 4;
    case TOK_PLUS: *op = AOP_Add; return 5;
    case TOK_MINUS: *op = AOP_Sub; return 5;
    case TOK_STAR: *op = AOP_Mult; return 6;
    case TOK_SLASH: *op = AOP_Div; return 6;
    case TOK_DOUBLESLASH: *op = AOP_FloorDiv; return 6;
    case TOK_PERCENT: *op = AOP_Mod; return 6;
    case TOK_AT: *op = AOP_MatMult; return 6;
    }
    return 0;
}

static struct node *parse_unary(struct parser *p);

static struct node *parse_power(struct parser *p)
{
    const struct token *start = p->tok;
    struct node *n;
    if (accept(p, KW_AWAIT)) {
        struct node *value = parse_primary(p);
        n = value ? ast_new(p->f, AST_Await, pos_since(p, start)) : NULL;
        if (n)
            n->Await.value = value;
    } else {
        n = parse_primary(p);
    }
    if (!n || !accept(p, TOK_DOUBLESTAR))
        return n;
    return binary(p, start, n, AOP_Pow, parse_unary(p));
}

static struct node *parse_unary(struct parser *p)
{
    const struct token *start = p->tok;
    enum ast_operator op = at(p, TOK_MINUS) ? AOP_USub : at(p, TOK_PLUS) ? AOP_UAdd : at(p, TOK_TILDE) ? AOP_Invert : AOP_COUNT;
    if (!parse_enter(p))
        return NULL;
    struct node *n;
    if (op == AOP_COUNT) {
        n = parse_power(p);
    } else {
        parse_advance(p);
        struct node *operand = parse_unary(p);
        n = operand ? ast_new(p->f, AST_UnaryOp, pos_since(p, start)) : NULL;
        if (n) {
            n->UnaryOp.op = op;
            n->UnaryOp.operand = operand;
        }
    }
    parse_leave(p);
    return n;
}

static struct node *parse_binary(struct parser *p, int min)
{
    const struct token *start = p->tok;
    struct node *left = parse_unary(p);
    enum ast_operator op = AOP_COUNT;
    for (int level; left && (level = binary_level(p->tok->kind, &op)) >= min && level;) {
        parse_advance(p);
        left = binary(p, start, left, op, parse_binary(p, level + 1));
    }
    return left;
}

struct node *parse_bitor(struct parser *p)
{
    return parse_binary(p, 1);
}

/* ---- comparison, not, and, or ---- */

/* Consume a comparison operator; AOP_COUNT if none stands here. */
static enum ast_operator comparison_operator(struct parser *p)
{
    enum ast_operator op = AOP_COUNT;
    switch ((int)p->tok->kind) {
    case TOK_EQEQUAL: op = AOP_Eq; break;
    case TOK_NOTEQUAL: {
        bool angle = p->f->text[p->tok->start] == '<';
        if (angle != !!(p->f->flags & FRONT_BARRY))
            return AOP_COUNT;
        op = AOP_NotEq;
        break;
    }
    case TOK_LESS: op = AOP_Lt; break;
    case TOK_LESSEQUAL: op = AOP_LtE; break;
    case TOK_GREATER: op = AOP_Gt; break;
    case TOK_GREATEREQUAL: op = AOP_GtE; break;
    case KW_IN: op = AOP_In; break;
    case KW_IS:
        parse_advance(p);
        return accept(p, KW_NOT) ? AOP_IsNot : AOP_Is;
    case KW_NOT:
        if (!at_next(p, KW_IN))
            return AOP_COUNT;
        parse_advance(p);
        op = AOP_NotIn;
        break;
    }
    if (op != AOP_COUNT)
        parse_advance(p);
    return op;
}

static struct node *parse_comparison(struct parser *p)
{
    const struct token *start = p->tok;
    struct node *left = parse_bitor(p);
    uint8_t ops[512];
    uint32_t count = 0, mark = p->pile_count;
    enum ast_operator op;
    while (left && (op = comparison_operator(p)) != AOP_COUNT) {
        if (count == sizeof ops)
            return front_fail(p->f, FRONT_MEMORY, pos_of(p->tok), "too many comparisons in one chain"), NULL;
        ops[count++] = (uint8_t)op;
        if (!pile_push(p, parse_bitor(p)))
            return NULL;
    }
    if (!left || count == 0)
        return left;
    struct node *n = ast_new(p->f, AST_Compare, pos_since(p, start));
    if (!n || !pile_take(p, mark, &n->Compare.comparators))
        return NULL;
    n->Compare.left = left;
    n->Compare.ops.count = count;
    n->Compare.ops.items = (uint8_t *)arena_copy(&p->f->arena, (char *)ops, count);
    return n->Compare.ops.items ? n : NULL;
}

static struct node *parse_not(struct parser *p)
{
    const struct token *start = p->tok;
    if (!at(p, KW_NOT))
        return parse_comparison(p);
    if (!parse_enter(p))
        return NULL;
    parse_advance(p);
    struct node *operand = parse_not(p);
    parse_leave(p);
    struct node *n = operand ? ast_new(p->f, AST_UnaryOp, pos_since(p, start)) : NULL;
    if (n) {
        n->UnaryOp.op = AOP_Not;
        n->UnaryOp.operand = operand;
    }
    return n;
}

static struct node *bool_chain(struct parser *p, enum token_kind word, enum ast_operator op, struct node *(*operand)(struct parser *))
{
    const struct token *start = p->tok;
    struct node *first = operand(p);
    if (!first || !at(p, word))
        return first;
    uint32_t mark = p->pile_count;
    if (!pile_push(p, first))
        return NULL;
    while (accept(p, word))
        if (!pile_push(p, operand(p)))
            return NULL;
    struct node *n = ast_new(p->f, AST_BoolOp, pos_since(p, start));
    if (!n || !pile_take(p, mark, &n->BoolOp.values))
        return NULL;
    n->BoolOp.op = op;
    return n;
}

static struct node *parse_conjunction(struct parser *p)
{
    return bool_chain(p, KW_AND, AOP_And, parse_not);
}

struct node *parse_disjunction(struct parser *p)
{
    return bool_chain(p, KW_OR, AOP_Or, parse_conjunction);
}

/* ---- lambda, conditional ---- */

static struct node *parse_lambda(struct parser *p)
{
    const struct token *start = p->tok;
    parse_advance(p);
    struct node *args = parse_parameters(p, TOK_COLON, false);
    if (!args || !expect(p, TOK_COLON))
        return NULL;
    struct node *body = parse_expression(p);
    struct node *n = body ? ast_new(p->f, AST_Lambda, pos_since(p, start)) : NULL;
    if (n) {
        n->Lambda.args = args;
        n->Lambda.body = body;
    }
    return n;
}

static bool is_soft_keyword(const struct token *t)
{
    return t->kind == TOK_NAME && (name_is(t->name, "match") || name_is(t->name, "case") || name_is(t->name, "_"));
}

/* Two expressions side by side: say so. Called when the plain error is certain, to word it better. */
static void explain_juxtaposition(struct parser *p, const struct token *start, struct node *a)
{
    bool legacy = a->kind == AST_Name && !a->parens && (name_is(a->Name.id, "print") || name_is(a->Name.id, "exec"));
    if (!legacy && (is_soft_keyword(start) || (start->kind == TOK_NAME && start[1].kind == TOK_STRING)))
        return;
    struct parse_mark m = parse_mark(p);
    struct node *b = legacy ? parse_star_expressions(p) : parse_disjunction(p);
    bool inside = p->fstring_depth > 0 || (p->tok > m.tok && p->tok[-1].level > 0);
    if (!b && p->f->error.kind != FRONT_NONE && !p->generic && m.tok->level > 0)
        return;
    parse_reset(p, m);
    if (!b)
        return;
    if (legacy)
        parse_fail(p, pos_range(a->pos, b->pos), "Missing parentheses in call to '%s'. Did you mean %s(...)?",
                   a->Name.id->text, a->Name.id->text);
    else if (inside)
        parse_fail(p, pos_range(a->pos, b->pos), "invalid syntax. Perhaps you forgot a comma?");
}

static struct node *conditional(struct parser *p, const struct token *start, struct node *body)
{
    parse_advance(p);
    struct node *test = parse_disjunction(p);
    if (!test)
        return NULL;
    if (!accept(p, KW_ELSE)) {
        if (at(p, TOK_COLON))
            return parse_invalid(p);
        return parse_fail(p, pos_range(body->pos, test->pos), "expected 'else' after 'if' expression");
    }
    struct node *orelse = parse_expression(p);
    struct node *n = orelse ? ast_new(p->f, AST_IfExp, pos_since(p, start)) : NULL;
    if (n) {
        n->IfExp.test = test;
        n->IfExp.body = body;
        n->IfExp.orelse = orelse;
    }
    return n;
}

struct node *parse_expression(struct parser *p)
{
    const struct token *start = p->tok;
    if (!parse_enter(p))
        return NULL;
    struct node *n;
    if (at(p, KW_LAMBDA)) {
        n = parse_lambda(p);
    } else {
        n = parse_disjunction(p);
        if (n && at(p, KW_IF))
            n = conditional(p, start, n);
        else if (n && starts_expression(p->tok))
            explain_juxtaposition(p, start, n);
        if (p->f->error.kind != FRONT_NONE)
            n = NULL;
    }
    parse_leave(p);
    return n;
}

/* ---- walrus, star, comma lists ---- */

static struct node *walrus(struct parser *p)
{
    const struct token *start = p->tok;
    struct node *target = ast_new(p->f, AST_Name, pos_of(start));
    if (!target)
        return NULL;
    target->Name.id = start->name;
    target->Name.ctx = AST_STORE;
    parse_advance(p);
    parse_advance(p);
    struct node *value = parse_expression(p);
    struct node *n = value ? ast_new(p->f, AST_NamedExpr, pos_since(p, start)) : NULL;
    if (n) {
        n->NamedExpr.target = target;
        n->NamedExpr.value = value;
    }
    return n;
}

/* `a = b` where an expression must stand: which operator was meant? */
static void *explain_equal(struct parser *p, struct node *a)
{
    struct parse_mark m = parse_mark(p);
    parse_advance(p);
    struct node *b = parse_bitor(p);
    bool again = at(p, TOK_EQUAL) || at(p, TOK_COLONEQUAL);
    parse_reset(p, m);
    if (!b || again)
        return parse_invalid(p);
    if (a->kind == AST_Name && !a->parens)
        return parse_fail(p, pos_range(a->pos, b->pos), "invalid syntax. Maybe you meant '==' or ':=' instead of '='?");
    bool literal = a->kind == AST_Constant && (a->Constant.value.kind == CONST_TRUE || a->Constant.value.kind == CONST_FALSE ||
                                               a->Constant.value.kind == CONST_NONE);
    bool loose = a->kind == AST_BoolOp || a->kind == AST_Compare || a->kind == AST_IfExp || a->kind == AST_Lambda ||
                 (a->kind == AST_UnaryOp && a->UnaryOp.op == AOP_Not);
    if (a->kind == AST_List || a->kind == AST_Tuple || a->kind == AST_GeneratorExp || literal || (loose && !a->parens))
        return parse_invalid(p);
    return parse_fail(p, a->pos, "cannot assign to %s here. Maybe you meant '==' instead of '='?", ast_describe(a));
}

struct node *parse_named(struct parser *p)
{
    if (at(p, TOK_NAME) && at_next(p, TOK_COLONEQUAL))
        return walrus(p);
    struct node *n = parse_expression(p);
    if (n && at(p, TOK_COLONEQUAL))
        return parse_fail(p, n->pos, "cannot use assignment expressions with %s", ast_describe(n));
    if (n && at(p, TOK_EQUAL))
        return explain_equal(p, n);
    return n;
}

static struct node *starred(struct parser *p)
{
    const struct token *start = p->tok;
    parse_advance(p);
    struct node *value = parse_bitor(p);
    struct node *n = value ? ast_new(p->f, AST_Starred, pos_since(p, start)) : NULL;
    if (n)
        n->Starred.value = value;
    return n;
}

struct node *parse_star_named(struct parser *p)
{
    return at(p, TOK_STAR) ? starred(p) : parse_named(p);
}

struct node *parse_star_expression(struct parser *p)
{
    return at(p, TOK_STAR) ? starred(p) : parse_expression(p);
}

struct node *parse_star_expressions(struct parser *p)
{
    const struct token *start = p->tok;
    struct node *first = parse_star_expression(p);
    if (!first || !at(p, TOK_COMMA))
        return first;
    uint32_t mark = p->pile_count;
    if (!pile_push(p, first))
        return NULL;
    while (accept(p, TOK_COMMA) && !ends_list(p))
        if (!pile_push(p, parse_star_expression(p)))
            return NULL;
    struct node *n = ast_new(p->f, AST_Tuple, pos_since(p, start));
    return n && pile_take(p, mark, &n->Tuple.elts) ? n : NULL;
}

struct node *parse_yield(struct parser *p)
{
    const struct token *start = p->tok;
    parse_advance(p);
    if (accept(p, KW_FROM)) {
        struct node *value = parse_expression(p);
        struct node *n = value ? ast_new(p->f, AST_YieldFrom, pos_since(p, start)) : NULL;
        if (n)
            n->YieldFrom.value = value;
        return n;
    }
    struct node *value = NULL;
    if (!ends_list(p) && !(value = parse_star_expressions(p)))
        return NULL;
    struct node *n = ast_new(p->f, AST_Yield, pos_since(p, start));
    if (n)
        n->Yield.value = value;
    return n;
}
