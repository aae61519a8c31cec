// SPDX-License-Identifier: Apache-2.0
// What the fuzzers share: a check that holds in every build. What is checked is each fuzzer's own.

#ifndef KRAIT_TESTS_FUZZ_H
#define KRAIT_TESTS_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define MUST(condition)                                                                                    \
    ((condition) ? (void)0 : (fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition), abort()))

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
