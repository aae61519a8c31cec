// SPDX-License-Identifier: Apache-2.0
// krait cancel ID…: cancels tasks, also running ones unless told otherwise.

#include <stdlib.h>

#include "sdk/cli/cli.h"

struct settings {
    char *broker, *reason;
    bool queued_only, json;
};

static const struct conf_option options[] = {
    { .name = "queued-only", .kind = CONF_FLAG, .offset = offsetof(struct settings, queued_only), .flag_only = true,
      .help = "leave alone what runs already" },
    { .name = "reason", .kind = CONF_STRING, .offset = offsetof(struct settings, reason), .flag_only = true, .spaces = true, .metavar = "TEXT",
      .help = "why, for whoever looks at it later" },
    { .name = "json", .kind = CONF_FLAG, .offset = offsetof(struct settings, json), .flag_only = true, .help = "a JSON array" },
    CLI_BROKER(settings),
};

static const struct conf_program program = {
    .name = "krait cancel",
    .usage = "ID… [OPTION…]",
    .summary = "Cancels tasks and prints the state of each. A running one is told to stop; its state says active until it did.",
    .notes = "Exit codes: 0 cancelled or told to stop, 1 it had ended already, 3 not found, 5 no broker.",
    .options = options, .n = sizeof options / sizeof options[0],
};

static int code_of(enum krait_state state)
{
    return state == KRAIT_UNKNOWN ? CLI_NOT_FOUND : state == KRAIT_DONE || state == KRAIT_DEAD ? CLI_FAILED : CLI_OK;
}

static void say(const char *id, enum krait_state state)
{
    static const char *const words[] = { "not found", "queued", "delayed", "active: told to stop", "done already",
                                         "dead already", "cancelled" };
    printf("%s %s\n", id, words[state]);
}

static void say_json(size_t i, const char *id, enum krait_state state)
{
    printf("%s{\"id\": ", i ? ", " : "");
    cli_print_json_text(stdout, id);
    printf(", \"state\": \"%s\"}", state == KRAIT_UNKNOWN ? "unknown" : krait_state_name(state));
}

// All in one request; nothing is printed when one of the ids is none.
static int run(const void *settings, const struct conf_args *ids)
{
    const struct settings *s = settings;
    int code = CLI_OK, worst = CLI_OK;
    enum krait_state *states = calloc(ids->n, sizeof *states);
    struct krait *k = states ? cli_connect(s->broker, &code) : NULL;
    enum krait_error err = k ? krait_cancel_many(k, (const char *const *)ids->v, ids->n, !s->queued_only, s->reason, states) : KRAIT_OK;
    if (!states)
        code = CLI_FAILED;
    if (err)
        code = cli_failed(k, err);
    if (k && !err && s->json)
        putchar('[');
    for (size_t i = 0; k && !err && i < ids->n; i++) {
        if (s->json)
            say_json(i, ids->v[i], states[i]);
        else
            say(ids->v[i], states[i]);
        worst = code_of(states[i]) > worst ? code_of(states[i]) : worst;
    }
    if (k && !err && s->json)
        puts("]");
    krait_close(k);
    free(states);
    return code ? code : worst;
}

const struct cli_command cmd_cancel = {
    .word = "cancel", .help = "cancel tasks",
    .program = &program, .size = sizeof(struct settings), .run = run, .least = 1, .most = CLI_ANY, .wants = "task ids, as krait enqueue printed them",
};
