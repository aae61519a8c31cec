// SPDX-License-Identifier: Apache-2.0
// Primaries (attribute, call, subscript), atoms, displays, comprehensions, adjacent strings.
// It leaves operators to parse_expr.c, argument lists to parse_call.c and literal values to literal.c.
#include "parse.h"

#include <stdlib.h>

/* ---- comprehensions ---- */

static bool for_clause_follows(const struct parser *p)
{
    return at(p, KW_FOR) || (at(p, KW_ASYNC) && at_next(p, KW_FOR));
}

static struct node *for_clause(struct parser *p)
{
    const struct token *start = p->tok;
    bool is_async = accept(p, KW_ASYNC);
    parse_advance(p);
    struct node *n = ast_new(p->f, AST_comprehension, pos_of(start));
    uint32_t mark = p->pile_count;
    if (!n || !(n->comprehension.target = parse_targets(p)))
        return NULL;
    n->comprehension.is_async = is_async;
    if (!expect(p, KW_IN) || !(n->comprehension.iter = parse_disjunction(p)))
        return NULL;
    while (accept(p, KW_IF))
        if (!pile_push(p, parse_disjunction(p)))
            return NULL;
    return pile_take(p, mark, &n->comprehension.ifs) ? n : NULL;
}

bool parse_for_clauses(struct parser *p, struct node_list *out)
{
    uint32_t mark = p->pile_count;
    while (for_clause_follows(p))
        if (!pile_push(p, for_clause(p)))
            return false;
    return pile_take(p, mark, out);
}

/* elt for ... ; the position is the caller's once the closing bracket is read. */
static struct node *comprehension(struct parser *p, enum ast_kind kind, struct node *elt)
{
    if (elt->kind == AST_Starred)
        return parse_fail(p, elt->pos, "iterable unpacking cannot be used in comprehension");
    struct node *n = ast_new(p->f, kind, elt->pos);
    if (!n)
        return NULL;
    n->ListComp.elt = elt;
    return parse_for_clauses(p, &n->ListComp.generators) ? n : NULL;
}

static struct node *close_comprehension(struct parser *p, const struct token *open, enum token_kind close, struct node *n)
{
    if (!n || !expect(p, close))
        return NULL;
    n->pos = pos_since(p, open);
    return n;
}

/* ---- ( ) and [ ] ---- */

static bool parse_elements(struct parser *p, struct node_list *out, uint32_t mark)
{
    while (accept(p, TOK_COMMA) && !ends_list(p))
        if (!pile_push(p, parse_star_named(p)))
            return false;
    return pile_take(p, mark, out);
}

/* `[a, b for ...]`: the target needs brackets. */
static void *missing_brackets(struct parser *p, const struct node_list *elts)
{
    return parse_fail(p, pos_range(elts->items[0]->pos, pos_of(p->tok - 1)), "did you forget parentheses around the comprehension target?");
}

static struct node *tuple_rest(struct parser *p, const struct token *open, enum token_kind close, struct node *first)
{
    uint32_t mark = p->pile_count;
    struct node *n = ast_new(p->f, AST_Tuple, pos_of(open));
    if (!n || (first && !pile_push(p, first)) || !parse_elements(p, &n->Tuple.elts, mark))
        return NULL;
    if (n->Tuple.elts.count > 1 && for_clause_follows(p))
        return parse_invalid(p);
    if (!expect(p, close))
        return NULL;
    n->pos = pos_since(p, open);
    n->parens = 1;
    return n;
}

static void *double_star(struct parser *p)
{
    struct parse_mark m = parse_mark(p);
    parse_advance(p);
    bool expression = parse_expression(p) != NULL;
    parse_reset(p, m);
    return expression ? parse_fail(p, pos_of(p->tok), "cannot use double starred expression here") : parse_invalid(p);
}

struct node *parse_group(struct parser *p, const struct token *open, enum token_kind close)
{
    if (at(p, TOK_RPAR))
        return tuple_rest(p, open, close, NULL);
    bool yield = at(p, KW_YIELD);
    struct node *n = yield ? parse_yield(p) : at(p, TOK_DOUBLESTAR) ? double_star(p) : parse_star_named(p);
    if (!n)
        return NULL;
    if (!yield) {
        if (for_clause_follows(p))
            return close_comprehension(p, open, close, comprehension(p, AST_GeneratorExp, n));
        if (at(p, TOK_COMMA))
            return tuple_rest(p, open, close, n);
        if (n->kind == AST_Starred && at(p, close))
            return parse_fail(p, n->pos, "cannot use starred expression here");
    }
    if (!expect(p, close))
        return NULL;
    n->parens = 1;
    return n;
}

static struct node *group(struct parser *p)
{
    const struct token *open = p->tok;
    parse_advance(p);
    return parse_group(p, open, TOK_RPAR);
}

static struct node *list_display(struct parser *p)
{
    const struct token *open = p->tok;
    parse_advance(p);
    struct node *first = NULL;
    if (!at(p, TOK_RSQB) && !(first = parse_star_named(p)))
        return NULL;
    if (first && for_clause_follows(p))
        return close_comprehension(p, open, TOK_RSQB, comprehension(p, AST_ListComp, first));
    uint32_t mark = p->pile_count;
    struct node *n = ast_new(p->f, AST_List, pos_of(open));
    if (!n || (first && !pile_push(p, first)) || !parse_elements(p, &n->List.elts, mark))
        return NULL;
    if (n->List.elts.count > 1 && for_clause_follows(p))
        return missing_brackets(p, &n->List.elts);
    if (!expect(p, TOK_RSQB))
        return NULL;
    n->pos = pos_since(p, open);
    return n;
}

/* ---- { } ---- */

static struct node *set_rest(struct parser *p, const struct token *open, struct node *first)
{
    if (for_clause_follows(p))
        return close_comprehension(p, open, TOK_RBRACE, comprehension(p, AST_SetComp, first));
    uint32_t mark = p->pile_count;
    struct node *n = ast_new(p->f, AST_Set, pos_of(open));
    if (!n || !pile_push(p, first) || !parse_elements(p, &n->Set.elts, mark))
        return NULL;
    if (n->Set.elts.count > 1 && for_clause_follows(p))
        return missing_brackets(p, &n->Set.elts);
    if (!expect(p, TOK_RBRACE))
        return NULL;
    n->pos = pos_since(p, open);
    return n;
}

static struct node *dict_value(struct parser *p)
{
    const struct token *colon = p->tok;
    if (!accept(p, TOK_COLON)) {
        if (starts_expression(p->tok) || (!at(p, TOK_RBRACE) && !at(p, TOK_COMMA)))
            return parse_invalid(p);
        return parse_fail(p, pos_of(p->tok - 1), "':' expected after dictionary key");
    }
    const struct token *star = p->tok;
    if (accept(p, TOK_STAR) && parse_bitor(p))
        return parse_fail(p, pos_since(p, star), "cannot use a starred expression in a dictionary value");
    if (at(p, TOK_RBRACE) || at(p, TOK_COMMA))
        return parse_fail(p, pos_of(colon), "expression expected after dictionary key and ':'");
    return parse_expression(p);
}

/* Push a key (NULL for **) onto the pile and its value onto values. */
static bool dict_entry(struct parser *p, struct node *key, struct node **value)
{
    if (!key && accept(p, TOK_DOUBLESTAR)) {
        *value = parse_bitor(p);
        return *value && pile_push_null(p);
    }
    if (!key && !(key = parse_expression(p)))
        return false;
    return pile_push(p, key) && (*value = dict_value(p)) != NULL;
}

static struct node *dict_comprehension(struct parser *p, const struct token *open, struct node *key, struct node *value)
{
    if (!key)
        return parse_fail(p, pos_of(open + 1), "dict unpacking cannot be used in dict comprehension");
    struct node *n = ast_new(p->f, AST_DictComp, pos_of(open));
    if (!n)
        return NULL;
    n->DictComp.key = key;
    n->DictComp.value = value;
    if (!parse_for_clauses(p, &n->DictComp.generators))
        return NULL;
    return close_comprehension(p, open, TOK_RBRACE, n);
}

static struct node *dict_rest(struct parser *p, const struct token *open, struct node *first)
{
    struct node *n = ast_new(p->f, AST_Dict, pos_of(open));
    uint32_t mark = p->pile_count;
    if (!n)
        return NULL;
    /* keys and values alternate on the pile */
    for (struct node *key = first; key || !at(p, TOK_RBRACE); key = NULL) {
        struct node *value;
        if (!dict_entry(p, key, &value) || !pile_push(p, value))
            return NULL;
        if (for_clause_follows(p) && p->pile_count == mark + 2) {
            p->pile_count = mark;
            return dict_comprehension(p, open, p->pile[mark], value);
        }
        if (!accept(p, TOK_COMMA))
            break;
    }
    if (!expect(p, TOK_RBRACE))
        return NULL;
    n->pos = pos_since(p, open);
    struct node_list both;
    if (!pile_take(p, mark, &both))
        return NULL;
    for (uint32_t i = 0; i < both.count; i += 2)
        if (!pile_push_null(p))
            return NULL;
    struct node_list *keys = &n->Dict.keys, *values = &n->Dict.values;
    p->pile_count = mark + both.count / 2;
    if (!pile_take(p, mark, keys))
        return NULL;
    *values = (struct node_list){both.items, both.count / 2};
    for (uint32_t i = 0; i < both.count / 2; i++) {
        keys->items[i] = both.items[2 * i];
        values->items[i] = both.items[2 * i + 1];
    }
    return n;
}

static struct node *brace_display(struct parser *p)
{
    const struct token *open = p->tok;
    parse_advance(p);
    if (at(p, TOK_RBRACE) || at(p, TOK_DOUBLESTAR))
        return dict_rest(p, open, NULL);
    struct node *first = parse_star_named(p);
    if (!first)
        return NULL;
    if (at(p, TOK_COLON) && first->kind != AST_Starred && !(first->kind == AST_NamedExpr && !first->parens))
        return dict_rest(p, open, first);
    return set_rest(p, open, first);
}

/* ---- strings ---- */

/* A string token's pieces go onto the pile and into the pending text. */
static bool one_string(struct parser *p, const struct string_part *s, struct front_pos whole, struct text_buffer *text)
{
    return s->fstring ? fstring_parse(p, s, whole, text) : literal_decode(p, s, s->start, s->end, text);
}

static struct node *text_constant(struct parser *p, enum constant_kind kind, struct front_pos pos, const struct text_buffer *text)
{
    struct node *n = ast_constant(p->f, kind, pos);
    if (!n || !(n->Constant.value.text = arena_copy(&p->f->arena, text->data ? text->data : "", text->len)))
        return NULL;
    n->Constant.value.len = (uint32_t)text->len;
    return n;
}

static struct node *finish_strings(struct parser *p, struct front_pos whole, bool fstring, bool bytes, uint32_t mark, struct text_buffer *text)
{
    if (!fstring)
        return text_constant(p, bytes ? CONST_BYTES : CONST_STR, whole, text);
    if (!fstring_flush(p, whole, text))
        return NULL;
    struct node *n = ast_new(p->f, AST_JoinedStr, whole);
    return n && pile_take(p, mark, &n->JoinedStr.values) ? n : NULL;
}

struct node *parse_strings(struct parser *p)
{
    const struct token *start = p->tok, *end = start;
    struct string_part first = literal_split(p, start);
    bool fstring = false;
    for (; end->kind == TOK_STRING; end++) {
        struct string_part s = literal_split(p, end);
        fstring |= s.fstring;
        if (s.bytes != first.bytes)
            return parse_fail(p, pos_after_strings(p), "cannot mix bytes and nonbytes literals");
    }
    struct front_pos whole = pos_range(pos_of(start), pos_of(end - 1));
    struct text_buffer text = {0};
    uint32_t mark = p->pile_count;
    struct node *n = NULL;
    for (; p->tok < end; p->tok++) {
        struct string_part s = literal_split(p, p->tok);
        if (!one_string(p, &s, whole, &text))
            goto done;
    }
    n = finish_strings(p, whole, fstring, first.bytes, mark, &text);
    if (n && n->kind == AST_Constant)
        n->Constant.value.u_prefix = first.u;
done:
    free(text.data);
    return n;
}

/* ---- atoms and primaries ---- */

static struct node *constant_token(struct parser *p, enum constant_kind kind)
{
    struct node *n = ast_constant(p->f, kind, pos_of(p->tok));
    parse_advance(p);
    return n;
}

static struct node *parse_atom(struct parser *p)
{
    struct node *n;
    switch ((int)p->tok->kind) {
    case TOK_NAME:
        n = ast_new(p->f, AST_Name, pos_of(p->tok));
        if (n)
            n->Name.id = p->tok->name;
        parse_advance(p);
        return n;
    case TOK_NUMBER:
        n = literal_number(p, p->tok);
        parse_advance(p);
        return n;
    case TOK_STRING: return parse_strings(p);
    case TOK_LPAR: return group(p);
    case TOK_LSQB: return list_display(p);
    case TOK_LBRACE: return brace_display(p);
    case TOK_ELLIPSIS: return constant_token(p, CONST_ELLIPSIS);
    case KW_NONE: return constant_token(p, CONST_NONE);
    case KW_TRUE: return constant_token(p, CONST_TRUE);
    case KW_FALSE: return constant_token(p, CONST_FALSE);
    }
    return parse_invalid(p);
}

static struct node *attribute(struct parser *p, const struct token *start, struct node *value)
{
    parse_advance(p);
    struct name *attr = p->tok->name;
    if (!expect(p, TOK_NAME))
        return NULL;
    struct node *n = ast_new(p->f, AST_Attribute, pos_since(p, start));
    if (n) {
        n->Attribute.value = value;
        n->Attribute.attr = attr;
    }
    return n;
}

static struct node *call(struct parser *p, const struct token *start, struct node *func)
{
    const struct token *open = p->tok;
    struct node *n = ast_new(p->f, AST_Call, func->pos);
    parse_advance(p);
    if (!n || !parse_call_args(p, open, &n->Call.args, &n->Call.keywords))
        return NULL;
    n->Call.func = func;
    n->pos = pos_since(p, start);
    return n;
}

static bool slice_bound(struct parser *p, struct node **out)
{
    if (at(p, TOK_COLON) || at(p, TOK_COMMA) || at(p, TOK_RSQB))
        return true;
    return (*out = parse_expression(p)) != NULL;
}

static struct node *slice_or_index(struct parser *p)
{
    const struct token *start = p->tok;
    struct node *lower = NULL;
    if (at(p, TOK_STAR))
        return parse_star_named(p);
    if (!at(p, TOK_COLON)) {
        lower = parse_named(p);
        if (!lower || !at(p, TOK_COLON) || (lower->kind == AST_NamedExpr && !lower->parens))
            return lower;
    }
    parse_advance(p);
    struct node *upper = NULL, *step = NULL;
    if (!slice_bound(p, &upper) || (accept(p, TOK_COLON) && !slice_bound(p, &step)))
        return NULL;
    struct node *n = ast_new(p->f, AST_Slice, pos_since(p, start));
    if (n) {
        n->Slice.lower = lower;
        n->Slice.upper = upper;
        n->Slice.step = step;
    }
    return n;
}

static struct node *slices(struct parser *p)
{
    const struct token *start = p->tok;
    struct node *first = slice_or_index(p);
    if (!first || (!at(p, TOK_COMMA) && first->kind != AST_Starred))
        return first;
    uint32_t mark = p->pile_count;
    if (!pile_push(p, first))
        return NULL;
    while (accept(p, TOK_COMMA) && !at(p, TOK_RSQB))
        if (!pile_push(p, slice_or_index(p)))
            return NULL;
    struct node *n = ast_new(p->f, AST_Tuple, pos_since(p, start));
    return n && pile_take(p, mark, &n->Tuple.elts) ? n : NULL;
}

static struct node *subscript(struct parser *p, const struct token *start, struct node *value)
{
    parse_advance(p);
    struct node *slice = slices(p);
    if (!slice || !expect(p, TOK_RSQB))
        return NULL;
    struct node *n = ast_new(p->f, AST_Subscript, pos_since(p, start));
    if (n) {
        n->Subscript.value = value;
        n->Subscript.slice = slice;
    }
    return n;
}

struct node *parse_primary(struct parser *p)
{
    const struct token *start = p->tok;
    struct node *n = parse_atom(p);
    while (n) {
        if (at(p, TOK_DOT))
            n = attribute(p, start, n);
        else if (at(p, TOK_LPAR))
            n = call(p, start, n);
        else if (at(p, TOK_LSQB))
            n = subscript(p, start, n);
        else
            break;
    }
    return n;
}
