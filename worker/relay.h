// SPDX-License-Identifier: Apache-2.0
// What tasks ask of the broker, on its way: children hand requests to the supervisor, which sends them over its own link under
// seqs of its own and hands the answers back. What they mean is the Python package's; the child's side is desk.c.
//
//   child ── ASK ticket ──▶ ask ── Envelope with seq ──▶ broker
//         ◀── ANSWER ──────  │  ◀──────────────────────
//         ── DROP ──────────▶ freed           link lost: sent again under a new seq when the session stands again
//
// All requests are idempotent, so sending again is safe. An ask ends with its answer; one that may be answered often (Wait)
// ends when the child drops it, and every ask of a child ends with that child. Messages are never opened here: their member
// decides whether a task may send them, and the seq is written in front.

#ifndef KRAIT_WORKER_RELAY_H
#define KRAIT_WORKER_RELAY_H

#include "sdk/base/list.h"
#include "sdk/base/slice.h"

struct worker;
struct proc;

struct relay {
    struct worker *worker;     // backlink
    struct list asks;
    uint64_t sent, answered;   // since the start
};

void relay_init(struct relay *r, struct worker *w);
void relay_free(struct relay *r);

// Frames of a child.
void relay_ask(struct relay *r, struct proc *p, struct slice frame);
void relay_drop(struct relay *r, struct proc *p, struct slice frame);
void relay_progress(struct relay *r, struct proc *p, struct slice frame);

// The child is gone.
void relay_forget(struct relay *r, const struct proc *p);

// The session stands (again): what is not answered is sent.
void relay_resume(struct relay *r);

// An Envelope that the broker sent. True: it answers a task and went there, or nobody wants it any more.
bool relay_take(struct relay *r, struct slice envelope);

#endif
