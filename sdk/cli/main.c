// SPDX-License-Identifier: Apache-2.0
// The program `krait`: finds the command and hands over. What a command does is its own file's.

#include <stdlib.h>
#include <string.h>

#include "sdk/cli/cli.h"

struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
};

static const struct command commands[] = {
    { "dev", cmd_dev, "run a broker, its Redis and a worker in this terminal" },
    { "enqueue", cmd_enqueue, "send a task, and with --wait print its result" },
    { "result", cmd_result, "print the result of a task" },
    { "cancel", cmd_cancel, "cancel tasks" },
    { "queues", cmd_queues, "show the queues, show and change their settings" },
    { "top", cmd_top, "watch queues and workers" },
    { "workers", cmd_workers, "show the connected workers" },
    { "tasks", cmd_tasks, "show the tasks of a queue, or all about some" },
    { "dlq", cmd_dlq, "list, show, retry, delete dead letters" },
    { "pause", cmd_pause, "hand out nothing more of a queue" },
    { "resume", cmd_resume, "hand out its tasks again" },
    { "purge", cmd_purge, "throw away what waits in a queue" },
    { "events", cmd_events, "show what happens in a queue" },
    { "bench", cmd_bench, "measure tasks a second and latency" },
};

#define COMMANDS (sizeof commands / sizeof commands[0])

static const struct conf_program program = { .name = "krait", .summary = "", .commands = true };

static void print_help(void)
{
    printf("usage: krait COMMAND [OPTION…]\n\nThe command line of the Krait task queue.\n\n");
    for (size_t i = 0; i < COMMANDS; i++)
        printf("  %-10s %s\n", commands[i].name, commands[i].help);
    printf("\n  krait COMMAND --help tells more; krait --version prints the version.\n\n"
           "Exit codes: 0 done, 1 failed or dead, 2 usage, 3 not found, 4 not done yet, 5 no broker,\n"
           "6 cancelled or expired. The broker's address is --broker or KRAIT_BROKER, the token\n"
           "KRAIT_TOKEN or the file that KRAIT_TOKEN_FILE names.\n");
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return conf_usage(&program, "wants a command; try krait --help");
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        print_help();
        return CLI_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("krait %s\n", conf_version);
        return CLI_OK;
    }
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    return conf_usage(&program, "unknown command '%s'; try krait --help", argv[1]);
}
