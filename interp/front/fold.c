// SPDX-License-Identifier: Apache-2.0
// Constant folding: arithmetic on literals and tuples of literals become constants before code is made.
// It leaves anything that raises, is large or could be observed to run time.
#include "compile.h"

#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"

enum { MARK_TRIED = 1, MAX_BITS = 128, MAX_TEXT = 4096, MAX_ITEMS = 256 };

static void replace(struct compiler *c, struct node *n, value v)
{
    GROW(c, c->kept, c->nkept, c->kept_capacity);
    if (c->failed) {
        release(c->t, v);
        return;
    }
    c->kept[c->nkept++] = v;
    enum constant_kind kind = v == V_NONE ? CONST_NONE : v == V_TRUE ? CONST_TRUE : v == V_FALSE ? CONST_FALSE
                            : v == V_ELLIPSIS ? CONST_ELLIPSIS : CONST_OBJECT;
    n->kind = AST_Constant;
    n->Constant.value = (struct constant){.kind = kind, .object = v};
    n->Constant.kind = NULL;
}

static bool is_number(vref v)
{
    return is_exact_int(v) || is_flo(v) || v == V_FLOAT_ZERO || v == V_FLOAT_MINUS_ZERO || has_shape(v, SHAPE_FLOAT) || has_shape(v, SHAPE_COMPLEX);
}

static size_t text_length(vref v)
{
    return has_shape(v, SHAPE_STR) ? as_str(v)->length : has_shape(v, SHAPE_BYTES) ? as_bytes(v)->length
         : has_shape(v, SHAPE_TUPLE) ? tuple_size(v) : 0;
}

static unsigned int_bits(vref v)
{
    if (is_int62(v)) {
        int64_t i = as_int62(v);
        return i == 0 ? 0 : 64 - (unsigned)__builtin_clzll((unsigned long long)(i < 0 ? -i : i));
    }
    int64_t limbs = ((struct bigint *)as_object(v))->size;
    return (unsigned)(limbs < 0 ? -limbs : limbs) * 64;
}

static bool small_repeat(vref text, vref times)
{
    size_t limit = has_shape(text, SHAPE_TUPLE) ? MAX_ITEMS : MAX_TEXT, len = text_length(text);
    return is_int62(times) && as_int62(times) >= 0 && len > 0 && (size_t)as_int62(times) <= limit / len;
}

/* Is a op b cheap, small and without effect? */
static bool safe(vref a, vref b, enum ast_operator op)
{
    bool text_a = has_shape(a, SHAPE_STR) || has_shape(a, SHAPE_BYTES) || has_shape(a, SHAPE_TUPLE);
    bool text_b = has_shape(b, SHAPE_STR) || has_shape(b, SHAPE_BYTES) || has_shape(b, SHAPE_TUPLE);
    if (op == AOP_Mult && text_a != text_b)
        return text_a ? is_exact_int(b) && small_repeat(a, b) : is_exact_int(a) && small_repeat(b, a);
    if (op == AOP_Add && text_a && text_b)
        return as_object(a)->shape == as_object(b)->shape && text_length(a) + text_length(b) <= MAX_TEXT;
    if (!is_number(a) || !is_number(b))
        return false;
    if (!is_exact_int(a) || !is_exact_int(b))
        return true;
    unsigned bits = int_bits(a);
    if (op == AOP_Mult)
        return bits + int_bits(b) <= MAX_BITS;
    if (op == AOP_LShift)
        return is_int62(b) && as_int62(b) >= 0 && as_int62(b) <= MAX_BITS && bits + (unsigned)as_int62(b) <= MAX_BITS;
    if (op == AOP_Pow)
        return is_int62(b) && as_int62(b) >= 0 && as_int62(b) <= MAX_BITS && (bits == 0 || bits * (unsigned)as_int62(b) <= MAX_BITS);
    return true;
}

/* Replace n by what `result` is, unless making it raised. */
static void take(struct compiler *c, struct node *n, value result)
{
    if (result == V_NULL)
        raised_clear(c->t);
    else
        replace(c, n, result);
}

static void fold_binary(struct compiler *c, struct node *n)
{
    struct node *l = n->BinOp.left, *r = n->BinOp.right;
    if (l->kind != AST_Constant || r->kind != AST_Constant)
        return;
    value a = const_make(c, &l->Constant.value), b = a == V_NULL ? V_NULL : const_make(c, &r->Constant.value);
    unsigned nb;
    binary_opcode(n->BinOp.op, false, &nb);
    if (a == V_NULL || b == V_NULL)
        raised_clear(c->t);
    else if (safe(a, b, n->BinOp.op))
        take(c, n, object_binary(c->t, a, b, (int)nb));
    if (a != V_NULL)
        release(c->t, a);
    if (b != V_NULL)
        release(c->t, b);
}

static void fold_unary(struct compiler *c, struct node *n)
{
    struct node *o = n->UnaryOp.operand;
    bool truth;
    if (o->kind != AST_Constant)
        return;
    if (n->UnaryOp.op == AOP_Not) {
        if (fold_truth(o, &truth))
            replace(c, n, truth ? V_FALSE : V_TRUE);
        return;
    }
    value v = const_make(c, &o->Constant.value);
    if (v == V_NULL) {
        raised_clear(c->t);
        return;
    }
    if (is_number(v) && (n->UnaryOp.op != AOP_Invert || is_exact_int(v)))
        take(c, n, n->UnaryOp.op == AOP_USub ? object_negative(c->t, v) : n->UnaryOp.op == AOP_UAdd ? object_positive(c->t, v)
                                                                                                : object_invert(c->t, v));
    release(c->t, v);
}

static void fold_tuple(struct compiler *c, struct node *n)
{
    const struct node_list *l = &n->Tuple.elts;
    if (n->Tuple.ctx != AST_LOAD)
        return;
    bool all = true;
    for (uint32_t i = 0; i < l->count; i++) {
        fold(c, l->items[i]);
        all &= l->items[i]->kind == AST_Constant;
    }
    if (!all || c->failed)
        return;
    value v = l->count ? tuple_new(c->t, l->count) : tuple_empty;
    for (uint32_t i = 0; v != V_NULL && i < l->count; i++) {
        value item = const_make(c, &l->items[i]->Constant.value);
        if (item == V_NULL) {
            release(c->t, v);
            v = V_NULL;
            break;
        }
        as_tuple(v)->at[i] = item;
    }
    if (v == V_NULL)
        c->failed = true;
    else
        replace(c, n, v);
}

/* Operands first; each node is tried once, so a long chain costs its length. */
void fold(struct compiler *c, struct node *n)
{
    if (c->failed || (n->mark & MARK_TRIED))
        return;
    n->mark |= MARK_TRIED;
    switch ((int)n->kind) {
    case AST_BinOp:
        fold(c, n->BinOp.left);
        fold(c, n->BinOp.right);
        if (!c->failed)
            fold_binary(c, n);
        break;
    case AST_UnaryOp:
        fold(c, n->UnaryOp.operand);
        if (!c->failed)
            fold_unary(c, n);
        break;
    case AST_Tuple:
        fold_tuple(c, n);
        break;
    case AST_Name:
        if (name_is(n->Name.id, "__debug__") && n->Name.ctx == AST_LOAD)
            replace(c, n, c->optimize ? V_FALSE : V_TRUE);
        break;
    }
}

/* The truth of a constant; false if n is none or its truth is not known here. */
bool fold_truth(const struct node *n, bool *truth)
{
    if (n->kind != AST_Constant)
        return false;
    const struct constant *k = &n->Constant.value;
    switch (k->kind) {
    case CONST_NONE: case CONST_FALSE: *truth = false; return true;
    case CONST_TRUE: case CONST_ELLIPSIS: *truth = true; return true;
    case CONST_FLOAT: case CONST_IMAG: *truth = k->number != 0.0; return true;
    case CONST_STR: case CONST_BYTES: *truth = k->len > 0; return true;
    case CONST_INT:
        *truth = false;
        for (uint32_t i = 0; i < k->len; i++)
            *truth |= k->text[i] != '0' && !(i == 1 && k->text[i] > '9');
        return true;
    case CONST_OBJECT: break;
    }
    vref v = (vref)k->object;
    if (is_int62(v))
        return *truth = as_int62(v) != 0, true;
    if (is_flo(v) || has_shape(v, SHAPE_INT))
        return *truth = true, true;
    if (text_length(v) || has_shape(v, SHAPE_STR) || has_shape(v, SHAPE_TUPLE) || has_shape(v, SHAPE_BYTES))
        return *truth = text_length(v) > 0, true;
    return false;
}
