// SPDX-License-Identifier: Apache-2.0
// Names and targets: where each variable of a unit lives, loading, storing and deleting it, unpacking into targets.
// It leaves which variable a name means to symtab.c.
#include "compile.h"

#include <string.h>

/* ---- layout ---- */

static int add_name(struct compiler *c, struct name ***list, uint32_t *count, uint32_t *capacity, struct name *name)
{
    *list = unit_grow(c, *list, *count, capacity, sizeof **list);
    if (c->failed)
        return 0;
    (*list)[*count] = name;
    return (int)(*count)++;
}

static int add_local(struct compiler *c, struct name *name)
{
    struct unit *u = c->u;
    return add_name(c, &u->varnames, &u->nvarnames, &u->varnames_capacity, name);
}

static void add_parameter(struct compiler *c, struct name *name)
{
    struct symbol *y = symtab_find(c->u->scope, compile_mangle(c, name));
    if (y)
        y->index = add_local(c, y->name);
}

static void add_parameters(struct compiler *c, const struct node *a)
{
    struct unit *u = c->u;
    for (uint32_t i = 0; i < a->arguments.posonlyargs.count; i++)
        add_parameter(c, a->arguments.posonlyargs.items[i]->arg.arg);
    for (uint32_t i = 0; i < a->arguments.args.count; i++)
        add_parameter(c, a->arguments.args.items[i]->arg.arg);
    for (uint32_t i = 0; i < a->arguments.kwonlyargs.count; i++)
        add_parameter(c, a->arguments.kwonlyargs.items[i]->arg.arg);
    if (a->arguments.vararg)
        add_parameter(c, a->arguments.vararg->arg.arg);
    if (a->arguments.kwarg)
        add_parameter(c, a->arguments.kwarg->arg.arg);
    u->posonly = a->arguments.posonlyargs.count;
    u->argcount = u->posonly + a->arguments.args.count;
    u->kwonly = a->arguments.kwonlyargs.count;
    u->flags |= (a->arguments.vararg ? CODE_VARARGS : 0) | (a->arguments.kwarg ? CODE_VARKEYWORDS : 0);
    if (u->argcount > 0)
        u->self = u->varnames[0];
}

static void add_freevars(struct compiler *c)
{
    struct unit *u = c->u;
    for (struct symbol *y = u->scope->first; y; y = y->next)
        if (y->home == HOME_FREE || y->through)
            add_name(c, &u->freevars, &u->nfreevars, &u->freevars_capacity, y->name);
    for (uint32_t i = 1; i < u->nfreevars && !c->failed; i++)
        for (uint32_t k = i; k > 0 && strcmp(u->freevars[k - 1]->text, u->freevars[k]->text) > 0; k--) {
            struct name *swap = u->freevars[k];
            u->freevars[k] = u->freevars[k - 1];
            u->freevars[k - 1] = swap;
        }
    for (uint32_t i = 0; i < u->nfreevars && !c->failed; i++)
        symtab_find(u->scope, u->freevars[i])->index = (int32_t)i;
}

static void add_cells(struct compiler *c)
{
    struct unit *u = c->u;
    for (struct symbol *y = u->scope->first; y; y = y->next)
        if (y->home == HOME_CELL && symtab_is_function(u->scope)) {
            if (y->index < 0)
                y->index = add_local(c, y->name);
            add_name(c, &u->cellvars, &u->ncellvars, &u->cellvars_capacity, y->name);
        }
}

static void make_cells(struct compiler *c)
{
    for (struct symbol *y = c->u->scope->first; y; y = y->next)
        if (y->home == HOME_CELL && symtab_is_function(c->u->scope))
            emit(c, OP_MKCELL, y->index, 0, 0);
}

/* A variable of this function alone that has no place yet. */
static bool is_plain(const struct symbol *y)
{
    return y->home == HOME_LOCAL && y->index < 0 && (y->flags & ~(unsigned)(SYM_DECLARED | SYM_ANNOTATED));
}

static uint32_t count_plain(const struct unit *u)
{
    uint32_t n = 0;
    for (const struct symbol *y = u->scope->first; y; y = y->next)
        n += is_plain(y);
    return n;
}

/* The cells of the far variables: a list in the hidden local u->far. */
static void make_far(struct compiler *c)
{
    struct unit *u = c->u;
    int list = unit_push(c), cell = unit_push(c);
    emit(c, OP_LIST, list, list, 0);
    for (uint32_t i = u->near; i < u->nvarnames; i++) {
        load_none(c, cell);
        emit(c, OP_MKCELL, cell, 0, 0);
        emit(c, OP_DELCELL, cell, 0, 0);
        emit(c, OP_LISTAPPEND, list, cell, 0);
    }
    emit(c, OP_MOVE, u->far, list, 0);
    u->top = u->near;
}

static void function_layout(struct compiler *c)
{
    struct unit *u = c->u;
    struct node *n = u->scope->node;
    if (u->scope->kind == SCOPE_COMPREHENSION) {
        add_parameter(c, compile_name(c, ".0"));
        u->argcount = 1;
    } else {
        add_parameters(c, u->scope->kind == SCOPE_LAMBDA ? n->Lambda.args : n->FunctionDef.args);
    }
    uint32_t parameters = u->nvarnames;
    add_cells(c);
    unsigned limit = parameters < COMPILE_NEAR ? COMPILE_NEAR : parameters;
    if (u->nvarnames + count_plain(u) > limit)
        u->far = add_local(c, compile_name(c, ""));
    for (struct symbol *y = u->scope->first; y; y = y->next)
        if (is_plain(y))
            y->index = add_local(c, y->name);
    u->near = u->far < 0 ? u->nvarnames : (unsigned)u->far < limit ? limit : (unsigned)u->far + 1;
    if (u->near > COMPILE_MAX_REGISTER - 16)
        compile_fail(c, n, "too many parameters");
}

static void namespace_layout(struct compiler *c)
{
    struct unit *u = c->u;
    add_local(c, compile_name(c, ""));
    if (u->scope->needs_class_cell) {
        struct name *cell = compile_name(c, "__class__");
        u->class_cell = true;
        add_local(c, cell);
        add_name(c, &u->cellvars, &u->ncellvars, &u->cellvars_capacity, cell);
    }
    u->near = u->nvarnames;
}

void name_layout(struct compiler *c)
{
    struct unit *u = c->u;
    bool function = symtab_is_function(u->scope);
    for (struct symbol *y = u->scope->first; y; y = y->next)
        y->index = -1;      // a finally body is compiled more than once
    if (function)
        function_layout(c);
    else
        namespace_layout(c);
    add_freevars(c);
    u->top = u->max = u->near;
    if (u->flags & (CODE_GENERATOR | CODE_COROUTINE | CODE_ASYNC_GENERATOR))
        emit(c, OP_GENSTART, 0, 0, 0);
    if (u->class_cell)
        emit(c, OP_MKCELL, 1, 0, 0);
    make_cells(c);
    if (u->far >= 0)
        make_far(c);
}

/* ---- one variable ---- */

static bool forbidden(struct compiler *c, const struct node *at, const struct name *name, const char *verb)
{
    return name_is(name, "__debug__") && !compile_fail(c, at, "cannot %s __debug__", verb);
}

static struct symbol *symbol_of(struct compiler *c, struct name *name)
{
    struct name *m = compile_mangle(c, name);
    return m ? symtab_find(c->u->scope, m) : NULL;
}

static bool is_near(const struct compiler *c, const struct symbol *y)
{
    return y && y->home == HOME_LOCAL && y->index >= 0 && (unsigned)y->index < c->u->near;
}

/* The cell of a far variable in a temporary. */
static int far_cell(struct compiler *c, const struct symbol *y)
{
    int t = unit_push(c);
    emit_wide(c, OP_LOADI, t, (uint32_t)y->index - c->u->near);
    emit(c, OP_GETITEM, t, c->u->far, t);
    return t;
}

static void far_operation(struct compiler *c, const struct symbol *y, enum opcode op, int operand)
{
    unsigned base = c->u->top;
    int cell = far_cell(c, y);
    if (op == OP_LDCELL)
        emit(c, op, operand, cell, 0);
    else
        emit(c, op, cell, operand, 0);
    emit(c, OP_DROP, cell, 0, 0);
    c->u->top = base;
}

int name_register(struct compiler *c, struct name *name)
{
    struct symbol *y = symbol_of(c, name);
    return is_near(c, y) ? y->index : -1;
}

static enum symbol_home home_of(const struct symbol *y)
{
    return y ? y->home : HOME_GLOBAL_IMPLICIT;
}

static void load_local(struct compiler *c, const struct symbol *y, int dst)
{
    if (!is_near(c, y))
        far_operation(c, y, OP_LDCELL, dst);
    else if (y->index == dst)
        emit(c, OP_CHECK, dst, 0, 0);
    else
        emit(c, OP_MOVE, dst, y->index, 0);
}

void name_load(struct compiler *c, struct name *name, int dst)
{
    struct symbol *y = symbol_of(c, name);
    struct name *m = y ? y->name : name;
    if (name_is(name, "__debug__")) {
        struct constant k = {.kind = c->optimize ? CONST_FALSE : CONST_TRUE};
        load_const(c, &k, dst);
        return;
    }
    switch (home_of(y)) {
    case HOME_LOCAL: load_local(c, y, dst); return;
    case HOME_CELL:
        if (symtab_is_function(c->u->scope))
            emit(c, OP_LDCELL, dst, y->index, 0);
        else
            emit_site(c, OP_LDNAME, dst, 0, 0, m);
        return;
    case HOME_FREE:
        if (c->u->scope->kind == SCOPE_CLASS)
            emit_site(c, OP_LDCLASSFREE, dst, y->index & 255, y->index >> 8, m);
        else
            emit_wide(c, OP_LDFREE, dst, (uint32_t)y->index);
        return;
    case HOME_NAME: emit_site(c, OP_LDNAME, dst, 0, 0, m); return;
    case HOME_GLOBAL: case HOME_GLOBAL_IMPLICIT: case HOME_NONE: emit_site(c, OP_LDGLOBAL, dst, 0, 0, m); return;
    }
}

void name_store(struct compiler *c, const struct node *at, struct name *name, int src)
{
    struct symbol *y = symbol_of(c, name);
    if (forbidden(c, at, name, "assign to") || !y)
        return;
    switch (home_of(y)) {
    case HOME_LOCAL:
        if (!is_near(c, y))
            far_operation(c, y, OP_STCELL, src);
        else if (y->index != src)
            emit(c, OP_MOVE, y->index, src, 0);
        else
            emit(c, OP_CHECK, src, 0, 0);
        return;
    case HOME_CELL: emit(c, OP_STCELL, y->index, src, 0); return;
    case HOME_FREE: emit_wide(c, OP_STFREE, src, (uint32_t)y->index); return;
    case HOME_NAME: emit_site(c, OP_STNAME, src, 0, 0, y->name); return;
    case HOME_GLOBAL: case HOME_GLOBAL_IMPLICIT: case HOME_NONE: emit_site(c, OP_STGLOBAL, src, 0, 0, y->name); return;
    }
}

void name_delete(struct compiler *c, const struct node *at, struct name *name)
{
    struct symbol *y = symbol_of(c, name);
    if (forbidden(c, at, name, "delete") || !y)
        return;
    switch (home_of(y)) {
    case HOME_LOCAL:
        if (is_near(c, y))
            emit(c, OP_DELLOCAL, y->index, 0, 0);
        else
            far_operation(c, y, OP_DELCELL, 0);
        return;
    case HOME_CELL: emit(c, OP_DELCELL, y->index, 0, 0); return;
    case HOME_FREE: emit_wide(c, OP_DELFREE, 0, (uint32_t)y->index); return;
    case HOME_NAME: emit_site(c, OP_DELNAME, 0, 0, 0, y->name); return;
    case HOME_GLOBAL: case HOME_GLOBAL_IMPLICIT: case HOME_NONE: emit_site(c, OP_DELGLOBAL, 0, 0, 0, y->name); return;
    }
}

void name_unbind(struct compiler *c, struct name *name)
{
    unsigned base = c->u->top;
    int t = unit_push(c);
    load_none(c, t);
    name_store(c, NULL, name, t);
    name_delete(c, NULL, name);
    c->u->top = base;
}

/* The box of a variable of this unit, own or free. */
void name_box(struct compiler *c, struct name *name, int dst)
{
    struct symbol *y = symtab_find(c->u->scope, name);
    if (c->u->class_cell && name_is(name, "__class__"))
        emit(c, OP_DUP, dst, 1, 0);
    else if (y && y->home == HOME_CELL && symtab_is_function(c->u->scope))
        emit(c, OP_DUP, dst, y->index, 0);
    else if (y && y->index >= 0)
        emit_wide(c, OP_LDFREEBOX, dst, (uint32_t)y->index);
    else
        compile_fail(c, NULL, "no cell for '%s'", name->text);
}

/* ---- targets ---- */

static uint32_t starred_at(struct compiler *c, const struct node_list *l)
{
    uint32_t at = l->count;
    for (uint32_t i = 0; i < l->count; i++)
        if (l->items[i]->kind == AST_Starred) {
            if (at < l->count)
                compile_fail(c, NULL, "multiple starred expressions in assignment");
            at = i;
        }
    return at;
}

static void unpack(struct compiler *c, const struct node_list *l, int src)
{
    uint32_t star = starred_at(c, l), n = l->count;
    unsigned base = c->u->top;
    int first = src;
    if (n > 255 || (star < n && star > 255)) {
        compile_fail(c, l->items[0], "too many expressions in star-unpacking assignment");
        return;
    }
    if (unit_is_local(c, src) || (unsigned)src + 1 != base || n == 0)
        first = unit_push_many(c, n ? n : 1);
    else
        unit_push_many(c, n - 1);
    if (star == n)
        emit(c, OP_UNPACK, first, src, (int)n);
    else
        emit_int(c, OP_UNPACKEX, first, src, (int)star, n - 1 - star);
    for (uint32_t i = 0; i < n; i++) {
        struct node *target = l->items[i];
        store(c, target->kind == AST_Starred ? target->Starred.value : target, first + (int)i);
    }
    c->u->top = base;
}

/* Instances of a class get room for what its functions store in self. */
static void note_attribute(struct compiler *c, const struct node *n)
{
    struct unit *class = c->u->outer;
    if (!class || class->scope->kind != SCOPE_CLASS || !c->u->self || n->Attribute.value->kind != AST_Name ||
        n->Attribute.value->Name.id != c->u->self)
        return;
    for (uint32_t i = 0; i < class->nattrs; i++)
        if (class->attrs[i] == n->Attribute.attr)
            return;
    add_name(c, &class->attrs, &class->nattrs, &class->attrs_capacity, n->Attribute.attr);
}

static void store_attribute(struct compiler *c, struct node *n, int src)
{
    if (forbidden(c, n, n->Attribute.attr, "assign to"))
        return;
    note_attribute(c, n);
    int object = expr(c, n->Attribute.value);
    unit_at(c, n);
    emit_site(c, OP_SETATTR, object, src, 0, compile_mangle(c, n->Attribute.attr));
}

/* Assign src to the target; a temporary is consumed. */
void store(struct compiler *c, struct node *target, int src)
{
    unsigned base = c->u->top;
    unit_at(c, target);
    switch ((int)target->kind) {
    case AST_Name: name_store(c, target, target->Name.id, src); break;
    case AST_Attribute: store_attribute(c, target, src); break;
    case AST_Subscript: {
        int object = expr_held(c, target->Subscript.value), index = expr(c, target->Subscript.slice);
        unit_at(c, target);
        emit(c, OP_SETITEM, object, index, src);
        break;
    }
    case AST_Tuple: unpack(c, &target->Tuple.elts, src); break;
    case AST_List: unpack(c, &target->List.elts, src); break;
    case AST_Starred: compile_fail(c, target, "starred assignment target must be in a list or tuple"); break;
    default: compile_fail(c, target, "cannot assign to %s", ast_describe(target));
    }
    c->u->top = base;
}

static bool plain_elements(const struct node_list *l)
{
    for (uint32_t i = 0; i < l->count; i++)
        if (l->items[i]->kind == AST_Starred)
            return false;
    return true;
}

/* a, b = x, y: no tuple is made. */
static bool swap_into(struct compiler *c, struct node *target, struct node *value)
{
    if (value->kind != AST_Tuple || (target->kind != AST_Tuple && target->kind != AST_List))
        return false;
    const struct node_list *to = &target->Tuple.elts, *from = &value->Tuple.elts;
    if (to->count != from->count || to->count == 0 || to->count > COMPILE_CHUNK || !plain_elements(to) || !plain_elements(from))
        return false;
    unsigned base = c->u->top;
    for (uint32_t i = 0; i < from->count; i++)
        expr_push(c, from->items[i]);
    for (uint32_t i = 0; i < to->count; i++)
        store(c, to->items[i], (int)(base + i));
    c->u->top = base;
    return true;
}

/* target = value */
void store_expr(struct compiler *c, struct node *target, struct node *value)
{
    unsigned base = c->u->top;
    int reg = target->kind == AST_Name ? name_register(c, target->Name.id) : -1;
    fold(c, value);
    if (reg >= 0 && !name_is(target->Name.id, "__debug__")) {
        expr_into(c, value, reg);
    } else if (!swap_into(c, target, value)) {
        int src = target->kind == AST_Name ? expr(c, value) : expr_held(c, value);
        store(c, target, src);
    }
    c->u->top = base;
}

void delete_target(struct compiler *c, struct node *target)
{
    unsigned base = c->u->top;
    unit_at(c, target);
    switch ((int)target->kind) {
    case AST_Name: name_delete(c, target, target->Name.id); break;
    case AST_Attribute: {
        if (forbidden(c, target, target->Attribute.attr, "delete"))
            break;
        int object = expr(c, target->Attribute.value);
        unit_at(c, target);
        emit_site(c, OP_DELATTR, object, 0, 0, compile_mangle(c, target->Attribute.attr));
        break;
    }
    case AST_Subscript: {
        int object = expr_held(c, target->Subscript.value), index = expr(c, target->Subscript.slice);
        unit_at(c, target);
        emit(c, OP_DELITEM, object, index, 0);
        break;
    }
    case AST_Tuple:
        for (uint32_t i = 0; i < target->Tuple.elts.count; i++)
            delete_target(c, target->Tuple.elts.items[i]);
        break;
    case AST_List:
        for (uint32_t i = 0; i < target->List.elts.count; i++)
            delete_target(c, target->List.elts.items[i]);
        break;
    default: compile_fail(c, target, "cannot delete %s", ast_describe(target));
    }
    c->u->top = base;
}
