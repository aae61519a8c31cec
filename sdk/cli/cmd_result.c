// SPDX-License-Identifier: Apache-2.0
// krait result ID: prints what became of a task. The exit code says the same (cli.h).

#include "sdk/cli/cli.h"

struct settings {
    char *broker;
    int64_t wait_ms;
};

static const struct conf_option options[] = { CLI_WAIT(settings), CLI_BROKER(settings) };

static const struct conf_program program = {
    .name = "krait result",
    .usage = "ID [--wait [SECONDS]]",
    .summary = "Prints the result of a task as JSON; of a failed one the traceback, on standard error.",
    .notes = "ID is QUEUE/KEY as krait enqueue printed it; a bare KEY means the queue \"default\".\n"
             "Exit codes: 0 done, 1 failed or dead, 2 usage, 3 not found, 4 not done yet, 5 no broker, 6 cancelled or expired.",
    .options = options, .n = sizeof options / sizeof options[0],
};

static int run(const void *settings, const struct conf_args *a)
{
    const struct settings *s = settings;
    const char *id = a->v[0];
    int code;
    int64_t wait_ms;
    struct krait_result *r;
    bool wait = cli_wait_ms(s->wait_ms, &wait_ms);
    struct krait *k = (wait ? cli_connect_patient : cli_connect)(s->broker, &code);
    if (!k)
        return code;
    enum krait_error err = krait_wait(k, id, wait ? wait_ms : 0, &r);
    code = err ? cli_failed(k, err) : cli_print_result(r);
    if (!err)
        krait_result_free(r);
    krait_close(k);
    return code;
}

const struct cli_command cmd_result = {
    .word = "result", .help = "print the result of a task",
    .program = &program, .size = sizeof(struct settings), .run = run, .least = 1, .most = 1, .wants = "one task id, as krait enqueue printed it",
};
