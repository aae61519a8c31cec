// SPDX-License-Identifier: Apache-2.0
// What commands share: connecting, errors and exit codes, and text that is safe for a terminal.

#include <stdlib.h>
#include <string.h>

#include "sdk/base/log.h"
#include "sdk/cli/cli.h"

static int code_of(enum krait_error err)
{
    switch (err) {
    case KRAIT_OK:
        return CLI_OK;
    case KRAIT_USAGE:
    case KRAIT_NAME:
    case KRAIT_ID:
    case KRAIT_VALUE:
    case KRAIT_CAP:
        return CLI_USAGE;
    case KRAIT_CONNECT:
    case KRAIT_CLOSED:
    case KRAIT_TIMEOUT:
    case KRAIT_STORE:
        return CLI_NO_BROKER;
    case KRAIT_NOT_FOUND:
        return CLI_NOT_FOUND;
    case KRAIT_NOMEM:
    case KRAIT_INTERNAL:
    case KRAIT_IO:
    case KRAIT_VERSION:
    case KRAIT_AUTH:
    case KRAIT_DENIED:
    case KRAIT_TASK_BAD:
    case KRAIT_FULL:
    case KRAIT_CONFLICT:
        break;
    }
    return CLI_FAILED;
}

int cli_failed(const struct krait *k, enum krait_error err)
{
    fprintf(stderr, "krait: %s\n", krait_message(k));
    return code_of(err);
}

static struct krait *open_to(const char *broker, bool patient, int *code)
{
    struct krait *k;
    struct krait_options options = { .broker = broker, .client = "krait", .patient = patient };
    enum krait_error err = krait_connect(&k, &options);
    *code = CLI_OK;
    if (!err)
        return k;
    *code = cli_failed(k, err);
    krait_close(k);
    return NULL;
}

struct krait *cli_connect(const char *broker, int *code)
{
    return open_to(broker, false, code);
}

struct krait *cli_connect_patient(const char *broker, int *code)
{
    return open_to(broker, true, code);
}

bool cli_wait_ms(int64_t given, int64_t *ms)
{
    int64_t none, forever;
    conf_duration(CLI_NO_WAIT, &none);
    conf_duration(CLI_WAIT_FOREVER, &forever);
    *ms = given == forever ? -1 : given;
    return given != none;
}

void cli_print_escaped(FILE *out, const char *text)
{
    char safe[4096];
    while (*text) {
        size_t n = strcspn(text, "\n"), part = n < 900 ? n : 900;
        while (part < n && part > 890 && ((unsigned char)text[part] & 0xc0) == 0x80)   // not inside a character
            part--;
        log_escape(safe, sizeof safe, slice_of(text, part));
        fputs(safe, out);
        text += part;
        if (part == n && *text == '\n')
            putc(*text++, out);
    }
}

void cli_print_json_text(FILE *out, const char *text)
{
    struct krait_value *v = krait_value_text(text);
    char *json = v ? krait_value_to_json(v) : NULL;
    fputs(json ? json : "null", out);
    free(json);
    krait_value_free(v);
}

static int print_unfinished(const struct krait_result *r)
{
    if (r->state == KRAIT_UNKNOWN)
        fprintf(stderr, "krait: no task %s: it was never enqueued here, or its result has expired\n", r->id);
    else
        fprintf(stderr, "krait: %s is not done yet: %s\n", r->id, r->state_name);
    return r->state == KRAIT_UNKNOWN ? CLI_NOT_FOUND : CLI_NOT_YET;
}

static void print_error(const struct krait_result *r)
{
    if (*r->traceback) {
        cli_print_escaped(stderr, r->traceback);
        if (r->traceback[strlen(r->traceback) - 1] != '\n')
            fputc('\n', stderr);
    } else if (*r->error_type) {
        cli_print_escaped(stderr, r->error_type);
        fputs(*r->error_message ? ": " : "", stderr);
        cli_print_escaped(stderr, r->error_message);
        fputc('\n', stderr);
    }
    fprintf(stderr, "krait: %s is %s%s%s\n", r->id, r->state_name, *r->reason ? ": " : "", r->reason);
}

int cli_print_result(const struct krait_result *r)
{
    if (!krait_state_is_final(r->state))
        return print_unfinished(r);
    if (r->state != KRAIT_DONE) {
        print_error(r);
        return r->state == KRAIT_CANCELLED || strcmp(r->reason, "expired") == 0 ? CLI_CANCELLED : CLI_FAILED;
    }
    char *json = krait_result_json(r);
    if (!json) {
        fprintf(stderr, "krait: the result of %s cannot be read\n", r->id);
        return CLI_FAILED;
    }
    puts(json);
    free(json);
    return fflush(stdout) == 0 ? CLI_OK : CLI_FAILED;
}

void cli_age(uint64_t ms, char out[24])
{
    double s = (double)ms / 1000;
    if (ms == 0)
        snprintf(out, 24, "-");
    else if (s < 100)
        snprintf(out, 24, "%.1fs", s);
    else if (s < 7200)
        snprintf(out, 24, "%.0fm", s / 60);
    else
        snprintf(out, 24, "%.0fh", s / 3600);
}
