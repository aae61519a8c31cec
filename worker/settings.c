// SPDX-License-Identifier: Apache-2.0
// The table of settings and what is wrong with one. Reading them is left to sdk/base/conf.h.

#include "worker/settings.h"

#include <stdio.h>

#include "sdk/base/log_options.h"
#include "sdk/base/mem.h"
#include "worker/limit.h"

#define AT(field) offsetof(struct settings, field)

static const char *const modes[] = { "gil", "free-threaded", NULL };

static const struct conf_option options[] = {
    { "app", CONF_STRING, AT(app), .metavar = "FILE.py|MODULE",
      .help = "the task file; its tasks are named after the file's stem" },
    { "broker", CONF_LIST, AT(brokers), .fallback = URL_DEFAULT, .env = "KRAIT_BROKER", .metavar = "URL",
      .help = "krait://HOST[:PORT][/NAMESPACE] or unix:///PATH; several are tried in turn" },
    { "mode", CONF_CHOICE, AT(mode), .fallback = "gil", .metavar = "gil|free-threaded", .choices = modes,
      .help = "N processes with a lock each, or one process whose threads run at the same time" },
    { "processes", CONF_INT, AT(processes), .fallback = "0", .metavar = "N", .min = 0, .max = 1024,
      .help = "child processes; 0 = the cores that this container may use (1 in free-threaded)" },
    { "threads", CONF_INT, AT(threads), .fallback = "0", .metavar = "N", .min = 0, .max = 1024,
      .help = "threads a process; 0 = 1 in gil, the cores in free-threaded" },
    { "queues", CONF_LIST, AT(queues), .fallback = ID_QUEUE, .metavar = "a,b:3,c",
      .help = "queues to serve, with weights" },
    { "http", CONF_STRING, AT(http), .fallback = "off", .metavar = "HOST:PORT|off",
      .help = "serve /healthz /readyz /metrics there; port 0 = any free one" },
    { "burst", CONF_FLAG, AT(burst), .help = "end with status 0 once the queues are empty" },
    { "drain-timeout", CONF_DURATION, AT(drain_ms), .fallback = "30s", .metavar = "TIME", .min = 0, .max = 86400000,
      .help = "after SIGTERM what runs may go on for this long" },
    { "prefetch", CONF_INT, AT(prefetch), .fallback = "256", .metavar = "N", .min = 0, .max = 4096,
      .help = "short tasks fetched ahead, a slot at most; long ones never are" },
    { "name", CONF_STRING, AT(name), .metavar = "TEXT", .help = "what people call this worker; default HOST:PID" },
    { "cgroup-root", CONF_STRING, AT(cgroup_root), .fallback = LIMIT_CGROUP_ROOT, .metavar = "DIR",
      .help = "where the limits of this container stand" },
    LOG_OPTIONS(settings),
    { "check-config", CONF_FLAG, AT(check_config), .flag_only = true, .help = "print what holds and end" },
};

const struct conf_program settings_program = {
    .name = "krait-worker",
    .env = "KRAIT_WORKER_",
    .usage = "--app FILE.py|MODULE [OPTION…]",
    .summary = "The worker: takes tasks from a broker and runs them in its own Python interpreter.",
    .notes = "SIGTERM finishes what runs and ends, a second one gives it back at once; SIGTSTP takes no more tasks, SIGCONT goes\n"
             "on; SIGHUP loads the app again; SIGUSR1 logs what runs. The token stands in KRAIT_TOKEN or KRAIT_TOKEN_FILE.\n"
             "Prints `ready` once its session is live (`ready http=URL` with --http).",
    .options = options,
    .n = sizeof options / sizeof options[0],
};

static int check_brokers(struct settings *s)
{
    char why[200];
    for (size_t i = 0; i < s->brokers.n; i++) {
        if (s->n_urls == SETTINGS_BROKERS)
            return conf_usage(&settings_program, "--broker: at most %d addresses", SETTINGS_BROKERS);
        struct url *u = &s->urls[s->n_urls++];
        if (!url_parse(s->brokers.v[i], u, why, sizeof why))
            return conf_usage(&settings_program, "--broker %s: %s", s->brokers.v[i], why);
        if (u->kind == URL_TLS)
            return conf_usage(&settings_program, "--broker %s: TLS is not built yet; use a tunnel on a loopback address",
                              s->brokers.v[i]);
    }
    return s->n_urls ? 0 : conf_usage(&settings_program, "no broker; give --broker URL");
}

// One of "a,b:3,c".
static bool add_queue(struct settings *s, struct slice text)
{
    struct msg_queue_weight *w = &s->weights[s->n_weights];
    const uint8_t *colon = text.n ? memchr(text.p, ':', text.n) : NULL;
    *w = (struct msg_queue_weight){ .queue = text, .weight = 1 };
    if (colon) {
        char digits[16];
        int64_t n = 0;
        w->queue.n = (size_t)(colon - text.p);
        snprintf(digits, sizeof digits, "%.*s", SLICE_ARG(slice_from(text, w->queue.n + 1)));
        if (!conf_int(digits, &n) || n < 1 || n > 1000000)
            return false;
        w->weight = (uint32_t)n;
    }
    s->n_weights++;
    return id_name_ok(w->queue);
}

static int check_queues(struct settings *s)
{
    s->weights = mem_zalloc(MEM_CONF, LIMIT_QUEUES, sizeof *s->weights);
    for (size_t i = 0; s->weights && i < s->queues.n; i++) {
        struct slice rest = slice_text(s->queues.v[i]);
        while (rest.n) {
            const uint8_t *comma = memchr(rest.p, ',', rest.n);
            struct slice one = slice_of(rest.p, comma ? (size_t)(comma - rest.p) : rest.n);
            if (s->n_weights == LIMIT_QUEUES || !add_queue(s, one))
                return conf_usage(&settings_program, "--queues %s: want NAME[:WEIGHT],… with names of letters, digits and _ . -",
                                  s->queues.v[i]);
            rest = slice_from(rest, one.n + 1);
        }
    }
    return s->n_weights ? 0 : conf_usage(&settings_program, "no queue; give --queues NAME,…");
}

static int check_http(struct settings *s)
{
    s->http_on = s->http && *s->http && strcmp(s->http, "off") != 0;
    if (!s->http_on)
        return 0;
    if (!url_host_port(s->http, s->http_host, sizeof s->http_host, &s->http_port))
        return conf_usage(&settings_program, "--http %s: want HOST:PORT, or off", s->http);
    if (!s->http_host[0])
        snprintf(s->http_host, sizeof s->http_host, "0.0.0.0");
    return 0;
}

static int check_slots(struct settings *s)
{
    int cores = limit_cores(s->cgroup_root);
    if (settings_free_threaded(s)) {
        if (s->processes > 1)
            return conf_usage(&settings_program, "--mode free-threaded is one process; use --threads %lld",
                              (long long)s->processes);
        s->processes = 1;
        s->threads = s->threads ? s->threads : cores;
    } else {
        s->processes = s->processes ? s->processes : cores;
        s->threads = s->threads ? s->threads : 1;
    }
    return 0;
}

int settings_check(struct settings *s)
{
    enum log_level level;
    char why[300];
    if (!s->app || !*s->app)
        return conf_usage(&settings_program, "no app; give --app FILE.py or --app MODULE");
    int bad = check_brokers(s);
    if (!bad)
        bad = check_queues(s);
    if (!bad)
        bad = check_http(s);
    if (!bad)
        bad = check_slots(s);
    if (!bad && !log_level_parse(s->log_level, &level))
        bad = conf_usage(&settings_program, "--log-level %s: want debug, info, warn or error", s->log_level);
    if (!bad && !conf_token(&s->token, why, sizeof why))
        bad = conf_usage(&settings_program, "%s", why);
    return bad;
}

void settings_free(struct settings *s)
{
    mem_free(MEM_CONF, s->weights, s->weights ? LIMIT_QUEUES * sizeof *s->weights : 0);
    s->weights = NULL;
    mem_text_free(MEM_CONF, s->token);
    s->token = NULL;
}
