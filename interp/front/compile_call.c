// SPDX-License-Identifier: Apache-2.0
// Calls: windows, keywords, starred arguments, methods, super() without arguments.
// It leaves classes and decorators, which are calls too, to compile_func.c.
#include "compile.h"

#include "interp/types/seq.h"

enum { FIRST_ARG = 4 };

static bool is_complex(const struct node_list *args, const struct node_list *keywords, unsigned given)
{
    for (uint32_t i = 0; i < args->count; i++)
        if (args->items[i]->kind == AST_Starred)
            return true;
    for (uint32_t i = 0; i < keywords->count; i++)
        if (!keywords->items[i]->keyword.arg)
            return true;
    return given + args->count + keywords->count > COMPILE_MAX_ARGS;
}

static void check_keywords(struct compiler *c, const struct node_list *l)
{
    for (uint32_t i = 0; i < l->count; i++) {
        struct name *arg = l->items[i]->keyword.arg;
        if (name_is(arg, "__debug__"))
            compile_fail(c, l->items[i], "cannot assign to __debug__");
        for (uint32_t k = i + 1; arg && k < l->count; k++)
            if (l->items[k]->keyword.arg == arg)
                compile_fail(c, l->items[k], "keyword argument repeated: %s", arg->text);
    }
}

/* The names of the keywords as a constant tuple. */
static uint32_t keyword_names(struct compiler *c, const struct node_list *l)
{
    value v = c->failed ? V_NULL : tuple_new(c->t, l->count);
    for (uint32_t i = 0; v != V_NULL && i < l->count; i++)
        as_tuple(v)->at[i] = own(c->t, const_str(c, compile_mangle(c, l->items[i]->keyword.arg)));
    return const_value(c, v);
}

static unsigned push_arguments(struct compiler *c, const struct node_list *args, const struct node_list *keywords)
{
    for (uint32_t i = 0; i < args->count; i++)
        expr_arg(c, args->items[i], unit_push(c));
    for (uint32_t i = 0; i < keywords->count; i++)
        expr_arg(c, keywords->items[i]->keyword.value, unit_push(c));
    return args->count + keywords->count;
}

/* ---- f(*a, **k) ---- */

/* The `given` arguments behind the window and the positional ones become one list in register list. */
static void positional_list(struct compiler *c, int list, unsigned given, const struct node_list *args)
{
    if (given == 0 && args->count == 1 && args->items[0]->kind == AST_Starred) {
        expr_arg(c, args->items[0]->Starred.value, unit_push(c));
        return;
    }
    emit(c, OP_LIST, list, list, (int)given);
    c->u->top = (unsigned)list + 1;
    for (uint32_t i = 0; i < args->count; i++) {
        unsigned base = c->u->top;
        struct node *item = args->items[i];
        bool star = item->kind == AST_Starred;
        int reg = expr(c, star ? item->Starred.value : item);
        unit_at(c, item);
        emit(c, star ? OP_LISTEXTEND : OP_LISTAPPEND, list, reg, 0);
        c->u->top = base;
    }
}

static void keyword_map(struct compiler *c, int map, int callee, const struct node_list *keywords)
{
    uint32_t done = 0;
    unsigned base = c->u->top;
    for (; done < keywords->count && done < COMPILE_CHUNK / 2 && keywords->items[done]->keyword.arg; done++) {
        struct constant k = {.kind = CONST_STR};
        struct name *name = compile_mangle(c, keywords->items[done]->keyword.arg);
        k.text = name->text;
        k.len = name->len;
        load_const(c, &k, unit_push(c));
        expr_arg(c, keywords->items[done]->keyword.value, unit_push(c));
    }
    emit(c, OP_MAP, map, (int)base, (int)done);
    c->u->top = base;
    for (uint32_t i = done; i < keywords->count; i++) {
        struct node *k = keywords->items[i];
        if (k->keyword.arg) {
            struct constant text = {.kind = CONST_STR};
            struct name *name = compile_mangle(c, k->keyword.arg);
            text.text = name->text;
            text.len = name->len;
            int pair = unit_push(c);
            load_const(c, &text, pair);
            expr_arg(c, k->keyword.value, unit_push(c));
            emit(c, OP_MAP, pair, pair, 1);
            unit_at(c, k);
            emit(c, OP_MAPMERGE, map, pair, callee);
        } else {
            int reg = expr(c, k->keyword.value);
            unit_at(c, k);
            emit(c, OP_MAPMERGE, map, reg, callee);
        }
        c->u->top = base;
    }
}

static void call_ex(struct compiler *c, struct node *at, int window, unsigned given, const struct node_list *args, const struct node_list *keywords)
{
    int list = window + FIRST_ARG;
    if (c->u->top < (unsigned)list + given)
        unit_push_many(c, (unsigned)list + given - c->u->top);
    unit_need(c, (unsigned)list + 3);
    positional_list(c, list, given, args);
    if (keywords->count) {
        c->u->top = (unsigned)list + 2;
        keyword_map(c, list + 1, window, keywords);
    }
    unit_at(c, at);
    emit(c, OP_CALLEX, window, keywords->count > 0, 0);
    unit_need(c, c->u->top + 2);
}

/* ---- plain calls ---- */

void call_finish(struct compiler *c, struct node *at, int window, unsigned given, const struct node_list *args, const struct node_list *keywords)
{
    check_keywords(c, keywords);
    if (is_complex(args, keywords, given)) {
        call_ex(c, at, window, given, args, keywords);
        return;
    }
    unsigned n = given + push_arguments(c, args, keywords);
    unit_need(c, c->u->top + 2);
    unit_at(c, at);
    if (keywords->count == 0)
        emit(c, OP_CALL, window, (int)n, 0);
    else if (!c->u->dead)
        emit_int(c, OP_CALLKW, window, (int)n, 0, keyword_names(c, keywords));
}

static void emit_site_const(struct compiler *c, enum opcode op, int a, int b, struct name *name, uint32_t index)
{
    if (c->failed || c->u->dead)
        return;
    emit_site(c, op, a, b, 0, name);
    GROW(c, c->u->ops, c->u->nops, c->u->ops_capacity);
    if (!c->failed)
        c->u->ops[c->u->nops++] = index;
}

static void method_call(struct compiler *c, struct node *n, int window)
{
    struct node *f = n->Call.func;
    struct name *name = compile_mangle(c, f->Attribute.attr);
    expr_arg(c, f->Attribute.value, unit_push(c));
    unsigned args = push_arguments(c, &n->Call.args, &n->Call.keywords);
    unit_need(c, c->u->top + 2);
    unit_at(c, n);
    if (n->Call.keywords.count == 0)
        emit_site(c, OP_CALLM, window, (int)args, 0, name);
    else if (!c->u->dead)
        emit_site_const(c, OP_CALLMKW, window, (int)args, name, keyword_names(c, &n->Call.keywords));
}

static bool is_global(struct compiler *c, const struct node *f)
{
    if (f->kind != AST_Name || name_is(f->Name.id, "__debug__"))
        return false;
    struct name *m = compile_mangle(c, f->Name.id);
    struct symbol *y = m ? symtab_find(c->u->scope, m) : NULL;
    return !y || y->home == HOME_GLOBAL || y->home == HOME_GLOBAL_IMPLICIT;
}

static void callee_warnings(struct compiler *c, const struct node *f)
{
    static const char *const constants[] = {"NoneType", "bool", "bool", "ellipsis", "int", "float", "complex", "str", "bytes", "object"};
    const char *type = f->kind == AST_Constant ? constants[f->Constant.value.kind] : f->kind == AST_Tuple ? "tuple"
                     : f->kind == AST_List || f->kind == AST_ListComp ? "list" : f->kind == AST_Dict || f->kind == AST_DictComp ? "dict"
                     : f->kind == AST_Set || f->kind == AST_SetComp ? "set" : f->kind == AST_GeneratorExp ? "generator"
                     : f->kind == AST_JoinedStr ? "str" : NULL;
    if (type && !compile_warn(c, f->pos, "'%s' object is not callable; perhaps you missed a comma?", type))
        c->failed = true;
}

/* A new window at the top, or dst itself when it is the top temporary. */
static int open_window(struct compiler *c, int dst)
{
    int window = !unit_is_local(c, dst) && (unsigned)dst + 1 == c->u->top ? dst : unit_push(c);
    unit_push_many(c, FIRST_ARG - 1);
    return window;
}

void call_into(struct compiler *c, struct node *n, int dst)
{
    struct node *f = n->Call.func;
    const struct node_list *args = &n->Call.args, *keywords = &n->Call.keywords;
    bool complex = is_complex(args, keywords, 0);
    callee_warnings(c, f);
    int window = open_window(c, dst);
    unsigned inside = c->u->top;
    if (f->kind == AST_Attribute && !complex && !super_attribute(c, f, window)) {
        check_keywords(c, keywords);
        method_call(c, n, window);
    } else if (f->kind == AST_Attribute && !complex) {
        c->u->top = inside;
        call_finish(c, n, window, 0, args, keywords);
    } else if (is_global(c, f) && !complex && keywords->count == 0) {
        unsigned count = push_arguments(c, args, keywords);
        unit_need(c, c->u->top + 2);
        unit_at(c, n);
        emit_site(c, OP_CALLG, window, (int)count, 0, compile_mangle(c, f->Name.id));
    } else {
        expr_into(c, f, window);
        c->u->top = inside;
        call_finish(c, n, window, 0, args, keywords);
    }
    if (window != dst)
        emit(c, OP_MOVE, dst, window, 0);
}

/* ---- super().name ---- */

/* Emits the fused form if n is super().attr in a method; false and nothing if not. */
bool super_attribute(struct compiler *c, struct node *n, int dst)
{
    struct node *call = n->Attribute.value;
    if (call->kind != AST_Call || call->Call.args.count || call->Call.keywords.count || call->Call.func->kind != AST_Name ||
        !name_is(call->Call.func->Name.id, "super") || !is_global(c, call->Call.func))
        return false;
    struct scope *s = c->u->scope;
    struct symbol *cell = symtab_find(s, compile_name(c, "__class__"));
    if ((s->kind != SCOPE_FUNCTION && s->kind != SCOPE_LAMBDA) || c->u->argcount == 0 || !cell || cell->home != HOME_FREE)
        return false;
    unsigned base = c->u->top;
    int window = !unit_is_local(c, dst) && ((unsigned)dst + 1 == base || (unsigned)dst + FIRST_ARG == base) ? dst : unit_push(c);
    c->u->top = (unsigned)window + 1;
    unit_push_many(c, FIRST_ARG - 1);
    int class = unit_push(c), self = unit_push(c);
    unit_need(c, c->u->top + 2);
    unit_at(c, call);
    name_load(c, call->Call.func->Name.id, window);
    emit_wide(c, OP_LDFREE, class, (uint32_t)cell->index);
    struct symbol *first = symtab_find(s, c->u->varnames[0]);
    if (first && first->home == HOME_CELL)
        emit(c, OP_LDCELL, self, first->index, 0);
    else
        emit(c, OP_MOVE, self, 0, 0);
    unit_at(c, n);
    emit_site(c, OP_SUPERATTR, window, 0, 0, compile_mangle(c, n->Attribute.attr));
    c->u->top = base;
    if (window != dst)
        emit(c, OP_MOVE, dst, window, 0);
    return true;
}
