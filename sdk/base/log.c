// SPDX-License-Identifier: Apache-2.0
// Writes log lines. Choosing level and format is left to the settings, rotation to who reads standard error.

#include "sdk/base/log.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "sdk/base/clock.h"

#define LINE_MAX 16384

static const char *const level_names[] = { "debug", "info", "warn", "error", "off" };

struct line {
    char *at;
    char *end;   // one byte short of the room: the newline always fits
};

void log_init(struct log *log, const char *program, int fd, enum log_level level, enum log_format format)
{
    *log = (struct log){ fd, level, format, program };
}

const char *log_level_name(enum log_level level)
{
    return level_names[level];
}

bool log_level_parse(const char *text, enum log_level *out)
{
    for (int i = 0; i <= LOG_OFF; i++)
        if (strcmp(text, level_names[i]) == 0) {
            *out = (enum log_level)i;
            return true;
        }
    return false;
}

// ---- escaping

// The length of the UTF-8 sequence at s, 0 when it is none; *rune its code point.
static size_t rune_at(struct slice s, uint32_t *rune)
{
    uint8_t c = s.p[0];
    size_t n = c < 0x80 ? 1 : c >= 0xc2 && c < 0xe0 ? 2 : c >= 0xe0 && c < 0xf0 ? 3 : c >= 0xf0 && c < 0xf5 ? 4 : 0;
    if (n == 0 || n > s.n)
        return 0;
    *rune = n == 1 ? c : c & (0xffu >> (n + 1));
    for (size_t i = 1; i < n; i++) {
        if ((s.p[i] & 0xc0) != 0x80)
            return 0;
        *rune = *rune << 6 | (s.p[i] & 0x3f);
    }
    if ((n == 3 && *rune < 0x800) || (n == 4 && *rune < 0x10000) || *rune > 0x10ffff ||
        (*rune >= 0xd800 && *rune < 0xe000))
        return 0;
    return n;
}

// Controls, and what reorders or hides text on a terminal.
static bool is_hostile(uint32_t r)
{
    return r < 0x20 || (r >= 0x7f && r < 0xa0) || r == 0x200e || r == 0x200f || (r >= 0x2028 && r <= 0x202e) ||
           (r >= 0x2066 && r <= 0x2069) || r == 0xfeff;
}

// One unit of s, escaped when hostile, into small; returns bytes used of s, *made the length.
static size_t escape_one(struct slice s, bool json, char small[16], size_t *made)
{
    uint32_t rune = 0;
    size_t n = rune_at(s, &rune);
    if (n == 0) {
        *made = json ? (size_t)snprintf(small, 16, "\\ufffd") : (size_t)snprintf(small, 16, "\\x%02x", s.p[0]);
        return 1;
    }
    const char *known = rune == '\n' ? "\\n" : rune == '\r' ? "\\r" : rune == '\t' ? "\\t"
                      : json && rune == '"' ? "\\\"" : json && rune == '\\' ? "\\\\" : NULL;
    if (known)
        *made = (size_t)snprintf(small, 16, "%s", known);
    else if (is_hostile(rune))
        *made = !json && rune < 0x100 ? (size_t)snprintf(small, 16, "\\x%02x", rune)
                                      : (size_t)snprintf(small, 16, "\\u%04x", rune & 0xffff);
    else
        memcpy(small, s.p, *made = n);
    return n;
}

size_t log_escape(char *out, size_t cap, struct slice s)
{
    size_t len = 0;
    while (s.n) {
        char small[16];
        size_t made, used = escape_one(s, false, small, &made);
        if (len + made + 1 > cap)
            break;
        memcpy(out + len, small, made);
        len += made;
        s = slice_from(s, used);
    }
    if (cap)
        out[len] = 0;
    return len;
}

// ---- lines

static void add(struct line *l, const char *s)
{
    size_t n = strlen(s), room = (size_t)(l->end - l->at);
    if (n > room)
        n = room;
    memcpy(l->at, s, n);
    l->at += n;
}

static void add_escaped(struct line *l, struct slice s, bool json)
{
    while (s.n) {
        char small[16];
        size_t made, used = escape_one(s, json, small, &made);
        if (made > (size_t)(l->end - l->at))
            return;
        memcpy(l->at, small, made);
        l->at += made;
        s = slice_from(s, used);
    }
}

static bool needs_quotes(struct slice s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] <= ' ' || s.p[i] == '"' || s.p[i] == '=')
            return true;
    return s.n == 0;
}

static void add_number(struct line *l, const struct log_field *f, bool json)
{
    char small[40];
    if (f->kind == LOG_KIND_REAL && json && !isfinite(f->real))
        snprintf(small, sizeof small, "null");
    else if (f->kind == LOG_KIND_REAL)
        snprintf(small, sizeof small, "%.6g", f->real);
    else if (f->kind == LOG_KIND_BOOL)
        snprintf(small, sizeof small, "%s", f->integer ? "true" : "false");
    else
        snprintf(small, sizeof small, "%lld", (long long)f->integer);
    add(l, small);
}

static void add_text_value(struct line *l, struct slice s, bool json)
{
    bool quotes = json || needs_quotes(s);
    if (quotes)
        add(l, "\"");
    add_escaped(l, s, quotes);
    if (quotes)
        add(l, "\"");
}

static void add_field(struct line *l, const struct log_field *f, bool json)
{
    add(l, json ? ",\"" : " ");
    add(l, f->key);
    add(l, json ? "\":" : "=");
    if (f->kind == LOG_KIND_TEXT)
        add_text_value(l, f->text, json);
    else
        add_number(l, f, json);
}

static void add_head(struct line *l, const struct log *log, enum log_level level, const char *event)
{
    char now[CLOCK_TEXT];
    wall_format(clock_wall(), now);
    bool json = log->format == LOG_JSON;
    add(l, json ? "{\"time\":\"" : "");
    add(l, now);
    add(l, json ? "\",\"level\":\"" : " ");
    add(l, level_names[level]);
    add(l, json ? "\",\"program\":\"" : level == LOG_INFO || level == LOG_WARN ? "  " : " ");
    add(l, json ? log->program : "");
    add(l, json ? "\",\"event\":\"" : "");
    add_escaped(l, slice_text(event), json);
    add(l, json ? "\"" : "");
}

static void send_line(int fd, const char *p, size_t n)
{
    int saved = errno;
    while (n) {
        ssize_t done = write(fd, p, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            break;
        p += done;
        n -= (size_t)done;
    }
    errno = saved;
}

void log_write(const struct log *log, enum log_level level, const char *event, const struct log_field *fields,
               size_t n)
{
    if (level < log->level || log->level == LOG_OFF)
        return;
    char text[LINE_MAX];
    struct line l = { text, text + sizeof text - 4 };
    bool json = log->format == LOG_JSON;
    add_head(&l, log, level, event);
    for (size_t i = 0; i < n; i++) {
        char *before = l.at;
        add_field(&l, &fields[i], json);
        if (l.at >= l.end - 8) {   // does not fit: a JSON line must stay whole
            l.at = json ? before : l.at;
            break;
        }
    }
    l.end = text + sizeof text;
    add(&l, json ? "}\n" : "\n");
    send_line(log->fd, text, (size_t)(l.at - text));
}
