// SPDX-License-Identifier: Apache-2.0
// The watchdog of faulthandler: a thread that writes all stacks when nobody calls it off in time. Leaves the stacks to stack.c.
//
// One watchdog a process; it belongs to no interpreter, so that neither a lock nor a stopped world keeps it. After a fork the child has none: what is left of the
// parent's is forgotten, not joined.
#include "interp/modules/faulthandler/faulthandler.h"
#include "interp/core/os_signal.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { MOMENT_NS = 2000000 }; // what threads get to reach a safepoint, where they note their line

struct watch {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t cond;
    bool off;              // guarded by mutex
    pid_t pid;             // the process it runs in; what follows is immutable
    struct interp *interp;
    uint64_t ns;
    int fd;
    bool repeat, leave;
    char header[64];
};
static struct watch *_Atomic watch; // exchanged by whoever starts or ends one

static void add_ns(struct timespec *ts, uint64_t ns) {
    ns += (uint64_t)ts->tv_nsec;
    ts->tv_sec += (time_t)(ns / 1000000000);
    ts->tv_nsec = (long)(ns % 1000000000);
}
// threads_lock, unless somebody keeps it: then without.
static bool lock_threads(struct interp *interp) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    add_ns(&until, 100000000);
    return pthread_mutex_timedlock(&interp->threads_lock, &until) == 0;
}
static void write_all(const struct watch *w) {
    struct timespec moment = {0, MOMENT_NS};
    bool locked = lock_threads(w->interp);
    for (struct thread *t = locked ? w->interp->threads : NULL; t; t = t->next) thread_interrupt(t, BREAK_QUIET);
    nanosleep(&moment, NULL);
    fault_write(w->fd, w->header);
    fault_write_threads(w->fd, w->interp, NULL);
    if (locked) pthread_mutex_unlock(&w->interp->threads_lock);
}
static void *watching(void *arg) {
    struct watch *w = arg;
    struct timespec due;
    clock_gettime(CLOCK_MONOTONIC, &due);
    pthread_mutex_lock(&w->mutex);
    do {
        add_ns(&due, w->ns);
        int r = 0;
        while (!w->off && r != ETIMEDOUT) r = pthread_cond_timedwait(&w->cond, &w->mutex, &due);
        if (w->off) break;
        write_all(w);
        if (w->leave) _exit(1);
    } while (w->repeat);
    pthread_mutex_unlock(&w->mutex);
    return NULL;
}
static void make_locks(struct watch *w) {
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&w->cond, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&w->mutex, NULL);
}
static void end(struct watch *w) {
    if (!w || w->pid != getpid()) return; // of the parent: its locks may be held for ever, its memory is kept
    pthread_mutex_lock(&w->mutex);
    w->off = true;
    pthread_cond_signal(&w->cond);
    pthread_mutex_unlock(&w->mutex);
    pthread_join(w->thread, NULL);
    pthread_cond_destroy(&w->cond);
    pthread_mutex_destroy(&w->mutex);
    free(w);
}
void fault_unwatch(struct thread *t) {
    struct watch *w = atomic_exchange(&watch, NULL);
    if (!w) return;
    if (t) thread_detach(t);
    end(w);
    if (t) thread_attach(t);
}

bool fault_watch(struct interp *interp, uint64_t ns, bool repeat, int fd, bool leave, const char *header) {
    struct watch *w = calloc(1, sizeof *w);
    if (!w) return false;
    *w = (struct watch){.pid = getpid(), .interp = interp, .ns = ns, .fd = fd, .repeat = repeat, .leave = leave};
    strncpy(w->header, header, sizeof w->header - 1);
    make_locks(w);
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old); // signals are for the threads of the program
    int r = pthread_create(&w->thread, NULL, watching, w);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (r) {
        free(w);
        errno = r;
        return false;
    }
    end(atomic_exchange(&watch, w)); // somebody else's, begun since the caller ended the one before
    return true;
}
