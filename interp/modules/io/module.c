// SPDX-License-Identifier: Apache-2.0
// The module _io and open(): chooses and stacks the layers; the standard streams. Leaves the layers to their files.
#include "interp/modules/io/io.h"
#include "interp/modules/modules.h"
#include "interp/modules/row.h"
#include "interp/types/dict.h"
#include "interp/types/num.h"
#include "interp/types/str/codec.h"

#include <fcntl.h>
#include <locale.h>
#include <pthread.h>
#include <unistd.h>

struct type *io_unsupported;
value io_open_function;

// ---- open ----

struct mode {
    bool reading, writing, creating, appending, updating, text, binary;
    char raw[8]; // what FileIO gets
};
static bool parse_mode(struct thread *t, const char *text, struct mode *m) {
    char *raw = m->raw;
    *m = (struct mode){0};
    raw = m->raw;
    for (const char *c = text; *c; c++) {
        bool *flag = *c == 'x' ? &m->creating : *c == 'r' ? &m->reading : *c == 'w' ? &m->writing : *c == 'a' ? &m->appending : *c == '+' ? &m->updating
                   : *c == 't' ? &m->text : *c == 'b' ? &m->binary : NULL;
        if (!flag || *flag) return raise(t, &exc_ValueError, "invalid mode: '%s'", text), false; // unknown, or twice
        *flag = true;
        if (*c != 't' && *c != 'b' && *c != '+') *raw++ = *c;
    }
    if (m->updating) *raw++ = '+';
    if (m->text && m->binary) raise(t, &exc_ValueError, "can't have text and binary mode at once");
    else if (m->creating + m->reading + m->writing + m->appending > 1) raise(t, &exc_ValueError, "must have exactly one of create/read/write/append mode");
    return !raised(t);
}
static bool given(vref v) { return v && !is_none(v); }
static bool check_arguments(struct thread *t, const struct mode *m, int64_t buffering, vref encoding, vref errors, vref newline) {
    if (m->binary && given(encoding)) raise(t, &exc_ValueError, "binary mode doesn't take an encoding argument");
    else if (m->binary && given(errors)) raise(t, &exc_ValueError, "binary mode doesn't take an errors argument");
    else if (m->binary && given(newline)) raise(t, &exc_ValueError, "binary mode doesn't take a newline argument");
    else if (m->binary && buffering == 1)
        return raise_warning(t, &exc_RuntimeWarning, 1, "line buffering (buffering=1) isn't supported in binary mode, the default buffer size will be used");
    return !raised(t);
}
// file as FileIO wants it: a number, or a path that is str or bytes. returns new.
static value path_or_number(struct thread *t, vref file) {
    if (is_int(file) || is_str(file) || is_bytes(file)) return own(t, file);
    if (type_of(file)->to_index) return object_index(t, file);
    value m;
    int found = object_lookup_special(t, file, IO(__fspath__), &m);
    if (found < 0) return V_NULL;
    if (!found) return raise(t, &exc_TypeError, "expected str, bytes or os.PathLike object, not %T", file);
    value path = object_call0(t, m);
    release(t, m);
    if (!path || is_str(path) || is_bytes(path)) return path;
    raise(t, &exc_TypeError, "expected %T.__fspath__() to return str or bytes, not %T", file, path);
    release(t, path);
    return V_NULL;
}
static value open_raw(struct thread *t, vref file, const struct mode *m, bool closefd, vref opener) {
    value path = path_or_number(t, file), mode = path ? str_from_cstr(t, m->raw) : V_NULL, raw = V_NULL;
    if (mode) {
        vref args[4] = {path, mode, from_bool(closefd), opener ? opener : V_NONE};
        raw = object_call(t, type_ref(&type_io_file), args, 4, V_NULL);
    }
    release_opt(t, mode), release_opt(t, path);
    return raw;
}
// The size of the buffer; *lines: the stream is a terminal, or wants to be flushed like one.
static bool choose_buffering(struct thread *t, vref raw, int64_t *buffering, bool *lines) {
    *lines = *buffering == 1;
    if (*buffering < 0) {
        int tty = io_truth(t, raw, IO(isatty));
        if (tty < 0) return false;
        *lines = tty;
    }
    if (*lines) *buffering = -1;
    if (*buffering < 0) *buffering = as_io_file(raw)->block_size;
    return true;
}
// The layers above raw. On failure raw is closed. takes raw.
static value stack(struct thread *t, value raw, const struct mode *m, const char *mode_text, int64_t buffering, vref encoding, vref errors, vref newline) {
    bool lines;
    value top = raw;
    if (!choose_buffering(t, raw, &buffering, &lines)) goto fail;
    if (buffering == 0) {
        if (m->binary) return raw;
        raise(t, &exc_ValueError, "can't have unbuffered text I/O");
        goto fail;
    }
    struct type *kind = m->updating ? &type_io_random : m->creating || m->writing || m->appending ? &type_io_writer : m->reading ? &type_io_reader : NULL;
    if (!kind) {
        raise(t, &exc_ValueError, "unknown mode: '%s'", mode_text);
        goto fail;
    }
    value buffer = io_buffered_new(t, kind, raw, buffering);
    if (!buffer) goto fail;
    release(t, raw);
    top = buffer;
    if (m->binary) return buffer;
    vref args[5] = {buffer, encoding ? encoding : V_NONE, errors ? errors : V_NONE, newline ? newline : V_NONE, from_bool(lines)};
    value text = object_call(t, type_ref(&type_io_text), args, 5, V_NULL);
    if (!text) goto fail;
    release(t, buffer);
    top = text;
    value mode = str_from_cstr(t, mode_text);
    bool ok = mode && object_setattr(t, text, IO(mode), mode) == 0;
    release_opt(t, mode);
    if (ok) return text;
fail:;
    value first = raised_take(t);
    io_discard(t, io_call0(t, top, IO(close)));
    io_chain(t, first);
    release(t, top);
    return V_NULL;
}
value io_open(struct thread *t, vref file, const char *mode, int64_t buffering, vref encoding, vref errors, vref newline, bool closefd, vref opener) {
    struct mode m;
    if (!parse_mode(t, mode, &m) || !check_arguments(t, &m, buffering, encoding, errors, newline)) return V_NULL;
    value raw = open_raw(t, file, &m, closefd, opener);
    return raw ? stack(t, raw, &m, mode, buffering, encoding, errors, newline) : V_NULL;
}

static bool text_arg(struct thread *t, vref v, const char *what) {
    if (!v || is_none(v) || is_str(v)) return true;
    raise(t, &exc_TypeError, "open() argument '%s' must be str or None, not %T", what, v);
    return false;
}
static value f_open(struct thread *t, const vref *a) { // file, mode, buffering, encoding, errors, newline, closefd, opener
    const char *mode = "r";
    int64_t buffering;
    if (a[1] && !codec_name_arg(t, a[1], "open", "mode", &mode)) return V_NULL;
    if (!io_int_arg(t, a[2], -1, &buffering) || !text_arg(t, a[3], "encoding") || !text_arg(t, a[4], "errors") || !text_arg(t, a[5], "newline")) return V_NULL;
    if (buffering < -1 && buffering < INT32_MIN) return raise(t, &exc_OverflowError, "signed integer is less than minimum");
    int closefd = a[6] ? object_truth(t, a[6]) : 1;
    return closefd < 0 ? V_NULL : io_open(t, a[0], mode, buffering, a[3], a[4], a[5], closefd, a[7]);
}
static value f_open_code(struct thread *t, const vref *a) {
    if (!is_str(a[0])) return raise(t, &exc_TypeError, "open_code() argument 'path' must be str, not %T", a[0]);
    return io_open(t, a[0], "rb", -1, V_NULL, V_NULL, V_NULL, true, V_NULL);
}
static bool flag_is_set(struct thread *t, const char *name) {
    value flags = dict_get_str(t, t->interp->sys_dict, "flags"), f = V_NULL;
    int set = flags && object_lookup_attr(t, flags, str_intern_cstr(t, name), &f) > 0 ? object_truth(t, f) : 0;
    release_opt(t, f), release_opt(t, flags);
    if (raised(t)) raised_clear(t);
    return set > 0;
}
static value f_text_encoding(struct thread *t, const vref *a) { // encoding, stacklevel=2
    int64_t level;
    if (a[0] && !is_none(a[0])) return own(t, a[0]);
    if (!io_int_arg(t, a[1], 2, &level)) return V_NULL;
    if (flag_is_set(t, "warn_default_encoding") && !raise_warning(t, &exc_EncodingWarning, (int)level, "'encoding' argument not specified")) return V_NULL;
    return str_from_cstr(t, flag_is_set(t, "utf8_mode") ? "utf-8" : "locale");
}

// ---- the standard streams ----

static value wrap_standard(struct thread *t, value raw, int fd, const char *encoding, const char *errors, bool unbuffered) { // takes raw
    static const char *const names[] = {"<stdin>", "<stdout>", "<stderr>"};
    bool bare = unbuffered && fd;
    int tty = io_truth(t, raw, IO(isatty));
    value name = str_from_cstr(t, names[fd]), buffer = V_NULL, text = V_NULL;
    bool ok = tty >= 0 && name && object_setattr(t, raw, IO(name), name) == 0;
    if (ok) buffer = bare ? own(t, raw) : io_buffered_new(t, fd ? &type_io_writer : &type_io_reader, raw, as_io_file(raw)->block_size);
    value enc = str_from_cstr(t, encoding), err = str_from_cstr(t, errors), newline = str_from_cstr(t, "\n"), mode = str_from_cstr(t, fd ? "w" : "r");
    if (buffer && enc && err && newline && mode) {
        vref args[6] = {buffer, enc, err, newline, from_bool(!bare && (tty || fd == 2)), from_bool(bare)};
        text = object_call(t, type_ref(&type_io_text), args, 6, V_NULL);
        if (text && object_setattr(t, text, IO(mode), mode) < 0) release_field(t, &text);
    }
    release_opt(t, enc), release_opt(t, err), release_opt(t, newline), release_opt(t, mode), release_opt(t, buffer), release_opt(t, name), release(t, raw);
    return text;
}
value io_standard_stream(struct thread *t, int fd, const char *encoding, const char *errors, bool unbuffered) {
    if (!io_start(t)) return V_NULL;
    if (fcntl(fd, F_GETFD) < 0) return V_NONE;
    value mode = str_from_cstr(t, fd ? "w" : "r"), raw = V_NULL;
    if (mode) {
        vref args[3] = {from_int62(fd), mode, V_FALSE};
        raw = object_call(t, type_ref(&type_io_file), args, 3, V_NULL);
        release(t, mode);
    }
    if (raw) return wrap_standard(t, raw, fd, encoding, errors, unbuffered);
    if (!raised_is(t, &exc_OSError)) return V_NULL;
    raised_clear(t); // a directory
    return V_NONE;
}

// ---- start ----

static struct type *const types[] = {
    &type_io_base, &type_io_raw_base, &type_io_buffered_base, &type_io_text_base, &type_io_file, &type_io_bytes, &type_io_bytes_view, &type_io_reader, &type_io_writer,
    &type_io_random, &type_io_pair, &type_io_newline_decoder, &type_io_decoder, &type_io_text, &type_io_string,
};
static const struct native open_native =
    F("open", "($module, /, file, mode='r', buffering=-1, encoding=None,\n     errors=None, newline=None, closefd=True, opener=None)", f_open);
static bool make_open(struct thread *t) { // one function for builtins and for the module
    value module = str_intern_cstr(t, "io"), f = module ? native_function(t, &open_native, module) : V_NULL;
    if (f) io_open_function = ref_immortal(t, as_object(f));
    return f != V_NULL;
}
static bool make_unsupported(struct thread *t) {
    value cls = exc_class_new(t, "io", "UnsupportedOperation", &exc_OSError, &exc_ValueError);
    if (cls) io_unsupported = as_type(ref_immortal(t, as_object(cls)));
    return cls != V_NULL;
}
bool io_start(struct thread *t) {
    static const char *const names[IO_NAME_COUNT] = {
#define X(n) #n,
        IO_NAMES(X)
#undef X
    };
    if (io_unsupported) return true;
    setlocale(LC_CTYPE, "");
    for (int i = 0; i < IO_NAME_COUNT; i++)
        if (!(io_names[i] = str_intern_cstr(t, names[i]))) return false;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (!type_ready(t, types[i])) return false;
    type_io_bytes.flags &= ~(uint32_t)TYPE_DEL; // nothing to be closed
    type_io_string.flags &= ~(uint32_t)TYPE_DEL;
    pthread_atfork(NULL, NULL, io_fork_child);
    return make_open(t) && make_unsupported(t);
}

static const struct native functions[] = {
    F("open_code", "($module, /, path)", f_open_code), F("text_encoding", "($module, encoding, stacklevel=2, /)", f_text_encoding),
};
value io_make(struct thread *t) {
    if (!io_start(t)) return V_NULL;
    value m = module_from_natives(t, "io", NULL, functions, sizeof functions / sizeof *functions);
    static struct type *const hidden[] = {&type_io_bytes_view, &type_io_decoder};
    bool ok = m && module_set(t, m, "open", io_open_function) && module_set(t, m, "DEFAULT_BUFFER_SIZE", from_int62(IO_BUFFER_SIZE)) && module_set(t, m, "UnsupportedOperation", type_ref(io_unsupported)) &&
              module_set(t, m, "BlockingIOError", type_ref(&exc_BlockingIOError));
    for (size_t i = 0; ok && i < sizeof types / sizeof *types; i++)
        if (types[i] != hidden[0] && types[i] != hidden[1]) ok = module_set(t, m, types[i]->name, type_ref(types[i]));
    if (!ok) release_opt(t, m), m = V_NULL;
    return m;
}
