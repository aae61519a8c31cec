// SPDX-License-Identifier: Apache-2.0
// _local: attributes of which each thread has its own. Leaves threading.local's name to the library.
//
// Each _local keeps a table of (thread id, dict). A thread looks up only its own row and nobody else changes a row in use, so lookups take no lock; claiming a row, growing the
// table and emptying the rows of a thread that ends take `registry`, which also guards the list of all _locals. A replaced table is retired.
#include "interp/core/lock.h"
#include "interp/modules/thread/thread_module.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/names.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"
#include "interp/types/words.h"

struct row {
    _Atomic uint64_t id;  // 0: free
    value dict;           // owned; valid while id is set
};
struct rows {
    size_t n;
    struct row at[];
};
struct local {
    struct object head;
    struct rows *_Atomic rows;
    value args, kwargs;         // owned tuple, owned dict or V_NULL: what __init__ gets in each thread
    struct local *next, **back; // the list of all
};
static struct lock registry;
static struct local *all;
static struct local *as_local(vref v) { return (struct local *)as_object(v); }
static size_t rows_bytes(size_t n) { return sizeof(struct rows) + n * sizeof(struct row); }

// ---- rows ----
static vref find(const struct thread *t, struct local *l) {
    struct rows *rows = atomic_load_explicit(&l->rows, memory_order_acquire);
    for (size_t i = 0; rows && i < rows->n; i++)
        if (atomic_load_explicit(&rows->at[i].id, memory_order_relaxed) == t->id) return rows->at[i].dict;
    return V_NULL;
}
static bool claim(struct rows *rows, uint64_t id, vref dict) { // registry held
    for (size_t i = 0; rows && i < rows->n; i++) {
        if (atomic_load_explicit(&rows->at[i].id, memory_order_relaxed)) continue;
        rows->at[i].dict = dict;
        atomic_store_explicit(&rows->at[i].id, id, memory_order_release);
        return true;
    }
    return false;
}
static value disclaim(struct rows *rows, uint64_t id) { // registry held; returns what was in the row, or V_NULL
    for (size_t i = 0; rows && i < rows->n; i++) {
        if (atomic_load(&rows->at[i].id) != id) continue;
        value dict = rows->at[i].dict;
        rows->at[i].dict = V_NULL;
        atomic_store(&rows->at[i].id, 0);
        return dict;
    }
    return V_NULL;
}
// A new dict for t; borrowed while t lives. V_NULL: exception.
static vref add_row(struct thread *t, struct local *l) {
    value dict = dict_new(t);
    if (!dict) return V_NULL;
    size_t room = 4;
    struct rows *bigger = NULL, *old = NULL;
    for (;;) {
        lock_take(t, &registry);
        struct rows *rows = atomic_load(&l->rows);
        bool done = claim(rows, t->id, dict);
        if (!done && bigger && (!rows || bigger->n > rows->n)) {
            if (rows) memcpy(bigger->at, rows->at, rows->n * sizeof rows->at[0]);
            done = claim(bigger, t->id, dict);
            atomic_store_explicit(&l->rows, bigger, memory_order_release);
            old = rows;
            bigger = NULL;
        } else if (rows) room = rows->n * 2;
        lock_give(&registry);
        if (done) break;
        if (bigger) mem_free(t, bigger, rows_bytes(bigger->n));
        if (!(bigger = mem_calloc(t, rows_bytes(room)))) return release(t, dict), V_NULL;
        bigger->n = room;
    }
    if (bigger) mem_free(t, bigger, rows_bytes(bigger->n));
    if (old) mem_retire(t, old, rows_bytes(old->n));
    return dict;
}
void locals_thread_ends(struct thread *t) {
    for (;;) { // one at a time: releasing runs code, which may make more
        value dict = V_NULL;
        lock_take(t, &registry);
        for (struct local *l = all; l && !dict; l = l->next) dict = disclaim(atomic_load(&l->rows), t->id);
        lock_give(&registry);
        if (!dict) return;
        release(t, dict);
    }
}

// ---- this thread's attributes ----
static bool run_init(struct thread *t, vref self) {
    struct local *l = as_local(self);
    if (type_of(self)->init == type_local.init) return true;
    value init = object_getattr_cstr(t, self, "__init__"), r = init ? object_call_ex(t, init, l->args, l->kwargs) : V_NULL;
    release_opt(t, init);
    release_opt(t, r);
    return r != V_NULL;
}
static void drop_row(struct thread *t, struct local *l) {
    lock_take(t, &registry);
    value dict = disclaim(atomic_load(&l->rows), t->id);
    lock_give(&registry);
    release_opt(t, dict);
}
static vref attributes(struct thread *t, vref self) {
    vref dict = find(t, as_local(self));
    if (dict) return dict;
    if (!(dict = add_row(t, as_local(self)))) return V_NULL;
    if (run_init(t, self)) return dict;
    value exc = raised_take(t); // as if it had never been asked for: the next time tries again
    drop_row(t, as_local(self));
    raised_restore(t, exc);
    return V_NULL;
}
static bool is_data_descriptor(struct thread *t, vref self, vref name) {
    vref d = type_lookup(t, type_of(self), name);
    return d && is_pointer(d) && type_of(d)->descr_set;
}
static value get(struct thread *t, vref self, vref name) {
    vref dict = attributes(t, self);
    if (!dict) return V_NULL;
    if (str_equal(name, NAME(__dict__))) return own(t, dict);
    if (is_data_descriptor(t, self, name)) return object_generic_getattr(t, self, name);
    value v = dict_get(t, dict, name);
    return v || raised(t) ? v : object_generic_getattr(t, self, name);
}
static int set(struct thread *t, vref self, vref name, vref v) {
    vref dict = attributes(t, self);
    if (!dict) return -1;
    if (str_equal(name, NAME(__dict__))) {
        raise(t, &exc_AttributeError, "'%s' object attribute '__dict__' is read-only", type_of(self)->name);
        return -1;
    }
    if (is_data_descriptor(t, self, name)) return object_generic_setattr(t, self, name, v);
    if (v) return dict_set(t, dict, name, v) ? 0 : -1;
    int r = dict_del(t, dict, name);
    if (r == 0) raise_attribute(t, self, name);
    return r > 0 ? 0 : -1;
}

// ---- the type ----
static bool keep_arguments(struct thread *t, struct local *l, const vref *args, size_t nargs, vref kwnames) {
    value a = tuple_from_array(t, args, nargs), kw = V_NULL;
    bool ok = a != V_NULL;
    if (ok && keyword_count(kwnames)) ok = (kw = dict_new(t)) != V_NULL;
    for (size_t i = 0; ok && i < keyword_count(kwnames); i++) ok = dict_set(t, kw, tuple_at(kwnames, i), args[nargs + i]);
    replace_field(t, &l->args, a ? a : tuple_empty);
    replace_field(t, &l->kwargs, kw);
    return ok;
}
static value make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    if ((nargs || keyword_count(kwnames)) && cls->init == type_local.init) return raise(t, &exc_TypeError, "Initialization arguments are not supported");
    value v = object_new_instance(t, cls);
    if (!v) return V_NULL;
    struct local *l = as_local(v);
    l->args = tuple_empty;
    lock_take(t, &registry);
    l->next = all;
    l->back = &all;
    if (all) all->back = &l->next;
    all = l;
    lock_give(&registry);
    if (!keep_arguments(t, l, args, nargs, kwnames) || !add_row(t, l)) release_field(t, &v); // its own thread's __init__ runs as any other object's
    return v;
}
static void clear(struct thread *t, struct object *o) {
    struct local *l = (struct local *)o;
    release_field(t, &l->args);
    release_field(t, &l->kwargs);
    l->args = tuple_empty;
}
static void destroy(struct thread *t, struct object *o) {
    struct local *l = (struct local *)o;
    lock_take(t, &registry);
    if (l->back) {
        *l->back = l->next;
        if (l->next) l->next->back = l->back;
    }
    struct rows *rows = atomic_exchange(&l->rows, NULL);
    lock_give(&registry);
    for (size_t i = 0; rows && i < rows->n; i++)
        if (atomic_load(&rows->at[i].id)) release(t, rows->at[i].dict);
    if (rows) mem_retire(t, rows, rows_bytes(rows->n));
    release_field(t, &l->args);
    release_field(t, &l->kwargs);
}
static int traverse(struct object *o, visit_fn *visit, void *arg) {
    struct local *l = (struct local *)o;
    struct rows *rows = atomic_load(&l->rows);
    int r = l->args ? visit(l->args, arg) : 0;
    if (!r && l->kwargs) r = visit(l->kwargs, arg);
    for (size_t i = 0; rows && i < rows->n && !r; i++)
        if (atomic_load(&rows->at[i].id)) r = visit(rows->at[i].dict, arg);
    return r;
}
struct type type_local = {
    .name = "_local", .module = "_thread", .doc = "Thread-local data", .flags = TYPE_GC | TYPE_BASE | TYPE_HAS_WEAK, .basicsize = sizeof(struct local), .base = &type_object,
    .make = make, .destroy = destroy, .traverse = traverse, .clear = clear, .getattr = get, .setattr = set,
};
bool local_ready(struct thread *t) { return type_local.root_shape || type_ready(t, &type_local); }
