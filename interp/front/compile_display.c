// SPDX-License-Identifier: Apache-2.0
// List, tuple, set and dict displays, and f-strings.
// It leaves comprehensions to compile_comp.c.
#include "compile.h"

static bool has_star(const struct node_list *l)
{
    for (uint32_t i = 0; i < l->count; i++)
        if (l->items[i]->kind == AST_Starred)
            return true;
    return false;
}

/* Items [from, to) into a fresh range of temporaries, its first register. */
static int push_range(struct compiler *c, const struct node_list *l, uint32_t from, uint32_t to)
{
    int first = (int)c->u->top;
    for (uint32_t i = from; i < to; i++)
        expr_arg(c, l->items[i], unit_push(c));
    return first;
}

static enum opcode display_opcode(enum ast_kind kind)
{
    return kind == AST_Set ? OP_SET : kind == AST_Tuple ? OP_TUPLE : OP_LIST;
}

/* Add the rest of the items to the container in temporary t. */
static void extend(struct compiler *c, const struct node_list *l, uint32_t from, int t, bool set)
{
    for (uint32_t i = from; i < l->count; i++) {
        unsigned base = c->u->top;
        struct node *item = l->items[i];
        bool star = item->kind == AST_Starred;
        int reg = expr(c, star ? item->Starred.value : item);
        unit_at(c, item);
        emit(c, set ? star ? OP_SETUPDATE : OP_SETADD : star ? OP_LISTEXTEND : OP_LISTAPPEND, t, reg, 0);
        c->u->top = base;
    }
}

static bool all_constant(struct compiler *c, const struct node_list *l)
{
    for (uint32_t i = 0; i < l->count; i++) {
        fold(c, l->items[i]);
        if (l->items[i]->kind != AST_Constant)
            return false;
    }
    return true;
}

/* [1, 2, 3]: one constant tuple, copied. */
static bool constant_list(struct compiler *c, const struct node_list *l, int t)
{
    if (l->count < 3 || !all_constant(c, l))
        return false;
    struct node *tuple = ast_new(c->f, AST_Tuple, c->u->pos);
    if (!tuple) {
        compile_memory(c);
        return true;
    }
    tuple->Tuple.elts = *l;
    fold(c, tuple);
    unsigned base = c->u->top;
    emit(c, OP_LIST, t, 0, 0);
    int items = expr_push(c, tuple);
    emit(c, OP_LISTEXTEND, t, items, 0);
    c->u->top = base;
    return true;
}

/* A list (or set) in temporary t. */
void display_list(struct compiler *c, const struct node_list *l, int t, enum ast_kind kind)
{
    unsigned base = c->u->top;
    uint32_t head = 0;
    if (kind == AST_List && constant_list(c, l, t))
        return;
    while (head < l->count && head < COMPILE_CHUNK && l->items[head]->kind != AST_Starred)
        head++;
    int first = push_range(c, l, 0, head);
    emit(c, display_opcode(kind), t, first, (int)head);
    c->u->top = base;
    extend(c, l, head, t, kind == AST_Set);
}

static void sequence_into(struct compiler *c, struct node *n, int dst)
{
    const struct node_list *l = &n->List.elts;
    if (l->count <= COMPILE_CHUNK && !has_star(l) && !(n->kind == AST_List && l->count > 2 && all_constant(c, l))) {
        int first = push_range(c, l, 0, l->count);
        unit_at(c, n);
        emit(c, display_opcode((enum ast_kind)n->kind), dst, first, (int)l->count);
        return;
    }
    int t = unit_is_local(c, dst) ? unit_push(c) : dst;
    display_list(c, l, t, n->kind == AST_Set ? AST_Set : AST_List);
    unit_at(c, n);
    if (n->kind == AST_Tuple)
        emit(c, OP_LISTTUPLE, dst, t, 0);
    else if (t != dst)
        emit(c, OP_MOVE, dst, t, 0);
}

/* ---- dict ---- */

/* Up to COMPILE_CHUNK / 2 pairs from the front. */
static uint32_t push_pairs(struct compiler *c, const struct node *n, int *first)
{
    uint32_t count = 0;
    *first = (int)c->u->top;
    for (; count < n->Dict.keys.count && count < COMPILE_CHUNK / 2 && n->Dict.keys.items[count]; count++) {
        expr_arg(c, n->Dict.keys.items[count], unit_push(c));
        expr_arg(c, n->Dict.values.items[count], unit_push(c));
    }
    return count;
}

static void add_pair(struct compiler *c, struct node *key, struct node *v, int t)
{
    unsigned base = c->u->top;
    if (!key) {
        int reg = expr(c, v);
        unit_at(c, v);
        emit(c, OP_MAPUPDATE, t, reg, 0);
    } else {
        int k = expr_held(c, key), reg = expr(c, v);
        unit_at(c, key);
        emit(c, OP_MAPSET, t, k, reg);
    }
    c->u->top = base;
}

static void dict_into(struct compiler *c, struct node *n, int dst)
{
    int first, t = dst;
    unsigned base = c->u->top;
    uint32_t pairs = push_pairs(c, n, &first);
    if (pairs < n->Dict.keys.count && unit_is_local(c, dst)) {
        emit(c, OP_MAP, first, first, (int)pairs);
        c->u->top = base;
        t = unit_push(c);
    } else {
        emit(c, OP_MAP, dst, first, (int)pairs);
        c->u->top = base;
    }
    for (uint32_t i = pairs; i < n->Dict.keys.count; i++)
        add_pair(c, n->Dict.keys.items[i], n->Dict.values.items[i], t);
    if (t != dst)
        emit(c, OP_MOVE, dst, t, 0);
}

void display_into(struct compiler *c, struct node *n, int dst)
{
    if (n->kind == AST_Dict)
        dict_into(c, n, dst);
    else
        sequence_into(c, n, dst);
}

/* ---- f-strings ---- */

static void formatted_into(struct compiler *c, struct node *n, int dst)
{
    int conversion = n->FormattedValue.conversion;
    int flags = conversion == 's' ? 1 : conversion == 'r' ? 2 : conversion == 'a' ? 3 : 0;
    struct node *spec = n->FormattedValue.format_spec;
    if (!spec) {
        int v = expr(c, n->FormattedValue.value);
        unit_at(c, n);
        emit(c, OP_FORMAT, dst, v, flags);
        return;
    }
    int v = unit_push(c);
    expr_arg(c, n->FormattedValue.value, v);
    int s = unit_push(c);
    expr_into(c, spec, s);
    unit_at(c, n);
    emit(c, OP_FORMAT, dst, v, flags | 4);
}

static void empty_string(struct compiler *c, int dst)
{
    struct constant empty = {.kind = CONST_STR, .text = ""};
    load_const(c, &empty, dst);
}

static void pieces_into(struct compiler *c, const struct node_list *l, int dst)
{
    int first = unit_push(c);
    uint32_t done = 0;
    expr_into(c, l->items[done++], first);
    while (done < l->count) {
        unsigned base = c->u->top;
        uint32_t n = 1;
        for (; n < COMPILE_CHUNK && done < l->count; n++, done++)
            expr_into(c, l->items[done], unit_push(c));
        emit(c, OP_STRCAT, done < l->count ? first : dst, first, (int)n);
        c->u->top = base;
    }
}

void joined_into(struct compiler *c, struct node *n, int dst)
{
    if (n->kind == AST_FormattedValue)
        formatted_into(c, n, dst);
    else if (n->JoinedStr.values.count == 0)
        empty_string(c, dst);
    else if (n->JoinedStr.values.count == 1)
        expr_into(c, n->JoinedStr.values.items[0], dst);
    else
        pieces_into(c, &n->JoinedStr.values, dst);
}
