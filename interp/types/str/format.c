// SPDX-License-Identifier: Apache-2.0
// str.format and format_map: replacement fields, with attributes, items, conversions and nested specifications. Leaves formatting one value to its
// __format__, and the parts that string.Formatter wants to format_parse.c.
#include "interp/types/str/format.h"
#include "interp/types/exc.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/str/methods.h"

// ---- parsing ----

static bool complain(struct thread *t, const char *text) {
    raise(t, &exc_ValueError, text);
    return false;
}

// The field's name ends at ':' or '!' outside [...]; then conversion and specification.
static bool split_field(struct thread *t, const struct str *s, struct format_piece *p, size_t from, size_t to) {
    size_t i = from;
    bool bracket = false;
    for (; i < to; i++) {
        uint32_t c = str_at(s, i);
        if (c == '{' && !bracket) return complain(t, "unexpected '{' in field name");
        if (c == '[') bracket = true;
        else if (c == ']') bracket = false;
        else if (!bracket && (c == ':' || c == '!')) break;
    }
    p->name_from = from, p->name_to = i;
    p->conversion = 0;
    p->spec_from = p->spec_to = to;
    if (i < to && str_at(s, i) == '!') {
        if (i + 1 >= to) return complain(t, "unmatched '{' in format spec");
        p->conversion = str_at(s, i + 1);
        i += 2;
        if (i < to && str_at(s, i) != ':') return complain(t, "expected ':' after conversion specifier");
    }
    if (i < to) p->spec_from = i + 1;
    return true;
}

int format_next(struct thread *t, const struct str *s, size_t *pos, size_t end, struct format_piece *p) {
    size_t i = *pos;
    *p = (struct format_piece){.text_from = i, .text_to = i};
    if (i >= end) return 0;
    while (i < end && str_at(s, i) != '{' && str_at(s, i) != '}') i++;
    p->text_to = i;
    if (i == end) return *pos = i, 1;
    uint32_t c = str_at(s, i++);
    if (i < end && str_at(s, i) == c) { // doubled: one of them is text
        p->text_to = i;
        *pos = i + 1;
        return 1;
    }
    if (c == '}') return complain(t, "Single '}' encountered in format string"), -1;
    if (i == end) return complain(t, "Single '{' encountered in format string"), -1;
    size_t from = i, depth = 1;
    bool bracket = false, in_spec = false, named = false;
    for (; i < end; i++) {
        c = str_at(s, i);
        if (c == '[' && !in_spec) bracket = true;
        else if (c == ']' && !in_spec) bracket = false;
        if (bracket) continue;
        if (c == ':') in_spec = true;
        named |= c == ':' || c == '!';
        if (c == '{') depth++, p->nested = true;
        else if (c == '}' && --depth == 0) break;
    }
    if (depth && named && !in_spec && str_at(s, end - 1) == '!') return complain(t, "end of string while looking for conversion specifier"), -1;
    if (depth) return complain(t, named ? "unmatched '{' in format spec" : "expected '}' before end of string"), -1;
    p->has_field = true;
    *pos = i + 1;
    return split_field(t, s, p, from, i) ? 1 : -1;
}

// A decimal index of the whole range; -1: it is a name; -2: exception.
static int64_t as_index(struct thread *t, const struct str *s, size_t from, size_t to) {
    int64_t n = 0;
    if (from == to) return -1;
    for (size_t i = from; i < to; i++) {
        uint32_t c = str_at(s, i);
        int d = c < 128 ? (c >= '0' && c <= '9' ? (int)c - '0' : -1) : unicode_of(c)->decimal;
        if (d < 0) return -1;
        if (n > (INT64_MAX - 9) / 10) return complain(t, "Too many decimal digits in format string"), -2;
        n = n * 10 + d;
    }
    return n;
}

size_t format_first_end(const struct str *s, size_t from, size_t to) {
    while (from < to && str_at(s, from) != '.' && str_at(s, from) != '[') from++;
    return from;
}

value format_name_part(struct thread *t, vref s, size_t from, size_t to) {
    int64_t i = as_index(t, as_str(s), from, to);
    if (i == -2) return V_NULL;
    return i >= 0 ? int_from_i64(t, i) : str_cut(t, s, from, to);
}

int format_next_part(struct thread *t, vref v, size_t *pos, size_t to, bool *attribute, value *key) {
    const struct str *s = as_str(v);
    size_t i = *pos;
    if (i >= to) return 0;
    uint32_t c = str_at(s, i++);
    size_t from = i;
    if (c == '.') {
        while (i < to && str_at(s, i) != '.' && str_at(s, i) != '[') i++;
        *attribute = true, *pos = i;
        if (from == i) return complain(t, "Empty attribute in format string"), -1;
        *key = str_cut(t, v, from, i);
        return *key ? 1 : -1;
    }
    if (c != '[') return complain(t, "Only '.' or '[' may follow ']' in format field specifier"), -1;
    while (i < to && str_at(s, i) != ']') i++;
    if (i == to) return complain(t, "Missing ']' in format string"), -1;
    if (from == i) return complain(t, "Empty attribute in format string"), -1;
    *attribute = false, *pos = i + 1;
    *key = format_name_part(t, v, from, i);
    return *key ? 1 : -1;
}

// ---- formatting ----

enum numbering { NUMBER_UNKNOWN, NUMBER_AUTO, NUMBER_MANUAL };
struct job {
    struct thread *t;
    const vref *args;
    size_t nargs;
    vref kwnames;        // values behind args; or
    vref mapping;        // format_map's, V_NULL else
    enum numbering numbering;
    int64_t next;
};

static value positional(struct job *j, int64_t i) {
    if (j->mapping) return raise(j->t, &exc_ValueError, "Format string contains positional fields");
    if (i >= (int64_t)j->nargs) return raise(j->t, &exc_IndexError, "Replacement index %ld out of range for positional args tuple", i);
    return own(j->t, j->args[i]);
}

static value named(struct job *j, vref s, size_t from, size_t to) {
    value key = str_cut(j->t, s, from, to), v = V_NULL;
    if (!key) return V_NULL;
    if (j->mapping) v = object_getitem(j->t, j->mapping, key);
    else {
        size_t n = j->kwnames ? tuple_size(j->kwnames) : 0;
        for (size_t k = 0; k < n && !v; k++)
            if (str_equal(tuple_at(j->kwnames, k), key)) v = own(j->t, j->args[j->nargs + k]);
        if (!v) raise_value(j->t, &exc_KeyError, key);
    }
    release(j->t, key);
    return v;
}

// The automatic or explicit number of a field; false: they are mixed.
static bool number_field(struct job *j, bool automatic, int64_t *i) {
    enum numbering want = automatic ? NUMBER_AUTO : NUMBER_MANUAL;
    if (j->mapping && automatic) return true;
    if (j->numbering == NUMBER_UNKNOWN) j->numbering = want;
    if (j->numbering != want)
        return complain(j->t, automatic ? "cannot switch from manual field specification to automatic field numbering"
                                        : "cannot switch from automatic field numbering to manual field specification");
    if (automatic) *i = j->next++;
    return true;
}

static value lookup(struct job *j, vref s, const struct format_piece *p) {
    size_t end = format_first_end(as_str(s), p->name_from, p->name_to), pos = end;
    int64_t i = as_index(j->t, as_str(s), p->name_from, end);
    if (i == -2) return V_NULL;
    bool automatic = p->name_from == end;
    if ((automatic || i >= 0) && !number_field(j, automatic, &i)) return V_NULL;
    value v = automatic || i >= 0 ? positional(j, i < 0 ? 0 : i) : named(j, s, p->name_from, end);
    while (v) {
        bool attribute;
        value key;
        int got = format_next_part(j->t, s, &pos, p->name_to, &attribute, &key);
        if (got == 0) break;
        value next = got < 0 ? V_NULL : attribute ? object_getattr(j->t, v, key) : object_getitem(j->t, v, key);
        if (got > 0) release(j->t, key);
        release(j->t, v);
        v = next;
    }
    return v;
}

static value converted(struct job *j, value v, uint32_t conversion) { // takes v
    if (!v || !conversion) return v;
    value text = V_NULL;
    if (conversion == 'r') text = object_repr(j->t, v);
    else if (conversion == 's') text = object_str(j->t, v);
    else if (conversion == 'a') text = object_ascii(j->t, v);
    else if (conversion > 32 && conversion < 127) raise(j->t, &exc_ValueError, "Unknown conversion specifier %c", (int)conversion);
    else raise(j->t, &exc_ValueError, "Unknown conversion specifier \\x%x", (unsigned)conversion);
    release(j->t, v);
    return text;
}

static bool run(struct job *j, vref s, size_t from, size_t to, struct str_builder *out, int depth);

static bool put_field(struct job *j, vref s, const struct format_piece *p, struct str_builder *out, int depth) {
    value v = converted(j, lookup(j, s, p), p->conversion), spec = V_NULL, text = V_NULL;
    if (!v) return false;
    if (p->nested) {
        struct str_builder b;
        builder_init(&b, j->t);
        if (run(j, s, p->spec_from, p->spec_to, &b, depth - 1)) spec = builder_finish(&b);
        else builder_discard(&b);
    } else
        spec = str_cut(j->t, s, p->spec_from, p->spec_to);
    if (spec) text = has_shape(v, SHAPE_STR) && as_str(spec)->length == 0 ? own(j->t, v) : object_format(j->t, v, spec);
    if (text) builder_str(out, text);
    release(j->t, v), release_opt(j->t, spec), release_opt(j->t, text);
    return text != V_NULL;
}

static bool run(struct job *j, vref s, size_t from, size_t to, struct str_builder *out, int depth) {
    struct format_piece p;
    if (depth < 0) return complain(j->t, "Max string recursion exceeded");
    for (;;) {
        int got = format_next(j->t, as_str(s), &from, to, &p);
        if (got <= 0) return got == 0;
        builder_slice(out, s, p.text_from, p.text_to);
        if (out->failed || (p.has_field && !put_field(j, s, &p, out, depth))) return false;
    }
}

static value format_all(struct job *j, vref s) {
    struct str_builder b;
    builder_init(&b, j->t);
    if (run(j, s, 0, as_str(s)->length, &b, 1)) return builder_finish(&b);
    builder_discard(&b);
    return V_NULL;
}

value str_format_method(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    struct job j = {.t = t, .args = args, .nargs = nargs, .kwnames = kwnames};
    return format_all(&j, self);
}

value str_m_format_map(struct thread *t, const vref *a) { // self, mapping
    struct job j = {.t = t, .mapping = a[1]};
    return format_all(&j, a[0]);
}
