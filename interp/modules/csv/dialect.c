// SPDX-License-Identifier: Apache-2.0
// Dialects: the characters and rules of a kind of CSV file, checked when made. Leaves their names to module.c.
#include "interp/modules/csv/csv.h"

enum option { DIALECT, DELIMITER, DOUBLEQUOTE, ESCAPECHAR, LINETERMINATOR, QUOTECHAR, QUOTING, SKIPINITIALSPACE, STRICT, OPTIONS };
static const char *const names[] = {"dialect", "delimiter", "doublequote", "escapechar", "lineterminator", "quotechar", "quoting", "skipinitialspace", "strict"};

// ---- options ----

static bool one_char(struct thread *t, enum option o, vref v, bool nullable, uint32_t *out) {
    if (!v) return true;
    if (nullable && is_none(v)) return *out = CSV_NO_CHAR, true;
    if (!is_str(v)) return raise(t, &exc_TypeError, "\"%s\" must be string%s, not %T", names[o], nullable ? " or None" : "", v), false;
    if (as_str(v)->length != 1) return raise(t, &exc_TypeError, "\"%s\" must be a 1-character string", names[o]), false;
    *out = str_at(as_str(v), 0);
    return true;
}
static bool flag(struct thread *t, vref v, bool *out) {
    int truth = v ? object_truth(t, v) : *out;
    *out = truth > 0;
    return truth >= 0;
}
static bool quoting(struct thread *t, vref v, enum csv_quoting *out) {
    int64_t n;
    if (!v) return true;
    if (!is_exact_int(v)) return raise(t, &exc_TypeError, "\"quoting\" must be an integer"), false;
    if (int_as_i64_overflow(v, &n) || n < QUOTE_MINIMAL || n > QUOTE_NONE) return raise(t, &exc_TypeError, "bad \"quoting\" value"), false;
    *out = (enum csv_quoting)n;
    return true;
}
static bool terminator(struct thread *t, vref v, value *out) {
    if (v && !is_none(v) && !is_str(v)) return raise(t, &exc_TypeError, "\"lineterminator\" must be a string"), false;
    *out = !v ? str_from_cstr(t, "\r\n") : is_none(v) ? V_NULL : own(t, v);
    return *out || is_none(v);
}
static void mark(struct dialect *d, uint32_t c) {
    if (c < 256) d->special[c] = true;
    else if (c != CSV_NO_CHAR) d->special_beyond = true;
}
static void mark_all(struct dialect *d) {
    mark(d, d->delimiter);
    mark(d, d->quotechar);
    mark(d, d->escapechar);
    mark(d, '\n');
    mark(d, '\r');
    const struct str *s = as_str(d->lineterminator);
    for (size_t i = 0; i < s->length; i++) mark(d, str_at(s, i));
}
static bool fill(struct thread *t, struct dialect *d, const vref *o) {
    d->delimiter = ',';
    d->quotechar = '"';
    d->escapechar = CSV_NO_CHAR;
    d->doublequote = true;
    if (!one_char(t, DELIMITER, o[DELIMITER], false, &d->delimiter) || !flag(t, o[DOUBLEQUOTE], &d->doublequote) ||
        !one_char(t, ESCAPECHAR, o[ESCAPECHAR], true, &d->escapechar) || !terminator(t, o[LINETERMINATOR], &d->lineterminator) ||
        !one_char(t, QUOTECHAR, o[QUOTECHAR], true, &d->quotechar) || !quoting(t, o[QUOTING], &d->quoting) || !flag(t, o[SKIPINITIALSPACE], &d->skipinitialspace) ||
        !flag(t, o[STRICT], &d->strict))
        return false;
    if (o[QUOTECHAR] && is_none(o[QUOTECHAR]) && !o[QUOTING]) d->quoting = QUOTE_NONE;
    if (d->quoting != QUOTE_NONE && d->quotechar == CSV_NO_CHAR) return raise(t, &exc_TypeError, "quotechar must be set if quoting enabled"), false;
    if (!d->lineterminator) return raise(t, &exc_TypeError, "lineterminator must be set"), false;
    mark_all(d);
    return true;
}

// ---- making ----

// Options that were not given come from the attributes of the dialect. held[]: owned words behind o[].
static bool from_attributes(struct thread *t, vref dialect, vref *o, value *held) {
    for (int i = DELIMITER; i < OPTIONS; i++) {
        vref name = o[i] ? V_NULL : str_intern_cstr(t, names[i]);
        if (o[i]) continue;
        if (!name || object_lookup_attr(t, dialect, name, &held[i]) < 0) return false;
        o[i] = held[i];
    }
    return true;
}
static value make_from(struct thread *t, struct type *cls, vref *o) {
    value held[OPTIONS] = {V_NULL}, base = V_NULL, v = V_NULL;
    vref d = o[DIALECT] && !is_none(o[DIALECT]) ? o[DIALECT] : V_NULL;
    bool ok = true, plain = true;
    if (d && is_str(d)) {
        ok = (base = csv_get_dialect(t, d)) != V_NULL;
        d = base;
    }
    for (int i = DELIMITER; i < OPTIONS; i++) plain = plain && !o[i];
    if (ok && d && plain && type_of(d) == &type_csv_dialect && cls == &type_csv_dialect) v = own(t, d);
    else if (ok && (!d || from_attributes(t, d, o, held)) && (v = object_new_instance(t, cls)) && !fill(t, as_dialect(v), o)) release_field(t, &v);
    for (int i = 0; i < OPTIONS; i++) release_opt(t, held[i]);
    release_opt(t, base);
    return v;
}
static bool take_keywords(struct thread *t, const vref *values, vref kwnames, vref *o) {
    size_t n = keyword_count(kwnames);
    for (size_t k = 0; k < n; k++) {
        vref name = tuple_at(kwnames, k);
        int i = DIALECT;
        while (i < OPTIONS && !str_equal_cstr(name, names[i])) i++;
        if (i == OPTIONS) return raise(t, &exc_TypeError, "'%U' is an invalid keyword argument for this function", name), false;
        o[i] = values[k];
    }
    return true;
}
static value dialect_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    vref o[OPTIONS] = {V_NULL};
    if (!args_count(t, "Dialect", nargs, 0, OPTIONS)) return V_NULL;
    words_copy(o, args, nargs);
    return take_keywords(t, args + nargs, kwnames, o) ? make_from(t, cls, o) : V_NULL;
}
value csv_dialect_new(struct thread *t, vref dialect, const vref *values, vref kwnames) {
    vref o[OPTIONS] = {dialect};
    return take_keywords(t, values, kwnames, o) ? make_from(t, &type_csv_dialect, o) : V_NULL;
}

// ---- looking ----

static value char_value(struct thread *t, uint32_t c) { return c == CSV_NO_CHAR ? V_NONE : str_from_char(t, c); }
static value get_delimiter(struct thread *t, const vref *a) { return char_value(t, as_dialect(a[0])->delimiter); }
static value get_quotechar(struct thread *t, const vref *a) { return char_value(t, as_dialect(a[0])->quotechar); }
static value get_escapechar(struct thread *t, const vref *a) { return char_value(t, as_dialect(a[0])->escapechar); }
static value get_lineterminator(struct thread *t, const vref *a) { return own(t, as_dialect(a[0])->lineterminator); }
static value get_quoting(struct thread *t, const vref *a) { return (void)t, from_int62(as_dialect(a[0])->quoting); }
static value get_doublequote(struct thread *t, const vref *a) { return (void)t, from_bool(as_dialect(a[0])->doublequote); }
static value get_skipinitialspace(struct thread *t, const vref *a) { return (void)t, from_bool(as_dialect(a[0])->skipinitialspace); }
static value get_strict(struct thread *t, const vref *a) { return (void)t, from_bool(as_dialect(a[0])->strict); }
static value reduce(struct thread *t, const vref *a) { return raise(t, &exc_TypeError, "cannot pickle '%s' instances", type_of(a[0])->name); }
#define G(py) {.name = #py, .kind = NATIVE_GETSET, .fn = get_##py}
static const struct native natives[] = {
    G(delimiter), G(doublequote), G(escapechar), G(lineterminator), G(quotechar), G(quoting), G(skipinitialspace), G(strict),
    {"__reduce__", NATIVE_METHOD, "($self, /)", .fn = reduce}, {"__reduce_ex__", NATIVE_METHOD, "($self, protocol, /)", .fn = reduce}, {.name = NULL},
};
static void destroy(struct thread *t, struct object *o) { release_field(t, &((struct dialect *)o)->lineterminator); }
static int traverse(struct object *o, visit_fn *visit, void *arg) {
    value v = ((struct dialect *)o)->lineterminator;
    return v ? visit(v, arg) : 0;
}
struct type type_csv_dialect = {
    .name = "Dialect", .module = "_csv", .doc = "The rules of a kind of CSV file.", .base = &type_object, .flags = TYPE_GC | TYPE_BASE, .basicsize = sizeof(struct dialect),
    .natives = natives, .make = dialect_make, .destroy = destroy, .traverse = traverse,
};
