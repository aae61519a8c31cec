// SPDX-License-Identifier: Apache-2.0
// Retry policy. Counting the retries is done in Redis.

#include "broker/retry.h"

#include "sdk/base/id.h"

#define DAY_MS UINT64_C(86400000)
#define LONGEST_MS (365 * DAY_MS)

// ValueError matches ValueError and any.module.ValueError.
static bool matches(struct slice wanted, struct slice type)
{
    if (slice_eq(wanted, type))
        return true;
    return type.n > wanted.n && type.p[type.n - wanted.n - 1] == '.' &&
           slice_eq(slice_from(type, type.n - wanted.n), wanted);
}

static bool any(const struct slice *names, size_t n, struct slice type)
{
    for (size_t i = 0; i < n; i++)
        if (matches(names[i], type))
            return true;
    return false;
}

bool retry_wanted(const struct msg_retry *r, struct slice type, uint32_t retries)
{
    if (retries >= r->max || any(r->fail_on, r->n_fail_on, type))
        return false;
    return !r->n_retry_on || any(r->retry_on, r->n_retry_on, type);
}

static uint64_t exponential(const struct msg_retry *r, uint32_t retries)
{
    uint64_t factor = r->factor_percent ? r->factor_percent : 200;
    uint64_t cap = r->cap_ms ? r->cap_ms : DAY_MS;
    double delay = (double)r->base_ms;
    for (uint32_t i = 0; i < retries && delay < (double)cap; i++)
        delay = delay * (double)factor / 100;
    return delay < (double)cap ? (uint64_t)delay : cap;
}

static uint64_t plain(const struct msg_retry *r, uint32_t retries)
{
    switch (r->backoff) {
    case BACKOFF_NONE:
        return 0;
    case BACKOFF_CONSTANT:
        return r->base_ms;
    case BACKOFF_EXPONENTIAL:
        return exponential(r, retries);
    case BACKOFF_LIST:
        return r->n_list_ms ? r->list_ms[retries < r->n_list_ms ? retries : r->n_list_ms - 1] : 0;
    }
    return 0;
}

uint64_t retry_delay(const struct msg_retry *r, uint32_t retries)
{
    uint64_t delay = plain(r, retries), percent = r->jitter_percent < 100 ? r->jitter_percent : 100;
    uint32_t random = 0;
    if (delay > LONGEST_MS)
        delay = LONGEST_MS;
    if (percent && id_random_bytes(&random, sizeof random))
        delay -= (uint64_t)((double)delay * (double)percent / 100 * ((double)random / 4294967296.0));
    return delay;
}
