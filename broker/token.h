// SPDX-License-Identifier: Apache-2.0
// Who may what: the tokens file. It holds hashes only; a token is compared in constant time, against every row.
//
//   NAME sha256:HEX RIGHTS [queues=GLOB] [ns=NAME]      RIGHTS: enqueue,consume,read,admin    # starts a comment

#ifndef KRAIT_BROKER_TOKEN_H
#define KRAIT_BROKER_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sdk/base/id.h"
#include "sdk/base/slice.h"

enum right { RIGHT_ENQUEUE = 1, RIGHT_CONSUME = 2, RIGHT_READ = 4, RIGHT_ADMIN = 8, RIGHT_ALL = 15 };

struct token {
    char name[64];
    uint8_t hash[32];
    unsigned rights;
    char queues[128];         // glob
    char ns[ID_NAME_MAX + 1]; // or *
};

struct tokens {
    struct token *rows;       // owned
    size_t n;
    bool required;            // a file was given
};

// Replaces what is held only when the whole file is right. False: why names the line.
bool tokens_load(struct tokens *t, const char *path, char *why, size_t why_size);
void tokens_free(struct tokens *t);

// Copies the row of this token, or full rights when no file was given. False: refused.
bool tokens_find(const struct tokens *t, struct slice secret, struct token *out);

bool token_may(const struct token *t, enum right right, struct slice queue);
bool token_ns(const struct token *t, struct slice ns);

// * and ? as in file names.
bool token_glob(const char *pattern, struct slice text);

#endif
