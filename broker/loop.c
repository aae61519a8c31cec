// SPDX-License-Identifier: Apache-2.0
// Turns of the event loop and its alarms. What is done at the end of a turn is the broker's (main.c).

#include "broker/loop.h"

#include <stddef.h>

#define LATE_NS INT64_C(100000000)

bool loop_init(struct loop *l, void (*turn_end)(void *), void *owner)
{
    *l = (struct loop){ .turn_end = turn_end, .owner = owner };
    heap_init(&l->alarms);
    struct event_config *config = event_config_new();
    if (!config)
        return false;
    event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK | EVENT_BASE_FLAG_PRECISE_TIMER);
    l->base = event_base_new_with_config(config);
    event_config_free(config);
    l->now = l->last_turn = clock_mono();
    return l->base != NULL;
}

void loop_free(struct loop *l)
{
    heap_free(&l->alarms);
    if (l->base)
        event_base_free(l->base);
    l->base = NULL;
}

void alarm_set(struct loop *l, struct alarm *a, struct mono due)
{
    if (!heap_set(&l->alarms, &a->node, due.ns))
        a->node.at = 0;
}

void alarm_in(struct loop *l, struct alarm *a, int64_t ms)
{
    alarm_set(l, a, mono_after_ms(l->now, ms));
}

void alarm_clear(struct loop *l, struct alarm *a)
{
    heap_remove(&l->alarms, &a->node);
}

static void ring_due(struct loop *l)
{
    struct heap_node *first;
    while ((first = heap_first(&l->alarms)) && first->due <= l->now.ns) {
        struct alarm *a = LIST_ITEM(first, struct alarm, node);
        l->lag_ns = l->now.ns - first->due;
        heap_remove(&l->alarms, first);
        a->ring(a);
    }
}

static void nothing(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what, (void)arg;
}

// libevent wakes us for the earliest alarm; the heap above says which it is.
static void wait_events(struct loop *l, struct event *timer)
{
    struct heap_node *first = heap_first(&l->alarms);
    if (first) {
        int64_t ns = first->due - clock_mono().ns;
        if (ns < 0)
            ns = 0;
        ns += 999;
        struct timeval tv = { .tv_sec = ns / 1000000000, .tv_usec = ns % 1000000000 / 1000 };
        event_add(timer, &tv);
    }
    l->awake = false;
    event_base_loop(l->base, EVLOOP_ONCE);
    if (first)
        event_del(timer);
}

// We stood still (stopped, or without a processor): what came meanwhile is heard before alarms judge anybody's silence.
static bool is_late(const struct loop *l)
{
    struct heap_node *first = heap_first(&l->alarms);
    return first && l->now.ns - first->due > LATE_NS;
}

void loop_run(struct loop *l)
{
    struct event *timer = event_new(l->base, -1, 0, nothing, NULL);
    if (!timer)
        return;
    l->turn_end(l->owner);
    while (!l->stop) {
        wait_events(l, timer);
        l->now = clock_mono();
        if (is_late(l))
            event_base_loop(l->base, EVLOOP_NONBLOCK);
        ring_due(l);
        l->turn_end(l->owner);
        l->turns++;
        l->last_turn = clock_mono();
    }
    event_free(timer);
}
