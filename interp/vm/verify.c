// SPDX-License-Identifier: Apache-2.0
// Checks a code object against the table of instructions: shape of the words, and by data flow the life of every temporary.
// Leaves what values are to the loop. Debug builds run it on every code object; a loader of foreign bytecode must.
//
// A temporary is dead, live, or (after paths that disagree) maybe live. An operand that is consumed must be live, a kept one too; DROP takes
// any. BORROW may only write a dead one. At a return no temporary may be live: the VM clears locals alone.
#include "interp/vm/code.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct life { uint64_t live[4], maybe[4]; bool known; };

struct check {
    const struct code *k;
    struct life *at;        // state before each instruction
    bool *starts;           // is this word an instruction?
    uint32_t *queue, waiting;
    bool *queued;
    char *why;
    size_t why_size;
    uint32_t word;          // where we are
    struct life now;
    bool ok;
};

static bool fail(struct check *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool fail(struct check *c, const char *format, ...) {
    char text[160];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (c->ok) {
        uint32_t w = c->word < c->k->nops ? atomic_load_explicit(&c->k->ops[c->word], memory_order_relaxed) : 0;
        unsigned op = w & 255;
        snprintf(c->why, c->why_size, "word %u (%s %u %u %u): %s", c->word, op < OP_COUNT ? opcode_table[op].name : "?", w >> 8 & 255, w >> 16 & 255, w >> 24, text);
    }
    c->ok = false;
    return false;
}

static uint32_t word_at(const struct check *c, uint32_t i) { return atomic_load_explicit(&c->k->ops[i], memory_order_relaxed); }
static const struct opcode_info *info_at(const struct check *c, uint32_t i) { return &opcode_table[opcode_table[word_at(c, i) & 255].general]; }

// ---- words ----

static bool check_extra(struct check *c, const struct opcode_info *info, uint32_t at) {
    uint32_t x = info->extra == EXTRA_NONE ? 0 : word_at(c, at + 1);
    switch (info->extra) {
    case EXTRA_NONE: case EXTRA_INT: case EXTRA_JUMP: return true;
    case EXTRA_SITE: return x < c->k->nsites || fail(c, "site %u of %u", x, c->k->nsites);
    case EXTRA_CONST: return x < c->k->nconsts || fail(c, "constant %u of %u", x, c->k->nconsts);
    case EXTRA_SITE_CONST:
        return (x < c->k->nsites && word_at(c, at + 2) < c->k->nconsts) || fail(c, "site %u, constant %u", x, word_at(c, at + 2));
    }
    return true;
}

static bool check_words(struct check *c) {
    const struct code *k = c->k;
    for (uint32_t i = 0; i < k->nops;) {
        c->word = i;
        uint32_t w = word_at(c, i);
        if ((w & 255) >= OP_COUNT) return fail(c, "no such instruction");
        const struct opcode_info *info = info_at(c, i);
        if (i + opcode_words(info->extra) > k->nops) return fail(c, "cut off");
        c->starts[i] = true;
        if (!check_extra(c, info, i)) return false;
        if (info->operands[1] == 'K' && w >> 16 >= k->nconsts) return fail(c, "constant %u of %u", w >> 16, k->nconsts);
        i += opcode_words(info->extra);
    }
    for (uint32_t i = 0; i < k->nsites; i++)
        if (k->site_names[i] >= k->nconsts) return fail(c, "name of site %u", i);
    for (uint32_t i = 0; i < k->nhandlers; i++) {
        const struct handler *h = &k->handlers[i];
        c->word = h->target;
        if (h->target >= k->nops || !c->starts[h->target] || h->end > k->nops || h->start >= h->end || h->reg >= k->nregs || h->reg < k->nlocals)
            return fail(c, "bad handler %u: [%u, %u) register %u", i, h->start, h->end, h->reg);
    }
    return true;
}

// ---- lives ----

static bool is_temp(const struct check *c, unsigned r) { return r >= c->k->nlocals; }
static bool bit(const uint64_t *set, unsigned r) { return set[r >> 6] >> (r & 63) & 1; }

static bool in_range(struct check *c, unsigned r) { return (r < c->k->nregs && r < 256) || fail(c, "register %u of %u", r, c->k->nregs); }

static void died(struct check *c, unsigned r) {
    if (!is_temp(c, r) || !in_range(c, r)) return;
    c->now.live[r >> 6] &= ~(1ull << (r & 63));
    c->now.maybe[r >> 6] &= ~(1ull << (r & 63));
}

static void born(struct check *c, unsigned r) {
    if (!in_range(c, r) || !is_temp(c, r)) return;
    c->now.live[r >> 6] |= 1ull << (r & 63);
    c->now.maybe[r >> 6] &= ~(1ull << (r & 63));
}

static void keep(struct check *c, unsigned r) {
    if (in_range(c, r) && is_temp(c, r) && !bit(c->now.live, r)) fail(c, "temporary %u is %s", r, bit(c->now.maybe, r) ? "not live on every path" : "dead");
}

static void use(struct check *c, unsigned r) {
    keep(c, r);
    died(c, r);
}

static void use_range(struct check *c, unsigned first, unsigned n) {
    for (unsigned i = 0; i < n; i++) use(c, first + i);
}

static void born_range(struct check *c, unsigned first, unsigned n) {
    for (unsigned i = 0; i < n; i++) born(c, first + i);
}

static void check_return(struct check *c) {
    for (unsigned i = 0; i < 4; i++)
        if (c->now.live[i] | c->now.maybe[i]) fail(c, "temporary %u lives at the return", i * 64 + (unsigned)__builtin_ctzll(c->now.live[i] | c->now.maybe[i]));
}

// ---- flow ----

static void join(struct check *c, uint32_t target, const struct life *s) {
    if (target >= c->k->nops || !c->starts[target]) {
        fail(c, "jumps into nowhere (%u)", target);
        return;
    }
    struct life *t = &c->at[target];
    bool changed = !t->known;
    if (!t->known) *t = *s;
    else for (unsigned i = 0; i < 4; i++) {
        uint64_t maybe = t->maybe[i] | s->maybe[i] | (t->live[i] ^ s->live[i]), live = t->live[i] & s->live[i];
        changed |= maybe != t->maybe[i] || live != t->live[i];
        t->maybe[i] = maybe;
        t->live[i] = live;
    }
    t->known = true;
    if (changed && !c->queued[target]) {
        c->queued[target] = true;
        c->queue[c->waiting++] = target;
    }
}

static void to_handler(struct check *c) {
    for (uint32_t i = 0; i < c->k->nhandlers; i++) {
        const struct handler *h = &c->k->handlers[i];
        if (c->word < h->start || c->word >= h->end) continue;
        struct life keep_now = c->now;
        for (unsigned r = h->reg; r < 256; r++) {
            c->now.live[r >> 6] &= ~(1ull << (r & 63));
            c->now.maybe[r >> 6] &= ~(1ull << (r & 63));
        }
        born(c, h->reg);
        join(c, h->target, &c->now);
        c->now = keep_now;
        return;
    }
}

static unsigned range_length(enum opcode op, unsigned count) {
    switch ((int)op) {
    case OP_MAP: return 2 * count;
    case OP_MKFUNC: return (unsigned)__builtin_popcount(count & 15);
    }
    return count;
}

// Instructions whose effect the letters do not tell. True: done.
static bool special(struct check *c, enum opcode op, unsigned a, unsigned b, unsigned d) {
    switch ((int)op) {
    case OP_DROP: in_range(c, a); died(c, a); return true;
    case OP_BORROW:
        keep(c, b);
        if (is_temp(c, a) && a < 256 && (bit(c->now.live, a) || bit(c->now.maybe, a))) fail(c, "borrows into a live temporary");
        born(c, a);
        return true;
    case OP_CALL: case OP_CALLKW: use(c, a); use_range(c, a + 4, b); born(c, a); in_range(c, a + 4 + b); return true;
    case OP_CALLG: use_range(c, a + 4, b); born(c, a); in_range(c, a + 4 + b); return true;
    case OP_CALLM: case OP_CALLMKW: use_range(c, a + 4, b + 1); born(c, a); in_range(c, a + 5 + b); return true;
    case OP_CALLEX: use(c, a); use_range(c, a + 4, 1 + b); born(c, a); in_range(c, a + 6); return true;
    case OP_SUPERATTR: use(c, a); use_range(c, a + 4, 2); born(c, a); return true;
    case OP_PUSHEXC: keep(c, a); born(c, a + 1); return true;
    case OP_POPEXC: use(c, a); use(c, a + 1); return true;
    case OP_WITHENTER: case OP_AWITHENTER: use(c, b); born_range(c, a, 2); return true;
    case OP_EGMATCH: keep(c, b); use(c, d); born_range(c, a, 2); return true;
    case OP_MATCHCLASS: keep(c, b); use_range(c, b + 1, 2); born(c, a); return true;
    case OP_FORMAT: use(c, b); if (d & 4) use(c, b + 1); born(c, a); return true;
    case OP_UNPACK: use(c, b); born_range(c, a, d); return true;
    case OP_UNPACKEX: use(c, b); born_range(c, a, d + 1 + word_at(c, c->word + 1)); return true;
    case OP_ENDASYNCFOR: use(c, a); use(c, b); return true;
    case OP_RAISE: if (d > 0) use(c, a); if (d > 1) use(c, b); return true;
    }
    return false;
}

static void by_letters(struct check *c, const struct opcode_info *info, enum opcode op, const unsigned *operand) {
    for (unsigned i = 0; i < 3; i++) {
        char letter = info->operands[i];
        if (letter == 'K' || letter == 'W' || letter == 'N') break;
        if (letter == 's') use(c, operand[i]);
        else if (letter == 'k') keep(c, operand[i]);
        else if (letter == 'r') use_range(c, operand[i], range_length(op, operand[i + 1]));
    }
    for (unsigned i = 0; i < 3; i++)
        if (info->operands[i] == 'd') born(c, operand[i]);
}

// The edges out of the instruction at c->word; `next` is the word behind it.
static void follow(struct check *c, const struct opcode_info *info, enum opcode op, unsigned a, uint32_t next) {
    uint32_t target = info->extra == EXTRA_JUMP ? next + (uint32_t)(int32_t)word_at(c, c->word + 1) : 0;
    struct life jump = c->now;
    switch ((int)op) {
    case OP_RET: case OP_RETNONE: check_return(c); return;
    case OP_RAISE: case OP_RERAISE: return;
    case OP_JMP: join(c, target, &jump); return;
    case OP_SEND:
        died(c, a);
        join(c, target, &c->now);
        return;
    case OP_FORITER: {
        unsigned b = word_at(c, c->word) >> 16 & 255;
        born(c, b);
        struct life fall = c->now;
        c->now = jump;
        died(c, b);
        died(c, a);
        join(c, target, &c->now);
        c->now = fall;
        break;
    }
    case OP_JTKEEP: case OP_JFKEEP:
        join(c, target, &jump);
        died(c, a);
        break;
    default:
        if (info->extra == EXTRA_JUMP) join(c, target, &jump);
    }
    if (next < c->k->nops) join(c, next, &c->now);
    else fail(c, "runs off the end");
}

static void step(struct check *c, uint32_t at) {
    const struct opcode_info *info = info_at(c, at);
    uint32_t w = word_at(c, at);
    enum opcode op = opcode_table[w & 255].general;
    unsigned operand[4] = {w >> 8 & 255, w >> 16 & 255, w >> 24, 0};
    c->word = at;
    c->now = c->at[at];
    to_handler(c);
    if (op == OP_FORITER) keep(c, operand[0]);
    else if (!special(c, op, operand[0], operand[1], operand[2])) by_letters(c, info, op, operand);
    if (c->ok) follow(c, info, op, operand[0], at + opcode_words(info->extra));
}

bool code_verify(const struct code *code, char *why, size_t why_size) {
    size_t n = code->nops;
    struct check c = {.k = code, .why = why, .why_size = why_size, .ok = true};
    if (why_size) why[0] = 0;
    if (n == 0) return fail(&c, "no instructions");
    c.at = calloc(n, sizeof *c.at);
    c.starts = calloc(n, sizeof *c.starts);
    c.queued = calloc(n, sizeof *c.queued);
    c.queue = calloc(n, sizeof *c.queue);
    if (c.at && c.starts && c.queued && c.queue && check_words(&c)) {
        struct life start = {.known = true};
        join(&c, 0, &start);
        while (c.ok && c.waiting) {
            uint32_t at = c.queue[--c.waiting];
            c.queued[at] = false;
            step(&c, at);
        }
    }
    free(c.at);
    free(c.starts);
    free(c.queued);
    free(c.queue);
    return c.ok;
}
