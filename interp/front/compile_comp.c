// SPDX-License-Identifier: Apache-2.0
// Comprehensions and generator expressions: a function of their own with one argument, the outermost iterator.
// It leaves which names they see to symtab_walk.c.
#include "compile.h"

static const struct node_list *clauses(const struct node *n)
{
    return n->kind == AST_DictComp ? &n->DictComp.generators : &n->ListComp.generators;
}

/* What is done with one combination of items; t is the container. */
static void element(struct compiler *c, struct node *n, int t)
{
    unsigned base = c->u->top;
    if (n->kind == AST_DictComp) {
        int key = expr_held(c, n->DictComp.key), v = expr(c, n->DictComp.value);
        unit_at(c, n->DictComp.key);
        emit(c, OP_MAPSET, t, key, v);
    } else {
        int v = expr(c, n->ListComp.elt);
        unit_at(c, n->ListComp.elt);
        if (n->kind == AST_GeneratorExp) {
            int sent = unit_push(c);
            emit(c, OP_YIELD, sent, v, 0);
            emit(c, OP_DROP, sent, 0, 0);
        } else {
            emit(c, n->kind == AST_SetComp ? OP_SETADD : OP_LISTAPPEND, t, v, 0);
        }
    }
    c->u->top = base;
}

static void clause(struct compiler *c, struct node *n, uint32_t i, int t);

static void conditions(struct compiler *c, struct node *n, uint32_t i, int t, struct label *next)
{
    const struct node_list *ifs = &clauses(n)->items[i]->comprehension.ifs;
    for (uint32_t k = 0; k < ifs->count; k++)
        cond_jump(c, ifs->items[k], false, next);
    if (i + 1 < clauses(n)->count)
        clause(c, n, i + 1, t);
    else
        element(c, n, t);
}

static void target_of(struct compiler *c, struct node *target, int item)
{
    if (target->kind != AST_Name || name_register(c, target->Name.id) != item)
        store(c, target, item);
}

static void sync_clause(struct compiler *c, struct node *n, uint32_t i, int t, int iter)
{
    struct node *g = clauses(n)->items[i], *target = g->comprehension.target;
    struct label next = LABEL, end = LABEL;
    int item = target->kind == AST_Name ? name_register(c, target->Name.id) : -1;
    if (item < 0)
        item = unit_push(c);
    emit_bind(c, &next);
    unit_at(c, g->comprehension.iter);
    emit_jump(c, OP_FORITER, iter, item, &end);
    target_of(c, target, item);
    conditions(c, n, i, t, &next);
    emit_jump(c, OP_JMP, 0, 0, &next);
    emit_bind(c, &end);
}

static void async_clause(struct compiler *c, struct node *n, uint32_t i, int t, int iter)
{
    struct label next = LABEL;
    uint32_t start, end;
    int item = unit_push(c);
    emit_bind(c, &next);
    async_next(c, iter, item, &start, &end);
    store(c, clauses(n)->items[i]->comprehension.target, item);
    conditions(c, n, i, t, &next);
    emit_jump(c, OP_JMP, 0, 0, &next);
    async_end(c, iter, item, start, end);
}

static void clause(struct compiler *c, struct node *n, uint32_t i, int t)
{
    struct node *g = clauses(n)->items[i];
    unsigned base = c->u->top;
    int iter = unit_push(c);
    if (i == 0) {
        emit(c, OP_MOVE, iter, 0, 0);
    } else {
        expr_into(c, g->comprehension.iter, iter);
        emit(c, g->comprehension.is_async ? OP_GETAITER : OP_GETITER, iter, iter, 0);
    }
    if (g->comprehension.is_async)
        async_clause(c, n, i, t, iter);
    else
        sync_clause(c, n, i, t, iter);
    c->u->top = base;
}

static struct code *comprehension_code(struct compiler *c, struct node *n, struct unit **made)
{
    *made = enter_scope(c, n, (int)n->pos.line);
    if (!*made)
        return NULL;
    int t = -1;
    unit_at(c, n);
    if (n->kind != AST_GeneratorExp) {
        t = unit_push(c);
        emit(c, n->kind == AST_ListComp ? OP_LIST : n->kind == AST_SetComp ? OP_SET : OP_MAP, t, t, 0);
    }
    clause(c, n, 0, t);
    unit_at(c, n);
    if (t >= 0)
        emit(c, OP_RET, t, 0, 0);
    emit(c, OP_RETNONE, 0, 0, 0);
    return unit_close(c);
}

static bool may_be_async(const struct compiler *c)
{
    return c->u->scope->kind == SCOPE_COMPREHENSION || (c->u->flags & (CODE_COROUTINE | CODE_ASYNC_GENERATOR));
}

void comprehension_into(struct compiler *c, struct node *n, int dst)
{
    struct scope *s = symtab_of(&c->scopes, n);
    bool awaited = s && s->coroutine && n->kind != AST_GeneratorExp;
    struct node *g = clauses(n)->items[0];
    struct unit *made;
    if (awaited && !may_be_async(c)) {
        compile_fail(c, n, "asynchronous comprehension outside of an asynchronous function");
        return;
    }
    int window = !unit_is_local(c, dst) && (unsigned)dst + 1 == c->u->top ? dst : unit_push(c);
    struct code *code = comprehension_code(c, n, &made);
    unit_at(c, n);
    unsigned base = c->u->top;
    if (!c->failed)
        make_function(c, code, made, window, (int)base, 0);
    c->u->top = base;
    unit_push_many(c, 3);
    int iter = unit_push(c);
    expr_into(c, g->comprehension.iter, iter);
    unit_at(c, g->comprehension.iter);
    emit(c, g->comprehension.is_async ? OP_GETAITER : OP_GETITER, iter, iter, 0);
    unit_need(c, c->u->top + 2);
    unit_at(c, n);
    emit(c, OP_CALL, window, 1, 0);
    c->u->top = (unsigned)window + 1;
    if (awaited) {
        emit(c, OP_AWAITABLE, window, window, 0);
        expr_await(c, window);
    }
    if (window != dst)
        emit(c, OP_MOVE, dst, window, 0);
}
