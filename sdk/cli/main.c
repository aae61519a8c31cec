// SPDX-License-Identifier: Apache-2.0
// The program `krait`: finds the command and hands over. What a command does is its own file's.

#include <stdio.h>
#include <string.h>

#include "sdk/cli/cli.h"

static const struct cli_command *const commands[] = {
    &cmd_dev, &cmd_enqueue, &cmd_result, &cmd_cancel, &cmd_queues, &cmd_top, &cmd_workers, &cmd_tasks, &cmd_dlq, &cmd_pause, &cmd_resume,
    &cmd_purge, &cmd_events, &cmd_bench,
};

#define COMMANDS (sizeof commands / sizeof commands[0])

static const struct conf_program program = { .name = "krait", .summary = "", .commands = true };

static void print_help(void)
{
    printf("usage: krait COMMAND [OPTION…]\n\nThe command line of the Krait task queue.\n\n");
    for (size_t i = 0; i < COMMANDS; i++)
        printf("  %-10s %s\n", commands[i]->word, commands[i]->help);
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
        if (strcmp(argv[1], commands[i]->word) == 0)
            return cli_run(commands[i], argc - 1, argv + 1);
    return conf_usage(&program, "unknown command '%s'; try krait --help", argv[1]);
}
