// SPDX-License-Identifier: Apache-2.0
// krait enqueue TASK [ARG…]: sends one task; arguments are JSON, what is no JSON is a string.

#include <stdlib.h>
#include <string.h>

#include "sdk/base/clock.h"
#include "sdk/cli/cli.h"

struct settings {
    char *broker, *queue, *id, *eta;
    struct conf_list kwargs;
    int64_t delay_ms, expires_ms, priority, max_retries, wait_ms;
};

#define AT(field) offsetof(struct settings, field)

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

static int run(const struct settings *s, const struct conf_args *a)
{
    struct wall eta = { 0 };
    const char *wrong = NULL;
    if (a->n == 0)
        return conf_usage(&program, "wants the name of a task, such as tasks.add; try krait enqueue --help");
    if (s->eta && !wall_parse(s->eta, &eta))
        return conf_usage(&program, "--eta is '%s', but wants a moment like 2026-01-31T12:00:00+01:00", s->eta);
    struct krait_task task = KRAIT_TASK(a->v[0]);
    struct krait_value *args = read_args(a), *kwargs = read_kwargs(&s->kwargs, &wrong);
    task.args = args;
    task.kwargs = kwargs;
    task.queue = s->queue;
    task.key = s->id;
    task.priority = (int)s->priority;
    task.max_retries = (int)s->max_retries;
    task.delay_ms = s->delay_ms;
    task.eta_ms = eta.ms;
    task.expires_ms = s->expires_ms;
    int code = wrong ? conf_usage(&program, "--kw is '%s', but wants NAME=VALUE", wrong) : send_task(s, &task);
    krait_value_free(args);
    krait_value_free(kwargs);
    return code;
}

int cmd_enqueue(int argc, char **argv)
{
    struct settings s;
    struct conf_args args;
    enum conf_result got = conf_load(&program, argc, argv, &s, &args);
    if (got != CONF_RUN)
        return got == CONF_DONE ? CLI_OK : CLI_USAGE;
    int code = run(&s, &args);
    conf_free(&program, &s, &args);
    return code;
}
