// SPDX-License-Identifier: Apache-2.0
// The module unicodedata and the type of its twin ucd_3_2_0. Leaves the tables to lookup.c and normal forms to normal.c.
#include "interp/modules/modules.h"
#include "interp/modules/unicodedata/normal.h"
#include "interp/modules/unicodedata/unicodedata.h"
#include "interp/types/exc.h"
#include "interp/types/num.h"

// Functions of the module have no self word, methods of the twin do: each row below is written once for arguments behind it.
struct ask {
    struct thread *t;
    const vref *a;
    bool old;
};

static bool character(const struct ask *q, const char *name, uint32_t *c) {
    if (!is_str(q->a[0]) || as_str(q->a[0])->length != 1) {
        const char *number = strchr("nd", name[0]) && strcmp(name, "decomposition") ? " 1" : ""; // those that take a default
        raise(q->t, &exc_TypeError, "%s() argument%s must be a unicode character, not %T", name, number, q->a[0]);
        return false;
    }
    *c = str_at(as_str(q->a[0]), 0);
    return true;
}
static value fallback(const struct ask *q, const char *message) { return q->a[1] ? own(q->t, q->a[1]) : raise(q->t, &exc_ValueError, message); }
static bool assigned(const struct ask *q, uint32_t c) { return !q->old || strcmp(ucd_categories[ucd_of(c, true)->category], "Cn") != 0; }

static value do_category(const struct ask *q) {
    uint32_t c;
    return character(q, "category", &c) ? str_intern_cstr(q->t, ucd_categories[ucd_of(c, q->old)->category]) : V_NULL;
}
static value do_bidirectional(const struct ask *q) {
    uint32_t c;
    return character(q, "bidirectional", &c) ? str_intern_cstr(q->t, ucd_directions[ucd_of(c, q->old)->direction]) : V_NULL;
}
static value do_east_asian_width(const struct ask *q) {
    uint32_t c;
    return character(q, "east_asian_width", &c) ? str_intern_cstr(q->t, ucd_widths[ucd_of(c, q->old)->width]) : V_NULL;
}
static value do_combining(const struct ask *q) {
    uint32_t c;
    return character(q, "combining", &c) ? from_int62(ucd_of(c, q->old)->combining) : V_NULL;
}
static value do_mirrored(const struct ask *q) {
    uint32_t c;
    return character(q, "mirrored", &c) ? from_int62(ucd_of(c, q->old)->mirrored) : V_NULL;
}
static value do_decomposition(const struct ask *q) {
    uint32_t c;
    char text[200];
    size_t n = 0;
    if (!character(q, "decomposition", &c)) return V_NULL;
    const struct ucd_mapping *m = ucd_mapping_of(c, q->old);
    if (!m) return str_empty;
    for (const char *tag = ucd_tags[m->tag]; *tag; tag++) text[n++] = *tag;
    for (unsigned i = 0; i < m->count; i++) {
        uint32_t p = ucd_mapping_pool[m->at + i];
        if (n) text[n++] = ' ';
        for (int digit = p > 0xfffff ? 5 : p > 0xffff ? 4 : 3; digit >= 0; digit--) text[n++] = "0123456789ABCDEF"[p >> 4 * digit & 15];
    }
    return str_from_latin1(q->t, (const uint8_t *)text, n);
}
static value do_decimal(const struct ask *q) {
    uint32_t c;
    if (!character(q, "decimal", &c)) return V_NULL;
    int n = assigned(q, c) ? unicode_of(c)->decimal : -1;
    if (q->old) ucd_old_decimal(c, &n);
    return n >= 0 ? from_int62(n) : fallback(q, "not a decimal");
}
static value do_digit(const struct ask *q) {
    uint32_t c;
    if (!character(q, "digit", &c)) return V_NULL;
    return unicode_of(c)->digit >= 0 ? from_int62(unicode_of(c)->digit) : fallback(q, "not a digit");
}
static value do_numeric(const struct ask *q) {
    uint32_t c;
    double n;
    if (!character(q, "numeric", &c)) return V_NULL;
    return ucd_number_of(c, q->old, &n) ? float_new(q->t, n) : fallback(q, "not a numeric character");
}
static value do_name(const struct ask *q) {
    uint32_t c;
    char text[UCD_NAME_MOST];
    if (!character(q, "name", &c)) return V_NULL;
    size_t n = assigned(q, c) ? ucd_name_of(c, text) : 0;
    return n ? str_from_latin1(q->t, (const uint8_t *)text, n) : fallback(q, "no such name");
}
static value do_lookup(const struct ask *q) {
    size_t n;
    if (!is_str(q->a[0])) return raise(q->t, &exc_TypeError, "lookup() argument must be str, not %T", q->a[0]);
    const char *name = str_utf8(q->t, q->a[0], &n);
    if (!name) return V_NULL;
    if (n > 256) return raise(q->t, &exc_KeyError, "name too long");
    int64_t c = ucd_find_name(name, n);
    if (c >= 0) return str_from_char(q->t, (uint32_t)c);
    value message = str_format(q->t, "undefined character name '%U'", q->a[0]);
    if (message) raise_value(q->t, &exc_KeyError, message);
    release_opt(q->t, message);
    return V_NULL;
}

static bool form_of(const struct ask *q, bool *compat, bool *composed) {
    static const char *const forms[] = {"NFC", "NFD", "NFKC", "NFKD"};
    for (int i = 0; i < 4; i++)
        if (is_str(q->a[0]) && str_equal_cstr(q->a[0], forms[i])) {
            *compat = i >= 2;
            *composed = i % 2 == 0;
            return true;
        }
    if (is_str(q->a[0])) raise(q->t, &exc_ValueError, "invalid normalization form");
    else raise(q->t, &exc_TypeError, "argument 1 must be str, not %T", q->a[0]);
    return false;
}
static value do_normalize(const struct ask *q) {
    bool compat, composed;
    if (!is_str(q->a[1])) return raise(q->t, &exc_TypeError, "normalize() argument 2 must be str, not %T", q->a[1]);
    if (as_str(q->a[1])->length == 0) return own(q->t, q->a[1]);
    return form_of(q, &compat, &composed) ? normal_form(q->t, q->a[1], compat, composed, q->old) : V_NULL;
}
static value do_is_normalized(const struct ask *q) {
    bool compat, composed;
    if (!is_str(q->a[1])) return raise(q->t, &exc_TypeError, "is_normalized() argument 2 must be str, not %T", q->a[1]);
    if (as_str(q->a[1])->length == 0) return V_TRUE;
    value v = form_of(q, &compat, &composed) ? normal_form(q->t, q->a[1], compat, composed, q->old) : V_NULL;
    bool same = v && str_equal(v, q->a[1]);
    release_opt(q->t, v);
    return v ? from_bool(same) : V_NULL;
}

// name, signature, what it does
#define ASKS(X)                                                                                                                                     \
    X(category, "chr, /)", "Return the general category of chr, two letters.")                                        \
    X(bidirectional, "chr, /)", "Return the bidirectional class of chr, '' where it has none.")                                \
    X(east_asian_width, "chr, /)", "Return how wide chr is beside East Asian text: one of A, F, H, N, Na, W.")                                \
    X(combining, "chr, /)", "Return the canonical combining class of chr; 0 is none.")                             \
    X(mirrored, "chr, /)", "Return 1 if chr is mirrored in text that runs from right to left, else 0.")                                      \
    X(decomposition, "chr, /)", "Return what chr decomposes into: code points in hexadecimal, perhaps after a <tag>; '' for nothing.")                    \
    X(decimal, "chr, default=<unrepresentable>, /)", "Return the value of chr as a decimal digit; without one default, else ValueError.")                    \
    X(digit, "chr, default=<unrepresentable>, /)", "Return the value of chr as a digit of any kind; without one default, else ValueError.")                        \
    X(numeric, "chr, default=<unrepresentable>, /)", "Return the number that chr stands for, a float; without one default, else ValueError.")                    \
    X(name, "chr, default=<unrepresentable>, /)", "Return the name of chr; without one default, else ValueError.")                           \
    X(lookup, "name, /)", "Look up character by name.")                                                                                    \
    X(normalize, "form, unistr, /)", "Return unistr in a normal form: NFC, NFKC, NFD or NFKD.")                                       \
    X(is_normalized, "form, unistr, /)", "Return whether normalize() would change nothing.")

#define X(name, sig, doc)                                                                                                    \
    static value f_##name(struct thread *t, const vref *a) { return do_##name(&(struct ask){t, a, false}); }                 \
    static value m_##name(struct thread *t, const vref *a) { return do_##name(&(struct ask){t, a + 1, true}); }
ASKS(X)
#undef X
#define X(name_, sig_, doc_) {.name = #name_, .kind = NATIVE_METHOD, .sig = "($self, " sig_, .fn = m_##name_, .doc = doc_},
static value get_version(struct thread *t, const vref *a) { return (void)a, str_from_cstr(t, "3.2.0"); }
static const struct native methods[] = {ASKS(X){"unidata_version", NATIVE_GETSET, .fn = get_version}, {.name = NULL}};
#undef X
static struct type type_ucd = {
    .name = "UCD", .module = "unicodedata", .base = &type_object, .flags = TYPE_NO_NEW, .basicsize = sizeof(struct object), .natives = methods,
};

#define X(name_, sig_, doc_) {.name = #name_, .kind = NATIVE_FUNCTION, .sig = "($module, " sig_, .fn = f_##name_, .doc = doc_},
static const struct native functions[] = {ASKS(X)};
#undef X

value unicodedata_make(struct thread *t) {
    if (!type_ucd.root_shape && !type_ready(t, &type_ucd)) return V_NULL;
    value m = module_from_natives(t, "unicodedata", "The Unicode character database, version 14.0.0.", functions, sizeof functions / sizeof *functions);
    bool ok = m && module_set(t, m, "unidata_version", str_from_cstr(t, "14.0.0")) && module_set(t, m, "ucd_3_2_0", object_new_instance(t, &type_ucd)) &&
              module_set(t, m, "UCD", type_ref(&type_ucd));
    return ok ? m : V_NULL;
}
