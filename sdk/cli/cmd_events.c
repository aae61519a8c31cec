// SPDX-License-Identifier: Apache-2.0
// krait events: what happens in a queue, as it happens. Switching the record on is `krait queues set QUEUE events=N`.

#include <string.h>

#include "sdk/base/clock.h"
#include "sdk/cli/cli.h"

struct settings {
    char *broker;
    bool json, follow;
};

#define AT(field) offsetof(struct settings, field)

static const struct conf_option options[] = {
    { .name = "follow", .kind = CONF_FLAG, .offset = AT(follow), .flag_only = true, .help = "go on with what comes, until Ctrl-C" },
    { .name = "json", .kind = CONF_FLAG, .offset = AT(json), .flag_only = true, .help = "one JSON object a line" },
    CLI_BROKER(settings),
};

static const struct conf_program program = {
    .name = "krait events",
    .usage = "QUEUE [OPTION…]",
    .summary = "Shows what happened in a queue: queued, claimed, done, retry, dead, paused …, from the oldest event that is kept.",
    .notes = "Events are kept while the queue's setting `events` is above 0: krait queues set QUEUE events=1000.",
    .options = options, .n = sizeof options / sizeof options[0],
};

static void print_json(void *context, const struct krait_event *e)
{
    char at[CLOCK_TEXT];
    *(size_t *)context += 1;
    wall_format((struct wall){ e->at_ms }, at);
    printf("{\"at\": \"%s\", \"what\": \"%s\", \"attempt\": %u, \"reason\": \"%s\", \"id\": ", at, e->what, e->attempt, e->reason);
    cli_print_json_text(stdout, e->id);
    fputs(", \"who\": ", stdout);
    cli_print_json_text(stdout, e->who);
    puts("}");
}

static void print_line(void *context, const struct krait_event *e)
{
    char at[CLOCK_TEXT];
    *(size_t *)context += 1;
    wall_format((struct wall){ e->at_ms }, at);
    printf("%s %-10s ", at, e->what);
    cli_print_escaped(stdout, e->id);
    if (e->attempt)
        printf(" attempt %u", e->attempt);
    if (*e->reason)
        printf(" %s", e->reason);
    if (*e->who) {
        fputs(" by ", stdout);
        cli_print_escaped(stdout, e->who);
    }
    putchar('\n');
}

static int run(const void *settings, const struct conf_args *a)
{
    const struct settings *s = settings;
    const char *queue = a->v[0];
    int code;
    char after[KRAIT_ID_SIZE] = "0";
    enum krait_error err;
    size_t n;
    struct krait *k = cli_connect(s->broker, &code);
    if (!k)
        return code;
    do {
        n = 0;
        err = krait_events(k, queue, after, s->follow ? 60000 : 0, s->json ? print_json : print_line, &n);
        fflush(stdout);
    } while (!err && (s->follow || n));
    code = err ? cli_failed(k, err) : CLI_OK;
    krait_close(k);
    return code;
}

const struct cli_command cmd_events = {
    .word = "events", .help = "show what happens in a queue",
    .program = &program, .size = sizeof(struct settings), .run = run, .least = 1, .most = 1, .wants = "one queue",
};
