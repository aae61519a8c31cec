// SPDX-License-Identifier: Apache-2.0
// The compiler's entry: source text or a syntax tree in, a code object or a pending exception out.
// It leaves the work to the steps front.h lists.
#include "compile_tree.h"

#include "compile.h"
#include "parse.h"

#include "interp/types/exc.h"
#include "interp/types/str.h"

#include <stdlib.h>

static bool warn_held(struct compiler *c, struct unit *u, struct front_pos pos, const char *text)
{
    if (!u)
        return front_warn(c->f, FRONT_SYNTAX_WARNING, pos, "%s", text);
    struct held_words held;
    hold_words(c->t, &held, u->consts, u->nconsts);
    bool ok = warn_held(c, u->outer, pos, text);
    unhold_words(c->t, &held);
    return ok;
}

bool compile_warn(struct compiler *c, struct front_pos pos, const char *format, ...)
{
    char text[256];
    va_list ap;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    return warn_held(c, c->u, pos, text);
}

/* ---- errors ---- */

static struct type *error_type(enum front_error_kind kind)
{
    switch (kind) {
    case FRONT_SYNTAX: return &exc_SyntaxError;
    case FRONT_INDENT: return &exc_IndentationError;
    case FRONT_TAB: return &exc_TabError;
    case FRONT_VALUE: return &exc_ValueError;
    case FRONT_RECURSION: return &exc_RecursionError;
    case FRONT_MEMORY: case FRONT_NONE: break;
    }
    return &exc_MemoryError;
}

/* A byte offset in a line as a character offset, counted from 1. */
static int character_offset(const char *line, size_t len, uint32_t col)
{
    int n = 1;
    for (uint32_t i = 0; i < col && i < len; i++)
        n += ((unsigned char)line[i] & 0xc0) != 0x80;
    return n + (col > len ? (int)(col - len) : 0);
}

/* Raise f's error; always V_NULL. */
value compile_raise(struct thread *t, const struct front *f, const char *filename)
{
    const struct front_error *e = &f->error;
    if (raised(t))
        return V_NULL;
    if (e->kind == FRONT_NONE)
        return raise_no_memory(t);
    if (e->kind == FRONT_VALUE || e->kind == FRONT_RECURSION || e->kind == FRONT_MEMORY)
        return raise(t, error_type(e->kind), "%s", e->message);
    if (e->pos.line == 0)
        return exc_raise_syntax(t, error_type(e->kind), e->message, filename, 0, 0, 0, 0, NULL);
    size_t len, end_len = 0;
    const char *line = source_line(f, e->pos.line, &len);
    char *text = malloc(len + 2);
    if (!text)
        return raise_no_memory(t);
    memcpy(text, line, len);
    memcpy(text + len, e->lexical ? "" : "\n", e->lexical ? 1 : 2);
    int col = character_offset(line, len, e->pos.col), end_line = (int)e->pos.end_line, end_col = 0;
    if (end_line) {
        const char *last = source_line(f, e->pos.end_line, &end_len);
        end_col = character_offset(last, end_len, e->pos.end_col);
    }
    value v = exc_raise_syntax(t, error_type(e->kind), e->message, filename, (int)e->pos.line, col, end_line ? end_line : (int)e->pos.line,
                               end_line ? end_col : col, f->parsed && filename[0] == '<' ? NULL : text);
    free(text);
    return v;
}

/* ---- __future__ ---- */

static struct front_pos start_of(const struct node *n)
{
    return (struct front_pos){n->pos.line, n->pos.col, 0, 0};
}

static bool future_feature(struct front *f, const struct node *n, const struct name *name)
{
    static const char *const known[] = {"nested_scopes", "generators", "division", "absolute_import", "with_statement", "print_function",
                                        "unicode_literals", "generator_stop"};
    if (name_is(name, "annotations")) {
        f->flags |= FRONT_ANNOTATIONS;
        return true;
    }
    if (name_is(name, "barry_as_FLUFL")) {
        f->flags |= FRONT_BARRY;
        return true;
    }
    if (name_is(name, "braces"))
        return front_fail(f, FRONT_SYNTAX, start_of(n), "not a chance");
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (name_is(name, known[i]))
            return true;
    return front_fail(f, FRONT_SYNTAX, start_of(n), "future feature %s is not defined", name->text);
}

static bool is_future_import(const struct node *n)
{
    return n->kind == AST_ImportFrom && n->ImportFrom.level == 0 && name_is(n->ImportFrom.module, "__future__");
}

static bool is_text(const struct node *n)
{
    return n->kind == AST_Expr && n->Expr.value->kind == AST_Constant && n->Expr.value->Constant.value.kind == CONST_STR;
}

static bool late_future(struct front *f, const struct node_list *l)
{
    for (uint32_t i = 0; i < l->count; i++) {
        struct node *n = l->items[i];
        if (!n)
            continue;
        if (is_future_import(n))
            return front_fail(f, FRONT_SYNTAX, n->pos, "from __future__ imports must occur at the beginning of the file");
        const struct ast_shape *s = ast_shape((enum ast_kind)n->kind);
        for (unsigned k = 0; (s->group == GROUP_STMT || s->group == GROUP_HANDLER) && k < s->count; k++)
            if (s->fields[k].type == FIELD_LIST && !late_future(f, ast_field_at(n, &s->fields[k])))
                return false;
    }
    return true;
}

/* Future imports stand first, after at most a docstring. */
bool compile_futures(struct front *f, const struct node *tree)
{
    if (tree->kind == AST_Expression)
        return true;
    struct node_list l = tree->Module.body;
    if (l.count && is_text(l.items[0])) {
        l.items++;
        l.count--;
    }
    for (; l.count && is_future_import(l.items[0]); l.items++, l.count--) {
        const struct node *n = l.items[0];
        for (uint32_t i = 0; i < n->ImportFrom.names.count; i++)
            if (!future_feature(f, n, n->ImportFrom.names.items[i]->alias.name))
                return false;
    }
    return late_future(f, &l);
}

/* ---- the steps ---- */

static struct code *generate(struct compiler *c, struct node *tree)
{
    struct held_words *held = c->t->held;
    struct code *code = compile_body(c, tree);
    c->t->held = held; // a unit that an error left open
    for (uint32_t i = 0; i < c->nkept; i++)
        release(c->t, c->kept[i]);
    for (uint32_t i = 0; i < c->nstrings; i++)
        release(c->t, c->strings[i]);
    if (code && raised(c->t)) {
        release(c->t, borrowed_word(code));
        return NULL;
    }
    return code;
}

struct code *compile_tree(struct thread *t, struct front *f, struct node *tree, vref filename, int optimize)
{
    struct compiler c = {.t = t, .f = f, .filename = filename, .optimize = optimize};
    struct code *code = NULL;
    f->parsed = true;
    if (tree && compile_futures(f, tree) && symtab_build(f, tree, &c.scopes))
        code = generate(&c, tree);
    if (!code) {
        const char *name = str_utf8(t, filename, NULL);
        if (!name)
            raised_clear(t);
        compile_raise(t, f, name ? name : "<string>");
    }
    return code;
}

static struct code *compile_loaded(struct thread *t, struct front *f, bool loaded, const char *filename, int optimize)
{
    struct node *tree = loaded ? parse_run(f) : NULL;
    if (!tree) {
        compile_raise(t, f, filename);
        return NULL;
    }
    value name = str_from_utf8(t, filename, strlen(filename));
    if (name == V_NULL)
        return NULL;
    struct code *code = compile_tree(t, f, tree, name, optimize);
    release(t, name);
    return code;
}

enum front_mode compile_mode(const char *mode)
{
    return !strcmp(mode, "eval") ? FRONT_EVAL : !strcmp(mode, "single") ? FRONT_SINGLE : FRONT_EXEC;
}

/* compile()'s flags, as Python numbers them. */
uint32_t compile_flags(uint32_t flags, int optimize)
{
    enum { DONT_IMPLY_DEDENT = 0x200, TOP_LEVEL_AWAIT = 0x2000, INCOMPLETE_INPUT = 0x4000, BARRY = 0x400000 };
    return (flags & CODE_FUTURE_ANNOTATIONS ? FRONT_ANNOTATIONS : 0u) | (flags & BARRY ? FRONT_BARRY : 0u) |
           (flags & INCOMPLETE_INPUT ? FRONT_INCOMPLETE : 0u) | (flags & DONT_IMPLY_DEDENT ? FRONT_NO_DEDENT : 0u) |
           (flags & TOP_LEVEL_AWAIT ? FRONT_TOP_AWAIT : 0u) | (optimize > 0 ? FRONT_OPTIMIZE : 0u) |
           (optimize > 1 ? FRONT_NO_DOCSTRINGS : 0u);
}

static struct code *compile_any(struct thread *t, const char *source, size_t n, bool bytes, const char *filename, const char *mode, int optimize,
                                uint32_t flags)
{
    struct front f;
    struct front_hooks hooks = compile_hooks(t, filename);
    if (!front_init(&f, compile_mode(mode), compile_flags(flags, optimize), &hooks)) {
        raise_no_memory(t);
        front_free(&f);
        return NULL;
    }
    bool loaded = bytes ? source_load_bytes(&f, source, n) : source_load_text(&f, source, n);
    struct code *code = compile_loaded(t, &f, loaded, filename, optimize);
    front_free(&f);
    return code;
}

struct code *compile_source(struct thread *t, const char *source, size_t n, const char *filename, const char *mode, int optimize, uint32_t flags)
{
    return compile_any(t, source, n, false, filename, mode, optimize, flags);
}

struct code *compile_bytes(struct thread *t, const char *source, size_t n, const char *filename, const char *mode, int optimize, uint32_t flags)
{
    return compile_any(t, source, n, true, filename, mode, optimize, flags);
}
