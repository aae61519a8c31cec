// SPDX-License-Identifier: Apache-2.0
// _socket: the module, and numbers between host and network. Leaves sockets to object.c, names to resolve.c.
#include "interp/modules/modules.h"
#include "interp/modules/socket/socket_module.h"
#include "interp/types/dict.h"

#include <stdlib.h>

// ---- host and network ----
static value swap_16(struct thread *t, vref v, const char *function) {
    int64_t n;
    if (!arg_i64(t, v, &n)) return V_NULL;
    if (n < 0) return raise(t, &exc_OverflowError, "%s: can't convert negative Python int to C 16-bit unsigned integer", function);
    if (n > UINT16_MAX) return raise(t, &exc_OverflowError, "%s: Python int too large to convert to C 16-bit unsigned integer", function);
    return from_int62(htons((uint16_t)n));
}
static value swap_32(struct thread *t, vref v) {
    int64_t n;
    if (!is_int(v)) return raise(t, &exc_TypeError, "expected int, %T found", v);
    if (!int_as_i64(t, v, &n)) return V_NULL;
    if (n < 0) return raise(t, &exc_OverflowError, "can't convert negative value to unsigned int");
    if (n > UINT32_MAX) return raise(t, &exc_OverflowError, "int larger than 32 bits");
    return from_int62(htonl((uint32_t)n));
}
static value f_htons(struct thread *t, const vref *a) { return swap_16(t, a[0], "htons"); }
static value f_ntohs(struct thread *t, const vref *a) { return swap_16(t, a[0], "ntohs"); }
static value f_swap_32(struct thread *t, const vref *a) { return swap_32(t, a[0]); }
static value f_inet_aton(struct thread *t, const vref *a) {
    struct in_addr at;
    value text = path_bytes(t, a[0]);
    if (!text) return V_NULL;
    bool ok = inet_aton((const char *)as_bytes(text)->data, &at);
    release(t, text);
    return ok ? bytes_new(t, &at, sizeof at) : raise(t, &exc_OSError, "illegal IP address string passed to inet_aton");
}
static value f_inet_pton(struct thread *t, const vref *a) {
    uint8_t room[16];
    int family;
    value text = arg_int(t, a[0], &family) ? path_bytes(t, a[1]) : V_NULL;
    if (!text) return V_NULL;
    int r = inet_pton(family, (const char *)as_bytes(text)->data, room);
    release(t, text);
    if (r < 0) return posix_error(t);
    return r ? bytes_new(t, room, family == AF_INET6 ? 16 : 4) : raise(t, &exc_OSError, "illegal IP address string passed to inet_pton");
}
static value ntop(struct thread *t, int family, vref packed, const char *wrong) {
    char text[INET6_ADDRSTRLEN];
    struct buffer_view view;
    if (!buffer_get(t, packed, &view, false)) return V_NULL;
    bool fits = view.length == (family == AF_INET6 ? 16 : 4), ok = fits && inet_ntop(family, view.data, text, sizeof text);
    buffer_release(t, &view);
    if (!fits) return wrong ? raise(t, &exc_OSError, "%s", wrong) : raise(t, &exc_ValueError, "invalid length of packed IP address string");
    return ok ? str_from_cstr(t, text) : posix_error(t);
}
static value f_inet_ntoa(struct thread *t, const vref *a) { return ntop(t, AF_INET, a[0], "packed IP wrong length"); }
static value f_inet_ntop(struct thread *t, const vref *a) {
    int family;
    if (!arg_int(t, a[0], &family)) return V_NULL;
    if (family != AF_INET && family != AF_INET6) return raise(t, &exc_ValueError, "unknown address family %d", family);
    return ntop(t, family, a[1], NULL);
}
const struct native socket_convert_natives[] = {
    F("htons", "($module, x, /)", f_htons), F("ntohs", "($module, x, /)", f_ntohs), F("htonl", "($module, x, /)", f_swap_32), F("ntohl", "($module, x, /)", f_swap_32),
    F("inet_aton", "($module, ip_addr, /)", f_inet_aton), F("inet_ntoa", "($module, packed_ip, /)", f_inet_ntoa), F("inet_pton", "($module, af, ip, /)", f_inet_pton),
    F("inet_ntop", "($module, af, packed_ip, /)", f_inet_ntop), {0},
};

// ---- the module ----
static size_t count(const struct native *rows) {
    size_t n = 0;
    while (rows[n].name) n++;
    return n;
}
// The methods of the type, gathered from the files; kept for good.
static bool ready_type(struct thread *t) {
    static const struct native *const tables[] = {
#define X(n) socket_##n##_methods,
        SOCKET_METHOD_TABLES(X)
#undef X
    };
    if (type_socket.root_shape) return true;
    size_t n = 1;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) n += count(tables[i]);
    struct native *rows = calloc(n, sizeof *rows), *at = rows;
    if (!rows) return raise_no_memory(t), false;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        for (const struct native *r = tables[i]; r->name; r++) *at++ = *r;
    type_socket.natives = rows;
    return type_ready(t, &type_socket);
}
value socket_module_make(struct thread *t) {
    const struct native *const tables[] = {socket_resolve_natives, socket_convert_natives, socket_object_natives, socket_message_natives};
    if (!ready_type(t)) return V_NULL;
    value m = module_from_natives(t, "_socket", "Sockets of the system. Use the socket module instead.", NULL, 0);
    value gai = exc_class_new(t, "socket", "gaierror", &exc_OSError, NULL), h = exc_class_new(t, "socket", "herror", &exc_OSError, NULL);
    bool ok = m && gai && h;
    if (ok) {
        socket_gaierror = as_type(gai);
        socket_herror = as_type(h);
    }
    for (size_t i = 0; ok && i < 4; i++) ok = module_add_natives(t, m, tables[i], count(tables[i]));
    ok = ok && module_set(t, m, "gaierror", own(t, gai)) && module_set(t, m, "herror", own(t, h)) && module_set(t, m, "error", type_ref(&exc_OSError)) &&
         module_set(t, m, "timeout", type_ref(&exc_TimeoutError)) && module_set(t, m, "socket", type_ref(&type_socket)) && module_set(t, m, "SocketType", type_ref(&type_socket)) &&
         module_set(t, m, "has_ipv6", V_TRUE) && socket_add_constants(t, m);
    release_opt(t, gai);
    release_opt(t, h);
    if (!ok && m) release_field(t, &m);
    return m;
}
