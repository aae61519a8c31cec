// SPDX-License-Identifier: Apache-2.0
// Running a pickle: the loop over opcodes, and those that push numbers, bytes, text and what the memo holds. Leaves lines of text to load_text.c, containers and state
// to load_build.c, classes and calls to load_class.c.
#include "interp/modules/pickle/pickle.h"
#include "interp/types/dict.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/str/codec.h"

static uint64_t little(const uint8_t *p, size_t n) {
    uint64_t u = 0;
    memcpy(&u, p, n);
    return u;
}
// A number of n bytes from the input. false: exception.
static inline bool take(struct thread *t, struct unpickler *u, size_t n, uint64_t *out) {
    const uint8_t *p = in_take(t, u, n);
    if (unlikely(!p)) return false;
    *out = n == 1 ? p[0] : little(p, n);
    return true;
}
// A length of eight bytes, which may be more than there can be.
static bool take_length(struct thread *t, struct unpickler *u, size_t n, const char *what, size_t *out) {
    uint64_t u64;
    if (!take(t, u, n, &u64)) return false;
    if (u64 > INT64_MAX) return raise(t, &exc_OverflowError, "%s exceeds system's maximum size of %ld bytes", what, INT64_MAX), false;
    *out = u64;
    return true;
}

// ---- numbers ----

static bool push_int(struct thread *t, struct unpickler *u, size_t n) {
    uint64_t i;
    if (!take(t, u, n, &i)) return false;
    return stack_push(t, u, from_int62(n == 4 ? (int32_t)i : (int64_t)i));
}
static bool push_float(struct thread *t, struct unpickler *u) {
    const uint8_t *p = in_take(t, u, 8);
    if (!p) return false;
    uint64_t bits = __builtin_bswap64(little(p, 8));
    double d;
    memcpy(&d, &bits, 8);
    return stack_push(t, u, float_new(t, d));
}
static bool push_long(struct thread *t, struct unpickler *u, size_t n) {
    uint64_t size;
    if (!take(t, u, n, &size)) return false;
    if (n == 4 && (int32_t)size < 0) return raise(t, &unpickling_error, "LONG pickle has negative byte count"), false;
    const uint8_t *p = in_take(t, u, size);
    if (!p) return false;
    return stack_push(t, u, size ? int_from_bytes(t, p, size, true, true) : from_int62(0));
}

// ---- text and bytes ----

static bool is_surrogates_error(struct thread *t) { return raised_is(t, &exc_UnicodeDecodeError); }
static inline bool is_ascii(const uint8_t *p, size_t n) {
    uint64_t any = 0, word;
    for (; n >= 8; p += 8, n -= 8) memcpy(&word, p, 8), any |= word;
    for (; n; n--) any |= *p++;
    return !(any & 0x8080808080808080ull);
}
static bool push_text(struct thread *t, struct unpickler *u, size_t n) {
    const uint8_t *p = in_take(t, u, n);
    if (!p) return false;
    if (n > 1 && n < 256 && is_ascii(p, n)) {
        value text = str_new(t, n, 0x7f);
        if (text) memcpy(as_str(text)->data, p, n);
        return stack_push(t, u, text);
    }
    value v = str_from_utf8(t, (const char *)p, n);
    if (unlikely(!v) && is_surrogates_error(t)) {
        raised_clear(t);
        v = str_decode(t, p, n, "utf-8", "surrogatepass");
    }
    return stack_push(t, u, v);
}
static bool push_text_of(struct thread *t, struct unpickler *u, size_t width) {
    size_t n;
    return take_length(t, u, width, "BINUNICODE", &n) && push_text(t, u, n);
}
// n bytes that do not lie in the input: bytes or a bytearray of them. returns new.
static value read_long(struct thread *t, struct unpickler *u, size_t n, bool mutable) {
    if (n > IN_BELIEVED || !u->read) {
        size_t room = 0;
        uint8_t *data = in_gather(t, u, n, &room);
        value v = !data ? V_NULL : mutable ? bytearray_new(t, data, n) : bytes_new(t, data, n);
        if (data) mem_free(t, data, room);
        return v;
    }
    value v = mutable ? bytearray_new(t, NULL, n) : bytes_new(t, NULL, n);
    if (v && !in_fill(t, u, v, mutable ? ((struct bytearray *)as_object(v))->data : as_bytes(v)->data, n)) release_field(t, &v);
    return v;
}
static bool push_bytes(struct thread *t, struct unpickler *u, size_t width) {
    size_t n;
    if (!take_length(t, u, width, "BINBYTES", &n)) return false;
    if (likely(n <= u->end - u->at)) return stack_push(t, u, bytes_new(t, in_take(t, u, n), n));
    return stack_push(t, u, read_long(t, u, n, false));
}
static bool push_bytearray(struct thread *t, struct unpickler *u) {
    size_t n;
    if (!take_length(t, u, 8, "BYTEARRAY8", &n)) return false;
    if (n <= u->end - u->at) return stack_push(t, u, bytearray_new(t, in_take(t, u, n), n));
    return stack_push(t, u, read_long(t, u, n, true));
}
static bool push_old_string(struct thread *t, struct unpickler *u, size_t width) {
    uint64_t n;
    if (!take(t, u, width, &n)) return false;
    const uint8_t *p = in_take(t, u, n);
    return p && load_counted_string(t, u, p, n);
}

// ---- the memo ----

static bool push_known(struct thread *t, struct unpickler *u, size_t width) {
    uint64_t id;
    return take(t, u, width, &id) && stack_push(t, u, recall_get(t, u, id));
}
static bool know(struct thread *t, struct unpickler *u, uint64_t id) {
    if (u->n <= u->fence) return stack_underflow(t, u), false;
    return recall_put(t, u, id, u->stack[u->n - 1]);
}
static bool know_at(struct thread *t, struct unpickler *u, size_t width) {
    uint64_t id;
    return take(t, u, width, &id) && know(t, u, id);
}

// ---- the stack ----

static bool pop(struct thread *t, struct unpickler *u) {
    size_t at;
    if (u->nmarks && u->marks[u->nmarks - 1] == u->n) return stack_unmark(t, u, &at); // a mark stands on top
    value v = stack_pop(t, u);
    if (!v) return false;
    release(t, v);
    return true;
}
static bool pop_mark(struct thread *t, struct unpickler *u) {
    size_t at;
    if (!stack_unmark(t, u, &at)) return false;
    stack_cut(t, u, at);
    return true;
}
static bool push_again(struct thread *t, struct unpickler *u) {
    if (u->n <= u->fence) return stack_underflow(t, u), false;
    return stack_push(t, u, own(t, u->stack[u->n - 1]));
}
static bool push_tuple(struct thread *t, struct unpickler *u, size_t n) {
    if (u->n < n) return stack_underflow(t, u), false;
    return stack_push(t, u, stack_tuple(t, u, u->n - n));
}
static bool push_marked(struct thread *t, struct unpickler *u, bool list) {
    size_t at;
    if (!stack_unmark(t, u, &at)) return false;
    return stack_push(t, u, list ? stack_list(t, u, at) : stack_tuple(t, u, at));
}

// ---- the stream ----

static bool set_protocol(struct thread *t, struct unpickler *u) {
    uint64_t n;
    if (!take(t, u, 1, &n)) return false;
    if (n > PICKLE_HIGHEST) return raise(t, &exc_ValueError, "unsupported pickle protocol: %d", (int)n), false;
    u->protocol = (uint8_t)n;
    return true;
}
static bool open_frame(struct thread *t, struct unpickler *u) {
    uint64_t n;
    if (!take(t, u, 8, &n)) return false;
    if (n > INT64_MAX) return raise(t, &exc_OverflowError, "FRAME length exceeds system's maximum of %ld bytes", INT64_MAX), false;
    if (!in_take(t, u, n)) return false;
    u->at -= n;
    return true;
}
static bool push_extension(struct thread *t, struct unpickler *u, size_t width) {
    uint64_t code;
    return take(t, u, width, &code) && load_extension(t, u, width == 4 ? (int32_t)code : (int64_t)code);
}
static value refuse_opcode(struct thread *t, uint8_t c) {
    if (c >= 0x20 && c <= 0x7e && c != '\'' && c != '\\') return raise(t, &unpickling_error, "invalid load key, '%c'.", (int)c);
    char text[3] = {"0123456789abcdef"[c >> 4], "0123456789abcdef"[c & 15], 0};
    return raise(t, &unpickling_error, "invalid load key, '\\x%s'.", text);
}
static bool ended_early(struct thread *t) {
    if (raised_is(t, &unpickling_error)) {
        raised_clear(t);
        raise(t, &exc_EOFError, "Ran out of input");
    }
    return false;
}

static inline bool run_one(struct thread *t, struct unpickler *u, uint8_t op) {
    switch (op) {
    case P_MARK: return stack_mark(t, u);
    case P_POP: return pop(t, u);
    case P_POP_MARK: return pop_mark(t, u);
    case P_DUP: return push_again(t, u);
    case P_FLOAT: return load_FLOAT(t, u);
    case P_INT: return load_INT(t, u);
    case P_BININT: return push_int(t, u, 4);
    case P_BININT1: return push_int(t, u, 1);
    case P_LONG: return load_LONG(t, u);
    case P_BININT2: return push_int(t, u, 2);
    case P_NONE: return stack_push(t, u, V_NONE);
    case P_PERSID: return load_PERSID(t, u);
    case P_BINPERSID: return load_BINPERSID(t, u);
    case P_REDUCE: return load_REDUCE(t, u);
    case P_STRING: return load_STRING(t, u);
    case P_BINSTRING: return push_old_string(t, u, 4);
    case P_SHORT_BINSTRING: return push_old_string(t, u, 1);
    case P_UNICODE: return load_UNICODE(t, u);
    case P_BINUNICODE: return push_text_of(t, u, 4);
    case P_APPEND: return load_APPEND(t, u);
    case P_BUILD: return load_BUILD(t, u);
    case P_GLOBAL: return load_GLOBAL(t, u);
    case P_DICT: return load_DICT(t, u);
    case P_EMPTY_DICT: return stack_push(t, u, dict_new(t));
    case P_APPENDS: return load_APPENDS(t, u);
    case P_GET: return load_GET(t, u);
    case P_BINGET: return push_known(t, u, 1);
    case P_INST: return load_INST(t, u);
    case P_LONG_BINGET: return push_known(t, u, 4);
    case P_LIST: return push_marked(t, u, true);
    case P_EMPTY_LIST: return stack_push(t, u, list_new(t, 0));
    case P_OBJ: return load_OBJ(t, u);
    case P_PUT: return load_PUT(t, u);
    case P_BINPUT: return know_at(t, u, 1);
    case P_LONG_BINPUT: return know_at(t, u, 4);
    case P_SETITEM: return load_SETITEM(t, u);
    case P_TUPLE: return push_marked(t, u, false);
    case P_EMPTY_TUPLE: return stack_push(t, u, tuple_empty);
    case P_SETITEMS: return load_SETITEMS(t, u);
    case P_BINFLOAT: return push_float(t, u);
    case P_PROTO: return set_protocol(t, u);
    case P_NEWOBJ: return load_NEWOBJ(t, u);
    case P_EXT1: return push_extension(t, u, 1);
    case P_EXT2: return push_extension(t, u, 2);
    case P_EXT4: return push_extension(t, u, 4);
    case P_TUPLE1: return push_tuple(t, u, 1);
    case P_TUPLE2: return push_tuple(t, u, 2);
    case P_TUPLE3: return push_tuple(t, u, 3);
    case P_NEWTRUE: return stack_push(t, u, V_TRUE);
    case P_NEWFALSE: return stack_push(t, u, V_FALSE);
    case P_LONG1: return push_long(t, u, 1);
    case P_LONG4: return push_long(t, u, 4);
    case P_BINBYTES: return push_bytes(t, u, 4);
    case P_SHORT_BINBYTES: return push_bytes(t, u, 1);
    case P_SHORT_BINUNICODE: return push_text_of(t, u, 1);
    case P_BINUNICODE8: return push_text_of(t, u, 8);
    case P_BINBYTES8: return push_bytes(t, u, 8);
    case P_EMPTY_SET: return stack_push(t, u, set_new(t, false, V_NULL));
    case P_ADDITEMS: return load_ADDITEMS(t, u);
    case P_FROZENSET: return load_FROZENSET(t, u);
    case P_NEWOBJ_EX: return load_NEWOBJ_EX(t, u);
    case P_STACK_GLOBAL: return load_STACK_GLOBAL(t, u);
    case P_MEMOIZE: return know(t, u, u->memo_count);
    case P_FRAME: return open_frame(t, u);
    case P_BYTEARRAY8: return push_bytearray(t, u);
    case P_NEXT_BUFFER: return load_NEXT_BUFFER(t, u);
    case P_READONLY_BUFFER: return load_READONLY_BUFFER(t, u);
    default: return refuse_opcode(t, op), false;
    }
}
value load_run(struct thread *t, struct unpickler *u) {
    for (;;) {
        const uint8_t *p = in_take(t, u, 1);
        if (unlikely(!p)) return ended_early(t), V_NULL;
        uint8_t op = *p;
        if (op == P_STOP) return stack_pop(t, u);
        if (unlikely(!run_one(t, u, op)) || unlikely(!safepoint_poll(t))) return V_NULL;
    }
}
