// SPDX-License-Identifier: Apache-2.0
// Tests frames, messages and task bodies: all that is encoded comes back, what is over a cap or malformed is refused, a
// failed allocation leaves no trace. Random bytes are the fuzzer's (tests/fuzz).

#include "tests/unit/unit.h"

#include "sdk/base/mem.h"
#include "sdk/wire/frame.h"
#include "sdk/wire/msg.h"

#define T(s) slice_text(s)

static struct arena arena;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, 64u << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_free(&arena);
    return mem_in_use(MEM_ARENA) + mem_in_use(MEM_BUF) != 0;
}

// Encodes and decodes; the result lives in the arena.
static struct msg through(const struct msg *m)
{
    struct buf b = { 0 };
    struct slice body;
    struct msg back;
    assert_int_equal(msg_encode(&b, m), ERR_OK);
    assert_int_equal(frame_next(&b, LIMIT_FRAME, &body), FRAME_WHOLE);
    assert_int_equal(msg_decode(&arena, body, &back), ERR_OK);
    frame_done(&b, body);
    assert_int_equal(buf_len(&b), 0);
    buf_free(&b);
    assert_int_equal(back.kind, m->kind);
    return back;
}

static void same(struct slice a, struct slice b)
{
    assert_true(slice_eq(a, b));
}

static void hello_comes_back(void **state)
{
    (void)state;
    struct msg_queue_weight queues[] = { { T("a"), 1 }, { T("b"), 0 } };
    struct msg_task_name names[] = { { T("m.f"), T("q"), { .priority = 7, .has_priority = true, .has_retry = true,
                                                           .retry = { .max = 3, .backoff = BACKOFF_EXPONENTIAL } } } };
    struct msg_held held[] = { { T("q/k"), 4, true } };
    struct msg m = { .kind = MSG_HELLO, .hello = {
        .version_min = 1, .version_max = 2, .token = slice_of("to\0ken", 6), .role = ROLE_WORKER, .ns = T("ns"),
        .client = T("test"), .has_worker = true,
        .worker = { .mode = MODE_FREE_THREADED, .processes = 2, .threads = 8, .queues = queues, .n_queues = 2,
                    .tasks = names, .n_tasks = 1, .pid = 77, .host = T("h\xc3\xb6st"), .resume_session = T("sid"),
                    .resume_secret = T("sec"), .held = held, .n_held = 1 } } };
    struct msg_hello h = through(&m).hello;
    same(h.token, m.hello.token);
    assert_true(h.role == ROLE_WORKER && h.version_max == 2 && h.has_worker && h.worker.mode == MODE_FREE_THREADED);
    assert_true(h.worker.n_queues == 2 && h.worker.queues[0].weight == 1 && h.worker.queues[1].weight == 1);
    assert_true(h.worker.tasks[0].options.priority == 7 && h.worker.tasks[0].options.has_retry);
    assert_true(h.worker.tasks[0].options.retry.backoff == BACKOFF_EXPONENTIAL);
    assert_true(h.worker.held[0].attempt == 4 && h.worker.held[0].started && h.worker.pid == 77);
    same(h.worker.host, m.hello.worker.host);
}

static void small_ones_come_back(void **state)
{
    (void)state;
    struct slice warnings[] = { T("one"), T("two") };
    struct msg m = { .kind = MSG_WELCOME, .welcome = { .version = 1, .session = T("s"), .secret = T("x"), .ttl_ms = 15000,
                     .limits = { 1, 2, 3, 4 }, .warnings = warnings, .n_warnings = 2, .resumed = true, .now_ms = UINT64_MAX } };
    struct msg_welcome w = through(&m).welcome;
    assert_true(w.limits.payload == 4 && w.n_warnings == 2 && w.resumed && w.now_ms == UINT64_MAX);
    same(w.warnings[1], T("two"));
    m = (struct msg){ .kind = MSG_ERROR, .error = { ERR_FULL, T("text"), 9, true } };
    assert_true(through(&m).error.code == ERR_FULL && through(&m).error.fatal && through(&m).error.seq == 9);
    m = (struct msg){ .kind = MSG_ERROR, .error = { .code = (enum err)4711 } };
    assert_int_equal(through(&m).error.code, 4711);
    m = (struct msg){ .kind = MSG_GOODBYE };
    assert_int_equal(through(&m).goodbye.reason.n, 0);
    m = (struct msg){ .kind = MSG_HEARTBEAT, .heartbeat = { .sent_ms = 5, .has_load = true, .load = { .busy = 3, .rss = 9 } } };
    assert_true(through(&m).heartbeat.has_load && through(&m).heartbeat.load.busy == 3);
    m = (struct msg){ .kind = MSG_CREDIT, .credit = { 12 } };
    assert_int_equal(through(&m).credit.n, 12);
    m = (struct msg){ .kind = MSG_WORKERS_ASK, .workers_ask = { 6 } };
    assert_int_equal(through(&m).workers_ask.seq, 6);
}

static void producer_messages_come_back(void **state)
{
    (void)state;
    struct slice ids[] = { T("q/1"), T("q/2") };
    struct msg_accepted accepted[] = { { T("q/1"), ACCEPT_OK, T("") }, { T("q/2"), ACCEPT_FULL, T("why") } };
    struct msg_task_result results[] = {
        { .id = T("q/1"), .state = STATE_ACTIVE },
        { .id = T("q/2"), .state = STATE_DEAD, .has_outcome = true,
          .outcome = { .has_failure = true, .failure = { T("E"), slice_of("m\0m", 3), T("tb") }, .reason = REASON_FAILED,
                       .finished_ms = 99, .has_cost = true, .cost = { 1, 2, 3, 4 }, .worker = T("w"), .attempt = 2 } } };
    struct msg m = { .kind = MSG_WAIT, .wait = { 3, ids, 2, 500 } };
    assert_true(through(&m).wait.n == 2 && through(&m).wait.timeout_ms == 500);
    m = (struct msg){ .kind = MSG_CANCEL, .cancel = { 4, ids, 2, true, T("r") } };
    assert_true(through(&m).cancel.running && slice_is(through(&m).cancel.ids[1], "q/2"));
    m = (struct msg){ .kind = MSG_ENQUEUE_REPLY, .enqueue_reply = { 7, accepted, 2 } };
    assert_int_equal(through(&m).enqueue_reply.tasks[1].outcome, ACCEPT_FULL);
    m = (struct msg){ .kind = MSG_RESULT, .result = { 8, results, 2 } };
    struct msg_result r = through(&m).result;
    assert_true(!r.tasks[0].has_outcome && r.tasks[1].has_outcome && r.tasks[1].outcome.cost.memory == 4);
    same(r.tasks[1].outcome.failure.message, slice_of("m\0m", 3));
    struct buf raw = { 0 };
    assert_int_equal(outcome_encode(&raw, &results[1].outcome), ERR_OK);
    results[0] = (struct msg_task_result){ .id = T("q/3"), .state = STATE_DEAD, .raw_outcome = buf_slice(&raw) };
    m.kind = MSG_CANCEL_REPLY;
    assert_int_equal(through(&m).cancel_reply.tasks[0].outcome.finished_ms, 99);
    buf_free(&raw);
}

static void worker_messages_come_back(void **state)
{
    (void)state;
    struct msg_delivery deliveries[] = { { T("q/1"), 3, slice_of("\0body", 5), 9, 1234567890123, 1, 2 } };
    struct msg_ref refs[] = { { T("q/1"), 3 }, { T("q/2"), 4 } };
    struct msg_finished done[] = {
        { .id = T("q/1"), .attempt = 3, .ended = ENDED_DONE, .value = T("v"), .has_cost = true, .cost = { .cpu_us = 5 } },
        { .id = T("q/2"), .attempt = 1, .ended = ENDED_RETRY, .retry_ms = 800, .has_failure = true, .failure = { .type = T("X") } } };
    enum task_ack acks[] = { ACK_OK, ACK_STALE, ACK_DUP };
    struct msg m = { .kind = MSG_DELIVER, .deliver = { deliveries, 1 } };
    struct msg_delivery d = through(&m).deliver.tasks[0];
    assert_true(d.attempt == 3 && d.priority == 9 && d.enqueued_ms == 1234567890123 && d.deliveries == 1 && d.retries == 2);
    same(d.body, deliveries[0].body);
    m = (struct msg){ .kind = MSG_STARTED, .started = { refs, 2 } };
    assert_int_equal(through(&m).started.tasks[1].attempt, 4);
    m = (struct msg){ .kind = MSG_RELEASE, .release = { 1, refs, 2 } };
    assert_int_equal(through(&m).release.n, 2);
    m = (struct msg){ .kind = MSG_FINISH, .finish = { 5, done, 2 } };
    struct msg_finish f = through(&m).finish;
    assert_true(f.tasks[0].cost.cpu_us == 5 && !f.tasks[0].has_failure && f.tasks[1].retry_ms == 800 && f.tasks[1].has_failure);
    m = (struct msg){ .kind = MSG_FINISH_REPLY, .finish_reply = { 5, acks, 3 } };
    assert_int_equal(through(&m).finish_reply.tasks[1], ACK_STALE);
    m = (struct msg){ .kind = MSG_STOP, .stop = { STOP_FENCED, NULL, 0, T("x") } };
    assert_true(through(&m).stop.why == STOP_FENCED && through(&m).stop.n == 0);
}

static void reports_come_back(void **state)
{
    (void)state;
    struct slice names[] = { T("a"), T("b") };
    struct msg_queue_info infos[] = { { T("a"), 1, 2, 3, 4, 5, true, 6, 7, 8, 9 } };
    struct msg_worker_info workers[] = { { .session = T("s"), .mode = MODE_GIL, .queues = names, .n_queues = 2, .has_load = true,
                                           .load = { .done = 8 }, .connected_ms = 7 } };
    struct msg m = { .kind = MSG_QUEUES_ASK, .queues_ask = { 1, names, 2 } };
    assert_int_equal(through(&m).queues_ask.n, 2);
    m = (struct msg){ .kind = MSG_QUEUES_REPLY, .queues_reply = { 1, infos, 1 } };
    assert_true(through(&m).queues_reply.queues[0].oldest_age_ms == 5 && through(&m).queues_reply.queues[0].cancelled == 9 && through(&m).queues_reply.queues[0].paused);
    m = (struct msg){ .kind = MSG_WORKERS_REPLY, .workers_reply = { 1, workers, 1 } };
    assert_true(through(&m).workers_reply.workers[0].load.done == 8);
    same(through(&m).workers_reply.workers[0].queues[1], T("b"));
}

static void questions_and_changes_come_back(void **state)
{
    (void)state;
    struct slice ids[] = { T("q/1"), T("q/2") };
    enum task_state states[] = { STATE_DELAYED, STATE_DEAD };
    struct msg_progress_one steps[] = { { T("q/1"), 2, 30, 100, T("half") } };
    struct msg_task_info tasks[] = { { .id = T("q/1"), .state = STATE_DEAD, .reason = REASON_FAILED, .name = T("m.f"), .due_ms = 9,
                                       .has_progress = true, .progress = { .done = 5 }, .has_failure = true,
                                       .failure = { .type = T("E") }, .body = T("b"), .outcome = T("o") }, { .id = T("q/2") } };
    struct msg_setting settings[] = { { T("rate"), T("10"), true, T("help") } };
    struct msg_event events[] = { { T("q/1"), HAPPENING_RETRY, 77, 3, REASON_FAILED, T("w") } };
    struct msg m = { .kind = MSG_PROGRESS, .progress = { steps, 1 } };
    assert_true(through(&m).progress.tasks[0].total == 100 && slice_is(through(&m).progress.tasks[0].note, "half"));
    m = (struct msg){ .kind = MSG_TASKS_ASK, .tasks_ask = { .seq = 1, .ids = ids, .n = 2, .state = STATE_DEAD, .limit = 5, .bodies = true,
                      .filter = { .name = T("m.*"), .reason = REASON_EXPIRED, .before_ms = 8 } } };
    assert_true(through(&m).tasks_ask.filter.before_ms == 8 && through(&m).tasks_ask.bodies && through(&m).tasks_ask.n == 2);
    m = (struct msg){ .kind = MSG_TASKS_REPLY, .tasks_reply = { 1, tasks, 2, T("more") } };
    struct msg_tasks_reply t = through(&m).tasks_reply;
    assert_true(t.tasks[0].has_progress && t.tasks[0].has_failure && !t.tasks[1].has_failure && t.tasks[0].due_ms == 9);
    same(t.next, T("more"));
    m = (struct msg){ .kind = MSG_TASKS_DO, .tasks_do = { 2, TASK_RETRY, ids, 2, T("q"), { .group = T("g") } } };
    assert_true(through(&m).tasks_do.verb == TASK_RETRY && slice_is(through(&m).tasks_do.filter.group, "g"));
    m = (struct msg){ .kind = MSG_QUEUES_DO, .queues_do = { 3, QUEUE_PURGE, ids, 2, states, 2 } };
    assert_true(through(&m).queues_do.n_states == 2 && through(&m).queues_do.states[1] == STATE_DEAD);
    m = (struct msg){ .kind = MSG_SETTINGS_REPLY, .settings_reply = { 4, T("q"), settings, 1 } };
    assert_true(through(&m).settings_reply.settings[0].is_default);
    m.kind = MSG_SETTINGS_SET;
    assert_true(slice_is(through(&m).settings_set.settings[0].value, "10"));
    m = (struct msg){ .kind = MSG_SETTINGS_ASK, .settings_ask = { .seq = 5, .queue = T("q") } };
    assert_int_equal(through(&m).settings_ask.seq, 5);
    m = (struct msg){ .kind = MSG_EVENTS_ASK, .events_ask = { 6, T("q"), T("0"), 10, 900 } };
    assert_int_equal(through(&m).events_ask.wait_ms, 900);
    m = (struct msg){ .kind = MSG_EVENTS, .events = { 6, events, 1, T("n") } };
    assert_true(through(&m).events.events[0].what == HAPPENING_RETRY && through(&m).events.events[0].attempt == 3);
    m = (struct msg){ .kind = MSG_PART, .part = { 7, T("q/1"), PART_RESULT, 2, 3, 4, T("data") } };
    assert_true(through(&m).part.of == PART_RESULT && through(&m).part.count == 4);
    m = (struct msg){ .kind = MSG_PART_ASK, .part_ask = { 8, T("q/1"), PART_PAYLOAD, 0, 3 } };
    assert_int_equal(through(&m).part_ask.index, 3);
    m = (struct msg){ .kind = MSG_CHANGED, .changed = { 9, 12, T("w") } };
    assert_int_equal(through(&m).changed.n, 12);
    assert_string_equal(happening_name(HAPPENING_REDONE), "redone");
}

static void a_body_comes_back_without_a_copy_of_its_payload(void **state)
{
    (void)state;
    struct msg_header headers[] = { { T("traceparent"), T("00-1") } };
    uint64_t steps[] = { 100, 200 };
    struct slice fail_on[] = { T("KeyError") };
    struct msg_task t = { .key = T("k"), .queue = T("q"), .name = T("tasks.add"), .headers = headers, .n_headers = 1,
                          .options = { .delay_ms = 5, .has_retry = true, .unique_key = T("u"), .memory_limit = 1u << 30,
                                       .retry = { .list_ms = steps, .n_list_ms = 2, .fail_on = fail_on, .n_fail_on = 1 } },
                          .created_ms = 1, .payload = slice_of("\0payload", 8) };
    struct buf b = { 0 };
    struct msg_task back;
    assert_int_equal(task_encode(&b, &t), ERR_OK);
    assert_int_equal(task_decode(&arena, buf_slice(&b), &back), ERR_OK);
    assert_ptr_equal(back.payload.p, b.base + b.to - 8);
    same(back.payload, t.payload);
    same(back.name, t.name);
    assert_true(back.options.retry.list_ms[1] == 200 && back.options.memory_limit == 1u << 30 && back.n_headers == 1);
    // A field behind the payload, as another encoder may write it: key = "z".
    assert_true(buf_put(&b, "\x0a\x01z", 3));
    assert_int_equal(task_decode(&arena, buf_slice(&b), &back), ERR_OK);
    same(back.key, T("z"));
    same(back.payload, t.payload);
    buf_free(&b);
}

static enum err decode_task(struct msg_task t)
{
    struct buf b = { 0 };
    struct msg_task back;
    assert_int_equal(task_encode(&b, &t), ERR_OK);
    enum err err = task_decode(&arena, buf_slice(&b), &back);
    buf_free(&b);
    return err;
}

static void bad_tasks_are_refused(void **state)
{
    (void)state;
    struct msg_task good = { .name = T("f"), .queue = T("q"), .key = T("k") }, t = good;
    assert_int_equal(decode_task(good), ERR_OK);
    t.name = T("");
    assert_int_equal(decode_task(t), ERR_TASK);
    t.name = T("a\nb");
    assert_int_equal(decode_task(t), ERR_TASK);
    t.name = T("\xff");
    assert_int_equal(decode_task(t), ERR_MESSAGE);
    t = good, t.queue = T("a/b");
    assert_int_equal(decode_task(t), ERR_NAME);
    t = good, t.key = T("{x}");
    assert_int_equal(decode_task(t), ERR_NAME);
    t = good, t.options.priority = 10;
    assert_int_equal(decode_task(t), ERR_TASK);
    char name[LIMIT_TASK_NAME + 1];
    memset(name, 'n', sizeof name);
    t = good, t.name = slice_of(name, sizeof name);
    assert_int_equal(decode_task(t), ERR_CAP);
}

static void caps_hold_before_unpacking(void **state)
{
    (void)state;
    struct slice *ids = calloc(LIMIT_BATCH + 1, sizeof *ids);
    struct buf b = { 0 };
    struct slice body;
    struct msg back, m = { .kind = MSG_WAIT, .wait = { 1, ids, LIMIT_BATCH + 1, 0 } };
    assert_int_equal(msg_encode(&b, &m), ERR_OK);
    assert_int_equal(frame_next(&b, LIMIT_FRAME, &body), FRAME_WHOLE);
    assert_int_equal(msg_decode(&arena, body, &back), ERR_CAP);
    assert_int_equal(frame_next(&b, 10, &body), FRAME_LARGE);
    free(ids);
    buf_reset(&b, 0);
    for (int i = 0; i < 3000000; i++)   // Envelope.goodbye, empty, again and again
        buf_put(&b, "\x22\x00", 2);
    arena_free(&arena);
    assert_int_equal(msg_decode(&arena, buf_slice(&b), &back), ERR_CAP);
    assert_int_equal(arena.held, 0);
    buf_free(&b);
}

static enum err decode_bytes(const char *p, size_t n)
{
    struct msg back;
    return msg_decode(&arena, slice_of(p, n), &back);
}

static void malformed_bytes_are_refused(void **state)
{
    (void)state;
    assert_int_equal(decode_bytes("", 0), ERR_UNKNOWN);
    assert_int_equal(decode_bytes("\xfa\x01\x00", 3), ERR_UNKNOWN);        // member 31: from a later version
    assert_int_equal(decode_bytes("\x0a", 1), ERR_MESSAGE);                // length is missing
    assert_int_equal(decode_bytes("\x0a\x05", 2), ERR_MESSAGE);            // shorter than it says
    assert_int_equal(decode_bytes("\x0b\x0c", 2), ERR_MESSAGE);            // groups
    assert_int_equal(decode_bytes("\x00\x00", 2), ERR_MESSAGE);            // field 0
    assert_int_equal(decode_bytes("\x08\x01", 2), ERR_MESSAGE);            // hello as a number
    assert_int_equal(decode_bytes("\x22\x03\x0a\x01\xff", 5), ERR_MESSAGE);  // goodbye with no UTF-8
    assert_int_equal(decode_bytes("\x82\x02\x02\x98\x01", 5), ERR_MESSAGE);
}

static void frames_in_pieces(void **state)
{
    (void)state;
    struct buf whole = { 0 }, in = { 0 };
    struct slice body;
    for (uint32_t n = 1; n < 40; n++)
        assert_int_equal(msg_encode(&whole, &(struct msg){ .kind = MSG_CREDIT, .credit = { n } }), ERR_OK);
    struct slice all = buf_slice(&whole);
    uint32_t want = 1;
    for (size_t i = 0; i < all.n; i++) {
        assert_true(buf_put_byte(&in, all.p[i]));
        enum frame_got got = frame_next(&in, LIMIT_FRAME, &body);
        if (got == FRAME_MORE) {
            assert_true(body.n > 0);
            continue;
        }
        struct msg m;
        assert_int_equal(got, FRAME_WHOLE);
        assert_int_equal(msg_decode(&arena, body, &m), ERR_OK);
        assert_int_equal(m.credit.n, want++);
        frame_done(&in, body);
    }
    assert_int_equal(want, 40);
    assert_true(buf_put(&in, "\0\0\0\0", 4));
    assert_int_equal(frame_next(&in, LIMIT_FRAME, &body), FRAME_BAD);
    buf_free(&in), buf_free(&whole);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    struct msg_accepted *many = calloc(500, sizeof *many);
    struct msg m = { .kind = MSG_ENQUEUE_REPLY, .enqueue_reply = { 7, many, 500 } }, back;
    for (int i = 0; i < 500; i++)
        many[i].id = T("queue/0123456789012345678901234");
    struct buf b = { 0 };
    assert_true(buf_put_text(&b, "before"));
    enum err err = ERR_NOMEM;
    for (long nth = 1; err; nth++) {
        mem_fail_nth(nth);
        err = msg_encode(&b, &m);
        mem_fail_nth(0);
        assert_true(err == ERR_OK || (err == ERR_NOMEM && buf_len(&b) == 6 && buf_ok(&b)));
    }
    buf_consume(&b, 6);
    struct slice body;
    assert_int_equal(frame_next(&b, LIMIT_FRAME, &body), FRAME_WHOLE);
    err = ERR_NOMEM;
    for (long nth = 1; err; nth++) {
        arena_free(&arena);
        mem_fail_nth(nth);
        err = msg_decode(&arena, body, &back);
        mem_fail_nth(0);
        assert_true(err == ERR_OK || err == ERR_NOMEM);
    }
    assert_int_equal(back.enqueue_reply.n, 500);
    buf_free(&b);
    free(many);
}

static void every_kind_has_a_name_and_a_sender(void **state)
{
    (void)state;
    int known = 0;
    for (int kind = 0; kind < 130; kind++)
        if (msg_senders((enum msg_kind)kind)) {
            assert_string_not_equal(msg_name((enum msg_kind)kind), "?");
            known++;
        }
    assert_int_equal(known, 35);
    assert_string_equal(msg_name((enum msg_kind)99), "?");
    assert_string_equal(state_name(STATE_CANCELLED), "cancelled");
    assert_string_equal(ended_name((enum task_ended)77), "?");
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(hello_comes_back), CASE(small_ones_come_back), CASE(producer_messages_come_back),
        CASE(worker_messages_come_back), CASE(reports_come_back), CASE(questions_and_changes_come_back),
        CASE(a_body_comes_back_without_a_copy_of_its_payload), CASE(bad_tasks_are_refused),
        CASE(caps_hold_before_unpacking), CASE(malformed_bytes_are_refused), CASE(frames_in_pieces),
        CASE(every_allocation_may_fail), CASE(every_kind_has_a_name_and_a_sender),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
