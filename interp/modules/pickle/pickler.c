// SPDX-License-Identifier: Apache-2.0
// The type Pickler and the view of its memo. Leaves writing to save.c.
#include "interp/modules/pickle/pickle.h"
#include "interp/types/args.h"
#include "interp/types/dict.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"

bool pickle_enter(struct thread *t, _Atomic uint64_t *user, bool *nested, const char *what) {
    uint64_t nobody = 0;
    bool mine = !atomic_compare_exchange_strong(user, &nobody, t->id) && nobody == t->id;
    if (nested) *nested = mine;
    if (nobody == 0 || (mine && nested)) return true;
    raise(t, &exc_RuntimeError, mine ? "%s is at work already" : "%s is at work in another thread", what);
    return false;
}
void pickle_leave(_Atomic uint64_t *user) { atomic_store(user, 0); }

// ---- one dump ----

bool pickler_set_protocol(struct thread *t, struct pickler *p, vref protocol, vref fix_imports) {
    int64_t n = PICKLE_DEFAULT;
    int fix = fix_imports ? object_truth(t, fix_imports) : 1;
    if (fix < 0) return false;
    if (protocol && !is_none(protocol)) {
        value i = object_index(t, protocol);
        if (!i) return false;
        int over = int_as_i64_overflow(i, &n);
        release(t, i);
        if (over) n = over < 0 ? -1 : INT64_MAX;
        if (n < 0) n = PICKLE_HIGHEST;
    }
    if (n > PICKLE_HIGHEST) return raise(t, &exc_ValueError, "pickle protocol must be <= %d", (int)PICKLE_HIGHEST), false;
    p->protocol = (uint8_t)n;
    p->binary = n > 0;
    p->fix_imports = fix && n < 3;
    return true;
}
bool pickler_set_callback(struct thread *t, struct pickler *p, vref callback) {
    bool some = callback && !is_none(callback);
    if (some && p->protocol < 5) return raise(t, &exc_ValueError, "buffer_callback needs protocol >= 5"), false;
    replace_field(t, &p->buffer_callback, some ? own(t, callback) : V_NULL);
    return true;
}
bool pickler_set_file(struct thread *t, struct pickler *p, vref file) {
    vref name = str_intern_cstr(t, "write");
    value write;
    int found = name ? object_lookup_attr(t, file, name, &write) : -1;
    if (!found) raise(t, &exc_TypeError, "file must have a 'write' attribute");
    if (found <= 0) return false;
    replace_field(t, &p->write, write);
    return true;
}

// What a subclass may define, asked for once a dump.
static bool find_hooks(struct thread *t, struct pickler *p) {
    if (p->exact) {
        p->running_persistent = p->persistent ? own(t, p->persistent) : V_NULL;
        return true;
    }
    vref self = borrowed_word(p), persistent = str_intern_cstr(t, "persistent_id"), override = str_intern_cstr(t, "reducer_override");
    return persistent && override && object_lookup_attr(t, self, persistent, &p->running_persistent) >= 0 &&
           object_lookup_attr(t, self, override, &p->running_override) >= 0;
}
bool pickler_dump(struct thread *t, struct pickler *p, vref v) {
    if (!pickle_enter(t, &p->user, NULL, "the Pickler")) return false;
    p->fast_depth = 0;
    bool ok = find_hooks(t, p) && out_begin(t, p) && save(t, p, v) && out_end_frames(t, p) && (!p->write || out_flush(t, p));
    if (!ok) p->framing = false, p->frame = NO_FRAME;
    release_field(t, &p->running_persistent);
    release_field(t, &p->running_override);
    if (p->fast_seen) release_field(t, &p->fast_seen);
    if (p->write) out_drop(t, p);
    pickle_leave(&p->user);
    return ok;
}

// ---- the type ----

static value make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    (void)args, (void)nargs, (void)kwnames;
    value v = object_new_instance(t, cls);
    if (v) as_pickler(v)->frame = NO_FRAME, as_pickler(v)->exact = cls == &type_pickler;
    return v;
}
static bool set_up(struct thread *t, struct pickler *p, const vref *a) {
    vref name = str_intern_cstr(t, "dispatch_table");
    value table = V_NULL;
    if (!pickler_set_protocol(t, p, a[1], a[2]) || !pickler_set_file(t, p, a[0]) || !pickler_set_callback(t, p, a[3])) return false;
    memo_clear(t, &p->memo);
    p->fast = 0;
    if (p->exact) return true;
    if (!name || object_lookup_attr(t, borrowed_word(p), name, &table) < 0) return false;
    replace_field(t, &p->reducers, table);
    return true;
}
static int init(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    static const char *const names[] = {"file", "protocol", "fix_imports", "buffer_callback"};
    static const struct args_spec spec = {"Pickler", names, 0, 1, 4};
    struct pickler *p = as_pickler(self);
    vref a[4];
    if (!args_bind(t, &spec, args, nargs, kwnames, a) || !pickle_enter(t, &p->user, NULL, "the Pickler")) return -1;
    bool ok = set_up(t, p, a);
    p->ready = ok;
    pickle_leave(&p->user);
    return ok ? 0 : -1;
}
static value m_dump(struct thread *t, const vref *a) {
    struct pickler *p = as_pickler(a[0]);
    if (!p->ready) return raise(t, &pickling_error, "Pickler.__init__() was not called by %T.__init__()", a[0]);
    return pickler_dump(t, p, a[1]) ? V_NONE : V_NULL;
}
static value m_clear_memo(struct thread *t, const vref *a) {
    struct pickler *p = as_pickler(a[0]);
    bool nested;
    if (!pickle_enter(t, &p->user, &nested, "the Pickler")) return V_NULL;
    memo_clear(t, &p->memo);
    if (!nested) pickle_leave(&p->user);
    return V_NONE;
}
static value m_sizeof(struct thread *t, const vref *a) {
    const struct pickler *p = as_pickler(a[0]);
    (void)t;
    size_t slots = p->memo.mask ? (p->memo.mask + 1) * sizeof(struct memo_slot) : 0;
    return from_int62((int64_t)(sizeof *p + p->room + p->memo.room * sizeof(value) + slots));
}

static value get_persistent(struct thread *t, const vref *a) {
    value v = field_load(t, &as_pickler(a[0])->persistent);
    return v ? v : raise(t, &exc_AttributeError, "persistent_id");
}
static int set_persistent(struct thread *t, vref self, vref v) {
    if (!v) return raise(t, &exc_TypeError, "attribute deletion is not supported"), -1;
    if (!object_is_callable(v)) return raise(t, &exc_TypeError, "persistent_id must be a callable taking one argument"), -1;
    field_store(t, as_object(self), &as_pickler(self)->persistent, own(t, v));
    return 0;
}
static value no_table(struct thread *t, vref self) {
    const char *name = as_pickler(self)->exact ? "_pickle.Pickler" : type_of(self)->name;
    return raise(t, &exc_AttributeError, "'%s' object has no attribute 'dispatch_table'", name);
}
static value get_table(struct thread *t, const vref *a) {
    value v = field_load(t, &as_pickler(a[0])->reducers);
    return v ? v : no_table(t, a[0]);
}
static int set_table(struct thread *t, vref self, vref v) {
    struct pickler *p = as_pickler(self);
    bool nested;
    if (!v && !p->reducers) return no_table(t, self), -1;
    if (!pickle_enter(t, &p->user, &nested, "the Pickler")) return -1;
    field_store(t, as_object(self), &p->reducers, v ? own(t, v) : V_NULL);
    if (!nested) pickle_leave(&p->user);
    return 0;
}
static value get_bin(struct thread *t, const vref *a) { return (void)t, from_int62(as_pickler(a[0])->binary); }
static int set_bin(struct thread *t, vref self, vref v) {
    int64_t n;
    if (!v) return raise(t, &exc_TypeError, "can't delete numeric/char attribute"), -1;
    if (!object_as_index(t, v, &n)) return -1;
    as_pickler(self)->binary = n != 0;
    return 0;
}
static value get_fast(struct thread *t, const vref *a) { return (void)t, from_int62(as_pickler(a[0])->fast); }
static int set_fast(struct thread *t, vref self, vref v) {
    int64_t n;
    if (!v) return raise(t, &exc_TypeError, "can't delete numeric/char attribute"), -1;
    if (!object_as_index(t, v, &n)) return -1;
    as_pickler(self)->fast = (int32_t)n;
    return 0;
}

// ---- the memo, as Python sees it ----

struct memo_view {
    struct object head;
    value owner; // owned
};
static struct pickler *owner_of(vref v) { return as_pickler(((struct memo_view *)as_object(v))->owner); }
static value get_memo(struct thread *t, const vref *a) {
    struct memo_view *m = object_alloc_gc(t, sizeof *m, type_pickler_memo.root_shape);
    if (!m) return V_NULL;
    m->owner = own(t, a[0]);
    return counted_word(m);
}
// {address: (index, object)}
static value memo_dict(struct thread *t, struct pickler *p) {
    bool nested;
    if (!pickle_enter(t, &p->user, &nested, "the Pickler")) return V_NULL;
    value d = dict_new(t);
    for (uint32_t i = 0; d && p->memo.mask && i <= p->memo.mask; i++) {
        const struct memo_slot *s = &p->memo.slots[i];
        if (!s->at) continue;
        vref v = p->memo.objects[s->at - 1];
        value key = int_from_u64(t, (uint64_t)(uintptr_t)as_object(v)), pair = key ? tuple_pack(t, 2, from_int62(s->id), v) : V_NULL;
        if (!pair || !dict_set(t, d, key, pair)) release_field(t, &d);
        release_opt(t, key);
        release_opt(t, pair);
    }
    if (!nested) pickle_leave(&p->user);
    return d;
}
static value v_copy(struct thread *t, const vref *a) { return memo_dict(t, owner_of(a[0])); }
static value v_clear(struct thread *t, const vref *a) { return m_clear_memo(t, &((struct memo_view *)as_object(a[0]))->owner); }
static value v_reduce(struct thread *t, const vref *a) {
    value d = v_copy(t, a), arguments = d ? tuple_take_array(t, &d, 1) : V_NULL;
    value r = arguments ? tuple_pack(t, 2, type_ref(&type_dict), arguments) : V_NULL;
    release_opt(t, arguments);
    return r;
}
static bool memo_from(struct thread *t, struct pickle_memo *m, vref d) {
    value key, pair;
    bool ok = true;
    for (size_t pos = 0; ok && dict_next(t, d, &pos, &key, &pair);) {
        int64_t id;
        ok = is_tuple(pair) && tuple_size(pair) == 2;
        if (!ok) raise(t, &exc_TypeError, "'memo' values must be 2-item tuples");
        ok = ok && object_as_index(t, tuple_at(pair, 0), &id);
        if (ok && (id < 0 || id > UINT32_MAX)) ok = raise(t, &exc_ValueError, "'memo' indexes must be between 0 and 4294967295");
        ok = ok && (!is_pointer(tuple_at(pair, 1)) || memo_put(t, m, tuple_at(pair, 1), id));
        release(t, key);
        release(t, pair);
    }
    return ok;
}
static int set_memo(struct thread *t, vref self, vref v) {
    struct pickler *p = as_pickler(self);
    struct pickle_memo memo = {0}, old;
    bool nested;
    if (!v) return raise(t, &exc_TypeError, "attribute deletion is not supported"), -1;
    bool view = type_of(v) == &type_pickler_memo;
    if (!view && !is_dict(v)) return raise(t, &exc_TypeError, "'memo' attribute must be a PicklerMemoProxy object or dict, not %T", v), -1;
    value d = view ? memo_dict(t, owner_of(v)) : dict_copy(t, v);
    bool ok = d && memo_from(t, &memo, d) && pickle_enter(t, &p->user, &nested, "the Pickler");
    release_opt(t, d);
    if (!ok) return memo_clear(t, &memo), -1;
    old = p->memo;
    p->memo = memo;
    memo_clear(t, &old);
    if (!nested) pickle_leave(&p->user);
    return 0;
}
static void view_drop(struct thread *t, struct object *o) { release_field(t, &((struct memo_view *)o)->owner); }
static int view_traverse(struct object *o, visit_fn *visit, void *arg) {
    struct memo_view *m = (struct memo_view *)o;
    return m->owner ? visit(m->owner, arg) : 0;
}
static const struct native view_natives[] = {
    {"clear", NATIVE_METHOD, "($self, /)", .fn = v_clear, .doc = "Forget all objects."},
    {"copy", NATIVE_METHOD, "($self, /)", .fn = v_copy, .doc = "Return a dict of what is remembered: address to index and object."},
    {"__reduce__", NATIVE_METHOD, "($self, /)", .fn = v_reduce, .doc = "Pickle as that dict."},
    {.name = NULL},
};
struct type type_pickler_memo = {
    .name = "PicklerMemoProxy", .module = "_pickle", .base = &type_object, .flags = TYPE_GC | TYPE_NO_NEW, .basicsize = sizeof(struct memo_view), .natives = view_natives,
    .destroy = view_drop, .clear = view_drop, .traverse = view_traverse,
};

// ---- its life ----

static void drop(struct thread *t, struct object *o) {
    struct pickler *p = (struct pickler *)o;
    value *fields[] = {&p->write, &p->persistent, &p->reducers, &p->buffer_callback, &p->running_persistent, &p->running_override, &p->fast_seen};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) release_field(t, fields[i]);
    memo_clear(t, &p->memo);
}
static void destroy(struct thread *t, struct object *o) {
    drop(t, o);
    out_drop(t, (struct pickler *)o);
}
static int traverse(struct object *o, visit_fn *visit, void *arg) {
    const struct pickler *p = (struct pickler *)o;
    const value fields[] = {p->write, p->persistent, p->reducers, p->buffer_callback, p->running_persistent, p->running_override, p->fast_seen};
    int r = 0;
    for (size_t i = 0; !r && i < sizeof fields / sizeof *fields; i++) r = fields[i] && is_pointer(fields[i]) ? visit(fields[i], arg) : 0;
    return r ? r : memo_traverse(&p->memo, visit, arg);
}
static const struct native natives[] = {
    {"dump", NATIVE_METHOD, "($self, obj, /)", .fn = m_dump, .doc = "Write obj, pickled, to the file."},
    {"clear_memo", NATIVE_METHOD, "($self, /)", .fn = m_clear_memo,
     .doc = "Forget which objects were written.\n\nThe next dump writes them in full again, as a new Pickler would."},
    {"__sizeof__", NATIVE_METHOD, "($self, /)", .fn = m_sizeof, .doc = "Return how many bytes of memory it takes, its buffers included."},
    {"persistent_id", NATIVE_GETSET, .fn = get_persistent, .set = set_persistent},
    {"dispatch_table", NATIVE_GETSET, .fn = get_table, .set = set_table},
    {"memo", NATIVE_GETSET, .fn = get_memo, .set = set_memo},
    {"bin", NATIVE_GETSET, .fn = get_bin, .set = set_bin},
    {"fast", NATIVE_GETSET, .fn = get_fast, .set = set_fast},
    {.name = NULL},
};
struct type type_pickler = {
    .name = "Pickler", .module = "_pickle", .base = &type_object, .flags = TYPE_GC | TYPE_BASE, .basicsize = sizeof(struct pickler), .natives = natives, .make = make,
    .init = init, .destroy = destroy, .clear = drop, .traverse = traverse,
    .doc = "Writes pickles of objects to a binary file.\n\n"
           "protocol says which opcodes may be used: 0 to 5, by default 4, negative: the newest. fix_imports: names of modules that Python 2 knows otherwise are\n"
           "written as it knows them (protocols 0 to 2). buffer_callback gets the buffers that are not to stand in the pickle (protocol 5).",
};
