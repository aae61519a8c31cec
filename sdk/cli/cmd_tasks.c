// SPDX-License-Identifier: Apache-2.0
// krait tasks: the tasks of a queue in one state, or all about some of them. Dead letters have a command of their own (cmd_dlq.c).

#include <string.h>

#include "sdk/cli/select.h"

struct settings {
    char *broker;
    int state;
    int64_t limit;
    bool json;
    struct cli_select select;
};

#define AT(field) offsetof(struct settings, field)

static const char *const states[] = { "queued", "delayed", "active", "dead", NULL };

static const struct conf_option options[] = {
    { .name = "state", .kind = CONF_CHOICE, .offset = AT(state), .choices = states, .fallback = "queued", .flag_only = true,
      .metavar = "S", .help = "queued, delayed, active or dead" },
    CLI_SELECT(settings),
    { .name = "limit", .kind = CONF_INT, .offset = AT(limit), .fallback = "100", .min = 0, .max = 1000000000, .flag_only = true,
      .metavar = "N", .help = "at most so many; 0 = all" },
    { .name = "json", .kind = CONF_FLAG, .offset = AT(json), .flag_only = true, .help = "a JSON array" },
    CLI_BROKER(settings),
};

static const struct conf_program program = {
    .name = "krait tasks",
    .usage = "[ID…] [OPTION…]",
    .summary = "Shows the tasks of a queue in one state, the oldest first; with ids all about these, with their arguments.",
    .notes = "Exit codes: 0 shown, 2 usage, 3 some id is not known, 5 no broker.",
    .options = options, .n = sizeof options / sizeof options[0],
};

static int run(const void *settings, const struct conf_args *a)
{
    const struct settings *s = settings;
    static const enum krait_state state[] = { KRAIT_QUEUED, KRAIT_DELAYED, KRAIT_ACTIVE, KRAIT_DEAD };
    struct cli_listing l = { .json = s->json, .whole = a->n > 0 };
    struct krait_select which;
    int code;
    if (!cli_select(&program, &s->select, state[s->state], a->v, a->n, &which))
        return CLI_USAGE;
    struct krait *k = cli_connect(s->broker, &code);
    if (!k)
        return code;
    enum krait_error err = krait_tasks(k, &which, (size_t)s->limit, l.whole, cli_print_task, &l);
    code = cli_listing_end(&l, k, err, "(no such task)");
    krait_close(k);
    return code;
}

const struct cli_command cmd_tasks = {
    .word = "tasks", .help = "show the tasks of a queue, or all about some",
    .program = &program, .size = sizeof(struct settings), .run = run, .most = CLI_ANY,
};
