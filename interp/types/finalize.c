// SPDX-License-Identifier: Apache-2.0
// __del__, and exceptions that have nowhere to go. Leaves deciding when an object dies to core/ref.c and gc.c, the default report to sys.
#include "interp/types/finalize.h"
#include "interp/vm/gen.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/names.h"
#include "interp/types/seq.h"
#include "interp/types/slots.h"
#include "interp/types/str.h"

// sys.UnraisableHookArgs
struct hook_args {
    struct object head;
    value exc_type, exc_value, exc_traceback, err_msg, object; // owned
};

static value hook_args_new(struct thread *t, value exc, const char *message, vref object) {
    struct hook_args *a = object_alloc_gc(t, sizeof *a, type_hook_args.root_shape);
    if (!a) return V_NULL;
    a->exc_type = own(t, type_ref(type_of(exc)));
    a->exc_value = own(t, exc);
    a->exc_traceback = is_exc(exc) && as_exc(exc)->traceback ? own(t, as_exc(exc)->traceback) : V_NONE;
    a->err_msg = V_NONE;
    a->object = object ? own(t, object) : V_NONE;
    value v = counted_word(a);
    if (message && !(a->err_msg = str_from_cstr(t, message))) {
        a->err_msg = V_NONE;
        release_field(t, &v);
    }
    return v;
}
static void destroy(struct thread *t, struct object *o) {
    struct hook_args *a = (struct hook_args *)o;
    value *const fields[] = {&a->exc_type, &a->exc_value, &a->exc_traceback, &a->err_msg, &a->object};
    for (int i = 0; i < 5; i++) release_field(t, fields[i]);
}
static int traverse(struct object *o, visit_fn *visit, void *arg) {
    struct hook_args *a = (struct hook_args *)o;
    const value fields[] = {a->exc_type, a->exc_value, a->exc_traceback, a->err_msg, a->object};
    for (int i = 0; i < 5; i++) {
        int r = fields[i] && is_pointer(fields[i]) ? visit(fields[i], arg) : 0;
        if (r) return r;
    }
    return 0;
}
#define MEMBER(n) {#n, NATIVE_MEMBER, .offset = offsetof(struct hook_args, n)}
static const struct native natives[] = {MEMBER(exc_type), MEMBER(exc_value), MEMBER(exc_traceback), MEMBER(err_msg), MEMBER(object), {.name = NULL}};
struct type type_hook_args = {
    .name = "UnraisableHookArgs", .module = "sys", .flags = TYPE_GC | TYPE_NO_NEW, .basicsize = sizeof(struct hook_args), .natives = natives, .destroy = destroy,
    .traverse = traverse, .clear = destroy,
};

void raise_unraisable(struct thread *t, const char *message, vref object) {
    value exc = raised_take(t);
    if (!exc) return;
    value hook = t->interp->sys_dict ? dict_get_str(t, t->interp->sys_dict, "unraisablehook") : V_NULL;
    value args = hook ? hook_args_new(t, exc, message, object) : V_NULL;
    value r = args ? object_call1(t, hook, args) : V_NULL;
    if (!r) { // the hook failed or there is none: the exception itself, at least
        raised_clear(t);
        exc_print(t, exc);
    }
    release_opt(t, r);
    release_opt(t, args);
    release_opt(t, hook);
    release(t, exc);
}

void type_finalize(struct thread *t, struct object *o) {
    if (object_type(o) == &type_coro || object_type(o) == &type_async_gen) return gen_finalize(t, (struct gen *)o); // they die by the thousand
    value pending = raised_take(t), r;
    vref self = borrowed_word(o);
    value method = type_lookup_new(t, object_type(o), NAME(__del__));
    if (method) {
        if (special_call(t, self, NAME(__del__), NULL, 0, &r) && r) release(t, r);
        else raise_unraisable(t, NULL, method);
        release(t, method);
    }
    if (raised(t)) raised_clear(t);
    if (pending) raised_restore(t, pending);
}
