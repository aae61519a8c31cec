// SPDX-License-Identifier: Apache-2.0
// Trace and profile functions: the events that the loop makes of a thread that has one. Leaves frame objects to frame.h.
//
// The loop dispatches through one of two tables: the plain one, or one in which every word leads to do_traced, which calls vm_trace_step and goes on in the
// plain one. Nothing else looks at every instruction, so a thread without a tracer pays nothing. Which table holds is t->traced; the loop learns of a change where
// a call takes its slow way (limit is 0 while traced), where a frame ends in a special way (FRAME_TRACED makes it so), and behind any call that C answers.
//
// A frame is FRAME_TRACED from its call event on; frames that ran already when tracing began are marked then, so that they have no late call event. A suspended
// generator loses the mark, so each resumption is a call. While a trace function runs, t->tracing is not 0 and nothing is traced.
#ifndef KRAIT_INTERP_VM_TRACE_H
#define KRAIT_INTERP_VM_TRACE_H

#include "interp/vm/frame.h"

// sys.settrace and setprofile: which is &t->trace or &t->profile; None ends it.
void vm_trace_set(struct thread *t, value *which, vref function);
// sys.call_tracing: f(*args), traced although a trace function is running. returns new.
value vm_trace_call(struct thread *t, vref f, vref args);

// The frame at R is saved in all of these; a trace function that raises is forgotten, and what it raised is pending.
// Before the instruction `word` of the frame at R: call, line, opcode, return. false: exception.
bool vm_trace_step(struct thread *t, value *R, uint32_t word) MUST_CHECK;
// The form of `word` that a traced thread runs: specialised calls of C functions are not seen by vm_trace_native.
unsigned vm_trace_opcode(uint32_t word);
bool vm_trace_return(struct thread *t, value *R, vref result) MUST_CHECK;
void vm_trace_exception(struct thread *t, value *R); // the pending exception entered the frame; what a tracer raises replaces it
void vm_trace_unwound(struct thread *t, value *R);   // the frame ends with the pending exception
// c_call, c_return and c_exception of a profile function. result: takes result or V_NULL, returns it, or V_NULL if the profiler raised.
bool vm_trace_native(struct thread *t, value *R, vref f) MUST_CHECK;
value vm_trace_native_result(struct thread *t, value *R, vref f, value result);

#endif
