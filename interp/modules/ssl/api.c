// SPDX-License-Identifier: Apache-2.0
// Opens OpenSSL's library. Leaves its use to the other files of the folder.
#include "interp/modules/ssl/api.h"
#include "interp/modules/foreign.h"

struct ossl ossl;

bool ssl_api_open(struct thread *t) {
    static const char *const names[] = {
#define X(f) #f,
        SSL_FUNCTIONS(X)
#undef X
    };
    static struct once once;
    return foreign_open(t, &once, "libssl.so." SSL_SONAME, names, sizeof names / sizeof *names, (void **)&ossl);
}
