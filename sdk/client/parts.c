// SPDX-License-Identifier: Apache-2.0
// Payloads and results over 1 MiB: sent and fetched in parts, so that nobody's frames wait behind them. Which ones are large is
// submit.c's and result.c's to see.

#include "sdk/client/client.h"

// Parts that are under way at a time; answered in any order.
#define AHEAD 4

struct moving {
    struct job job;              // first: a struct job * is a struct moving *
    bool push;
    struct slice id, bytes;      // bytes: of a push
    uint32_t attempt, count;
    uint32_t next, done;         // parts below `done` are through
    uint64_t seqs[AHEAD];        // of parts done .. next - 1, at their index modulo AHEAD; 0 = answered
    struct buf held[AHEAD];      // fetched, not at the front yet
    struct buf *out;
};

static struct msg message(const struct moving *m, uint32_t i, uint64_t seq)
{
    size_t at = (size_t)i * LIMIT_PART, left = m->push ? m->bytes.n - at : 0;
    if (m->push)
        return (struct msg){ .kind = MSG_PART, .part = { .seq = seq, .id = m->id, .of = PART_PAYLOAD, .index = i, .count = m->count,
                             .data = slice_of(m->bytes.p + at, left < LIMIT_PART ? left : LIMIT_PART) } };
    return (struct msg){ .kind = MSG_PART_ASK, .part_ask = { .seq = seq, .id = m->id, .of = PART_RESULT, .attempt = m->attempt,
                                                             .index = i } };
}

static enum err pump(struct krait *k, struct job *job)
{
    struct moving *m = (struct moving *)job;
    job->done = m->done == m->count;
    while (m->next < m->count && m->next - m->done < AHEAD) {
        struct msg ask = message(m, m->next, ++k->seq);
        enum err err = client_send(k, &ask);
        if (err)
            return err;
        m->seqs[m->next++ % AHEAD] = k->seq;
    }
    return ERR_OK;
}

static enum err keep(struct krait *k, struct moving *m, uint32_t i, const struct msg_part *p)
{
    if (p->count == 0 || p->index != i)
        return client_fail(k, ERR_NOT_FOUND, "a part of the result of %.*s is not there any more", SLICE_ARG(m->id));
    buf_reset(&m->held[i % AHEAD], 1u << 20);
    return buf_put_slice(&m->held[i % AHEAD], p->data) ? ERR_OK : client_fail(k, ERR_NOMEM, "out of memory");
}

// What stands at the front is through.
static enum err advance(struct krait *k, struct moving *m)
{
    while (m->done < m->next && m->seqs[m->done % AHEAD] == 0) {
        if (!m->push && !buf_put_slice(m->out, buf_slice(&m->held[m->done % AHEAD])))
            return client_fail(k, ERR_NOMEM, "out of memory");
        m->done++;
    }
    m->job.done = m->done == m->count;
    return ERR_OK;
}

static enum err take(struct krait *k, struct job *job, const struct msg *msg)
{
    struct moving *m = (struct moving *)job;
    uint64_t seq = msg->kind == MSG_ERROR ? msg->error.seq : msg->kind == MSG_CHANGED ? msg->changed.seq
                 : msg->kind == MSG_PART ? msg->part.seq : 0;
    for (uint32_t i = m->done; seq && i < m->next; i++) {
        if (m->seqs[i % AHEAD] != seq)
            continue;
        if (msg->kind == MSG_ERROR)
            return client_fail(k, msg->error.code, "%s%s%.*s", err_text(msg->error.code), msg->error.text.n ? ": " : "",
                               SLICE_ARG(msg->error.text));
        enum err err = m->push ? ERR_OK : msg->kind == MSG_PART ? keep(k, m, i, &msg->part) : ERR_INTERNAL;
        m->seqs[i % AHEAD] = 0;
        job_moved(k);
        return err ? err : advance(k, m);
    }
    return ERR_OK;
}

static void again(struct krait *k, struct job *job)
{
    struct moving *m = (struct moving *)job;
    (void)k;
    m->next = m->done;
}

static enum err move_all(struct krait *k, struct moving *m)
{
    m->job = (struct job){ .pump = pump, .take = take, .rewind = again, .until = mono_never(), .again = mono_never() };
    enum err err = job_run(k, &m->job);
    for (size_t i = 0; i < AHEAD; i++)
        buf_free(&m->held[i]);
    return err;
}

enum err parts_push(struct krait *k, const char *id, struct slice bytes)
{
    struct moving m = { .push = true, .id = slice_text(id), .bytes = bytes,
                        .count = (uint32_t)((bytes.n + LIMIT_PART - 1) / LIMIT_PART) };
    if (bytes.n > (64u << 20))
        return client_fail(k, ERR_CAP, "the arguments have %zu bytes; the limit is 64 MiB", bytes.n);
    return move_all(k, &m);
}

enum err parts_fetch(struct krait *k, const char *id, uint32_t attempt, uint32_t parts, struct buf *out)
{
    struct moving m = { .id = slice_text(id), .attempt = attempt, .count = parts, .out = out };
    return parts > LIMIT_PARTS ? client_fail(k, ERR_CAP, "the result has %u parts", parts) : move_all(k, &m);
}
