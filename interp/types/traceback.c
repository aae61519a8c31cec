// SPDX-License-Identifier: Apache-2.0
// traceback objects. Leaves adding entries while an exception travels to vm/unwind.c, printing to exc_print.c.
#include "interp/types/num.h"
#include "interp/types/sequence.h"

static struct traceback *as_tb(vref v) { return (struct traceback *)as_object(v); }

value traceback_new(struct thread *t, value next, value frame, int32_t lasti, int32_t line) {
    struct traceback *tb = object_alloc_gc(t, sizeof *tb, type_traceback.root_shape);
    if (!tb) {
        release_opt(t, next);
        release(t, frame);
        return V_NULL;
    }
    tb->next = next;
    tb->frame = frame;
    tb->lasti = lasti;
    tb->line = line;
    return counted_word(tb);
}

static value make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    static const char *const names[] = {"tb_next", "tb_frame", "tb_lasti", "tb_lineno"};
    vref a[4] = {nargs > 0 ? args[0] : V_NULL, nargs > 1 ? args[1] : V_NULL, nargs > 2 ? args[2] : V_NULL, nargs > 3 ? args[3] : V_NULL};
    (void)cls;
    for (size_t i = 0; i < keyword_count(kwnames); i++)
        for (int k = 0; k < 4; k++)
            if (str_equal_cstr(tuple_at(kwnames, i), names[k])) a[k] = args[nargs + i];
    for (int k = 0; k < 4; k++)
        if (!a[k]) return raise(t, &exc_TypeError, "traceback() missing required argument '%s' (pos %d)", names[k], k + 1);
    if (!is_none(a[0]) && type_of(a[0]) != &type_traceback) return raise(t, &exc_TypeError, "expected traceback object or None, got '%T'", a[0]);
    if (type_of(a[1]) != &type_frame) return raise(t, &exc_TypeError, "traceback() argument 'tb_frame' must be frame, not %T", a[1]);
    int64_t lasti, line;
    if (!object_as_index(t, a[2], &lasti) || !object_as_index(t, a[3], &line)) return V_NULL;
    return traceback_new(t, is_none(a[0]) ? V_NULL : own(t, a[0]), own(t, a[1]), (int32_t)(lasti / 2), (int32_t)line);
}

static void drop(struct thread *t, struct object *o) {
    struct traceback *tb = (struct traceback *)o;
    release_field(t, &tb->next);
    release_field(t, &tb->frame);
}

static int traverse(struct object *o, visit_fn *visit, void *arg) {
    struct traceback *tb = (struct traceback *)o;
    int r = tb->next ? visit(tb->next, arg) : 0;
    if (!r && tb->frame) r = visit(tb->frame, arg);
    return r;
}

static value get_next(struct thread *t, const vref *a) {
    value v = field_load(t, &as_tb(a[0])->next);
    return v ? v : V_NONE;
}

static int set_next(struct thread *t, vref self, vref v) {
    if (!v || (!is_none(v) && type_of(v) != &type_traceback)) {
        if (v) raise(t, &exc_TypeError, "expected traceback object, got '%T'", v);
        else raise(t, &exc_TypeError, "can't delete tb_next attribute");
        return -1;
    }
    for (vref w = is_none(v) ? V_NULL : v; w; w = as_tb(w)->next)
        if (is_same(w, self)) {
            raise(t, &exc_ValueError, "traceback loop detected");
            return -1;
        }
    field_store(t, as_object(self), &as_tb(self)->next, is_none(v) ? V_NULL : own(t, v));
    return 0;
}

static value get_frame(struct thread *t, const vref *a) { return field_load(t, &as_tb(a[0])->frame); }

static value get_lasti(struct thread *t, const vref *a) { // twice, as if an instruction word were two bytes: what traceback.py divides by
    (void)t;
    return from_int62((int64_t)as_tb(a[0])->lasti * 2);
}

static value get_line(struct thread *t, const vref *a) {
    (void)t;
    return from_int62(as_tb(a[0])->line);
}

static value dir(struct thread *t, const vref *a) {
    (void)a;
    value l = list_new(t, 4);
    static const char *const names[] = {"tb_frame", "tb_next", "tb_lasti", "tb_lineno"};
    for (int i = 0; l && i < 4; i++) {
        value s = str_intern_cstr(t, names[i]);
        if (!s || !list_append_take(t, l, s)) release_field(t, &l);
    }
    return l;
}

static const struct native natives[] = {
    {"tb_next", NATIVE_GETSET, NULL, get_next, .set = set_next},
    {"tb_frame", NATIVE_GETSET, NULL, get_frame, .doc = NULL},
    {"tb_lasti", NATIVE_GETSET, NULL, get_lasti, .doc = NULL},
    {"tb_lineno", NATIVE_GETSET, NULL, get_line, .doc = NULL},
    {"__dir__", NATIVE_METHOD, "($self, /)", dir, .doc = NULL},
    {NULL},
};

struct type type_traceback = {
    .name = "traceback", .module = "builtins", .base = &type_object, .basicsize = sizeof(struct traceback), .flags = TYPE_GC,
    .doc = "TracebackType(tb_next, tb_frame, tb_lasti, tb_lineno)\n--\n\nOne level of the calls that an exception went through.",
    .natives = natives, .make = make, .destroy = drop, .clear = drop, .traverse = traverse,
};
