// SPDX-License-Identifier: Apache-2.0
// What is counted, and how it is written for Prometheus. Labels are bounded: the first METRICS_QUEUES queues have
// their own rows, the rest share `_other`. Depth is not counted here: it is asked of Redis when somebody looks.

#ifndef KRAIT_BROKER_METRICS_H
#define KRAIT_BROKER_METRICS_H

#include "sdk/base/buf.h"
#include "sdk/base/map.h"

#define METRICS_QUEUES  200
#define METRICS_BUCKETS 12

struct broker;
struct queue;

struct histogram {
    uint64_t buckets[METRICS_BUCKETS + 1];   // the last one has no upper bound
    uint64_t count;
    double sum;                              // seconds
};

// X(field, label): what became of a task
#define OUTCOME_LIST(X)                                                                                    \
    X(DONE, "done") X(DEAD, "dead") X(CANCELLED, "cancelled") X(RETRIED, "retried") X(DUP, "dup") X(STALE, "stale")

enum outcome {
#define OUTCOME_ENUM(name, label) OUTCOME_##name,
    OUTCOME_LIST(OUTCOME_ENUM)
#undef OUTCOME_ENUM
    OUTCOMES
};

struct queue_metrics {
    char label[144];
    uint64_t outcomes[OUTCOMES];
    struct histogram wait, run;
};

struct metrics {
    struct map queues;                       // label -> struct queue_metrics, owned
    struct queue_metrics other;
    uint64_t submitted, accepted, delivered, redelivered, lost, rounds;
};

void metrics_free(struct metrics *m);

// From when it could run to when it was delivered.
void metrics_wait(struct metrics *m, const struct queue *q, int64_t ms);
void metrics_run(struct metrics *m, const struct queue *q, int64_t us);

// verdict: what kr2_ack said.
void metrics_ack(struct metrics *m, const struct queue *q, char verdict);

// Prometheus' text format.
void metrics_write(const struct broker *b, struct buf *out);

// Workers that the backlog and what runs would keep busy.
uint64_t metrics_desired(const struct queue *q);

#endif
