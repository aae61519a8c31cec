// SPDX-License-Identifier: Apache-2.0
// translate and maketrans. Leaves other replacements to join.c.
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/str/methods.h"

enum { ASCII_UNKNOWN = 0xff, ASCII_DELETE = 0xfe };

// Puts what table[c] says into b: a str, an ordinal, nothing for None, c itself for LookupError. *ascii: the single ASCII result, to be remembered.
static bool put_translated(struct thread *t, struct str_builder *b, vref table, uint32_t c, uint8_t *ascii) {
    value to = object_getitem(t, table, from_int62((int64_t)c));
    if (!to) {
        if (!raised_is(t, &exc_LookupError)) return false;
        raised_clear(t);
        builder_char(b, c);
        *ascii = c < 128 ? (uint8_t)c : ASCII_UNKNOWN;
        return true;
    }
    bool ok = true;
    int64_t code;
    if (is_none(to)) *ascii = ASCII_DELETE;
    else if (is_str(to)) {
        builder_str(b, to);
        if (as_str(to)->length == 1 && str_is_ascii(as_str(to))) *ascii = as_str(to)->data[0];
    } else if (!is_int(to)) {
        raise(t, &exc_TypeError, "character mapping must return integer, None or str");
        ok = false;
    } else if (int_as_i64_overflow(to, &code) || code < 0 || code > UNICODE_MAX) {
        raise(t, &exc_ValueError, "character mapping must be in range(0x%s)", "110000");
        ok = false;
    } else {
        builder_char(b, (uint32_t)code);
        if (code < 128) *ascii = (uint8_t)code;
    }
    release(t, to);
    return ok;
}

value str_m_translate(struct thread *t, const vref *a) { // self, table
    const struct str *s = as_str(a[0]);
    uint8_t known[128];
    memset(known, ASCII_UNKNOWN, sizeof known);
    struct str_builder b;
    builder_init(&b, t);
    for (size_t i = 0; i < s->length && !b.failed; i++) {
        uint32_t c = str_at(s, i);
        uint8_t none = ASCII_UNKNOWN, *memo = c < 128 ? &known[c] : &none;
        if (*memo == ASCII_DELETE) continue;
        if (*memo != ASCII_UNKNOWN) builder_char(&b, *memo);
        else if (!put_translated(t, &b, a[1], c, memo)) b.failed = true;
    }
    return builder_finish(&b);
}

static bool set_ordinal(struct thread *t, value d, uint32_t c, vref v) { return dict_set(t, d, from_int62((int64_t)c), v); }

static bool from_pairs(struct thread *t, value d, vref x, vref y, vref z) {
    if (!is_str(x)) {
        raise(t, &exc_TypeError, "first maketrans argument must be a string if there is a second argument");
        return false;
    }
    if (!str_need_str(t, y, "maketrans() argument 2") || (z && !str_need_str(t, z, "maketrans() argument 3"))) return false;
    if (as_str(x)->length != as_str(y)->length) {
        raise(t, &exc_ValueError, "the first two maketrans arguments must have equal length");
        return false;
    }
    for (size_t i = 0; i < as_str(x)->length; i++)
        if (!set_ordinal(t, d, str_at(as_str(x), i), from_int62((int64_t)str_at(as_str(y), i)))) return false;
    for (size_t i = 0; z && i < as_str(z)->length; i++)
        if (!set_ordinal(t, d, str_at(as_str(z), i), V_NONE)) return false;
    return true;
}

static bool from_dict(struct thread *t, value d, vref x) {
    if (!is_dict(x)) {
        raise(t, &exc_TypeError, "if you give only one argument to maketrans it must be a dict");
        return false;
    }
    size_t pos = 0;
    value key, v;
    bool ok = true;
    while (ok && dict_next(t, x, &pos, &key, &v)) {
        if (is_str(key) && as_str(key)->length == 1) ok = set_ordinal(t, d, str_at(as_str(key), 0), v);
        else if (is_str(key)) {
            raise(t, &exc_ValueError, "string keys in translate table must be of length 1");
            ok = false;
        } else if (is_int(key)) ok = dict_set(t, d, key, v);
        else {
            raise(t, &exc_TypeError, "keys in translate table must be strings or integers");
            ok = false;
        }
        release(t, key), release(t, v);
    }
    return ok;
}

value str_m_maketrans(struct thread *t, const vref *a) { // x, y, z
    value d = dict_new(t);
    if (!d) return V_NULL;
    if (a[1] ? from_pairs(t, d, a[0], a[1], a[2]) : from_dict(t, d, a[0])) return d;
    release(t, d);
    return V_NULL;
}
