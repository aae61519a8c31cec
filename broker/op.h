// SPDX-License-Identifier: Apache-2.0
// What a frame means: one row a kind of message, one file a family. A handler takes the request; it answers at
// once and gives it back, or hands it to the store's batches and answers when the last of them did.

#ifndef KRAIT_BROKER_OP_H
#define KRAIT_BROKER_OP_H

#include <stdio.h>

#include "broker/broker.h"

#define SUBMITTING_MAX (512u << 20) // bytes of all clients' tasks on their way: beyond it, FULL

// Checks that role and state allow it and calls its handler. Takes r, whose msg was decoded.
void op_run(struct conn *c, struct request *r);

// The first frame of a connection.
void op_hello(struct conn *c, struct request *r);

// The handlers of the rows.
void op_enqueue(struct conn *c, struct request *r);
void op_wait(struct conn *c, struct request *r);
void op_cancel(struct conn *c, struct request *r);
void op_credit(struct conn *c, struct request *r);
void op_started(struct conn *c, struct request *r);
void op_finish(struct conn *c, struct request *r);
void op_release(struct conn *c, struct request *r);
void op_heartbeat(struct conn *c, struct request *r);
void op_goodbye(struct conn *c, struct request *r);
void op_queues(struct conn *c, struct request *r);
void op_workers(struct conn *c, struct request *r);
void op_progress(struct conn *c, struct request *r);
void op_tasks(struct conn *c, struct request *r);
void op_tasks_do(struct conn *c, struct request *r);
void op_settings(struct conn *c, struct request *r);
void op_settings_set(struct conn *c, struct request *r);
void op_queues_do(struct conn *c, struct request *r);
void op_events(struct conn *c, struct request *r);
void op_part(struct conn *c, struct request *r);
void op_part_ask(struct conn *c, struct request *r);

// Answers Hello; s NULL for who is no worker. secret in hex.
void welcome(struct conn *c, const struct session *s, bool resumed, const char secret[65]);

// Adds to a task sent by name what its decorator said (defaults.c); t has defaults. The body is made anew in the arena when anything was added.
enum err defaults_apply(struct request *r, const struct task_name *t, struct msg_task *task, struct slice *body);

// What Redis answered: one a kind of batch. reply NULL: the store went away before it answered.
void op_enqueue_done(struct batch *b, const struct reply *reply);
void op_ack_done(struct batch *b, const struct reply *reply);
void op_release_done(struct batch *b, const struct reply *reply);
void op_peek_done(struct batch *b, const struct reply *reply);
void op_wait_done(struct batch *b, const struct reply *reply);
void op_cancel_done(struct batch *b, const struct reply *reply);
void op_stats_done(struct batch *b, const struct reply *reply);
void op_claim_done(struct batch *b, const struct reply *reply);
void op_beat_done(struct batch *b, const struct reply *reply);
void op_held_done(struct batch *b, const struct reply *reply);
void op_reap_done(struct batch *b, const struct reply *reply);

// ---- one function call of its own for a request (op_call.c)

struct call {
    struct redis_cmd cmd;
    struct request *request;       // backlink; it may be given back only by `then`
    struct part *part;
    const char *function;
    void (*then)(struct call *, const struct reply *);      // reply NULL: the store went away
    uint64_t n, at, state;         // the caller's
};

// In the request's arena; NULL: out of memory.
struct call *call_new(struct request *r, void (*then)(struct call *, const struct reply *));

// Sends it. False: the store is away, and `then` will not be called.
bool call_part(struct call *k, struct part *p, const char *function, size_t n, const struct slice *args);
bool call_plain(struct call *k, size_t n, const struct slice *words);

// A number as an argument, in the request's arena.
struct slice call_number(struct request *r, uint64_t v);

// Ends of a request: an Error with its seq, the same for what Redis said (NULL: it is away), Changed.
void call_failed(struct request *r, enum err code, const char *text);
void call_refused(struct request *r, const struct reply *reply);
void call_changed(struct request *r, uint64_t n, const char *text);

// The partition of a queue that the connection has one of these rights to; NULL after the refusal was sent.
struct part *call_queue(struct request *r, struct slice name, unsigned rights);

// ---- what other brokers are told

void workers_tell(struct session *s);
void workers_untell(const struct session *s);

// Redis told that something happened in this queue.
void events_happened(struct part *p);

// ---- waiting for the end of tasks (op_result.c)

// One id of one Wait, in the request's arena.
struct waiting {
    struct request *request;       // backlink
    struct part *part;             // NULL once answered
    struct waiting *next;          // others who wait for the same key here
    struct slice id, key;
    uint32_t index;
    enum task_state last;          // as of the last look
    bool closing;                  // the deadline passed: the answer of the LOOK that flies is the last
    struct mono asked;
};

// A task ended: tells all who wait for it here. `item` gives state and outcome; bytes may die after result_flush.
void result_news(struct part *p, struct slice key, const struct msg_task_result *item);

// A task is on its way into Redis with this broker put down as waiting; it did not come to that after all; forget all.
void result_expect(struct part *p, struct slice key);
void result_unexpected(struct part *p, struct slice key);
void result_expect_nothing(struct store *s, bool end);

// Sends what result_news collected.
void result_flush(struct broker *b);

// The connection of this Wait closed.
void result_forget(struct request *r);

// Every waiter asks again: after a reconnect, and when pub/sub may have lost something.
void result_ask_again(struct store *s, bool all);

// A running task is to be stopped by its worker, if it is ours.
bool worker_stop(struct broker *b, const char sid[RECORD_SID], struct slice id, uint32_t attempt);

#endif
