// SPDX-License-Identifier: Apache-2.0
// Writes the seed corpus of the fuzzers: one file a message of each kind, bodies, values, JSON and texts. `seeds DIR`.
// Growing it is left to libFuzzer.

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "sdk/wire/json.h"
#include "sdk/wire/msg.h"
#include "sdk/wire/value.h"

static const char *top;

// prefix: a byte that fuzz_msg.c reads as the kind of input, -1 = none.
static void save(const char *fuzzer, const char *name, int prefix, struct slice s)
{
    char path[400];
    snprintf(path, sizeof path, "%s/%s", top, fuzzer);
    mkdir(path, 0777);
    snprintf(path, sizeof path, "%s/%s/%s", top, fuzzer, name);
    FILE *f = fopen(path, "wb");
    if (!f || (prefix >= 0 && putc(prefix, f) < 0) || fwrite(s.p, 1, s.n, f) != s.n || fclose(f) != 0) {
        perror(path);
        exit(1);
    }
}

static void save_messages(void)
{
    struct slice two[] = { slice_text("default/a"), slice_text("q/7/b") };
    struct msg_ref refs[] = { { two[0], 1 }, { two[1], 2 } };
    enum task_ack acks[] = { ACK_OK, ACK_DUP };
    struct msg_accepted accepted[] = { { two[0], ACCEPT_OK, slice_text("warn") } };
    struct msg_task_result results[] = { { .id = two[0], .state = STATE_DONE, .has_outcome = true, .outcome = { .attempt = 1 } } };
    struct msg_delivery deliveries[] = { { two[0], 1, slice_text("body"), 5, 99, 0, 0 } };
    struct msg_finished finished[] = { { .id = two[0], .attempt = 1, .ended = ENDED_FAILED, .has_failure = true,
                                         .failure = { two[0], two[1], two[0] }, .has_cost = true, .cost = { 1, 2, 3, 4 } } };
    struct msg_queue_weight weights[] = { { slice_text("q"), 2 } };
    struct msg_task_name names[] = { { slice_text("m.f"), slice_text("q"), { .has_retry = true, .retry = { .max = 1 } } } };
    struct msg_held held[] = { { two[0], 1, true } };
    struct msg_queue_info queue[] = { { slice_text("q"), 1, 2, 3, 4, 5, true, 6 } };
    struct msg_worker_info worker[] = { { .name = two[0], .queues = two, .n_queues = 2, .has_load = true } };
    struct msg all[] = {
        { MSG_HELLO, .hello = { 1, 1, two[0], ROLE_WORKER, slice_text("ns"), two[1], true,
                                { MODE_GIL, 1, 2, weights, 1, names, 1, 3, two[0], two[1], two[0], two[1], held, 1 } } },
        { MSG_WELCOME, .welcome = { .version = 1, .session = two[0], .warnings = two, .n_warnings = 2, .limits = { 1, 2, 3, 4 } } },
        { MSG_ERROR, .error = { ERR_CAP, two[0], 1, true } },
        { MSG_GOODBYE, .goodbye = { two[0] } },
        { MSG_HEARTBEAT, .heartbeat = { 1, true, true, { 1, 2, 3, 4, 5, 6, 7 } } },
        { MSG_ENQUEUE, .enqueue = { 1, two, 2 } },
        { MSG_ENQUEUE_REPLY, .enqueue_reply = { 1, accepted, 1 } },
        { MSG_WAIT, .wait = { 1, two, 2, 5 } },
        { MSG_RESULT, .result = { 1, results, 1 } },
        { MSG_CANCEL, .cancel = { 1, two, 2, true, two[0] } },
        { MSG_CANCEL_REPLY, .cancel_reply = { 1, results, 1 } },
        { MSG_CREDIT, .credit = { 300 } },
        { MSG_DELIVER, .deliver = { deliveries, 1 } },
        { MSG_STARTED, .started = { refs, 2 } },
        { MSG_FINISH, .finish = { 1, finished, 1 } },
        { MSG_FINISH_REPLY, .finish_reply = { 1, acks, 2 } },
        { MSG_RELEASE, .release = { 1, refs, 2 } },
        { MSG_STOP, .stop = { STOP_CANCELLED, refs, 2, two[0] } },
        { MSG_QUEUES_ASK, .queues_ask = { 1, two, 2 } },
        { MSG_QUEUES_REPLY, .queues_reply = { 1, queue, 1 } },
        { MSG_WORKERS_ASK, .workers_ask = { 1 } },
        { MSG_WORKERS_REPLY, .workers_reply = { 1, worker, 1 } },
    };
    struct buf stream = { 0 };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        struct buf b = { 0 };
        if (msg_encode(&b, &all[i]) || msg_encode(&stream, &all[i]))
            exit(1);
        save("frame", msg_name(all[i].kind), -1, buf_slice(&b));
        save("msg", msg_name(all[i].kind), 0, slice_from(buf_slice(&b), 4));
        buf_free(&b);
    }
    save("frame", "stream", -1, buf_slice(&stream));
    buf_free(&stream);
}

static void save_bodies(void)
{
    struct msg_header headers[] = { { slice_text("traceparent"), slice_text("00-1-2-3") } };
    uint64_t steps[] = { 1, 2 };
    struct slice names[] = { slice_text("KeyError") };
    struct msg_task t = { slice_text("k"), slice_text("q"), slice_text("m.f"),
        { .priority = 3, .has_priority = true, .delay_ms = 1, .has_retry = true, .unique_key = slice_text("u"),
          .retry = { 3, BACKOFF_LIST, 1, 2, 200, steps, 2, 10, names, 1, names, 1 } },
        headers, 1, slice_text("p"), slice_text("r"), slice_text("w"), slice_text("n"), 5, 0, 0, slice_text("payload") };
    struct msg_outcome o = { slice_text("v"), false, true, { names[0], names[0], names[0] }, REASON_FAILED, 9, true,
                             { 1, 2, 3, 4 }, slice_text("w"), 2 };
    struct buf b = { 0 }, c = { 0 };
    if (task_encode(&b, &t) || outcome_encode(&c, &o))
        exit(1);
    save("msg", "body", 1, buf_slice(&b));
    save("msg", "outcome", 2, buf_slice(&c));
    buf_free(&b), buf_free(&c);
}

static void save_values(void)
{
    static const char *const texts[] = {
        "null", "[true, false, -7, 1.5e3, \"t\\u00e4\\n\"]", "{\"a\": {\"b\": []}}", "123456789012345678901234567890",
        "{\"$bytes\": \"AAEC\"}", "{\"$datetime\": \"2026-01-31T12:00:00.5+01:30\"}", "{\"$date\": \"2026-01-31\"}",
        "{\"$time\": \"12:00:00\"}", "{\"$timedelta\": -1.25}", "{\"$decimal\": \"1.50\"}", "{\"$int\": \"-0xff\"}",
        "{\"$uuid\": \"00112233-4455-6677-8899-aabbccddeeff\"}", "{\"$dict\": [[1, 2], [\"x\", null]]}", "NaN", "-Infinity",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct arena a;
        struct buf value = { 0 }, payload = { 0 };
        struct wire_value v;
        char name[20];
        arena_init(&a, 0);
        if (json_read(&a, slice_text(texts[i]), &v, NULL) || value_encode(&value, &v))
            exit(1);
        struct wire_named named = { slice_text("k"), v };
        if (payload_encode(&payload, &(struct wire_payload){ &v, 1, &named, 1 }))
            exit(1);
        snprintf(name, sizeof name, "value%zu", i);
        save("json", name, -1, slice_text(texts[i]));
        save("msg", name, 3, buf_slice(&value));
        snprintf(name, sizeof name, "payload%zu", i);
        save("msg", name, 4, buf_slice(&payload));
        buf_free(&value), buf_free(&payload);
        arena_free(&a);
    }
}

static void save_texts(void)
{
    static const char *const texts[] = {
        "queue/key", "q/12/a:b~c", "krait://host:7248/ns", "kraits://[::1]:1", "unix:///run/krait.sock?ns=a",
        "2026-01-31T12:00:00.250+01:30", "500ms", "1.5h", "16MiB", "a\x1b[31m\xe2\x80\xae",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        char name[20];
        snprintf(name, sizeof name, "text%zu", i);
        save("text", name, -1, slice_text(texts[i]));
    }
}

static void save_all(const char *fuzzer, int prefix, const char *const texts[], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char name[20];
        snprintf(name, sizeof name, "%zu", i);
        save(fuzzer, name, prefix, slice_text(texts[i]));
    }
}

static void save_replies(void)
{
    static const char *const texts[] = { "+OK\r\n", "-ERR no\r\n", ":12\r\n", "$-1\r\n", "$3\r\nabc\r\n", "*2\r\n:1\r\n$1\r\n7\r\n",
                                         "*3\r\n*1\r\n+a\r\n*0\r\n*-1\r\n", "*2147483647\r\n" };
    save_all("reply", -1, texts, sizeof texts / sizeof texts[0]);
}

static void save_requests(void)
{
    static const char *const texts[] = {
        "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "GET /readyz HTTP/1.0\r\n\r\n", "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:1\r\n\r\n",
        "GET /v1/queues?ns=default HTTP/1.1\r\nHost: [::1]\r\nAuthorization: Bearer x\r\n\r\n",
        "GET /v1/queues/default HTTP/1.1\r\nHost: localhost\r\n\r\nGET /v1/queues/a%2Fb HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "POST /v1/queues/default/pause HTTP/1.1\r\nHost: localhost\r\nX-Krait: 1\r\nOrigin: http://localhost\r\nContent-Length: 2\r\n\r\n{}",
        "PUT /v1/x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        "HEAD /healthz HTTP/1.1\r\nHost: evil.example\r\nExpect: 100-continue\r\n\r\n" };
    save_all("http", 1, texts, sizeof texts / sizeof texts[0]);
}

static void save_settings(void)
{
    static const char *const texts[] = { "--text\na b\n--number=7\n--flag", "--time\n500ms\n--size=64k\n--choice\none", "--list=a,b\n--list\nc\n--words=a b,c",
                                         "-n\n3\n--no-flag\nmore\n--\n--text" };
    save_all("conf", -1, texts, sizeof texts / sizeof texts[0]);
    save("conf", "file", -1, slice_of("--flag\0text = \"a b\"\nnumber = 5 # x\nlist = a b,c\ntime = 1.5h\n[x]\n", 62));
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: seeds DIR\n");
        return 2;
    }
    top = argv[1];
    mkdir(top, 0777);
    save_messages();
    save_bodies();
    save_values();
    save_texts();
    save_replies();
    save_requests();
    save_settings();
    return 0;
}
