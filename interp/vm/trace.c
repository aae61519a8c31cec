// SPDX-License-Identifier: Apache-2.0
// Trace and profile functions: which instruction makes which event, and the calls. Leaves the dispatch to eval.inc, f_lineno and f_locals to frame.c.
#include "interp/vm/trace.h"
#include "interp/types/exc.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"
#include "interp/vm/gen.h"
#include "interp/vm/vm.h"

static struct frame *as_frame(vref v) { return (struct frame *)as_object(v); }

void vm_trace_set(struct thread *t, value *which, vref function) {
    replace_field(t, which, function == V_NONE ? V_NULL : own(t, function));
    for (value *R = t->frame; R; R = frame_back(R)) R[-2] |= FRAME_TRACED;
    for (struct frame *f = t->frame_objects; f; f = f->next_live) frame_follow(f);
    thread_set_traced(t);
}

value vm_trace_call(struct thread *t, vref f, vref args) {
    uint8_t tracing = t->tracing;
    t->tracing = 0;
    thread_set_traced(t);
    value r = object_call_ex(t, f, args, V_NULL);
    t->tracing = tracing;
    thread_set_traced(t);
    return r;
}

// One call of a trace or profile function, with the pending exception put aside. returns new; V_NULL: it raised, the exception before is gone.
static value call_tracer(struct thread *t, vref tracer, struct frame *f, const char *event, vref arg) {
    value exc = raised_take(t), function = own(t, tracer), name = str_intern_cstr(t, event);
    uint8_t reraising = t->reraising;
    t->reraising = 0;
    t->tracing++;
    thread_set_traced(t);
    vref args[] = {borrowed_word(f), name, arg};
    value r = name ? object_call(t, function, args, 3, V_NULL) : V_NULL;
    t->tracing--;
    thread_set_traced(t);
    t->reraising = reraising;
    release_opt(t, name);
    release(t, function);
    value failure = raised_take(t);
    frame_put_locals(t, f);
    if (!failure) failure = exc;
    else release_opt(t, exc);
    if (failure) raised_restore(t, failure);
    return r;
}
static void forget(struct thread *t, value *which) {
    release_field(t, which);
    thread_set_traced(t);
}

// To the frame's own trace function, or for `call` to the thread's, whose answer becomes the frame's.
static bool to_tracer(struct thread *t, struct frame *f, const char *event, vref arg, bool call) {
    vref tracer = call ? t->trace : f->trace;
    if (!t->trace || !tracer) return true;
    if (f->locals) release_opt(t, f->R ? frame_get_locals(t, f->R) : V_NULL);
    value r = call_tracer(t, tracer, f, event, arg);
    if (!r) {
        release_field(t, &f->trace);
        forget(t, &t->trace);
        return false;
    }
    if (r == V_NONE) return true;
    replace_field(t, &f->trace, r);
    frame_keep(t, f);
    return true;
}
static bool to_profiler(struct thread *t, struct frame *f, const char *event, vref arg) {
    if (!t->profile) return true;
    value r = call_tracer(t, t->profile, f, event, arg);
    if (!r) {
        forget(t, &t->profile);
        return false;
    }
    release(t, r);
    return true;
}

static bool is_generator(const struct code *c) { return (c->flags & (CODE_GENERATOR | CODE_COROUTINE | CODE_ASYNC_GENERATOR)) != 0; }
static bool is_resumed(const value *R) {
    enum frame_kind kind = frame_kind(R);
    return kind == FRAME_GEN || kind == FRAME_GEN_FOR || kind == FRAME_GEN_SEND;
}

// Where the run begins: at the def, or at the yield that a generator was suspended in.
static void enter(struct frame *f, const value *R) {
    struct position p;
    f->entering = true;
    f->last_at = 0;
    f->last_line = 0;
    f->line = f->code->firstlineno;
    if (!is_resumed(R) || as_gen(R[-5])->sent_reg < 0) return;
    f->last_at = frame_at(R) - (as_gen(R[-5])->delegate_reg < 0);
    if (code_position(f->code, f->last_at, &p)) f->line = f->last_line = p.line;
}

static bool both(struct thread *t, value *R, const char *event, vref arg, bool call) {
    value frame = frame_object(t, R);
    if (!frame) return false;
    struct frame *f = as_frame(frame);
    if (call) enter(f, R);
    bool ok = to_tracer(t, f, event, arg, call) && to_profiler(t, f, event, arg);
    f->entering = false;
    release(t, frame);
    return ok;
}

// ---- call and return ----

bool vm_trace_return(struct thread *t, value *R, vref result) { return !t->traced || both(t, R, "return", result, false); }

void vm_trace_unwound(struct thread *t, value *R) {
    if (t->traced && !both(t, R, "return", V_NONE, false)) return;
}

void vm_trace_exception(struct thread *t, value *R) {
    if (!(R[-2] & FRAME_TRACED) || !(R[-1] & FRAME_HAS_OBJECT) || !t->trace) return;
    value frame = frame_object(t, R);
    if (!frame) return;
    if (as_frame(frame)->trace) {
        vref exc = t->exc;
        vref tb = as_exc(exc)->traceback;
        vref parts[] = {type_ref(type_of(exc)), exc, tb ? tb : V_NONE};
        value arg = tuple_from_array(t, parts, 3);
        if (arg && !to_tracer(t, as_frame(frame), "exception", arg, false) && t->reraising) t->reraising = 0;
        release_opt(t, arg);
    }
    release(t, frame);
}

// ---- lines ----

// Whether the instruction at word `at` begins a line for a tracer: another one than that of the instruction before, or any behind a jump backwards.
static bool begins_line(struct frame *f, uint32_t at, enum opcode op) {
    struct position p;
    int32_t line = code_position(f->code, at, &p) ? p.line : 0, last_line = f->last_line;
    uint32_t last_at = f->last_at;
    f->last_at = at;
    if (line <= 0) return false;
    f->last_line = line;
    if (last_line != 0 && at < last_at) return op != OP_SEND;
    return line != last_line;
}
static bool step_in(struct thread *t, struct frame *f, uint32_t at, enum opcode op) {
    bool line = begins_line(f, at, op);
    if (line && f->trace_lines && !to_tracer(t, f, "line", V_NONE, false)) return false;
    return !f->trace_opcodes || to_tracer(t, f, "opcode", V_NONE, false);
}

bool vm_trace_step(struct thread *t, value *R, uint32_t word) {
    struct code *c = frame_code(R);
    enum opcode op = opcode_table[word & 255].general;
    if (is_generator(c) && !is_resumed(R)) return true; // what makes the generator is no part of its run
    if (op == OP_MKCELL) return true;                   // the prologue: as if it ran before the call event
    if (!(R[-2] & FRAME_TRACED)) {
        R[-2] |= FRAME_TRACED;
        if (!both(t, R, "call", V_NONE, true)) return false;
    }
    if (t->trace && R[-1] & FRAME_HAS_OBJECT) {
        value frame = frame_object(t, R);
        bool ok = !as_frame(frame)->trace || step_in(t, as_frame(frame), frame_at(R), op);
        release(t, frame);
        if (!ok) return false;
    }
    if (op == OP_RETNONE) return vm_trace_return(t, R, V_NONE);
    if (op != OP_RET && op != OP_YIELD) return true;
    vref v = R[word >> (op == OP_RET ? 8 : 16) & 255];
    return v == V_UNBOUND || vm_trace_return(t, R, v);
}

// ---- C functions ----

unsigned vm_trace_opcode(uint32_t word) {
    unsigned op = word & 255;
    return op == OP_CALLG_BUILTIN || op == OP_CALLM_NATIVE || op == OP_CALLM_APPEND ? opcode_table[op].general : op;
}
static bool is_native(vref f) { return has_shape(f, SHAPE_NATIVE) || has_shape(f, SHAPE_NATIVE_METHOD); }
static bool native_event(struct thread *t, value *R, const char *event, vref f) {
    if (!t->traced || !t->profile || !is_native(f)) return true;
    value frame = frame_object(t, R);
    bool ok = frame && to_profiler(t, as_frame(frame), event, f);
    release_opt(t, frame);
    return ok;
}
bool vm_trace_native(struct thread *t, value *R, vref f) { return native_event(t, R, "c_call", f); }
value vm_trace_native_result(struct thread *t, value *R, vref f, value result) {
    if (!native_event(t, R, result ? "c_return" : "c_exception", f)) release_field(t, &result);
    return result;
}
