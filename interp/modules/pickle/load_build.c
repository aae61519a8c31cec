// SPDX-License-Identifier: Apache-2.0
// Opcodes that fill containers and give objects their state. Leaves making objects to load_class.c.
//
// What is called here may be any Python code; it cannot reach this stack, but the object it is handed: places in the stack are numbers, never pointers.
#include "interp/modules/pickle/pickle.h"
#include "interp/types/instance.h"
#include "interp/types/list.h"
#include "interp/types/memoryview.h"
#include "interp/types/names.h"
#include "interp/types/seq.h"
#include "interp/types/set.h"
#include "interp/types/type.h"

// ---- lists ----

static bool append_by_calls(struct thread *t, struct unpickler *u, vref list, size_t from) {
    value f = object_getattr_cstr(t, list, "append");
    bool ok = f != V_NULL;
    for (size_t i = from; ok && i < u->n; i++) {
        value r = object_call1(t, f, u->stack[i]);
        ok = r != V_NULL;
        release_opt(t, r);
    }
    stack_cut(t, u, from);
    release_opt(t, f);
    return ok;
}
static bool extend_by_call(struct thread *t, struct unpickler *u, vref list, size_t from) {
    value f, items, r;
    vref name = str_intern_cstr(t, "extend");
    int found = name ? object_lookup_attr(t, list, name, &f) : -1;
    if (found < 0) return false;
    if (!found) return append_by_calls(t, u, list, from);
    items = stack_list(t, u, from);
    r = items ? object_call1(t, f, items) : V_NULL;
    release_opt(t, items);
    release(t, f);
    release_opt(t, r);
    return r != V_NULL;
}
static bool append(struct thread *t, struct unpickler *u, size_t from) {
    if (from > u->n || from <= u->fence) return stack_underflow(t, u), false;
    if (from == u->n) return true;
    vref list = u->stack[from - 1]; // stays where it is
    if (!has_shape(list, SHAPE_LIST)) return extend_by_call(t, u, list, from);
    if (u->n - from == 1) return list_append_take(t, list, stack_pop(t, u));
    if (!list_splice(t, list, SIZE_MAX, SIZE_MAX, u->stack + from, u->n - from)) return false;
    u->n = from; // the words are the list's now
    return true;
}
bool load_APPEND(struct thread *t, struct unpickler *u) {
    if (u->n == 0) return stack_underflow(t, u), false;
    return append(t, u, u->n - 1);
}
bool load_APPENDS(struct thread *t, struct unpickler *u) {
    size_t at;
    return stack_unmark(t, u, &at) && append(t, u, at);
}

// ---- dicts ----

static bool set_items(struct thread *t, struct unpickler *u, size_t from) {
    if (from > u->n || from <= u->fence) return stack_underflow(t, u), false;
    if (from == u->n) return true;
    if ((u->n - from) % 2) return raise(t, &unpickling_error, "odd number of items for SETITEMS"), false;
    vref d = u->stack[from - 1];
    bool ok = true, exact = has_shape(d, SHAPE_DICT);
    for (size_t i = from; ok && i < u->n; i += 2) {
        if (!exact) ok = object_setitem(t, d, u->stack[i], u->stack[i + 1]) >= 0;
        else {
            value v = u->stack[i + 1];
            u->stack[i + 1] = V_NONE;
            ok = dict_set_take(t, d, u->stack[i], v);
        }
    }
    stack_cut(t, u, from);
    return ok;
}
bool load_SETITEM(struct thread *t, struct unpickler *u) {
    if (u->n < 2) return stack_underflow(t, u), false;
    return set_items(t, u, u->n - 2);
}
bool load_SETITEMS(struct thread *t, struct unpickler *u) {
    size_t at;
    return stack_unmark(t, u, &at) && set_items(t, u, at);
}
bool load_DICT(struct thread *t, struct unpickler *u) {
    size_t at;
    if (!stack_unmark(t, u, &at)) return false;
    if ((u->n - at) % 2) return raise(t, &unpickling_error, "odd number of items for DICT"), false;
    value d = dict_new(t);
    bool ok = d != V_NULL;
    for (size_t i = at; ok && i + 1 < u->n; i += 2) ok = dict_set(t, d, u->stack[i], u->stack[i + 1]);
    if (!ok) return release_opt(t, d), false;
    stack_cut(t, u, at);
    return stack_push(t, u, d);
}

// ---- sets ----

bool load_ADDITEMS(struct thread *t, struct unpickler *u) {
    size_t at;
    if (!stack_unmark(t, u, &at)) return false;
    if (at > u->n || at <= u->fence) return stack_underflow(t, u), false;
    if (at == u->n) return true;
    vref set = u->stack[at - 1];
    if (is_instance(set, &type_set)) {
        value items = stack_tuple(t, u, at);
        bool ok = items && set_update(t, set, items);
        release_opt(t, items);
        return ok;
    }
    value f = object_getattr_cstr(t, set, "add");
    bool ok = f != V_NULL;
    if (!ok) return false;
    for (size_t i = at; ok && i < u->n; i++) {
        value r = object_call1(t, f, u->stack[i]);
        ok = r != V_NULL;
        release_opt(t, r);
    }
    stack_cut(t, u, at);
    release(t, f);
    return ok;
}
bool load_FROZENSET(struct thread *t, struct unpickler *u) {
    size_t at;
    if (!stack_unmark(t, u, &at)) return false;
    value items = stack_tuple(t, u, at), v = items ? set_from(t, true, items) : V_NULL;
    release_opt(t, items);
    return stack_push(t, u, v);
}

// ---- state ----

// Whether attributes may be stored in the instance without asking its class.
static bool takes_plain(struct thread *t, vref v) {
    if (!is_pointer(v)) return false;
    struct type *c = type_of(v);
    if (!(c->flags & TYPE_HEAP) || !(c->flags & TYPE_HAS_DICT) || c->c_base != &type_object || c->flags & TYPE_PY_GETATTR || object_flags(as_object(v)) & HEAD_DICT) return false;
    return !type_lookup(t, c, NAME(__setstate__));
}
// The name as everybody has it. What a pickle fetches from its memo for the next instance is known already.
static value interned(struct thread *t, struct unpickler *u, value key) { // takes key
    if (!has_shape(key, SHAPE_STR)) return key;
    struct known_name *k = &u->names[(key >> 4) % KNOWN_NAMES];
    if (k->from && is_same(k->from, key)) {
        release(t, key);
        return own(t, k->to);
    }
    value to = str_intern(t, own(t, key));
    if (!to) return release(t, key), V_NULL;
    if (k->from) release_field(t, &k->from), release_field(t, &k->to);
    k->from = key;
    k->to = own(t, to);
    return to;
}
static bool fill_dict(struct thread *t, struct unpickler *u, vref v, vref state, bool plain) {
    if (!is_dict(state)) return raise(t, &unpickling_error, "state is not a dictionary"), false;
    value d = plain ? V_NULL : object_getattr(t, v, NAME(__dict__)), key, x;
    bool ok = plain || d;
    for (size_t pos = 0; ok && dict_next(t, state, &pos, &key, &x);) {
        key = interned(t, u, key);
        if (key && !d && !has_shape(key, SHAPE_STR) && !(d = object_getattr(t, v, NAME(__dict__)))) release_field(t, &key); // what no attribute is called
        if (key && !d) {
            ok = instance_set(t, as_object(v), key, x);
        } else {
            ok = key && object_setitem(t, d, key, x) >= 0;
            release(t, x);
        }
        release_opt(t, key);
    }
    release_opt(t, d);
    return ok;
}
static bool fill_slots(struct thread *t, vref v, vref state) {
    value key, x;
    bool ok = true;
    if (!is_dict(state)) return raise(t, &unpickling_error, "slot state is not a dictionary"), false;
    for (size_t pos = 0; ok && dict_next(t, state, &pos, &key, &x);) {
        ok = object_setattr(t, v, key, x) >= 0;
        release(t, key);
        release(t, x);
    }
    return ok;
}
static bool build(struct thread *t, struct unpickler *u, vref v, vref state) {
    value f;
    bool plain = takes_plain(t, v);
    int found = plain ? 0 : object_lookup_attr(t, v, NAME(__setstate__), &f);
    if (found < 0) return false;
    if (found) {
        value r = object_call1(t, f, state);
        release(t, f);
        release_opt(t, r);
        return r != V_NULL;
    }
    vref slots = V_NULL;
    if (is_tuple(state) && tuple_size(state) == 2) {
        slots = tuple_at(state, 1);
        state = tuple_at(state, 0);
    }
    return (is_none(state) || fill_dict(t, u, v, state, plain)) && (!slots || fill_slots(t, v, slots));
}
bool load_BUILD(struct thread *t, struct unpickler *u) {
    if (u->n < 2 || u->n - 2 < u->fence) return stack_underflow(t, u), false;
    value state = stack_pop(t, u);
    bool ok = state && build(t, u, u->stack[u->n - 1], state);
    release_opt(t, state);
    return ok;
}

// ---- buffers beside the pickle ----

bool load_NEXT_BUFFER(struct thread *t, struct unpickler *u) {
    if (!u->buffers) return raise(t, &unpickling_error, "pickle stream refers to out-of-band data but no *buffers* argument was given"), false;
    value v = object_next(t, u->buffers);
    if (!v && !raised(t)) raise(t, &unpickling_error, "not enough out-of-band buffers");
    return stack_push(t, u, v);
}
bool load_READONLY_BUFFER(struct thread *t, struct unpickler *u) {
    if (u->n <= u->fence) return stack_underflow(t, u), false;
    value view = memoryview_new(t, u->stack[u->n - 1]);
    if (!view) return false;
    struct memoryview *m = (struct memoryview *)as_object(view);
    if (m->readonly) return release(t, view), true;
    m->readonly = true;
    replace_field(t, &u->stack[u->n - 1], view);
    return true;
}
