// SPDX-License-Identifier: Apache-2.0
// Code that makes functions, classes and modules: their own units, defaults, annotations, closures, decorators.
// It leaves comprehensions to compile_comp.c and the layout of variables to compile_name.c.
#include "compile.h"

#include "interp/types/seq.h"
#include "interp/types/str.h"

#include <string.h>

/* ---- entering a scope ---- */

static struct name *join(struct compiler *c, const struct name *prefix, const char *between, const struct name *name)
{
    size_t a = prefix->len, b = strlen(between), n = a + b + name->len;
    char *text = arena_alloc(&c->f->arena, n + 1);
    if (!text) {
        compile_memory(c);
        return NULL;
    }
    memcpy(text, prefix->text, a);
    memcpy(text + a, between, b);
    memcpy(text + a + b, name->text, name->len);
    struct name *joined = names_intern(&c->f->names, text, n);
    if (!joined)
        compile_memory(c);
    return joined;
}

static struct name *qualified(struct compiler *c, struct unit *u)
{
    struct unit *outer = u->outer;
    struct name *name = u->scope->name;
    if (!outer || outer->scope->kind == SCOPE_MODULE)
        return name;
    if (u->scope->kind == SCOPE_FUNCTION || u->scope->kind == SCOPE_CLASS) {
        struct name *m = symtab_mangle(c->f, outer->scope->private, name);
        struct symbol *y = m ? symtab_find(outer->scope, m) : NULL;
        if (y && y->home == HOME_GLOBAL)
            return name;
    }
    return join(c, outer->qualname, symtab_is_function(outer->scope) ? ".<locals>." : ".", name);
}

static unsigned scope_flags(const struct compiler *c, const struct scope *s)
{
    unsigned flags = c->f->flags & FRONT_ANNOTATIONS ? CODE_FUTURE_ANNOTATIONS : 0;
    if (!symtab_is_function(s))
        return flags | CODE_NAMESPACE | (s->kind == SCOPE_CLASS ? CODE_CLASS_BODY : 0);
    flags |= CODE_OPTIMIZED | CODE_NEWLOCALS | (s->nested ? CODE_NESTED : 0);
    if (s->coroutine)
        return flags | (s->generator ? CODE_ASYNC_GENERATOR : CODE_COROUTINE);
    return flags | (s->generator ? CODE_GENERATOR : 0);
}

/* A unit for the scope of n, its variables placed, its prologue made. NULL: failed. */
struct unit *enter_scope(struct compiler *c, struct node *n, int firstline)
{
    struct scope *s = symtab_of(&c->scopes, n);
    struct unit *u = c->failed || !s ? NULL : unit_open(c, s, firstline);
    if (!u) {
        c->failed = true;
        return NULL;
    }
    u->flags = scope_flags(c, s);
    u->doc = V_NULL;
    u->qualname = qualified(c, u);
    name_layout(c);
    return u;
}

/* ---- bodies ---- */

static bool docstring(struct compiler *c, const struct node_list *body, struct node **out)
{
    if (body->count == 0 || body->items[0]->kind != AST_Expr)
        return false;
    struct node *v = body->items[0]->Expr.value;
    if (v->kind != AST_Constant || v->Constant.value.kind != CONST_STR)
        return false;
    *out = c->f->flags & FRONT_NO_DOCSTRINGS ? NULL : v;
    return true;
}

static void body_statements(struct compiler *c, const struct node_list *body, bool skip_first)
{
    struct node_list rest = *body;
    if (skip_first) {
        rest.items++;
        rest.count--;
    }
    statements(c, &rest);
}

static void function_body(struct compiler *c, struct node *n)
{
    struct node *doc = NULL;
    if (n->kind == AST_Lambda) {
        int reg = expr(c, n->Lambda.body);
        unit_at(c, n->Lambda.body);
        emit(c, OP_RET, reg, 0, 0);
        return;
    }
    bool has_doc = docstring(c, &n->FunctionDef.body, &doc);
    if (doc) {
        const_node(c, &doc->Constant.value);
        c->u->doc = c->failed ? V_NULL : c->u->consts[0];
    } else {
        struct constant none = {.kind = CONST_NONE};
        const_node(c, &none);
    }
    body_statements(c, &n->FunctionDef.body, has_doc);
    unit_nowhere(c);
    emit(c, OP_RETNONE, 0, 0, 0);
}

/* Does a class or module body annotate variables of its own? */
static bool has_annotations(const struct node_list *l)
{
    for (uint32_t i = 0; i < l->count; i++) {
        const struct node *n = l->items[i];
        if (!n || n->kind == AST_FunctionDef || n->kind == AST_AsyncFunctionDef || n->kind == AST_ClassDef)
            continue;
        if (n->kind == AST_AnnAssign)
            return true;
        const struct ast_shape *s = ast_shape((enum ast_kind)n->kind);
        bool compound = s->group == GROUP_STMT || s->group == GROUP_HANDLER || n->kind == AST_match_case;
        for (unsigned k = 0; compound && k < s->count; k++)
            if (s->fields[k].type == FIELD_LIST && has_annotations(ast_field_at(n, &s->fields[k])))
                return true;
    }
    return false;
}

static void namespace_body(struct compiler *c, const struct node_list *body)
{
    struct node *doc = NULL;
    if (has_annotations(body))
        emit(c, OP_SETUPANN, 0, 0, 0);
    bool has_doc = docstring(c, body, &doc);
    if (doc) {
        unsigned base = c->u->top;
        unit_at(c, doc);
        int t = expr_push(c, doc);
        emit_site(c, OP_STNAME, t, 0, 0, compile_name(c, "__doc__"));
        c->u->top = base;
    }
    body_statements(c, body, has_doc);
}

struct code *compile_body(struct compiler *c, struct node *tree)
{
    if (!enter_scope(c, tree, 1))
        return NULL;
    if (tree->kind == AST_Expression) {
        int reg = expr(c, tree->Expression.body);
        emit(c, OP_RET, reg, 0, 0);
    } else if (tree->kind == AST_Interactive) {
        c->interactive = true;
        if (has_annotations(&tree->Interactive.body))
            emit(c, OP_SETUPANN, 0, 0, 0);
        statements(c, &tree->Interactive.body);
    } else {
        namespace_body(c, &tree->Module.body);
    }
    unit_nowhere(c);
    emit(c, OP_RETNONE, 0, 0, 0);
    return unit_close(c);
}

/* ---- MKFUNC ---- */

/* Closure boxes for what `made` takes from outside, into register reg. */
static void closure_into(struct compiler *c, const struct unit *made, int reg)
{
    unsigned base = c->u->top;
    uint32_t n = made->nfreevars;
    if (n <= COMPILE_CHUNK * 2) {
        for (uint32_t i = 0; i < n; i++)
            name_box(c, made->freevars[i], unit_push(c));
        emit(c, OP_TUPLE, reg, (int)base, (int)n);
    } else {
        emit(c, OP_LIST, reg, reg, 0);
        for (uint32_t i = 0; i < n; i++) {
            int box = unit_push(c);
            name_box(c, made->freevars[i], box);
            emit(c, OP_LISTAPPEND, reg, box, 0);
            c->u->top = base;
        }
        emit(c, OP_LISTTUPLE, reg, reg, 0);
    }
    c->u->top = base;
}

/* takes code; its operands but for the closure are in registers from `operands` on. */
void make_function(struct compiler *c, struct code *code, const struct unit *made, int dst, int operands, unsigned flags)
{
    if (!code) {
        c->failed = true;
        return;
    }
    if (made->nfreevars) {
        flags |= 8;
        closure_into(c, made, unit_push(c));
    }
    uint32_t index = const_value(c, borrowed_word(code));
    emit_int(c, OP_MKFUNC, dst, operands, (int)flags, index);
}

/* ---- defaults and annotations ---- */

static void default_tuple(struct compiler *c, const struct node_list *l)
{
    struct node *n = ast_new(c->f, AST_Tuple, l->items[0]->pos);
    if (!n) {
        compile_memory(c);
        return;
    }
    n->Tuple.elts = *l;
    expr_push(c, n);
}

static void load_name_text(struct compiler *c, struct name *name, int dst)
{
    struct name *m = compile_mangle(c, name);
    struct constant k = {.kind = CONST_STR, .text = m ? m->text : "", .len = m ? m->len : 0};
    load_const(c, &k, dst);
}

static bool keyword_defaults(struct compiler *c, const struct node *a)
{
    int map = -1;
    for (uint32_t i = 0; i < a->arguments.kw_defaults.count; i++) {
        struct node *v = a->arguments.kw_defaults.items[i];
        if (!v)
            continue;
        if (map < 0) {
            map = unit_push(c);
            emit(c, OP_MAP, map, map, 0);
        }
        unsigned base = c->u->top;
        int key = unit_push(c);
        load_name_text(c, a->arguments.kwonlyargs.items[i]->arg.arg, key);
        emit(c, OP_MAPSET, map, key, expr(c, v));
        c->u->top = base;
    }
    return map >= 0;
}

/* What stands for an annotation in the tuple: its text under the future import, the item of `*T`, or itself. */
static struct node *annotation_node(struct compiler *c, struct node *n)
{
    if (c->f->flags & FRONT_ANNOTATIONS)
        return unparse(c->f, n);
    if (n->kind != AST_Starred)
        return n;
    struct node *tuple = ast_new(c->f, AST_Tuple, n->pos), *zero = ast_constant(c->f, CONST_INT, n->pos);
    struct node *item = ast_new(c->f, AST_Subscript, n->pos), **star = arena_alloc(&c->f->arena, sizeof *star);
    if (!tuple || !zero || !item || !star)
        return NULL;
    *star = n;
    tuple->Tuple.elts = (struct node_list){star, 1};
    zero->Constant.value.text = "0";
    zero->Constant.value.len = 1;
    item->Subscript.value = tuple;
    item->Subscript.slice = zero;
    return item;
}

struct annotations { struct node **items; uint32_t count, capacity; };

static void annotate(struct compiler *c, struct annotations *a, struct name *name, struct node *n)
{
    if (!n || c->failed)
        return;
    struct name *m = compile_mangle(c, name);
    struct node *key = ast_constant(c->f, CONST_STR, n->pos), *v = annotation_node(c, n);
    if (!m || !key || !v) {
        compile_memory(c);
        return;
    }
    key->Constant.value.text = m->text;
    key->Constant.value.len = m->len;
    GROW(c, a->items, a->count, a->capacity);
    if (!c->failed)
        a->items[a->count++] = key;
    GROW(c, a->items, a->count, a->capacity);
    if (!c->failed)
        a->items[a->count++] = v;
}

static void annotate_all(struct compiler *c, struct annotations *a, const struct node_list *l)
{
    for (uint32_t i = 0; i < l->count; i++)
        annotate(c, a, l->items[i]->arg.arg, l->items[i]->arg.annotation);
}

static bool annotations(struct compiler *c, const struct node *n)
{
    const struct node *args = n->FunctionDef.args;
    struct annotations a = {0};
    annotate_all(c, &a, &args->arguments.args);
    annotate_all(c, &a, &args->arguments.posonlyargs);
    if (args->arguments.vararg)
        annotate(c, &a, args->arguments.vararg->arg.arg, args->arguments.vararg->arg.annotation);
    annotate_all(c, &a, &args->arguments.kwonlyargs);
    if (args->arguments.kwarg)
        annotate(c, &a, args->arguments.kwarg->arg.arg, args->arguments.kwarg->arg.annotation);
    annotate(c, &a, compile_name(c, "return"), n->FunctionDef.returns);
    if (a.count == 0 || c->failed)
        return false;
    struct node_list l = {a.items, a.count};
    default_tuple(c, &l);
    return true;
}

/* ---- functions ---- */

static void check_arguments(struct compiler *c, const struct node *at, const struct node *n)
{
    const struct ast_shape *s = ast_shape(AST_arguments);
    const struct node *rest[] = {n->arguments.vararg, n->arguments.kwarg};
    for (int i = 0; i < 2; i++)
        if (rest[i] && name_is(rest[i]->arg.arg, "__debug__"))
            compile_fail(c, at, "cannot assign to __debug__");
    for (unsigned i = 0; i < s->count; i++) {
        const struct node_list *l = ast_field_at(n, &s->fields[i]);
        for (uint32_t k = 0; s->fields[i].type == FIELD_LIST && k < l->count; k++)
            if (l->items[k] && l->items[k]->kind == AST_arg && name_is(l->items[k]->arg.arg, "__debug__"))
                compile_fail(c, at, "cannot assign to __debug__");
    }
}

/* FunctionDef, AsyncFunctionDef, Lambda */
void function_into(struct compiler *c, struct node *n, int dst)
{
    unsigned base = c->u->top, flags = 0;
    struct node *a = n->kind == AST_Lambda ? n->Lambda.args : n->FunctionDef.args;
    int firstline = (int)n->pos.line;
    check_arguments(c, n, a);
    if (a->arguments.defaults.count) {
        default_tuple(c, &a->arguments.defaults);
        flags |= 1;
    }
    if (keyword_defaults(c, a))
        flags |= 2;
    if (n->kind != AST_Lambda && annotations(c, n))
        flags |= 4;
    if (n->kind != AST_Lambda && n->FunctionDef.decorator_list.count)
        firstline = (int)n->FunctionDef.decorator_list.items[0]->pos.line;
    struct unit *made = enter_scope(c, n, firstline);
    if (!made)
        return;
    function_body(c, n);
    struct code *code = unit_close(c);
    unit_at(c, n);
    make_function(c, code, made, dst, (int)base, flags);
    c->u->top = base;
}

/* Each decorator is the callee of a window whose only argument is the next one's result. */
static int open_decorators(struct compiler *c, const struct node_list *l)
{
    for (uint32_t i = 0; i < l->count; i++) {
        int window = unit_push(c);
        expr_into(c, l->items[i], window);
        unit_push_many(c, 3);
    }
    return unit_push(c);
}

static int close_decorators(struct compiler *c, const struct node_list *l, int reg)
{
    for (uint32_t i = l->count; i-- > 0;) {
        unit_at(c, l->items[i]);
        unit_need(c, (unsigned)reg + 3);
        reg -= 4;
        emit(c, OP_CALL, reg, 1, 0);
    }
    return reg;
}

void function_statement(struct compiler *c, struct node *n)
{
    unsigned base = c->u->top;
    const struct node_list *decorators = &n->FunctionDef.decorator_list;
    int local = decorators->count ? -1 : name_register(c, n->FunctionDef.name);
    if (local >= 0) {
        function_into(c, n, local);
        return;
    }
    int reg = open_decorators(c, decorators);
    function_into(c, n, reg);
    reg = close_decorators(c, decorators, reg);
    unit_at(c, n);
    name_store(c, n, n->FunctionDef.name, reg);
    c->u->top = base;
}

/* ---- classes ---- */

static void class_body(struct compiler *c, struct node *n)
{
    unsigned base = c->u->top;
    int t = unit_push(c);
    emit_site(c, OP_LDNAME, t, 0, 0, compile_name(c, "__name__"));
    emit_site(c, OP_STNAME, t, 0, 0, compile_name(c, "__module__"));
    struct name *q = c->u->qualname;
    struct constant k = {.kind = CONST_STR, .text = q ? q->text : "", .len = q ? q->len : 0};
    load_const(c, &k, t);
    emit_site(c, OP_STNAME, t, 0, 0, compile_name(c, "__qualname__"));
    c->u->top = base;
    namespace_body(c, &n->ClassDef.body);
    if (c->u->class_cell) {
        t = unit_push(c);
        emit(c, OP_DUP, t, 1, 0);
        emit_site(c, OP_STNAME, t, 0, 0, compile_name(c, "__classcell__"));
        emit(c, OP_DUP, t, 1, 0);
        emit(c, OP_RET, t, 0, 0);
        c->u->top = base;
    }
    unit_nowhere(c);
    emit(c, OP_RETNONE, 0, 0, 0);
}

/* The class in register reg, a call window with its arguments above it. */
static void build_class(struct compiler *c, struct node *n, int reg)
{
    int firstline = (int)n->pos.line;
    if (n->ClassDef.decorator_list.count)
        firstline = (int)n->ClassDef.decorator_list.items[0]->pos.line;
    emit(c, OP_BUILDCLASS, reg, 0, 0);
    unit_push_many(c, 3);
    int func = unit_push(c);
    struct unit *made = enter_scope(c, n, firstline);
    if (!made)
        return;
    class_body(c, n);
    struct code *code = unit_close(c);
    unit_at(c, n);
    make_function(c, code, made, func, func + 1, 0);
    c->u->top = (unsigned)func + 1;
    struct constant k = {.kind = CONST_STR, .text = n->ClassDef.name->text, .len = n->ClassDef.name->len};
    load_const(c, &k, unit_push(c));
    call_finish(c, n, reg, 2, &n->ClassDef.bases, &n->ClassDef.keywords);
}

void class_statement(struct compiler *c, struct node *n)
{
    unsigned base = c->u->top;
    int reg = open_decorators(c, &n->ClassDef.decorator_list);
    build_class(c, n, reg);
    reg = close_decorators(c, &n->ClassDef.decorator_list, reg);
    unit_at(c, n);
    name_store(c, n, n->ClassDef.name, reg);
    c->u->top = base;
}
