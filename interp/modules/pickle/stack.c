// SPDX-License-Identifier: Apache-2.0
// The stack, marks and memo of an unpickler. Leaves who uses them to load*.c.
#include "interp/modules/pickle/pickle.h"
#include "interp/types/dict.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"

// ---- the stack ----

bool stack_grow(struct thread *t, struct unpickler *u) {
    size_t room = u->room ? u->room * 2 : 16;
    value *to = u->stack ? mem_resize(t, u->stack, u->room * sizeof(value), room * sizeof(value)) : mem_alloc(t, room * sizeof(value));
    if (!to) return false;
    u->stack = to;
    u->room = room;
    return true;
}
value stack_underflow(struct thread *t, const struct unpickler *u) {
    return raise(t, &unpickling_error, u->nmarks ? "unexpected MARK found" : "unpickling stack underflow");
}
bool stack_mark(struct thread *t, struct unpickler *u) {
    if (u->nmarks == u->marks_room) {
        size_t room = u->marks_room ? u->marks_room * 2 : 8;
        size_t *to = u->marks ? mem_resize(t, u->marks, u->marks_room * sizeof *to, room * sizeof *to) : mem_alloc(t, room * sizeof *to);
        if (!to) return false;
        u->marks = to;
        u->marks_room = room;
    }
    u->fence = u->marks[u->nmarks++] = u->n;
    return true;
}
bool stack_unmark(struct thread *t, struct unpickler *u, size_t *at) {
    if (!u->nmarks) return raise(t, &unpickling_error, "could not find MARK"), false;
    *at = u->marks[--u->nmarks];
    u->fence = u->nmarks ? u->marks[u->nmarks - 1] : 0;
    return true;
}
void stack_cut(struct thread *t, struct unpickler *u, size_t to) {
    while (u->n > to) release(t, u->stack[--u->n]);
}
value stack_tuple(struct thread *t, struct unpickler *u, size_t from) {
    if (from < u->fence || from > u->n) return stack_underflow(t, u);
    size_t n = u->n - from;
    u->n = from;
    return n ? tuple_take_array(t, u->stack + from, n) : tuple_empty;
}
value stack_list(struct thread *t, struct unpickler *u, size_t from) {
    if (from < u->fence || from > u->n) return stack_underflow(t, u);
    size_t n = u->n - from;
    u->n = from;
    return list_take_array(t, u->stack + from, n);
}

// ---- the memo ----

enum { MEMO_GAP = 4096 }; // so many unused places may lie before an index
static bool grow_memo(struct thread *t, struct unpickler *u, uint64_t id) {
    size_t room = u->memo_room ? u->memo_room * 2 : 8;
    while (room <= id) room *= 2;
    value *to = mem_alloc(t, room * sizeof(value));
    if (!to) return false;
    if (u->memo) memcpy(to, u->memo, u->memo_room * sizeof(value));
    memset(to + u->memo_room, 0, (room - u->memo_room) * sizeof(value));
    if (u->memo) mem_free(t, u->memo, u->memo_room * sizeof(value));
    u->memo = to;
    u->memo_room = room;
    return true;
}
static bool put_far(struct thread *t, struct unpickler *u, uint64_t id, vref v) {
    if (!u->memo_far && !(u->memo_far = dict_new(t))) return false;
    value key = int_from_u64(t, id);
    int there = key ? dict_contains(t, u->memo_far, key) : -1;
    bool ok = there >= 0 && dict_set(t, u->memo_far, key, v);
    if (ok && !there) u->memo_count++;
    release_opt(t, key);
    return ok;
}
bool recall_put(struct thread *t, struct unpickler *u, uint64_t id, vref v) {
    if (unlikely(id >= u->memo_room)) {
        if (id > u->memo_room * 2 + MEMO_GAP) return put_far(t, u, id, v);
        if (!grow_memo(t, u, id)) return false;
    }
    value old = u->memo[id];
    u->memo[id] = own(t, v);
    if (!old) u->memo_count++;
    else release(t, old);
    return true;
}
value recall_get(struct thread *t, struct unpickler *u, uint64_t id) {
    if (likely(id < u->memo_room && u->memo[id])) return own(t, u->memo[id]);
    if (u->memo_far) {
        value key = int_from_u64(t, id), v = key ? dict_get(t, u->memo_far, key) : V_NULL;
        release_opt(t, key);
        if (v || raised(t)) return v;
    }
    return raise(t, &unpickling_error, "Memo value not found at index %ld", (int64_t)id);
}
void recall_clear(struct thread *t, struct unpickler *u) {
    value *memo = u->memo, far = u->memo_far;
    size_t room = u->memo_room;
    u->memo = NULL;
    u->memo_room = u->memo_count = 0;
    u->memo_far = V_NULL;
    for (size_t i = 0; i < room; i++) release_opt(t, memo[i]);
    if (memo) mem_free(t, memo, room * sizeof(value));
    release_opt(t, far);
}
value recall_copy(struct thread *t, struct unpickler *u) {
    value d = u->memo_far ? dict_copy(t, u->memo_far) : dict_new(t);
    for (size_t i = 0; d && i < u->memo_room; i++)
        if (u->memo[i] && !dict_set(t, d, from_int62((int64_t)i), u->memo[i])) release_field(t, &d);
    return d;
}
