// SPDX-License-Identifier: Apache-2.0
// csv.writer: records in, one call of the file's write a record. Leaves the rules to dialect.c.
#include "interp/modules/csv/csv.h"

struct writer {
    struct object head;
    value write, dialect; // owned, immutable
};
static struct writer *as_writer(vref v) { return (struct writer *)as_object(v); }

static bool in_terminator(const struct dialect *d, uint32_t c) {
    const struct str *s = as_str(d->lineterminator);
    for (size_t i = 0; i < s->length; i++)
        if (str_at(s, i) == c) return true;
    return false;
}
// What character c asks for, given that the field may be quoted. *prefix: a character to stand before it, or CSV_NO_CHAR.
static bool look(struct thread *t, const struct dialect *d, uint32_t c, bool *quoted, uint32_t *prefix) {
    *prefix = CSV_NO_CHAR;
    if (c != d->delimiter && c != d->escapechar && c != d->quotechar && !in_terminator(d, c)) return true;
    bool escape = d->quoting == QUOTE_NONE || c == d->escapechar || (c == d->quotechar && !d->doublequote);
    if (escape && d->escapechar == CSV_NO_CHAR) return raise(t, &csv_error, "need to escape, but no escapechar set"), false;
    *prefix = escape ? d->escapechar : c == d->quotechar ? c : CSV_NO_CHAR;
    if (!escape) *quoted = true;
    return true;
}
static bool add_field(struct thread *t, const struct dialect *d, struct str_builder *b, vref text, bool quoted) {
    const struct str *s = as_str(text);
    uint32_t prefix;
    bool plain = true;
    for (size_t i = 0; i < s->length; i++) {
        if (!csv_special(d, str_at(s, i))) continue;
        if (!look(t, d, str_at(s, i), &quoted, &prefix)) return false;
        plain = plain && prefix == CSV_NO_CHAR;
    }
    if (quoted) builder_char(b, d->quotechar);
    if (plain) builder_str(b, text);
    for (size_t i = 0; !plain && i < s->length; i++) {
        if (!look(t, d, str_at(s, i), &quoted, &prefix)) return false;
        if (prefix != CSV_NO_CHAR) builder_char(b, prefix);
        builder_char(b, str_at(s, i));
    }
    if (quoted) builder_char(b, d->quotechar);
    return true;
}
static bool is_number(vref v) {
    const struct type *c = type_of(v);
    return c->to_index || c->to_int || c->to_float || is_instance(v, &type_complex);
}
static bool add_value(struct thread *t, const struct dialect *d, struct str_builder *b, vref v) {
    bool quoted = d->quoting == QUOTE_ALL || (d->quoting == QUOTE_NONNUMERIC && !is_number(v));
    if (is_str(v)) return add_field(t, d, b, v, quoted);
    value text = is_none(v) ? str_empty : object_str(t, v);
    bool ok = text && add_field(t, d, b, text, quoted);
    release_opt(t, text);
    return ok;
}
// The fields of a record, up to its end. false: exception.
static bool add_row(struct thread *t, const struct dialect *d, struct str_builder *b, vref iterator) {
    size_t n = 0;
    for (value v; (v = object_next(t, iterator)); n++) {
        if (n) builder_char(b, d->delimiter);
        bool ok = add_value(t, d, b, v);
        release(t, v);
        if (!ok) return false;
    }
    if (raised(t)) return false;
    if (n == 0 || b->length) return true; // else one empty field, which alone in its line would be none
    if (d->quoting == QUOTE_NONE) return raise(t, &csv_error, "single empty field record must be quoted"), false;
    return add_field(t, d, b, str_empty, true);
}
static value writerow(struct thread *t, const vref *a) {
    struct writer *w = as_writer(a[0]);
    const struct dialect *d = as_dialect(w->dialect);
    value iterator = object_iter(t, a[1]), text = V_NULL, r;
    if (!iterator) {
        if (!raised_is(t, &exc_TypeError)) return V_NULL;
        raised_clear(t);
        return raise(t, &csv_error, "iterable expected, not %T", a[1]);
    }
    struct str_builder b;
    builder_init(&b, t);
    bool ok = add_row(t, d, &b, iterator);
    if (ok) {
        builder_str(&b, d->lineterminator);
        text = builder_finish(&b);
    } else
        builder_discard(&b);
    release(t, iterator);
    r = text ? object_call1(t, w->write, text) : V_NULL;
    release_opt(t, text);
    return r;
}
static value writerows(struct thread *t, const vref *a) {
    value iterator = object_iter(t, a[1]), row, r = V_NONE;
    if (!iterator) return V_NULL;
    while (r && (row = object_next(t, iterator))) {
        r = writerow(t, (vref[]){a[0], row});
        release(t, row);
        if (r) release(t, r);
    }
    release(t, iterator);
    return r && !raised(t) ? V_NONE : V_NULL;
}

value csv_writer(struct thread *t, const vref *args, size_t nargs, vref kwnames) {
    if (!args_count(t, "writer", nargs, 1, 2)) return V_NULL;
    value v = object_new_instance(t, &type_csv_writer), write = V_NULL;
    if (!v) return V_NULL;
    struct writer *w = as_writer(v);
    vref name = str_intern_cstr(t, "write");
    bool ok = name && object_lookup_attr(t, args[0], name, &write) >= 0;
    w->write = write;
    if (ok && (!write || !object_is_callable(write))) ok = (raise(t, &exc_TypeError, "argument 1 must have a \"write\" method"), false);
    if (!ok || !(w->dialect = csv_dialect_new(t, nargs > 1 ? args[1] : V_NULL, args + nargs, kwnames))) release_field(t, &v);
    return v;
}
static value get_dialect(struct thread *t, const vref *a) { return own(t, as_writer(a[0])->dialect); }
static const struct native natives[] = {
    {"writerow", NATIVE_METHOD, "($self, row, /)", .fn = writerow, .doc = "Writes one record; what the file's write gave is the result."},
    {"writerows", NATIVE_METHOD, "($self, rows, /)", .fn = writerows, .doc = "Writes a record for each item."},
    {.name = "dialect", .kind = NATIVE_GETSET, .fn = get_dialect}, {.name = NULL},
};
static void destroy(struct thread *t, struct object *o) {
    release_field(t, &((struct writer *)o)->write);
    release_field(t, &((struct writer *)o)->dialect);
}
static int traverse(struct object *o, visit_fn *visit, void *arg) {
    struct writer *w = (struct writer *)o;
    int n = w->write ? visit(w->write, arg) : 0;
    return n || !w->dialect ? n : visit(w->dialect, arg);
}
struct type type_csv_writer = {
    .name = "writer", .module = "_csv", .doc = "Writes records as lines of a CSV file.", .base = &type_object, .flags = TYPE_GC | TYPE_NO_NEW,
    .basicsize = sizeof(struct writer), .natives = natives, .destroy = destroy, .clear = destroy, .traverse = traverse,
};
