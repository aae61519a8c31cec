// SPDX-License-Identifier: Apache-2.0
// SyntaxError with its place in a source, and the errors of text encodings. Leaves showing the source line to exc_print.c.
#include <stdio.h>

#include "interp/types/exc_types.h"
#include "interp/types/num.h"

// ---- SyntaxError ----

// (filename, lineno, offset, text[, end_lineno, end_offset])
static bool fill_place(struct thread *t, vref self, vref info) {
    value place = tuple_from_iterable(t, info);
    if (!place) return false;
    size_t n = tuple_size(place);
    bool ok = n == 4 || n == 6;
    if (n < 4 || n > 6) raise(t, &exc_TypeError, "function takes at %s %d arguments (%zu given)", n < 4 ? "least" : "most", n < 4 ? 4 : 6, n);
    else if (n == 5) raise(t, &exc_TypeError, "end_offset must be provided when end_lineno is provided");
    for (size_t i = 0; ok && i < n; i++) exc_set_extra(t, self, SYNTAX_FILENAME + (int)i, tuple_at(place, i));
    release(t, place);
    return ok;
}

static int syntax_init(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    if (exc_init(t, self, args, nargs, kwnames) < 0) return -1;
    if (nargs >= 1) exc_set_extra(t, self, SYNTAX_MSG, args[0]);
    return nargs != 2 || fill_place(t, self, args[1]) ? 0 : -1;
}

static value syntax_str(struct thread *t, vref self) {
    value msg = exc_get_extra(t, self, SYNTAX_MSG), file = exc_get_extra(t, self, SYNTAX_FILENAME), line = exc_get_extra(t, self, SYNTAX_LINENO), r;
    bool has_file = is_str(file), has_line = is_int62(line);
    value base = V_NULL;
    if (has_file) {
        int64_t slash = (int64_t)as_str(file)->length - 1;
        while (slash >= 0 && str_at(as_str(file), (size_t)slash) != 0x2f) slash--;
        base = str_substring(t, file, slash + 1, INT64_MAX);
    }
    if (has_file && !base) r = V_NULL;
    else if (has_file && has_line) r = str_format(t, "%S (%U, line %ld)", msg, base, (int64_t)as_int62(line));
    else if (has_file) r = str_format(t, "%S (%U)", msg, base);
    else if (has_line) r = str_format(t, "%S (line %ld)", msg, (int64_t)as_int62(line));
    else r = object_str(t, msg);
    release(t, msg);
    release(t, file);
    release(t, line);
    release_opt(t, base);
    return r;
}

static const struct native syntax_natives[] = {
    {"msg", NATIVE_MEMBER, .offset = EXC_AT(SYNTAX_MSG), .set = exc_writable, .doc = "the message"},
    {"filename", NATIVE_MEMBER, .offset = EXC_AT(SYNTAX_FILENAME), .set = exc_writable, .doc = "the file"},
    {"lineno", NATIVE_MEMBER, .offset = EXC_AT(SYNTAX_LINENO), .set = exc_writable, .doc = "the line, from 1"},
    {"offset", NATIVE_MEMBER, .offset = EXC_AT(SYNTAX_OFFSET), .set = exc_writable, .doc = "the column, from 1"},
    {"text", NATIVE_MEMBER, .offset = EXC_AT(SYNTAX_TEXT), .set = exc_writable, .doc = "the source line"},
    {"end_lineno", NATIVE_MEMBER, .offset = EXC_AT(SYNTAX_END_LINENO), .set = exc_writable, .doc = "the line where it ends"},
    {"end_offset", NATIVE_MEMBER, .offset = EXC_AT(SYNTAX_END_OFFSET), .set = exc_writable, .doc = "the column where it ends"},
    {"print_file_and_line", NATIVE_MEMBER, .offset = EXC_AT(SYNTAX_PRINT_FILE), .set = exc_writable, .doc = "whether the place is printed"},
    {NULL},
};

struct type exc_SyntaxError = {EXC_TYPE(SyntaxError, exc_Exception, SYNTAX_EXTRAS), .natives = syntax_natives, .make = exc_make, .init = syntax_init,
                               .str = syntax_str};
struct type exc_IndentationError = {EXC_TYPE(IndentationError, exc_SyntaxError, SYNTAX_EXTRAS), .make = exc_make, .init = syntax_init};
struct type exc_TabError = {EXC_TYPE(TabError, exc_IndentationError, SYNTAX_EXTRAS), .make = exc_make, .init = syntax_init};

// ---- the encodings ----

static bool want_str(struct thread *t, vref v, int position) {
    if (is_str(v)) return true;
    raise(t, &exc_TypeError, "argument %d must be str, not %T", position, v);
    return false;
}

// start and end as C; "'X' object cannot be interpreted as an integer".
static bool want_index(struct thread *t, vref self, int extra, vref v) {
    int64_t i;
    if (!object_as_index(t, v, &i)) return false;
    exc_set_extra(t, self, extra, from_int62(i));
    return true;
}

// args: object, start, end, reason, whose first is at position `first`.
static bool fill_range(struct thread *t, vref self, const vref *args, int first) {
    if (!want_index(t, self, UNICODE_START, args[1]) || !want_index(t, self, UNICODE_END, args[2]) || !want_str(t, args[3], first + 3)) return false;
    exc_set_extra(t, self, UNICODE_REASON, args[3]);
    return true;
}

static bool want_count(struct thread *t, size_t nargs, size_t n) {
    if (nargs == n) return true;
    raise(t, &exc_TypeError, "function takes exactly %zu arguments (%zu given)", n, nargs);
    return false;
}

static int encode_init(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    if (exc_init(t, self, args, nargs, kwnames) < 0 || !want_count(t, nargs, 5) || !want_str(t, args[0], 1) || !want_str(t, args[1], 2)) return -1;
    exc_set_extra(t, self, UNICODE_ENCODING, args[0]);
    exc_set_extra(t, self, UNICODE_OBJECT, args[1]);
    return fill_range(t, self, args + 1, 2) ? 0 : -1;
}

static int decode_init(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    if (exc_init(t, self, args, nargs, kwnames) < 0 || !want_count(t, nargs, 5) || !want_str(t, args[0], 1)) return -1;
    value bytes = V_NULL;
    if (type_of(args[1]) == &type_bytes) {
        bytes = own(t, args[1]);
    } else {
        struct buffer_view view;
        if (!buffer_get(t, args[1], &view, false)) return -1;
        bytes = bytes_new(t, view.data, view.length);
        buffer_release(t, &view);
    }
    if (!bytes) return -1;
    exc_set_extra(t, self, UNICODE_ENCODING, args[0]);
    exc_set_extra(t, self, UNICODE_OBJECT, bytes);
    release(t, bytes);
    return fill_range(t, self, args + 1, 2) ? 0 : -1;
}

static int translate_init(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    if (exc_init(t, self, args, nargs, kwnames) < 0 || !want_count(t, nargs, 4) || !want_str(t, args[0], 1)) return -1;
    exc_set_extra(t, self, UNICODE_OBJECT, args[0]);
    return fill_range(t, self, args, 1) ? 0 : -1;
}

// The fields of one of the three, owned; false: never initialised.
struct fields {
    value f[UNICODE_EXTRAS];
    int64_t start, end;
};
static bool load_fields(struct thread *t, vref self, struct fields *x) {
    for (int i = 0; i < UNICODE_EXTRAS; i++) x->f[i] = exc_get_extra(t, self, i);
    if (is_none(x->f[UNICODE_OBJECT])) return false;
    x->start = is_int62(x->f[UNICODE_START]) ? as_int62(x->f[UNICODE_START]) : 0;
    x->end = is_int62(x->f[UNICODE_END]) ? as_int62(x->f[UNICODE_END]) : 0;
    return true;
}
static void drop_fields(struct thread *t, struct fields *x) {
    for (int i = 0; i < UNICODE_EXTRAS; i++) release(t, x->f[i]);
}

static value decode_str(struct thread *t, vref self) {
    struct fields x;
    value r;
    bool ok = load_fields(t, self, &x);
    int64_t n = ok && type_of(x.f[UNICODE_OBJECT]) == &type_bytes ? (int64_t)as_bytes(x.f[UNICODE_OBJECT])->length : 0;
    if (!ok) {
        r = str_from_cstr(t, "");
    } else if (x.start >= 0 && x.start < n && x.end == x.start + 1) {
        char hex[8];
        snprintf(hex, sizeof hex, "%02x", as_bytes(x.f[UNICODE_OBJECT])->data[x.start]);
        r = str_format(t, "'%S' codec can't decode byte 0x%s in position %ld: %S", x.f[UNICODE_ENCODING], hex, x.start, x.f[UNICODE_REASON]);
    } else {
        r = str_format(t, "'%S' codec can't decode bytes in position %ld-%ld: %S", x.f[UNICODE_ENCODING], x.start, x.end - 1, x.f[UNICODE_REASON]);
    }
    drop_fields(t, &x);
    return r;
}

// The one character that is meant, as an escape in out; false if it is not exactly one.
static bool one_character(const struct fields *x, char out[16]) {
    vref s = x->f[UNICODE_OBJECT];
    if (!is_str(s) || x->start < 0 || x->start >= (int64_t)as_str(s)->length || x->end != x->start + 1) return false;
    uint32_t c = str_at(as_str(s), (size_t)x->start);
    snprintf(out, 16, c <= 0xff ? "\\x%02x" : c <= 0xffff ? "\\u%04x" : "\\U%08x", c);
    return true;
}

static value encode_str(struct thread *t, vref self) {
    struct fields x;
    char c[16];
    value r;
    if (!load_fields(t, self, &x)) r = str_from_cstr(t, "");
    else if (one_character(&x, c))
        r = str_format(t, "'%S' codec can't encode character '%s' in position %ld: %S", x.f[UNICODE_ENCODING], c, x.start, x.f[UNICODE_REASON]);
    else r = str_format(t, "'%S' codec can't encode characters in position %ld-%ld: %S", x.f[UNICODE_ENCODING], x.start, x.end - 1, x.f[UNICODE_REASON]);
    drop_fields(t, &x);
    return r;
}

static value translate_str(struct thread *t, vref self) {
    struct fields x;
    char c[16];
    value r;
    if (!load_fields(t, self, &x)) r = str_from_cstr(t, "");
    else if (one_character(&x, c)) r = str_format(t, "can't translate character '%s' in position %ld: %S", c, x.start, x.f[UNICODE_REASON]);
    else r = str_format(t, "can't translate characters in position %ld-%ld: %S", x.start, x.end - 1, x.f[UNICODE_REASON]);
    drop_fields(t, &x);
    return r;
}

static const struct native unicode_natives[] = {
    {"encoding", NATIVE_MEMBER, .offset = EXC_AT(UNICODE_ENCODING), .set = exc_writable, .doc = "the encoding"},
    {"object", NATIVE_MEMBER, .offset = EXC_AT(UNICODE_OBJECT), .set = exc_writable, .doc = "what was to be converted"},
    {"start", NATIVE_MEMBER, .offset = EXC_AT(UNICODE_START), .set = exc_writable, .doc = "where the trouble starts"},
    {"end", NATIVE_MEMBER, .offset = EXC_AT(UNICODE_END), .set = exc_writable, .doc = "where it ends"},
    {"reason", NATIVE_MEMBER, .offset = EXC_AT(UNICODE_REASON), .set = exc_writable, .doc = "what is wrong"},
    {NULL},
};

struct type exc_UnicodeDecodeError = {EXC_TYPE(UnicodeDecodeError, exc_UnicodeError, UNICODE_EXTRAS), .natives = unicode_natives, .make = exc_make,
                                      .init = decode_init, .str = decode_str};
struct type exc_UnicodeEncodeError = {EXC_TYPE(UnicodeEncodeError, exc_UnicodeError, UNICODE_EXTRAS), .natives = unicode_natives, .make = exc_make,
                                      .init = encode_init, .str = encode_str};
struct type exc_UnicodeTranslateError = {EXC_TYPE(UnicodeTranslateError, exc_UnicodeError, UNICODE_EXTRAS), .natives = unicode_natives + 1,
                                         .make = exc_make, .init = translate_init, .str = translate_str};
