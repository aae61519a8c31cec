// SPDX-License-Identifier: Apache-2.0
// Unwinding: from a pending exception to its handler, traceback entries, raise, except-matching. Leaves making exceptions to types/exc.c.
#include "interp/vm/vm.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/words.h"
#include "interp/vm/trace.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"

static void add_traceback(struct thread *t, value *R) {
    value exc = t->exc;
    t->exc = V_NULL;
    value frame = frame_object(t, R);
    struct traceback *tb = frame ? object_alloc_gc(t, sizeof *tb, type_traceback.root_shape) : NULL;
    if (!tb) { // no memory for the entry: the exception goes on without it
        release_opt(t, frame);
        if (t->exc) raised_clear(t);
        t->exc = exc;
        return;
    }
    uint32_t at = frame_at(R);
    tb->line = code_line(frame_code(R), at);
    tb->lasti = (int32_t)at;
    tb->frame = frame;
    tb->next = V_NULL;
    struct exc *e = as_exc(exc);
    bool locked = write_begin(t, &e->head); // one exception may be raised by several threads
    tb->next = word_peek((_Atomic value *)&e->traceback); // moved
    word_publish((_Atomic value *)&e->traceback, counted_word(tb));
    write_end(t, &e->head, locked);
    t->exc = exc;
}

const struct handler *vm_unwind(struct thread *t, value *R) {
    struct code *K = frame_code(R);
    if (t->reraising) t->reraising = 0;
    else {
        add_traceback(t, R);
        if (unlikely(t->traced)) vm_trace_exception(t, R);
    }
    uint32_t at = frame_at(R);
    for (uint32_t k = 0; k < K->nhandlers; k++) {
        const struct handler *h = &K->handlers[k];
        if (at < h->start || at >= h->end) continue;
        value exc = t->exc;
        t->exc = V_NULL;
        uint32_t top = K->nregs < 256 ? K->nregs : 256;
        for (uint32_t r = h->reg; r < top; r++) {
            value w = R[r];
            if (!is_counted(w)) continue;
            R[r] = V_UNBOUND;
            release(t, w);
        }
        R[h->reg] = exc;
        return h;
    }
    return NULL;
}

void vm_clear_frame(struct thread *t, value *R) {
    if (R[-1] & FRAME_HAS_OBJECT) frame_detach(t, R);
    struct code *K = frame_code(R);
    for (uint32_t r = 0; r < K->nregs; r++) {
        value w = R[r];
        R[r] = V_UNBOUND;
        release(t, w);
    }
}

static void unbound_local(struct thread *t, vref name) {
    raise(t, &exc_UnboundLocalError, "cannot access local variable '%U' where it is not associated with a value", name);
}
void vm_unbound(struct thread *t, value *R) {
    struct code *K = frame_code(R);
    uint32_t at = frame_at(R), word = atomic_load_explicit(&K->ops[at], memory_order_relaxed);
    enum opcode op = opcode_table[word & 255].general;
    if (op == OP_LDCELL || op == OP_DELCELL || op == OP_LDCLASSCELL) {
        unsigned reg = op == OP_DELCELL ? word >> 8 & 255 : word >> 16 & 255;
        unbound_local(t, tuple_at(K->varnames, reg));
        return;
    }
    for (unsigned reg = 0; reg < K->nlocals && reg < tuple_size(K->varnames); reg++) {
        // The operand that is unbound: letters s and k of the row, ranges included by the rest of the words.
        const char *letters = opcode_table[op].operands;
        for (int n = 0; n < 3; n++)
            if ((letters[n] == 's' || letters[n] == 'k') && (word >> (8 + 8 * n) & 255) == reg && R[reg] == V_UNBOUND) {
                unbound_local(t, tuple_at(K->varnames, reg));
                return;
            }
    }
    raise(t, &exc_UnboundLocalError, "cannot access a local variable where it is not associated with a value");
}

static value instantiate(struct thread *t, vref e) {
    if (is_exc(e)) return own(t, e);
    if (is_type(e) && as_type(e)->flags & TYPE_EXC) {
        value v = object_call0(t, e);
        if (v && !is_exc(v)) {
            raise(t, &exc_TypeError, "calling %R should have returned an instance of BaseException, not %T", e, v);
            release(t, v);
            return V_NULL;
        }
        return v;
    }
    return V_NULL;
}
void vm_raise(struct thread *t, value *R, vref exc, vref cause, int kind) {
    if (kind == 0) {
        value e = V_NULL;
        for (struct handled *h = t->handled; h; h = h->outer)
            if (h->exc && h->exc != V_NONE && h->exc != V_UNBOUND) {
                e = own(t, h->exc);
                break;
            }
        if (e) raised_restore(t, e);
        else raise(t, &exc_RuntimeError, "No active exception to reraise");
        return;
    }
    value e = instantiate(t, exc);
    if (!e) {
        if (!raised(t)) raise(t, &exc_TypeError, "exceptions must derive from BaseException");
        return;
    }
    if (kind == 2) {
        value c = cause == V_NONE ? V_NONE : instantiate(t, cause);
        if (!c) {
            if (!raised(t)) raise(t, &exc_TypeError, "exception causes must derive from BaseException");
            release(t, e);
            return;
        }
        field_store(t, as_object(e), &as_exc(e)->cause, c == V_NONE ? V_NULL : c);
        as_exc(e)->suppress_context = 1;
    }
    raise_object(t, e);
    release(t, e);
    (void)R;
}

static bool exception_class(vref c) { return is_type(c) && as_type(c)->flags & TYPE_EXC; }
int vm_exc_match(struct thread *t, vref exc, vref type) {
    if (is_tuple(type)) {
        for (size_t k = 0; k < tuple_size(type); k++)
            if (!exception_class(tuple_at(type, k))) goto bad;
        for (size_t k = 0; k < tuple_size(type); k++)
            if (is_instance(exc, as_type(tuple_at(type, k)))) return 1;
        return 0;
    }
    if (exception_class(type)) return is_instance(exc, as_type(type));
bad:
    raise(t, &exc_TypeError, "catching classes that do not inherit from BaseException is not allowed");
    return -1;
}

// ---- except* ----
static bool is_group(vref v) { return is_instance(v, &exc_BaseExceptionGroup); }
value vm_group_match(struct thread *t, vref exc, vref type, value *rest) {
    *rest = V_NONE;
    if (exc == V_NONE) return V_NONE;
    if (!is_tuple(type) && exception_class(type) && type_is_subtype(as_type(type), &exc_BaseExceptionGroup))
        return raise(t, &exc_TypeError, "catching ExceptionGroup with except* is not allowed. Use except instead.");
    int whole = vm_exc_match(t, exc, type);
    if (whole < 0) return V_NULL;
    if (whole) {
        if (is_group(exc)) return own(t, exc);
        value list = tuple_from_array(t, &exc, 1); // a naked exception is wrapped
        value empty = list ? str_from_cstr(t, "") : V_NULL;
        value group = empty ? object_call2(t, type_ref(&exc_BaseExceptionGroup), empty, list) : V_NULL;
        release_opt(t, list);
        release_opt(t, empty);
        return group;
    }
    if (!is_group(exc)) {
        *rest = own(t, exc);
        return V_NONE;
    }
    value pair = object_call_method_cstr(t, exc, "split", &type, 1);
    if (!pair) return V_NULL;
    if (!is_tuple(pair) || tuple_size(pair) != 2) {
        release(t, pair);
        return raise(t, &exc_TypeError, "split must return a 2-tuple");
    }
    value match = own(t, tuple_at(pair, 0));
    *rest = own(t, tuple_at(pair, 1));
    release(t, pair);
    return match;
}
// Was e not made by a handler but taken out of the original?
static bool is_part_of(vref e, vref original) {
    const struct exc *a = as_exc(e), *b = as_exc(original);
    return a->traceback == b->traceback && a->context == b->context && a->cause == b->cause;
}
// What leaves an except* statement: parts of the original that nobody handled keep its shape, what handlers raised stands beside them in a new group.
value vm_group_reraise(struct thread *t, vref original, vref list) {
    value raised_now = list_new(t, 0), parts = raised_now ? list_new(t, 0) : V_NULL, result = V_NULL, text = V_NULL;
    bool ok = parts != V_NULL, group = ok && is_group(original);
    for (size_t k = 0; ok && k < list_size(list); k++) {
        value e = list_get_or_null(t, list, k);
        if (e && e != V_NONE) ok = list_append(t, group && is_part_of(e, original) ? parts : raised_now, e);
        release_opt(t, e);
    }
    if (ok && list_size(raised_now) + list_size(parts) == 0) result = V_NONE;
    else if (ok && !group) result = list_get_or_null(t, raised_now, 0);
    else if (ok && list_size(raised_now) == 0 && list_size(parts) == 1) result = list_get_or_null(t, parts, 0);
    else if (ok && list_extend(t, raised_now, parts)) {
        text = list_size(parts) == list_size(raised_now) ? object_getattr_cstr(t, original, "message") : str_from_cstr(t, "");
        if (text) result = object_call2(t, type_ref(&exc_BaseExceptionGroup), text, raised_now);
    }
    release_opt(t, text);
    release_opt(t, parts);
    release_opt(t, raised_now);
    return result;
}
