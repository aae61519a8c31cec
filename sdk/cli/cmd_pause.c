// SPDX-License-Identifier: Apache-2.0
// krait pause, resume, purge: what an operator does to whole queues. Their settings are cmd_settings.c's.

#include <inttypes.h>

#include "sdk/cli/cli.h"

struct settings {
    char *broker;
    bool yes, queued, delayed, dead;
};

#define AT(field) offsetof(struct settings, field)

static const struct conf_option pause_options[] = { CLI_BROKER(settings) };

static const struct conf_option purge_options[] = {
    { .name = "yes", .kind = CONF_FLAG, .offset = AT(yes), .flag_only = true, .help = "needed: it cannot be undone" },
    { .name = "queued", .kind = CONF_FLAG, .offset = AT(queued), .flag_only = true, .help = "what waits to run" },
    { .name = "delayed", .kind = CONF_FLAG, .offset = AT(delayed), .flag_only = true, .help = "what waits for its time" },
    { .name = "dead", .kind = CONF_FLAG, .offset = AT(dead), .flag_only = true, .help = "dead letters" },
    CLI_BROKER(settings),
};

#define OPTIONS(table) .options = table, .n = sizeof table / sizeof table[0]

static const struct conf_program pause_program = {
    .name = "krait pause", .usage = "QUEUE… [OPTION…]", OPTIONS(pause_options),
    .summary = "Hands out nothing more of these queues. What runs goes on, and what is enqueued waits. Survives restarts.",
    .notes = "A queue that is not there yet is made, and starts paused. Exit codes: 0 done, 1 refused, 2 usage, 5 no broker.",
};

static const struct conf_program resume_program = {
    .name = "krait resume", .usage = "QUEUE… [OPTION…]", OPTIONS(pause_options), .summary = "Hands out tasks of these queues again.",
    .notes = "Exit codes: 0 done, 1 refused, 2 usage, 5 no broker.",
};

static const struct conf_program purge_program = {
    .name = "krait purge", .usage = "QUEUE --yes [OPTION…]", OPTIONS(purge_options),
    .summary = "Cancels the tasks of a queue that wait, without --queued, --delayed or --dead those queued and delayed. What runs goes on.",
    .notes = "Exit codes: 0 done, also when nothing was there, 1 refused, 2 usage, 5 no broker.",
};

typedef int run_fn(struct krait *k, const struct settings *s, const struct conf_args *a);

static int say(struct krait *k, enum krait_error err, const struct conf_args *a, const char *what)
{
    for (size_t i = 0; !err && i < a->n; i++)
        printf("%s %s\n", a->v[i], what);
    return err ? cli_failed(k, err) : CLI_OK;
}

static int do_pause(struct krait *k, const struct settings *s, const struct conf_args *a)
{
    (void)s;
    return say(k, krait_pause(k, (const char *const *)a->v, a->n), a, "paused");
}

static int do_resume(struct krait *k, const struct settings *s, const struct conf_args *a)
{
    (void)s;
    return say(k, krait_resume(k, (const char *const *)a->v, a->n), a, "resumed");
}

static int do_purge(struct krait *k, const struct settings *s, const struct conf_args *a)
{
    uint64_t n;
    unsigned what = (s->queued ? KRAIT_PURGE_QUEUED : 0u) | (s->delayed ? KRAIT_PURGE_DELAYED : 0u) | (s->dead ? KRAIT_PURGE_DEAD : 0u);
    enum krait_error err = krait_purge(k, a->v[0], what, &n);
    if (err)
        return cli_failed(k, err);
    printf("%s: %" PRIu64 " purged\n", a->v[0], n);
    return CLI_OK;
}

static int check_purge(const struct settings *s, const struct conf_args *a)
{
    if (a->n != 1)
        return conf_usage(&purge_program, "wants one queue");
    return s->yes ? CLI_OK : conf_usage(&purge_program, "throws the tasks of '%s' away: say --yes", a->v[0]);
}

static int command(const struct conf_program *p, int argc, char **argv, run_fn *run)
{
    struct settings s;
    struct conf_args args;
    enum conf_result got = conf_load(p, argc, argv, &s, &args);
    if (got != CONF_RUN)
        return got == CONF_DONE ? CLI_OK : CLI_USAGE;
    int code = p == &purge_program ? check_purge(&s, &args) : args.n ? CLI_OK : conf_usage(p, "wants the names of queues");
    struct krait *k = code ? NULL : cli_connect(s.broker, &code);
    if (k)
        code = run(k, &s, &args);
    krait_close(k);
    conf_free(p, &s, &args);
    return code;
}

int cmd_pause(int argc, char **argv)
{
    return command(&pause_program, argc, argv, do_pause);
}

int cmd_resume(int argc, char **argv)
{
    return command(&resume_program, argc, argv, do_resume);
}

int cmd_purge(int argc, char **argv)
{
    return command(&purge_program, argc, argv, do_purge);
}
