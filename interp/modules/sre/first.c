// SPDX-License-Identifier: Apache-2.0
// What the next character must be: guards of choices, loops that need not give back, the search plan. Leaves the instructions themselves to program.c.
//
// The walk over a program collects the characters that may come first on any path from a place. If some path takes no character at all, or it grows too long,
// there is no answer and no guard. An answer may name too many characters, never too few.
#include "interp/modules/sre/sre.h"

struct first {
    uint8_t low[256];
    bool high;      // some character from 256 on
    uint32_t single; // the one character from 256 on; 0: several, or a set
    int budget;     // instructions still to look at
    int nloops;     // UNTILs whose body has been looked at
    uint32_t loops[8];
};
enum { FIRST_BUDGET = 200 };

static void add_char(struct first *f, uint32_t c) {
    if (c < 256) f->low[c] = 1;
    else {
        f->single = f->high && f->single != c ? 0 : c;
        f->high = true;
    }
}
static void add_high(struct first *f) {
    f->high = true;
    f->single = 0;
}
// false: a set of the locale, which nobody knows before the match.
static bool add_item(const struct program *p, struct first *f, uint8_t item, uint32_t a) {
    const struct charset *s;
    switch (item) {
    case OP_CHAR: add_char(f, a); return true;
    case OP_NOT_CHAR:
    case OP_ANY:
        for (uint32_t c = 0; c < 256; c++) f->low[c] |= c != (item == OP_ANY ? '\n' : a);
        add_high(f);
        return true;
    case OP_SET:
        s = &p->sets[a];
        for (int c = 0; c < 256; c++) f->low[c] |= s->low[c];
        if (s->high_any) add_high(f);
        return true;
    case OP_ANY_ALL:
        memset(f->low, 1, sizeof f->low);
        add_high(f);
        return true;
    default: return false;
    }
}

// Whether the body of the loop that ends at until is already in f; if not, it is from now on. false when there are too many.
static bool loop_seen(struct first *f, uint32_t until, bool *seen) {
    *seen = true;
    for (int i = 0; i < f->nloops; i++)
        if (f->loops[i] == until) return true;
    if (f->nloops == (int)(sizeof f->loops / sizeof *f->loops)) return false;
    f->loops[f->nloops++] = until;
    return !(*seen = false);
}

static bool walk(const struct program *p, uint32_t pc, int inside, struct first *f);
static bool both(const struct program *p, uint32_t a, uint32_t b, int inside, struct first *f) { return walk(p, a, inside, f) && walk(p, b, inside, f); }

// Collects into f what may come first from pc on. `inside`: atomic parts that the walk has entered; out of one in which it began it must not look, since what
// follows has no say in how that part matches. false: perhaps nothing, or unknown.
static bool walk(const struct program *p, uint32_t pc, int inside, struct first *f) {
    for (bool seen;;) {
        const struct insn *i = &p->insns[pc];
        if (f->budget-- <= 0) return false;
        switch ((enum op)i->op) {
        case OP_CHAR: case OP_NOT_CHAR: case OP_ANY: case OP_ANY_ALL: case OP_SET: case OP_SET_LOCALE: return add_item(p, f, i->op, i->a);
        case OP_STRING: add_char(f, p->strings[i->a]); return true;
        case OP_MARK: case OP_AT: pc++; break;
        case OP_ATOMIC: case OP_POSSESSIVE: inside++, pc++; break;
        case OP_ATOMIC_END:
            if (inside-- == 0) return false;
            pc++;
            break;
        case OP_UNTIL: case OP_UNTIL_LAZY:
            if (!loop_seen(f, pc, &seen)) return false;
            if (!seen && i->c) return both(p, i->d, pc + 1, inside, f);
            pc++;
            break;
        case OP_JUMP: pc = i->a; break;
        case OP_SPLIT: return both(p, pc + 1, i->a, inside, f);
        case OP_ONE: case OP_ONE_LAZY: case OP_ONE_POSSESSIVE:
            if (i->c && !add_item(p, f, i->item, i->a)) return false;
            if (i->b) return true;
            pc++;
            break;
        case OP_LOOP:
            if (!loop_seen(f, i->b, &seen)) return false;
            if (p->insns[i->b].c == 0) pc = i->b + 1;
            else if (p->insns[i->b].b == 0) return both(p, pc + 1, i->b + 1, inside, f);
            else pc++;
            break;
        case OP_POSSESSIVE_LOOP:
            if (i->c && i->b == 0) return walk(p, pc + 1, inside, f) && walk(p, i->d, inside - 1, f);
            if (i->c) pc++;
            else pc = i->d, inside--;
            break;
        case OP_POSSESSIVE_END:
            if (inside-- == 0) return false;
            pc = p->insns[i->d].d;
            break;
        case OP_LOOK: case OP_NOT_LOOK: pc = i->c; break;
        case OP_GROUPREF_EXISTS: return both(p, pc + 1, i->d, inside, f);
        case OP_FAIL: return true;
        case OP_LOOK_END: case OP_NOT_LOOK_END: case OP_GROUPREF: case OP_SUCCESS: return false;
        }
    }
}

static bool first_at(const struct program *p, uint32_t pc, struct first *f) {
    *f = (struct first){.budget = FIRST_BUDGET};
    return walk(p, pc, 0, f);
}

// ---- guards ----

static unsigned count_low(const struct first *f, uint32_t *last) {
    unsigned n = 0;
    for (uint32_t c = 0; c < 256; c++)
        if (f->low[c]) n++, *last = c;
    return n;
}

// The kind of guard that f makes, its argument in *arg. -1: MemoryError.
static int guard_of(struct thread *t, struct program *p, const struct first *f, uint32_t *arg) {
    unsigned n = count_low(f, arg);
    if (n == 1 && !f->high) return GUARD_CHAR;
    if (n == 0 && f->high && f->single) return *arg = f->single, GUARD_CHAR;
    if (n == 256 && f->high) return GUARD_NONE;
    struct charset s = {.high_any = f->high, .high_all = f->high, .words = UINT32_MAX};
    memcpy(s.low, f->low, sizeof s.low);
    *arg = program_add_set(t, p, &s);
    return *arg == UINT32_MAX ? -1 : GUARD_SET;
}

static bool set_guard(struct thread *t, struct program *p, uint32_t pc, const struct first *f) {
    uint32_t arg = 0;
    int kind = guard_of(t, p, f, &arg);
    if (kind < 0) return false;
    p->insns[pc].guard = (uint8_t)kind;
    p->insns[pc].guard_arg = arg;
    return true;
}

// What the item takes and what follows have nothing in common: the loop need not give back.
static uint8_t possessive_flags(const struct program *p, const struct insn *i, const struct first *next) {
    struct first own = {.budget = 1};
    if (!add_item(p, &own, i->item, i->a)) return 0;
    for (int c = 0; c < 256; c++)
        if (own.low[c] && next->low[c]) return 0;
    bool apart = !own.high || !next->high || (own.single && next->single && own.single != next->single);
    return apart ? POSSESSIVE_NARROW | POSSESSIVE_WIDE : POSSESSIVE_NARROW;
}

static bool plan_insn(struct thread *t, struct program *p, uint32_t pc) {
    struct first f;
    enum op op = (enum op)p->insns[pc].op;
    if (op == OP_SPLIT) return !first_at(p, pc + 1, &f) || set_guard(t, p, pc, &f);
    if (op == OP_UNTIL || op == OP_UNTIL_LAZY) return !first_at(p, p->insns[pc].d, &f) || set_guard(t, p, pc, &f);
    if ((op != OP_ONE && op != OP_ONE_LAZY) || !first_at(p, pc + 1, &f)) return true;
    if (!set_guard(t, p, pc, &f)) return false;
    if (op == OP_ONE) p->insns[pc].flags = possessive_flags(p, &p->insns[pc], &f);
    return true;
}

// ---- the search plan ----

static bool plan_set(struct thread *t, struct program *p) {
    struct first f;
    if (!first_at(p, 0, &f)) return true;
    int kind = guard_of(t, p, &f, &p->search_arg);
    p->search = kind == GUARD_CHAR ? SEARCH_CHAR : kind == GUARD_SET ? SEARCH_SET : SEARCH_ALL;
    return kind >= 0;
}

bool program_plan(struct thread *t, struct program *p) {
    for (uint32_t pc = 0; pc < p->ninsns; pc++)
        if (!plan_insn(t, p, pc)) return false;
    uint32_t pc = 0;
    while (p->insns[pc].op == OP_MARK) pc++;
    const struct insn *i = &p->insns[pc];
    if (i->op == OP_AT && (i->a == AT_BEGINNING || i->a == AT_BEGINNING_STRING)) p->search = SEARCH_ANCHOR;
    else if (i->op == OP_STRING) {
        p->search = SEARCH_STRING;
        p->search_at = i->a;
        p->search_length = i->b;
        p->all_literal = pc == 0 && p->insns[1].op == OP_SUCCESS;
    } else if (i->op == OP_CHAR) {
        p->search = SEARCH_CHAR;
        p->search_arg = i->a;
        p->all_literal = pc == 0 && p->insns[1].op == OP_SUCCESS;
    } else
        return plan_set(t, p);
    return true;
}
