// SPDX-License-Identifier: Apache-2.0
// What worker/limit.h reads out of faked cgroup trees, version 1 and 2. The real tree is left alone.

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/unit.h"
#include "worker/limit.h"

static char root[64];

static void put(const char *dir, const char *file, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", root, dir);
    mkdir(path, 0755);
    snprintf(path, sizeof path, "%s/%s/%s", root, dir, file);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static int set_up(void **state)
{
    (void)state;
    snprintf(root, sizeof root, "/tmp/krait-limit-XXXXXX");
    return mkdtemp(root) ? 0 : -1;
}

static int tear_down(void **state)
{
    char command[128];
    (void)state;
    snprintf(command, sizeof command, "rm -r %s", root);
    return system(command);
}

static void nothing_said(void **state)
{
    (void)state;
    assert_int_equal(limit_memory(root), 0);
    assert_true(limit_cores(root) >= 1);
}

static void version_2(void **state)
{
    (void)state;
    put(".", "cpu.max", "50000 100000\n");
    put(".", "memory.max", "1048576\n");
    assert_int_equal(limit_cores(root), 1);
    assert_int_equal(limit_memory(root), 1048576);
    put(".", "cpu.max", "max 100000\n");
    put(".", "memory.max", "max\n");
    assert_int_equal(limit_cores(root), limit_cores("/nonexistent"));
    assert_int_equal(limit_memory(root), 0);
}

static void version_1(void **state)
{
    (void)state;
    put("cpu", "cpu.cfs_quota_us", "90000\n");
    put("cpu", "cpu.cfs_period_us", "100000\n");
    put("memory", "memory.limit_in_bytes", "2097152\n");
    assert_int_equal(limit_cores(root), 1);
    assert_int_equal(limit_memory(root), 2097152);
    put("cpu", "cpu.cfs_quota_us", "-1\n");
    put("memory", "memory.limit_in_bytes", "9223372036854771712\n");
    assert_int_equal(limit_cores(root), limit_cores("/nonexistent"));
    assert_int_equal(limit_memory(root), 0);
}

static void resident(void **state)
{
    (void)state;
    assert_true(limit_resident(getpid()) > 100000);
    assert_int_equal(limit_resident(0x7fffffff), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_said, set_up, tear_down),
        cmocka_unit_test_setup_teardown(version_2, set_up, tear_down),
        cmocka_unit_test_setup_teardown(version_1, set_up, tear_down),
        cmocka_unit_test(resident),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
