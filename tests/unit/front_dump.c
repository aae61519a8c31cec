// SPDX-License-Identifier: Apache-2.0
// Dumps the syntax tree of a file, or its error, for tests that compare with Python's own ast module.
// It leaves the comparison to tests/py/front_ast.py.
#include "interp/front/parse.h"

#include <stdlib.h>
#include <string.h>

static char *read_all(const char *path, size_t *size)
{
    FILE *in = fopen(path, "rb");
    char *data = NULL;
    size_t capacity = 0, n;
    *size = 0;
    if (!in)
        return NULL;
    do {
        if (*size == capacity)
            data = realloc(data, capacity = capacity ? 2 * capacity : 65536);
        n = data ? fread(data + *size, 1, capacity - *size, in) : 0;
        *size += n;
    } while (n);
    fclose(in);
    return data;
}

static int dump(const char *path, enum front_mode mode, bool quiet)
{
    struct front f;
    size_t size;
    char *data = read_all(path, &size);
    if (!data || !front_init(&f, mode, 0, NULL))
        return 2;
    struct node *n = source_load_bytes(&f, data, size) ? parse_run(&f) : NULL;
    if (!n)
        printf("%s|%u|%u|%s\n", front_error_name(f.error.kind), f.error.pos.line, f.error.pos.col, f.error.message);
    else if (quiet)
        puts("ok");
    else
        ast_dump(stdout, n), putchar('\n');
    front_free(&f);
    free(data);
    return n ? 0 : 1;
}

/* front_dump [--quiet] FILE...: one line a file */
int main(int argc, char **argv)
{
    int status = 0, i = 1;
    bool quiet = argc > 1 && !strcmp(argv[1], "--quiet");
    for (i += quiet; i < argc; i++)
        status |= dump(argv[i], FRONT_EXEC, quiet);
    return status;
}
