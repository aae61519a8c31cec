// SPDX-License-Identifier: Apache-2.0
// The scopes of a source text as Python objects, with the numbers that the library's `symtable` knows.
// It leaves what the names mean to symtab.c, the module _symtable to modules/symtable.c.
#include "compile_tree.h"

#include "parse.h"
#include "symtab.h"

#include "interp/modules/symtable.h"
#include "interp/types/dict.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"

struct entry {
    struct object head;
    value name, symbols, varnames, children; // owned; immutable once published
    value type, nested, lineno, id;
};
static struct entry *as_entry(vref v)
{
    return (struct entry *)as_object(v);
}

static void entry_destroy(struct thread *t, struct object *o)
{
    struct entry *e = (struct entry *)o;
    value *const fields[] = {&e->name, &e->symbols, &e->varnames, &e->children, &e->type, &e->nested, &e->lineno, &e->id};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        release_field(t, fields[i]);
}
static int entry_traverse(struct object *o, visit_fn *visit, void *arg)
{
    struct entry *e = (struct entry *)o;
    const value words[] = {e->name, e->symbols, e->varnames, e->children, e->id};
    int r = 0;
    for (size_t i = 0; !r && i < sizeof words / sizeof *words; i++)
        r = words[i] && is_pointer(words[i]) ? visit(words[i], arg) : 0;
    return r;
}
static value entry_repr(struct thread *t, vref self)
{
    struct entry *e = as_entry(self);
    return str_format(t, "<symtable entry %U(%S), line %S>", e->name, e->id, e->lineno);
}
#define MEMBER(py, field) {.name = py, .kind = NATIVE_MEMBER, .offset = offsetof(struct entry, field)}
static const struct native members[] = {
    MEMBER("id", id), MEMBER("name", name), MEMBER("symbols", symbols), MEMBER("varnames", varnames), MEMBER("children", children), MEMBER("nested", nested),
    MEMBER("type", type), MEMBER("lineno", lineno), {.name = NULL},
};
static struct type type_entry = {
    .name = "symtable entry", .module = "builtins", .base = &type_object, .flags = TYPE_GC | TYPE_NO_NEW | TYPE_HAS_WEAK, .basicsize = sizeof(struct entry),
    .natives = members, .destroy = entry_destroy, .clear = entry_destroy, .traverse = entry_traverse, .repr = entry_repr,
};

/* ---- from scopes ---- */

static int scope_number(const struct scope *s, const struct symbol *y)
{
    switch (y->home) {
    case HOME_LOCAL: return LOCAL;
    case HOME_CELL: return CELL;
    case HOME_FREE: return FREE;
    case HOME_GLOBAL: return GLOBAL_EXPLICIT;
    case HOME_GLOBAL_IMPLICIT: return GLOBAL_IMPLICIT;
    case HOME_NAME: return y->flags & SYM_BOUND ? LOCAL : GLOBAL_IMPLICIT;
    case HOME_NONE: break;
    }
    return y->through && s->kind == SCOPE_CLASS ? FREE : GLOBAL_IMPLICIT;
}
static int64_t symbol_number(const struct scope *s, const struct symbol *y)
{
    static const struct { uint32_t ours; int theirs; } rows[] = {
        {SYM_GLOBAL, DEF_GLOBAL}, {SYM_LOCAL, DEF_LOCAL}, {SYM_DECLARED, DEF_LOCAL}, {SYM_PARAM, DEF_PARAM}, {SYM_NONLOCAL, DEF_NONLOCAL}, {SYM_USED, USE},
        {SYM_IMPORTED, DEF_IMPORT}, {SYM_ANNOTATED, DEF_ANNOT}, {SYM_COMP_TARGET, DEF_COMP_ITER},
    };
    int flags = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (y->flags & rows[i].ours)
            flags |= rows[i].theirs;
    if (y->flags & SYM_IMPORTED)
        flags &= ~DEF_LOCAL;
    if (s->kind == SCOPE_COMPREHENSION && y->flags & (SYM_NONLOCAL | SYM_GLOBAL)) // a walrus binds, and binds outside
        flags |= DEF_LOCAL;
    if (y->through && flags & (DEF_BOUND | DEF_GLOBAL))
        flags |= DEF_FREE_CLASS;
    return flags | scope_number(s, y) << SCOPE_OFF;
}
static bool add_symbol(struct thread *t, struct entry *e, const char *text, size_t len, int64_t number)
{
    value name = str_from_utf8(t, text, len);
    bool ok = name && dict_set(t, e->symbols, name, from_int62(number)) && (!(number & DEF_PARAM) || list_append(t, e->varnames, name));
    release_opt(t, name);
    return ok;
}
static bool add_symbols(struct thread *t, struct entry *e, const struct scope *s)
{
    for (struct symbol *y = s->first; y; y = y->next)
        if ((y->flags || y->home != HOME_CELL || s->kind != SCOPE_CLASS) && !add_symbol(t, e, y->name->text, y->name->len, symbol_number(s, y)))
            return false;
    return true;
}
static value entry_name(struct thread *t, const struct scope *s)
{
    const char *p = s->name->text;
    size_t n = s->name->len;
    if (s->kind == SCOPE_MODULE)
        return str_from_cstr(t, "top");
    return s->kind == SCOPE_LAMBDA || s->kind == SCOPE_COMPREHENSION ? str_from_utf8(t, p + 1, n - 2) : str_from_utf8(t, p, n); // without <>
}
static int block_type(const struct scope *s)
{
    return s->kind == SCOPE_MODULE ? BLOCK_MODULE : s->kind == SCOPE_CLASS ? BLOCK_CLASS : BLOCK_FUNCTION;
}
static value entry_new(struct thread *t, const struct scope *s)
{
    value v = recursion_enter(t, " while making symbol tables") ? object_new_instance(t, &type_entry) : V_NULL;
    if (!v)
        return V_NULL;
    struct entry *e = as_entry(v);
    e->name = entry_name(t, s);
    e->symbols = dict_new(t);
    e->varnames = list_new(t, 0);
    e->children = list_new(t, 0);
    e->id = int_from_u64(t, (uintptr_t)s);
    e->type = from_int62(block_type(s));
    e->nested = from_int62(s->nested);
    e->lineno = from_int62(s->kind == SCOPE_MODULE ? 0 : (int64_t)s->node->pos.line);
    bool ok = e->name && e->symbols && e->varnames && e->children && e->id && add_symbols(t, e, s);
    for (struct scope *c = s->children; ok && c; c = c->next) {
        value child = entry_new(t, c);
        ok = child && list_append_take(t, e->children, child);
    }
    recursion_leave(t);
    if (!ok)
        release_field(t, &v);
    return v;
}

/* ---- from text ---- */

value symtable_entries(struct thread *t, vref source, const char *filename, const char *mode)
{
    if (!type_entry.root_shape && !type_ready(t, &type_entry))
        return V_NULL;
    struct front f;
    struct front_hooks hooks = compile_hooks(t, filename);
    struct scopes scopes;
    struct buffer_view view = {0};
    size_t n;
    value v = V_NULL;
    const char *text = is_str(source) ? str_utf8(t, source, &n) : buffer_get(t, source, &view, false) ? (const char *)view.data : NULL;
    if (!text)
        return V_NULL;
    bool ok = front_init(&f, compile_mode(mode), 0, &hooks);
    ok = ok && (view.owner ? source_load_bytes(&f, text, view.length) : source_load_text(&f, text, n));
    struct node *tree = ok ? parse_run(&f) : NULL;
    f.parsed = tree != NULL;
    if (tree && compile_futures(&f, tree) && symtab_build(&f, tree, &scopes))
        v = entry_new(t, scopes.top);
    else
        compile_raise(t, &f, filename);
    front_free(&f);
    buffer_release(t, &view);
    return v;
}
