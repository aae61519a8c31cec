// SPDX-License-Identifier: Apache-2.0
// The private redis-server that is the default store: started, watched, adopted, ended. Talking to it is the links' job.
//
// It has no TCP port; its socket (0600) stands in a directory of mode 0700, and commands that nobody needs are off.
//
//   --data DIR: DIR/lock is held by the broker (a second one refuses to start), DIR/redis holds socket, pid and the
//   append-only file. The server outlives a broker that is killed; the next broker on DIR finds it answering and
//   adopts it. Without --data everything is in a temporary directory and dies with the broker, however that dies.
//
// A server that vanishes is started again (from its append-only file) when the link finds nobody at the socket.

#ifndef KRAIT_BROKER_REDIS_CHILD_H
#define KRAIT_BROKER_REDIS_CHILD_H

#include <sys/types.h>

#include "broker/redis_link.h"

struct redis_child {
    struct loop *loop;           // backlink
    struct log *log;             // borrowed
    char dir[96];                // of redis: socket, pid, append-only file
    bool always;                 // write to the disk before answering
    int64_t memory;              // limit in bytes, 0 = none
    bool temporary;              // dir is ours to remove
    int lock;                    // fd, -1 = none
    pid_t pid;                   // 0 = none runs
    bool adopted;                // pid is not our child
    unsigned starts;
    struct redis_target target;
};

// Locks, prepares the directory and starts or adopts the server. data NULL = temporary.
// False: why says what is wrong.
bool child_start(struct redis_child *c, const char *data, char *why, size_t why_size);

// Nobody answers at the socket: start it again unless it still runs. Returns whether it was started.
bool child_check(struct redis_child *c);

// Ends the server, waits for it, removes what is temporary, lets go of the lock.
void child_stop(struct redis_child *c);

#endif
