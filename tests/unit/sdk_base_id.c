// SPDX-License-Identifier: Apache-2.0
// Tests names, ids, clocks, addresses and log lines: what is accepted, what is refused, what comes back.
// Settings have their own test.

#include "tests/unit/unit.h"

#include <stdio.h>
#include <unistd.h>

#include "sdk/base/clock.h"
#include "sdk/base/err.h"
#include "sdk/base/id.h"
#include "sdk/base/log.h"
#include "sdk/base/url.h"

static void ids_come_apart_and_together(void **state)
{
    (void)state;
    static const char *const whole[] = { "q/k", "mail.out/7/a:b~c", "default/0/x", "a/4294967295/z" };
    for (size_t i = 0; i < 4; i++) {
        struct task_id id;
        char text[ID_TASK_MAX + 1];
        assert_true(id_parse(slice_text(whole[i]), &id));
        assert_int_equal(id_format(&id, text), strlen(whole[i]));
        assert_string_equal(text, whole[i]);
    }
    struct task_id bare;
    assert_true(id_parse(slice_text("onlykey"), &bare));
    assert_true(slice_is(bare.queue, "default") && slice_is(bare.key, "onlykey") && bare.part == -1);
}

static void bad_ids_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = { "", "/", "q/", "/k", "q/x/k", "q/01/k", "q/4294967296/k", "q/1/", "q/1/2/3",
                                       "q q/k", "q/k\n", "\xc3\xa4/k", "q/{k}" };
    struct task_id id;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(id_parse(slice_text(bad[i]), &id));
    char long_name[66], long_key[130];
    memset(long_name, 'a', 65), long_name[65] = 0;
    memset(long_key, 'a', 129), long_key[129] = 0;
    assert_false(id_name_ok(slice_text(long_name)));
    assert_true(id_name_ok(slice_of(long_name, 64)));
    assert_false(id_key_ok(slice_text(long_key)));
    assert_false(id_key_ok(slice_of("a\0b", 3)));
}

static void partitions(void **state)
{
    (void)state;
    struct slice key = slice_text("123456789"), none = slice_text("");
    assert_int_equal(id_crc32(key), 0xcbf43926);
    assert_int_equal(id_part(none, none, key, 1), 0);
    uint32_t part = id_part(none, slice_text("group"), key, 16);
    struct task_id id = id_make(slice_text("q"), key, part, 16);
    assert_int_equal(id_part_of(&id, 16), part);
    id = id_make(slice_text("q"), key, 0xcbf43926 % 16, 16);
    assert_int_equal(id.part, -1);
    assert_int_equal(id_part_of(&id, 16), 0xcbf43926 % 16);
}

static void random_ids_are_keys_and_differ(void **state)
{
    (void)state;
    static char made[200][ID_RANDOM + 1];
    for (int i = 0; i < 200; i++) {
        assert_true(id_random(made[i]));
        assert_true(id_key_ok(slice_text(made[i])) && strlen(made[i]) == ID_RANDOM);
        for (int k = 0; k < i; k++)
            assert_string_not_equal(made[i], made[k]);
        if (i)
            assert_true(memcmp(made[i - 1], made[i], 9) <= 0);
    }
    uint8_t back[3];
    char hex[7];
    id_hex("\x00\xff\x5a", 3, hex);
    assert_string_equal(hex, "00ff5a");
    assert_true(id_unhex(slice_text("00FF5a"), back, 3) && back[1] == 0xff);
    assert_false(id_unhex(slice_text("00fg5a"), back, 3));
    assert_true(id_equal_secret(slice_text("same"), slice_text("same")));
    assert_false(id_equal_secret(slice_text("same"), slice_text("sam")));
    assert_false(id_equal_secret(slice_text("same"), slice_text("")));
    assert_false(id_equal_secret(slice_text(""), slice_text("x")));
}

static void moments(void **state)
{
    (void)state;
    struct wall t;
    char text[CLOCK_TEXT];
    assert_true(wall_parse("2026-01-31T12:00:00.250+01:30", &t));
    wall_format(t, text);
    assert_string_equal(text, "2026-01-31T10:30:00.250Z");
    assert_true(wall_parse("1969-12-31T23:59:59.999Z", &t));
    assert_int_equal(t.ms, -1);
    wall_format(t, text);
    assert_string_equal(text, "1969-12-31T23:59:59.999Z");
    static const char *const bad[] = { "", "2026", "2026-02-29T00:00:00Z", "2026-01-01T00:00:00", "2026-01-01T24:00:00Z",
                                       "2026-01-01T00:00:00Zx", "2026-13-01T00:00:00Z", "2026-01-01T00:00:00.Z" };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(wall_parse(bad[i], &t));
    struct mono now = { 1000 };
    assert_int_equal(mono_poll_ms(now, mono_never()), -1);
    assert_int_equal(mono_poll_ms(now, (struct mono){ 999 }), 0);
    assert_int_equal(mono_poll_ms(now, (struct mono){ 1001 }), 1);
    assert_true(mono_is_never(mono_after_ms(now, INT64_MAX)));
    assert_int_equal(mono_after_ms(now, 2).ns, 2001000);
}

static void addresses(void **state)
{
    (void)state;
    static const char *const same[] = { "krait://127.0.0.1:7248", "krait://[::1]:9/team", "kraits://b.example:1",
                                        "unix:///run/krait.sock", "unix:///tmp/x?ns=a" };
    struct url u;
    char why[300], text[URL_TEXT_MAX];
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        assert_true(url_parse(same[i], &u, why, sizeof why));
        url_format(&u, text);
        assert_string_equal(text, same[i]);
    }
    assert_true(url_parse("krait://host/ns1", &u, why, sizeof why));
    assert_true(u.port == 7248 && strcmp(u.ns, "ns1") == 0 && !url_is_local(&u));
    static const char *const bad[] = { "", "host", "http://x", "krait://", "krait://h:70000", "krait://h:x", "krait://t@h",
                                       "krait://h/a/b", "krait://h/ns?x", "unix://rel", "krait://[::1", "krait://a b" };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(url_parse(bad[i], &u, why, sizeof why));
    assert_true(url_host_is_local("127.9.9.9") && url_host_is_local("::1") && url_host_is_local("localhost"));
    assert_false(url_host_is_local("0.0.0.0") || url_host_is_local("::") || url_host_is_local("128.0.0.1"));
}

static void log_lines(void **state)
{
    (void)state;
    struct log log;
    int ends[2];
    char line[20000];
    assert_int_equal(pipe(ends), 0);
    log_init(&log, "test", ends[1], LOG_INFO, LOG_JSON);
    log_write(&log, LOG_DEBUG, "hidden", LOG_NONE);
    log_write(&log, LOG_WARN, "it \"broke\"", LOG_FIELDS(log_text("why", "a\nb\x1b[31m\xff"), log_int("n", -5),
                                                        log_bool("yes", true), log_real("r", 1.5)));
    ssize_t n = read(ends[0], line, sizeof line - 1);
    assert_true(n > 0);
    line[n] = 0;
    assert_non_null(strstr(line, "\"level\":\"warn\",\"program\":\"test\",\"event\":\"it \\\"broke\\\"\",\"why\":"
                                 "\"a\\nb\\u001b[31m\\ufffd\",\"n\":-5,\"yes\":true,\"r\":1.5}\n"));
    log.format = LOG_TEXT;
    log_write(&log, LOG_INFO, "plain", LOG_FIELDS(log_text("a", "one two"), log_text("b", "x=\r"), log_text("c", "ok")));
    n = read(ends[0], line, sizeof line - 1);
    line[n] = 0;
    assert_non_null(strstr(line, " info  plain a=\"one two\" b=\"x=\\r\" c=ok\n"));
    static char huge[40000];
    memset(huge, 'h', sizeof huge - 1);
    log.format = LOG_JSON;
    log_write(&log, LOG_ERROR, "big", LOG_FIELDS(log_text("a", "first"), log_text("h", huge)));
    n = read(ends[0], line, sizeof line - 1);
    line[n] = 0;
    assert_true(n < 17000);
    assert_string_equal(line + n - 14, ",\"a\":\"first\"}\n");
    close(ends[0]), close(ends[1]);
    char out[32];
    assert_int_equal(log_escape(out, sizeof out, slice_text("a\x1b\xe2\x80\xae\x7f\xc3\xa4")), 1 + 4 + 6 + 4 + 2);
    assert_string_equal(out, "a\\x1b\\u202e\\x7f\xc3\xa4");
}

static void errors_have_words(void **state)
{
    (void)state;
    assert_string_equal(err_text(ERR_FULL), "queue or store at its limit");
    assert_string_equal(err_name(ERR_LIMIT), "limit");
    assert_string_equal(err_name(ERR_FRAME_SIZE), "frame_size");
    assert_string_equal(err_text((enum err)9999), "unknown error");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_come_apart_and_together), cmocka_unit_test(bad_ids_are_refused),
        cmocka_unit_test(partitions), cmocka_unit_test(random_ids_are_keys_and_differ), cmocka_unit_test(moments),
        cmocka_unit_test(addresses), cmocka_unit_test(log_lines), cmocka_unit_test(errors_have_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
