// SPDX-License-Identifier: Apache-2.0
// What the front asks of the interpreter: which characters make names, and warnings.
// It leaves names of characters and NFKC to the module unicodedata, asked only when source needs them.
#include "compile_tree.h"

#include "interp/types/str/unicode.h"

static int identifier(void *data, uint32_t c)
{
    (void)data;
    return (unicode_is(c, UNICODE_XID_CONTINUE) ? 1 : 0) | (unicode_is(c, UNICODE_XID_START) ? 3 : 0);
}

struct front_hooks compile_hooks(struct thread *t, const char *filename)
{
    (void)t;
    (void)filename;
    return (struct front_hooks){.identifier = identifier};
}
