// SPDX-License-Identifier: Apache-2.0
// Universal newlines: IncrementalNewlineDecoder, where lines end; and the incremental decoders of the encodings that need no module. Leaves all other decoders to
// the package encodings.
#include "interp/modules/io/io.h"
#include "interp/types/args.h"
#include "interp/types/num.h"
#include "interp/types/str/codec.h"
#include "interp/types/str/text.h"

#include <strings.h>

// ---- incremental decoders of our own: a few bytes may wait for the rest of their character ----

struct simple_decoder {
    struct object head;
    value errors;        // owned str
    enum io_simple kind;
    uint8_t kept, bytes[4];
};
static struct simple_decoder *as_simple(vref v) { return (struct simple_decoder *)as_object(v); }

enum io_simple io_encoding_kind(const char *encoding) {
    static const struct {
        const char *name;
        enum io_simple kind;
    } known[] = {
        {"utf-8", IO_UTF8}, {"utf8", IO_UTF8}, {"utf_8", IO_UTF8}, {"ascii", IO_ASCII}, {"us-ascii", IO_ASCII},
        {"latin-1", IO_LATIN1}, {"latin1", IO_LATIN1}, {"iso-8859-1", IO_LATIN1}, {"iso8859-1", IO_LATIN1}, {"latin_1", IO_LATIN1},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcasecmp(known[i].name, encoding) == 0) return known[i].kind;
    return IO_NOT_SIMPLE;
}

value io_decoder_new(struct thread *t, const char *encoding, vref errors) {
    enum io_simple kind = io_encoding_kind(encoding);
    if (kind == IO_NOT_SIMPLE) return V_NULL;
    struct simple_decoder *d = object_alloc_gc(t, sizeof *d, type_io_decoder.root_shape);
    if (!d) return V_NULL;
    d->errors = own(t, errors);
    d->kind = kind, d->kept = 0;
    return counted_word(d);
}

static value simple_bytes(struct thread *t, struct simple_decoder *d, const uint8_t *p, size_t n, bool final) {
    const char *errors = str_utf8(t, d->errors, NULL);
    if (!errors) return V_NULL;
    if (d->kind == IO_LATIN1) return codec_latin1_decode(t, p, n);
    if (d->kind == IO_ASCII) return codec_ascii_decode(t, p, n, errors);
    struct byte_builder joined = {.t = t};
    if (d->kept) {
        byte_builder_add(&joined, d->bytes, d->kept);
        byte_builder_add(&joined, p, n);
        if (joined.failed) return V_NULL;
        p = joined.data, n = joined.length;
    }
    size_t used = n;
    value v = codec_utf8_decode(t, p, n, errors, final, &used);
    if (v) {
        d->kept = (uint8_t)(n - used < 4 ? n - used : 0);
        memcpy(d->bytes, p + n - d->kept, d->kept);
    }
    byte_builder_discard(&joined);
    return v;
}
static value simple_decode(struct thread *t, vref self, vref input, bool final) {
    struct buffer_view view;
    if (!buffer_get(t, input, &view, false)) return V_NULL;
    value v = simple_bytes(t, as_simple(self), view.data, view.length, final);
    buffer_release(t, &view);
    return v;
}
static value s_decode(struct thread *t, const vref *a) { // self, input, final=False
    int final = a[2] ? object_truth(t, a[2]) : 0;
    return final < 0 ? V_NULL : simple_decode(t, a[0], a[1], final);
}
static value s_getstate(struct thread *t, const vref *a) {
    value kept = bytes_new(t, as_simple(a[0])->bytes, as_simple(a[0])->kept), v = kept ? tuple_pack(t, 2, kept, from_int62(0)) : V_NULL;
    release_opt(t, kept);
    return v;
}
static value s_setstate(struct thread *t, const vref *a) {
    struct simple_decoder *d = as_simple(a[0]);
    if (!is_tuple(a[1]) || tuple_size(a[1]) != 2 || !is_bytes(tuple_at(a[1], 0)) || as_bytes(tuple_at(a[1], 0))->length > 4)
        return raise(t, &exc_TypeError, "illegal decoder state");
    d->kept = (uint8_t)as_bytes(tuple_at(a[1], 0))->length;
    memcpy(d->bytes, as_bytes(tuple_at(a[1], 0))->data, d->kept);
    return V_NONE;
}
static value s_reset(struct thread *t, const vref *a) { return (void)t, as_simple(a[0])->kept = 0, V_NONE; }
static void s_destroy(struct thread *t, struct object *o) { release_field(t, &((struct simple_decoder *)o)->errors); }
static int s_traverse(struct object *o, visit_fn *visit, void *arg) {
    value v = ((struct simple_decoder *)o)->errors;
    return v ? visit(v, arg) : 0;
}
#define M(py, s, f) {.name = py, .kind = NATIVE_METHOD, .sig = s, .fn = f}
static const struct native simple_natives[] = {
    M("decode", "($self, input, final=False)", s_decode), M("getstate", "($self, /)", s_getstate), M("setstate", "($self, state, /)", s_setstate), M("reset", "($self, /)", s_reset),
    {.name = "errors", .kind = NATIVE_MEMBER, .offset = offsetof(struct simple_decoder, errors)}, {.name = NULL},
};
struct type type_io_decoder = {
    .name = "_IncrementalDecoder", .module = "_io", .flags = TYPE_GC | TYPE_NO_NEW, .basicsize = sizeof(struct simple_decoder), .base = &type_object, .natives = simple_natives,
    .destroy = s_destroy, .traverse = s_traverse, .clear = s_destroy,
};

// ---- IncrementalNewlineDecoder ----

static struct io_newline_decoder *as_newline(vref v) { return (struct io_newline_decoder *)as_object(v); }
static bool newline_ready(struct thread *t, const struct io_newline_decoder *d) {
    if (d->ready) return true;
    raise(t, &exc_ValueError, "IncrementalNewlineDecoder.__init__() not called");
    return false;
}

// Which newlines there are, and the text with all of them as \n if `translate`. takes text.
static value translate(struct thread *t, struct io_newline_decoder *d, value text) {
    const struct str *s = as_str(text);
    if (units_find_char(s->data, s->width, s->length, '\r') < 0) {
        if (!(d->seen & SEEN_LF) && units_find_char(s->data, s->width, s->length, '\n') >= 0) d->seen |= SEEN_LF;
        return text;
    }
    struct str_builder b;
    builder_init(&b, t);
    size_t from = 0;
    for (size_t i = 0; i < s->length; i++) {
        uint32_t c = str_at(s, i);
        if (c == '\n') d->seen |= SEEN_LF;
        if (c != '\r') continue;
        bool pair = i + 1 < s->length && str_at(s, i + 1) == '\n';
        d->seen |= pair ? SEEN_CRLF : SEEN_CR;
        if (d->translate) {
            builder_slice(&b, text, from, i);
            builder_char(&b, '\n');
            from = i + 1 + pair;
        }
        i += pair;
    }
    if (!d->translate) return builder_discard(&b), text;
    builder_slice(&b, text, from, s->length);
    release(t, text);
    return builder_finish(&b);
}
static value newline_text(struct thread *t, struct io_newline_decoder *d, value text, bool final) { // takes text
    if (d->pending_cr && (final || as_str(text)->length)) {
        value cr = str_from_char(t, '\r'), joined = cr ? str_concat(t, cr, text) : V_NULL;
        release_opt(t, cr), release(t, text);
        if (!(text = joined)) return V_NULL;
        d->pending_cr = false;
    }
    size_t n = as_str(text)->length;
    if (!final && n && str_at(as_str(text), n - 1) == '\r') { // a \n may follow
        value cut = str_substring(t, text, 0, (int64_t)n - 1);
        release(t, text);
        if (!(text = cut)) return V_NULL;
        d->pending_cr = true;
    }
    return as_str(text)->length ? translate(t, d, text) : text;
}
static value check_text(struct thread *t, value v) {
    if (!v || is_str(v)) return v;
    raise(t, &exc_TypeError, "decoder should return a string result, not '%T'", v);
    release(t, v);
    return V_NULL;
}
static value by_method(struct thread *t, vref decoder, vref input, bool final) {
    vref args[2] = {input, from_bool(final)};
    return check_text(t, object_call_method(t, decoder, IO(decode), args, 2));
}
value io_decode(struct thread *t, vref decoder, vref input, bool final) {
    struct type *c = type_of(decoder);
    if (c == &type_io_decoder) return simple_decode(t, decoder, input, final);
    if (c != &type_io_newline_decoder) return by_method(t, decoder, input, final);
    struct io_newline_decoder *d = as_newline(decoder);
    if (!newline_ready(t, d)) return V_NULL;
    value text = is_none(d->decoder) ? check_text(t, own(t, input)) : io_decode(t, d->decoder, input, final);
    return text ? newline_text(t, d, text, final) : V_NULL;
}
value io_newline_decoder_new(struct thread *t, vref decoder, bool translating) {
    value v = object_new_instance(t, &type_io_newline_decoder);
    if (!v) return V_NULL;
    struct io_newline_decoder *d = as_newline(v);
    d->decoder = own(t, decoder), d->errors = own(t, IO(strict));
    d->translate = translating, d->ready = true;
    return v;
}
static int n_init(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    static const char *const names[] = {"decoder", "translate", "errors"};
    static const struct args_spec spec = {"IncrementalNewlineDecoder", names, 0, 2, 3};
    vref a[3];
    if (!args_bind(t, &spec, args, nargs, kwnames, a)) return -1;
    int translating = object_truth(t, a[1]);
    if (translating < 0) return -1;
    struct io_newline_decoder *d = as_newline(self);
    slot_store(t, &d->head, (_Atomic value *)&d->decoder, own(t, a[0]));
    slot_store(t, &d->head, (_Atomic value *)&d->errors, own(t, a[2] ? a[2] : IO(strict)));
    d->translate = translating, d->pending_cr = false, d->seen = 0, d->ready = true;
    return 0;
}
static value n_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) { return (void)args, (void)nargs, (void)kwnames, object_new_instance(t, cls); }
static value n_decode(struct thread *t, const vref *a) { // self, input, final=False
    struct io_newline_decoder *d = as_newline(a[0]);
    int final = a[2] ? object_truth(t, a[2]) : 0;
    if (final < 0 || !newline_ready(t, d)) return V_NULL;
    value text = is_none(d->decoder) ? check_text(t, own(t, a[1])) : io_decode(t, d->decoder, a[1], final);
    return text ? newline_text(t, d, text, final) : V_NULL;
}
static value n_getstate(struct thread *t, const vref *a) {
    struct io_newline_decoder *d = as_newline(a[0]);
    if (!newline_ready(t, d)) return V_NULL;
    value state = V_NULL, buffer = own(t, bytes_empty), flag = from_int62(0);
    if (!is_none(d->decoder)) {
        if (!(state = io_call0(t, d->decoder, IO(getstate)))) return V_NULL;
        if (!is_tuple(state) || tuple_size(state) != 2) {
            raise(t, &exc_TypeError, "illegal decoder state");
            return release(t, state), V_NULL;
        }
        buffer = own(t, tuple_at(state, 0)), flag = own(t, tuple_at(state, 1));
        release(t, state);
    }
    value twice = object_binary(t, flag, from_int62(1), NB_LSHIFT);
    value with = twice ? object_binary(t, twice, from_int62(d->pending_cr), NB_OR) : V_NULL;
    value v = with ? tuple_pack(t, 2, buffer, with) : V_NULL;
    release_opt(t, with), release_opt(t, twice), release(t, flag), release(t, buffer);
    return v;
}
static value n_setstate(struct thread *t, const vref *a) {
    struct io_newline_decoder *d = as_newline(a[0]);
    if (!newline_ready(t, d)) return V_NULL;
    if (!is_tuple(a[1])) return raise(t, &exc_TypeError, "state argument must be a tuple");
    if (tuple_size(a[1]) != 2 || !is_int(tuple_at(a[1], 1))) return raise(t, &exc_TypeError, "setstate(): illegal state argument");
    value bit = object_binary(t, tuple_at(a[1], 1), from_int62(1), NB_AND), rest = bit ? object_binary(t, tuple_at(a[1], 1), from_int62(1), NB_RSHIFT) : V_NULL;
    if (!rest) return release_opt(t, bit), V_NULL;
    d->pending_cr = object_truth(t, bit) > 0;
    value r = V_NONE;
    if (!is_none(d->decoder)) {
        value state = tuple_pack(t, 2, tuple_at(a[1], 0), rest);
        r = state ? io_call1(t, d->decoder, IO(setstate), state) : V_NULL;
        release_opt(t, state);
    }
    release(t, bit), release(t, rest);
    return r;
}
static value n_reset(struct thread *t, const vref *a) {
    struct io_newline_decoder *d = as_newline(a[0]);
    if (!newline_ready(t, d)) return V_NULL;
    d->seen = 0, d->pending_cr = false;
    return is_none(d->decoder) ? V_NONE : io_call0(t, d->decoder, IO(reset));
}
static value n_newlines(struct thread *t, const vref *a) {
    struct io_newline_decoder *d = as_newline(a[0]);
    if (!newline_ready(t, d)) return V_NULL;
    static const char *const text[] = {"\r", "\n", "\r\n"};
    value found[3];
    size_t n = 0;
    for (int i = 0; i < 3; i++)
        if (d->seen & 1 << i && !(found[n++] = str_from_cstr(t, text[i]))) return V_NULL;
    if (n < 2) return n ? found[0] : V_NONE;
    return tuple_take_array(t, found, n);
}
static void n_destroy(struct thread *t, struct object *o) {
    struct io_newline_decoder *d = (struct io_newline_decoder *)o;
    d->ready = false;
    release_field(t, &d->decoder);
    release_field(t, &d->errors);
}
static int n_traverse(struct object *o, visit_fn *visit, void *arg) {
    struct io_newline_decoder *d = (struct io_newline_decoder *)o;
    int r = d->decoder ? visit(d->decoder, arg) : 0;
    return r || !d->errors ? r : visit(d->errors, arg);
}
static const struct native newline_natives[] = {
    M("decode", "($self, /, input, final=False)", n_decode), M("getstate", "($self, /)", n_getstate), M("setstate", "($self, state, /)", n_setstate),
    M("reset", "($self, /)", n_reset), {.name = "newlines", .kind = NATIVE_GETSET, .fn = n_newlines},
    {.name = "errors", .kind = NATIVE_MEMBER, .offset = offsetof(struct io_newline_decoder, errors)}, {.name = NULL},
};
struct type type_io_newline_decoder = {
    .name = "IncrementalNewlineDecoder", .module = "_io", .flags = TYPE_GC | TYPE_BASE, .basicsize = sizeof(struct io_newline_decoder), .base = &type_object,
    .natives = newline_natives, .destroy = n_destroy, .traverse = n_traverse, .clear = n_destroy, .make = n_make, .init = n_init,
    .doc = "A decoder that turns \\r\\n and \\r into \\n, if translate is true, and remembers in newlines which it saw.",
};

// ---- where lines end ----

int64_t io_line_end(const uint8_t *p, unsigned width, int64_t from, int64_t length, bool translated, bool universal, const char *newline) {
    const uint8_t *at = p + (size_t)from * width;
    size_t n = (size_t)(length - from);
    if (translated || (!universal && newline[0] == '\n')) {
        int64_t i = units_find_char(at, width, n, '\n');
        return i < 0 ? -1 : from + i + 1;
    }
    if (universal) {
        for (size_t i = 0; i < n; i++) {
            uint32_t c = unit_get(at, width, i);
            if (c == '\n') return from + (int64_t)i + 1;
            if (c == '\r') return from + (int64_t)i + 1 + (i + 1 < n && unit_get(at, width, i + 1) == '\n');
        }
        return -1;
    }
    for (size_t i = 0;; i++) {
        int64_t k = units_find_char(at + i * width, width, n - i, '\r');
        if (k < 0) return -1;
        i += (size_t)k;
        if (!newline[1]) return from + (int64_t)i + 1;
        if (i + 1 < n && unit_get(at, width, i + 1) == '\n') return from + (int64_t)i + 2;
    }
}

bool io_newline_arg(struct thread *t, vref v, const char *function, const char **out) {
    static const char *const known[] = {"", "\n", "\r", "\r\n"};
    *out = NULL;
    if (!v || is_none(v)) return true;
    if (!is_str(v)) {
        raise(t, &exc_TypeError, "%s argument 'newline' must be str or None, not %T", function, v);
        return false;
    }
    for (int i = 0; i < 4; i++)
        if (str_equal_cstr(v, known[i])) return *out = known[i], true;
    if (units_find_char(as_str(v)->data, as_str(v)->width, as_str(v)->length, 0) >= 0) raise(t, &exc_ValueError, "embedded null character");
    else raise(t, &exc_ValueError, function[0] == 'S' ? "illegal newline value: %R" : "illegal newline value: %S", v); // each as its CPython twin
    return false;
}
