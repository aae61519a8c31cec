// SPDX-License-Identifier: Apache-2.0
// Group commit: open batches, rounds, their answers. What an answer means is left to op_*.c.

#include "broker/broker.h"

#include <stdio.h>

#include "broker/op.h"
#include "sdk/base/mem.h"

#define ROUND_BATCHES 4            // of one kind in one round
#define KEEP_ARGS     (256u << 10) // a spare batch keeps a buffer up to this size
#define SPARE_MAX     64
#define BATCH_BYTES   (8u << 20)   // of arguments; an operation larger than that goes alone
#define CLAIM_MAX     256          // tasks one claim may bring
#define ROUNDS_MAX    2            // in flight: Redis works on one while we digest the other
#define SECOND_ROUND  32           // operations that make a second round worth its calls
#define CONFIRM_MS    "1000"       // for the replicas to answer
#define THIN_MS       "10"         // the same while they do not
#define SWEEP_AGAIN_MS 1000        // after an absence of the store nobody may be given up for a while

static void nothing_done(struct batch *b, const struct reply *r)
{
    (void)b, (void)r;
}

static void (*const done[BATCH_KINDS])(struct batch *, const struct reply *) = {
    [BATCH_STARTED] = nothing_done, [BATCH_PROGRESS] = nothing_done,
    [BATCH_ACK] = op_ack_done,       [BATCH_RELEASE] = op_release_done,
    [BATCH_ENQUEUE] = op_enqueue_done, [BATCH_WAIT] = op_wait_done,  [BATCH_LOOK] = op_wait_done,
    [BATCH_CANCEL] = op_cancel_done, [BATCH_STOP] = op_cancel_done,  [BATCH_PEEK] = op_peek_done,
    [BATCH_BEAT] = op_beat_done,     [BATCH_HELD] = op_held_done,    [BATCH_REAP] = op_reap_done,
    [BATCH_SWEEP] = op_reap_done,    [BATCH_STATS] = op_stats_done,   [BATCH_WAKE] = nothing_done,    [BATCH_CLAIM] = op_claim_done,
};

static const char *const functions[BATCH_KINDS] = {
#define BATCH_FUNCTION(name, function, keep) function,
    BATCH_LIST(BATCH_FUNCTION)
#undef BATCH_FUNCTION
};

static const bool kept[BATCH_KINDS] = {
#define BATCH_KEEP(name, function, keep) keep,
    BATCH_LIST(BATCH_KEEP)
#undef BATCH_KEEP
};

static bool is_single(enum batch_kind kind)
{
    return kind == BATCH_HELD || kind == BATCH_REAP || kind == BATCH_SWEEP || kind == BATCH_WAKE || kind == BATCH_CLAIM;
}

// Its answer promises something to a client.
static bool is_promise(enum batch_kind kind)
{
    return kind == BATCH_ENQUEUE || kind == BATCH_ACK || kind == BATCH_RELEASE || kind == BATCH_CANCEL || kind == BATCH_STOP;
}

// ---- the pool and the open batches

static void on_answer(struct redis_cmd *cmd, const struct reply *r);

static struct batch *take(struct part *p, enum batch_kind kind)
{
    struct store *s = p->queue->space->store;
    struct batch *b = s->spare;
    if (b) {
        s->spare = b->next;
        s->n_spare--;
    } else {
        b = mem_zalloc(MEM_STORE, 1, sizeof *b);
    }
    if (!b)
        return NULL;
    b->cmd.done = on_answer;
    b->next = NULL;
    b->part = p;
    b->kind = kind;
    b->n = b->words = b->run = 0;
    b->large = false;
    b->confirm = NULL;
    memset(b->sid, 0, sizeof b->sid);
    return b;
}

static void give_back(struct batch *b)
{
    struct store *s = b->part->queue->space->store;
    if (s->n_spare >= SPARE_MAX) {
        buf_free(&b->args);
        mem_free(MEM_STORE, b, sizeof *b);
        return;
    }
    buf_reset(&b->args, KEEP_ARGS);
    b->next = s->spare;
    s->spare = b;
    s->n_spare++;
}

static void append(struct part *p, struct batch *b)
{
    b->next = NULL;
    if (p->last[b->kind])
        p->last[b->kind]->next = b;
    else
        p->first[b->kind] = b;
    p->last[b->kind] = b;
}

static struct batch *shift(struct part *p, enum batch_kind kind)
{
    struct batch *b = p->first[kind];
    if (b) {
        p->first[kind] = b->next;
        if (!b->next)
            p->last[kind] = NULL;
        b->next = NULL;
    }
    return b;
}

struct batch *part_batch(struct part *p, enum batch_kind kind)
{
    struct batch *b = p->last[kind];
    if (!kept[kind] && !store_is_ready(p->queue->space->store))
        return NULL;
    if (!b || b->n == BATCH || buf_len(&b->args) > BATCH_BYTES || is_single(kind)) {
        b = take(p, kind);
        if (!b)
            return NULL;
        append(p, b);
    }
    part_dirty(p);
    return b;
}

// A run is `sid count` and its operations; the count has three digits, so that it can be set in place as it grows.
struct batch *part_batch_of(struct part *p, enum batch_kind kind, const char sid[RECORD_SID])
{
    struct batch *b = part_batch(p, kind);
    if (!b || (b->run && memcmp(b->sid, sid, RECORD_SID) == 0))
        return b;
    memcpy(b->sid, sid, RECORD_SID);
    b->run = 0;
    resp_slice(&b->args, slice_of(sid, RECORD_SID));
    b->run_at = buf_len(&b->args) + 4;
    buf_put_text(&b->args, "$3\r\n000\r\n");
    b->words += 2;
    return b;
}

void batch_add(struct batch *b, uint32_t words, void *who, uint32_t index)
{
    b->refs[b->n++] = (struct batch_ref){ who, index };
    b->words += words;
    b->part->pending++;
    if (!b->sid[0])
        return;
    b->run++;
    if (buf_len(&b->args) < b->run_at + 3)
        return;
    uint8_t *at = b->args.base + b->args.from + b->run_at;
    at[0] = (uint8_t)('0' + b->run / 100);
    at[1] = (uint8_t)('0' + b->run / 10 % 10);
    at[2] = (uint8_t)('0' + b->run % 10);
}

// Errors that pass (loading, read-only replica, disk full): kept batches try again, as after a lost connection.
static bool is_passing(const struct reply *r)
{
    static const char *const codes[] = { "LOADING", "READONLY", "MISCONF", "BUSY", "MASTERDOWN", "NOREPLICAS",
                                         "CLUSTERDOWN", "TRYAGAIN" };
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (reply_is_error(r, codes[i]))
            return true;
    return false;
}

// ---- answers that replicas must confirm

struct confirm {
    struct redis_cmd cmd;
    struct store *store;
    struct batch *first, *last;    // owned: answered, and held back
};

static bool copy_reply(struct arena *a, const struct reply *from, struct reply *to)
{
    *to = *from;
    to->text = arena_slice(a, from->text);
    to->items = from->n ? arena_zalloc(a, from->n, sizeof *to->items) : NULL;
    bool ok = (!from->text.n || to->text.p) && (!from->n || to->items);
    for (size_t i = 0; ok && i < from->n; i++)
        ok = copy_reply(a, &from->items[i], &to->items[i]);
    return ok;
}

static void hold(struct batch *b, const struct reply *r)
{
    struct confirm *f = b->confirm;
    arena_init(&b->held_in, 0);
    b->held = arena_zalloc(&b->held_in, 1, sizeof *b->held);
    if (b->held && !copy_reply(&b->held_in, r, b->held))
        b->held = NULL;
    b->next = NULL;
    if (f->last)
        f->last->next = b;
    else
        f->first = b;
    f->last = b;
}

static void confirmed(struct redis_cmd *cmd, const struct reply *r)
{
    struct confirm *f = LIST_ITEM(cmd, struct confirm, cmd);
    struct store *s = f->store;
    bool ok = r && r->kind == REPLY_INTEGER && r->integer >= s->broker->set.replicas;
    if (!ok && r && !s->thin)
        log_write(&s->broker->log, LOG_ERROR, "too few replicas have what was written: clients are told to try again",
                  LOG_FIELDS(log_int("replicas", r->integer), log_int("wanted", s->broker->set.replicas)));
    s->thin = !ok && r;
    for (struct batch *b = f->first, *next; b; b = next) {
        next = b->next;
        s->unconfirmed += !ok;
        done[b->kind](b, ok ? b->held : NULL);
        arena_free(&b->held_in);
        give_back(b);
    }
    mem_free(MEM_STORE, f, sizeof *f);
}

static void ask_replicas(struct store *s, struct confirm *f)
{
    char n[16];
    snprintf(n, sizeof n, "%d", s->broker->set.replicas);
    f->cmd.done = confirmed;
    f->store = s;
    link_send(&s->main, &f->cmd, 3,
              (const struct slice[]){ slice_text("WAIT"), slice_text(n), slice_text(s->thin ? THIN_MS : CONFIRM_MS) });
}

// ---- answers

static void on_answer(struct redis_cmd *cmd, const struct reply *r)
{
    struct batch *b = LIST_ITEM(cmd, struct batch, cmd);
    struct part *p = b->part;
    struct store *s = p->queue->space->store;
    p->flying--;
    if (b->ends_round) {
        p->rounds--;
        part_dirty(p);
    }
    if (r && r->kind == REPLY_ERROR) {
        s->oom = reply_is_error(r, "OOM");
        log_write(&s->broker->log, s->oom ? LOG_DEBUG : LOG_ERROR, "redis refused a batch",
                  LOG_FIELDS(log_text("function", functions[b->kind]), log_text("queue", p->queue->name),
                             log_str("why", r->text)));
        if (is_passing(r)) {
            r = NULL;
            link_break(&s->main, "redis cannot write now");
        }
    }
    if (!r && kept[b->kind] && !s->main.closing) {
        append(p, b);
        p->pending += b->n;
        part_dirty(p);
        return;
    }
    if (r && r->kind != REPLY_ERROR && b->confirm) {
        hold(b, r);
        return;
    }
    done[b->kind](b, r);
    give_back(b);
}

void part_abandon(struct part *p)
{
    for (int kind = 0; kind < BATCH_KINDS; kind++) {
        struct batch *b;
        while (!kept[kind] && (b = shift(p, kind))) {
            p->pending -= b->n;
            done[kind](b, NULL);
            give_back(b);
        }
    }
}

// ---- rounds

struct ask {
    struct session *session;
    uint32_t n;
};

struct plan {
    struct ask asks[BATCH];
    uint32_t n, sum;
};

// A session with several partitions that may have work shares its credit among them by weight. Where that leaves less
// than one each, those that had least of late come first.
static uint32_t share(const struct session *s, const struct sub *mine, uint32_t room)
{
    uint32_t all = 0, ahead = 0;
    double my_pass = sub_pass(mine);
    bool before = true;
    for (struct link *x = list_first(&s->subs); x; x = list_next(&s->subs, x)) {
        const struct sub *sub = LIST_ITEM(x, struct sub, on_session);
        before = before && sub != mine;
        if (sub != mine && sub->part->hungry)
            continue;
        all += sub_weight(sub);
        ahead += sub_pass(sub) < my_pass || (before && sub_pass(sub) == my_pass);
    }
    uint64_t part = (uint64_t)room * sub_weight(mine) / (all ? all : 1);
    return part ? (uint32_t)part : ahead < room;
}

static void plan_claim(struct part *p, struct plan *plan)
{
    plan->n = plan->sum = 0;
    if (p->hungry && !p->look && !p->first[BATCH_ENQUEUE])
        return;
    p->look = false;
    for (struct link *x = list_first(&p->subs); x && plan->n < BATCH && plan->sum < CLAIM_MAX;
         x = list_next(&p->subs, x)) {
        struct sub *sub = LIST_ITEM(x, struct sub, on_part);
        uint32_t room = session_room(sub->session);
        uint32_t n = room ? share(sub->session, sub, room) : 0;
        if (!n)
            continue;
        if (n > CLAIM_MAX - plan->sum)
            n = CLAIM_MAX - plan->sum;
        plan->asks[plan->n++] = (struct ask){ sub->session, n };
        plan->sum += n;
    }
    // Who was served first goes last next time.
    struct link *first = list_first(&p->subs);
    if (plan->n && p->subs.n > 1) {
        list_remove(&p->subs, first);
        list_append(&p->subs, first);
    }
}

static void make_claim(struct part *p, const struct plan *plan)
{
    struct batch *b = part_batch(p, BATCH_CLAIM);
    if (!b)
        return;
    p->woken = false;
    for (uint32_t i = 0; i < plan->n; i++) {
        struct session *s = plan->asks[i].session;
        resp_slice(&b->args, slice_of(s->sid, RECORD_SID));
        resp_int(&b->args, plan->asks[i].n);
        batch_add(b, 2, s, plan->asks[i].n);
        s->reserved += plan->asks[i].n;
        s->flying++;
    }
}

// The arguments that a call has before its operations.
static void put_fixed(struct broker *br, const struct batch *b, uint32_t credit, struct buf *out)
{
    switch (b->kind) {
    case BATCH_ENQUEUE:
        resp_text(out, br->id);
        resp_int(out, credit);
        break;
    case BATCH_ACK:
        resp_text(out, br->id);
        resp_int(out, !b->large);
        break;
    case BATCH_WAIT:
        resp_text(out, br->id);
        break;
    case BATCH_LOOK:
        resp_text(out, "");
        break;
    case BATCH_RELEASE:
        resp_int(out, br->set.unknown_after_ms);
        break;
    case BATCH_CANCEL: case BATCH_STOP:
        resp_int(out, b->kind == BATCH_STOP);
        break;
    case BATCH_BEAT:
        resp_int(out, br->set.ttl_ms);
        break;
    case BATCH_CLAIM:
        resp_text(out, br->id);
        resp_int(out, br->set.ttl_ms);
        break;
    case BATCH_STARTED: case BATCH_PROGRESS: case BATCH_PEEK: case BATCH_HELD: case BATCH_REAP: case BATCH_SWEEP:
    case BATCH_STATS: case BATCH_WAKE: case BATCH_KINDS:
        break;
    }
}

static uint32_t fixed_words(enum batch_kind kind)
{
    switch (kind) {
    case BATCH_ENQUEUE: case BATCH_CLAIM: case BATCH_ACK:
        return 2;
    case BATCH_WAIT: case BATCH_LOOK: case BATCH_RELEASE: case BATCH_CANCEL: case BATCH_STOP:
    case BATCH_BEAT:
        return 1;
    case BATCH_STARTED: case BATCH_PROGRESS: case BATCH_PEEK: case BATCH_HELD: case BATCH_REAP: case BATCH_SWEEP:
    case BATCH_STATS: case BATCH_WAKE: case BATCH_KINDS:
        break;
    }
    return 0;
}

static void emit(struct store *s, struct batch *b, uint32_t credit)
{
    struct buf *out = link_out(&s->main);
    if (!buf_ok(&b->args))
        out->failed = true;
    resp_command(out, 4 + fixed_words(b->kind) + b->words);
    resp_text(out, "FCALL");
    resp_text(out, functions[b->kind]);
    resp_text(out, "1");
    resp_text(out, b->part->counters);
    put_fixed(s->broker, b, credit, out);
    buf_put_slice(out, buf_slice(&b->args));
    b->part->flying++;
    b->part->pending -= b->n;
    b->ends_round = false;
    link_expect(&s->main, &b->cmd);
}

static void sweep(struct part *p)
{
    int64_t patience = store_patience(p->queue->space->store);
    struct batch *b = patience < 0 ? NULL : part_batch(p, BATCH_SWEEP);
    if (!b) {
        if (!list_empty(&p->subs))
            alarm_in(&p->queue->space->store->broker->loop, &p->silent, SWEEP_AGAIN_MS);
        return;
    }
    resp_text(&b->args, "1000");
    resp_text(&b->args, "1");
    resp_int(&b->args, (uint64_t)patience);
    batch_add(b, 3, NULL, 0);
}

static void send_round(struct store *s, struct part *p)
{
    struct plan plan;
    plan_claim(p, &plan);
    if (p->sweep) {
        p->sweep = false;
        sweep(p);
    }
    if (plan.n)
        make_claim(p, &plan);
    struct batch *last = NULL;
    struct confirm *confirm = NULL;
    for (int kind = 0; kind < BATCH_KINDS; kind++)
        for (int i = 0; i < ROUND_BATCHES && p->first[kind]; i++) {
            last = shift(p, kind);
            if (s->broker->set.replicas && is_promise(kind)) {
                if (!confirm)
                    confirm = mem_zalloc(MEM_STORE, 1, sizeof *confirm);
                last->confirm = confirm;
                if (!confirm)
                    link_out(&s->main)->failed = true;      // nothing is promised without it
            }
            emit(s, last, plan.sum);
            if (kind == BATCH_ENQUEUE)
                plan.sum = 0;      // the claim serves the first
        }
    if (!last)
        return;
    if (confirm)
        ask_replicas(s, confirm);
    last->ends_round = true;
    p->rounds++;
    s->broker->metrics.rounds++;
}

// A partition that does not send now is marked again by the end of a round.
static bool may_send(const struct part *p)
{
    return !p->rounds || (p->rounds < ROUNDS_MAX && p->pending >= SECOND_ROUND);
}

void store_flush(struct store *s)
{
    if (store_is_ready(s)) {
        struct link *x;
        while ((x = list_pop(&s->dirty))) {
            struct part *p = LIST_ITEM(x, struct part, dirty);
            if (may_send(p))
                send_round(s, p);
            list_remove(&s->dirty, &p->dirty);
        }
    }
    struct redis_link *links[] = { &s->main, &s->news };
    for (int i = 0; i < 2; i++) {
        if (!buf_ok(link_out(links[i])))
            link_break(links[i], "out of memory");
        else if (links[i]->state == REDIS_GREETING || links[i]->state == REDIS_READY)
            stream_flush(&links[i]->stream);
    }
}
