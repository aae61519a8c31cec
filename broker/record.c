// SPDX-License-Identifier: Apache-2.0
// Reading and beginning packed records. Changing them is left to the functions in Redis.

#include "broker/record.h"

#include <stdio.h>

#include <openssl/evp.h>

#include "sdk/base/id.h"

#define TIME_MAX ((UINT64_C(1) << 48) - 1)

static bool read_in(struct slice bytes, bool cut, struct record *out)
{
    const uint8_t *h = bytes.p;
    if (bytes.n < RECORD_HEAD || h[0] != RECORD_VERSION)
        return false;
    size_t extra = h[89], body = record_get(h + 90, 4), rest = bytes.n - RECORD_HEAD;
    if (cut && rest >= extra && rest - extra < body)
        body = rest - extra;
    if (rest < extra || rest - extra < body)
        return false;
    bool grouped = extra >= RECORD_EXTRA && extra - RECORD_EXTRA >= h[RECORD_HEAD + 2];
    *out = (struct record){
        .state = (enum task_state)h[1],
        .reason = (enum task_reason)h[2],
        .attempt = (uint32_t)record_get(h + 9, 4),
        .session = slice_of(h + 13, RECORD_SID),
        .moved_ms = (int64_t)record_get(h + 3, 6),
        .deliveries = (uint16_t)record_get(h + 35, 2),
        .retries = (uint16_t)record_get(h + 37, 2),
        .enqueued_ms = (int64_t)record_get(h + 54, 6),
        .started_ms = (int64_t)record_get(h + 29, 6),
        .due_ms = (int64_t)record_get(h + 62, 6),
        .expires_ms = h[61] & RECORD_EXPIRES ? (int64_t)record_get(h + 68, 6) : 0,
        .group = grouped ? slice_of(h + RECORD_HEAD + RECORD_EXTRA, h[RECORD_HEAD + 2]) : slice_of(NULL, 0),
        .priority = h[60],
        .max_retries = (uint16_t)record_get(h + 87, 2),
        .body = slice_of(h + RECORD_HEAD + extra, body),
        .outcome = slice_from(bytes, RECORD_HEAD + extra + body),
    };
    return true;
}

bool record_read(struct slice bytes, struct record *out)
{
    return read_in(bytes, false, out);
}

bool record_read_cut(struct slice bytes, struct record *out)
{
    return read_in(bytes, true, out);
}

static uint64_t at_most(uint64_t v, uint64_t cap)
{
    return v < cap ? v : cap;
}

// Keys are told apart only by equality, so a long one may go by its hash.
static uint8_t put_key(uint8_t *at, struct slice key)
{
    uint8_t hash[EVP_MAX_MD_SIZE];
    char hex[41];
    if (key.n <= RECORD_KEY) {
        memcpy(at, key.p ? key.p : (const uint8_t *)"", key.n);
        return (uint8_t)key.n;
    }
    EVP_Digest(key.p, key.n, hash, NULL, EVP_sha256(), NULL);
    id_hex(hash, 20, hex);
    at[0] = '~';
    memcpy(at + 1, hex, 40);
    return 41;
}

// KEY, or KEY/US for a rate that the task brings itself; no key holds a slash. Without a key it goes by the task's name.
static uint8_t put_rate(uint8_t *at, const struct msg_task *t)
{
    const struct msg_options *o = &t->options;
    uint8_t n = put_key(at, o->rate_key.n || !o->rate_us ? o->rate_key : t->name);
    if (o->rate_us)
        n = (uint8_t)(n + sprintf((char *)at + n, "/%llu", (unsigned long long)at_most(o->rate_us, RECORD_RATE_MAX)));
    return n;
}

void record_extra_of(const struct msg_task *t, struct record_extra *out)
{
    const struct msg_options *o = &t->options;
    out->n = 0;
    if (!o->group.n && !o->rate_key.n && !o->unique_key.n && !t->parts && !o->rate_us)
        return;
    uint8_t *b = out->bytes, *at = b + RECORD_EXTRA;
    b[0] = 0;
    b[1] = (uint8_t)o->conflict;
    b[2] = (uint8_t)o->group.n;
    memcpy(at, o->group.p ? o->group.p : (const uint8_t *)"", o->group.n);
    at += b[2];
    at += b[3] = put_rate(at, t);
    at += b[4] = put_key(at, o->unique_key);
    record_put(b + 5, at_most(o->unique_ttl_ms, TIME_MAX / 2), 6);
    record_put(b + 11, at_most(t->parts, LIMIT_PARTS), 2);
    out->n = (uint8_t)(at - b);
}

bool record_begin(struct buf *out, const struct msg_options *o, const struct record_extra *extra, struct slice body,
                  bool watch)
{
    uint8_t *t = buf_room(out, RECORD_HEAD - RECORD_TAIL);
    if (!t)
        return false;
    unsigned control = o->eta_ms ? RECORD_ETA : o->delay_ms ? RECORD_DELAY : 0;
    if (o->expires_ms)
        control |= RECORD_EXPIRES;
    if (watch)
        control |= RECORD_WATCH;
    if (extra->n)
        control |= RECORD_HAS_EXTRA;
    if (o->rate_us)
        control |= RECORD_RATE;
    uint64_t result_ttl = o->has_result_ttl ? o->result_ttl_ms : LIMIT_RESULT_TTL_MS;
    t[0] = (uint8_t)(o->has_priority ? at_most(o->priority, 9) : LIMIT_PRIORITY);
    t[1] = (uint8_t)control;
    record_put(t + 2, at_most(o->eta_ms ? o->eta_ms : o->delay_ms, TIME_MAX), 6);
    record_put(t + 8, at_most(o->expires_ms, TIME_MAX / 2), 6);
    record_put(t + 14, at_most(result_ttl, TIME_MAX / 2), 6);
    record_put(t + 20, at_most(o->dedupe_ms ? o->dedupe_ms : LIMIT_DEDUPE_MS, TIME_MAX / 2), 6);
    t[26] = (uint8_t)at_most(o->max_deliveries ? o->max_deliveries : LIMIT_MAX_DELIVERIES, 255);
    record_put(t + 27, at_most(o->has_retry ? o->retry.max : 0, 65535), 2);
    t[29] = extra->n;
    record_put(t + 30, body.n, 4);
    buf_added(out, RECORD_HEAD - RECORD_TAIL);
    if (extra->n)
        buf_put(out, extra->bytes, extra->n);
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
