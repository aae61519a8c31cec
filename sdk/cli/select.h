// SPDX-License-Identifier: Apache-2.0
// Choosing tasks on the command line, and printing them: what `krait tasks` and `krait dlq` share.
//
// A choice is either ids, as arguments, or a queue with filters. struct cli_select stands in the command's settings as `select`.

#ifndef KRAIT_CLI_SELECT_H
#define KRAIT_CLI_SELECT_H

#include "sdk/cli/cli.h"

struct cli_select {
    char *queue, *name, *reason, *error, *group, *since, *before;
};

#define CLI_SELECT_ROW(type, field, option, meta, text)                                                    \
    { .name = option, .kind = CONF_STRING, .offset = offsetof(struct type, select.field), .flag_only = true, \
      .metavar = meta, .help = text }

// The rows of a command's table.
#define CLI_SELECT(type)                                                                                   \
    CLI_SELECT_ROW(type, queue, "queue", "Q", "the queue; without it \"default\""),                         \
    CLI_SELECT_ROW(type, name, "name", "GLOB", "only tasks whose name matches, such as 'mail.*'"),          \
    CLI_SELECT_ROW(type, reason, "reason", "R", "only these: failed, expired, unknown_task, worker_lost, timed_out, memory, cancelled, bad_result"), \
    CLI_SELECT_ROW(type, error, "error", "GLOB", "only those whose exception's type matches"),              \
    CLI_SELECT_ROW(type, group, "group", "KEY", "only tasks of this group"),                                \
    CLI_SELECT_ROW(type, since, "since", "WHEN", "only what came there since: 2026-01-31T12:00:00Z, or 1h = an hour ago"), \
    CLI_SELECT_ROW(type, before, "before", "WHEN", "only what came there before")

// Fills out from options and ids (argv's tail, may be empty). False: a usage error was printed.
bool cli_select(const struct conf_program *p, const struct cli_select *s, enum krait_state state, char **ids, size_t n,
                struct krait_select *out);

// Whether any filter was given.
bool cli_select_filters(const struct cli_select *s);

struct cli_listing {
    bool json, whole;    // whole: everything about each, for `show`
    bool begun;          // what stands before the first is printed
    size_t n;
    bool missing;        // some id is not known
};

// A krait_on_task: prints one as a row, a JSON object or a page. context is a struct cli_listing.
bool cli_print_task(void *context, const struct krait_task_info *t);

// What stands behind the last, or in place of all; an error before the first prints nothing but itself. Returns the exit code.
int cli_listing_end(struct cli_listing *l, const struct krait *k, enum krait_error err, const char *nothing);

#endif
