// SPDX-License-Identifier: Apache-2.0
// The loop's inner interface: what eval.inc calls when a fast path does not hold. Leaves the public side to frame.h and object.h.
//
// All helpers take borrowed words and return new ones, V_NULL with an exception pending, unless a line says otherwise. They may run Python code.
#ifndef KRAIT_INTERP_VM_VM_H
#define KRAIT_INTERP_VM_VM_H

#include "interp/vm/frame.h"
#include "interp/vm/gen.h"

// Runs the frame at R (kind FRAME_ENTRY or FRAME_GEN) from its stored pc until it returns, yields or fails. throwing: the pending exception is raised at that pc first.
value vm_run(struct thread *t, value *R, bool throwing);

// ---- arith.c ----
value vm_binary(struct thread *t, vref a, vref b, int op);             // numbers first, then object_binary
value vm_compare(struct thread *t, vref a, vref b, enum compare_op op);
int vm_compare_bool(struct thread *t, vref a, vref b, enum compare_op op); // -1 error
int vm_truth(struct thread *t, vref v);
int vm_contains(struct thread *t, vref item, vref container);

// ---- cache.c: fill a site, rewrite the opcode ----
enum site_kind { SITE_SLOT, SITE_FAR, SITE_CELL, SITE_PROPERTY, SITE_MODULE, SITE_TYPE, SITE_ADD = 8 }; // top four bits of a site word
value vm_getattr(struct thread *t, struct code *K, _Atomic uint32_t *ins, vref o);
bool vm_setattr(struct thread *t, struct code *K, _Atomic uint32_t *ins, vref o, vref v);
value vm_iadd_attr(struct thread *t, struct code *K, _Atomic uint32_t *ins, vref o, vref v); // V_NONE or V_NULL
value vm_load_global(struct thread *t, struct code *K, struct func *f, _Atomic uint32_t *ins);
bool vm_store_global(struct thread *t, struct code *K, struct func *f, uint32_t site, vref v);
bool vm_delete_global(struct thread *t, struct code *K, struct func *f, uint32_t site);
value vm_load_name(struct thread *t, struct code *K, struct func *f, _Atomic uint32_t *ins, vref ns);
bool vm_store_name(struct thread *t, vref ns, vref name, vref v);
bool vm_delete_name(struct thread *t, vref ns, vref name);
// The callee for o.name(...): 1: *f to be called with o first; 0: *f as it is; -1.
int vm_load_method(struct thread *t, struct code *K, _Atomic uint32_t *ins, vref o, value *f);
static inline vref site_name(const struct code *K, uint32_t site) { return K->consts[K->site_names[site]]; }

// ---- call.c ----
// Lays the arguments out as f's locals at R. src[0..n): words that are moved (counted ones change hands, V_UNBOUND is left behind); the last len(kwnames) are keyword values.
// src may overlap R. false: exception; src is cleared, R holds no counted word.
bool vm_bind(struct thread *t, struct func *f, value *src, size_t n, vref kwnames, value *R);
// The same for f(*tuple, **kwargs), with `self` in front unless V_NULL; kwargs a dict or V_NULL. All are borrowed, nothing is moved. false: they do not fit, with or
// without an exception, which is to be cleared: who calls the long way gets the one to show.
bool vm_spread(struct thread *t, struct func *f, vref self, vref tuple, vref kwargs, value *R);
value *vm_window(struct thread *t); // first free register above the innermost frame
value *vm_registers_end(struct thread *t); // one past the last register that is alive: what the collector looks at (registers.c)

// ---- unwind.c ----
// The pending exception is raised at the frame's pc: adds a traceback entry, finds a handler in this frame. Returns it (temporaries dropped, exception in its register), or NULL.
const struct handler *vm_unwind(struct thread *t, value *R);
void vm_clear_frame(struct thread *t, value *R);                        // drops every register, detaches the frame object
void vm_unbound(struct thread *t, value *R);                            // UnboundLocalError for the instruction at pc
void vm_raise(struct thread *t, value *R, vref exc, vref cause, int kind); // RAISE
int vm_exc_match(struct thread *t, vref exc, vref type);                // JNEXC: 1 0 -1
value vm_group_match(struct thread *t, vref exc, vref type, value *rest);
value vm_group_reraise(struct thread *t, vref original, vref list);

// ---- ops.c: everything rare ----
value vm_make_function(struct thread *t, value *R, struct code *code, unsigned flags, const value *operands); // borrows operands
bool vm_unpack(struct thread *t, vref seq, value *to, unsigned n);       // to[0..n) are written, what they held is dropped
bool vm_unpack_ex(struct thread *t, vref seq, value *to, unsigned before, unsigned after);
value vm_format(struct thread *t, vref v, unsigned conversion, vref spec_or_null);
value vm_import(struct thread *t, value *R, vref name, vref level, vref fromlist);
value vm_import_from(struct thread *t, vref module, vref name);
bool vm_import_star(struct thread *t, value *R, vref module);
bool vm_map_update(struct thread *t, vref map, vref other);
value vm_match_keys(struct thread *t, vref subject, vref keys);
value vm_match_class(struct thread *t, vref subject, vref cls, vref names, unsigned npos);
value vm_copy_without(struct thread *t, vref subject, vref keys);
bool vm_with_enter(struct thread *t, vref manager, value *exit, value *entered, bool async);
value vm_with_exc(struct thread *t, vref exit, vref exc);
// What super(type, self).name is for an instance self of type: V_NULL without exception means that super itself is to be asked (types/super.c).
value super_attr(struct thread *t, struct type *type, vref self, vref name);
value vm_super_attr(struct thread *t, vref super, vref cls, vref self, vref name);
value vm_build_class(struct thread *t, value *R);
bool vm_setup_annotations(struct thread *t, value *R);
bool vm_print_expr(struct thread *t, vref v);
bool vm_list_extend(struct thread *t, vref list, vref iterable);
value vm_getitem(struct thread *t, vref o, vref key);
bool vm_setitem(struct thread *t, vref o, vref key, vref v);

#endif
