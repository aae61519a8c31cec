// SPDX-License-Identifier: Apache-2.0
// The memo of a pickler: which objects were written, under which index. Leaves when to note one to save.c.
#include "interp/modules/pickle/pickle.h"

static size_t slot_of(const struct pickle_memo *m, vref v) {
    uint64_t h = (v >> 4) * 0x9e3779b97f4a7c15ull;
    return (size_t)(h >> 32) & m->mask;
}

// The slot of v, or the free one where it would stand.
static struct memo_slot *probe(const struct pickle_memo *m, vref v) {
    for (size_t i = slot_of(m, v);; i = (i + 1) & m->mask) {
        struct memo_slot *s = &m->slots[i];
        if (!s->at || is_same(m->objects[s->at - 1], v)) return s;
    }
}

int64_t memo_find(const struct pickle_memo *m, vref v) {
    if (!m->mask) return -1;
    const struct memo_slot *s = probe(m, v);
    return s->at ? (int64_t)s->id : -1;
}

static bool grow_slots(struct thread *t, struct pickle_memo *m) {
    uint32_t old = m->mask ? m->mask + 1 : 0, size = old ? old * 4 : 16;
    struct memo_slot *from = m->slots, *to = mem_calloc(t, size * sizeof *to);
    if (!to) return false;
    m->slots = to;
    m->mask = size - 1;
    for (uint32_t i = 0; i < old; i++)
        if (from[i].at) *probe(m, m->objects[from[i].at - 1]) = from[i];
    if (from) mem_free(t, from, old * sizeof *from);
    return true;
}

static bool grow_objects(struct thread *t, struct pickle_memo *m) {
    uint32_t room = m->room ? m->room * 2 : 8;
    value *to = m->objects ? mem_resize(t, m->objects, m->room * sizeof(value), room * sizeof(value)) : mem_alloc(t, room * sizeof(value));
    if (!to) return false;
    m->objects = to;
    m->room = room;
    return true;
}

bool memo_skip(struct thread *t, struct pickle_memo *m) {
    if (m->n == m->room && !grow_objects(t, m)) return false;
    m->objects[m->n++] = V_NONE;
    return true;
}

bool memo_put(struct thread *t, struct pickle_memo *m, vref v, int64_t id) {
    if (m->n == m->room && !grow_objects(t, m)) return false;
    if ((uint64_t)m->n * 2 >= m->mask && !grow_slots(t, m)) return false;
    struct memo_slot *s = probe(m, v);
    s->id = (uint32_t)id;
    if (s->at) return true;
    m->objects[m->n++] = own(t, v);
    s->at = m->n;
    return true;
}

void memo_clear(struct thread *t, struct pickle_memo *m) {
    struct pickle_memo old = *m;
    *m = (struct pickle_memo){0};
    for (uint32_t i = 0; i < old.n; i++) release(t, old.objects[i]);
    if (old.objects) mem_free(t, old.objects, old.room * sizeof(value));
    if (old.slots) mem_free(t, old.slots, (old.mask + 1) * sizeof *old.slots);
}

int memo_traverse(const struct pickle_memo *m, visit_fn *visit, void *arg) {
    int r = 0;
    for (uint32_t i = 0; !r && i < m->n; i++) r = is_pointer(m->objects[i]) ? visit(m->objects[i], arg) : 0;
    return r;
}
