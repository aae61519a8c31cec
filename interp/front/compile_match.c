// SPDX-License-Identifier: Apache-2.0
// The match statement: tests of the subject, captures bound only when a whole pattern fits.
// It leaves isinstance, keys and attributes to the MATCH instructions.
//
// The subject is a temporary that stays. Every part taken out of it gets a temporary of its own, kept until the pattern is
// decided; a test that fails with `top` temporaries taken jumps to fail[top], where they are dropped one by one.
#include "compile.h"

#include "interp/types/seq.h"
#include "interp/types/str.h"

enum { MAX_CAPTURES = 200 };

struct capture { struct name *name; int reg; };

struct pattern {
    unsigned base;                           // first temporary of this pattern
    struct label fail[COMPILE_MAX_REGISTER + 2];
    struct capture captures[MAX_CAPTURES];
    unsigned count;
    bool irrefutable_ok;
};

static void match(struct compiler *c, struct pattern *m, struct node *p, int reg);

static struct label *fail_here(struct compiler *c, struct pattern *m)
{
    return &m->fail[c->u->top - m->base];
}

/* A borrowed copy of reg for an instruction that would consume it; the caller gives the register back. */
static int alias_of(struct compiler *c, int reg)
{
    int alias = unit_push(c);
    emit(c, OP_BORROW, alias, reg, 0);
    return alias;
}

static void pop(struct compiler *c, int reg)
{
    c->u->top = (unsigned)reg;
}

static bool is_wildcard(const struct node *p)
{
    return p->kind == AST_MatchAs && !p->MatchAs.pattern && !p->MatchAs.name;
}

static bool is_star_wildcard(const struct node *p)
{
    return p->kind == AST_MatchStar && !p->MatchStar.name;
}

static void capture(struct compiler *c, struct pattern *m, struct node *at, struct name *name, int reg)
{
    for (unsigned i = 0; i < m->count; i++)
        if (m->captures[i].name == name)
            compile_fail(c, at, "multiple assignments to name '%s' in pattern", name->text);
    if (m->count == MAX_CAPTURES)
        compile_fail(c, at, "too many names in pattern");
    else
        m->captures[m->count++] = (struct capture){name, reg};
}

/* ---- values ---- */

static void match_value(struct compiler *c, struct pattern *m, struct node *p, int reg)
{
    struct node *v = p->MatchValue.value;
    int small;
    fold(c, v);
    if (v->kind != AST_Constant && v->kind != AST_Attribute && v->kind != AST_BinOp && v->kind != AST_UnaryOp)
        compile_fail(c, p, "patterns may only match literals and attribute lookups");
    struct label *fail = fail_here(c, m);
    int alias = alias_of(c, reg);
    if (const_is_small(v, -32768, 32767, &small)) {
        emit_jump_wide(c, OP_JNEQI, alias, (uint32_t)small, fail);
    } else {
        int value = expr_push(c, v);
        unit_at(c, p);
        emit_jump(c, OP_JNEQ, alias, value, fail);
    }
    pop(c, alias);
}

static void match_singleton(struct compiler *c, struct pattern *m, struct node *p, int reg)
{
    struct label *fail = fail_here(c, m);
    int alias = alias_of(c, reg);
    if (p->MatchSingleton.value.kind == CONST_NONE) {
        emit_jump(c, OP_JNNONE, alias, 0, fail);
    } else {
        int value = unit_push(c);
        load_const(c, &p->MatchSingleton.value, value);
        emit_jump(c, OP_JISNOT, alias, value, fail);
    }
    pop(c, alias);
}

/* ---- parts ---- */

static void test(struct compiler *c, struct pattern *m, enum opcode op, int reg)
{
    struct label *fail = fail_here(c, m);
    int t = unit_push(c);
    emit(c, op, t, reg, 0);
    emit_jump(c, OP_JF, t, 0, fail);
    pop(c, t);
}

static void test_length(struct compiler *c, struct pattern *m, int reg, enum opcode jump, uint32_t n)
{
    struct label *fail = fail_here(c, m);
    int t = unit_push(c);
    emit(c, OP_LENGTH, t, reg, 0);
    emit_jump_wide(c, jump, t, n, fail);
    pop(c, t);
}

static void match_parts(struct compiler *c, struct pattern *m, const struct node_list *l, int first)
{
    bool outer = m->irrefutable_ok;
    m->irrefutable_ok = true;
    for (uint32_t i = 0; i < l->count; i++)
        match(c, m, l->items[i], first + (int)i);
    m->irrefutable_ok = outer;
}

/* [a, *_, b]: only the items that matter are fetched. */
static void match_some_items(struct compiler *c, struct pattern *m, const struct node_list *l, int reg, uint32_t star)
{
    for (uint32_t i = 0; i < l->count; i++) {
        if (i == star || is_wildcard(l->items[i]))
            continue;
        int t = unit_push(c);
        unit_at(c, l->items[i]);
        if (i < star) {
            int index = unit_push(c);
            emit_wide(c, OP_LOADI, index, i);
            int alias = alias_of(c, reg);
            emit(c, OP_GETITEM, t, alias, index);
            pop(c, index);
        } else {
            int length = unit_push(c), alias = unit_push(c);
            emit(c, OP_LENGTH, length, reg, 0);
            emit(c, OP_SUBI, length, length, (int)(l->count - i));
            emit(c, OP_BORROW, alias, reg, 0);
            emit(c, OP_GETITEM, t, alias, length);
            pop(c, length);
        }
        bool outer = m->irrefutable_ok;
        m->irrefutable_ok = true;
        match(c, m, l->items[i], t);
        m->irrefutable_ok = outer;
    }
}

static void unpack_items(struct compiler *c, struct pattern *m, struct node *p, int reg, uint32_t star)
{
    const struct node_list *l = &p->MatchSequence.patterns;
    int first = unit_push_many(c, l->count), alias = alias_of(c, reg);
    pop(c, alias);
    unit_at(c, p);
    if (star == l->count)
        emit(c, OP_UNPACK, first, alias, (int)l->count);
    else
        emit_int(c, OP_UNPACKEX, first, alias, (int)star, l->count - 1 - star);
    match_parts(c, m, l, first);
}

static void match_sequence(struct compiler *c, struct pattern *m, struct node *p, int reg)
{
    const struct node_list *l = &p->MatchSequence.patterns;
    uint32_t star = l->count;
    bool all_wild = true;
    for (uint32_t i = 0; i < l->count; i++) {
        bool is_star = l->items[i]->kind == AST_MatchStar;
        if (is_star && star < l->count)
            compile_fail(c, p, "multiple starred names in sequence pattern");
        if (is_star)
            star = i;
        all_wild &= is_wildcard(l->items[i]) || is_star_wildcard(l->items[i]);
    }
    test(c, m, OP_ISSEQUENCE, reg);
    if (star == l->count)
        test_length(c, m, reg, OP_JNEQI, l->count);
    else if (l->count > 1)
        test_length(c, m, reg, OP_JNGEI, l->count - 1);
    if (all_wild)
        return;
    if (star < l->count && is_star_wildcard(l->items[star]))
        match_some_items(c, m, l, reg, star);
    else
        unpack_items(c, m, p, reg, star);
}

/* ---- mappings, classes ---- */

/* Do two constant keys compare equal? As Python compares them: 0 is False. */
static bool same_key(struct compiler *c, const struct node *a, const struct node *b)
{
    if (a->kind != AST_Constant || b->kind != AST_Constant || c->failed)
        return false;
    value x = const_make(c, &a->Constant.value), y = const_make(c, &b->Constant.value);
    int equal = x && y ? object_equal(c->t, x, y) : -1;
    if (x)
        release(c->t, x);
    if (y)
        release(c->t, y);
    if (equal < 0)
        c->failed = true;
    return equal > 0;
}

static void duplicate_key(struct compiler *c, const struct node *p, const struct node *key)
{
    value v = const_make(c, &key->Constant.value), text = v ? object_repr(c->t, v) : V_NULL;
    const char *s = text ? str_utf8(c->t, text, NULL) : NULL;
    if (s)
        compile_fail(c, p, "mapping pattern checks duplicate key (%s)", s);
    c->failed = true;
    if (text)
        release(c->t, text);
    if (v)
        release(c->t, v);
}

static void check_keys(struct compiler *c, struct node *p)
{
    const struct node_list *l = &p->MatchMapping.keys;
    for (uint32_t i = 0; i < l->count && !c->failed; i++) {
        struct node *k = l->items[i];
        fold(c, k);
        if (k->kind != AST_Constant && k->kind != AST_Attribute && k->kind != AST_BinOp && k->kind != AST_UnaryOp)
            compile_fail(c, p, "mapping pattern keys may only match literals and attribute lookups");
        for (uint32_t j = 0; j < i; j++)
            if (same_key(c, l->items[j], k))
                duplicate_key(c, p, k);
    }
}

/* The value tuple in register v unpacked and matched; None fails. */
static void match_tuple(struct compiler *c, struct pattern *m, int v, uint32_t n, const struct node_list *a, const struct node_list *b)
{
    struct label *fail = fail_here(c, m);
    int alias = alias_of(c, v);
    emit_jump(c, OP_JNONE, alias, 0, fail);
    pop(c, alias);
    if (n == 0)
        return;
    int first = unit_push_many(c, n);
    alias = alias_of(c, v);
    emit(c, OP_UNPACK, first, alias, (int)n);
    pop(c, alias);
    match_parts(c, m, a, first);
    if (b)
        match_parts(c, m, b, first + (int)a->count);
}

static void match_mapping(struct compiler *c, struct pattern *m, struct node *p, int reg)
{
    uint32_t n = p->MatchMapping.keys.count;
    check_keys(c, p);
    test(c, m, OP_ISMAPPING, reg);
    if (n == 0 && !p->MatchMapping.rest)
        return;
    if (n > 0)
        test_length(c, m, reg, OP_JNGEI, n);
    struct node *tuple = ast_new(c->f, AST_Tuple, p->pos);
    if (!tuple) {
        compile_memory(c);
        return;
    }
    tuple->Tuple.elts = p->MatchMapping.keys;
    int keys = expr_push(c, tuple);
    if (n > 0) {
        int v = unit_push(c), alias = alias_of(c, keys);
        unit_at(c, p);
        emit(c, OP_MATCHKEYS, v, reg, alias);
        pop(c, alias);
        match_tuple(c, m, v, n, &p->MatchMapping.patterns, NULL);
    }
    if (p->MatchMapping.rest) {
        int rest = unit_push(c), alias = alias_of(c, keys);
        unit_at(c, p);
        emit(c, OP_COPYWITHOUT, rest, reg, alias);
        pop(c, alias);
        capture(c, m, p, p->MatchMapping.rest, rest);
    }
}

static uint32_t attribute_names(struct compiler *c, struct node *p)
{
    const struct name_list *l = &p->MatchClass.kwd_attrs;
    for (uint32_t i = 0; i < l->count; i++)
        for (uint32_t k = i + 1; k < l->count; k++)
            if (l->items[i] == l->items[k])
                compile_fail(c, p->MatchClass.kwd_patterns.items[k], "attribute name repeated in class pattern: %s", l->items[k]->text);
    value v = c->failed ? V_NULL : l->count ? tuple_new(c->t, l->count) : tuple_empty;
    for (uint32_t i = 0; v != V_NULL && i < l->count; i++)
        as_tuple(v)->at[i] = own(c->t, const_str(c, l->items[i]));
    return const_value(c, v);
}

static void match_class(struct compiler *c, struct pattern *m, struct node *p, int reg)
{
    uint32_t positional = p->MatchClass.patterns.count, n = positional + p->MatchClass.kwd_patterns.count;
    if (p->MatchClass.cls->kind != AST_Name && p->MatchClass.cls->kind != AST_Attribute)
        compile_fail(c, p, "class pattern must be a name or attribute");
    int v = unit_push_many(c, 3);
    emit(c, OP_BORROW, v, reg, 0);
    expr_into(c, p->MatchClass.cls, v + 1);
    unit_at(c, p);
    if (!c->u->dead)
        emit_wide(c, OP_LOADK, v + 2, attribute_names(c, p));
    emit_int(c, OP_MATCHCLASS, v, v, 3, positional);
    pop(c, v + 1);
    match_tuple(c, m, v, n, &p->MatchClass.patterns, &p->MatchClass.kwd_patterns);
}

/* ---- alternatives ---- */

static void drop_down(struct compiler *c, struct pattern *m, unsigned top)
{
    for (unsigned r = top; r > m->base; r--) {
        emit_bind(c, &m->fail[r - m->base]);
        emit(c, OP_DROP, (int)r - 1, 0, 0);
    }
    emit_bind(c, &m->fail[0]);
}

static struct pattern *new_pattern(struct compiler *c)
{
    struct pattern *m = arena_alloc(&c->f->arena, sizeof *m);
    if (!m) {
        compile_memory(c);
        return NULL;
    }
    m->base = c->u->top;
    for (unsigned i = 0; i < sizeof m->fail / sizeof *m->fail; i++)
        m->fail[i] = LABEL;
    return m;
}

/* Names captured by the first alternative say which slots there are. */
static int slot_of(const struct capture *slots, unsigned count, const struct name *name)
{
    for (unsigned i = 0; i < count; i++)
        if (slots[i].name == name)
            return slots[i].reg;
    return -1;
}

static void collect(const struct node *p, struct capture *out, unsigned *count)
{
    struct name *name = p->kind == AST_MatchAs ? p->MatchAs.name : p->kind == AST_MatchStar ? p->MatchStar.name
                      : p->kind == AST_MatchMapping ? p->MatchMapping.rest : NULL;
    if (p->kind == AST_MatchOr) {
        collect(p->MatchOr.patterns.items[0], out, count);
        return;
    }
    const struct ast_shape *s = ast_shape((enum ast_kind)p->kind);
    for (unsigned i = 0; i < s->count; i++) {
        const void *at = ast_field_at(p, &s->fields[i]);
        if (p->kind == AST_MatchAs && s->fields[i].type == FIELD_OPT && *(struct node *const *)at)
            collect(*(struct node *const *)at, out, count);
        const struct node_list *l = at;
        for (uint32_t k = 0; s->fields[i].type == FIELD_LIST && k < l->count; k++)
            if (ast_shape((enum ast_kind)l->items[k]->kind)->group == GROUP_PATTERN)
                collect(l->items[k], out, count);
    }
    if (name && *count < MAX_CAPTURES)
        out[(*count)++] = (struct capture){name, -1};
}

static void match_alternative(struct compiler *c, struct node *p, int reg, bool last, const struct capture *slots, unsigned count, struct label *matched)
{
    struct pattern *inner = new_pattern(c);
    if (!inner)
        return;
    inner->irrefutable_ok = last;
    match(c, inner, p, reg);
    if (inner->count != count)
        compile_fail(c, p, "alternative patterns bind different names");
    for (unsigned i = 0; i < inner->count && !c->failed; i++) {
        int slot = slot_of(slots, count, inner->captures[i].name);
        if (slot < 0)
            compile_fail(c, p, "alternative patterns bind different names");
        else
            emit(c, OP_DUP, slot, inner->captures[i].reg, 0);
    }
    unsigned top = c->u->top;
    for (unsigned r = top; r > inner->base; r--)
        emit(c, OP_DROP, (int)r - 1, 0, 0);
    emit_jump(c, OP_JMP, 0, 0, matched);
    drop_down(c, inner, top);
    c->u->top = inner->base;
}

static void unreachable(struct compiler *c, const struct node *p)
{
    while (p->kind == AST_MatchAs && p->MatchAs.pattern)
        p = p->MatchAs.pattern;
    if (p->kind == AST_MatchAs && p->MatchAs.name)
        compile_fail(c, p, "name capture '%s' makes remaining patterns unreachable", p->MatchAs.name->text);
    else
        compile_fail(c, p, "wildcard makes remaining patterns unreachable");
}

static void match_or(struct compiler *c, struct pattern *m, struct node *p, int reg)
{
    struct capture *slots = arena_alloc(&c->f->arena, MAX_CAPTURES * sizeof *slots);
    const struct node_list *l = &p->MatchOr.patterns;
    struct label matched = LABEL;
    unsigned count = 0;
    if (!slots) {
        compile_memory(c);
        return;
    }
    collect(l->items[0], slots, &count);
    int first = count ? unit_push_many(c, count) : -1;
    for (unsigned i = 0; i < count; i++)
        slots[i].reg = first + (int)i;
    for (uint32_t i = 0; i < l->count; i++) {
        match_alternative(c, l->items[i], reg, i + 1 == l->count && m->irrefutable_ok, slots, count, &matched);
    }
    emit_jump(c, OP_JMP, 0, 0, fail_here(c, m));
    emit_bind(c, &matched);
    for (unsigned i = 0; i < count; i++)
        capture(c, m, p, slots[i].name, slots[i].reg);
}

/* ---- the switch ---- */

static void match(struct compiler *c, struct pattern *m, struct node *p, int reg)
{
    if (c->failed)
        return;
    unit_at(c, p);
    switch ((int)p->kind) {
    case AST_MatchValue: match_value(c, m, p, reg); return;
    case AST_MatchSingleton: match_singleton(c, m, p, reg); return;
    case AST_MatchSequence: match_sequence(c, m, p, reg); return;
    case AST_MatchMapping: match_mapping(c, m, p, reg); return;
    case AST_MatchClass: match_class(c, m, p, reg); return;
    case AST_MatchOr: match_or(c, m, p, reg); return;
    case AST_MatchStar:
        if (p->MatchStar.name)
            capture(c, m, p, p->MatchStar.name, reg);
        return;
    case AST_MatchAs:
        if (!p->MatchAs.pattern && !m->irrefutable_ok)
            unreachable(c, p);
        if (p->MatchAs.pattern)
            match(c, m, p->MatchAs.pattern, reg);
        if (p->MatchAs.name)
            capture(c, m, p, p->MatchAs.name, reg);
        return;
    }
}

static void bind_captures(struct compiler *c, struct pattern *m, struct node *at)
{
    for (unsigned i = 0; i < m->count; i++) {
        int reg = name_register(c, m->captures[i].name);
        if (reg >= 0) {
            emit(c, OP_DUP, reg, m->captures[i].reg, 0);
            continue;
        }
        int t = unit_push(c);
        emit(c, OP_DUP, t, m->captures[i].reg, 0);
        name_store(c, at, m->captures[i].name, t);
        pop(c, t);
    }
}

static void case_block(struct compiler *c, struct node *k, int subject, bool last, struct label *end)
{
    struct pattern *m = new_pattern(c);
    if (!m)
        return;
    m->irrefutable_ok = last || k->match_case.guard;
    struct label next = LABEL;
    match(c, m, k->match_case.pattern, subject);
    bind_captures(c, m, k->match_case.pattern);
    unsigned top = c->u->top;
    for (unsigned r = top; r > m->base; r--)
        emit(c, OP_DROP, (int)r - 1, 0, 0);
    c->u->top = m->base;
    if (k->match_case.guard)
        cond_jump(c, k->match_case.guard, false, &next);
    emit(c, OP_DROP, subject, 0, 0);
    statements(c, &k->match_case.body);
    emit_jump(c, OP_JMP, 0, 0, end);
    drop_down(c, m, top);
    emit_bind(c, &next);
}

void match_statement(struct compiler *c, struct node *n)
{
    struct label end = LABEL;
    const struct node_list *l = &n->Match.cases;
    int subject = expr_push(c, n->Match.subject);
    for (uint32_t i = 0; i < l->count; i++) {
        struct node *k = l->items[i];
        case_block(c, k, subject, i + 1 == l->count, &end);
    }
    emit(c, OP_DROP, subject, 0, 0);
    emit_bind(c, &end);
}
