// SPDX-License-Identifier: Apache-2.0
// The tokens of Python 3.11: one row each, its spelling and what it is.
// Soft keywords (match, case, _) are names here; parse_match.c gives them their meaning.
#ifndef INTERP_FRONT_TOKEN_H
#define INTERP_FRONT_TOKEN_H

#include <stdint.h>

struct name;

#define TOKEN_CLASSES(X) \
    X(END, "end of file")        /* the text is over */ \
    X(ERROR, "error")            /* the lexer failed here; its error says why */ \
    X(NEWLINE, "newline")        /* the end of a logical line */ \
    X(INDENT, "indent")          /* a deeper block begins */ \
    X(DEDENT, "unindent")        /* a block ends */ \
    X(NAME, "name")              /* identifier, name != NULL */ \
    X(NUMBER, "number")          /* any numeric literal */ \
    X(STRING, "string")          /* string, bytes or f-string with prefix and quotes */

#define TOKEN_OPERATORS(X) \
    X(LPAR, "(") X(RPAR, ")") X(LSQB, "[") X(RSQB, "]") X(LBRACE, "{") X(RBRACE, "}") \
    X(COLON, ":") X(COMMA, ",") X(SEMI, ";") X(DOT, ".") X(ELLIPSIS, "...") X(ARROW, "->") X(AT, "@") \
    X(PLUS, "+") X(MINUS, "-") X(STAR, "*") X(SLASH, "/") X(PERCENT, "%") X(DOUBLESTAR, "**") X(DOUBLESLASH, "//") \
    X(VBAR, "|") X(AMPER, "&") X(CIRCUMFLEX, "^") X(TILDE, "~") X(LEFTSHIFT, "<<") X(RIGHTSHIFT, ">>") \
    X(LESS, "<") X(GREATER, ">") X(EQEQUAL, "==") X(NOTEQUAL, "!=") X(LESSEQUAL, "<=") X(GREATEREQUAL, ">=") \
    X(EQUAL, "=") X(COLONEQUAL, ":=") X(PLUSEQUAL, "+=") X(MINUSEQUAL, "-=") X(STAREQUAL, "*=") X(SLASHEQUAL, "/=") \
    X(PERCENTEQUAL, "%=") X(AMPEREQUAL, "&=") X(VBAREQUAL, "|=") X(CIRCUMFLEXEQUAL, "^=") X(LEFTSHIFTEQUAL, "<<=") \
    X(RIGHTSHIFTEQUAL, ">>=") X(DOUBLESTAREQUAL, "**=") X(DOUBLESLASHEQUAL, "//=") X(ATEQUAL, "@=")

#define TOKEN_KEYWORDS(X) \
    X(FALSE, "False") X(NONE, "None") X(TRUE, "True") X(AND, "and") X(AS, "as") X(ASSERT, "assert") X(ASYNC, "async") \
    X(AWAIT, "await") X(BREAK, "break") X(CLASS, "class") X(CONTINUE, "continue") X(DEF, "def") X(DEL, "del") \
    X(ELIF, "elif") X(ELSE, "else") X(EXCEPT, "except") X(FINALLY, "finally") X(FOR, "for") X(FROM, "from") \
    X(GLOBAL, "global") X(IF, "if") X(IMPORT, "import") X(IN, "in") X(IS, "is") X(LAMBDA, "lambda") \
    X(NONLOCAL, "nonlocal") X(NOT, "not") X(OR, "or") X(PASS, "pass") X(RAISE, "raise") X(RETURN, "return") \
    X(TRY, "try") X(WHILE, "while") X(WITH, "with") X(YIELD, "yield")

enum token_kind {
#define X(kind, text) TOK_##kind,
    TOKEN_CLASSES(X)
    TOKEN_OPERATORS(X)
#undef X
#define X(kind, text) KW_##kind,
    TOKEN_KEYWORDS(X)
#undef X
    TOK_COUNT
};

/* A token is the bytes [start, end) of the front's text. */
struct token {
    uint8_t kind;               // enum token_kind
    uint8_t level;              // open brackets around it (after it, for an opening one)
    uint32_t start, end;
    uint32_t line, col, end_line, end_col;
    struct name *name;          // NAME and keywords: the identifier
};

#endif
