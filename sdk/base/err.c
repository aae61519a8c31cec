// SPDX-License-Identifier: Apache-2.0
// The words of the error codes. Adds no context: that is for who noticed.

#include "sdk/base/err.h"

#include <stddef.h>

struct row {
    enum err code;
    const char *name;
    const char *text;
};

static const struct row rows[] = {
#define ERR_ROW(name, number, text) { ERR_##name, #name, text },
    ERR_LIST(ERR_ROW)
#undef ERR_ROW
};

static const char *const names[] = {
    "ok", "nomem", "internal", "usage", "timeout", "closed", "connect", "io",
    "frame", "frame_size", "message", "unknown", "version", "cap", "unexpected", "beat", "slow",
    "auth", "denied", "name", "id", "task", "value", "not_found",
    "full", "conflict", "store", "fenced", "stale", "draining", "limit",
};

#define ROWS (sizeof rows / sizeof rows[0])
_Static_assert(sizeof names / sizeof names[0] == ROWS, "a name a code");

const char *err_text(enum err code)
{
    for (size_t i = 0; i < ROWS; i++)
        if (rows[i].code == code)
            return rows[i].text;
    return "unknown error";
}

const char *err_name(enum err code)
{
    for (size_t i = 0; i < ROWS; i++)
        if (rows[i].code == code)
            return names[i];
    return "unknown";
}
