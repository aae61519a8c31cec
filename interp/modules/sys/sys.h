// SPDX-License-Identifier: Apache-2.0
// What the files of sys share, and what the rest of the interpreter asks of it. Leaves each part to its file.
#ifndef KRAIT_INTERP_MODULES_SYS_H
#define KRAIT_INTERP_MODULES_SYS_H

#include "interp/include/interp.h"

// Values kept for an interpreter outside of sys's dict (interp->slots).
enum sys_slot { SYS_AUDIT_HOOKS = 48, SYS_WARN_FILTERS, SYS_WARN_ONCE, SYS_WARN_ACTION, SYS_WARN_VERSION, SYS_SLOT_END };

// The flags an interpreter was started with; immutable after start. The struct lives as long as the interpreter (interp->state).
const struct interp_flags *sys_flags_of(const struct interp *interp);
// Enters argv, flags, options, executable, prefixes: what sys_make cannot know. false: exception.
bool sys_configure(struct thread *t, const struct interp_options *o, const char *stdlib) MUST_CHECK;
// Raises an audit event: calls the hooks in order. false: exception. Costs one load without hooks.
bool sys_audit_slow(struct thread *t, const char *event, const vref *args, size_t n) MUST_CHECK;
static inline bool sys_audit(struct thread *t, const char *event, const vref *args, size_t n) {
    return likely(!t->interp->slots[SYS_AUDIT_HOOKS]) || sys_audit_slow(t, event, args, n);
}
bool sys_write_std(struct thread *t, const char *stream, const char *text, size_t n); // sys.stdout/stderr.write, or the descriptor if it is gone
int sys_exit_code(struct thread *t); // SystemExit pending: prints what is to be printed, clears it, returns the exit code
bool sys_open_streams(struct thread *t) MUST_CHECK; // streams.c: the standard streams as files of _io
void sys_set_finalizing(struct interp *interp);

// Inside sys: tables that sys_make enters, one a file.
extern const struct native sys_hook_natives[], sys_thread_natives[];  // end with a row without name
bool sys_add_info(struct thread *t, vref m);                      // info.c: version_info, float_info …
value sys_flags_new(struct thread *t, const struct interp_flags *f);
value sys_module_names(struct thread *t);                         // names.c: stdlib_module_names

#endif
