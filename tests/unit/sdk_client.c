// SPDX-License-Identifier: Apache-2.0
// Tests libkrait against a scripted broker on socketpairs: answers, lost connections, refusals, deadlines, values.
// The real broker is the system tests'.

#include "tests/unit/unit.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sdk/base/map.h"
#include "sdk/base/mem.h"
#include "sdk/client/client.h"
#include "sdk/wire/frame.h"
#include "sdk/wire/value.h"

// What the scripted broker does. One thread serves one connection after the other.
struct peer {
    int dials[2];             // a pipe on which dial passes the broker's end of each connection
    pthread_t thread;
    enum err refuse;          // answer Hello with this
    size_t drop_after;        // close the connection after so many frames, once
    size_t away_once;         // answer AWAY for this many tasks first
    bool silent;              // never answer requests
    bool garbage;             // answer Hello with bytes that are no frame
    bool beat;                // send a heartbeat before each answer
    enum task_state state;    // of each Wait
    enum task_accept accept;  // of each Enqueue
    // what it saw
    struct map keys;          // of the tasks it accepted; owned texts
    size_t accepted, again, connections, beats_back;
};

static int dial(struct krait *k, struct mono until)
{
    struct peer *p = k->dial_context;
    int ends[2];
    (void)until;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    assert_int_equal(write(p->dials[1], &ends[1], sizeof(int)), sizeof(int));
    return ends[0];
}

static void answer(int fd, const struct msg *m)
{
    struct buf out = { 0 };
    if (msg_encode(&out, m))
        abort();
    while (buf_len(&out)) {
        ssize_t n = send(fd, buf_slice(&out).p, buf_len(&out), MSG_NOSIGNAL);
        if (n <= 0)
            break;
        buf_consume(&out, (size_t)n);
    }
    buf_free(&out);
}

static void serve_enqueue(struct peer *p, int fd, struct arena *a, const struct msg_enqueue *e)
{
    struct msg_accepted accepted[256];
    for (size_t i = 0; i < e->n; i++) {
        struct msg_task t;
        if (task_decode(a, e->tasks[i], &t))
            abort();
        accepted[i] = (struct msg_accepted){ t.key, p->accept, slice_text(p->accept == ACCEPT_OK ? "" : "because") };
        if (p->away_once) {
            p->away_once--;
            accepted[i].outcome = ACCEPT_AWAY;
        } else if (map_get(&p->keys, t.key)) {
            p->again++;
            accepted[i].outcome = ACCEPT_EXISTS;
        } else {
            char *key = strndup((const char *)t.key.p, t.key.n);
            if (!map_put(&p->keys, slice_text(key), key))
                abort();
            p->accepted++;
        }
    }
    answer(fd, &(struct msg){ .kind = MSG_ENQUEUE_REPLY, .enqueue_reply = { e->seq, accepted, e->n } });
}

static void serve_wait(struct peer *p, int fd, const struct msg_wait *w)
{
    struct buf value = { 0 };
    struct wire_value v = value_int(42);
    if (value_encode(&value, &v))
        abort();
    for (size_t i = w->n; i-- > 0;) {      // backwards, one a frame
        struct msg_task_result r = { .id = w->ids[i], .state = p->state, .has_outcome = state_is_final(p->state),
                                     .outcome = { .value = buf_slice(&value), .attempt = 2, .finished_ms = 5 } };
        if (p->state == STATE_DEAD)
            r.outcome = (struct msg_outcome){ .reason = REASON_FAILED, .has_failure = true, .finished_ms = 5, .failure = {
                slice_text("ValueError"), slice_text("no"), slice_text("Traceback") } };
        answer(fd, &(struct msg){ .kind = MSG_RESULT, .result = { w->seq, &r, 1 } });
    }
    buf_free(&value);
}

static void serve(struct peer *p, int fd, struct arena *a, const struct msg *m)
{
    struct msg_queue_info queues[] = { { .queue = slice_text("b"), .queued = 2 }, { .queue = slice_text("a"), .dead = 1 } };
    struct msg welcome = { .kind = MSG_WELCOME, .welcome = { .version = 1, .session = slice_text("s"),
                           .limits = { LIMIT_FRAME, 100, 500, LIMIT_PAYLOAD } } };
    struct msg refusal = { .kind = MSG_ERROR, .error = { p->refuse, slice_text("told you"), 0, true } };
    if (p->beat && m->kind != MSG_HELLO)
        answer(fd, &(struct msg){ .kind = MSG_HEARTBEAT, .heartbeat = { .sent_ms = 77 } });
    if (m->kind == MSG_HELLO && p->garbage)
        (void)!write(fd, "HTTP/1.1 400 Bad Request\r\n\r\n", 28);
    else if (m->kind == MSG_HELLO)
        answer(fd, p->refuse ? &refusal : &welcome);
    else if (p->silent)
        return;
    else if (m->kind == MSG_ENQUEUE)
        serve_enqueue(p, fd, a, &m->enqueue);
    else if (m->kind == MSG_WAIT)
        serve_wait(p, fd, &m->wait);
    else if (m->kind == MSG_QUEUES_ASK)
        answer(fd, &(struct msg){ .kind = MSG_QUEUES_REPLY, .queues_reply = { m->queues_ask.seq, queues, 2 } });
    else if (m->kind == MSG_CANCEL)
        answer(fd, &(struct msg){ .kind = MSG_ERROR, .error = { ERR_DENIED, slice_text("not yours"), m->cancel.seq, false } });
    else if (m->kind == MSG_HEARTBEAT)
        p->beats_back += m->heartbeat.reply && m->heartbeat.sent_ms == 77;
}

static void serve_connection(struct peer *p, int fd)
{
    struct arena a;
    struct buf in = { 0 };
    struct slice body;
    arena_init(&a, 0);
    p->connections++;
    for (bool open = true; open;) {
        ssize_t n = recv(fd, buf_room(&in, 65536), 65536, 0);
        if (n <= 0)
            break;
        buf_added(&in, (size_t)n);
        while (open && frame_next(&in, LIMIT_FRAME, &body) == FRAME_WHOLE) {
            struct msg m;
            arena_reset(&a);
            if (msg_decode(&a, body, &m))
                abort();
            frame_done(&in, body);
            if (p->drop_after && --p->drop_after == 0)
                open = false;
            else
                serve(p, fd, &a, &m);
        }
    }
    buf_free(&in);
    arena_free(&a);
    close(fd);
}

static void *run_peer(void *peer)
{
    struct peer *p = peer;
    int fd;
    while (read(p->dials[0], &fd, sizeof fd) == sizeof fd)
        serve_connection(p, fd);
    return NULL;
}

static struct krait *start(struct peer *p)
{
    enum err err;
    assert_int_equal(pipe(p->dials), 0);
    assert_int_equal(pthread_create(&p->thread, NULL, run_peer, p), 0);
    struct krait *k = client_new(&(struct krait_options){ .broker = "unix:///none", .deadline_ms = 5000 }, &err);
    assert_int_equal(err, ERR_OK);
    k->dial = dial;
    k->dial_context = p;
    return k;
}

static void stop(struct krait *k, struct peer *p)
{
    krait_close(k);
    close(p->dials[1]);
    pthread_join(p->thread, NULL);
    close(p->dials[0]);
    size_t at = 0;
    for (struct map_slot *s; (s = map_walk(&p->keys, &at));)
        free(s->value);
    map_free(&p->keys);
    for (int tag = 0; tag < MEM_TAGS; tag++)
        assert_int_equal(mem_in_use((enum mem_tag)tag), 0);
}

#define MANY 3000

// Enqueues MANY and checks that each was answered and is there once.
static void enqueue_many(struct krait *k, struct peer *p)
{
    struct krait_task *tasks = calloc(MANY, sizeof *tasks);
    struct krait_accepted *answers = calloc(MANY, sizeof *answers);
    for (int i = 0; i < MANY; i++) {
        tasks[i] = (struct krait_task)KRAIT_TASK("tasks.add");
        tasks[i].args_json = "[1, 2]";
    }
    assert_int_equal(krait_enqueue_many(k, tasks, MANY, answers), KRAIT_OK);
    assert_int_equal(p->accepted, MANY);
    struct map seen = { 0 };
    for (int i = 0; i < MANY; i++) {
        assert_int_equal(answers[i].error, KRAIT_OK);
        assert_null(map_get(&seen, slice_text(answers[i].id)));
        assert_true(map_put(&seen, slice_text(answers[i].id), &answers[i]));
    }
    map_free(&seen);
    free(tasks), free(answers);
}

static void many_are_enqueued(void **state)
{
    (void)state;
    struct peer p = { .accept = ACCEPT_OK, .beat = true };
    struct krait *k = start(&p);
    enqueue_many(k, &p);
    assert_true(p.connections == 1 && p.again == 0);
    stop(k, &p);
    assert_true(p.beats_back > 0);
}

static void a_lost_connection_doubles_nothing(void **state)
{
    (void)state;
    for (size_t after = 1; after < 12; after++) {
        struct peer p = { .accept = ACCEPT_OK, .drop_after = after };
        struct krait *k = start(&p);
        enqueue_many(k, &p);
        assert_int_equal(p.connections, 2);
        stop(k, &p);
    }
}

static void away_is_sent_again(void **state)
{
    (void)state;
    struct peer p = { .accept = ACCEPT_OK, .away_once = 150 };
    struct krait *k = start(&p);
    enqueue_many(k, &p);
    assert_int_equal(p.connections, 1);
    stop(k, &p);
}

static void refusals(void **state)
{
    (void)state;
    char id[KRAIT_ID_SIZE];
    struct krait_task t = KRAIT_TASK("f");
    struct peer p = { .refuse = ERR_AUTH };
    struct krait *k = start(&p);
    assert_int_equal(krait_enqueue(k, &t, id), KRAIT_AUTH);
    assert_non_null(strstr(krait_message(k), "told you"));
    stop(k, &p);
    p = (struct peer){ .accept = ACCEPT_FULL };
    k = start(&p);
    assert_int_equal(krait_enqueue(k, &t, id), KRAIT_FULL);
    assert_non_null(strstr(krait_message(k), "because"));
    assert_string_equal(id, "");
    assert_int_equal(krait_cancel(k, "q/k", true, NULL), KRAIT_DENIED);
    assert_non_null(strstr(krait_message(k), "not yours"));
    stop(k, &p);
}

static void wrong_tasks_are_not_sent(void **state)
{
    (void)state;
    char id[KRAIT_ID_SIZE];
    struct peer p = { .accept = ACCEPT_OK };
    struct krait *k = start(&p);
    struct krait_task good = KRAIT_TASK("f"), t = good;
    t.name = "";
    assert_int_equal(krait_enqueue(k, &t, id), KRAIT_USAGE);
    t = good, t.queue = "a b";
    assert_int_equal(krait_enqueue(k, &t, id), KRAIT_NAME);
    t = good, t.key = "a/b";
    assert_int_equal(krait_enqueue(k, &t, id), KRAIT_NAME);
    t = good, t.priority = 10;
    assert_int_equal(krait_enqueue(k, &t, id), KRAIT_USAGE);
    t = good, t.args_json = "{}";
    assert_int_equal(krait_enqueue(k, &t, id), KRAIT_VALUE);
    t = good, t.args_json = "[1,";
    assert_int_equal(krait_enqueue(k, &t, id), KRAIT_VALUE);
    t = good, t.kwargs_json = "[1]";
    assert_int_equal(krait_enqueue(k, &t, id), KRAIT_VALUE);
    struct krait_result *r;
    assert_int_equal(krait_wait(k, "no id/", 0, &r), KRAIT_ID);
    assert_null(r);
    assert_int_equal(p.accepted, 0);
    assert_int_equal(krait_enqueue(k, &good, id), KRAIT_OK);
    stop(k, &p);
}

static void deadlines_hold(void **state)
{
    (void)state;
    char id[KRAIT_ID_SIZE];
    struct krait_task t = KRAIT_TASK("f");
    struct peer p = { .silent = true };
    struct krait *k = start(&p);
    k->deadline_ms = 100;
    assert_int_equal(krait_enqueue(k, &t, id), KRAIT_TIMEOUT);
    assert_non_null(strstr(krait_message(k), "100 ms"));
    stop(k, &p);
    p = (struct peer){ .garbage = true };
    k = start(&p);
    k->deadline_ms = 100;
    assert_int_equal(krait_enqueue(k, &t, id), KRAIT_CONNECT);
    stop(k, &p);
    struct krait *none;
    struct krait_options o = { .broker = "unix:///nonexistent/krait.sock", .deadline_ms = 60 };
    assert_int_equal(krait_connect(&none, &o), KRAIT_CONNECT);
    assert_non_null(strstr(krait_message(none), "/nonexistent/krait.sock"));
    krait_close(none);
    o.broker = "nonsense";
    assert_int_equal(krait_connect(&none, &o), KRAIT_USAGE);
    krait_close(none);
    krait_close(NULL);
}

static void a_result_comes(void **state)
{
    (void)state;
    struct krait_result *r;
    struct peer p = { .state = STATE_DONE };
    struct krait *k = start(&p);
    assert_int_equal(krait_wait(k, "q/k", 1000, &r), KRAIT_OK);
    assert_true(r->state == KRAIT_DONE && r->has_value && r->attempt == 2);
    assert_string_equal(r->id, "q/k");
    char *json = krait_result_json(r);
    assert_string_equal(json, "42");
    free(json);
    struct krait_value *v = krait_result_value(r);
    assert_int_equal(krait_value_as_int(v), 42);
    krait_value_free(v);
    krait_result_free(r);
    p.state = STATE_DEAD;
    assert_int_equal(krait_wait(k, "q/k", -1, &r), KRAIT_OK);
    assert_string_equal(r->reason, "failed");
    assert_string_equal(r->error_type, "ValueError");
    assert_string_equal(r->traceback, "Traceback");
    assert_false(r->has_value);
    krait_result_free(r);
    p.state = STATE_ACTIVE;
    assert_int_equal(krait_wait(k, "q/k", 0, &r), KRAIT_OK);
    assert_true(r->state == KRAIT_ACTIVE);
    krait_result_free(r);
    p.state = STATE_NONE;
    assert_int_equal(krait_wait(k, "q/k", 5000, &r), KRAIT_OK);
    assert_true(r->state == KRAIT_UNKNOWN);
    krait_result_free(r);
    stop(k, &p);
}

struct counted {
    uint8_t seen[MANY];
    size_t n, until;
};

static bool count_result(void *context, size_t index, const struct krait_result *r)
{
    struct counted *c = context;
    assert_true(r->state == KRAIT_DONE && c->seen[index] == 0);
    c->seen[index] = 1;
    return ++c->n != c->until;
}

static void many_results_come_once(void **state)
{
    (void)state;
    static char texts[MANY][20];
    static const char *ids[MANY];
    for (int i = 0; i < MANY; i++) {
        snprintf(texts[i], sizeof texts[i], "q/k%d", i / 2);     // each id twice
        ids[i] = texts[i];
    }
    for (size_t after = 0; after < 40; after += 13) {
        struct counted c = { .n = 0 };
        struct peer p = { .state = STATE_DONE, .drop_after = after };
        struct krait *k = start(&p);
        assert_int_equal(krait_wait_many(k, ids, MANY, 60000, count_result, &c), KRAIT_OK);
        assert_int_equal(c.n, MANY);
        struct counted early = { .until = 10 };
        assert_int_equal(krait_wait_many(k, ids, MANY, 60000, count_result, &early), KRAIT_OK);
        assert_int_equal(early.n, 10);
        struct krait_queue *queues;
        size_t n;
        assert_int_equal(krait_queues(k, &queues, &n), KRAIT_OK);
        assert_true(n == 2 && strcmp(queues[0].name, "a") == 0 && queues[0].dead == 1 && queues[1].queued == 2);
        free(queues);
        stop(k, &p);
    }
}

static void values_are_built_and_read(void **state)
{
    (void)state;
    struct krait_value *dict = krait_value_container(KRAIT_DICT), *list = krait_value_container(KRAIT_TUPLE);
    assert_true(krait_value_append(list, krait_value_int(1)) && krait_value_append(list, krait_value_text("x")));
    assert_true(krait_value_append(list, krait_value_real(0.5)) && krait_value_append(list, krait_value_bytes("\0", 1)));
    assert_false(krait_value_append(list, NULL));
    assert_false(krait_value_append(dict, krait_value_none()));
    assert_true(krait_value_put_text(dict, "list", list));
    assert_true(krait_value_put_text(dict, "yes", krait_value_bool(true)));
    char *json = krait_value_to_json(dict);
    assert_string_equal(json, "{\"list\": [1, \"x\", 0.5, {\"$bytes\": \"AA==\"}], \"yes\": true}");
    free(json);
    assert_int_equal(krait_value_count(krait_value_get(dict, "list")), 4);
    size_t n;
    assert_string_equal(krait_value_data(krait_value_item(list, 1), &n), "x");
    assert_true(n == 1 && krait_value_item(list, 4) == NULL && krait_value_as_bool(krait_value_item(dict, 1)));
    krait_value_free(dict);
    struct krait_value *v = krait_value_from_json("{\"$datetime\": \"2026-01-31T12:00:00+01:00\"}", NULL);
    assert_int_equal(krait_value_kind(v), KRAIT_DATETIME);
    json = krait_value_to_json(v);
    assert_string_equal(json, "{\"$datetime\": \"2026-01-31T12:00:00+01:00\"}");
    free(json);
    krait_value_free(v);
    assert_null(krait_value_from_json("[1,", &n));
    assert_int_equal(n, 3);
    assert_int_equal(mem_in_use(MEM_VALUE), 0);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    char id[KRAIT_ID_SIZE];
    struct krait_task t = KRAIT_TASK("f");
    struct krait_value *args = krait_value_from_json("[1, \"two\"]", NULL);
    t.args = args;
    for (long nth = 1; nth < 12; nth++) {
        struct krait *k;
        struct krait_options o = { .broker = "unix:///nonexistent", .deadline_ms = 1 };
        mem_fail_nth(nth);
        enum krait_error err = krait_connect(&k, &o);
        mem_fail_nth(0);
        assert_true(err == KRAIT_NOMEM || err == KRAIT_CONNECT);
        assert_true(k != NULL || err == KRAIT_NOMEM);
        if (k) {
            mem_fail_nth(nth);
            err = krait_enqueue(k, &t, id);
            mem_fail_nth(0);
            assert_true(err == KRAIT_NOMEM || err == KRAIT_CONNECT);
        }
        krait_close(k);
    }
    krait_value_free(args);
    for (int tag = 0; tag < MEM_TAGS; tag++)
        assert_int_equal(mem_in_use((enum mem_tag)tag), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_are_enqueued), cmocka_unit_test(a_lost_connection_doubles_nothing),
        cmocka_unit_test(away_is_sent_again), cmocka_unit_test(refusals), cmocka_unit_test(wrong_tasks_are_not_sent),
        cmocka_unit_test(deadlines_hold), cmocka_unit_test(a_result_comes), cmocka_unit_test(many_results_come_once),
        cmocka_unit_test(values_are_built_and_read), cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
