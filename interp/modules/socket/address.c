// SPDX-License-Identifier: Apache-2.0
// Addresses of sockets: from Python's tuples and paths and back. Leaves looking up names for programs to resolve.c.
#include "interp/modules/socket/socket_module.h"

#include <linux/netlink.h>
#include <stddef.h>

value host_bytes(struct thread *t, vref v) {
    if (is_bytes(v) || is_bytearray(v)) {
        value b = bytes_from_object(t, v);
        if (!b || !memchr(as_bytes(b)->data, 0, as_bytes(b)->length)) return b;
        release(t, b);
        return raise(t, &exc_ValueError, "host name must not contain null character");
    }
    if (!is_str(v)) return raise(t, &exc_TypeError, "str, bytes or bytearray expected, not %T", v);
    bool plain = (as_str(v)->flags & STR_ASCII) != 0;
    value b = str_encode(t, v, plain ? "ascii" : "idna", "strict");
    if (!b || !memchr(as_bytes(b)->data, 0, as_bytes(b)->length)) return b;
    release(t, b);
    return raise(t, &exc_ValueError, "host name must not contain null character");
}
bool address_resolve(struct thread *t, const char *name, int family, union address *out, socklen_t *length) {
    struct addrinfo hints = {.ai_family = family, .ai_socktype = SOCK_DGRAM}, *found = NULL;
    memset(out, 0, sizeof *out);
    if (!*name) {
        hints.ai_flags = AI_PASSIVE;
        name = NULL;
    } else if (strcmp(name, "<broadcast>") == 0 && family != AF_INET6) {
        out->in.sin_family = AF_INET;
        out->in.sin_addr.s_addr = INADDR_BROADCAST;
        *length = sizeof out->in;
        return true;
    }
    if (name && family != AF_INET6 && inet_pton(AF_INET, name, &out->in.sin_addr) == 1) {
        out->in.sin_family = AF_INET;
        *length = sizeof out->in;
        return true;
    }
    thread_detach(t);
    int code = getaddrinfo(name, name ? NULL : "0", &hints, &found);
    thread_attach(t);
    if (code) return socket_gai_error(t, code), false;
    memcpy(out, found->ai_addr, found->ai_addrlen < sizeof *out ? found->ai_addrlen : sizeof *out);
    *length = found->ai_addrlen;
    freeaddrinfo(found);
    return true;
}
value address_ip(struct thread *t, const union address *a, socklen_t length) {
    char host[NI_MAXHOST];
    if (a->any.sa_family == AF_INET6 && inet_ntop(AF_INET6, &a->in6.sin6_addr, host, sizeof host)) return str_from_cstr(t, host); // the scope is a number of its own
    int code = getnameinfo(&a->any, length, host, sizeof host, NULL, 0, NI_NUMERICHOST);
    return code ? socket_gai_error(t, code) : str_from_cstr(t, host);
}

// ---- from Python ----
static bool port_of(struct thread *t, vref v, const char *function, in_port_t *out) {
    int64_t port;
    if (!arg_i64(t, v, &port)) return false;
    if (port < 0 || port > 65535) return raise(t, &exc_OverflowError, "%s(): port must be 0-65535.", function), false;
    *out = htons((uint16_t)port);
    return true;
}
static bool internet(struct thread *t, vref v, const char *function, int family, union address *out, socklen_t *length) {
    bool six = family == AF_INET6;
    in_port_t port;
    int64_t flow = 0, scope = 0;
    if (!is_tuple(v)) return raise(t, &exc_TypeError, "%s(): %s address must be tuple, not %s", function, six ? "AF_INET6" : "AF_INET", type_of(v)->name), false;
    size_t n = tuple_size(v);
    if (!six && n != 2) return raise(t, &exc_TypeError, "AF_INET address must be a pair (host, port)"), false;
    if (six && (n < 2 || n > 4)) return raise(t, &exc_TypeError, "AF_INET6 address must be a tuple (host, port[, flowinfo[, scopeid]])"), false;
    value host = host_bytes(t, tuple_at(v, 0));
    bool ok = host && port_of(t, tuple_at(v, 1), function, &port) && (n < 3 || arg_i64(t, tuple_at(v, 2), &flow)) && (n < 4 || arg_i64(t, tuple_at(v, 3), &scope));
    if (ok && (flow < 0 || flow > 0xfffff)) ok = (raise(t, &exc_OverflowError, "%s(): flowinfo must be 0-1048575.", function), false);
    ok = ok && address_resolve(t, (const char *)as_bytes(host)->data, family, out, length);
    release_opt(t, host);
    if (!ok) return false;
    if (six) {
        out->in6.sin6_port = port;
        out->in6.sin6_flowinfo = htonl((uint32_t)flow);
        if (n == 4) out->in6.sin6_scope_id = (uint32_t)scope;
    } else
        out->in.sin_port = port;
    return true;
}
static bool local_path(struct thread *t, vref v, union address *out, socklen_t *length) {
    struct buffer_view view = {0};
    value path = is_str(v) ? str_encode(t, v, "utf-8", "surrogateescape") : V_NULL;
    if ((is_str(v) && !path) || !buffer_get(t, path ? path : v, &view, false)) return release_opt(t, path), false;
    size_t n = view.length;
    bool abstract = n > 0 && view.data[0] == 0, fits = abstract ? n <= sizeof out->un.sun_path : n < sizeof out->un.sun_path;
    memset(out, 0, sizeof *out);
    out->un.sun_family = AF_UNIX;
    if (fits) memcpy(out->un.sun_path, view.data, n);
    else raise(t, &exc_OSError, "AF_UNIX path too long");
    *length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n + !abstract);
    buffer_release(t, &view);
    release_opt(t, path);
    return fits;
}
static bool netlink(struct thread *t, vref v, const char *function, union address *out, socklen_t *length) {
    int64_t pid, groups;
    struct sockaddr_nl *nl = (struct sockaddr_nl *)&out->room;
    if (!is_tuple(v) || tuple_size(v) != 2) return raise(t, &exc_TypeError, "%s(): AF_NETLINK address must be a pair (pid, groups)", function), false;
    if (!arg_i64(t, tuple_at(v, 0), &pid) || !arg_i64(t, tuple_at(v, 1), &groups)) return false;
    *nl = (struct sockaddr_nl){.nl_family = AF_NETLINK, .nl_pid = (uint32_t)pid, .nl_groups = (uint32_t)groups};
    *length = sizeof *nl;
    return true;
}
bool address_get(struct thread *t, vref self, vref v, const char *function, union address *out, socklen_t *length) {
    int family = as_socket(self)->family;
    switch (family) {
    case AF_INET:
    case AF_INET6: return internet(t, v, function, family, out, length);
    case AF_UNIX: return local_path(t, v, out, length);
    case AF_NETLINK: return netlink(t, v, function, out, length);
    default: return raise(t, &exc_OSError, "%s(): bad family", function), false;
    }
}

// ---- to Python ----
static value local_value(struct thread *t, const union address *a, socklen_t length) {
    size_t n = length > offsetof(struct sockaddr_un, sun_path) ? length - offsetof(struct sockaddr_un, sun_path) : 0;
    if (n && a->un.sun_path[0] == 0) return bytes_new(t, a->un.sun_path, n);
    return str_decode(t, (const uint8_t *)a->un.sun_path, strnlen(a->un.sun_path, n), "utf-8", "surrogateescape");
}
value address_value(struct thread *t, int family, const union address *a, socklen_t length) {
    if (length == 0) return V_NONE;
    if (a->any.sa_family == AF_UNIX || (family == AF_UNIX && length <= sizeof(sa_family_t))) return local_value(t, a, length);
    if (a->any.sa_family == AF_NETLINK) {
        const struct sockaddr_nl *nl = (const struct sockaddr_nl *)&a->room;
        return tuple_pack(t, 2, from_int62(nl->nl_pid), from_int62(nl->nl_groups));
    }
    if (a->any.sa_family != AF_INET && a->any.sa_family != AF_INET6) {
        value raw = bytes_new(t, a->any.sa_data, length > sizeof(sa_family_t) ? length - sizeof(sa_family_t) : 0), r = raw ? tuple_pack(t, 2, from_int62(a->any.sa_family), raw) : V_NULL;
        release_opt(t, raw);
        return r;
    }
    value host = address_ip(t, a, length), r = V_NULL;
    if (host && a->any.sa_family == AF_INET) r = tuple_pack(t, 2, host, from_int62(ntohs(a->in.sin_port)));
    else if (host) r = tuple_pack(t, 4, host, from_int62(ntohs(a->in6.sin6_port)), from_int62(ntohl(a->in6.sin6_flowinfo)), from_int62(a->in6.sin6_scope_id));
    release_opt(t, host);
    return r;
}
