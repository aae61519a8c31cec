// SPDX-License-Identifier: Apache-2.0
// The type make_scanner: values of a JSON text as Python objects. Leaves strings to text.c.
#include "interp/modules/json/json.h"
#include "interp/types/args.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/words.h"

struct scanner {
    struct object head;
    bool strict;
    value object_hook, object_pairs_hook, parse_float, parse_int, parse_constant; // owned
};
enum { KEYS = 64 };
struct reading {
    struct thread *t;
    const struct scanner *c;
    vref text;
    const struct str *s;
    size_t at;
    bool plain_float, plain_int;
    value keys[KEYS];      // owned str or V_NULL, by a hash of their characters
};
static struct scanner *as_scanner(vref v) { return (struct scanner *)as_object(v); }

static value read_value(struct reading *r);

static inline uint32_t peek(const struct reading *r, size_t i) { return i < r->s->length ? JSON_AT(r->s, i) : UINT32_MAX; }
static inline void skip_blanks(struct reading *r) {
    for (uint32_t c; (c = peek(r, r->at)) == ' ' || c == '\n' || c == '\t' || c == '\r';) r->at++;
}
static value expecting(struct reading *r, const char *what, size_t at) { return json_error(r->t, what, r->text, at); }
// Nothing that is a value: StopIteration(at), which the library turns into "Expecting value".
static value no_value(struct reading *r, size_t at) { return raise_value(r->t, &exc_StopIteration, from_int62((int64_t)at)); }

// ---- numbers and constants ----

static value number_object(struct reading *r, size_t from, bool is_float) {
    struct thread *t = r->t;
    vref f = is_float ? r->c->parse_float : r->c->parse_int;
    value text = str_cut(t, r->text, from, r->at), v = V_NULL;
    if (!text) return V_NULL;
    if (is_float ? !r->plain_float : !r->plain_int) v = object_call1(t, f, text);
    else if (is_float) v = float_from_text(t, (const char *)as_str(text)->data, as_str(text)->length);
    else v = int_from_text(t, (const char *)as_str(text)->data, as_str(text)->length, 10, false);
    release(t, text);
    return v;
}

static void skip_digits(struct reading *r) {
    while (peek(r, r->at) - '0' < 10) r->at++;
}

// The number at r->at; V_NULL without exception: there is none.
static value read_number(struct reading *r) {
    size_t from = r->at, digits;
    bool negative = peek(r, r->at) == '-', is_float = false;
    r->at += negative;
    digits = r->at;
    uint32_t c = peek(r, r->at);
    if (c - '1' < 9) skip_digits(r);
    else if (c == '0') r->at++;
    else return r->at = from, V_NULL;
    size_t end = r->at;
    if (peek(r, end) == '.' && peek(r, end + 1) - '0' < 10) {
        r->at += 2;
        skip_digits(r);
        is_float = true;
    }
    c = peek(r, r->at);
    if (c == 'e' || c == 'E') {
        size_t e = r->at + 1;
        if (peek(r, e) == '+' || peek(r, e) == '-') e++;
        if (peek(r, e) - '0' < 10) {
            r->at = e;
            skip_digits(r);
            is_float = true;
        }
    }
    if (is_float && r->plain_float && r->s->width == 1) {
        char few[64];
        size_t n = r->at - from;
        const char *stop;
        if (n < sizeof few) {
            memcpy(few, r->s->data + from, n);
            few[n] = 0;
            return float_new(r->t, float_parse(few, &stop));
        }
    }
    if (is_float || !r->plain_int || end - digits > 18) return number_object(r, from, is_float);
    int64_t n = 0;
    for (size_t i = digits; i < end; i++) n = n * 10 + (int64_t)(JSON_AT(r->s, i) - '0');
    return from_int62(negative ? -n : n);
}

static bool word_at(const struct reading *r, const char *word) {
    size_t i = r->at;
    for (; *word; word++, i++)
        if (peek(r, i) != (uint8_t)*word) return false;
    return true;
}
static value read_constant(struct reading *r, const char *name) {
    value text = str_from_cstr(r->t, name), v = text ? object_call1(r->t, r->c->parse_constant, text) : V_NULL;
    release_opt(r->t, text);
    r->at += strlen(name);
    return v;
}

// ---- objects and arrays ----

// The key that begins at r->at (behind its quote). One made before is given again.
static value read_key(struct reading *r) {
    size_t at = r->at, n = 0;
    uint32_t h = 0;
    const struct str *s = r->s;
    if (s->width == 1) {
        const uint8_t *p = s->data + at;
        size_t most = s->length - at < 32 ? s->length - at : 32;
        while (n < most && p[n] != '"' && p[n] != '\\' && p[n] >= 32) h = h * 31 + p[n++];
        if (n < most && p[n] == '"') {
            value *known = &r->keys[(h ^ h >> 8) % KEYS];
            const struct str *k = *known ? as_str(*known) : NULL;
            if (!k || k->length != n || k->width != 1 || memcmp(k->data, p, n)) {
                value key = str_cut(r->t, r->text, at, at + n);
                if (!key) return V_NULL;
                replace_field(r->t, known, key);
            }
            r->at = at + n + 1;
            return own(r->t, *known);
        }
    }
    return json_read_string(r->t, r->text, at, r->c->strict, &r->at);
}

// "key": value. false: exception.
static bool read_member(struct reading *r, value *key, value *v) {
    *key = *v = V_NULL;
    if (peek(r, r->at) != '"') return expecting(r, "Expecting property name enclosed in double quotes", r->at);
    r->at++;
    if (!(*key = read_key(r))) return false;
    skip_blanks(r);
    if (peek(r, r->at) != ':') expecting(r, "Expecting ':' delimiter", r->at);
    else {
        r->at++;
        skip_blanks(r);
        *v = read_value(r);
    }
    if (*v) return true;
    release_field(r->t, key);
    return false;
}

static bool add_pair(struct reading *r, vref into, bool pairs) {
    value key, v;
    if (!read_member(r, &key, &v)) return false;
    if (pairs) {
        value pair = tuple_take_array(r->t, (value[]){key, v}, 2);
        return pair && list_append_take(r->t, into, pair);
    }
    bool ok = dict_set_take(r->t, into, key, v);
    release(r->t, key);
    return ok;
}

static value hooked(struct reading *r, value v, bool pairs) { // takes v
    vref hook = pairs ? r->c->object_pairs_hook : r->c->object_hook;
    if (!v || is_none(hook)) return v;
    value w = object_call1(r->t, hook, v);
    release(r->t, v);
    return w;
}

// Goes on behind an item: 1 there is another, 0 the end, -1 exception.
static int next_item(struct reading *r, uint32_t close) {
    skip_blanks(r);
    uint32_t c = peek(r, r->at);
    if (c != ',' && c != close) return expecting(r, "Expecting ',' delimiter", r->at), -1;
    r->at++;
    if (c == close) return 0;
    skip_blanks(r);
    return safepoint_poll(r->t) ? 1 : -1;
}

static value read_object(struct reading *r) {
    bool pairs = !is_none(r->c->object_pairs_hook);
    value v = pairs ? list_new(r->t, 0) : dict_new(r->t);
    if (!v) return V_NULL;
    int more = 1;
    skip_blanks(r);
    if (peek(r, r->at) == '}') r->at++, more = 0;
    while (more > 0) more = add_pair(r, v, pairs) ? next_item(r, '}') : -1;
    if (more < 0) release_field(r->t, &v);
    return hooked(r, v, pairs);
}

static value read_array(struct reading *r) {
    value list = list_new(r->t, 0);
    if (!list) return V_NULL;
    int more = 1;
    skip_blanks(r);
    if (peek(r, r->at) == ']') r->at++, more = 0;
    while (more > 0) {
        value v = read_value(r);
        more = v && list_append_take(r->t, list, v) ? next_item(r, ']') : -1;
    }
    if (more < 0) release_field(r->t, &list);
    return list;
}

// The value at r->at; r->at goes behind it.
static value read_value(struct reading *r) {
    value v;
    size_t at = r->at;
    switch (peek(r, at)) {
    case '"': return json_read_string(r->t, r->text, at + 1, r->c->strict, &r->at);
    case '{':
    case '[': {
        bool is_object = peek(r, r->at++) == '{';
        if (!recursion_enter(r->t, is_object ? " while decoding a JSON object from a unicode string" : " while decoding a JSON array from a unicode string")) return V_NULL;
        v = is_object ? read_object(r) : read_array(r);
        recursion_leave(r->t);
        return v;
    }
    case 'n': return word_at(r, "null") ? r->at += 4, V_NONE : no_value(r, at);
    case 't': return word_at(r, "true") ? r->at += 4, V_TRUE : no_value(r, at);
    case 'f': return word_at(r, "false") ? r->at += 5, V_FALSE : no_value(r, at);
    case 'N': return word_at(r, "NaN") ? read_constant(r, "NaN") : no_value(r, at);
    case 'I': return word_at(r, "Infinity") ? read_constant(r, "Infinity") : no_value(r, at);
    case '-':
        if (word_at(r, "-Infinity")) return read_constant(r, "-Infinity"); // fallthrough
    default:
        v = read_number(r);
        return v || raised(r->t) ? v : no_value(r, at);
    }
}

static value call(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    static const char *const names[] = {"string", "idx"};
    static const struct args_spec spec = {"scan_once", names, 0, 2, 2};
    struct scanner *c = as_scanner(self);
    vref a[2];
    int64_t at;
    if (!args_bind(t, &spec, args, nargs, kwnames, a) || !object_as_index(t, a[1], &at)) return V_NULL;
    if (!is_str(a[0])) return raise(t, &exc_TypeError, "first argument must be a string, not %T", a[0]);
    if (at < 0) return raise(t, &exc_ValueError, "idx cannot be negative");
    struct reading r = {.t = t, .c = c, .text = a[0], .s = as_str(a[0]), .at = (size_t)at};
    r.plain_float = c->parse_float == type_ref(&type_float);
    r.plain_int = c->parse_int == type_ref(&type_int);
    value v = (size_t)at >= r.s->length ? no_value(&r, (size_t)at) : read_value(&r);
    for (int i = 0; i < KEYS; i++) release_opt(t, r.keys[i]);
    return v ? tuple_take_array(t, (value[]){v, from_int62((int64_t)r.at)}, 2) : V_NULL;
}

// ---- the type ----

static value make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    static const char *const names[] = {"context"}, *const hooks[] = {"object_hook", "object_pairs_hook", "parse_float", "parse_int", "parse_constant"};
    static const struct args_spec spec = {"make_scanner", names, 0, 1, 1};
    vref context;
    if (!args_bind(t, &spec, args, nargs, kwnames, &context)) return V_NULL;
    value strict = object_getattr_cstr(t, context, "strict");
    int truth = strict ? object_truth(t, strict) : -1;
    release_opt(t, strict);
    value v = truth < 0 ? V_NULL : object_new_instance(t, cls);
    if (!v) return V_NULL;
    struct scanner *c = as_scanner(v);
    value *const fields[] = {&c->object_hook, &c->object_pairs_hook, &c->parse_float, &c->parse_int, &c->parse_constant};
    c->strict = truth;
    for (int i = 0; i < 5; i++)
        if (!(*fields[i] = object_getattr_cstr(t, context, hooks[i]))) {
            release(t, v);
            return V_NULL;
        }
    return v;
}
static value get_strict(struct thread *t, const vref *a) { return (void)t, from_bool(as_scanner(a[0])->strict); }

static void destroy(struct thread *t, struct object *o) {
    struct scanner *c = (struct scanner *)o;
    value *const fields[] = {&c->object_hook, &c->object_pairs_hook, &c->parse_float, &c->parse_int, &c->parse_constant};
    for (int i = 0; i < 5; i++) release_field(t, fields[i]);
}
static int traverse(struct object *o, visit_fn *visit, void *arg) {
    struct scanner *c = (struct scanner *)o;
    const value fields[] = {c->object_hook, c->object_pairs_hook, c->parse_float, c->parse_int, c->parse_constant};
    int r = 0;
    for (int i = 0; !r && i < 5; i++) r = fields[i] && is_pointer(fields[i]) ? visit(fields[i], arg) : 0;
    return r;
}
#define MEMBER(x) {#x, NATIVE_MEMBER, .offset = offsetof(struct scanner, x), .doc = #x}
static const struct native natives[] = {
    {"strict", NATIVE_GETSET, .fn = get_strict}, MEMBER(object_hook), MEMBER(object_pairs_hook), MEMBER(parse_float), MEMBER(parse_int), MEMBER(parse_constant),
    {.name = NULL},
};
struct type type_json_scanner = {
    .name = "Scanner", .module = "_json", .base = &type_object, .flags = TYPE_GC | TYPE_BASE, .basicsize = sizeof(struct scanner), .doc = "JSON scanner object",
    .natives = natives, .make = make, .destroy = destroy, .clear = destroy, .traverse = traverse, .call = call,
};
