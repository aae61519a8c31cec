// SPDX-License-Identifier: Apache-2.0
// Namespaces, queues, partitions and task names: found or made on first use, kept as long as the broker, and made known to the
// other brokers in the registry. What is sent to a partition is left to batch.c.

#include "broker/broker.h"

#include <stdio.h>

#include "sdk/base/mem.h"

#define SPACES_MAX 1024
#define QUEUES_MAX 32768
#define NAMES_MAX  100000
#define ASK_AGAIN_MS 2000     // what another broker's workers know is believed for this long
#define NAMES_CALL 64         // names told in one call
#define NAME_LIFE_MS 60000    // how long a told name holds

struct space *store_space(struct store *s, struct slice name)
{
    struct space *sp = map_get(&s->spaces, name);
    if (sp || s->spaces.n >= SPACES_MAX || name.n > ID_NAME_MAX)
        return sp;
    sp = mem_zalloc(MEM_STORE, 1, sizeof *sp);
    if (!sp)
        return NULL;
    sp->store = s;
    memcpy(sp->name, name.p, name.n);
    if (!map_put(&s->spaces, slice_of(sp->name, name.n), sp)) {
        mem_free(MEM_STORE, sp, sizeof *sp);
        return NULL;
    }
    defaults_load(sp);
    return sp;
}

static struct part *make_part(struct queue *q, unsigned number)
{
    struct part *p = mem_zalloc(MEM_STORE, 1, sizeof *p);
    if (!p)
        return NULL;
    p->queue = q;
    snprintf(p->prefix, sizeof p->prefix, "kr:{%s/%s/%u}", q->space->name, q->name, number);
    snprintf(p->counters, sizeof p->counters, "%s:c", p->prefix);
    list_init(&p->subs);
    list_init(&p->hearing);
    link_init(&p->dirty);
    link_init(&p->all);
    return p;
}

static void part_ring(struct alarm *a)
{
    struct part *p = LIST_ITEM(a, struct part, alarm);
    p->look = true;
    part_sweep(p);
    part_dirty(p);
}

static void silent_ring(struct alarm *a)
{
    part_sweep(LIST_ITEM(a, struct part, silent));
}

void part_sweep(struct part *p)
{
    p->sweep = true;
    part_dirty(p);
}

// A queue that is used for the first time goes into the registry, its namespace too: what lists them reads that.
static void register_queue(struct queue *q)
{
    struct store *s = q->space->store;
    char key[ID_NAME_MAX + 32];
    if (!store_is_ready(s))
        return;
    snprintf(key, sizeof key, "kr:{%s/queues}", q->space->name);
    const struct slice add[] = { slice_text("HSETNX"), slice_text(key), slice_text(q->name), slice_text("parts=1") };
    store_tell(s, 4, add);
    if (!q->space->registered) {
        const struct slice known[] = { slice_text("SADD"), slice_text("kr:spaces"), slice_text(q->space->name) };
        store_tell(s, 3, known);
        q->space->registered = true;
    }
    q->registered = true;
}

static struct queue *make_queue(struct space *sp, struct slice name)
{
    struct queue *q = mem_zalloc(MEM_STORE, 1, sizeof *q);
    if (!q)
        return NULL;
    q->space = sp;
    q->weight = 1;
    memcpy(q->name, name.p, name.n);
    q->part = make_part(q, 0);
    if (q->part && map_put(&sp->queues, slice_of(q->name, name.n), q)) {
        alarm_init(&q->part->alarm, part_ring);
        alarm_init(&q->part->silent, silent_ring);
        list_append(&sp->store->parts, &q->part->all);
        return q;
    }
    mem_free(MEM_STORE, q->part, sizeof *q->part);
    mem_free(MEM_STORE, q, sizeof *q);
    return NULL;
}

struct queue *store_queue(struct space *sp, struct slice name)
{
    if (!name.n)
        name = slice_text(ID_QUEUE);
    if (sp->last_queue && slice_is(name, sp->last_queue->name))
        return sp->last_queue;
    struct queue *q = map_get(&sp->queues, name);
    if (!q && sp->queues.n < QUEUES_MAX && name.n <= ID_NAME_MAX)
        q = make_queue(sp, name);
    sp->last_queue = q;
    return q;
}

struct part *store_part(struct space *sp, const struct task_id *id)
{
    struct queue *q = store_queue(sp, id->queue);
    return q ? q->part : NULL;
}

void part_dirty(struct part *p)
{
    struct store *s = p->queue->space->store;
    if (p->queue->used && !p->queue->registered)
        register_queue(p->queue);
    if (!list_linked(&p->dirty))
        list_append(&s->dirty, &p->dirty);
}

void part_ready(struct part *p)
{
    p->hungry = false;
    if (!list_empty(&p->subs))
        part_dirty(p);
}

// ---- what is kept of a queue's settings

static void learned(struct redis_cmd *c, const struct reply *r)
{
    struct queue *q = LIST_ITEM(c, struct queue, learning);
    q->is_learning = false;
    if (r && r->kind != REPLY_ERROR)
        q->weight = (uint32_t)reply_number(r, 1);
}

void store_learn_weight(struct queue *q)
{
    q->learning.done = learned;
    if (!q->is_learning)
        q->is_learning = store_send(q->space->store, &q->learning, 3,
                                    (const struct slice[]){ slice_text("HGET"), slice_text(q->part->counters), slice_text("weight") });
}

void store_tell_changed(struct part *p)
{
    char news[sizeof p->prefix + 1];
    snprintf(news, sizeof news, "s%s", p->prefix);
    store_tell(p->queue->space->store, 3,
               (const struct slice[]){ slice_text("PUBLISH"), slice_text("kr:all"), slice_text(news) });
}

void store_forget_queue(struct queue *q)
{
    char key[ID_NAME_MAX + 32];
    snprintf(key, sizeof key, "kr:{%s/queues}", q->space->name);
    store_tell(q->space->store, 3, (const struct slice[]){ slice_text("HDEL"), slice_text(key), slice_text(q->name) });
    q->registered = false;
    q->used = !list_empty(&q->part->subs);
}

// ---- task names

static void answered(struct redis_cmd *c, const struct reply *r)
{
    struct task_name *t = LIST_ITEM(c, struct task_name, cmd);
    t->asking = false;
    t->remote = r && r->kind == REPLY_STRING && reply_number(r, 0) > clock_wall().ms;
}

static void free_name(struct task_name *t)
{
    mem_text_free(MEM_STORE, t->text);
    defaults_free(t->defaults);
    mem_free(MEM_STORE, t, sizeof *t);
}

// Names come from producers, so their number is capped: what nobody here uses is forgotten.
static void forget_names(struct space *sp)
{
    size_t at = 0;
    for (struct map_slot *slot = map_walk(&sp->names, &at); slot; slot = map_walk(&sp->names, &at)) {
        struct task_name *t = slot->value;
        if (t->local || t->uses || t->asking || t->defaults)
            continue;
        map_remove(&sp->names, slot->key);
        sp->last_name = NULL;
        free_name(t);
        at--;   // another entry may have moved into this slot
        if (sp->names.n < NAMES_MAX / 2)
            return;
    }
}

struct task_name *store_name(struct space *sp, struct slice name)
{
    if (sp->last_name && slice_is(name, sp->last_name->text))
        return sp->last_name;
    struct task_name *t = map_get(&sp->names, name);
    if (t || !name.n) {
        sp->last_name = t;
        return t;
    }
    if (sp->names.n >= NAMES_MAX)
        forget_names(sp);
    if (sp->names.n >= NAMES_MAX)
        return NULL;
    t = mem_zalloc(MEM_STORE, 1, sizeof *t);
    if (!t)
        return NULL;
    t->text = mem_text(MEM_STORE, (const char *)name.p, name.n);
    t->cmd.done = answered;
    if (t->text && map_put(&sp->names, slice_of(t->text, name.n), t))
        return t;
    free_name(t);
    return NULL;
}

static void names_key(const struct space *sp, char *key, size_t size)
{
    snprintf(key, size, "kr:{%s/queues}:names", sp->name);
}

void store_ask_name(struct space *sp, struct task_name *t)
{
    struct store *s = sp->store;
    struct mono now = s->broker->loop.now;
    bool fresh = t->asked.ns && mono_since(now, t->asked) < ASK_AGAIN_MS * CLOCK_NS_PER_MS;
    if (t->asking || (t->remote && fresh))   // a "no" may have been too early: it is never believed for long
        return;
    char key[ID_NAME_MAX + 32];
    names_key(sp, key, sizeof key);
    const struct slice ask[] = { slice_text("ZSCORE"), slice_text(key), slice_text(t->text) };
    t->asking = store_send(s, &t->cmd, 3, ask);
    t->asked = now;
}

// All names that a session's worker knows, good for NAME_LIFE_MS.
void store_tell_names(struct space *sp, struct session *ses)
{
    struct store *s = sp->store;
    if (!ses->names.n || !store_is_ready(s))
        return;
    char key[ID_NAME_MAX + 32], due[24], now[24];
    int64_t ms = clock_wall().ms;
    names_key(sp, key, sizeof key);
    snprintf(due, sizeof due, "%lld", (long long)(ms + NAME_LIFE_MS));
    snprintf(now, sizeof now, "%lld", (long long)ms);
    size_t at = 0, n = 2;
    struct slice add[2 + 2 * NAMES_CALL] = { slice_text("ZADD"), slice_text(key) };
    for (struct map_slot *slot; (slot = map_walk(&ses->names, &at));) {
        add[n++] = slice_text(due);
        add[n++] = slot->key;
        if (n == 2 + 2 * NAMES_CALL) {
            store_tell(s, n, add);
            n = 2;
        }
    }
    if (n > 2)
        store_tell(s, n, add);
    const struct slice trim[] = { slice_text("ZREMRANGEBYSCORE"), slice_text(key), slice_text("-inf"), slice_text(now) };
    store_tell(s, 4, trim);
    const struct slice end[] = { slice_text("PEXPIRE"), slice_text(key), slice_text("86400000") };
    store_tell(s, 3, end);
}

// ---- the registry

void store_learn_queues(struct space *sp, const struct reply *r)
{
    size_t at = 0;
    if (!r || r->kind != REPLY_ARRAY)
        return;
    for (struct map_slot *slot; (slot = map_walk(&sp->queues, &at));)
        ((struct queue *)slot->value)->registered = false;      // another broker may have forgotten it
    for (size_t i = 0; i < r->n; i++) {
        struct queue *q = id_name_ok(r->items[i].text) ? store_queue(sp, r->items[i].text) : NULL;
        if (q)
            q->registered = true;
    }
}

static void listed(struct redis_cmd *c, const struct reply *r)
{
    struct space *sp = LIST_ITEM(c, struct space, listing);
    sp->is_listing = false;
    store_learn_queues(sp, r);
}

void store_list_queues(struct space *sp)
{
    char key[ID_NAME_MAX + 32];
    if (sp->is_listing)
        return;
    snprintf(key, sizeof key, "kr:{%s/queues}", sp->name);
    const struct slice ask[] = { slice_text("HKEYS"), slice_text(key) };
    sp->listing.done = listed;
    sp->is_listing = store_send(sp->store, &sp->listing, 2, ask);
}

static void spaces_listed(struct redis_cmd *c, const struct reply *r)
{
    struct store *s = LIST_ITEM(c, struct store, listing);
    s->is_listing = false;
    if (!r || r->kind != REPLY_ARRAY)
        return;
    for (size_t i = 0; i < r->n; i++) {
        struct space *sp = id_name_ok(r->items[i].text) ? store_space(s, r->items[i].text) : NULL;
        if (sp)
            store_list_queues(sp);
    }
}

void store_list_spaces(struct store *s)
{
    const struct slice ask[] = { slice_text("SMEMBERS"), slice_text("kr:spaces") };
    s->listing.done = spaces_listed;
    if (!s->is_listing)
        s->is_listing = store_send(s, &s->listing, 2, ask);
}

// ---- the end

static void free_batches(struct batch *b)
{
    while (b) {
        struct batch *next = b->next;
        buf_free(&b->args);
        mem_free(MEM_STORE, b, sizeof *b);
        b = next;
    }
}

static void free_queue(struct store *s, struct queue *q)
{
    struct part *p = q->part;
    for (int kind = 0; kind < BATCH_KINDS; kind++)
        free_batches(p->first[kind]);
    alarm_clear(&s->broker->loop, &p->alarm);
    alarm_clear(&s->broker->loop, &p->silent);
    list_remove(&s->parts, &p->all);
    list_remove(&s->dirty, &p->dirty);
    map_free(&p->waiting);
    map_free(&p->expected);
    mem_free(MEM_STORE, p, sizeof *p);
    mem_free(MEM_STORE, q, sizeof *q);
}

static void free_space(struct store *s, struct space *sp)
{
    size_t at = 0;
    struct map_slot *slot;
    while ((slot = map_walk(&sp->queues, &at)))
        free_queue(s, slot->value);
    for (at = 0; (slot = map_walk(&sp->names, &at));)
        free_name(slot->value);
    map_free(&sp->queues);
    map_free(&sp->names);
    mem_free(MEM_STORE, sp, sizeof *sp);
}

void store_free_spaces(struct store *s)
{
    size_t at = 0;
    struct map_slot *slot;
    while ((slot = map_walk(&s->spaces, &at)))
        free_space(s, slot->value);
    map_free(&s->spaces);
    free_batches(s->spare);
    s->spare = NULL;
}
