// SPDX-License-Identifier: Apache-2.0
// Frame objects: what sys._getframe, tracebacks and locals() see of the register stack. Leaves the frames themselves to the loop.
//
// A running frame has at most one object, flagged in its header and found in t->frame_objects; when the frame ends (or its generator is suspended) the object is
// detached: it keeps the words of the locals.
#include "interp/vm/frame.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"

#include <stdio.h>

static struct frame *as_frame(vref v) { return (struct frame *)as_object(v); }

static struct frame *find(struct thread *t, const value *R) {
    for (struct frame *f = t->frame_objects; f; f = f->next_live)
        if (f->R == R) return f;
    return NULL;
}
value frame_object(struct thread *t, value *R) {
    struct frame *f;
    if ((R[-1] & FRAME_HAS_OBJECT) && (f = find(t, R))) return ref_inc(t, &f->head);
    f = object_alloc_gc(t, sizeof *f, type_frame.root_shape);
    if (!f) return V_NULL;
    memset((char *)f + sizeof f->head, 0, sizeof *f - sizeof f->head);
    f->R = R;
    f->func = own(t, R[-4]);
    f->code = frame_code(R);
    f->trace_lines = true;
    f->next_live = t->frame_objects;
    t->frame_objects = f;
    R[-1] |= FRAME_HAS_OBJECT;
    frame_keep(t, f); // or the last release might come from another thread, while this one writes to it
    return counted_word(f);
}

// The value of local register k as Python sees it: cells are looked through. returns new; V_UNBOUND if unbound.
static value local_word(struct thread *t, vref w) {
    if (has_shape(w, SHAPE_CELLBOX)) return slot_load(t, &((struct cellbox *)as_object(w))->v);
    return own(t, w);
}

static void keep_locals(struct thread *t, struct frame *f, const value *R) {
    struct code *c = f->code;
    value saved = tuple_new(t, c->nlocals);
    if (!saved) {
        raised_clear(t);
        return;
    }
    for (unsigned k = 0; k < c->nlocals; k++) as_tuple(saved)->at[k] = own(t, R[k]);
    f->saved = saved;
}
void frame_detach(struct thread *t, value *R) {
    struct frame *f = find(t, R);
    R[-1] &= ~(value)FRAME_HAS_OBJECT;
    if (!f) return;
    for (struct frame **link = &t->frame_objects; *link; link = &(*link)->next_live)
        if (*link == f) {
            *link = f->next_live;
            break;
        }
    f->at = frame_at(R);
    f->R = NULL;
    f->next_live = NULL;
    if (f->kept && is_mine(t, &f->head) && f->head.local == 1 && atomic_load_explicit(&f->head.shared, memory_order_acquire) == 0) { // nobody else has it
        f->kept = false;
        release(t, counted_word(f));
        return;
    }
    value *back = frame_back(R);
    if (back && (back[-1] & FRAME_HAS_OBJECT)) f->back = frame_object(t, back);
    keep_locals(t, f, R);
    if (!f->kept) return;
    f->kept = false;
    release(t, counted_word(f));
}
void frame_follow(struct frame *f) {
    if (!f->R) return;
    f->last_at = frame_at(f->R);
    f->last_line = code_line(f->code, f->last_at);
}
void frame_keep(struct thread *t, struct frame *f) {
    if (f->kept || !f->R) return;
    f->kept = true;
    ref_inc(t, &f->head);
}

value frame_current(struct thread *t, int depth) {
    value *R = t->frame;
    while (R && depth-- > 0) R = frame_back(R);
    if (!R) return raise(t, &exc_ValueError, "call stack is not deep enough");
    return frame_object(t, R);
}
int frame_line(vref frame) {
    struct frame *f = as_frame(frame);
    uint32_t at = f->R ? frame_at(f->R) : f->at;
    if (f->entering) return f->line;
    struct position p;
    if (f->last_line > 0 && !code_position(f->code, at, &p)) return f->last_line;
    return code_line(f->code, at);
}
value frame_get_globals(struct thread *t) {
    return t->frame ? own(t, as_func(t->frame[-4])->globals) : V_NULL;
}
value frame_get_builtins(struct thread *t) {
    return t->frame ? own(t, as_func(t->frame[-4])->builtins) : own(t, t->interp->builtins);
}

static bool put_local(struct thread *t, vref dict, vref name, value v) { // takes v
    if (v == V_UNBOUND || !v) {
        if (dict_del(t, dict, name) < 0) return false;
        return true;
    }
    return dict_set_take(t, dict, name, v);
}
static bool collect_locals(struct thread *t, struct code *c, struct func *f, const value *words, vref dict) {
    for (unsigned k = 0; k < c->nlocals && k < tuple_size(c->varnames); k++) {
        vref name = tuple_at(c->varnames, k);
        if (!is_str(name) || as_str(name)->length == 0) continue;
        if (!put_local(t, dict, name, local_word(t, words[k]))) return false;
    }
    for (unsigned k = 0; k < c->nfree && f->closure; k++)
        if (!put_local(t, dict, tuple_at(c->freevars, k), local_word(t, tuple_at(f->closure, k)))) return false;
    return true;
}
value frame_get_locals(struct thread *t, value *R) {
    struct code *c = frame_code(R);
    if (c->flags & CODE_NAMESPACE) return own(t, R[0]);
    value frame = V_NULL, dict;
    if (R[-1] & FRAME_HAS_OBJECT) { // one dict a frame object
        frame = frame_object(t, R);
        struct frame *f = as_frame(frame);
        if (!f->locals) f->locals = dict_new(t);
        dict = f->locals ? own(t, f->locals) : V_NULL;
    } else
        dict = dict_new(t);
    release_opt(t, frame);
    if (dict && !collect_locals(t, c, as_func(R[-4]), R, dict)) release_field(t, &dict);
    return dict;
}

static void put_word(struct thread *t, value *word, vref v) {
    if (has_shape(*word, SHAPE_CELLBOX)) {
        struct cellbox *box = (struct cellbox *)as_object(*word);
        if (atomic_load_explicit(&box->v, memory_order_relaxed) != v) slot_store(t, &box->head, &box->v, own(t, v));
    } else if (borrow(*word) != borrow(v))
        replace_field(t, word, own(t, v));
}
void frame_put_locals(struct thread *t, struct frame *f) {
    struct code *c = f->code;
    if (!f->locals || !f->R || c->flags & CODE_NAMESPACE) return;
    for (unsigned k = 0; k < c->nlocals && k < tuple_size(c->varnames); k++) {
        value v = dict_get(t, f->locals, tuple_at(c->varnames, k));
        if (v) put_word(t, &f->R[k], v);
        else raised_clear(t);
        release_opt(t, v);
    }
}

static value get_locals(struct thread *t, const vref *a) {
    struct frame *f = as_frame(a[0]);
    if (f->R) {
        if (f->code->flags & CODE_NAMESPACE) return own(t, f->R[0]);
        return frame_get_locals(t, f->R);
    }
    if (f->code->flags & CODE_NAMESPACE) return f->saved ? own(t, tuple_at(f->saved, 0)) : own(t, as_func(f->func)->globals);
    if (!f->locals && !(f->locals = dict_new(t))) return V_NULL;
    if (f->saved && !collect_locals(t, f->code, as_func(f->func), as_tuple(f->saved)->at, f->locals)) return V_NULL;
    return own(t, f->locals);
}
static value get_code(struct thread *t, const vref *a) { return own(t, borrowed_word(as_frame(a[0])->code)); }
static value get_back(struct thread *t, const vref *a) {
    struct frame *f = as_frame(a[0]);
    if (f->R) {
        value *back = frame_back(f->R);
        return back ? frame_object(t, back) : V_NONE;
    }
    return f->back ? own(t, f->back) : V_NONE;
}
static value get_globals(struct thread *t, const vref *a) { return own(t, as_func(as_frame(a[0])->func)->globals); }
static value get_builtins(struct thread *t, const vref *a) { return own(t, as_func(as_frame(a[0])->func)->builtins); }
static value get_lineno(struct thread *t, const vref *a) {
    (void)t;
    return from_int62(frame_line(a[0]));
}
// Registers hold what the code between two lines left in them, so a frame goes on where it stands: as a jump that CPython refuses too.
static int set_lineno(struct thread *t, vref self, vref v) {
    (void)self;
    if (!v) return raise(t, &exc_AttributeError, "cannot delete attribute"), -1;
    raise(t, &exc_ValueError, "cannot jump to another line of a running frame");
    return -1;
}
static value get_lasti(struct thread *t, const vref *a) { // as tb_lasti: twice the number of the word, which inspect halves to look into co_positions()
    struct frame *f = as_frame(a[0]);
    (void)t;
    return from_int62((f->R ? frame_at(f->R) : f->at) * 2);
}
static value get_trace(struct thread *t, const vref *a) {
    struct frame *f = as_frame(a[0]);
    return f->trace ? own(t, f->trace) : V_NONE;
}
static int set_trace(struct thread *t, vref self, vref v) {
    replace_field(t, &as_frame(self)->trace, v && v != V_NONE ? own(t, v) : V_NULL);
    struct frame *f = as_frame(self);
    if (!f->trace || !f->R) return 0;
    frame_keep(t, f);
    frame_follow(f);
    return 0;
}
static value get_trace_lines(struct thread *t, const vref *a) { return (void)t, from_bool(as_frame(a[0])->trace_lines); }
static value get_trace_opcodes(struct thread *t, const vref *a) { return (void)t, from_bool(as_frame(a[0])->trace_opcodes); }
static int set_bool(struct thread *t, vref v, bool *to) {
    if (v != V_TRUE && v != V_FALSE) return raise(t, &exc_TypeError, "attribute value type must be bool"), -1;
    *to = v == V_TRUE;
    return 0;
}
static int set_trace_lines(struct thread *t, vref self, vref v) { return set_bool(t, v, &as_frame(self)->trace_lines); }
static int set_trace_opcodes(struct thread *t, vref self, vref v) { return set_bool(t, v, &as_frame(self)->trace_opcodes); }
static value clear(struct thread *t, const vref *a) {
    struct frame *f = as_frame(a[0]);
    if (f->R) return raise(t, &exc_RuntimeError, "cannot clear an executing frame");
    release_field(t, &f->saved);
    release_field(t, &f->locals);
    return V_NONE;
}
static value repr(struct thread *t, vref self) {
    struct frame *f = as_frame(self);
    char where[32];
    snprintf(where, sizeof where, "%p", (void *)f);
    return str_format(t, "<frame at %s, file %R, line %d, code %U>", where, f->code->filename, frame_line(self), f->code->name);
}

static void destroy(struct thread *t, struct object *o) {
    struct frame *f = (struct frame *)o;
    if (f->R) { // the frame runs on without its object
        for (struct frame **link = &t->frame_objects; *link; link = &(*link)->next_live)
            if (*link == f) {
                *link = f->next_live;
                f->R[-1] &= ~(value)FRAME_HAS_OBJECT;
                break;
            }
    }
    value *words[] = {&f->func, &f->back, &f->locals, &f->saved, &f->trace};
    for (size_t k = 0; k < sizeof words / sizeof *words; k++) release_field(t, words[k]);
}
static int traverse(struct object *o, visit_fn *visit, void *arg) {
    struct frame *f = (struct frame *)o;
    value words[] = {f->func, f->back, f->locals, f->saved, f->trace};
    for (size_t k = 0; k < sizeof words / sizeof *words; k++) {
        int r = words[k] ? visit(words[k], arg) : 0;
        if (r) return r;
    }
    return 0;
}
static void clear_cycle(struct thread *t, struct object *o) {
    struct frame *f = (struct frame *)o;
    release_field(t, &f->saved);
    release_field(t, &f->locals);
    release_field(t, &f->back);
}

#define GETTER(py, f) {.name = py, .kind = NATIVE_GETSET, .fn = f}
static const struct native natives[] = {
    GETTER("f_code", get_code), GETTER("f_back", get_back), GETTER("f_globals", get_globals), GETTER("f_builtins", get_builtins),
    GETTER("f_locals", get_locals), {.name = "f_lineno", .kind = NATIVE_GETSET, .fn = get_lineno, .set = set_lineno}, GETTER("f_lasti", get_lasti),
    {.name = "f_trace", .kind = NATIVE_GETSET, .fn = get_trace, .set = set_trace},
    {.name = "f_trace_lines", .kind = NATIVE_GETSET, .fn = get_trace_lines, .set = set_trace_lines},
    {.name = "f_trace_opcodes", .kind = NATIVE_GETSET, .fn = get_trace_opcodes, .set = set_trace_opcodes},
    {.name = "clear", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = clear},
    {0},
};
struct type type_frame = {
    .name = "frame", .module = "builtins", .flags = TYPE_GC | TYPE_NO_NEW, .basicsize = sizeof(struct frame), .base = &type_object,
    .natives = natives, .destroy = destroy, .traverse = traverse, .clear = clear_cycle, .repr = repr,
};
