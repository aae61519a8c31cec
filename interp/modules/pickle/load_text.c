// SPDX-License-Identifier: Apache-2.0
// The opcodes of protocol 0 that carry a line of text, and the strings of Python 2. Leaves the loop to load.c.
#include "interp/modules/pickle/pickle.h"
#include "interp/types/float.h"
#include "interp/types/seq.h"
#include "interp/types/str/codec.h"

#include <errno.h>
#include <stdlib.h>

// A line as a C string in memory of its own, without its newline: free with mem_free(t, s, n + 1).
static char *copy_line(struct thread *t, struct unpickler *u, size_t least, size_t *n) {
    const uint8_t *p = in_line(t, u, least, n);
    char *s = p ? mem_alloc(t, *n + 1) : NULL;
    if (!s) return NULL;
    memcpy(s, p, *n);
    s[*n] = 0;
    return s;
}
// The int a line means: text as in source code. V_NULL: ValueError.
static value parse_int(struct thread *t, const char *s, int base) {
    value v = int_from_text(t, s, strlen(s), base, true);
    if (v || !raised_is(t, &exc_ValueError)) return v;
    const char *p = s;
    while (*p == ' ' || *p == '+' || *p == '-') p++;
    int kind = p[0] == '0' ? p[1] | 32 : 0, meant = base ? base : kind == 'x' ? 16 : kind == 'o' ? 8 : kind == 'b' ? 2 : 10; // the message names the base found
    raised_clear(t);
    value text = str_from_utf8(t, s, strlen(s)); // or UnicodeDecodeError
    if (text) raise(t, &exc_ValueError, "invalid literal for int() with base %d: %R", meant, text);
    release_opt(t, text);
    return V_NULL;
}

bool load_INT(struct thread *t, struct unpickler *u) {
    size_t n;
    char *s = copy_line(t, u, 2, &n), *end;
    if (!s) return false;
    errno = 0;
    long i = strtol(s, &end, 0); // as C reads it: a leading 0 is octal
    value v;
    if (errno || (*end != '\n' && *end)) {
        v = parse_int(t, s, 0);
        if (!v && raised_is(t, &exc_ValueError)) {
            raised_clear(t);
            raise(t, &exc_ValueError, "could not convert string to int");
        }
    } else
        v = n == 3 && (i == 0 || i == 1) ? from_bool(i) : int_from_i64(t, i);
    mem_free(t, s, n + 1);
    return stack_push(t, u, v);
}
bool load_LONG(struct thread *t, struct unpickler *u) {
    size_t n;
    char *s = copy_line(t, u, 2, &n);
    if (!s) return false;
    if (s[n - 2] == 'L') s[n - 2] = 0;
    value v = parse_int(t, s, 0);
    mem_free(t, s, n + 1);
    return stack_push(t, u, v);
}
bool load_FLOAT(struct thread *t, struct unpickler *u) {
    size_t n;
    char *s = copy_line(t, u, 2, &n);
    if (!s) return false;
    const char *end;
    double d = float_parse(s, &end);
    bool ok = end != s && (*end == '\n' || !*end);
    bool large = end != s && __builtin_isinf(d) && !strpbrk(s, "iI");
    if (end == s || large) {
        value line = str_from_latin1(t, (const uint8_t *)s, strlen(s));
        if (line && large) raise(t, &exc_OverflowError, "value too large to convert to float: '%U'", line);
        else if (line) raise(t, &exc_ValueError, "could not convert string to float: '%U'", line);
        release_opt(t, line);
        ok = false;
    } else if (!ok) raise(t, &exc_ValueError, "could not convert string to float");
    mem_free(t, s, n + 1);
    return ok && stack_push(t, u, float_new(t, d));
}

// bytes that were a str in Python 2, as the encoding says.
static value old_string(struct thread *t, const struct unpickler *u, value bytes) { // takes bytes
    if (!bytes || u->bytes_strings) return bytes;
    const char *encoding = u->encoding ? str_utf8(t, u->encoding, NULL) : "ASCII", *errors = !encoding ? NULL : u->errors ? str_utf8(t, u->errors, NULL) : "strict";
    value v = errors ? str_decode(t, as_bytes(bytes)->data, as_bytes(bytes)->length, encoding, errors) : V_NULL;
    release(t, bytes);
    return v;
}
bool load_counted_string(struct thread *t, struct unpickler *u, const uint8_t *data, size_t n) { return stack_push(t, u, old_string(t, u, bytes_new(t, data, n))); }
bool load_STRING(struct thread *t, struct unpickler *u) {
    size_t n;
    const uint8_t *p = in_line(t, u, 0, &n);
    if (!p) return false;
    n--; // the newline
    if (n < 2 || p[0] != p[n - 1] || (p[0] != '\'' && p[0] != '"')) return raise(t, &unpickling_error, "the STRING opcode argument must be quoted"), false;
    return stack_push(t, u, old_string(t, u, codec_escape_decode(t, p + 1, n - 2, NULL)));
}
bool load_UNICODE(struct thread *t, struct unpickler *u) {
    size_t n;
    const uint8_t *p = in_line(t, u, 1, &n);
    return p && stack_push(t, u, codec_raw_unicode_escape_decode(t, p, n - 1, NULL, true, NULL));
}

// ---- the memo ----

// The index in a line. of_top: there must be something to be noted.
static bool take_index(struct thread *t, struct unpickler *u, bool of_top, int64_t *id) {
    size_t n;
    char *s = copy_line(t, u, 2, &n);
    value v = !s ? V_NULL : of_top && u->n <= u->fence ? stack_underflow(t, u) : parse_int(t, s, 10);
    if (s) mem_free(t, s, n + 1);
    if (!v) return false;
    bool ok = object_as_index(t, v, id);
    release(t, v);
    return ok;
}
bool load_GET(struct thread *t, struct unpickler *u) {
    int64_t id;
    return take_index(t, u, false, &id) && stack_push(t, u, recall_get(t, u, (uint64_t)id));
}
bool load_PUT(struct thread *t, struct unpickler *u) {
    int64_t id;
    if (!take_index(t, u, true, &id)) return false;
    if (id < 0) return raise(t, &exc_ValueError, "negative PUT argument"), false;
    return recall_put(t, u, (uint64_t)id, u->stack[u->n - 1]);
}

// ---- ids of the program's own ----

static bool push_persistent(struct thread *t, struct unpickler *u, value id) { // takes id
    if (!id) return false;
    value v = object_call1(t, u->running_persistent, id);
    release(t, id);
    return stack_push(t, u, v);
}
static bool no_persistent(struct thread *t) {
    raise(t, &unpickling_error, "A load persistent id instruction was encountered,\nbut no persistent_load function was specified.");
    return false;
}
bool load_PERSID(struct thread *t, struct unpickler *u) {
    size_t n;
    if (!u->running_persistent) return no_persistent(t);
    const uint8_t *p = in_line(t, u, 1, &n);
    if (!p) return false;
    value id = str_decode(t, p, n - 1, "ascii", "strict");
    if (!id && raised_is(t, &exc_UnicodeDecodeError)) {
        raised_clear(t);
        raise(t, &unpickling_error, "persistent IDs in protocol 0 must be ASCII strings");
    }
    return push_persistent(t, u, id);
}
bool load_BINPERSID(struct thread *t, struct unpickler *u) {
    if (!u->running_persistent) return no_persistent(t);
    return push_persistent(t, u, stack_pop(t, u));
}

// ---- by name ----

static value take_name(struct thread *t, struct unpickler *u, const char *encoding) {
    size_t n;
    const uint8_t *p = in_line(t, u, 2, &n);
    return p ? str_decode(t, p, n - 1, encoding, "strict") : V_NULL;
}
static value take_class(struct thread *t, struct unpickler *u, const char *encoding) {
    value module = take_name(t, u, encoding), name = module ? take_name(t, u, encoding) : V_NULL;
    value cls = name ? load_class(t, u, module, name) : V_NULL;
    release_opt(t, module);
    release_opt(t, name);
    return cls;
}
bool load_GLOBAL(struct thread *t, struct unpickler *u) { return stack_push(t, u, take_class(t, u, "utf-8")); }
bool load_INST(struct thread *t, struct unpickler *u) {
    size_t at;
    if (!stack_unmark(t, u, &at)) return false;
    value cls = take_class(t, u, "ascii");
    if (!cls) return false;
    value args = stack_tuple(t, u, at), v = args ? load_instantiate(t, cls, args) : V_NULL;
    release(t, cls);
    release_opt(t, args);
    return stack_push(t, u, v);
}
