// SPDX-License-Identifier: Apache-2.0
// Simple statements, and the switch over all statements.
// It leaves loops, return and leaving blocks to compile_flow.c, try and with to compile_try.c, match to compile_match.c.
#include "compile.h"

#include <string.h>

/* ---- assignment ---- */

/* a = b = value */
static void chained_assignment(struct compiler *c, struct node *n)
{
    const struct node_list *l = &n->Assign.targets;
    struct node *first = l->items[0];
    int reg = first->kind == AST_Name ? name_register(c, first->Name.id) : -1;
    uint32_t i = 0;
    if (reg >= 0) {
        store_expr(c, first, n->Assign.value);
        i = 1;
        for (uint32_t k = 1; k < l->count; k++)
            if (l->items[k]->kind != AST_Name)
                reg = -1;
        for (; reg >= 0 && i < l->count; i++)
            store(c, l->items[i], reg);
        if (i == l->count)
            return;
    }
    unsigned base = c->u->top;
    int t = i ? expr_push(c, first) : expr_push(c, n->Assign.value);
    for (; i < l->count; i++) {
        if (i + 1 == l->count) {
            store(c, l->items[i], t);
            break;
        }
        int copy = unit_push(c);
        emit(c, OP_DUP, copy, t, 0);
        store(c, l->items[i], copy);
        c->u->top = (unsigned)t + 1;
    }
    c->u->top = base;
}

static void assign(struct compiler *c, struct node *n)
{
    if (n->Assign.targets.count == 1)
        store_expr(c, n->Assign.targets.items[0], n->Assign.value);
    else
        chained_assignment(c, n);
}

static void augment(struct compiler *c, struct node *n, int dst, int left)
{
    struct node *right = n->AugAssign.value;
    enum opcode op;
    int small;
    fold(c, right);
    if (const_is_small(right, -128, 127, &small) && immediate_opcode(n->AugAssign.op, true, &op)) {
        unit_at(c, n);
        emit(c, op, dst, left, small);
        return;
    }
    int r = expr(c, right);
    unit_at(c, n);
    emit_binary(c, n->AugAssign.op, true, dst, left, r);
}

static void augment_name(struct compiler *c, struct node *n)
{
    struct node *target = n->AugAssign.target;
    int reg = name_register(c, target->Name.id);
    if (reg >= 0 && !c->u->scope->has_walrus) {
        augment(c, n, reg, reg);
        return;
    }
    int t = unit_push(c);
    unit_at(c, target);
    name_load(c, target->Name.id, t);
    augment(c, n, t, t);
    unit_at(c, target);
    name_store(c, target, target->Name.id, t);
}

/* self.v += 1 in one instruction, when reading the right side cannot change self.v. */
static bool fused_attribute(struct compiler *c, struct node *n, int object)
{
    struct node *value = n->AugAssign.value;
    int small;
    if (n->AugAssign.op != AOP_Add)
        return false;
    fold(c, value);
    struct name *name = compile_mangle(c, n->AugAssign.target->Attribute.attr);
    if (const_is_small(value, -128, 127, &small)) {
        emit_site(c, OP_IADDATTRI, object, small, 0, name);
        return true;
    }
    bool still = value->kind == AST_Constant || (value->kind == AST_Name && name_register(c, value->Name.id) >= 0);
    if (!still)
        return false;
    int r = expr(c, value);
    unit_at(c, n);
    emit_site(c, OP_IADDATTR, object, r, 0, name);
    return true;
}

static int alias_of(struct compiler *c, int reg)
{
    int alias = unit_push(c);
    emit(c, OP_BORROW, alias, reg, 0);
    return alias;
}

static void augment_attribute(struct compiler *c, struct node *n)
{
    struct node *target = n->AugAssign.target;
    struct name *name = compile_mangle(c, target->Attribute.attr);
    int object = expr_held(c, target->Attribute.value);
    unit_at(c, n);
    if (name_is(target->Attribute.attr, "__debug__"))
        compile_fail(c, target, "cannot assign to __debug__");
    if (fused_attribute(c, n, object))
        return;
    int t = unit_is_local(c, object) ? unit_push(c) : alias_of(c, object);
    unit_at(c, target);
    emit_site(c, OP_GETATTR, t, unit_is_local(c, object) ? object : t, 0, name);
    augment(c, n, t, t);
    unit_at(c, target);
    emit_site(c, OP_SETATTR, object, t, 0, name);
}

static void augment_item(struct compiler *c, struct node *n)
{
    struct node *target = n->AugAssign.target;
    int object = expr_held(c, target->Subscript.value);
    int index = expr_held(c, target->Subscript.slice);
    int t = unit_is_local(c, object) ? object : alias_of(c, object);
    int i = unit_is_local(c, index) ? index : alias_of(c, index);
    int item = !unit_is_local(c, t) ? t : !unit_is_local(c, i) ? i : unit_push(c);
    unit_at(c, target);
    emit(c, OP_GETITEM, item, t, i);
    augment(c, n, item, item);
    unit_at(c, target);
    emit(c, OP_SETITEM, object, index, item);
}

static void augmented_assignment(struct compiler *c, struct node *n)
{
    switch ((int)n->AugAssign.target->kind) {
    case AST_Name: augment_name(c, n); return;
    case AST_Attribute: augment_attribute(c, n); return;
    case AST_Subscript: augment_item(c, n); return;
    }
    compile_fail(c, n, "invalid node type for augmented assignment");
}

/* ---- annotated assignment ---- */

static struct node *annotation_value(struct compiler *c, struct node *n)
{
    struct node *a = n->AnnAssign.annotation;
    return c->f->flags & FRONT_ANNOTATIONS ? unparse(c->f, a) : a;
}

static void evaluate(struct compiler *c, struct node *n)
{
    unsigned base = c->u->top;
    int reg = expr(c, n);
    emit_drop(c, reg);
    c->u->top = base;
}

static void record_annotation(struct compiler *c, struct node *n)
{
    struct name *m = compile_mangle(c, n->AnnAssign.target->Name.id);
    struct node *a = annotation_value(c, n);
    if (!m || !a) {
        compile_memory(c);
        return;
    }
    int v = expr_push(c, a), dict = unit_push(c), key = unit_push(c);
    unit_at(c, n);
    emit_site(c, OP_LDNAME, dict, 0, 0, compile_name(c, "__annotations__"));
    struct constant k = {.kind = CONST_STR, .text = m->text, .len = m->len};
    load_const(c, &k, key);
    emit(c, OP_SETITEM, dict, key, v);
}

static void annotated_assignment(struct compiler *c, struct node *n)
{
    struct node *target = n->AnnAssign.target;
    bool namespace = !symtab_is_function(c->u->scope);
    if (name_is(target->kind == AST_Name ? target->Name.id : target->kind == AST_Attribute ? target->Attribute.attr : NULL, "__debug__"))
        compile_fail(c, target, "cannot assign to __debug__");
    if (n->AnnAssign.value)
        store_expr(c, target, n->AnnAssign.value);
    if (target->kind == AST_Name) {
        if (n->AnnAssign.simple && namespace)
            record_annotation(c, n);
    } else if (!n->AnnAssign.value) {
        evaluate(c, target->kind == AST_Attribute ? target->Attribute.value : target->Subscript.value);
        if (target->kind == AST_Subscript)
            evaluate(c, target->Subscript.slice);
    }
    if (!n->AnnAssign.simple && namespace && !(c->f->flags & FRONT_ANNOTATIONS))
        evaluate(c, n->AnnAssign.annotation);
}

/* ---- imports ---- */

static void import_module(struct compiler *c, struct node *n, struct name *module, int level, struct node_list *from, int dst)
{
    unsigned base = c->u->top;
    int args = unit_push(c), list = unit_push(c);
    emit_wide(c, OP_LOADI, args, (uint32_t)level);
    if (from) {
        struct node *tuple = ast_new(c->f, AST_Tuple, n->pos);
        if (!tuple) {
            compile_memory(c);
            return;
        }
        tuple->Tuple.elts = *from;
        expr_into(c, tuple, list);
    } else {
        load_none(c, list);
    }
    unit_at(c, n);
    emit_site(c, OP_IMPORT, dst, args, 2, module);
    c->u->top = base;
}

/* import a.b.c as x: walk down from what __import__ gives, the top package. */
static void import_as(struct compiler *c, struct node *n, struct node *a, int t)
{
    const char *dot = strchr(a->alias.name->text, '.');
    while (dot) {
        const char *next = strchr(dot + 1, '.');
        struct name *part = names_intern(&c->f->names, dot + 1, next ? (size_t)(next - dot - 1) : strlen(dot + 1));
        unsigned base = c->u->top;
        int below = unit_push(c);
        unit_at(c, n);
        emit_site(c, OP_IMPORTFROM, below, t, 0, part);
        emit(c, OP_MOVE, t, below, 0);
        c->u->top = base;
        dot = next;
    }
    name_store(c, n, a->alias.asname, t);
}

static void import_statement(struct compiler *c, struct node *n)
{
    for (uint32_t i = 0; i < n->Import.names.count; i++) {
        struct node *a = n->Import.names.items[i];
        unsigned base = c->u->top;
        int t = unit_push(c);
        import_module(c, n, a->alias.name, 0, NULL, t);
        if (a->alias.asname) {
            import_as(c, n, a, t);
        } else {
            const char *dot = strchr(a->alias.name->text, '.');
            struct name *top = dot ? names_intern(&c->f->names, a->alias.name->text, (size_t)(dot - a->alias.name->text)) : a->alias.name;
            name_store(c, n, top, t);
        }
        c->u->top = base;
    }
}

static struct node_list *from_list(struct compiler *c, const struct node *n)
{
    struct node_list *l = arena_alloc(&c->f->arena, sizeof *l);
    uint32_t count = n->ImportFrom.names.count;
    struct node **items = arena_alloc(&c->f->arena, (count + 1) * sizeof *items);
    if (!l || !items) {
        compile_memory(c);
        return NULL;
    }
    for (uint32_t i = 0; i < count; i++) {
        const struct node *a = n->ImportFrom.names.items[i];
        items[i] = ast_constant(c->f, CONST_STR, n->pos);
        if (!items[i]) {
            compile_memory(c);
            return NULL;
        }
        items[i]->Constant.value.text = a->alias.name->text;
        items[i]->Constant.value.len = a->alias.name->len;
    }
    *l = (struct node_list){items, count};
    return l;
}

static void from_statement(struct compiler *c, struct node *n)
{
    struct node_list *names = from_list(c, n);
    struct name *module = n->ImportFrom.module ? n->ImportFrom.module : compile_name(c, "");
    int t = unit_push(c);
    if (!names)
        return;
    import_module(c, n, module, n->ImportFrom.level, names, t);
    if (name_is(n->ImportFrom.names.items[0]->alias.name, "*")) {
        emit(c, OP_IMPORTSTAR, t, 0, 0);
        return;
    }
    for (uint32_t i = 0; i < names->count; i++) {
        struct node *a = n->ImportFrom.names.items[i];
        struct name *as = a->alias.asname ? a->alias.asname : a->alias.name;
        int reg = name_register(c, as), item = reg >= 0 ? reg : unit_push(c);
        unit_at(c, n);
        emit_site(c, OP_IMPORTFROM, item, t, 0, a->alias.name);
        if (reg < 0)
            name_store(c, n, as, item);
        c->u->top = (unsigned)t + 1;
    }
    emit(c, OP_DROP, t, 0, 0);
}

/* ---- the small ones ---- */

static void expression_statement(struct compiler *c, struct node *n)
{
    struct node *v = n->Expr.value;
    if (c->interactive && !c->u->outer) {
        int reg = expr(c, v);
        unit_at(c, n);
        emit(c, OP_PRINTEXPR, reg, 0, 0);
        return;
    }
    if (v->kind == AST_Constant) {
        unit_at(c, n);
        emit(c, OP_LINE, 0, 0, 0);
        return;
    }
    int reg = expr(c, v);
    unit_at(c, n);
    if (unit_is_local(c, reg)) {
        if (v->kind == AST_Name)
            emit(c, OP_CHECK, reg, 0, 0);
    } else {
        emit(c, OP_DROP, reg, 0, 0);
    }
}

static void raise_statement(struct compiler *c, struct node *n)
{
    int exc = 0, cause = 0;
    if (n->Raise.exc)
        exc = expr_held(c, n->Raise.exc);
    if (n->Raise.cause)
        cause = expr(c, n->Raise.cause);
    unit_at(c, n);
    emit(c, OP_RAISE, exc, cause, n->Raise.cause ? 2 : n->Raise.exc ? 1 : 0);
}

static void assert_statement(struct compiler *c, struct node *n)
{
    struct label ok = LABEL;
    if (n->Assert.test->kind == AST_Tuple && n->Assert.test->Tuple.elts.count &&
        !compile_warn(c, n->pos, "assertion is always true, perhaps remove parentheses?"))
        c->failed = true;
    if (c->optimize)
        return;
    cond_jump(c, n->Assert.test, true, &ok);
    int t = unit_push(c);
    unit_at(c, n);
    emit(c, OP_ASSERTERR, t, 0, 0);
    if (n->Assert.msg) {
        unit_push_many(c, 3);
        expr_arg(c, n->Assert.msg, unit_push(c));
        unit_need(c, c->u->top + 2);
        unit_at(c, n);
        emit(c, OP_CALL, t, 1, 0);
    }
    emit(c, OP_RAISE, t, 0, 1);
    emit_bind(c, &ok);
}

static void line_only(struct compiler *c, struct node *n)
{
    unit_at(c, n);
    emit(c, OP_LINE, 0, 0, 0);
}

static void kind_statement(struct compiler *c, struct node *n)
{
    switch ((int)n->kind) {
    case AST_FunctionDef: case AST_AsyncFunctionDef: function_statement(c, n); return;
    case AST_ClassDef: class_statement(c, n); return;
    case AST_Return: return_statement(c, n); return;
    case AST_Delete:
        for (uint32_t i = 0; i < n->Delete.targets.count; i++)
            delete_target(c, n->Delete.targets.items[i]);
        return;
    case AST_Assign: assign(c, n); return;
    case AST_AugAssign: augmented_assignment(c, n); return;
    case AST_AnnAssign: annotated_assignment(c, n); return;
    case AST_For: for_statement(c, n); return;
    case AST_AsyncFor: async_for_statement(c, n); return;
    case AST_While: while_statement(c, n); return;
    case AST_If: if_statement(c, n); return;
    case AST_With: case AST_AsyncWith: with_statement(c, n, 0); return;
    case AST_Match: match_statement(c, n); return;
    case AST_Raise: raise_statement(c, n); return;
    case AST_Try: case AST_TryStar: try_statement(c, n); return;
    case AST_Assert: assert_statement(c, n); return;
    case AST_Import: import_statement(c, n); return;
    case AST_ImportFrom: from_statement(c, n); return;
    case AST_Expr: expression_statement(c, n); return;
    case AST_Pass: line_only(c, n); return;
    case AST_Break: break_statement(c, n); return;
    case AST_Continue: continue_statement(c, n); return;
    case AST_Global: case AST_Nonlocal: return;
    }
    compile_fail(c, n, "statement of kind %s cannot be compiled", ast_shape((enum ast_kind)n->kind)->name);
}

void statement(struct compiler *c, struct node *n)
{
    unsigned base = c->u->top;
    if (c->failed)
        return;
    unit_at(c, n);
    kind_statement(c, n);
    c->u->top = base;
}

void statements(struct compiler *c, const struct node_list *l)
{
    for (uint32_t i = 0; i < l->count; i++)
        statement(c, l->items[i]);
}
