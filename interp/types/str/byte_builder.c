// SPDX-License-Identifier: Apache-2.0
// Bytes under construction. Leaves text to builder.c.
#include "interp/types/exc.h"
#include "interp/types/str/codec.h"

uint8_t *byte_builder_room(struct byte_builder *b, size_t n) {
    if (b->failed) return NULL;
    if (n > b->capacity - b->length) {
        size_t capacity = b->length + n < 64 ? 64 : b->length + n + (b->length + n) / 4;
        uint8_t *p = b->length + n < n ? raise_no_memory(b->t), NULL : b->data ? mem_resize(b->t, b->data, b->capacity, capacity) : mem_alloc(b->t, capacity);
        if (!p) return b->failed = true, NULL;
        b->data = p, b->capacity = capacity;
    }
    uint8_t *at = b->data + b->length;
    b->length += n;
    return at;
}

void byte_builder_add(struct byte_builder *b, const void *p, size_t n) {
    uint8_t *to = n ? byte_builder_room(b, n) : NULL;
    if (to) memcpy(to, p, n);
}

void byte_builder_discard(struct byte_builder *b) {
    if (b->data) mem_free(b->t, b->data, b->capacity);
    *b = (struct byte_builder){.t = b->t, .failed = b->failed};
}

value byte_builder_finish(struct byte_builder *b) {
    value v = b->failed ? V_NULL : bytes_new(b->t, b->data, b->length);
    byte_builder_discard(b);
    return v;
}

value byte_builder_finish_array(struct byte_builder *b) {
    value v = b->failed ? V_NULL : bytearray_new(b->t, b->data, b->length);
    byte_builder_discard(b);
    return v;
}
