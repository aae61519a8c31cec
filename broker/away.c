// SPDX-License-Identifier: Apache-2.0
// The spans in which the store was there, and the sum over them. Who is given up then is left to session.lua.

#include "broker/away.h"

#define SETTLE_PART 8      // of the TTL, after an absence

void away_came(struct away *a, struct mono now)
{
    if (a->there)
        return;
    a->spans[a->n++ % AWAY_SPANS] = (struct away_span){ now, now };
    a->there = true;
}

void away_went(struct away *a, struct mono now)
{
    if (a->there)
        a->spans[(a->n - 1) % AWAY_SPANS].to = now;
    a->there = false;
}

// From when on the i-th span counts. Before the first one nothing was away, as far as we know.
static int64_t counts_from(const struct away *a, uint64_t i, int64_t ttl_ns)
{
    int64_t from = a->spans[i % AWAY_SPANS].from.ns;
    return i ? from + ttl_ns / SETTLE_PART : from;
}

int64_t away_patience(const struct away *a, struct mono now, int64_t ttl_ms)
{
    int64_t ttl = ttl_ms * CLOCK_NS_PER_MS, left = ttl;
    uint64_t oldest = a->n > AWAY_SPANS ? a->n - AWAY_SPANS : 0;
    for (uint64_t i = a->n; a->there && i-- > oldest;) {
        int64_t to = i + 1 == a->n ? now.ns : a->spans[i % AWAY_SPANS].to.ns, from = counts_from(a, i, ttl);
        if (to - from >= left)
            return (now.ns - (to - left) - ttl) / CLOCK_NS_PER_MS;
        if (to > from)
            left -= to - from;
    }
    return -1;
}
