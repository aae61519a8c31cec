// SPDX-License-Identifier: Apache-2.0
// The disassembler: a code object as text, one line an instruction, its nested code behind it.
// Leaves the Python module `dis`, which knows only CPython's instructions, alone.
#include "interp/types/seq.h"
#include "interp/types/str.h"
#include "interp/vm/code.h"

#include <stdarg.h>
#include <stdio.h>

struct listing { struct thread *t; const struct code *k; struct str_builder out; };

static void print(struct listing *l, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void print(struct listing *l, const char *format, ...) {
    char text[256];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    builder_cstr(&l->out, text);
}

// A local by name, a temporary as tN.
static void print_register(struct listing *l, unsigned r) {
    if (r < l->k->nlocals && r < tuple_size(l->k->varnames)) {
        print(l, " ");
        builder_str(&l->out, tuple_at(l->k->varnames, r));
    } else {
        print(l, " t%u", r - l->k->nlocals);
    }
}

static void print_const(struct listing *l, uint32_t index) {
    vref v = l->k->consts[index];
    print(l, " ");
    if (has_shape(v, SHAPE_CODE)) {
        print(l, "<code ");
        builder_str(&l->out, as_code(v)->qualname);
        print(l, ">");
    } else {
        builder_repr(&l->out, v);
    }
}

static void print_operand(struct listing *l, char letter, unsigned v) {
    switch (letter) {
    case 'd': case 's': case 'k': case 'r': case 'p': print_register(l, v); break;
    case 'i': print(l, " #%u", v); break;
    case 'n': print(l, " #%d", (int8_t)v); break;
    default: break;
    }
}

static void print_operands(struct listing *l, const struct opcode_info *info, uint32_t w) {
    for (unsigned i = 0; i < 3; i++) {
        switch (info->operands[i]) {
        case 'K': print_const(l, w >> 16); return;
        case 'W': print(l, " #%d", (int16_t)(w >> 16)); return;
        case 'N': print(l, " free%u", w >> 16); return;
        default: print_operand(l, info->operands[i], w >> (8 * i + 8) & 255);
        }
    }
}

static void print_extra(struct listing *l, const struct opcode_info *info, const uint32_t *x, uint32_t next) {
    switch (info->extra) {
    case EXTRA_NONE: return;
    case EXTRA_JUMP: print(l, " -> %u", next + x[0]); return;
    case EXTRA_INT: print(l, " %u", x[0]); return;
    case EXTRA_CONST: print_const(l, x[0]); return;
    case EXTRA_SITE: case EXTRA_SITE_CONST:
        print(l, " .");
        builder_str(&l->out, l->k->consts[l->k->site_names[x[0]]]);
        if (info->extra == EXTRA_SITE_CONST) print_const(l, x[1]);
        return;
    }
}

static void print_instruction(struct listing *l, uint32_t at, int32_t *line) {
    uint32_t words[3] = {0};
    for (unsigned i = 0; i < 3 && at + i < l->k->nops; i++) words[i] = atomic_load_explicit(&l->k->ops[at + i], memory_order_relaxed);
    unsigned op = words[0] & 255;
    const struct opcode_info *info = &opcode_table[opcode_table[op].general];
    struct position p;
    bool known = code_position(l->k, at, &p) && p.line != *line;
    if (known) print(l, "%5d", p.line);
    else print(l, "     ");
    if (known) *line = p.line;
    print(l, " %5u  %-12s", at, opcode_table[op].name);
    print_operands(l, info, words[0]);
    print_extra(l, info, words + 1, at + opcode_words(info->extra));
    print(l, "\n");
}

static void print_code(struct listing *l, const struct code *k) {
    const struct code *outer = l->k;
    int32_t line = -1;
    l->k = k;
    builder_str(&l->out, k->qualname);
    print(l, ": %u registers, %u of them locals\n", k->nregs, k->nlocals);
    for (uint32_t i = 0; i < k->nops;) {
        uint32_t w = atomic_load_explicit(&k->ops[i], memory_order_relaxed);
        print_instruction(l, i, &line);
        i += opcode_words(opcode_table[opcode_table[w & 255].general].extra);
    }
    for (uint32_t i = 0; i < k->nhandlers; i++)
        print(l, "  [%u, %u) -> %u t%u\n", k->handlers[i].start, k->handlers[i].end, k->handlers[i].target, k->handlers[i].reg - k->nlocals);
    for (uint32_t i = 0; i < k->nconsts; i++)
        if (has_shape(k->consts[i], SHAPE_CODE)) {
            print(l, "\n");
            print_code(l, as_code(k->consts[i]));
        }
    l->k = outer;
}

value code_disassemble(struct thread *t, const struct code *code) {
    struct listing l = {.t = t, .k = code};
    builder_init(&l.out, t);
    print_code(&l, code);
    return builder_finish(&l.out);
}
