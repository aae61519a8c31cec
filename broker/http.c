// SPDX-License-Identifier: Apache-2.0
// Serving HTTP. Numbers come from metrics.c and from Redis through the store's batches.

#include "broker/http.h"

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/keyvalq_struct.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker/broker.h"
#include "sdk/base/mem.h"

#define PATIENCE_MS 1000        // for what Redis has to say
#define TEXT  "text/plain; charset=utf-8"
#define PROM  "text/plain; version=0.0.4; charset=utf-8"
#define JSON  "application/json"

enum question { ASK_READY, ASK_METRICS, ASK_QUEUES, ASK_QUEUE };

struct ask {
    struct link link;                   // on http.asks
    struct redis_cmd cmd;
    struct alarm alarm;
    struct http *http;                  // backlink
    struct evhttp_request *request;     // NULL once answered
    enum question question;
    struct token token;
    struct space *space;
    struct queue *queue;
    uint32_t left;                      // queues, or the PING
    bool failed;
};

static void reply(struct evhttp_request *q, int code, const char *type, const struct buf *body)
{
    struct evkeyvalq *head = evhttp_request_get_output_headers(q);
    struct evbuffer *out = evhttp_request_get_output_buffer(q);
    evhttp_add_header(head, "Content-Type", type);
    evhttp_add_header(head, "Cache-Control", "no-store");
    evhttp_add_header(head, "X-Content-Type-Options", "nosniff");
    if (buf_len(body))
        evbuffer_add(out, buf_slice(body).p, buf_len(body));
    evhttp_send_reply(q, code, NULL, NULL);
}

static void reply_text(struct evhttp_request *q, int code, const char *text)
{
    struct buf body = { 0 };
    buf_printf(&body, "%s\n", text);
    reply(q, code, TEXT, &body);
    buf_free(&body);
}

// ---- who may come in

static bool is_address(const char *host, size_t n)
{
    char text[64];
    struct in6_addr any;
    if (n >= sizeof text)
        return false;
    snprintf(text, sizeof text, "%.*s", (int)n, host);
    if (text[0] == '[')
        return true;     // only addresses stand in brackets
    return inet_pton(AF_INET, text, &any) == 1;
}

// A page that plays tricks with DNS comes under a name, never under an address.
static bool host_ok(const struct broker *b, const char *host)
{
    char own[256] = "";
    if (!host)
        return true;
    size_t n = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
    struct slice name = slice_of(host, n);
    gethostname(own, sizeof own - 1);
    if (is_address(host, n) || slice_is(name, "localhost") || slice_is(name, own) || slice_is(name, b->set.http_host))
        return true;
    for (size_t i = 0; i < b->set.http_names.n; i++)
        if (slice_is(name, b->set.http_names.v[i]))
            return true;
    return false;
}

static bool changes(struct evhttp_request *q)
{
    enum evhttp_cmd_type method = evhttp_request_get_command(q);
    return method != EVHTTP_REQ_GET && method != EVHTTP_REQ_HEAD;
}

static bool from_page(struct evhttp_request *q)
{
    struct evkeyvalq *head = evhttp_request_get_input_headers(q);
    const char *mark = evhttp_find_header(head, "X-Krait"), *origin = evhttp_find_header(head, "Origin");
    const char *host = evhttp_find_header(head, "Host");
    if (!mark || strcmp(mark, "1") != 0)
        return true;
    const char *at = origin ? strstr(origin, "://") : NULL;
    return origin && (!at || !host || strcmp(at + 3, host) != 0);
}

static bool token_ok(struct broker *b, struct evhttp_request *q, struct token *out)
{
    const char *h = evhttp_find_header(evhttp_request_get_input_headers(q), "Authorization");
    const char *secret = h && strncmp(h, "Bearer ", 7) == 0 ? h + 7 : "";
    return tokens_find(&b->tokens, slice_text(secret), out);
}

// ---- answers that wait for Redis

static void put_queue(struct buf *out, const struct queue *q)
{
    buf_printf(out, "{\"queue\":\"%s\",\"depth\":%" PRIu64 ",\"delayed\":%" PRIu64 ",\"in_flight\":%" PRIu64
               ",\"dead\":%" PRIu64 ",\"oldest_age_ms\":%" PRIu64 ",\"paused\":%s,\"workers\":%zu"
               ",\"desired_workers\":%" PRIu64 "}",
               q->name, q->depth[0], q->depth[1], q->depth[2], q->depth[3], q->oldest_ms,
               q->paused ? "true" : "false", q->part->subs.n, metrics_desired(q));
}

static void put_queues(struct buf *out, const struct ask *a)
{
    size_t at = 0;
    bool first = true;
    buf_put_text(out, "{\"queues\":[");
    for (struct map_slot *slot; (slot = map_walk(&a->space->queues, &at));) {
        if (!token_may(&a->token, RIGHT_READ, slot->key))
            continue;
        buf_put_text(out, first ? "\n" : ",\n");
        put_queue(out, slot->value);
        first = false;
    }
    buf_put_text(out, "]}\n");
}

static void speak(struct ask *a)
{
    struct buf body = { 0 };
    bool ok = !a->failed;
    switch (a->question) {
    case ASK_READY:
        reply_text(a->request, ok ? 200 : 503, ok ? "ready" : "the store does not answer");
        break;
    case ASK_METRICS:
        metrics_write(a->http->broker, &body);
        reply(a->request, 200, PROM, &body);
        break;
    case ASK_QUEUES:
        put_queues(&body, a);
        reply(a->request, ok ? 200 : 503, JSON, &body);
        break;
    case ASK_QUEUE:
        put_queue(&body, a->queue);
        buf_put_text(&body, "\n");
        reply(a->request, ok ? 200 : 503, JSON, &body);
        break;
    }
    buf_free(&body);
    a->request = NULL;
    alarm_clear(&a->http->broker->loop, &a->alarm);
}

static void settle(struct ask *a)
{
    if (a->request && (!a->left || a->failed))
        speak(a);
    if (a->left)
        return;
    list_remove(&a->http->asks, &a->link);
    mem_free(MEM_HTTP, a, sizeof *a);
}

static void too_late(struct alarm *alarm)
{
    struct ask *a = LIST_ITEM(alarm, struct ask, alarm);
    a->failed = true;
    settle(a);
}

static void ponged(struct redis_cmd *c, const struct reply *r)
{
    struct ask *a = LIST_ITEM(c, struct ask, cmd);
    a->left--;
    a->failed |= !r || r->kind == REPLY_ERROR;
    settle(a);
}

void http_answered(void *who, bool whole)
{
    struct ask *a = who;
    a->left--;
    a->failed |= !whole;
    settle(a);
}

static struct ask *ask_new(struct http *h, struct evhttp_request *q, enum question question)
{
    struct ask *a = mem_zalloc(MEM_HTTP, 1, sizeof *a);
    if (!a) {
        reply_text(q, 503, "out of memory");
        return NULL;
    }
    a->http = h;
    a->request = q;
    a->question = question;
    a->left = 1;          // ours, until all is asked
    a->cmd.done = ponged;
    link_init(&a->link);
    list_append(&h->asks, &a->link);
    alarm_init(&a->alarm, too_late);
    alarm_in(&h->broker->loop, &a->alarm, PATIENCE_MS);
    return a;
}

static void look_at(struct ask *a, struct queue *q)
{
    struct batch *b = part_batch(q->part, BATCH_STATS);
    if (!b) {
        a->failed = true;
        return;
    }
    batch_add(b, 0, a, HTTP_ASKS);
    a->left++;
}

static void all_asked(struct ask *a)
{
    a->left--;
    settle(a);
}

// ---- the pages

static void healthz(struct http *h, struct evhttp_request *q)
{
    (void)h;
    reply_text(q, 200, "ok");
}

static void readyz(struct http *h, struct evhttp_request *q)
{
    struct ask *a;
    if (!h->broker->ready || h->broker->stopping || !store_is_ready(&h->broker->store))
        reply_text(q, 503, h->broker->stopping ? "stopping" : "the store does not answer");
    else if ((a = ask_new(h, q, ASK_READY)))
        store_send(&h->broker->store, &a->cmd, 1, (const struct slice[]){ slice_text("PING") });
}

static void metrics(struct http *h, struct evhttp_request *q)
{
    struct store *s = &h->broker->store;
    struct ask *a = ask_new(h, q, ASK_METRICS);
    if (!a)
        return;
    store_list_spaces(s);      // what others made meanwhile is seen the next time
    for (struct link *x = list_first(&s->parts); x; x = list_next(&s->parts, x))
        look_at(a, LIST_ITEM(x, struct part, all)->queue);
    all_asked(a);
}

static struct space *space_asked(struct http *h, struct evhttp_request *q, const struct token *token)
{
    struct evkeyvalq query;
    const char *uri = evhttp_request_get_uri(q), *ns = NULL;
    char name[ID_NAME_MAX + 1] = ID_NS;
    if (evhttp_parse_query_str(strchr(uri, '?') ? strchr(uri, '?') + 1 : "", &query) == 0)
        ns = evhttp_find_header(&query, "ns");
    if (ns && id_name_ok(slice_text(ns)))
        snprintf(name, sizeof name, "%s", ns);
    else if (!ns && strcmp(token->ns, "*") != 0)
        snprintf(name, sizeof name, "%s", token->ns);
    evhttp_clear_headers(&query);
    return token_ns(token, slice_text(name)) ? store_space(&h->broker->store, slice_text(name)) : NULL;
}

static void queues(struct http *h, struct evhttp_request *q, const struct token *token, const char *name)
{
    struct space *sp = space_asked(h, q, token);
    struct queue *one = sp && *name && id_name_ok(slice_text(name)) ? map_get(&sp->queues, slice_text(name)) : NULL;
    if (!sp || (*name && (!one || !token_may(token, RIGHT_READ, slice_text(name))))) {
        reply_text(q, sp ? 404 : 403, sp ? "no such queue" : "the token has no right to this namespace");
        return;
    }
    struct ask *a = ask_new(h, q, one ? ASK_QUEUE : ASK_QUEUES);
    if (!a)
        return;
    a->token = *token;
    a->space = sp;
    a->queue = one;
    size_t at = 0;
    store_list_queues(sp);
    if (one)
        look_at(a, one);
    else
        for (struct map_slot *slot; (slot = map_walk(&sp->queues, &at));)
            look_at(a, slot->value);
    all_asked(a);
}

static void v1(struct http *h, struct evhttp_request *q, const char *path)
{
    struct token token;
    if (changes(q)) {
        reply_text(q, from_page(q) ? 403 : 405, from_page(q) ? "a changing request needs X-Krait: 1 and no foreign Origin"
                                                             : "nothing can be changed here yet");
        return;
    }
    if (!token_ok(h->broker, q, &token) || !(token.rights & RIGHT_READ)) {
        evhttp_add_header(evhttp_request_get_output_headers(q), "WWW-Authenticate", "Bearer");
        reply_text(q, 401, "want Authorization: Bearer TOKEN with the right to read");
        return;
    }
    if (strcmp(path, "/v1/queues") == 0)
        queues(h, q, &token, "");
    else if (strncmp(path, "/v1/queues/", 11) == 0)
        queues(h, q, &token, path + 11);
    else
        reply_text(q, 404, "not found");
}

static const struct {
    const char *path;
    void (*run)(struct http *, struct evhttp_request *);
    bool any_host;
} pages[] = {
    { "/healthz", healthz, true },
    { "/readyz",  readyz,  true },
    { "/metrics", metrics, false },
};

static void serve(struct evhttp_request *q, void *arg)
{
    struct http *h = arg;
    loop_wake(&h->broker->loop);
    const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(q);
    const char *path = uri ? evhttp_uri_get_path(uri) : NULL;
    const char *host = evhttp_find_header(evhttp_request_get_input_headers(q), "Host");
    h->requests++;
    if (!path)
        path = "";
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++)
        if (strcmp(path, pages[i].path) == 0 && (pages[i].any_host || host_ok(h->broker, host))) {
            if (changes(q))
                reply_text(q, 405, "only GET");
            else
                pages[i].run(h, q);
            return;
        }
    if (!host_ok(h->broker, host))
        reply_text(q, 403, "unknown Host; name it with --http-name");
    else if (strncmp(path, "/v1/", 4) == 0)
        v1(h, q, path);
    else
        reply_text(q, 404, "not found");
}

bool http_open(struct http *h, struct broker *b, char *why, size_t why_size)
{
    *h = (struct http){ .broker = b };
    list_init(&h->asks);
    if (!b->set.http_on)
        return true;
    h->server = evhttp_new(b->loop.base);
    struct evhttp_bound_socket *at =
        h->server ? evhttp_bind_socket_with_handle(h->server, b->set.http_host, b->set.http_port) : NULL;
    struct sockaddr_storage sa = { 0 };
    socklen_t n = sizeof sa;
    if (!at || getsockname(evhttp_bound_socket_get_fd(at), (struct sockaddr *)&sa, &n) < 0) {
        snprintf(why, why_size, "cannot listen for HTTP on %s:%u", b->set.http_host, b->set.http_port);
        return false;
    }
    unsigned port = ntohs(sa.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&sa)->sin6_port
                                                   : ((struct sockaddr_in *)&sa)->sin_port);
    bool v6 = strchr(b->set.http_host, ':') != NULL;
    snprintf(h->url, sizeof h->url, v6 ? "http://[%s]:%u" : "http://%s:%u", b->set.http_host, port);
    evhttp_set_allowed_methods(h->server, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD | EVHTTP_REQ_POST | EVHTTP_REQ_PUT |
                                              EVHTTP_REQ_DELETE | EVHTTP_REQ_PATCH | EVHTTP_REQ_OPTIONS);
    evhttp_set_max_headers_size(h->server, 16384);
    evhttp_set_max_body_size(h->server, 1 << 20);
    evhttp_set_timeout(h->server, 30);
    evhttp_set_gencb(h->server, serve, h);
    return true;
}

void http_close(struct http *h)
{
    struct link *x;
    while (h->broker && (x = list_pop(&h->asks))) {
        struct ask *a = LIST_ITEM(x, struct ask, link);
        alarm_clear(&h->broker->loop, &a->alarm);
        mem_free(MEM_HTTP, a, sizeof *a);
    }
    if (h->server)
        evhttp_free(h->server);
    h->server = NULL;
}
