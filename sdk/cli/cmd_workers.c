// SPDX-License-Identifier: Apache-2.0
// krait workers: the workers that are connected to the broker now, with what they do.

#include <stdlib.h>
#include <string.h>

#include "sdk/base/clock.h"
#include "sdk/cli/cli.h"

struct settings {
    char *broker;
    bool json;
};

static const struct conf_option options[] = {
    { .name = "json", .kind = CONF_FLAG, .offset = offsetof(struct settings, json), .flag_only = true,
      .help = "a JSON array" },
    CLI_BROKER(settings),
};

static const struct conf_program program = {
    .name = "krait workers",
    .usage = "[--json] [OPTION…]",
    .summary = "Shows the connected workers: mode, slots, what they run and how long they waited for the GIL.",
    .notes = "Exit codes: 0 shown, 1 refused, 2 usage, 5 no broker.",
    .options = options, .n = sizeof options / sizeof options[0],
};

static const char *mode_of(const struct krait_worker *w)
{
    return w->free_threaded ? "free-threaded" : "gil";
}

static void print_json(const struct krait_worker *w, size_t n)
{
    putchar('[');
    for (size_t i = 0; i < n; i++) {
        printf("%s{\"name\": ", i ? ", " : "");
        cli_print_json_text(stdout, w[i].name);
        fputs(", \"host\": ", stdout);
        cli_print_json_text(stdout, w[i].host);
        fputs(", \"queues\": ", stdout);
        cli_print_json_text(stdout, w[i].queues);
        printf(", \"session\": \"%s\", \"pid\": %u, \"mode\": \"%s\", \"processes\": %u, \"threads\": %u, \"busy\": %u, "
               "\"idle\": %u, \"done\": %llu, \"failed\": %llu, \"rss\": %llu, \"gil_wait_us\": %llu, \"restarts\": %u}",
               w[i].session, w[i].pid, mode_of(&w[i]), w[i].processes, w[i].threads, w[i].busy, w[i].idle,
               (unsigned long long)w[i].done, (unsigned long long)w[i].failed, (unsigned long long)w[i].rss,
               (unsigned long long)w[i].gil_wait_us, w[i].restarts);
    }
    puts("]");
}

static void print_table(const struct krait_worker *w, size_t n)
{
    printf("%-24s %-14s %9s %5s %5s %9s %7s %9s %9s  %s\n", "WORKER", "MODE", "SLOTS", "BUSY", "IDLE", "DONE", "FAILED",
           "GIL WAIT", "UP", "QUEUES");
    for (size_t i = 0; i < n; i++) {
        char up[24], wait[24], slots[24];
        int64_t ms = clock_wall().ms - w[i].connected_ms;
        cli_age(ms > 0 ? (uint64_t)ms : 1, up);
        cli_age(w[i].gil_wait_us / 1000, wait);
        snprintf(slots, sizeof slots, "%u x %u", w[i].processes, w[i].threads);
        int pad = 24 - (int)strlen(w[i].name);
        cli_print_escaped(stdout, w[i].name);
        printf("%*s %-14s %9s %5u %5u %9llu %7llu %9s %9s  ", pad > 0 ? pad : 0, "", mode_of(&w[i]), slots, w[i].busy,
               w[i].idle, (unsigned long long)w[i].done, (unsigned long long)w[i].failed, wait, up);
        cli_print_escaped(stdout, w[i].queues);
        putchar('\n');
    }
    if (n == 0)
        puts("(no worker is connected)");
}

static int run(const void *settings, const struct conf_args *none)
{
    const struct settings *s = settings;
    (void)none;
    int code;
    struct krait_worker *workers;
    size_t n;
    struct krait *k = cli_connect(s->broker, &code);
    if (!k)
        return code;
    enum krait_error err = krait_workers(k, &workers, &n);
    if (err) {
        code = cli_failed(k, err);
    } else {
        (s->json ? print_json : print_table)(workers, n);
        free(workers);
    }
    krait_close(k);
    return code;
}

const struct cli_command cmd_workers = {
    .word = "workers", .help = "show the connected workers",
    .program = &program, .size = sizeof(struct settings), .run = run,
};
