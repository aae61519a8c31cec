// SPDX-License-Identifier: Apache-2.0
// Makes the body of a task from what the caller said. Sending it is submit.c's.

#include "sdk/client/client.h"
#include "sdk/wire/json.h"

static enum err from_json(struct krait *k, struct arena *a, const char *what, const char *text, struct wire_value *out)
{
    size_t at;
    enum err err = json_read(a, slice_text(text), out, &at);
    return err ? client_fail(k, err, "%s: %s at byte %zu", what, err_text(err), at) : ERR_OK;
}

static enum err read_args(struct krait *k, struct arena *a, const struct krait_task *t, struct wire_payload *p)
{
    struct wire_value v = value_items(VALUE_LIST, NULL, 0);
    enum err err = ERR_OK;
    if (t->args && !value_to_wire(a, t->args, &v))
        return client_fail(k, ERR_NOMEM, "out of memory");
    if (!t->args && t->args_json)
        err = from_json(k, a, "args_json", t->args_json, &v);
    if (!err && v.kind != VALUE_LIST && v.kind != VALUE_TUPLE)
        return client_fail(k, ERR_VALUE, "the arguments are no list");
    p->args = v.items;
    p->n_args = v.n;
    return err;
}

static enum err read_kwargs(struct krait *k, struct arena *a, const struct krait_task *t, struct wire_payload *p)
{
    struct wire_value v = value_items(VALUE_MAP, NULL, 0);
    enum err err = ERR_OK;
    if (t->kwargs && !value_to_wire(a, t->kwargs, &v))
        return client_fail(k, ERR_NOMEM, "out of memory");
    if (!t->kwargs && t->kwargs_json)
        err = from_json(k, a, "kwargs_json", t->kwargs_json, &v);
    if (err)
        return err;
    if (v.kind != VALUE_MAP)
        return client_fail(k, ERR_VALUE, "the keyword arguments are no dict");
    p->n_kwargs = v.n;
    p->kwargs = arena_alloc(a, v.n * sizeof *p->kwargs);
    if (!p->kwargs)
        return client_fail(k, ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < v.n; i++) {
        if (v.items[2 * i].kind != VALUE_TEXT)
            return client_fail(k, ERR_VALUE, "a keyword argument's name is no text");
        p->kwargs[i] = (struct wire_named){ v.items[2 * i].text, v.items[2 * i + 1] };
    }
    return ERR_OK;
}

static uint64_t positive(int64_t v)
{
    return v > 0 ? (uint64_t)v : 0;
}

static struct msg_options read_options(const struct krait_task *t)
{
    return (struct msg_options){
        .priority = t->priority < 0 ? 0 : (uint32_t)t->priority,
        .has_priority = t->priority >= 0,
        .delay_ms = positive(t->delay_ms),
        .eta_ms = positive(t->eta_ms),
        .expires_ms = positive(t->expires_ms),
        .has_retry = t->max_retries >= 0,
        .retry = { .max = t->max_retries < 0 ? 0 : (uint32_t)t->max_retries, .backoff = (enum task_backoff)t->backoff,
                   .base_ms = positive(t->backoff_base_ms), .cap_ms = positive(t->backoff_cap_ms),
                   .factor_percent = (uint32_t)positive(t->backoff_factor_percent),
                   .jitter_percent = (uint32_t)positive(t->jitter_percent) },
        .soft_limit_ms = positive(t->soft_limit_ms),
        .hard_limit_ms = positive(t->hard_limit_ms),
        .memory_limit = positive(t->memory_limit),
        .result_ttl_ms = positive(t->result_ttl_ms),
        .has_result_ttl = t->result_ttl_ms >= 0,
        .max_deliveries = t->max_deliveries > 0 ? (uint32_t)t->max_deliveries : 0,
        .unique_key = slice_text(t->unique_key),
        .unique_ttl_ms = positive(t->unique_ttl_ms),
        .conflict = (enum task_conflict)t->conflict,
        .group = slice_text(t->group),
        .rate_key = slice_text(t->rate_key),
        .dedupe_ms = positive(t->dedupe_ms),
        .rate_us = positive(t->rate_us),
    };
}

static struct slice *names_in(struct arena *a, const char *const *names, size_t n)
{
    struct slice *out = arena_alloc(a, (n + 1) * sizeof *out);
    for (size_t i = 0; out && i < n; i++)
        out[i] = slice_text(names[i]);
    return out;
}

static bool read_lists(struct arena *a, const struct krait_task *t, struct msg_retry *r)
{
    r->n_retry_on = t->n_retry_on;
    r->n_fail_on = t->n_fail_on;
    r->n_list_ms = t->n_backoff_steps;
    if (!r->n_retry_on && !r->n_fail_on && !r->n_list_ms)
        return true;
    r->retry_on = names_in(a, t->retry_on, t->n_retry_on);
    r->fail_on = names_in(a, t->fail_on, t->n_fail_on);
    r->list_ms = arena_alloc(a, (t->n_backoff_steps + 1) * sizeof *r->list_ms);
    for (size_t i = 0; r->list_ms && i < t->n_backoff_steps; i++)
        r->list_ms[i] = positive(t->backoff_steps_ms[i]);
    return r->retry_on && r->fail_on && r->list_ms;
}

static bool name_ok(const char *name)
{
    for (const char *p = name; *p; p++)
        if ((unsigned char)*p <= ' ' || *p == 0x7f)
            return false;
    return *name != 0;
}

static enum err check(struct krait *k, const struct krait_task *t, struct slice key)
{
    if (strlen(t->name) > LIMIT_TASK_NAME)
        return client_fail(k, ERR_USAGE, "the task's name is longer than %d bytes", LIMIT_TASK_NAME);
    if (!name_ok(t->name))
        return client_fail(k, ERR_USAGE, "'%.80s' is not the name of a task, such as tasks.add", t->name);
    if (t->queue && !id_name_ok(slice_text(t->queue)))
        return client_fail(k, ERR_NAME, "the queue's name '%.80s' is not [A-Za-z0-9_.-]{1,64}", t->queue);
    if (!id_key_ok(key))
        return client_fail(k, ERR_NAME, "the key '%.*s' is not [A-Za-z0-9_.:~-]{1,128}", key.n > 140 ? 140 : (int)key.n,
                           (const char *)key.p);
    const char *const keys[] = { t->unique_key, t->group, t->rate_key };
    for (size_t i = 0; i < 3; i++)
        if (keys[i] && *keys[i] && !id_key_ok(slice_text(keys[i])))
            return client_fail(k, ERR_NAME, "'%.140s' is not [A-Za-z0-9_.:~-]{1,128}", keys[i]);
    if (t->priority > 9)
        return client_fail(k, ERR_USAGE, "the priority is %d, but must be between 0 and 9", t->priority);
    return t->n_headers > LIMIT_HEADERS
        ? client_fail(k, ERR_CAP, "more than %d headers", LIMIT_HEADERS) : ERR_OK;
}

static enum err encode_payload(struct krait *k, struct arena *a, const struct krait_task *t, struct buf *out)
{
    struct wire_payload p = { 0 };
    enum err err = read_args(k, a, t, &p);
    err = err ? err : read_kwargs(k, a, t, &p);
    if (err)
        return err;
    err = payload_encode(out, &p);
    return err ? client_fail(k, err, "cannot send the arguments of %s: %s", t->name, err_text(err)) : ERR_OK;
}

static enum err make(struct krait *k, struct arena *a, const struct krait_task *t, struct slice key, struct task_parts parts,
                     struct buf *out)
{
    struct buf payload = { 0 };
    struct msg_header *headers = arena_alloc(a, t->n_headers * sizeof *headers);
    struct msg_options options = read_options(t);
    bool room = headers && read_lists(a, t, &options.retry);
    enum err err = room ? check(k, t, key) : client_fail(k, ERR_NOMEM, "out of memory");
    for (size_t i = 0; !err && i < t->n_headers; i++)
        headers[i] = (struct msg_header){ slice_text(t->headers[i][0]), slice_text(t->headers[i][1]) };
    if (!err && !parts.count)
        err = encode_payload(k, a, t, &payload);
    if (err)
        return err;
    struct msg_task m = { .key = key, .queue = slice_text(t->queue), .name = slice_text(t->name), .options = options,
                          .headers = headers, .n_headers = t->n_headers, .parent = slice_text(t->parent), .root = slice_text(t->root),
                          .created_ms = (uint64_t)clock_wall().ms, .parts = parts.count, .payload_size = parts.size,
                          .payload = buf_slice(&payload) };
    err = task_encode(out, &m);
    buf_free(&payload);
    return err ? client_fail(k, err, "cannot send the task %s: %s", t->name, err_text(err)) : ERR_OK;
}

enum err task_body(struct krait *k, const struct krait_task *task, struct slice key, struct task_parts parts, struct buf *out)
{
    _Alignas(max_align_t) uint8_t room[2048];
    struct arena a;
    arena_init_on(&a, room, sizeof room, 0);
    enum err err = make(k, &a, task, key, parts, out);
    arena_free(&a);
    return err;
}

enum err task_payload(struct krait *k, const struct krait_task *task, struct buf *out)
{
    struct arena a;
    arena_init(&a, 0);
    enum err err = encode_payload(k, &a, task, out);
    arena_free(&a);
    return err;
}

// JSON is no shorter than a third of what it becomes, for lists of small integers: [1,1,…].
static size_t json_size(const char *text)
{
    return text ? 4 * strlen(text) : 0;
}

bool task_may_be_large(const struct krait_task *t)
{
    size_t n = t->args ? value_size(t->args, LIMIT_INLINE) : json_size(t->args_json);
    n += t->kwargs ? value_size(t->kwargs, LIMIT_INLINE) : json_size(t->kwargs_json);
    return n >= LIMIT_INLINE;
}

// ---------------------------------------------------------------- the way back

static char *json_of(const struct wire_value *v)
{
    struct buf out = { 0 };
    char *text = json_write(&out, v) == ERR_OK && buf_cstr(&out) ? strdup(buf_cstr(&out)) : NULL;
    buf_free(&out);
    return text;
}

static char *headers_json(struct arena *a, const struct msg_task *t)
{
    struct wire_value *items = arena_alloc(a, (2 * t->n_headers + 1) * sizeof *items), map;
    for (size_t i = 0; items && i < t->n_headers; i++) {
        items[2 * i] = value_text(t->headers[i].name);
        items[2 * i + 1] = value_text(t->headers[i].value);
    }
    map = value_items(VALUE_MAP, items, t->n_headers);
    return items ? json_of(&map) : NULL;
}

static char *kwargs_json(struct arena *a, const struct wire_payload *p)
{
    struct wire_value *items = arena_alloc(a, (2 * p->n_kwargs + 1) * sizeof *items), map;
    for (size_t i = 0; items && i < p->n_kwargs; i++) {
        items[2 * i] = value_text(p->kwargs[i].name);
        items[2 * i + 1] = p->kwargs[i].value;
    }
    map = value_items(VALUE_MAP, items, p->n_kwargs);
    return items ? json_of(&map) : NULL;
}

bool task_json(struct slice body, struct body_json *out)
{
    struct arena a;
    struct msg_task t;
    struct wire_payload p = { 0 };
    arena_init(&a, 0);
    bool ok = task_decode(&a, body, &t) == ERR_OK && !t.parts && payload_decode(&a, t.payload, &p) == ERR_OK;
    if (ok) {
        struct wire_value args = value_items(VALUE_LIST, p.args, p.n_args);
        *out = (struct body_json){ json_of(&args), kwargs_json(&a, &p), headers_json(&a, &t) };
        ok = out->args && out->kwargs && out->headers;
    }
    arena_free(&a);
    return ok;
}
