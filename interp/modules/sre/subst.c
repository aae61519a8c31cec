// SPDX-License-Identifier: Apache-2.0
// sub and subn: the text between matches and what stands for each. Leaves parsing of templates to the library's re._subx.
//
// A replacement is a text without backslash, a parsed template (group references and literals by turns, filled in here), or a callable.
#include "interp/modules/modules.h"
#include "interp/modules/sre/sre.h"
#include "interp/types/bytes.h"
#include "interp/types/exc.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/str/codec.h"
#include "interp/types/str/text.h"

// What is built: a str or bytes, and how many pieces it has so far (for messages).
struct output {
    struct thread *t;
    bool is_bytes;
    size_t pieces;
    struct str_builder text;
    struct byte_builder bytes;
};

static void add_slice(struct output *o, const struct subject *s, int64_t from, int64_t to) {
    o->pieces++;
    if (o->is_bytes) byte_builder_add(&o->bytes, s->data + from, (size_t)(to - from));
    else builder_slice(&o->text, s->string, (size_t)from, (size_t)to);
}

// A piece that Python gave; None adds nothing. false: TypeError.
static bool add_piece(struct output *o, vref v) {
    struct buffer_view view;
    if (is_none(v)) return true;
    if (!o->is_bytes) {
        if (!is_str(v)) return raise(o->t, &exc_TypeError, "sequence item %zu: expected str instance, %T found", o->pieces, v), false;
        builder_str(&o->text, v);
    } else {
        if (is_str(v) || !buffer_check(v)) return raise(o->t, &exc_TypeError, "sequence item %zu: expected a bytes-like object, %T found", o->pieces, v), false;
        if (!buffer_get(o->t, v, &view, false)) return false;
        byte_builder_add(&o->bytes, view.data, view.length);
        buffer_release(o->t, &view);
    }
    o->pieces++;
    return true;
}

static value finish(struct output *o, bool ok) {
    if (o->is_bytes && ok) return byte_builder_finish(&o->bytes);
    if (ok) return builder_finish(&o->text);
    if (o->is_bytes) byte_builder_discard(&o->bytes);
    else builder_discard(&o->text);
    return V_NULL;
}

// ---- replacements ----

enum replacement_kind { REPLACE_TEXT, REPLACE_TEMPLATE, REPLACE_CALL };
struct replacement {
    enum replacement_kind kind;
    value v;                 // owned: the text, the callable, or (groups, literals)
    value callable;          // of a template, for error messages as the library words them; owned or V_NULL
};

static bool has_backslash(vref v) {
    const struct str *s = as_str(v);
    if (is_str(v)) return units_find_char(s->data, s->width, s->length, '\\') >= 0;
    struct span p = bytes_span(v);
    return p.n && memchr(p.p, '\\', p.n);
}

// The pair (groups, literals) inside the filter that re._subx made; V_NULL: it looks otherwise.
static vref parsed_of(vref f) {
    if (type_of(f) != &type_func || !as_func(f)->defaults || tuple_size(as_func(f)->defaults) != 1) return V_NULL;
    vref pair = tuple_at(as_func(f)->defaults, 0);
    bool ok = is_tuple(pair) && tuple_size(pair) == 2 && is_list(tuple_at(pair, 0)) && is_list(tuple_at(pair, 1));
    return ok ? pair : V_NULL;
}

static bool replacement_open(struct thread *t, struct replacement *r, vref pattern, vref repl) {
    r->callable = V_NULL;
    r->kind = REPLACE_TEXT;
    if (object_is_callable(repl)) r->kind = REPLACE_CALL;
    bool text = r->kind == REPLACE_TEXT && (is_str(repl) || is_bytes(repl) || is_bytearray(repl)) && !has_backslash(repl);
    if (text || r->kind == REPLACE_CALL) return r->v = own(t, repl), true;
    value name = str_intern_cstr(t, "re"), re = name ? import_dotted(t, name) : V_NULL;
    r->v = re ? object_call_method_cstr(t, re, "_subx", (vref[]){pattern, repl}, 2) : V_NULL;
    release_opt(t, re);
    if (!r->v) return false;
    vref pair = parsed_of(r->v);
    r->kind = pair ? REPLACE_TEMPLATE : object_is_callable(r->v) ? REPLACE_CALL : REPLACE_TEXT;
    if (pair) {
        r->callable = r->v;
        r->v = own(t, pair);
    }
    return true;
}
static void replacement_close(struct thread *t, struct replacement *r) {
    release_opt(t, r->v);
    release_opt(t, r->callable);
}

// The number of the group whose text belongs at literals[at]; -1: a literal stands there. *k walks groups.
static int64_t group_for(struct thread *t, vref groups, size_t *k, size_t at) {
    value pair = list_get_or_null(t, groups, *k);
    int64_t number = -1;
    if (pair && is_tuple(pair) && tuple_size(pair) == 2 && tuple_at(pair, 0) == from_int62((int64_t)at) && is_int62(tuple_at(pair, 1))) {
        number = as_int62(tuple_at(pair, 1));
        ++*k;
    }
    release_opt(t, pair);
    return number;
}

static bool add_template(struct output *o, vref parsed, const struct matcher *m) {
    vref groups = tuple_at(parsed, 0), literals = tuple_at(parsed, 1);
    size_t n = list_size(literals), k = 0, pieces = o->pieces;
    for (size_t i = 0; i < n; i++) {
        int64_t g = group_for(o->t, groups, &k, i), from, to;
        if (g > (int64_t)m->program->groups) return raise(o->t, &exc_IndexError, "no such group"), false;
        if (g >= 0) {
            if (matcher_group(m, (uint32_t)g, &from, &to)) add_slice(o, m->subject, from, to);
            continue;
        }
        value v = list_get_or_null(o->t, literals, i);
        bool ok = v && add_piece(o, v);
        release_opt(o->t, v);
        if (!ok) return false;
    }
    o->pieces = pieces + 1;
    return true;
}

static bool add_replacement(struct output *o, const struct replacement *r, vref pattern, const struct matcher *m) {
    if (r->kind == REPLACE_TEXT) return add_piece(o, r->v);
    if (r->kind == REPLACE_TEMPLATE) return add_template(o, r->v, m);
    value match = match_new(o->t, pattern, m);
    value v = match ? object_call1(o->t, r->v, match) : V_NULL;
    bool ok = v && add_piece(o, v);
    release_opt(o->t, match);
    release_opt(o->t, v);
    return ok;
}

// ---- sub ----

static value substitute(struct thread *t, vref pattern, const struct replacement *r, const struct subject *s, int64_t most, int64_t *count) {
    struct matcher m;
    if (!matcher_open(t, &m, as_pattern(pattern)->program, s, 0, INT64_MAX)) return V_NULL;
    struct output o = {.t = t, .is_bytes = s->is_bytes, .bytes = {.t = t}};
    builder_init(&o.text, t);
    int64_t last = 0, n = 0;
    int found = 0;
    bool ok = true;
    for (; ok && (most == 0 || n < most) && (found = matcher_search(t, &m)) > 0; n++) {
        if (last < m.start) add_slice(&o, s, last, m.start);
        ok = add_replacement(&o, r, pattern, &m);
        last = m.end;
        matcher_next(&m);
    }
    ok = ok && found >= 0;
    if (ok && n && last < m.endpos) add_slice(&o, s, last, m.endpos);
    matcher_close(t, &m);
    *count = n;
    if (!ok || n) return finish(&o, ok);
    finish(&o, false);
    return subject_slice(t, s, 0, (int64_t)s->length);
}

static value run(struct thread *t, const vref *a, bool with_count) {
    struct subject s;
    struct replacement r = {0};
    int64_t most, n;
    value text = V_NULL;
    if (!size_arg(t, a[3], 0, &most) || !pattern_open(t, as_pattern(a[0]), &s, a[2])) return V_NULL;
    if (replacement_open(t, &r, a[0], a[1])) text = substitute(t, a[0], &r, &s, most, &n);
    replacement_close(t, &r);
    subject_close(t, &s);
    if (!text || !with_count) return text;
    return tuple_take_array(t, (value[]){text, from_int62(n)}, 2);
}
value pattern_sub(struct thread *t, const vref *a) { return run(t, a, false); }
value pattern_subn(struct thread *t, const vref *a) { return run(t, a, true); }
