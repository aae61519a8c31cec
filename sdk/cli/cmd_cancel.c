// SPDX-License-Identifier: Apache-2.0
// krait cancel ID…: cancels tasks, also running ones unless told otherwise.

#include "sdk/cli/cli.h"

struct settings {
    char *broker;
    bool queued_only;
};

static const struct conf_option options[] = {
    { .name = "queued-only", .kind = CONF_FLAG, .offset = offsetof(struct settings, queued_only), .flag_only = true,
      .help = "leave alone what runs already" },
    CLI_BROKER(settings),
};

static const struct conf_program program = {
    .name = "krait cancel",
    .usage = "ID… [OPTION…]",
    .summary = "Cancels tasks and prints the state of each. A running one is told to stop; its state says active until it did.",
    .notes = "Exit codes: 0 cancelled or told to stop, 1 it had ended already, 3 not found, 5 no broker.",
    .options = options, .n = sizeof options / sizeof options[0],
};

static int say(const char *id, enum krait_state state)
{
    static const char *const words[] = { "not found", "queued", "delayed", "active: told to stop", "done already",
                                         "dead already", "cancelled" };
    printf("%s %s\n", id, words[state]);
    return state == KRAIT_UNKNOWN ? CLI_NOT_FOUND : state == KRAIT_DONE || state == KRAIT_DEAD ? CLI_FAILED : CLI_OK;
}

static int run(const struct settings *s, const struct conf_args *ids)
{
    int code, worst = CLI_OK;
    struct krait *k = cli_connect(s->broker, &code);
    for (size_t i = 0; k && i < ids->n; i++) {
        enum krait_state state;
        enum krait_error err = krait_cancel(k, ids->v[i], !s->queued_only, &state);
        code = err ? cli_failed(k, err) : say(ids->v[i], state);
        worst = code > worst ? code : worst;
        if (code == CLI_NO_BROKER)
            break;
    }
    krait_close(k);
    return k ? worst : code;
}

int cmd_cancel(int argc, char **argv)
{
    struct settings s;
    struct conf_args args;
    enum conf_result got = conf_load(&program, argc, argv, &s, &args);
    if (got != CONF_RUN)
        return got == CONF_DONE ? CLI_OK : CLI_USAGE;
    int code = args.n ? run(&s, &args) : conf_usage(&program, "wants task ids, as krait enqueue printed them");
    conf_free(&program, &s, &args);
    return code;
}
