// SPDX-License-Identifier: Apache-2.0
// krait-broker: start, signals, the end of a turn, an orderly stop. Everything else is in the parts that broker.h lists.

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "broker/broker.h"
#include "broker/op.h"
#include "sdk/base/mem.h"

#define STOP_MS 3000    // for the answers that are still on their way

// ---- turns

static bool something_flies(const struct broker *b)
{
    for (struct link *x = list_first(&b->store.parts); x; x = list_next(&b->store.parts, x))
        if (LIST_ITEM(x, struct part, all)->flying)
            return true;
    return !list_empty(&b->store.dirty);
}

static void turn_end(void *arg)
{
    struct broker *b = arg;
    conns_end_turn(&b->conns);
    store_flush(&b->store);
    conns_end_turn(&b->conns);
    sessions_end_turn(&b->sessions);
    if (b->stopping && (!something_flies(b) || !store_is_ready(&b->store)))
        loop_stop(&b->loop);
}

// ---- start

static void say_ready(const struct broker *b)
{
    char url[URL_TEXT_MAX];
    printf("ready listen=");
    for (size_t i = 0; i < b->conns.n_listeners; i++) {
        url_format(&b->conns.listeners[i].url, url);
        printf("%s%s", i ? "," : "", url);
    }
    printf(" http=%s\n", b->http.server ? b->http.url : "off");
    fflush(stdout);
}

void broker_fail(struct broker *b, const char *why)
{
    fprintf(stderr, "krait-broker: %s\n", why);
    b->status = 1;
    loop_stop(&b->loop);
}

void broker_ready(struct broker *b)
{
    char why[512];
    if (b->ready || b->stopping)
        return;
    if (!conns_listen(&b->conns, why, sizeof why)) {
        broker_fail(b, why);
        return;
    }
    b->ready = true;
    say_ready(b);
}

static bool outside_redis(struct broker *b, char *why, size_t why_size)
{
    const char *text = b->set.redis;
    char rest[300];
    struct redis_target *t = &b->target;
    if (strncmp(text, "unix://", 7) == 0) {
        if (strlen(text + 7) >= sizeof t->path) {
            snprintf(why, why_size, "--redis %s: the path is too long", text);
            return false;
        }
        snprintf(t->path, sizeof t->path, "%s", text + 7);
    } else if (strncmp(text, "redis://", 8) == 0 && !strchr(text, '@')) {
        snprintf(rest, sizeof rest, "%s", text + 8);
        char *slash = strchr(rest, '/');
        if (slash) {
            *slash = 0;
            t->db = atoi(slash + 1);
        }
        t->port = 6379;
        if (strrchr(rest, ':') ? !url_host_port(rest, t->host, sizeof t->host, &t->port) : !rest[0]) {
            snprintf(why, why_size, "--redis %s: want redis://HOST[:PORT][/DB]", text);
            return false;
        }
        if (!t->host[0])
            snprintf(t->host, sizeof t->host, "%.255s", rest);
    } else {
        snprintf(why, why_size, "--redis %.200s: want embedded, redis://HOST[:PORT][/DB] or unix:///PATH (the password "
                 "stands in KRAIT_REDIS_PASSWORD; TLS, Sentinel and Cluster are not built yet)", text);
        return false;
    }
    t->password = b->set.redis_password && *b->set.redis_password ? b->set.redis_password : NULL;
    return true;
}

static bool start_redis(struct broker *b, char *why, size_t why_size)
{
    if (strcmp(b->set.redis, "embedded") != 0)
        return true;    // checked before
    b->child = (struct redis_child){ .loop = &b->loop, .log = &b->log, .lock = -1, .memory = b->set.memory,
                                     .always = b->set.durable == DURABILITY_ALWAYS };
    if (!child_start(&b->child, b->set.data && *b->set.data ? b->set.data : NULL, why, why_size))
        return false;
    b->target = b->child.target;
    return true;
}

static void more_files(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static bool make_id(struct broker *b)
{
    uint8_t random[BROKER_ID / 2];
    if (!id_random_bytes(random, sizeof random))
        return false;
    id_hex(random, sizeof random, b->id);
    return true;
}

// ---- signals

static void tell_drain(struct broker *b)
{
    struct msg m = { .kind = MSG_STOP, .stop = { .why = STOP_DRAIN } };
    for (struct link *x = list_first(&b->sessions.all); x; x = list_next(&b->sessions.all, x)) {
        struct session *s = LIST_ITEM(x, struct session, all);
        if (s->conn)
            conn_send(s->conn, &m);
        s->credit = 0;      // no further claim
    }
}

static void out_of_patience(struct alarm *a)
{
    loop_stop(&LIST_ITEM(a, struct broker, end)->loop);
}

static void on_stop(evutil_socket_t number, short what, void *arg)
{
    struct broker *b = arg;
    (void)what;
    loop_wake(&b->loop);
    if (b->stopping) {
        loop_stop(&b->loop);
        return;
    }
    log_write(&b->log, LOG_INFO, "stopping", LOG_FIELDS(log_int("signal", number)));
    b->stopping = true;
    conns_stop_listening(&b->conns);
    starts_report(&b->sessions);
    tell_drain(b);
    alarm_init(&b->end, out_of_patience);
    alarm_in(&b->loop, &b->end, STOP_MS);
}

static void on_reload(evutil_socket_t number, short what, void *arg)
{
    struct broker *b = arg;
    char why[512];
    (void)number, (void)what;
    if (!b->set.tokens)
        return;
    if (tokens_load(&b->tokens, b->set.tokens, why, sizeof why))
        log_write(&b->log, LOG_INFO, "tokens read again", LOG_FIELDS(log_int("rows", (int64_t)b->tokens.n)));
    else
        log_write(&b->log, LOG_ERROR, "tokens not read: the old ones hold", LOG_FIELDS(log_text("why", why)));
}

static void watch_signals(struct broker *b)
{
    static const struct {
        int number;
        event_callback_fn run;
    } rows[] = { { SIGTERM, on_stop }, { SIGINT, on_stop }, { SIGQUIT, on_stop }, { SIGHUP, on_reload } };
    signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        evsignal_assign(&b->signals[i], b->loop.base, rows[i].number, rows[i].run, b);
        evsignal_add(&b->signals[i], NULL);
    }
}

// ---- the whole life

static void end(struct broker *b)
{
    http_close(&b->http);
    for (int i = 0; i < 4; i++)
        if (event_initialized(&b->signals[i]))
            evsignal_del(&b->signals[i]);
    sessions_free(&b->sessions);
    conns_free(&b->conns);
    store_close(&b->store);
    metrics_free(&b->metrics);
    loop_free(&b->loop);
    if (b->child.dir[0])
        child_stop(&b->child);
}

// All parts that need nothing from outside.
static bool init(struct broker *b)
{
    list_init(&b->spare);
    list_init(&b->orphans);
    list_init(&b->fresh);
    b->started = clock_wall();
    conns_init(&b->conns, b);
    sessions_init(&b->sessions, b);
    return make_id(b) && loop_init(&b->loop, turn_end, b);
}

static int run(struct broker *b)
{
    char why[512];
    if (!init(b)) {
        fprintf(stderr, "krait-broker: cannot start its event loop\n");
        return 1;
    }
    watch_signals(b);
    if (!start_redis(b, why, sizeof why) || !http_open(&b->http, b, why, sizeof why)) {
        fprintf(stderr, "krait-broker: %s\n", why);
        if (b->child.dir[0])
            child_stop(&b->child);
        return 1;
    }
    store_open(&b->store, b);
    loop_run(&b->loop);
    end(b);
    return b->status;
}

// Everything that can be wrong before anything is started. 0, or 2 after one line on standard error.
static int check(struct broker *b, const struct conf_args *args)
{
    char why[512];
    if (args->n)
        return conf_usage(&settings_program, "%s: no such option; see --help", args->v[0]);
    int bad = settings_check(&b->set);
    if (bad)
        return bad;
    if (strcmp(b->set.redis, "embedded") != 0 && !outside_redis(b, why, sizeof why))
        return conf_usage(&settings_program, "%s", why);
    if (b->set.tokens && !tokens_load(&b->tokens, b->set.tokens, why, sizeof why))
        return conf_usage(&settings_program, "--tokens: %s", why);
    return 0;
}

static int serve(struct broker *b)
{
    enum log_level level;
    log_level_parse(b->set.log_level, &level);
    log_init(&b->log, "krait-broker", 2, level, b->set.log_format ? LOG_JSON : LOG_TEXT);
    more_files();
    return run(b);
}

int main(int argc, char **argv)
{
    static struct broker b;
    struct conf_args args;
    switch (conf_load(&settings_program, argc, argv, &b.set, &args)) {
    case CONF_DONE:
        return 0;
    case CONF_BAD:
        return 2;
    case CONF_RUN:
        break;
    }
    int status = check(&b, &args);
    if (!status && b.set.check_config)
        conf_print(&settings_program, &b.set, stdout);
    else if (!status)
        status = serve(&b);
    tokens_free(&b.tokens);
    conf_free(&settings_program, &b.set, &args);
    return status;
}
