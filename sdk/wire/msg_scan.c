// SPDX-License-Identifier: Apache-2.0
// Walks raw protobuf before it is unpacked, so that hostile bytes cost neither stack nor memory; then unpacks and packs
// through protobuf-c. What the fields mean is left to msg_shape.c.

#include "sdk/wire/msg_shape.h"

enum wire_type { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_32 = 5 };

struct scan {
    size_t items;   // still allowed
};

// Reads a varint of at most 10 bytes at the head of s and cuts it off.
static bool varint(struct slice *s, uint64_t *out)
{
    uint64_t v = 0;
    for (size_t i = 0; i < s->n && i < 10; i++) {
        v |= (uint64_t)(s->p[i] & 0x7f) << (7 * i);
        if (s->p[i] < 0x80) {
            *s = slice_from(*s, i + 1);
            *out = v;
            return true;
        }
    }
    return false;
}

static bool skip(struct slice *s, size_t n)
{
    if (n > s->n)
        return false;
    *s = slice_from(*s, n);
    return true;
}

static enum err scan_message(struct scan *scan, const ProtobufCMessageDescriptor *d, struct slice s, unsigned depth);

static bool is_packed(const ProtobufCFieldDescriptor *f)
{
    return f->label == PROTOBUF_C_LABEL_REPEATED && f->type != PROTOBUF_C_TYPE_MESSAGE &&
           f->type != PROTOBUF_C_TYPE_BYTES && f->type != PROTOBUF_C_TYPE_STRING;
}

static enum err scan_bytes(struct scan *scan, const ProtobufCFieldDescriptor *f, struct slice body, unsigned depth)
{
    if (f && f->type == PROTOBUF_C_TYPE_MESSAGE)
        return scan_message(scan, f->descriptor, body, depth + 1);
    if (f && is_packed(f)) {
        if (body.n > scan->items)   // at least one byte each
            return ERR_CAP;
        scan->items -= body.n;
    }
    return ERR_OK;
}

static enum err scan_field(struct scan *scan, const ProtobufCMessageDescriptor *d, struct slice *s, unsigned depth)
{
    uint64_t tag, v;
    if (!varint(s, &tag) || tag >> 3 == 0 || tag >> 3 > 0x1fffffff)
        return ERR_MESSAGE;
    switch (tag & 7) {
    case WIRE_VARINT:
        return varint(s, &v) ? ERR_OK : ERR_MESSAGE;
    case WIRE_64:
        return skip(s, 8) ? ERR_OK : ERR_MESSAGE;
    case WIRE_32:
        return skip(s, 4) ? ERR_OK : ERR_MESSAGE;
    case WIRE_BYTES: {
        if (!varint(s, &v) || v > s->n)
            return ERR_MESSAGE;
        struct slice body = slice_of(s->p, (size_t)v);
        *s = slice_from(*s, (size_t)v);
        return scan_bytes(scan, protobuf_c_message_descriptor_get_field(d, (unsigned)(tag >> 3)), body, depth);
    }
    }
    return ERR_MESSAGE;
}

static enum err scan_message(struct scan *scan, const ProtobufCMessageDescriptor *d, struct slice s, unsigned depth)
{
    if (depth > LIMIT_DEPTH)
        return ERR_CAP;
    while (s.n) {
        if (scan->items-- == 0)
            return ERR_CAP;
        enum err err = scan_field(scan, d, &s, depth);
        if (err)
            return err;
    }
    return ERR_OK;
}

enum err msg_scan(const ProtobufCMessageDescriptor *d, struct slice bytes)
{
    // Every field counts as an item; a message with sub-messages has two fields an item at most.
    struct scan scan = { 2 * (size_t)LIMIT_ITEMS };
    return scan_message(&scan, d, bytes, 1);
}

size_t msg_skip(struct slice s)
{
    struct scan scan = { LIMIT_ITEMS };
    struct slice rest = s;
    static const ProtobufCMessageDescriptor nothing;   // knows no field, so nothing inside is looked at
    return scan_field(&scan, &nothing, &rest, 1) ? 0 : s.n - rest.n;
}

static void *alloc_in_arena(void *arena, size_t n)
{
    return arena_alloc(arena, n);
}

static void leave_to_arena(void *arena, void *p)
{
    (void)arena, (void)p;
}

// protobuf-c says only that it failed: the arena tells whether it was for memory.
ProtobufCMessage *msg_unpack(const ProtobufCMessageDescriptor *d, struct arena *a, struct slice bytes, enum err *err)
{
    *err = msg_scan(d, bytes);
    if (*err)
        return NULL;
    ProtobufCAllocator allocator = { alloc_in_arena, leave_to_arena, a };
    static const uint8_t nothing[1];
    unsigned long failures = a->failures;
    ProtobufCMessage *m = protobuf_c_message_unpack(d, &allocator, bytes.n, bytes.p ? bytes.p : nothing);
    if (!m)
        *err = a->failures != failures ? ERR_NOMEM : ERR_MESSAGE;
    return m;
}

enum err msg_pack(struct buf *out, const ProtobufCMessage *m)
{
    size_t n = protobuf_c_message_get_packed_size(m);
    if (n > LIMIT_FRAME_MAX)
        return ERR_FRAME_SIZE;
    uint8_t *at = buf_room(out, n);
    if (!at)
        return ERR_NOMEM;
    protobuf_c_message_pack(m, at);
    buf_added(out, n);
    return ERR_OK;
}
