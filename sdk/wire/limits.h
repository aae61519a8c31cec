// SPDX-License-Identifier: Apache-2.0
// Every cap of the protocol, checked before anything is unpacked. A receiver may set lower ones and says so in Welcome.
// Going over one is ERR_CAP or ERR_FRAME_SIZE: an Error frame and a close, never a crash.

#ifndef KRAIT_WIRE_LIMITS_H
#define KRAIT_WIRE_LIMITS_H

#define LIMIT_VERSION_MIN      1
#define LIMIT_VERSION_MAX      1

#define LIMIT_FRAME            (16u << 20)  // bytes of one Envelope, default
#define LIMIT_FRAME_MAX        (256u << 20) // what a setting may raise it to
#define LIMIT_FRAME_HELLO      (1u << 20)   // bytes of a frame before Welcome
#define LIMIT_BATCH            1024         // entries of one batch (tasks, ids, results, acks)
#define LIMIT_WINDOW           16384        // tasks that one producer may have unanswered
#define LIMIT_PAYLOAD          (15u << 20)  // bytes of one Task
#define LIMIT_INLINE           (1u << 20)   // larger payloads and results should travel in parts
#define LIMIT_PART             (512u << 10) // bytes of one part
#define LIMIT_PARTS            256          // parts of one payload or result
#define LIMIT_LARGE            (64u << 20)  // bytes of all of them
#define LIMIT_PAGE             100          // tasks or events of one answer, unless asked otherwise; at most LIMIT_BATCH
#define LIMIT_VALUE_DEPTH      64           // lists in lists
#define LIMIT_DEPTH            200          // messages in messages, which a value of that depth needs
#define LIMIT_ITEMS            (1u << 20)   // sub-messages and repeated scalars of one decode
#define LIMIT_TEXT             1024         // names, hosts, reasons, header names
#define LIMIT_HEADER           8192         // a header's value
#define LIMIT_TOKEN            1024
#define LIMIT_HEADERS          64
#define LIMIT_QUEUES           1024         // a worker's queues
#define LIMIT_TASK_NAMES       10000        // a worker's task names
#define LIMIT_TASK_NAME        256
#define LIMIT_TRACEBACK        (64u << 10)  // longer ones lose their middle
#define LIMIT_MESSAGE          (16u << 10)  // an exception's text
#define LIMIT_DECODE           8            // the arena of a decode may hold frame size * this + 1 MiB

#define LIMIT_BEAT_MS          5000         // heartbeat interval
#define LIMIT_TTL_MS           15000        // a silent session expires
#define LIMIT_GRACE_MS         5000         // a dropped connection may come back within

#define LIMIT_MAX_DELIVERIES   3            // defaults of a task
#define LIMIT_RESULT_TTL_MS    86400000
#define LIMIT_DEDUPE_MS        600000
#define LIMIT_PRIORITY         4            // 0..9

#endif
