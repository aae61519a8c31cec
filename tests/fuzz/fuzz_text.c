// SPDX-License-Identifier: Apache-2.0
// Short texts that people type: task ids, addresses, moments, durations, sizes. What is accepted must be written back to
// something that means the same. Configuration files as a whole are tests/unit/sdk_base_conf.c's.

#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "sdk/base/clock.h"
#include "sdk/base/conf.h"
#include "sdk/base/id.h"
#include "sdk/base/log.h"
#include "sdk/base/url.h"

static void try_id(const char *text)
{
    struct task_id id, again;
    char back[ID_TASK_MAX + 1];
    if (!id_parse(slice_text(text), &id))
        return;
    size_t n = id_format(&id, back);
    MUST(n == strlen(back) && id_parse(slice_text(back), &again));
    MUST(slice_eq(id.queue, again.queue) && slice_eq(id.key, again.key) && id.part == again.part);
}

static void try_url(const char *text)
{
    struct url u, again;
    char why[300], back[URL_TEXT_MAX];
    if (!url_parse(text, &u, why, sizeof why))
        return;
    url_format(&u, back);
    MUST(url_parse(back, &again, why, sizeof why));
    MUST(u.kind == again.kind && u.port == again.port && strcmp(u.host, again.host) == 0 && strcmp(u.ns, again.ns) == 0);
    MUST(strcmp(u.path, again.path) == 0);
}

static void try_moment(const char *text)
{
    struct wall t, again;
    char back[CLOCK_TEXT];
    if (!wall_parse(text, &t))
        return;
    wall_format(t, back);
    if (strcmp(back, "?") != 0)      // an offset may lead out of the years 1..9999
        MUST(wall_parse(back, &again) && again.ms == t.ms);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[600], escaped[2000];
    size_t n = size < sizeof text - 1 ? size : sizeof text - 1;
    int64_t v;
    memcpy(text, data, n);
    text[n] = 0;
    try_id(text);
    try_url(text);
    try_moment(text);
    MUST(!conf_duration(text, &v) || v >= 0);
    MUST(!conf_size(text, &v) || v >= 0);
    size_t made = log_escape(escaped, sizeof escaped, slice_of(data, n));
    for (size_t i = 0; i < made; i++)
        MUST((uint8_t)escaped[i] >= 0x20 && escaped[i] != 0x7f);
    return 0;
}
