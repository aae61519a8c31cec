// SPDX-License-Identifier: Apache-2.0
// The one door to the heap for everything in sdk/, broker/ and worker/: sizes are given back on free, bytes in
// use are counted a tag, and tests make the Nth allocation fail.
//
// The counters and the failing point are the only mutable globals of sdk/base; they are atomic, and nothing but
// metrics and tests reads them. Everything here may be called from any thread.
//
// Invariant: for each tag, in_use(tag) = sum of sizes given out - sum of sizes given back. A test that ends with
// a tag above 0 has found a leak, one that wraps has found a wrong size.

#ifndef KRAIT_BASE_MEM_H
#define KRAIT_BASE_MEM_H

#include <stddef.h>

// X(name, label)
#define MEM_TAG_LIST(X)                                                                                    \
    X(MISC,    "misc")                                                                                      \
    X(BUF,     "buf")      /* byte buffers, network input and output */                                     \
    X(ARENA,   "arena")    /* decoded frames */                                                             \
    X(MAP,     "map")      /* hash tables */                                                                \
    X(HEAP,    "heap")     /* timers */                                                                     \
    X(CONF,    "conf")     /* settings */                                                                   \
    X(CONN,    "conn")     /* connections and sessions */                                                   \
    X(TASK,    "task")     /* task records in a process */                                                  \
    X(STORE,   "store")    /* the Redis side of a broker */                                                 \
    X(CLIENT,  "client")   /* libkrait */                                                                   \
    X(VALUE,   "value")    /* values that libkrait's user builds */                                         \
    X(HTTP,    "http")     /* the HTTP side of a daemon */                                                  \
    X(WORKER,  "worker")   /* slots and children */

enum mem_tag {
#define MEM_ENUM(name, label) MEM_##name,
    MEM_TAG_LIST(MEM_ENUM)
#undef MEM_ENUM
    MEM_TAGS
};

// Returns new memory or NULL. n = 0 gives a pointer that may be freed.
void *mem_alloc(enum mem_tag tag, size_t n) __attribute__((malloc, warn_unused_result));

// The same, filled with zeros; for count items of size n, NULL also when the product overflows.
void *mem_zalloc(enum mem_tag tag, size_t count, size_t n) __attribute__((malloc, warn_unused_result));

// Grows or shrinks p (NULL with old = 0 is an allocation). On NULL, p is untouched.
void *mem_realloc(enum mem_tag tag, void *p, size_t old, size_t n) __attribute__((warn_unused_result));

// n is the size that was asked for. NULL does nothing.
void mem_free(enum mem_tag tag, void *p, size_t n);

// A terminated copy of n bytes; freed with mem_free(tag, p, n + 1).
char *mem_text(enum mem_tag tag, const char *s, size_t n) __attribute__((warn_unused_result));

// Frees what mem_text made: its size is found by its terminator.
void mem_text_free(enum mem_tag tag, char *s);

size_t mem_in_use(enum mem_tag tag);
size_t mem_total(void);
const char *mem_label(enum mem_tag tag);

// The Nth allocation from now (1 = the next) fails, and all after it until mem_fail_nth(0).
void mem_fail_nth(long nth);

// How many allocations were asked for since the process began.
unsigned long mem_calls(void);

#endif
