// SPDX-License-Identifier: Apache-2.0
// The last pass over a unit's words: a jump to a jump goes to the end of the chain.
// It leaves everything that would change positions or handler ranges alone.
#include "compile.h"

enum { MAX_HOPS = 16 };

static uint32_t target_of(const uint32_t *ops, uint32_t at)
{
    return at + 2 + ops[at + 1];
}

/* The instruction that a jump to `to` ends up at. */
static uint32_t final_target(const struct unit *u, uint32_t to)
{
    for (int hops = 0; hops < MAX_HOPS && to < u->nops && (u->ops[to] & 255) == OP_JMP; hops++)
        to = target_of(u->ops, to);
    return to;
}

void peephole(struct compiler *c)
{
    struct unit *u = c->u;
    if (c->failed)
        return;
    for (uint32_t at = 0; at < u->nops;) {
        const struct opcode_info *info = &opcode_table[u->ops[at] & 255];
        if (info->extra == EXTRA_JUMP)
            u->ops[at + 1] = final_target(u, target_of(u->ops, at)) - (at + 2);
        at += opcode_words(info->extra);
    }
}
