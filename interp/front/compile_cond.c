// SPDX-License-Identifier: Apache-2.0
// Comparisons as values and every condition as a jump: and, or, not, chains, the fused compare-and-branch forms.
// It leaves other expressions to compile_expr.c.
#include "compile.h"

/* ---- operators ---- */

static enum opcode compare_opcode(enum ast_operator op)
{
    switch ((int)op) {
    case AOP_Lt: return OP_LT;
    case AOP_LtE: return OP_LE;
    case AOP_Eq: return OP_EQ;
    case AOP_NotEq: return OP_NE;
    case AOP_Gt: return OP_GT;
    case AOP_GtE: return OP_GE;
    case AOP_Is: return OP_IS;
    case AOP_IsNot: return OP_ISNOT;
    case AOP_In: return OP_IN;
    }
    return OP_NOTIN;
}

static enum opcode jump_opcode(enum ast_operator op, bool when)
{
    switch ((int)op) {
    case AOP_Lt: return when ? OP_JLT : OP_JNLT;
    case AOP_LtE: return when ? OP_JLE : OP_JNLE;
    case AOP_Eq: return when ? OP_JEQ : OP_JNEQ;
    case AOP_NotEq: return when ? OP_JNE : OP_JNNE;
    case AOP_Gt: return when ? OP_JGT : OP_JNGT;
    case AOP_GtE: return when ? OP_JGE : OP_JNGE;
    case AOP_Is: return when ? OP_JIS : OP_JISNOT;
    case AOP_IsNot: return when ? OP_JISNOT : OP_JIS;
    case AOP_In: return when ? OP_JIN : OP_JNOTIN;
    }
    return when ? OP_JNOTIN : OP_JIN;
}

/* The form with an immediate right operand; OP_NOP if there is none. */
static enum opcode jump_immediate(enum ast_operator op, bool when)
{
    switch ((int)op) {
    case AOP_Lt: return when ? OP_JLTI : OP_JNLTI;
    case AOP_LtE: return when ? OP_JLEI : OP_JNLEI;
    case AOP_Eq: return when ? OP_JEQI : OP_JNEQI;
    case AOP_NotEq: return when ? OP_JNEI : OP_JNNEI;
    case AOP_Gt: return when ? OP_JGTI : OP_JNGTI;
    case AOP_GtE: return when ? OP_JGEI : OP_JNGEI;
    }
    return OP_NOP;
}

static bool is_literal(const struct node *n)
{
    if (n->kind == AST_Tuple || n->kind == AST_List || n->kind == AST_Set || n->kind == AST_Dict)
        return false;
    if (n->kind != AST_Constant)
        return false;
    enum constant_kind k = n->Constant.value.kind;
    return k == CONST_INT || k == CONST_FLOAT || k == CONST_IMAG || k == CONST_STR || k == CONST_BYTES || k == CONST_OBJECT;
}

static void identity_warning(struct compiler *c, const struct node *n)
{
    const struct node *left = n->Compare.left;
    for (uint32_t i = 0; i < n->Compare.ops.count; i++) {
        const struct node *right = n->Compare.comparators.items[i];
        uint8_t op = n->Compare.ops.items[i];
        if ((op == AOP_Is || op == AOP_IsNot) && (is_literal(left) || is_literal(right))) {
            const char *text = op == AOP_Is ? "\"is\" with a literal. Did you mean \"==\"?" : "\"is not\" with a literal. Did you mean \"!=\"?";
            if (!compile_warn(c, n->pos, "%s", text))
                c->failed = true;
            return;
        }
        left = right;
    }
}

/* `x in [1, 2]`: nobody can see whether the display is a tuple. */
static void constant_container(struct compiler *c, enum ast_operator op, struct node *n)
{
    if ((op != AOP_In && op != AOP_NotIn) || n->kind != AST_List)
        return;
    for (uint32_t i = 0; i < n->List.elts.count; i++)
        if (n->List.elts.items[i]->kind != AST_Constant)
            return;
    n->kind = AST_Tuple;
    fold(c, n);
}

/* ---- chains ---- */

/* An operand in the middle of a chain is used twice: on the right, then on the left. */
struct middle { struct node *constant; int reg; bool temporary; };

static struct middle middle_operand(struct compiler *c, struct node *n)
{
    fold(c, n);
    if (n->kind == AST_Constant)
        return (struct middle){n, -1, false};
    int reg = expr_held(c, n);
    return (struct middle){NULL, reg, !unit_is_local(c, reg)};
}

static int as_right(struct compiler *c, const struct middle *m)
{
    if (m->constant)
        return expr_push(c, m->constant);
    if (!m->temporary)
        return m->reg;
    int alias = unit_push(c);
    emit(c, OP_BORROW, alias, m->reg, 0);
    return alias;
}

static int as_left(struct compiler *c, const struct middle *m)
{
    return m->constant ? expr_push(c, m->constant) : m->reg;
}

typedef void link_fn(struct compiler *c, struct node *n, enum ast_operator op, int left, int right, bool last, void *arg);

static bool rests(struct compiler *c, struct node *n)
{
    fold(c, n);
    return n->kind == AST_Constant || (n->kind == AST_Name && !c->u->scope->has_walrus && name_register(c, n->Name.id) >= 0);
}

static bool all_rest(struct compiler *c, const struct node *n)
{
    const struct node_list *l = &n->Compare.comparators;
    for (uint32_t i = 0; i + 1 < l->count; i++)
        if (!rests(c, l->items[i]))
            return false;
    return true;
}

/* Walks a chain in which all middle operands rest, or the only one does not; `link` emits each comparison. Returns the register of
 * that one, which must be dropped when the chain ends early, or -1. */
static int chain(struct compiler *c, struct node *n, link_fn *link, void *arg)
{
    const struct node_list *l = &n->Compare.comparators;
    int left = expr_held(c, n->Compare.left), held = -1;
    for (uint32_t i = 0; i < l->count; i++) {
        enum ast_operator op = (enum ast_operator)n->Compare.ops.items[i];
        constant_container(c, op, l->items[i]);
        if (i + 1 == l->count) {
            link(c, n, op, left, expr(c, l->items[i]), true, arg);
            break;
        }
        struct middle m = middle_operand(c, l->items[i]);
        link(c, n, op, left, as_right(c, &m), false, arg);
        held = m.temporary ? m.reg : held;
        left = as_left(c, &m);
    }
    return held;
}

static bool simple_chain(struct compiler *c, struct node *n)
{
    return n->Compare.comparators.count == 2 || all_rest(c, n);
}

/* ---- as a value ---- */

struct value_chain { int t; struct label early; };

static void value_link(struct compiler *c, struct node *n, enum ast_operator op, int left, int right, bool last, void *arg)
{
    struct value_chain *v = arg;
    unit_at(c, n);
    emit(c, compare_opcode(op), v->t, left, right);
    if (!last)
        emit_jump(c, OP_JFKEEP, v->t, 0, &v->early);
}

/* Long chains with operands that must be kept: one pair after the other, each middle operand moved down to one register. */
static void long_chain(struct compiler *c, struct node *n, int t, struct label *early, int kept)
{
    const struct node_list *l = &n->Compare.comparators;
    expr_into(c, n->Compare.left, kept);
    for (uint32_t i = 0; i < l->count; i++) {
        unsigned base = c->u->top;
        int right = expr_push(c, l->items[i]);
        bool last = i + 1 == l->count;
        int alias = last ? right : unit_push(c);
        if (!last)
            emit(c, OP_BORROW, alias, right, 0);
        unit_at(c, n);
        emit(c, compare_opcode((enum ast_operator)n->Compare.ops.items[i]), t, kept, alias);
        if (!last) {
            emit(c, OP_MOVE, kept, right, 0);
            emit_jump(c, OP_JFKEEP, t, 0, early);
        }
        c->u->top = base;
    }
}

static void chain_into(struct compiler *c, struct node *n, int dst)
{
    struct value_chain v = {.t = unit_is_local(c, dst) ? unit_push(c) : dst, .early = LABEL};
    struct label end = LABEL;
    int held;
    if (simple_chain(c, n)) {
        held = chain(c, n, value_link, &v);
    } else {
        held = unit_push(c);
        long_chain(c, n, v.t, &v.early, held);
    }
    if (held >= 0) {
        emit_jump(c, OP_JMP, 0, 0, &end);
        emit_bind(c, &v.early);
        emit(c, OP_DROP, held, 0, 0);
    } else {
        emit_bind(c, &v.early);
    }
    emit_bind(c, &end);
    if (v.t != dst)
        emit(c, OP_MOVE, dst, v.t, 0);
}

void compare_into(struct compiler *c, struct node *n, int dst)
{
    identity_warning(c, n);
    if (n->Compare.ops.count > 1) {
        chain_into(c, n, dst);
        return;
    }
    enum ast_operator op = (enum ast_operator)n->Compare.ops.items[0];
    struct node *right = n->Compare.comparators.items[0];
    constant_container(c, op, right);
    int l = expr_held(c, n->Compare.left), r = expr(c, right);
    unit_at(c, n);
    emit(c, compare_opcode(op), dst, l, r);
}

/* ---- as a jump ---- */

static bool none_test(struct compiler *c, struct node *n, bool when, struct label *to)
{
    enum ast_operator op = (enum ast_operator)n->Compare.ops.items[0];
    const struct node *right = n->Compare.comparators.items[0];
    if ((op != AOP_Is && op != AOP_IsNot) || right->kind != AST_Constant || right->Constant.value.kind != CONST_NONE)
        return false;
    int left = expr(c, n->Compare.left);
    unit_at(c, n);
    emit_jump(c, (op == AOP_Is) == when ? OP_JNONE : OP_JNNONE, left, 0, to);
    return true;
}

static void single_jump(struct compiler *c, struct node *n, bool when, struct label *to)
{
    enum ast_operator op = (enum ast_operator)n->Compare.ops.items[0];
    struct node *right = n->Compare.comparators.items[0];
    int small;
    fold(c, right);
    constant_container(c, op, right);
    if (none_test(c, n, when, to))
        return;
    if (jump_immediate(op, when) != OP_NOP && const_is_small(right, -32768, 32767, &small)) {
        int left = expr(c, n->Compare.left);
        unit_at(c, n);
        emit_jump_wide(c, jump_immediate(op, when), left, (uint32_t)small, to);
        return;
    }
    int l = expr_held(c, n->Compare.left), r = expr(c, right);
    unit_at(c, n);
    emit_jump(c, jump_opcode(op, when), l, r, to);
}

struct jump_chain { bool when; struct label *to, *early; };

static void jump_link(struct compiler *c, struct node *n, enum ast_operator op, int left, int right, bool last, void *arg)
{
    struct jump_chain *j = arg;
    unit_at(c, n);
    if (last)
        emit_jump(c, jump_opcode(op, j->when), left, right, j->to);
    else
        emit_jump(c, jump_opcode(op, false), left, right, j->early);
}

static void chain_jump(struct compiler *c, struct node *n, bool when, struct label *to)
{
    struct label end = LABEL, early = LABEL;
    struct jump_chain j = {when, to, !all_rest(c, n) ? &early : when ? &end : to};
    int held = chain(c, n, jump_link, &j);
    if (held >= 0) {
        emit_jump(c, OP_JMP, 0, 0, &end);
        emit_bind(c, &early);
        emit(c, OP_DROP, held, 0, 0);
        if (!when)
            emit_jump(c, OP_JMP, 0, 0, to);
    }
    emit_bind(c, &end);
}

static void compare_jump(struct compiler *c, struct node *n, bool when, struct label *to)
{
    identity_warning(c, n);
    if (n->Compare.ops.count == 1) {
        single_jump(c, n, when, to);
    } else if (simple_chain(c, n)) {
        chain_jump(c, n, when, to);
    } else {
        int t = unit_push(c);
        chain_into(c, n, t);
        emit_jump(c, when ? OP_JT : OP_JF, t, 0, to);
    }
}

static void bool_jump(struct compiler *c, struct node *n, bool when, struct label *to)
{
    const struct node_list *l = &n->BoolOp.values;
    bool decides = n->BoolOp.op == AOP_Or;      // the truth that ends the evaluation
    struct label past = LABEL;
    for (uint32_t i = 0; i < l->count; i++) {
        bool last = i + 1 == l->count;
        if (last || decides == when)
            cond_jump(c, l->items[i], when, to);
        else
            cond_jump(c, l->items[i], decides, &past);
    }
    emit_bind(c, &past);
}

void cond_jump(struct compiler *c, struct node *n, bool when, struct label *to)
{
    unsigned base = c->u->top;
    bool truth;
    if (c->failed)
        return;
    fold(c, n);
    if (fold_truth(n, &truth)) {
        if (truth == when)
            emit_jump(c, OP_JMP, 0, 0, to);
    } else if (n->kind == AST_UnaryOp && n->UnaryOp.op == AOP_Not) {
        cond_jump(c, n->UnaryOp.operand, !when, to);
    } else if (n->kind == AST_BoolOp) {
        bool_jump(c, n, when, to);
    } else if (n->kind == AST_Compare) {
        compare_jump(c, n, when, to);
    } else {
        int reg = expr(c, n);
        unit_at(c, n);
        emit_jump(c, when ? OP_JT : OP_JF, reg, 0, to);
    }
    c->u->top = base;
}
