// SPDX-License-Identifier: Apache-2.0
// The HTTP side, on libevent's server: probes, metrics, and the JSON that scripts and scalers read.
//
//   /healthz   the loop turns (it answers)                        open
//   /readyz    Redis answered a PING within a second              open
//   /metrics   Prometheus; asks Redis for the depths first        open
//   /v1/queues, /v1/queues/NAME   JSON                            token with `read`
//
// No web page can reach it: the Host must be an IP address, localhost, this machine's name or a --http-name, and a request
// that changes something needs the header X-Krait: 1 and no foreign Origin.

#ifndef KRAIT_BROKER_HTTP_H
#define KRAIT_BROKER_HTTP_H

#include <event2/http.h>

#include "sdk/base/list.h"

#define HTTP_ASKS UINT32_MAX    // the index of a batch_ref whose `who` is one of our questions

struct broker;

struct http {
    struct broker *broker;      // backlink
    struct evhttp *server;      // owned, NULL = off
    struct list asks;           // questions that wait for Redis
    char url[300];
    uint64_t requests;
};

bool http_open(struct http *h, struct broker *b, char *why, size_t why_size);
void http_close(struct http *h);

// A queue of a question was looked at.
void http_answered(void *who, bool whole);

#endif
