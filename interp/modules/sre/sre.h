// SPDX-License-Identifier: Apache-2.0
// Regular expressions: the program that a pattern becomes, the machine that runs it, the three types Python sees. Leaves parsing patterns to the
// standard library's package `re`, whose compiler makes the code words (MAGIC 20220615) that _sre.compile gets.
//
// TWO FORMS. The library's code words are read once, checked (a bad jump is a RuntimeError, never a crash) and translated into a `struct program`: an array of equal
// instructions with absolute targets. Translation is where speed comes from:
//  - every single-character item (a literal, a set, a category, the case-insensitive families but those of the locale) becomes a character, or a `struct charset`
//    whose first 256 answers stand in a table: one load a character, whatever the set looks like. Case is folded into the table;
//  - neighbouring literals become one string; (first.c) a choice gets a guard: what the next character must be for the path to have a chance. A guard that
//    fails costs no choice point;
//  - x* before something that x does not match gives nothing back (POSSESSIVE flags): such loops push nothing;
//  - the search plan: a literal prefix is looked for with memchr and memmem, else a table of first characters, else every position; a pattern that starts with ^ is tried
//    at one place only.
//
// THE MACHINE (machine.inc, compiled for characters of 1, 2 and 4 bytes) walks a program with a position. What may have to be undone lies on one backtrack
// stack of words, a header last in each entry:
//
//     CHOICE     position                    go on at program counter `pc` there
//     ONE        position, lowest position   x*: give one character back, go on behind the loop
//     LAZY       position, characters left   x*?: take one character more
//     LOOP       position, count, last       the tail of (…)* instead of one more round
//     LAZY_LOOP  position                    one more round of (…)*?
//     MARK       old mark                    undo a group's boundary (and lastindex)
//     COUNT      count, last                 undo a loop's counter
//
// Failing pops entries: undo, undo, … up to the first that offers another way. So captures are exactly those of the path that matched. Loops nest statically, hence each has
// one fixed slot {count, where the last round began}; a round that took no character is the last one.
// Atomic parts (lookaround, (?>…), possessive repeats) note the height of the stack when they begin; once they have matched, everything above it is dropped but the
// MARK entries, which an outer failure still needs (cut). C does not recurse: a subject of any length costs heap, and running out of it is a MemoryError.
//
// SAFEPOINTS. Every failure, round of a loop and character searched draws on `fuel`; when it is spent the thread is polled: cancellation, time-outs and the other threads get their
// turn within a millisecond or so. Python code may run there; the subject is kept by the caller, its bytes by a buffer export.
//
// THREADS. A program is immutable once made. All state of a match stands in `struct matcher` on the C stack of the thread that matches.
#ifndef KRAIT_INTERP_MODULES_SRE_SRE_H
#define KRAIT_INTERP_MODULES_SRE_SRE_H

#include "interp/types/str.h"

enum { SRE_MAGIC = 20220615, SRE_MAXREPEAT = 0xffffffffu, SRE_MAXGROUPS = 1 << 20 };
enum sre_flag {
    FLAG_TEMPLATE = 1, FLAG_IGNORECASE = 2, FLAG_LOCALE = 4, FLAG_MULTILINE = 8, FLAG_DOTALL = 16, FLAG_UNICODE = 32, FLAG_VERBOSE = 64, FLAG_DEBUG = 128, FLAG_ASCII = 256,
};

// The words of the library's compiler, in its numbering.
#define SRE_CODES(X)                                                                                                                                       \
    X(FAILURE) X(SUCCESS) X(ANY) X(ANY_ALL) X(ASSERT) X(ASSERT_NOT) X(AT) X(BRANCH) X(CATEGORY) X(CHARSET) X(BIGCHARSET) X(GROUPREF) X(GROUPREF_EXISTS)     \
    X(IN) X(INFO) X(JUMP) X(LITERAL) X(MARK) X(MAX_UNTIL) X(MIN_UNTIL) X(NOT_LITERAL) X(NEGATE) X(RANGE) X(REPEAT) X(REPEAT_ONE) X(SUBPATTERN)              \
    X(MIN_REPEAT_ONE) X(ATOMIC_GROUP) X(POSSESSIVE_REPEAT) X(POSSESSIVE_REPEAT_ONE) X(GROUPREF_IGNORE) X(IN_IGNORE) X(LITERAL_IGNORE)                       \
    X(NOT_LITERAL_IGNORE) X(GROUPREF_LOC_IGNORE) X(IN_LOC_IGNORE) X(LITERAL_LOC_IGNORE) X(NOT_LITERAL_LOC_IGNORE) X(GROUPREF_UNI_IGNORE) X(IN_UNI_IGNORE)    \
    X(LITERAL_UNI_IGNORE) X(NOT_LITERAL_UNI_IGNORE) X(RANGE_UNI_IGNORE)
enum sre_code {
#define X(n) CODE_##n,
    SRE_CODES(X)
#undef X
    CODE_COUNT
};
enum sre_at { // operand of AT
    AT_BEGINNING, AT_BEGINNING_LINE, AT_BEGINNING_STRING, AT_BOUNDARY, AT_NON_BOUNDARY, AT_END, AT_END_LINE, AT_END_STRING, AT_LOC_BOUNDARY,
    AT_LOC_NON_BOUNDARY, AT_UNI_BOUNDARY, AT_UNI_NON_BOUNDARY, AT_COUNT,
};
enum { CATEGORY_COUNT = 18 };
enum { INFO_PREFIX = 1, INFO_LITERAL = 2, INFO_CHARSET = 4 };

// How a character is folded before it is compared.
enum fold { FOLD_NONE, FOLD_ASCII, FOLD_LOCALE, FOLD_UNICODE };
uint32_t fold_char(enum fold fold, uint32_t c);
uint32_t unfold_unicode(uint32_t c); // its simple upper case

// ---- sets (charset.c) ----
struct charset {
    uint8_t low[256];         // whether c is in it, c < 256; not for sets of the locale
    uint8_t fold;             // enum fold
    uint8_t locale;           // asks the C locale at match time: no table
    uint8_t negate;           // the answer of `words` is turned round
    uint8_t high_any;         // some c >= 256 may be in it
    uint8_t high_all;         // every c >= 256 is: a set made by first.c
    uint8_t pad[3];           // sets are compared by memcmp
    uint32_t words, nwords;   // the library's set, up to its FAILURE, in program->words; nwords 0: the one character `words`
};
struct program;
// Checks the set in words[0..n) (FAILURE last). false: malformed; *used gets its length.
bool charset_check(const uint32_t *words, size_t n, size_t *used);
bool charset_has_slow(const struct program *p, const struct charset *s, uint32_t c);
void charset_fill(const struct program *p, struct charset *s); // low, high_any, high_all from words
static inline bool charset_has(const struct program *p, const struct charset *s, uint32_t c) {
    if (likely(c < 256 && !s->locale)) return s->low[c];
    return charset_has_slow(p, s, c);
}
bool char_is_word(uint32_t c, enum sre_at at); // for the boundaries of AT

// ---- programs (program.c, first.c) ----
enum op {
    OP_CHAR, OP_NOT_CHAR, OP_ANY, OP_ANY_ALL, OP_SET, OP_SET_LOCALE, // items: one character. a: the character or the number of a set
    OP_STRING,        // a: where in strings, b: how many characters
    OP_MARK,          // a: slot
    OP_AT,            // a: enum sre_at
    OP_JUMP,          // a: target
    OP_SPLIT,         // guard fails: go to a; else a is a choice
    OP_ONE, OP_ONE_LAZY, OP_ONE_POSSESSIVE, // item a of kind `item`, b to c times
    OP_LOOP,          // begin: slot a, body at pc + 1; goes to its UNTIL (b)
    OP_UNTIL, OP_UNTIL_LAZY, // slot a, body at d, b to c times; the tail follows
    OP_LOOK,          // a: slot, b: characters back, c: behind its end
    OP_LOOK_END,      // a: slot; item: has marks
    OP_NOT_LOOK,      // the same
    OP_NOT_LOOK_END,
    OP_ATOMIC, OP_ATOMIC_END,
    OP_POSSESSIVE,    // begin: slot a, goes to the next
    OP_POSSESSIVE_LOOP, // slot a, b to c rounds of the body at pc + 1; tail at d
    OP_POSSESSIVE_END, // slot a, back to the loop at d; item: has marks
    OP_GROUPREF,      // a: group, item: enum fold
    OP_GROUPREF_EXISTS, // a: group, d: where to go without it
    OP_FAIL, OP_SUCCESS,
};
enum guard { GUARD_NONE, GUARD_CHAR, GUARD_SET };
enum { // insn.flags
    POSSESSIVE_NARROW = 1,  // gives nothing back where the subject has one-byte characters
    POSSESSIVE_WIDE = 2,    // … where it has wider ones
};
struct insn {
    uint8_t op, item, guard, flags; // enum op; item kind; enum guard: what must come next (after a loop, or at the first way of a SPLIT)
    uint32_t guard_arg;
    uint32_t a, b, c, d;
};
enum search_kind { SEARCH_ALL, SEARCH_ANCHOR, SEARCH_CHAR, SEARCH_STRING, SEARCH_SET };
struct program {
    struct insn *insns;
    struct charset *sets;
    uint32_t *words;          // the code words as they came: sets, equality and hash of patterns
    uint32_t *strings;        // characters of OP_STRING
    uint8_t *narrow;          // the same as bytes, where all of a string are below 256
    uint32_t ninsns, nsets, nwords, nstrings;
    uint32_t insns_room, sets_room;
    uint32_t groups, slots;   // groups; static slots of loops and atomic parts
    uint32_t min_width;       // no match is shorter
    uint8_t search;           // enum search_kind
    uint8_t all_literal;      // the whole pattern is that string
    uint32_t search_arg;      // the character, or the set
    uint32_t search_at, search_length; // the string, in strings
};
// returns new program from code words (copied), or NULL: RuntimeError "invalid SRE code", MemoryError.
struct program *program_new(struct thread *t, const uint32_t *words, size_t n, size_t groups);
void program_free(struct thread *t, struct program *p);
// Guards, flags and the search plan; the last step of program_new. false: MemoryError.
bool program_plan(struct thread *t, struct program *p) MUST_CHECK;
uint32_t program_add_set(struct thread *t, struct program *p, const struct charset *s); // UINT32_MAX: MemoryError

// ---- matching (machine.c) ----
struct subject {              // what is searched
    value string;             // owned
    struct buffer_view view;  // of a bytes-like one
    const uint8_t *data;
    size_t length;            // characters
    uint8_t width;            // bytes a character
    bool is_bytes;
};
bool subject_open(struct thread *t, struct subject *s, vref string) MUST_CHECK; // TypeError "expected string or bytes-like object, got 'x'"
void subject_close(struct thread *t, struct subject *s);
value subject_slice(struct thread *t, const struct subject *s, int64_t from, int64_t to); // a str or bytes

enum { MARKS_INLINE = 20, SLOTS_INLINE = 8, STACK_INLINE = 192 };
struct slot {                 // of a loop or an atomic part
    int64_t count;
    const void *last;         // where the last round began; where a lookaround began
    size_t height;            // of the stack
};
struct matcher {
    const struct program *program;
    const struct subject *subject;
    int64_t pos, endpos;      // the part to search, 0 <= pos <= endpos <= length
    bool full;                // the match must reach endpos
    bool advance;             // a match at pos must not be empty
    // result
    int64_t start, end;
    int64_t lastindex;        // last group closed, or -1
    const void **marks;       // 2 a group; NULL: not set
    // working memory
    struct slot *slots;
    uint64_t *stack;
    size_t stack_size;
    int64_t fuel;
    const void *marks_inline[MARKS_INLINE];
    struct slot slots_inline[SLOTS_INLINE];
    uint64_t stack_inline[STACK_INLINE];
};
bool matcher_open(struct thread *t, struct matcher *m, const struct program *p, const struct subject *s, int64_t pos, int64_t endpos) MUST_CHECK;
void matcher_close(struct thread *t, struct matcher *m);
// At pos only; anywhere from pos on. 1 match, 0 none, -1 exception.
int matcher_match(struct thread *t, struct matcher *m);
int matcher_search(struct thread *t, struct matcher *m);
// After a match: goes on behind it (a match there must not be empty if the last one was).
void matcher_next(struct matcher *m);
// Boundaries of group i (0: all). false: it took no part.
bool matcher_group(const struct matcher *m, uint32_t i, int64_t *from, int64_t *to);
value matcher_group_text(struct thread *t, const struct matcher *m, uint32_t i, vref fallback); // new; fallback owned anew if the group took no part
enum { FUEL = 1 << 14 };      // steps between two polls
bool matcher_poll(struct thread *t, struct matcher *m) MUST_CHECK;   // fuel is spent
bool matcher_grow(struct thread *t, struct matcher *m, size_t used) MUST_CHECK;

// ---- the types ----
struct pattern {
    struct object head;
    struct program *program;
    value text;               // the pattern's source, or None
    value groupindex;         // dict name → number
    value indexgroup;         // tuple of names or None
    int64_t flags;
    int8_t is_bytes;          // of the source: -1 neither (None)
};
struct match {
    struct object head;
    value string;             // owned; None never
    value pattern;            // owned
    int64_t pos, endpos, lastindex;
    uint32_t groups;          // with group 0
    int64_t span[];           // 2 a group; -1: took no part
};
struct scanner {
    struct object head;
    value pattern;            // owned
    struct subject subject;   // open as long as the scanner lives: a bytearray cannot be resized meanwhile
    int64_t pos, endpos;      // guarded by `busy`
    bool advance;
    _Atomic bool busy;        // a thread is at it
};
extern struct type type_sre_pattern, type_sre_match, type_sre_scanner;
static inline struct pattern *as_pattern(vref v) { return (struct pattern *)as_object(v); }
value pattern_make(struct thread *t, const vref *a);          // _sre.compile
value pattern_scanner(struct thread *t, const vref *a);       // pattern.scanner(string, pos, endpos)
value pattern_finditer(struct thread *t, const vref *a);
value pattern_sub(struct thread *t, const vref *a);           // pattern.sub(repl, string, count)
value pattern_subn(struct thread *t, const vref *a);
bool pattern_open(struct thread *t, struct pattern *p, struct subject *s, vref string) MUST_CHECK; // subject_open, and of the pattern's kind
value match_new(struct thread *t, vref pattern, const struct matcher *m);
bool scanner_ready(struct thread *t) MUST_CHECK;             // the types of scanner.c

#endif
