// SPDX-License-Identifier: Apache-2.0
// The wrapper that functools.lru_cache makes. Leaves the decorator to the library.
//
// A dict leads from the key to a link, which holds the result; the links stand in a ring, the longest unused first. The ring owns a count of each link, apart from the
// dict's, and is changed only in a write section of the wrapper, which runs no Python code; a link that was taken out meanwhile is no longer `linked`.
// Two threads that miss the same key both call the function; the first result stays.
#include "interp/modules/functools/functools.h"
#include "interp/types/names.h"

struct link {
    struct object head;
    struct link *prev, *next; // guarded by the wrapper's write section; valid while linked
    bool linked;
    value key, result;        // owned, never changed
};
struct wrapper {
    struct object head;
    value f, info_type, cache; // owned: callable, type of cache_info()'s result, dict
    int64_t maxsize;           // -1: no limit
    bool typed;
    _Atomic int64_t hits, misses;
    struct link *first, *last; // each counted by the ring; same guard
    size_t linked;
};
static struct wrapper *as_wrapper(vref v) { return (struct wrapper *)as_object(v); }
static struct link *as_link(vref v) { return (struct link *)as_object(v); }
static value keyword_mark; // stands between positional and keyword arguments in a key; immortal

// ---- keys ----

// The arguments as one hashable word. returns new.
static value make_key(struct thread *t, bool typed, const vref *args, size_t nargs, vref kwnames) {
    size_t nkw = keyword_count(kwnames), n = nargs + (nkw ? 1 + 2 * nkw : 0) + (typed ? nargs + nkw : 0), k = 0;
    if (!typed && !nkw && nargs == 1 && (is_exact_int(args[0]) || has_shape(args[0], SHAPE_STR))) return own(t, args[0]);
    value key = tuple_new(t, n);
    if (!key) return V_NULL;
    value *at = as_tuple(key)->at;
    for (size_t i = 0; i < nargs; i++) at[k++] = own(t, args[i]);
    if (nkw) at[k++] = keyword_mark;
    for (size_t i = 0; i < nkw; i++) {
        at[k++] = own(t, tuple_at(kwnames, i));
        at[k++] = own(t, args[nargs + i]);
    }
    for (size_t i = 0; typed && i < nargs + nkw; i++) at[k++] = own(t, type_ref(type_of(args[i])));
    return key;
}

// ---- the ring; in a write section ----

static void unlink_locked(struct wrapper *w, struct link *l) {
    *(l->prev ? &l->prev->next : &w->first) = l->next;
    *(l->next ? &l->next->prev : &w->last) = l->prev;
    l->linked = false;
    w->linked--;
}
static void append_locked(struct wrapper *w, struct link *l) {
    l->prev = w->last;
    l->next = NULL;
    *(w->last ? &w->last->next : &w->first) = l;
    w->last = l;
    l->linked = true;
    w->linked++;
}

static void used(struct thread *t, struct wrapper *w, struct link *l) {
    if (!t->free_threaded && w->last == l) return; // else only inside the section
    bool locked = write_begin(t, &w->head);
    if (l->linked && w->last != l) {
        unlink_locked(w, l);
        append_locked(w, l);
    }
    write_end_grown(t, &w->head, locked);
}
// Takes the longest unused links out until there is room for one more, and their keys out of the dict.
static bool evict(struct thread *t, struct wrapper *w) {
    for (;;) {
        struct link *l = NULL;
        bool locked = write_begin(t, &w->head);
        if (w->linked >= (size_t)w->maxsize && w->first) unlink_locked(w, l = w->first);
        write_end_grown(t, &w->head, locked);
        if (!l) return true;
        value was = dict_pop(t, w->cache, l->key);
        release_opt(t, was);
        release(t, counted_word(l));
        if (!was && raised(t)) return false;
    }
}
static value link_new(struct thread *t, vref key, vref result) {
    struct link *l = object_alloc_gc(t, sizeof *l, functools_lru_link.root_shape);
    if (!l) return V_NULL;
    l->prev = l->next = NULL;
    l->linked = false;
    l->key = own(t, key);
    l->result = own(t, result);
    return counted_word(l);
}

// ---- calling ----

static bool remember(struct thread *t, struct wrapper *w, vref key, int64_t hash, vref result) {
    value there = dict_get_hashed(t, w->cache, key, hash); // entered while the function ran?
    if (there) {
        release(t, there);
        return true;
    }
    if (raised(t) || !evict(t, w)) return false;
    value l = link_new(t, key, result);
    if (!l || !dict_set(t, w->cache, key, l)) {
        release_opt(t, l);
        return false;
    }
    bool locked = write_begin(t, &w->head);
    append_locked(w, as_link(l)); // takes the count of l
    write_end_grown(t, &w->head, locked);
    return true;
}
static value call(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    struct wrapper *w = as_wrapper(self);
    if (w->maxsize == 0) {
        atomic_fetch_add_explicit(&w->misses, 1, memory_order_relaxed);
        return object_call(t, w->f, args, nargs, kwnames);
    }
    value key = make_key(t, w->typed, args, nargs, kwnames), r = V_NULL;
    if (!key) return V_NULL;
    int64_t hash = object_hash(t, key);
    value found = hash == -1 && raised(t) ? V_NULL : dict_get_hashed(t, w->cache, key, hash);
    if (found) {
        _Atomic int64_t *hits = &w->hits;
        if (t->free_threaded) atomic_fetch_add_explicit(hits, 1, memory_order_relaxed);
        else atomic_store_explicit(hits, atomic_load_explicit(hits, memory_order_relaxed) + 1, memory_order_relaxed);
        release(t, key);
        if (w->maxsize < 0) return found;
        used(t, w, as_link(found));
        r = own(t, as_link(found)->result);
        release(t, found);
        return r;
    }
    if (!raised(t)) {
        atomic_fetch_add_explicit(&w->misses, 1, memory_order_relaxed);
        r = object_call(t, w->f, args, nargs, kwnames);
        if (r && !(w->maxsize < 0 ? dict_set(t, w->cache, key, r) : remember(t, w, key, hash, r))) release_field(t, &r);
    }
    release(t, key);
    return r;
}

static value cache_info(struct thread *t, const vref *a) {
    struct wrapper *w = as_wrapper(a[0]);
    vref args[4] = {int_from_i64(t, atomic_load(&w->hits)), int_from_i64(t, atomic_load(&w->misses)), w->maxsize < 0 ? V_NONE : from_int62(w->maxsize),
                    from_int62((int64_t)dict_count(w->cache))};
    return object_call(t, w->info_type, args, 4, V_NULL);
}
static void drop_ring(struct thread *t, struct wrapper *w) {
    bool locked = write_begin(t, &w->head);
    struct link *l = w->first;
    for (struct link *k = l; k; k = k->next) k->linked = false;
    w->first = w->last = NULL;
    w->linked = 0;
    write_end_grown(t, &w->head, locked);
    while (l) {
        struct link *next = l->next; // ours alone now: nobody relinks what is not linked
        release(t, counted_word(l));
        l = next;
    }
}
static value cache_clear(struct thread *t, const vref *a) {
    struct wrapper *w = as_wrapper(a[0]);
    atomic_store(&w->hits, 0);
    atomic_store(&w->misses, 0);
    drop_ring(t, w);
    return dict_clear(t, w->cache) ? V_NONE : V_NULL;
}

// ---- the type ----

static bool maxsize_arg(struct thread *t, vref v, int64_t *out) {
    if (is_none(v)) *out = -1;
    else if (!is_int(v) && !(is_pointer(v) && type_of(v)->to_index)) return raise(t, &exc_TypeError, "maxsize should be integer or None"), false;
    else if (!object_as_index(t, v, out)) return false;
    else if (*out < 0) *out = 0;
    return true;
}
static value make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    const struct args_spec spec = {"_lru_cache_wrapper", (const char *const[]){"user_function", "maxsize", "typed", "cache_info_type"}, 0, 4, 4};
    vref in[4];
    int64_t maxsize;
    if (!args_bind(t, &spec, args, nargs, kwnames, in)) return V_NULL;
    if (!object_is_callable(in[0])) return raise(t, &exc_TypeError, "the first argument must be callable");
    int typed = object_truth(t, in[2]);
    if (typed < 0 || !maxsize_arg(t, in[1], &maxsize)) return V_NULL;
    value v = object_new_instance(t, cls);
    if (!v) return V_NULL;
    struct wrapper *w = as_wrapper(v);
    w->maxsize = maxsize;
    w->typed = typed;
    w->f = own(t, in[0]);
    w->info_type = own(t, in[3]);
    w->cache = dict_new(t);
    if (!w->cache) release_field(t, &v);
    return v;
}
static value descr_get(struct thread *t, vref self, vref obj, vref cls) {
    (void)cls;
    return !obj || is_none(obj) ? own(t, self) : method_new(t, self, obj);
}
static value self_new(struct thread *t, const vref *a) { return own(t, a[0]); }
static value reduce(struct thread *t, const vref *a) { return object_getattr(t, a[0], NAME(__qualname__)); }

static void destroy(struct thread *t, struct object *o) {
    struct wrapper *w = (struct wrapper *)o;
    drop_ring(t, w);
    release_field(t, &w->cache);
    release_field(t, &w->f);
    release_field(t, &w->info_type);
}
static void clear(struct thread *t, struct object *o) { // calls may still come: the fields stay
    struct wrapper *w = (struct wrapper *)o;
    drop_ring(t, w);
    if (w->cache) dict_clear(t, w->cache);
}
static int traverse(struct object *o, visit_fn *visit, void *arg) {
    const struct wrapper *w = (struct wrapper *)o;
    const value words[] = {w->f, w->info_type, w->cache};
    int r = 0;
    for (int i = 0; !r && i < 3; i++) r = words[i] ? visit(words[i], arg) : 0;
    for (struct link *l = w->first; !r && l; l = l->next) r = visit(counted_word(l), arg);
    return r;
}
static const struct native natives[] = {
    {"cache_info", NATIVE_METHOD, "($self, /)", cache_info, .doc = "Report cache statistics"},
    {"cache_clear", NATIVE_METHOD, "($self, /)", cache_clear, .doc = "Clear the cache and cache statistics"},
    {"__reduce__", NATIVE_METHOD, "($self, /)", reduce, .doc = "Return what pickle makes this again from."},
    {"__copy__", NATIVE_METHOD, "($self, /)", self_new, .doc = "Itself: a cache is not copied."},
    {"__deepcopy__", NATIVE_METHOD, "($self, memo, /)", self_new, .doc = "Itself: a cache is not copied."},
    {NULL},
};
struct type functools_lru_wrapper = {
    .name = "_lru_cache_wrapper", .module = "functools", .flags = TYPE_GC | TYPE_BASE | TYPE_HAS_DICT | TYPE_HAS_WEAK | TYPE_METHOD,
    .basicsize = sizeof(struct wrapper), .natives = natives, .make = make, .destroy = destroy, .traverse = traverse, .clear = clear, .call = call,
    .descr_get = descr_get,
    .doc = "Wrap user_function so that the results of calls are remembered by their arguments.\n\n"
           "maxsize is how many, the least lately used going first; 0 remembers none, None all.\n"
           "typed tells 3 from 3.0. cache_info_type(hits, misses, maxsize, currsize) makes what cache_info() returns.",
};

static void link_destroy(struct thread *t, struct object *o) {
    release_field(t, &((struct link *)o)->key);
    release_field(t, &((struct link *)o)->result);
}
static int link_traverse(struct object *o, visit_fn *visit, void *arg) {
    struct link *l = (struct link *)o;
    int r = l->key ? visit(l->key, arg) : 0;
    return r || !l->result ? r : visit(l->result, arg);
}
struct type functools_lru_link = {
    .name = "_lru_list_elem", .module = "functools", .flags = TYPE_GC | TYPE_NO_NEW, .basicsize = sizeof(struct link), .destroy = link_destroy, .traverse = link_traverse,
};

bool functools_lru_start(struct thread *t) {
    if (!keyword_mark) {
        value mark = object_new_instance(t, &type_object);
        if (!mark) return false;
        keyword_mark = ref_immortal(t, as_object(mark));
    }
    return type_ready(t, &functools_lru_wrapper) && type_ready(t, &functools_lru_link);
}
