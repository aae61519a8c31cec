// SPDX-License-Identifier: Apache-2.0
// The heap's door on malloc: counts and fails on demand. Pools and slabs are left to whoever measures a need.

#include "sdk/base/mem.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static _Atomic size_t in_use[MEM_TAGS];
static _Atomic long fail_at;       // 0 = never; 1 = every call from now on
static _Atomic unsigned long calls;

static bool must_fail(void)
{
    atomic_fetch_add_explicit(&calls, 1, memory_order_relaxed);
    long at = atomic_load_explicit(&fail_at, memory_order_relaxed);
    if (at == 0)
        return false;
    if (at == 1)
        return true;
    atomic_store_explicit(&fail_at, at - 1, memory_order_relaxed);
    return false;
}

static void count(enum mem_tag tag, size_t n)
{
    atomic_fetch_add_explicit(&in_use[tag], n, memory_order_relaxed);
}

static void uncount(enum mem_tag tag, size_t n)
{
    atomic_fetch_sub_explicit(&in_use[tag], n, memory_order_relaxed);
}

void *mem_alloc(enum mem_tag tag, size_t n)
{
    void *p = must_fail() ? NULL : malloc(n ? n : 1);
    if (p)
        count(tag, n);
    return p;
}

void *mem_zalloc(enum mem_tag tag, size_t many, size_t n)
{
    size_t size;
    if (must_fail() || __builtin_mul_overflow(many, n, &size))
        return NULL;
    void *p = calloc(1, size ? size : 1);
    if (p)
        count(tag, size);
    return p;
}

void *mem_realloc(enum mem_tag tag, void *p, size_t old, size_t n)
{
    void *q = must_fail() ? NULL : realloc(p, n ? n : 1);
    if (!q)
        return NULL;
    uncount(tag, old);
    count(tag, n);
    return q;
}

void mem_free(enum mem_tag tag, void *p, size_t n)
{
    if (!p)
        return;
    uncount(tag, n);
    free(p);
}

char *mem_text(enum mem_tag tag, const char *s, size_t n)
{
    char *copy = mem_alloc(tag, n + 1);
    if (!copy)
        return NULL;
    if (n)
        memcpy(copy, s, n);
    copy[n] = 0;
    return copy;
}

void mem_text_free(enum mem_tag tag, char *s)
{
    if (s)
        mem_free(tag, s, strlen(s) + 1);
}

size_t mem_in_use(enum mem_tag tag)
{
    return atomic_load_explicit(&in_use[tag], memory_order_relaxed);
}

size_t mem_total(void)
{
    size_t sum = 0;
    for (int tag = 0; tag < MEM_TAGS; tag++)
        sum += mem_in_use((enum mem_tag)tag);
    return sum;
}

const char *mem_label(enum mem_tag tag)
{
    static const char *const labels[] = {
#define MEM_ROW(name, label) label,
        MEM_TAG_LIST(MEM_ROW)
#undef MEM_ROW
    };
    return labels[tag];
}

void mem_fail_nth(long nth)
{
    atomic_store_explicit(&fail_at, nth, memory_order_relaxed);
}

unsigned long mem_calls(void)
{
    return atomic_load_explicit(&calls, memory_order_relaxed);
}
