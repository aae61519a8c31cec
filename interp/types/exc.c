// SPDX-License-Identifier: Apache-2.0
// Raising: the raise* and raised_* functions of object.h, the context of what is being handled, tracebacks. Leaves the exception types to exc_types.c and
// exc_os.c, exc_text.c, exc_group.c, printing to exc_print.c.
#include <errno.h>

#include "interp/include/interp.h"
#include "interp/types/dict.h"
#include "interp/types/num.h"
#include "interp/types/sequence.h"

vref exc_handled(const struct thread *t) {
    for (struct handled *h = t->handled; h; h = h->outer)
        if (h->exc && is_exc(h->exc)) return h->exc;
    return V_NULL;
}

void raised_restore(struct thread *t, value exc) {
    value old = t->exc;
    t->exc = exc;
    release_opt(t, old);
}

void raised_clear(struct thread *t) {
    value old = t->exc;
    t->exc = V_NULL;
    release_opt(t, old);
}

value raised_take(struct thread *t) {
    value exc = t->exc;
    t->exc = V_NULL;
    return exc;
}

bool raised_is(struct thread *t, const struct type *cls) { return t->exc && is_instance(t->exc, cls); }

bool stop_iteration_swallow(struct thread *t) {
    if (!raised_is(t, &exc_StopIteration)) return false;
    raised_clear(t);
    return true;
}

// Cuts exc out of the chain that hangs on handled, so that setting its context makes no ring. Others may change the chain meanwhile, or have made a ring (Brent 1980).
static void unlink_context(struct thread *t, vref handled, vref exc) {
    value at = own(t, handled), mark = own(t, handled), next;
    for (size_t steps = 1, turn = 1; (next = field_load(t, &as_exc(at)->context)) != V_NULL; steps++) {
        bool found = is_same(next, exc), ring = is_same(next, mark);
        if (found) field_store(t, as_object(at), &as_exc(at)->context, V_NULL);
        replace_field(t, &at, next);
        if (found || ring) break;
        if (steps == turn) {
            replace_field(t, &mark, own(t, at));
            turn *= 2;
            steps = 0;
        }
    }
    release(t, at);
    release(t, mark);
}

static void set_context(struct thread *t, vref exc) {
    vref handled = exc_handled(t);
    if (!handled || is_same(handled, exc)) return;
    value keep = own(t, handled);
    unlink_context(t, keep, exc);
    field_store(t, as_object(exc), &as_exc(exc)->context, keep);
}

value raise_object(struct thread *t, vref exc) {
    value e = own(t, exc);
    set_context(t, e);
    raised_restore(t, e);
    return V_NULL;
}

// An exception of a static type made as calling it would, without the call.
static value make_static(struct thread *t, struct type *cls, const vref *args, size_t nargs) {
    value e = cls->make(t, cls, args, nargs, V_NULL);
    if (!e) return V_NULL;
    struct type *made = type_of(e);
    if (!made->init || made->init(t, e, args, nargs, V_NULL) == 0) return e;
    release(t, e);
    return V_NULL;
}

static value make_any(struct thread *t, struct type *cls, const vref *args, size_t nargs) {
    if (!(cls->flags & TYPE_HEAP)) return make_static(t, cls, args, nargs);
    value e = object_call(t, type_ref(cls), args, nargs, V_NULL);
    if (!e || is_exc(e)) return e;
    raise(t, &exc_TypeError, "calling %R should have returned an instance of BaseException, not %T", type_ref(cls), e);
    release(t, e);
    return V_NULL;
}

static value raise_args(struct thread *t, struct type *cls, const vref *args, size_t nargs) {
    value e = make_any(t, cls, args, nargs);
    if (!e) return V_NULL;
    raise_object(t, e);
    release(t, e);
    return V_NULL;
}

value raise_value(struct thread *t, struct type *cls, vref arg) { return raise_args(t, cls, &arg, arg != V_NULL); }

value raise(struct thread *t, struct type *cls, const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    value message = str_format_va(t, format, ap);
    va_end(ap);
    if (!message) return V_NULL;
    raise_value(t, cls, message);
    release(t, message);
    return V_NULL;
}

value raise_name(struct thread *t, vref name, const char *format) {
    value message = str_format(t, format, name), e = message ? make_static(t, &exc_NameError, &message, 1) : V_NULL;
    if (e) {
        field_store(t, as_object(e), &as_exc(e)->extra[NAME_NAME], own(t, name));
        raise_object(t, e);
    }
    release_opt(t, message);
    release_opt(t, e);
    return V_NULL;
}

// What is raised when there is not even memory for a MemoryError.
static struct {
    struct exc exc;
    value ext[4];
} last_resort = {.exc.head = {.shared = SHARED_DEFERRED | SHARED_IMMORTAL}};

value raise_no_memory(struct thread *t) {
    static _Thread_local bool busy;
    if (!busy) {
        busy = true;
        value e = make_static(t, &exc_MemoryError, NULL, 0);
        busy = false;
        if (e) {
            raise_object(t, e);
            release(t, e);
            return V_NULL;
        }
    }
    last_resort.exc.head.shape = exc_MemoryError.root_shape;
    last_resort.exc.args = tuple_empty;
    last_resort.ext[0] = V_UNBOUND;
    raised_restore(t, borrowed_word(&last_resort));
    return V_NULL;
}

value raise_errno(struct thread *t, int err, vref filename) {
    value text = str_from_cstr(t, strerror(err));
    if (!text) return V_NULL;
    vref args[3] = {from_int62(err), text, filename};
    raise_args(t, &exc_OSError, args, filename && !is_none(filename) ? 3 : 2);
    release(t, text);
    return V_NULL;
}

value exc_raise_errno_of(struct thread *t, const char *module, const char *name, int err) {
    value m = interp_import(t, module), cls = m ? object_getattr_cstr(t, m, name) : V_NULL, text = cls ? str_from_cstr(t, strerror(err)) : V_NULL;
    value e = text ? object_call2(t, cls, from_int62(err), text) : V_NULL;
    if (e) raise_object(t, e);
    release_opt(t, e);
    release_opt(t, text);
    release_opt(t, cls);
    release_opt(t, m);
    return V_NULL;
}

value exc_class_new(struct thread *t, const char *module, const char *name, struct type *base, struct type *base2) {
    value s = str_intern_cstr(t, name), ns = dict_new(t), home = str_intern_cstr(t, module), cls = V_NULL;
    value bases = tuple_pack(t, base2 ? 2 : 1, type_ref(base), base2 ? type_ref(base2) : V_NULL);
    if (s && ns && home && bases && dict_set_str(t, ns, "__module__", home)) cls = type_make(t, &type_type, s, bases, ns, NULL, 0, V_NULL);
    release_opt(t, s);
    release_opt(t, ns);
    release_opt(t, home);
    release_opt(t, bases);
    return cls;
}

value exc_stop_value(struct thread *t, vref exc) {
    value v = field_load(t, &as_exc(exc)->extra[STOP_VALUE]);
    return v ? v : V_NONE;
}

value exc_raise_syntax(struct thread *t, struct type *cls, const char *message, const char *filename, int line, int col, int end_line, int end_col,
                       const char *text) {
    value msg = str_from_cstr(t, message), file = filename ? str_from_cstr(t, filename) : V_NONE, source = V_NONE, info = V_NULL;
    if (text) source = str_decode(t, (const uint8_t *)text, strlen(text), "utf-8", "replace");
    if (msg && file && source)
        info = tuple_pack(t, 6, file, from_int62(line), from_int62(col), source, from_int62(end_line), from_int62(end_col));
    if (info) raise_args(t, cls, (vref[]){msg, info}, 2);
    release_opt(t, msg);
    release_opt(t, file);
    release_opt(t, source);
    release_opt(t, info);
    return V_NULL;
}
