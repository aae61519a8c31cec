// SPDX-License-Identifier: Apache-2.0
// The table of weak references: who refers to whom, and letting go. Leaves the Python types to types/weakref.c.
#include "interp/core/weak.h"
#include "interp/core/gc.h"
#include "interp/core/hooks.h"
#include <stdlib.h>

enum { SHARDS = 16, FIRST_SIZE = 16 };

struct entry {
    struct object *target; // NULL: free
    struct weakref *first;
};
struct shard {             // open addressing, linear probing
    pthread_mutex_t lock;  // a leaf; one shard's at a time
    struct entry *at;
    size_t mask, count;
};

static struct shard shards[SHARDS];

static void make_locks(void) {
    for (int i = 0; i < SHARDS; i++) pthread_mutex_init(&shards[i].lock, NULL);
}
static size_t hash_of(const struct object *o) { return (size_t)(((uintptr_t)o >> 4) * 0x9e3779b97f4a7c15u >> 20); }
static struct shard *shard_of(const struct object *o) {
    static pthread_once_t made = PTHREAD_ONCE_INIT;
    pthread_once(&made, make_locks);
    return &shards[hash_of(o) % SHARDS];
}
static struct shard *lock_shard(const struct object *o) {
    struct shard *s = shard_of(o);
    pthread_mutex_lock(&s->lock);
    return s;
}

// ---- the hash table of a shard; its lock held ----

static size_t home_of(const struct shard *s, const struct object *o) { return hash_of(o) / SHARDS & s->mask; }

static struct entry *find(struct shard *s, const struct object *o) {
    if (!s->at) return NULL;
    for (size_t i = home_of(s, o);; i = (i + 1) & s->mask) {
        if (s->at[i].target == o) return &s->at[i];
        if (!s->at[i].target) return NULL;
    }
}

static struct entry *place(struct shard *s, struct object *o) {
    size_t i = home_of(s, o);
    while (s->at[i].target) i = (i + 1) & s->mask;
    s->at[i] = (struct entry){o, NULL};
    s->count++;
    return &s->at[i];
}

static bool grow(struct shard *s) {
    size_t size = s->at ? (s->mask + 1) * 2 : FIRST_SIZE;
    struct shard bigger = {.at = calloc(size, sizeof *bigger.at), .mask = size - 1};
    if (!bigger.at) return false;
    for (size_t i = 0; s->at && i <= s->mask; i++)
        if (s->at[i].target) place(&bigger, s->at[i].target)->first = s->at[i].first;
    free(s->at);
    s->at = bigger.at;
    s->mask = bigger.mask;
    return true;
}

static struct entry *find_or_make(struct shard *s, struct object *o) {
    struct entry *e = find(s, o);
    if (e) return e;
    if ((!s->at || s->count * 4 > s->mask * 3) && !grow(s)) return NULL;
    return place(s, o);
}

// Closes the gap: entries behind it that may stand nearer to home move up.
static void remove_entry(struct shard *s, struct entry *e) {
    size_t gap = (size_t)(e - s->at);
    for (size_t i = (gap + 1) & s->mask; s->at[i].target; i = (i + 1) & s->mask) {
        size_t home = home_of(s, s->at[i].target);
        if (((i - home) & s->mask) < ((i - gap) & s->mask)) continue;
        s->at[gap] = s->at[i];
        gap = i;
    }
    s->at[gap] = (struct entry){NULL, NULL};
    s->count--;
}

// ---- one reference; the shard of its target locked ----

static void unlink_ref(struct shard *s, struct weakref *w) {
    struct object *target = atomic_load_explicit(&w->target, memory_order_relaxed);
    struct entry *e = find(s, target);
    if (w->prev) w->prev->next = w->next;
    else e->first = w->next;
    if (w->next) w->next->prev = w->prev;
    w->prev = w->next = NULL;
    atomic_store_explicit(&w->target, NULL, memory_order_release);
    if (!e->first) remove_entry(s, e);
}

// One more count on o, which cannot die while its shard is locked. returns the word to keep.
static value hold(struct thread *t, struct object *o) { return ref_inc(t, o); }

bool weak_add(struct thread *t, struct weakref *w, struct object *o) {
    object_set_flag(&w->head, HEAD_WEAKREFS); // its own death is decided here as well
    object_set_flag(o, HEAD_WEAKREFS);
    struct shard *s = lock_shard(o);
    struct entry *e = find_or_make(s, o);
    if (e) {
        w->prev = NULL;
        w->next = e->first;
        if (w->next) w->next->prev = w;
        e->first = w;
        atomic_store_explicit(&w->target, o, memory_order_release);
    }
    pthread_mutex_unlock(&s->lock);
    if (!e) raise_no_memory(t);
    return e != NULL;
}

value weak_get(struct thread *t, struct weakref *w) {
    for (;;) {
        struct object *o = atomic_load_explicit(&w->target, memory_order_acquire);
        if (!o) return V_NULL;
        struct shard *s = lock_shard(o);
        bool same = atomic_load_explicit(&w->target, memory_order_relaxed) == o;
        value v = same ? hold(t, o) : V_NULL;
        pthread_mutex_unlock(&s->lock);
        if (same) return v;
    }
}

value weak_find_basic(struct thread *t, struct object *o, const struct type *type) {
    value found = V_NULL;
    struct shard *s = lock_shard(o);
    struct entry *e = find(s, o);
    for (struct weakref *w = e ? e->first : NULL; w && !found; w = w->next)
        if (!w->callback && object_type(&w->head) == type) found = hold(t, &w->head);
    pthread_mutex_unlock(&s->lock);
    return found;
}

size_t weak_count(struct object *o) {
    size_t n = 0;
    struct shard *s = lock_shard(o);
    struct entry *e = find(s, o);
    for (struct weakref *w = e ? e->first : NULL; w; w = w->next) n++;
    pthread_mutex_unlock(&s->lock);
    return n;
}

size_t weak_list(struct thread *t, struct object *o, value *out, size_t n) {
    size_t i = 0;
    struct shard *s = lock_shard(o);
    struct entry *e = find(s, o);
    for (struct weakref *w = e ? e->first : NULL; w && i < n; w = w->next) out[i++] = hold(t, &w->head);
    pthread_mutex_unlock(&s->lock);
    return i;
}

void weak_unlink(struct weakref *w) {
    for (;;) {
        struct object *o = atomic_load_explicit(&w->target, memory_order_acquire);
        if (!o) return;
        struct shard *s = lock_shard(o);
        bool same = atomic_load_explicit(&w->target, memory_order_relaxed) == o;
        if (same) unlink_ref(s, w);
        pthread_mutex_unlock(&s->lock);
        if (same) return;
    }
}

// ---- death ----

static bool is_alone(const struct object *o) { return o->local == 1 && (atomic_load_explicit(&o->shared, memory_order_seq_cst) >> SHARED_SHIFT) == 0; }

// A weak reference is dying: as long as it stands in a list somebody may take hold of it. false: somebody did.
static bool leave_list(struct weakref *w) {
    for (;;) {
        struct object *o = atomic_load_explicit(&w->target, memory_order_acquire);
        if (!o) return true; // cleared: whoever cleared it took hold of it first, if he wanted it
        struct shard *s = lock_shard(o);
        bool same = atomic_load_explicit(&w->target, memory_order_relaxed) == o, alone = is_alone(&w->head);
        if (same && alone) unlink_ref(s, w);
        pthread_mutex_unlock(&s->lock);
        if (same) return alone;
    }
}

// Clears every reference in s to o; those with a callback are held and handed to keep (which may refuse for want of memory).
static void clear_list(struct thread *t, struct shard *s, struct object *o, bool (*wanted)(struct object *ref), struct gc_words *calls) {
    struct entry *e = find(s, o);
    if (!e) return;
    for (struct weakref *w = e->first, *next; w; w = next) {
        next = w->next;
        w->prev = w->next = NULL;
        if (w->callback && wanted(&w->head) && gc_words_room(calls)) calls->at[calls->n++] = hold(t, &w->head);
        atomic_store_explicit(&w->target, NULL, memory_order_release);
    }
    remove_entry(s, e);
}

static bool is_wanted(struct object *ref) { return !(object_flags(ref) & HEAD_DYING); }

static void call_all(struct thread *t, struct gc_words *calls) {
    value exc = t->exc;
    t->exc = V_NULL;
    for (size_t i = 0; i < calls->n; i++) {
        struct weakref *w = (struct weakref *)as_object(calls->at[i]);
        value callback = __atomic_exchange_n(&w->callback, V_NULL, __ATOMIC_SEQ_CST); // __callback__ may be looking
        if (callback) t->interp->hooks->weak_callback(t, calls->at[i], borrow(callback));
        release_opt(t, callback);
    }
    gc_words_free(t, calls);
    t->exc = exc;
}

bool weak_dying(struct thread *t, struct object *o) {
    if ((object_type(o)->flags & TYPE_WEAKREF) && !leave_list((struct weakref *)o)) return false;
    struct gc_words calls = {NULL, 0, 0};
    struct shard *s = lock_shard(o);
    bool alone = is_alone(o);
    if (alone) clear_list(t, s, o, is_wanted, &calls);
    pthread_mutex_unlock(&s->lock);
    if (calls.n) call_all(t, &calls);
    return alone;
}

void weak_call(struct thread *t, struct gc_words *calls) { call_all(t, calls); }

void weak_clear_all(struct thread *t, struct object *o, bool (*wanted)(struct object *ref), struct gc_words *calls) {
    struct shard *s = lock_shard(o);
    clear_list(t, s, o, wanted, calls);
    pthread_mutex_unlock(&s->lock);
}

// ---- fork ----

void weak_fork_prepare(void) {
    shard_of(NULL); // the locks are made
    for (int i = 0; i < SHARDS; i++) pthread_mutex_lock(&shards[i].lock);
}
void weak_fork_parent(void) {
    for (int i = 0; i < SHARDS; i++) pthread_mutex_unlock(&shards[i].lock);
}
void weak_fork_child(void) { weak_fork_parent(); }
