// SPDX-License-Identifier: Apache-2.0
// Expressions into registers: names, operators, attributes, items, conditionals, yield and await.
// It leaves comparisons to compile_cond.c, displays and f-strings to compile_display.c, calls to compile_call.c.
#include "compile.h"

/* ---- constants ---- */

void load_const(struct compiler *c, const struct constant *k, int dst)
{
    struct node n = {.kind = AST_Constant};
    int small;
    n.Constant.value = *k;
    if (const_is_small(&n, -32768, 32767, &small))
        emit_wide(c, OP_LOADI, dst, (uint32_t)small);
    else if (!c->u->dead)
        emit_wide(c, OP_LOADK, dst, const_node(c, k));
}

void load_none(struct compiler *c, int dst)
{
    struct constant none = {.kind = CONST_NONE};
    load_const(c, &none, dst);
}

/* ---- operators ---- */

/* OP_BINARY for an operator without an instruction of its own; *nb its number. */
enum opcode binary_opcode(enum ast_operator op, bool inplace, unsigned *nb)
{
    static const struct { uint8_t nb, plain, inplace; } table[AOP_COUNT] = {
        [AOP_Add] = {NB_ADD, OP_ADD, OP_IADD}, [AOP_Sub] = {NB_SUB, OP_SUB, OP_ISUB}, [AOP_Mult] = {NB_MUL, OP_MUL, OP_IMUL},
        [AOP_Div] = {NB_TRUEDIV, OP_TRUEDIV, OP_BINARY}, [AOP_FloorDiv] = {NB_FLOORDIV, OP_FLOORDIV, OP_BINARY},
        [AOP_Mod] = {NB_MOD, OP_MOD, OP_BINARY}, [AOP_BitAnd] = {NB_AND, OP_AND, OP_BINARY}, [AOP_BitOr] = {NB_OR, OP_OR, OP_BINARY},
        [AOP_BitXor] = {NB_XOR, OP_XOR, OP_BINARY}, [AOP_LShift] = {NB_LSHIFT, OP_LSHIFT, OP_BINARY},
        [AOP_RShift] = {NB_RSHIFT, OP_RSHIFT, OP_BINARY}, [AOP_Pow] = {NB_POW, OP_BINARY, OP_BINARY},
        [AOP_MatMult] = {NB_MATMUL, OP_BINARY, OP_BINARY},
    };
    *nb = table[op].nb + (inplace ? NB_INPLACE : 0u);
    return (enum opcode)(inplace ? table[op].inplace : table[op].plain);
}

bool immediate_opcode(enum ast_operator op, bool inplace, enum opcode *out)
{
    switch ((int)op) {
    case AOP_Add: *out = inplace ? OP_IADDI : OP_ADDI; return true;
    case AOP_Sub: *out = inplace ? OP_ISUBI : OP_SUBI; return true;
    case AOP_Mult: *out = OP_MULI; return !inplace;
    case AOP_FloorDiv: *out = OP_FLOORDIVI; return !inplace;
    case AOP_Mod: *out = OP_MODI; return !inplace;
    case AOP_BitAnd: *out = OP_ANDI; return !inplace;
    case AOP_LShift: *out = OP_LSHIFTI; return !inplace;
    case AOP_RShift: *out = OP_RSHIFTI; return !inplace;
    }
    return false;
}

void emit_binary(struct compiler *c, enum ast_operator op, bool inplace, int dst, int left, int right)
{
    unsigned nb;
    enum opcode code = binary_opcode(op, inplace, &nb);
    if (code == OP_BINARY)
        emit_int(c, code, dst, left, right, nb);
    else
        emit(c, code, dst, left, right);
}

/* The variable's own register if n is a near local that nothing can change before its use, else -1. */
static int resting(struct compiler *c, struct node *n)
{
    if (n->kind != AST_Name || c->u->scope->has_walrus)
        return -1;
    return name_register(c, n->Name.id);
}

/* The first operand of an instruction that writes dst: in place, in dst when that is a temporary, else in a new one. */
static int first(struct compiler *c, struct node *n, int dst)
{
    int reg = resting(c, n);
    if (reg >= 0)
        return reg;
    if (unit_is_local(c, dst))
        return expr_push(c, n);
    expr_into(c, n, dst);
    return dst;
}

static void binary_into(struct compiler *c, struct node *n, int dst)
{
    int left = first(c, n->BinOp.left, dst), small;
    struct node *right = n->BinOp.right;
    enum opcode op;
    if (const_is_small(right, -128, 127, &small) && immediate_opcode(n->BinOp.op, false, &op)) {
        unit_at(c, n);
        emit(c, op, dst, left, small);
        return;
    }
    int r = expr(c, right);
    unit_at(c, n);
    emit_binary(c, n->BinOp.op, false, dst, left, r);
}

static void unary_into(struct compiler *c, struct node *n, int dst)
{
    int operand = first(c, n->UnaryOp.operand, dst);
    enum ast_operator op = n->UnaryOp.op;
    unit_at(c, n);
    emit(c, op == AOP_USub ? OP_NEG : op == AOP_UAdd ? OP_POS : op == AOP_Invert ? OP_INVERT : OP_NOT, dst, operand, 0);
}

static void bool_into(struct compiler *c, struct node *n, int dst)
{
    struct label end = LABEL;
    const struct node_list *l = &n->BoolOp.values;
    int t = unit_is_local(c, dst) ? unit_push(c) : dst;
    for (uint32_t i = 0; i < l->count; i++) {
        expr_into(c, l->items[i], t);
        if (i + 1 < l->count)
            emit_jump(c, n->BoolOp.op == AOP_And ? OP_JFKEEP : OP_JTKEEP, t, 0, &end);
    }
    emit_bind(c, &end);
    if (t != dst)
        emit(c, OP_MOVE, dst, t, 0);
}

static void conditional_into(struct compiler *c, struct node *n, int dst)
{
    struct label orelse = LABEL, end = LABEL;
    cond_jump(c, n->IfExp.test, false, &orelse);
    expr_into(c, n->IfExp.body, dst);
    emit_jump(c, OP_JMP, 0, 0, &end);
    emit_bind(c, &orelse);
    expr_into(c, n->IfExp.orelse, dst);
    emit_bind(c, &end);
}

/* ---- walrus ---- */

static void walrus_into(struct compiler *c, struct node *n, int dst)
{
    struct node *target = n->NamedExpr.target;
    int reg = name_register(c, target->Name.id);
    if (reg >= 0) {
        expr_into(c, n->NamedExpr.value, reg);
        if (reg != dst)
            emit(c, OP_MOVE, dst, reg, 0);
        return;
    }
    int t = unit_is_local(c, dst) ? unit_push(c) : dst;
    expr_into(c, n->NamedExpr.value, t);
    int copy = unit_push(c);
    emit(c, OP_DUP, copy, t, 0);
    store(c, target, copy);
    if (t != dst)
        emit(c, OP_MOVE, dst, t, 0);
}

/* ---- attributes, items ---- */

static void attribute_into(struct compiler *c, struct node *n, int dst)
{
    if (super_attribute(c, n, dst))
        return;
    int object = first(c, n->Attribute.value, dst);
    unit_at(c, n);
    emit_site(c, OP_GETATTR, dst, object, 0, compile_mangle(c, n->Attribute.attr));
}

static void bound_arg(struct compiler *c, struct node *n, int dst)
{
    if (n)
        expr_arg(c, n, dst);
    else
        load_none(c, dst);
}

static void slice_into(struct compiler *c, struct node *n, int dst)
{
    unsigned count = n->Slice.step ? 3 : 2;
    int base = unit_push(c);
    bound_arg(c, n->Slice.lower, base);
    bound_arg(c, n->Slice.upper, unit_push(c));
    if (n->Slice.step)
        bound_arg(c, n->Slice.step, unit_push(c));
    unit_at(c, n);
    emit(c, OP_SLICE, dst, base, (int)count);
}

/* The type that an expression surely has, as far as its syntax tells; NULL: unknown. */
static const char *surely(const struct node *n)
{
    static const char *const constants[] = {"NoneType", "bool", "bool", "ellipsis", "int", "float", "complex", "str", "bytes", "object"};
    switch ((int)n->kind) {
    case AST_Tuple: return "tuple";
    case AST_List: case AST_ListComp: return "list";
    case AST_Dict: case AST_DictComp: return "dict";
    case AST_Set: case AST_SetComp: return "set";
    case AST_GeneratorExp: return "generator";
    case AST_Lambda: return "function";
    case AST_JoinedStr: case AST_FormattedValue: return "str";
    case AST_Constant: return n->Constant.value.kind == CONST_OBJECT ? NULL : constants[n->Constant.value.kind];
    default: return NULL;
    }
}

/* [1, 2][3, 4]: a sequence with an index that cannot be one. */
static void index_warning(struct compiler *c, const struct node *n)
{
    const char *of = surely(n->Subscript.value), *index = surely(n->Subscript.slice);
    static const char *const sequences[] = {"str", "bytes", "tuple", "list"};
    bool sequence = false;
    for (unsigned i = 0; of && i < sizeof sequences / sizeof *sequences; i++)
        sequence |= !strcmp(of, sequences[i]);
    if (!sequence || !index || !strcmp(index, "int") || !strcmp(index, "bool"))
        return;
    if (!compile_warn(c, n->pos, "%s indices must be integers or slices, not %s; perhaps you missed a comma?", of, index))
        c->failed = true;
}

static void subscript_warnings(struct compiler *c, const struct node *n)
{
    const struct node *v = n->Subscript.value;
    bool number = v->kind == AST_Constant && v->Constant.value.kind != CONST_STR && v->Constant.value.kind != CONST_BYTES &&
                  v->Constant.value.kind != CONST_OBJECT;
    const char *type = v->kind == AST_Set || v->kind == AST_SetComp ? "set" : v->kind == AST_GeneratorExp ? "generator"
                     : v->kind == AST_Lambda ? "function" : NULL;
    if (number) {
        static const char *const names[] = {"NoneType", "bool", "bool", "ellipsis", "int", "float", "complex"};
        type = names[v->Constant.value.kind];
    }
    if (type && !compile_warn(c, n->pos, "'%s' object is not subscriptable; perhaps you missed a comma?", type))
        c->failed = true;
    index_warning(c, n);
}

static void subscript_into(struct compiler *c, struct node *n, int dst)
{
    int small;
    subscript_warnings(c, n);
    int object = first(c, n->Subscript.value, dst);
    fold(c, n->Subscript.slice);
    if (const_is_small(n->Subscript.slice, -128, 127, &small)) {
        unit_at(c, n);
        emit(c, OP_GETITEMI, dst, object, small);
        return;
    }
    int index = expr(c, n->Subscript.slice);
    unit_at(c, n);
    emit(c, OP_GETITEM, dst, object, index);
}

/* ---- suspension ---- */

/* Drive the iterator in temporary reg to its end; reg becomes the result. */
void expr_await(struct compiler *c, int reg)
{
    unsigned base = c->u->top;
    struct label done = LABEL;
    int sent = unit_push(c);
    load_none(c, sent);
    emit_jump(c, OP_SEND, reg, sent, &done);
    emit_bind(c, &done);
    emit(c, OP_MOVE, reg, sent, 0);
    c->u->top = base;
}

static bool in_async(const struct compiler *c)
{
    return (c->u->flags & (CODE_COROUTINE | CODE_ASYNC_GENERATOR)) != 0;
}

static void await_into(struct compiler *c, struct node *n, int dst)
{
    if (!in_async(c)) {
        compile_fail(c, n, symtab_is_function(c->u->scope) ? "'await' outside async function" : "'await' outside function");
        return;
    }
    int t = unit_is_local(c, dst) ? unit_push(c) : dst;
    expr_into(c, n->Await.value, t);
    unit_at(c, n);
    emit(c, OP_AWAITABLE, t, t, 0);
    expr_await(c, t);
    if (t != dst)
        emit(c, OP_MOVE, dst, t, 0);
}

static bool may_yield(struct compiler *c, struct node *n)
{
    if (!symtab_is_function(c->u->scope))
        return compile_fail(c, n, "'yield' outside function");
    return n->kind != AST_YieldFrom || !(c->u->flags & (CODE_ASYNC_GENERATOR | CODE_COROUTINE)) ||
           compile_fail(c, n, "'yield from' inside async function");
}

static void yield_into(struct compiler *c, struct node *n, int dst)
{
    if (!may_yield(c, n))
        return;
    int t = unit_is_local(c, dst) ? unit_push(c) : dst;
    if (n->kind == AST_YieldFrom) {
        expr_into(c, n->YieldFrom.value, t);
        unit_at(c, n);
        emit(c, OP_YIELDITER, t, t, 0);
        expr_await(c, t);
        if (t != dst)
            emit(c, OP_MOVE, dst, t, 0);
        return;
    }
    int v = n->Yield.value ? first(c, n->Yield.value, t) : t;
    if (!n->Yield.value)
        load_none(c, t);
    unit_at(c, n);
    emit(c, OP_YIELD, dst, v, 0);
}

/* ---- the switch ---- */

static void name_into(struct compiler *c, struct node *n, int dst)
{
    unit_at(c, n);
    name_load(c, n->Name.id, dst);
}

static void kind_into(struct compiler *c, struct node *n, int dst)
{
    switch ((int)n->kind) {
    case AST_Constant: load_const(c, &n->Constant.value, dst); return;
    case AST_Name: name_into(c, n, dst); return;
    case AST_BinOp: binary_into(c, n, dst); return;
    case AST_UnaryOp: unary_into(c, n, dst); return;
    case AST_BoolOp: bool_into(c, n, dst); return;
    case AST_IfExp: conditional_into(c, n, dst); return;
    case AST_NamedExpr: walrus_into(c, n, dst); return;
    case AST_Compare: compare_into(c, n, dst); return;
    case AST_Attribute: attribute_into(c, n, dst); return;
    case AST_Subscript: subscript_into(c, n, dst); return;
    case AST_Slice: slice_into(c, n, dst); return;
    case AST_Call: call_into(c, n, dst); return;
    case AST_List: case AST_Tuple: case AST_Set: case AST_Dict: display_into(c, n, dst); return;
    case AST_JoinedStr: case AST_FormattedValue: joined_into(c, n, dst); return;
    case AST_Lambda: function_into(c, n, dst); return;
    case AST_ListComp: case AST_SetComp: case AST_DictComp: case AST_GeneratorExp: comprehension_into(c, n, dst); return;
    case AST_Await: await_into(c, n, dst); return;
    case AST_Yield: case AST_YieldFrom: yield_into(c, n, dst); return;
    case AST_Starred: compile_fail(c, n, "can't use starred expression here"); return;
    }
    compile_fail(c, n, "expression of kind %s cannot be compiled", ast_shape((enum ast_kind)n->kind)->name);
}

/* An owned value in dst: a local, or the temporary taken last. */
void expr_into(struct compiler *c, struct node *n, int dst)
{
    unsigned base = c->u->top;
    if (c->failed)
        return;
    if (++c->u->expr_depth > SCOPE_MAX_DEPTH) {
        front_fail(c->f, FRONT_RECURSION, n->pos, "maximum recursion depth exceeded during compilation");
        c->failed = true;
        return;
    }
    fold(c, n);
    unit_at(c, n);
    kind_into(c, n, dst);
    c->u->expr_depth--;
    c->u->top = base;
}

int expr_push(struct compiler *c, struct node *n)
{
    int dst = unit_push(c);
    expr_into(c, n, dst);
    return dst;
}

/* Any register; a near local stays where it is. */
int expr(struct compiler *c, struct node *n)
{
    int reg = -1;
    if (n->kind == AST_Name)
        reg = name_register(c, n->Name.id);
    if (n->kind == AST_NamedExpr && (reg = name_register(c, n->NamedExpr.target->Name.id)) >= 0)
        expr_into(c, n->NamedExpr.value, reg);
    return reg >= 0 ? reg : expr_push(c, n);
}

/* The same for an operand that is used only after others are evaluated. */
int expr_held(struct compiler *c, struct node *n)
{
    return c->u->scope->has_walrus ? expr_push(c, n) : expr(c, n);
}

/* Into a call window or a range: a near local is lent, not counted. */
void expr_arg(struct compiler *c, struct node *n, int dst)
{
    int reg = resting(c, n);
    if (reg < 0) {
        expr_into(c, n, dst);
        return;
    }
    unit_at(c, n);
    emit(c, OP_BORROW, dst, reg, 0);
}
