// SPDX-License-Identifier: Apache-2.0
// Answering probes and scrapes. The text of /metrics is metrics.c's.

#include "worker/http.h"

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "worker/worker.h"

#define TEXT "text/plain; charset=utf-8"
#define PROM "text/plain; version=0.0.4; charset=utf-8"

static void reply(struct evhttp_request *q, int code, const char *type, struct slice body)
{
    struct evkeyvalq *head = evhttp_request_get_output_headers(q);
    evhttp_add_header(head, "Content-Type", type);
    evhttp_add_header(head, "Cache-Control", "no-store");
    evhttp_add_header(head, "X-Content-Type-Options", "nosniff");
    if (body.n)
        evbuffer_add(evhttp_request_get_output_buffer(q), body.p, body.n);
    evhttp_send_reply(q, code, NULL, NULL);
}

static const char *unready(const struct worker *w)
{
    if (w->phase >= PHASE_DRAINING)
        return "draining\n";
    if (!uplink_is_open(&w->uplink))
        return "no session with a broker\n";
    if (mono_since(w->loop.now, w->uplink.last_in) > w->uplink.ttl_ms * CLOCK_NS_PER_MS)
        return "the broker does not answer\n";
    return pool_live(&w->pool) ? NULL : "no child is live\n";
}

// A web page that plays tricks with names comes under a name of its own, never under an address or localhost.
static bool host_ok(const struct worker *w, const char *host)
{
    char name[256], own[128] = "";
    struct in6_addr any;
    if (!host || host[0] == '[')
        return true;
    snprintf(name, sizeof name, "%.*s", (int)strcspn(host, ":"), host);
    gethostname(own, sizeof own - 1);
    return inet_pton(AF_INET, name, &any) == 1 || strcmp(name, "localhost") == 0 || strcmp(name, own) == 0 ||
           strcmp(name, w->set.http_host) == 0;
}

static void serve(struct evhttp_request *q, void *arg)
{
    struct worker *w = ((struct http *)arg)->worker;
    const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(q);
    const char *path = uri ? evhttp_uri_get_path(uri) : "";
    if (strcmp(path, "/healthz") == 0) {
        reply(q, 200, TEXT, slice_text("ok\n"));
    } else if (strcmp(path, "/readyz") == 0) {
        const char *why = unready(w);
        reply(q, why ? 503 : 200, TEXT, slice_text(why ? why : "ready\n"));
    } else if (strcmp(path, "/metrics") != 0) {
        reply(q, 404, TEXT, slice_text("not found\n"));
    } else if (!host_ok(w, evhttp_find_header(evhttp_request_get_input_headers(q), "Host"))) {
        reply(q, 403, TEXT, slice_text("unknown Host\n"));
    } else {
        struct buf body = { 0 };
        metrics_write(w, &body);
        reply(q, 200, PROM, buf_slice(&body));
        buf_free(&body);
    }
}

bool http_open(struct http *h, struct worker *w, char *why, size_t why_size)
{
    *h = (struct http){ .worker = w };
    if (!w->set.http_on)
        return true;
    h->server = evhttp_new(w->loop.base);
    struct evhttp_bound_socket *at =
        h->server ? evhttp_bind_socket_with_handle(h->server, w->set.http_host, w->set.http_port) : NULL;
    struct sockaddr_storage sa = { 0 };
    socklen_t n = sizeof sa;
    if (!at || getsockname(evhttp_bound_socket_get_fd(at), (struct sockaddr *)&sa, &n) < 0) {
        snprintf(why, why_size, "cannot listen for HTTP on %s:%u", w->set.http_host, w->set.http_port);
        return false;
    }
    unsigned port = ntohs(sa.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&sa)->sin6_port
                                                   : ((struct sockaddr_in *)&sa)->sin_port);
    snprintf(h->url, sizeof h->url, strchr(w->set.http_host, ':') ? "http://[%s]:%u" : "http://%s:%u",
             w->set.http_host, port);
    evhttp_set_allowed_methods(h->server, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD);
    evhttp_set_max_headers_size(h->server, 16384);
    evhttp_set_max_body_size(h->server, 4096);
    evhttp_set_timeout(h->server, 30);
    evhttp_set_gencb(h->server, serve, h);
    return true;
}

void http_close(struct http *h)
{
    if (h->server)
        evhttp_free(h->server);
    h->server = NULL;
}
