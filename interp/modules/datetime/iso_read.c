// SPDX-License-Identifier: Apache-2.0
// Reads ISO 8601 text as CPython 3.11 does, its leniencies included. Leaves ranges of the numbers to whom they go, writing to iso_write.c.
//
// Dates: YYYY-MM-DD, YYYYMMDD, YYYY-Www[-D], YYYYWww[D]. Times: HH[MM[SS]] with or without colons, a fraction behind the seconds, then Z or an offset of the same form.
// Of a fraction six digits count. All texts end with a NUL, so that looking one byte ahead is safe.
#include "interp/modules/datetime/datetime.h"

struct reader {
    const char *at, *end;
};
static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static inline bool number(struct reader *r, int digits, int *out) {
    const char *p = r->at;
    unsigned n = 0;
    for (int i = 0; i < digits; i++) {
        unsigned digit = (unsigned)(unsigned char)p[i] - '0';
        if (digit > 9) return false;
        n = n * 10 + digit;
    }
    r->at = p + digits;
    *out = (int)n;
    return true;
}

// ---- dates ----

static bool week_date(struct reader *r, int year, bool dashed, struct civil *c) {
    int week, day = 1, ordinal, bad;
    if (!number(r, 2, &week)) return false;
    if (r->at < r->end) {
        if (dashed && *r->at++ != '-') return false;
        if (!number(r, 1, &day)) return false;
    }
    if (days_from_iso(year, week, day, &ordinal, &bad)) return false;
    days_civil(ordinal, &c->year, &c->month, &c->day);
    return true;
}
static bool date(const char *s, size_t n, struct civil *c) {
    struct reader r = {s, s + n};
    *c = (struct civil){0};
    if (!number(&r, 4, &c->year)) return false;
    bool dashed = *r.at == '-';
    r.at += dashed;
    if (*r.at == 'W') return r.at++, week_date(&r, c->year, dashed, c);
    if (!number(&r, 2, &c->month)) return false;
    if (dashed && *r.at++ != '-') return false;
    return number(&r, 2, &c->day);
}
bool iso_read_date(const char *s, size_t n, struct civil *c) { return (n == 7 || n == 8 || n == 10) && date(s, n, c); }

// With dashes a date has 8 bytes (a week) or 10. Whether "YYYY-Www-1…" has its day or goes on with a time that begins behind the dash, the next byte says: two digits
// are an hour. Without dashes a week may be followed by its day: an even number of digits in all leaves the last one to it.
size_t iso_separator(const char *s, size_t n) {
    if (n == 7) return 7;
    if (s[4] == '-') {
        if (s[5] != 'W') return 10;
        if (n > 8 && s[8] == '-') return n == 9 ? n + 1 : n > 10 && is_digit(s[10]) ? 8 : 10;
        return 8;
    }
    if (s[4] != 'W') return 8;
    size_t i = 7;
    while (i < n && is_digit(s[i])) i++;
    return i < 9 ? i : i % 2 ? 8 : 7;
}

// ---- times ----

static bool fraction(struct reader *r, int *micro) {
    static const int scale[] = {0, 100000, 10000, 1000, 100, 10, 1};
    int digits = r->end - r->at >= 6 ? 6 : (int)(r->end - r->at);
    if (!number(r, digits, micro)) return false;
    *micro *= scale[digits];
    while (is_digit(*r->at)) r->at++;
    return true;
}
// HH, MM, SS and a fraction up to r->end. *whole: the text ends there.
static bool clock_time(struct reader *r, struct civil *c, bool *whole) {
    int *const parts[] = {&c->hour, &c->minute, &c->second};
    bool colons = false;
    c->hour = c->minute = c->second = c->micro = 0;
    for (int i = 0; i < 3; i++) {
        if (!number(r, 2, parts[i])) return false;
        char next = *r->at;
        if (i == 0) colons = next == ':';
        if (r->at + 1 >= r->end) return *whole = next == '\0', true;
        bool point = next == '.' || next == ',';
        if (point || next == ':') r->at += point || colons;
        else if (colons) return false;
        if (point) break;
    }
    if (!fraction(r, &c->micro)) return false;
    *whole = *r->at == '\0';
    return true;
}
bool iso_read_time(const char *s, size_t n, struct civil *c, struct iso_time *zone) {
    const char *end = s + n, *sign = s;
    bool whole;
    *zone = (struct iso_time){0};
    while (sign < end && *sign != '+' && *sign != '-' && *sign != 'Z') sign++;
    struct reader r = {s, sign};
    if (!clock_time(&r, c, &whole)) return false;
    if (sign == end) return whole;
    zone->aware = true;
    if (*sign == 'Z') return sign[1] == '\0';
    struct civil offset;
    r = (struct reader){sign + 1, end};
    if (!clock_time(&r, &offset, &whole) || !whole) return false;
    int64_t seconds = offset.hour * 3600 + offset.minute * 60 + offset.second;
    zone->offset = seconds ? (seconds * SECOND_MICROS + offset.micro) * (*sign == '-' ? -1 : 1) : 0;
    return true;
}

value iso_zone(struct thread *t, const struct iso_time *zone) {
    if (!zone->aware) return V_NONE;
    if (!zone->offset) return own(t, zone_utc);
    value delta = delta_from_micros(t, &delta_type, zone->offset), r = delta ? zone_new(t, delta, V_NULL) : V_NULL;
    release_opt(t, delta);
    return r;
}
