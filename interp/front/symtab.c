// SPDX-License-Identifier: Apache-2.0
// The tables of scopes and symbols, and the resolution of names across them.
// It leaves filling the tables to symtab_walk.c.
#include "symtab.h"

#include <string.h>

/* ---- tables ---- */

static uint32_t pointer_hash(const void *p)
{
    uintptr_t x = (uintptr_t)p >> 3;
    return (uint32_t)(x ^ x >> 13) * 2654435761u;
}

static bool grow_scopes(struct scopes *s)
{
    uint32_t capacity = s->capacity ? s->capacity * 2 : 32;
    struct scope **slots = arena_alloc(&s->f->arena, capacity * sizeof *slots);
    if (!slots)
        return false;
    for (uint32_t i = 0; i < s->capacity; i++) {
        if (!s->slots[i])
            continue;
        uint32_t k = pointer_hash(s->slots[i]->node) & (capacity - 1);
        while (slots[k])
            k = (k + 1) & (capacity - 1);
        slots[k] = s->slots[i];
    }
    s->slots = slots;
    s->capacity = capacity;
    return true;
}

struct scope *symtab_enter(struct scopes *s, enum scope_kind kind, struct node *node, struct name *name, struct scope *parent)
{
    struct scope *new = arena_alloc(&s->f->arena, sizeof *new);
    if (!new || (2 * s->count >= s->capacity && !grow_scopes(s)))
        return NULL;
    *new = (struct scope){.kind = kind, .node = node, .name = name, .parent = parent, .private = parent ? parent->private : NULL};
    if (parent) {
        parent->has_children = true;
        *(parent->last_child ? &parent->last_child->next : &parent->children) = new;
        parent->last_child = new;
        new->nested = parent->nested || symtab_is_function(parent);
    }
    uint32_t k = pointer_hash(node) & (s->capacity - 1);
    while (s->slots[k])
        k = (k + 1) & (s->capacity - 1);
    s->slots[k] = new;
    s->count++;
    return new;
}

struct scope *symtab_of(const struct scopes *s, const struct node *n)
{
    uint32_t k = pointer_hash(n) & (s->capacity - 1);
    while (s->slots[k] && s->slots[k]->node != n)
        k = (k + 1) & (s->capacity - 1);
    return s->slots[k];
}

struct symbol *symtab_find(const struct scope *s, const struct name *name)
{
    if (!s->capacity)
        return NULL;
    uint32_t k = pointer_hash(name) & (s->capacity - 1);
    while (s->slots[k] && s->slots[k]->name != name)
        k = (k + 1) & (s->capacity - 1);
    return s->slots[k];
}

static bool grow_symbols(struct scopes *s, struct scope *in)
{
    uint32_t capacity = in->capacity ? in->capacity * 2 : 8;
    struct symbol **slots = arena_alloc(&s->f->arena, capacity * sizeof *slots);
    if (!slots)
        return false;
    for (struct symbol *y = in->first; y; y = y->next) {
        uint32_t k = pointer_hash(y->name) & (capacity - 1);
        while (slots[k])
            k = (k + 1) & (capacity - 1);
        slots[k] = y;
    }
    in->slots = slots;
    in->capacity = capacity;
    return true;
}

struct symbol *symtab_add(struct scopes *s, struct scope *in, struct name *name, uint32_t flags, struct front_pos pos)
{
    struct symbol *y = symtab_find(in, name);
    if (!y) {
        if (2 * in->count >= in->capacity && !grow_symbols(s, in))
            return NULL;
        y = arena_alloc(&s->f->arena, sizeof *y);
        if (!y)
            return NULL;
        y->name = name;
        y->index = -1;
        *(in->last ? &in->last->next : &in->first) = y;
        in->last = y;
        uint32_t k = pointer_hash(name) & (in->capacity - 1);
        while (in->slots[k])
            k = (k + 1) & (in->capacity - 1);
        in->slots[k] = y;
        in->count++;
    }
    y->flags |= flags;
    if (flags & (SYM_GLOBAL | SYM_NONLOCAL))
        y->pos = pos;
    return y;
}

struct name *symtab_mangle(struct front *f, const struct name *class, struct name *name)
{
    if (!class || name->len < 3 || name->text[0] != '_' || name->text[1] != '_')
        return name;
    if ((name->text[name->len - 1] == '_' && name->text[name->len - 2] == '_') || memchr(name->text, '.', name->len))
        return name;
    const char *text = class->text;
    while (*text == '_')
        text++;
    size_t len = strlen(text);
    if (len == 0)
        return name;
    char *mangled = arena_alloc(&f->arena, len + name->len + 2);
    if (!mangled)
        return NULL;
    mangled[0] = '_';
    memcpy(mangled + 1, text, len);
    memcpy(mangled + 1 + len, name->text, name->len);
    return names_intern(&f->names, mangled, 1 + len + name->len);
}

/* ---- resolution ---- */

/* Make name free in every scope from `from` outwards up to (not including) `owner`. */
static bool pass_through(struct scopes *s, struct scope *from, const struct scope *owner, struct name *name)
{
    for (struct scope *p = from; p != owner; p = p->parent) {
        struct symbol *y = symtab_add(s, p, name, 0, (struct front_pos){0});
        if (!y)
            return false;
        if (p->kind == SCOPE_CLASS)
            y->through = true;
        else
            y->home = HOME_FREE;
    }
    return true;
}

/* A class gives its functions `__class__`. */
static bool take_class_cell(struct scopes *s, struct scope *from, struct scope *class, struct symbol *y)
{
    struct symbol *cell = symtab_add(s, class, y->name, 0, (struct front_pos){0});
    if (!cell || !pass_through(s, from->parent == class ? class : from->parent, class, y->name))
        return false;
    if (!cell->flags)
        cell->home = HOME_CELL;
    class->needs_class_cell = true;
    return true;
}

/* Look outwards for the function that binds y's name; sets *found. */
static bool resolve_outside(struct scopes *s, struct scope *in, struct symbol *y, bool *found)
{
    bool in_function = symtab_is_function(in);
    *found = false;
    for (struct scope *p = in->parent; p; in_function |= symtab_is_function(p), p = p->parent) {
        if (p->kind == SCOPE_CLASS) {
            if (!name_is(y->name, "__class__") || !in_function)
                continue;
            *found = true;
            return take_class_cell(s, in, p, y);
        }
        if (p->kind == SCOPE_MODULE)
            return true;
        struct symbol *outer = symtab_find(p, y->name);
        if (!outer)
            continue;
        if (outer->flags & SYM_GLOBAL)
            return true;
        if ((outer->flags & SYM_NONLOCAL) || !(outer->flags & SYM_BOUND))
            continue;
        outer->home = HOME_CELL;
        *found = true;
        return pass_through(s, in->parent, p, y->name);
    }
    return true;
}

static bool resolve_symbol(struct scopes *s, struct scope *in, struct symbol *y)
{
    bool found;
    if (y->flags & SYM_GLOBAL) {
        y->home = HOME_GLOBAL;
        return true;
    }
    if (!(y->flags & SYM_NONLOCAL) && (y->flags & SYM_BOUND)) {
        if (!symtab_is_function(in))
            y->home = HOME_NAME;
        else if (y->home != HOME_CELL)
            y->home = HOME_LOCAL;
        return true;
    }
    if (y->home == HOME_FREE || (!y->flags && (y->through || y->home)))
        return true;
    if (!resolve_outside(s, in, y, &found))
        return false;
    if (!found && (y->flags & SYM_NONLOCAL)) {
        if (in->kind == SCOPE_MODULE)
            return front_fail(s->f, FRONT_SYNTAX, y->pos, "nonlocal declaration not allowed at module level");
        return front_fail(s->f, FRONT_SYNTAX, y->pos, "no binding for nonlocal '%s' found", y->name->text);
    }
    if (found && in->kind == SCOPE_CLASS)
        y->through = true;
    y->home = found ? HOME_FREE : symtab_is_function(in) ? HOME_GLOBAL_IMPLICIT : HOME_NAME;
    return true;
}

static bool resolve_all(struct scopes *s)
{
    for (uint32_t i = 0; i < s->capacity; i++) {
        struct scope *in = s->slots[i];
        for (struct symbol *y = in ? in->first : NULL; y; y = y->next)
            if (!resolve_symbol(s, in, y))
                return false;
    }
    return true;
}

bool symtab_build(struct front *f, struct node *tree, struct scopes *out)
{
    *out = (struct scopes){.f = f};
    return symtab_walk(out, tree) && resolve_all(out);
}
