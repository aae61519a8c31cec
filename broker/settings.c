// SPDX-License-Identifier: Apache-2.0
// The table of settings and what is refused because it would not be safe.

#include "broker/settings.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sdk/base/log_options.h"

#define AT(field) offsetof(struct settings, field)

static const struct conf_option options[] = {
    { "listen", CONF_LIST, AT(listen), .fallback = URL_DEFAULT, .metavar = "URL",
      .help = "krait://HOST[:PORT] or unix:///PATH; may be given several times; port 0 = any free one" },
    { "http", CONF_STRING, AT(http), .fallback = "127.0.0.1:7249", .metavar = "HOST:PORT",
      .help = "probes, metrics and the API; off = none" },
    { "http-name", CONF_LIST, AT(http_names), .metavar = "NAME",
      .help = "a name under which the HTTP side is reached, besides addresses, localhost and this machine's name" },
    { "redis", CONF_STRING, AT(redis), .fallback = "embedded", .metavar = "embedded|redis://HOST[:PORT][/DB]|unix:///PATH",
      .help = "the store; embedded is a private redis-server" },
    { "redis-password", CONF_STRING, AT(redis_password), .env = "KRAIT_REDIS_PASSWORD", .secret = true,
      .metavar = "TEXT", .help = "for an outside Redis; better in the environment than on the command line" },
    { "data", CONF_STRING, AT(data), .metavar = "DIR",
      .help = "keep the embedded Redis there; without it, nothing survives the broker" },
    { "redis-memory", CONF_SIZE, AT(memory), .fallback = "0", .metavar = "SIZE",
      .help = "limit of the embedded Redis, beyond which enqueue answers FULL; 0 = none" },
    { "durability", CONF_STRING, AT(durability), .fallback = "everysec", .metavar = "everysec|always|replicas=N",
      .help = "when a task is accepted: once Redis has it (which may lose the last 2 s when it is killed), once it is on the disk, or with N replicas" },
    { "tokens", CONF_STRING, AT(tokens), .metavar = "FILE", .help = "who may what; read again on SIGHUP" },
    { "insecure", CONF_FLAG, AT(insecure), .help = "allow public addresses without --tokens" },
    { "unknown-after", CONF_DURATION, AT(unknown_after_ms), .fallback = "60s", .metavar = "TIME",
      .help = "a task whose name no worker knows is dead after this" },
    { "ttl", CONF_DURATION, AT(ttl_ms), .fallback = "15s", .metavar = "TIME", .min = 300, .max = 600000,
      .help = "a session that is silent for this long is dead" },
    { "grace", CONF_DURATION, AT(grace_ms), .fallback = "5s", .metavar = "TIME", .min = 0, .max = 600000,
      .help = "how long a worker whose connection dropped may come back" },
    { "max-connections", CONF_INT, AT(max_connections), .fallback = "10000", .metavar = "N", .min = 1, .max = 1000000,
      .help = "client connections at once" },
    LOG_OPTIONS(settings),
    { "check-config", CONF_FLAG, AT(check_config), .flag_only = true, .help = "print what holds and end" },
};

const struct conf_program settings_program = {
    .name = "krait-broker",
    .env = "KRAIT_BROKER_",
    .usage = "[OPTION…]",
    .summary = "The broker: takes tasks from producers, keeps them in Redis, hands them to workers.",
    .notes = "SIGTERM ends it in order, SIGHUP reads the tokens again. Prints `ready listen=… http=…` once it is ready.",
    .options = options,
    .n = sizeof options / sizeof options[0],
};

static int wrong(const char *format, const char *what)
{
    return conf_usage(&settings_program, format, what);
}

static int check_listen(struct settings *s)
{
    char why[200];
    for (size_t i = 0; i < s->listen.n; i++) {
        if (s->n_urls == sizeof s->urls / sizeof s->urls[0])
            return wrong("too many --listen%s", "");
        struct url *u = &s->urls[s->n_urls++];
        if (!url_parse(s->listen.v[i], u, why, sizeof why))
            return conf_usage(&settings_program, "--listen %s: %s", s->listen.v[i], why);
        if (u->kind == URL_TLS)
            return wrong("--listen %s: TLS is not built yet; put a TLS proxy in front", s->listen.v[i]);
        if (!url_is_local(u) && !s->tokens && !s->insecure)
            return wrong("--listen %s is a public address and there is no --tokens FILE; give one, or --insecure",
                         s->listen.v[i]);
    }
    return s->n_urls ? 0 : wrong("no address to listen on; give --listen%s", "");
}

static int check_http(struct settings *s)
{
    s->http_on = s->http && *s->http && strcmp(s->http, "off") != 0;
    if (!s->http_on)
        return 0;
    if (!url_host_port(s->http, s->http_host, sizeof s->http_host, &s->http_port))
        return wrong("--http %s: want HOST:PORT, or off", s->http);
    if (!s->http_host[0])
        snprintf(s->http_host, sizeof s->http_host, "0.0.0.0");
    if (!url_host_is_local(s->http_host) && !s->tokens && !s->insecure)
        return wrong("--http %s is a public address and there is no --tokens FILE; give one, or --insecure", s->http);
    return 0;
}

// 1..16, else 0.
static int count(const char *text)
{
    char *end;
    long n = strtol(text, &end, 10);
    return *text >= '0' && *text <= '9' && !*end && n >= 1 && n <= 16 ? (int)n : 0;
}

static int check_durability(struct settings *s)
{
    if (strcmp(s->durability, "everysec") == 0)
        s->durable = DURABILITY_EVERYSEC;
    else if (strcmp(s->durability, "always") == 0)
        s->durable = DURABILITY_ALWAYS;
    else if (strncmp(s->durability, "replicas=", 9) == 0 && (s->replicas = count(s->durability + 9)))
        s->durable = DURABILITY_REPLICAS;
    else
        return wrong("--durability %s: want everysec, always or replicas=N", s->durability);
    if (strcmp(s->redis, "embedded") == 0 && s->replicas)
        return wrong("--durability %s is for an outside Redis; the embedded one has no replicas", s->durability);
    return 0;
}

int settings_check(struct settings *s)
{
    int bad = check_listen(s);
    if (!bad)
        bad = check_http(s);
    if (!bad)
        bad = check_durability(s);
    if (!bad && strcmp(s->redis, "embedded") != 0 && s->data)
        bad = wrong("--data is for the embedded Redis; leave it out with --redis %s", s->redis);
    enum log_level level;
    if (!bad && !log_level_parse(s->log_level, &level))
        bad = wrong("--log-level %s: want debug, info, warn or error", s->log_level);
    s->beat_ms = s->ttl_ms / 3;
    return bad;
}
