// SPDX-License-Identifier: Apache-2.0
// Compiled files on the short way: SourceFileLoader.get_code in C. It looks where `make install` put the compiled library, then under sys.pycache_prefix (or in __pycache__), checks
// magic, the source's time and size, and makes the code from the mapped file. Leaves compiling, writing and every rarer case to importlib's own get_code.
#include "interp/modules/import/cache_tag.h"
#include "interp/modules/import/image.h"
#include "interp/modules/import/import.h"
#include "interp/modules/sys/sys.h"
#include "interp/types/descr.h"
#include "interp/types/names.h"
#include "interp/where.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

// [magic:4][flags:4][source's time:4][source's size:4], then marshal: [header:4]['c'][length:4][padding:3][image]
enum { PYC_HEAD = 16, PYC_IMAGE = 28 };

static uint32_t word_at(const uint8_t *p) {
    uint32_t v;
    memcpy(&v, p, 4);
    return v;
}
uint32_t import_magic(void) { return ((image_fingerprint() & 0x7fff) | 0x8000) | (uint32_t)'\r' << 16 | (uint32_t)'\n' << 24; }

static bool fits(const uint8_t *p, size_t n, const struct stat *source) {
    return n > PYC_IMAGE && word_at(p) == import_magic() && word_at(p + 4) == 0 && word_at(p + 8) == (uint32_t)source->st_mtime &&
           word_at(p + 12) == (uint32_t)source->st_size && p[PYC_HEAD + 4] == 'c' && image_size(p + PYC_IMAGE, n - PYC_IMAGE) != 0;
}
// The code in that file if it is of this source; NULL: it is not, or cannot be read (no exception), or an exception.
static struct code *load(struct thread *t, const char *path, const struct stat *source, vref filename) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    struct code *c = NULL;
    if (fd < 0) return NULL;
    if (fstat(fd, &st) == 0 && st.st_size > PYC_IMAGE) {
        uint8_t *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (p != MAP_FAILED) {
            if (fits(p, (size_t)st.st_size, source)) c = image_read(t, p + PYC_IMAGE, (size_t)st.st_size - PYC_IMAGE, filename, false);
            munmap(p, (size_t)st.st_size);
        }
    }
    close(fd);
    if (!c && raised_is(t, &exc_ValueError)) raised_clear(t); // damaged: importlib will write it anew
    return c;
}

// ---- where ----

static const char *suffix(struct thread *t) {
    int o = sys_flags_of(t->interp)->optimize;
    return o == 0 ? "" : o == 1 ? ".opt-1" : ".opt-2";
}
// DIR/STEM.krait-311.pyc for a source path; between: what stands between DIR and the source's own folder.
static bool compiled_name(struct thread *t, const char *dir, const char *folder, size_t folder_size, const char *source, char *out, size_t room) {
    const char *base = strrchr(source, '/');
    base = base ? base + 1 : source;
    const char *dot = strrchr(base, '.');
    int stem = dot ? (int)(dot - base) : (int)strlen(base);
    return snprintf(out, room, "%s%.*s/%.*s." IMPORT_CACHE_TAG "%s.pyc", dir, (int)folder_size, folder, stem, base, suffix(t)) < (int)room;
}
static bool in_library(struct thread *t, const char *source, char *out, size_t room) {
    value lib = dict_get_str(t, t->interp->sys_dict, "_stdlib_dir");
    size_t n = 0;
    const char *dir = lib && is_str(lib) ? str_utf8(t, lib, &n) : NULL;
    const char *last = strrchr(source, '/');
    bool ok = dir && last && strncmp(source, dir, n) == 0 && source[n] == '/' &&
              compiled_name(t, KRAIT_STDLIB_COMPILED, source + n, (size_t)(last - source) - n, source, out, room);
    release_opt(t, lib);
    raised_clear(t);
    return ok;
}
static bool in_cache(struct thread *t, const char *source, char *out, size_t room) {
    value prefix = dict_get_str(t, t->interp->sys_dict, "pycache_prefix");
    const char *last = strrchr(source, '/'), *dir = prefix && is_str(prefix) ? str_utf8(t, prefix, NULL) : NULL;
    bool ok = last && source[0] == '/';
    if (ok && dir) ok = compiled_name(t, dir, source, (size_t)(last - source), source, out, room);
    else if (ok && prefix == V_NONE) {
        char folder[PATH_MAX];
        ok = snprintf(folder, sizeof folder, "%.*s/__pycache__", (int)(last - source), source) < (int)sizeof folder && compiled_name(t, folder, "", 0, source, out, room);
    } else
        ok = false;
    release_opt(t, prefix);
    raised_clear(t);
    return ok;
}

// ---- the method ----

static struct code *find(struct thread *t, vref filename) {
    size_t n;
    const char *source = str_utf8(t, filename, &n);
    char path[PATH_MAX];
    struct stat st;
    if (!source || strlen(source) != n) return raised_clear(t), NULL;
    if (stat(source, &st)) return NULL;
    struct code *c = in_library(t, source, path, sizeof path) ? load(t, path, &st, filename) : NULL;
    if (!c && !raised(t) && in_cache(t, source, path, sizeof path)) c = load(t, path, &st, filename);
    return c;
}
// takes (self, fullname) as SourceLoader.get_code does; a subclass may have methods of its own, so only the class itself goes the short way.
static value get_code(struct thread *t, const vref *a) {
    value loader = object_getattr_cstr(t, type_ref(type_of(a[0])), "_krait_plain"), path = V_NULL; // the class that the short way is for
    bool plain = loader && is_same(loader, type_ref(type_of(a[0]))) && sys_flags_of(t->interp)->verbose == 0;
    release_opt(t, loader);
    if (plain && (path = object_getattr_cstr(t, a[0], "path")) && is_str(path)) {
        struct code *c = find(t, path);
        release(t, path);
        if (c || raised(t)) return c ? borrowed_word(c) : V_NULL;
    } else
        release_opt(t, path);
    raised_clear(t);
    value base = object_getattr_cstr(t, t->interp->importlib, "_bootstrap_external"), cls = base ? object_getattr_cstr(t, base, "SourceLoader") : V_NULL;
    value f = cls ? object_getattr_cstr(t, cls, "get_code") : V_NULL, r = f ? object_call2(t, f, a[0], a[1]) : V_NULL;
    release_opt(t, base);
    release_opt(t, cls);
    release_opt(t, f);
    return r;
}
static const struct native method = {.name = "get_code", .kind = NATIVE_METHOD, .sig = "($self, fullname)", .fn = get_code};

bool cache_install(struct thread *t, vref external) {
    value cls = object_getattr_cstr(t, external, "SourceFileLoader");
    value m = cls && is_type(cls) ? native_method_new(t, as_type(cls), &method) : V_NULL;
    bool ok = m && object_setattr(t, cls, str_intern_cstr(t, "get_code"), m) == 0 && object_setattr(t, cls, str_intern_cstr(t, "_krait_plain"), cls) == 0;
    release_opt(t, m);
    release_opt(t, cls);
    return ok;
}
