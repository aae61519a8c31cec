// SPDX-License-Identifier: Apache-2.0
// Tests settings: which source wins, every kind of value, the usage errors, tokens.
// What a program makes of its settings is tested with the program.

#include "tests/unit/unit.h"

#include <stdio.h>
#include <unistd.h>

#include "sdk/base/conf.h"
#include "sdk/base/mem.h"

struct settings {
    char *http;
    int64_t drain;
    int64_t memory;
    int64_t count;
    bool burst;
    int mode;
    struct conf_list queues;
    int64_t wait;
};

static const char *const modes[] = { "gil", "free-threaded", NULL };

static const struct conf_option options[] = {
    { .name = "http", .kind = CONF_STRING, .offset = offsetof(struct settings, http), .fallback = "127.0.0.1:1" },
    { .name = "drain-timeout", .kind = CONF_DURATION, .offset = offsetof(struct settings, drain), .fallback = "30s" },
    { .name = "memory", .kind = CONF_SIZE, .offset = offsetof(struct settings, memory) },
    { .name = "count", .kind = CONF_INT, .offset = offsetof(struct settings, count), .min = 1, .max = 9, .fallback = "3",
      .letter = 'n' },
    { .name = "burst", .kind = CONF_FLAG, .offset = offsetof(struct settings, burst) },
    { .name = "mode", .kind = CONF_CHOICE, .offset = offsetof(struct settings, mode), .choices = modes, .fallback = "gil" },
    { .name = "queues", .kind = CONF_LIST, .offset = offsetof(struct settings, queues), .env = "UNIT_QUEUES" },
    { .name = "wait", .kind = CONF_DURATION, .offset = offsetof(struct settings, wait), .optional_value = true,
      .bare = "1h", .flag_only = true },
};

static const struct conf_program program = {
    .name = "unit-test", .env = "UNIT_TEST_", .summary = "Tests.", .options = options, .n = sizeof options / sizeof options[0],
};

static enum conf_result load(const struct conf_program *p, struct settings *s, struct conf_args *a, char **argv)
{
    int argc = 0;
    while (argv[argc])
        argc++;
    return conf_load(p, argc, argv, s, a);
}

#define ARGV(...) (char *[]){ "unit-test", __VA_ARGS__ __VA_OPT__(, ) NULL }

static int forget_environment(void **state)
{
    (void)state;
    unsetenv("UNIT_TEST_COUNT"), unsetenv("UNIT_QUEUES"), unsetenv("UNIT_TEST_MODE"), unsetenv("UNIT_TEST_BURST");
    unsetenv("KRAIT_TOKEN"), unsetenv("KRAIT_TOKEN_FILE");
    return mem_in_use(MEM_CONF) != 0;
}

static void file_with(char path[32], const char *text)
{
    strcpy(path, "/tmp/krait-unit-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static void defaults_hold(void **state)
{
    (void)state;
    struct settings s;
    struct conf_args a;
    assert_int_equal(load(&program, &s, &a, ARGV()), CONF_RUN);
    assert_string_equal(s.http, "127.0.0.1:1");
    assert_true(s.drain == 30000 && s.memory == 0 && s.count == 3 && !s.burst && s.mode == 0 && s.queues.n == 0 && a.n == 0);
    conf_free(&program, &s, &a);
}

static void flag_beats_environment_beats_file(void **state)
{
    (void)state;
    struct settings s;
    struct conf_args a;
    char path[32];
    file_with(path, "# comment\n\n count = 5 \nmode= free-threaded\nqueues = a b,c\ndrain-timeout = 2m\nmemory = 1.5k\n");
    setenv("UNIT_TEST_COUNT", "6", 1);
    setenv("UNIT_QUEUES", "x, y", 1);
    assert_int_equal(load(&program, &s, &a, ARGV("--config", path, "--burst", "file", "--queues=q1", "--queues", "q2,q3")),
                     CONF_RUN);
    assert_true(s.count == 6 && s.mode == 1 && s.drain == 120000 && s.memory == 1536 && s.burst);
    assert_int_equal(s.queues.n, 3);
    assert_string_equal(s.queues.v[2], "q3");
    assert_int_equal(a.n, 1);
    conf_free(&program, &s, &a);
    assert_int_equal(load(&program, &s, &a, ARGV("-n", "7", "--no-burst")), CONF_RUN);
    assert_true(s.count == 7 && !s.burst && s.queues.n == 2);
    conf_free(&program, &s, &a);
    unlink(path);
}

static void wrong_usage_is_refused(void **state)
{
    (void)state;
    struct settings s;
    struct conf_args a;
    char path[32];
    file_with(path, "nosuchkey = 1\n");
    char *const *const bad[] = {
        ARGV("--nosuch"), ARGV("--count"), ARGV("--count", "x"), ARGV("--count", "10"), ARGV("--mode", "fast"),
        ARGV("--drain-timeout=5y"), ARGV("--config", "/nonexistent"), ARGV("--config", path), ARGV("--burst=perhaps"),
        ARGV("-5"), ARGV("--memory", "-1"),
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(load(&program, &s, &a, (char **)bad[i]), CONF_BAD);
    setenv("UNIT_TEST_MODE", "fast", 1);
    assert_int_equal(load(&program, &s, &a, ARGV()), CONF_BAD);
    unlink(path);
}

static void lenient_arguments(void **state)
{
    (void)state;
    struct conf_program p = program;
    struct settings s;
    struct conf_args a;
    p.lenient = true;
    assert_int_equal(load(&p, &s, &a, ARGV("task", "-5", "--odd", "--wait", "2", "{\"a\":1}", "--", "--count")), CONF_RUN);
    assert_int_equal(a.n, 5);
    assert_string_equal(a.v[1], "-5");
    assert_string_equal(a.v[4], "--count");
    assert_int_equal(s.wait, 2000);
    conf_free(&p, &s, &a);
    assert_int_equal(load(&p, &s, &a, ARGV("task", "--wait", "word")), CONF_RUN);
    assert_true(s.wait == 3600000 && a.n == 2);
    conf_free(&p, &s, &a);
    assert_int_equal(load(&p, &s, &a, ARGV("--odd", "task")), CONF_BAD);
}

static void durations_and_sizes(void **state)
{
    (void)state;
    int64_t v;
    assert_true(conf_duration("500ms", &v) && v == 500);
    assert_true(conf_duration("1.5", &v) && v == 1500);
    assert_true(conf_duration("2h", &v) && v == 7200000);
    assert_false(conf_duration("", &v) || conf_duration("s", &v) || conf_duration("-1s", &v) || conf_duration("nan", &v) ||
                 conf_duration("0x10", &v) || conf_duration("1 s", &v) || conf_duration("1e300", &v));
    assert_true(conf_size("2G", &v) && v == INT64_C(2147483648));
    assert_true(conf_size("10MiB", &v) && v == 10485760);
    assert_false(conf_size("10x", &v) || conf_int("5 ", &v) || conf_int("99999999999999999999", &v));
}

static void tokens(void **state)
{
    (void)state;
    char path[32], why[200], *token;
    assert_true(conf_token(&token, why, sizeof why));
    assert_null(token);
    file_with(path, "s3cret\nrest\n");
    setenv("KRAIT_TOKEN_FILE", path, 1);
    assert_true(conf_token(&token, why, sizeof why));
    assert_string_equal(token, "s3cret");
    mem_text_free(MEM_CONF, token);
    unlink(path);
    assert_false(conf_token(&token, why, sizeof why));
    assert_non_null(strstr(why, path));
    setenv("KRAIT_TOKEN", "direct", 1);
    assert_true(conf_token(&token, why, sizeof why));
    assert_string_equal(token, "direct");
    mem_text_free(MEM_CONF, token);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    struct settings s;
    struct conf_args a;
    for (long nth = 1;; nth++) {
        mem_fail_nth(nth);
        enum conf_result got = load(&program, &s, &a, ARGV("--queues", "a,b,c", "--http", "x", "arg"));
        mem_fail_nth(0);
        if (got == CONF_RUN) {
            conf_free(&program, &s, &a);
            break;
        }
        assert_int_equal(mem_in_use(MEM_CONF), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(defaults_hold, forget_environment),
        cmocka_unit_test_teardown(flag_beats_environment_beats_file, forget_environment),
        cmocka_unit_test_teardown(wrong_usage_is_refused, forget_environment),
        cmocka_unit_test_teardown(lenient_arguments, forget_environment),
        cmocka_unit_test_teardown(durations_and_sizes, forget_environment),
        cmocka_unit_test_teardown(tokens, forget_environment),
        cmocka_unit_test_teardown(every_allocation_may_fail, forget_environment),
    };
    return cmocka_run_group_tests(tests, forget_environment, NULL);
}
