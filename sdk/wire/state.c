// SPDX-License-Identifier: Apache-2.0
// The names of the numbers in state.h.

#include "sdk/wire/state.h"

#include <stddef.h>

#define NAME_ROW(name, number, text) [number] = text,

#define NAMES(function, type, list)                                                                        \
    const char *function(type v)                                                                           \
    {                                                                                                      \
        static const char *const names[] = { list(NAME_ROW) };                                             \
        return (size_t)v < sizeof names / sizeof names[0] ? names[v] : "?";                                \
    }

NAMES(state_name, enum task_state, STATE_LIST)
NAMES(reason_name, enum task_reason, REASON_LIST)
NAMES(accept_name, enum task_accept, ACCEPT_LIST)
NAMES(ended_name, enum task_ended, ENDED_LIST)
NAMES(ack_name, enum task_ack, ACK_LIST)
NAMES(role_name, enum role, ROLE_LIST)
NAMES(mode_name, enum worker_mode, MODE_LIST)
NAMES(happening_name, enum happening, HAPPENING_LIST)
