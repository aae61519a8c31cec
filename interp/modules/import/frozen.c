// SPDX-License-Identifier: Apache-2.0
// The modules that the program itself holds: images made by krait-freeze from the library, and sources of our own. Leaves running them to importlib's FrozenImporter.
#include "interp/front/compile_tree.h"
#include "interp/modules/import/image.h"
#include "interp/modules/import/import.h"
#include "interp/modules/sys/sys.h"

#include <stdlib.h>

static _Atomic bool without_library; // of the process: the library that the image was made of is not the one in use

void frozen_enable(bool library) { atomic_store_explicit(&without_library, !library, memory_order_relaxed); }
bool frozen_enabled(void) { return !atomic_load_explicit(&without_library, memory_order_relaxed); }

static const struct frozen_head *image(void) {
    const struct frozen_head *h = (const void *)interp_frozen_image;
    return h && h->magic == FROZEN_MAGIC ? h : NULL;
}
static const struct frozen_entry *entries(const struct frozen_head *h) { return (const struct frozen_entry *)(h + 1); }
static int by_name(const void *key, const void *entry) { return strcmp(key, ((const struct frozen_entry *)entry)->name); }
// Names that mean another module's code.
static const char *alias_of(const char *name) {
    static const char *const aliases[][2] = {
        {"_frozen_importlib", "importlib._bootstrap"}, {"_frozen_importlib_external", "importlib._bootstrap_external"}, {"__hello_alias__", "__hello__"},
        {"__phello_alias__", "__hello__"}, {"__phello_alias__.spam", "__hello__"},
    };
    for (size_t k = 0; k < sizeof aliases / sizeof *aliases; k++)
        if (strcmp(name, aliases[k][0]) == 0) return aliases[k][1];
    return name;
}
static bool needed_at_start(const char *name) { return strncmp(name, "importlib._bootstrap", 20) == 0 || strcmp(name, "zipimport") == 0; }

static bool find_image(const char *name, struct frozen *out) {
    const struct frozen_head *h = image();
    const char *real = alias_of(name);
    const struct frozen_entry *e = h ? bsearch(real, entries(h), h->count, sizeof *e, by_name) : NULL;
    if (!e || ((e->flags & FROZEN_LIBRARY) && !frozen_enabled() && !needed_at_start(real))) return false;
    bool package = real == name ? e->flags & FROZEN_PACKAGE : strcmp(name, "__phello_alias__") == 0;
    *out = (struct frozen){.image = (const char *)h + e->offset, .size = e->size, .package = package, .origin = e->flags & FROZEN_LIBRARY ? e->name : NULL};
    return true;
}
bool frozen_find(struct thread *t, vref name, struct frozen *out) {
    size_t n;
    const char *s = str_utf8(t, name, &n);
    if (!s) return raised_clear(t), false;
    for (const struct frozen_row *r = frozen_table; r->name; r++)
        if (strcmp(r->name, s) == 0) {
            *out = (struct frozen){.source = r->source, .package = r->package};
            return true;
        }
    return strlen(s) == n && find_image(s, out);
}
value frozen_code(struct thread *t, vref name, const struct frozen *f) {
    if (f->image) {
        struct code *c = image_read(t, f->image, f->size, V_NULL, true);
        return c ? borrowed_word(c) : V_NULL;
    }
    value file = str_format(t, "<frozen %U>", name);
    const char *filename = file ? str_utf8(t, file, NULL) : NULL;
    struct code *c = filename ? compile_source(t, f->source, strlen(f->source), filename, "exec", 0, 0) : NULL;
    release_opt(t, file);
    return c ? borrowed_word(c) : V_NULL;
}
value frozen_names(struct thread *t) {
    value list = list_new(t, 32);
    const struct frozen_head *h = image();
    for (const struct frozen_row *r = frozen_table; list && r->name; r++)
        if (!list_append(t, list, str_intern_cstr(t, r->name))) release_field(t, &list);
    for (uint32_t k = 0; list && h && k < h->count; k++)
        if (!list_append(t, list, str_intern_cstr(t, entries(h)[k].name))) release_field(t, &list);
    return list;
}
