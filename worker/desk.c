// SPDX-License-Identifier: Apache-2.0
// Tickets of a child: asking, waiting, answers. The supervisor's side is relay.c.

#include "worker/desk.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "sdk/base/clock.h"

#define LOOK_NS INT64_C(50000000)

void desk_init(struct desk *d, void (*send)(void *, enum chan_kind, const void *, size_t), void *arg)
{
    pthread_condattr_t monotonic;
    *d = (struct desk){ .send = send, .arg = arg };
    pthread_mutex_init(&d->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&d->came, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

// The lock is held.
static struct ticket **find(struct desk *d, uint64_t number)
{
    struct ticket **at = &d->tickets;
    while (*at && (*at)->number != number)
        at = &(*at)->next;
    return at;
}

static void free_answers(struct answer *a)
{
    while (a) {
        struct answer *next = a->next;
        free(a);
        a = next;
    }
}

static uint64_t open_ticket(struct desk *d)
{
    struct ticket *t = calloc(1, sizeof *t);
    if (!t)
        return 0;
    t->last = &t->first;
    pthread_mutex_lock(&d->lock);
    t->number = ++d->numbers;
    t->next = d->tickets;
    d->tickets = t;
    uint64_t number = t->number;
    pthread_mutex_unlock(&d->lock);
    return number;
}

// Frees the ticket; false: there was none.
static bool close_ticket(struct desk *d, uint64_t number)
{
    pthread_mutex_lock(&d->lock);
    struct ticket **at = find(d, number), *t = *at;
    if (t)
        *at = t->next;
    pthread_mutex_unlock(&d->lock);
    if (!t)
        return false;
    free_answers(t->first);
    free(t);
    return true;
}

static bool send_with(struct desk *d, enum chan_kind kind, const void *head, size_t head_n, struct slice rest)
{
    struct buf b = { 0 };
    bool ok = buf_put(&b, head, head_n) && buf_put_slice(&b, rest);
    if (ok)
        d->send(d->arg, kind, buf_slice(&b).p, buf_len(&b));
    buf_free(&b);
    return ok;
}

uint64_t desk_ask(struct desk *d, uint32_t member, struct slice message)
{
    struct chan_ask head = { .ticket = open_ticket(d), .member = member };
    if (head.ticket && !send_with(d, CHAN_ASK, &head, sizeof head, message)) {
        close_ticket(d, head.ticket);
        return 0;
    }
    return head.ticket;
}

void desk_drop(struct desk *d, uint64_t number)
{
    struct chan_ask head = { .ticket = number };
    if (close_ticket(d, number))
        d->send(d->arg, CHAN_DROP, &head, sizeof head);
}

void desk_progress(struct desk *d, const struct chan_progress *p, struct slice note)
{
    send_with(d, CHAN_PROGRESS, p, sizeof *p, note);
}

// The lock is held.
static struct answer *take(struct desk *d, uint64_t number)
{
    struct ticket *t = *find(d, number);
    struct answer *a = t ? t->first : NULL;
    if (!a)
        return NULL;
    t->first = a->next;
    if (!t->first)
        t->last = &t->first;
    return a;
}

struct answer *desk_wait(struct desk *d, uint64_t number, int64_t until_ns, const _Atomic uint32_t *stop)
{
    struct answer *a;
    pthread_mutex_lock(&d->lock);
    for (;;) {
        int64_t now = clock_mono().ns;
        a = take(d, number);
        if (a || now >= until_ns || atomic_load_explicit(stop, memory_order_relaxed) || !*find(d, number))
            break;
        int64_t next = until_ns < now + LOOK_NS ? until_ns : now + LOOK_NS;
        struct timespec ts = { next / 1000000000, next % 1000000000 };
        pthread_cond_timedwait(&d->came, &d->lock, &ts);
    }
    pthread_mutex_unlock(&d->lock);
    return a;
}

void desk_put(struct desk *d, struct slice frame)
{
    struct chan_ask head;
    if (frame.n < sizeof head)
        return;
    memcpy(&head, frame.p, sizeof head);
    struct slice message = slice_from(frame, sizeof head);
    struct answer *a = malloc(sizeof *a + message.n);
    if (!a)
        return;       // who asked gives up at his deadline
    *a = (struct answer){ .member = head.member, .n = message.n };
    memcpy(a->bytes, message.p, message.n);
    pthread_mutex_lock(&d->lock);
    struct ticket *t = *find(d, head.ticket);
    if (t) {
        *t->last = a;
        t->last = &a->next;
        pthread_cond_broadcast(&d->came);
    }
    pthread_mutex_unlock(&d->lock);
    if (!t)
        free(a);
}
