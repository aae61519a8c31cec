// SPDX-License-Identifier: Apache-2.0
// _opcode: what an instruction of CPython 3.11 does to its stack, for programs that write such bytecode. Leaves our own instructions, which know no stack, to vm/opcode.h.
#include "interp/modules/modules.h"
#include "interp/types/exc.h"
#include "interp/types/num.h"

enum rule { // effect = base + each * oparg, but:
    NOT_THERE,
    PLAIN,
    ON_JUMP,     // `each` instead of base when it jumps
    OFF_JUMP,    // `each` instead of base when it does not jump
    SPREAD,      // UNPACK_EX: low byte before, the rest behind
    LOW_BIT,     // one more if oparg is odd
    LESS_LOW,    // one less if oparg is odd
    FLAGS,       // MAKE_FUNCTION: one less for each of four flags
    SLICE,       // one less for three parts
    SPEC,        // FORMAT_VALUE: one less with a format spec
};
static const struct row {
    uint8_t op, rule;
    int8_t base, each;
} rows[] = {
    {0, PLAIN, 0, 0}, {1, PLAIN, -1, 0}, {2, PLAIN, 1, 0}, {9, PLAIN, 0, 0}, {10, PLAIN, 0, 0}, {11, PLAIN, 0, 0}, {12, PLAIN, 0, 0}, {15, PLAIN, 0, 0},
    {25, PLAIN, -1, 0}, {30, PLAIN, 1, 0}, {31, PLAIN, 1, 0}, {32, PLAIN, 1, 0}, {33, PLAIN, 1, 0}, {35, PLAIN, 1, 0}, {36, PLAIN, 0, 0}, {37, PLAIN, 0, 0},
    {49, PLAIN, 1, 0}, {50, PLAIN, 0, 0}, {51, PLAIN, 1, 0}, {52, PLAIN, 1, 0}, {53, PLAIN, 1, 0}, {54, PLAIN, -2, 0}, {60, PLAIN, -3, 0}, {61, PLAIN, -2, 0},
    {68, PLAIN, 0, 0}, {69, PLAIN, 0, 0}, {70, PLAIN, -1, 0}, {71, PLAIN, 1, 0}, {74, PLAIN, 1, 0}, {75, PLAIN, 0, 0}, {82, PLAIN, 0, 0}, {83, PLAIN, -1, 0},
    {84, PLAIN, -1, 0}, {85, PLAIN, 0, 0}, {86, PLAIN, 0, 0}, {87, PLAIN, 0, 0}, {88, PLAIN, -1, 0}, {89, PLAIN, -1, 0}, {90, PLAIN, -1, 0}, {91, PLAIN, 0, 0},
    {92, PLAIN, -1, 1}, {93, ON_JUMP, 1, -1}, {94, SPREAD, 0, 0}, {95, PLAIN, -2, 0}, {96, PLAIN, -1, 0}, {97, PLAIN, -1, 0}, {98, PLAIN, 0, 0}, {99, PLAIN, 0, 0},
    {100, PLAIN, 1, 0}, {101, PLAIN, 1, 0}, {102, PLAIN, 1, -1}, {103, PLAIN, 1, -1}, {104, PLAIN, 1, -1}, {105, PLAIN, 1, -2}, {106, PLAIN, 0, 0},
    {107, PLAIN, -1, 0}, {108, PLAIN, -1, 0}, {109, PLAIN, 1, 0}, {110, PLAIN, 0, 0}, {111, OFF_JUMP, 0, -1}, {112, OFF_JUMP, 0, -1}, {114, PLAIN, -1, 0},
    {115, PLAIN, -1, 0}, {116, LOW_BIT, 1, 0}, {117, PLAIN, -1, 0}, {118, PLAIN, -1, 0}, {119, PLAIN, -1, 0}, {120, PLAIN, 1, 0}, {122, PLAIN, -1, 0},
    {123, ON_JUMP, 0, -1}, {124, PLAIN, 1, 0}, {125, PLAIN, -1, 0}, {126, PLAIN, 0, 0}, {128, PLAIN, -1, 0}, {129, PLAIN, -1, 0}, {130, PLAIN, 0, -1},
    {131, PLAIN, 0, 0}, {132, FLAGS, 0, 0}, {133, SLICE, -1, 0}, {134, PLAIN, 0, 0}, {135, PLAIN, 0, 0}, {136, PLAIN, 1, 0}, {137, PLAIN, 1, 0},
    {138, PLAIN, -1, 0}, {139, PLAIN, 0, 0}, {140, PLAIN, 0, 0}, {142, LESS_LOW, -2, 0}, {144, PLAIN, 0, 0}, {145, PLAIN, -1, 0}, {146, PLAIN, -1, 0},
    {147, PLAIN, -2, 0}, {148, PLAIN, 1, 0}, {149, PLAIN, 0, 0}, {151, PLAIN, 0, 0}, {152, PLAIN, -2, 0}, {155, SPEC, 0, 0}, {156, PLAIN, 0, -1},
    {157, PLAIN, 1, -1}, {160, PLAIN, 1, 0}, {162, PLAIN, -1, 0}, {163, PLAIN, -1, 0}, {164, PLAIN, -1, 0}, {165, PLAIN, -1, 0}, {166, PLAIN, 0, -1},
    {171, PLAIN, -1, 0}, {172, PLAIN, 0, 0}, {173, PLAIN, -1, 0}, {174, PLAIN, -1, 0}, {175, PLAIN, -1, 0}, {176, PLAIN, -1, 0},
};
enum { HAVE_ARGUMENT = 90 };

static int64_t effect(const struct row *r, int64_t arg, int jump) { // jump: 1 0, -1: the larger of the two
    switch ((enum rule)r->rule) {
    case NOT_THERE:
    case PLAIN: return r->base + r->each * arg;
    case ON_JUMP: return jump == 1 ? r->each : r->base;
    case OFF_JUMP: return jump == 0 ? r->each : r->base;
    case SPREAD: return (arg & 0xff) + (arg >> 8);
    case LOW_BIT: return r->base + (arg & 1);
    case LESS_LOW: return r->base - (arg & 1);
    case FLAGS: return -__builtin_popcount((unsigned)arg & 15);
    case SLICE: return r->base - (arg == 3);
    case SPEC: return -((arg & 4) == 4);
    }
    return 0;
}
static value stack_effect(struct thread *t, const vref *a) {
    int64_t op, arg = 0;
    if (!object_as_index(t, a[0], &op)) return V_NULL;
    bool given = a[1] && !is_none(a[1]);
    if (given && !object_as_index(t, a[1], &arg)) return V_NULL;
    int jump = !a[2] || is_none(a[2]) ? -1 : a[2] == V_TRUE ? 1 : a[2] == V_FALSE ? 0 : -2;
    if (jump == -2) return raise(t, &exc_ValueError, "stack_effect: jump must be False, True or None");
    if (op >= HAVE_ARGUMENT && !given) return raise(t, &exc_ValueError, "stack_effect: opcode requires oparg but oparg was not specified");
    if (op < HAVE_ARGUMENT && given) return raise(t, &exc_ValueError, "stack_effect: opcode does not permit oparg but oparg was specified");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].op == op) return from_int62(effect(&rows[i], arg, jump));
    return raise(t, &exc_ValueError, "invalid opcode or oparg");
}
static value specialization_stats(struct thread *t, const vref *a) { return (void)t, (void)a, V_NONE; }

static const struct native functions[] = {
    {.name = "stack_effect", .kind = NATIVE_FUNCTION, .sig = "($module, opcode, oparg=None, /, *, jump=None)", .fn = stack_effect,
     .doc = "Return by how many values the operation changes the height of the stack.\n\n"
            "jump: whether it jumps (True), does not (False), or whichever gives more (None)."},
    {.name = "get_specialization_stats", .kind = NATIVE_FUNCTION, .sig = "($module, /)", .fn = specialization_stats, .doc = "None: CPython keeps such numbers in a special build only."},
};
value opcode_make(struct thread *t) { return module_from_natives(t, "_opcode", "Opcode support module.", functions, sizeof functions / sizeof *functions); }
