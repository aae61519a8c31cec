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

static int run(const struct settings *s, const char *id)
{
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

int cmd_result(int argc, char **argv)
{
    struct settings s;
    struct conf_args args;
    enum conf_result got = conf_load(&program, argc, argv, &s, &args);
    if (got != CONF_RUN)
        return got == CONF_DONE ? CLI_OK : CLI_USAGE;
    int code = args.n == 1 ? run(&s, args.v[0])
                           : conf_usage(&program, "wants one task id, as krait enqueue printed it");
    conf_free(&program, &s, &args);
    return code;
}
