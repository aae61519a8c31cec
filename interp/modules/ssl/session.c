// SPDX-License-Identifier: Apache-2.0
// ssl.SSLSession: what a client needs to go on where an earlier connection left off. Leaves its use to connection.c.
#include "interp/modules/ssl/ssl_module.h"
#include "interp/types/sequence.h"

static struct session *as_session(vref v) { return (struct session *)as_object(v); }

value session_new(struct thread *t, struct connection *c) {
    bool entered = connection_enter(t, c);
    SSL_SESSION *now = ossl.SSL_get1_session(c->ssl), *copy = now ? ossl.SSL_SESSION_dup(now) : NULL; // the connection may still change its own
    if (now) ossl.SSL_SESSION_free(now);
    connection_leave(c, entered);
    if (!copy) return V_NONE;
    value v = object_new_instance(t, &type_ssl_session);
    if (!v) {
        ossl.SSL_SESSION_free(copy);
        return V_NULL;
    }
    as_session(v)->session = copy;
    as_session(v)->context = own(t, c->context);
    return v;
}
static value get_id(struct thread *t, const vref *a) {
    unsigned n;
    const unsigned char *p = ossl.SSL_SESSION_get_id(as_session(a[0])->session, &n);
    return bytes_new(t, p, n);
}
static value get_time(struct thread *t, const vref *a) { return int_from_i64(t, ossl.SSL_SESSION_get_time(as_session(a[0])->session)); }
static value get_timeout(struct thread *t, const vref *a) { return int_from_i64(t, ossl.SSL_SESSION_get_timeout(as_session(a[0])->session)); }
static value get_hint(struct thread *t, const vref *a) { return int_from_u64(t, ossl.SSL_SESSION_get_ticket_lifetime_hint(as_session(a[0])->session)); }
static value get_has_ticket(struct thread *t, const vref *a) { return (void)t, from_bool(ossl.SSL_SESSION_has_ticket(as_session(a[0])->session)); }
static value compare(struct thread *t, vref a, vref b, enum compare_op op) {
    (void)t;
    if (!is_instance(a, &type_ssl_session) || !is_instance(b, &type_ssl_session) || (op != CMP_EQ && op != CMP_NE)) return V_NOTIMPL;
    unsigned n, m;
    const unsigned char *p = ossl.SSL_SESSION_get_id(as_session(a)->session, &n), *q = ossl.SSL_SESSION_get_id(as_session(b)->session, &m);
    bool same = is_same(a, b) || (n == m && memcmp(p, q, n) == 0);
    return from_bool(same == (op == CMP_EQ));
}
static const struct native natives[] = {
    G("id", get_id, NULL), G("time", get_time, NULL), G("timeout", get_timeout, NULL), G("ticket_lifetime_hint", get_hint, NULL), G("has_ticket", get_has_ticket, NULL), {.name = NULL},
};
static void destroy(struct thread *t, struct object *o) {
    struct session *s = (struct session *)o;
    if (s->session) ossl.SSL_SESSION_free(s->session);
    s->session = NULL;
    release_field(t, &s->context);
}
static int traverse(struct object *o, visit_fn *visit, void *arg) {
    value v = ((struct session *)o)->context;
    return v ? visit(v, arg) : 0;
}
struct type type_ssl_session = {
    .name = "SSLSession", .module = "_ssl", .doc = "A session that a client may resume.", .base = &type_object, .flags = TYPE_GC | TYPE_NO_NEW, .basicsize = sizeof(struct session),
    .natives = natives, .destroy = destroy, .traverse = traverse, .compare = compare, .hash = hash_unhashable,
};
