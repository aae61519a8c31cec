// SPDX-License-Identifier: Apache-2.0
// Takes broker addresses apart. Resolving names is left to who connects.

#include "sdk/base/url.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool parse_port(const char *text, size_t n, uint16_t *port)
{
    uint32_t v = 0;
    if (n == 0 || n > 5)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        v = v * 10 + (uint32_t)(text[i] - '0');
    }
    *port = (uint16_t)v;
    return v <= 65535;
}

static bool host_ok(const char *host)
{
    struct in6_addr six;
    if (strchr(host, ':'))
        return inet_pton(AF_INET6, host, &six) == 1;
    return *host && strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_*") == strlen(host);
}

static bool copy(char *out, size_t size, const char *from, size_t n)
{
    if (n >= size)
        return false;
    memcpy(out, from, n);
    out[n] = 0;
    return true;
}

// HOST[:PORT] of n bytes; *port keeps its value when none is given.
static bool authority(const char *text, size_t n, char *host, size_t host_size, uint16_t *port, bool *has_port)
{
    const char *end = text + n, *colon;
    if (n && *text == '[') {
        const char *close = memchr(text, ']', n);
        if (!close || !copy(host, host_size, text + 1, (size_t)(close - text - 1)))
            return false;
        colon = close + 1;
        if (colon < end && *colon != ':')
            return false;
    } else {
        colon = memchr(text, ':', n);
        colon = colon ? colon : end;
        if (!copy(host, host_size, text, (size_t)(colon - text)))
            return false;
    }
    *has_port = colon < end;
    return colon == end || parse_port(colon + 1, (size_t)(end - colon - 1), port);
}

bool url_host_port(const char *text, char *host, size_t host_size, uint16_t *port)
{
    bool has_port;
    return authority(text, strlen(text), host, host_size, port, &has_port) && has_port && (!*host || host_ok(host));
}

static bool no(char *why, size_t why_size, const char *text, const char *what)
{
    snprintf(why, why_size, "'%s' %s", text, what);
    return false;
}

static bool parse_ns(const char *ns, struct url *out)
{
    return id_name_ok(slice_text(ns)) && copy(out->ns, sizeof out->ns, ns, strlen(ns));
}

static bool parse_unix(const char *text, const char *path, struct url *out, char *why, size_t why_size)
{
    const char *query = strstr(path, "?ns=");
    size_t n = query ? (size_t)(query - path) : strlen(path);
    out->kind = URL_UNIX;
    if (*path != '/')
        return no(why, why_size, text, "wants an absolute path: unix:///PATH");
    if (!copy(out->path, sizeof out->path, path, n))
        return no(why, why_size, text, "is longer than a socket's path may be (107 bytes)");
    if (query && !parse_ns(query + 4, out))
        return no(why, why_size, text, "has a namespace that is not [A-Za-z0-9_.-]{1,64}");
    return true;
}

bool url_parse(const char *text, struct url *out, char *why, size_t why_size)
{
    *out = (struct url){ .port = URL_PORT, .ns = ID_NS };
    if (strncmp(text, "unix://", 7) == 0)
        return parse_unix(text, text + 7, out, why, why_size);
    out->kind = strncmp(text, "kraits://", 9) == 0 ? URL_TLS : URL_TCP;
    if (out->kind == URL_TCP && strncmp(text, "krait://", 8) != 0)
        return no(why, why_size, text, "is no broker address; it looks like krait://HOST[:7248][/NAMESPACE], "
                                       "kraits://… or unix:///PATH");
    const char *rest = strstr(text, "://") + 3;
    size_t n = strcspn(rest, "/?#");
    if (memchr(rest, '@', n))
        return no(why, why_size, "the address", "must not hold a token; use KRAIT_TOKEN or KRAIT_TOKEN_FILE");
    bool has_port;
    if (!authority(rest, n, out->host, sizeof out->host, &out->port, &has_port) || !host_ok(out->host))
        return no(why, why_size, text, "has no valid HOST[:PORT]");
    if (rest[n] == '/' && rest[n + 1] && !parse_ns(rest + n + 1, out))
        return no(why, why_size, text, "has a namespace that is not [A-Za-z0-9_.-]{1,64}");
    return rest[n] == 0 || rest[n] == '/' || no(why, why_size, text, "has more behind the port than /NAMESPACE");
}

void url_format(const struct url *u, char out[URL_TEXT_MAX])
{
    bool ns = strcmp(u->ns, ID_NS) != 0, six = strchr(u->host, ':') != NULL;
    if (u->kind == URL_UNIX)
        snprintf(out, URL_TEXT_MAX, "unix://%s%s%s", u->path, ns ? "?ns=" : "", ns ? u->ns : "");
    else
        snprintf(out, URL_TEXT_MAX, "%s://%s%s%s:%u%s%s", u->kind == URL_TLS ? "kraits" : "krait", six ? "[" : "",
                 u->host, six ? "]" : "", u->port, ns ? "/" : "", ns ? u->ns : "");
}

bool url_host_is_local(const char *host)
{
    struct in_addr four;
    struct in6_addr six;
    if (strcasecmp(host, "localhost") == 0)
        return true;
    if (inet_pton(AF_INET, host, &four) == 1)
        return ntohl(four.s_addr) >> 24 == 127;
    return inet_pton(AF_INET6, host, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

bool url_is_local(const struct url *u)
{
    return u->kind == URL_UNIX || url_host_is_local(u->host);
}
