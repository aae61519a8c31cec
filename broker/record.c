// SPDX-License-Identifier: Apache-2.0
// Reading and beginning packed records. Changing them is left to the functions in Redis.

#include "broker/record.h"

#define TIME_MAX ((UINT64_C(1) << 48) - 1)

bool record_read(struct slice bytes, struct record *out)
{
    const uint8_t *h = bytes.p;
    if (bytes.n < RECORD_HEAD || h[0] != RECORD_VERSION)
        return false;
    size_t group = h[89], body = record_get(h + 90, 4);
    if (bytes.n - RECORD_HEAD < group || bytes.n - RECORD_HEAD - group < body)
        return false;
    *out = (struct record){
        .state = (enum task_state)h[1],
        .reason = (enum task_reason)h[2],
        .attempt = (uint32_t)record_get(h + 9, 4),
        .session = slice_of(h + 13, RECORD_SID),
        .moved_ms = (int64_t)record_get(h + 3, 6),
        .deliveries = (uint16_t)record_get(h + 35, 2),
        .retries = (uint16_t)record_get(h + 37, 2),
        .enqueued_ms = (int64_t)record_get(h + 54, 6),
        .priority = h[60],
        .max_retries = (uint16_t)record_get(h + 87, 2),
        .body = slice_of(h + RECORD_HEAD + group, body),
        .outcome = slice_from(bytes, RECORD_HEAD + group + body),
    };
    return true;
}

static uint64_t at_most(uint64_t v, uint64_t cap)
{
    return v < cap ? v : cap;
}

bool record_begin(struct buf *out, const struct msg_options *o, struct slice body, bool watch)
{
    uint8_t *t = buf_room(out, RECORD_HEAD - RECORD_TAIL);
    if (!t)
        return false;
    unsigned control = o->eta_ms ? RECORD_ETA : o->delay_ms ? RECORD_DELAY : 0;
    if (o->expires_ms)
        control |= RECORD_EXPIRES;
    if (watch)
        control |= RECORD_WATCH;
    uint64_t result_ttl = o->has_result_ttl ? o->result_ttl_ms : LIMIT_RESULT_TTL_MS;
    t[0] = (uint8_t)(o->has_priority ? at_most(o->priority, 9) : LIMIT_PRIORITY);
    t[1] = (uint8_t)control;
    record_put(t + 2, at_most(o->eta_ms ? o->eta_ms : o->delay_ms, TIME_MAX), 6);
    record_put(t + 8, at_most(o->expires_ms, TIME_MAX / 2), 6);
    record_put(t + 14, at_most(result_ttl, TIME_MAX / 2), 6);
    record_put(t + 20, at_most(o->dedupe_ms ? o->dedupe_ms : LIMIT_DEDUPE_MS, TIME_MAX / 2), 6);
    t[26] = (uint8_t)at_most(o->max_deliveries ? o->max_deliveries : LIMIT_MAX_DELIVERIES, 255);
    record_put(t + 27, at_most(o->has_retry ? o->retry.max : 0, 65535), 2);
    t[29] = 0;
    record_put(t + 30, body.n, 4);
    buf_added(out, RECORD_HEAD - RECORD_TAIL);
    return buf_put_slice(out, body);
}

void record_result(const struct record *r, struct msg_task_result *out)
{
    out->state = r->state;
    if (!state_is_final(r->state))
        return;
    out->has_outcome = true;
    out->raw_outcome = r->outcome;
    if (r->outcome.n)
        return;
    out->outcome = (struct msg_outcome){
        .no_value = r->state == STATE_DONE,
        .reason = r->reason,
        .finished_ms = (uint64_t)r->moved_ms,
        .attempt = r->attempt,
    };
}
