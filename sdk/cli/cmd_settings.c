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

static int set(const char *broker, const struct conf_args *a)
{
    size_t n = a->n - 1;
    int code = CLI_OK;
    struct krait_setting *all = calloc(n, sizeof *all);
    for (size_t i = 0; all && !code && i < n; i++)
        if (!split(a->v[i + 1], &all[i]))
            code = conf_usage(&set_program, "'%s' is not NAME=VALUE", a->v[i + 1]);
    struct krait *k = !code && all ? cli_connect(broker, &code) : NULL;
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

static int show(const struct settings *s, const char *queue)
{
    int code;
    size_t n = 0;
    struct krait *k = cli_connect(s->broker, &code);
    if (!k)
        return code;
    enum krait_error err = krait_settings(k, queue, s->json ? print_json : print_row, &n);
    if (!err && s->json)
        puts(n ? "}" : "{}");
    code = err ? cli_failed(k, err) : CLI_OK;
    krait_close(k);
    return code;
}

static int forget(const char *broker, const char *queue)
{
    int code;
    struct krait *k = cli_connect(broker, &code);
    if (!k)
        return code;
    enum krait_error err = krait_forget(k, queue);
    code = err ? cli_failed(k, err) : CLI_OK;
    krait_close(k);
    return code;
}

static int run(const struct conf_program *p, const struct settings *s, const struct conf_args *a)
{
    if (p == &set_program)
        return a->n > 1 ? set(s->broker, a) : conf_usage(p, "wants a queue and settings, such as: mail max-length=10000");
    if (a->n != 1)
        return conf_usage(p, "wants one queue");
    return p == &forget_program ? forget(s->broker, a->v[0]) : show(s, a->v[0]);
}

// argv[0] is set, settings or forget; -1: it is none of them.
int cmd_queues_of(int argc, char **argv)
{
    static const struct {
        const char *word;
        const struct conf_program *program;
    } rows[] = { { "set", &set_program }, { "settings", &show_program }, { "forget", &forget_program } };
    struct settings s;
    struct conf_args args;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (argc < 1 || strcmp(argv[0], rows[i].word) != 0)
            continue;
        enum conf_result got = conf_load(rows[i].program, argc, argv, &s, &args);
        if (got != CONF_RUN)
            return got == CONF_DONE ? CLI_OK : CLI_USAGE;
        int code = run(rows[i].program, &s, &args);
        conf_free(rows[i].program, &s, &args);
        return code;
    }
    return -1;
}
