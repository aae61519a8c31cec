// SPDX-License-Identifier: Apache-2.0
// Frames on the register stack and frame objects. Leaves running them to vm.c/eval.inc.
//
//     … caller's registers … | func | pc | code+kind | caller R+flags | R[0] R[1] … R[nregs)
//                              R-4    R-3   R-2          R-1            ^ R
//
// R[-4] the function (owned or borrowed word); on return the result is written there, which is the caller's call register.
// R[-3] this frame's own pc, stored whenever something may look (calls, slow paths): behind the first word of the instruction, or behind the whole.
// R[-2] struct code * of this frame and enum frame_kind: what happens when it returns.
// R[-1] R of the frame that called it (NULL below an entry from C on an empty stack) and frame_flag.
// All three carry the tag of an integer: when the frame is gone they stand in registers of the caller as dead words, and dead words must be uncounted.
// t->frame is the innermost R, stored before anything outside the loop may look.
#ifndef KRAIT_INTERP_VM_FRAME_H
#define KRAIT_INTERP_VM_FRAME_H

#include "interp/types/func.h"
#include "interp/vm/code.h"

enum { FRAME_HEADER = 4 };
enum frame_kind { // bits 2 to 5 of R[-2]
    FRAME_PLAIN,    // result into R[-4]
    FRAME_ENTRY,    // called from C: leave the loop
    FRAME_INIT,     // __init__ of the instance in R[-5]: the result must be None, the call's result is the instance, in R[-6]
    FRAME_GEN,      // generator (R[-5]) resumed by C: leave the loop
    FRAME_GEN_FOR,  // generator (R[-5]) resumed by the FORITER that the caller stands on
    FRAME_GEN_SEND, // … by SEND
    FRAME_RESULT,   // property getter: the result goes to operand A of the instruction that the caller stands on
};
enum frame_flag { FRAME_HAS_OBJECT = 4 }; // in R[-1]: a struct frame exists (t->frame_objects)
enum { FRAME_KIND_MASK = 15 << 2 }; // in R[-2]; a plain frame that no tracer saw has none of these bits
enum { FRAME_TRACED = 8 << 2 };     // in R[-2], beside the kind: it had its call event, or ran when tracing began (trace.c)

static inline value frame_pc_word(const _Atomic uint32_t *pc) { return (value)(uintptr_t)pc | 1; }
static inline value frame_code_word(const struct code *c, enum frame_kind kind) { return (value)(uintptr_t)c << 6 | (value)kind << 2 | 1; }
static inline value frame_back_word(const value *R) { return (value)(uintptr_t)R | 1; }
static inline const _Atomic uint32_t *frame_pc(const value *R) { return (const _Atomic uint32_t *)(uintptr_t)(R[-3] - 1); }
static inline struct code *frame_code(const value *R) { return (struct code *)(uintptr_t)(R[-2] >> 6); }
static inline enum frame_kind frame_kind(const value *R) { return (enum frame_kind)(R[-2] >> 2 & 7); }
static inline value *frame_back(const value *R) { return (value *)(uintptr_t)(R[-1] & ~(uint64_t)7); }
// Word index inside the instruction being executed: R[-3] points behind its first word at least.
static inline uint32_t frame_at(const value *R) { return (uint32_t)(frame_pc(R) - frame_code(R)->ops) - 1; }
static inline vref frame_func(const value *R) { return R[-4]; }

// A frame object: sys._getframe, tracebacks, tracing. While the frame runs `R` points to its registers; when it ends the locals are copied out (detached).
struct frame {
    struct object head;
    value *R;                    // NULL once detached
    value func;                  // owned
    struct code *code;           // owned by func
    value back;                  // owned frame object or V_NULL; made on demand while running
    value locals;                // f_locals dict when asked for
    value saved;                 // owned tuple of the locals' words after detachment
    uint32_t at;                 // word index after detachment or while suspended
    value trace;
    struct frame *next_live;     // list of live frame objects of a thread
    bool trace_lines, trace_opcodes; // f_trace_lines, f_trace_opcodes
    bool kept;                   // the running frame owns one count, since f_trace must last as long as it runs
    bool entering;               // during the call event: f_lineno is `line`
    int32_t line;
    uint32_t last_at;            // trace.c: word index and line of the instruction before; line 0: none
    int32_t last_line;
};
void frame_follow(struct frame *f); // the line that it runs now is not new to its tracer
void frame_keep(struct thread *t, struct frame *f); // while it runs
value frame_object(struct thread *t, value *R);   // returns new: the frame object of a running frame
void frame_detach(struct thread *t, value *R);    // the frame at R ends or is suspended: its object, if any, keeps the locals
value frame_current(struct thread *t, int depth); // sys._getframe(depth): ValueError
int frame_line(vref frame);                       // line being executed
value frame_get_locals(struct thread *t, value *R);     // dict of a running frame: locals() ; returns new
void frame_put_locals(struct thread *t, struct frame *f); // what was changed in f_locals becomes the running frame's locals
value frame_get_globals(struct thread *t);        // borrowed→new: globals of the innermost Python frame, V_NULL if none
value frame_get_builtins(struct thread *t);

// Runs code: module execution, exec, eval. namespace may be globals itself.
value vm_exec(struct thread *t, struct code *code, vref globals, vref ns);
// type_func.call
value vm_call_func(struct thread *t, vref func, const vref *args, size_t nargs, vref kwnames);

#endif
