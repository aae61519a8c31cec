// SPDX-License-Identifier: Apache-2.0
// The type make_encoder: Python objects as JSON text. Leaves strings to text.c, indentation to the library.
#include "interp/modules/json/json.h"
#include "interp/types/args.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/float.h"
#include "interp/types/func.h"
#include "interp/types/seq.h"
#include "interp/types/words.h"

enum quoting { QUOTE_CALL, QUOTE_ASCII, QUOTE_PLAIN };
struct encoder {
    struct object head;
    value markers, fallback, encoder, indent, key_separator, item_separator, sort_keys, skip_keys; // owned
    uint8_t quoting;       // enum quoting: the encoder is one of ours
    bool sorts, skips, allow_nan;
};
struct writing {
    struct thread *t;
    const struct encoder *e;
    struct str_builder out;
};
static struct encoder *as_encoder(vref v) { return (struct encoder *)as_object(v); }

static bool write_value(struct writing *w, vref v);

static void put_separator(struct writing *w, vref s) {
    if (as_str(s)->length <= 4) // the usual ones, without looking at widths
        for (size_t i = 0; i < as_str(s)->length; i++) builder_char(&w->out, str_at(as_str(s), i));
    else
        builder_str(&w->out, s);
}

static bool write_text(struct writing *w, vref s) {
    if (w->e->quoting != QUOTE_CALL) return json_write_string(&w->out, s, w->e->quoting == QUOTE_ASCII), !w->out.failed;
    value text = object_call1(w->t, w->e->encoder, s);
    if (text && !is_str(text)) {
        raise(w->t, &exc_TypeError, "encoder() must return a string, not %T", text);
        release_field(w->t, &text);
    }
    if (!text) return false;
    builder_str(&w->out, text);
    release(w->t, text);
    return true;
}

// A finite double as Python shows it, others as JavaScript does. false: ValueError.
static bool write_double(struct writing *w, double d) {
    char text[40];
    if (__builtin_isfinite(d)) {
        builder_ascii(&w->out, text, float_repr_to(text, d));
        return true;
    }
    if (!w->e->allow_nan) return raise(w->t, &exc_ValueError, "Out of range float values are not JSON compliant");
    builder_cstr(&w->out, d != d ? "NaN" : d > 0 ? "Infinity" : "-Infinity");
    return true;
}

static bool write_int(struct writing *w, vref v) {
    char text[24];
    int64_t i;
    if (int_as_i64_overflow(v, &i) == 0) {
        char *p = text + sizeof text;
        uint64_t u = i < 0 ? -(uint64_t)i : (uint64_t)i;
        do *--p = (char)('0' + u % 10);
        while (u /= 10);
        if (i < 0) *--p = '-';
        builder_ascii(&w->out, p, (size_t)(text + sizeof text - p));
        return true;
    }
    value s = int_to_str(w->t, v, 10, false);
    if (!s) return false;
    builder_str(&w->out, s);
    release(w->t, s);
    return true;
}

// ---- containers ----

// Notes that v is being written. 1 noted (*key new), 0 nobody keeps marks, -1 exception.
static int mark(struct writing *w, vref v, value *key) {
    *key = V_NULL;
    if (is_none(w->e->markers)) return 0;
    *key = int_from_u64(w->t, (uint64_t)(uintptr_t)as_object(v));
    int there = *key ? dict_contains(w->t, w->e->markers, *key) : -1;
    if (there > 0) raise(w->t, &exc_ValueError, "Circular reference detected");
    if (there == 0 && dict_set(w->t, w->e->markers, *key, v)) return 1;
    if (*key) release_field(w->t, key);
    return -1;
}
static bool unmark(struct writing *w, value key, bool ok) { // takes key
    if (!key) return ok;
    ok = ok && dict_del(w->t, w->e->markers, key) >= 0;
    release(w->t, key);
    return ok;
}

static bool write_items(struct writing *w, vref v) {
    bool is_plain_list = is_list(v);
    for (size_t i = 0;; i++) {
        value item = is_plain_list ? list_get_or_null(w->t, v, i) : i < tuple_size(v) ? own(w->t, tuple_at(v, i)) : V_NULL;
        if (!item) return !raised(w->t);
        if (i) put_separator(w, w->e->item_separator);
        bool ok = write_value(w, item) && safepoint_poll(w->t);
        release(w->t, item);
        if (!ok) return false;
    }
}
static bool write_array(struct writing *w, vref v) {
    value key;
    if (is_list(v) ? list_size(v) == 0 : tuple_size(v) == 0) return builder_ascii(&w->out, "[]", 2), true;
    if (mark(w, v, &key) < 0) return false;
    builder_char(&w->out, '[');
    bool ok = write_items(w, v);
    builder_char(&w->out, ']');
    return unmark(w, key, ok);
}

// 1 written, 0 left out, -1 exception.
static int write_key(struct writing *w, vref k, bool first) {
    bool known = is_str(k) || is_float(k) || k == V_TRUE || k == V_FALSE || is_none(k) || is_int(k);
    if (!known && w->e->skips) return 0;
    if (!known) return raise(w->t, &exc_TypeError, "keys must be str, int, float, bool or None, not %T", k), -1;
    if (!first) put_separator(w, w->e->item_separator);
    if (is_str(k)) return write_text(w, k) ? 1 : -1;
    struct writing part = {w->t, w->e, {0}};
    builder_init(&part.out, w->t);
    bool ok = true;
    if (is_float(k)) ok = write_double(&part, float_value(k));
    else if (k == V_TRUE || k == V_FALSE || is_none(k)) builder_cstr(&part.out, k == V_TRUE ? "true" : k == V_FALSE ? "false" : "null");
    else ok = write_int(&part, k);
    if (!ok) return builder_discard(&part.out), -1;
    value text = builder_finish(&part.out);
    ok = text && write_text(w, text);
    release_opt(w->t, text);
    return ok ? 1 : -1;
}
static bool write_member(struct writing *w, vref k, vref v, bool *first) {
    int r = write_key(w, k, *first);
    if (r <= 0) return r == 0;
    *first = false;
    put_separator(w, w->e->key_separator);
    return write_value(w, v) && safepoint_poll(w->t);
}

static bool write_sorted(struct writing *w, vref d) {
    bool exact = has_shape(d, SHAPE_DICT), first = true, ok;
    value view = exact ? V_NONE : object_call_method_cstr(w->t, d, "items", NULL, 0);
    value items = !view ? V_NULL : exact ? dict_items_list(w->t, d) : list_from_iterable(w->t, view);
    ok = items && (!w->e->sorts || list_sort(w->t, items, V_NULL, false));
    for (size_t i = 0; ok; i++) {
        value pair = list_get_or_null(w->t, items, i);
        if (!pair) break;
        if (!is_tuple(pair) || tuple_size(pair) != 2) ok = raise(w->t, &exc_ValueError, "items must return 2-tuples");
        else ok = write_member(w, tuple_at(pair, 0), tuple_at(pair, 1), &first);
        release(w->t, pair);
    }
    release_opt(w->t, view);
    release_opt(w->t, items);
    return ok;
}
static bool write_plain(struct writing *w, vref d) {
    value k, v;
    bool first = true, ok = true;
    for (size_t pos = 0; ok && dict_next(w->t, d, &pos, &k, &v);) {
        ok = write_member(w, k, v, &first);
        release(w->t, k);
        release(w->t, v);
    }
    return ok;
}
static bool write_object(struct writing *w, vref d) {
    value key;
    if (dict_count(d) == 0) return builder_ascii(&w->out, "{}", 2), true;
    if (mark(w, d, &key) < 0) return false;
    builder_char(&w->out, '{');
    bool ok = w->e->sorts || !has_shape(d, SHAPE_DICT) ? write_sorted(w, d) : write_plain(w, d);
    builder_char(&w->out, '}');
    return unmark(w, key, ok);
}

static bool write_other(struct writing *w, vref v) {
    value key;
    if (mark(w, v, &key) < 0) return false;
    value other = object_call1(w->t, w->e->fallback, v);
    bool ok = other && write_value(w, other);
    release_opt(w->t, other);
    return unmark(w, key, ok);
}

static bool write_value(struct writing *w, vref v) {
    if (w->out.failed) return false;
    if (is_none(v)) return builder_ascii(&w->out, "null", 4), true;
    if (v == V_TRUE) return builder_ascii(&w->out, "true", 4), true;
    if (v == V_FALSE) return builder_ascii(&w->out, "false", 5), true;
    if (is_str(v)) return write_text(w, v);
    if (is_int(v)) return write_int(w, v);
    if (is_float(v)) return write_double(w, float_value(v));
    if (!recursion_enter(w->t, " while encoding a JSON object")) return false;
    bool ok = is_list(v) || is_tuple(v) ? write_array(w, v) : is_dict(v) ? write_object(w, v) : write_other(w, v);
    recursion_leave(w->t);
    return ok;
}

static value call(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    static const char *const names[] = {"obj", "_current_indent_level"};
    static const struct args_spec spec = {"_iterencode", names, 0, 2, 2};
    vref a[2];
    if (!args_bind(t, &spec, args, nargs, kwnames, a)) return V_NULL;
    struct writing w = {.t = t, .e = as_encoder(self)};
    builder_init(&w.out, t);
    if (!write_value(&w, a[0])) {
        builder_discard(&w.out);
        return V_NULL;
    }
    value text = builder_finish(&w.out);
    return text ? tuple_take_array(t, &text, 1) : V_NULL;
}

// ---- the type ----

enum { A_MARKERS, A_DEFAULT, A_ENCODER, A_INDENT, A_KEY_SEPARATOR, A_ITEM_SEPARATOR, A_SORT, A_SKIP, A_NAN, A_COUNT };

static enum quoting quoting_of(vref f) {
    if (type_of(f) != &type_native) return QUOTE_CALL;
    const struct native *def = ((struct native_object *)as_object(f))->def;
    return def->fn == json_encode_ascii ? QUOTE_ASCII : def->fn == json_encode_plain ? QUOTE_PLAIN : QUOTE_CALL;
}

static value make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    static const char *const names[] = {"markers", "default", "encoder", "indent", "key_separator", "item_separator", "sort_keys", "skipkeys", "allow_nan"};
    static const struct args_spec spec = {"make_encoder", names, 0, A_COUNT, A_COUNT};
    vref a[A_COUNT];
    if (!args_bind(t, &spec, args, nargs, kwnames, a)) return V_NULL;
    if (!is_none(a[A_MARKERS]) && !is_dict(a[A_MARKERS])) return raise(t, &exc_TypeError, "make_encoder() argument 1 must be dict or None, not %T", a[A_MARKERS]);
    for (int i = A_KEY_SEPARATOR; i <= A_ITEM_SEPARATOR; i++)
        if (!is_str(a[i])) return raise(t, &exc_TypeError, "make_encoder() argument %d must be str, not %T", i + 1, a[i]);
    int sorts = object_truth(t, a[A_SORT]), skips = object_truth(t, a[A_SKIP]), nan = object_truth(t, a[A_NAN]);
    value v = sorts < 0 || skips < 0 || nan < 0 ? V_NULL : object_new_instance(t, cls);
    if (!v) return V_NULL;
    struct encoder *e = as_encoder(v);
    value *fields = &e->markers;
    for (int i = 0; i <= A_SKIP; i++) fields[i] = own(t, a[i]);
    e->quoting = (uint8_t)quoting_of(a[A_ENCODER]);
    e->sorts = sorts, e->skips = skips, e->allow_nan = nan;
    return v;
}

static void destroy(struct thread *t, struct object *o) {
    value *fields = &((struct encoder *)o)->markers;
    for (int i = 0; i <= A_SKIP; i++) release_field(t, &fields[i]);
}
static int traverse(struct object *o, visit_fn *visit, void *arg) {
    const value *fields = &((struct encoder *)o)->markers;
    int r = 0;
    for (int i = 0; !r && i <= A_SKIP; i++) r = fields[i] && is_pointer(fields[i]) ? visit(fields[i], arg) : 0;
    return r;
}
#define MEMBER(name_, field) {name_, NATIVE_MEMBER, .offset = offsetof(struct encoder, field), .doc = name_}
static const struct native natives[] = {
    MEMBER("markers", markers), MEMBER("default", fallback), MEMBER("encoder", encoder), MEMBER("indent", indent), MEMBER("key_separator", key_separator),
    MEMBER("item_separator", item_separator), MEMBER("sort_keys", sort_keys), MEMBER("skipkeys", skip_keys), {.name = NULL},
};
struct type type_json_encoder = {
    .name = "Encoder", .module = "_json", .base = &type_object, .flags = TYPE_GC | TYPE_BASE, .basicsize = sizeof(struct encoder),
    .doc = "Return the JSON text of obj in pieces, indented from the given level on.",
    .natives = natives, .make = make, .destroy = destroy, .clear = destroy, .traverse = traverse, .call = call,
};
