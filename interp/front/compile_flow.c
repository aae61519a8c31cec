// SPDX-License-Identifier: Apache-2.0
// Control flow: if, loops, return, break, continue, and what is undone when control leaves a block.
// It leaves the blocks of try and with to compile_try.c.
#include "compile.h"

/* ---- blocks and the words they cover ---- */

void block_open(struct compiler *c, struct block *b, enum block_kind kind)
{
    *b = (struct block){.kind = kind, .outer = c->u->block, .reg = -1, .start = c->u->nops, .open = true};
    c->u->block = b;
}

/* End the range of words that b covers here. */
void block_pause(struct compiler *c, struct block *b)
{
    if (!b->open)
        return;
    b->open = false;
    if (b->start == c->u->nops || b->kind == BLOCK_LOOP || b->kind == BLOCK_VALUE)
        return;
    b->ranges = unit_grow(c, b->ranges, b->nranges, &b->capacity, sizeof *b->ranges);
    if (c->failed)
        return;
    b->ranges[b->nranges].start = b->start;
    b->ranges[b->nranges].end = c->u->nops;
    b->nranges++;
}

void block_resume(struct compiler *c, struct block *b)
{
    b->open = true;
    b->start = c->u->nops;
}

void block_close(struct compiler *c, struct block *b)
{
    block_pause(c, b);
    c->u->block = b->outer;
}

bool block_is_covering(const struct block *b)
{
    return b->nranges > 0;
}

void block_handlers(struct compiler *c, const struct block *b, const struct label *target, int reg)
{
    for (uint32_t i = 0; i < b->nranges; i++)
        emit_handler(c, b->ranges[i].start, b->ranges[i].end, target, reg);
}

void handler_start(struct compiler *c, struct label *l, bool reachable)
{
    emit_bind(c, l);
    c->u->dead = !reachable;
}

/* ---- leaving blocks ---- */

static void exit_async_with(struct compiler *c, int reg)
{
    unsigned base = c->u->top;
    int t = unit_push(c);
    emit(c, OP_AWITHEXIT, t, reg, 0);
    emit(c, OP_AWAITABLE, t, t, 2);
    expr_await(c, t);
    emit(c, OP_DROP, t, 0, 0);
    c->u->top = base;
}

static void leave(struct compiler *c, struct block *b)
{
    switch (b->kind) {
    case BLOCK_TRY: return;
    case BLOCK_LOOP: case BLOCK_VALUE:
        if (b->reg >= 0)
            emit(c, OP_DROP, b->reg, 0, 0);
        return;
    case BLOCK_FINALLY: statements(c, b->body); return;
    case BLOCK_HANDLER:
        emit(c, OP_POPEXC, b->reg, 0, 0);
        if (b->name)
            name_unbind(c, b->name);
        return;
    case BLOCK_WITH: emit(c, OP_WITHEXIT, b->reg, 0, 0); return;
    case BLOCK_ASYNC_WITH: exit_async_with(c, b->reg); return;
    }
}

/* Emit what leaves every block inside `until` (not itself; NULL: all). No block covers the code that leaves it. A finally body that
 * leaves in its turn forgets the value being returned, which is in the temporary `returned` unless that is -1. */
static void unwind(struct compiler *c, struct block *until, int returned)
{
    for (struct block *b = c->u->block; b != until; b = b->outer) {
        struct block held = {.kind = BLOCK_VALUE, .outer = b->outer, .reg = returned};
        struct block *inside = c->u->block;
        block_pause(c, b);
        c->u->block = returned >= 0 ? &held : b->outer;
        leave(c, b);
        c->u->block = inside;
    }
}

static void unwound(struct compiler *c, struct block *until)
{
    for (struct block *b = c->u->block; b != until; b = b->outer)
        block_resume(c, b);
}

/* Do the blocks around run code on the way out that could change a variable? */
static bool leaving_runs_code(const struct compiler *c)
{
    for (const struct block *b = c->u->block; b; b = b->outer)
        if (b->kind != BLOCK_LOOP && b->kind != BLOCK_TRY && b->kind != BLOCK_VALUE)
            return true;
    return false;
}

void return_statement(struct compiler *c, struct node *n)
{
    if (!symtab_is_function(c->u->scope)) {
        compile_fail(c, n, "'return' outside function");
        return;
    }
    if (n->Return.value && (c->u->flags & CODE_ASYNC_GENERATOR)) {
        compile_fail(c, n, "'return' with value in async generator");
        return;
    }
    int reg = -1;
    if (n->Return.value) {
        fold(c, n->Return.value);
        bool none = n->Return.value->kind == AST_Constant && n->Return.value->Constant.value.kind == CONST_NONE;
        /* An unbound variable must be noticed inside the blocks that are left. */
        if (!none && n->Return.value->kind == AST_Name && c->u->block && (reg = name_register(c, n->Return.value->Name.id)) >= 0)
            emit(c, OP_CHECK, reg, 0, 0);
        if (!none)
            reg = leaving_runs_code(c) ? expr_push(c, n->Return.value) : expr(c, n->Return.value);
    }
    unit_at(c, n);
    unwind(c, NULL, reg >= 0 && !unit_is_local(c, reg) ? reg : -1);
    unit_at(c, n);
    if (reg >= 0)
        emit(c, OP_RET, reg, 0, 0);
    else
        emit(c, OP_RETNONE, 0, 0, 0);
    unwound(c, NULL);
}

static struct block *innermost_loop(const struct compiler *c)
{
    struct block *b = c->u->block;
    while (b && b->kind != BLOCK_LOOP)
        b = b->outer;
    return b;
}

void break_statement(struct compiler *c, struct node *n)
{
    struct block *loop = innermost_loop(c);
    if (!loop) {
        compile_fail(c, n, "'break' outside loop");
        return;
    }
    unwind(c, loop, -1);
    unit_at(c, n);
    leave(c, loop);
    emit_jump(c, OP_JMP, 0, 0, loop->end);
    unwound(c, loop);
}

void continue_statement(struct compiler *c, struct node *n)
{
    struct block *loop = innermost_loop(c);
    if (!loop) {
        compile_fail(c, n, "'continue' not properly in loop");
        return;
    }
    unwind(c, loop, -1);
    unit_at(c, n);
    emit_jump(c, OP_JMP, 0, 0, loop->next);
    unwound(c, loop);
}

/* ---- if ---- */

void if_statement(struct compiler *c, struct node *n)
{
    struct label end = LABEL;
    for (;;) {
        struct label orelse = LABEL;
        cond_jump(c, n->If.test, false, &orelse);
        statements(c, &n->If.body);
        if (n->If.orelse.count == 0) {
            emit_bind(c, &orelse);
            break;
        }
        emit_jump(c, OP_JMP, 0, 0, &end);
        emit_bind(c, &orelse);
        struct node *next = n->If.orelse.items[0];
        if (n->If.orelse.count != 1 || next->kind != AST_If) {
            statements(c, &n->If.orelse);
            break;
        }
        n = next;
        unit_at(c, n);
    }
    emit_bind(c, &end);
}

/* ---- loops ---- */

/* A body of only `pass` needs no instruction: the jump back bears its line. */
static void loop_body(struct compiler *c, const struct node *loop, const struct node_list *body)
{
    unit_at(c, loop);
    if (body->count == 1 && body->items[0]->kind == AST_Pass)
        unit_at(c, body->items[0]);
    else
        statements(c, body);
}

static bool is_constant_true(struct compiler *c, struct node *test)
{
    bool truth;
    fold(c, test);
    return fold_truth(test, &truth) && truth;
}

void while_statement(struct compiler *c, struct node *n)
{
    struct label body = LABEL, next = LABEL, end = LABEL;
    struct block loop;
    bool dead = c->u->dead, forever = is_constant_true(c, n->While.test), never;
    if (!forever)
        emit_jump(c, OP_JMP, 0, 0, &next);
    never = fold_truth(n->While.test, &never) && !forever;
    c->u->dead = dead || never;
    block_open(c, &loop, BLOCK_LOOP);
    loop.next = &next;
    loop.end = &end;
    emit_bind(c, forever ? &next : &body);
    loop_body(c, n, &n->While.body);
    block_close(c, &loop);
    if (forever) {
        emit_jump(c, OP_JMP, 0, 0, &next);
    } else {
        emit_bind(c, &next);
        if (!never)
            cond_jump(c, n->While.test, true, &body);
    }
    statements(c, &n->While.orelse);
    emit_bind(c, &end);
}

static int iterator(struct compiler *c, struct node *n)
{
    int iter = unit_push(c);
    unsigned base = c->u->top;
    int source = n->kind == AST_Name ? name_register(c, n->Name.id) : -1;
    if (source < 0) {
        expr_into(c, n, iter);
        source = iter;
    }
    c->u->top = base;
    unit_at(c, n);
    emit(c, OP_GETITER, iter, source, 0);
    return iter;
}

/* The register that FORITER writes: the variable's own if it is a near local. */
static int loop_item(struct compiler *c, struct node *target)
{
    int item = target->kind == AST_Name && !name_is(target->Name.id, "__debug__") ? name_register(c, target->Name.id) : -1;
    return item >= 0 ? item : unit_push(c);
}

void for_statement(struct compiler *c, struct node *n)
{
    struct label next = LABEL, exhausted = LABEL, end = LABEL;
    struct block loop;
    int iter = iterator(c, n->For.iter);
    int item = loop_item(c, n->For.target);
    block_open(c, &loop, BLOCK_LOOP);
    loop.next = &next;
    loop.end = &end;
    loop.reg = iter;
    emit_bind(c, &next);
    unit_at(c, n->For.iter);
    emit_jump(c, OP_FORITER, iter, item, &exhausted);
    if (!unit_is_local(c, item))
        store(c, n->For.target, item);
    c->u->top = (unsigned)iter + 1;
    loop_body(c, n->For.iter, &n->For.body);
    block_close(c, &loop);
    emit_jump(c, OP_JMP, 0, 0, &next);
    emit_bind(c, &exhausted);
    c->u->top = (unsigned)iter;
    statements(c, &n->For.orelse);
    emit_bind(c, &end);
}

void async_next(struct compiler *c, int iter, int item, uint32_t *start, uint32_t *end)
{
    *start = c->u->nops;
    emit(c, OP_GETANEXT, item, iter, 0);
    emit(c, OP_AWAITABLE, item, item, 0);
    expr_await(c, item);
    *end = c->u->nops;
}

void async_end(struct compiler *c, int iter, int item, uint32_t start, uint32_t end)
{
    struct label exhausted = LABEL;
    handler_start(c, &exhausted, start < end);
    emit_handler(c, start, end, &exhausted, item);
    emit(c, OP_ENDASYNCFOR, item, iter, 0);
}

void async_for_statement(struct compiler *c, struct node *n)
{
    struct label next = LABEL, end = LABEL;
    struct block loop;
    uint32_t start, stop;
    if (!(c->u->flags & (CODE_COROUTINE | CODE_ASYNC_GENERATOR))) {
        compile_fail(c, n, "'async for' outside async function");
        return;
    }
    int iter = expr_push(c, n->AsyncFor.iter);
    unit_at(c, n->AsyncFor.iter);
    emit(c, OP_GETAITER, iter, iter, 0);
    int item = unit_push(c);
    block_open(c, &loop, BLOCK_LOOP);
    loop.next = &next;
    loop.end = &end;
    loop.reg = iter;
    emit_bind(c, &next);
    async_next(c, iter, item, &start, &stop);
    store(c, n->AsyncFor.target, item);
    c->u->top = (unsigned)iter + 1;
    statements(c, &n->AsyncFor.body);
    block_close(c, &loop);
    unit_at(c, n);
    emit_jump(c, OP_JMP, 0, 0, &next);
    async_end(c, iter, item, start, stop);
    c->u->top = (unsigned)iter;
    statements(c, &n->AsyncFor.orelse);
    emit_bind(c, &end);
}
