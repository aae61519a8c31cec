// SPDX-License-Identifier: Apache-2.0
// Dates, times and offsets as ISO 8601 text. Leaves reading them to iso_read.c.
#include "interp/modules/datetime/datetime.h"

char *iso_digits(char *p, unsigned n, int width) {
    for (int i = width; i-- > 0; n /= 10) p[i] = (char)('0' + n % 10);
    return p + width;
}
static char *two(char *p, unsigned n) {
    p[0] = (char)('0' + n / 10);
    p[1] = (char)('0' + n % 10);
    return p + 2;
}
char *iso_date(char *p, int year, int month, int day) {
    p = two(two(p, (unsigned)year / 100), (unsigned)year % 100);
    *p++ = '-';
    p = two(p, (unsigned)month);
    *p++ = '-';
    return two(p, (unsigned)day);
}
char *iso_time(char *p, const struct civil *c, enum iso_spec spec) {
    if (spec == ISO_AUTO) spec = c->micro ? ISO_MICROSECONDS : ISO_SECONDS;
    p = two(p, (unsigned)c->hour);
    if (spec == ISO_HOURS) return p;
    *p++ = ':';
    p = two(p, (unsigned)c->minute);
    if (spec == ISO_MINUTES) return p;
    *p++ = ':';
    p = two(p, (unsigned)c->second);
    if (spec == ISO_SECONDS) return p;
    *p++ = '.';
    return spec == ISO_MILLISECONDS ? iso_digits(p, (unsigned)c->micro / 1000, 3) : iso_digits(p, (unsigned)c->micro, 6);
}
char *iso_offset(char *p, int64_t micros, const char *between) {
    *p++ = micros < 0 ? '-' : '+';
    if (micros < 0) micros = -micros;
    unsigned s = (unsigned)(micros / SECOND_MICROS), rest = (unsigned)(micros % SECOND_MICROS);
    p = two(p, s / 3600);
    if (*between) *p++ = *between;
    p = two(p, s / 60 % 60);
    if (!(s % 60 || rest)) return p;
    if (*between) *p++ = *between;
    p = two(p, s % 60);
    if (!rest) return p;
    *p++ = '.';
    return iso_digits(p, rest, 6);
}

value iso_text(struct thread *t, const char *from, const char *to) {
    size_t n = (size_t)(to - from);
    value s = str_new(t, n, 127);
    if (s) memcpy(as_str(s)->data, from, n);
    return s;
}

bool iso_spec_of(struct thread *t, vref v, const char *function, int position, enum iso_spec *out) {
    static const char *const names[] = {"auto", "hours", "minutes", "seconds", "milliseconds", "microseconds"};
    *out = ISO_AUTO;
    if (!v) return true;
    if (!datetime_text(t, v, function, position)) return false;
    for (int i = ISO_AUTO; i <= ISO_MICROSECONDS; i++)
        if (str_equal_cstr(v, names[i])) return *out = (enum iso_spec)i, true;
    return raise(t, &exc_ValueError, "Unknown timespec value"), false;
}
