// SPDX-License-Identifier: Apache-2.0
// How far up the register stack words are alive, for the collector. Leaves scanning to core/gc_roots.c.
//
// Temporaries are used as a stack, so at a call nothing above its window is alive. What stands there is left over from frames that returned; a collection started by that very
// call (gc.collect()) would take functions and classes in it for alive. At any other instruction every register of the frame counts.
#include "interp/vm/vm.h"

// The instruction that word `at` of c belongs to. Decodes from the start: collections are rare.
static uint32_t instruction_at(const struct code *c, uint32_t at) {
    uint32_t i = 0;
    for (;;) {
        uint32_t word = atomic_load_explicit(&c->ops[i], memory_order_relaxed);
        unsigned general = opcode_table[word & 0xff].general;
        unsigned words = opcode_words(opcode_table[general].extra);
        if (i + words > at) return word;
        i += words;
    }
}

value *vm_registers_end(struct thread *t) {
    value *R = t->frame;
    if (!R) return t->stack;
    const struct code *c = frame_code(R);
    uint32_t at = frame_at(R);
    uint32_t word = at < c->nops ? instruction_at(c, at) : 0;
    unsigned a = word >> 8 & 0xff, b = word >> 16 & 0xff;
    switch ((int)opcode_table[word & 0xff].general) {
    case OP_CALL:
    case OP_CALLG:
    case OP_CALLM:
    case OP_CALLKW:
    case OP_CALLMKW: return R + a + FRAME_HEADER + b + 2; // self of a method, and an argument shifted up to make room for it
    case OP_CALLEX: return R + a + FRAME_HEADER + 2;
    default: return R + c->nregs;
    }
}
