// SPDX-License-Identifier: Apache-2.0
// Mapping the lanes; one writer's and one reader's side of the ring. Who rings the bell is left to child.c.

#include "worker/slot.h"

#include <sys/mman.h>

static uint32_t padded(size_t n)
{
    return (uint32_t)((n + 4 + 7) & ~(size_t)7);
}

bool lanes_map(struct lanes *l, size_t n, size_t slots)
{
    l->n = n;
    l->slots = slots;
    l->stride = (sizeof(struct lane) + slots * sizeof(struct slot) + 4095) & ~(size_t)4095;
    void *p = mmap(NULL, n * l->stride, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    l->base = p == MAP_FAILED ? NULL : p;
    return l->base != NULL;
}

void lanes_unmap(struct lanes *l)
{
    if (l->base)
        munmap(l->base, l->n * l->stride);
    l->base = NULL;
}

void lane_clear(struct lanes *l, size_t i)
{
    memset(lane_at(l, i), 0, offsetof(struct lane, ring));
    memset(lane_at(l, i)->slots, 0, l->slots * sizeof(struct slot));
}

static void put_length(struct lane *l, uint32_t at, uint32_t n)
{
    memcpy(&l->ring[at & (RING_SIZE - 1)], &n, sizeof n);
}

bool ring_put(struct lane *l, struct slice record)
{
    uint32_t need = padded(record.n);
    if (record.n > RING_RECORD_MAX)
        return false;
    uint32_t head = atomic_load_explicit(&l->head, memory_order_relaxed);
    uint32_t tail = atomic_load_explicit(&l->tail, memory_order_acquire);
    uint32_t to_end = RING_SIZE - (head & (RING_SIZE - 1));
    uint32_t skip = to_end < need ? to_end : 0;
    if (RING_SIZE - (head - tail) < skip + need)
        return false;
    if (skip)
        put_length(l, head, RING_WRAP);
    head += skip;
    put_length(l, head, (uint32_t)record.n);
    memcpy(&l->ring[(head & (RING_SIZE - 1)) + 4], record.p, record.n);
    atomic_store_explicit(&l->head, head + need, memory_order_release);
    return true;
}

bool ring_peek(struct lane *l, struct slice *record)
{
    uint32_t tail = atomic_load_explicit(&l->tail, memory_order_relaxed);
    uint32_t head = atomic_load_explicit(&l->head, memory_order_acquire);
    while (head != tail) {
        uint32_t at = tail & (RING_SIZE - 1), n;
        memcpy(&n, &l->ring[at], sizeof n);
        if (n != RING_WRAP) {
            *record = slice_of(&l->ring[at + 4], n <= RING_RECORD_MAX ? n : 0);
            return true;
        }
        tail += RING_SIZE - at;
        atomic_store_explicit(&l->tail, tail, memory_order_release);
    }
    return false;
}

void ring_next(struct lane *l, struct slice record)
{
    uint32_t tail = atomic_load_explicit(&l->tail, memory_order_relaxed);
    atomic_store_explicit(&l->tail, tail + padded(record.n), memory_order_release);
}
