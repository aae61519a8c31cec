// SPDX-License-Identifier: Apache-2.0
// Exceptions as text, as the interpreter prints what nobody caught: tracebacks, chains, groups, notes, the place of a syntax error. Leaves reading
// source lines and placing marks to exc_source.c, SystemExit to whoever ends the program.
#include <stdio.h>

#include "interp/types/exc_source.h"
#include "interp/types/exc_types.h"
#include "interp/types/sequence.h"
#include "interp/types/suggest.h"
#include "interp/vm/frame.h"

enum { TRACEBACK_LIMIT = 1000, SAME_LINE_MAX = 3, GROUP_DEPTH_MAX = 10, GROUP_WIDTH_MAX = 15 };

struct printer {
    struct thread *t;
    struct str_builder out;
    int depth;        // of exception groups
    bool close_group; // the frame of the innermost group is still open
    struct seen {     // the exceptions further out in this chain
        vref exc;
        struct seen *outer;
    } *seen;
};

static void text(struct printer *p, const char *s) { builder_cstr(&p->out, s); }

static void indent(struct printer *p) {
    for (int i = 0; i < p->depth; i++) text(p, "  ");
}
static void margin(struct printer *p) {
    indent(p);
    if (p->depth) text(p, "| ");
}

// A str made by one call that may have failed; what failed is shown by `otherwise`.
static void show(struct printer *p, value s, const char *otherwise) {
    if (s && is_str(s)) builder_str(&p->out, s);
    else text(p, otherwise);
    release_opt(p->t, s);
    raised_clear(p->t);
}

static value attribute(struct printer *p, vref o, const char *name) {
    value v = object_getattr_cstr(p->t, o, name);
    if (!v) raised_clear(p->t);
    return v;
}

static void number(struct printer *p, int64_t n) {
    char digits[24];
    snprintf(digits, sizeof digits, "%ld", (long)n);
    text(p, digits);
}

// ---- the traceback ----

static struct traceback *as_tb(vref v) { return (struct traceback *)as_object(v); }
static struct code *code_of(const struct traceback *tb) { return ((struct frame *)as_object(tb->frame))->code; }

static void show_marks(struct printer *p, vref line, const struct marks *m) {
    margin(p);
    text(p, "    ");
    for (int64_t i = source_indent(line); i < m->end; i++) {
        char c = i < m->start ? ' ' : m->left >= 0 && m->left <= i && i < m->right ? m->inner : m->outer;
        builder_char(&p->out, (uint32_t)c);
    }
    text(p, "\n");
}

static void show_source(struct printer *p, const struct traceback *tb) {
    value line = source_read_line(p->t, code_of(tb)->filename, tb->line);
    if (!line) return;
    margin(p);
    text(p, "    ");
    builder_slice(&p->out, line, (size_t)source_indent(line), as_str(line)->length);
    text(p, "\n");
    struct position where;
    struct marks m;
    if (code_position(code_of(tb), (uint32_t)tb->lasti, &where) && where.line == tb->line && source_marks(line, &where, &m)) show_marks(p, line, &m);
    release(p->t, line);
}

static void show_entry(struct printer *p, const struct traceback *tb) {
    margin(p);
    text(p, "  File \"");
    builder_str(&p->out, code_of(tb)->filename);
    text(p, "\", line ");
    number(p, tb->line);
    text(p, ", in ");
    builder_str(&p->out, code_of(tb)->name);
    text(p, "\n");
    show_source(p, tb);
}

static void show_repeated(struct printer *p, int64_t count) {
    int64_t more = count - SAME_LINE_MAX;
    if (more <= 0) return;
    margin(p);
    text(p, "  [Previous line repeated ");
    number(p, more);
    text(p, more == 1 ? " more time]\n" : " more times]\n");
}

static int64_t traceback_limit(struct printer *p) {
    value v = dict_get_str(p->t, p->t->interp->sys_dict, "tracebacklimit");
    int64_t limit = v && is_int62(v) ? as_int62(v) : TRACEBACK_LIMIT;
    release_opt(p->t, v);
    raised_clear(p->t);
    return limit;
}

static bool same_place(const struct traceback *a, const struct traceback *b) {
    return a && a->line == b->line && str_equal(code_of(a)->filename, code_of(b)->filename) && str_equal(code_of(a)->name, code_of(b)->name);
}

static void show_entries(struct printer *p, vref first, int64_t limit) {
    int64_t depth = 0, count = 0;
    const struct traceback *last = NULL;
    for (vref v = first; v; v = as_tb(v)->next) depth++;
    for (vref v = first; v; v = as_tb(v)->next) {
        if (depth-- > limit) continue;
        const struct traceback *tb = as_tb(v);
        if (!same_place(last, tb)) {
            show_repeated(p, count);
            count = 0;
        }
        last = tb;
        if (++count <= SAME_LINE_MAX) show_entry(p, tb);
    }
    show_repeated(p, count);
}

static void show_traceback(struct printer *p, vref exc, bool group) {
    value tb = field_load(p->t, &as_exc(exc)->traceback);
    int64_t limit = tb ? traceback_limit(p) : 0;
    if (tb && limit > 0) {
        indent(p);
        if (p->depth) text(p, group && p->depth == 1 ? "+ " : "| ");
        text(p, group ? "Exception Group Traceback (most recent call last):\n" : "Traceback (most recent call last):\n");
        show_entries(p, tb, limit);
    }
    release_opt(p->t, tb);
}

// ---- the place of a syntax error ----

struct place {
    value message, filename, source; // owned
    int64_t line, offset, end_line, end_offset;
};

static int64_t int_or(struct printer *p, vref exc, const char *name, int64_t otherwise) {
    value v = attribute(p, exc, name);
    int64_t n = v && is_int62(v) ? as_int62(v) : otherwise;
    release_opt(p->t, v);
    return n;
}

// false: exc does not say where it happened.
static bool load_place(struct printer *p, vref exc, struct place *x) {
    value wants = attribute(p, exc, "print_file_and_line"), line = attribute(p, exc, "lineno");
    bool ok = wants && line && is_int62(line);
    release_opt(p->t, wants);
    release_opt(p->t, line);
    if (!ok) return false;
    x->message = attribute(p, exc, "msg");
    x->filename = attribute(p, exc, "filename");
    x->source = attribute(p, exc, "text");
    x->line = int_or(p, exc, "lineno", 0);
    x->offset = int_or(p, exc, "offset", -1);
    x->end_line = int_or(p, exc, "end_lineno", x->line);
    x->end_offset = int_or(p, exc, "end_offset", -1);
    return true;
}

static void drop_place(struct thread *t, struct place *x) {
    release_opt(t, x->message);
    release_opt(t, x->filename);
    release_opt(t, x->source);
}

// The line with what is wrong in it marked; offsets count characters from 1.
static void show_error_line(struct printer *p, vref source, int64_t offset, int64_t end_offset) {
    const struct str *s = as_str(source);
    int64_t carets = end_offset > 0 && end_offset > offset ? end_offset - offset : 1, from = source_indent(source), to = (int64_t)s->length;
    offset -= 1 + from;
    if (to > from && str_at(s, (size_t)to - 1) == '\n') to--;
    if (offset > to - from) offset = to - from;
    for (int64_t i = from; i < to && i - from < offset; i++) // a statement of several lines: the one that is meant
        if (str_at(s, (size_t)i) == '\n') {
            offset -= i + 1 - from;
            from = i + 1;
        }
    int64_t end = from;
    while (end < to && str_at(s, (size_t)end) != '\n') end++;
    margin(p);
    text(p, "    ");
    builder_slice(&p->out, source, (size_t)from, (size_t)to);
    text(p, "\n");
    if (offset < 0) return;
    margin(p);
    text(p, "    ");
    for (int64_t i = 0; i < offset; i++) text(p, " ");
    for (int64_t i = 0; i < carets; i++) text(p, "^");
    text(p, "\n");
}

static void show_place(struct printer *p, const struct place *x) {
    margin(p);
    text(p, "  File \"");
    if (x->filename && is_str(x->filename)) builder_str(&p->out, x->filename);
    else text(p, "<string>");
    text(p, "\", line ");
    number(p, x->line);
    text(p, "\n");
    if (!x->source || !is_str(x->source)) return;
    int64_t size = (int64_t)as_str(x->source)->length, end = x->end_offset;
    if (x->end_line > x->line || end > size + 1) end = size + 1;
    show_error_line(p, x->source, x->offset, end);
}

// ---- one exception ----

static void show_type(struct printer *p, vref exc) {
    value module = attribute(p, type_ref(type_of(exc)), "__module__"), name = attribute(p, type_ref(type_of(exc)), "__qualname__");
    if (!module || !is_str(module)) text(p, "<unknown>.");
    else if (!str_equal_cstr(module, "builtins") && !str_equal_cstr(module, "__main__")) {
        builder_str(&p->out, module);
        text(p, ".");
    }
    release_opt(p->t, module);
    show(p, name, "<unknown>");
}

static void show_message(struct printer *p, vref exc, const struct place *place) {
    margin(p);
    show_type(p, exc);
    value s = place ? (place->message ? object_str(p->t, place->message) : V_NULL) : object_str(p->t, exc);
    if (!s || as_str(s)->length) {
        text(p, ": ");
        show(p, s, "<exception str() failed>");
    } else {
        release(p->t, s);
    }
}

static void show_suggestion(struct printer *p, vref exc) {
    value name = suggest_for(p->t, exc);
    raised_clear(p->t);
    if (!name) return;
    text(p, ". Did you mean: '");
    builder_str(&p->out, name);
    text(p, "'?");
    release(p->t, name);
}

static void show_lines(struct printer *p, vref s) {
    size_t from = 0, n = as_str(s)->length;
    for (size_t i = 0; i <= n; i++) {
        if (i < n && str_at(as_str(s), i) != '\n') continue;
        margin(p);
        builder_slice(&p->out, s, from, i);
        text(p, "\n");
        from = i + 1;
    }
}

static void show_note(struct printer *p, vref note) {
    value s = is_str(note) ? own(p->t, note) : object_str(p->t, note);
    if (!s) {
        raised_clear(p->t);
        margin(p);
        text(p, "<note str() failed>\n");
        return;
    }
    show_lines(p, s);
    release(p->t, s);
}

static void show_notes(struct printer *p, vref exc) {
    value name = str_intern_cstr(p->t, "__notes__"), notes = V_NULL;
    if (name && object_lookup_attr(p->t, exc, name, &notes) > 0) {
        if (is_list(notes) || is_tuple(notes)) {
            value all = tuple_from_iterable(p->t, notes);
            for (size_t i = 0; all && i < tuple_size(all); i++) show_note(p, tuple_at(all, i));
            release_opt(p->t, all);
        } else {
            value s = object_repr(p->t, notes);
            margin(p);
            show(p, s, "<__notes__ repr() failed>");
            text(p, "\n");
        }
    }
    raised_clear(p->t);
    release_opt(p->t, name);
    release_opt(p->t, notes);
}

static void show_exception(struct printer *p, vref exc, bool group) {
    struct place place;
    show_traceback(p, exc, group);
    bool placed = load_place(p, exc, &place);
    if (placed) show_place(p, &place);
    show_message(p, exc, placed ? &place : NULL);
    show_suggestion(p, exc);
    text(p, "\n");
    show_notes(p, exc);
    if (placed) drop_place(p->t, &place);
}

// ---- chains and groups ----

static void show_chain(struct printer *p, vref exc);

static bool was_seen(const struct printer *p, vref exc) {
    for (const struct seen *s = p->seen; s; s = s->outer)
        if (is_same(s->exc, exc)) return true;
    return false;
}

static void show_linked(struct printer *p, vref exc, const char *message) {
    bool close = p->close_group;
    p->close_group = false;
    show_chain(p, exc);
    p->close_group = close;
    margin(p);
    text(p, "\n");
    margin(p);
    text(p, message);
    margin(p);
    text(p, "\n");
}

static void show_members(struct printer *p, vref members) {
    size_t n = tuple_size(members), shown = n <= GROUP_WIDTH_MAX ? n : GROUP_WIDTH_MAX + 1;
    p->close_group = false;
    for (size_t i = 0; i < shown; i++) {
        bool last = i == shown - 1, rest = i >= GROUP_WIDTH_MAX;
        if (last) p->close_group = true;
        indent(p);
        text(p, i == 0 ? "+-+---------------- " : "  +---------------- ");
        if (rest) text(p, "...");
        else number(p, (int64_t)i + 1);
        text(p, " ----------------\n");
        p->depth++;
        if (rest) {
            margin(p);
            text(p, "and ");
            number(p, (int64_t)(n - GROUP_WIDTH_MAX));
            text(p, n - GROUP_WIDTH_MAX == 1 ? " more exception\n" : " more exceptions\n");
        } else {
            show_chain(p, tuple_at(members, i));
        }
        if (last && p->close_group) {
            indent(p);
            text(p, "+------------------------------------\n");
            p->close_group = false;
        }
        p->depth--;
    }
}

static void show_group(struct printer *p, vref exc) {
    if (p->depth > GROUP_DEPTH_MAX) {
        margin(p);
        text(p, "... (max_group_depth is 10)\n");
        return;
    }
    bool outermost = p->depth == 0;
    if (outermost) p->depth = 1;
    show_exception(p, exc, true);
    value members = field_load(p->t, &as_exc(exc)->extra[GROUP_EXCEPTIONS]);
    if (members) show_members(p, members);
    release_opt(p->t, members);
    if (outermost) p->depth = 0;
}

static void show_chain(struct printer *p, vref exc) {
    struct seen here = {exc, p->seen};
    if (!recursion_enter(p->t, " in print_exception")) {
        raised_clear(p->t);
        return;
    }
    p->seen = &here;
    const struct exc *e = as_exc(exc);
    value cause = field_load(p->t, &e->cause), context = field_load(p->t, &e->context);
    if (cause && !was_seen(p, cause)) show_linked(p, cause, "The above exception was the direct cause of the following exception:\n");
    else if (!cause && context && !e->suppress_context && !was_seen(p, context))
        show_linked(p, context, "During handling of the above exception, another exception occurred:\n");
    release_opt(p->t, cause);
    release_opt(p->t, context);
    if (is_instance(exc, &exc_BaseExceptionGroup)) show_group(p, exc);
    else show_exception(p, exc, false);
    recursion_leave(p->t);
    p->seen = here.outer;
}

value exc_format(struct thread *t, vref exc) {
    struct printer p = {.t = t};
    value pending = raised_take(t);
    builder_init(&p.out, t);
    show_chain(&p, exc);
    raised_clear(t);
    value s = builder_finish(&p.out);
    if (pending) raised_restore(t, pending);
    return s;
}

// ---- printing ----

static void print_to_c(struct thread *t, vref s) {
    value bytes = str_encode(t, s, "utf-8", "backslashreplace");
    if (!bytes) return;
    fwrite(as_bytes(bytes)->data, 1, as_bytes(bytes)->length, stderr);
    fflush(stderr);
    release(t, bytes);
}

void exc_print(struct thread *t, vref exc) {
    value keep = own(t, exc);
    raised_clear(t);
    value s = exc_format(t, keep), file = dict_get_str(t, t->interp->sys_dict, "stderr");
    raised_clear(t);
    if (s && !file) print_to_c(t, s);
    if (s && file && !is_none(file)) {
        value r = object_call_method_cstr(t, file, "write", &s, 1);
        if (!r) {
            raised_clear(t);
            print_to_c(t, s);
        }
        release_opt(t, r);
        release_opt(t, object_call_method_cstr(t, file, "flush", NULL, 0));
    }
    raised_clear(t);
    release_opt(t, s);
    release_opt(t, file);
    release(t, keep);
}
