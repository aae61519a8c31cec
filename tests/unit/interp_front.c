// SPDX-License-Identifier: Apache-2.0
// The tree half of the front without an interpreter: trees, errors, depth, and that no prefix or mutation of a source can hurt it.
// It leaves agreement with CPython on real files to tests/system/test_front.py.

#include "tests/unit/unit.h"

#include "interp/front/parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The dump of source, or "KIND line col message". Free it. */
static char *read_source(const char *source, size_t size)
{
    struct front f;
    char *text = NULL;
    size_t len = 0;
    assert_true(front_init(&f, FRONT_EXEC, 0, NULL));
    struct node *n = source_load_bytes(&f, source, size) ? parse_run(&f) : NULL;
    FILE *out = open_memstream(&text, &len);
    if (n)
        ast_dump(out, n);
    else
        fprintf(out, "%s %u %u %s", front_error_name(f.error.kind), f.error.pos.line, f.error.pos.col, f.error.message);
    fclose(out);
    front_free(&f);
    return text;
}

static void check(const char *source, const char *want)
{
    char *got = read_source(source, strlen(source));
    assert_string_equal(got, want);
    free(got);
}

static void trees(void **state)
{
    (void)state;
    check("", "Module(body=[], type_ignores=[])");
    check("x = 1_000", "Module(body=[Assign(targets=[Name(id='x', ctx=Store())], value=Constant(value=0x3e8))], type_ignores=[])");
    check("-1 ** 2", "Module(body=[Expr(value=UnaryOp(op=USub(), operand=BinOp(left=Constant(value=0x1), op=Pow(), right=Constant(value=0x2))))], "
                     "type_ignores=[])");
    check("a < b is not c", "Module(body=[Expr(value=Compare(left=Name(id='a', ctx=Load()), ops=[Lt(), IsNot()], "
                            "comparators=[Name(id='b', ctx=Load()), Name(id='c', ctx=Load())]))], type_ignores=[])");
    check("f'a{x!r:>{w}}'", "Module(body=[Expr(value=JoinedStr(values=[Constant(value=s'a'), FormattedValue(value=Name(id='x', ctx=Load()), "
                            "conversion=114, format_spec=JoinedStr(values=[Constant(value=s'>'), FormattedValue(value=Name(id='w', ctx=Load()), "
                            "conversion=-1)]))]))], type_ignores=[])");
    check("match = {**a, 1: 2}", "Module(body=[Assign(targets=[Name(id='match', ctx=Store())], value=Dict(keys=[None, Constant(value=0x1)], "
                                 "values=[Name(id='a', ctx=Load()), Constant(value=0x2)]))], type_ignores=[])");
}

static void errors(void **state)
{
    (void)state;
    check("x = = 1\n", "SyntaxError 1 4 invalid syntax");
    check("f(a, b", "SyntaxError 1 1 '(' was never closed");
    check("if x:\ny", "IndentationError 2 0 expected an indented block after 'if' statement on line 1");
    check("if x:\n\ty\n        z\n", "TabError 3 0 inconsistent use of tabs and spaces in indentation");
    check("\xff", "SyntaxError 1 0 Non-UTF-8 code starting with '\\xff' on line 1, but no encoding declared; "
                  "see https://peps.python.org/pep-0263/ for details");
    check("# coding: latin-1\n'\xe9'", "Module(body=[Expr(value=Constant(value=s'\\c3\\a9'))], type_ignores=[])");
}

static char *repeat(const char *a, size_t n, const char *middle, const char *b)
{
    char *text = malloc(n * (strlen(a) + strlen(b)) + strlen(middle) + 1), *p = text;
    for (size_t i = 0; i < n; i++)
        p = stpcpy(p, a);
    p = stpcpy(p, middle);
    for (size_t i = 0; i < n; i++)
        p = stpcpy(p, b);
    return text;
}

static void depth_is_an_error(void **state)
{
    (void)state;
    static const char *const nests[][3] = {{"(", "x", ")"}, {"[", "x", "]"}, {"-", "x", ""}, {"not ", "x", ""}, {"lambda: ", "x", ""},
                                           {"x if y else ", "x", ""}, {"x**", "x", ""}, {"{x:", "x", "}"}, {"f(", "x", ")"}, {"await ", "x", ""}};
    for (size_t i = 0; i < sizeof nests / sizeof *nests; i++) {
        char *source = repeat(nests[i][0], 100000, nests[i][1], nests[i][2]), *got = read_source(source, strlen(source));
        assert_true(!strncmp(got, "SyntaxError", 11) || !strncmp(got, "MemoryError", 11));
        free(got);
        free(source);
    }
}

static const char sample[] =
    "@d(1)\nasync def f(a, /, b: int = 1, *c, d=2, **e) -> x:\n    'doc'\n    async with a as (b, c), d:\n        return await x[1:2, ...]\n"
    "class A(B, m=1):\n    x: int = f'{a!r:{b}}{c=}' rb'\\x00' if y else {**a, 'b': [*c, (yield)]}\n"
    "try:\n    match x:\n        case {'a': A(1, b=[*_, -1.5e3j]), **r} | None if (y := 2): pass\nexcept* (A, B) as e:\n    raise E from None\n"
    "else:\n    for i, *j in {k for k in z if k not in w}: continue\nfinally:\n    del a[0], b.c; global g\n";

/* Whatever the bytes, the answer is a tree or an error. */
static void damaged_sources(void **state)
{
    (void)state;
    char text[sizeof sample];
    uint64_t seed = 7;
    for (size_t n = 0; n < sizeof sample; n++)
        free(read_source(sample, n));
    for (int round = 0; round < 20000; round++) {
        memcpy(text, sample, sizeof sample);
        for (int i = 0; i < 3; i++) {
            size_t at = unit_random(&seed) % (sizeof sample - 1);
            text[at] = round % 2 ? sample[unit_random(&seed) % (sizeof sample - 1)] : (char)unit_random(&seed);
        }
        free(read_source(text, sizeof sample - 1));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trees), cmocka_unit_test(errors), cmocka_unit_test(depth_is_an_error), cmocka_unit_test(damaged_sources),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
