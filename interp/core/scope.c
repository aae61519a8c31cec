// SPDX-License-Identifier: Apache-2.0
// Task scopes: budgets, cancelling, the timer thread that watches deadlines and interrupts blocking calls. Leaves raising to hooks->scope_raise.
#include "interp/core/scope.h"
#include "interp/core/clock.h"
#include "interp/core/hooks.h"
#include "interp/core/os_signal.h"
#include <pthread.h>
#include <stdlib.h>

enum { REPEAT_NS = 50000000, NUDGE_NS = 10000000 };

// One a interpreter. It watches scopes that have a deadline or were told to stop; without any it sleeps.
struct timer {
    pthread_mutex_t lock; // a leaf
    pthread_cond_t changed;
    pthread_t thread;
    struct scope *first;  // linked by timer_next
    bool running, stop;
};

int scope_signal(void) { return SIGRTMAX - 2; }
static void on_signal(int number) {} // its only use is that a blocking call returns

// ---- the timer ----

static uint64_t repeat_of(const struct scope *s) { return s->repeat_ns ? s->repeat_ns : REPEAT_NS; }

static bool set_cause(struct scope *s, enum scope_cause cause) {
    uint8_t running = SCOPE_RUNNING;
    return atomic_compare_exchange_strong(&s->cause, &running, (uint8_t)cause);
}

// Looks at one scope; returns when to look again. Timer lock held, so s and its thread stay.
static uint64_t look(struct scope *s, uint64_t now) {
    if (scope_cause(s) == SCOPE_RUNNING) {
        if (!s->deadline_ns) return UINT64_MAX;
        if (now < s->deadline_ns) return s->deadline_ns;
        set_cause(s, SCOPE_DEADLINE);
    }
    thread_interrupt(s->thread, BREAK_SCOPE);
    if (atomic_load(&s->thread->run_state) != RUN_ATTACHED) pthread_kill(s->thread->pthread, scope_signal());
    return now + NUDGE_NS;
}

static void *watch(void *arg) {
    struct timer *timer = arg;
    pthread_mutex_lock(&timer->lock);
    while (!timer->stop) {
        uint64_t now = clock_now_ns(), next = UINT64_MAX;
        for (struct scope *s = timer->first; s; s = s->timer_next) {
            uint64_t due = look(s, now);
            if (due < next) next = due;
        }
        if (next == UINT64_MAX) {
            pthread_cond_wait(&timer->changed, &timer->lock);
            continue;
        }
        struct timespec until = clock_timespec(next);
        pthread_cond_timedwait(&timer->changed, &timer->lock, &until);
    }
    pthread_mutex_unlock(&timer->lock);
    return NULL;
}

static void init_changed(struct timer *timer) {
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&timer->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

static void install_signal(void) {
    struct sigaction action = {.sa_handler = on_signal}; // without SA_RESTART
    sigaction(scope_signal(), &action, NULL);
}

// The timer blocks every signal: Python's handlers belong to the main thread.
static bool start_thread(struct timer *timer) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    timer->running = pthread_create(&timer->thread, NULL, watch, timer) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return timer->running;
}

// returns the interpreter's timer, started; NULL: no memory or no thread.
static struct timer *ensure_timer(struct interp *interp) {
    pthread_mutex_lock(&interp->threads_lock);
    struct timer *timer = interp->timer;
    if (!timer && (timer = calloc(1, sizeof *timer))) {
        pthread_mutex_init(&timer->lock, NULL);
        init_changed(timer);
        install_signal();
        interp->timer = timer;
    }
    bool ok = timer && (timer->running || start_thread(timer));
    pthread_mutex_unlock(&interp->threads_lock);
    return ok ? timer : NULL;
}

void scope_stop_timer(struct interp *interp) {
    struct timer *timer = interp->timer;
    if (!timer) return;
    pthread_mutex_lock(&timer->lock);
    timer->stop = true;
    pthread_cond_signal(&timer->changed);
    pthread_mutex_unlock(&timer->lock);
    if (timer->running) pthread_join(timer->thread, NULL);
    pthread_mutex_destroy(&timer->lock);
    pthread_cond_destroy(&timer->changed);
    free(timer);
    interp->timer = NULL;
}

// ---- entering and leaving ----

bool scope_enter(struct thread *t, struct scope *s) {
    struct timer *timer = ensure_timer(t->interp);
    if (!timer) {
        raise_no_memory(t);
        return false;
    }
    s->thread = t;
    s->outer = t->scope;
    s->shields = 0;
    s->memory_used = s->memory_peak = s->steps = s->next_delivery_ns = s->delivered = 0;
    t->scope = s;
    pthread_mutex_lock(&timer->lock);
    s->timer_next = timer->first;
    s->on_timer = true;
    timer->first = s;
    // Without a deadline there is nothing to watch until scope_cancel says so: waking the timer for each task would cost a switch each.
    if (s->deadline_ns || scope_cause(s) != SCOPE_RUNNING) pthread_cond_signal(&timer->changed);
    pthread_mutex_unlock(&timer->lock);
    if (s->step_limit || scope_cause(s) != SCOPE_RUNNING) thread_interrupt(t, BREAK_SCOPE);
    return true;
}

void scope_leave(struct thread *t, struct scope *s) {
    struct timer *timer = t->interp->timer;
    pthread_mutex_lock(&timer->lock);
    struct scope **at = &timer->first;
    while (*at != s) at = &(*at)->timer_next;
    *at = s->timer_next;
    s->on_timer = false;
    pthread_mutex_unlock(&timer->lock);
    t->scope = s->outer;
    if (!t->scope) atomic_fetch_and(&t->breaker, ~(uint32_t)BREAK_SCOPE);
    else { // what it used the outer one used
        t->scope->memory_used += s->memory_used;
        t->scope->steps += s->steps;
        thread_interrupt(t, BREAK_SCOPE);
    }
}

// Told before it is entered, a scope starts cancelled.
void scope_cancel(struct scope *s) {
    if (!set_cause(s, SCOPE_CANCELLED) || !s->thread) return;
    struct timer *timer = s->thread->interp->timer;
    pthread_mutex_lock(&timer->lock);
    if (s->on_timer) {
        thread_interrupt(s->thread, BREAK_SCOPE);
        pthread_cond_signal(&timer->changed);
    }
    pthread_mutex_unlock(&timer->lock);
}

void scope_shield(struct thread *t) {
    if (t->scope) t->scope->shields++;
}
void scope_unshield(struct thread *t) {
    if (!t->scope || !t->scope->shields) return;
    if (--t->scope->shields == 0) thread_interrupt(t, BREAK_SCOPE);
}

// ---- budgets ----

bool scope_charge_slow(struct thread *t, size_t bytes) {
    for (struct scope *s = t->scope; s; s = s->outer)
        if (s->memory_limit && !s->shields && s->memory_used + bytes > s->memory_limit) {
            if (set_cause(s, SCOPE_MEMORY)) thread_interrupt(t, BREAK_SCOPE);
            return false;
        }
    struct scope *s = t->scope;
    s->memory_used += bytes;
    if (s->memory_used > s->memory_peak) s->memory_peak = s->memory_used;
    return true;
}

void scope_credit(struct thread *t, size_t bytes) {
    struct scope *s = t->scope;
    s->memory_used -= bytes < s->memory_used ? bytes : s->memory_used;
}

// ---- delivery ----

static void count_step(struct thread *t, struct scope *s) {
    if (!s->step_limit) return;
    if (++s->steps > s->step_limit) set_cause(s, SCOPE_STEPS);
    thread_interrupt(t, BREAK_SCOPE); // look again at the next one
}

// The outermost scope that has ended counts: what is inside ends with it.
static struct scope *ended(struct thread *t) {
    struct scope *found = NULL;
    for (struct scope *s = t->scope; s; s = s->outer) {
        if (s->shields) return NULL;
        if (scope_cause(s) != SCOPE_RUNNING) found = s;
    }
    return found;
}

bool scope_safepoint(struct thread *t) {
    for (struct scope *s = t->scope; s; s = s->outer) count_step(t, s);
    struct scope *s = ended(t);
    if (!s) return true;
    uint64_t now = clock_now_ns();
    if (now < s->next_delivery_ns) return true; // the timer comes back to it
    s->next_delivery_ns = now + repeat_of(s);
    s->delivered++;
    t->interp->hooks->scope_raise(t, s);
    return t->exc == V_NULL;
}

// ---- fork ----

void scope_fork_prepare(struct interp *interp) {
    if (interp->timer) pthread_mutex_lock(&interp->timer->lock);
}
void scope_fork_parent(struct interp *interp) {
    if (interp->timer) pthread_mutex_unlock(&interp->timer->lock);
}
void scope_fork_child(struct thread *t) {
    struct timer *timer = t->interp->timer;
    if (!timer) return;
    init_changed(timer);
    timer->first = NULL;
    for (struct scope *s = t->scope; s; s = s->outer) {
        s->timer_next = timer->first;
        timer->first = s;
    }
    timer->running = false;
    pthread_mutex_unlock(&timer->lock);
    if (t->scope) start_thread(timer);
}
