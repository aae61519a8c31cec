// SPDX-License-Identifier: Apache-2.0
// The instruction set: one row an instruction; enum, jump table, disassembler and verifier are made from it. Leaves execution to eval.inc and
// its ops_*.inc, making of code to front/compile*.c.
//
// SHAPE OF CODE. Instructions are 32-bit words: opcode, A, B, C of 8 bits each, low byte first. BC together is a 16-bit field. Some take one or two extra words
// X, Y behind them. R[0..nlocals) are locals: parameters first, in the order of the signature (positional-only, normal, *args if any, keyword-only, **kw — that
// is: argcount positionals, then kwonly ones, then *args, then **kw, as co_varnames has them), then other locals; a variable that a nested function captures lives in a
// cellbox held by its register (MKCELL in the prologue). R[nlocals..nregs) are temporaries, used as a stack by the compiler. K[i] are constants.
// Functions with more than 200 locals keep the rest in far registers R[i], i >= 256, reached only by LDFAR/STFAR/DELFAR; temporaries stay below 256.
//
// OWNERSHIP, three rules:
//  1. Every register always holds a valid word: V_UNBOUND or another uncounted word when dead. Writing a register drops (releases) the word it held.
//  2. A source operand that is a local is borrowed from it and stays. A source operand that is a temporary is consumed: after the instruction it is dead
//     (the VM moves or releases the word). So a temporary is used once; the cheapest form of a unary instruction names the same register as source and destination.
//     Exceptions are marked k (kept): iterators, containers under construction, exceptions in a handler.
//  3. An operand that is a local must not be rebound between its evaluation and its use: for `x + (x := 1)` the compiler first copies x with MOVE.
// Using a local that is V_UNBOUND raises UnboundLocalError by itself (every instruction's slow path looks; MOVE, BORROW, RET, LIST … look always).
//
// CALL WINDOW. A call at register A finds the callee in R[A] and n arguments in R[A+4] … R[A+3+n]; R[A+1..A+3] are the frame header of the callee, whose registers
// start at R[A+4]. The result lands in R[A]; the argument registers are dead afterwards. Pass a local as argument with BORROW (no count). Keep one more
// register free above the last argument (A+4+n < nregs): the VM may shift arguments up by one to insert self. nregs counts all of this.
//
// EXCEPTIONS. The table of struct code maps ranges of instructions to a handler and a register r: temporaries r and above are dropped, the exception is put in R[r], execution goes
// on at the handler. Handlers bracket their body with PUSHEXC r … POPEXC r, which need r and r+1; a body that may raise is covered by a cleanup entry with register
// r+2: POPEXC r; RERAISE r+2.
//
// OPERAND LETTERS in the second column, for A, B, C:
//   d destination   s source   k source, kept   i unsigned immediate   n signed immediate   - unused
//   r first of a range of sources (all consumed), its length in the next operand   p first of a range of destinations
//   Two letters for BC together: K constant index, W signed 16 bits, N unsigned 16 bits.
// Third column, the extra words: NONE, JUMP (signed, counted in words from the word behind the instruction), SITE (index of a cache site, whose name is
// code->site_names[X]), CONST (index of a constant), INT (a number), and SITE_CONST (X site, Y constant), INT_JUMP.
// A backward JUMP is a safepoint.
#ifndef KRAIT_INTERP_VM_OPCODE_H
#define KRAIT_INTERP_VM_OPCODE_H

#define OPCODES(X)                                                                                                            \
    /* ---- moves ---- */                                                                                                     \
    X(NOP, "---", NONE)          /* nothing */                                                                                \
    X(MOVE, "ds-", NONE)         /* A = B: owns a local, moves a temporary */                                                 \
    X(BORROW, "ds-", NONE)       /* A = B without a count; B is a local, or a temporary that outlives A; A an argument register of a call window or an operand consumed before B may change, never the source of MOVE */ \
    X(DUP, "dk-", NONE)          /* A = B, owned; B stays even if it is a temporary (except E as e, chained targets) */       \
    X(LOADK, "dK", NONE)         /* A = K[BC] */                                                                              \
    X(LOADI, "dW", NONE)         /* A = int BC */                                                                             \
    X(DROP, "s--", NONE)         /* A is not needed any more (A a temporary) */                                               \
    X(DELLOCAL, "k--", NONE)     /* del of local A: UnboundLocalError if unbound */                                           \
    X(CHECK, "k--", NONE)        /* UnboundLocalError if local A is unbound */                                                \
    X(LDFAR, "d--", INT)         /* A = R[X] */                                                                               \
    X(STFAR, "s--", INT)         /* R[X] = A */                                                                               \
    X(DELFAR, "---", INT)                                                                                                     \
    /* ---- names ---- */                                                                                                     \
    X(LDGLOBAL, "d--", SITE)     /* global, then builtin; NameError */                                                        \
    X(STGLOBAL, "s--", SITE)                                                                                                  \
    X(DELGLOBAL, "---", SITE)                                                                                                 \
    X(LDNAME, "d--", SITE)       /* class bodies and module code: namespace R[0], then global, then builtin */                \
    X(STNAME, "s--", SITE)       /* namespace R[0] */                                                                         \
    X(DELNAME, "---", SITE)                                                                                                   \
    X(MKCELL, "k--", NONE)       /* A = new cellbox holding what A held (V_UNBOUND allowed) */                                \
    X(LDCELL, "dk-", NONE)       /* A = value of the cellbox in local B; UnboundLocalError */                                 \
    X(STCELL, "ks-", NONE)       /* cellbox in local A takes B */                                                             \
    X(DELCELL, "k--", NONE)                                                                                                   \
    X(LDFREE, "dN", NONE)        /* A = value of free variable BC (index in co_freevars); NameError */                        \
    X(STFREE, "sN", NONE)                                                                                                     \
    X(DELFREE, "-N", NONE)                                                                                                    \
    X(LDFREEBOX, "dN", NONE)     /* A = the cellbox itself of free variable BC, for a nested closure */                       \
    X(LDCLASSFREE, "dN", SITE)   /* class body: namespace R[0] first, then free variable BC; the site names it */             \
    X(LDCLASSCELL, "dk-", SITE)  /* the same for a cellbox in local B */                                                      \
    /* ---- arithmetic: A = B op C ---- */                                                                                    \
    X(ADD, "dss", NONE) X(SUB, "dss", NONE) X(MUL, "dss", NONE) X(TRUEDIV, "dss", NONE) X(FLOORDIV, "dss", NONE)              \
    X(MOD, "dss", NONE) X(AND, "dss", NONE) X(OR, "dss", NONE) X(XOR, "dss", NONE) X(LSHIFT, "dss", NONE) X(RSHIFT, "dss", NONE) \
    X(IADD, "dss", NONE) X(ISUB, "dss", NONE) X(IMUL, "dss", NONE) /* in place: x += y is IADD x x y */                       \
    X(BINARY, "dss", INT)        /* any operator: X = enum binary_op, + NB_INPLACE */                                         \
    X(ADDI, "dsn", NONE) X(SUBI, "dsn", NONE) X(IADDI, "dsn", NONE) X(ISUBI, "dsn", NONE) /* C is the right operand itself */ \
    X(MULI, "dsn", NONE) X(FLOORDIVI, "dsn", NONE) X(MODI, "dsn", NONE) X(ANDI, "dsn", NONE) X(RSHIFTI, "dsn", NONE) X(LSHIFTI, "dsn", NONE) \
    X(NEG, "ds-", NONE) X(POS, "ds-", NONE) X(INVERT, "ds-", NONE) X(NOT, "ds-", NONE)                                        \
    /* ---- comparison, as a value ---- */                                                                                    \
    X(LT, "dss", NONE) X(LE, "dss", NONE) X(EQ, "dss", NONE) X(NE, "dss", NONE) X(GT, "dss", NONE) X(GE, "dss", NONE)         \
    X(IS, "dss", NONE) X(ISNOT, "dss", NONE)                                                                                  \
    X(IN, "dss", NONE) X(NOTIN, "dss", NONE) /* B in C */                                                                     \
    /* ---- jumps ---- */                                                                                                     \
    X(JMP, "---", JUMP)                                                                                                       \
    X(JT, "s--", JUMP) X(JF, "s--", JUMP)          /* if A is true, false */                                                  \
    X(JTKEEP, "k--", JUMP) X(JFKEEP, "k--", JUMP)  /* `or`, `and`: if A is true (false) jump and keep temporary A, else drop it */ \
    X(JNONE, "s--", JUMP) X(JNNONE, "s--", JUMP)   /* if A is None, is not None */                                            \
    X(JIS, "ss-", JUMP) X(JISNOT, "ss-", JUMP)                                                                                \
    X(JLT, "ss-", JUMP) X(JLE, "ss-", JUMP) X(JEQ, "ss-", JUMP) X(JNE, "ss-", JUMP) X(JGT, "ss-", JUMP) X(JGE, "ss-", JUMP)   \
    X(JNLT, "ss-", JUMP) X(JNLE, "ss-", JUMP) X(JNEQ, "ss-", JUMP) X(JNNE, "ss-", JUMP) X(JNGT, "ss-", JUMP) X(JNGE, "ss-", JUMP) /* if not A < B … */ \
    X(JLTI, "sW", JUMP) X(JLEI, "sW", JUMP) X(JEQI, "sW", JUMP) X(JNEI, "sW", JUMP) X(JGTI, "sW", JUMP) X(JGEI, "sW", JUMP)   \
    X(JNLTI, "sW", JUMP) X(JNLEI, "sW", JUMP) X(JNEQI, "sW", JUMP) X(JNNEI, "sW", JUMP) X(JNGTI, "sW", JUMP) X(JNGEI, "sW", JUMP) \
    X(JIN, "ss-", JUMP) X(JNOTIN, "ss-", JUMP)     /* if A in B */                                                            \
    /* ---- attributes and items ---- */                                                                                      \
    X(GETATTR, "ds-", SITE)      /* A = B.name */                                                                             \
    X(SETATTR, "ss-", SITE)      /* A.name = B */                                                                             \
    X(DELATTR, "s--", SITE)                                                                                                   \
    X(IADDATTR, "ss-", SITE)     /* A.name += B */                                                                            \
    X(IADDATTRI, "sn-", SITE)    /* A.name += int B */                                                                        \
    X(SUPERATTR, "d--", SITE)    /* A = super().name without arguments: R[A+4] = __class__, R[A+5] = self on entry (consumed), R[A] the global `super` looked up before */ \
    X(GETITEM, "dss", NONE)      /* A = B[C] */                                                                               \
    X(GETITEMI, "dsn", NONE)     /* A = B[int C] */                                                                           \
    X(SETITEM, "sss", NONE)      /* A[B] = C */                                                                               \
    X(DELITEM, "ss-", NONE)      /* del A[B] */                                                                               \
    X(SLICE, "dri", NONE)        /* A = slice(R[B], R[B+1], R[B+2] if C == 3) */                                              \
    /* ---- calls: window at A ---- */                                                                                        \
    X(CALL, "di-", NONE)         /* R[A] = R[A](R[A+4..A+4+B)) */                                                             \
    X(CALLG, "di-", SITE)        /* the same, callee is the global of the site (R[A] need not be loaded) */                   \
    X(CALLM, "di-", SITE)        /* method call: R[A+4] is the object, then B arguments behind it: R[A] = R[A+4].name(R[A+5..]) */ \
    X(CALLKW, "di-", CONST)      /* CALL with keywords: the last len(K[X]) of the B arguments belong to the names in tuple K[X] */ \
    X(CALLMKW, "di-", SITE_CONST) /* CALLM with keywords, names in K[Y] */                                                    \
    X(CALLEX, "di-", NONE)       /* R[A](*R[A+4], **R[A+5]): R[A+4] any iterable; B = 1 if R[A+5] is a dict */             \
    X(RET, "s--", NONE)                                                                                                       \
    X(RETNONE, "---", NONE)                                                                                                   \
    /* ---- making things ---- */                                                                                             \
    X(LIST, "dri", NONE) X(TUPLE, "dri", NONE) X(SET, "dri", NONE) /* of R[B..B+C) */                                         \
    X(MAP, "dri", NONE)          /* dict of C pairs in R[B..B+2C) */                                                          \
    X(LISTAPPEND, "ks-", NONE) X(LISTEXTEND, "ks-", NONE) X(SETADD, "ks-", NONE) X(SETUPDATE, "ks-", NONE)                    \
    X(MAPSET, "kss", NONE)       /* A[B] = C, A an exact dict under construction */                                           \
    X(MAPUPDATE, "ks-", NONE)    /* {**B} into A: TypeError "'x' object is not a mapping" */                                  \
    X(MAPMERGE, "ksk", NONE)     /* f(**B) into A; a key that is there is a TypeError that names the function in C */         \
    X(LISTTUPLE, "ds-", NONE)    /* A = tuple(list B) */                                                                      \
    X(FORMAT, "dsi", NONE)       /* A = format of B: C & 3 = conversion (0 none 1 str 2 repr 3 ascii), C & 4: spec in R[B+1] */ \
    X(STRCAT, "dri", NONE)       /* A = concatenation of C str in R[B..] */                                                   \
    X(MKFUNC, "dri", CONST)      /* A = function of code K[X]; C is a set of flags, their operands in R[B..] in this order: 1 defaults tuple, 2 kwdefaults dict, 4 annotations (tuple of name, value …), 8 closure tuple of cellboxes */ \
    X(BUILDCLASS, "d--", NONE)   /* A = builtins.__build_class__; then a CALL with function, name, bases… */                  \
    X(UNPACK, "psi", NONE)       /* R[A..A+C) = items of B, which must be exactly C; temporaries. B may be A */               \
    X(UNPACKEX, "psi", INT)      /* a, *b, c: C before, X after; C + 1 + X destinations */                                    \
    /* ---- iteration ---- */                                                                                                 \
    X(GETITER, "ds-", NONE)                                                                                                   \
    X(FORITER, "kd-", JUMP)      /* B (local or temporary) = next of iterator A; when exhausted drop A and jump */            \
    X(GENSTART, "---", NONE)     /* first instruction of a generator, coroutine or asynchronous generator: makes the object, returns it; execution goes on behind when first resumed */ \
    X(YIELD, "ds-", NONE)        /* yield B; A = what was sent. In an async generator the VM wraps B */                       \
    X(YIELDITER, "ds-", NONE)    /* A = iterator for `yield from B` */                                                        \
    X(SEND, "kk-", JUMP)         /* yield from / await: send temporary B into iterator A (temporary). Not done: yields, sent value comes into B, runs again; done: B = result, A dropped, jump */ \
    X(AWAITABLE, "dsi", NONE)    /* A = iterator of awaitable B; C: 0 await, 1 __aenter__, 2 __aexit__ (for the message) */    \
    X(GETAITER, "ds-", NONE) X(GETANEXT, "dk-", NONE) /* A = awaitable of next item of async iterator B, kept */              \
    X(ENDASYNCFOR, "sk-", NONE)  /* A = exception in a handler; StopAsyncIteration: drop it and iterator B; else re-raise */   \
    /* ---- exceptions ---- */                                                                                                \
    X(RAISE, "ssi", NONE)        /* C 0: re-raise the handled one; 1: raise A; 2: raise A from B */                           \
    X(PUSHEXC, "k--", NONE)      /* A becomes the handled exception, the one before is kept in R[A+1] */                      \
    X(POPEXC, "s--", NONE)       /* undoes PUSHEXC A; A and A+1 are dead */                                                   \
    X(JNEXC, "ks-", JUMP)        /* if exception A does not match B (class or tuple of classes) */                            \
    X(RERAISE, "s--", NONE)      /* raise A again, traceback untouched */                                                     \
    X(EGMATCH, "pks", NONE)      /* except*: splits R[B] by type C: R[A] = matching group or None, R[A+1] = rest or None; B stays */ \
    X(EGRERAISE, "dks", NONE)    /* end of except*: B the original, C list of raised and unmatched; A = what is to be raised or None */ \
    X(ASSERTERR, "d--", NONE)    /* A = AssertionError */                                                                     \
    X(WITHENTER, "ps-", NONE)    /* R[A] = bound __exit__ of B, R[A+1] = B.__enter__() */                                     \
    X(WITHEXIT, "s--", NONE)     /* A(None, None, None), result dropped */                                                    \
    X(WITHEXC, "dkk", NONE)      /* A = B(type, exc, traceback) for exception C; both kept */                                 \
    X(AWITHENTER, "ps-", NONE)   /* R[A] = bound __aexit__, R[A+1] = awaitable of __aenter__() (for AWAITABLE) */             \
    X(AWITHEXIT, "ds-", NONE)    /* A = B(None, None, None): an awaitable */                                                  \
    /* ---- import ---- */                                                                                                    \
    X(IMPORT, "dri", SITE)       /* A = __import__(site name, level R[B], fromlist R[B+1]); C = 2 */                          \
    X(IMPORTFROM, "dk-", SITE)   /* A = from module B (kept) import name */                                                   \
    X(IMPORTSTAR, "s--", NONE)   /* into the namespace */                                                                     \
    /* ---- match ---- */                                                                                                     \
    X(ISMAPPING, "dk-", NONE) X(ISSEQUENCE, "dk-", NONE) X(LENGTH, "dk-", NONE)                                               \
    X(MATCHKEYS, "dks", NONE)    /* A = tuple of values of mapping B for keys in tuple C, or None */                          \
    X(MATCHCLASS, "dri", INT)    /* subject R[B] (kept), class R[B+1], keyword names tuple R[B+2]; C = 3, X = positional count; A = tuple or None */ \
    X(COPYWITHOUT, "dks", NONE)  /* match {**rest}: A = dict of B without the keys in tuple C */                              \
    /* ---- rest ---- */                                                                                                      \
    X(PRINTEXPR, "s--", NONE)    /* interactive: sys.displayhook(A) */                                                        \
    X(SETUPANN, "---", NONE)     /* __annotations__ = {} in the namespace unless there */                                     \
    X(LINE, "---", NONE)         /* a place where a trace function sees a new line though no instruction stands for it */

// Specialised forms: written over the general one at run time (one atomic store of the word), never by the compiler. Same operands.
#define SPECIAL_OPCODES(X)                                                                                                    \
    X(GETATTR_SLOT, GETATTR) X(GETATTR_FAR, GETATTR) X(GETATTR_CELL, GETATTR) X(GETATTR_MODULE, GETATTR) X(GETATTR_TYPE, GETATTR) X(GETATTR_PROPERTY, GETATTR) \
    X(SETATTR_SLOT, SETATTR) X(SETATTR_ADD, SETATTR)                                                                          \
    X(IADDATTR_SLOT, IADDATTR) X(IADDATTRI_SLOT, IADDATTRI)                                                                   \
    X(LDGLOBAL_CELL, LDGLOBAL) X(LDGLOBAL_BUILTIN, LDGLOBAL)                                                                  \
    X(CALLG_FUNC, CALLG) X(CALLG_BUILTIN, CALLG)                                                                                                      \
    X(CALLM_FUNC, CALLM) X(CALLM_NATIVE, CALLM) X(CALLM_MODULE, CALLM) X(CALLM_APPEND, CALLM)

enum opcode {
#define X(name, operands, extra) OP_##name,
    OPCODES(X)
#undef X
    OP_GENERAL_COUNT,
    OP_FIRST_SPECIAL = OP_GENERAL_COUNT - 1,
#define X(name, general) OP_##name,
    SPECIAL_OPCODES(X)
#undef X
    OP_COUNT
};
enum opcode_extra { EXTRA_NONE, EXTRA_JUMP, EXTRA_SITE, EXTRA_CONST, EXTRA_INT, EXTRA_SITE_CONST };
struct opcode_info {
    const char *name;
    const char *operands; // as above
    enum opcode_extra extra;
    enum opcode general;  // what a specialised form stands for; itself for a general one
};
extern const struct opcode_info opcode_table[OP_COUNT]; // opcode.c
static inline unsigned opcode_words(enum opcode_extra extra) { return extra == EXTRA_NONE ? 1 : extra == EXTRA_SITE_CONST ? 3 : 2; }

#endif
