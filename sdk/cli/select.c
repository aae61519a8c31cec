// SPDX-License-Identifier: Apache-2.0
// Filters of tasks from options, and tasks as rows, JSON and pages. Asking the broker is the commands'.

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sdk/base/clock.h"
#include "sdk/cli/select.h"

// A moment, or how long ago; 0 when not given.
static bool read_when(const struct conf_program *p, const char *option, const char *text, int64_t *out)
{
    struct wall at;
    int64_t ago;
    *out = 0;
    if (!text)
        return true;
    if (wall_parse(text, &at))
        *out = at.ms;
    else if (conf_duration(text, &ago))
        *out = clock_wall().ms - ago;
    else
        conf_usage(p, "--%s is '%s', but wants a moment like 2026-01-31T12:00:00Z, or how long ago, like 90m", option, text);
    return *out != 0;
}

bool cli_select(const struct conf_program *p, const struct cli_select *s, enum krait_state state, char **ids, size_t n,
                struct krait_select *out)
{
    *out = (struct krait_select){ .ids = (const char *const *)ids, .n_ids = n, .queue = s->queue ? s->queue : "default", .state = state,
                                  .name = s->name, .reason = s->reason, .error = s->error, .group = s->group };
    if (n && (s->queue || cli_select_filters(s))) {
        conf_usage(p, "takes ids or a queue with filters, not both");
        return false;
    }
    return read_when(p, "since", s->since, &out->after_ms) && read_when(p, "before", s->before, &out->before_ms);
}

bool cli_select_filters(const struct cli_select *s)
{
    return s->name || s->reason || s->error || s->group || s->since || s->before;
}

// ---------------------------------------------------------------- printing

static void put_text(const char *key, const char *text)
{
    printf(", \"%s\": ", key);
    cli_print_json_text(stdout, text);
}

static void put_moment(const char *key, int64_t ms)
{
    char text[CLOCK_TEXT];
    if (ms <= 0)
        return;
    wall_format((struct wall){ ms }, text);
    printf(", \"%s\": \"%s\"", key, text);
}

static void print_json(const struct cli_listing *l, const struct krait_task_info *t)
{
    printf("%s{\"id\": ", l->n ? ",\n " : "");
    cli_print_json_text(stdout, t->id);
    put_text("state", t->state_name);
    put_text("name", t->name);
    printf(", \"priority\": %u, \"attempt\": %u, \"deliveries\": %u, \"retries\": %u, \"max_retries\": %u, \"size\": %" PRIu64,
           t->priority, t->attempt, t->deliveries, t->retries, t->max_retries, t->size);
    put_moment("enqueued", t->enqueued_ms);
    put_moment("moved", t->moved_ms);
    put_moment("due", t->due_ms);
    put_moment("expires", t->expires_ms);
    put_moment("started", t->started_ms);
    if (*t->reason)
        put_text("reason", t->reason);
    if (*t->group)
        put_text("group", t->group);
    if (*t->worker)
        put_text("worker", t->worker);
    if (t->done || t->total) {
        printf(", \"done\": %" PRIu64 ", \"total\": %" PRIu64, t->done, t->total);
        put_text("note", t->note);
    }
    if (*t->error_type) {
        put_text("error", t->error_type);
        put_text("message", t->error_message);
    }
    if (*t->traceback)
        put_text("traceback", t->traceback);
    if (*t->args_json)
        printf(", \"args\": %s, \"kwargs\": %s, \"headers\": %s", t->args_json, t->kwargs_json, t->headers_json);
    putchar('}');
}

static void line(const char *key, const char *text)
{
    if (!*text)
        return;
    printf("%-12s ", key);
    cli_print_escaped(stdout, text);
    putchar('\n');
}

static void moment(const char *key, int64_t ms)
{
    char text[CLOCK_TEXT];
    if (ms <= 0)
        return;
    wall_format((struct wall){ ms }, text);
    line(key, text);
}

static void print_page(const struct cli_listing *l, const struct krait_task_info *t)
{
    if (l->n)
        putchar('\n');
    line("id", t->id);
    line("state", t->state_name);
    line("reason", t->reason);
    line("name", t->name);
    line("args", t->args_json);
    line("kwargs", t->kwargs_json);
    line("headers", strcmp(t->headers_json, "{}") == 0 ? "" : t->headers_json);
    line("group", t->group);
    line("worker", t->worker);
    printf("%-12s %u\n%-12s attempt %u, deliveries %u, retries %u of %u\n", "priority", t->priority, "counts", t->attempt,
           t->deliveries, t->retries, t->max_retries);
    moment("enqueued", t->enqueued_ms);
    moment("moved", t->moved_ms);
    moment("due", t->due_ms);
    moment("expires", t->expires_ms);
    moment("started", t->started_ms);
    if (t->done || t->total) {
        printf("%-12s %" PRIu64 " of %" PRIu64 " ", "progress", t->done, t->total);
        cli_print_escaped(stdout, t->note);
        putchar('\n');
    }
    if (*t->traceback) {
        cli_print_escaped(stdout, t->traceback);
        putchar('\n');
    } else {
        line("error", t->error_type);
        line("message", t->error_message);
    }
}

static void print_row(const struct krait_task_info *t)
{
    char age[24];
    int64_t ms = clock_wall().ms - t->moved_ms;
    const char *what = *t->reason ? t->reason : t->state_name;
    cli_age(t->moved_ms && ms > 0 ? (uint64_t)ms : 0, age);
    int pad = 40 - (int)strlen(t->id), name = 24 - (int)strlen(t->name);
    cli_print_escaped(stdout, t->id);
    printf("%*s ", pad > 0 ? pad : 0, "");
    cli_print_escaped(stdout, t->name);
    printf("%*s %-12s %8s %3u  ", name > 0 ? name : 0, "", what, age, t->attempt);
    if (*t->error_type) {
        cli_print_escaped(stdout, t->error_type);
        fputs(*t->error_message ? ": " : "", stdout);
        char first[81];
        snprintf(first, sizeof first, "%.*s", (int)strcspn(t->error_message, "\n"), t->error_message);
        cli_print_escaped(stdout, first);
    } else if (t->done || t->total) {
        printf("%" PRIu64 " of %" PRIu64 " ", t->done, t->total);
        cli_print_escaped(stdout, t->note);
    }
    putchar('\n');
}

static void begin(struct cli_listing *l)
{
    if (l->begun)
        return;
    l->begun = true;
    if (l->json)
        putchar('[');
    else if (!l->whole)
        printf("%-40s %-24s %-12s %8s %3s  %s\n", "ID", "NAME", "WHY", "AGE", "RUN", "ERROR");
}

bool cli_print_task(void *context, const struct krait_task_info *t)
{
    struct cli_listing *l = context;
    begin(l);
    if (t->state == KRAIT_UNKNOWN) {
        fprintf(stderr, "krait: no task %s\n", t->id);
        l->missing = true;
        return true;
    }
    if (l->json)
        print_json(l, t);
    else if (l->whole)
        print_page(l, t);
    else
        print_row(t);
    l->n++;
    return true;
}

int cli_listing_end(struct cli_listing *l, const struct krait *k, enum krait_error err, const char *nothing)
{
    if (!err)
        begin(l);
    if (l->json && l->begun)
        puts("]");
    else if (!l->n && !l->whole && !err)
        puts(nothing);
    if (err)
        return cli_failed(k, err);
    return l->missing ? CLI_NOT_FOUND : fflush(stdout) == 0 ? CLI_OK : CLI_FAILED;
}
