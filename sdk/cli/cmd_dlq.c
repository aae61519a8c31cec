// SPDX-License-Identifier: Apache-2.0
// krait dlq list|show|retry|delete: the dead letters of a queue, by id or by filter. What died elsewhere is `krait result`'s.

#include <inttypes.h>
#include <string.h>

#include "sdk/cli/select.h"

struct settings {
    char *broker;
    int64_t limit;
    bool json, all, yes;
    struct cli_select select;
};

#define AT(field) offsetof(struct settings, field)

static const struct conf_option list_options[] = {
    CLI_SELECT(settings),
    { .name = "limit", .kind = CONF_INT, .offset = AT(limit), .fallback = "100", .min = 0, .max = 1000000000, .flag_only = true,
      .metavar = "N", .help = "at most so many; 0 = all" },
    { .name = "json", .kind = CONF_FLAG, .offset = AT(json), .flag_only = true, .help = "a JSON array" },
    CLI_BROKER(settings),
};

static const struct conf_option show_options[] = {
    { .name = "json", .kind = CONF_FLAG, .offset = AT(json), .flag_only = true, .help = "a JSON array" },
    CLI_BROKER(settings),
};

static const struct conf_option retry_options[] = {
    { .name = "all", .kind = CONF_FLAG, .offset = AT(all), .flag_only = true, .help = "all of the queue; needed when there is no filter" },
    CLI_SELECT(settings),
    CLI_BROKER(settings),
};

static const struct conf_option delete_options[] = {
    { .name = "all", .kind = CONF_FLAG, .offset = AT(all), .flag_only = true, .help = "all of the queue; needed when there is no filter" },
    { .name = "yes", .kind = CONF_FLAG, .offset = AT(yes), .flag_only = true, .help = "needed to delete by filter: it cannot be undone" },
    CLI_SELECT(settings),
    CLI_BROKER(settings),
};

#define OPTIONS(table) .options = table, .n = sizeof table / sizeof table[0]

static const struct conf_program programs[] = {
    { .name = "krait dlq list", .usage = "[OPTION…]", OPTIONS(list_options),
      .summary = "Shows the dead letters of a queue: tasks that failed for good, expired, or killed their worker too often." },
    { .name = "krait dlq show", .usage = "ID… [OPTION…]", OPTIONS(show_options),
      .summary = "Shows all about dead letters: arguments, counts, traceback.", .notes = "Exit codes: 0 shown, 3 some id is not known, 5 no broker." },
    { .name = "krait dlq retry", .usage = "ID… | --queue Q (--all | FILTER…)", OPTIONS(retry_options),
      .summary = "Lets dead letters run again, with their counts at zero and under the same ids.",
      .notes = "Exit codes: 0 done, 1 none was there, 5 no broker." },
    { .name = "krait dlq delete", .usage = "ID… | --queue Q --yes (--all | FILTER…)", OPTIONS(delete_options),
      .summary = "Forgets dead letters.", .notes = "Exit codes: 0 done, 1 none was there, 5 no broker." },
};

enum verb { VERB_LIST, VERB_SHOW, VERB_RETRY, VERB_DELETE, VERBS };

static int look(struct krait *k, const struct settings *s, enum verb verb, const struct krait_select *which)
{
    struct cli_listing l = { .json = s->json, .whole = verb == VERB_SHOW };
    enum krait_error err = krait_tasks(k, which, (size_t)s->limit, l.whole, cli_print_task, &l);
    return cli_listing_end(&l, k, err, "(no dead letter)");
}

static int change(struct krait *k, enum verb verb, const struct krait_select *which)
{
    uint64_t n;
    enum krait_error err = verb == VERB_RETRY ? krait_retry(k, which, &n) : krait_delete(k, which, &n);
    if (err)
        return cli_failed(k, err);
    printf("%" PRIu64 " %s\n", n, verb == VERB_RETRY ? "queued again" : "deleted");
    return n ? CLI_OK : CLI_FAILED;
}

static int check(const struct settings *s, enum verb verb, const struct conf_args *a)
{
    const struct conf_program *p = &programs[verb];
    if (verb == VERB_LIST && a->n)
        return conf_usage(p, "takes no argument '%s'; krait dlq show ID shows one", a->v[0]);
    if (verb == VERB_SHOW && !a->n)
        return conf_usage(p, "wants ids, as krait dlq list prints them");
    if (verb < VERB_RETRY || a->n)
        return CLI_OK;
    if (!s->all && !cli_select_filters(&s->select))
        return conf_usage(p, "wants ids, a filter such as --name GLOB, or --all");
    if (verb == VERB_DELETE && !s->yes)
        return conf_usage(p, "deletes what the filter lets through, for good: say --yes");
    return CLI_OK;
}

static int run(const struct settings *s, enum verb verb, const struct conf_args *a)
{
    struct krait_select which;
    int code = check(s, verb, a);
    if (code || !cli_select(&programs[verb], &s->select, KRAIT_DEAD, a->v, a->n, &which))
        return CLI_USAGE;
    struct krait *k = cli_connect(s->broker, &code);
    if (!k)
        return code;
    code = verb < VERB_RETRY ? look(k, s, verb, &which) : change(k, verb, &which);
    krait_close(k);
    return code;
}

static int help(void)
{
    printf("usage: krait dlq COMMAND [OPTION…]\n\nDead letters: tasks that failed for good, expired, or killed their worker too often.\n\n");
    for (size_t i = 0; i < VERBS; i++)
        printf("  %-7s %s\n", programs[i].name + strlen("krait dlq "), programs[i].summary);
    printf("\n  krait dlq COMMAND --help tells more.\n");
    return CLI_OK;
}

int cmd_dlq(int argc, char **argv)
{
    static const struct conf_program whole = { .name = "krait dlq", .commands = true };
    struct settings s;
    struct conf_args args;
    if (argc < 2)
        return conf_usage(&whole, "wants list, show, retry or delete; try krait dlq --help");
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return help();
    if (strcmp(argv[1], "--version") == 0)
        return printf("krait %s\n", conf_version) < 0 ? CLI_FAILED : CLI_OK;
    for (enum verb verb = VERB_LIST; verb < VERBS; verb++) {
        if (strcmp(argv[1], programs[verb].name + strlen("krait dlq ")) != 0)
            continue;
        enum conf_result got = conf_load(&programs[verb], argc - 1, argv + 1, &s, &args);
        if (got != CONF_RUN)
            return got == CONF_DONE ? CLI_OK : CLI_USAGE;
        int code = run(&s, verb, &args);
        conf_free(&programs[verb], &s, &args);
        return code;
    }
    return conf_usage(&whole, "knows no '%s': list, show, retry, delete", argv[1]);
}
