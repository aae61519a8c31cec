// SPDX-License-Identifier: Apache-2.0
// Private to msg*.c: how the plain structs of msg.h and the structs that the protobuf compiler generates correspond.
//
// One `struct shape` a message pairs both; a row pairs a field of one with a field of the other. The same table drives
// both directions, so a field cannot be read and forgotten when written. The generated code sees `string` as `bytes`
// (local.mk: the same bytes on the wire), so text has a length, may hold NUL, and is never copied when encoded.
//
//   wire bytes ──msg_scan──▶ caps ──protobuf_c──▶ generated structs ──shape_read──▶ plain structs    (one arena)
//   plain structs ──shape_write──▶ generated structs (scratch arena) ──protobuf_c──▶ buf

#ifndef KRAIT_WIRE_MSG_SHAPE_H
#define KRAIT_WIRE_MSG_SHAPE_H

#include "sdk/wire/krait.pb-c.h"
#include "sdk/wire/msg.h"

enum shape_kind {
    SHAPE_U32,
    SHAPE_U64,
    SHAPE_BOOL,
    SHAPE_ENUM,       // cap: the highest number known; others read as 0
    SHAPE_NUMBER,     // uint32 on the wire, an enum here, any number kept
    SHAPE_TEXT,       // UTF-8, at most cap bytes
    SHAPE_BYTES,      // at most cap bytes
    SHAPE_SUB,        // a message inside; plain_n is the bool that says so, or NO_FIELD when always there
    SHAPE_SUBS,       // repeated message; at most cap
    SHAPE_TEXTS,      // repeated text; at most cap, each at most LIMIT_TEXT
    SHAPE_BLOBS,      // repeated bytes; at most cap
    SHAPE_U64S,       // repeated uint64; at most cap
    SHAPE_ENUMS       // repeated enum; at most cap
};

#define NO_FIELD UINT16_MAX

struct shape;

struct shape_row {
    enum shape_kind kind;
    uint16_t gen;      // offset of the value, pointer, or array in the generated struct
    uint16_t gen_n;    // offset of its count
    uint16_t plain;    // offset in the plain struct
    uint16_t plain_n;  // offset of its count or `has`
    uint32_t cap;
    const struct shape *sub;
};

struct shape {
    const ProtobufCMessageDescriptor *descriptor;
    size_t plain_size;
    const struct shape_row *rows;
    size_t n;
};

extern const struct shape shape_task;
extern const struct shape shape_outcome;

// The shape of an Envelope's member, or NULL.
const struct shape *shape_of(enum msg_kind kind);

// Checks the raw bytes of a message against the caps on depth and items, and that they are well formed down to the
// fields this version knows. ERR_MESSAGE, ERR_CAP.
enum err msg_scan(const ProtobufCMessageDescriptor *d, struct slice bytes);

// The length of the field at the head of s, 0 when it is malformed.
size_t msg_skip(struct slice s);

// Scans and unpacks into the arena. NULL with *err set.
ProtobufCMessage *msg_unpack(const ProtobufCMessageDescriptor *d, struct arena *a, struct slice bytes, enum err *err);

// Appends the packed form of a generated message. ERR_NOMEM, ERR_FRAME_SIZE.
enum err msg_pack(struct buf *out, const ProtobufCMessage *m);

// Fills the plain struct (zeroed by the caller) from the generated one. ERR_CAP, ERR_MESSAGE, ERR_NOMEM.
enum err shape_read(struct arena *a, const struct shape *s, const void *gen, void *plain);

// Returns a new generated struct in the arena, pointing into plain; NULL without memory.
void *shape_write(struct arena *a, const struct shape *s, const void *plain);

#endif
