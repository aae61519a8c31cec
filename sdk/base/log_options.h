// SPDX-License-Identifier: Apache-2.0
// The rows that a daemon's table of settings has for its log, so that all daemons log by the same flags. Reading them is conf.h's, logging log.h's.

#ifndef KRAIT_BASE_LOG_OPTIONS_H
#define KRAIT_BASE_LOG_OPTIONS_H

#include "sdk/base/conf.h"
#include "sdk/base/log.h"

static const char *const log_formats[] = { [LOG_TEXT] = "text", [LOG_JSON] = "json", NULL };

// `type` is its settings struct, with the fields `char *log_level` and `int log_format`.
#define LOG_OPTIONS(type)                                                                                                                  \
    { .name = "log-level", .kind = CONF_STRING, .offset = offsetof(struct type, log_level), .fallback = "info", .env = "KRAIT_LOG_LEVEL", \
      .metavar = "debug|info|warn|error", .help = "what is logged on standard error" },                                                    \
    { .name = "log-format", .kind = CONF_CHOICE, .offset = offsetof(struct type, log_format), .fallback = "text",                          \
      .env = "KRAIT_LOG_FORMAT", .metavar = "text|json", .choices = log_formats, .help = "how" }

#endif
