// SPDX-License-Identifier: Apache-2.0
// The broker's parts that stand alone: retry policy, tokens, packed records, replies of Redis, alarms. What they do
// together is tests/system/test_broker.py's business.

#include "tests/unit/unit.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/away.h"
#include "broker/loop.h"
#include "broker/record.h"
#include "broker/redis_reply.h"
#include "broker/resp.h"
#include "broker/retry.h"
#include "broker/token.h"

// ---- how long is silent for too long

static struct mono at_ms(int64_t ms)
{
    return (struct mono){ 1000000000000 + ms * CLOCK_NS_PER_MS };
}

static void test_away(void **state)
{
    struct away a = { 0 };
    (void)state;
    assert_int_equal(away_patience(&a, at_ms(0), 8000), -1);
    away_came(&a, at_ms(0));
    assert_int_equal(away_patience(&a, at_ms(7999), 8000), -1);      // what was before is not known
    assert_int_equal(away_patience(&a, at_ms(8000), 8000), 0);
    assert_int_equal(away_patience(&a, at_ms(99000), 8000), 0);
    away_went(&a, at_ms(100000));
    assert_int_equal(away_patience(&a, at_ms(500000), 8000), -1);    // nothing can be given up while it is away
    away_came(&a, at_ms(120000));
    away_came(&a, at_ms(120000));
    assert_int_equal(away_patience(&a, at_ms(120000), 8000), 20000); // silent for a TTL when it went: still given up
    assert_int_equal(away_patience(&a, at_ms(121000), 8000), 21000); // the first eighth does not count
    assert_int_equal(away_patience(&a, at_ms(125000), 8000), 21000);
    assert_int_equal(away_patience(&a, at_ms(129000), 8000), 0);     // one that was beaten for just before it went
    assert_int_equal(away_patience(&a, at_ms(128999), 8000), 21000);
}

// However often it goes, the time in between adds up; spans that are forgotten are on the safe side.
static void test_away_again_and_again(void **state)
{
    struct away a = { 0 };
    int64_t now = 0;
    (void)state;
    for (int i = 0; i < 3 * AWAY_SPANS; i++, now += 5000) {
        away_came(&a, at_ms(now));
        away_went(&a, at_ms(now + 3000));
    }
    away_came(&a, at_ms(now));
    assert_int_equal(away_patience(&a, at_ms(now), 8000), 11000);    // four spans of 2 s lie in the last 19
    for (int i = 0; i < 3 * AWAY_SPANS; i++, now += 500) {
        away_went(&a, at_ms(now + 200));
        away_came(&a, at_ms(now + 500));
    }
    assert_int_equal(away_patience(&a, at_ms(now), 8000), -1);       // none is long enough for anybody to come back in
}

// ---- retry

static void test_retry_names(void **state)
{
    struct slice on[] = { slice_text("ValueError") }, never[] = { slice_text("app.Fatal") };
    struct msg_retry r = { .max = 2, .retry_on = on, .n_retry_on = 1, .fail_on = never, .n_fail_on = 1 };
    (void)state;
    assert_true(retry_wanted(&r, slice_text("ValueError"), 0));
    assert_true(retry_wanted(&r, slice_text("builtins.ValueError"), 1));
    assert_false(retry_wanted(&r, slice_text("ValueError"), 2));
    assert_false(retry_wanted(&r, slice_text("MyValueError"), 0));
    assert_false(retry_wanted(&r, slice_text("app.Fatal"), 0));
    r.n_retry_on = 0;
    assert_true(retry_wanted(&r, slice_text("KeyError"), 0));
    assert_true(retry_wanted(&r, slice_text("other.Fatal"), 0));
    assert_false(retry_wanted(&r, slice_text("app.Fatal"), 0));
}

static void test_retry_delays(void **state)
{
    uint64_t list[] = { 10, 200 };
    struct msg_retry r = { .max = 99, .backoff = BACKOFF_EXPONENTIAL, .base_ms = 100, .cap_ms = 1000 };
    (void)state;
    assert_int_equal(retry_delay(&r, 0), 100);
    assert_int_equal(retry_delay(&r, 3), 800);
    assert_int_equal(retry_delay(&r, 4), 1000);
    assert_int_equal(retry_delay(&r, 4000000), 1000);
    r.factor_percent = 150;
    assert_int_equal(retry_delay(&r, 2), 225);
    r = (struct msg_retry){ .backoff = BACKOFF_LIST, .list_ms = list, .n_list_ms = 2 };
    assert_int_equal(retry_delay(&r, 0), 10);
    assert_int_equal(retry_delay(&r, 7), 200);
    r = (struct msg_retry){ .backoff = BACKOFF_LIST };
    assert_int_equal(retry_delay(&r, 0), 0);
    r = (struct msg_retry){ .backoff = BACKOFF_CONSTANT, .base_ms = UINT64_MAX };
    assert_true(retry_delay(&r, 0) < UINT64_C(1) << 48);       // a due time has six bytes
    r = (struct msg_retry){ .backoff = BACKOFF_CONSTANT, .base_ms = 1000, .jitter_percent = 50 };
    for (int i = 0; i < 100; i++) {
        uint64_t ms = retry_delay(&r, 0);
        assert_true(ms > 499 && ms <= 1000);
    }
}

// ---- tokens

static void test_globs(void **state)
{
    static const struct {
        const char *pattern, *text;
        bool match;
    } rows[] = { { "*", "", true }, { "*", "x", true }, { "web-*", "web-1", true }, { "web-*", "web", false },
                 { "a*b*c", "aXXbYYc", true }, { "a*b*c", "aXXbYY", false }, { "?x", "ax", true }, { "?x", "x", false },
                 { "", "", true }, { "", "x", false }, { "*a", "banana", true }, { "**", "x", true },
                 { "a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false } };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(token_glob(rows[i].pattern, slice_text(rows[i].text)), rows[i].match);
}

static bool load(struct tokens *t, const char *text, mode_t mode, char *why)
{
    char path[] = "/tmp/krait-tokens-XXXXXX";
    int fd = mkstemp(path);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    fchmod(fd, mode);
    close(fd);
    bool ok = tokens_load(t, path, why, 200);
    unlink(path);
    return ok;
}

#define ABC "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"   // of "abc"

static void test_tokens(void **state)
{
    struct tokens t = { 0 };
    struct token row;
    char why[200];
    (void)state;
    assert_true(tokens_find(&t, slice_text("anything"), &row));     // no file: everybody may all
    assert_int_equal(row.rights, RIGHT_ALL);
    assert_true(load(&t, "# nobody\n\n  web " ABC " enqueue,read queues=w* ns=shop # ok\n", 0600, why));
    assert_true(tokens_find(&t, slice_text("abc"), &row));
    assert_string_equal(row.name, "web");
    assert_true(token_may(&row, RIGHT_READ, slice_text("web")));
    assert_false(token_may(&row, RIGHT_READ, slice_text("other")));
    assert_false(token_may(&row, RIGHT_CONSUME, slice_text("web")));
    assert_true(token_ns(&row, slice_text("shop")));
    assert_false(token_ns(&row, slice_text("default")));
    assert_false(tokens_find(&t, slice_text("abd"), &row));
    assert_false(tokens_find(&t, slice_of(NULL, 0), &row));
    static const char *const bad[] = { "", "web\n", "web " ABC "\n", "web sha256:12 read\n", "web " ABC " fly\n",
                                       "web " ABC " read what=ever\n", "web " ABC " read ns=a/b\n" };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(load(&t, bad[i], 0600, why));
    assert_false(load(&t, "web " ABC " read\n", 0644, why));
    assert_non_null(strstr(why, "chmod 600"));
    assert_true(tokens_find(&t, slice_text("abc"), &row));          // a bad file changes nothing
    tokens_free(&t);
}

// ---- records

static void test_records(void **state)
{
    struct buf tail = { 0 }, whole = { 0 };
    struct msg_options o = { .has_priority = true, .priority = 77, .eta_ms = 5, .delay_ms = 9, .expires_ms = UINT64_MAX,
                             .max_deliveries = 1000, .has_retry = true, .retry = { .max = 100000 } };
    struct record r;
    (void)state;
    assert_true(record_begin(&tail, &o, &(struct record_extra){ 0 }, slice_text("body"), true));
    assert_int_equal(buf_len(&tail), RECORD_HEAD - RECORD_TAIL + 4);
    const uint8_t *t = buf_slice(&tail).p;
    assert_int_equal(t[0], 9);
    assert_int_equal(t[1], RECORD_ETA | RECORD_EXPIRES | RECORD_WATCH);
    assert_int_equal(record_get(t + 2, 6), 5);
    assert_int_equal(record_get(t + 14, 6), LIMIT_RESULT_TTL_MS);
    uint8_t head[RECORD_TAIL] = { RECORD_VERSION, STATE_ACTIVE, REASON_FAILED };
    record_put(head + 9, 7, 4);
    memcpy(head + 13, "0123456789abcdef", RECORD_SID);
    buf_put(&whole, head, sizeof head);
    buf_put_slice(&whole, buf_slice(&tail));
    buf_put_text(&whole, "outcome");
    assert_true(record_read(buf_slice(&whole), &r));
    assert_int_equal(r.attempt, 7);
    assert_int_equal(r.max_retries, 65535);
    assert_true(slice_is(r.session, "0123456789abcdef"));
    assert_true(slice_is(r.body, "body"));
    assert_true(slice_is(r.outcome, "outcome"));
    for (size_t n = 0; n < RECORD_HEAD + 4; n++)                    // cut anywhere: refused, never read beyond
        assert_false(record_read(slice_of(buf_slice(&whole).p, n), &r));
    buf_free(&tail);
    buf_free(&whole);
}

static void test_extras(void **state)
{
    char long_key[ID_KEY_MAX];
    memset(long_key, 'k', sizeof long_key);
    struct slice key = slice_of(long_key, sizeof long_key);
    struct msg_task t = { .parts = 3, .options = { .group = key, .rate_key = slice_text("r"), .unique_key = key,
                                                   .unique_ttl_ms = 9, .conflict = CONFLICT_REPLACE } };
    struct record_extra none, x;
    struct buf whole = { 0 };
    struct record r;
    (void)state;
    record_extra_of(&(struct msg_task){ 0 }, &none);
    assert_int_equal(none.n, 0);
    record_extra_of(&t, &x);
    assert_int_equal(x.n, RECORD_EXTRA + ID_KEY_MAX + 1 + RECORD_KEY);
    assert_int_equal(x.bytes[1], CONFLICT_REPLACE);
    assert_int_equal(record_get(x.bytes + 5, 6), 9);
    assert_int_equal(record_get(x.bytes + 11, 2), 3);
    assert_int_equal(x.bytes[x.n - RECORD_KEY], '~');           // a long key goes by its hash
    uint8_t head[RECORD_TAIL] = { RECORD_VERSION, STATE_QUEUED };
    buf_put(&whole, head, sizeof head);
    assert_true(record_begin(&whole, &t.options, &x, slice_text("body"), false));
    assert_true(record_read(buf_slice(&whole), &r));
    assert_true(slice_eq(r.group, key));
    assert_true(slice_is(r.body, "body"));
    assert_true(record_read_cut(slice_of(buf_slice(&whole).p, buf_len(&whole) - 2), &r));
    assert_true(slice_is(r.body, "bo"));
    for (size_t n = 0; n < (size_t)RECORD_HEAD + x.n; n++)
        assert_false(record_read_cut(slice_of(buf_slice(&whole).p, n), &r));
    buf_free(&whole);
}

// ---- replies

static void test_replies_in_pieces(void **state)
{
    static const char text[] = "*3\r\n:-7\r\n$3\r\na\0b\r\n*2\r\n$-1\r\n+OK\r\n" "-ERR no\r\n" "*0\r\n";
    struct reply_reader reader;
    (void)state;
    for (size_t step = 1; step < sizeof text; step++) {
        const struct reply *r;
        int whole = 0;
        assert_true(reply_open(&reader));
        for (size_t at = 0; at < sizeof text - 1; at += step) {
            size_t n = sizeof text - 1 - at < step ? sizeof text - 1 - at : step;
            assert_true(reply_feed(&reader, slice_of(text + at, n)));
            while (reply_next(&reader, &r) == REPLY_WHOLE) {
                whole++;
                if (whole == 1) {
                    assert_int_equal(r->n, 3);
                    assert_int_equal(reply_number(&r->items[0], 0), -7);
                    assert_true(slice_eq(r->items[1].text, slice_of("a\0b", 3)));
                    assert_int_equal(r->items[2].items[0].kind, REPLY_NIL);
                    assert_true(slice_is(r->items[2].items[1].text, "OK"));
                } else if (whole == 2) {
                    assert_true(reply_is_error(r, "ERR"));
                } else {
                    assert_int_equal(r->n, 0);
                }
            }
        }
        assert_int_equal(whole, 3);
        reply_close(&reader);
    }
}

static void test_broken_replies(void **state)
{
    struct reply_reader reader;
    const struct reply *r;
    (void)state;
    assert_true(reply_open(&reader));
    assert_true(reply_feed(&reader, slice_text("?what\r\n")));
    assert_int_equal(reply_next(&reader, &r), REPLY_BROKEN);
    reply_close(&reader);
}

static void test_commands(void **state)
{
    struct buf out = { 0 };
    (void)state;
    resp_command(&out, 3);
    resp_text(&out, "");
    resp_int(&out, INT64_MIN);
    resp_slice(&out, slice_of("\r\n", 2));
    assert_string_equal(buf_cstr(&out), "*3\r\n$0\r\n\r\n$20\r\n-9223372036854775808\r\n$2\r\n\r\n\r\n");
    buf_free(&out);
}

// ---- alarms

struct bell {
    struct alarm alarm;
    struct loop *loop;
    struct bell *next;
    int rung;
    int order;
};

static int bells;

static void ring(struct alarm *a)
{
    struct bell *b = LIST_ITEM(a, struct bell, alarm);
    b->rung++;
    b->order = ++bells;
    if (b->next)
        alarm_clear(b->loop, &b->next->alarm);
    else if (b->order >= 2)
        loop_stop(b->loop);
}

static void no_end(void *owner)
{
    (void)owner;
}

static void test_alarms_ring_in_order_and_once(void **state)
{
    struct loop loop;
    struct bell early = { 0 }, late = { 0 }, never = { 0 };
    (void)state;
    assert_true(loop_init(&loop, no_end, NULL));
    bells = 0;
    early.loop = late.loop = never.loop = &loop;
    early.next = &never;
    alarm_init(&early.alarm, ring);
    alarm_init(&late.alarm, ring);
    alarm_init(&never.alarm, ring);
    alarm_in(&loop, &late.alarm, 12);
    alarm_in(&loop, &never.alarm, 8);
    alarm_in(&loop, &early.alarm, 500);
    alarm_in(&loop, &early.alarm, 1);       // moved
    loop_run(&loop);
    assert_int_equal(early.rung, 1);
    assert_int_equal(late.rung, 1);
    assert_int_equal(never.rung, 0);
    assert_true(early.order < late.order);
    assert_false(alarm_is_set(&late.alarm));
    loop_free(&loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_away), cmocka_unit_test(test_away_again_and_again),
        cmocka_unit_test(test_retry_names),       cmocka_unit_test(test_retry_delays),
        cmocka_unit_test(test_globs),             cmocka_unit_test(test_tokens),
        cmocka_unit_test(test_records), cmocka_unit_test(test_extras),           cmocka_unit_test(test_replies_in_pieces),
        cmocka_unit_test(test_broken_replies),    cmocka_unit_test(test_commands),
        cmocka_unit_test(test_alarms_ring_in_order_and_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
