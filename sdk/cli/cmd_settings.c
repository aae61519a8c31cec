// SPDX-License-Identifier: Apache-2.0
// krait queues set, settings and forget: what holds for a queue. Its numbers are cmd_queues.c's.

#include <stdlib.h>
#include <string.h>

#include "sdk/cli/cli.h"

struct settings {
    char *broker;
    bool json;
};

static const struct conf_option set_options[] = { CLI_BROKER(settings) };

static const struct conf_option show_options[] = {
    { .name = "json", .kind = CONF_FLAG, .offset = offsetof(struct settings, json), .flag_only = true, .help = "a JSON object" },
    CLI_BROKER(settings),
};

#define OPTIONS(table) .options = table, .n = sizeof table / sizeof table[0]

static const struct conf_program set_program = {
    .name = "krait queues set", .usage = "QUEUE NAME=VALUE… [OPTION…]", OPTIONS(set_options),
    .summary = "Changes settings of a queue, at once and for all brokers; all of those named, or none when one is wrong.",
    .notes = "NAME= goes back to the default. krait queues settings QUEUE lists the names; dashes and underscores are the same:\n"
             "  krait queues set mail max-length=10000 rate=50 max-concurrency=8",
};

static const struct conf_program show_program = {
    .name = "krait queues settings", .usage = "QUEUE [OPTION…]", OPTIONS(show_options),
    .summary = "Shows the settings of a queue; those at their default in brackets.",
};

static const struct conf_program forget_program = {
    .name = "krait queues forget", .usage = "QUEUE [OPTION…]", OPTIONS(set_options),
    .summary = "Forgets an empty queue and its settings.",
};

// NAME=VALUE in place: dashes of NAME become underscores, up to a colon (group-weight:acme-inc).
static bool split(char *text, struct krait_setting *out)
{
    char *equals = strchr(text, '=');
    if (!equals || equals == text)
        return false;
    *equals = 0;
    for (char *p = text; *p && *p != ':'; p++)
        if (*p == '-')
            *p = '_';
    *out = (struct krait_setting){ .name = text, .value = equals + 1 };
    return true;
}

static int set(const void *settings, const struct conf_args *a)
{
    const struct settings *s = settings;
    size_t n = a->n - 1;
    int code = CLI_OK;
    struct krait_setting *all = calloc(n, sizeof *all);
    for (size_t i = 0; all && !code && i < n; i++)
        if (!split(a->v[i + 1], &all[i]))
            code = conf_usage(&set_program, "'%s' is not NAME=VALUE", a->v[i + 1]);
    struct krait *k = !code && all ? cli_connect(s->broker, &code) : NULL;
    if (k) {
        enum krait_error err = krait_settings_set(k, a->v[0], all, n);
        code = err ? cli_failed(k, err) : CLI_OK;
    }
    krait_close(k);
    free(all);
    return code;
}

static void print_row(void *context, const struct krait_setting *s)
{
    (void)context;
    char value[300];
    snprintf(value, sizeof value, s->is_default ? "(%s)" : "%s", s->value);
    printf("%-24s %-14s %s\n", s->name, value, s->help);
}

static void print_json(void *context, const struct krait_setting *s)
{
    size_t *n = context;
    fputs((*n)++ ? ", " : "{", stdout);
    cli_print_json_text(stdout, s->name);
    fputs(": ", stdout);
    cli_print_json_text(stdout, s->value);
}

static int show(const void *settings, const struct conf_args *a)
{
    const struct settings *s = settings;
    int code;
    size_t n = 0;
    struct krait *k = cli_connect(s->broker, &code);
    if (!k)
        return code;
    enum krait_error err = krait_settings(k, a->v[0], s->json ? print_json : print_row, &n);
    if (!err && s->json)
        puts(n ? "}" : "{}");
    code = err ? cli_failed(k, err) : CLI_OK;
    krait_close(k);
    return code;
}

static int forget(const void *settings, const struct conf_args *a)
{
    const struct settings *s = settings;
    int code;
    struct krait *k = cli_connect(s->broker, &code);
    if (!k)
        return code;
    enum krait_error err = krait_forget(k, a->v[0]);
    code = err ? cli_failed(k, err) : CLI_OK;
    krait_close(k);
    return code;
}

#define ROW(program_, run_) .program = &program_, .size = sizeof(struct settings), .run = run_

const struct cli_command cmd_queues_words[] = {
    { .word = "set", ROW(set_program, set), .least = 2, .most = CLI_ANY, .wants = "a queue and settings, such as: mail max-length=10000" },
    { .word = "settings", ROW(show_program, show), .least = 1, .most = 1, .wants = "one queue" },
    { .word = "forget", ROW(forget_program, forget), .least = 1, .most = 1, .wants = "one queue" },
    { .word = NULL },
};
