// SPDX-License-Identifier: Apache-2.0
// An annotation back to source text, as `from __future__ import annotations` keeps it.
// It leaves full fidelity of statements to Python's own ast.unparse; this one knows expressions only.
#include "ast.h"

#include <stdlib.h>
#include <string.h>

enum level { TUPLE_LEVEL, TEST, OR, AND, NOT, COMPARE, BITOR, BITXOR, BITAND, SHIFT, ARITH, TERM, FACTOR, POWER, AWAIT, ATOM };

struct text { char *data; size_t len, capacity; bool failed; };

static void put_n(struct text *o, const char *s, size_t n)
{
    if (o->len + n + 1 > o->capacity) {
        size_t capacity = 2 * (o->len + n) + 64;
        char *grown = realloc(o->data, capacity);
        if (!grown) {
            o->failed = true;
            return;
        }
        o->data = grown;
        o->capacity = capacity;
    }
    memcpy(o->data + o->len, s, n);
    o->len += n;
}

static void put(struct text *o, const char *s)
{
    put_n(o, s, strlen(s));
}

static void write_expr(struct text *o, const struct node *n, enum level level);

static void write_list(struct text *o, const struct node_list *l, enum level level)
{
    for (uint32_t i = 0; i < l->count; i++) {
        if (i)
            put(o, ", ");
        write_expr(o, l->items[i], level);
    }
}

/* ---- constants ---- */

static void write_quoted(struct text *o, const char *s, uint32_t len, bool bytes)
{
    char quote = memchr(s, '\'', len) && !memchr(s, '"', len) ? '"' : '\'', buffer[8];
    put_n(o, &quote, 1);
    for (uint32_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c == '\\' || c == (unsigned char)quote)
            put(o, "\\"), put_n(o, s + i, 1);
        else if (c == '\n' || c == '\r' || c == '\t')
            put(o, c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t");
        else if (c < 0x20 || c == 0x7f || (bytes && c >= 0x80))
            snprintf(buffer, sizeof buffer, "\\x%02x", c), put(o, buffer);
        else
            put_n(o, s + i, 1);
    }
    put_n(o, &quote, 1);
}

static void write_float(struct text *o, double d)
{
    char buffer[40];
    if (d > 1.7e308) {
        put(o, "1e309");
        return;
    }
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(buffer, sizeof buffer, "%.*g", digits, d);
        if (strtod(buffer, NULL) == d)
            break;
    }
    put(o, buffer);
    if (!strpbrk(buffer, ".en"))
        put(o, ".0");
}

static void write_constant(struct text *o, const struct constant *k)
{
    switch (k->kind) {
    case CONST_NONE: put(o, "None"); return;
    case CONST_TRUE: put(o, "True"); return;
    case CONST_FALSE: put(o, "False"); return;
    case CONST_ELLIPSIS: put(o, "..."); return;
    case CONST_INT: put_n(o, k->text, k->len); return;
    case CONST_FLOAT: write_float(o, k->number); return;
    case CONST_IMAG:
        write_float(o, k->number);
        if (o->len > 2 && !memcmp(o->data + o->len - 2, ".0", 2))
            o->len -= 2;
        put(o, "j");
        return;
    case CONST_STR: write_quoted(o, k->text, k->len, false); return;
    case CONST_BYTES: put(o, "b"); write_quoted(o, k->text, k->len, true); return;
    case CONST_OBJECT: put(o, "..."); return;
    }
}

/* ---- f-strings ---- */

static void write_pieces(struct text *o, const struct node *n)
{
    if (n->kind == AST_JoinedStr) {
        for (uint32_t i = 0; i < n->JoinedStr.values.count; i++)
            write_pieces(o, n->JoinedStr.values.items[i]);
    } else if (n->kind == AST_Constant) {
        for (uint32_t i = 0; i < n->Constant.value.len; i++) {
            char c = n->Constant.value.text[i];
            put_n(o, &c, 1);
            if (c == '{' || c == '}')
                put_n(o, &c, 1);
        }
    } else {
        char conversion[3] = {'!', (char)n->FormattedValue.conversion, 0};
        put(o, "{");
        write_expr(o, n->FormattedValue.value, TEST);
        if (n->FormattedValue.conversion > 0)
            put(o, conversion);
        if (n->FormattedValue.format_spec) {
            put(o, ":");
            write_pieces(o, n->FormattedValue.format_spec);
        }
        put(o, "}");
    }
}

static void write_joined(struct text *o, const struct node *n)
{
    struct text inner = {0};
    write_pieces(&inner, n);
    put(o, "f");
    write_quoted(o, inner.data ? inner.data : "", (uint32_t)inner.len, false);
    free(inner.data);
}

/* ---- operators ---- */

static enum level binary_level(enum ast_operator op)
{
    switch ((int)op) {
    case AOP_BitOr: return BITOR;
    case AOP_BitXor: return BITXOR;
    case AOP_BitAnd: return BITAND;
    case AOP_LShift: case AOP_RShift: return SHIFT;
    case AOP_Add: case AOP_Sub: return ARITH;
    case AOP_Pow: return POWER;
    }
    return TERM;
}

static void open_if(struct text *o, bool brackets)
{
    if (brackets)
        put(o, "(");
}

static void close_if(struct text *o, bool brackets)
{
    if (brackets)
        put(o, ")");
}

static void write_binary(struct text *o, const struct node *n, enum level level)
{
    enum level own = binary_level(n->BinOp.op);
    bool right_first = own == POWER;
    open_if(o, level > own);
    write_expr(o, n->BinOp.left, own + right_first);
    put(o, right_first ? "" : " ");
    put(o, ast_operator_text(n->BinOp.op));
    put(o, right_first ? "" : " ");
    write_expr(o, n->BinOp.right, own + !right_first);
    close_if(o, level > own);
}

static void write_unary(struct text *o, const struct node *n, enum level level)
{
    enum level own = n->UnaryOp.op == AOP_Not ? NOT : FACTOR;
    open_if(o, level > own);
    put(o, ast_operator_text(n->UnaryOp.op));
    put(o, own == NOT ? " " : "");
    write_expr(o, n->UnaryOp.operand, own);
    close_if(o, level > own);
}

static void write_bool(struct text *o, const struct node *n, enum level level)
{
    enum level own = n->BoolOp.op == AOP_And ? AND : OR;
    open_if(o, level > own);
    for (uint32_t i = 0; i < n->BoolOp.values.count; i++) {
        if (i)
            put(o, own == AND ? " and " : " or ");
        write_expr(o, n->BoolOp.values.items[i], own + 1);
    }
    close_if(o, level > own);
}

static void write_compare(struct text *o, const struct node *n, enum level level)
{
    open_if(o, level > COMPARE);
    write_expr(o, n->Compare.left, COMPARE + 1);
    for (uint32_t i = 0; i < n->Compare.ops.count; i++) {
        put(o, " ");
        put(o, ast_operator_text((enum ast_operator)n->Compare.ops.items[i]));
        put(o, " ");
        write_expr(o, n->Compare.comparators.items[i], COMPARE + 1);
    }
    close_if(o, level > COMPARE);
}

/* ---- the rest ---- */

static void write_arg(struct text *o, const struct node *arg, const char *star, bool *comma)
{
    put(o, *comma ? ", " : "");
    put(o, star);
    put(o, arg->arg.arg->text);
    *comma = true;
}

static void write_default(struct text *o, const struct node *v)
{
    if (v) {
        put(o, "=");
        write_expr(o, v, TEST);
    }
}

static void write_parameters(struct text *o, const struct node *a)
{
    bool comma = false;
    uint32_t posonly = a->arguments.posonlyargs.count, plain = posonly + a->arguments.args.count;
    uint32_t first_default = plain - a->arguments.defaults.count;
    for (uint32_t i = 0; i < plain; i++) {
        write_arg(o, i < posonly ? a->arguments.posonlyargs.items[i] : a->arguments.args.items[i - posonly], "", &comma);
        write_default(o, i >= first_default ? a->arguments.defaults.items[i - first_default] : NULL);
        if (posonly && i + 1 == posonly)
            put(o, ", /");
    }
    if (a->arguments.vararg)
        write_arg(o, a->arguments.vararg, "*", &comma);
    else if (a->arguments.kwonlyargs.count)
        put(o, comma ? ", *" : "*"), comma = true;
    for (uint32_t i = 0; i < a->arguments.kwonlyargs.count; i++) {
        write_arg(o, a->arguments.kwonlyargs.items[i], "", &comma);
        write_default(o, a->arguments.kw_defaults.items[i]);
    }
    if (a->arguments.kwarg)
        write_arg(o, a->arguments.kwarg, "**", &comma);
}

static void write_lambda(struct text *o, const struct node *n, enum level level)
{
    struct text parameters = {0};
    open_if(o, level > TEST);
    write_parameters(&parameters, n->Lambda.args);
    put(o, parameters.len ? "lambda " : "lambda");
    put_n(o, parameters.data ? parameters.data : "", parameters.len);
    free(parameters.data);
    put(o, ": ");
    write_expr(o, n->Lambda.body, TEST);
    close_if(o, level > TEST);
}

static void write_clauses(struct text *o, const struct node_list *l)
{
    for (uint32_t i = 0; i < l->count; i++) {
        const struct node *g = l->items[i];
        put(o, g->comprehension.is_async ? " async for " : " for ");
        write_expr(o, g->comprehension.target, TUPLE_LEVEL);
        put(o, " in ");
        write_expr(o, g->comprehension.iter, TEST + 1);
        for (uint32_t k = 0; k < g->comprehension.ifs.count; k++) {
            put(o, " if ");
            write_expr(o, g->comprehension.ifs.items[k], TEST + 1);
        }
    }
}

static void write_comprehension(struct text *o, const struct node *n, const char *open, const char *close)
{
    put(o, open);
    write_expr(o, n->ListComp.elt, TEST);
    write_clauses(o, &n->ListComp.generators);
    put(o, close);
}

static void write_dict(struct text *o, const struct node *n)
{
    put(o, "{");
    for (uint32_t i = 0; i < n->Dict.keys.count; i++) {
        put(o, i ? ", " : "");
        if (n->Dict.keys.items[i]) {
            write_expr(o, n->Dict.keys.items[i], TEST);
            put(o, ": ");
            write_expr(o, n->Dict.values.items[i], TEST);
        } else {
            put(o, "**");
            write_expr(o, n->Dict.values.items[i], BITOR);
        }
    }
    put(o, "}");
}

static void write_call(struct text *o, const struct node *n)
{
    const struct node_list *args = &n->Call.args, *keywords = &n->Call.keywords;
    write_expr(o, n->Call.func, ATOM);
    if (args->count == 1 && keywords->count == 0 && args->items[0]->kind == AST_GeneratorExp) {
        write_expr(o, args->items[0], ATOM);
        return;
    }
    put(o, "(");
    write_list(o, args, TEST);
    for (uint32_t i = 0; i < keywords->count; i++) {
        put(o, i || args->count ? ", " : "");
        put(o, keywords->items[i]->keyword.arg ? keywords->items[i]->keyword.arg->text : "**");
        put(o, keywords->items[i]->keyword.arg ? "=" : "");
        write_expr(o, keywords->items[i]->keyword.value, TEST);
    }
    put(o, ")");
}

static void write_subscript(struct text *o, const struct node *n)
{
    const struct node *i = n->Subscript.slice;
    bool star = false;
    for (uint32_t k = 0; i->kind == AST_Tuple && k < i->Tuple.elts.count; k++)
        star |= i->Tuple.elts.items[k]->kind == AST_Starred;
    write_expr(o, n->Subscript.value, ATOM);
    put(o, "[");
    write_expr(o, i, star ? TEST : TUPLE_LEVEL);
    put(o, "]");
}

static void write_tuple(struct text *o, const struct node *n, enum level level)
{
    if (n->Tuple.elts.count == 0) {
        put(o, "()");
        return;
    }
    open_if(o, level > TUPLE_LEVEL);
    write_list(o, &n->Tuple.elts, TEST);
    put(o, n->Tuple.elts.count == 1 ? "," : "");
    close_if(o, level > TUPLE_LEVEL);
}

static void write_slice(struct text *o, const struct node *n)
{
    if (n->Slice.lower)
        write_expr(o, n->Slice.lower, TEST);
    put(o, ":");
    if (n->Slice.upper)
        write_expr(o, n->Slice.upper, TEST);
    if (n->Slice.step) {
        put(o, ":");
        write_expr(o, n->Slice.step, TEST);
    }
}

static void write_attribute(struct text *o, const struct node *n)
{
    const struct node *v = n->Attribute.value;
    write_expr(o, v, ATOM);
    put(o, v->kind == AST_Constant && v->Constant.value.kind == CONST_INT ? " ." : ".");
    put(o, n->Attribute.attr->text);
}

static void write_conditional(struct text *o, const struct node *n, enum level level)
{
    open_if(o, level > TEST);
    write_expr(o, n->IfExp.body, TEST + 1);
    put(o, " if ");
    write_expr(o, n->IfExp.test, TEST + 1);
    put(o, " else ");
    write_expr(o, n->IfExp.orelse, TEST);
    close_if(o, level > TEST);
}

static void write_prefixed(struct text *o, const char *word, const struct node *v, enum level own, enum level level, enum level inner)
{
    open_if(o, level > own);
    put(o, word);
    if (v)
        write_expr(o, v, inner);
    close_if(o, level > own);
}

static void write_expr(struct text *o, const struct node *n, enum level level)
{
    switch ((int)n->kind) {
    case AST_Name: put(o, n->Name.id->text); return;
    case AST_Constant: write_constant(o, &n->Constant.value); return;
    case AST_Attribute: write_attribute(o, n); return;
    case AST_Subscript: write_subscript(o, n); return;
    case AST_BinOp: write_binary(o, n, level); return;
    case AST_UnaryOp: write_unary(o, n, level); return;
    case AST_BoolOp: write_bool(o, n, level); return;
    case AST_Compare: write_compare(o, n, level); return;
    case AST_Call: write_call(o, n); return;
    case AST_Tuple: write_tuple(o, n, level); return;
    case AST_List: put(o, "["); write_list(o, &n->List.elts, TEST); put(o, "]"); return;
    case AST_Set: put(o, "{"); write_list(o, &n->Set.elts, TEST); put(o, "}"); return;
    case AST_Dict: write_dict(o, n); return;
    case AST_Slice: write_slice(o, n); return;
    case AST_Lambda: write_lambda(o, n, level); return;
    case AST_IfExp: write_conditional(o, n, level); return;
    case AST_Starred: put(o, "*"); write_expr(o, n->Starred.value, BITOR); return;
    case AST_Await: write_prefixed(o, "await ", n->Await.value, AWAIT, level, ATOM); return;
    case AST_Yield: write_prefixed(o, n->Yield.value ? "(yield " : "(yield", n->Yield.value, ATOM, level, TUPLE_LEVEL); put(o, ")"); return;
    case AST_YieldFrom: write_prefixed(o, "(yield from ", n->YieldFrom.value, ATOM, level, TEST); put(o, ")"); return;
    case AST_NamedExpr:
        put(o, "(");
        put(o, n->NamedExpr.target->Name.id->text);
        put(o, " := ");
        write_expr(o, n->NamedExpr.value, ATOM);
        put(o, ")");
        return;
    case AST_JoinedStr: case AST_FormattedValue: write_joined(o, n); return;
    case AST_ListComp: write_comprehension(o, n, "[", "]"); return;
    case AST_SetComp: write_comprehension(o, n, "{", "}"); return;
    case AST_GeneratorExp: write_comprehension(o, n, "(", ")"); return;
    case AST_DictComp:
        put(o, "{");
        write_expr(o, n->DictComp.key, TEST);
        put(o, ": ");
        write_expr(o, n->DictComp.value, TEST);
        write_clauses(o, &n->DictComp.generators);
        put(o, "}");
        return;
    }
}

/* returns a str Constant node that holds the text, or NULL when memory is out. */
struct node *unparse(struct front *f, struct node *n)
{
    struct text o = {0};
    write_expr(&o, n, TEST);
    struct node *k = o.failed ? NULL : ast_constant(f, CONST_STR, n->pos);
    char *copy = k ? arena_copy(&f->arena, o.data ? o.data : "", o.len) : NULL;
    if (copy) {
        k->Constant.value.text = copy;
        k->Constant.value.len = (uint32_t)o.len;
    }
    free(o.data);
    return copy ? k : NULL;
}
