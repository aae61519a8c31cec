// SPDX-License-Identifier: Apache-2.0
// The command line: what its commands share. One file a command, which ends with its row; main.c lists the rows.
//
// Exit codes of all commands, which scripts rely on:
//   0 done · 1 failed, dead, refused · 2 usage · 3 not found · 4 not done yet · 5 no broker · 6 cancelled or expired
//
// Results go to standard output, all else to standard error. What came from tasks is escaped before a terminal sees it.

#ifndef KRAIT_CLI_H
#define KRAIT_CLI_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sdk/base/conf.h"
#include "sdk/include/krait.h"

enum cli_exit {
    CLI_OK = 0,
    CLI_FAILED = 1,
    CLI_USAGE = 2,
    CLI_NOT_FOUND = 3,
    CLI_NOT_YET = 4,
    CLI_NO_BROKER = 5,
    CLI_CANCELLED = 6
};

// --wait: durations that stand for "not given" and "given without a value".
#define CLI_NO_WAIT       "36501d"
#define CLI_WAIT_FOREVER  "36500d"

// The row of --broker in a command's table; `type` is its settings struct with a field `char *broker`.
#define CLI_BROKER(type)                                                                                   \
    { .name = "broker", .kind = CONF_STRING, .offset = offsetof(struct type, broker),                      \
      .fallback = "krait://127.0.0.1:7248", .env = "KRAIT_BROKER", .metavar = "URL",                       \
      .help = "krait://HOST[:7248][/NAMESPACE] or unix:///PATH" }

// The row of --wait [SECONDS]: a field `int64_t wait_ms`, read with cli_wait_ms.
#define CLI_WAIT(type)                                                                                     \
    { .name = "wait", .kind = CONF_DURATION, .offset = offsetof(struct type, wait_ms),                     \
      .fallback = CLI_NO_WAIT, .optional_value = true, .bare = CLI_WAIT_FOREVER, .flag_only = true,        \
      .metavar = "SECONDS", .help = "wait for the result; without SECONDS as long as it takes" }

// A command: what is typed, what may stand behind it, what it does. `run` gets its settings, read from the options, and as many
// arguments as it said; what it returns is the exit code.
struct cli_command {
    const char *word;                      // NULL ends a table
    const char *help;                      // in the list of all commands
    const struct conf_program *program;    // its options
    size_t size;                           // of the struct that these fill
    int (*run)(const void *settings, const struct conf_args *args);   // NULL: it is nothing without one of its words
    size_t least, most;                    // how many arguments
    const char *wants;                     // what these are, in words
    const struct cli_command *words;       // commands of two words: krait dlq retry. Neither has more words of its own
};
#define CLI_ANY SIZE_MAX                   // so many arguments as you like

extern const struct cli_command cmd_bench, cmd_cancel, cmd_dev, cmd_dlq, cmd_enqueue, cmd_events, cmd_pause, cmd_purge, cmd_queues,
    cmd_result, cmd_resume, cmd_tasks, cmd_top, cmd_workers;
extern const struct cli_command cmd_queues_words[];   // cmd_settings.c

// Runs a command or the one of its words that argv[1] is. argv[0] is its own word. Returns the exit code.
int cli_run(const struct cli_command *c, int argc, char **argv);

// Connects; on an error prints why and sets *code.
struct krait *cli_connect(const char *broker, int *code);
// The same, but waits for a broker that does not listen yet.
struct krait *cli_connect_patient(const char *broker, int *code);

// Prints "krait: MESSAGE" for what failed on k and returns the exit code for it.
int cli_failed(const struct krait *k, enum krait_error err);

// true with the milliseconds (-1 = for ever) when --wait was given.
bool cli_wait_ms(int64_t given, int64_t *ms);

// Prints a result: JSON on standard output when done, else what went wrong on standard error. Returns the exit code.
int cli_print_result(const struct krait_result *r);

// Prints text from a task with control characters escaped, line breaks kept.
void cli_print_escaped(FILE *out, const char *text);

// Prints text as a JSON string.
void cli_print_json_text(FILE *out, const char *text);

// "3.2s", "5m", "2h": an age for people.
void cli_age(uint64_t ms, char out[24]);

#endif
