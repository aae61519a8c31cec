// SPDX-License-Identifier: Apache-2.0
// Decodes messages, task bodies, outcomes, values and payloads; what is accepted must encode, and what was encoded must
// decode to the same again. Framing is fuzz_frame.c's.

#include "tests/fuzz/fuzz.h"

#include "sdk/wire/frame.h"
#include "sdk/wire/json.h"
#include "sdk/wire/msg.h"
#include "sdk/wire/value.h"

// Decodes `in` and encodes what it says to out; an error of decoding is the caller's answer.
typedef enum err through(struct arena *a, struct slice in, struct buf *out);

static enum err through_msg(struct arena *a, struct slice in, struct buf *out)
{
    struct msg m;
    enum err err = msg_decode(a, in, &m);
    if (err)
        return err;
    MUST(msg_senders(m.kind) != 0);
    MUST(msg_encode(out, &m) == ERR_OK);
    struct slice body;
    if (frame_next(out, LIMIT_FRAME_MAX, &body) == FRAME_WHOLE)
        buf_consume(out, FRAME_HEAD);
    return ERR_OK;
}

static enum err through_task(struct arena *a, struct slice in, struct buf *out)
{
    struct msg_task t;
    enum err err = task_decode(a, in, &t);
    if (!err)
        MUST(task_encode(out, &t) == ERR_OK);
    return err;
}

static enum err through_outcome(struct arena *a, struct slice in, struct buf *out)
{
    struct msg_outcome o;
    enum err err = outcome_decode(a, in, &o);
    if (!err)
        MUST(outcome_encode(out, &o) == ERR_OK);
    return err;
}

static enum err through_value(struct arena *a, struct slice in, struct buf *out)
{
    struct wire_value v;
    struct buf json = { 0 };
    enum err err = value_decode(a, in, &v);
    if (!err) {
        MUST(value_encode(out, &v) == ERR_OK);
        MUST(json_write(&json, &v) == ERR_OK);
    }
    buf_free(&json);
    return err;
}

static enum err through_payload(struct arena *a, struct slice in, struct buf *out)
{
    struct wire_payload p;
    enum err err = payload_decode(a, in, &p);
    if (!err)
        MUST(payload_encode(out, &p) == ERR_OK);
    return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static through *const all[] = { through_msg, through_task, through_outcome, through_value, through_payload };
    if (size == 0)
        return 0;
    through *one = all[data[0] % (sizeof all / sizeof all[0])];
    struct arena a;
    struct buf first = { 0 }, second = { 0 };
    arena_init(&a, 64u << 20);
    if (one(&a, slice_of(data + 1, size - 1), &first) == ERR_OK) {
        MUST(one(&a, buf_slice(&first), &second) == ERR_OK);
        MUST(slice_eq(buf_slice(&first), buf_slice(&second)));
    }
    buf_free(&first), buf_free(&second);
    arena_free(&a);
    return 0;
}
