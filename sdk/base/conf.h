// SPDX-License-Identifier: Apache-2.0
// Settings of a program from one table: flag > environment > --config FILE > default. Also --help, --version and the
// one-line usage errors. It knows no setting by name but --config, --help, --version.
//
// A program declares a plain struct of its settings and a table of rows that say where each goes:
//
//   struct settings { char *http; int64_t drain_ms; bool burst; struct conf_list listen; };
//   static const struct conf_option options[] = {
//       { "http",  CONF_STRING,   offsetof(struct settings, http),  .fallback = "127.0.0.1:7249",
//         .metavar = "HOST:PORT", .help = "serve HTTP there" }, … };
//
// What a field is, by kind:   STRING char * (owned, NULL without a default) · FLAG bool · INT int64_t ·
// DURATION int64_t milliseconds · SIZE int64_t bytes · CHOICE int (index into `choices`) · LIST struct conf_list.
// The environment twin of --drain-timeout in krait-worker is KRAIT_WORKER_DRAIN_TIMEOUT, unless `env` names another;
// a LIST there or in the file is separated by spaces or commas (or by spaces alone with .spaces).

#ifndef KRAIT_BASE_CONF_H
#define KRAIT_BASE_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum conf_kind { CONF_FLAG, CONF_STRING, CONF_INT, CONF_DURATION, CONF_SIZE, CONF_CHOICE, CONF_LIST };

struct conf_list {
    char **v;   // owned, each too
    size_t n;
};

struct conf_option {
    const char *name;             // without the dashes
    enum conf_kind kind;
    size_t offset;                // in the settings struct
    const char *fallback;         // as it would be typed; NULL = zero
    const char *env;              // NULL = by rule; "" = none
    const char *metavar;
    const char *help;
    const char *const *choices;   // CHOICE, NULL-terminated
    int64_t min, max;             // INT, DURATION, SIZE when max > min
    bool secret;                  // conf_print hides it
    bool flag_only;               // neither environment nor file
    bool optional_value;          // STRING and DURATION: the value may be missing (--wait), then it is `bare`
    const char *bare;
    char letter;                  // -X beside --name; 0 = none
    bool spaces;                  // LIST: commas do not separate
};

// What stands behind the flags.
struct conf_program {
    const char *name;             // krait-worker; "krait enqueue" for a command
    const char *env;              // KRAIT_WORKER_; NULL = no environment twins by rule
    const char *usage;            // what follows the name in the usage line
    const char *summary;          // one paragraph for --help
    const char *notes;            // printed at the end of --help, or NULL
    const struct conf_option *options;
    size_t n;
    bool lenient;                 // an argument that is no known flag is positional, also with a dash in front
    bool commands;                // stop at the first positional argument (krait COMMAND …)
};

// Positional arguments, borrowed from argv.
struct conf_args {
    char **v;     // owned array
    size_t n;
};

enum conf_result {
    CONF_RUN,     // settings hold
    CONF_DONE,    // --help or --version was answered: exit 0
    CONF_BAD      // the error was printed on standard error: exit 2
};

// Fills settings (zeroed here first). On DONE and BAD there is nothing to free.
enum conf_result conf_load(const struct conf_program *p, int argc, char **argv, void *settings,
                           struct conf_args *args);

void conf_free(const struct conf_program *p, void *settings, struct conf_args *args);

// Prints `key = value` for all that holds, secrets hidden: a file that --config takes.
void conf_print(const struct conf_program *p, const void *settings, FILE *out);

// The one line of a usage error on standard error: "krait-worker: what is wrong; how to mend it". Returns 2.
int conf_usage(const struct conf_program *p, const char *format, ...) __attribute__((format(printf, 2, 3)));

// 500ms 5s 2m 1h 1d; a bare number (fractions too) is seconds.
bool conf_duration(const char *text, int64_t *ms);

// 512 64k 16M 2G (powers of 1024; KiB, MB and the like are read the same).
bool conf_size(const char *text, int64_t *bytes);

bool conf_int(const char *text, int64_t *v);
bool conf_bool(const char *text, bool *v);

// The token from KRAIT_TOKEN, else the first line of the file that KRAIT_TOKEN_FILE names: owned text (MEM_CONF), NULL
// when neither is set. false when the file cannot be read: `why` says so.
bool conf_token(char **token, char *why, size_t why_size);

// What --version prints behind the name.
extern const char conf_version[];

#endif
