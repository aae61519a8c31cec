// SPDX-License-Identifier: Apache-2.0
// Names of hosts, services and interfaces. Leaves the addresses of sockets to address.c.
#include "interp/modules/socket/socket_module.h"

#include <limits.h>
#include <net/if.h>
#include <stdio.h>

struct type *socket_gaierror, *socket_herror;

static value fail_with(struct thread *t, struct type *cls, int code, const char *text) {
    value s = str_from_cstr(t, text), e = s ? object_call2(t, type_ref(cls), from_int62(code), s) : V_NULL;
    if (e) raise_object(t, e);
    release_opt(t, e);
    release_opt(t, s);
    return V_NULL;
}
value socket_gai_error(struct thread *t, int code) { return code == EAI_SYSTEM ? posix_error(t) : fail_with(t, socket_gaierror, code, gai_strerror(code)); }
value socket_h_error(struct thread *t, int code) { return fail_with(t, socket_herror, code, hstrerror(code)); }

// ---- getaddrinfo, getnameinfo ----
static value one_info(struct thread *t, const struct addrinfo *i) {
    union address a;
    memcpy(&a, i->ai_addr, i->ai_addrlen);
    value at = address_value(t, i->ai_family, &a, i->ai_addrlen), name = str_from_cstr(t, i->ai_canonname ? i->ai_canonname : "");
    value r = at && name ? tuple_pack(t, 5, from_int62(i->ai_family), from_int62(i->ai_socktype), from_int62(i->ai_protocol), name, at) : V_NULL;
    release_opt(t, at);
    release_opt(t, name);
    return r;
}
static bool service_of(struct thread *t, vref v, value *keep, char digits[24], const char **out) {
    *out = NULL;
    if (is_none(v)) return true;
    if (is_int(v)) {
        int64_t n;
        if (!int_as_i64(t, v, &n)) return false;
        snprintf(digits, 24, "%lld", (long long)n);
        *out = digits;
        return true;
    }
    if (!is_str(v) && !is_bytes(v)) return raise(t, &exc_OSError, "Int or String expected"), false;
    *keep = is_bytes(v) ? own(t, v) : str_encode(t, v, "utf-8", "strict");
    if (*keep) *out = (const char *)as_bytes(*keep)->data;
    return *keep != V_NULL;
}
static value f_getaddrinfo(struct thread *t, const vref *a) { // host, port, family, type, proto, flags
    struct addrinfo hints = {0}, *found = NULL;
    value host = V_NULL, service = V_NULL, list = V_NULL;
    const char *port;
    char digits[24];
    if (!arg_int_or(t, a[2], AF_UNSPEC, &hints.ai_family) || !arg_int_or(t, a[3], 0, &hints.ai_socktype) || !arg_int_or(t, a[4], 0, &hints.ai_protocol) ||
        !arg_int_or(t, a[5], 0, &hints.ai_flags))
        return V_NULL;
    if (!is_none(a[0]) && !is_str(a[0]) && !is_bytes(a[0])) return raise(t, &exc_TypeError, "getaddrinfo() argument 1 must be string or None");
    if ((is_none(a[0]) || (host = host_bytes(t, a[0]))) && service_of(t, a[1], &service, digits, &port)) {
        thread_detach(t);
        int code = getaddrinfo(host ? (const char *)as_bytes(host)->data : NULL, port, &hints, &found);
        thread_attach(t);
        if (code) socket_gai_error(t, code);
        else list = list_new(t, 0);
        for (struct addrinfo *i = found; list && i; i = i->ai_next) {
            value row = one_info(t, i);
            if (!row || !list_append_take(t, list, row)) release_field(t, &list);
        }
        if (found) freeaddrinfo(found);
    }
    release_opt(t, host);
    release_opt(t, service);
    return list;
}
static value f_getnameinfo(struct thread *t, const vref *a) { // sockaddr, flags
    int flags;
    char host[NI_MAXHOST], service[NI_MAXSERV], digits[24];
    int64_t port, flow = 0, scope = 0;
    if (!is_tuple(a[0])) return raise(t, &exc_TypeError, "getnameinfo() argument 1 must be a tuple");
    size_t n = tuple_size(a[0]);
    if (n < 2 || n > 4 || !is_str(tuple_at(a[0], 0))) return raise(t, &exc_TypeError, "getnameinfo(): illegal sockaddr argument");
    if (!arg_int(t, a[1], &flags) || !arg_i64(t, tuple_at(a[0], 1), &port) || (n > 2 && !arg_i64(t, tuple_at(a[0], 2), &flow)) || (n > 3 && !arg_i64(t, tuple_at(a[0], 3), &scope))) return V_NULL;
    if (flow < 0 || flow > 0xfffff) return raise(t, &exc_OverflowError, "getnameinfo(): flowinfo must be 0-1048575.");
    value name = host_bytes(t, tuple_at(a[0], 0));
    if (!name) return V_NULL;
    struct addrinfo hints = {.ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICHOST}, *found = NULL;
    snprintf(digits, sizeof digits, "%lld", (long long)port);
    thread_detach(t);
    int code = getaddrinfo((const char *)as_bytes(name)->data, digits, &hints, &found);
    thread_attach(t);
    release(t, name);
    if (code) return socket_gai_error(t, code);
    if (found->ai_next) {
        freeaddrinfo(found);
        return raise(t, &exc_OSError, "sockaddr resolved to multiple addresses");
    }
    if (found->ai_family == AF_INET6) {
        struct sockaddr_in6 *six = (struct sockaddr_in6 *)(void *)found->ai_addr;
        six->sin6_flowinfo = htonl((uint32_t)flow);
        six->sin6_scope_id = (uint32_t)scope;
    }
    thread_detach(t);
    code = getnameinfo(found->ai_addr, found->ai_addrlen, host, sizeof host, service, sizeof service, flags);
    thread_attach(t);
    freeaddrinfo(found);
    if (code) return socket_gai_error(t, code);
    return tuple_take_array(t, (value[]){path_text(t, host), path_text(t, service)}, 2);
}

// ---- the old functions ----
static value f_gethostname(struct thread *t, const vref *a) {
    char name[HOST_NAME_MAX + 2];
    (void)a;
    if (gethostname(name, sizeof name) < 0) return posix_error(t);
    name[sizeof name - 1] = 0;
    return path_text(t, name);
}
static value f_sethostname(struct thread *t, const vref *a) {
    value b = path_bytes(t, a[0]);
    if (!b) return V_NULL;
    int r = sethostname((const char *)as_bytes(b)->data, as_bytes(b)->length);
    release(t, b);
    return posix_done(t, r);
}
static value f_gethostbyname(struct thread *t, const vref *a) {
    union address at;
    socklen_t n;
    value host = host_bytes(t, a[0]), r = V_NULL;
    if (host && address_resolve(t, (const char *)as_bytes(host)->data, AF_INET, &at, &n)) r = address_ip(t, &at, n);
    release_opt(t, host);
    return r;
}
static bool append_text(struct thread *t, vref list, value text) { return text && list_append_take(t, list, text); } // takes text
static value entry_value(struct thread *t, const struct hostent *h) {
    value names = list_new(t, 0), at = list_new(t, 0), name = path_text(t, h->h_name), r = V_NULL;
    bool ok = names && at && name;
    for (char **s = h->h_aliases; ok && *s; s++) ok = append_text(t, names, path_text(t, *s));
    for (char **s = h->h_addr_list; ok && *s; s++) {
        char text[INET6_ADDRSTRLEN];
        inet_ntop(h->h_addrtype, *s, text, sizeof text);
        ok = append_text(t, at, str_from_cstr(t, text));
    }
    if (ok) r = tuple_pack(t, 3, name, names, at);
    release_opt(t, names);
    release_opt(t, at);
    release_opt(t, name);
    return r;
}
enum { ENTRY_ROOM = 16384 };
static value f_gethostbyname_ex(struct thread *t, const vref *a) {
    struct hostent h, *found = NULL;
    int code = 0;
    value host = host_bytes(t, a[0]), r = V_NULL;
    char *room = host ? mem_alloc(t, ENTRY_ROOM) : NULL;
    if (room) {
        thread_detach(t);
        gethostbyname2_r((const char *)as_bytes(host)->data, AF_INET, &h, room, ENTRY_ROOM, &found, &code);
        thread_attach(t);
        r = found ? entry_value(t, found) : fail_with(t, socket_gaierror, EAI_NONAME, gai_strerror(EAI_NONAME));
        mem_free(t, room, ENTRY_ROOM);
    }
    release_opt(t, host);
    return r;
}
static value f_gethostbyaddr(struct thread *t, const vref *a) {
    union address at;
    socklen_t n;
    struct hostent h, *found = NULL;
    int code = 0;
    value host = host_bytes(t, a[0]), r = V_NULL;
    bool ok = host && address_resolve(t, (const char *)as_bytes(host)->data, AF_UNSPEC, &at, &n);
    char *room = ok ? mem_alloc(t, ENTRY_ROOM) : NULL;
    if (room) {
        bool six = at.any.sa_family == AF_INET6;
        thread_detach(t);
        gethostbyaddr_r(six ? (const void *)&at.in6.sin6_addr : &at.in.sin_addr, six ? 16 : 4, at.any.sa_family, &h, room, ENTRY_ROOM, &found, &code);
        thread_attach(t);
        r = found ? entry_value(t, found) : socket_h_error(t, code);
        mem_free(t, room, ENTRY_ROOM);
    }
    release_opt(t, host);
    return r;
}
static value f_getservbyname(struct thread *t, const vref *a) {
    value name = path_bytes(t, a[0]), protocol = name && a[1] ? path_bytes(t, a[1]) : V_NULL, r = V_NULL;
    struct servent s, *found = NULL;
    char room[4096];
    if (name && !raised(t)) {
        thread_detach(t);
        getservbyname_r((const char *)as_bytes(name)->data, protocol ? (const char *)as_bytes(protocol)->data : NULL, &s, room, sizeof room, &found);
        thread_attach(t);
        r = found ? from_int62(ntohs((uint16_t)found->s_port)) : raise(t, &exc_OSError, "service/proto not found");
    }
    release_opt(t, name);
    release_opt(t, protocol);
    return r;
}
static value f_getservbyport(struct thread *t, const vref *a) {
    int port;
    struct servent s, *found = NULL;
    char room[4096];
    if (!arg_int(t, a[0], &port)) return V_NULL;
    if (port < 0 || port > 65535) return raise(t, &exc_OverflowError, "getservbyport: port must be 0-65535.");
    value protocol = a[1] ? path_bytes(t, a[1]) : V_NULL;
    if (a[1] && !protocol) return V_NULL;
    thread_detach(t);
    getservbyport_r(htons((uint16_t)port), protocol ? (const char *)as_bytes(protocol)->data : NULL, &s, room, sizeof room, &found);
    thread_attach(t);
    release_opt(t, protocol);
    return found ? path_text(t, found->s_name) : raise(t, &exc_OSError, "port/proto not found");
}
static value f_getprotobyname(struct thread *t, const vref *a) {
    value name = path_bytes(t, a[0]);
    struct protoent p, *found = NULL;
    char room[4096];
    if (!name) return V_NULL;
    thread_detach(t);
    getprotobyname_r((const char *)as_bytes(name)->data, &p, room, sizeof room, &found);
    thread_attach(t);
    release(t, name);
    return found ? from_int62(found->p_proto) : raise(t, &exc_OSError, "protocol not found");
}

// ---- interfaces ----
static value f_if_nameindex(struct thread *t, const vref *a) {
    (void)a;
    struct if_nameindex *all = if_nameindex();
    if (!all) return posix_error(t);
    value list = list_new(t, 0);
    for (struct if_nameindex *i = all; list && i->if_index; i++) {
        value name = path_text(t, i->if_name), row = name ? tuple_pack(t, 2, from_int62(i->if_index), name) : V_NULL;
        release_opt(t, name);
        if (!row || !list_append_take(t, list, row)) release_field(t, &list);
    }
    if_freenameindex(all);
    return list;
}
static value f_if_nametoindex(struct thread *t, const vref *a) {
    value name = path_bytes(t, a[0]);
    if (!name) return V_NULL;
    unsigned i = if_nametoindex((const char *)as_bytes(name)->data);
    release(t, name);
    return i ? from_int62(i) : raise(t, &exc_OSError, "no interface with this name");
}
static value f_if_indextoname(struct thread *t, const vref *a) {
    int64_t i;
    char name[IF_NAMESIZE + 1];
    if (!arg_i64(t, a[0], &i)) return V_NULL;
    return if_indextoname((unsigned)i, name) ? path_text(t, name) : posix_error(t);
}

const struct native socket_resolve_natives[] = {
    F("getaddrinfo", "($module, /, host, port, family=0, type=0, proto=0, flags=0)", f_getaddrinfo), F("getnameinfo", "($module, sockaddr, flags, /)", f_getnameinfo),
    F("gethostname", "($module, /)", f_gethostname), F("sethostname", "($module, name, /)", f_sethostname), F("gethostbyname", "($module, host, /)", f_gethostbyname),
    F("gethostbyname_ex", "($module, host, /)", f_gethostbyname_ex), F("gethostbyaddr", "($module, host, /)", f_gethostbyaddr),
    F("getservbyname", "($module, servicename, protocolname=None, /)", f_getservbyname), F("getservbyport", "($module, port, protocolname=None, /)", f_getservbyport),
    F("getprotobyname", "($module, name, /)", f_getprotobyname), F("if_nameindex", "($module, /)", f_if_nameindex), F("if_nametoindex", "($module, if_name, /)", f_if_nametoindex),
    F("if_indextoname", "($module, if_index, /)", f_if_indextoname), {0},
};
