// SPDX-License-Identifier: Apache-2.0
// The mirror of what sessions hold, and the starts that Redis has yet to hear of. Leases are taken from a spare list:
// one is made for every task that passes.

#include <stdio.h>

#include "broker/broker.h"
#include "broker/session.h"
#include "sdk/base/mem.h"

#define STARTS_MS 100    // a task that ends sooner needs no report of its start

static struct lease *take(struct sessions *ss)
{
    struct lease *l = ss->spare;
    if (l)
        ss->spare = l->next;
    else
        l = mem_alloc(MEM_TASK, sizeof *l);
    return l;
}

static void give(struct sessions *ss, struct lease *l)
{
    l->next = ss->spare;
    ss->spare = l;
}

struct lease *lease_add(struct sub *sub, struct slice key, uint32_t attempt)
{
    struct session *s = sub->session;
    struct task_id id = id_make(slice_text(sub->part->queue->name), key, 0, 1);
    struct lease *l = key.n <= ID_KEY_MAX ? take(s->sessions) : NULL;
    if (!l)
        return NULL;
    l->n = (uint16_t)id_format(&id, l->id);
    l->sub = sub;
    l->name = NULL;
    l->since = s->sessions->broker->loop.now;
    l->attempt = attempt;
    l->started = l->ending = false;
    l->large = true;       // until its body was seen
    link_init(&l->on_started);
    if (map_get(&s->leases, slice_of(l->id, l->n)) || !map_put(&s->leases, slice_of(l->id, l->n), l)) {
        give(s->sessions, l);
        return NULL;
    }
    sub->held++;
    return l;
}

static void let_go(struct lease *l)
{
    struct sessions *ss = l->sub->session->sessions;
    list_remove(&ss->started, &l->on_started);
    if (l->name)
        l->name->uses--;
    l->sub->held--;
    give(ss, l);
}

void lease_drop(struct lease *l)
{
    map_remove(&l->sub->session->leases, slice_of(l->id, l->n));
    let_go(l);
}

void leases_drop(struct session *s)
{
    size_t at = 0;
    for (struct map_slot *slot; (slot = map_walk(&s->leases, &at));)
        let_go(slot->value);
    map_free(&s->leases);
    map_init(&s->leases);
}

void leases_free(struct sessions *ss)
{
    while (ss->spare) {
        struct lease *next = ss->spare->next;
        mem_free(MEM_TASK, ss->spare, sizeof *ss->spare);
        ss->spare = next;
    }
}

void lease_started(struct lease *l)
{
    struct sessions *ss = l->sub->session->sessions;
    if (l->started || l->ending)
        return;
    l->started = true;
    list_append(&ss->started, &l->on_started);
    if (!alarm_is_set(&ss->starts))
        alarm_in(&ss->broker->loop, &ss->starts, STARTS_MS);
}

static void report(struct lease *l)
{
    struct session *s = l->sub->session;
    struct batch *b = part_batch_of(l->sub->part, BATCH_STARTED, s->sid);
    uint8_t attempt[4];
    if (!b)
        return;
    record_put(attempt, l->attempt, 4);
    struct slice id = slice_of(l->id, l->n);
    resp_slice(&b->args, slice_from(id, strlen(l->sub->part->queue->name) + 1));
    resp_slice(&b->args, slice_of(attempt, 4));
    batch_add(b, 2, NULL, 0);
}

void starts_report(struct sessions *ss)
{
    struct link *x;
    while ((x = list_pop(&ss->started)))
        report(LIST_ITEM(x, struct lease, on_started));
}

void starts_ring(struct alarm *a)
{
    starts_report(LIST_ITEM(a, struct sessions, starts));
}
