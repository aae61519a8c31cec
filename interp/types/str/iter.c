// SPDX-License-Identifier: Apache-2.0
// The iterator of str. Leaves stepping it in loops to the VM, which knows its layout.
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/str/text.h"

value str_iter(struct thread *t, vref self) {
    struct seq_iter *it = object_alloc_gc(t, sizeof *it, SHAPE_STR_ITER);
    if (!it) return V_NULL;
    it->seq = own(t, self);
    atomic_store_explicit(&it->index, 0, memory_order_relaxed);
    return counted_word(it);
}

static struct seq_iter *as_iter(vref v) { return (struct seq_iter *)as_object(v); }

static value iter_next(struct thread *t, vref self) {
    struct seq_iter *it = as_iter(self);
    const struct str *s = as_str(it->seq); // kept until the iterator dies: other threads may look
    int64_t i = atomic_load_explicit(&it->index, memory_order_relaxed);
    if (i >= (int64_t)s->length) return V_NULL;
    atomic_store_explicit(&it->index, i + 1, memory_order_relaxed);
    return str_from_char(t, str_at(s, (size_t)i));
}

static void iter_destroy(struct thread *t, struct object *o) { release_field(t, &((struct seq_iter *)o)->seq); }
static int iter_traverse(struct object *o, visit_fn *visit, void *arg) { return visit(((struct seq_iter *)o)->seq, arg); }
static value iter_self(struct thread *t, vref self) { return own(t, self); }

static int64_t left(vref self) {
    int64_t n = (int64_t)as_str(as_iter(self)->seq)->length - atomic_load_explicit(&as_iter(self)->index, memory_order_relaxed);
    return n > 0 ? n : 0;
}
static value iter_length_hint(struct thread *t, const vref *a) { return from_int62(left(a[0])); }

static value iter_reduce(struct thread *t, const vref *a) {
    value builtin = dict_get_str(t, t->interp->builtins, "iter");
    if (!builtin) return V_NULL;
    struct seq_iter *it = as_iter(a[0]);
    value args = tuple_pack(t, 1, left(a[0]) ? it->seq : str_empty);
    value out = !args ? V_NULL : left(a[0]) ? tuple_pack(t, 3, builtin, args, from_int62(it->index)) : tuple_pack(t, 2, builtin, args);
    release(t, builtin);
    release_opt(t, args);
    return out;
}

static value iter_setstate(struct thread *t, const vref *a) {
    int64_t i, n = (int64_t)as_str(as_iter(a[0])->seq)->length;
    if (!size_arg(t, a[1], 0, &i)) return V_NULL;
    atomic_store_explicit(&as_iter(a[0])->index, i < 0 ? 0 : i > n ? n : i, memory_order_relaxed);
    return V_NONE;
}

static const struct native iter_natives[] = {
    {.name = "__length_hint__", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = iter_length_hint},
    {.name = "__reduce__", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = iter_reduce},
    {.name = "__setstate__", .kind = NATIVE_METHOD, .sig = "($self, state, /)", .fn = iter_setstate},
    {.name = NULL},
};

struct type type_str_iter = {
    .head = {.shared = SHARED_IMMORTAL | SHARED_DEFERRED, .shape = SHAPE_TYPE},
    .name = "str_iterator",
    .module = "builtins",
    .flags = TYPE_GC | TYPE_NO_NEW,
    .basicsize = sizeof(struct seq_iter),
    .root_shape = SHAPE_STR_ITER,
    .base = &type_object,
    .natives = iter_natives,
    .destroy = iter_destroy,
    .traverse = iter_traverse,
    .iter = iter_self,
    .next = iter_next,
};
