// SPDX-License-Identifier: Apache-2.0
// The module _contextvars: ContextVar, Context, Token. Leaves who copies contexts to the library (asyncio, threading).
//
// A context holds a dict from variable to value. A copy shares the dict; `shared` says that it must not be changed any more, so the next set() makes its own. Copying is
// therefore O(1), and a set() O(n) once after each copy. The current context of a thread is t->context; a context is entered by one thread at a time, and only that one sets.
#include "interp/modules/modules.h"
#include "interp/types/args.h"
#include "interp/types/dict.h"
#include "interp/types/iter.h"
#include "interp/types/sequence.h"

struct context {
    struct object head;
    value vars;             // owned dict
    value outer;            // owned: the context to go back to while entered; V_NULL: there was none
    _Atomic bool shared, entered;
};
struct variable {
    struct object head;
    value name, fallback;   // owned; fallback V_NULL: no default
};
struct token {
    struct object head;
    value context, variable, old; // owned; old V_NULL: there was none
    _Atomic bool used;
};
static struct type type_context, type_variable, type_token, type_missing;
static value missing; // Token.MISSING, immortal
static struct context *as_context(vref v) { return (struct context *)as_object(v); }
static struct variable *as_variable(vref v) { return (struct variable *)as_object(v); }
static struct token *as_token(vref v) { return (struct token *)as_object(v); }
static bool is_exactly(vref v, const struct type *c) { return is_pointer(v) && type_of(v) == c; }

// ---- contexts ----

static value context_new(struct thread *t, value vars) { // takes vars
    struct context *c = vars ? object_alloc_gc(t, sizeof *c, type_context.root_shape) : NULL;
    if (!c) {
        release_opt(t, vars);
        return V_NULL;
    }
    c->vars = vars;
    c->outer = V_NULL;
    atomic_init(&c->shared, false);
    atomic_init(&c->entered, false);
    return counted_word(c);
}
// The current context of the thread, made when first needed. borrowed until it changes; V_NULL: MemoryError.
static vref current(struct thread *t) {
    if (!t->context) t->context = context_new(t, dict_new(t));
    return t->context;
}
// The variables as they are now: nobody changes that dict any more. returns new.
static value snapshot(struct thread *t, struct context *c) {
    atomic_store_explicit(&c->shared, true, memory_order_seq_cst);
    return field_load(t, &c->vars);
}
static value context_copy(struct thread *t, const vref *a) {
    value v = context_new(t, snapshot(t, as_context(a[0])));
    if (v) atomic_store_explicit(&as_context(v)->shared, true, memory_order_relaxed);
    return v;
}
static value copy_context(struct thread *t, const vref *a) {
    (void)a;
    vref c = current(t);
    return c ? context_copy(t, &c) : V_NULL;
}
// Sets or (v V_NULL) removes a variable of c.
static bool context_store(struct thread *t, struct context *c, vref variable, vref v) {
    if (atomic_load_explicit(&c->shared, memory_order_seq_cst)) {
        value own_vars = dict_copy(t, c->vars);
        if (!own_vars) return false;
        field_store(t, &c->head, &c->vars, own_vars);
        atomic_store_explicit(&c->shared, false, memory_order_seq_cst);
    }
    return v ? dict_set(t, c->vars, variable, v) : dict_del(t, c->vars, variable) >= 0;
}

static value run(struct thread *t, const vref *args, size_t nargs, vref kwnames) {
    if (nargs < 2) return raise(t, &exc_TypeError, "run() missing 1 required positional argument");
    struct context *c = as_context(args[0]);
    if (atomic_exchange_explicit(&c->entered, true, memory_order_acquire)) return raise(t, &exc_RuntimeError, "cannot enter context: %R is already entered", args[0]);
    replace_field(t, &c->outer, t->context);
    t->context = own(t, args[0]);
    value r = object_call(t, args[1], args + 2, nargs - 2, kwnames);
    value outer = c->outer;
    c->outer = V_NULL;
    replace_field(t, &t->context, outer);
    atomic_store_explicit(&c->entered, false, memory_order_release);
    return r;
}

static bool check_key(struct thread *t, vref key) {
    if (is_exactly(key, &type_variable)) return true;
    raise(t, &exc_TypeError, "a ContextVar key was expected, got %R", key);
    return false;
}
static value lookup(struct thread *t, vref self, vref key) { // V_NULL without exception: not there
    value vars = field_load(t, &as_context(self)->vars), v = dict_get(t, vars, key);
    release(t, vars);
    return v;
}
static value context_getitem(struct thread *t, vref self, vref key) {
    if (!check_key(t, key)) return V_NULL;
    value v = lookup(t, self, key);
    return v || raised(t) ? v : raise_value(t, &exc_KeyError, key);
}
static int context_contains(struct thread *t, vref self, vref key) {
    if (!check_key(t, key)) return -1;
    value v = lookup(t, self, key);
    release_opt(t, v);
    return v ? 1 : raised(t) ? -1 : 0;
}
static value context_get(struct thread *t, const vref *a) {
    if (!check_key(t, a[1])) return V_NULL;
    value v = lookup(t, a[0], a[1]);
    return v || raised(t) ? v : a[2] ? own(t, a[2]) : V_NONE;
}
static int64_t context_length(struct thread *t, vref self) { return (void)t, (int64_t)dict_count(as_context(self)->vars); }
static value over(struct thread *t, vref self, value (*view_of)(struct thread *t, vref d)) {
    value vars = snapshot(t, as_context(self)), view = view_of ? view_of(t, vars) : own(t, vars), it = view ? object_iter(t, view) : V_NULL;
    release(t, vars);
    release_opt(t, view);
    return it;
}
static value context_iter(struct thread *t, vref self) { return over(t, self, NULL); }
static value context_keys(struct thread *t, const vref *a) { return over(t, a[0], NULL); }
static value context_values(struct thread *t, const vref *a) { return over(t, a[0], dict_values); }
static value context_items(struct thread *t, const vref *a) { return over(t, a[0], dict_items); }
static value context_compare(struct thread *t, vref a, vref b, enum compare_op op) {
    if ((op != CMP_EQ && op != CMP_NE) || !is_exactly(a, &type_context) || !is_exactly(b, &type_context)) return V_NOTIMPL;
    value x = snapshot(t, as_context(a)), y = snapshot(t, as_context(b)), r = object_compare(t, x, y, op);
    release(t, x);
    release(t, y);
    return r;
}
static value context_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    (void)cls, (void)args;
    if (nargs || keyword_count(kwnames)) return raise(t, &exc_TypeError, "Context() does not accept any arguments");
    return context_new(t, dict_new(t));
}
static void context_clear(struct thread *t, struct object *o) {
    release_field(t, &((struct context *)o)->vars);
    release_field(t, &((struct context *)o)->outer);
}
static void context_break(struct thread *t, struct object *o) { // may still be asked afterwards
    value empty = dict_new(t);
    if (empty) field_store(t, o, &((struct context *)o)->vars, empty);
    else raised_clear(t);
}
static int context_traverse(struct object *o, visit_fn *visit, void *arg) {
    struct context *c = (struct context *)o;
    int r = c->vars ? visit(c->vars, arg) : 0;
    return r || !c->outer ? r : visit(c->outer, arg);
}
static const struct native context_natives[] = {
    {"get", NATIVE_METHOD, "($self, key, default=None, /)", context_get, .doc = "Return what the variable key is set to in this context, default where it is not set."},
    {"items", NATIVE_METHOD, "($self, /)", context_items, .doc = "Return pairs of a variable and its value, for all that are set."},
    {"keys", NATIVE_METHOD, "($self, /)", context_keys, .doc = "Return the variables that are set."},
    {"values", NATIVE_METHOD, "($self, /)", context_values, .doc = "Return the values of the variables that are set."},
    {"copy", NATIVE_METHOD, "($self, /)", context_copy, .doc = "Return a new context in which the same variables are set."},
    {"run", NATIVE_METHOD, "($self, callable, *args, **kwargs)", .raw = run, .doc = "Call callable with the arguments inside this context."},
    {NULL},
};
static struct type type_context = {
    .name = "Context", .module = "_contextvars", .flags = TYPE_GC | TYPE_HAS_WEAK, .basicsize = sizeof(struct context), .natives = context_natives, .make = context_make,
    .destroy = context_clear, .traverse = context_traverse, .clear = context_break, .iter = context_iter, .length = context_length, .getitem = context_getitem,
    .contains = context_contains, .compare = context_compare, .hash = hash_unhashable,
};

// ---- tokens ----

static value token_new(struct thread *t, vref context, vref variable, value old) { // takes old
    struct token *k = object_alloc_gc(t, sizeof *k, type_token.root_shape);
    if (!k) {
        release_opt(t, old);
        return V_NULL;
    }
    k->context = own(t, context);
    k->variable = own(t, variable);
    k->old = old;
    atomic_init(&k->used, false);
    return counted_word(k);
}
static value token_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    (void)cls, (void)args, (void)nargs, (void)kwnames;
    return raise(t, &exc_RuntimeError, "Tokens can only be created by ContextVars");
}
static value token_repr(struct thread *t, vref self) {
    return str_format(t, "<Token%s var=%R at %p>", atomic_load(&as_token(self)->used) ? " used" : "", as_token(self)->variable, (void *)as_object(self));
}
static value token_var(struct thread *t, const vref *a) { return own(t, as_token(a[0])->variable); }
static value token_old(struct thread *t, const vref *a) { return as_token(a[0])->old ? own(t, as_token(a[0])->old) : missing; }
static void token_destroy(struct thread *t, struct object *o) {
    release_field(t, &((struct token *)o)->context);
    release_field(t, &((struct token *)o)->variable);
    release_field(t, &((struct token *)o)->old);
}
static int token_traverse(struct object *o, visit_fn *visit, void *arg) {
    const struct token *k = (struct token *)o;
    const value words[] = {k->context, k->variable, k->old};
    int r = 0;
    for (int i = 0; !r && i < 3; i++) r = words[i] ? visit(words[i], arg) : 0;
    return r;
}
static const struct native token_natives[] = {
    {"var", NATIVE_GETSET, .fn = token_var},
    {"old_value", NATIVE_GETSET, .fn = token_old},
    {"__class_getitem__", NATIVE_CLASS, "($type, object, /)", seq_class_getitem, .doc = "See PEP 585"},
    {NULL},
};
static struct type type_token = {
    .name = "Token", .module = "_contextvars", .flags = TYPE_GC, .basicsize = sizeof(struct token), .natives = token_natives, .make = token_make,
    .destroy = token_destroy, .traverse = token_traverse, .repr = token_repr, .hash = hash_unhashable,
};
static value missing_repr(struct thread *t, vref self) { return (void)self, str_from_cstr(t, "<Token.MISSING>"); }
static struct type type_missing = {.name = "Token.MISSING", .module = "builtins", .flags = TYPE_NO_NEW, .basicsize = sizeof(struct object), .repr = missing_repr};

// ---- variables ----

static value variable_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    if (nargs > 1) return raise(t, &exc_TypeError, "ContextVar() takes exactly 1 positional argument (%zu given)", nargs);
    const struct args_spec spec = {"ContextVar", (const char *const[]){"", "default"}, 1, 1, 2};
    vref in[2];
    if (!nargs) return raise(t, &exc_TypeError, "ContextVar() takes exactly 1 positional argument (0 given)");
    if (!args_bind(t, &spec, args, nargs, kwnames, in)) return V_NULL;
    if (!is_str(in[0])) return raise(t, &exc_TypeError, "context variable name must be a str");
    value v = object_new_instance(t, cls);
    if (!v) return V_NULL;
    as_variable(v)->name = own(t, in[0]);
    as_variable(v)->fallback = in[1] ? own(t, in[1]) : V_NULL;
    return v;
}
static value variable_get(struct thread *t, const vref *a) {
    value v = t->context ? dict_get(t, as_context(t->context)->vars, a[0]) : V_NULL;
    if (v || raised(t)) return v;
    if (a[1]) return own(t, a[1]);
    vref fallback = as_variable(a[0])->fallback;
    return fallback ? own(t, fallback) : raise_value(t, &exc_LookupError, a[0]);
}
static value variable_set(struct thread *t, const vref *a) {
    vref context = current(t);
    if (!context) return V_NULL;
    value old = dict_get(t, as_context(context)->vars, a[0]);
    if (!old && raised(t)) return V_NULL;
    value token = token_new(t, context, a[0], old);
    if (token && !context_store(t, as_context(context), a[0], a[1])) release_field(t, &token);
    return token;
}
static value variable_reset(struct thread *t, const vref *a) {
    if (!is_exactly(a[1], &type_token)) return raise(t, &exc_TypeError, "expected an instance of Token, got %R", a[1]);
    struct token *k = as_token(a[1]);
    vref context = current(t);
    if (!context) return V_NULL;
    if (atomic_load(&k->used)) return raise(t, &exc_RuntimeError, "%R has already been used once", a[1]);
    if (!is_same(k->variable, a[0])) return raise(t, &exc_ValueError, "%R was created by a different ContextVar", a[1]);
    if (!is_same(k->context, context)) return raise(t, &exc_ValueError, "%R was created in a different Context", a[1]);
    if (atomic_exchange(&k->used, true)) return raise(t, &exc_RuntimeError, "%R has already been used once", a[1]);
    return context_store(t, as_context(context), a[0], k->old) ? V_NONE : V_NULL;
}
static value variable_repr(struct thread *t, vref self) {
    struct variable *v = as_variable(self);
    struct repr_link link;
    int enter = repr_enter(t, &link, self); // the default may show us
    if (enter <= 0) return enter < 0 ? V_NULL : str_from_cstr(t, "...");
    void *p = as_object(self);
    value r = v->fallback ? str_format(t, "<ContextVar name=%R default=%R at %p>", v->name, v->fallback, p) : str_format(t, "<ContextVar name=%R at %p>", v->name, p);
    repr_leave(t, &link);
    return r;
}
static value variable_name(struct thread *t, const vref *a) { return own(t, as_variable(a[0])->name); }
static void variable_destroy(struct thread *t, struct object *o) {
    release_field(t, &((struct variable *)o)->name);
    release_field(t, &((struct variable *)o)->fallback);
}
static int variable_traverse(struct object *o, visit_fn *visit, void *arg) {
    struct variable *v = (struct variable *)o;
    int r = v->name ? visit(v->name, arg) : 0;
    return r || !v->fallback ? r : visit(v->fallback, arg);
}
static const struct native variable_natives[] = {
    {"get", NATIVE_METHOD, "($self, default=<unrepresentable>, /)", variable_get,
     .doc = "Return what the variable is set to in the current context.\n\nWhere it is not: default, else the variable's own default, else LookupError."},
    {"set", NATIVE_METHOD, "($self, value, /)", variable_set, .doc = "Set a new value in the current context.\n\nReturns a Token that reset() takes to bring the old one back."},
    {"reset", NATIVE_METHOD, "($self, token, /)", variable_reset, .doc = "Bring back the value from before the set() that made the token."},
    {"name", NATIVE_GETSET, .fn = variable_name},
    {"__class_getitem__", NATIVE_CLASS, "($type, object, /)", seq_class_getitem, .doc = "See PEP 585"},
    {NULL},
};
static struct type type_variable = {
    .name = "ContextVar", .module = "_contextvars", .flags = TYPE_GC, .basicsize = sizeof(struct variable), .natives = variable_natives, .make = variable_make,
    .destroy = variable_destroy, .traverse = variable_traverse, .repr = variable_repr,
};

static const struct native functions[] = {
    {.name = "copy_context", .kind = NATIVE_FUNCTION, .sig = "($module, /)", .fn = copy_context, .doc = "A copy of the current context, in O(1)."},
};
value contextvars_make(struct thread *t) {
    if (!type_ready(t, &type_context) || !type_ready(t, &type_variable) || !type_ready(t, &type_token) || !type_ready(t, &type_missing)) return V_NULL;
    if (!missing) {
        value v = object_new_instance(t, &type_missing);
        if (!v || !dict_set_str(t, type_token.dict, "MISSING", v)) return V_NULL;
        missing = ref_immortal(t, as_object(v));
    }
    value m = module_from_natives(t, "_contextvars", "Context Variables", functions, sizeof functions / sizeof *functions);
    if (m && module_set(t, m, "Context", type_ref(&type_context)) && module_set(t, m, "ContextVar", type_ref(&type_variable)) && module_set(t, m, "Token", type_ref(&type_token)))
        return m;
    release_opt(t, m);
    return V_NULL;
}
