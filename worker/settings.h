// SPDX-License-Identifier: Apache-2.0
// What krait-worker was told: flags, environment, file; checked. What the machine offers is limit.h's.

#ifndef KRAIT_WORKER_SETTINGS_H
#define KRAIT_WORKER_SETTINGS_H

#include "sdk/base/conf.h"
#include "sdk/base/url.h"
#include "sdk/wire/msg.h"

#define SETTINGS_BROKERS 16

struct settings {
    char *app;
    struct conf_list brokers;
    int mode;                 // index; see settings_free_threaded
    int64_t processes;        // 0 = by the cores
    int64_t threads;          // a process; 0 = 1 in gil, the cores in free-threaded
    struct conf_list queues;
    char *http;
    bool burst;
    int64_t drain_ms;
    int64_t prefetch;         // a slot
    char *name;
    char *cgroup_root;
    char *log_level;
    int log_format;
    bool check_config;
    // derived by settings_check
    struct url urls[SETTINGS_BROKERS];
    size_t n_urls;
    struct msg_queue_weight *weights;   // owned; queue points into `queues`
    size_t n_weights;
    char *token;              // owned, NULL = none
    bool http_on;
    char http_host[256];
    uint16_t http_port;
};

extern const struct conf_program settings_program;

static inline bool settings_free_threaded(const struct settings *s)
{
    return s->mode == 1;
}

// Fills the derived part. 0, or 2 after the one line on standard error.
int settings_check(struct settings *s);
void settings_free(struct settings *s);

#endif
