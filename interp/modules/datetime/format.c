// SPDX-License-Identifier: Apache-2.0
// strftime of dates and times, and struct_time. Leaves what depends on the locale to the C library, by way of the time module.
//
// Directives that are digits in every locale are written here. If a format has others, %f, %z and %Z, which the C library does not know or knows otherwise, are replaced
// first, and the rest is its business. A format ends at a NUL.
#include "interp/modules/datetime/datetime.h"
#include "interp/modules/modules.h"
#include "interp/modules/time/time_module.h"
#include "interp/types/str/codec.h"

struct formatter {
    struct thread *t;
    const struct civil *c;
    vref zone, dt;
    struct byte_builder out;
};

static void put(struct formatter *f, const char *from, const char *to) { byte_builder_add(&f->out, from, (size_t)(to - from)); }
static void put_digits(struct formatter *f, int n, int width) {
    char s[8];
    put(f, s, iso_digits(s, (unsigned)n, width));
}
static void put_year(struct formatter *f, int year) { put_digits(f, year, year > 999 ? 4 : year > 99 ? 3 : year > 9 ? 2 : 1); }

// The name of the zone for the C library, its % doubled: by replace(), of which a class of str may have its own.
static value escaped_name(struct formatter *f) {
    struct thread *t = f->t;
    value name = zone_tzname(t, f->zone, f->dt), percent = V_NULL, two = V_NULL, r = V_NULL;
    if (!name || is_none(name) || (has_shape(name, SHAPE_STR) && !memchr(as_str(name)->data, '%', as_str(name)->length * as_str(name)->width))) return name;
    percent = str_from_char(t, '%');
    two = str_from_cstr(t, "%%");
    if (percent && two) r = object_call_method(t, name, datetime_names.replace, (vref[]){borrow(percent), borrow(two)}, 2);
    if (r && !is_str(r)) {
        release_field(t, &r);
        raise(t, &exc_TypeError, "tzname.replace() did not return a string");
    }
    release_opt(t, percent);
    release_opt(t, two);
    release(t, name);
    return r;
}
static bool put_name(struct formatter *f) {
    value name = escaped_name(f);
    size_t n = 0;
    const char *s = !name || is_none(name) ? NULL : str_utf8(f->t, name, &n);
    if (s) put(f, s, s + n);
    bool ok = name && (is_none(name) || s);
    release_opt(f->t, name);
    return ok;
}
static bool put_offset(struct formatter *f) {
    int64_t offset;
    char s[32];
    int aware = zone_micros(f->t, f->zone, f->dt, &offset);
    if (aware > 0) put(f, s, iso_offset(s, offset, ""));
    return aware >= 0;
}
// false: an exception.
static bool put_directive(struct formatter *f, char letter) {
    const struct civil *c = f->c;
    switch (letter) {
    case 'Y': return put_year(f, c->year), true;
    case 'm': return put_digits(f, c->month, 2), true;
    case 'd': return put_digits(f, c->day, 2), true;
    case 'H': return put_digits(f, c->hour, 2), true;
    case 'M': return put_digits(f, c->minute, 2), true;
    case 'S': return put_digits(f, c->second, 2), true;
    case 'y': return put_digits(f, c->year % 100, 2), true;
    case 'j': return put_digits(f, days_of_year(c->year, c->month, c->day), 3), true;
    case 'f': return put_digits(f, c->micro, 6), true;
    case 'z': return put_offset(f);
    default: return put(f, &letter, &letter + 1), true; // %
    }
}
static bool is_plain(const char *s) {
    for (; *s; s++)
        if (*s == '%' && (!*++s || !strchr("YmdHMSyjfz%", *s))) return false;
    return true;
}
static bool put_all(struct formatter *f, const char *s) {
    for (const char *at; *s; s = at + 2) {
        at = strchrnul(s, '%');
        put(f, s, at);
        if (!*at) return true;
        if (!put_directive(f, at[1])) return false;
    }
    return true;
}
// A format for the C library: all as it is but %f, %z, %Z.
static bool put_replaced(struct formatter *f, const char *s) {
    while (*s) {
        if (*s == '%' && s[1] == 'Z') {
            if (!put_name(f)) return false;
        } else if (*s == '%' && (s[1] == 'f' || s[1] == 'z')) {
            if (!put_directive(f, s[1])) return false;
        } else {
            size_t n = *s == '%' && s[1] ? 2 : 1;
            put(f, s, s + n);
            s += n;
            continue;
        }
        s += 2;
    }
    return true;
}

static struct tm tm_of(const struct civil *c, int dst) {
    struct tm tm = {.tm_year = c->year - 1900, .tm_mon = c->month - 1, .tm_mday = c->day, .tm_hour = c->hour, .tm_min = c->minute, .tm_sec = c->second, .tm_isdst = dst};
    tm.tm_wday = days_ordinal(c->year, c->month, c->day) % 7;
    tm.tm_yday = days_of_year(c->year, c->month, c->day) - 1;
    return tm;
}
// By the library's function: a subclass has its own idea of its tuple.
static value by_module(struct thread *t, const char *format, vref timetuple) {
    value m = import_dotted(t, datetime_names.time_module), text = m ? str_from_cstr(t, format) : V_NULL;
    value r = text ? object_call_method(t, m, datetime_names.strftime, (vref[]){borrow(text), timetuple}, 2) : V_NULL;
    release_opt(t, text);
    release_opt(t, m);
    return r;
}
static value by_c_library(struct formatter *f, const char *s, int dst, vref timetuple) {
    if (!put_replaced(f, s)) return V_NULL;
    byte_builder_add(&f->out, "", 1);
    if (f->out.failed) return V_NULL;
    const char *format = (const char *)f->out.data;
    struct tm tm = tm_of(f->c, dst);
    return timetuple ? by_module(f->t, format, timetuple) : *format ? time_text(f->t, format, &tm) : own(f->t, str_empty);
}
value format_time(struct thread *t, vref format, const struct civil *c, int dst, vref zone, vref dt, vref timetuple) {
    struct formatter f = {.t = t, .c = c, .zone = zone, .dt = dt, .out = {.t = t}};
    const char *s = str_utf8(t, format, NULL);
    value r = V_NULL;
    if (!s) return V_NULL;
    if (timetuple || !is_plain(s)) r = by_c_library(&f, s, dst, timetuple);
    else if (put_all(&f, s) && !f.out.failed) r = str_from_utf8(t, (const char *)f.out.data, f.out.length);
    byte_builder_discard(&f.out);
    return r;
}

value format_tuple(struct thread *t, const struct civil *c, int dst) {
    struct tm tm = tm_of(c, dst);
    value items[] = {from_int62(c->year), from_int62(c->month), from_int62(c->day), from_int62(c->hour), from_int62(c->minute), from_int62(c->second),
                     from_int62((tm.tm_wday + 6) % 7), from_int62(tm.tm_yday + 1), from_int62(dst), V_NONE, V_NONE};
    return structseq_new(t, &struct_time, items);
}
