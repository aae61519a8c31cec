// SPDX-License-Identifier: Apache-2.0
// The module _locale: the C library's locale. Leaves formatting by it to the library's module locale.
#include "interp/modules/io/io.h"
#include "interp/modules/modules.h"
#include "interp/modules/row.h"
#include "interp/types/dict.h"
#include "interp/types/num.h"
#include "interp/types/str/codec.h"

#include <errno.h>
#include <langinfo.h>
#include <libintl.h>
#include <limits.h>
#include <locale.h>
#include <stdlib.h>
#include <wchar.h>

static struct type *locale_error; // locale.Error, made once, kept for good

static value text(struct thread *t, const char *s) { return s ? str_decode(t, (const uint8_t *)s, strlen(s), "utf-8", "surrogateescape") : V_NONE; }
static bool int_arg(struct thread *t, vref v, int *out) {
    int64_t n;
    if (!object_as_index(t, v, &n)) return false;
    *out = (int)n;
    return n >= INT_MIN && n <= INT_MAX ? true : (raise(t, &exc_OverflowError, "Python int too large to convert to C int"), false);
}

static value f_setlocale(struct thread *t, const vref *a) { // category, locale=None
    int category;
    const char *name = NULL;
    if (!int_arg(t, a[0], &category)) return V_NULL;
    if (a[1] && !is_none(a[1])) {
        if (!is_str(a[1])) return raise(t, &exc_TypeError, "setlocale() argument 2 must be str or None, not %T", a[1]);
        if (!codec_name_arg(t, a[1], "setlocale", "locale", &name)) return V_NULL;
    }
    const char *now = setlocale(category, name);
    if (now) return text(t, now);
    return raise(t, locale_error, name ? "unsupported locale setting" : "locale query failed");
}

// Sizes of groups of digits: CHAR_MAX ends the list, 0 repeats the last.
static value grouping(struct thread *t, const char *s) {
    value list = list_new(t, 4);
    if (!list || !*s) return list;
    const char *p = s;
    for (; *p && *p != CHAR_MAX; p++)
        if (!list_append(t, list, from_int62(*p))) return release(t, list), V_NULL;
    if (!list_append(t, list, from_int62(*p))) release_field(t, &list);
    return list;
}
static value f_localeconv(struct thread *t, const vref *a) {
    (void)a;
    const struct lconv *l = localeconv();
    const struct {
        const char *name, *s;
    } texts[] = {
        {"decimal_point", l->decimal_point}, {"thousands_sep", l->thousands_sep}, {"int_curr_symbol", l->int_curr_symbol}, {"currency_symbol", l->currency_symbol},
        {"mon_decimal_point", l->mon_decimal_point}, {"mon_thousands_sep", l->mon_thousands_sep}, {"positive_sign", l->positive_sign}, {"negative_sign", l->negative_sign},
    };
    const struct {
        const char *name;
        int n;
    } numbers[] = {
        {"int_frac_digits", l->int_frac_digits}, {"frac_digits", l->frac_digits}, {"p_cs_precedes", l->p_cs_precedes}, {"p_sep_by_space", l->p_sep_by_space},
        {"n_cs_precedes", l->n_cs_precedes}, {"n_sep_by_space", l->n_sep_by_space}, {"p_sign_posn", l->p_sign_posn}, {"n_sign_posn", l->n_sign_posn},
    };
    value d = dict_new(t), g = d ? grouping(t, l->grouping) : V_NULL, m = g ? grouping(t, l->mon_grouping) : V_NULL;
    bool ok = m && dict_set_str(t, d, "grouping", g) && dict_set_str(t, d, "mon_grouping", m);
    for (size_t i = 0; ok && i < sizeof texts / sizeof *texts; i++) {
        value s = text(t, texts[i].s);
        ok = s && dict_set_str(t, d, texts[i].name, s);
        release_opt(t, s);
    }
    for (size_t i = 0; ok && i < sizeof numbers / sizeof *numbers; i++) ok = dict_set_str(t, d, numbers[i].name, from_int62(numbers[i].n));
    release_opt(t, g), release_opt(t, m);
    if (!ok) release_field(t, &d);
    return d;
}

// A str as wide characters, malloc'd. NULL: exception.
static wchar_t *wide(struct thread *t, vref v, const char *function) {
    if (!is_str(v)) return raise(t, &exc_TypeError, "%s argument must be str, not %T", function, v), NULL;
    const struct str *s = as_str(v);
    wchar_t *w = malloc((s->length + 1) * sizeof *w);
    if (!w) return raise_no_memory(t), NULL;
    for (size_t i = 0; i < s->length; i++) {
        w[i] = (wchar_t)str_at(s, i);
        if (!w[i]) return free(w), raise(t, &exc_ValueError, "embedded null character"), NULL;
    }
    w[s->length] = 0;
    return w;
}
static value f_strcoll(struct thread *t, const vref *a) {
    wchar_t *x = wide(t, a[0], "strcoll()"), *y = x ? wide(t, a[1], "strcoll()") : NULL;
    value v = y ? from_int62(wcscoll(x, y)) : V_NULL;
    free(x), free(y);
    return v;
}
static value f_strxfrm(struct thread *t, const vref *a) {
    wchar_t *x = wide(t, a[0], "strxfrm()");
    if (!x) return V_NULL;
    size_t n = wcsxfrm(NULL, x, 0);
    wchar_t *out = malloc((n + 1) * sizeof *out);
    value v = V_NULL;
    if (out) {
        struct str_builder b;
        builder_init(&b, t);
        wcsxfrm(out, x, n + 1);
        for (size_t i = 0; i < n; i++) builder_char(&b, (uint32_t)out[i]);
        v = builder_finish(&b);
    } else
        raise_no_memory(t);
    free(out), free(x);
    return v;
}

#define LANGINFO(X)                                                                                                                    \
    X(DAY_1) X(DAY_2) X(DAY_3) X(DAY_4) X(DAY_5) X(DAY_6) X(DAY_7) X(ABDAY_1) X(ABDAY_2) X(ABDAY_3) X(ABDAY_4) X(ABDAY_5) X(ABDAY_6) X(ABDAY_7) \
    X(MON_1) X(MON_2) X(MON_3) X(MON_4) X(MON_5) X(MON_6) X(MON_7) X(MON_8) X(MON_9) X(MON_10) X(MON_11) X(MON_12) X(ABMON_1) X(ABMON_2)       \
    X(ABMON_3) X(ABMON_4) X(ABMON_5) X(ABMON_6) X(ABMON_7) X(ABMON_8) X(ABMON_9) X(ABMON_10) X(ABMON_11) X(ABMON_12) X(RADIXCHAR) X(THOUSEP)    \
    X(CRNCYSTR) X(D_FMT) X(D_T_FMT) X(T_FMT) X(AM_STR) X(PM_STR) X(CODESET) X(T_FMT_AMPM) X(ERA) X(ERA_D_FMT) X(ERA_D_T_FMT) X(ERA_T_FMT)      \
    X(ALT_DIGITS) X(YESEXPR) X(NOEXPR)
static const struct {
    const char *name;
    int n;
} items[] = {
#define X(n) {#n, n},
    LANGINFO(X)
#undef X
}, categories[] = {
    {"LC_CTYPE", LC_CTYPE}, {"LC_TIME", LC_TIME}, {"LC_COLLATE", LC_COLLATE}, {"LC_MONETARY", LC_MONETARY}, {"LC_MESSAGES", LC_MESSAGES}, {"LC_NUMERIC", LC_NUMERIC},
    {"LC_ALL", LC_ALL}, {"CHAR_MAX", CHAR_MAX},
};
static value f_nl_langinfo(struct thread *t, const vref *a) {
    int key;
    if (!int_arg(t, a[0], &key)) return V_NULL;
    for (size_t i = 0; i < sizeof items / sizeof *items; i++)
        if (items[i].n == key) return text(t, nl_langinfo(key));
    return raise(t, &exc_ValueError, "unsupported langinfo constant");
}
static value f_getencoding(struct thread *t, const vref *a) { return (void)a, str_from_cstr(t, io_locale_encoding()); }

// ---- message catalogues ----

static bool name_or_none(struct thread *t, vref v, const char *function, const char **out) {
    *out = NULL;
    if (!v || is_none(v)) return true;
    return codec_name_arg(t, v, function, "domain", out);
}
static value f_gettext(struct thread *t, const vref *a) {
    const char *s;
    return codec_name_arg(t, a[0], "gettext", "msg", &s) ? text(t, gettext(s)) : V_NULL;
}
static value f_dgettext(struct thread *t, const vref *a) {
    const char *domain, *s;
    return name_or_none(t, a[0], "dgettext", &domain) && codec_name_arg(t, a[1], "dgettext", "msg", &s) ? text(t, dgettext(domain, s)) : V_NULL;
}
static value f_dcgettext(struct thread *t, const vref *a) {
    const char *domain, *s;
    int category;
    if (!name_or_none(t, a[0], "dcgettext", &domain) || !codec_name_arg(t, a[1], "dcgettext", "msg", &s) || !int_arg(t, a[2], &category)) return V_NULL;
    return text(t, dcgettext(domain, s, category));
}
static value f_textdomain(struct thread *t, const vref *a) {
    const char *domain;
    if (!name_or_none(t, a[0], "textdomain", &domain)) return V_NULL;
    const char *now = textdomain(domain);
    return now ? text(t, now) : raise_errno(t, errno, V_NULL);
}
static value f_bindtextdomain(struct thread *t, const vref *a) {
    const char *domain, *dir;
    if (!codec_name_arg(t, a[0], "bindtextdomain", "domain", &domain) || !name_or_none(t, a[1], "bindtextdomain", &dir)) return V_NULL;
    if (!*domain) return raise(t, locale_error, "domain must be a non-empty string");
    const char *now = bindtextdomain(domain, dir);
    return now ? text(t, now) : raise_errno(t, errno, V_NULL);
}
static value f_bind_codeset(struct thread *t, const vref *a) {
    const char *domain, *codeset;
    if (!codec_name_arg(t, a[0], "bind_textdomain_codeset", "domain", &domain) || !name_or_none(t, a[1], "bind_textdomain_codeset", &codeset)) return V_NULL;
    return text(t, bind_textdomain_codeset(domain, codeset));
}

static const struct native functions[] = {
    F("setlocale", "($module, category, locale=None, /)", f_setlocale), F("localeconv", "($module, /)", f_localeconv), F("strcoll", "($module, os1, os2, /)", f_strcoll),
    F("strxfrm", "($module, string, /)", f_strxfrm), F("nl_langinfo", "($module, key, /)", f_nl_langinfo), F("getencoding", "($module, /)", f_getencoding),
    F("gettext", "($module, msg, /)", f_gettext), F("dgettext", "($module, domain, msg, /)", f_dgettext), F("dcgettext", "($module, domain, msg, category, /)", f_dcgettext),
    F("textdomain", "($module, domain, /)", f_textdomain), F("bindtextdomain", "($module, domain, dir, /)", f_bindtextdomain),
    F("bind_textdomain_codeset", "($module, domain, codeset, /)", f_bind_codeset),
};
static bool make_error(struct thread *t) {
    if (locale_error) return true;
    value cls = exc_class_new(t, "locale", "Error", &exc_Exception, NULL);
    if (cls) locale_error = as_type(ref_immortal(t, as_object(cls)));
    return cls != V_NULL;
}
value locale_make(struct thread *t) {
    value m = make_error(t) ? module_from_natives(t, "_locale", "Support for POSIX locales.", functions, sizeof functions / sizeof *functions) : V_NULL;
    bool ok = m && module_set(t, m, "Error", type_ref(locale_error));
    for (size_t i = 0; ok && i < sizeof items / sizeof *items; i++) ok = module_set(t, m, items[i].name, from_int62(items[i].n));
    for (size_t i = 0; ok && i < sizeof categories / sizeof *categories; i++) ok = module_set(t, m, categories[i].name, from_int62(categories[i].n));
    if (!ok) release_opt(t, m), m = V_NULL;
    return m;
}
