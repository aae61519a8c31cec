// SPDX-License-Identifier: Apache-2.0
// The _imp module: what importlib asks of the interpreter. Leaves finding modules to importlib, the frozen ones to frozen.c.
#include "interp/core/lock.h"
#include "interp/modules/import/image.h"
#include "interp/modules/import/import.h"
#include "interp/modules/row.h"
#include "interp/modules/sys/sys.h"
#include "interp/vm/frame.h"

// ---- the import lock: of the process, held by one thread, recursive ----

static struct {
    _Atomic(struct thread *) holder;
    struct lock lock;
    unsigned depth; // the holder's
} global;
static void lock_import(struct thread *t) {
    if (atomic_load_explicit(&global.holder, memory_order_relaxed) != t) {
        lock_take(t, &global.lock);
        atomic_store_explicit(&global.holder, t, memory_order_relaxed);
    }
    global.depth++;
}
static value i_acquire_lock(struct thread *t, const vref *a) { return (void)a, lock_import(t), V_NONE; }
static value i_release_lock(struct thread *t, const vref *a) {
    (void)a;
    if (atomic_load_explicit(&global.holder, memory_order_relaxed) != t) return raise(t, &exc_RuntimeError, "not holding the import lock");
    if (--global.depth == 0) {
        atomic_store_explicit(&global.holder, NULL, memory_order_relaxed);
        lock_give(&global.lock);
    }
    return V_NONE;
}
// A fork waits for imports that other threads are at, so that the child finds no module half made.
void imp_before_fork(struct thread *t) { lock_import(t); }
void imp_fork_done(struct thread *t) { i_release_lock(t, NULL); }
static value i_lock_held(struct thread *t, const vref *a) { return (void)t, (void)a, from_bool(atomic_load(&global.holder) != NULL); }
// In the child of a fork only the calling thread is left: whoever held the lock is gone.
void imp_after_fork(struct thread *t) {
    if (atomic_load(&global.holder) == t) return;
    atomic_store(&global.holder, NULL);
    global.depth = 0;
    memset(&global.lock, 0, sizeof global.lock);
}

// ---- modules in C ----

value import_builtin(struct thread *t, vref name) {
    value *cache = &t->interp->module_cache;
    if (!*cache && !(*cache = dict_new(t))) return V_NULL;
    value m = dict_get(t, *cache, name);
    if (m || raised(t)) return m;
    for (const struct module_row *r = modules_table; r->name && !m; r++)
        if (str_equal_cstr(name, r->name)) {
            m = r->make(t);
            if (m && !dict_set(t, *cache, name, m)) release_field(t, &m);
            break;
        }
    return m;
}
static value i_create_builtin(struct thread *t, const vref *a) {
    value name = object_getattr_cstr(t, a[0], "name"), m = V_NULL;
    if (name && !is_str(name)) raise(t, &exc_TypeError, "expected str, not %T", name);
    else if (name && !(m = dict_get(t, t->interp->modules, name)) && !raised(t) && !(m = import_builtin(t, name)) && !raised(t)) m = V_NONE;
    release_opt(t, name);
    return m;
}
static value i_exec_builtin(struct thread *t, const vref *a) { return (void)t, (void)a, from_int62(0); } // a module is complete once it is made
static bool in_table(vref name) {
    for (const struct module_row *r = modules_table; r->name; r++)
        if (str_equal_cstr(name, r->name)) return true;
    return false;
}
static value i_is_builtin(struct thread *t, const vref *a) {
    if (!is_str(a[0])) return raise(t, &exc_TypeError, "is_builtin() argument must be str, not %T", a[0]);
    if (str_equal_cstr(a[0], "sys") || str_equal_cstr(a[0], "builtins")) return from_int62(-1); // made once, at start
    return from_int62(in_table(a[0]));
}
static value i_extension_suffixes(struct thread *t, const vref *a) { return (void)a, list_new(t, 0); } // no modules from shared libraries

// ---- frozen ones ----

static bool frozen_arg(struct thread *t, vref name, const char *who, struct frozen *f, bool must) {
    if (!is_str(name)) return raise(t, &exc_TypeError, "%s() argument must be str, not %T", who, name), false;
    if (frozen_find(t, name, f)) return true;
    if (must) {
        raise(t, &exc_ImportError, "No such frozen object named %U", name);
        if (t->exc && is_exc(t->exc)) replace_field(t, &as_exc(t->exc)->extra[IMPORT_NAME], own(t, name));
    }
    return false;
}
static value i_is_frozen(struct thread *t, const vref *a) {
    struct frozen f;
    bool yes = frozen_arg(t, a[0], "is_frozen", &f, false);
    return raised(t) ? V_NULL : from_bool(yes);
}
static value i_is_frozen_package(struct thread *t, const vref *a) {
    struct frozen f;
    return frozen_arg(t, a[0], "is_frozen_package", &f, true) ? from_bool(f.package) : V_NULL;
}
static value i_find_frozen(struct thread *t, const vref *a) {
    struct frozen f;
    if (!frozen_arg(t, a[0], "find_frozen", &f, false)) return raised(t) ? V_NULL : V_NONE;
    int with = a[1] ? object_truth(t, a[1]) : 0;
    value data = with > 0 && f.image ? bytes_new(t, f.image, f.size) : V_NONE, origin = f.origin ? str_from_cstr(t, f.origin) : V_NONE;
    value r = with >= 0 && data && origin ? tuple_pack(t, 3, data, from_bool(f.package), origin) : V_NULL;
    release_opt(t, data);
    release_opt(t, origin);
    return r;
}
static value i_get_frozen_object(struct thread *t, const vref *a) {
    struct frozen f;
    if (a[1] && a[1] != V_NONE) {
        struct buffer_view view;
        if (!buffer_get(t, a[1], &view, false)) return V_NULL;
        struct code *c = image_read(t, view.data, view.length, V_NULL, false);
        buffer_release(t, &view);
        if (c || !raised_is(t, &exc_ValueError)) return c ? borrowed_word(c) : V_NULL;
        raised_clear(t);
        return raise(t, &exc_ImportError, "Frozen object named %R is invalid", a[0]);
    }
    return frozen_arg(t, a[0], "get_frozen_object", &f, true) ? frozen_code(t, a[0], &f) : V_NULL;
}
static value i_init_frozen(struct thread *t, const vref *a) {
    struct frozen f;
    if (!frozen_arg(t, a[0], "init_frozen", &f, false)) return raised(t) ? V_NULL : V_NONE;
    value code = frozen_code(t, a[0], &f), m = code ? module_new(t, a[0]) : V_NULL, b = m ? dict_get_str(t, t->interp->modules, "builtins") : V_NULL;
    bool ok = b && module_set(t, m, "__origname__", f.origin ? str_from_cstr(t, f.origin) : V_NONE) && dict_set_str(t, as_module(m)->dict, "__builtins__", b) && dict_set(t, t->interp->modules, a[0], m);
    value r = ok ? vm_exec(t, as_code(code), as_module(m)->dict, as_module(m)->dict) : V_NULL;
    release_opt(t, b);
    release_opt(t, m);
    if (!r) return V_NULL;
    release(t, r);
    return dict_get(t, t->interp->modules, a[0]);
}
static value i_frozen_module_names(struct thread *t, const vref *a) { return (void)a, frozen_names(t); }
static value i_override_frozen(struct thread *t, const vref *a) {
    int64_t how;
    if (!int_as_i64(t, a[0], &how)) return V_NULL;
    frozen_enable(how >= 0);
    return V_NONE;
}

// ---- code ----

static void fix_filename(struct thread *t, struct code *c, vref old, vref path) {
    if (!str_equal(c->filename, old)) return;
    replace_field(t, &c->filename, own(t, path));
    for (uint32_t k = 0; k < c->nconsts; k++)
        if (has_shape(c->consts[k], SHAPE_CODE)) fix_filename(t, as_code(c->consts[k]), old, path);
}
static value i_fix_co_filename(struct thread *t, const vref *a) {
    if (!has_shape(a[0], SHAPE_CODE)) return raise(t, &exc_TypeError, "_fix_co_filename() argument 1 must be code, not %T", a[0]);
    if (!is_str(a[1])) return raise(t, &exc_TypeError, "_fix_co_filename() argument 2 must be str, not %T", a[1]);
    value old = own(t, as_code(a[0])->filename);
    if (!str_equal(old, a[1])) fix_filename(t, as_code(a[0]), old, a[1]);
    release(t, old);
    return V_NONE;
}
// SipHash-1-3 of the source under a key: what files that are checked by hash carry.
static uint64_t rotl(uint64_t x, int n) { return x << n | x >> (64 - n); }
static void sip_round(uint64_t v[4]) {
    v[0] += v[1], v[2] += v[3];
    v[1] = rotl(v[1], 13) ^ v[0], v[3] = rotl(v[3], 16) ^ v[2];
    v[0] = rotl(v[0], 32);
    v[2] += v[1], v[0] += v[3];
    v[1] = rotl(v[1], 17) ^ v[2], v[3] = rotl(v[3], 21) ^ v[0];
    v[2] = rotl(v[2], 32);
}
static uint64_t sip13(uint64_t key, const uint8_t *p, size_t n) {
    uint64_t v[4] = {key ^ 0x736f6d6570736575ull, 0x646f72616e646f6dull, key ^ 0x6c7967656e657261ull, 0x7465646279746573ull}, m;
    size_t left = n;
    for (; left >= 8; left -= 8, p += 8) {
        memcpy(&m, p, 8);
        v[3] ^= m;
        sip_round(v);
        v[0] ^= m;
    }
    m = (uint64_t)n << 56;
    for (size_t k = 0; k < left; k++) m |= (uint64_t)p[k] << 8 * k;
    v[3] ^= m;
    sip_round(v);
    v[0] ^= m;
    v[2] ^= 0xff;
    for (int k = 0; k < 3; k++) sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}
static value i_source_hash(struct thread *t, const vref *a) {
    int64_t key;
    struct buffer_view view;
    if (!int_as_i64(t, a[0], &key) || !buffer_get(t, a[1], &view, false)) return V_NULL;
    uint64_t h = sip13((uint64_t)key, view.data, view.length);
    buffer_release(t, &view);
    return bytes_new(t, &h, sizeof h);
}

static const struct native functions[] = {
    F("acquire_lock", "($module, /)", i_acquire_lock), F("release_lock", "($module, /)", i_release_lock), F("lock_held", "($module, /)", i_lock_held),
    F("create_builtin", "($module, spec, /)", i_create_builtin), F("exec_builtin", "($module, mod, /)", i_exec_builtin), F("is_builtin", "($module, name, /)", i_is_builtin),
    F("extension_suffixes", "($module, /)", i_extension_suffixes), F("is_frozen", "($module, name, /)", i_is_frozen),
    F("is_frozen_package", "($module, name, /)", i_is_frozen_package), F("find_frozen", "($module, name, /, *, withdata=False)", i_find_frozen),
    F("get_frozen_object", "($module, name, data=None, /)", i_get_frozen_object), F("init_frozen", "($module, name, /)", i_init_frozen),
    F("_frozen_module_names", "($module, /)", i_frozen_module_names), F("_override_frozen_modules_for_tests", "($module, override, /)", i_override_frozen),
    F("_fix_co_filename", "($module, code, path, /)", i_fix_co_filename), F("source_hash", "($module, key, source)", i_source_hash),
};
value imp_make(struct thread *t) {
    value m = module_from_natives(t, "_imp", "What importlib needs of the interpreter: the import lock, built-in and frozen modules.", functions, sizeof functions / sizeof *functions);
    value how = m ? str_from_cstr(t, "default") : V_NULL;
    if (m && !module_set(t, m, "check_hash_based_pycs", how)) release_field(t, &m);
    return m;
}
