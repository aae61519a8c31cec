// SPDX-License-Identifier: Apache-2.0
// The lexer: a span of the source becomes an array of tokens, closed by TOK_END or TOK_ERROR.
// It leaves the value of literals to literal.c and the grammar to parse*.c.
//
// The whole span is read at once, so the parser may look ahead and go back for free. An error ends the array; the parser
// decides whether its own error or the lexer's is told: a `soft` one only when the parser reaches it.
#ifndef INTERP_FRONT_LEX_H
#define INTERP_FRONT_LEX_H

#include "front.h"
#include "token.h"

enum { LEX_MAX_LEVEL = 200, LEX_MAX_INDENT = 100 };

/* Where to read. A nested span is the expression inside an f-string: line ends mean nothing there. */
struct span {
    uint32_t start, end;        // bytes of f->text
    uint32_t line, line_start;  // the line of start, and the byte where that line begins
    bool nested;
};

struct lexed {
    struct token *tokens;       // owned: lexed_free
    uint32_t count, capacity;
    struct front_error error;   // why the last token is TOK_ERROR
    bool soft;                  // the error matters only to a parser that reaches it
    bool open;                  // the text ended inside a bracket, opened at `bracket`
    bool at_end;                // the error is that the text ended
    char bracket;
    struct front_pos bracket_pos;
};

/* False only when memory is out; a lexical error is in out->error. */
bool lex_run(struct front *f, struct span span, struct lexed *out);
void lexed_free(struct lexed *l);
/* The span of the whole source. */
struct span lex_whole(const struct front *f);
const char *token_text(enum token_kind kind);

#endif
