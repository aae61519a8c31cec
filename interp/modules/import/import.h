// SPDX-License-Identifier: Apache-2.0
// What the files of the importer share. Leaves what others ask of it to modules.h.
//
// WHO FINDS WHAT. `import` looks into sys.modules; what is not there goes to the library's importlib, whose two bootstrap modules stand frozen in the program
// (or are compiled from the library's sources at start, when the program has no frozen image). It asks, in sys.meta_path's order: BuiltinImporter (modules_table), FrozenImporter
// (frozen.c), PathFinder, with zip archives and folders. Compiled files lie under sys.pycache_prefix and, for the library, where `make install` put them (cache.c).
#ifndef KRAIT_INTERP_MODULES_IMPORT_IMPORT_H
#define KRAIT_INTERP_MODULES_IMPORT_IMPORT_H

#include "interp/modules/modules.h"
#include "interp/vm/code.h"

// ---- frozen.c: modules held by the program ----
// The image that krait-freeze makes: this head, `count` entries sorted by name, then images of code (image.h), each aligned to 8.
enum { FROZEN_MAGIC = 0x46524ba7 };
struct frozen_head {
    uint32_t magic, count;
};
enum { FROZEN_PACKAGE = 1, FROZEN_LIBRARY = 2 }; // LIBRARY: it has a source file in the standard library
struct frozen_entry {
    char name[56];
    uint32_t flags, offset, size, pad; // offset from the head
};
struct frozen {             // what was found
    const void *image;      // NULL: only `source`
    size_t size;
    const char *source;
    bool package;
    const char *origin;     // the module's own name in the library, or NULL
};
bool frozen_find(struct thread *t, vref name, struct frozen *out);
value frozen_code(struct thread *t, vref name, const struct frozen *f); // returns new code object
value frozen_names(struct thread *t);                                   // returns new list of str
void frozen_enable(bool library);                                       // false: only what start needs (-X frozen_modules=off, another library)
bool frozen_enabled(void);
extern const unsigned char interp_frozen_image[] __attribute__((weak)); // absent in programs without one

// ---- boot.c ----
value imp_make(struct thread *t);       // _imp (imp.c)
void imp_after_fork(struct thread *t);
void imp_before_fork(struct thread *t); // takes the import lock; may wait, detached
void imp_fork_done(struct thread *t);   // gives it back, in the parent and (after imp_after_fork) in the child
value import_builtin(struct thread *t, vref name); // returns new: made once an interpreter; V_NULL without exception: no such module
bool import_start(struct thread *t, const char *stdlib) MUST_CHECK; // importlib ready to import; sys.meta_path and path_hooks filled

// ---- cache.c ----
uint32_t import_magic(void);            // the first four bytes of compiled files: made of the instruction set's fingerprint, in a range that CPython has never used
bool cache_install(struct thread *t, vref external) MUST_CHECK; // gives SourceFileLoader its short way to compiled files

#endif
