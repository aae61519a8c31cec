// SPDX-License-Identifier: Apache-2.0
// Code words of the library's compiler into a program: checked and translated in one pass. Leaves guards and the search plan to first.c.
//
// The words nest: a construct gives the distance to its end. `sequence` reads words one after the other up to a limit that nothing inside may pass, so
// that a program cannot jump out of itself whatever words it was made of.
#include "interp/modules/sre/sre.h"
#include "interp/types/exc.h"

struct job {
    struct thread *t;
    struct program *p;
    const uint32_t *w;
    size_t n;
    bool failed; // an exception is pending
};

static size_t invalid(struct job *j) {
    if (!j->failed) raise(j->t, &exc_RuntimeError, "invalid SRE code");
    j->failed = true;
    return j->n;
}

// returns the new instruction's number; its fields are zero but for those given.
static uint32_t emit(struct job *j, enum op op, uint32_t a, uint32_t b) {
    struct program *p = j->p;
    if (j->failed) return 0;
    if (p->ninsns == p->insns_room) {
        uint32_t room = p->insns_room ? p->insns_room * 2 : 16;
        struct insn *at = room > 1 << 23 ? NULL : mem_resize(j->t, p->insns, p->insns_room * sizeof *at, room * sizeof *at);
        if (!at) {
            if (!raised(j->t)) raise_no_memory(j->t);
            j->failed = true;
            return 0;
        }
        p->insns = at;
        p->insns_room = room;
    }
    p->insns[p->ninsns] = (struct insn){.op = (uint8_t)op, .a = a, .b = b};
    return p->ninsns++;
}
static struct insn *insn_at(struct job *j, uint32_t pc) { return &j->p->insns[pc]; }

uint32_t program_add_set(struct thread *t, struct program *p, const struct charset *s) {
    for (uint32_t i = 0; i < p->nsets && i < 64; i++)
        if (!memcmp(&p->sets[i], s, sizeof *s)) return i;
    if (p->nsets == p->sets_room) {
        uint32_t room = p->sets_room ? p->sets_room * 2 : 4;
        struct charset *at = mem_resize(t, p->sets, p->sets_room * sizeof *at, room * sizeof *at);
        if (!at) return UINT32_MAX;
        p->sets = at;
        p->sets_room = room;
    }
    p->sets[p->nsets] = *s;
    return p->nsets++;
}

// ---- items: what takes exactly one character ----

struct item {
    enum op op;
    uint32_t a;
};

static size_t set_item(struct job *j, struct charset *s, struct item *out, size_t after) {
    charset_fill(j->p, s);
    uint32_t k = program_add_set(j->t, j->p, s);
    if (k == UINT32_MAX) j->failed = true;
    *out = (struct item){s->locale ? OP_SET_LOCALE : OP_SET, k};
    return after;
}
static size_t words_item(struct job *j, size_t at, size_t end, enum fold fold, struct item *out) {
    size_t skip = at < end ? j->w[at] : 0, used;
    if (skip < 2 || skip > end - at || !charset_check(j->w + at + 1, skip - 1, &used) || used != skip - 1) return invalid(j);
    struct charset s = {.fold = (uint8_t)fold, .words = (uint32_t)at + 1, .nwords = (uint32_t)used};
    return set_item(j, &s, out, at + skip);
}
static size_t folded_item(struct job *j, size_t at, size_t end, enum fold fold, bool negate, struct item *out) {
    if (at >= end) return invalid(j);
    struct charset s = {.fold = (uint8_t)fold, .negate = negate, .words = j->w[at]};
    return set_item(j, &s, out, at + 1);
}
static size_t plain_item(struct job *j, size_t at, size_t end, enum op op, struct item *out) {
    if (at >= end) return invalid(j);
    *out = (struct item){op, j->w[at]};
    return at + 1;
}

// Reads the item whose code stands at w[at]; returns where it ends, 0 if that code begins no item.
static size_t read_item(struct job *j, size_t at, size_t end, struct item *out) {
    uint32_t code = j->w[at++];
    switch (code) {
    case CODE_LITERAL: return plain_item(j, at, end, OP_CHAR, out);
    case CODE_NOT_LITERAL: return plain_item(j, at, end, OP_NOT_CHAR, out);
    case CODE_ANY: return *out = (struct item){OP_ANY, 0}, at;
    case CODE_ANY_ALL: return *out = (struct item){OP_ANY_ALL, 0}, at;
    case CODE_IN: return words_item(j, at, end, FOLD_NONE, out);
    case CODE_IN_IGNORE: return words_item(j, at, end, FOLD_ASCII, out);
    case CODE_IN_LOC_IGNORE: return words_item(j, at, end, FOLD_LOCALE, out);
    case CODE_IN_UNI_IGNORE: return words_item(j, at, end, FOLD_UNICODE, out);
    case CODE_LITERAL_IGNORE: return folded_item(j, at, end, FOLD_ASCII, false, out);
    case CODE_LITERAL_LOC_IGNORE: return folded_item(j, at, end, FOLD_LOCALE, false, out);
    case CODE_LITERAL_UNI_IGNORE: return folded_item(j, at, end, FOLD_UNICODE, false, out);
    case CODE_NOT_LITERAL_IGNORE: return folded_item(j, at, end, FOLD_ASCII, true, out);
    case CODE_NOT_LITERAL_LOC_IGNORE: return folded_item(j, at, end, FOLD_LOCALE, true, out);
    case CODE_NOT_LITERAL_UNI_IGNORE: return folded_item(j, at, end, FOLD_UNICODE, true, out);
    default: return 0;
    }
}

// A run of literals: one instruction.
static size_t literals(struct job *j, size_t at, size_t end) {
    size_t n = 0;
    while (end - at >= 2 * n + 2 && j->w[at + 2 * n] == CODE_LITERAL) n++;
    if (n == 0) return invalid(j);
    if (n == 1) emit(j, OP_CHAR, j->w[at + 1], 0);
    else {
        struct program *p = j->p;
        emit(j, OP_STRING, p->nstrings, (uint32_t)n);
        for (size_t i = 0; i < n; i++) { // no more than there are words: strings has room for that
            p->narrow[p->nstrings] = (uint8_t)j->w[at + 2 * i + 1];
            p->strings[p->nstrings++] = j->w[at + 2 * i + 1];
        }
    }
    return at + 2 * n;
}

// ---- constructs ----
// Each gets `at` behind its code word and returns where it ends.

static size_t sequence(struct job *j, size_t at, size_t end);

// The distance that stands at w[at], as a place no further than end.
static size_t target(struct job *j, size_t at, size_t end, size_t least) {
    if (at >= end || j->w[at] < least || j->w[at] > end - at) return invalid(j);
    return at + j->w[at];
}
static bool bounds_ok(struct job *j, size_t at) { return j->w[at] <= j->w[at + 1] && j->w[at] < SRE_MAXREPEAT; }

static size_t repeat_one(struct job *j, size_t at, size_t end, enum op op) {
    size_t stop = target(j, at, end, 5), behind;
    struct item item;
    if (j->failed) return stop;
    if (!bounds_ok(j, at + 1) || !(behind = read_item(j, at + 3, stop - 1, &item)) || behind != stop - 1 || j->w[behind] != CODE_SUCCESS) return invalid(j);
    uint32_t pc = emit(j, op, item.a, j->w[at + 1]);
    if (j->failed) return stop;
    insn_at(j, pc)->c = j->w[at + 2];
    insn_at(j, pc)->item = (uint8_t)item.op;
    return stop;
}

// Whether the instructions from pc on set groups.
static bool sets_marks(struct job *j, uint32_t pc) {
    for (; pc < j->p->ninsns; pc++)
        if (insn_at(j, pc)->op == OP_MARK) return true;
    return false;
}

static size_t repeat(struct job *j, size_t at, size_t end) {
    size_t stop = target(j, at, end, 3);
    if (j->failed) return stop;
    if (stop >= end || !bounds_ok(j, at + 1)) return invalid(j);
    uint32_t slot = j->p->slots++, begin = emit(j, OP_LOOP, slot, 0), last = j->w[stop];
    if (last != CODE_MAX_UNTIL && last != CODE_MIN_UNTIL) return invalid(j);
    if (sequence(j, at + 3, stop) != stop) return invalid(j);
    uint32_t until = emit(j, last == CODE_MAX_UNTIL ? OP_UNTIL : OP_UNTIL_LAZY, slot, j->w[at + 1]);
    if (j->failed) return stop;
    insn_at(j, begin)->b = until;
    insn_at(j, until)->c = j->w[at + 2];
    insn_at(j, until)->d = begin + 1;
    return stop + 1;
}

static size_t possessive(struct job *j, size_t at, size_t end) {
    size_t stop = target(j, at, end, 3);
    if (j->failed) return stop;
    if (stop >= end || j->w[stop] != CODE_SUCCESS || !bounds_ok(j, at + 1)) return invalid(j);
    uint32_t slot = j->p->slots++;
    emit(j, OP_POSSESSIVE, slot, 0);
    uint32_t loop = emit(j, OP_POSSESSIVE_LOOP, slot, j->w[at + 1]);
    if (sequence(j, at + 3, stop) != stop) return invalid(j);
    uint32_t last = emit(j, OP_POSSESSIVE_END, slot, 0);
    if (j->failed) return stop;
    insn_at(j, loop)->c = j->w[at + 2];
    insn_at(j, loop)->d = last + 1;
    insn_at(j, last)->d = loop;
    insn_at(j, last)->item = sets_marks(j, loop);
    return stop + 1;
}

// A part that is matched for itself: words from `from` on, SUCCESS at the end.
static size_t enclosed(struct job *j, size_t from, size_t stop, enum op op, uint32_t back) {
    if (stop <= from || j->w[stop - 1] != CODE_SUCCESS) return invalid(j);
    uint32_t slot = j->p->slots++, begin = emit(j, op, slot, back);
    if (sequence(j, from, stop - 1) != stop - 1) return invalid(j);
    uint32_t last = emit(j, op + 1, slot, 0);
    if (j->failed) return stop;
    insn_at(j, last)->item = sets_marks(j, begin);
    insn_at(j, begin)->c = last + 1;
    return stop;
}
static size_t look(struct job *j, size_t at, size_t end, enum op op) {
    size_t stop = target(j, at, end, 3);
    return j->failed ? stop : enclosed(j, at + 2, stop, op, j->w[at + 1]);
}
static size_t atomic_part(struct job *j, size_t at, size_t end) {
    size_t stop = target(j, at, end, 2);
    return j->failed ? stop : enclosed(j, at + 1, stop, OP_ATOMIC, 0);
}

// Where the branch whose first distance stands at w[at] ends: behind the zero that closes it.
static size_t branch_end(struct job *j, size_t at, size_t end) {
    while (at < end && j->w[at]) {
        at = target(j, at, end, 3);
        if (j->failed) return at;
    }
    return at < end ? at + 1 : invalid(j);
}

static size_t branch(struct job *j, size_t at, size_t end) {
    size_t stop = branch_end(j, at, end);
    uint32_t jumps = UINT32_MAX; // chain of jumps to the end, through their targets
    while (!j->failed && j->w[at]) {
        size_t next = at + j->w[at];
        bool last = !j->w[next];
        uint32_t split = last ? 0 : emit(j, OP_SPLIT, 0, 0);
        if (j->w[next - 2] != CODE_JUMP || next - 1 + j->w[next - 1] != stop || sequence(j, at + 1, next - 2) != next - 2) return invalid(j);
        if (!last) {
            jumps = emit(j, OP_JUMP, jumps, 0);
            if (!j->failed) insn_at(j, split)->a = j->p->ninsns;
        }
        at = next;
    }
    while (!j->failed && jumps != UINT32_MAX) {
        uint32_t before = insn_at(j, jumps)->a;
        insn_at(j, jumps)->a = j->p->ninsns;
        jumps = before;
    }
    return stop;
}

static size_t conditional(struct job *j, size_t at, size_t end) {
    if (end - at < 2 || j->w[at] >= j->p->groups || j->w[at + 1] < 2 || j->w[at + 1] > end - at) return invalid(j);
    size_t no = at + j->w[at + 1];
    uint32_t test = emit(j, OP_GROUPREF_EXISTS, j->w[at], 0);
    size_t stop = sequence(j, at + 2, no);
    if (j->failed) return stop;
    if (stop == no) {
        insn_at(j, test)->d = j->p->ninsns;
        return no;
    }
    if (j->w[stop] != CODE_JUMP || stop + 2 != no) return invalid(j);
    size_t behind = target(j, no - 1, end, 1);
    uint32_t jump = emit(j, OP_JUMP, 0, 0);
    if (j->failed) return behind;
    insn_at(j, test)->d = j->p->ninsns;
    if (sequence(j, no, behind) != behind) return invalid(j);
    if (!j->failed) insn_at(j, jump)->a = j->p->ninsns;
    return behind;
}

static size_t mark(struct job *j, size_t at, size_t end) {
    if (at >= end || j->w[at] >= 2 * j->p->groups) return invalid(j);
    emit(j, OP_MARK, j->w[at], 0);
    return at + 1;
}
static size_t anchor(struct job *j, size_t at, size_t end) {
    if (at >= end || j->w[at] >= AT_COUNT) return invalid(j);
    emit(j, OP_AT, j->w[at], 0);
    return at + 1;
}
static size_t group_ref(struct job *j, size_t at, size_t end, enum fold fold) {
    if (at >= end || j->w[at] >= j->p->groups) return invalid(j);
    uint32_t pc = emit(j, OP_GROUPREF, j->w[at], 0);
    if (!j->failed) insn_at(j, pc)->item = (uint8_t)fold;
    return at + 1;
}
static size_t info(struct job *j, size_t at, size_t end) {
    size_t stop = target(j, at, end, 4);
    if (!j->failed && at == 1) j->p->min_width = j->w[at + 2];
    return stop;
}

static size_t construct(struct job *j, size_t at, size_t end) {
    struct item item;
    size_t behind;
    switch (j->w[at]) {
    case CODE_LITERAL: return literals(j, at, end);
    case CODE_MARK: return mark(j, at + 1, end);
    case CODE_AT: return anchor(j, at + 1, end);
    case CODE_BRANCH: return branch(j, at + 1, end);
    case CODE_REPEAT: return repeat(j, at + 1, end);
    case CODE_REPEAT_ONE: return repeat_one(j, at + 1, end, OP_ONE);
    case CODE_MIN_REPEAT_ONE: return repeat_one(j, at + 1, end, OP_ONE_LAZY);
    case CODE_POSSESSIVE_REPEAT_ONE: return repeat_one(j, at + 1, end, OP_ONE_POSSESSIVE);
    case CODE_POSSESSIVE_REPEAT: return possessive(j, at + 1, end);
    case CODE_ATOMIC_GROUP: return atomic_part(j, at + 1, end);
    case CODE_ASSERT: return look(j, at + 1, end, OP_LOOK);
    case CODE_ASSERT_NOT: return look(j, at + 1, end, OP_NOT_LOOK);
    case CODE_GROUPREF: return group_ref(j, at + 1, end, FOLD_NONE);
    case CODE_GROUPREF_IGNORE: return group_ref(j, at + 1, end, FOLD_ASCII);
    case CODE_GROUPREF_LOC_IGNORE: return group_ref(j, at + 1, end, FOLD_LOCALE);
    case CODE_GROUPREF_UNI_IGNORE: return group_ref(j, at + 1, end, FOLD_UNICODE);
    case CODE_GROUPREF_EXISTS: return conditional(j, at + 1, end);
    case CODE_INFO: return info(j, at + 1, end);
    case CODE_FAILURE: return emit(j, OP_FAIL, 0, 0), at + 1;
    default: break;
    }
    behind = read_item(j, at, end, &item);
    if (!behind) return invalid(j);
    emit(j, item.op, item.a, 0);
    return behind;
}

// Translates w[at..end); stops early at a JUMP or SUCCESS that belongs to the construct around it. returns where it stopped.
static size_t sequence(struct job *j, size_t at, size_t end) {
    if (j->failed || !recursion_enter(j->t, " in a regular expression")) return j->failed = true, j->n;
    while (!j->failed && at < end && j->w[at] != CODE_JUMP && j->w[at] != CODE_SUCCESS) at = construct(j, at, end);
    recursion_leave(j->t);
    return at;
}

// ---- programs ----

void program_free(struct thread *t, struct program *p) {
    if (!p) return;
    mem_free(t, p->insns, p->insns_room * sizeof *p->insns);
    mem_free(t, p->sets, p->sets_room * sizeof *p->sets);
    mem_free(t, p->words, (p->nwords + 1) * sizeof *p->words);
    mem_free(t, p->strings, (p->nwords + 1) * sizeof *p->strings);
    mem_free(t, p->narrow, p->nwords + 1);
    mem_free(t, p, sizeof *p);
}

static bool translate(struct thread *t, struct program *p) {
    struct job j = {.t = t, .p = p, .w = p->words, .n = p->nwords};
    if (p->nwords == 0 || sequence(&j, 0, j.n - 1) != j.n - 1 || j.w[j.n - 1] != CODE_SUCCESS) invalid(&j);
    emit(&j, OP_SUCCESS, 0, 0);
    return !j.failed;
}

struct program *program_new(struct thread *t, const uint32_t *words, size_t n, size_t groups) {
    struct program *p = mem_calloc(t, sizeof *p);
    if (!p) return NULL;
    p->groups = (uint32_t)groups;
    p->nwords = (uint32_t)n;
    p->words = mem_alloc(t, (n + 1) * sizeof *p->words);
    p->strings = p->words ? mem_alloc(t, (n + 1) * sizeof *p->strings) : NULL;
    p->narrow = p->strings ? mem_alloc(t, n + 1) : NULL;
    if (p->narrow) {
        memcpy(p->words, words, n * sizeof *words);
        if (translate(t, p) && program_plan(t, p)) return p;
    }
    program_free(t, p);
    return NULL;
}
