// SPDX-License-Identifier: Apache-2.0
// Addresses of brokers: krait://HOST[:7248][/NS], kraits://… with TLS, unix:///PATH[?ns=NS]. Takes them apart and
// writes them; resolving and connecting is left to who uses them. A user name or token in one is refused.

#ifndef KRAIT_BASE_URL_H
#define KRAIT_BASE_URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sdk/base/id.h"

#define URL_PORT     7248
#define URL_DEFAULT  "krait://127.0.0.1:7248"
#define URL_TEXT_MAX 512

enum url_kind { URL_TCP, URL_TLS, URL_UNIX };

struct url {
    enum url_kind kind;
    char host[256];            // without brackets; empty for UNIX
    uint16_t port;             // 0 = any free port, for a listener
    char path[108];            // UNIX
    char ns[ID_NAME_MAX + 1];  // never empty: "default" when not given
};

// false: why says what is wrong.
bool url_parse(const char *text, struct url *out, char *why, size_t why_size);

// Writes it back (the namespace only when it is not "default").
void url_format(const struct url *u, char out[URL_TEXT_MAX]);

// HOST:PORT or [v6]:PORT or :PORT. false when it is none.
bool url_host_port(const char *text, char *host, size_t host_size, uint16_t *port);

// Whether nobody outside this machine can reach it: 127.0.0.0/8, ::1, localhost, unix.
bool url_is_local(const struct url *u);
bool url_host_is_local(const char *host);

#endif
