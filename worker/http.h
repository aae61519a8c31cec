// SPDX-License-Identifier: Apache-2.0
// The worker's HTTP side, on libevent's server: probes and metrics, answered by the supervisor, so also while Python spins.
// The numbers are collected by metrics.c.
//
//   /healthz   the loop turns (it answers)
//   /readyz    the session is live, the broker was heard of lately, a child is live
//   /metrics   Prometheus text

#ifndef KRAIT_WORKER_HTTP_H
#define KRAIT_WORKER_HTTP_H

#include <stdbool.h>
#include <stddef.h>

struct worker;
struct evhttp;
struct buf;

struct http {
    struct worker *worker;     // backlink
    struct evhttp *server;     // owned, NULL = off
    char url[300];
};

// True also when it is off. False: why.
bool http_open(struct http *h, struct worker *w, char *why, size_t why_size);
void http_close(struct http *h);

// metrics.c: the whole text.
void metrics_write(const struct worker *w, struct buf *out);

#endif
