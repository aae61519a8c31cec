// SPDX-License-Identifier: Apache-2.0
// What the front made of a source, as text: tokens, tree, bytecode (krait-python --dump=WHAT).
// It leaves writing a tree to ast.c and bytecode to vm/dis.c.
#include "compile_tree.h"

#include "lex.h"
#include "parse.h"

#include "interp/types/str.h"

#include <string.h>

static void dump_tokens(FILE *out, const struct front *f, const struct lexed *l)
{
    for (uint32_t i = 0; i < l->count; i++) {
        const struct token *t = &l->tokens[i];
        fprintf(out, "%u,%u-%u,%u:\t%s", t->line, t->col, t->end_line, t->end_col, token_text((enum token_kind)t->kind));
        if (t->kind == TOK_NAME || t->kind == TOK_NUMBER || t->kind == TOK_STRING)
            fprintf(out, "\t%.*s", (int)(t->end - t->start), f->text + t->start);
        putc('\n', out);
    }
}

static bool tokens(struct thread *t, FILE *out, struct front *f, const char *filename)
{
    struct lexed l;
    bool ok = lex_run(f, lex_whole(f), &l);
    if (ok)
        dump_tokens(out, f, &l);
    if (ok && l.error.kind != FRONT_NONE)
        f->error = l.error;
    ok = ok && l.error.kind == FRONT_NONE;
    lexed_free(&l);
    if (!ok)
        compile_raise(t, f, filename);
    return ok;
}

static bool tree(struct thread *t, FILE *out, struct front *f, const char *filename)
{
    struct node *n = parse_run(f);
    if (!n) {
        compile_raise(t, f, filename);
        return false;
    }
    ast_dump(out, n);
    putc('\n', out);
    return true;
}

static bool bytecode(struct thread *t, FILE *out, const char *source, size_t n, const char *filename)
{
    struct code *code = compile_bytes(t, source, n, filename, "exec", 0, 0);
    value text = code ? code_disassemble(t, code) : V_NULL;
    const char *s = text ? str_utf8(t, text, NULL) : NULL;
    if (s)
        fputs(s, out);
    if (text)
        release(t, text);
    return s != NULL;
}

/* Dump the source as `what` ("tokens", "ast", "bytecode"). False: an exception is pending. */
bool compile_dump(struct thread *t, FILE *out, const char *what, const char *source, size_t n, const char *filename)
{
    if (!strcmp(what, "bytecode"))
        return bytecode(t, out, source, n, filename);
    struct front f;
    struct front_hooks hooks = compile_hooks(t, filename);
    bool ok = front_init(&f, FRONT_EXEC, 0, &hooks);
    if (!ok || !source_load_bytes(&f, source, n)) {
        compile_raise(t, &f, filename);
        ok = false;
    } else {
        ok = !strcmp(what, "tokens") ? tokens(t, out, &f, filename) : tree(t, out, &f, filename);
    }
    front_free(&f);
    return ok;
}
