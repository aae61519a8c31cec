// SPDX-License-Identifier: Apache-2.0
// Tuples with named items: making types and instances, repr, pickling. Leaves everything that a tuple can do to tuple.c.
#include "interp/types/structseq.h"
#include "interp/types/args.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/func.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"

#include <stdlib.h>

static struct structseq *as_structseq(const struct type *c) { return (struct structseq *)(uintptr_t)c; } // the type stands first
static struct structseq *of(const struct object *o) { return as_structseq(object_type(o)); }

// ---- instances ----

static struct tuple *alloc(struct thread *t, struct structseq *s) {
    struct tuple *u = object_alloc_gc(t, sizeof *u + s->count * sizeof(value), s->type.root_shape);
    if (!u) return NULL;
    u->size = s->visible;
    atomic_init(&u->hash, -1);
    for (unsigned k = 0; k < s->count; k++) u->at[k] = V_NONE;
    return u;
}
value structseq_new(struct thread *t, struct structseq *s, value *items) {
    bool ok = structseq_type(t, s) != NULL;
    for (unsigned k = 0; k < s->count; k++) ok = ok && items[k];
    struct tuple *u = ok ? alloc(t, s) : NULL;
    for (unsigned k = 0; k < s->count; k++) {
        if (u) u->at[k] = items[k];
        else release_opt(t, items[k]);
    }
    return u ? counted_word(u) : V_NULL;
}

static void destroy(struct thread *t, struct object *o) {
    struct tuple *u = (struct tuple *)o;
    for (unsigned k = of(o)->count; k-- > 0;) release(t, u->at[k]);
}
static size_t size_of(const struct object *o) { return sizeof(struct tuple) + of(o)->count * sizeof(value); }
static int traverse(struct object *o, visit_fn *visit, void *arg) {
    struct tuple *u = (struct tuple *)o;
    int r = 0;
    for (unsigned k = 0; k < of(o)->count && !r; k++) r = visit(u->at[k], arg);
    return r;
}

// ---- methods ----

static bool fill_hidden(struct thread *t, struct structseq *s, struct tuple *u, vref dict) {
    for (unsigned k = s->visible; k < s->count; k++) {
        value v = s->fields[k].name ? dict_get_str(t, dict, s->fields[k].name) : V_NULL;
        if (!v && raised(t)) return false;
        if (v) replace_field(t, &u->at[k], v);
    }
    return true;
}
value structseq_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    static const char *const names[] = {"sequence", "dict"};
    struct args_spec spec = {cls->name, names, 0, 1, 2};
    vref in[2];
    struct structseq *s = as_structseq(cls);
    if (!args_bind(t, &spec, args, nargs, kwnames, in)) return V_NULL;
    if (in[1] && !is_dict(in[1])) return raise(t, &exc_TypeError, "%s.%s() takes a dict as second arg, if any", cls->module, cls->name);
    value items = tuple_from_iterable(t, in[0]);
    if (!items && raised_is(t, &exc_TypeError)) {
        raised_clear(t);
        raise(t, &exc_TypeError, "constructor requires a sequence");
    }
    if (!items) return V_NULL;
    size_t n = tuple_size(items);
    struct tuple *u = NULL;
    if (n < s->visible || n > s->count)
        raise(t, &exc_TypeError, "%s.%s() takes a%s %zu-sequence (%zu-sequence given)", cls->module, cls->name,
              s->visible == s->count ? "" : n < s->visible ? "n at least" : "n at most", (size_t)(n < s->visible ? s->visible : s->count), n);
    else u = alloc(t, s);
    for (size_t k = 0; u && k < n; k++) u->at[k] = own(t, tuple_at(items, k));
    release(t, items);
    if (u && in[1] && !fill_hidden(t, s, u, in[1])) {
        release(t, counted_word(u));
        return V_NULL;
    }
    return u ? counted_word(u) : V_NULL;
}
// The name shown for item k: that of the k-th field that has one, as CPython does it.
static const char *name_at(const struct structseq *s, unsigned k) {
    for (unsigned i = 0; i < s->count; i++)
        if (s->fields[i].name && k-- == 0) return s->fields[i].name;
    return "?";
}
static value repr(struct thread *t, vref self) {
    struct structseq *s = of(as_object(self));
    struct str_builder b;
    builder_init(&b, t);
    builder_cstr(&b, s->type.module);
    builder_char(&b, '.');
    builder_cstr(&b, s->type.name);
    builder_char(&b, '(');
    for (unsigned k = 0; k < s->visible; k++) {
        if (k) builder_cstr(&b, ", ");
        builder_cstr(&b, name_at(s, k));
        builder_char(&b, '=');
        builder_repr(&b, tuple_at(self, k));
    }
    builder_char(&b, ')');
    return builder_finish(&b);
}
static value reduce(struct thread *t, const vref *a) {
    struct structseq *s = of(as_object(a[0]));
    value plain = tuple_from_array(t, as_tuple(a[0])->at, s->visible), hidden = dict_new(t);
    bool ok = plain && hidden;
    for (unsigned k = s->visible; ok && k < s->count; k++)
        if (s->fields[k].name) ok = dict_set_str(t, hidden, s->fields[k].name, tuple_at(a[0], k));
    value args = ok ? tuple_pack(t, 2, plain, hidden) : V_NULL, r = args ? tuple_pack(t, 2, type_ref(&s->type), args) : V_NULL;
    release_opt(t, plain);
    release_opt(t, hidden);
    release_opt(t, args);
    return r;
}

// ---- the type ----

static const struct native reduce_row = {.name = "__reduce__", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = reduce};
// The table of natives: one member a named field. Lives as long as the type, which is for ever.
static struct native *members(const struct structseq *s) {
    struct native *rows = calloc(s->count + 2, sizeof *rows);
    if (!rows) return NULL;
    struct native *r = rows;
    for (unsigned k = 0; k < s->count; k++)
        if (s->fields[k].name)
            *r++ = (struct native){.name = s->fields[k].name, .kind = NATIVE_MEMBER, .doc = s->fields[k].doc,
                                   .offset = (uint32_t)(offsetof(struct tuple, at) + k * sizeof(value))};
    *r = reduce_row;
    return rows;
}
static bool set_counts(struct thread *t, struct structseq *s) {
    unsigned unnamed = 0;
    value names = list_new(t, s->visible);
    for (unsigned k = 0; names && k < s->count; k++) {
        if (!s->fields[k].name) unnamed++;
        else if (k < s->visible) {
            value name = str_intern_cstr(t, s->fields[k].name);
            if (!name || !list_append_take(t, names, name)) release_field(t, &names);
        }
    }
    value match = names ? list_to_tuple(t, names) : V_NULL;
    release_opt(t, names);
    bool ok = match && dict_set_str(t, s->type.dict, "__match_args__", match) && dict_set_str(t, s->type.dict, "n_fields", from_int62(s->count)) &&
              dict_set_str(t, s->type.dict, "n_sequence_fields", from_int62(s->visible)) && dict_set_str(t, s->type.dict, "n_unnamed_fields", from_int62(unnamed));
    release_opt(t, match);
    return ok;
}
struct type *structseq_type(struct thread *t, struct structseq *s) {
    struct type *c = &s->type;
    if (likely(c->root_shape)) return c;
    c->base = &type_tuple;
    c->basicsize = offsetof(struct tuple, at);
    c->itemsize = sizeof(value);
    c->destroy = destroy;
    c->size_of = size_of;
    c->traverse = traverse;
    c->repr = repr;
    if (!(c->flags & TYPE_NO_NEW) && !c->make) c->make = structseq_make;
    if (!c->natives && !(c->natives = members(s))) {
        raise_no_memory(t);
        return NULL;
    }
    if (!type_ready(t, c) || !set_counts(t, s)) return NULL;
    if (c->flags & TYPE_NO_NEW) c->make = NULL;
    return c;
}
