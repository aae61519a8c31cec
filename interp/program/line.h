// SPDX-License-Identifier: Apache-2.0
// One line from the terminal, with editing and history (libedit), or from whatever standard input is. Leaves what the line means to repl.c.
#ifndef KRAIT_INTERP_PROGRAM_LINE_H
#define KRAIT_INTERP_PROGRAM_LINE_H

#include "interp/core/thread.h"

struct line_reader;
enum line_result { LINE_OK, LINE_END, LINE_INTERRUPTED };
struct line_reader *line_open(void);                 // NULL: out of memory, which line_read bears
void line_close(struct line_reader *in);             // writes the history
// *out: malloc'd, without its newline; NULL at the end. Detached while it waits. LINE_INTERRUPTED: an exception may be pending.
enum line_result line_read(struct line_reader *in, struct thread *t, const char *prompt, char **out);
bool line_is_block(const char *text);                // its last line that is not empty is indented, or ends in a colon

#endif
