// SPDX-License-Identifier: Apache-2.0
// The modules that are written in C, and the importer that finds them. Leaves what is in a module to its file.
//
// A C module is one row of modules_table: a name and a function that makes it. It is made once an interpreter, when first imported, and kept in sys.modules. A frozen
// module is Python source held by the program (interp/lib), compiled when first imported.
#ifndef KRAIT_INTERP_MODULES_MODULES_H
#define KRAIT_INTERP_MODULES_MODULES_H

#include "interp/types/func.h"

typedef value module_make_fn(struct thread *t); // returns new module
struct module_row {
    const char *name;
    module_make_fn *make;
};
struct frozen_row {
    const char *name;
    const char *source; // NUL-terminated
    bool package;
};
extern const struct module_row modules_table[]; // table.c; ends with a row without name
extern const struct frozen_row frozen_table[];

// What modules keep for an interpreter: interp->slots, marked by the collector, released at its end.
enum interp_slot { SLOT_BEFORE_FORK, SLOT_AFTER_FORK_CHILD, SLOT_AFTER_FORK_PARENT, SLOT_SIGNAL_HANDLERS, SLOT_FAULT_FILES, SLOT_CSV_DIALECTS, SLOT_CSV_LIMIT, SLOT_SSL_ERRORS, SLOT_PICKLE };

value builtins_make(struct thread *t);
value sys_make(struct thread *t);
value thread_module_make(struct thread *t);
value codecs_make(struct thread *t);
value io_make(struct thread *t);
value locale_make(struct thread *t);
value time_make(struct thread *t);
value math_make(struct thread *t);
value gc_make(struct thread *t);
value sre_make(struct thread *t);
value cmath_make(struct thread *t);
value csv_make(struct thread *t);
value datetime_make(struct thread *t);
value ssl_make(struct thread *t);
value bz2_make(struct thread *t);
value lzma_make(struct thread *t);
value mmap_make(struct thread *t);
value errno_make(struct thread *t);
value faulthandler_make(struct thread *t);
value fcntl_make(struct thread *t);
value posixsubprocess_make(struct thread *t);
value select_make(struct thread *t);
value termios_make(struct thread *t);
value grp_make(struct thread *t);
value posix_make(struct thread *t);
value pickle_make(struct thread *t);
value symtable_make(struct thread *t);
value pwd_make(struct thread *t);
value resource_make(struct thread *t);
value signal_make(struct thread *t);
value socket_module_make(struct thread *t);
value stat_module_make(struct thread *t);
value statistics_make(struct thread *t);
value bisect_make(struct thread *t);
value blake2_make(struct thread *t);
value heapq_make(struct thread *t);
value md5_make(struct thread *t);
value random_make(struct thread *t);
value sha1_make(struct thread *t);
value sha256_make(struct thread *t);
value sha3_make(struct thread *t);
value sha512_make(struct thread *t);
value string_make(struct thread *t);
value struct_module_make(struct thread *t);
value binascii_make(struct thread *t);
value json_make(struct thread *t);
value unicodedata_make(struct thread *t);
value pyexpat_make(struct thread *t);
value zlib_make(struct thread *t);
value weakref_make(struct thread *t);
value abc_make(struct thread *t);
value atexit_make(struct thread *t);
value contextvars_make(struct thread *t);
value opcode_make(struct thread *t);
value queue_make(struct thread *t);
value typing_make(struct thread *t);
value collections_make(struct thread *t);
value functools_make(struct thread *t);
value itertools_make(struct thread *t);
value operator_make(struct thread *t);
value warnings_make(struct thread *t);

// import.c. Absolute name, or relative with level > 0. returns new: the top package, or with a fromlist the named module (as __import__).
value import_module(struct thread *t, vref name, vref globals, vref fromlist, int level);
value import_dotted(struct thread *t, vref full_name);             // returns new: the module full_name itself
value import_file(struct thread *t, vref module_name, const char *path); // runs a source file as that module, entered in sys.modules
// Compiles and runs source in a namespace.
value import_run_source(struct thread *t, const char *source, size_t n, const char *filename, vref globals);
char *import_read_file(const char *path, size_t *n); // malloc'd, NUL behind; NULL with errno


#endif
