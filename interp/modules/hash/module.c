// SPDX-License-Identifier: Apache-2.0
// The modules _md5, _sha1, _sha256, _sha512, _sha3, _blake2: digests as objects. Leaves the algorithms to their files and hashlib to the library.
//
// All digests are one struct; each algorithm has its type. An object's lock guards its state; long updates run detached, holding it.
#include "interp/core/lock.h"
#include "interp/modules/hash/digest.h"
#include "interp/modules/modules.h"
#include "interp/types/args.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/num.h"
#include "interp/types/str.h"

struct digest_object {
    struct object head;
    struct lock lock;
    struct digest digest;
};
enum { DETACH_FROM = 2048 };
static struct digest_object *as_digest(vref v) { return (struct digest_object *)as_object(v); }

// ---- the methods ----

static bool open_data(struct thread *t, vref v, struct buffer_view *view) {
    if (is_str(v)) return raise(t, &exc_TypeError, "Strings must be encoded before hashing"), false;
    if (!buffer_check(v)) return raise(t, &exc_TypeError, "object supporting the buffer API required"), false;
    return buffer_get(t, v, view, false);
}

static void feed(struct thread *t, struct digest_object *o, const uint8_t *p, size_t n) {
    bool detach = n > DETACH_FROM;
    lock_take(t, &o->lock);
    if (detach) thread_detach(t);
    o->digest.algorithm->update(&o->digest, p, n);
    if (detach) thread_attach(t);
    lock_give(&o->lock);
}
static value m_update(struct thread *t, const vref *a) {
    struct buffer_view view;
    if (!open_data(t, a[1], &view)) return V_NULL;
    feed(t, as_digest(a[0]), view.data, view.length);
    buffer_release(t, &view);
    return V_NONE;
}

static void snapshot(struct thread *t, struct digest_object *o, struct digest *d) {
    lock_take(t, &o->lock);
    *d = o->digest;
    lock_give(&o->lock);
}
static value hex_of(struct thread *t, const uint8_t *p, size_t n) {
    value s = str_new(t, 2 * n, 127);
    for (size_t i = 0; s && i < n; i++) {
        as_str(s)->data[2 * i] = (uint8_t)"0123456789abcdef"[p[i] >> 4];
        as_str(s)->data[2 * i + 1] = (uint8_t)"0123456789abcdef"[p[i] & 15];
    }
    return s;
}
static size_t size_of_digest(const struct digest *d) { return d->size ? d->size : d->algorithm->size; }
static value m_digest(struct thread *t, const vref *a) {
    struct digest d;
    uint8_t out[64];
    snapshot(t, as_digest(a[0]), &d);
    d.algorithm->final(&d, out, size_of_digest(&d));
    return bytes_new(t, out, size_of_digest(&d));
}
static value m_hexdigest(struct thread *t, const vref *a) {
    struct digest d;
    uint8_t out[64];
    snapshot(t, as_digest(a[0]), &d);
    d.algorithm->final(&d, out, size_of_digest(&d));
    return hex_of(t, out, size_of_digest(&d));
}
static bool squeeze_length(struct thread *t, vref v, size_t *n) {
    int64_t i;
    if (!object_as_index(t, v, &i)) return false;
    if (i < 0) return raise(t, &exc_ValueError, "value must be positive"), false;
    if (i >= 1 << 29) return raise(t, &exc_ValueError, "length is too large"), false;
    *n = (size_t)i;
    return true;
}
static value m_squeeze(struct thread *t, const vref *a) {
    struct digest d;
    size_t n;
    value b = squeeze_length(t, a[1], &n) ? bytes_new(t, NULL, n) : V_NULL;
    if (!b) return V_NULL;
    snapshot(t, as_digest(a[0]), &d);
    thread_detach(t);
    d.algorithm->final(&d, as_bytes(b)->data, n);
    thread_attach(t);
    return b;
}
static value m_squeeze_hex(struct thread *t, const vref *a) {
    value b = m_squeeze(t, a);
    if (!b) return V_NULL;
    value s = hex_of(t, as_bytes(b)->data, as_bytes(b)->length);
    release(t, b);
    return s;
}
static value m_copy(struct thread *t, const vref *a) {
    value v = object_new_instance(t, type_of(a[0]));
    if (v) snapshot(t, as_digest(a[0]), &as_digest(v)->digest);
    return v;
}
static value get_name(struct thread *t, const vref *a) { return str_from_cstr(t, as_digest(a[0])->digest.algorithm->name); }
static value get_block_size(struct thread *t, const vref *a) { return (void)t, from_int62(as_digest(a[0])->digest.algorithm->block); }
static value get_digest_size(struct thread *t, const vref *a) { return (void)t, from_int62((int64_t)size_of_digest(&as_digest(a[0])->digest)); }
static value get_rate(struct thread *t, const vref *a) { return (void)t, from_int62(as_digest(a[0])->digest.algorithm->block * 8); }
static value get_capacity(struct thread *t, const vref *a) { return (void)t, from_int62(1600 - as_digest(a[0])->digest.algorithm->block * 8); }
static value get_suffix(struct thread *t, const vref *a) { return bytes_new(t, as_digest(a[0])->digest.algorithm->size ? "\x06" : "\x1f", 1); }

#define COMMON                                                                                                              \
    {"copy", NATIVE_METHOD, "($self, /)", .fn = m_copy, .doc = "Return a new hash object in the same state."},                        \
    {"name", NATIVE_GETSET, .fn = get_name}, {"block_size", NATIVE_GETSET, .fn = get_block_size},                           \
    {"digest_size", NATIVE_GETSET, .fn = get_digest_size}
#define UPDATE(name) {"update", NATIVE_METHOD, "($self, " name ", /)", .fn = m_update, .doc = "Add the bytes of an object with a buffer to what is hashed."}
#define DIGESTS                                                                                                                  \
    {"digest", NATIVE_METHOD, "($self, /)", .fn = m_digest, .doc = "Return the hash of all so far, as bytes."},                \
    {"hexdigest", NATIVE_METHOD, "($self, /)", .fn = m_hexdigest, .doc = "Return the hash of all so far, as hexadecimal digits."}
#define KECCAK {"_rate_bits", NATIVE_GETSET, .fn = get_rate}, {"_capacity_bits", NATIVE_GETSET, .fn = get_capacity}, {"_suffix", NATIVE_GETSET, .fn = get_suffix}
static const struct native plain_natives[] = {COMMON, UPDATE("obj"), DIGESTS, {.name = NULL}};
static const struct native sha3_natives[] = {COMMON, UPDATE("data"), DIGESTS, KECCAK, {.name = NULL}};
static const struct native blake2_natives[] = {COMMON, UPDATE("data"), DIGESTS, {.name = NULL}};
static const struct native shake_natives[] = {
    COMMON, UPDATE("data"), KECCAK,
    {"digest", NATIVE_METHOD, "($self, length, /)", .fn = m_squeeze, .doc = "Return the hash of all so far, as bytes."},
    {"hexdigest", NATIVE_METHOD, "($self, length, /)", .fn = m_squeeze_hex, .doc = "Return the hash of all so far, as hexadecimal digits."},
    {.name = NULL},
};

// ---- the types ----

static value make_with(struct thread *t, struct type *cls, const struct algorithm *a, vref data) {
    value v = object_new_instance(t, cls);
    if (!v) return V_NULL;
    as_digest(v)->digest.algorithm = a;
    a->init(&as_digest(v)->digest);
    value done = data ? m_update(t, (vref[]){v, data}) : V_NONE;
    if (!done) release_field(t, &v);
    return v;
}

#define PLAIN_TYPE(x, module_)                                                                                                        \
    static struct type type_##x = {                                                                                                   \
        .name = #x, .module = module_, .base = &type_object, .flags = TYPE_NO_NEW, .basicsize = sizeof(struct digest_object), .natives = plain_natives, \
    };                                                                                                                                \
    static value make_##x(struct thread *t, const vref *a) { return make_with(t, &type_##x, &digest_##x, a[0]); }
PLAIN_TYPE(md5, "_md5")
PLAIN_TYPE(sha1, "_sha1")
PLAIN_TYPE(sha224, "_sha256")
PLAIN_TYPE(sha256, "_sha256")
PLAIN_TYPE(sha384, "_sha512")
PLAIN_TYPE(sha512, "_sha512")

#define SHA3_TYPE(x, natives_)                                                                                                                       \
    static value x##_new(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {                                         \
        static const char *const names[] = {"data", "usedforsecurity"};                                                                              \
        static const struct args_spec spec = {#x, names, 1, 0, 2};                                                                                   \
        vref a[2];                                                                                                                                   \
        return args_bind(t, &spec, args, nargs, kwnames, a) ? make_with(t, cls, &digest_##x, a[0]) : V_NULL;                                         \
    }                                                                                                                                                \
    static struct type type_##x = {                                                                                                                  \
        .name = #x, .module = "_sha3", .base = &type_object, .basicsize = sizeof(struct digest_object), .natives = natives_, .make = x##_new,        \
        .doc = #x "([data], *, usedforsecurity=True) -> hash object",                                                                                \
    };
SHA3_TYPE(sha3_224, sha3_natives)
SHA3_TYPE(sha3_256, sha3_natives)
SHA3_TYPE(sha3_384, sha3_natives)
SHA3_TYPE(sha3_512, sha3_natives)
SHA3_TYPE(shake_128, shake_natives)
SHA3_TYPE(shake_256, shake_natives)

// ---- BLAKE2 ----

enum { B_DATA, B_SIZE, B_KEY, B_SALT, B_PERSON, B_FANOUT, B_DEPTH, B_LEAF, B_OFFSET, B_NODE_DEPTH, B_INNER, B_LAST, B_SECURITY, B_COUNT };

static bool small_number(struct thread *t, vref v, int64_t low, int64_t high, const char *message, uint8_t *out) {
    int64_t i;
    if (!v) return true;
    if (!object_as_index(t, v, &i)) return false;
    if (i < low || i > high) return raise(t, &exc_ValueError, message, (int)high), false;
    *out = (uint8_t)i;
    return true;
}
static bool short_bytes(struct thread *t, vref v, size_t most, const char *what, uint8_t *to, uint8_t *length) {
    struct buffer_view view;
    if (!v) return true;
    if (!buffer_get(t, v, &view, false)) return false;
    bool fits = view.length <= most;
    if (fits && view.length) memcpy(to, view.data, view.length);
    if (fits && length) *length = (uint8_t)view.length;
    buffer_release(t, &view);
    if (!fits) raise(t, &exc_ValueError, "maximum %s length is %zu bytes", what, most);
    return fits;
}
static bool long_number(struct thread *t, vref v, uint64_t most, const char *name, uint64_t *out) {
    uint8_t raw[8];
    if (!v) return true;
    value i = object_index(t, v);
    if (!i) return false;
    bool negative = int_sign(i) < 0, ok = !negative && int_to_bytes(t, i, raw, 8, true, false);
    release(t, i);
    if (negative) raise(t, &exc_ValueError, "value must be positive");
    if (!ok) return false;
    memcpy(out, raw, 8);
    if (*out > most) return raise(t, &exc_OverflowError, "%s is too large", name), false;
    return true;
}

static bool read_parameters(struct thread *t, const vref *a, bool wide, struct blake2_parameters *p) {
    size_t salt = wide ? 16 : 8, key = wide ? 64 : 32;
    uint64_t leaf = 0;
    bool ok = small_number(t, a[B_SIZE], 1, (int64_t)key, "digest_size must be between 1 and %d bytes", &p->size) && short_bytes(t, a[B_KEY], key, "key", p->key, &p->key_size) &&
              short_bytes(t, a[B_SALT], salt, "salt", p->salt, NULL) && short_bytes(t, a[B_PERSON], salt, "person", p->person, NULL) &&
              small_number(t, a[B_FANOUT], 0, 255, "fanout must be between 0 and %d", &p->fanout) && small_number(t, a[B_DEPTH], 1, 255, "depth must be between 1 and %d", &p->depth) &&
              long_number(t, a[B_LEAF], UINT32_MAX, "leaf_size", &leaf) && long_number(t, a[B_OFFSET], wide ? UINT64_MAX : ((uint64_t)1 << 48) - 1, "node_offset", &p->node_offset) &&
              small_number(t, a[B_NODE_DEPTH], 0, 255, "node_depth must be between 0 and %d", &p->node_depth) &&
              small_number(t, a[B_INNER], 0, (int64_t)key, "inner_size must be between 0 and is %d", &p->inner_size);
    int last = ok && a[B_LAST] ? object_truth(t, a[B_LAST]) : 0;
    p->leaf_size = (uint32_t)leaf;
    p->last_node = last > 0;
    return ok && last >= 0;
}

static value blake2_new(struct thread *t, struct type *cls, const struct algorithm *al, const vref *args, size_t nargs, vref kwnames) {
    static const char *const names[] = {"data", "digest_size", "key", "salt", "person", "fanout", "depth", "leaf_size", "node_offset", "node_depth", "inner_size", "last_node", "usedforsecurity"};
    const struct args_spec spec = {al->name, names, 1, 0, B_COUNT};
    struct blake2_parameters p = {.size = (uint8_t)al->size, .fanout = 1, .depth = 1};
    vref a[B_COUNT];
    if (nargs > 1) return raise(t, &exc_TypeError, "%s() takes at most 1 positional argument (%zu given)", al->name, nargs);
    if (!args_bind(t, &spec, args, nargs, kwnames, a) || !read_parameters(t, a, al == &digest_blake2b, &p)) return V_NULL;
    value v = object_new_instance(t, cls);
    if (!v) return V_NULL;
    blake2_init(&as_digest(v)->digest, al, &p);
    value done = a[B_DATA] ? m_update(t, (vref[]){v, a[B_DATA]}) : V_NONE;
    if (!done) release_field(t, &v);
    return v;
}
static value blake2b_new(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) { return blake2_new(t, cls, &digest_blake2b, args, nargs, kwnames); }
static value blake2s_new(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) { return blake2_new(t, cls, &digest_blake2s, args, nargs, kwnames); }
static struct type type_blake2b = {
    .name = "blake2b", .module = "_blake2", .base = &type_object, .flags = TYPE_BASE, .basicsize = sizeof(struct digest_object), .natives = blake2_natives, .make = blake2b_new,
    .doc = "Start a BLAKE2b hash over data, for 64 bit machines, of up to 64 bytes.",
};
static struct type type_blake2s = {
    .name = "blake2s", .module = "_blake2", .base = &type_object, .flags = TYPE_BASE, .basicsize = sizeof(struct digest_object), .natives = blake2_natives, .make = blake2s_new,
    .doc = "Start a BLAKE2s hash over data, for small machines, of up to 32 bytes.",
};

// ---- the modules ----

static bool ready(struct thread *t, struct type *c) { return c->root_shape || type_ready(t, c); }
#define MAKER(x) {#x, NATIVE_FUNCTION, "($module, /, string=b'', *, usedforsecurity=True)", .fn = make_##x, .doc = "Hash by " #x ", starting with the bytes of string."}
static const struct native md5_functions[] = {MAKER(md5)}, sha1_functions[] = {MAKER(sha1)}, sha256_functions[] = {MAKER(sha224), MAKER(sha256)},
                           sha512_functions[] = {MAKER(sha384), MAKER(sha512)};

value md5_make(struct thread *t) {
    value m = ready(t, &type_md5) ? module_from_natives(t, "_md5", NULL, md5_functions, 1) : V_NULL;
    return m && module_set(t, m, "MD5Type", type_ref(&type_md5)) ? m : V_NULL;
}
value sha1_make(struct thread *t) {
    value m = ready(t, &type_sha1) ? module_from_natives(t, "_sha1", NULL, sha1_functions, 1) : V_NULL;
    return m && module_set(t, m, "SHA1Type", type_ref(&type_sha1)) ? m : V_NULL;
}
value sha256_make(struct thread *t) {
    value m = ready(t, &type_sha224) && ready(t, &type_sha256) ? module_from_natives(t, "_sha256", NULL, sha256_functions, 2) : V_NULL;
    return m && module_set(t, m, "SHA224Type", type_ref(&type_sha224)) && module_set(t, m, "SHA256Type", type_ref(&type_sha256)) ? m : V_NULL;
}
value sha512_make(struct thread *t) {
    value m = ready(t, &type_sha384) && ready(t, &type_sha512) ? module_from_natives(t, "_sha512", NULL, sha512_functions, 2) : V_NULL;
    return m && module_set(t, m, "SHA384Type", type_ref(&type_sha384)) && module_set(t, m, "SHA512Type", type_ref(&type_sha512)) ? m : V_NULL;
}
value sha3_make(struct thread *t) {
    static struct type *const types[] = {&type_sha3_224, &type_sha3_256, &type_sha3_384, &type_sha3_512, &type_shake_128, &type_shake_256};
    value m = module_from_natives(t, "_sha3", NULL, NULL, 0);
    for (size_t i = 0; m && i < sizeof types / sizeof *types; i++)
        if (!ready(t, types[i]) || !module_set(t, m, types[i]->name, type_ref(types[i]))) return V_NULL;
    return m && module_set(t, m, "implementation", str_from_cstr(t, "Krait's own")) ? m : V_NULL;
}

static bool add_blake2(struct thread *t, vref m, struct type *c, const char *const names[4], int64_t size, int64_t salt) {
    static const char *const of_type[4] = {"MAX_DIGEST_SIZE", "MAX_KEY_SIZE", "SALT_SIZE", "PERSON_SIZE"};
    if (!ready(t, c) || !module_set(t, m, c->name, type_ref(c))) return false;
    for (int i = 0; i < 4; i++) {
        value n = from_int62(i < 2 ? size : salt);
        if (!module_set(t, m, names[i], n) || !dict_set_str(t, c->dict, of_type[i], n)) return false;
    }
    type_modified(t, c);
    return true;
}
value blake2_make(struct thread *t) {
    static const char *const b[4] = {"BLAKE2B_MAX_DIGEST_SIZE", "BLAKE2B_MAX_KEY_SIZE", "BLAKE2B_SALT_SIZE", "BLAKE2B_PERSON_SIZE"};
    static const char *const s[4] = {"BLAKE2S_MAX_DIGEST_SIZE", "BLAKE2S_MAX_KEY_SIZE", "BLAKE2S_SALT_SIZE", "BLAKE2S_PERSON_SIZE"};
    value m = module_from_natives(t, "_blake2", NULL, NULL, 0);
    return m && add_blake2(t, m, &type_blake2b, b, 64, 16) && add_blake2(t, m, &type_blake2s, s, 32, 8) ? m : V_NULL;
}
