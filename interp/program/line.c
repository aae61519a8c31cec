// SPDX-License-Identifier: Apache-2.0
// Reading lines: libedit on a terminal, else plain. Leaves what the line means to repl.c.
#include "interp/core/os_signal.h"
#include "interp/program/line.h"

#include <editline/readline.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HISTORY_LINES = 1000 };
struct line_reader {
    bool terminal;
    char history[PATH_MAX]; // "" : not kept
};

// What libedit's callback hands over; it has no argument of ours.
static char *received;
static bool done;
static void receive(char *line) {
    received = line;
    done = true;
    rl_callback_handler_remove();
}

struct line_reader *line_open(void) {
    struct line_reader *in = calloc(1, sizeof *in);
    if (!in) return NULL;
    in->terminal = isatty(0) && isatty(1);
    if (!in->terminal) return in;
    rl_readline_name = (char *)(uintptr_t)"krait-python";
    rl_bind_key('\t', rl_insert);
    using_history();
    stifle_history(HISTORY_LINES);
    const char *home = getenv("HOME");
    if (home && snprintf(in->history, sizeof in->history, "%s/.krait_history", home) < (int)sizeof in->history) read_history(in->history);
    return in;
}
void line_close(struct line_reader *in) {
    if (in && in->terminal && in->history[0]) write_history(in->history);
    free(in);
}

static enum line_result from_terminal(struct thread *t, const char *prompt, char **out) {
    done = false;
    received = NULL;
    rl_callback_handler_install(prompt, receive);
    while (!done) {
        struct pollfd p = {.fd = 0, .events = POLLIN};
        thread_detach(t);
        int n = poll(&p, 1, -1);
        int e = errno;
        thread_attach(t);
        if (n < 0 && e == EINTR) {
            if (safepoint_poll(t)) continue;
            rl_callback_handler_remove();
            return LINE_INTERRUPTED;
        }
        rl_callback_read_char();
    }
    *out = received;
    if (received && *received) add_history(received);
    return received ? LINE_OK : LINE_END;
}
static enum line_result from_file(struct thread *t, const char *prompt, char **out) {
    fputs(prompt, stderr);
    fflush(stderr);
    size_t room = 0;
    for (;;) {
        errno = 0;
        thread_detach(t);
        ssize_t n = getline(out, &room, stdin);
        int e = errno;
        thread_attach(t);
        if (n >= 0) {
            if (n && (*out)[n - 1] == '\n') (*out)[n - 1] = 0;
            return LINE_OK;
        }
        clearerr(stdin);
        free(*out);
        *out = NULL;
        if (e != EINTR) return LINE_END;
        if (!safepoint_poll(t)) return LINE_INTERRUPTED;
    }
}
enum line_result line_read(struct line_reader *in, struct thread *t, const char *prompt, char **out) {
    *out = NULL;
    return in && in->terminal ? from_terminal(t, prompt ? prompt : "", out) : from_file(t, prompt ? prompt : "", out);
}

bool line_is_block(const char *text) {
    const char *last = text;
    for (const char *p = text; *p; p++)
        if (*p == '\n' && p[1] && p[1] != '\n') last = p + 1;
    if (*last == ' ' || *last == '\t') return true;
    size_t n = strcspn(last, "\n");
    return n && last[n - 1] == ':';
}
