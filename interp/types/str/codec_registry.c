// SPDX-License-Identifier: Apache-2.0
// The registry behind codecs.register, lookup and register_error. Leaves the encodings to Python's package encodings, which it imports when first asked.
#include "interp/modules/modules.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/str/codec.h"
#include "interp/types/str/text.h"
#include <ctype.h>

// interp->codec_search, codec_cache, codec_errors: V_NULL until first used; guarded by being stored once (a second maker throws his away).
static vref made_once(struct thread *t, value *field, value (*make)(struct thread *)) {
    value have = __atomic_load_n(field, __ATOMIC_ACQUIRE);
    if (have) return have;
    value fresh = make(t);
    if (!fresh) return V_NULL;
    if (!__atomic_compare_exchange_n(field, &have, fresh, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        release(t, fresh);
        return have;
    }
    return fresh;
}
static value new_list(struct thread *t) { return list_new(t, 0); }
static vref search_path(struct thread *t) { return made_once(t, &t->interp->codec_search, new_list); }
static vref cache(struct thread *t) { return made_once(t, &t->interp->codec_cache, dict_new); }
static vref handlers(struct thread *t) { return made_once(t, &t->interp->codec_errors, dict_new); }

value codec_register(struct thread *t, vref f) {
    if (!object_is_callable(f)) return raise(t, &exc_TypeError, "argument must be callable");
    vref path = search_path(t);
    return path && list_append(t, path, f) ? V_NONE : V_NULL;
}

value codec_unregister(struct thread *t, vref f) {
    vref path = search_path(t), known = cache(t);
    if (!path || !known) return V_NULL;
    for (int64_t i = 0; i < (int64_t)list_size(path); i++) {
        value x = list_get_or_null(t, path, (size_t)i);
        bool same = x && as_object(x) == as_object(f);
        release_opt(t, x);
        if (!same) continue;
        if (!dict_clear(t, known) || object_setitem(t, path, from_int62(i), V_NULL) < 0) return V_NULL;
        break;
    }
    return V_NONE;
}

// Lower case; whatever is neither letter, digit nor dot becomes one underscore between them.
static value normalised(struct thread *t, const char *name) {
    struct str_builder b;
    bool gap = false;
    builder_init(&b, t);
    for (; *name; name++) {
        unsigned char c = (unsigned char)*name;
        bool keep = (c < 128 && isalnum(c)) || c == '.';
        if (keep && gap && b.length) builder_char(&b, '_');
        if (keep) builder_char(&b, (uint32_t)tolower(c));
        gap = !keep;
    }
    return builder_finish(&b);
}

static bool import_encodings(struct thread *t) {
    value name = str_intern_cstr(t, "encodings"), module = name ? import_dotted(t, name) : V_NULL;
    release_opt(t, name), release_opt(t, module);
    return module != V_NULL;
}

static value search(struct thread *t, vref path, vref name) {
    for (size_t i = 0; i < list_size(path); i++) {
        value f = list_get_or_null(t, path, i), info = f ? object_call1(t, f, name) : V_NULL;
        release_opt(t, f);
        if (!info) return V_NULL;
        if (is_none(info)) continue;
        if (is_tuple(info) && tuple_size(info) == 4) return info;
        release(t, info);
        return raise(t, &exc_TypeError, "codec search functions must return 4-tuples");
    }
    return V_NULL;
}

value codec_lookup(struct thread *t, const char *encoding) {
    vref path = search_path(t), known = cache(t);
    value name = path && known ? normalised(t, encoding) : V_NULL;
    if (!name) return V_NULL;
    value info = dict_get(t, known, name);
    if (!info && !raised(t) && (list_size(path) || import_encodings(t))) {
        info = search(t, path, name);
        if (info && !dict_set(t, known, name, info)) release_field(t, &info);
        if (!info && !raised(t)) raise(t, &exc_LookupError, "unknown encoding: %s", encoding);
    }
    release(t, name);
    return info;
}

static bool is_text_encoding(struct thread *t, vref info) {
    value flag;
    int got = object_lookup_attr(t, info, str_intern_cstr(t, "_is_text_encoding"), &flag);
    if (got <= 0) return got == 0;
    int truth = object_truth(t, flag);
    release(t, flag);
    return truth != 0;
}

// Calls item `which` of the CodecInfo (0 encode, 1 decode) and takes the first of its pair.
static value run(struct thread *t, vref object, const char *encoding, const char *errors, int which, bool text) {
    value info = codec_lookup(t, encoding);
    if (!info) return V_NULL;
    if (text && !is_text_encoding(t, info)) {
        release(t, info);
        if (raised(t)) return V_NULL;
        return raise(t, &exc_LookupError, "'%s' is not a text encoding; use codecs.%s() to handle arbitrary codecs", encoding, which ? "decode" : "encode");
    }
    value f = own(t, tuple_at(info, (size_t)which)), how = errors ? str_from_cstr(t, errors) : V_NULL;
    release(t, info);
    vref args[2] = {object, how};
    value pair = errors && !how ? V_NULL : object_call(t, f, args, how ? 2 : 1, V_NULL), out = V_NULL;
    release(t, f), release_opt(t, how);
    if (pair && (!is_tuple(pair) || tuple_size(pair) != 2))
        raise(t, &exc_TypeError, "%s must return a tuple (object, integer)", which ? "decoder" : "encoder");
    else if (pair) out = own(t, tuple_at(pair, 0));
    release_opt(t, pair);
    return out;
}

value codec_registry_encode(struct thread *t, vref object, const char *encoding, const char *errors, bool text) {
    value v = run(t, object, encoding, errors, 0, text);
    if (!v || !text || is_bytes(v)) return v;
    raise(t, &exc_TypeError, "'%s' encoder returned '%T' instead of 'bytes'; use codecs.encode() to encode to arbitrary types", encoding, v);
    release(t, v);
    return V_NULL;
}

value codec_registry_decode(struct thread *t, vref object, const char *encoding, const char *errors, bool text) {
    value v = run(t, object, encoding, errors, 1, text);
    if (!v || !text || is_str(v)) return v;
    raise(t, &exc_TypeError, "'%s' decoder returned '%T' instead of 'str'; use codecs.decode() to decode to arbitrary types", encoding, v);
    release(t, v);
    return V_NULL;
}

// ---- error handlers ----

static bool want_unicode_error(struct thread *t, vref exc, bool encode, bool decode, bool translate) {
    if ((encode && is_instance(exc, &exc_UnicodeEncodeError)) || (decode && is_instance(exc, &exc_UnicodeDecodeError)) ||
        (translate && is_instance(exc, &exc_UnicodeTranslateError)))
        return true;
    raise(t, &exc_TypeError, "don't know how to handle %T in error callback", exc);
    return false;
}

static bool get_index(struct thread *t, vref exc, const char *name, int64_t *out) {
    value v = object_getattr_cstr(t, exc, name);
    bool ok = v && is_int(v) && int_as_i64(t, v, out);
    if (v && !ok && !raised(t)) raise(t, &exc_TypeError, "%s attribute must be int", name);
    release_opt(t, v);
    return ok;
}

static value pair(struct thread *t, value text, int64_t at) { // takes text
    if (!text) return V_NULL;
    value out = tuple_pack(t, 2, text, from_int62(at));
    release(t, text);
    return out;
}

// The same treatment as in line, on an exception object: by running the job on object[start:end].
static value handle_decode(struct thread *t, const char *name, vref exc, vref object, int64_t start, int64_t end) {
    value enc = object_getattr_cstr(t, exc, "encoding");
    const char *encoding = enc && is_str(enc) ? str_utf8(t, enc, NULL) : NULL;
    value out = V_NULL;
    if (encoding) {
        struct decode_job j;
        size_t at;
        decode_begin(&j, t, encoding, name, as_bytes(object)->data, as_bytes(object)->length);
        bool ok = decode_error(&j, (size_t)start, (size_t)end, "", &at);
        out = pair(t, decode_end(&j, ok), (int64_t)at);
    }
    release_opt(t, enc);
    if (!out && raised_is(t, &exc_UnicodeDecodeError)) { // it refused: the caller's own exception
        raised_clear(t);
        raise_object(t, exc);
    }
    return out;
}

static value handle_encode(struct thread *t, const char *name, vref exc, vref object, int64_t start, int64_t end) {
    value enc = object_getattr_cstr(t, exc, "encoding");
    const char *encoding = enc && is_str(enc) ? str_utf8(t, enc, NULL) : NULL;
    struct encode_patch patch;
    value out = V_NULL;
    if (encoding && encode_error(t, encoding, name, object, (size_t)start, (size_t)end, "", &patch))
        out = pair(t, patch.text ? patch.text : patch.bytes, (int64_t)patch.at);
    release_opt(t, enc);
    if (!out && raised_is(t, &exc_UnicodeEncodeError)) {
        raised_clear(t);
        raise_object(t, exc);
    }
    return out;
}

value codec_handle(struct thread *t, const char *name, vref exc) {
    if (strcmp(name, "strict") == 0) {
        if (!is_exc(exc)) return raise(t, &exc_TypeError, "codec must pass exception instance");
        return raise_object(t, exc);
    }
    bool decodes = strcmp(name, "xmlcharrefreplace") != 0 && strcmp(name, "namereplace") != 0;
    bool translates = strcmp(name, "ignore") == 0 || strcmp(name, "replace") == 0 || strcmp(name, "backslashreplace") == 0;
    if (!want_unicode_error(t, exc, true, decodes, translates)) return V_NULL;
    int64_t start, end;
    value object = object_getattr_cstr(t, exc, "object"), out = V_NULL;
    if (object && get_index(t, exc, "start", &start) && get_index(t, exc, "end", &end)) {
        bool decoding = is_instance(exc, &exc_UnicodeDecodeError);
        int64_t n = decoding && is_bytes(object) ? (int64_t)as_bytes(object)->length : !decoding && is_str(object) ? (int64_t)as_str(object)->length : -1;
        start = start < 0 ? 0 : start >= n && n > 0 ? n - 1 : start;
        end = end < 1 ? 1 : end > n ? n : end;
        if (n < 0) raise(t, &exc_TypeError, "object attribute must be %s", decoding ? "bytes" : "str");
        else if (start >= end) out = pair(t, str_empty, end);
        else if (decoding) out = handle_decode(t, name, exc, object, start, end);
        else if (is_instance(exc, &exc_UnicodeTranslateError) && strcmp(name, "replace") == 0) {
            struct str_builder b;
            builder_init(&b, t);
            builder_repeat(&b, 0xfffd, (size_t)(end - start));
            out = pair(t, builder_finish(&b), end);
        } else out = handle_encode(t, name, exc, object, start, end);
    }
    release_opt(t, object);
    return out;
}

value codec_lookup_error(struct thread *t, const char *name) {
    vref known = handlers(t);
    value f = known ? dict_get_str(t, known, name) : V_NULL;
    if (!f && !raised(t) && (f = codec_builtin_handler(t, name)) && !dict_set_str(t, known, name, f)) release_field(t, &f);
    if (!f && !raised(t)) raise(t, &exc_LookupError, "unknown error handler name '%s'", name);
    return f;
}

value codec_register_error(struct thread *t, const char *name, vref handler) {
    if (!object_is_callable(handler)) return raise(t, &exc_TypeError, "handler must be callable");
    vref known = handlers(t);
    return known && dict_set_str(t, known, name, handler) ? V_NONE : V_NULL;
}
