// SPDX-License-Identifier: Apache-2.0
// krait-freeze: compiles the start-up modules of the standard library into the image that programs carry (frozen.c). Leaves the format of code to
// modules/import/image.h, of the whole to import.h. It runs while Krait is built.
#include "interp/front/compile_tree.h"
#include "interp/include/interp.h"
#include "interp/modules/import/image.h"
#include "interp/modules/import/import.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static const struct source {
    const char *name, *file; // file: NULL: the name with slashes
    unsigned flags;
} modules[] = { // sorted by name
    {"__hello__", NULL, FROZEN_LIBRARY}, {"__phello__", "__phello__/__init__.py", FROZEN_LIBRARY | FROZEN_PACKAGE},
    {"__phello__.spam", NULL, FROZEN_LIBRARY},
    {"_collections_abc", NULL, FROZEN_LIBRARY}, {"_sitebuiltins", NULL, FROZEN_LIBRARY}, {"abc", NULL, FROZEN_LIBRARY}, {"codecs", NULL, FROZEN_LIBRARY},
    {"encodings", "encodings/__init__.py", FROZEN_LIBRARY | FROZEN_PACKAGE}, {"encodings.aliases", NULL, FROZEN_LIBRARY}, {"encodings.latin_1", NULL, FROZEN_LIBRARY},
    {"encodings.utf_8", NULL, FROZEN_LIBRARY}, {"genericpath", NULL, FROZEN_LIBRARY}, {"importlib._bootstrap", NULL, FROZEN_LIBRARY},
    {"importlib._bootstrap_external", NULL, FROZEN_LIBRARY}, {"importlib.machinery", NULL, FROZEN_LIBRARY}, {"importlib.util", NULL, FROZEN_LIBRARY}, {"io", NULL, FROZEN_LIBRARY},
    {"ntpath", NULL, FROZEN_LIBRARY}, {"os", NULL, FROZEN_LIBRARY}, {"posixpath", NULL, FROZEN_LIBRARY}, {"runpy", NULL, FROZEN_LIBRARY}, {"site", NULL, FROZEN_LIBRARY},
    {"stat", NULL, FROZEN_LIBRARY}, {"warnings", NULL, FROZEN_LIBRARY}, {"zipimport", NULL, FROZEN_LIBRARY},
};
enum { COUNT = sizeof modules / sizeof *modules };

static bool path_of(const struct source *m, const char *library, char *out, size_t room) {
    int n = snprintf(out, room, "%s/%s%s", library, m->file ? m->file : m->name, m->file ? "" : ".py");
    for (char *p = out + strlen(library); !m->file && *p && p < out + n - 3; p++)
        if (*p == '.') *p = '/';
    return n > 0 && n < (int)room;
}
// returns new bytes.
static value freeze(struct thread *t, const struct source *m, const char *library) {
    char path[4096], shown[80];
    size_t n = 0;
    char *text = path_of(m, library, path, sizeof path) ? import_read_file(path, &n) : NULL;
    if (!text) {
        fprintf(stderr, "krait-freeze: %s: %s\n", path, strerror(errno));
        return V_NULL;
    }
    snprintf(shown, sizeof shown, "<frozen %s>", m->name);
    struct code *c = compile_bytes(t, text, n, shown, "exec", 0, 0);
    free(text);
    return c ? image_write(t, c) : V_NULL;
}
static bool write_all(struct thread *t, FILE *out, const char *library) {
    struct frozen_head head = {FROZEN_MAGIC, COUNT};
    struct frozen_entry rows[COUNT] = {{{0}, 0, 0, 0, 0}};
    uint32_t at = sizeof head + sizeof rows;
    bool ok = fseek(out, at, SEEK_SET) == 0;
    for (size_t k = 0; ok && k < COUNT; k++) {
        value image = freeze(t, &modules[k], library);
        if (!image) return false;
        uint32_t n = (uint32_t)as_bytes(image)->length, pad = -n & 7;
        snprintf(rows[k].name, sizeof rows[k].name, "%s", modules[k].name);
        rows[k].flags = modules[k].flags;
        rows[k].offset = at;
        rows[k].size = n;
        ok = fwrite(as_bytes(image)->data, 1, n, out) == n && fwrite("\0\0\0\0\0\0\0", 1, pad, out) == pad;
        at += n + pad;
        release(t, image);
    }
    rewind(out);
    return ok && fwrite(&head, sizeof head, 1, out) == 1 && fwrite(rows, sizeof rows, 1, out) == 1;
}
int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: krait-freeze OUT LIBRARY\n");
        return 2;
    }
    struct interp_options o = {.stdlib = argv[2], .flags = {.bare = true, .isolated = true, .ignore_environment = true, .int_max_str_digits = -1}};
    struct thread *t = interp_start(&o);
    FILE *out = t ? fopen(argv[1], "wbe") : NULL;
    if (!out) {
        fprintf(stderr, "krait-freeze: %s: %s\n", argv[1], strerror(errno));
        return 1;
    }
    bool ok = write_all(t, out, argv[2]);
    ok = fclose(out) == 0 && ok;
    if (!ok && raised(t)) interp_report_exit(t);
    if (!ok) remove(argv[1]);
    interp_stop(t);
    return ok ? 0 : 1;
}
