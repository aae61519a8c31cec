// SPDX-License-Identifier: Apache-2.0
// The settings of krait-broker. Their flags, defaults and help stand in settings.c; reading them is sdk/base/conf's job.

#ifndef KRAIT_BROKER_SETTINGS_H
#define KRAIT_BROKER_SETTINGS_H

#include "sdk/base/conf.h"
#include "sdk/base/log.h"
#include "sdk/base/url.h"

enum durability { DURABILITY_EVERYSEC, DURABILITY_ALWAYS, DURABILITY_REPLICAS };

struct settings {
    struct conf_list listen;
    char *http;
    struct conf_list http_names;
    char *redis;
    char *data;
    char *tokens;
    char *durability;
    char *redis_password;
    bool insecure;
    bool check_config;
    int64_t unknown_after_ms;
    int64_t ttl_ms, grace_ms, beat_ms;
    int64_t max_connections;
    int64_t memory;                // of the embedded Redis, 0 = no limit
    char *log_level;
    int log_format;

    // taken apart by settings_check
    struct url urls[16];
    size_t n_urls;
    char http_host[256];
    uint16_t http_port;
    bool http_on;
    enum durability durable;
    int replicas;                  // that must have what is promised; 0 = none
};

extern const struct conf_program settings_program;

// Takes the texts apart and applies what is safe by default. 0, or 2 after one line on standard error.
int settings_check(struct settings *s);

#endif
