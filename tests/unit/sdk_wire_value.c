// SPDX-License-Identifier: Apache-2.0
// Tests values and their JSON: what goes out comes back, what Python could not make is refused, depth is capped.
// Turning them into Python objects is tested with the worker and the SDKs.

#include "tests/unit/unit.h"

#include "sdk/base/mem.h"
#include "sdk/wire/json.h"
#include "sdk/wire/limits.h"

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

// JSON -> value -> protobuf -> value -> JSON.
static void comes_back_as(const char *json, const char *want)
{
    struct buf wire = { 0 }, out = { 0 };
    struct wire_value v, back;
    assert_int_equal(json_read(&arena, slice_text(json), &v, NULL), ERR_OK);
    assert_int_equal(value_encode(&wire, &v), ERR_OK);
    assert_int_equal(value_decode(&arena, buf_slice(&wire), &back), ERR_OK);
    assert_int_equal(json_write(&out, &back), ERR_OK);
    assert_string_equal(buf_cstr(&out), want);
    buf_free(&wire), buf_free(&out);
}

static void json_comes_back(void **state)
{
    (void)state;
    static const char *const same[] = {
        "null", "true", "false", "0", "-5", "9223372036854775807", "-9223372036854775808", "1.0", "-0.5", "1e+22", "0.1",
        "5e-324", "1.7976931348623157e+308", "\"\"", "\"text\"", "[]", "[1, [2, []], \"x\"]", "{}", "{\"a\": 1, \"b\": [null]}",
        "9223372036854775808", "-9223372036854775809", "123456789012345678901234567890", "-340282366920938463463374607431768211456",
        "{\"$bytes\": \"AP8=\"}", "{\"$bytes\": \"\"}", "{\"$date\": \"2026-02-28\"}", "{\"$time\": \"23:59:59.000001\"}",
        "{\"$datetime\": \"2026-01-31T12:00:00+01:30\"}", "{\"$datetime\": \"0001-01-01T00:00:00\"}",
        "{\"$datetime\": \"2026-01-31T12:00:00-00:00:01.5\"}", "{\"$timedelta\": 5}", "{\"$timedelta\": -0.500000}",
        "{\"$timedelta\": -1.250000}", "{\"$decimal\": \"1.50\"}", "{\"$uuid\": \"00112233-4455-6677-8899-aabbccddeeff\"}",
        "{\"$dict\": [[1, \"one\"], [\"a\", null]]}", "{\"$dict\": [[\"$bytes\", 1]]}", "{\"$other\": 1, \"b\": 2}",
        "\"\\u0000\\n\\\"\\\\\\u001b\"", "NaN", "Infinity", "-Infinity", "\"\xf0\x9f\x90\x8d\"",
    };
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
        if (!strstr(same[i], ":01.5"))
            comes_back_as(same[i], same[i]);
    comes_back_as("{\"$datetime\": \"2026-01-31T12:00:00-00:00:01.5\"}", "{\"$datetime\": \"2026-01-31T12:00:00-00:00:01.500000\"}");
    comes_back_as(" [ 1 , 2 ] ", "[1, 2]");
    comes_back_as("\"\\ud83d\\udc0d\\u00e4\\/\"", "\"\xf0\x9f\x90\x8d\xc3\xa4/\"");
    comes_back_as("{\"$int\": \"-0x5\"}", "-5");
    comes_back_as("{\"$int\": \"0xffffffffffffffff\"}", "18446744073709551615");
    comes_back_as("100e-2", "1.0");
}

static void bad_json_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "", " ", "nul", "tru", "01", "1.", ".5", "-", "+1", "1e", "[1,]", "[1 2]", "{\"a\"}", "{\"a\":}", "{a:1}", "{\"a\":1,}",
        "\"", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "\"\\udc00x\"", "\"a\nb\"", "[", "{", "1 2", "\"\xff\"", "\"\xed\xa0\x80\"",
        "{\"$bytes\": \"A\"}", "{\"$bytes\": 1}", "{\"$date\": \"2026\"}", "{\"$uuid\": \"12\"}", "{\"$dict\": [[1]]}",
        "{\"$int\": \"5\"}", "'x'", "[1]]",
    };
    struct wire_value v;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(json_read(&arena, slice_text(bad[i]), &v, NULL), ERR_VALUE);
    size_t at = 0;
    assert_int_equal(json_read(&arena, slice_text("[1, x]"), &v, &at), ERR_VALUE);
    assert_int_equal(at, 4);
}

static void huge_integers(void **state)
{
    (void)state;
    struct buf text = { 0 }, out = { 0 };
    struct wire_value v;
    buf_put_byte(&text, '7');
    for (int i = 1; i < 4290; i++)
        buf_put_byte(&text, (uint8_t)('0' + i % 10));
    assert_int_equal(json_read(&arena, buf_slice(&text), &v, NULL), ERR_OK);
    assert_int_equal(v.kind, VALUE_BIG);
    assert_int_equal(json_write(&out, &v), ERR_OK);
    assert_true(slice_eq(buf_slice(&out), buf_slice(&text)));
    for (int i = 0; i < 20; i++)
        buf_put_byte(&text, '1');
    assert_int_equal(json_read(&arena, buf_slice(&text), &v, NULL), ERR_CAP);
    static uint8_t wide[3000];
    memset(wide, 0xab, sizeof wide);
    v = (struct wire_value){ .kind = VALUE_BIG, .text = slice_of(wide, sizeof wide) };
    buf_reset(&out, 0);
    assert_int_equal(json_write(&out, &v), ERR_OK);
    assert_memory_equal(buf_slice(&out).p, "{\"$int\": \"-0x", 13);
    struct wire_value back;
    assert_int_equal(json_read(&arena, buf_slice(&out), &back, NULL), ERR_OK);
    assert_true(back.kind == VALUE_BIG && slice_eq(back.text, v.text));
    buf_free(&text), buf_free(&out);
}

static void depth_is_capped(void **state)
{
    (void)state;
    struct wire_value v = value_none(), *list;
    struct buf b = { 0 };
    for (int depth = 1; depth <= LIMIT_VALUE_DEPTH + 1; depth++) {
        buf_reset(&b, 1 << 20);
        enum err err = value_encode(&b, &v);
        assert_int_equal(err, depth <= LIMIT_VALUE_DEPTH ? ERR_OK : ERR_CAP);
        struct wire_value back;
        if (!err)
            assert_int_equal(value_decode(&arena, buf_slice(&b), &back), ERR_OK);
        list = arena_alloc(&arena, sizeof *list);
        *list = v;
        v = value_items(depth % 2 ? VALUE_LIST : VALUE_TUPLE, list, 1);
    }
    buf_reset(&b, 0);
    for (int i = 0; i < 100000; i++)
        buf_put_byte(&b, '[');
    assert_int_equal(json_read(&arena, buf_slice(&b), &v, NULL), ERR_CAP);
    // The same by hand: 100,000 lists in lists would overflow a stack that nobody guards.
    struct buf inner = { 0 }, outer = { 0 };
    buf_put(&inner, "\x08\x01", 2);
    for (int i = 0; i < 300; i++) {
        size_t n = buf_len(&inner);
        buf_reset(&outer, 1 << 20);
        buf_put_byte(&outer, i % 2 ? 0x42 : 0x0a);   // Value.list, Values.items
        for (; n >= 0x80; n >>= 7)
            buf_put_byte(&outer, (uint8_t)(n | 0x80));
        buf_put_byte(&outer, (uint8_t)n);
        buf_put_slice(&outer, buf_slice(&inner));
        struct buf swap = inner;
        inner = outer, outer = swap;
    }
    assert_int_equal(value_decode(&arena, buf_slice(&inner), &v), ERR_CAP);
    buf_free(&b), buf_free(&inner), buf_free(&outer);
}

static enum err encode(struct wire_value v)
{
    struct buf b = { 0 };
    enum err err = value_encode(&b, &v);
    assert_true(err == ERR_OK || buf_len(&b) == 0);
    buf_free(&b);
    return err;
}

static void what_python_could_not_make_is_refused(void **state)
{
    (void)state;
    struct wire_value list = value_items(VALUE_LIST, NULL, 0), pair[] = { list, value_int(1) };
    struct wire_value tuple = value_items(VALUE_TUPLE, &list, 1);
    assert_int_equal(encode(value_items(VALUE_SET, &list, 1)), ERR_VALUE);
    assert_int_equal(encode(value_items(VALUE_FROZENSET, &tuple, 1)), ERR_VALUE);
    assert_int_equal(encode(value_items(VALUE_MAP, pair, 1)), ERR_VALUE);
    pair[0] = value_items(VALUE_FROZENSET, NULL, 0);
    assert_int_equal(encode(value_items(VALUE_MAP, pair, 1)), ERR_OK);
    assert_int_equal(encode(value_text(slice_text("\xed\xa0\x80"))), ERR_VALUE);
    assert_int_equal(encode((struct wire_value){ .kind = VALUE_BIG, .text = slice_text("small") }), ERR_VALUE);
    assert_int_equal(encode((struct wire_value){ .kind = VALUE_BIG, .text = slice_of("\1\1\1\1\1\1\1\1\0\0", 10) }), ERR_VALUE);
    assert_int_equal(encode((struct wire_value){ .kind = VALUE_UUID, .text = slice_text("short") }), ERR_VALUE);
    assert_int_equal(encode((struct wire_value){ .kind = VALUE_DECIMAL, .text = slice_text("1;drop") }), ERR_VALUE);
    assert_int_equal(encode((struct wire_value){ .kind = (enum value_kind)99 }), ERR_VALUE);
    struct value_when w = { .year = 2023, .month = 2, .day = 29 };
    assert_int_equal(encode((struct wire_value){ .kind = VALUE_DATE, .when = &w }), ERR_VALUE);
    w.year = 2024;
    assert_int_equal(encode((struct wire_value){ .kind = VALUE_DATETIME, .when = &w }), ERR_OK);
    w.hour = 24;
    assert_int_equal(encode((struct wire_value){ .kind = VALUE_DATETIME, .when = &w }), ERR_VALUE);
    assert_int_equal(encode((struct wire_value){ .kind = VALUE_DELTA, .delta = { 0, 86400, 0 } }), ERR_VALUE);
    struct wire_value v;
    assert_int_equal(value_decode(&arena, slice_of("", 0), &v), ERR_VALUE);
    assert_int_equal(value_decode(&arena, slice_of("\x32\x01\xff", 3), &v), ERR_VALUE);
}

static void payloads_come_back(void **state)
{
    (void)state;
    struct wire_value args[] = { value_int(-7), value_text(slice_of("a\0b", 3)) };
    struct wire_named kwargs[] = { { slice_text("x"), value_real(2.5) } };
    struct wire_payload p = { args, 2, kwargs, 1 }, back;
    struct buf b = { 0 };
    assert_int_equal(payload_encode(&b, &p), ERR_OK);
    assert_int_equal(payload_decode(&arena, buf_slice(&b), &back), ERR_OK);
    assert_true(back.n_args == 2 && back.args[0].integer == -7 && slice_eq(back.args[1].text, args[1].text));
    assert_true(back.n_kwargs == 1 && slice_is(back.kwargs[0].name, "x") && back.kwargs[0].value.real == 2.5);
    assert_int_equal(payload_decode(&arena, slice_of(NULL, 0), &back), ERR_OK);
    assert_true(back.n_args == 0 && back.n_kwargs == 0);
    buf_free(&b);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    static const char json[] = "[{\"a\": [1, 2.5, \"\\u00e4\", {\"$bytes\": \"AAAA\"}], \"b\": 123456789012345678901234567890}]";
    struct wire_value v;
    struct buf b = { 0 };
    enum err err = ERR_NOMEM;
    for (long nth = 1; err; nth++) {
        arena_free(&arena);
        buf_free(&b);
        mem_fail_nth(nth);
        err = json_read(&arena, slice_text(json), &v, NULL);
        err = err ? err : value_encode(&b, &v);
        err = err ? err : value_decode(&arena, buf_slice(&b), &v);
        buf_consume(&b, buf_len(&b));
        err = err ? err : json_write(&b, &v);
        mem_fail_nth(0);
        assert_true(err == ERR_OK || err == ERR_NOMEM);
    }
    assert_non_null(json_get(&v.items[0], "b"));
    assert_null(json_get(&v.items[0], "c"));
    buf_free(&b);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(json_comes_back), CASE(bad_json_is_refused), CASE(huge_integers), CASE(depth_is_capped),
        CASE(what_python_could_not_make_is_refused), CASE(payloads_come_back), CASE(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
