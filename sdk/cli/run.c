// SPDX-License-Identifier: Apache-2.0
// Runs a command: finds it by its words, reads its options, counts its arguments. What it does is its own file's.

#include <stdlib.h>
#include <string.h>

#include "sdk/cli/cli.h"

static int run_one(const struct cli_command *c, int argc, char **argv)
{
    struct conf_args args;
    void *settings = calloc(1, c->size);
    if (!settings)
        return fputs("krait: out of memory\n", stderr), CLI_FAILED;
    enum conf_result got = conf_load(c->program, argc, argv, settings, &args);
    int code = got == CONF_BAD ? CLI_USAGE : CLI_OK;
    if (got == CONF_RUN) {
        if (args.n && !c->most)
            code = conf_usage(c->program, "takes no argument '%s'; try %s --help", args.v[0], c->program->name);
        else if (args.n < c->least || args.n > c->most)
            code = conf_usage(c->program, "wants %s", c->wants);
        else
            code = c->run(settings, &args);
        conf_free(c->program, settings, &args);
    }
    free(settings);
    return code;
}

static int help(const struct cli_command *c, const struct conf_program *group)
{
    printf("usage: %s COMMAND [OPTION…]\n\n%s\n\n", group->name, group->summary);
    for (c = c->words; c->word; c++)
        printf("  %-7s %s\n", c->word, c->program->summary);
    printf("\n  %s COMMAND --help tells more.\n", group->name);
    return CLI_OK;
}

// A command that is nothing without one of its words.
static int run_group(const struct cli_command *c, int argc, char **argv)
{
    struct conf_program group = *c->program;
    group.commands = true;
    if (argc < 2)
        return conf_usage(&group, "wants %s; try %s --help", c->wants, group.name);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return help(c, &group);
    if (strcmp(argv[1], "--version") == 0)
        return printf("krait %s\n", conf_version) < 0 ? CLI_FAILED : CLI_OK;
    return conf_usage(&group, "knows no '%s': it wants %s", argv[1], c->wants);
}

int cli_run(const struct cli_command *c, int argc, char **argv)
{
    for (const struct cli_command *w = c->words; w && w->word && argc > 1; w++)
        if (strcmp(argv[1], w->word) == 0)
            return run_one(w, argc - 1, argv + 1);
    return c->run ? run_one(c, argc, argv) : run_group(c, argc, argv);
}
