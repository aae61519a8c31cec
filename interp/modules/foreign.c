// SPDX-License-Identifier: Apache-2.0
// Opens shared libraries when a module first needs them. Leaves which functions to the modules.
#include "interp/modules/foreign.h"
#include "interp/core/object.h"
#include "interp/types/exc.h"

#include <dlfcn.h>

bool foreign_open(struct thread *t, struct once *once, const char *library, const char *const *names, size_t n, void **slots) {
    if (!once_begin(t, once)) return true;
    void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    size_t found = 0;
    while (handle && found < n && (slots[found] = dlsym(handle, names[found]))) found++;
    once_end(once, found == n);
    if (found == n) return true;
    if (!handle) raise(t, &exc_ImportError, "the library %s cannot be opened: %s", library, dlerror());
    else raise(t, &exc_ImportError, "the library %s has no function %s", library, names[found]);
    return false;
}
