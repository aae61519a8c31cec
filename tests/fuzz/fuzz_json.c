// SPDX-License-Identifier: Apache-2.0
// Reads JSON; what is accepted must write, and the written must read back to the same text. Values are fuzz_msg.c's.

#include "tests/fuzz/fuzz.h"

#include "sdk/wire/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    struct buf first = { 0 }, second = { 0 }, wire = { 0 };
    struct wire_value v, back;
    size_t at;
    arena_init(&a, 64u << 20);
    enum err err = json_read(&a, slice_of(data, size), &v, &at);
    MUST(at <= size);
    if (!err && json_write(&first, &v) == ERR_OK) {
        err = json_read(&a, buf_slice(&first), &back, NULL);
        MUST(err == ERR_OK || err == ERR_CAP);      // {"$dict": …} is one level deeper than its dict
        if (!err && json_write(&second, &back) == ERR_OK)
            MUST(slice_eq(buf_slice(&first), buf_slice(&second)));
        (void)value_encode(&wire, &v);
    }
    buf_free(&first), buf_free(&second), buf_free(&wire);
    arena_free(&a);
    return 0;
}
