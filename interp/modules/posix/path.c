// SPDX-License-Identifier: Apache-2.0
// Arguments of the posix module: paths, descriptors, ids, plain numbers. Leaves the calls that use them to the other files.
#include "interp/modules/posix/posix.h"
#include "interp/types/names.h"
#include "interp/types/seq.h"

// ---- paths ----
value posix_fspath(struct thread *t, vref v) {
    value method, r;
    if (is_str(v) || is_bytes(v)) return own(t, v);
    vref name = str_intern_cstr(t, "__fspath__");
    int found = name ? object_lookup_special(t, v, name, &method) : -1;
    if (found == 0) return raise(t, &exc_TypeError, "expected str, bytes or os.PathLike object, not %T", v);
    if (found < 0) return V_NULL;
    r = object_call0(t, method);
    release(t, method);
    if (r && !is_str(r) && !is_bytes(r)) {
        raise(t, &exc_TypeError, "expected %T.__fspath__() to return str or bytes, not %T", v, r);
        release_field(t, &r);
    }
    return r;
}
static bool has_fspath(struct thread *t, vref v) {
    vref name = str_intern_cstr(t, "__fspath__");
    return name && type_lookup(t, type_of(v), name) != V_NULL;
}
static const char *allowed(const struct path *p) {
    if (p->allow_fd) return p->nullable ? "string, bytes, os.PathLike, integer or None" : "string, bytes, os.PathLike or integer";
    return p->nullable ? "string, bytes, os.PathLike or None" : "string, bytes or os.PathLike";
}
static bool refuse(struct thread *t, const struct path *p, vref v) {
    raise(t, &exc_TypeError, "%s: %s should be %s, not %T", p->function, p->name, allowed(p), v);
    return false;
}

static bool take_fd(struct thread *t, struct path *p, vref v) {
    int64_t n;
    value i = object_index(t, v);
    if (!i) return false;
    int over = int_as_i64_overflow(i, &n);
    release(t, i);
    if (over > 0 || (!over && n > INT32_MAX)) return raise(t, &exc_OverflowError, "fd is greater than maximum"), false;
    if (over < 0 || n < INT32_MIN) return raise(t, &exc_OverflowError, "fd is less than minimum"), false;
    p->fd = (int)n;
    p->object = own(t, v);
    return true;
}
static bool take_text(struct thread *t, struct path *p, value text) { // takes text
    p->object = text;
    p->is_bytes = is_bytes(text);
    p->bytes = p->is_bytes ? own(t, text) : str_encode(t, text, "utf-8", "surrogateescape");
    if (!p->bytes) return false;
    p->p = (const char *)as_bytes(p->bytes)->data;
    p->length = as_bytes(p->bytes)->length;
    if (memchr(p->p, 0, p->length) == NULL) return true;
    if (p->is_bytes) raise(t, &exc_ValueError, "%s: embedded null character in %s", p->function, p->name);
    else raise(t, &exc_ValueError, "embedded null byte");
    return false;
}
static bool take_buffer(struct thread *t, struct path *p, vref v) {
    if (!raise_warning(t, &exc_DeprecationWarning, 1, "%s: %s should be %s, not %s", p->function, p->name, allowed(p), type_of(v)->name)) return false;
    value b = bytes_from_object(t, v);
    if (!b || !take_text(t, p, b)) return false;
    replace_field(t, &p->object, own(t, v)); // errors show what was given
    return true;
}
bool path_get(struct thread *t, struct path *p, vref v) {
    p->fd = -1;
    p->p = NULL;
    p->object = p->bytes = V_NULL;
    if (!v || is_none(v)) {
        if (!v || p->nullable) return true;
        return refuse(t, p, v);
    }
    if (is_str(v) || is_bytes(v)) return take_text(t, p, own(t, v));
    if (p->allow_fd && (is_int(v) || type_of(v)->to_index)) return take_fd(t, p, v);
    if (has_fspath(t, v)) {
        value text = posix_fspath(t, v);
        return text && take_text(t, p, text);
    }
    if (buffer_check(v)) return take_buffer(t, p, v);
    return refuse(t, p, v);
}
void path_drop(struct thread *t, struct path *p) {
    release_field(t, &p->object);
    release_field(t, &p->bytes);
}
value path_text(struct thread *t, const char *s) { return str_decode(t, (const uint8_t *)s, strlen(s), "utf-8", "surrogateescape"); }
value path_result(struct thread *t, const struct path *like, const char *s, size_t n) {
    return like->is_bytes ? bytes_new(t, s, n) : str_decode(t, (const uint8_t *)s, n, "utf-8", "surrogateescape");
}
value path_bytes(struct thread *t, vref v) {
    value text = posix_fspath(t, v);
    value b = !text ? V_NULL : is_bytes(text) ? own(t, text) : str_encode(t, text, "utf-8", "surrogateescape");
    release_opt(t, text);
    if (b && memchr(as_bytes(b)->data, 0, as_bytes(b)->length)) {
        release(t, b);
        return raise(t, &exc_ValueError, "embedded null byte");
    }
    return b;
}

// ---- numbers ----
bool arg_i64(struct thread *t, vref v, int64_t *out) {
    value i = object_index(t, v);
    bool ok = i && int_as_i64(t, i, out);
    release_opt(t, i);
    return ok;
}
bool arg_int(struct thread *t, vref v, int *out) {
    value i = object_index(t, v);
    int64_t n = 0;
    if (!i) return false;
    int over = int_as_i64_overflow(i, &n);
    release(t, i);
    if (over) return raise(t, &exc_OverflowError, "Python int too large to convert to C int"), false;
    if (n > INT32_MAX) return raise(t, &exc_OverflowError, "signed integer is greater than maximum"), false;
    if (n < INT32_MIN) return raise(t, &exc_OverflowError, "signed integer is less than minimum"), false;
    *out = (int)n;
    return true;
}
bool arg_int_or(struct thread *t, vref v, int fallback, int *out) {
    *out = fallback;
    return !v || arg_int(t, v, out);
}
bool arg_bool(struct thread *t, vref v, bool fallback, bool *out) {
    int b = v ? object_truth(t, v) : fallback;
    *out = b > 0;
    return b >= 0;
}
bool arg_fd(struct thread *t, vref v, int *out) {
    int64_t n;
    value made = V_NULL;
    if (!is_int(v)) {
        vref name = str_intern_cstr(t, "fileno");
        value method;
        int found = name ? object_lookup_attr(t, v, name, &method) : -1;
        if (found == 0) raise(t, &exc_TypeError, "argument must be an int, or have a fileno() method.");
        if (found <= 0) return false;
        made = object_call0(t, method);
        release(t, method);
        if (!made) return false;
        if (!is_int(made)) {
            release(t, made);
            return raise(t, &exc_TypeError, "fileno() returned a non-integer"), false;
        }
    }
    int over = int_as_i64_overflow(made ? made : v, &n);
    release_opt(t, made);
    if (over || n > INT32_MAX || n < INT32_MIN) return raise(t, &exc_OverflowError, "Python int too large to convert to C int"), false;
    if (n < 0) return raise(t, &exc_ValueError, "file descriptor cannot be a negative integer (%d)", (int)n), false;
    *out = (int)n;
    return true;
}
bool arg_dir_fd(struct thread *t, vref v, int *out) {
    struct path p = {.fd = -1};
    *out = AT_FDCWD;
    if (!v || is_none(v)) return true;
    if (!is_int(v) && !type_of(v)->to_index) return raise(t, &exc_TypeError, "argument should be integer or None, not %T", v), false;
    bool ok = take_fd(t, &p, v);
    *out = p.fd;
    path_drop(t, &p);
    return ok;
}
bool arg_uid(struct thread *t, vref v, const char *what, unsigned *out) {
    int64_t n;
    value i = is_int(v) ? own(t, v) : type_of(v)->to_index ? object_index(t, v) : V_NULL;
    if (!i) {
        if (!raised(t)) raise(t, &exc_TypeError, "%s should be integer, not %T", what, v);
        return false;
    }
    int over = int_as_i64_overflow(i, &n);
    release(t, i);
    if (over > 0 || (!over && n > UINT32_MAX)) return raise(t, &exc_OverflowError, "%s is greater than maximum", what), false;
    if (over < 0 || n < -1) return raise(t, &exc_OverflowError, "%s is less than minimum", what), false;
    *out = (unsigned)n;
    return true;
}
value uid_value(struct thread *t, unsigned id) { return id == UINT32_MAX ? from_int62(-1) : int_from_u64(t, id); }

// ---- errors ----
value posix_error(struct thread *t) { return raised(t) ? V_NULL : raise_errno(t, errno, V_NULL); }
value posix_path_error(struct thread *t, const struct path *p) { return raised(t) ? V_NULL : raise_errno(t, errno, p->object); }
value posix_paths_error(struct thread *t, const struct path *a, const struct path *b) {
    if (raised(t)) return V_NULL;
    int err = errno;
    value text = str_from_cstr(t, strerror(err));
    vref args[5] = {from_int62(err), text, a->object ? a->object : V_NONE, V_NONE, b->object ? b->object : V_NONE};
    value exc = text ? object_call(t, type_ref(&exc_OSError), args, 5, V_NULL) : V_NULL;
    if (exc) raise_object(t, exc);
    release_opt(t, exc);
    release_opt(t, text);
    return V_NULL;
}

// ---- functions ----
static value f_fspath(struct thread *t, const vref *a) { return posix_fspath(t, a[0]); }

// Where the part that "//" or "/" makes ends: two leading slashes stay two, more become one.
static size_t root_of(const char *s, size_t n, char *out) {
    if (n == 0 || s[0] != '/') return 0;
    size_t slashes = n >= 2 && s[1] == '/' && (n == 2 || s[2] != '/') ? 2 : 1;
    memset(out, '/', slashes);
    return slashes;
}
// Folds "." and ".." and repeated slashes; out has room for n + 2. returns the length.
static size_t normalise(const char *s, size_t n, char *out) {
    size_t root = root_of(s, n, out), w = root, kept = 0; // kept: components that a ".." may take away
    for (size_t i = root; i < n;) {
        size_t end = i;
        while (end < n && s[end] != '/') end++;
        size_t m = end - i;
        bool up = m == 2 && s[i] == '.' && s[i + 1] == '.';
        if (up && kept) {
            while (w > root && out[w - 1] != '/') w--;
            if (w > root) w--;
            kept--;
        } else if (m && !(m == 1 && s[i] == '.') && !(up && root)) {
            if (w > root) out[w++] = '/';
            memcpy(out + w, s + i, m);
            w += m;
            kept += !up;
        }
        i = end + 1;
    }
    if (w == 0) out[w++] = '.';
    return w;
}
static value f_path_normpath(struct thread *t, const vref *a) {
    bool as_bytes_too = is_bytes(a[0]);
    if (!is_str(a[0]) && !as_bytes_too) return raise(t, &exc_TypeError, "_path_normpath() argument 'path' must be str, not %T", a[0]);
    value b = as_bytes_too ? own(t, a[0]) : str_encode(t, a[0], "utf-8", "surrogatepass"), r = V_NULL;
    size_t n = b ? as_bytes(b)->length : 0;
    char *out = b ? mem_alloc(t, n + 2) : NULL;
    if (out) {
        size_t m = normalise((const char *)as_bytes(b)->data, n, out);
        r = as_bytes_too ? bytes_new(t, out, m) : str_decode(t, (const uint8_t *)out, m, "utf-8", "surrogatepass");
        mem_free(t, out, n + 2);
    }
    release_opt(t, b);
    return r;
}
const struct native posix_path_natives[] = {
    F("fspath", "($module, /, path)", f_fspath), F("_path_normpath", "($module, /, path)", f_path_normpath), {0},
};
