// SPDX-License-Identifier: Apache-2.0
// The module _random: the type Random over a Mersenne twister. Leaves distributions to the library's module random.
//
// Several threads may draw from one generator: each draw stands in a write section of the object.
#include "interp/modules/modules.h"
#include "interp/modules/random/mt.h"
#include "interp/types/exc.h"
#include "interp/types/int.h"
#include "interp/types/seq.h"
#include "interp/types/words.h"

#include <sys/random.h>
#include <time.h>
#include <unistd.h>

struct random_object {
    struct object head;
    struct mt mt;
};
static struct random_object *as_random(vref v) { return (struct random_object *)as_object(v); }

// ---- seeds ----

static bool seed_from_system(struct random_object *r) {
    uint32_t key[MT_N];
    if (getrandom(key, sizeof key, GRND_NONBLOCK) != (ssize_t)sizeof key) { // an early boot: the clock and the process must do
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        key[0] = (uint32_t)now.tv_sec, key[1] = (uint32_t)now.tv_nsec, key[2] = (uint32_t)getpid();
        mt_seed_array(&r->mt, key, 3);
    } else
        mt_seed_array(&r->mt, key, MT_N);
    return true;
}

static bool seed_from_int(struct thread *t, struct random_object *r, vref v) {
    struct int_view w;
    int_see(v, &w);
    size_t n = w.n * 2;
    uint32_t few[2], *key = n <= 2 ? few : mem_alloc(t, n * sizeof *key);
    if (!key) return false;
    few[0] = 0;
    for (size_t i = 0; i < w.n; i++) {
        key[2 * i] = (uint32_t)w.limb[i];
        key[2 * i + 1] = (uint32_t)(w.limb[i] >> 32);
    }
    size_t used = n && !key[n - 1] ? n - 1 : n;
    bool locked = write_begin(t, &r->head);
    mt_seed_array(&r->mt, key, used ? used : 1);
    write_end(t, &r->head, locked);
    if (key != few) mem_free(t, key, n * sizeof *key);
    return true;
}

static bool seed(struct thread *t, struct random_object *r, vref v) {
    if (!v || is_none(v)) {
        bool locked = write_begin(t, &r->head);
        seed_from_system(r);
        write_end(t, &r->head, locked);
        return true;
    }
    if (is_int(v)) return seed_from_int(t, r, v);
    int64_t h = object_hash(t, v);
    if (h == -1 && raised(t)) return false;
    value i = int_from_u64(t, (uint64_t)h);
    bool ok = i && seed_from_int(t, r, i);
    release_opt(t, i);
    return ok;
}

// ---- methods ----

static value m_random(struct thread *t, const vref *a) {
    struct random_object *r = as_random(a[0]);
    bool locked = write_begin(t, &r->head);
    uint32_t high = mt_next(&r->mt) >> 5, low = mt_next(&r->mt) >> 6;
    write_end(t, &r->head, locked);
    return float_new(t, (high * 67108864.0 + low) * (1.0 / 9007199254740992.0));
}

static value m_seed(struct thread *t, const vref *a) { return seed(t, as_random(a[0]), a[1]) ? V_NONE : V_NULL; }

static value long_bits(struct thread *t, struct random_object *r, uint64_t k) {
    size_t words = (size_t)((k + 31) / 32);
    uint32_t *w = mem_alloc(t, (words + 1) * sizeof *w);
    if (!w) return V_NULL;
    bool locked = write_begin(t, &r->head);
    for (size_t i = 0; i < words; i++, k -= 32) w[i] = k < 32 ? mt_next(&r->mt) >> (32 - k) : mt_next(&r->mt);
    write_end(t, &r->head, locked);
    value v = int_from_bytes(t, (const uint8_t *)w, words * 4, true, false);
    mem_free(t, w, (words + 1) * sizeof *w);
    return v;
}
static value m_getrandbits(struct thread *t, const vref *a) {
    struct random_object *r = as_random(a[0]);
    value i = is_int62(a[1]) ? a[1] : object_index(t, a[1]);
    int64_t k;
    if (!i) return V_NULL;
    int over = int_as_i64_overflow(i, &k);
    release(t, i);
    if (over || k > INT32_MAX || k < INT32_MIN) return raise(t, &exc_OverflowError, "Python int too large to convert to C int");
    if (k < 0) return raise(t, &exc_ValueError, "number of bits must be non-negative");
    if (k == 0) return from_int62(0);
    if (k > 32) return long_bits(t, r, (uint64_t)k);
    bool locked = write_begin(t, &r->head);
    uint32_t w = mt_next(&r->mt) >> (32 - k);
    write_end(t, &r->head, locked);
    return from_int62(w);
}

static value m_getstate(struct thread *t, const vref *a) {
    struct random_object *r = as_random(a[0]);
    value u = tuple_new(t, MT_N + 1);
    if (!u) return V_NULL;
    bool locked = write_begin(t, &r->head);
    for (size_t i = 0; i < MT_N; i++) as_tuple(u)->at[i] = from_int62(r->mt.word[i]);
    as_tuple(u)->at[MT_N] = from_int62(r->mt.index);
    write_end(t, &r->head, locked);
    return u;
}
static bool word_of(struct thread *t, vref v, uint32_t *out) {
    int64_t i;
    if (!is_int(v)) return raise(t, &exc_TypeError, "an integer is required"), false;
    int over = int_as_i64_overflow(v, &i);
    if (over < 0 || (!over && i < 0)) return raise(t, &exc_OverflowError, "can't convert negative value to unsigned int"), false;
    if (over) return raise(t, &exc_OverflowError, "Python int too large to convert to C unsigned long"), false;
    *out = (uint32_t)i;
    return true;
}
static value m_setstate(struct thread *t, const vref *a) {
    struct random_object *r = as_random(a[0]);
    struct mt m;
    if (!is_tuple(a[1])) return raise(t, &exc_TypeError, "state vector must be a tuple");
    if (tuple_size(a[1]) != MT_N + 1) return raise(t, &exc_ValueError, "state vector is the wrong size");
    for (size_t i = 0; i < MT_N; i++)
        if (!word_of(t, tuple_at(a[1], i), &m.word[i])) return V_NULL;
    int64_t index;
    if (!is_int(tuple_at(a[1], MT_N))) return raise(t, &exc_TypeError, "an integer is required");
    if (!int_as_i64(t, tuple_at(a[1], MT_N), &index)) return V_NULL;
    if (index < 0 || index > MT_N) return raise(t, &exc_ValueError, "invalid state");
    m.index = (uint32_t)index;
    bool locked = write_begin(t, &r->head);
    r->mt = m;
    write_end(t, &r->head, locked);
    return V_NONE;
}

// ---- the type ----

static bool check_args(struct thread *t, struct type *cls, size_t nargs, vref kwnames, const struct type *exact) {
    if (cls == exact && keyword_count(kwnames)) raise(t, &exc_TypeError, "Random() takes no keyword arguments");
    else if (cls == exact && nargs > 1) raise(t, &exc_TypeError, "Random() requires 0 or 1 argument");
    else return true;
    return false;
}
static struct type type_random;
static value make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    (void)args;
    if (!check_args(t, cls, nargs, kwnames, &type_random)) return V_NULL;
    value v = object_new_instance(t, cls);
    if (v) as_random(v)->mt.index = MT_N;
    return v;
}
static int init(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    if (!check_args(t, type_of(self), nargs, kwnames, &type_random)) return -1;
    return seed(t, as_random(self), nargs ? args[0] : V_NULL) ? 0 : -1;
}

static const struct native natives[] = {
    {"random", NATIVE_METHOD, "($self, /)", .fn = m_random, .doc = "Return a float x, 0 <= x < 1, one of 2**53 evenly spread."},
    {"seed", NATIVE_METHOD, "($self, n=None, /)", .fn = m_seed,
     .doc = "Start over from n: an int, or the hash of another object.\n\nWithout n from bytes of the system's generator."},
    {"getstate", NATIVE_METHOD, "($self, /)", .fn = m_getstate, .doc = "Return the state, for setstate()."},
    {"setstate", NATIVE_METHOD, "($self, state, /)", .fn = m_setstate, .doc = "setstate(state) -> None.  Restores generator state."},
    {"getrandbits", NATIVE_METHOD, "($self, k, /)", .fn = m_getrandbits, .doc = "Return an int of k random bits."},
    {.name = NULL},
};
static struct type type_random = {
    .name = "Random", .module = "_random", .base = &type_object, .flags = TYPE_BASE, .basicsize = sizeof(struct random_object),
    .doc = "A generator of random numbers (MT19937) with a state of its own.", .natives = natives, .make = make, .init = init,
};

value random_make(struct thread *t) {
    if (!type_random.root_shape && !type_ready(t, &type_random)) return V_NULL;
    value m = module_from_natives(t, "_random", "The generator under random.Random: MT19937.", NULL, 0);
    return m && module_set(t, m, "Random", type_ref(&type_random)) ? m : V_NULL;
}
