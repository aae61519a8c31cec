// SPDX-License-Identifier: Apache-2.0
// The match statement and its patterns; `match` and `case` are words here and names elsewhere.
// It leaves names bound twice and patterns that make others unreachable to the compiler.
#include "parse.h"

static struct node *parse_pattern(struct parser *p);

static struct node *capture(struct parser *p, const struct token *start, struct node *pattern, struct name *name)
{
    struct node *n = ast_new(p->f, AST_MatchAs, pos_since(p, start));
    if (n) {
        n->MatchAs.pattern = pattern;
        n->MatchAs.name = name;
    }
    return n;
}

/* ---- values ---- */

static struct node *value_pattern(struct parser *p, const struct token *start, struct node *value)
{
    struct node *n = value ? ast_new(p->f, AST_MatchValue, pos_since(p, start)) : NULL;
    if (n)
        n->MatchValue.value = value;
    return n;
}

static struct node *signed_number(struct parser *p)
{
    const struct token *start = p->tok;
    bool minus = accept(p, TOK_MINUS);
    if (!at(p, TOK_NUMBER))
        return parse_invalid(p);
    struct node *n = literal_number(p, p->tok);
    parse_advance(p);
    if (!minus || !n)
        return n;
    struct node *u = ast_new(p->f, AST_UnaryOp, pos_since(p, start));
    if (u) {
        u->UnaryOp.op = AOP_USub;
        u->UnaryOp.operand = n;
    }
    return u;
}

static bool is_imaginary(const struct node *n)
{
    return n->kind == AST_Constant && n->Constant.value.kind == CONST_IMAG;
}

/* [-]NUMBER [(+|-) IMAGINARY] */
static struct node *number_value(struct parser *p)
{
    const struct token *start = p->tok;
    struct node *left = signed_number(p);
    if (!left || (!at(p, TOK_PLUS) && !at(p, TOK_MINUS)))
        return left;
    if (is_imaginary(left) || (left->kind == AST_UnaryOp && is_imaginary(left->UnaryOp.operand)))
        return parse_fail(p, left->pos, "real number required in complex literal");
    enum ast_operator op = at(p, TOK_PLUS) ? AOP_Add : AOP_Sub;
    parse_advance(p);
    if (!at(p, TOK_NUMBER))
        return parse_invalid(p);
    struct node *right = literal_number(p, p->tok);
    parse_advance(p);
    if (right && !is_imaginary(right))
        return parse_fail(p, right->pos, "imaginary number required in complex literal");
    struct node *n = right ? ast_new(p->f, AST_BinOp, pos_since(p, start)) : NULL;
    if (n) {
        n->BinOp.left = left;
        n->BinOp.op = op;
        n->BinOp.right = right;
    }
    return n;
}

static struct node *name_or_attribute(struct parser *p)
{
    const struct token *start = p->tok;
    struct node *n = ast_new(p->f, AST_Name, pos_of(start));
    if (n)
        n->Name.id = start->name;
    if (!expect(p, TOK_NAME))
        return NULL;
    while (n && accept(p, TOK_DOT)) {
        struct name *attr = p->tok->name;
        struct node *value = n;
        if (!expect(p, TOK_NAME))
            return NULL;
        n = ast_new(p->f, AST_Attribute, pos_since(p, start));
        if (n) {
            n->Attribute.value = value;
            n->Attribute.attr = attr;
        }
    }
    return n;
}

static struct node *singleton(struct parser *p, enum constant_kind kind)
{
    struct node *n = ast_new(p->f, AST_MatchSingleton, pos_of(p->tok));
    if (n)
        n->MatchSingleton.value.kind = kind;
    parse_advance(p);
    return n;
}

/* ---- sequences ---- */

static struct node *star_pattern(struct parser *p)
{
    const struct token *start = p->tok;
    parse_advance(p);
    struct name *name = p->tok->name;
    if (!expect(p, TOK_NAME))
        return NULL;
    struct node *n = ast_new(p->f, AST_MatchStar, pos_since(p, start));
    if (n)
        n->MatchStar.name = name_is(name, "_") ? NULL : name;
    return n;
}

static struct node *maybe_star_pattern(struct parser *p)
{
    return at(p, TOK_STAR) ? star_pattern(p) : parse_pattern(p);
}

/* The rest of a sequence after its first pattern, up to (not including) close. */
static struct node *sequence(struct parser *p, const struct token *start, struct node *first, enum token_kind close)
{
    struct node *n = ast_new(p->f, AST_MatchSequence, pos_of(start));
    uint32_t mark = p->pile_count;
    if (!n || (first && !pile_push(p, first)))
        return NULL;
    while (first ? accept(p, TOK_COMMA) && !at(p, close) && !at(p, KW_IF) : !at(p, close)) {
        first = maybe_star_pattern(p);
        if (!pile_push(p, first))
            return NULL;
    }
    n->pos = pos_since(p, start);
    return pile_take(p, mark, &n->MatchSequence.patterns) ? n : NULL;
}

static struct node *bracketed_sequence(struct parser *p, enum token_kind close)
{
    const struct token *start = p->tok;
    parse_advance(p);
    struct node *first = NULL;
    if (!at(p, close) && !(first = maybe_star_pattern(p)))
        return NULL;
    if (first && close == TOK_RPAR && at(p, close) && first->kind != AST_MatchStar) {
        parse_advance(p);
        return first;
    }
    struct node *n = sequence(p, start, first, close);
    if (n && close == TOK_RPAR && n->MatchSequence.patterns.count == 1 && n->MatchSequence.patterns.items[0]->kind == AST_MatchStar &&
        p->tok[-1].kind != TOK_COMMA)
        return parse_invalid(p);
    if (!n || !expect(p, close))
        return NULL;
    n->pos = pos_since(p, start);
    return n;
}

/* ---- mappings ---- */

static struct node *mapping_key(struct parser *p)
{
    switch ((int)p->tok->kind) {
    case TOK_STRING: return parse_strings(p);
    case TOK_NUMBER: case TOK_MINUS: return number_value(p);
    case KW_NONE: case KW_TRUE: case KW_FALSE: return parse_primary(p);
    case TOK_NAME:
        if (at_next(p, TOK_DOT))
            return name_or_attribute(p);
        break;
    }
    return parse_invalid(p);
}

static struct node *mapping_pattern(struct parser *p)
{
    const struct token *start = p->tok;
    struct node *n = ast_new(p->f, AST_MatchMapping, pos_of(start));
    struct node_list both;
    uint32_t mark = p->pile_count;
    parse_advance(p);
    while (n && !at(p, TOK_RBRACE)) {
        if (accept(p, TOK_DOUBLESTAR)) {
            n->MatchMapping.rest = p->tok->name;
            if (name_is(p->tok->name, "_"))
                return parse_invalid(p);
            if (!expect(p, TOK_NAME))
                return NULL;
            accept(p, TOK_COMMA);
            break;
        }
        if (!pile_push(p, mapping_key(p)) || !expect(p, TOK_COLON) || !pile_push(p, parse_pattern(p)))
            return NULL;
        if (!accept(p, TOK_COMMA))
            break;
    }
    if (!n || !expect(p, TOK_RBRACE) || !pile_take(p, mark, &both))
        return NULL;
    uint32_t count = both.count / 2;
    struct node **keys = arena_alloc(&p->f->arena, (count + 1) * sizeof *keys);
    if (!keys)
        return NULL;
    for (uint32_t i = 0; i < count; i++) {
        keys[i] = both.items[2 * i];
        both.items[i] = both.items[2 * i + 1];
    }
    n->MatchMapping.keys = (struct node_list){keys, count};
    n->MatchMapping.patterns = (struct node_list){both.items, count};
    n->pos = pos_since(p, start);
    return n;
}

/* ---- classes ---- */

static bool class_arguments(struct parser *p, struct node *n)
{
    uint32_t mark = p->pile_count, positional = 0, keywords = 0;
    struct name *names[256];
    while (!at(p, TOK_RPAR)) {
        if (at(p, TOK_NAME) && at_next(p, TOK_EQUAL)) {
            if (keywords == 256)
                return parse_invalid(p);
            names[keywords++] = p->tok->name;
            parse_advance(p);
            parse_advance(p);
        } else if (keywords) {
            struct node *late = parse_pattern(p);
            return late && parse_fail(p, late->pos, "positional patterns follow keyword patterns");
        } else {
            positional++;
        }
        if (!pile_push(p, parse_pattern(p)))
            return false;
        if (!accept(p, TOK_COMMA))
            break;
    }
    struct node_list all;
    if (!expect(p, TOK_RPAR) || !pile_take(p, mark, &all))
        return false;
    n->MatchClass.patterns = (struct node_list){all.items, positional};
    n->MatchClass.kwd_patterns = (struct node_list){all.items ? all.items + positional : NULL, keywords};
    n->MatchClass.kwd_attrs.items = arena_alloc(&p->f->arena, (keywords + 1) * sizeof(struct name *));
    n->MatchClass.kwd_attrs.count = keywords;
    for (uint32_t i = 0; n->MatchClass.kwd_attrs.items && i < keywords; i++)
        n->MatchClass.kwd_attrs.items[i] = names[i];
    return n->MatchClass.kwd_attrs.items != NULL;
}

static struct node *name_pattern(struct parser *p)
{
    const struct token *start = p->tok;
    if (!at_next(p, TOK_DOT) && !at_next(p, TOK_LPAR)) {
        parse_advance(p);
        return capture(p, start, NULL, name_is(start->name, "_") ? NULL : start->name);
    }
    struct node *cls = name_or_attribute(p);
    if (!cls || !accept(p, TOK_LPAR))
        return value_pattern(p, start, cls);
    struct node *n = ast_new(p->f, AST_MatchClass, pos_of(start));
    if (!n || !class_arguments(p, n))
        return NULL;
    n->MatchClass.cls = cls;
    n->pos = pos_since(p, start);
    return n;
}

/* ---- alternatives, as, the statement ---- */

static struct node *closed_pattern(struct parser *p)
{
    const struct token *start = p->tok;
    switch ((int)start->kind) {
    case TOK_NUMBER: case TOK_MINUS: return value_pattern(p, start, number_value(p));
    case TOK_STRING: return value_pattern(p, start, parse_strings(p));
    case KW_NONE: return singleton(p, CONST_NONE);
    case KW_TRUE: return singleton(p, CONST_TRUE);
    case KW_FALSE: return singleton(p, CONST_FALSE);
    case TOK_NAME: return name_pattern(p);
    case TOK_LPAR: return bracketed_sequence(p, TOK_RPAR);
    case TOK_LSQB: return bracketed_sequence(p, TOK_RSQB);
    case TOK_LBRACE: return mapping_pattern(p);
    }
    return parse_invalid(p);
}

static struct node *or_pattern(struct parser *p)
{
    const struct token *start = p->tok;
    struct node *first = closed_pattern(p);
    if (!first || !at(p, TOK_VBAR))
        return first;
    uint32_t mark = p->pile_count;
    if (!pile_push(p, first))
        return NULL;
    while (accept(p, TOK_VBAR))
        if (!pile_push(p, closed_pattern(p)))
            return NULL;
    struct node *n = ast_new(p->f, AST_MatchOr, pos_since(p, start));
    return n && pile_take(p, mark, &n->MatchOr.patterns) ? n : NULL;
}

static struct node *parse_pattern(struct parser *p)
{
    const struct token *start = p->tok;
    if (!parse_enter(p))
        return NULL;
    struct node *n = or_pattern(p);
    parse_leave(p);
    if (!n || !accept(p, KW_AS))
        return n;
    struct name *name = p->tok->name;
    if (!at(p, TOK_NAME))
        return parse_fail(p, pos_of(p->tok), "invalid pattern target");
    if (name_is(name, "_"))
        return parse_fail(p, pos_of(p->tok), "cannot use '_' as a target");
    parse_advance(p);
    if (at(p, TOK_DOT) || at(p, TOK_LPAR))
        return parse_fail(p, pos_of(p->tok - 1), "invalid pattern target");
    return capture(p, start, n, name);
}

static struct node *open_pattern(struct parser *p)
{
    const struct token *start = p->tok;
    struct node *n = maybe_star_pattern(p);
    if (n && at(p, TOK_COMMA))
        return sequence(p, start, n, TOK_COLON);
    return n && n->kind == AST_MatchStar ? parse_invalid(p) : n;
}

static bool at_case(const struct parser *p)
{
    return at(p, TOK_NAME) && name_is(p->tok->name, "case");
}

static struct node *case_block(struct parser *p)
{
    const struct token *start = p->tok;
    parse_advance(p);
    struct node *n = ast_new(p->f, AST_match_case, pos_of(start));
    if (!n || !(n->match_case.pattern = open_pattern(p)))
        return NULL;
    if (accept(p, KW_IF) && !(n->match_case.guard = parse_named(p)))
        return NULL;
    if (!parse_colon(p, false) || !parse_block(p, "'case' statement", start->line, &n->match_case.body))
        return NULL;
    return n;
}

static struct node *match_subject(struct parser *p)
{
    const struct token *start = p->tok;
    struct node *n = parse_star_named(p);
    if (!n || (!at(p, TOK_COMMA) && n->kind != AST_Starred))
        return n;
    if (n->kind == AST_Starred && !at(p, TOK_COMMA))
        return parse_invalid(p);
    uint32_t mark = p->pile_count;
    if (!pile_push(p, n))
        return NULL;
    while (accept(p, TOK_COMMA) && !ends_list(p))
        if (!pile_push(p, parse_star_named(p)))
            return NULL;
    n = ast_new(p->f, AST_Tuple, pos_since(p, start));
    return n && pile_take(p, mark, &n->Tuple.elts) ? n : NULL;
}

/* `match SUBJECT ':' NEWLINE`: read up to the first case, or nothing at all. */
static struct node *match_head(struct parser *p)
{
    struct parse_mark m = parse_mark(p);
    parse_advance(p);
    struct node *subject = ends_list(p) ? NULL : match_subject(p);
    bool matched = subject && at(p, TOK_COLON) && at_next(p, TOK_NEWLINE);
    bool bare = subject && at(p, TOK_NEWLINE) && p->tok > m.tok + 1 && p->tok[1].kind == TOK_INDENT && p->tok[2].kind == TOK_NAME &&
                name_is(p->tok[2].name, "case");
    if (matched || bare)
        return subject;
    parse_reset(p, m);
    return NULL;
}

/* NULL without an error: this is no match statement. */
struct node *parse_match(struct parser *p)
{
    const struct token *start = p->tok;
    struct node *subject = match_head(p);
    if (!subject)
        return NULL;
    if (!parse_colon(p, false))
        return NULL;
    parse_advance(p);
    if (!accept(p, TOK_INDENT)) {
        front_fail(p->f, FRONT_INDENT, pos_start(p->tok), "expected an indented block after 'match' statement on line %u", start->line);
        return NULL;
    }
    struct node *n = ast_new(p->f, AST_Match, pos_of(start));
    uint32_t mark = p->pile_count;
    if (!n)
        return NULL;
    n->Match.subject = subject;
    if (!at_case(p))
        return parse_invalid(p);
    while (at_case(p))
        if (!pile_push(p, case_block(p)))
            return NULL;
    if (!expect(p, TOK_DEDENT) || !pile_take(p, mark, &n->Match.cases))
        return NULL;
    const struct token *last = p->tok - 1;
    while (last->kind == TOK_NEWLINE || last->kind == TOK_DEDENT)
        last--;
    n->pos = pos_range(pos_of(start), pos_of(last));
    return n;
}
