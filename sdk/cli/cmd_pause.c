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

static int say(struct krait *k, enum krait_error err, const struct conf_args *a, const char *what)
{
    for (size_t i = 0; !err && i < a->n; i++)
        printf("%s %s\n", a->v[i], what);
    int code = err ? cli_failed(k, err) : CLI_OK;
    krait_close(k);
    return code;
}

static int pause_queues(const void *settings, const struct conf_args *a)
{
    const struct settings *s = settings;
    int code;
    struct krait *k = cli_connect(s->broker, &code);
    return k ? say(k, krait_pause(k, (const char *const *)a->v, a->n), a, "paused") : code;
}

static int resume_queues(const void *settings, const struct conf_args *a)
{
    const struct settings *s = settings;
    int code;
    struct krait *k = cli_connect(s->broker, &code);
    return k ? say(k, krait_resume(k, (const char *const *)a->v, a->n), a, "resumed") : code;
}

static int purge(const void *settings, const struct conf_args *a)
{
    const struct settings *s = settings;
    int code;
    uint64_t n;
    unsigned what = (s->queued ? KRAIT_PURGE_QUEUED : 0u) | (s->delayed ? KRAIT_PURGE_DELAYED : 0u) | (s->dead ? KRAIT_PURGE_DEAD : 0u);
    if (!s->yes)
        return conf_usage(&purge_program, "throws the tasks of '%s' away: say --yes", a->v[0]);
    struct krait *k = cli_connect(s->broker, &code);
    if (!k)
        return code;
    enum krait_error err = krait_purge(k, a->v[0], what, &n);
    if (!err)
        printf("%s: %" PRIu64 " purged\n", a->v[0], n);
    code = err ? cli_failed(k, err) : CLI_OK;
    krait_close(k);
    return code;
}

const struct cli_command cmd_pause = {
    .word = "pause", .help = "hand out nothing more of a queue",
    .program = &pause_program, .size = sizeof(struct settings), .run = pause_queues, .least = 1, .most = CLI_ANY, .wants = "the names of queues",
};

const struct cli_command cmd_resume = {
    .word = "resume", .help = "hand out its tasks again",
    .program = &resume_program, .size = sizeof(struct settings), .run = resume_queues, .least = 1, .most = CLI_ANY, .wants = "the names of queues",
};

const struct cli_command cmd_purge = {
    .word = "purge", .help = "throw away what waits in a queue",
    .program = &purge_program, .size = sizeof(struct settings), .run = purge, .least = 1, .most = 1, .wants = "one queue",
};
