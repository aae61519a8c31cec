// SPDX-License-Identifier: Apache-2.0
// The tables that pair each message of krait.proto with its struct in msg.h, with the caps of their fields.
// The copying is msg_shape.c's.

#include "sdk/wire/msg_shape.h"

#include "sdk/base/id.h"

// G: the generated struct without its prefix, P: the plain struct, f: the field, which has the same name in both.
#define GEN(G, f) offsetof(Krait__V1__##G, f)
#define PLAIN(P, f) offsetof(struct P, f)

#define U32(G, P, f)             { SHAPE_U32,  GEN(G, f), 0, PLAIN(P, f), 0, 0, NULL }
#define U64(G, P, f)             { SHAPE_U64,  GEN(G, f), 0, PLAIN(P, f), 0, 0, NULL }
#define BOOL(G, P, f)            { SHAPE_BOOL, GEN(G, f), 0, PLAIN(P, f), 0, 0, NULL }
#define ENUM(G, P, f, max)       { SHAPE_ENUM, GEN(G, f), 0, PLAIN(P, f), 0, max, NULL }
#define NUMBER(G, P, f)          { SHAPE_NUMBER, GEN(G, f), 0, PLAIN(P, f), 0, 0, NULL }
#define TEXT(G, P, f, max)       { SHAPE_TEXT, GEN(G, f), 0, PLAIN(P, f), 0, max, NULL }
#define BYTES(G, P, f, max)      { SHAPE_BYTES, GEN(G, f), 0, PLAIN(P, f), 0, max, NULL }
#define SUB(G, P, f, s)          { SHAPE_SUB, GEN(G, f), 0, PLAIN(P, f), NO_FIELD, 0, &s }
#define MAYBE(G, P, f, s)        { SHAPE_SUB, GEN(G, f), 0, PLAIN(P, f), PLAIN(P, has_##f), 0, &s }
// n is the plain count's name.
#define ARRAY(kind, G, P, f, n, max, s) { kind, GEN(G, f), GEN(G, n_##f), PLAIN(P, f), PLAIN(P, n), max, s }
#define SUBS(G, P, f, n, max, s)  ARRAY(SHAPE_SUBS, G, P, f, n, max, &s)
#define TEXTS(G, P, f, n, max)    ARRAY(SHAPE_TEXTS, G, P, f, n, max, NULL)
#define BLOBS(G, P, f, n, max)    ARRAY(SHAPE_BLOBS, G, P, f, n, max, NULL)
#define U64S(G, P, f, n, max)     ARRAY(SHAPE_U64S, G, P, f, n, max, NULL)
#define ENUMS(G, P, f, n, max)    ARRAY(SHAPE_ENUMS, G, P, f, n, max, NULL)

#define SHAPE(name, descriptor, P, rows)                                                                   \
    const struct shape shape_##name = { &krait__v1__##descriptor##__descriptor, sizeof(struct P), rows,    \
                                        sizeof rows / sizeof rows[0] }

#define ANY UINT32_MAX   // bounded by the frame

_Static_assert(sizeof(enum task_ack) == sizeof(int), "arrays of enums are copied as int");
_Static_assert(sizeof(Krait__V1__Ack) == sizeof(int), "arrays of enums are copied as int");

// ---------------------------------------------------------------- tasks

static const struct shape_row retry_rows[] = {
    U32(Retry, msg_retry, max),
    ENUM(Retry, msg_retry, backoff, BACKOFF_LIST),
    U64(Retry, msg_retry, base_ms),
    U64(Retry, msg_retry, cap_ms),
    U32(Retry, msg_retry, factor_percent),
    U64S(Retry, msg_retry, list_ms, n_list_ms, 256),
    U32(Retry, msg_retry, jitter_percent),
    TEXTS(Retry, msg_retry, retry_on, n_retry_on, 64),
    TEXTS(Retry, msg_retry, fail_on, n_fail_on, 64),
};
static SHAPE(retry, retry, msg_retry, retry_rows);

static const struct shape_row options_rows[] = {
    U32(TaskOptions, msg_options, priority),
    BOOL(TaskOptions, msg_options, has_priority),
    U64(TaskOptions, msg_options, delay_ms),
    U64(TaskOptions, msg_options, eta_ms),
    U64(TaskOptions, msg_options, expires_ms),
    MAYBE(TaskOptions, msg_options, retry, shape_retry),
    U64(TaskOptions, msg_options, soft_limit_ms),
    U64(TaskOptions, msg_options, hard_limit_ms),
    U64(TaskOptions, msg_options, memory_limit),
    U64(TaskOptions, msg_options, result_ttl_ms),
    BOOL(TaskOptions, msg_options, has_result_ttl),
    U32(TaskOptions, msg_options, max_deliveries),
    TEXT(TaskOptions, msg_options, unique_key, ID_KEY_MAX),
    U64(TaskOptions, msg_options, unique_ttl_ms),
    ENUM(TaskOptions, msg_options, conflict, CONFLICT_REPLACE),
    TEXT(TaskOptions, msg_options, group, ID_KEY_MAX),
    TEXT(TaskOptions, msg_options, rate_key, ID_KEY_MAX),
    U64(TaskOptions, msg_options, dedupe_ms),
    BOOL(TaskOptions, msg_options, complete),
    U64(TaskOptions, msg_options, rate_us),
};
static SHAPE(options, task_options, msg_options, options_rows);

static const struct shape_row header_rows[] = {
    TEXT(Header, msg_header, name, LIMIT_TEXT),
    TEXT(Header, msg_header, value, LIMIT_HEADER),
};
static SHAPE(header, header, msg_header, header_rows);

static const struct shape_row task_rows[] = {
    TEXT(Task, msg_task, key, ID_KEY_MAX),
    TEXT(Task, msg_task, queue, ID_NAME_MAX),
    TEXT(Task, msg_task, name, LIMIT_TASK_NAME),
    SUB(Task, msg_task, options, shape_options),
    SUBS(Task, msg_task, headers, n_headers, LIMIT_HEADERS, shape_header),
    TEXT(Task, msg_task, parent, ID_TASK_MAX),
    TEXT(Task, msg_task, root, ID_TASK_MAX),
    TEXT(Task, msg_task, workflow, ID_TASK_MAX),
    TEXT(Task, msg_task, node, ID_KEY_MAX),
    U64(Task, msg_task, created_ms),
    U32(Task, msg_task, parts),
    U64(Task, msg_task, payload_size),
    BYTES(Task, msg_task, payload, ANY),
};
SHAPE(task, task, msg_task, task_rows);

// ---------------------------------------------------------------- the connection

static const struct shape_row weight_rows[] = {
    TEXT(QueueWeight, msg_queue_weight, queue, ID_NAME_MAX),
    U32(QueueWeight, msg_queue_weight, weight),
};
static SHAPE(weight, queue_weight, msg_queue_weight, weight_rows);

static const struct shape_row task_name_rows[] = {
    TEXT(TaskName, msg_task_name, name, LIMIT_TASK_NAME),
    TEXT(TaskName, msg_task_name, queue, ID_NAME_MAX),
    SUB(TaskName, msg_task_name, options, shape_options),
};
static SHAPE(task_name, task_name, msg_task_name, task_name_rows);

static const struct shape_row held_rows[] = {
    TEXT(Held, msg_held, id, ID_TASK_MAX),
    U32(Held, msg_held, attempt),
    BOOL(Held, msg_held, started),
};
static SHAPE(held, held, msg_held, held_rows);

static const struct shape_row worker_rows[] = {
    ENUM(WorkerHello, msg_worker, mode, MODE_FREE_THREADED),
    U32(WorkerHello, msg_worker, processes),
    U32(WorkerHello, msg_worker, threads),
    SUBS(WorkerHello, msg_worker, queues, n_queues, LIMIT_QUEUES, shape_weight),
    SUBS(WorkerHello, msg_worker, tasks, n_tasks, LIMIT_TASK_NAMES, shape_task_name),
    U32(WorkerHello, msg_worker, pid),
    TEXT(WorkerHello, msg_worker, host, LIMIT_TEXT),
    TEXT(WorkerHello, msg_worker, name, LIMIT_TEXT),
    TEXT(WorkerHello, msg_worker, resume_session, ID_KEY_MAX),
    BYTES(WorkerHello, msg_worker, resume_secret, LIMIT_TEXT),
    SUBS(WorkerHello, msg_worker, held, n_held, LIMIT_WINDOW, shape_held),
};
static SHAPE(worker, worker_hello, msg_worker, worker_rows);

static const struct shape_row hello_rows[] = {
    U32(Hello, msg_hello, version_min),
    U32(Hello, msg_hello, version_max),
    BYTES(Hello, msg_hello, token, LIMIT_TOKEN),
    ENUM(Hello, msg_hello, role, ROLE_ADMIN),
    TEXT(Hello, msg_hello, ns, ID_NAME_MAX),
    TEXT(Hello, msg_hello, client, LIMIT_TEXT),
    MAYBE(Hello, msg_hello, worker, shape_worker),
};
static SHAPE(hello, hello, msg_hello, hello_rows);

static const struct shape_row limits_rows[] = {
    U64(Limits, msg_limits, frame),
    U32(Limits, msg_limits, batch),
    U32(Limits, msg_limits, window),
    U64(Limits, msg_limits, payload),
};
static SHAPE(limits, limits, msg_limits, limits_rows);

static const struct shape_row welcome_rows[] = {
    U32(Welcome, msg_welcome, version),
    TEXT(Welcome, msg_welcome, session, ID_KEY_MAX),
    BYTES(Welcome, msg_welcome, secret, LIMIT_TEXT),
    U64(Welcome, msg_welcome, heartbeat_ms),
    U64(Welcome, msg_welcome, ttl_ms),
    U64(Welcome, msg_welcome, grace_ms),
    SUB(Welcome, msg_welcome, limits, shape_limits),
    TEXTS(Welcome, msg_welcome, warnings, n_warnings, LIMIT_BATCH),
    TEXT(Welcome, msg_welcome, broker, LIMIT_TEXT),
    BOOL(Welcome, msg_welcome, resumed),
    U64(Welcome, msg_welcome, now_ms),
};
static SHAPE(welcome, welcome, msg_welcome, welcome_rows);

static const struct shape_row error_rows[] = {
    NUMBER(Error, msg_error, code),
    TEXT(Error, msg_error, text, LIMIT_HEADER),
    U64(Error, msg_error, seq),
    BOOL(Error, msg_error, fatal),
};
static SHAPE(error, error, msg_error, error_rows);

static const struct shape_row goodbye_rows[] = {
    TEXT(Goodbye, msg_goodbye, reason, LIMIT_TEXT),
};
static SHAPE(goodbye, goodbye, msg_goodbye, goodbye_rows);

static const struct shape_row load_rows[] = {
    U32(WorkerLoad, msg_load, busy),
    U32(WorkerLoad, msg_load, idle),
    U64(WorkerLoad, msg_load, rss),
    U64(WorkerLoad, msg_load, gil_wait_us),
    U64(WorkerLoad, msg_load, done),
    U64(WorkerLoad, msg_load, failed),
    U32(WorkerLoad, msg_load, restarts),
};
static SHAPE(load, worker_load, msg_load, load_rows);

static const struct shape_row heartbeat_rows[] = {
    U64(Heartbeat, msg_heartbeat, sent_ms),
    BOOL(Heartbeat, msg_heartbeat, reply),
    MAYBE(Heartbeat, msg_heartbeat, load, shape_load),
};
static SHAPE(heartbeat, heartbeat, msg_heartbeat, heartbeat_rows);

// ---------------------------------------------------------------- producers

static const struct shape_row enqueue_rows[] = {
    U64(Enqueue, msg_enqueue, seq),
    BLOBS(Enqueue, msg_enqueue, tasks, n, LIMIT_BATCH),
};
static SHAPE(enqueue, enqueue, msg_enqueue, enqueue_rows);

static const struct shape_row accepted_rows[] = {
    TEXT(Accepted, msg_accepted, id, ID_TASK_MAX),
    ENUM(Accepted, msg_accepted, outcome, ACCEPT_AWAY),
    TEXT(Accepted, msg_accepted, text, LIMIT_HEADER),
};
static SHAPE(accepted, accepted, msg_accepted, accepted_rows);

static const struct shape_row enqueue_reply_rows[] = {
    U64(EnqueueReply, msg_enqueue_reply, seq),
    SUBS(EnqueueReply, msg_enqueue_reply, tasks, n, LIMIT_BATCH, shape_accepted),
};
static SHAPE(enqueue_reply, enqueue_reply, msg_enqueue_reply, enqueue_reply_rows);

static const struct shape_row wait_rows[] = {
    U64(Wait, msg_wait, seq),
    TEXTS(Wait, msg_wait, ids, n, LIMIT_BATCH),
    U64(Wait, msg_wait, timeout_ms),
};
static SHAPE(wait, wait, msg_wait, wait_rows);

static const struct shape_row failure_rows[] = {
    TEXT(Failure, msg_failure, type, LIMIT_TEXT),
    TEXT(Failure, msg_failure, message, LIMIT_MESSAGE),
    TEXT(Failure, msg_failure, traceback, LIMIT_TRACEBACK),
};
static SHAPE(failure, failure, msg_failure, failure_rows);

static const struct shape_row cost_rows[] = {
    U64(Cost, msg_cost, run_us),
    U64(Cost, msg_cost, cpu_us),
    U64(Cost, msg_cost, gil_wait_us),
    U64(Cost, msg_cost, memory),
};
static SHAPE(cost, cost, msg_cost, cost_rows);

static const struct shape_row outcome_rows[] = {
    BYTES(Outcome, msg_outcome, value, ANY),
    BOOL(Outcome, msg_outcome, no_value),
    MAYBE(Outcome, msg_outcome, failure, shape_failure),
    ENUM(Outcome, msg_outcome, reason, REASON_BAD_RESULT),
    U64(Outcome, msg_outcome, finished_ms),
    MAYBE(Outcome, msg_outcome, cost, shape_cost),
    TEXT(Outcome, msg_outcome, worker, LIMIT_TEXT),
    U32(Outcome, msg_outcome, attempt),
    U32(Outcome, msg_outcome, value_parts),
    U64(Outcome, msg_outcome, value_size),
};
SHAPE(outcome, outcome, msg_outcome, outcome_rows);

// The outcome's bytes; msg.c opens and makes them.
static const struct shape_row task_result_rows[] = {
    TEXT(TaskResult, msg_task_result, id, ID_TASK_MAX),
    ENUM(TaskResult, msg_task_result, state, STATE_CANCELLED),
    { SHAPE_BYTES, GEN(TaskResult, outcome), 0, PLAIN(msg_task_result, raw_outcome), 0, ANY, NULL },
};
static SHAPE(task_result, task_result, msg_task_result, task_result_rows);

static const struct shape_row result_rows[] = {
    U64(Result, msg_result, seq),
    SUBS(Result, msg_result, tasks, n, LIMIT_BATCH, shape_task_result),
};
static SHAPE(result, result, msg_result, result_rows);

static const struct shape_row cancel_rows[] = {
    U64(Cancel, msg_cancel, seq),
    TEXTS(Cancel, msg_cancel, ids, n, LIMIT_BATCH),
    BOOL(Cancel, msg_cancel, running),
    TEXT(Cancel, msg_cancel, reason, LIMIT_TEXT),
};
static SHAPE(cancel, cancel, msg_cancel, cancel_rows);

static const struct shape_row cancel_reply_rows[] = {
    U64(CancelReply, msg_result, seq),
    SUBS(CancelReply, msg_result, tasks, n, LIMIT_BATCH, shape_task_result),
};
static SHAPE(cancel_reply, cancel_reply, msg_result, cancel_reply_rows);

// ---------------------------------------------------------------- workers

static const struct shape_row credit_rows[] = {
    U32(Credit, msg_credit, n),
};
static SHAPE(credit, credit, msg_credit, credit_rows);

static const struct shape_row delivery_rows[] = {
    TEXT(Delivery, msg_delivery, id, ID_TASK_MAX),
    U32(Delivery, msg_delivery, attempt),
    BYTES(Delivery, msg_delivery, body, ANY),
    U32(Delivery, msg_delivery, priority),
    U64(Delivery, msg_delivery, enqueued_ms),
    U32(Delivery, msg_delivery, deliveries),
    U32(Delivery, msg_delivery, retries),
};
static SHAPE(delivery, delivery, msg_delivery, delivery_rows);

static const struct shape_row deliver_rows[] = {
    SUBS(Deliver, msg_deliver, tasks, n, LIMIT_BATCH, shape_delivery),
};
static SHAPE(deliver, deliver, msg_deliver, deliver_rows);

static const struct shape_row ref_rows[] = {
    TEXT(TaskRef, msg_ref, id, ID_TASK_MAX),
    U32(TaskRef, msg_ref, attempt),
};
static SHAPE(ref, task_ref, msg_ref, ref_rows);

static const struct shape_row started_rows[] = {
    SUBS(Started, msg_started, tasks, n, LIMIT_BATCH, shape_ref),
};
static SHAPE(started, started, msg_started, started_rows);

static const struct shape_row finished_rows[] = {
    TEXT(Finished, msg_finished, id, ID_TASK_MAX),
    U32(Finished, msg_finished, attempt),
    ENUM(Finished, msg_finished, ended, ENDED_BAD_RESULT),
    BYTES(Finished, msg_finished, value, ANY),
    MAYBE(Finished, msg_finished, failure, shape_failure),
    MAYBE(Finished, msg_finished, cost, shape_cost),
    U64(Finished, msg_finished, retry_ms),
    U32(Finished, msg_finished, value_parts),
    U64(Finished, msg_finished, value_size),
};
static SHAPE(finished, finished, msg_finished, finished_rows);

static const struct shape_row finish_rows[] = {
    U64(Finish, msg_finish, seq),
    SUBS(Finish, msg_finish, tasks, n, LIMIT_BATCH, shape_finished),
};
static SHAPE(finish, finish, msg_finish, finish_rows);

static const struct shape_row finish_reply_rows[] = {
    U64(FinishReply, msg_finish_reply, seq),
    ENUMS(FinishReply, msg_finish_reply, tasks, n, ACK_AWAY),
};
static SHAPE(finish_reply, finish_reply, msg_finish_reply, finish_reply_rows);

static const struct shape_row release_rows[] = {
    U64(Release, msg_release, seq),
    SUBS(Release, msg_release, tasks, n, LIMIT_BATCH, shape_ref),
};
static SHAPE(release, release, msg_release, release_rows);

static const struct shape_row stop_rows[] = {
    ENUM(Stop, msg_stop, why, STOP_DRAIN),
    SUBS(Stop, msg_stop, tasks, n, LIMIT_BATCH, shape_ref),
    TEXT(Stop, msg_stop, text, LIMIT_TEXT),
};
static SHAPE(stop, stop, msg_stop, stop_rows);

// ---------------------------------------------------------------- looking

static const struct shape_row queues_ask_rows[] = {
    U64(QueuesAsk, msg_queues_ask, seq),
    TEXTS(QueuesAsk, msg_queues_ask, queues, n, LIMIT_BATCH),
};
static SHAPE(queues_ask, queues_ask, msg_queues_ask, queues_ask_rows);

static const struct shape_row queue_info_rows[] = {
    TEXT(QueueInfo, msg_queue_info, queue, ID_NAME_MAX),
    U64(QueueInfo, msg_queue_info, queued),
    U64(QueueInfo, msg_queue_info, delayed),
    U64(QueueInfo, msg_queue_info, active),
    U64(QueueInfo, msg_queue_info, dead),
    U64(QueueInfo, msg_queue_info, oldest_age_ms),
    BOOL(QueueInfo, msg_queue_info, paused),
    U32(QueueInfo, msg_queue_info, workers),
    U64(QueueInfo, msg_queue_info, done),
    U64(QueueInfo, msg_queue_info, died),
    U64(QueueInfo, msg_queue_info, cancelled),
};
static SHAPE(queue_info, queue_info, msg_queue_info, queue_info_rows);

static const struct shape_row queues_reply_rows[] = {
    U64(QueuesReply, msg_queues_reply, seq),
    SUBS(QueuesReply, msg_queues_reply, queues, n, LIMIT_ITEMS, shape_queue_info),
};
static SHAPE(queues_reply, queues_reply, msg_queues_reply, queues_reply_rows);

static const struct shape_row workers_ask_rows[] = {
    U64(WorkersAsk, msg_workers_ask, seq),
};
static SHAPE(workers_ask, workers_ask, msg_workers_ask, workers_ask_rows);

static const struct shape_row worker_info_rows[] = {
    TEXT(WorkerInfo, msg_worker_info, session, ID_KEY_MAX),
    TEXT(WorkerInfo, msg_worker_info, name, LIMIT_TEXT),
    TEXT(WorkerInfo, msg_worker_info, host, LIMIT_TEXT),
    U32(WorkerInfo, msg_worker_info, pid),
    ENUM(WorkerInfo, msg_worker_info, mode, MODE_FREE_THREADED),
    U32(WorkerInfo, msg_worker_info, processes),
    U32(WorkerInfo, msg_worker_info, threads),
    TEXTS(WorkerInfo, msg_worker_info, queues, n_queues, LIMIT_QUEUES),
    MAYBE(WorkerInfo, msg_worker_info, load, shape_load),
    U64(WorkerInfo, msg_worker_info, connected_ms),
    TEXT(WorkerInfo, msg_worker_info, broker, LIMIT_TEXT),
};
static SHAPE(worker_info, worker_info, msg_worker_info, worker_info_rows);

static const struct shape_row workers_reply_rows[] = {
    U64(WorkersReply, msg_workers_reply, seq),
    SUBS(WorkersReply, msg_workers_reply, workers, n, LIMIT_ITEMS, shape_worker_info),
};
static SHAPE(workers_reply, workers_reply, msg_workers_reply, workers_reply_rows);

static const struct shape_row progress_one_rows[] = {
    TEXT(TaskProgress, msg_progress_one, id, ID_TASK_MAX),
    U32(TaskProgress, msg_progress_one, attempt),
    U64(TaskProgress, msg_progress_one, done),
    U64(TaskProgress, msg_progress_one, total),
    TEXT(TaskProgress, msg_progress_one, note, LIMIT_TEXT),
};
static SHAPE(progress_one, task_progress, msg_progress_one, progress_one_rows);

static const struct shape_row progress_rows[] = {
    SUBS(Progress, msg_progress, tasks, n, LIMIT_BATCH, shape_progress_one),
};
static SHAPE(progress, progress, msg_progress, progress_rows);

static const struct shape_row filter_rows[] = {
    TEXT(Filter, msg_filter, name, LIMIT_TASK_NAME),
    ENUM(Filter, msg_filter, reason, REASON_BAD_RESULT),
    TEXT(Filter, msg_filter, error, LIMIT_TEXT),
    U64(Filter, msg_filter, after_ms),
    U64(Filter, msg_filter, before_ms),
    TEXT(Filter, msg_filter, group, ID_KEY_MAX),
};
static SHAPE(filter, filter, msg_filter, filter_rows);

static const struct shape_row tasks_ask_rows[] = {
    U64(TasksAsk, msg_tasks_ask, seq),
    TEXTS(TasksAsk, msg_tasks_ask, ids, n, LIMIT_BATCH),
    TEXT(TasksAsk, msg_tasks_ask, queue, ID_NAME_MAX),
    ENUM(TasksAsk, msg_tasks_ask, state, STATE_CANCELLED),
    SUB(TasksAsk, msg_tasks_ask, filter, shape_filter),
    TEXT(TasksAsk, msg_tasks_ask, after, LIMIT_TEXT),
    U32(TasksAsk, msg_tasks_ask, limit),
    BOOL(TasksAsk, msg_tasks_ask, bodies),
};
static SHAPE(tasks_ask, tasks_ask, msg_tasks_ask, tasks_ask_rows);

static const struct shape_row task_info_rows[] = {
    TEXT(TaskInfo, msg_task_info, id, ID_TASK_MAX),
    ENUM(TaskInfo, msg_task_info, state, STATE_CANCELLED),
    ENUM(TaskInfo, msg_task_info, reason, REASON_BAD_RESULT),
    TEXT(TaskInfo, msg_task_info, name, LIMIT_TASK_NAME),
    U32(TaskInfo, msg_task_info, priority),
    U32(TaskInfo, msg_task_info, attempt),
    U32(TaskInfo, msg_task_info, deliveries),
    U32(TaskInfo, msg_task_info, retries),
    U32(TaskInfo, msg_task_info, max_retries),
    U64(TaskInfo, msg_task_info, enqueued_ms),
    U64(TaskInfo, msg_task_info, moved_ms),
    U64(TaskInfo, msg_task_info, due_ms),
    U64(TaskInfo, msg_task_info, expires_ms),
    U64(TaskInfo, msg_task_info, started_ms),
    TEXT(TaskInfo, msg_task_info, group, ID_KEY_MAX),
    TEXT(TaskInfo, msg_task_info, session, ID_KEY_MAX),
    U64(TaskInfo, msg_task_info, size),
    MAYBE(TaskInfo, msg_task_info, progress, shape_progress_one),
    MAYBE(TaskInfo, msg_task_info, failure, shape_failure),
    BYTES(TaskInfo, msg_task_info, body, ANY),
    BYTES(TaskInfo, msg_task_info, outcome, ANY),
};
static SHAPE(task_info, task_info, msg_task_info, task_info_rows);

static const struct shape_row tasks_reply_rows[] = {
    U64(TasksReply, msg_tasks_reply, seq),
    SUBS(TasksReply, msg_tasks_reply, tasks, n, LIMIT_BATCH, shape_task_info),
    TEXT(TasksReply, msg_tasks_reply, next, LIMIT_TEXT),
};
static SHAPE(tasks_reply, tasks_reply, msg_tasks_reply, tasks_reply_rows);

static const struct shape_row setting_rows[] = {
    TEXT(Setting, msg_setting, name, LIMIT_TEXT),
    TEXT(Setting, msg_setting, value, LIMIT_TEXT),
    BOOL(Setting, msg_setting, is_default),
    TEXT(Setting, msg_setting, help, LIMIT_TEXT),
};
static SHAPE(setting, setting, msg_setting, setting_rows);

static const struct shape_row settings_ask_rows[] = {
    U64(SettingsAsk, msg_settings, seq),
    TEXT(SettingsAsk, msg_settings, queue, ID_NAME_MAX),
};
static SHAPE(settings_ask, settings_ask, msg_settings, settings_ask_rows);

static const struct shape_row settings_reply_rows[] = {
    U64(SettingsReply, msg_settings, seq),
    TEXT(SettingsReply, msg_settings, queue, ID_NAME_MAX),
    SUBS(SettingsReply, msg_settings, settings, n, LIMIT_BATCH, shape_setting),
};
static SHAPE(settings_reply, settings_reply, msg_settings, settings_reply_rows);

static const struct shape_row events_ask_rows[] = {
    U64(EventsAsk, msg_events_ask, seq),
    TEXT(EventsAsk, msg_events_ask, queue, ID_NAME_MAX),
    TEXT(EventsAsk, msg_events_ask, after, LIMIT_TEXT),
    U32(EventsAsk, msg_events_ask, limit),
    U64(EventsAsk, msg_events_ask, wait_ms),
};
static SHAPE(events_ask, events_ask, msg_events_ask, events_ask_rows);

static const struct shape_row event_rows[] = {
    TEXT(Event, msg_event, id, ID_TASK_MAX),
    ENUM(Event, msg_event, what, HAPPENING_SETTINGS),
    U64(Event, msg_event, at_ms),
    U32(Event, msg_event, attempt),
    ENUM(Event, msg_event, reason, REASON_BAD_RESULT),
    TEXT(Event, msg_event, who, LIMIT_TEXT),
};
static SHAPE(event, event, msg_event, event_rows);

static const struct shape_row events_rows[] = {
    U64(Events, msg_events, seq),
    SUBS(Events, msg_events, events, n, LIMIT_BATCH, shape_event),
    TEXT(Events, msg_events, next, LIMIT_TEXT),
};
static SHAPE(events, events, msg_events, events_rows);

// ---------------------------------------------------------------- large ones in parts

static const struct shape_row part_rows[] = {
    U64(Part, msg_part, seq),
    TEXT(Part, msg_part, id, ID_TASK_MAX),
    ENUM(Part, msg_part, of, PART_RESULT),
    U32(Part, msg_part, attempt),
    U32(Part, msg_part, index),
    U32(Part, msg_part, count),
    BYTES(Part, msg_part, data, LIMIT_PART),
};
static SHAPE(part, part, msg_part, part_rows);

static const struct shape_row part_ask_rows[] = {
    U64(PartAsk, msg_part_ask, seq),
    TEXT(PartAsk, msg_part_ask, id, ID_TASK_MAX),
    ENUM(PartAsk, msg_part_ask, of, PART_RESULT),
    U32(PartAsk, msg_part_ask, attempt),
    U32(PartAsk, msg_part_ask, index),
};
static SHAPE(part_ask, part_ask, msg_part_ask, part_ask_rows);

// ---------------------------------------------------------------- changing

static const struct shape_row changed_rows[] = {
    U64(Changed, msg_changed, seq),
    U64(Changed, msg_changed, n),
    TEXT(Changed, msg_changed, text, LIMIT_TEXT),
};
static SHAPE(changed, changed, msg_changed, changed_rows);

static const struct shape_row tasks_do_rows[] = {
    U64(TasksDo, msg_tasks_do, seq),
    ENUM(TasksDo, msg_tasks_do, verb, TASK_DELETE),
    TEXTS(TasksDo, msg_tasks_do, ids, n, LIMIT_BATCH),
    TEXT(TasksDo, msg_tasks_do, queue, ID_NAME_MAX),
    SUB(TasksDo, msg_tasks_do, filter, shape_filter),
};
static SHAPE(tasks_do, tasks_do, msg_tasks_do, tasks_do_rows);

static const struct shape_row queues_do_rows[] = {
    U64(QueuesDo, msg_queues_do, seq),
    ENUM(QueuesDo, msg_queues_do, verb, QUEUE_FORGET),
    TEXTS(QueuesDo, msg_queues_do, queues, n, LIMIT_BATCH),
    ENUMS(QueuesDo, msg_queues_do, states, n_states, STATE_CANCELLED),
};
static SHAPE(queues_do, queues_do, msg_queues_do, queues_do_rows);

static const struct shape_row settings_set_rows[] = {
    U64(SettingsSet, msg_settings, seq),
    TEXT(SettingsSet, msg_settings, queue, ID_NAME_MAX),
    SUBS(SettingsSet, msg_settings, settings, n, LIMIT_BATCH, shape_setting),
};
static SHAPE(settings_set, settings_set, msg_settings, settings_set_rows);

// ---------------------------------------------------------------- the Envelope's members

#define CLIENT (1u << ROLE_PRODUCER | 1u << ROLE_WORKER | 1u << ROLE_ADMIN)
#define WORKER (1u << ROLE_WORKER)
#define BROKER MSG_FROM_BROKER

struct member {
    const char *name;
    const struct shape *shape;
    unsigned senders;
};

static const struct member members[] = {
    [MSG_HELLO]         = { "hello", &shape_hello, CLIENT },
    [MSG_WELCOME]       = { "welcome", &shape_welcome, BROKER },
    [MSG_ERROR]         = { "error", &shape_error, CLIENT | BROKER },
    [MSG_GOODBYE]       = { "goodbye", &shape_goodbye, CLIENT | BROKER },
    [MSG_HEARTBEAT]     = { "heartbeat", &shape_heartbeat, CLIENT | BROKER },
    [MSG_ENQUEUE]       = { "enqueue", &shape_enqueue, CLIENT },
    [MSG_ENQUEUE_REPLY] = { "enqueue_reply", &shape_enqueue_reply, BROKER },
    [MSG_WAIT]          = { "wait", &shape_wait, CLIENT },
    [MSG_RESULT]        = { "result", &shape_result, BROKER },
    [MSG_CANCEL]        = { "cancel", &shape_cancel, CLIENT },
    [MSG_CANCEL_REPLY]  = { "cancel_reply", &shape_cancel_reply, BROKER },
    [MSG_CREDIT]        = { "credit", &shape_credit, WORKER },
    [MSG_DELIVER]       = { "deliver", &shape_deliver, BROKER },
    [MSG_STARTED]       = { "started", &shape_started, WORKER },
    [MSG_FINISH]        = { "finish", &shape_finish, WORKER },
    [MSG_FINISH_REPLY]  = { "finish_reply", &shape_finish_reply, BROKER },
    [MSG_RELEASE]       = { "release", &shape_release, WORKER },
    [MSG_STOP]          = { "stop", &shape_stop, BROKER },
    [MSG_QUEUES_ASK]    = { "queues_ask", &shape_queues_ask, CLIENT },
    [MSG_QUEUES_REPLY]  = { "queues_reply", &shape_queues_reply, BROKER },
    [MSG_WORKERS_ASK]   = { "workers_ask", &shape_workers_ask, CLIENT },
    [MSG_WORKERS_REPLY] = { "workers_reply", &shape_workers_reply, BROKER },
    [MSG_PART]          = { "part", &shape_part, CLIENT | BROKER },
    [MSG_PROGRESS]      = { "progress", &shape_progress, WORKER },
    [MSG_TASKS_ASK]     = { "tasks_ask", &shape_tasks_ask, CLIENT },
    [MSG_TASKS_REPLY]   = { "tasks_reply", &shape_tasks_reply, BROKER },
    [MSG_SETTINGS_ASK]  = { "settings_ask", &shape_settings_ask, CLIENT },
    [MSG_SETTINGS_REPLY] = { "settings_reply", &shape_settings_reply, BROKER },
    [MSG_EVENTS_ASK]    = { "events_ask", &shape_events_ask, CLIENT },
    [MSG_EVENTS]        = { "events", &shape_events, BROKER },
    [MSG_PART_ASK]      = { "part_ask", &shape_part_ask, CLIENT },
    [MSG_CHANGED]       = { "changed", &shape_changed, BROKER },
    [MSG_TASKS_DO]      = { "tasks_do", &shape_tasks_do, CLIENT },
    [MSG_QUEUES_DO]     = { "queues_do", &shape_queues_do, CLIENT },
    [MSG_SETTINGS_SET]  = { "settings_set", &shape_settings_set, CLIENT },
};

static const struct member *member_of(enum msg_kind kind)
{
    return (size_t)kind < sizeof members / sizeof members[0] && members[kind].shape ? &members[kind] : NULL;
}

const struct shape *shape_of(enum msg_kind kind)
{
    const struct member *m = member_of(kind);
    return m ? m->shape : NULL;
}

const char *msg_name(enum msg_kind kind)
{
    const struct member *m = member_of(kind);
    return m ? m->name : "?";
}

unsigned msg_senders(enum msg_kind kind)
{
    const struct member *m = member_of(kind);
    return m ? m->senders : 0;
}
