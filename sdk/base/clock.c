// SPDX-License-Identifier: Apache-2.0
// Asks the system for the time, and writes and reads RFC 3339. Waiting is left to event loops.

#include "sdk/base/clock.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

struct mono clock_mono(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (struct mono){ t.tv_sec * INT64_C(1000000000) + t.tv_nsec };
}

struct wall clock_wall(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (struct wall){ t.tv_sec * INT64_C(1000) + t.tv_nsec / CLOCK_NS_PER_MS };
}

int mono_poll_ms(struct mono now, struct mono due)
{
    if (mono_is_never(due))
        return -1;
    if (due.ns <= now.ns)
        return 0;
    int64_t ms = (due.ns - now.ns + CLOCK_NS_PER_MS - 1) / CLOCK_NS_PER_MS;
    return ms > INT_MAX ? INT_MAX : (int)ms;
}

void wall_format(struct wall t, char out[CLOCK_TEXT])
{
    int64_t s = t.ms / 1000, ms = t.ms % 1000;
    if (ms < 0)
        s--, ms += 1000;
    struct tm tm;
    time_t when = (time_t)s;
    if (!gmtime_r(&when, &tm) || tm.tm_year + 1900 < 1 || tm.tm_year + 1900 > 9999) {
        strcpy(out, "?");
        return;
    }
    snprintf(out, CLOCK_TEXT, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", (tm.tm_year + 1900) % 10000,
             (tm.tm_mon + 1) % 100, tm.tm_mday % 100, tm.tm_hour % 100, tm.tm_min % 100, tm.tm_sec % 100, (int)ms);
}

// Reads exactly n digits at *s and moves it; -1 when they are none.
static int digits(const char **s, int n)
{
    int v = 0;
    for (; n > 0; n--, (*s)++) {
        if (**s < '0' || **s > '9')
            return -1;
        v = v * 10 + (**s - '0');
    }
    return v;
}

static bool literal(const char **s, const char *any)
{
    if (!**s || !strchr(any, **s))
        return false;
    (*s)++;
    return true;
}

// Milliseconds of an optional fraction; -1 when it is a dot without digits.
static int fraction(const char **s)
{
    if (**s != '.')
        return 0;
    (*s)++;
    int ms = 0, scale = 100, n = 0;
    for (; **s >= '0' && **s <= '9'; (*s)++, n++, scale /= 10)
        ms += (**s - '0') * scale;
    return n ? ms : -1;
}

// Minutes east of UTC. false when there is no zone.
static bool zone(const char **s, int *minutes)
{
    *minutes = 0;
    if (**s == 'Z' || **s == 'z') {
        (*s)++;
        return true;
    }
    int sign = **s == '-' ? -1 : 1;
    if (!literal(s, "+-"))
        return false;
    int h = digits(s, 2);
    if (h < 0 || h > 23 || !literal(s, ":"))
        return false;
    int m = digits(s, 2);
    *minutes = sign * (h * 60 + m);
    return m >= 0 && m < 60;
}

static int month_days(int y, int m)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    return m == 2 && leap ? 29 : days[m - 1];
}

bool wall_parse(const char *text, struct wall *out)
{
    const char *s = text;
    int y = digits(&s, 4);
    if (y < 1 || !literal(&s, "-"))
        return false;
    int mo = digits(&s, 2);
    if (mo < 1 || mo > 12 || !literal(&s, "-"))
        return false;
    int d = digits(&s, 2);
    if (d < 1 || d > month_days(y, mo) || !literal(&s, "Tt "))
        return false;
    int h = digits(&s, 2);
    if (h < 0 || h > 23 || !literal(&s, ":"))
        return false;
    int mi = digits(&s, 2);
    if (mi < 0 || mi > 59 || !literal(&s, ":"))
        return false;
    int sec = digits(&s, 2), ms, east;
    if (sec < 0 || sec > 60 || (ms = fraction(&s)) < 0 || !zone(&s, &east) || *s)
        return false;
    struct tm tm = { .tm_year = y - 1900, .tm_mon = mo - 1, .tm_mday = d, .tm_hour = h, .tm_min = mi, .tm_sec = sec };
    out->ms = ((int64_t)timegm(&tm) - east * 60) * 1000 + ms;
    return true;
}
