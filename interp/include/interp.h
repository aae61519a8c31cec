// SPDX-License-Identifier: Apache-2.0
// The interpreter core for programs that embed it: krait-python and the worker. Leaves tasks, queues and everything else to them.
//
// One process may hold several interpreters; each runs Python in the mode it was started in: with a lock of its own (GIL) or free-threaded. The thread that calls
// interp_start is its main thread and attached. Other OS threads join with interp_attach_thread. A thread may touch values only while attached, and detaches around
// whatever blocks (thread_detach, thread_attach of core/thread.h).
//
// VALUES are words (core/value.h): `value` is owned, `vref` borrowed. object.h has the operations on any object, types/*.h constructors and accessors; both are
// part of this interface. A function that returns V_NULL (or false, -1) left an exception pending in the thread.
//
// FORK. fork() with interp_fork_before in front and interp_fork_parent/interp_fork_child behind, all by an attached thread; the child keeps that thread only.
#ifndef KRAIT_INTERP_H
#define KRAIT_INTERP_H

#include "interp/core/object.h"
#include "interp/core/scope.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/func.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"

// What the command line and the environment switch: the fields of sys.flags, and some that only start and import look at.
struct interp_flags {
    int debug, inspect, interactive, optimize, verbose, bytes_warning, quiet;
    bool dont_write_bytecode, no_user_site, no_site, ignore_environment, isolated, dev_mode, warn_default_encoding, safe_path;
    bool utf8_mode, hash_randomization;
    int int_max_str_digits; // -1: as it is by default
    bool unbuffered, skip_first_line;
    bool no_frozen;         // take start-up modules from the library's sources (-X frozen_modules=off)
    bool bare;              // no importer, no site: for krait-freeze
    bool faulthandler;      // fatal signals write the Python stacks to standard error (module faulthandler)
    bool import_site;       // run `site` at start; krait-python does unless -S
};
struct interp_options {
    bool free_threaded;
    int argc;             // sys.argv, borrowed
    char **argv;
    int orig_argc;        // sys.orig_argv, borrowed
    char **orig_argv;
    const char *executable; // sys.executable; NULL: ""
    const char *stdlib;   // the standard library's folder; NULL: KRAIT_STDLIB, then /usr/lib/python3.11
    const char *pycache_prefix; // NULL: PYTHONPYCACHEPREFIX, then krait/pycache in the user's cache folder
    const char *const *warnoptions, *const *xoptions; // sys.warnoptions, sys._xoptions ("name" or "name=value"); borrowed, a NULL ends them; may be NULL
    struct interp_flags flags;
    bool verbose_gc;
};
// returns the main thread, attached; builtins, sys and the importer are ready. NULL: one line on standard error says why.
struct thread *interp_start(const struct interp_options *options);
// Main thread, attached: waits for non-daemon threads, runs atexit, flushes the standard streams, frees everything. returns 0, or 120 if flushing failed.
int interp_stop(struct thread *t);

// Another OS thread joins t's interpreter. returns its own attached thread; NULL: out of memory. interp_detach_thread ends it.
struct thread *interp_attach_thread(struct interp *interp);
void interp_detach_thread(struct thread *t);

// Running programs. argv and path[0] are the caller's business (interp_set_argv, interp_add_path).
bool interp_set_argv(struct thread *t, int argc, char **argv) MUST_CHECK;
bool interp_add_path(struct thread *t, const char *dir, bool first) MUST_CHECK;
value interp_main_dict(struct thread *t);                                    // returns new: the namespace of __main__
value interp_run_string(struct thread *t, const char *source, const char *filename); // in __main__
value interp_run_file(struct thread *t, const char *path);                   // as __main__, __file__ set
value interp_import(struct thread *t, const char *dotted_name);              // returns new: the module itself
// A source file as the module of that name, entered in sys.modules: how a worker loads --app FILE.py.
value interp_import_file(struct thread *t, const char *module_name, const char *path);
// A module made by the embedder: entered in sys.modules under its name before anything imports it.
bool interp_add_module(struct thread *t, const char *name, const struct native *natives, size_t n) MUST_CHECK;

// The pending exception, cleared: *type "ValueError" or "module.Name", *message, *traceback (as Python prints it). Each a new str. Never fails: V_NULL where memory ran out.
void interp_take_error(struct thread *t, value *type, value *message, value *traceback);
// SystemExit pending: prints what it carries, returns the exit status. Anything else pending: prints the traceback, returns 1.
int interp_report_exit(struct thread *t);

void interp_fork_before(struct thread *t);
void interp_fork_parent(struct thread *t);
void interp_fork_child(struct thread *t);

// What a program shows of itself: nanoseconds this thread has waited for the GIL, resident bytes of the heaps, collector pauses.
struct interp_stats {
    uint64_t gil_wait_ns, gil_holds, gil_forced, gc_collections, gc_pause_ns, gc_pause_max_ns, contended_counts, contended_stores;
};
void interp_thread_stats(struct thread *t, struct interp_stats *out);

#endif
