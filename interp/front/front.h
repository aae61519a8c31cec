// SPDX-License-Identifier: Apache-2.0
// One compilation: its source, its memory, its options and its one error.
// It leaves the object model alone: only compile.c and assemble.c know values.
//
//   bytes --source_load--> UTF-8 text --lex_run--> tokens --parse_run--> AST --symtab_build--> scopes --compile_run--> struct code
//
// Everything before compile_run is independent of the interpreter, runs no Python, takes no lock and may run in any
// thread. A step that fails returns NULL or false and leaves its reason in `error`; an error of kind FRONT_NONE then
// means that memory ran out.
#ifndef INTERP_FRONT_FRONT_H
#define INTERP_FRONT_FRONT_H

#include "arena.h"

#define FRONT_ERRORS(X) \
    X(NONE, NULL)                     /* no error, or out of memory */ \
    X(SYNTAX, "SyntaxError")          /* the grammar, scopes or a compile-time rule */ \
    X(INDENT, "IndentationError")     /* blocks */ \
    X(TAB, "TabError")                /* tabs and spaces that compare differently */ \
    X(VALUE, "ValueError")            /* a NUL in the text, an integer with too many digits */ \
    X(RECURSION, "RecursionError")    /* nested too deeply for the compiler */ \
    X(MEMORY, "MemoryError")          /* nested too deeply for the parser */

enum front_error_kind {
#define X(kind, text) FRONT_##kind,
    FRONT_ERRORS(X)
#undef X
};

/* Lines count from 1, columns are UTF-8 byte offsets from 0. end_line 0: no end known. */
struct front_pos { uint32_t line, col, end_line, end_col; };

struct front_error {
    enum front_error_kind kind;
    struct front_pos pos;
    bool lexical;                     // from the lexer: told as it is, even inside an f-string
    char message[400];
};

enum front_mode { FRONT_EXEC, FRONT_EVAL, FRONT_SINGLE };

enum front_flag {
    FRONT_ANNOTATIONS = 1 << 0,       // from __future__ import annotations
    FRONT_BARRY = 1 << 1,             // from __future__ import barry_as_FLUFL: <> instead of !=
    FRONT_INCOMPLETE = 1 << 2,        // an error at the end of the text reads "incomplete input" (codeop)
    FRONT_NO_DEDENT = 1 << 3,         // the end of the text does not close an interactive block
    FRONT_OPTIMIZE = 1 << 4,          // -O: no asserts, __debug__ is False
    FRONT_NO_DOCSTRINGS = 1 << 5,     // -OO
    FRONT_TOP_AWAIT = 1 << 6,         // await at the top level makes the module a coroutine
};

enum front_warning { FRONT_SYNTAX_WARNING, FRONT_DEPRECATION };

/* What the front asks of its host. Each may be NULL. */
struct front_hooks {
    void *data;
    const char *filename;
    /* The code point that Unicode calls text[0..len), or -1. */
    int32_t (*unicode_name)(void *data, const char *text, size_t len);
    /* 0 if c may not stand in an identifier, 1 if it may continue one, 3 if it may also start one. */
    int (*identifier)(void *data, uint32_t c);
    /* NFKC of text[0..len) (only asked when not ASCII): a malloc'ed string and its length, or NULL to keep the text. */
    char *(*normalize)(void *data, const char *text, size_t len, size_t *out);
    /* bytes[0..size) in the named encoding as a malloc'ed UTF-8 text and its length; NULL: why[0..n) says why not, or is empty if there is no such encoding. */
    char *(*decode)(void *data, const char *encoding, size_t len, const char *bytes, size_t size, size_t *out, char *why, size_t n);
    /* False: the warning is an error. Either the host has raised an exception of its own, or the front is to make it a syntax error. */
    bool (*warn)(void *data, const char *filename, enum front_warning kind, const char *message, uint32_t line);
};

struct front {
    struct arena arena;
    struct names names;
    const char *text;                 // borrowed from the arena: UTF-8, \n line ends, a final \n, a NUL
    size_t size;
    const char *raw;                  // borrowed from the caller: the source as given, for error lines
    size_t raw_size;
    enum front_mode mode;
    uint32_t flags;                   // enum front_flag
    const struct front_hooks *hooks;  // borrowed, may be NULL
    struct front_error error;
    bool parsed;                      // the text is good: what fails now is found in the tree
};

bool front_init(struct front *f, enum front_mode mode, uint32_t flags, const struct front_hooks *hooks);
void front_free(struct front *f);

/* Set the error unless one is set; always false, so that callers may return it. */
bool front_fail(struct front *f, enum front_error_kind kind, struct front_pos pos, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
bool front_warn(struct front *f, enum front_warning kind, struct front_pos pos, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
const char *front_error_name(enum front_error_kind kind);

/* Take UTF-8 text (a str given to compile()): copy it with \n line ends and a final newline. False: FRONT_VALUE for a NUL. */
bool source_load_text(struct front *f, const char *text, size_t size);
/* Take a file's bytes: byte order mark, coding cookie, then as above. */
bool source_load_bytes(struct front *f, const char *bytes, size_t size);
/* Line number `line` of the source, without its end; *len its length. Valid while f is. */
const char *source_line(const struct front *f, uint32_t line, size_t *len);

#endif
