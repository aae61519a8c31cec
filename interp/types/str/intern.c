// SPDX-License-Identifier: Apache-2.0
// The table of interned strings: one canonical object for equal texts, so that names compare by pointer. Leaves the strings to object.c.
//
// The table holds a count on every entry. Immortal entries (names in code, C literals) stay; mortal ones go when str_intern_sweep finds the table
// the only holder: called by the collector with the world stopped, and under the GIL also when a shard has doubled. So no lookup can meet a dying string.
// Sixty-four shards, each with its own mutex; nothing that could run Python happens under one.
#include "interp/core/ref.h"
#include "interp/types/str/text.h"
#include <pthread.h>
#include <stdlib.h>

enum { SHARDS = 64, SHARD_FIRST = 64 };
struct shard {
    pthread_mutex_t lock;
    value *at;           // owned words of str, V_NULL free, V_UNBOUND deleted; guarded by lock, as all below
    size_t mask, used, live, sweep_at;
};
static struct shard shards[SHARDS];

void intern_start(void) {
    for (int i = 0; i < SHARDS; i++) {
        pthread_mutex_init(&shards[i].lock, NULL);
        shards[i].sweep_at = 4096;
    }
}

static struct shard *shard_of(int64_t hash) { return &shards[(uint64_t)hash % SHARDS]; }

static bool same_text(const struct str *a, const struct str *b) {
    return a->length == b->length && a->width == b->width && memcmp(a->data, b->data, a->length * a->width) == 0;
}

// The entry equal to s, or where it may be put.
static value *probe(struct shard *sh, const struct str *s, int64_t hash) {
    value *hole = NULL;
    for (size_t i = (uint64_t)hash / SHARDS;; i++) {
        value *at = &sh->at[i & sh->mask];
        if (*at == V_NULL) return hole ? hole : at;
        if (*at == V_UNBOUND) hole = hole ? hole : at;
        else if (as_str(*at)->hash == hash && same_text(as_str(*at), s)) return at;
    }
}

static bool rebuild(struct shard *sh) {
    size_t size = SHARD_FIRST;
    while (size < sh->live * 3) size *= 2;
    value *old = sh->at, *fresh = calloc(size, sizeof *fresh);
    if (!fresh) return false;
    size_t old_size = old ? sh->mask + 1 : 0;
    sh->at = fresh, sh->mask = size - 1, sh->used = sh->live;
    for (size_t i = 0; i < old_size; i++)
        if (old[i] != V_NULL && old[i] != V_UNBOUND) *probe(sh, as_str(old[i]), as_str(old[i])->hash) = old[i];
    free(old);
    return true;
}

// Takes the entries that only the table holds out of sh, releases them when the lock is free again.
static void sweep_shard(struct thread *t, struct shard *sh) {
    value dead[256];
    size_t n;
    do {
        n = 0;
        pthread_mutex_lock(&sh->lock);
        for (size_t i = 0; sh->at && i <= sh->mask && n < 256; i++) {
            value v = sh->at[i];
            if (!v || v == V_UNBOUND || !is_counted(v) || ref_total(as_object(v)) != 1) continue;
            atomic_fetch_and_explicit(&as_str(v)->flags, (uint8_t)~STR_INTERNED, memory_order_relaxed);
            sh->at[i] = V_UNBOUND;
            sh->live--;
            dead[n++] = v;
        }
        sh->sweep_at = sh->live * 2 + 4096;
        pthread_mutex_unlock(&sh->lock);
        for (size_t i = 0; i < n; i++) release(t, dead[i]);
    } while (n == 256);
}

void str_intern_sweep(struct thread *t) {
    for (int i = 0; i < SHARDS; i++) sweep_shard(t, &shards[i]);
}

// The canonical string for s (taken), or s itself, now in the table. immortal: the caller's s is made immortal, or what is there already is.
static value intern(struct thread *t, value s, bool immortal) {
    struct str *str = as_str(s);
    int64_t hash = str_hash(s);
    struct shard *sh = shard_of(hash);
    value out = V_NULL, old = V_NULL;
    pthread_mutex_lock(&sh->lock);
    if (sh->at || rebuild(sh)) {
        if ((sh->used + 1) * 4 > (sh->mask + 1) * 3 && !rebuild(sh) && sh->used == sh->mask) goto out; // no memory: go on dense while a hole is left
        value *at = probe(sh, str, hash);
        if (*at != V_NULL && *at != V_UNBOUND) {
            old = s;
            if (immortal && is_counted(*at)) *at = ref_immortal(t, as_object(*at));
            out = own(t, *at);
        } else {
            sh->used += *at == V_NULL;
            sh->live++;
            atomic_fetch_or_explicit(&str->flags, STR_INTERNED, memory_order_relaxed);
            *at = immortal && is_counted(s) ? ref_immortal(t, as_object(s)) : s;
            out = own(t, *at);
        }
        if (immortal) atomic_fetch_or_explicit(&as_str(out)->flags, STR_IMMORTAL, memory_order_relaxed);
    }
out:
    pthread_mutex_unlock(&sh->lock);
    if (!out) {
        release(t, s);
        return raise_no_memory(t);
    }
    if (old) release(t, old);
    else if (!t->free_threaded && sh->live > sh->sweep_at) sweep_shard(t, sh);
    return out;
}

value str_intern(struct thread *t, value s) {
    if (str_is_interned(as_str(s))) return s;
    if (!has_shape(s, SHAPE_STR)) { // a subclass instance may carry attributes: intern its text
        value exact = str_exact(t, s);
        release(t, s);
        if (!exact) return V_NULL;
        s = exact;
    }
    return intern(t, s, false);
}

value str_intern_immortal(struct thread *t, value s) {
    struct str *str = as_str(s);
    if ((atomic_load_explicit(&str->flags, memory_order_relaxed) & (STR_INTERNED | STR_IMMORTAL)) == (STR_INTERNED | STR_IMMORTAL)) {
        value v = own(t, s);
        release(t, s);
        return v;
    }
    return intern(t, s, true);
}

value str_intern_cstr(struct thread *t, const char *text) {
    value s = str_from_cstr(t, text);
    return s ? str_intern_immortal(t, s) : V_NULL;
}
