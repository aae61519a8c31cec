// SPDX-License-Identifier: Apache-2.0
// krait enqueue TASK [ARG…]: sends one task; arguments are JSON, what is no JSON is a string.

#include <stdlib.h>
#include <string.h>

#include "sdk/base/clock.h"
#include "sdk/cli/cli.h"

struct settings {
    char *broker, *queue, *id, *eta, *unique, *group, *rate_key, *rate_limit;
    struct conf_list kwargs, headers;
    int64_t delay_ms, expires_ms, priority, max_retries, retry_ms, soft_ms, hard_ms, memory, unique_ttl_ms, result_ttl_ms, wait_ms;
    int conflict;
};

#define KEEP_DEFAULT "36501d"      // --result-ttl that was not given

#define AT(field) offsetof(struct settings, field)

static const char *const conflicts[] = { "reject", "existing", "replace", NULL };

static const struct conf_option options[] = {
    { .name = "kw", .kind = CONF_LIST, .offset = AT(kwargs), .spaces = true, .flag_only = true, .metavar = "NAME=VALUE",
      .help = "a keyword argument; VALUE is JSON or else a string" },
    { .name = "queue", .kind = CONF_STRING, .offset = AT(queue), .flag_only = true, .metavar = "Q",
      .help = "instead of the queue \"default\"" },
    { .name = "delay", .kind = CONF_DURATION, .offset = AT(delay_ms), .flag_only = true, .metavar = "5s",
      .help = "start no sooner than after this" },
    { .name = "eta", .kind = CONF_STRING, .offset = AT(eta), .flag_only = true, .metavar = "TIME",
      .help = "start no sooner than at this moment: 2026-01-31T12:00:00+01:00" },
    { .name = "expires", .kind = CONF_DURATION, .offset = AT(expires_ms), .flag_only = true, .metavar = "1h",
      .help = "drop it when it has not started by then" },
    { .name = "priority", .kind = CONF_INT, .offset = AT(priority), .flag_only = true, .fallback = "-1", .min = -1,
      .max = 9, .metavar = "0..9", .help = "9 first" },
    { .name = "max-retries", .kind = CONF_INT, .offset = AT(max_retries), .flag_only = true, .fallback = "-1", .min = -1,
      .max = 1000000, .metavar = "N", .help = "run it again when it fails; -1 = as the task says" },
    { .name = "retry-delay", .kind = CONF_DURATION, .offset = AT(retry_ms), .flag_only = true, .metavar = "5s",
      .help = "before the first retry, doubled for each further one; with --max-retries" },
    { .name = "soft-time-limit", .kind = CONF_DURATION, .offset = AT(soft_ms), .flag_only = true, .metavar = "30s",
      .help = "raise SoftTimeLimit in the task after this" },
    { .name = "time-limit", .kind = CONF_DURATION, .offset = AT(hard_ms), .flag_only = true, .metavar = "1m",
      .help = "end the task after this" },
    { .name = "memory-limit", .kind = CONF_SIZE, .offset = AT(memory), .flag_only = true, .metavar = "64M",
      .help = "end the task when it holds more" },
    { .name = "result-ttl", .kind = CONF_DURATION, .offset = AT(result_ttl_ms), .flag_only = true, .fallback = KEEP_DEFAULT,
      .metavar = "1h", .help = "keep the result so long; 0 = keep none" },
    { .name = "unique-key", .kind = CONF_STRING, .offset = AT(unique), .flag_only = true, .metavar = "KEY",
      .help = "only one task with this key at a time" },
    { .name = "unique-ttl", .kind = CONF_DURATION, .offset = AT(unique_ttl_ms), .flag_only = true, .metavar = "1h",
      .help = "give the unique key up after this" },
    { .name = "conflict", .kind = CONF_CHOICE, .offset = AT(conflict), .flag_only = true, .choices = conflicts,
      .fallback = "reject", .help = "when the unique key is taken" },
    { .name = "group", .kind = CONF_STRING, .offset = AT(group), .flag_only = true, .metavar = "KEY",
      .help = "share the queue fairly among such groups" },
    { .name = "rate-key", .kind = CONF_STRING, .offset = AT(rate_key), .flag_only = true, .metavar = "KEY",
      .help = "the queue's key-rate holds for each such key" },
    { .name = "rate-limit", .kind = CONF_STRING, .offset = AT(rate_limit), .flag_only = true, .metavar = "10/m",
      .help = "no more starts than this for each rate key, or else for the task; /s /m /h /d" },
    { .name = "header", .kind = CONF_LIST, .offset = AT(headers), .spaces = true, .flag_only = true, .metavar = "NAME=TEXT",
      .help = "travels with the task" },
    { .name = "id", .kind = CONF_STRING, .offset = AT(id), .flag_only = true, .metavar = "KEY",
      .help = "its key, so that sending it again does not make a second one" },
    CLI_WAIT(settings),
    CLI_BROKER(settings),
};

static const struct conf_program program = {
    .name = "krait enqueue",
    .usage = "TASK [ARG…] [OPTION…]",
    .summary = "Sends a task and prints its id, or with --wait its result. Each ARG is JSON; what is no JSON is a string.",
    .notes = "Behind TASK everything that is not one of these options is an argument, -5 too; behind -- everything is.",
    .options = options, .n = sizeof options / sizeof options[0], .lenient = true,
};

// JSON, else the text itself.
static struct krait_value *value_of(const char *text)
{
    struct krait_value *v = krait_value_from_json(text, NULL);
    return v ? v : krait_value_text(text);
}

static struct krait_value *read_args(const struct conf_args *a)
{
    struct krait_value *list = krait_value_container(KRAIT_LIST);
    for (size_t i = 1; i < a->n; i++)
        krait_value_append(list, value_of(a->v[i]));
    return list;
}

// NULL when one is not NAME=VALUE: *wrong is it.
static struct krait_value *read_kwargs(const struct conf_list *l, const char **wrong)
{
    struct krait_value *dict = krait_value_container(KRAIT_DICT);
    for (size_t i = 0; i < l->n; i++) {
        const char *equals = strchr(l->v[i], '=');
        if (!equals || equals == l->v[i]) {
            *wrong = l->v[i];
            krait_value_free(dict);
            return NULL;
        }
        krait_value_put(dict, krait_value_text_n(l->v[i], (size_t)(equals - l->v[i])), value_of(equals + 1));
    }
    return dict;
}

static int wait_and_print(struct krait *k, const char *id, int64_t ms)
{
    struct krait_result *r;
    enum krait_error err = krait_wait(k, id, ms, &r);
    if (err)
        return cli_failed(k, err);
    int code = cli_print_result(r);
    krait_result_free(r);
    return code;
}

static int send_task(const struct settings *s, const struct krait_task *task)
{
    int code;
    int64_t wait_ms;
    char id[KRAIT_ID_SIZE];
    struct krait *k = cli_connect(s->broker, &code);
    if (!k)
        return code;
    enum krait_error err = krait_enqueue(k, task, id);
    if (*krait_warning(k))
        fprintf(stderr, "krait: %s\n", krait_warning(k));
    if (err)
        code = cli_failed(k, err);
    else if (cli_wait_ms(s->wait_ms, &wait_ms))
        code = wait_and_print(k, id, wait_ms);
    else
        code = puts(id) < 0 || fflush(stdout) ? CLI_FAILED : CLI_OK;
    krait_close(k);
    return code;
}

// Splits NAME=TEXT in place; NULL when one is not: *wrong is it. For free(3).
static const char *(*read_headers(const struct conf_list *l, const char **wrong))[2]
{
    const char *(*out)[2] = calloc(l->n + 1, sizeof *out);
    for (size_t i = 0; out && i < l->n && !*wrong; i++) {
        char *equals = strchr(l->v[i], '=');
        if (!equals || equals == l->v[i]) {
            *wrong = l->v[i];
        } else {
            *equals = 0;
            out[i][0] = l->v[i];
            out[i][1] = equals + 1;
        }
    }
    return out;
}

static void set_policy(const struct settings *s, struct krait_task *task)
{
    int64_t keep_default;
    conf_duration(KEEP_DEFAULT, &keep_default);
    task->max_retries = (int)s->max_retries;
    if (s->retry_ms) {
        task->backoff = KRAIT_EXPONENTIAL;
        task->backoff_base_ms = s->retry_ms;
    }
    task->soft_limit_ms = s->soft_ms;
    task->hard_limit_ms = s->hard_ms;
    task->memory_limit = s->memory;
    task->result_ttl_ms = s->result_ttl_ms == keep_default ? -1 : s->result_ttl_ms;
    task->unique_key = s->unique;
    task->unique_ttl_ms = s->unique_ttl_ms;
    task->conflict = (enum krait_conflict)s->conflict;
    task->group = s->group;
    task->rate_key = s->rate_key;
}

// 10/m: microseconds between two starts. False for anything else.
static bool read_rate(const char *text, int64_t *us)
{
    static const struct { char unit; double seconds; } units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
    char *end;
    double count = strtod(text, &end);
    if (end == text || !(count > 0) || *end != '/' || !end[1] || end[2])
        return false;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        double each = units[i].seconds * 1e6 / count;
        if (units[i].unit == end[1] && each >= 1 && each <= 1e11) {
            *us = (int64_t)(each + 0.5);
            return true;
        }
    }
    return false;
}

static int run(const void *settings, const struct conf_args *a)
{
    const struct settings *s = settings;
    struct wall eta = { 0 };
    int64_t rate_us = 0;
    const char *wrong = NULL;
    if (a->n == 0)
        return conf_usage(&program, "wants the name of a task, such as tasks.add; try krait enqueue --help");
    if (s->eta && !wall_parse(s->eta, &eta))
        return conf_usage(&program, "--eta is '%s', but wants a moment like 2026-01-31T12:00:00+01:00", s->eta);
    if (s->rate_limit && !read_rate(s->rate_limit, &rate_us))
        return conf_usage(&program, "--rate-limit is '%s', but wants starts in a time, like 10/m", s->rate_limit);
    struct krait_task task = KRAIT_TASK(a->v[0]);
    task.rate_us = rate_us;
    struct krait_value *args = read_args(a), *kwargs = read_kwargs(&s->kwargs, &wrong);
    task.args = args;
    task.kwargs = kwargs;
    task.queue = s->queue;
    task.key = s->id;
    task.priority = (int)s->priority;
    set_policy(s, &task);
    task.delay_ms = s->delay_ms;
    task.eta_ms = eta.ms;
    task.expires_ms = s->expires_ms;
    const char *wrong_header = NULL;
    const char *(*headers)[2] = read_headers(&s->headers, &wrong_header);
    task.headers = (const char *const (*)[2])headers;
    task.n_headers = headers ? s->headers.n : 0;
    int code = wrong ? conf_usage(&program, "--kw is '%s', but wants NAME=VALUE", wrong)
             : wrong_header ? conf_usage(&program, "--header is '%s', but wants NAME=TEXT", wrong_header) : send_task(s, &task);
    free(headers);
    krait_value_free(args);
    krait_value_free(kwargs);
    return code;
}

const struct cli_command cmd_enqueue = {
    .word = "enqueue", .help = "send a task, and with --wait print its result",
    .program = &program, .size = sizeof(struct settings), .run = run, .most = CLI_ANY,
};
