// SPDX-License-Identifier: Apache-2.0
// Names and ids: what a namespace, queue and key may look like, how a task id is taken apart and put together, random
// ids, and the checksum that picks a partition.
//
//   QUEUE/KEY         the partition follows from the key: crc32(KEY) % parts
//   QUEUE/PART/KEY    it does not (the task has a unique key or a group, which decide instead)
//   KEY               what people may type: queue "default"

#ifndef KRAIT_BASE_ID_H
#define KRAIT_BASE_ID_H

#include "sdk/base/slice.h"

#define ID_NAME_MAX    64                                     // namespace, queue
#define ID_KEY_MAX     128
#define ID_TASK_MAX    (ID_NAME_MAX + 1 + 10 + 1 + ID_KEY_MAX) // bytes of a whole id
#define ID_RANDOM      26                                     // characters of a random key
#define ID_QUEUE       "default"
#define ID_NS          "default"

// Views into the text that was parsed, or into a literal.
struct task_id {
    struct slice queue;
    struct slice key;
    int64_t part;      // -1 = follows from the key
};

bool id_name_ok(struct slice name);  // [A-Za-z0-9_.-]{1,64}
bool id_key_ok(struct slice key);    // [A-Za-z0-9_.:~-]{1,128}

// Parses and checks; false when it is no task id.
bool id_parse(struct slice text, struct task_id *out);

// Writes the id with a terminator into out[ID_TASK_MAX + 1]; returns its length.
size_t id_format(const struct task_id *id, char *out);

// The id of a task in a queue of `parts` partitions: QUEUE/KEY when the key alone leads to `part`.
struct task_id id_make(struct slice queue, struct slice key, uint32_t part, uint32_t parts);

// The partition of a new task: by unique key, else group, else key. Empty slices are absent.
uint32_t id_part(struct slice unique, struct slice group, struct slice key, uint32_t parts);

// The partition an id names; parts is the queue's.
uint32_t id_part_of(const struct task_id *id, uint32_t parts);

// CRC-32 as zlib and PNG compute it.
uint32_t id_crc32(struct slice s);

// 128 random bits as 26 characters of lower-case base32 with a terminator, in order of their making to the
// millisecond (48 bits of wall clock in front, 80 random). false when the kernel gives no randomness.
bool id_random(char out[ID_RANDOM + 1]);

// n random bytes.
bool id_random_bytes(void *out, size_t n);

// 2n hex digits and a terminator; and back (false when text is not exactly n bytes in hex).
void id_hex(const void *bytes, size_t n, char *out);
bool id_unhex(struct slice text, uint8_t *out, size_t n);

// Equal in a time that does not depend on the contents.
bool id_equal_secret(struct slice a, struct slice b);

#endif
