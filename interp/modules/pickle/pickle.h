// SPDX-License-Identifier: Apache-2.0
// The C half of pickle: objects as bytes and back. Leaves the names and the slow twin of it all to the library's pickle.py.
//
// WRITING. A pickler walks the object from `save` and appends opcodes to one buffer. What was written once is noted in its memo (an array of owned words, so that no
// address is used twice, and a hash table from address to place) and fetched from there by whoever reads. From protocol 4 on the bytes stand in frames:
//
//     PROTO n | FRAME length | opcodes … | FRAME length | opcodes … STOP
//               └ 9 bytes kept free when a frame opens, filled in or taken out again when it closes (at 64 KiB, before long bytes, at the end)
//
// An instance whose class leaves pickling to `object` is written straight from its slots: no tuple of __reduce_ex__, no __dict__ comes to be. The state dict that
// others would note has its place in the memo all the same (a place without an object), so that the bytes are those everybody writes.
//
// READING. An unpickler is a machine with a stack of owned words, marks on it, and a memo by index. Input is either one buffer that is held, or what a file's
// peek, read, readinto and readline give. Nothing in a pickle is believed: lengths are compared with what there is, marks fence the stack, an index far beyond the others goes
// to a dict. What the pickle names, it may call: that is the format, and find_class is where to forbid it.
//
// THREADS. Each use of a Pickler or Unpickler takes `user`, the id of the thread within: a second thread gets RuntimeError, as does dump or load called
// from within itself; the memo may be looked at from within. Containers that others change meanwhile are read item by item, each owned while it is written.
// Everything is in the object, also for dumps and loads: what it holds the collector finds by traversing it.
#ifndef KRAIT_INTERP_MODULES_PICKLE_PICKLE_H
#define KRAIT_INTERP_MODULES_PICKLE_PICKLE_H

#include "interp/modules/pickle/opcode.h"
#include "interp/types/exc.h"
#include "interp/types/str.h"
#include "interp/types/words.h"

enum { FRAME_HEADER = 9, FRAME_LEAST = 4, FRAME_FULL = 64 << 10, BATCH = 1000 };
#define NO_FRAME SIZE_MAX

struct memo_slot {
    uint32_t at;             // place in objects, + 1; 0: free
    uint32_t id;             // index that readers know it by
};
struct pickle_memo {
    value *objects;          // owned each; V_NONE: a place taken by what is no object
    uint32_t n, room;
    struct memo_slot *slots; // open addressing, at most half full
    uint32_t mask;           // slots - 1; 0: none yet
};
// What a class leaves to `object`, as last looked at.
struct known_class {
    const struct type *cls;
    uint32_t version;
    uint32_t dispatch;       // version of the table of reducers
    bool plain;
};
struct known_name {
    value from, to;          // owned or V_NULL: a str as a pickle has it, and the interned one
};
enum { KNOWN_CLASSES = 8, KNOWN_NAMES = 8, FAST_DEPTH = 50 };

struct pickler {
    struct object head;
    value write;             // owned, of the file; V_NULL: dumps
    value persistent;        // owned: the attribute persistent_id; V_NULL: not set
    value reducers;          // owned: the attribute dispatch_table; V_NULL: not set
    value buffer_callback;   // owned or V_NULL
    value running_persistent, running_override; // owned while dump runs: what it asks
    value fast_seen;         // owned dict or V_NULL: containers being written, by address, when nested deeply in fast mode
    struct pickle_memo memo;
    uint8_t *out;            // the buffer
    size_t n, room;
    size_t limit;            // room, or 0 when the next byte opens a frame
    size_t frame;            // where the header of the open frame stands, or NO_FRAME
    size_t full;             // from there on the open frame is to be closed
    _Atomic uint64_t user;   // id of the thread within, 0 none
    int64_t fast;            // no memo
    int32_t fast_depth;
    uint8_t protocol;
    bool binary, framing, fix_imports, ready, exact;
    struct known_class known[KNOWN_CLASSES];
};
static inline struct pickler *as_pickler(vref v) { return (struct pickler *)as_object(v); }

struct unpickler {
    struct object head;
    value read, readline, readinto, peek; // owned, of the file; V_NULL: loads, or not there
    value persistent;        // owned: the attribute persistent_load; V_NULL: not set
    value running_persistent; // owned while load runs
    value buffers;           // owned iterator or V_NULL
    value encoding, errors;  // owned str; V_NULL: ASCII, strict
    struct buffer_view input;
    const uint8_t *in;       // == input.data
    size_t at, end;          // what of it is still to be read
    size_t ahead;            // from here on the file has not moved: the rest was peeked at
    value *stack;            // owned words
    size_t n, room;
    size_t fence;            // the stack below belongs to those before the last mark
    size_t *marks, nmarks, marks_room;
    value *memo;             // owned or V_NULL
    size_t memo_room, memo_count;
    value memo_far;          // owned dict or V_NULL: indexes far beyond the others
    struct known_name names[KNOWN_NAMES];
    _Atomic uint64_t user;
    uint8_t protocol;
    bool fix_imports, ready, exact, bytes_strings; // exact: no subclass
};
static inline struct unpickler *as_unpickler(vref v) { return (struct unpickler *)as_object(v); }

extern struct type type_pickler, type_pickler_memo, type_unpickler, type_unpickler_memo, type_picklebuffer, pickle_error, pickling_error, unpickling_error;

// What the module took from the library when it was made (module.c). Borrowed, for good.
enum pickle_thing { THING_DISPATCH, THING_REGISTRY, THING_INVERTED, THING_CACHE, THING_NAMES_2TO3, THING_IMPORTS_2TO3, THING_NAMES_3TO2, THING_IMPORTS_3TO2, THING_ENCODE, THING_PARTIAL, THING_GETATTR, THING_BUILTINS, THINGS };
vref pickle_thing(struct thread *t, enum pickle_thing which);
// Takes *user for the calling thread. false: RuntimeError. *nested: it was already in; NULL: that is an error too.
bool pickle_enter(struct thread *t, _Atomic uint64_t *user, bool *nested, const char *what) MUST_CHECK;
void pickle_leave(_Atomic uint64_t *user);
// The attribute a.b.c of object; *parent (new) is what it was found in. V_NULL: AttributeError or another. Names with <locals> are refused.
value pickle_deep_attribute(struct thread *t, vref object, vref name, value *parent);
bool pickle_refuse_locals(struct thread *t, vref object_or_null, vref name) MUST_CHECK;

// ---- memo.c ----
int64_t memo_find(const struct pickle_memo *m, vref v);                      // its index, -1 not there
bool memo_put(struct thread *t, struct pickle_memo *m, vref v, int64_t id) MUST_CHECK;
bool memo_skip(struct thread *t, struct pickle_memo *m) MUST_CHECK;          // takes a place for no object
void memo_clear(struct thread *t, struct pickle_memo *m);
int memo_traverse(const struct pickle_memo *m, visit_fn *visit, void *arg);

// ---- out.c ----
uint8_t *out_more(struct thread *t, struct pickler *p, size_t n);            // the slow half of out_room
// Room for n bytes, which the caller fills and counts in p->n. NULL: MemoryError.
static inline uint8_t *out_room(struct thread *t, struct pickler *p, size_t n) { return likely(p->n + n <= p->limit) ? p->out + p->n : out_more(t, p, n); }
static inline bool out_byte(struct thread *t, struct pickler *p, uint8_t c) {
    uint8_t *to = out_room(t, p, 1);
    if (unlikely(!to)) return false;
    *to = c;
    p->n++;
    return true;
}
static inline bool out_bytes(struct thread *t, struct pickler *p, const void *from, size_t n) {
    uint8_t *to = out_room(t, p, n);
    if (unlikely(!to)) return false;
    if (n) memcpy(to, from, n);
    p->n += n;
    return true;
}
bool out_long(struct thread *t, struct pickler *p, const uint8_t *head, size_t nhead, const uint8_t *data, size_t n) MUST_CHECK; // long data go straight to the file
bool out_next_frame(struct thread *t, struct pickler *p) MUST_CHECK;
static inline bool out_boundary(struct thread *t, struct pickler *p) { return likely(p->n < p->full) || out_next_frame(t, p); } // between two objects: a full frame is closed
bool out_begin(struct thread *t, struct pickler *p) MUST_CHECK;
bool out_end_frames(struct thread *t, struct pickler *p);
bool out_flush(struct thread *t, struct pickler *p) MUST_CHECK;              // all of it to the file
void out_drop(struct thread *t, struct pickler *p);

// ---- save.c, save_container.c, save_global.c, save_reduce.c, save_instance.c ----
bool save(struct thread *t, struct pickler *p, vref v) MUST_CHECK;
bool save_plain(struct thread *t, struct pickler *p, vref v) MUST_CHECK;     // without asking persistent_id about v itself
bool save_memoize(struct thread *t, struct pickler *p, vref v) MUST_CHECK;   // notes v and says so
bool save_fetch(struct thread *t, struct pickler *p, int64_t id) MUST_CHECK;
bool save_skip(struct thread *t, struct pickler *p) MUST_CHECK;              // notes a place that has no object
bool save_fast_enter(struct thread *t, struct pickler *p, vref v) MUST_CHECK;
bool save_fast_leave(struct thread *t, struct pickler *p, vref v, bool ok);
bool save_bytes_data(struct thread *t, struct pickler *p, vref v, const uint8_t *data, size_t n) MUST_CHECK;
bool save_bytearray_data(struct thread *t, struct pickler *p, vref v, const uint8_t *data, size_t n) MUST_CHECK;
bool save_tuple(struct thread *t, struct pickler *p, vref v) MUST_CHECK;
bool save_list(struct thread *t, struct pickler *p, vref v) MUST_CHECK;
bool save_dict(struct thread *t, struct pickler *p, vref v) MUST_CHECK;
bool save_set(struct thread *t, struct pickler *p, vref v) MUST_CHECK;
bool save_frozenset(struct thread *t, struct pickler *p, vref v) MUST_CHECK;
bool save_items(struct thread *t, struct pickler *p, vref iterator) MUST_CHECK;   // appended to the list on top
bool save_pairs(struct thread *t, struct pickler *p, vref iterator) MUST_CHECK;   // set in the dict on top
bool save_global(struct thread *t, struct pickler *p, vref v, vref name_or_null) MUST_CHECK;
bool save_type(struct thread *t, struct pickler *p, vref v) MUST_CHECK;
bool save_reduce(struct thread *t, struct pickler *p, vref reduced, vref v_or_null) MUST_CHECK; // reduced: a tuple
bool save_call(struct thread *t, struct pickler *p, vref callable, value arguments, vref v_or_null) MUST_CHECK; // takes arguments: callable(*arguments)
bool save_other(struct thread *t, struct pickler *p, vref v) MUST_CHECK;     // by reducers, __reduce_ex__
int save_instance(struct thread *t, struct pickler *p, vref v) MUST_CHECK;   // 1 written, 0 not so simple, -1

// ---- pickler.c, unpickler.c ----
bool pickler_set_protocol(struct thread *t, struct pickler *p, vref protocol, vref fix_imports) MUST_CHECK; // nullable
bool pickler_set_callback(struct thread *t, struct pickler *p, vref callback) MUST_CHECK;
bool pickler_set_file(struct thread *t, struct pickler *p, vref file) MUST_CHECK;
bool pickler_dump(struct thread *t, struct pickler *p, vref v) MUST_CHECK;   // all into the buffer, or the file
bool unpickler_set(struct thread *t, struct unpickler *u, vref fix_imports, vref encoding, vref errors, vref buffers) MUST_CHECK; // nullable
bool unpickler_set_file(struct thread *t, struct unpickler *u, vref file) MUST_CHECK;
value unpickler_load(struct thread *t, struct unpickler *u);

// ---- in.c ----
// The next n bytes: valid until the next call. NULL: exception.
const uint8_t *in_more(struct thread *t, struct unpickler *u, size_t n);
static inline const uint8_t *in_take(struct thread *t, struct unpickler *u, size_t n) {
    if (unlikely(u->end - u->at < n)) return in_more(t, u, n);
    u->at += n;
    return u->in + u->at - n;
}
const uint8_t *in_line(struct thread *t, struct unpickler *u, size_t least, size_t *n); // with its newline; shorter than least: truncated
bool in_fill(struct thread *t, struct unpickler *u, value owner, uint8_t *to, size_t n) MUST_CHECK; // to: memory of owner, bytes or bytearray, known to nobody else
// As many bytes as a pickle promises, without believing it: n > IN_BELIEVED are read as far as there are any. In memory of *room bytes; NULL: exception.
uint8_t *in_gather(struct thread *t, struct unpickler *u, size_t n, size_t *room);
enum { IN_BELIEVED = 32 << 20 };
bool in_drop(struct thread *t, struct unpickler *u, bool ok);                // the end: the file stands behind what was read
value in_truncated(struct thread *t);                                        // raises it

// ---- stack.c ----
bool stack_grow(struct thread *t, struct unpickler *u) MUST_CHECK;
static inline bool stack_push(struct thread *t, struct unpickler *u, value v) { // takes v; V_NULL: there is an exception
    if (unlikely(!v)) return false;
    if (unlikely(u->n == u->room) && !stack_grow(t, u)) return release(t, v), false;
    u->stack[u->n++] = v;
    return true;
}
value stack_underflow(struct thread *t, const struct unpickler *u);
static inline value stack_pop(struct thread *t, struct unpickler *u) {       // returns new; V_NULL: exception
    if (unlikely(u->n <= u->fence)) return stack_underflow(t, u);
    return u->stack[--u->n];
}
bool stack_mark(struct thread *t, struct unpickler *u) MUST_CHECK;
bool stack_unmark(struct thread *t, struct unpickler *u, size_t *at) MUST_CHECK; // *at: how high the stack was
value stack_tuple(struct thread *t, struct unpickler *u, size_t from);       // takes what is above; underflow checked
value stack_list(struct thread *t, struct unpickler *u, size_t from);
void stack_cut(struct thread *t, struct unpickler *u, size_t to);
bool recall_put(struct thread *t, struct unpickler *u, uint64_t id, vref v) MUST_CHECK;
value recall_get(struct thread *t, struct unpickler *u, uint64_t id);        // returns new; UnpicklingError
void recall_clear(struct thread *t, struct unpickler *u);
value recall_copy(struct thread *t, struct unpickler *u);                    // returns new dict

// ---- load.c, load_text.c, load_build.c, load_class.c ----
value load_run(struct thread *t, struct unpickler *u);
typedef bool load_fn(struct thread *t, struct unpickler *u) MUST_CHECK;
load_fn load_INT, load_LONG, load_FLOAT, load_STRING, load_UNICODE, load_GET, load_PUT, load_PERSID, load_BINPERSID, load_GLOBAL, load_INST;
load_fn load_APPEND, load_APPENDS, load_SETITEM, load_SETITEMS, load_ADDITEMS, load_DICT, load_FROZENSET, load_BUILD;
load_fn load_OBJ, load_NEWOBJ, load_NEWOBJ_EX, load_REDUCE, load_STACK_GLOBAL, load_NEXT_BUFFER, load_READONLY_BUFFER;
bool load_counted_string(struct thread *t, struct unpickler *u, const uint8_t *data, size_t n) MUST_CHECK; // a str of Python 2
bool load_extension(struct thread *t, struct unpickler *u, int64_t code) MUST_CHECK;
value load_find_class(struct thread *t, struct unpickler *u, vref module, vref name); // the class itself looks
value load_class(struct thread *t, struct unpickler *u, vref module, vref name);      // … or its find_class
value load_instantiate(struct thread *t, vref cls, vref args); // cls(*args); without arguments cls.__new__(cls)

// ---- buffer.c ----
struct picklebuffer {
    struct object head;
    struct buffer_view view; // of the object; owner V_NULL once released
};
bool save_picklebuffer(struct thread *t, struct pickler *p, vref v) MUST_CHECK;

#endif
