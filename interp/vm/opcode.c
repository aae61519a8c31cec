// SPDX-License-Identifier: Apache-2.0
// The table of instructions, made from the list in opcode.h. Leaves execution to eval.inc.
#include "interp/vm/opcode.h"

const struct opcode_info opcode_table[OP_COUNT] = {
#define X(name, operands, extra) [OP_##name] = {#name, operands, EXTRA_##extra, OP_##name},
    OPCODES(X)
#undef X
#define X(name, general) [OP_##name] = {#name, 0, 0, OP_##general},
    SPECIAL_OPCODES(X)
#undef X
};
