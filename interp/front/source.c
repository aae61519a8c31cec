// SPDX-License-Identifier: Apache-2.0
// From the bytes of a file to the one UTF-8 text that the lexer reads; the life and the error of one compilation.
// It leaves reading the file to the importer and other codecs than UTF-8, Latin-1 and ASCII to nobody (a clear error).
#include "front.h"
#include "token.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool front_init(struct front *f, enum front_mode mode, uint32_t flags, const struct front_hooks *hooks)
{
    static const struct { const char *text; enum token_kind kind; } keywords[] = {
#define X(kind, text) {text, KW_##kind},
        TOKEN_KEYWORDS(X)
#undef X
    };
    *f = (struct front){.mode = mode, .flags = flags, .hooks = hooks};
    if (!names_init(&f->names, &f->arena))
        return false;
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++) {
        struct name *n = names_intern(&f->names, keywords[i].text, strlen(keywords[i].text));
        if (!n)
            return false;
        n->keyword = keywords[i].kind;
    }
    return true;
}

void front_free(struct front *f)
{
    arena_free(&f->arena);
}

bool front_fail(struct front *f, enum front_error_kind kind, struct front_pos pos, const char *format, ...)
{
    if (f->error.kind != FRONT_NONE)
        return false;
    f->error.kind = kind;
    f->error.pos = pos;
    va_list args;
    va_start(args, format);
    vsnprintf(f->error.message, sizeof f->error.message, format, args);
    va_end(args);
    return false;
}

bool front_warn(struct front *f, enum front_warning kind, struct front_pos pos, const char *format, ...)
{
    if (!f->hooks || !f->hooks->warn)
        return true;
    char message[400];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    if (f->hooks->warn(f->hooks->data, f->hooks->filename, kind, message, pos.line))
        return true;
    return front_fail(f, FRONT_SYNTAX, pos, "%s", message);
}

const char *front_error_name(enum front_error_kind kind)
{
    static const char *const names[] = {
#define X(kind, text) text,
        FRONT_ERRORS(X)
#undef X
    };
    return names[kind] ? names[kind] : "MemoryError";
}

/* Copy with \r and \r\n turned into \n, and a final \n. */
static bool load(struct front *f, const char *text, size_t size)
{
    char *out = arena_alloc(&f->arena, size + 2), *p = out;
    if (!out)
        return false;
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '\r') {
            *p++ = '\n';
            if (i + 1 < size && text[i + 1] == '\n')
                i++;
        } else {
            *p++ = text[i];
        }
    }
    if (p > out && p[-1] != '\n')
        *p++ = '\n';
    f->text = out;
    f->size = (size_t)(p - out);
    return true;
}

bool source_load_text(struct front *f, const char *text, size_t size)
{
    f->raw = text;
    f->raw_size = size;
    if (memchr(text, 0, size))
        return front_fail(f, FRONT_VALUE, (struct front_pos){0}, "source code string cannot contain null bytes");
    return load(f, text, size);
}

static bool utf8_step(const unsigned char *p, const unsigned char *end, size_t *step)
{
    unsigned c = *p;
    size_t n = c < 0x80 ? 1 : c >= 0xc2 && c < 0xe0 ? 2 : c >= 0xe0 && c < 0xf0 ? 3 : c >= 0xf0 && c < 0xf5 ? 4 : 0;
    if (!n || (size_t)(end - p) < n)
        return false;
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xc0) != 0x80)
            return false;
    if (n > 2) {
        unsigned second = p[1];
        if ((c == 0xe0 && second < 0xa0) || (c == 0xed && second > 0x9f) || (c == 0xf0 && second < 0x90) ||
            (c == 0xf4 && second > 0x8f))
            return false;
    }
    *step = n;
    return true;
}

static bool check_utf8(struct front *f, const char *text, size_t size, bool ascii_only, bool declared)
{
    const unsigned char *p = (const unsigned char *)text, *end = p + size, *line = p;
    uint32_t number = 1;
    while (p < end) {
        size_t step;
        if ((ascii_only && *p >= 0x80) || !utf8_step(p, end, &step)) {
            struct front_pos pos = {number, (uint32_t)(p - line), 0, 0};
            if (declared)
                return front_fail(f, FRONT_SYNTAX, pos, "(unicode error) '%s' codec can't decode byte 0x%02x in position %u: %s",
                                  ascii_only ? "ascii" : "utf-8", *p, (unsigned)(p - (const unsigned char *)text),
                                  ascii_only ? "ordinal not in range(128)" : "invalid start byte");
            return front_fail(f, FRONT_SYNTAX, pos, "Non-UTF-8 code starting with '\\x%02x' on line %u, but no encoding declared; "
                              "see https://peps.python.org/pep-0263/ for details", *p, number);
        }
        if (*p == '\n') {
            number++;
            line = p + 1;
        }
        p += step;
    }
    return true;
}

/* Find `coding[:=] NAME` in a comment-only line; true and its span if there is one. */
static bool find_cookie(const char *line, const char *end, const char **name, size_t *len)
{
    while (line < end && (*line == ' ' || *line == '\t' || *line == '\f'))
        line++;
    if (line == end || *line != '#')
        return false;
    for (const char *p = line; p + 7 < end; p++) {
        if (memcmp(p, "coding", 6) != 0 || (p[6] != ':' && p[6] != '='))
            continue;
        p += 7;
        while (p < end && (*p == ' ' || *p == '\t'))
            p++;
        const char *start = p;
        while (p < end && (isalnum((unsigned char)*p) || *p == '-' || *p == '_' || *p == '.'))
            p++;
        *name = start;
        *len = (size_t)(p - start);
        return p > start;
    }
    return false;
}

static bool blank_or_comment(const char *line, const char *end)
{
    while (line < end && (*line == ' ' || *line == '\t' || *line == '\f'))
        line++;
    return line == end || *line == '#' || *line == '\n' || *line == '\r';
}

/* The cookie stands in line 1, or in line 2 if line 1 holds no code. */
static bool cookie(const char *text, size_t size, const char **name, size_t *len)
{
    const char *end = text + size;
    for (int line = 0; line < 2 && text < end; line++) {
        const char *stop = text;
        while (stop < end && *stop != '\n' && *stop != '\r')
            stop++;
        if (find_cookie(text, stop, name, len))
            return true;
        if (!blank_or_comment(text, stop))
            return false;
        text = stop;
        if (text < end && *text == '\r')
            text++;
        if (text < end && *text == '\n')
            text++;
    }
    return false;
}

static bool same_codec(const char *name, size_t len, const char *const *list)
{
    char low[24];
    if (len >= sizeof low)
        return false;
    for (size_t i = 0; i < len; i++)
        low[i] = name[i] == '_' ? '-' : (char)tolower((unsigned char)name[i]);
    low[len] = 0;
    for (; *list; list++)
        if (!strcmp(low, *list))
            return true;
    return false;
}

static bool load_latin1(struct front *f, const char *bytes, size_t size)
{
    char *out = arena_alloc(&f->arena, 2 * size + 1), *p = out;
    if (!out)
        return false;
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (c >= 0x80) {
            *p++ = (char)(0xc0 | c >> 6);
            *p++ = (char)(0x80 | (c & 0x3f));
        } else {
            *p++ = (char)c;
        }
    }
    f->raw = out;
    f->raw_size = (size_t)(p - out);
    return load(f, out, f->raw_size);
}

/* An encoding that the front does not know itself: the host may. */
static bool load_foreign(struct front *f, const char *name, size_t len, const char *bytes, size_t size)
{
    char why[200] = "";
    size_t n = 0;
    char *text = f->hooks && f->hooks->decode ? f->hooks->decode(f->hooks->data, name, len, bytes, size, &n, why, sizeof why) : NULL;
    if (!text && *why)
        return front_fail(f, FRONT_SYNTAX, (struct front_pos){0}, "(unicode error) %s", why);
    if (!text)
        return front_fail(f, FRONT_SYNTAX, (struct front_pos){0}, "unknown encoding: %.*s", (int)len, name);
    f->raw = arena_copy(&f->arena, text, n);
    f->raw_size = n;
    free(text);
    return f->raw && load(f, f->raw, n);
}

bool source_load_bytes(struct front *f, const char *bytes, size_t size)
{
    static const char *const utf8[] = {"utf-8", "utf8", "utf-8-sig", "u8", "utf", "cp65001", NULL};
    static const char *const latin1[] = {"latin-1", "iso-8859-1", "iso-latin-1", "iso8859-1", "latin1", "l1", "8859", "cp819", NULL};
    static const char *const ascii[] = {"ascii", "us-ascii", "646", NULL};
    bool bom = size >= 3 && !memcmp(bytes, "\xef\xbb\xbf", 3);
    const char *name = NULL;
    size_t len = 0;
    if (bom) {
        bytes += 3;
        size -= 3;
    }
    if (memchr(bytes, 0, size))
        return front_fail(f, FRONT_VALUE, (struct front_pos){0}, "source code string cannot contain null bytes");
    bool declared = cookie(bytes, size, &name, &len);
    bool is_utf8 = !declared || same_codec(name, len, utf8) || (len > 6 && !strncasecmp(name, "utf-8-", 6));
    if (bom && !is_utf8)
        return front_fail(f, FRONT_SYNTAX, (struct front_pos){0}, "encoding problem: %.*s with BOM", (int)len, name);
    if (declared && same_codec(name, len, latin1))
        return load_latin1(f, bytes, size);
    bool is_ascii = declared && same_codec(name, len, ascii);
    if (!is_utf8 && !is_ascii)
        return load_foreign(f, name, len, bytes, size);
    f->raw = bytes;
    f->raw_size = size;
    return check_utf8(f, bytes, size, is_ascii, declared || bom) && load(f, bytes, size);
}

const char *source_line(const struct front *f, uint32_t line, size_t *len)
{
    const char *p = f->text, *end = f->text + f->size;
    while (p && --line && p < end) {
        p = memchr(p, '\n', (size_t)(end - p));
        p = p ? p + 1 : end;
    }
    if (!p || p >= end) {
        *len = 0;
        return "";
    }
    const char *stop = memchr(p, '\n', (size_t)(end - p));
    *len = (size_t)((stop ? stop : end) - p);
    return p;
}
