// SPDX-License-Identifier: Apache-2.0
// What the iterators of itertools share, and the module. Leaves each iterator to its file.
#include "interp/modules/itertools/itertools.h"
#include "interp/modules/modules.h"

value tool_new(struct thread *t, struct type *cls, value it, value f) {
    value v = raised(t) ? V_NULL : object_new_instance(t, cls);
    if (!v) {
        release_opt(t, it);
        release_opt(t, f);
        return V_NULL;
    }
    as_tool(v)->it = it;
    as_tool(v)->f = f;
    return v;
}

void tool_destroy(struct thread *t, struct object *o) {
    struct tool *x = (struct tool *)o;
    release_field(t, &x->it);
    release_field(t, &x->f);
    release_field(t, &x->x);
    release_field(t, &x->y);
}
int tool_traverse(struct object *o, visit_fn *visit, void *arg) {
    struct tool *x = (struct tool *)o;
    const value words[] = {x->it, x->f, x->x, x->y};
    int r = 0;
    for (int i = 0; !r && i < 4; i++) r = words[i] ? visit(words[i], arg) : 0;
    return r;
}

bool tool_plain_args(struct thread *t, const struct type *base, const struct type *cls, size_t nargs, vref kwnames, size_t min, size_t max) {
    if (cls->init == base->init && !args_no_keywords(t, base->name, kwnames)) return false;
    return args_count(t, base->name, nargs, min, max);
}

value tool_reduce(struct thread *t, vref self, vref a, vref b) {
    value args = b ? tuple_pack(t, 2, a, b) : tuple_pack(t, 1, a), r = args ? tuple_pack(t, 2, type_ref(type_of(self)), args) : V_NULL;
    release_opt(t, args);
    return r;
}
value tool_reduce_state(struct thread *t, vref self, value args, value state) {
    value r = args && state ? tuple_pack(t, 3, type_ref(type_of(self)), args, state) : V_NULL;
    release_opt(t, args);
    release_opt(t, state);
    return r;
}
bool tool_state_tuple(struct thread *t, vref state, size_t min, size_t max) {
    if (!is_tuple(state)) raise(t, &exc_TypeError, "state is not a tuple");
    else if (tuple_size(state) < min || tuple_size(state) > max)
        raise(t, &exc_TypeError, "function takes %s %zu argument%s (%zu given)", min == max ? "exactly" : tuple_size(state) < min ? "at least" : "at most",
              tuple_size(state) < min ? min : max, (tuple_size(state) < min ? min : max) == 1 ? "" : "s", tuple_size(state));
    else return true;
    return false;
}

static const struct native functions[] = {
    {"tee", NATIVE_FUNCTION, "($module, iterable, n=2, /)", .fn = itertools_tee_make,
     .doc = "Return n iterators over the items of one; an item is kept until the last has seen it."},
};

value itertools_make(struct thread *t) {
    static struct type *const types[] = {
#define X(id) &itertools_##id,
        ITERTOOLS_TYPES(X)
#undef X
            &itertools_grouper,
        &itertools_tee, &itertools_tee_block,
    };
    value m = module_from_natives(t, "itertools", "Iterators that combine, filter, repeat and count.", functions, sizeof functions / sizeof *functions);
    bool ok = m != V_NULL;
    for (size_t i = 0; ok && i < sizeof types / sizeof *types; i++) ok = type_ready(t, types[i]) && module_set(t, m, types[i]->name, type_ref(types[i]));
    if (ok) return m;
    release_opt(t, m);
    return V_NULL;
}
