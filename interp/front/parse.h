// SPDX-License-Identifier: Apache-2.0
// The parser: recursive descent over the token array, with precedence climbing for operators; the whole 3.11 grammar.
// It leaves name binding to symtab.c and rules about places ('return' outside a function) to symtab.c and compile*.c.
//
// Every parse function returns its node, or NULL with the error set in front (first error wins). The token array makes
// going back free: `struct parse_mark m = parse_mark(p); ...; parse_reset(p, m)` also forgets errors made since. That is
// used only where the grammar needs it: `match` and `case`, bracketed `with` items, and to word an error.
//
// Positions: a node spans from the first token of its rule to the last one consumed, brackets around an expression excluded.
#ifndef INTERP_FRONT_PARSE_H
#define INTERP_FRONT_PARSE_H

#include "ast.h"
#include "lex.h"

/* Parse the loaded source by f->mode. NULL: f->error says why. */
struct node *parse_run(struct front *f);

/* ---- below: shared by parse*.c, literal.c and fstring.c only ---- */

enum { PARSE_MAX_DEPTH = 2400 };

struct parser {
    struct front *f;
    struct lexed lexed;
    const struct token *tok;     // the token to read next
    struct node **pile;          // owned: a stack of nodes that become lists
    uint32_t pile_count, pile_capacity;
    uint32_t depth;
    uint32_t fstring_depth;      // f-strings around this expression
    bool generic;                // the error is the plain "invalid syntax"
    const struct token *furthest; // the last token that going back forgot
};

struct parse_mark { const struct token *tok; uint32_t pile_count; struct front_error error; bool generic; };

struct parse_mark parse_mark(struct parser *p);
void parse_reset(struct parser *p, struct parse_mark m);

static inline bool at(const struct parser *p, enum token_kind kind) { return p->tok->kind == kind; }
static inline bool at_next(const struct parser *p, enum token_kind kind)
{
    return p->tok->kind != TOK_END && p->tok->kind != TOK_ERROR && p->tok[1].kind == kind;
}
bool accept(struct parser *p, enum token_kind kind);
/* Consume the kind or fail with "invalid syntax". */
bool expect(struct parser *p, enum token_kind kind);
void parse_advance(struct parser *p);

struct front_pos pos_of(const struct token *t);
static inline struct front_pos pos_start(const struct token *t) { return (struct front_pos){t->line, t->col, 0, 0}; }
/* From the first byte of start to the end of the token consumed last. */
struct front_pos pos_since(const struct parser *p, const struct token *start);
/* The token behind adjacent strings: where errors in them are told. */
struct front_pos pos_after_strings(const struct parser *p);
struct front_pos pos_range(struct front_pos a, struct front_pos b);

/* All return NULL. */
void *parse_fail(struct parser *p, struct front_pos pos, const char *format, ...) __attribute__((format(printf, 3, 4)));
void *parse_invalid(struct parser *p);
bool parse_enter(struct parser *p);
static inline void parse_leave(struct parser *p) { p->depth--; }

bool pile_push(struct parser *p, struct node *n);          // fails for NULL
bool pile_push_null(struct parser *p);
bool pile_take(struct parser *p, uint32_t mark, struct node_list *out);

/* parse_expr.c */
struct node *parse_star_expressions(struct parser *p);
struct node *parse_star_expression(struct parser *p);
struct node *parse_star_named(struct parser *p);
struct node *parse_named(struct parser *p);
struct node *parse_expression(struct parser *p);
struct node *parse_disjunction(struct parser *p);
struct node *parse_bitor(struct parser *p);
struct node *parse_yield(struct parser *p);
bool starts_expression(const struct token *t);
bool ends_list(const struct parser *p);                     // no further element can follow a comma here

/* parse_atom.c */
struct node *parse_primary(struct parser *p);
struct node *parse_strings(struct parser *p);
/* What stands in round brackets, through the closing token: tuple, generator expression, yield, expression. */
struct node *parse_group(struct parser *p, const struct token *open, enum token_kind close);
bool parse_for_clauses(struct parser *p, struct node_list *out);
/* parse_call.c */
/* open NULL: a bare generator expression is not allowed. */
bool parse_call_args(struct parser *p, const struct token *open, struct node_list *args, struct node_list *keywords);
struct node *parse_parameters(struct parser *p, enum token_kind close, bool annotations);
/* parse_target.c */
bool parse_store(struct parser *p, struct node *n, enum ast_context ctx);
struct node *parse_targets(struct parser *p);               // of `for` and comprehensions
struct node *parse_target(struct parser *p);                // of `as`
struct node *parse_invalid_target(struct node *n, enum ast_context ctx);
/* parse_stmt.c, parse_compound.c, parse_match.c */
bool parse_statement(struct parser *p);                     // pushes one or more onto the pile
bool parse_simple_line(struct parser *p);
struct node *parse_compound(struct parser *p, bool *matched);
bool parse_block(struct parser *p, const char *what, uint32_t line, struct node_list *out);
bool parse_colon(struct parser *p, bool forced);
struct node *parse_match(struct parser *p);
/* literal.c */
struct node *literal_number(struct parser *p, const struct token *t);
struct string_part { const struct token *token; uint32_t start, end; bool bytes, raw, fstring, u, triple; };
struct string_part literal_split(const struct parser *p, const struct token *t);
/* Append the decoded bytes of text[start..end) to the buffer. */
struct text_buffer { char *data; size_t len, capacity; };
bool text_append(struct text_buffer *b, const char *text, size_t len);
/* Warn of the escape whose text behind the backslash is at `at`. False: the warning is an error. */
bool literal_warn(struct parser *p, const struct string_part *s, const char *kind, uint32_t at, unsigned length);
bool literal_decode(struct parser *p, const struct string_part *s, uint32_t start, uint32_t end, struct text_buffer *out);
/* fstring.c: pushes Constant and FormattedValue nodes; text pending between them stays in *text */
bool fstring_parse(struct parser *p, const struct string_part *s, struct front_pos whole, struct text_buffer *text);
bool fstring_flush(struct parser *p, struct front_pos whole, struct text_buffer *text);

#endif
