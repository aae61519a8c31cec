// SPDX-License-Identifier: Apache-2.0
// The cycle collector: finds containers that nothing outside reaches and takes them apart. Leaves plain counting to ref.c and walking memory to slab.c.
//
// WHAT IS ALIVE. First everything reachable from the known roots is marked: interpreter roots, what threads hold, words on the register stacks. Among the containers left over
// trial deletion: total count minus the references from each other; a positive rest means that something outside (a C local, a plain object, a static type) holds it, and all it reaches lives.
// DEFERRED objects have no count: they live if a marked object, a root, a register or the C stack of a thread (scanned conservatively) leads to them.
//
//     candidate: alive ⟺ marked from roots, or total − internal > 0, or reached from one that is alive
//
// ORDER. (1) world stopped: find the garbage, clear the weak references to it; (2) world running: call weak reference callbacks, then finalizers, each once; (3) if any ran: find
// the garbage again, what came back to life is spared; (4) clear each, release; deferred ones are taken apart last, their cells given back after all are.
// A collection starts at a safepoint, never inside an allocation, and never inside another collection.
#ifndef KRAIT_INTERP_CORE_GC_H
#define KRAIT_INTERP_CORE_GC_H

#include "interp/core/object.h"

struct gc_stats {
    uint64_t collections, collected, uncollectable, promoted, max_pause_ns, total_pause_ns;
};
struct gc {
    _Atomic int64_t net;         // containers made minus containers gone since the last collection, in chunks that threads report
    _Atomic int64_t threshold;   // net that makes a collection due; grows with the heap
    _Atomic bool enabled;
    _Atomic bool running;
    struct thread *runner;       // while it runs: whose it is
    _Atomic bool bytes_due;      // much memory was taken in buffers since
    _Atomic uint64_t promoted;   // objects promoted to deferred since the last collection
    uint32_t user_threshold[3];  // gc.set_threshold; [0] scales `threshold`, 0 switches automatic collection off
    uint64_t live;               // containers that survived the last one
    uint64_t frozen;
    size_t pages_after;          // slab pages in use after the last trim
    struct gc_stats stats;       // of all collections; written by the running one
};
enum { GC_CHUNK = 512 };         // containers a thread makes before it reports

struct gc *gc_new(void);
void gc_free(struct gc *g);
void gc_fork_child(struct thread *t);
// Collects now. returns how many containers were unreachable; 0 if a collection is running already. Runs Python code; a pending exception is kept.
size_t gc_collect(struct thread *t);
// BREAK_GC: collects if it is still due.
void gc_safepoint(struct thread *t);
void gc_enable(struct thread *t, bool on);
bool gc_is_enabled(struct thread *t);
void gc_set_threshold(struct thread *t, uint32_t t0, uint32_t t1, uint32_t t2);
void gc_get_threshold(struct thread *t, uint32_t out[3]);
int64_t gc_get_count(struct thread *t);      // containers since the last collection, roughly
void gc_freeze(struct thread *t);
void gc_unfreeze(struct thread *t);
size_t gc_frozen_count(struct thread *t);
bool gc_is_tracked(vref v);
bool gc_is_finalized(vref v);
// A growing array of owned words. gc_words_free releases them: may run Python code.
struct gc_words {
    value *at;
    size_t n, capacity;
};
// Every live container (but those being destroyed), owned. false: MemoryError.
bool gc_get_objects(struct thread *t, struct gc_words *out) MUST_CHECK;
// Those with a finalizer that has not run yet.
bool gc_get_finalizable(struct thread *t, struct gc_words *out) MUST_CHECK;
// Containers that hold a word to one of targets, except those targets' own array; what v holds.
bool gc_get_referrers(struct thread *t, const vref *targets, size_t n, struct gc_words *out) MUST_CHECK;
bool gc_get_referents(struct thread *t, vref v, struct gc_words *out) MUST_CHECK; // appends
bool gc_words_room(struct gc_words *w) MUST_CHECK; // for one more; false: no memory (nothing raised)
void gc_words_free(struct thread *t, struct gc_words *w);

#endif
