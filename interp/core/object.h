// SPDX-License-Identifier: Apache-2.0
// Types, shapes, cells: what a type is in C, how attributes are laid out, how native functions are declared. Leaves the built-in types themselves
// to interp/types.
//
// SHAPES (hidden classes). The header's shape id indexes shape_table: one type, one layout. Instances of classes written in Python start with
// their type's root shape; adding attribute `a` moves to the child shape for `a`. Slot i of an instance lies inline behind the base type's
// struct while i < type->inline_slots, the rest in an overflow array. Shapes are never freed in this version and are shared by all threads;
// transitions are looked up under the type's lock and published before use. After SHAPE_MAX_SLOTS attributes, on del, or when `__dict__` is asked for, an instance goes over
// to a real dict (HEAD_DICT, the type's dict_shape): its overflow word then holds the dict.
//
//     [struct object][payload of the C base][ext][inline slot 0] … [inline slot n-1]
//                                            └─▶ V_UNBOUND, or struct overflow * | 1, or the dict (an owned word)
//
// `ext` exists if type->flags has TYPE_HAS_DICT. Types with __slots__ have fixed slots (member descriptors) and, without a base that has it, no ext.
// Variable-sized bases (str, bytes, int, tuple) put ext and slots behind the items, 8-byte aligned: attr_base() knows.
//
// CELLS. Dicts of modules and classes keep their values in cells (struct cell) so that caches can hold the cell: an assignment never
// invalidates a cache. A deleted or not yet assigned name is a cell with V_UNBOUND. Cells come from a reserved arena, so a 32-bit index names one.
// RESOLVED CELLS: for each (type, name) looked up through the MRO the type keeps a struct rcell that points at the cell found; when a class on the way
// gains or loses the name, or bases change, its rcells and those of its subclasses are emptied (src = &no_cell). A method cache is (shape, rcell index).
//
// SLOTS of struct type are C functions, never NULL-checked by callers through the wrappers in this header. Classes written in Python get the
// slot_* functions of types/slots.c that look the dunder up. Binary operators return V_NOTIMPL (as a value) when they do not know the other operand.
// Every slot takes borrowed words and returns new ones; V_NULL, false or -1 means an exception is pending.
#ifndef KRAIT_INTERP_CORE_OBJECT_H
#define KRAIT_INTERP_CORE_OBJECT_H

#include "interp/core/mem.h"
#include "interp/core/ref.h"
// The system's raise() keeps its name. Whoever wants <signal.h> (or what brings it: <sys/wait.h>) includes it before this header, or through os_signal.h.
#define raise interp_raise

// Binary and in-place operators: name, dunder stem, symbol. Row order is the index into type->binary and the X operand of OP_BINARY.
#define BINARY_OPS(X)                                                                                                       \
    X(ADD, add, "+") X(SUB, sub, "-") X(MUL, mul, "*") X(TRUEDIV, truediv, "/") X(FLOORDIV, floordiv, "//") X(MOD, mod, "%") \
    X(POW, pow, "**") X(LSHIFT, lshift, "<<") X(RSHIFT, rshift, ">>") X(AND, and, "&") X(OR, or, "|") X(XOR, xor, "^")         \
    X(MATMUL, matmul, "@")
enum binary_op {
#define X(n, d, s) NB_##n,
    BINARY_OPS(X)
#undef X
    NB_COUNT
};
enum { NB_INPLACE = 32 }; // added to a binary_op: the in-place form
enum compare_op { CMP_LT, CMP_LE, CMP_EQ, CMP_NE, CMP_GT, CMP_GE };
// Whether a op b holds, by the order of the two: below, at or above 0 as a is less than, equal to or greater than b.
static inline bool order_fits(int order, enum compare_op op) {
    switch (op) {
    case CMP_LT: return order < 0;
    case CMP_LE: return order <= 0;
    case CMP_EQ: return order == 0;
    case CMP_NE: return order != 0;
    case CMP_GT: return order > 0;
    case CMP_GE: return order >= 0;
    }
    return false;
}

typedef int visit_fn(vref v, void *arg);
typedef value unary_fn(struct thread *t, vref self);
typedef value binary_fn(struct thread *t, vref a, vref b); // either operand may be of the type; V_NOTIMPL if not for us
typedef value ternary_fn(struct thread *t, vref a, vref b, vref c);
typedef value call_fn(struct thread *t, vref callee, const vref *args, size_t nargs, vref kwnames); // keyword values follow the nargs positional ones; kwnames tuple of str or V_NULL

enum type_flag {
    TYPE_HEAP = 1,          // made at run time
    TYPE_BASE = 2,          // may be subclassed
    TYPE_GC = 4,            // instances are containers: traverse is set, collector tracks them
    TYPE_HAS_DICT = 8,      // instances have ext
    TYPE_HAS_WEAK = 16,     // instances may be weakly referenced
    TYPE_INT = 32,          // subclass of int … : the C layout may be assumed
    TYPE_STR = 64,
    TYPE_BYTES = 128,
    TYPE_LIST = 256,
    TYPE_TUPLE = 512,
    TYPE_DICT = 1024,
    TYPE_EXC = 2048,        // BaseException
    TYPE_TYPE = 4096,       // metaclass
    TYPE_FLOAT = 8192,
    TYPE_SET = 1 << 14,     // set or frozenset
    TYPE_DEL = 1 << 15,     // has __del__
    TYPE_SEQUENCE = 1 << 16, // for match
    TYPE_MAPPING = 1 << 17,
    TYPE_METHOD = 1 << 18,  // instances are functions that bind as methods: CALLM need not create a bound method
    TYPE_ABSTRACT = 1 << 19,
    TYPE_NO_NEW = 1 << 20,  // "cannot create 'x' instances"
    TYPE_PY_NEW = 1 << 21,  // class body or base defines __new__ in Python
    TYPE_PY_SETATTR = 1 << 22, // … __setattr__/__delattr__ in Python, or a data descriptor may hide in an instance's way
    TYPE_PY_GETATTR = 1 << 23, // … __getattribute__ or __getattr__ in Python
    TYPE_WEAKREF = 1 << 25, // instances begin with struct weakref (weak.h)
    TYPE_QUIET = 1 << 26,   // a container that the gc module does not speak of (code: CPython does not track it)
    TYPE_CLOSES = 1 << 27,  // has __del__ for the collector alone: destroy does by itself what it does (generators)
    TYPE_PLAIN_NEW = 1 << 24, // cls(…) is object.__new__ and then __init__: a heap class, not abstract, type.__call__ not overridden (slots.c keeps it)
};

struct cell {
    _Atomic value v;             // owned; V_UNBOUND: no such name
    _Atomic uint32_t fallback;   // module globals: index of the builtins cell of the same name, 0 none
    uint32_t index;              // my own index in the arena
};
struct rcell {
    _Atomic(struct cell *) src;  // never NULL: &no_cell when empty
    uint32_t index;
};
extern struct cell no_cell;
struct cell *cell_new(struct thread *t);              // NULL: MemoryError. v is V_UNBOUND
void cell_free(struct thread *t, struct cell *c);
struct cell *cell_at(uint32_t index);
struct rcell *rcell_at(uint32_t index);

struct native;
struct buffer_view;

struct type {
    struct object head;
    const char *name;            // UTF-8, tp_name without module; lives as long as the type
    const char *module;          // "builtins" …, or NULL: heap types hold it in dict
    const char *doc;
    uint32_t flags;              // enum type_flag
    uint32_t basicsize;          // bytes of the C struct, header included
    uint32_t itemsize;           // 0: fixed size
    uint32_t dict_offset;        // byte offset of an owned dict field in the C struct (V_NULL until needed), instead of TYPE_HAS_DICT; 0: none
    uint16_t inline_slots;       // attribute slots inside an instance
    uint16_t fixed_slots;        // of them, __slots__ members (always at the front)
    uint32_t root_shape;         // shape of a new instance
    uint32_t dict_shape;         // shape of an instance in dict mode
    struct type *base;           // backlink, kept by bases
    struct type *c_base;         // nearest static type, which gives the C layout; itself for a static type (type_ready)
    value qualname, bases, mro;  // owned: str, tuple, tuple
    value dict;                  // owned dict with cells
    struct type **subclasses;    // backlinks; guarded by the type lock
    uint32_t nsubclasses, subclasses_capacity;
    void *_Atomic rcells;        // (name → rcell) map (type_cache.c)
    struct cell *_Atomic init_cell; // the cell that __init__ resolves to, never NULL once ready; its value may be anything (type_cache.c)
    _Atomic uint32_t version;    // changes when any lookup through this type may change
    const struct native *natives; // methods, getset, members of a static type; readied by type_ready
    uint32_t instance_extra;     // bytes of ext and inline slots
    uint32_t instance_size;      // bytes of an instance's cell (itemsize 0): basicsize rounded up to 8 + instance_extra

    // lifetime
    void (*destroy)(struct thread *t, struct object *o);  // releases fields, not the cell itself
    size_t (*size_of)(const struct object *o);            // bytes of the cell; NULL: basicsize (+ ext and slots)
    int (*traverse)(struct object *o, visit_fn *visit, void *arg); // visits every owned word; non-zero stops
    void (*clear)(struct thread *t, struct object *o);    // breaks cycles
    value (*make)(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames); // tp_new
    int (*init)(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames);

    // behaviour
    unary_fn *repr, *str, *iter, *next;   // next: V_NULL without pending exception means exhausted
    int64_t (*hash)(struct thread *t, vref self); // -1: error
    call_fn *call;
    value (*compare)(struct thread *t, vref a, vref b, enum compare_op op);
    value (*getattr)(struct thread *t, vref self, vref name);
    int (*setattr)(struct thread *t, vref self, vref name, vref v); // v V_NULL: delete
    value (*descr_get)(struct thread *t, vref descr, vref obj, vref cls); // obj V_NULL: through the class
    int (*descr_set)(struct thread *t, vref descr, vref obj, vref v);     // v V_NULL: delete
    int (*truth)(struct thread *t, vref self);   // NULL: length, else true
    int64_t (*length)(struct thread *t, vref self);
    binary_fn *getitem;
    int (*setitem)(struct thread *t, vref self, vref key, vref v); // v V_NULL: delete
    int (*contains)(struct thread *t, vref self, vref v);          // NULL: iterate
    binary_fn *binary[NB_COUNT];
    binary_fn *inplace[NB_COUNT];
    ternary_fn *power3;                          // pow(a, b, mod)
    unary_fn *negative, *positive, *absolute, *invert, *to_int, *to_float, *to_index;
    unary_fn *await, *aiter, *anext;
    // The memory of self, for buffer_get (types/str.h): fills data, length, readonly, format, itemsize; the caller fills owner. false: exception. NULL: none.
    bool (*buffer)(struct thread *t, vref self, struct buffer_view *view);
    void (*buffer_drop)(struct thread *t, vref self);
};

struct shape {
    struct type *type;
    uint32_t parent;             // shape id this one was reached from, 0 none
    uint32_t nslots;             // attributes so far (fixed slots included)
    value key;                   // the attribute added by the last transition (interned str), V_NULL for a root
    void *_Atomic children;      // name → shape id (shape.c)
    void *_Atomic index;         // name → slot, shared along a lineage (shape.c)
    uint16_t flags;              // enum shape_flag
    uint16_t words;              // ext and inline slots in the cell of an object of this shape (its type's, but for objects whose class was replaced)
    uint32_t slot_offset;        // byte offset of slot 0 in an instance; 0: variable-sized base, ask object_slots
};
enum shape_flag { SHAPE_DICT_MODE = 1 };
enum { SHAPE_MAX = 1 << 20, SHAPE_MAX_SLOTS = 120 }; // the table is reserved, not resident
extern struct shape shape_table[SHAPE_MAX];
// Shapes with a fixed number, so that "is exactly a list" is one compare.
enum fixed_shape {
    SHAPE_NONE_ID = 0, SHAPE_UNBOUND, SHAPE_INT, SHAPE_BOOL, SHAPE_FLOAT, SHAPE_STR, SHAPE_BYTES, SHAPE_LIST, SHAPE_TUPLE, SHAPE_DICT, SHAPE_SET,
    SHAPE_FROZENSET, SHAPE_FUNC, SHAPE_METHOD, SHAPE_NATIVE, SHAPE_TYPE, SHAPE_MODULE, SHAPE_RANGE, SHAPE_RANGE_ITER, SHAPE_LIST_ITER,
    SHAPE_TUPLE_ITER, SHAPE_GEN, SHAPE_CELLBOX, SHAPE_SLICE, SHAPE_CODE, SHAPE_BYTEARRAY, SHAPE_COMPLEX, SHAPE_STR_ITER, SHAPE_DICT_ITER,
    SHAPE_SUPER, SHAPE_PROPERTY, SHAPE_NATIVE_METHOD, SHAPE_NONE, SHAPE_ELLIPSIS, SHAPE_NOTIMPL, SHAPE_SLOT_WRAPPER, SHAPE_STATICMETHOD,
    SHAPE_CLASSMETHOD, SHAPE_GETSET, SHAPE_MEMBER, SHAPE_NATIVE_CLASSMETHOD, SHAPE_FIRST_FREE = 64
};

static inline struct type *object_type(const struct object *o) { return shape_table[object_shape(o)].type; }
extern struct type type_object, type_type, type_int, type_bool, type_float, type_complex, type_str, type_bytes, type_bytearray, type_memoryview, type_list,
    type_tuple, type_dict, type_set, type_frozenset, type_range, type_slice, type_none, type_ellipsis, type_notimpl, type_func, type_native,
    type_native_method, type_method, type_module, type_code, type_gen, type_coro, type_async_gen, type_frame, type_traceback, type_property, type_classmethod,
    type_staticmethod, type_super, type_cellbox, type_mappingproxy, type_getset, type_member, type_weakref, type_slot_wrapper, type_method_wrapper,
    type_native_classmethod;
static inline struct type *type_of(vref v) {
    if (is_int62(v)) return &type_int;
    if (is_flo(v)) return &type_float;
    return object_type(as_object(v));
}
// Exactly of the built-in type with that fixed shape.
static inline bool has_shape(vref v, uint32_t shape) { return is_pointer(v) && object_shape(as_object(v)) == shape; }
static inline bool has_flag(vref v, uint32_t flag) { return (type_of(v)->flags & flag) != 0; }
static inline bool is_str(vref v) { return has_shape(v, SHAPE_STR) || has_flag(v, TYPE_STR); }
static inline bool is_list(vref v) { return has_shape(v, SHAPE_LIST) || has_flag(v, TYPE_LIST); }
static inline bool is_tuple(vref v) { return has_shape(v, SHAPE_TUPLE) || has_flag(v, TYPE_TUPLE); }
static inline bool is_dict(vref v) { return has_shape(v, SHAPE_DICT) || has_flag(v, TYPE_DICT); }
static inline bool is_type(vref v) { return is_pointer(v) && has_flag(v, TYPE_TYPE); } // instances of metaclasses carry it through their type
static inline bool is_exc(vref v) { return is_pointer(v) && has_flag(v, TYPE_EXC); }
static inline struct type *as_type(vref v) { return (struct type *)as_object(v); }
static inline vref type_ref(const struct type *c) { return borrowed_word(c); } // types are deferred or immortal

// ---- making objects ----
static inline void object_init(struct thread *t, struct object *o, uint32_t shape) {
    o->local = 1; // `shared` is left as it is: zero but for transient foreign tries
    __atomic_store_n(&o->word2, (uint64_t)shape << 32 | t->owner, __ATOMIC_RELAXED);
}
// returns new object of a fixed-size C type: header set (count 1, owner me, shape), the rest uninitialised. NULL: MemoryError.
static inline void *object_alloc(struct thread *t, size_t bytes, uint32_t shape) {
    struct object *o = mem_cell(t, bytes);
    if (unlikely(!o)) return NULL;
    object_init(t, o, shape);
    return o;
}
// The same for a container type (TYPE_GC: these and only these): counts against the collection budget. Zeroes nothing; the object may be traversed at
// the next safepoint, so its fields are set before. Every type with fields that hold words is a container type, or the collector frees what they hold.
void *object_alloc_gc_slow(struct thread *t, size_t bytes, uint32_t shape);
static inline void *object_alloc_gc(struct thread *t, size_t bytes, uint32_t shape) {
    if (unlikely(--t->gc_budget < 0)) return object_alloc_gc_slow(t, bytes, shape);
    struct object *o = mem_cell_gc(t, bytes);
    if (unlikely(!o)) return NULL;
    object_init(t, o, shape);
    return o;
}
// returns new instance of cls (any fixed-size class, Python-made ones included): payload zeroed, slots V_UNBOUND.
value object_new_instance(struct thread *t, struct type *cls);
// The same with item_bytes extra for a variable-sized base (str, bytes, int, tuple subclasses).
void *object_new_var(struct thread *t, struct type *cls, size_t bytes);
// First attribute slot word area of an instance: ext (if TYPE_HAS_DICT), then inline slots. types/instance.h has the inline forms.
_Atomic value *object_attr_base(struct object *o);
size_t object_size(const struct object *o); // bytes of o's cell, ext and slots included: what mem_free_cell wants
// Frees o after its count reached zero: __del__, weak references, destroy, cell. ref.c calls it.
void object_destroy(struct thread *t, struct object *o);

// ---- attributes (attr.c: generic machinery; the VM's caches sit on top) ----
value object_getattr(struct thread *t, vref o, vref name);                    // full protocol, __getattr__ included
value object_getattr_cstr(struct thread *t, vref o, const char *name);
// Like getattr with a default: 1 found (*out new), 0 no such attribute (no exception made), -1 error.
int object_lookup_attr(struct thread *t, vref o, vref name, value *out);
int object_setattr(struct thread *t, vref o, vref name, vref v);              // v V_NULL: delete
value object_generic_getattr(struct thread *t, vref o, vref name);            // object.__getattribute__
int object_generic_setattr(struct thread *t, vref o, vref name, vref v);
value object_get_dict(struct thread *t, vref o);                              // o.__dict__: goes over to dict mode; returns new
// Method lookup for a call: sets *func (new) and returns 1 if o.name is a plain method to be called with o first (no bound method made), 0 if *func is
// to be called as it is, -1 error.
int object_get_method(struct thread *t, vref o, vref name, value *func);
// The special method `name` looked up on the type, bound: 1/0/-1.
int object_lookup_special(struct thread *t, vref o, vref name, value *out);

// ---- shapes (shape.c) ----
// Slot of name in shape, or -1.
int shape_find(uint32_t shape, vref name);
// Child of shape with `name` added, made if needed; 0 if it cannot be (too many: dict mode) — never an error.
uint32_t shape_add(struct thread *t, uint32_t shape, vref name);
uint32_t shape_new_root(struct thread *t, struct type *type);

// ---- types (type.c) ----
// Readies a static type: inherits slots from base, fills its dict from natives and slots. At start only.
bool type_ready(struct thread *t, struct type *c);
// type(name, bases, dict) in C: returns new class.
value type_make(struct thread *t, struct type *meta, vref name, vref bases, vref dict, const vref *kwargs, size_t nkw, vref kwnames);
// Looks name up through the MRO. returns borrowed until the class changes: the attribute, or V_NULL (no exception).
vref type_lookup(struct thread *t, struct type *c, vref name);
value type_lookup_new(struct thread *t, struct type *c, vref name); // the same, returns new: for whoever calls out while he holds it
struct rcell *type_resolve(struct thread *t, struct type *c, vref name); // NULL only for MemoryError
bool type_is_subtype(const struct type *a, const struct type *b);
static inline bool is_instance(vref v, const struct type *c) { return type_of(v) == c || type_is_subtype(type_of(v), c); }
void type_modified(struct thread *t, struct type *c); // names came or went, or bases changed: empties rcells, re-derives slots
void type_name_modified(struct thread *t, struct type *c, vref name); // the same for one interned name
bool types_start(struct thread *t); // readies every type of types/type_list.h, in its order

// ---- operations on any object (abstract.c): returns new / -1 with exception, unless said otherwise ----
value object_repr(struct thread *t, vref v); // a str
value object_str(struct thread *t, vref v);
value object_ascii(struct thread *t, vref v);
value object_format(struct thread *t, vref v, vref spec); // spec V_NULL: empty
int64_t object_hash(struct thread *t, vref v);
int object_truth(struct thread *t, vref v);
value object_compare(struct thread *t, vref a, vref b, enum compare_op op);
int object_compare_bool(struct thread *t, vref a, vref b, enum compare_op op);
int object_equal(struct thread *t, vref a, vref b); // identity first, as containers do
value object_binary(struct thread *t, vref a, vref b, int op);      // enum binary_op, + NB_INPLACE
value object_power(struct thread *t, vref a, vref b, vref mod);       // pow(a, b, mod); mod None: a ** b
value object_negative(struct thread *t, vref v);
value object_positive(struct thread *t, vref v);
value object_invert(struct thread *t, vref v);
value object_absolute(struct thread *t, vref v);
value object_index(struct thread *t, vref v);                        // __index__: an int
bool object_as_index(struct thread *t, vref v, int64_t *out);        // … as C, IndexError when too large
bool object_as_size_clamped(struct thread *t, vref v, int64_t *out); // … clamped, for slices
int64_t object_length(struct thread *t, vref v);
int64_t object_length_hint(struct thread *t, vref v, int64_t fallback);
value object_getitem(struct thread *t, vref o, vref key);
int object_setitem(struct thread *t, vref o, vref key, vref v);      // v V_NULL: delete
int object_contains(struct thread *t, vref o, vref v);
value object_iter(struct thread *t, vref v);
value object_next_ended(struct thread *t, vref it);                  // object_next's rare half: its next gave V_NULL, or there is none
int object_is_instance(struct thread *t, vref v, vref cls);          // __instancecheck__
int object_is_subclass(struct thread *t, vref c, vref cls);
int object_real_is_instance(struct thread *t, vref v, vref cls);      // without the hook: type.__instancecheck__
int object_real_is_subclass(struct thread *t, vref c, vref cls);
bool object_is_callable(vref v);
// Calls. args borrowed. kwnames: tuple of str for the keyword values that follow the positionals, or V_NULL.
value object_call(struct thread *t, vref f, const vref *args, size_t nargs, vref kwnames);
value object_call_ex(struct thread *t, vref f, vref args_tuple, vref kwargs_dict_or_null);
static inline value object_call0(struct thread *t, vref f) { return object_call(t, f, NULL, 0, V_NULL); }
static inline value object_call1(struct thread *t, vref f, vref a) { return object_call(t, f, &a, 1, V_NULL); }
value object_call2(struct thread *t, vref f, vref a, vref b);
value object_call_method(struct thread *t, vref o, vref name, const vref *args, size_t nargs);
value object_call_method_cstr(struct thread *t, vref o, const char *name, const vref *args, size_t nargs);

// ---- native functions ----
// A native's `sig` is its text signature, and the binder reads it: "(self, key, default=None, /)". `fn` gets one word a parameter, in order: borrowed, or
// V_NULL when the caller left an optional one out (the text after = is documentation). "*args" arrives as a tuple, "**kw" as a dict or V_NULL.
// A call with exactly the positional parameters and no keywords costs no copying. kind RAW gets (args, nargs, kwnames) as a call_fn does, with self first
// for methods; its sig is only shown. For METHOD the binder has checked that args[0] is an instance of the type.
typedef value native_fn(struct thread *t, const vref *a);
typedef value native_raw_fn(struct thread *t, const vref *args, size_t nargs, vref kwnames);
enum native_kind {
    NATIVE_FUNCTION, // module function, no self
    NATIVE_METHOD,   // method of a type: self is a[0]
    NATIVE_CLASS,    // classmethod: cls is a[0]
    NATIVE_STATIC,
    NATIVE_GETSET,   // fn is the getter (a[0] = self), set the setter or NULL
    NATIVE_MEMBER,   // an owned word at byte `offset`, read-only unless set is non-NULL marker
};
struct native {
    const char *name;
    enum native_kind kind;
    const char *sig;            // with (self, …) or ($module, …) as CPython shows them; NULL for GETSET
    native_fn *fn;
    native_raw_fn *raw;         // instead of fn
    int (*set)(struct thread *t, vref self, vref v); // GETSET
    const char *doc;
    uint32_t offset;            // MEMBER
};
// returns new builtin function object for one table row (module: str or V_NULL).
value native_function(struct thread *t, const struct native *def, vref module_name);
// Calls a builtin function or method descriptor; for METHOD and CLASS args[0] is self or cls.
struct native_object;
value native_call(struct thread *t, struct native_object *f, const vref *args, size_t nargs, vref kwnames);

// list[int] and its like: types.GenericAlias(origin, args) (types/alias.c). args: one item, or a tuple of them.
value generic_alias_new(struct thread *t, vref origin, vref args);

// ---- errors (types/exc.c) ----
// X-list of built-in exceptions lives in types/exc_list.h; each is a static type `exc_NAME`.
// Raises cls with a formatted message; always returns V_NULL. Formats: %s C string, %d int, %ld int64_t, %zu, %c code point, %% and, taking a vref, %R repr, %S str,
// %A ascii, %T name of the value's type, %U str object as it is.
value raise(struct thread *t, struct type *cls, const char *format, ...);
value raise_value(struct thread *t, struct type *cls, vref arg);          // cls(arg); arg V_NULL: cls()
value raise_object(struct thread *t, vref exc);                           // an exception instance; sets __context__
value raise_no_memory(struct thread *t);
value raise_errno(struct thread *t, int err, vref filename_or_null);      // OSError subclass by errno
static inline bool raised(const struct thread *t) { return t->exc != V_NULL; }
bool raised_is(struct thread *t, const struct type *cls);                 // pending exception is an instance of cls
void raised_clear(struct thread *t);
value raised_take(struct thread *t);                                      // returns new: the pending exception, cleared; V_NULL if none
void raised_restore(struct thread *t, value exc);                         // takes exc, without touching context or traceback
// A warning from C; the module `warnings` decides what becomes of it. false: it became an exception.
bool raise_warning(struct thread *t, struct type *category, int stack_level, const char *format, ...);
// AttributeError with name and obj set: "'T' object has no attribute 'name'" (types, modules: as CPython words theirs). Always returns V_NULL.
value raise_attribute(struct thread *t, vref o, vref name);
// NameError about name (format has one %U for it) with its attribute set. Always returns V_NULL.
value raise_name(struct thread *t, vref name, const char *format);
bool stop_iteration_swallow(struct thread *t);                            // true if StopIteration was pending and is now cleared

// returns new: the next item. V_NULL without pending exception: exhausted (StopIteration swallowed).
static inline value object_next(struct thread *t, vref it) {
    unary_fn *next = type_of(it)->next;
    value v = likely(next != NULL) ? next(t, it) : V_NULL;
    return likely(v != V_NULL) ? v : object_next_ended(t, it);
}

#endif
