// SPDX-License-Identifier: Apache-2.0
// try, except, except*, finally and with: handler code and the ranges of words it answers for.
// It leaves leaving these blocks by return, break and continue to compile_flow.c.
//
// A handler is entered with the exception in its register r. PUSHEXC r makes it the handled one, POPEXC r undoes that; between them
// a cleanup row (register r + 2) pops before it raises on, so the state of handled exceptions always fits the nesting.
#include "compile.h"

/* The cleanup of a handler whose exception is at r and whose words the closed b covers: POPEXC and raise on. */
static void cleanup(struct compiler *c, struct block *b, int r)
{
    struct label l = LABEL;
    handler_start(c, &l, block_is_covering(b));
    block_handlers(c, b, &l, r + 2);
    unit_need(c, (unsigned)r + 3);
    unit_nowhere(c);
    emit(c, OP_POPEXC, r, 0, 0);
    emit(c, OP_RERAISE, r + 2, 0, 0);
}

/* Raise the handled exception at r again. */
static void reraise(struct compiler *c, int r)
{
    unit_need(c, (unsigned)r + 3);
    unit_nowhere(c);
    emit(c, OP_DUP, r + 2, r, 0);
    emit(c, OP_POPEXC, r, 0, 0);
    emit(c, OP_RERAISE, r + 2, 0, 0);
}

static void bind_name(struct compiler *c, const struct node *at, struct name *name, int exc)
{
    unsigned base = c->u->top;
    int reg = name_register(c, name);
    if (reg >= 0) {
        emit(c, OP_DUP, reg, exc, 0);
    } else {
        int t = unit_push(c);
        emit(c, OP_DUP, t, exc, 0);
        name_store(c, at, name, t);
    }
    c->u->top = base;
}

/* ---- except ---- */

/* The body of `except E as name`, within PUSHEXC r; falls through after POPEXC. */
static void named_body(struct compiler *c, struct node *h, int r)
{
    struct label l = LABEL, done = LABEL;
    struct block b;
    bind_name(c, h, h->ExceptHandler.name, r);
    block_open(c, &b, BLOCK_TRY);
    statements(c, &h->ExceptHandler.body);
    block_close(c, &b);
    emit_jump(c, OP_JMP, 0, 0, &done);
    handler_start(c, &l, block_is_covering(&b));
    block_handlers(c, &b, &l, r + 2);
    unsigned base = c->u->top;
    int exc = unit_push(c);
    name_unbind(c, h->ExceptHandler.name);
    emit(c, OP_RERAISE, exc, 0, 0);
    c->u->top = base;
    emit_bind(c, &done);
}

static void handler_body(struct compiler *c, struct node *h, struct block *handled, int r)
{
    handled->name = h->ExceptHandler.name;
    if (h->ExceptHandler.name)
        named_body(c, h, r);
    else
        statements(c, &h->ExceptHandler.body);
    handled->name = NULL;
}

static void handler(struct compiler *c, struct node *h, struct block *handled, int r, struct label *end)
{
    struct label next = LABEL;
    unsigned base = c->u->top;
    unit_at(c, h);
    if (h->ExceptHandler.type) {
        int type = expr(c, h->ExceptHandler.type);
        unit_at(c, h->ExceptHandler.type);
        emit_jump(c, OP_JNEXC, r, type, &next);
        c->u->top = base;
    }
    handler_body(c, h, handled, r);
    if (!c->u->dead) {
        if (h->ExceptHandler.name)
            name_unbind(c, h->ExceptHandler.name);
        block_pause(c, handled);
        emit(c, OP_POPEXC, r, 0, 0);
        emit_jump(c, OP_JMP, 0, 0, end);
        block_resume(c, handled);
    }
    emit_bind(c, &next);
}

static void try_except(struct compiler *c, struct node *n)
{
    struct label caught = LABEL, end = LABEL;
    struct block body, handled;
    const struct node_list *l = &n->Try.handlers;
    block_open(c, &body, BLOCK_TRY);
    statements(c, &n->Try.body);
    block_close(c, &body);
    statements(c, &n->Try.orelse);
    emit_jump(c, OP_JMP, 0, 0, &end);
    handler_start(c, &caught, block_is_covering(&body));
    int r = unit_push_many(c, 2);
    block_handlers(c, &body, &caught, r);
    unit_nowhere(c);
    emit(c, OP_PUSHEXC, r, 0, 0);
    block_open(c, &handled, BLOCK_HANDLER);
    handled.reg = r;
    for (uint32_t i = 0; i < l->count; i++) {
        if (!l->items[i]->ExceptHandler.type && i + 1 < l->count)
            compile_fail(c, l->items[i], "default 'except:' must be last");
        handler(c, l->items[i], &handled, r, &end);
    }
    block_close(c, &handled);
    reraise(c, r);
    cleanup(c, &handled, r);
    c->u->top = (unsigned)r;
    emit_bind(c, &end);
}

/* ---- except* ----
 * r, r+1 the handled exception; r+2 list of what was raised; r+3 what is not matched yet; r+4 the match, r+5 scratch and the saved
 * exception while the match is handled. */

static void star_body(struct compiler *c, struct node *h, int r)
{
    struct label failed = LABEL, next = LABEL;
    struct block b;
    unit_at(c, h);
    emit(c, OP_PUSHEXC, r + 4, 0, 0);
    block_open(c, &b, BLOCK_HANDLER);
    b.reg = r + 4;
    if (h->ExceptHandler.name)
        bind_name(c, h, h->ExceptHandler.name, r + 4);
    statements(c, &h->ExceptHandler.body);
    block_close(c, &b);
    emit(c, OP_POPEXC, r + 4, 0, 0);
    if (h->ExceptHandler.name && !c->u->dead)
        name_unbind(c, h->ExceptHandler.name);
    emit_jump(c, OP_JMP, 0, 0, &next);
    handler_start(c, &failed, block_is_covering(&b));
    block_handlers(c, &b, &failed, r + 6);
    int exc = unit_push(c);
    if (h->ExceptHandler.name)
        name_unbind(c, h->ExceptHandler.name);
    emit(c, OP_POPEXC, r + 4, 0, 0);
    emit(c, OP_LISTAPPEND, r + 2, exc, 0);
    emit_bind(c, &next);
}

static void star_handler(struct compiler *c, struct node *h, int r)
{
    struct label none = LABEL;
    unsigned base = c->u->top;
    int alias = unit_push(c);
    unit_at(c, h);
    emit(c, OP_BORROW, alias, r + 3, 0);
    emit_jump(c, OP_JNONE, alias, 0, &none);
    c->u->top = base;
    int type = expr_push(c, h->ExceptHandler.type);
    unit_at(c, h->ExceptHandler.type);
    emit(c, OP_EGMATCH, r + 4, r + 3, type);
    c->u->top = base;
    emit(c, OP_MOVE, r + 3, r + 5, 0);
    alias = unit_push(c);
    emit(c, OP_BORROW, alias, r + 4, 0);
    emit_jump(c, OP_JNONE, alias, 0, &none);
    c->u->top = base;
    star_body(c, h, r);
    c->u->top = base;
    emit_bind(c, &none);
}

static void check_star_body(struct compiler *c, const struct node_list *l, bool in_loop)
{
    for (uint32_t i = 0; i < l->count && !c->failed; i++) {
        struct node *n = l->items[i];
        const struct ast_shape *s = n ? ast_shape((enum ast_kind)n->kind) : NULL;
        if (!n || n->kind == AST_FunctionDef || n->kind == AST_AsyncFunctionDef || n->kind == AST_ClassDef)
            continue;
        if (n->kind == AST_Return || (!in_loop && (n->kind == AST_Break || n->kind == AST_Continue)))
            compile_fail(c, n, "'break', 'continue' and 'return' cannot appear in an except* block");
        bool loop = in_loop || n->kind == AST_For || n->kind == AST_While || n->kind == AST_AsyncFor;
        bool compound = s->group == GROUP_STMT || s->group == GROUP_HANDLER || n->kind == AST_match_case;
        for (unsigned k = 0; compound && k < s->count; k++)
            if (s->fields[k].type == FIELD_LIST)
                check_star_body(c, ast_field_at(n, &s->fields[k]), loop);
    }
}

static void try_star(struct compiler *c, struct node *n)
{
    struct label caught = LABEL, end = LABEL, again = LABEL;
    struct block body, handled;
    const struct node_list *l = &n->TryStar.handlers;
    block_open(c, &body, BLOCK_TRY);
    statements(c, &n->TryStar.body);
    block_close(c, &body);
    statements(c, &n->TryStar.orelse);
    emit_jump(c, OP_JMP, 0, 0, &end);
    handler_start(c, &caught, block_is_covering(&body));
    int r = unit_push_many(c, 6);
    block_handlers(c, &body, &caught, r);
    unit_nowhere(c);
    emit(c, OP_PUSHEXC, r, 0, 0);
    block_open(c, &handled, BLOCK_HANDLER);
    handled.reg = r;
    emit(c, OP_LIST, r + 2, r + 2, 0);
    emit(c, OP_DUP, r + 3, r, 0);
    for (uint32_t i = 0; i < l->count; i++) {
        check_star_body(c, &l->items[i]->ExceptHandler.body, false);
        star_handler(c, l->items[i], r);
    }
    unit_nowhere(c);
    emit(c, OP_LISTAPPEND, r + 2, r + 3, 0);
    emit(c, OP_EGRERAISE, r + 4, r, r + 2);
    block_close(c, &handled);
    emit(c, OP_BORROW, r + 5, r + 4, 0);
    emit_jump(c, OP_JNNONE, r + 5, 0, &again);
    emit(c, OP_DROP, r + 4, 0, 0);
    emit(c, OP_POPEXC, r, 0, 0);
    emit_jump(c, OP_JMP, 0, 0, &end);
    emit_bind(c, &again);
    emit(c, OP_POPEXC, r, 0, 0);
    emit(c, OP_RERAISE, r + 4, 0, 0);
    cleanup(c, &handled, r);
    c->u->top = (unsigned)r;
    emit_bind(c, &end);
}

/* ---- finally ---- */

static void guarded(struct compiler *c, struct node *n)
{
    if (n->Try.handlers.count == 0) {
        statements(c, &n->Try.body);
        statements(c, &n->Try.orelse);
    } else if (n->kind == AST_TryStar) {
        try_star(c, n);
    } else {
        try_except(c, n);
    }
}

static void try_finally(struct compiler *c, struct node *n)
{
    struct label caught = LABEL, end = LABEL;
    struct block body, handled;
    block_open(c, &body, BLOCK_FINALLY);
    body.body = &n->Try.finalbody;
    guarded(c, n);
    block_close(c, &body);
    if (!c->u->dead)
        statements(c, &n->Try.finalbody);
    emit_jump(c, OP_JMP, 0, 0, &end);
    handler_start(c, &caught, block_is_covering(&body));
    int r = unit_push_many(c, 2);
    block_handlers(c, &body, &caught, r);
    unit_nowhere(c);
    emit(c, OP_PUSHEXC, r, 0, 0);
    block_open(c, &handled, BLOCK_HANDLER);
    handled.reg = r;
    statements(c, &n->Try.finalbody);
    block_close(c, &handled);
    reraise(c, r);
    cleanup(c, &handled, r);
    c->u->top = (unsigned)r;
    emit_bind(c, &end);
}

void try_statement(struct compiler *c, struct node *n)
{
    unit_at(c, n);
    emit(c, OP_LINE, 0, 0, 0);
    if (n->Try.finalbody.count)
        try_finally(c, n);
    else
        guarded(c, n);
}

/* ---- with ---- */

static void with_body(struct compiler *c, struct node *n, uint32_t item, int exit)
{
    struct node *target = n->With.items.items[item]->withitem.optional_vars;
    if (target)
        store(c, target, exit + 1);
    else
        emit(c, OP_DROP, exit + 1, 0, 0);
    c->u->top = (unsigned)exit + 1;
    if (item + 1 < n->With.items.count)
        with_statement(c, n, item + 1);
    else
        statements(c, &n->With.body);
}

static void with_normal_exit(struct compiler *c, struct node *n, int exit)
{
    unit_at(c, n->With.items.items[0]);
    if (n->kind == AST_With) {
        emit(c, OP_WITHEXIT, exit, 0, 0);
        return;
    }
    int t = unit_push(c);
    emit(c, OP_AWITHEXIT, t, exit, 0);
    emit(c, OP_AWAITABLE, t, t, 2);
    expr_await(c, t);
    emit(c, OP_DROP, t, 0, 0);
}

/* The exception is in exit + 1. */
static void with_handler(struct compiler *c, struct node *n, int exit)
{
    struct label suppressed = LABEL;
    struct block handled;
    int r = exit + 1;
    c->u->top = (unsigned)exit + 1;
    unit_push_many(c, 2);
    emit(c, OP_PUSHEXC, r, 0, 0);
    block_open(c, &handled, BLOCK_HANDLER);
    handled.reg = r;
    int t = unit_push(c);
    emit(c, OP_WITHEXC, t, exit, r);
    if (n->kind == AST_AsyncWith) {
        emit(c, OP_AWAITABLE, t, t, 2);
        expr_await(c, t);
    }
    emit_jump(c, OP_JT, t, 0, &suppressed);
    block_close(c, &handled);
    reraise(c, r);
    cleanup(c, &handled, r);
    emit_bind(c, &suppressed);
    emit(c, OP_POPEXC, r, 0, 0);
    emit(c, OP_DROP, exit, 0, 0);
}

void with_statement(struct compiler *c, struct node *n, uint32_t item)
{
    struct label caught = LABEL, end = LABEL;
    struct block body;
    bool is_async = n->kind == AST_AsyncWith;
    if (is_async && !(c->u->flags & (CODE_COROUTINE | CODE_ASYNC_GENERATOR))) {
        compile_fail(c, n, "'async with' outside async function");
        return;
    }
    struct node *manager = n->With.items.items[item]->withitem.context_expr;
    unsigned base = c->u->top;
    int exit = expr_push(c, manager);
    unit_push(c);
    unit_at(c, manager);
    emit(c, is_async ? OP_AWITHENTER : OP_WITHENTER, exit, exit, 0);
    if (is_async) {
        emit(c, OP_AWAITABLE, exit + 1, exit + 1, 1);
        expr_await(c, exit + 1);
    }
    block_open(c, &body, is_async ? BLOCK_ASYNC_WITH : BLOCK_WITH);
    body.reg = exit;
    with_body(c, n, item, exit);
    block_close(c, &body);
    c->u->top = (unsigned)exit + 1;
    with_normal_exit(c, n, exit);
    emit_jump(c, OP_JMP, 0, 0, &end);
    unit_at(c, manager);
    handler_start(c, &caught, block_is_covering(&body));
    block_handlers(c, &body, &caught, exit + 1);
    with_handler(c, n, exit);
    c->u->top = base;
    emit_bind(c, &end);
}
