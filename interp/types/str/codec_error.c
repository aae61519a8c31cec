// SPDX-License-Identifier: Apache-2.0
// Error handlers of codecs: the built-in ones in line, the registered ones by calling them. Leaves finding errors to the codecs.
#include "interp/modules/modules.h"
#include "interp/types/exc.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/str/codec.h"
#include "interp/types/str/text.h"

static bool is_named(const char *errors, const char *name) { return errors && strcmp(errors, name) == 0; }
static bool is_strict(const char *errors) { return !errors || strcmp(errors, "strict") == 0; }

// ---- exceptions ----

static value make_error(struct thread *t, struct type *cls, const char *encoding, vref object, size_t start, size_t end, const char *reason) {
    value enc = str_from_cstr(t, encoding), why = enc ? str_from_cstr(t, reason) : V_NULL, exc = V_NULL;
    if (why) {
        vref args[5] = {borrow(enc), object, from_int62((int64_t)start), from_int62((int64_t)end), borrow(why)};
        exc = object_call(t, type_ref(cls), args, 5, V_NULL);
    }
    release_opt(t, enc), release_opt(t, why);
    return exc;
}

static value raise_made(struct thread *t, value exc) {
    if (exc) {
        raise_object(t, exc);
        release(t, exc);
    }
    return V_NULL;
}

value codec_raise_encode(struct thread *t, const char *encoding, vref s, size_t start, size_t end, const char *reason) {
    return raise_made(t, make_error(t, &exc_UnicodeEncodeError, encoding, s, start, end, reason));
}

value codec_raise_decode(struct thread *t, const char *encoding, const uint8_t *p, size_t n, size_t start, size_t end, const char *reason) {
    value b = bytes_new(t, p, n);
    value exc = b ? make_error(t, &exc_UnicodeDecodeError, encoding, b, start, end, reason) : V_NULL;
    release_opt(t, b);
    return raise_made(t, exc);
}

// Calls the registered handler with exc. returns new str or bytes to put in place; *at is where to go on, for an object of that length.
static value call_handler(struct thread *t, const char *errors, value exc, int64_t length, int64_t *at) {
    value handler = exc ? codec_lookup_error(t, errors) : V_NULL;
    value answer = handler ? object_call1(t, handler, borrow(exc)) : V_NULL, out = V_NULL;
    release_opt(t, handler);
    if (!answer) return V_NULL;
    if (!is_tuple(answer) || tuple_size(answer) != 2 || !(is_str(tuple_at(answer, 0)) || is_bytes(tuple_at(answer, 0))) ||
        !is_int(tuple_at(answer, 1)))
        raise(t, &exc_TypeError, "encoding error handler must return (str/bytes, int) tuple");
    else if (int_as_i64(t, tuple_at(answer, 1), at)) {
        int64_t pos = *at < 0 ? *at + length : *at;
        if (pos < 0 || pos > length) raise(t, &exc_IndexError, "position %ld from error handler out of bounds", *at);
        else *at = pos, out = own(t, tuple_at(answer, 0));
    }
    release(t, answer);
    return out;
}

// ---- decoding ----

void decode_begin(struct decode_job *j, struct thread *t, const char *encoding, const char *errors, const uint8_t *p, size_t n) {
    *j = (struct decode_job){.t = t, .encoding = encoding, .errors = errors, .p = p, .n = n};
    builder_init(&j->out, t);
}

value decode_end(struct decode_job *j, bool ok) {
    value v = V_NULL;
    if (ok) v = builder_finish(&j->out);
    else builder_discard(&j->out);
    release_opt(j->t, j->replaced);
    return v;
}

// A surrogate coded as if it were a character: what surrogatepass lets through. 0: none at p.
static size_t coded_surrogate(const char *encoding, const uint8_t *p, size_t n, uint32_t *c) {
    bool utf16 = strncmp(encoding, "utf-16", 6) == 0, utf32 = strncmp(encoding, "utf-32", 6) == 0, big = strstr(encoding, "be") != NULL;
    size_t size = utf16 ? 2 : utf32 ? 4 : strcmp(encoding, "utf-8") == 0 ? 3 : 0;
    if (!size || n < size) return 0;
    *c = 0;
    if (size == 3) {
        if ((p[0] & 0xf0) != 0xe0 || (p[1] & 0xc0) != 0x80 || (p[2] & 0xc0) != 0x80) return 0;
        *c = (uint32_t)(p[0] & 15) << 12 | (uint32_t)(p[1] & 63) << 6 | (p[2] & 63);
    } else
        for (size_t i = 0; i < size; i++) *c |= (uint32_t)p[i] << 8 * (big ? size - 1 - i : i);
    return *c >= 0xd800 && *c < 0xe000 ? size : 0;
}

static bool decode_handler(struct decode_job *j, size_t start, size_t end, const char *reason, size_t *at) {
    struct thread *t = j->t;
    value b = j->replaced ? own(t, j->replaced) : bytes_new(t, j->p, j->n);
    value exc = b ? make_error(t, &exc_UnicodeDecodeError, j->encoding, b, start, end, reason) : V_NULL;
    release_opt(t, b);
    if (!exc) return false;
    int64_t pos = 0;
    // the handler may put another object in place of the input; its length bounds the position
    value handler_input = V_NULL, text = V_NULL;
    value handler = codec_lookup_error(t, j->errors), answer = handler ? object_call1(t, handler, borrow(exc)) : V_NULL;
    release_opt(t, handler);
    if (answer) handler_input = object_getattr_cstr(t, exc, "object");
    if (handler_input && !is_bytes(handler_input)) raise(t, &exc_TypeError, "object attribute must be bytes");
    else if (handler_input) {
        int64_t length = (int64_t)as_bytes(handler_input)->length;
        if (!is_tuple(answer) || tuple_size(answer) != 2 || !is_str(tuple_at(answer, 0)) || !is_int(tuple_at(answer, 1)))
            raise(t, &exc_TypeError, "decoding error handler must return (str, int) tuple");
        else if (int_as_i64(t, tuple_at(answer, 1), &pos)) {
            int64_t from_start = pos < 0 ? pos + length : pos;
            if (from_start < 0 || from_start > length) raise(t, &exc_IndexError, "position %ld from error handler out of bounds", pos);
            else text = own(t, tuple_at(answer, 0)), *at = (size_t)from_start;
        }
    }
    if (text) {
        builder_str(&j->out, text);
        replace_field(t, &j->replaced, own(t, handler_input));
        j->p = as_bytes(j->replaced)->data, j->n = as_bytes(j->replaced)->length;
        release(t, text);
    }
    release_opt(t, answer), release_opt(t, handler_input), release(t, exc);
    return text && !j->out.failed;
}

bool decode_error(struct decode_job *j, size_t start, size_t end, const char *reason, size_t *at) {
    uint32_t c;
    *at = end;
    if (is_strict(j->errors)) {
        codec_raise_decode(j->t, j->encoding, j->p, j->n, start, end, reason);
        return false;
    }
    if (is_named(j->errors, "ignore")) return true;
    if (is_named(j->errors, "replace")) {
        builder_char(&j->out, 0xfffd);
    } else if (is_named(j->errors, "backslashreplace")) {
        for (size_t i = start; i < end; i++) {
            static const char hex[] = "0123456789abcdef";
            char buf[4] = {'\\', 'x', hex[j->p[i] >> 4], hex[j->p[i] & 15]};
            builder_ascii(&j->out, buf, 4);
        }
    } else if (is_named(j->errors, "surrogateescape")) {
        size_t i = start;
        while (i < end && i < start + 4 && j->p[i] >= 128) builder_char(&j->out, 0xdc00 + j->p[i++]);
        *at = i;
        if (i == start) {
            codec_raise_decode(j->t, j->encoding, j->p, j->n, start, end, reason);
            return false;
        }
    } else if (is_named(j->errors, "surrogatepass")) {
        size_t n = coded_surrogate(j->encoding, j->p + start, j->n - start, &c);
        if (!n) {
            codec_raise_decode(j->t, j->encoding, j->p, j->n, start, end, reason);
            return false;
        }
        builder_char(&j->out, c);
        *at = start + n;
    } else
        return decode_handler(j, start, end, reason, at);
    return !j->out.failed;
}

// ---- encoding ----

static void put_decimal(struct str_builder *b, uint32_t n) {
    char buf[12], *p = buf + sizeof buf;
    do *--p = (char)('0' + n % 10);
    while (n /= 10);
    builder_ascii(b, p, (size_t)(buf + sizeof buf - p));
}

static void put_escape(struct str_builder *b, uint32_t c) {
    static const char hex[] = "0123456789abcdef";
    char buf[10] = {'\\', c < 0x100 ? 'x' : c < 0x10000 ? 'u' : 'U'};
    int n = c < 0x100 ? 2 : c < 0x10000 ? 4 : 8;
    for (int k = 0; k < n; k++) buf[2 + k] = hex[c >> 4 * (n - 1 - k) & 15];
    builder_ascii(b, buf, (size_t)n + 2);
}
// \N{its name}, which the module unicodedata knows, or the escape of one without a name. false: exception.
static bool put_named(struct thread *t, struct str_builder *b, uint32_t c) {
    value module_name = str_intern_cstr(t, "unicodedata"), module = module_name ? import_dotted(t, module_name) : V_NULL;
    value args[2] = {module ? str_from_char(t, c) : V_NULL, V_NONE};
    value name = args[0] ? object_call_method_cstr(t, module, "name", args, 2) : V_NULL;
    if (name && is_str(name)) {
        builder_ascii(b, "\\N{", 3);
        builder_str(b, name);
        builder_char(b, '}');
    } else if (name)
        put_escape(b, c);
    release_opt(t, args[0]);
    release_opt(t, module);
    release_opt(t, module_name);
    release_opt(t, name);
    return name != V_NULL;
}

// Text for s[start:end] from the handlers that write text. *known false: the name is another's.
static value patch_text(struct thread *t, const char *errors, const struct str *s, size_t start, size_t end, bool *known) {
    struct str_builder b;
    builder_init(&b, t);
    *known = true;
    bool backslash = is_named(errors, "backslashreplace"), xml = is_named(errors, "xmlcharrefreplace"), question = is_named(errors, "replace");
    bool named = is_named(errors, "namereplace");
    if (!backslash && !xml && !question && !named && !is_named(errors, "ignore")) return *known = false, V_NULL;
    for (size_t i = start; i < end; i++) {
        uint32_t c = str_at(s, i);
        if (question) builder_char(&b, '?');
        else if (xml) {
            builder_ascii(&b, "&#", 2);
            put_decimal(&b, c);
            builder_char(&b, ';');
        } else if (backslash) put_escape(&b, c);
        else if (named && !put_named(t, &b, c)) return builder_discard(&b), V_NULL;
    }
    return builder_finish(&b);
}

// surrogateescape, surrogatepass: bytes. V_NULL without exception: the handler refuses.
// *end: how far it went; surrogateescape stops at the first it cannot treat.
static value patch_bytes(struct thread *t, const char *encoding, const char *errors, const struct str *s, size_t start, size_t *end) {
    struct byte_builder b = {.t = t};
    bool escape = is_named(errors, "surrogateescape"), utf16 = strncmp(encoding, "utf-16", 6) == 0, utf32 = strncmp(encoding, "utf-32", 6) == 0;
    bool big = strstr(encoding, "be") != NULL;
    if (!escape && !utf16 && !utf32 && strcmp(encoding, "utf-8") != 0) return V_NULL;
    for (size_t i = start; i < *end; i++) {
        uint32_t c = str_at(s, i);
        uint8_t buf[4];
        size_t n = utf16 ? 2 : utf32 ? 4 : 3;
        if (escape ? c < 0xdc80 || c > 0xdcff : c < 0xd800 || c > 0xdfff) {
            if (!escape || i == start) return byte_builder_discard(&b), V_NULL;
            *end = i;
            break;
        }
        if (escape) buf[0] = (uint8_t)(c - 0xdc00), n = 1;
        else if (n == 3) utf8_put(buf, c);
        else
            for (size_t k = 0; k < n; k++) buf[k] = (uint8_t)(c >> 8 * (big ? n - 1 - k : k));
        byte_builder_add(&b, buf, n);
    }
    return byte_builder_finish(&b);
}

bool encode_error(struct thread *t, const char *encoding, const char *errors, vref vs, size_t start, size_t end, const char *reason, struct encode_patch *out) {
    const struct str *s = as_str(vs);
    bool known = true;
    *out = (struct encode_patch){.at = end};
    if (!is_strict(errors)) {
        out->text = patch_text(t, errors, s, start, end, &known);
        if (known) return out->text != V_NULL;
        if (is_named(errors, "surrogateescape") || is_named(errors, "surrogatepass")) {
            out->bytes = patch_bytes(t, encoding, errors, s, start, &out->at);
            if (out->bytes || raised(t)) return out->bytes != V_NULL;
            known = true;
        }
    }
    if (is_strict(errors) || known) {
        codec_raise_encode(t, encoding, vs, start, end, reason);
        return false;
    }
    value exc = make_error(t, &exc_UnicodeEncodeError, encoding, vs, start, end, reason);
    int64_t at = 0;
    value v = call_handler(t, errors, exc, (int64_t)s->length, &at);
    release_opt(t, exc);
    if (!v) return false;
    if (is_str(v)) out->text = v;
    else out->bytes = v;
    out->at = (size_t)at;
    return true;
}
