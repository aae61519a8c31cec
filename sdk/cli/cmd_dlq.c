// SPDX-License-Identifier: Apache-2.0
// krait dlq list|show|retry|delete: the dead letters of a queue, by id or by filter. What died elsewhere is `krait result`'s.

#include <inttypes.h>

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

enum verb { VERB_LIST, VERB_SHOW, VERB_RETRY, VERB_DELETE };

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

static int run(const struct settings *s, enum verb verb, const struct conf_args *a)
{
    struct krait_select which;
    int code;
    if (!cli_select(&programs[verb], &s->select, KRAIT_DEAD, a->v, a->n, &which))
        return CLI_USAGE;
    struct krait *k = cli_connect(s->broker, &code);
    if (!k)
        return code;
    code = verb < VERB_RETRY ? look(k, s, verb, &which) : change(k, verb, &which);
    krait_close(k);
    return code;
}

static int list(const void *settings, const struct conf_args *a)
{
    return run(settings, VERB_LIST, a);
}

static int show(const void *settings, const struct conf_args *a)
{
    return run(settings, VERB_SHOW, a);
}

// Whether it is said which ones: by ids, by a filter, or that it is all.
static bool chosen(const struct settings *s, const struct conf_args *a)
{
    return a->n || s->all || cli_select_filters(&s->select);
}

static int retry(const void *settings, const struct conf_args *a)
{
    if (!chosen(settings, a))
        return conf_usage(&programs[VERB_RETRY], "wants ids, a filter such as --name GLOB, or --all");
    return run(settings, VERB_RETRY, a);
}

static int delete(const void *settings, const struct conf_args *a)
{
    const struct settings *s = settings;
    if (!chosen(s, a))
        return conf_usage(&programs[VERB_DELETE], "wants ids, a filter such as --name GLOB, or --all");
    if (!a->n && !s->yes)
        return conf_usage(&programs[VERB_DELETE], "deletes what the filter lets through, for good: say --yes");
    return run(s, VERB_DELETE, a);
}

#define ROW(verb, run_) .program = &programs[verb], .size = sizeof(struct settings), .run = run_

static const struct cli_command words[] = {
    { .word = "list", ROW(VERB_LIST, list) },
    { .word = "show", ROW(VERB_SHOW, show), .least = 1, .most = CLI_ANY, .wants = "ids, as krait dlq list prints them" },
    { .word = "retry", ROW(VERB_RETRY, retry), .most = CLI_ANY },
    { .word = "delete", ROW(VERB_DELETE, delete), .most = CLI_ANY },
    { .word = NULL },
};

static const struct conf_program group = {
    .name = "krait dlq", .summary = "Dead letters: tasks that failed for good, expired, or killed their worker too often.",
};

const struct cli_command cmd_dlq = {
    .word = "dlq", .help = "list, show, retry, delete dead letters", .program = &group, .wants = "list, show, retry or delete", .words = words,
};
