// SPDX-License-Identifier: Apache-2.0
// What the files of _socket share: the socket object, calls with a time limit, addresses. Leaves TLS to _ssl, the wrapper class and makefile to the library.
//
// A socket with a time limit is non-blocking for the system: each call first waits with poll, then tries, and waits again if somebody else was quicker. Limits count for
// the whole of a method, not for each try.
#ifndef KRAIT_INTERP_MODULES_SOCKET_SOCKET_MODULE_H
#define KRAIT_INTERP_MODULES_SOCKET_SOCKET_MODULE_H

#include "interp/modules/posix/posix.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

struct socket_object {
    struct object head;
    _Atomic int fd;            // -1: closed
    int family, type, protocol;
    _Atomic int64_t limit_ns;  // -1: for ever, 0: never waits
};
extern struct type type_socket;
static inline struct socket_object *as_socket(vref v) { return (struct socket_object *)as_object(v); }
static inline int socket_fd(vref v) { return atomic_load_explicit(&as_socket(v)->fd, memory_order_relaxed); }

// ---- object.c ----
value socket_new(struct thread *t, struct type *cls, int fd, int family, int type, int protocol); // takes fd
bool socket_limit_arg(struct thread *t, vref v, int64_t *ns) MUST_CHECK;                          // None: -1
extern _Atomic int64_t socket_default_limit;

// ---- call.c ----
typedef int64_t socket_fn(int fd, void *arg); // one system call: -1 with errno. Runs detached
int64_t socket_deadline(vref self);           // monotonic ns, 0: none
// Waits for the events (POLLIN, POLLOUT) and calls until it works. -1: exception pending ("timed out" included).
int64_t socket_call(struct thread *t, vref self, short events, int64_t deadline_ns, socket_fn *call, void *arg);
int socket_wait(struct thread *t, int fd, short events, int64_t deadline_ns); // 1 ready, 0 timed out, -1 exception

// ---- address.c ----
union address {
    struct sockaddr any;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    struct sockaddr_un un;
    struct sockaddr_storage room;
};
bool address_get(struct thread *t, vref self, vref v, const char *function, union address *out, socklen_t *length) MUST_CHECK; // may ask a name server
value address_value(struct thread *t, int family, const union address *a, socklen_t length);
bool address_resolve(struct thread *t, const char *name, int family, union address *out, socklen_t *length) MUST_CHECK;
value host_bytes(struct thread *t, vref v);   // a host name as bytes: str by way of idna
value address_ip(struct thread *t, const union address *a, socklen_t length); // numeric text

// ---- resolve.c ----
value socket_gai_error(struct thread *t, int code); // V_NULL
value socket_h_error(struct thread *t, int code);
extern struct type *socket_gaierror, *socket_herror;

#define SOCKET_METHOD_TABLES(X) X(object) X(stream) X(message) X(option)
#define X(n) extern const struct native socket_##n##_methods[];
SOCKET_METHOD_TABLES(X)
#undef X
extern const struct native socket_resolve_natives[], socket_convert_natives[], socket_object_natives[], socket_message_natives[];
bool socket_add_constants(struct thread *t, vref module) MUST_CHECK;

#define M(py, s, f) {.name = py, .kind = NATIVE_METHOD, .sig = s, .fn = f}

#endif
