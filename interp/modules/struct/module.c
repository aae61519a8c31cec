// SPDX-License-Identifier: Apache-2.0
// The module _struct: pack, unpack, Struct, iter_unpack. Leaves formats to layout.c and values to codes.c.
#include "interp/modules/modules.h"
#include "interp/modules/struct/struct.h"
#include "interp/types/args.h"
#include "interp/types/exc_types.h"
#include "interp/types/iter.h"
#include "interp/types/num.h"
#include "interp/types/str.h"

struct type struct_error = {
    .name = "error", .module = "struct", .base = &exc_Exception, .basicsize = offsetof(struct exc, extra), .flags = TYPE_GC | TYPE_BASE | TYPE_EXC | TYPE_HAS_DICT,
    .destroy = exc_drop, .clear = exc_drop, .traverse = exc_traverse, .make = exc_make, .init = exc_init,
};

struct struct_object {
    struct object head;
    const struct layout *_Atomic layout; // NULL: __init__ was not called
    value format;                  // owned str, or V_NULL
};
struct unpacker {
    struct object head;
    value owner;                   // owned Struct; V_NULL: exhausted
    struct buffer_view view;
    size_t at;
};
static struct type type_struct, type_unpacker;
static struct struct_object *as_struct(vref v) { return (struct struct_object *)as_object(v); }

// ---- on a layout ----

static value pack(struct thread *t, const struct layout *l, const vref *values, size_t n, const char *name) {
    if (n != l->items) return raise(t, &struct_error, "%s expected %zu items for packing (got %zu)", name, l->items, n);
    value b = bytes_new(t, NULL, l->bytes);
    if (b && !layout_pack(t, l, as_bytes(b)->data, values)) release_field(t, &b);
    return b;
}

// args: buffer, offset, values.
static value pack_into(struct thread *t, const struct layout *l, const vref *args, size_t n) {
    struct buffer_view view;
    int64_t offset, size = (int64_t)l->bytes;
    if (n == 0) return raise(t, &struct_error, "pack_into expected buffer argument");
    if (n == 1) return raise(t, &struct_error, "pack_into expected offset argument");
    if (n - 2 != l->items) return raise(t, &struct_error, "pack_into expected %zu items for packing (got %zu)", l->items, n - 2);
    if (!buffer_get(t, args[0], &view, true)) {
        if (!raised_is(t, &exc_TypeError)) return V_NULL;
        raised_clear(t);
        return raise(t, &exc_TypeError, "argument must be read-write bytes-like object, not %T", args[0]);
    }
    bool ok = object_as_index(t, args[1], &offset);
    int64_t length = (int64_t)view.length;
    if (ok && offset < 0) {
        if (offset + size > 0) ok = raise(t, &struct_error, "no space to pack %ld bytes at offset %ld", size, offset);
        else if (offset + length < 0) ok = raise(t, &struct_error, "offset %ld out of range for %ld-byte buffer", offset, length);
        offset += length;
    }
    if (ok && length - offset < size) {
        if (size > INT64_MAX - offset) ok = raise(t, &struct_error, "pack_into requires a buffer of at least %zu bytes for packing %ld bytes at offset %ld (actual buffer size is %ld)", (size_t)offset + (size_t)size, size, offset, length);
        else ok = raise(t, &struct_error, "pack_into requires a buffer of at least %ld bytes for packing %ld bytes at offset %ld (actual buffer size is %ld)", offset + size, size, offset, length);
    }
    ok = ok && layout_pack(t, l, view.data + offset, args + 2);
    buffer_release(t, &view);
    return ok ? V_NONE : V_NULL;
}

static value unpack(struct thread *t, const struct layout *l, vref buffer) {
    struct buffer_view view;
    if (!buffer_get(t, buffer, &view, false)) return V_NULL;
    value r = view.length == l->bytes ? layout_unpack(t, l, view.data) : raise(t, &struct_error, "unpack requires a buffer of %zu bytes", l->bytes);
    buffer_release(t, &view);
    return r;
}

static value unpack_at(struct thread *t, const struct layout *l, const struct buffer_view *view, int64_t offset) {
    int64_t size = (int64_t)l->bytes, length = (int64_t)view->length;
    if (offset < 0) {
        if (offset + size > 0) return raise(t, &struct_error, "not enough data to unpack %ld bytes at offset %ld", size, offset);
        if (offset + length < 0) return raise(t, &struct_error, "offset %ld out of range for %ld-byte buffer", offset, length);
        offset += length;
    }
    if (length - offset < size)
        return raise(t, &struct_error, "unpack_from requires a buffer of at least %zu bytes for unpacking %ld bytes at offset %ld (actual buffer size is %ld)",
                     (size_t)size + (size_t)offset, size, offset, length);
    return layout_unpack(t, l, view->data + offset);
}
static value unpack_from(struct thread *t, const struct layout *l, vref buffer, vref offset) {
    struct buffer_view view;
    int64_t at = 0;
    if (offset && !object_as_index(t, offset, &at)) return V_NULL;
    if (!buffer_get(t, buffer, &view, false)) return V_NULL;
    value r = unpack_at(t, l, &view, at);
    buffer_release(t, &view);
    return r;
}

// ---- Struct ----

static value make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    (void)args, (void)nargs, (void)kwnames;
    return object_new_instance(t, cls);
}

static int init(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    static const char *const names[] = {"format"};
    static const struct args_spec spec = {"Struct", names, 0, 1, 1};
    vref format;
    if (!args_bind(t, &spec, args, nargs, kwnames, &format)) return -1;
    const struct layout *l = layout_get(t, format);
    if (!l) return -1;
    value text = is_str(format) ? own(t, format) : str_from_latin1(t, as_bytes(format)->data, as_bytes(format)->length);
    field_store(t, as_object(self), &as_struct(self)->format, text);
    l = atomic_exchange(&as_struct(self)->layout, l);
    if (l) layout_retire(t, l); // initialised again: somebody may be packing by the old one
    return text ? 0 : -1;
}

static const struct layout *layout_of(struct thread *t, vref self) {
    const struct layout *l = atomic_load(&as_struct(self)->layout);
    if (!l) raise(t, &exc_RuntimeError, "Struct object is not initialized");
    return l;
}

static value s_pack(struct thread *t, const vref *args, size_t nargs, vref kwnames) {
    const struct layout *l = layout_of(t, args[0]);
    return l && args_no_keywords(t, "Struct.pack", kwnames) ? pack(t, l, args + 1, nargs - 1, "pack") : V_NULL;
}
static value s_pack_into(struct thread *t, const vref *args, size_t nargs, vref kwnames) {
    const struct layout *l = layout_of(t, args[0]);
    return l && args_no_keywords(t, "Struct.pack_into", kwnames) ? pack_into(t, l, args + 1, nargs - 1) : V_NULL;
}
static value s_unpack(struct thread *t, const vref *a) {
    const struct layout *l = layout_of(t, a[0]);
    return l ? unpack(t, l, a[1]) : V_NULL;
}
static value s_unpack_from(struct thread *t, const vref *a) {
    const struct layout *l = layout_of(t, a[0]);
    return l ? unpack_from(t, l, a[1], a[2]) : V_NULL;
}
static value get_format(struct thread *t, const vref *a) {
    if (!layout_of(t, a[0])) return V_NULL;
    return field_load(t, &as_struct(a[0])->format);
}
static value get_size(struct thread *t, const vref *a) {
    const struct layout *l = layout_of(t, a[0]);
    return l ? from_int62((int64_t)l->bytes) : V_NULL;
}
static value s_sizeof(struct thread *t, const vref *a) {
    const struct layout *l = layout_of(t, a[0]);
    return l ? from_int62((int64_t)(sizeof(struct struct_object) + sizeof *l + (l->rows == l->few ? 0 : l->room * sizeof *l->rows))) : V_NULL;
}

static value s_iter_unpack(struct thread *t, const vref *a) {
    const struct layout *l = layout_of(t, a[0]);
    if (!l) return V_NULL;
    if (l->bytes == 0) return raise(t, &struct_error, "cannot iteratively unpack with a struct of length 0");
    struct buffer_view view;
    if (!buffer_get(t, a[1], &view, false)) return V_NULL;
    struct unpacker *u = NULL;
    if (view.length % l->bytes) raise(t, &struct_error, "iterative unpacking requires a buffer of a multiple of %zu bytes", l->bytes);
    else u = object_alloc_gc(t, sizeof *u, type_unpacker.root_shape);
    if (!u) {
        buffer_release(t, &view);
        return V_NULL;
    }
    u->owner = own(t, a[0]);
    u->view = view;
    u->at = 0;
    return counted_word(u);
}

static void struct_destroy(struct thread *t, struct object *o) {
    struct struct_object *s = (struct struct_object *)o;
    const struct layout *l = atomic_exchange(&s->layout, NULL);
    if (l) layout_let_go(t, l);
    release_field(t, &s->format);
}
static int struct_traverse(struct object *o, visit_fn *visit, void *arg) {
    value format = ((struct struct_object *)o)->format;
    return format && is_pointer(format) ? visit(format, arg) : 0;
}

static const struct native struct_natives[] = {
    {"pack", NATIVE_METHOD, NULL, .raw = s_pack,
     .doc = "Return the values as bytes, written as the format says."},
    {"pack_into", NATIVE_METHOD, NULL, .raw = s_pack_into,
     .doc = "Write the values into the buffer, from offset on, as the format says."},
    {"unpack", NATIVE_METHOD, "($self, buffer, /)", .fn = s_unpack, .doc = "Return the values that the buffer holds, a tuple; the buffer must be of exactly size bytes."},
    {"unpack_from", NATIVE_METHOD, "($self, /, buffer, offset=0)", .fn = s_unpack_from,
     .doc = "Return the values that the buffer holds from offset on, a tuple; size bytes of it are read."},
    {"iter_unpack", NATIVE_METHOD, "($self, buffer, /)", .fn = s_iter_unpack,
     .doc = "Iterate over the tuples that the buffer holds one after another; its length must be a multiple of size."},
    {"__sizeof__", NATIVE_METHOD, "($self, /)", .fn = s_sizeof, .doc = "Return how many bytes of memory the compiled format takes."},
    {"format", NATIVE_GETSET, .fn = get_format, .doc = "struct format string"},
    {"size", NATIVE_GETSET, .fn = get_size, .doc = "struct size in bytes"},
    {.name = NULL},
};
static struct type type_struct = {
    .name = "Struct", .module = "_struct", .base = &type_object, .flags = TYPE_GC | TYPE_BASE | TYPE_HAS_WEAK, .basicsize = sizeof(struct struct_object),
    .doc = "A format, compiled once for many uses.", .natives = struct_natives, .make = make, .init = init, .destroy = struct_destroy, .traverse = struct_traverse,
};

// ---- iter_unpack ----

static value unpacker_next(struct thread *t, vref self) {
    struct unpacker *u = (struct unpacker *)as_object(self);
    if (!u->owner) return V_NULL;
    const struct layout *l = layout_of(t, u->owner);
    if (!l) return V_NULL;
    size_t at = __atomic_fetch_add(&u->at, l->bytes, __ATOMIC_RELAXED);
    if (at + l->bytes <= u->view.length) return layout_unpack(t, l, u->view.data + at);
    __atomic_store_n(&u->at, u->view.length, __ATOMIC_RELAXED);
    if (!t->free_threaded) {
        buffer_release(t, &u->view);
        release_field(t, &u->owner);
    }
    return V_NULL;
}
static value unpacker_hint(struct thread *t, const vref *a) {
    struct unpacker *u = (struct unpacker *)as_object(a[0]);
    const struct layout *l = u->owner ? layout_of(t, u->owner) : NULL;
    return l ? from_int62((int64_t)((u->view.length - u->at) / l->bytes)) : raised(t) ? V_NULL : from_int62(0);
}
static void unpacker_destroy(struct thread *t, struct object *o) {
    struct unpacker *u = (struct unpacker *)o;
    buffer_release(t, &u->view);
    release_field(t, &u->owner);
}
static int unpacker_traverse(struct object *o, visit_fn *visit, void *arg) {
    struct unpacker *u = (struct unpacker *)o;
    int r = u->owner ? visit(u->owner, arg) : 0;
    return !r && u->view.owner && is_pointer(u->view.owner) ? visit(u->view.owner, arg) : r;
}
static const struct native unpacker_natives[] = {
    {"__length_hint__", NATIVE_METHOD, "($self, /)", .fn = unpacker_hint},
    {.name = NULL},
};
static struct type type_unpacker = {
    .name = "unpack_iterator", .module = "_struct", .base = &type_object, .flags = TYPE_GC | TYPE_NO_NEW, .basicsize = sizeof(struct unpacker),
    .natives = unpacker_natives, .destroy = unpacker_destroy, .traverse = unpacker_traverse, .iter = iter_self, .next = unpacker_next,
};

// ---- functions ----

static value f_pack(struct thread *t, const vref *args, size_t nargs, vref kwnames) {
    if (!args_no_keywords(t, "pack", kwnames)) return V_NULL;
    if (!nargs) return raise(t, &exc_TypeError, "missing format argument");
    const struct layout *l = layout_get(t, args[0]);
    if (!l) return V_NULL;
    value r = pack(t, l, args + 1, nargs - 1, "pack");
    layout_let_go(t, l);
    return r;
}
static value f_pack_into(struct thread *t, const vref *args, size_t nargs, vref kwnames) {
    if (!args_no_keywords(t, "pack_into", kwnames)) return V_NULL;
    if (!nargs) return raise(t, &exc_TypeError, "missing format argument");
    const struct layout *l = layout_get(t, args[0]);
    if (!l) return V_NULL;
    value r = pack_into(t, l, args + 1, nargs - 1);
    layout_let_go(t, l);
    return r;
}
static value f_unpack(struct thread *t, const vref *a) {
    const struct layout *l = layout_get(t, a[0]);
    if (!l) return V_NULL;
    value r = unpack(t, l, a[1]);
    layout_let_go(t, l);
    return r;
}
static value f_unpack_from(struct thread *t, const vref *a) {
    const struct layout *l = layout_get(t, a[0]);
    if (!l) return V_NULL;
    value r = unpack_from(t, l, a[1], a[2]);
    layout_let_go(t, l);
    return r;
}
static value f_calcsize(struct thread *t, const vref *a) {
    const struct layout *l = layout_get(t, a[0]);
    if (!l) return V_NULL;
    value r = from_int62((int64_t)l->bytes);
    layout_let_go(t, l);
    return r;
}
static value f_iter_unpack(struct thread *t, const vref *a) {
    value s = object_call1(t, type_ref(&type_struct), a[0]), r;
    if (!s) return V_NULL;
    r = s_iter_unpack(t, (vref[]){s, a[1]});
    release(t, s);
    return r;
}
static value f_clearcache(struct thread *t, const vref *a) { return (void)t, (void)a, V_NONE; }

static const struct native functions[] = {
    {"_clearcache", NATIVE_FUNCTION, "($module, /)", .fn = f_clearcache, .doc = "Clear the internal cache."},
    {"calcsize", NATIVE_FUNCTION, "($module, format, /)", .fn = f_calcsize, .doc = "Return how many bytes the values of a format take."},
    {"iter_unpack", NATIVE_FUNCTION, "($module, format, buffer, /)", .fn = f_iter_unpack,
     .doc = "Iterate over the tuples that the buffer holds one after another, each read as the format says.\n\n"
            "The length of the buffer must be a multiple of calcsize(format)."},
    {"pack", NATIVE_FUNCTION, NULL, .raw = f_pack, .doc = "Return the values as bytes, written as the format says."},
    {"pack_into", NATIVE_FUNCTION, NULL, .raw = f_pack_into,
     .doc = "Write the values into the buffer, from offset on, as the format says."},
    {"unpack", NATIVE_FUNCTION, "($module, format, buffer, /)", .fn = f_unpack,
     .doc = "Return the values that the buffer holds, a tuple, read as the format says.\n\nThe buffer must be of exactly calcsize(format) bytes."},
    {"unpack_from", NATIVE_FUNCTION, "($module, format, /, buffer, offset=0)", .fn = f_unpack_from,
     .doc = "Return the values that the buffer holds from offset on, a tuple, read as the format says.\n\n"
            "calcsize(format) bytes are read; struct.error if there are fewer."},
};

value struct_module_make(struct thread *t) {
    if ((!struct_error.root_shape && !type_ready(t, &struct_error)) || (!type_struct.root_shape && !type_ready(t, &type_struct)) ||
        (!type_unpacker.root_shape && !type_ready(t, &type_unpacker)))
        return V_NULL;
    value m = module_from_natives(t, "_struct", "Python values written as the bytes of C structs, and back.", functions, sizeof functions / sizeof *functions);
    bool ok = m && module_set(t, m, "Struct", type_ref(&type_struct)) && module_set(t, m, "error", type_ref(&struct_error));
    return ok ? m : V_NULL;
}
