// SPDX-License-Identifier: Apache-2.0
// Signals that write the stacks because the program asked for it (faulthandler.register). Leaves fatal ones to module.c, the stacks to stack.c.
#include "interp/modules/faulthandler/faulthandler.h"
#include "interp/core/os_signal.h"

#include <errno.h>

// Written under the interpreter's care by (un)register, read by the handler; `on` last when set, first when cleared.
static struct user {
    _Atomic bool on;
    bool all_threads, chain;
    int fd;
    struct interp *interp;
    struct sigaction previous;
} users[FAULT_SIGNALS];

static void handle(int number);
static bool install(int number, bool chain, struct sigaction *previous) {
    // SA_NODEFER so that the one before can be called by sending the signal again.
    struct sigaction sa = {.sa_handler = handle, .sa_flags = SA_RESTART | SA_ONSTACK | (chain ? SA_NODEFER : 0)};
    return sigaction(number, &sa, previous) == 0;
}
static void handle(int number) {
    struct user *u = &users[number];
    int err = errno;
    if (!atomic_load(&u->on)) return;
    const struct thread *t = thread_current();
    if (u->all_threads) fault_write_threads(u->fd, u->interp, t);
    else if (t) fault_write_stack(u->fd, t, NULL);
    if (u->chain) {
        sigaction(number, &u->previous, NULL);
        errno = err;
        pthread_kill(pthread_self(), number);
        err = errno;
        struct sigaction ignored;
        if (!install(number, true, &ignored)) atomic_store(&u->on, false);
    }
    errno = err;
}
bool fault_register(struct interp *interp, int number, int fd, bool all_threads, bool chain) {
    struct user *u = &users[number];
    if (!atomic_load(&u->on) && !install(number, chain, &u->previous)) return false;
    u->fd = fd;
    u->interp = interp;
    u->all_threads = all_threads;
    u->chain = chain;
    atomic_store(&u->on, true);
    return true;
}
bool fault_unregister(int number) {
    if (!atomic_exchange(&users[number].on, false)) return false;
    sigaction(number, &users[number].previous, NULL);
    return true;
}
void fault_unregister_all(void) {
    for (int i = 1; i < FAULT_SIGNALS; i++) fault_unregister(i);
}
