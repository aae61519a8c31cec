// SPDX-License-Identifier: Apache-2.0
// The questions to a str: isalpha and its kin. Leaves the properties to unicode.h.
#include "interp/types/str/methods.h"

// Non-empty, and every code point has one of the flags.
static value all_have(vref v, uint32_t flags) {
    const struct str *s = as_str(v);
    for (size_t i = 0; i < s->length; i++)
        if (!unicode_is(str_at(s, i), flags)) return V_FALSE;
    return from_bool(s->length > 0);
}
value str_m_isalpha(struct thread *t, const vref *a) { return all_have(a[0], UNICODE_ALPHA); }
value str_m_isdecimal(struct thread *t, const vref *a) { return all_have(a[0], UNICODE_DECIMAL); }
value str_m_isdigit(struct thread *t, const vref *a) { return all_have(a[0], UNICODE_DIGIT); }
value str_m_isnumeric(struct thread *t, const vref *a) { return all_have(a[0], UNICODE_NUMERIC); }
value str_m_isspace(struct thread *t, const vref *a) { return all_have(a[0], UNICODE_SPACE); }
value str_m_isalnum(struct thread *t, const vref *a) { return all_have(a[0], UNICODE_ALPHA | UNICODE_DECIMAL | UNICODE_DIGIT | UNICODE_NUMERIC); }
value str_m_isascii(struct thread *t, const vref *a) { return from_bool(str_is_ascii(as_str(a[0]))); }
value str_m_isprintable(struct thread *t, const vref *a) {
    return as_str(a[0])->length ? all_have(a[0], UNICODE_PRINTABLE) : V_TRUE;
}

value str_m_isidentifier(struct thread *t, const vref *a) {
    const struct str *s = as_str(a[0]);
    for (size_t i = 0; i < s->length; i++)
        if (!unicode_is(str_at(s, i), i ? UNICODE_XID_CONTINUE : UNICODE_XID_START)) return V_FALSE;
    return from_bool(s->length > 0);
}

// At least one letter of that case, none of the others.
static value all_cased(vref v, uint32_t wanted, uint32_t refused) {
    const struct str *s = as_str(v);
    bool any = false;
    for (size_t i = 0; i < s->length; i++) {
        uint32_t flags = unicode_of(str_at(s, i))->flags;
        if (flags & refused) return V_FALSE;
        any |= (flags & wanted) != 0;
    }
    return from_bool(any);
}
value str_m_islower(struct thread *t, const vref *a) { return all_cased(a[0], UNICODE_LOWER, UNICODE_UPPER | UNICODE_TITLE); }
value str_m_isupper(struct thread *t, const vref *a) { return all_cased(a[0], UNICODE_UPPER, UNICODE_LOWER | UNICODE_TITLE); }

value str_m_istitle(struct thread *t, const vref *a) {
    const struct str *s = as_str(a[0]);
    bool any = false, inside = false;
    for (size_t i = 0; i < s->length; i++) {
        uint32_t flags = unicode_of(str_at(s, i))->flags;
        if (flags & (UNICODE_UPPER | UNICODE_TITLE)) {
            if (inside) return V_FALSE;
            any = inside = true;
        } else if (flags & UNICODE_LOWER) {
            if (!inside) return V_FALSE;
            any = true;
        } else
            inside = false;
    }
    return from_bool(any);
}
