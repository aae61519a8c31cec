// SPDX-License-Identifier: Apache-2.0
// Code objects: making, cloning, positions, and the co_ attributes that Python code reads. Leaves making of instructions to front/assemble.c.
#include "interp/vm/code.h"
#include "interp/types/exc.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"

#include <stdio.h>

static void *copy_array(struct thread *t, const void *from, size_t bytes, bool *ok) {
    if (!bytes) return NULL;
    void *to = mem_alloc(t, bytes);
    if (to) memcpy(to, from, bytes);
    else *ok = false;
    return to;
}
static unsigned simple_args(const struct code *c) {
    if (c->flags & CODE_NAMESPACE) return 1;
    bool simple = !c->kwonly && !(c->flags & (CODE_VARARGS | CODE_VARKEYWORDS));
    return simple ? c->argcount : CODE_NOT_SIMPLE;
}

struct code *code_new(struct thread *t, const struct code_parts *p) {
    struct code *c = object_alloc_gc(t, sizeof *c, type_code.root_shape);
    if (!c) return NULL;
    memset((char *)c + sizeof c->head, 0, sizeof *c - sizeof c->head);
    bool ok = true;
    c->nops = (uint32_t)p->nops;
    c->nconsts = (uint32_t)p->nconsts;
    c->nsites = (uint32_t)p->nsites;
    c->nhandlers = (uint32_t)p->nhandlers;
    c->npositions = (uint32_t)p->npositions;
    c->ops = copy_array(t, p->ops, p->nops * sizeof *p->ops, &ok);
    c->site_names = copy_array(t, p->site_names, p->nsites * sizeof *p->site_names, &ok);
    c->handlers = copy_array(t, p->handlers, p->nhandlers * sizeof *p->handlers, &ok);
    c->positions = copy_array(t, p->positions, p->npositions * sizeof *p->positions, &ok);
    c->consts = p->nconsts ? mem_calloc(t, p->nconsts * sizeof *c->consts) : NULL;
    c->sites = p->nsites ? mem_calloc(t, p->nsites * sizeof *c->sites) : NULL;
    if (!ok || (p->nconsts && !c->consts) || (p->nsites && !c->sites)) c->nconsts = 0;
    for (uint32_t k = 0; k < c->nconsts; k++) {
        value v = own(t, p->consts[k]);
        c->consts[k] = is_counted(v) ? ref_defer(t, as_object(v)) : v;
    }
    c->nlocals = (uint16_t)p->nlocals;
    c->nregs = p->nregs;
    c->nclear = p->nregs > 256 ? p->nregs : p->nlocals;
    c->flags = p->flags;
    c->argcount = (uint16_t)p->argcount;
    c->posonly = (uint16_t)p->posonly;
    c->kwonly = (uint16_t)p->kwonly;
    c->attr_hint = (uint16_t)p->attr_hint;
    c->firstlineno = p->firstlineno;
    c->simple_args = (uint16_t)simple_args(c);
    c->name = own(t, p->name);
    c->qualname = own(t, p->qualname);
    c->filename = own(t, p->filename);
    c->varnames = own(t, p->varnames);
    c->freevars = own(t, p->freevars);
    c->cellvars = own(t, p->cellvars);
    c->names = own(t, p->names);
    c->doc = p->doc ? own(t, p->doc) : V_NULL;
    c->nfree = (uint16_t)tuple_size(c->freevars);
    c->ncells = (uint16_t)tuple_size(c->cellvars);
    value word = ref_defer(t, &c->head);
    if (!ok || (p->nops && !c->ops) || (p->nconsts && !c->consts) || (p->nsites && !c->sites)) return NULL; // the collector takes the remains
#ifdef KRAIT_DEBUG
    char why[200];
    if (!code_verify(c, why, sizeof why)) {
        raise(t, &exc_SystemError, "bad code for %U: %s", c->qualname, why);
        return NULL;
    }
#endif
    (void)word;
    return c;
}

struct code *code_clone(struct thread *t, const struct code *c) {
    uint32_t *ops = mem_alloc(t, c->nops * sizeof *ops);
    if (!ops) return NULL;
    for (uint32_t k = 0; k < c->nops;) { // back to the general forms
        uint32_t word = atomic_load_explicit(&c->ops[k], memory_order_relaxed);
        enum opcode general = opcode_table[word & 255].general;
        ops[k] = (word & ~255u) | (uint32_t)general;
        unsigned n = opcode_words(opcode_table[general].extra);
        for (unsigned j = 1; j < n; j++) ops[k + j] = atomic_load_explicit(&c->ops[k + j], memory_order_relaxed);
        k += n;
    }
    struct code_parts p = {
        .ops = ops, .nops = c->nops, .consts = c->consts, .nconsts = c->nconsts, .site_names = c->site_names, .nsites = c->nsites,
        .handlers = c->handlers, .nhandlers = c->nhandlers, .positions = c->positions, .npositions = c->npositions,
        .nlocals = c->nlocals, .nregs = c->nregs, .argcount = c->argcount, .posonly = c->posonly, .kwonly = c->kwonly, .flags = c->flags,
        .attr_hint = c->attr_hint, .firstlineno = c->firstlineno, .name = c->name, .qualname = c->qualname, .filename = c->filename,
        .varnames = c->varnames, .freevars = c->freevars, .cellvars = c->cellvars, .names = c->names, .doc = c->doc,
    };
    struct code *copy = code_new(t, &p);
    mem_free(t, ops, c->nops * sizeof *ops);
    return copy;
}

static uint32_t rows_until(const struct code *c, uint32_t at) { // rows with row.at <= at
    uint32_t low = 0, high = c->npositions;
    while (low < high) {
        uint32_t mid = (low + high) / 2;
        if (c->positions[mid].at <= at) low = mid + 1;
        else high = mid;
    }
    return low;
}
int32_t code_line(const struct code *c, uint32_t at) {
    for (uint32_t n = rows_until(c, at); n > 0; n--)
        if (c->positions[n - 1].line > 0) return c->positions[n - 1].line;
    return c->firstlineno;
}
bool code_position(const struct code *c, uint32_t at, struct position *out) {
    uint32_t low = rows_until(c, at);
    if (low == 0 || c->positions[low - 1].line == 0) return false;
    *out = c->positions[low - 1];
    return true;
}

// ---- the object ----
static void destroy(struct thread *t, struct object *o) {
    struct code *c = (struct code *)o;
    for (uint32_t k = 0; k < c->nconsts; k++) release(t, c->consts[k]);
    value *words[] = {&c->name, &c->qualname, &c->filename, &c->varnames, &c->freevars, &c->cellvars, &c->names, &c->doc, &c->extra};
    for (size_t k = 0; k < sizeof words / sizeof *words; k++) release_field(t, words[k]);
    mem_retire(t, (void *)c->ops, c->nops * sizeof *c->ops);
    mem_free(t, c->consts, c->nconsts * sizeof *c->consts);
    mem_free(t, (void *)c->sites, c->nsites * sizeof *c->sites);
    mem_free(t, c->site_names, c->nsites * sizeof *c->site_names);
    mem_free(t, c->handlers, c->nhandlers * sizeof *c->handlers);
    mem_free(t, c->positions, c->npositions * sizeof *c->positions);
}
static int traverse(struct object *o, visit_fn *visit, void *arg) {
    struct code *c = (struct code *)o;
    for (uint32_t k = 0; k < c->nconsts; k++) {
        int r = visit(c->consts[k], arg);
        if (r) return r;
    }
    value words[] = {c->name, c->qualname, c->filename, c->varnames, c->freevars, c->cellvars, c->names, c->doc, c->extra};
    for (size_t k = 0; k < sizeof words / sizeof *words; k++) {
        int r = words[k] ? visit(words[k], arg) : 0;
        if (r) return r;
    }
    return 0;
}
static value repr(struct thread *t, vref self) {
    struct code *c = as_code(self);
    char where[32];
    snprintf(where, sizeof where, "%p", (void *)c);
    return str_format(t, "<code object %U at %s, file \"%U\", line %d>", c->name, where, c->filename, (int)c->firstlineno);
}

#define GET_INT(field) static value get_##field(struct thread *t, const vref *a) { return int_from_i64(t, (int64_t)as_code(a[0])->field); }
GET_INT(argcount)
GET_INT(posonly)
GET_INT(kwonly)
GET_INT(firstlineno)
GET_INT(nregs)
static value get_flags(struct thread *t, const vref *a) {
    return int_from_i64(t, as_code(a[0])->flags & ~(uint32_t)(CODE_NAMESPACE | CODE_CLASS_BODY));
}
// co_varnames: what is a plain local for Python, without the namespace register and the captured variables that are no parameters.
static value get_varnames(struct thread *t, const vref *a) {
    struct code *c = as_code(a[0]);
    if (c->flags & CODE_NAMESPACE) return own(t, tuple_empty);
    unsigned params = c->argcount + c->kwonly + !!(c->flags & CODE_VARARGS) + !!(c->flags & CODE_VARKEYWORDS);
    value list = list_new(t, tuple_size(c->varnames));
    for (size_t k = 0; list && k < tuple_size(c->varnames); k++) {
        vref name = tuple_at(c->varnames, k);
        if (!is_str(name) || as_str(name)->length == 0) continue;
        bool cell = false;
        for (size_t j = 0; k >= params && j < tuple_size(c->cellvars); j++) cell |= str_equal(tuple_at(c->cellvars, j), name);
        if (!cell && !list_append(t, list, name)) release_field(t, &list);
    }
    value tuple = list ? list_to_tuple(t, list) : V_NULL;
    release_opt(t, list);
    return tuple;
}
static value get_nlocals(struct thread *t, const vref *a) {
    value names = get_varnames(t, a);
    if (!names) return V_NULL;
    size_t n = tuple_size(names);
    release(t, names);
    return int_from_i64(t, (int64_t)n);
}
static value get_consts(struct thread *t, const vref *a) {
    struct code *c = as_code(a[0]);
    return tuple_from_array(t, c->consts, c->nconsts);
}
static value get_code(struct thread *t, const vref *a) {
    struct code *c = as_code(a[0]);
    return bytes_new(t, (const void *)c->ops, c->nops * sizeof *c->ops);
}
static value position_tuple(struct thread *t, const struct position *p) {
    value v[4] = {p->line > 0 ? from_int62(p->line) : V_NONE, p->end_line > 0 ? from_int62(p->end_line) : V_NONE,
                  p->column >= 0 ? from_int62(p->column) : V_NONE, p->end_column >= 0 ? from_int62(p->end_column) : V_NONE};
    return tuple_from_array(t, v, 4);
}
// One tuple for each word of co_code, as CPython's are for each of its code units.
static value positions(struct thread *t, const vref *a) {
    struct code *c = as_code(a[0]);
    value list = list_new(t, c->nops);
    for (uint32_t k = 0; list && k < c->nops; k++) {
        struct position p = {.column = -1, .end_column = -1};
        code_position(c, k, &p);
        value v = position_tuple(t, &p);
        if (!v || !list_append_take(t, list, v)) release_field(t, &list);
    }
    value it = list ? object_iter(t, list) : V_NULL;
    release_opt(t, list);
    return it;
}
static value lines(struct thread *t, const vref *a) {
    struct code *c = as_code(a[0]);
    value list = list_new(t, c->npositions);
    for (uint32_t k = 0; list && k < c->npositions; k++) {
        uint32_t end = k + 1 < c->npositions ? c->positions[k + 1].at : c->nops;
        value row[3] = {from_int62(c->positions[k].at * 4), from_int62(end * 4), c->positions[k].line ? from_int62(c->positions[k].line) : V_NONE};
        value v = tuple_from_array(t, row, 3);
        if (!v || !list_append_take(t, list, v)) release_field(t, &list);
    }
    value it = list ? object_iter(t, list) : V_NULL;
    release_opt(t, list);
    return it;
}
static value replace(struct thread *t, const vref *args, size_t nargs, vref kwnames) {
    if (nargs != 1) return raise(t, &exc_TypeError, "replace() takes no positional arguments");
    struct code *c = code_clone(t, as_code(args[0]));
    if (!c) return V_NULL;
    for (size_t k = 0; kwnames && k < tuple_size(kwnames); k++) {
        vref name = tuple_at(kwnames, k), v = args[1 + k];
        value *field = str_equal_cstr(name, "co_name") ? &c->name : str_equal_cstr(name, "co_qualname") ? &c->qualname : str_equal_cstr(name, "co_filename") ? &c->filename : NULL;
        if (field && is_str(v)) replace_field(t, field, own(t, v));
        else if (str_equal_cstr(name, "co_firstlineno") && is_int62(v)) c->firstlineno = (int32_t)as_int62(v);
        else if (str_equal_cstr(name, "co_flags") && is_int62(v)) c->flags = (uint32_t)as_int62(v) | (c->flags & (CODE_NAMESPACE | CODE_CLASS_BODY));
        else return raise(t, &exc_TypeError, "replace() cannot change '%S' of a code object of this interpreter", name);
    }
    return borrowed_word(c);
}

#define MEMBER(py, field) {.name = py, .kind = NATIVE_MEMBER, .offset = offsetof(struct code, field)}
#define GETTER(py, f) {.name = py, .kind = NATIVE_GETSET, .fn = f}
static const struct native natives[] = {
    MEMBER("co_name", name), MEMBER("co_qualname", qualname), MEMBER("co_filename", filename), MEMBER("co_names", names),
    MEMBER("co_freevars", freevars), MEMBER("co_cellvars", cellvars),
    GETTER("co_argcount", get_argcount), GETTER("co_posonlyargcount", get_posonly), GETTER("co_kwonlyargcount", get_kwonly),
    GETTER("co_flags", get_flags), GETTER("co_firstlineno", get_firstlineno), GETTER("co_stacksize", get_nregs), GETTER("co_varnames", get_varnames),
    GETTER("co_nlocals", get_nlocals), GETTER("co_consts", get_consts), GETTER("co_code", get_code),
    {.name = "co_positions", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = positions},
    {.name = "co_lines", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = lines},
    {.name = "replace", .kind = NATIVE_METHOD, .sig = "($self, /, **changes)", .raw = replace},
    {0},
};
struct type type_code = {
    .name = "code", .module = "builtins", .flags = TYPE_GC | TYPE_QUIET | TYPE_NO_NEW | TYPE_HAS_WEAK, .basicsize = sizeof(struct code), .base = &type_object,
    .root_shape = SHAPE_CODE, .natives = natives, .destroy = destroy, .traverse = traverse, .repr = repr,
};
