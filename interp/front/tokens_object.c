// SPDX-License-Identifier: Apache-2.0
// The module _tokenize: the lexer's tokens as tuples, with the numbers of the library's `token`.
// It leaves comments, blank lines and everything else that is no token to the library's tokenize.
#include "tokens_object.h"

#include "compile_tree.h"
#include "lex.h"

#include "interp/types/args.h"
#include "interp/types/exc.h"
#include "interp/types/func.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"

/* TokenizerIter reads everything at once; an error is told when the reader comes to it. */
struct tokens {
    struct object head;
    value list, error;              // owned: tuples; an exception or V_NULL
    _Atomic size_t next;
};
static struct tokens *as_tokens(vref v)
{
    return (struct tokens *)as_object(v);
}

static int number_of(enum token_kind kind)
{
    static const uint8_t numbers[TOK_COUNT] = {
        [TOK_NAME] = 1, [TOK_NUMBER] = 2, [TOK_STRING] = 3, [TOK_NEWLINE] = 4, [TOK_INDENT] = 5, [TOK_DEDENT] = 6, [TOK_LPAR] = 7, [TOK_RPAR] = 8,
        [TOK_LSQB] = 9, [TOK_RSQB] = 10, [TOK_COLON] = 11, [TOK_COMMA] = 12, [TOK_SEMI] = 13, [TOK_PLUS] = 14, [TOK_MINUS] = 15, [TOK_STAR] = 16,
        [TOK_SLASH] = 17, [TOK_VBAR] = 18, [TOK_AMPER] = 19, [TOK_LESS] = 20, [TOK_GREATER] = 21, [TOK_EQUAL] = 22, [TOK_DOT] = 23, [TOK_PERCENT] = 24,
        [TOK_LBRACE] = 25, [TOK_RBRACE] = 26, [TOK_EQEQUAL] = 27, [TOK_NOTEQUAL] = 28, [TOK_LESSEQUAL] = 29, [TOK_GREATEREQUAL] = 30, [TOK_TILDE] = 31,
        [TOK_CIRCUMFLEX] = 32, [TOK_LEFTSHIFT] = 33, [TOK_RIGHTSHIFT] = 34, [TOK_DOUBLESTAR] = 35, [TOK_PLUSEQUAL] = 36, [TOK_MINUSEQUAL] = 37,
        [TOK_STAREQUAL] = 38, [TOK_SLASHEQUAL] = 39, [TOK_PERCENTEQUAL] = 40, [TOK_AMPEREQUAL] = 41, [TOK_VBAREQUAL] = 42, [TOK_CIRCUMFLEXEQUAL] = 43,
        [TOK_LEFTSHIFTEQUAL] = 44, [TOK_RIGHTSHIFTEQUAL] = 45, [TOK_DOUBLESTAREQUAL] = 46, [TOK_DOUBLESLASH] = 47, [TOK_DOUBLESLASHEQUAL] = 48,
        [TOK_AT] = 49, [TOK_ATEQUAL] = 50, [TOK_ARROW] = 51, [TOK_ELLIPSIS] = 52, [TOK_COLONEQUAL] = 53, [KW_AWAIT] = 55, [KW_ASYNC] = 56,
    };
    return kind > KW_YIELD ? 0 : numbers[kind] ? numbers[kind] : 1; // other keywords are names
}

/* The lines from `line` to `end_line`, with their ends. */
static value lines_text(struct thread *t, const struct front *f, uint32_t line, uint32_t end_line)
{
    size_t len, last;
    const char *p = source_line(f, line, &len), *q = source_line(f, end_line, &last);
    size_t n = (size_t)(q - p) + last;
    return str_from_utf8(t, p, n + (p + n < f->text + f->size && p[n] == '\n'));
}

static value token_tuple(struct thread *t, const struct front *f, const struct token *k, uint32_t last_line)
{
    bool block = k->kind == TOK_INDENT || k->kind == TOK_DEDENT, newline = k->kind == TOK_NEWLINE;
    uint32_t line = k->line > last_line ? last_line : (uint32_t)k->line, end_line = newline || block ? line : (uint32_t)k->end_line;
    int64_t col = block ? -1 : (int64_t)k->col, end_col = block ? -1 : (int64_t)(newline ? k->col : k->end_col);
    value text = block || newline ? str_empty : str_from_utf8(t, f->text + k->start, k->end - k->start);
    return tuple_take_array(t, (value[]){text, from_int62(number_of(k->kind)), from_int62(line), from_int62(end_line), from_int62(col), from_int62(end_col),
                                         lines_text(t, f, line, end_line)}, 7);
}
static bool collect(struct thread *t, struct front *f, struct tokens *out)
{
    struct lexed l = {0};
    bool ok = lex_run(f, lex_whole(f), &l);
    uint32_t last = 1;
    if (!ok) {
        lexed_free(&l);
        raise_no_memory(t);
        return false;
    }
    for (uint32_t i = 0; ok && i < l.count && l.tokens[i].kind != TOK_END && l.tokens[i].kind != TOK_ERROR; i++) {
        value v = token_tuple(t, f, &l.tokens[i], l.tokens[i].kind == TOK_DEDENT && l.tokens[i].start >= f->size ? last : UINT32_MAX);
        last = l.tokens[i].kind == TOK_DEDENT ? last : l.tokens[i].line;
        ok = v && list_append_take(t, out->list, v);
    }
    if (ok && l.count && l.tokens[l.count - 1].kind == TOK_ERROR) {
        f->error = l.error;
        compile_raise(t, f, "<string>");
        out->error = raised_take(t);
    }
    lexed_free(&l);
    return ok;
}

static value tokens_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames)
{
    static const char *const names[] = {"source"};
    static const struct args_spec spec = {.function = "tokenizeriter", .names = names, .min = 1, .max = 1};
    vref source;
    size_t n;
    if (!args_bind(t, &spec, args, nargs, kwnames, &source))
        return V_NULL;
    if (!is_str(source))
        return raise(t, &exc_TypeError, "tokenizeriter() argument 'source' must be str, not %T", source);
    const char *text = str_utf8(t, source, &n);
    value v = text ? object_new_instance(t, cls) : V_NULL;
    if (!v)
        return V_NULL;
    struct front f;
    struct front_hooks hooks = compile_hooks(t, "<string>");
    bool ok = front_init(&f, FRONT_EXEC, 0, &hooks) && source_load_text(&f, text, n);
    if (!ok)
        compile_raise(t, &f, "<string>");
    as_tokens(v)->list = ok ? list_new(t, 0) : V_NULL;
    if (!as_tokens(v)->list || !collect(t, &f, as_tokens(v)))
        release_field(t, &v);
    front_free(&f);
    return v;
}
static value tokens_next(struct thread *t, vref self)
{
    struct tokens *k = as_tokens(self);
    value v = list_get_or_null(t, k->list, atomic_fetch_add(&k->next, 1));
    if (v || !k->error)
        return v;
    return raise_object(t, k->error);
}
static value tokens_iter(struct thread *t, vref self)
{
    return own(t, self);
}
static void tokens_destroy(struct thread *t, struct object *o)
{
    release_field(t, &((struct tokens *)o)->list);
    release_field(t, &((struct tokens *)o)->error);
}
static int tokens_traverse(struct object *o, visit_fn *visit, void *arg)
{
    struct tokens *k = (struct tokens *)o;
    int r = k->list ? visit(k->list, arg) : 0;
    return r || !k->error ? r : visit(k->error, arg);
}
static struct type type_tokens = {
    .name = "TokenizerIter", .module = "_tokenize", .doc = "An iterator of the tokens of a text.", .base = &type_object, .flags = TYPE_GC,
    .basicsize = sizeof(struct tokens), .make = tokens_make, .iter = tokens_iter, .next = tokens_next, .destroy = tokens_destroy, .traverse = tokens_traverse,
};

value tokenize_make(struct thread *t)
{
    if (!type_tokens.root_shape && !type_ready(t, &type_tokens))
        return V_NULL;
    value m = module_from_natives(t, "_tokenize", "The tokens of a text, as the compiler sees them.", NULL, 0);
    return m && module_set(t, m, "TokenizerIter", type_ref(&type_tokens)) ? m : V_NULL;
}
