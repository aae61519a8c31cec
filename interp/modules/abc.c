// SPDX-License-Identifier: Apache-2.0
// The module _abc: what ABCMeta does, fast. Leaves the metaclass itself to the library's abc.py.
//
// Each abstract class has an `_abc_data` with its registry (a list of weak references) and two caches of subclasses known to be, or not to be, of it. A cache holds the
// version numbers of types (struct type), which no two types share and which a class changes when its bases or methods do; so a cache needs no references, and a class
// that died or changed is simply not found. A negative cache holds for one state of all registries: `tokens` counts the registrations.
// Lookups take no lock: a word of a table goes from 0 to a version once; tables are replaced whole, and retired.
#include "interp/modules/modules.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/names.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/sequence.h"
#include "interp/types/weakref.h"

struct known { // versions, open addressing
    uint32_t mask, used;
    _Atomic uint32_t at[];
};
enum { KNOWN_MAX = 1 << 16 }; // then it starts anew: versions of changed classes pile up
struct abc_data {
    struct object head;
    value registry;                // owned list of weak references
    struct known *_Atomic yes;
    struct known *_Atomic no;
    _Atomic uint64_t no_token;     // state of `tokens` that `no` holds for
};
static struct type type_abc_data;
static _Atomic uint64_t tokens;

// ---- caches ----

static size_t known_bytes(const struct known *k) { return sizeof *k + ((size_t)k->mask + 1) * sizeof k->at[0]; }
static bool known_has(struct known *k, uint32_t version) {
    if (!k) return false;
    for (uint32_t i = version * 2654435761u >> 7;; i++) {
        uint32_t v = atomic_load_explicit(&k->at[i & k->mask], memory_order_acquire);
        if (v == version) return true;
        if (!v) return false;
    }
}
static void known_enter(struct known *k, uint32_t version) {
    uint32_t i = version * 2654435761u >> 7;
    for (uint32_t v; (v = atomic_load_explicit(&k->at[i & k->mask], memory_order_relaxed)); i++)
        if (v == version) return;
    k->used++;
    atomic_store_explicit(&k->at[i & k->mask], version, memory_order_release);
}
// In a write section: a table with room for one more, the old contents in it. NULL: MemoryError.
static struct known *known_grown(struct thread *t, struct known *old) {
    uint32_t size = !old || old->used > KNOWN_MAX ? 16 : old->used * 4 > old->mask * 2 ? (old->mask + 1) * 2 : old->mask + 1;
    struct known *k = mem_calloc(t, sizeof *k + size * sizeof k->at[0]);
    if (!k) return NULL;
    k->mask = size - 1;
    for (uint32_t i = 0; old && old->used <= KNOWN_MAX && i <= old->mask; i++)
        if (old->at[i]) known_enter(k, old->at[i]);
    return k;
}
static bool known_add(struct thread *t, struct abc_data *d, struct known *_Atomic *cache, uint32_t version) {
    bool locked = write_begin(t, &d->head), ok = true;
    struct known *k = atomic_load_explicit(cache, memory_order_relaxed), *old = NULL;
    if (!k || (k->used + 1) * 4 > (k->mask + 1) * 3) {
        struct known *grown = known_grown(t, k);
        ok = grown != NULL;
        if (ok) {
            old = k;
            k = grown;
            atomic_store_explicit(cache, k, memory_order_release);
        }
    }
    if (ok) known_enter(k, version);
    write_end_grown(t, &d->head, locked);
    if (old) mem_retire(t, old, known_bytes(old));
    return ok;
}
static void known_drop(struct thread *t, struct abc_data *d, struct known *_Atomic *cache) {
    bool locked = write_begin(t, &d->head);
    struct known *old = atomic_load_explicit(cache, memory_order_relaxed);
    atomic_store_explicit(cache, NULL, memory_order_release);
    write_end_grown(t, &d->head, locked);
    if (old) mem_retire(t, old, known_bytes(old));
}
static uint32_t version_of(vref cls) { return atomic_load_explicit(&as_type(cls)->version, memory_order_relaxed); }
static bool is_yes(struct abc_data *d, vref cls) { return is_type(cls) && known_has(atomic_load_explicit(&d->yes, memory_order_acquire), version_of(cls)); }
// Known not to be a subclass; forgets what was known before the last registration.
static bool is_no(struct thread *t, struct abc_data *d, vref cls) {
    uint64_t now = atomic_load_explicit(&tokens, memory_order_acquire);
    if (atomic_load_explicit(&d->no_token, memory_order_acquire) != now) {
        known_drop(t, d, &d->no);
        atomic_store_explicit(&d->no_token, now, memory_order_release);
        return false;
    }
    return is_type(cls) && known_has(atomic_load_explicit(&d->no, memory_order_acquire), version_of(cls));
}

// ---- _abc_data ----

static value data_new(struct thread *t) {
    struct abc_data *d = object_alloc_gc(t, sizeof *d, type_abc_data.root_shape);
    if (!d) return V_NULL;
    d->registry = V_NULL;
    atomic_init(&d->yes, NULL);
    atomic_init(&d->no, NULL);
    atomic_init(&d->no_token, atomic_load(&tokens));
    d->registry = list_new(t, 0);
    if (d->registry) return counted_word(d);
    release(t, counted_word(d));
    return V_NULL;
}
static void data_destroy(struct thread *t, struct object *o) {
    struct abc_data *d = (struct abc_data *)o;
    known_drop(t, d, &d->yes);
    known_drop(t, d, &d->no);
    release_field(t, &d->registry);
}
static int data_traverse(struct object *o, visit_fn *visit, void *arg) { return ((struct abc_data *)o)->registry ? visit(((struct abc_data *)o)->registry, arg) : 0; }
static struct type type_abc_data = {
    .name = "_abc_data", .module = "_abc", .flags = TYPE_GC | TYPE_NO_NEW, .basicsize = sizeof(struct abc_data), .destroy = data_destroy, .traverse = data_traverse,
    .doc = "Internal state held by ABC machinery.",
};

// returns new: the data of cls.
static value data_of(struct thread *t, vref cls) {
    value v = object_getattr(t, cls, str_intern_cstr(t, "_abc_impl"));
    if (!v || (is_pointer(v) && type_of(v) == &type_abc_data)) return v;
    release(t, v);
    return raise(t, &exc_TypeError, "_abc_impl is set to a wrong type");
}
static struct abc_data *as_data(vref v) { return (struct abc_data *)as_object(v); }

// ---- making an abstract class ----

static int is_abstract(struct thread *t, vref v) {
    value mark;
    int found = object_lookup_attr(t, v, NAME(__isabstractmethod__), &mark), yes = found;
    if (found > 0) {
        yes = object_truth(t, mark);
        release(t, mark);
    }
    return yes;
}
static bool own_abstract(struct thread *t, vref cls, vref names) {
    value items = dict_items_list(t, as_type(cls)->dict);
    bool ok = items != V_NULL;
    for (size_t i = 0; ok && i < list_size(items); i++) {
        value pair = list_get_or_null(t, items, i);
        int yes = is_abstract(t, tuple_at(pair, 1));
        ok = yes >= 0 && (!yes || set_add(t, names, tuple_at(pair, 0)));
        release(t, pair);
    }
    release_opt(t, items);
    return ok;
}
// Names that a base left abstract and that still are.
static bool inherited_abstract(struct thread *t, vref cls, vref base, vref names) {
    value abstract, name;
    int found = object_lookup_attr(t, base, NAME(__abstractmethods__), &abstract);
    if (found <= 0) return found == 0;
    value it = object_iter(t, abstract);
    bool ok = it != V_NULL;
    while (ok && (name = object_next(t, it)) != V_NULL) {
        value v = V_NULL;
        int has = object_lookup_attr(t, cls, name, &v), yes = has > 0 ? is_abstract(t, v) : has;
        ok = yes >= 0 && (!yes || set_add(t, names, name));
        release_opt(t, v);
        release(t, name);
    }
    release_opt(t, it);
    release(t, abstract);
    return ok && !raised(t);
}
static bool set_abstract(struct thread *t, vref cls) {
    value names = set_new(t, false, V_NULL), bases = own(t, as_type(cls)->bases);
    bool ok = names && own_abstract(t, cls, names);
    for (size_t i = 0; ok && i < tuple_size(bases); i++) ok = inherited_abstract(t, cls, tuple_at(bases, i), names);
    value frozen = ok ? set_new(t, true, names) : V_NULL;
    ok = frozen && object_setattr(t, cls, NAME(__abstractmethods__), frozen) == 0;
    release_opt(t, names);
    release_opt(t, frozen);
    release(t, bases);
    return ok;
}
enum { FLAG_SEQUENCE = 1 << 5, FLAG_MAPPING = 1 << 6 }; // as collections.abc writes them
static bool take_flags(struct thread *t, vref cls) {
    vref name = str_intern_cstr(t, "__abc_tpflags__");
    value flags = dict_get(t, as_type(cls)->dict, name);
    if (!flags) return !raised(t);
    int64_t bits = is_int62(flags) ? as_int62(flags) : 0;
    release(t, flags);
    if ((bits & FLAG_SEQUENCE) && (bits & FLAG_MAPPING)) return raise(t, &exc_TypeError, "__abc_tpflags__ cannot be both Py_TPFLAGS_SEQUENCE and Py_TPFLAGS_MAPPING"), false;
    as_type(cls)->flags |= (bits & FLAG_SEQUENCE ? TYPE_SEQUENCE : 0) | (bits & FLAG_MAPPING ? TYPE_MAPPING : 0);
    return object_setattr(t, cls, name, V_NULL) == 0;
}
static value init(struct thread *t, const vref *a) {
    if (!is_type(a[0])) return raise(t, &exc_TypeError, "_abc_init() argument must be a class");
    if (!set_abstract(t, a[0])) return V_NULL;
    value d = data_new(t);
    bool ok = d && object_setattr(t, a[0], str_intern_cstr(t, "_abc_impl"), d) == 0 && take_flags(t, a[0]);
    release_opt(t, d);
    return ok ? V_NONE : V_NULL;
}

// ---- register ----

// A registered class matches the patterns that the abstract one does; so do its subclasses.
static bool give_flags(struct thread *t, vref cls, uint32_t flags) {
    if (!(as_type(cls)->flags & TYPE_HEAP)) return true; // built-in types know what they are
    __atomic_fetch_and(&as_type(cls)->flags, ~(uint32_t)(TYPE_SEQUENCE | TYPE_MAPPING), __ATOMIC_RELAXED);
    __atomic_fetch_or(&as_type(cls)->flags, flags, __ATOMIC_RELAXED);
    value subs = object_call_method_cstr(t, type_ref(&type_type), "__subclasses__", &cls, 1);
    bool ok = subs != V_NULL;
    for (size_t i = 0; ok && i < list_size(subs); i++) {
        value sub = list_get_or_null(t, subs, i);
        ok = give_flags(t, sub, flags);
        release(t, sub);
    }
    release_opt(t, subs);
    return ok;
}
static bool drop_dead(struct thread *t, vref registry) { // now and then
    for (int64_t i = (int64_t)list_size(registry) - 1; i >= 0; i--) {
        value ref = list_get_or_null(t, registry, (size_t)i), target = ref ? weak_get(t, (struct weakref *)as_object(ref)) : V_NONE;
        release_opt(t, ref);
        vref at = from_int62(i);
        value gone = target ? V_NONE : object_call_method_cstr(t, registry, "pop", &at, 1);
        release_opt(t, target);
        if (!gone) return false;
        release(t, gone);
    }
    return true;
}
static value do_register(struct thread *t, const vref *a) {
    vref cls = a[0], sub = a[1];
    if (!is_type(sub)) return raise(t, &exc_TypeError, "Can only register classes");
    int is = object_is_subclass(t, sub, cls);
    if (is) return is < 0 ? V_NULL : own(t, sub);
    is = object_is_subclass(t, cls, sub);
    if (is) return is < 0 ? V_NULL : raise(t, &exc_RuntimeError, "Refusing to create an inheritance cycle");
    value d = data_of(t, cls), ref = d ? weakref_new(t, &type_weakref, sub, V_NULL) : V_NULL;
    bool ok = ref && ((list_size(as_data(d)->registry) & 63) != 63 || drop_dead(t, as_data(d)->registry)) && list_append(t, as_data(d)->registry, ref);
    release_opt(t, ref);
    release_opt(t, d);
    if (!ok) return V_NULL;
    atomic_fetch_add(&tokens, 1);
    uint32_t flags = is_type(cls) ? as_type(cls)->flags & (TYPE_SEQUENCE | TYPE_MAPPING) : 0;
    return !flags || give_flags(t, sub, flags) ? own(t, sub) : V_NULL;
}

// ---- checks ----

static bool remember(struct thread *t, struct abc_data *d, vref cls, uint32_t version, bool yes) {
    if (!is_type(cls) || version != version_of(cls)) return true; // changed while it was asked
    return known_add(t, d, yes ? &d->yes : &d->no, version);
}
// Whether sub is a subclass of any class in the list of classes or weak references to such: 1 0 -1.
static int of_any(struct thread *t, vref sub, vref list) {
    for (size_t i = 0;; i++) {
        value c = list_get_or_null(t, list, i);
        if (!c) return 0;
        if (is_weakref(c)) {
            value target = weak_get(t, (struct weakref *)as_object(c));
            release(t, c);
            c = target;
            if (!c) continue;
        }
        int yes = object_is_subclass(t, sub, c);
        release(t, c);
        if (yes) return yes;
    }
}
static int ask_hook(struct thread *t, vref cls, vref sub) { // 1 0 -1; 2: no opinion
    value r = object_call_method_cstr(t, cls, "__subclasshook__", &sub, 1);
    if (!r) return -1;
    release(t, r);
    if (r == V_TRUE) return 1;
    if (r == V_FALSE) return 0;
    if (r == V_NOTIMPL) return 2;
    raise(t, &exc_AssertionError, "__subclasshook__ must return either False, True, or NotImplemented");
    return -1;
}
// 1 0 -1
static int find_out(struct thread *t, struct abc_data *d, vref cls, vref sub) {
    int yes = ask_hook(t, cls, sub);
    if (yes != 2) return yes;
    if (is_type(cls) && is_type(sub) && type_is_subtype(as_type(sub), as_type(cls))) return 1;
    yes = of_any(t, sub, d->registry);
    if (yes) return yes;
    value subclasses = object_call_method_cstr(t, cls, "__subclasses__", NULL, 0);
    if (!subclasses) return -1;
    if (is_list(subclasses)) yes = of_any(t, sub, subclasses);
    else raise(t, &exc_TypeError, "__subclasses__() must return a list"), yes = -1;
    release(t, subclasses);
    return yes;
}
static value subclasscheck(struct thread *t, const vref *a) {
    if (!is_type(a[1])) return raise(t, &exc_TypeError, "issubclass() arg 1 must be a class");
    value data = data_of(t, a[0]);
    if (!data) return V_NULL;
    struct abc_data *d = as_data(data);
    int yes = is_yes(d, a[1]) ? 1 : is_no(t, d, a[1]) ? 0 : 2;
    if (yes == 2) {
        uint32_t version = version_of(a[1]);
        yes = find_out(t, d, a[0], a[1]);
        if (yes >= 0 && !remember(t, d, a[1], version, yes)) yes = -1;
    }
    release(t, data);
    return yes < 0 ? V_NULL : from_bool(yes);
}
static value ask_subclasscheck(struct thread *t, vref cls, vref sub) { return object_call_method(t, cls, NAME(__subclasscheck__), &sub, 1); }
static value instancecheck(struct thread *t, const vref *a) {
    value data = data_of(t, a[0]), cls = data ? object_getattr(t, a[1], NAME(__class__)) : V_NULL, r = V_NULL;
    if (cls) {
        struct abc_data *d = as_data(data);
        vref type = type_ref(type_of(a[1]));
        if (is_yes(d, cls)) r = V_TRUE;
        else if (is_same(cls, type)) r = is_no(t, d, cls) ? V_FALSE : ask_subclasscheck(t, a[0], cls);
        else {
            r = ask_subclasscheck(t, a[0], cls);
            int yes = r ? object_truth(t, r) : -1;
            if (yes == 0) {
                release(t, r);
                r = ask_subclasscheck(t, a[0], type);
            } else if (yes < 0)
                release_field(t, &r);
        }
    }
    release_opt(t, data);
    release_opt(t, cls);
    return r;
}

// ---- looking in from outside ----

static value token(struct thread *t, const vref *a) { return (void)a, int_from_u64(t, atomic_load(&tokens)); }
static value reset_registry(struct thread *t, const vref *a) {
    value d = data_of(t, a[0]), r = d ? object_call_method_cstr(t, as_data(d)->registry, "clear", NULL, 0) : V_NULL;
    release_opt(t, d);
    return r;
}
static value reset_caches(struct thread *t, const vref *a) {
    value data = data_of(t, a[0]);
    if (!data) return V_NULL;
    known_drop(t, as_data(data), &as_data(data)->yes);
    known_drop(t, as_data(data), &as_data(data)->no);
    release(t, data);
    return V_NONE;
}
// (registry, cache, negative cache, token). The caches hold no classes, so their sets are empty.
static value dump(struct thread *t, const vref *a) {
    value data = data_of(t, a[0]);
    if (!data) return V_NULL;
    value registry = set_new(t, false, as_data(data)->registry), yes = set_new(t, false, V_NULL), no = set_new(t, false, V_NULL);
    value r = registry && yes && no ? tuple_pack(t, 4, registry, yes, no, from_int62((int64_t)atomic_load(&as_data(data)->no_token))) : V_NULL;
    release_opt(t, registry);
    release_opt(t, yes);
    release_opt(t, no);
    release(t, data);
    return r;
}

static const struct native functions[] = {
    {"get_cache_token", NATIVE_FUNCTION, "($module, /)", .fn = token,
     .doc = "Return a number that changes whenever any ABC registers a class.\n\n"
            "Whoever remembers answers of issubclass() compares it to see whether they still hold."},
    {"_abc_init", NATIVE_FUNCTION, "($module, self, /)", .fn = init, .doc = "Give a new ABC its registry and find its abstract methods; for the abc module alone."},
    {"_reset_registry", NATIVE_FUNCTION, "($module, self, /)", .fn = reset_registry, .doc = "Forget all classes that were registered with this ABC; for tests."},
    {"_reset_caches", NATIVE_FUNCTION, "($module, self, /)", .fn = reset_caches, .doc = "Forget all remembered answers, yes and no, of this ABC; for tests."},
    {"_get_dump", NATIVE_FUNCTION, "($module, self, /)", .fn = dump, .doc = "Return (registry, positive cache, negative cache, version of the negative cache)."},
    {"_abc_register", NATIVE_FUNCTION, "($module, self, subclass, /)", .fn = do_register, .doc = "Make subclass a virtual subclass of this ABC; for the abc module alone."},
    {"_abc_instancecheck", NATIVE_FUNCTION, "($module, self, instance, /)", .fn = instancecheck, .doc = "isinstance() for an ABC; for the abc module alone."},
    {"_abc_subclasscheck", NATIVE_FUNCTION, "($module, self, subclass, /)", .fn = subclasscheck, .doc = "issubclass() for an ABC; for the abc module alone."},
};
value abc_make(struct thread *t) {
    if (!type_ready(t, &type_abc_data)) return V_NULL;
    return module_from_natives(t, "_abc", "What abc.ABCMeta does in C: registries and remembered answers.", functions, sizeof functions / sizeof *functions);
}
