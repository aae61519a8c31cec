// SPDX-License-Identifier: Apache-2.0
// What every unit test includes: cmocka with what it needs before it, and a torture that fails each allocation in turn.
// Which cases there are is each test's own.

#ifndef KRAIT_TESTS_UNIT_H
#define KRAIT_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

// A repeatable stream of numbers.
static inline uint32_t unit_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

#endif
