// SPDX-License-Identifier: Apache-2.0
// csv.reader: lines in, lists of fields out. Leaves the rules to dialect.c.
//
// One machine step a character, and one more, END, where a line ends. Runs of plain text inside a field are copied at once.
#include "interp/modules/csv/csv.h"

struct reader {
    struct object head;
    value lines, dialect;      // owned, immutable: an iterator of str
    _Atomic int64_t line_num;
};
static struct reader *as_reader(vref v) { return (struct reader *)as_object(v); }

enum state {
    START_RECORD, START_FIELD, ESCAPED, IN_FIELD, IN_QUOTES, ESCAPED_IN_QUOTES, QUOTE_IN_QUOTES, EAT_NEWLINE, AFTER_ESCAPED_NEWLINE,
};
#define END (CSV_NO_CHAR - 1)

struct parse { // one record
    struct thread *t;
    const struct dialect *d;
    enum state state;
    value fields;              // owned list
    struct str_builder text;   // of the field under way
    bool numeric;              // it is to become a float
    int64_t limit;
};

static bool limit_ok(struct parse *p) {
    if ((int64_t)p->text.length <= p->limit) return !p->text.failed;
    raise(p->t, &csv_error, "field larger than field limit (%ld)", p->limit);
    return false;
}
static bool put(struct parse *p, uint32_t c, enum state next) {
    builder_char(&p->text, c);
    p->state = next;
    return limit_ok(p);
}
static bool end_field(struct parse *p, enum state next) {
    value v = builder_finish(&p->text);
    builder_init(&p->text, p->t);
    if (v && p->numeric) {
        value number = object_call1(p->t, type_ref(&type_float), v);
        release(p->t, v);
        v = number;
    }
    p->numeric = false;
    p->state = next;
    return v && list_append_take(p->t, p->fields, v);
}
static inline bool is_newline(uint32_t c) { return c == '\n' || c == '\r'; }
static enum state after_newline(uint32_t c) { return c == END ? START_RECORD : EAT_NEWLINE; }

static bool start_field(struct parse *p, uint32_t c) {
    const struct dialect *d = p->d;
    if (is_newline(c) || c == END) return end_field(p, after_newline(c));
    if (c == d->quotechar && d->quoting != QUOTE_NONE) p->state = IN_QUOTES;
    else if (c == d->escapechar) p->state = ESCAPED;
    else if (c == ' ' && d->skipinitialspace) p->state = START_FIELD;
    else if (c == d->delimiter) return end_field(p, START_FIELD);
    else {
        p->numeric = d->quoting == QUOTE_NONNUMERIC;
        return put(p, c, IN_FIELD);
    }
    return true;
}
static bool in_field(struct parse *p, uint32_t c) {
    if (is_newline(c) || c == END) return end_field(p, after_newline(c));
    if (c == p->d->escapechar) return p->state = ESCAPED, true;
    if (c == p->d->delimiter) return end_field(p, START_FIELD);
    return put(p, c, IN_FIELD);
}
static bool in_quotes(struct parse *p, uint32_t c) {
    const struct dialect *d = p->d;
    if (c == END) return true; // the field goes on in the next line
    if (c == d->escapechar) return p->state = ESCAPED_IN_QUOTES, true;
    if (c == d->quotechar && d->quoting != QUOTE_NONE) return p->state = d->doublequote ? QUOTE_IN_QUOTES : IN_FIELD, true;
    return put(p, c, IN_QUOTES);
}
static bool after_quote(struct parse *p, uint32_t c) {
    const struct dialect *d = p->d;
    if (c == d->quotechar && d->quoting != QUOTE_NONE) return put(p, c, IN_QUOTES);
    if (c == d->delimiter) return end_field(p, START_FIELD);
    if (is_newline(c) || c == END) return end_field(p, after_newline(c));
    if (!d->strict) return put(p, c, IN_FIELD);
    raise(p->t, &csv_error, "'%c' expected after '%c'", d->delimiter, d->quotechar);
    return false;
}
static bool step(struct parse *p, uint32_t c) {
    switch (p->state) {
    case START_RECORD:
        if (c == END) return true;
        if (is_newline(c)) return p->state = EAT_NEWLINE, true;
        return start_field(p, c);
    case START_FIELD: return start_field(p, c);
    case ESCAPED: return put(p, c == END ? '\n' : c, is_newline(c) ? AFTER_ESCAPED_NEWLINE : IN_FIELD);
    case AFTER_ESCAPED_NEWLINE: return c == END || in_field(p, c);
    case IN_FIELD: return in_field(p, c);
    case IN_QUOTES: return in_quotes(p, c);
    case ESCAPED_IN_QUOTES: return put(p, c == END ? '\n' : c, IN_QUOTES);
    case QUOTE_IN_QUOTES: return after_quote(p, c);
    case EAT_NEWLINE:
        if (is_newline(c)) return true;
        if (c == END) return p->state = START_RECORD, true;
        raise(p->t, &csv_error, "new-line character seen in unquoted field - do you need to open the file in universal-newline mode?");
        return false;
    }
    return false;
}
static bool line(struct parse *p, vref text) {
    const struct str *s = as_str(text);
    for (size_t i = 0; i < s->length;) {
        uint32_t c = str_at(s, i);
        if ((p->state != IN_FIELD && p->state != IN_QUOTES) || csv_special(p->d, c)) {
            if (!step(p, c)) return false;
            i++;
            continue;
        }
        size_t end = i + 1;
        while (end < s->length && !csv_special(p->d, str_at(s, end))) end++;
        builder_slice(&p->text, text, i, end);
        if (!limit_ok(p)) return false;
        i = end;
    }
    return step(p, END);
}

// The next line goes through the machine. 1, 0 there is none, -1 exception.
static int feed(struct parse *p, struct reader *r) {
    value text = object_next(p->t, r->lines);
    if (!text) return raised(p->t) ? -1 : 0;
    bool ok = is_str(text);
    if (ok) {
        atomic_fetch_add_explicit(&r->line_num, 1, memory_order_relaxed);
        ok = line(p, text);
    } else
        raise(p->t, &csv_error, "iterator should return strings, not %T (the file should be opened in text mode)", text);
    release(p->t, text);
    return ok ? 1 : -1;
}
// The lines are over amid a record. 1: it counts all the same; 0: there was nothing; -1.
static int cut_off(struct parse *p) {
    if (p->text.length == 0 && p->state != IN_QUOTES) return 0;
    if (!p->d->strict) return end_field(p, START_RECORD) ? 1 : -1;
    raise(p->t, &csv_error, "unexpected end of data");
    return -1;
}
static value reader_next(struct thread *t, vref self) {
    struct reader *r = as_reader(self);
    struct parse p = {.t = t, .d = as_dialect(r->dialect), .fields = list_new(t, 0), .limit = csv_field_limit(t)};
    builder_init(&p.text, t);
    int got = p.fields ? 1 : -1;
    do
        if (got > 0 && (got = feed(&p, r)) == 0) got = cut_off(&p), p.state = START_RECORD;
    while (got > 0 && p.state != START_RECORD);
    builder_discard(&p.text);
    if (got <= 0) release_field(t, &p.fields);
    return p.fields;
}

value csv_reader(struct thread *t, const vref *args, size_t nargs, vref kwnames) {
    if (!args_count(t, "reader", nargs, 1, 2)) return V_NULL;
    value v = object_new_instance(t, &type_csv_reader);
    if (!v) return V_NULL;
    struct reader *r = as_reader(v);
    if (!(r->lines = object_iter(t, args[0])) || !(r->dialect = csv_dialect_new(t, nargs > 1 ? args[1] : V_NULL, args + nargs, kwnames))) release_field(t, &v);
    return v;
}
static value get_line_num(struct thread *t, const vref *a) { return int_from_i64(t, atomic_load(&as_reader(a[0])->line_num)); }
static value get_dialect(struct thread *t, const vref *a) { return own(t, as_reader(a[0])->dialect); }
static const struct native natives[] = {
    {.name = "line_num", .kind = NATIVE_GETSET, .fn = get_line_num}, {.name = "dialect", .kind = NATIVE_GETSET, .fn = get_dialect}, {.name = NULL},
};
static value iter(struct thread *t, vref self) { return own(t, self); }
static void destroy(struct thread *t, struct object *o) {
    release_field(t, &((struct reader *)o)->lines);
    release_field(t, &((struct reader *)o)->dialect);
}
static int traverse(struct object *o, visit_fn *visit, void *arg) {
    struct reader *r = (struct reader *)o;
    int n = r->lines ? visit(r->lines, arg) : 0;
    return n || !r->dialect ? n : visit(r->dialect, arg);
}
struct type type_csv_reader = {
    .name = "reader", .module = "_csv", .doc = "An iterator of the records of a CSV file.", .base = &type_object, .flags = TYPE_GC | TYPE_NO_NEW,
    .basicsize = sizeof(struct reader), .natives = natives, .iter = iter, .next = reader_next, .destroy = destroy, .clear = destroy, .traverse = traverse,
};
