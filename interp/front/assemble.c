// SPDX-License-Identifier: Apache-2.0
// Instruction words, labels, registers, constants and tables of the code object being made.
// It leaves choosing the instructions to compile_*.c.
#include "compile.h"

#include "interp/types/exc.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"

#include <stdarg.h>
#include <stdio.h>

/* ---- errors and growth ---- */

bool compile_fail(struct compiler *c, const struct node *n, const char *format, ...)
{
    char message[400];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    if (!c->failed)
        front_fail(c->f, FRONT_SYNTAX, n ? n->pos : c->u->pos, "%s", message);
    c->failed = true;
    return false;
}

void compile_memory(struct compiler *c)
{
    if (!c->failed && !raised(c->t))
        raise_no_memory(c->t);
    c->failed = true;
}

void *unit_grow(struct compiler *c, void *items, uint32_t count, uint32_t *capacity, size_t size)
{
    if (count < *capacity)
        return items;
    uint32_t bigger = *capacity ? 2 * *capacity : 16;
    void *grown = arena_alloc(&c->f->arena, bigger * size);
    if (!grown) {
        compile_memory(c);
        return items;
    }
    if (count)
        memcpy(grown, items, count * size);
    *capacity = bigger;
    return grown;
}

/* ---- registers ---- */

void unit_need(struct compiler *c, unsigned registers)
{
    if (registers > c->u->max)
        c->u->max = registers;
}

int unit_push_many(struct compiler *c, unsigned count)
{
    unsigned first = c->u->top;
    if (first + count > COMPILE_MAX_REGISTER) {
        compile_fail(c, NULL, "expression nested too deeply");
        return (int)c->u->near;
    }
    c->u->top = first + count;
    unit_need(c, c->u->top);
    return (int)first;
}

int unit_push(struct compiler *c)
{
    return unit_push_many(c, 1);
}

/* ---- words ---- */

void unit_at(struct compiler *c, const struct node *n)
{
    c->u->pos = n->pos;
}

void unit_nowhere(struct compiler *c)
{
    c->u->pos.line = c->u->pos.end_line = 0;
}

static void note_position(struct compiler *c)
{
    struct unit *u = c->u;
    struct position p = {u->nops, (int32_t)u->pos.line, (int32_t)u->pos.end_line, (int32_t)u->pos.col, (int32_t)u->pos.end_col};
    if (p.end_line == 0)
        p.end_line = p.line, p.column = p.end_column = -1;
    struct position *last = u->npositions ? &u->positions[u->npositions - 1] : NULL;
    if (last && last->line == p.line && last->end_line == p.end_line && last->column == p.column && last->end_column == p.end_column)
        return;
    if (last && last->at == p.at) {
        *last = p;
        return;
    }
    GROW(c, u->positions, u->npositions, u->positions_capacity);
    if (!c->failed)
        u->positions[u->npositions++] = p;
}

static void word(struct compiler *c, uint32_t w)
{
    GROW(c, c->u->ops, c->u->nops, c->u->ops_capacity);
    if (!c->failed)
        c->u->ops[c->u->nops++] = w;
}

static bool silent(const struct compiler *c)
{
    return c->failed || c->u->dead;
}

static bool ends_flow(enum opcode op)
{
    return op == OP_JMP || op == OP_RET || op == OP_RETNONE || op == OP_RAISE || op == OP_RERAISE;
}

static void instruction(struct compiler *c, enum opcode op, uint32_t operands)
{
    note_position(c);
    word(c, (uint32_t)op | operands << 8);
}

static uint32_t operands(int a, int b, int d)
{
    return (uint32_t)(uint8_t)a | (uint32_t)(uint8_t)b << 8 | (uint32_t)(uint8_t)d << 16;
}

void emit(struct compiler *c, enum opcode op, int a, int b, int d)
{
    if (silent(c))
        return;
    instruction(c, op, operands(a, b, d));
    if (ends_flow(op))
        c->u->dead = true;
}

void emit_wide(struct compiler *c, enum opcode op, int a, uint32_t bc)
{
    if (!silent(c))
        instruction(c, op, (uint32_t)(uint8_t)a | (bc & 0xffff) << 8);
}

void emit_int(struct compiler *c, enum opcode op, int a, int b, int d, uint32_t x)
{
    if (silent(c))
        return;
    instruction(c, op, operands(a, b, d));
    word(c, x);
}

void emit_site(struct compiler *c, enum opcode op, int a, int b, int d, struct name *name)
{
    if (silent(c))
        return;
    struct unit *u = c->u;
    uint32_t index = const_name(c, name);
    GROW(c, u->sites, u->nsites, u->sites_capacity);
    if (c->failed)
        return;
    u->sites[u->nsites] = index;
    instruction(c, op, operands(a, b, d));
    word(c, u->nsites++);
}

void emit_drop(struct compiler *c, int reg)
{
    if (!unit_is_local(c, reg))
        emit(c, OP_DROP, reg, 0, 0);
}

/* ---- jumps: the extra word of a waiting jump holds the one before it ---- */

static void jump_word(struct compiler *c, struct label *to)
{
    uint32_t here = c->u->nops;
    if (to->at >= 0) {
        word(c, (uint32_t)(to->at - (int32_t)(here + 1)));
    } else {
        word(c, (uint32_t)to->fixups);
        to->fixups = (int32_t)here;
    }
}

void emit_jump(struct compiler *c, enum opcode op, int a, int b, struct label *to)
{
    if (silent(c))
        return;
    instruction(c, op, operands(a, b, 0));
    jump_word(c, to);
    c->u->dead = op == OP_JMP;
}

void emit_jump_wide(struct compiler *c, enum opcode op, int a, uint32_t bc, struct label *to)
{
    if (silent(c))
        return;
    instruction(c, op, (uint32_t)(uint8_t)a | (bc & 0xffff) << 8);
    jump_word(c, to);
}

void emit_bind(struct compiler *c, struct label *l)
{
    struct unit *u = c->u;
    l->at = (int32_t)u->nops;
    if (l->fixups >= 0)
        u->dead = false;
    for (int32_t at = l->fixups; at >= 0;) {
        int32_t before = (int32_t)u->ops[at];
        u->ops[at] = (uint32_t)(l->at - (at + 1));
        at = before;
    }
    l->fixups = -1;
}

void emit_handler(struct compiler *c, uint32_t start, uint32_t end, const struct label *target, int reg)
{
    struct unit *u = c->u;
    if (start >= end || c->failed)
        return;
    GROW(c, u->handlers, u->nhandlers, u->handlers_capacity);
    if (!c->failed)
        u->handlers[u->nhandlers++] = (struct handler){start, end, (uint32_t)target->at, (uint16_t)reg, 0};
}

/* ---- constants ---- */

enum { KEY_STR, KEY_INT, KEY_FLOAT, KEY_IMAG, KEY_BYTES, KEY_NONE, KEY_TRUE, KEY_FALSE, KEY_ELLIPSIS };

static struct const_slot *find_slot(struct unit *u, const struct name *key, uint32_t kind)
{
    uint32_t i = ((uint32_t)((uintptr_t)key >> 3) * 2654435761u + kind) & (u->slots_capacity - 1);
    while (u->slots[i].key && (u->slots[i].key != key || u->slots[i].kind != kind))
        i = (i + 1) & (u->slots_capacity - 1);
    return &u->slots[i];
}

static void grow_slots(struct compiler *c)
{
    struct unit *u = c->u;
    struct const_slot *old = u->slots;
    uint32_t n = u->slots_capacity;
    struct const_slot *slots = arena_alloc(&c->f->arena, (n ? 2 * n : 64) * sizeof *slots);
    if (!slots) {
        compile_memory(c);
        return;
    }
    u->slots = slots;
    u->slots_capacity = n ? 2 * n : 64;
    for (uint32_t i = 0; i < n; i++)
        if (old[i].key)
            *find_slot(u, old[i].key, old[i].kind) = old[i];
}

uint32_t const_value(struct compiler *c, value v)
{
    struct unit *u = c->u;
    if (v == V_NULL) {
        c->failed = true;
        return 0;
    }
    GROW(c, u->consts, u->nconsts, u->consts_capacity);
    if (c->failed || u->nconsts == 65535) {
        release(c->t, v);
        return c->failed ? 0 : compile_fail(c, NULL, "too many constants");
    }
    u->consts[u->nconsts++] = v;
    u->held.at = u->consts;
    u->held.n = u->nconsts;
    return u->nconsts - 1;
}

/* The index under key; `make` says how to make the value when it is new. */
static uint32_t keyed(struct compiler *c, struct name *key, uint32_t kind, const struct constant *k)
{
    struct unit *u = c->u;
    if (!key)
        compile_memory(c);
    if (2 * u->slots_count >= u->slots_capacity)
        grow_slots(c);
    if (c->failed)
        return 0;
    struct const_slot *slot = find_slot(u, key, kind);
    if (slot->key)
        return slot->index;
    uint32_t index = const_value(c, k ? const_make(c, k) : own(c->t, const_str(c, key)));
    if (c->failed)
        return 0;
    *slot = (struct const_slot){key, kind, index};
    u->slots_count++;
    return index;
}

value const_str(struct compiler *c, struct name *text)
{
    if (!text || c->failed) {
        compile_memory(c);
        return V_NONE;
    }
    if (!text->scratch) {
        value s = str_from_utf8(c->t, text->text, text->len);
        if (s != V_NULL)
            s = str_intern_immortal(c->t, s);
        GROW(c, c->strings, c->nstrings, c->strings_capacity);
        if (s == V_NULL || c->failed) {
            c->failed = true;
            return V_NONE;
        }
        c->strings[c->nstrings++] = s;
        text->scratch = c->nstrings;
    }
    return c->strings[text->scratch - 1];
}

uint32_t const_name(struct compiler *c, struct name *text)
{
    return keyed(c, text, KEY_STR, NULL);
}

/* A lone surrogate has no place in strict UTF-8. */
static bool has_surrogate(const char *text, uint32_t len)
{
    for (uint32_t i = 0; i + 1 < len; i++)
        if ((unsigned char)text[i] == 0xed && (unsigned char)text[i + 1] >= 0xa0)
            return true;
    return false;
}

static value surrogate_str(struct compiler *c, const char *text, uint32_t len)
{
    uint32_t *chars = arena_alloc(&c->f->arena, (len + 1) * sizeof *chars), n = 0;
    if (!chars)
        return raise_no_memory(c->t);
    for (uint32_t i = 0; i < len;) {
        unsigned char b = (unsigned char)text[i];
        unsigned more = b < 0x80 ? 0 : b < 0xe0 ? 1 : b < 0xf0 ? 2 : 3;
        uint32_t code = more == 0 ? b : b & (0x3fu >> more);
        for (i++; more--; i++)
            code = code << 6 | ((unsigned char)text[i] & 0x3f);
        chars[n++] = code;
    }
    return str_from_chars(c->t, chars, n);
}

static value make_int(struct compiler *c, const struct constant *k)
{
    bool radix = k->len > 1 && k->text[0] == '0' && k->text[1] > '9';
    return int_from_text(c->t, k->text, k->len, radix ? 0 : 10, false);
}

value const_make(struct compiler *c, const struct constant *k)
{
    switch (k->kind) {
    case CONST_NONE: return V_NONE;
    case CONST_FALSE: return V_FALSE;
    case CONST_TRUE: return V_TRUE;
    case CONST_ELLIPSIS: return V_ELLIPSIS;
    case CONST_INT: return make_int(c, k);
    case CONST_FLOAT: return float_new(c->t, k->number);
    case CONST_IMAG: return complex_new(c->t, 0.0, k->number);
    case CONST_BYTES: return bytes_new(c->t, k->text, k->len);
    case CONST_OBJECT: return own(c->t, (vref)k->object);
    case CONST_STR: break;
    }
    if (has_surrogate(k->text, k->len))
        return surrogate_str(c, k->text, k->len);
    return own(c->t, const_str(c, names_intern(&c->f->names, k->text, k->len)));
}

static uint32_t number_key(struct compiler *c, const struct constant *k, uint32_t kind)
{
    struct name *key = names_intern(&c->f->names, (const char *)&k->number, sizeof k->number);
    return keyed(c, key, kind, k);
}

uint32_t const_node(struct compiler *c, const struct constant *k)
{
    struct names *names = &c->f->names;
    switch (k->kind) {
    case CONST_NONE: return keyed(c, names_intern(names, "None", 4), KEY_NONE, k);
    case CONST_FALSE: return keyed(c, names_intern(names, "False", 5), KEY_FALSE, k);
    case CONST_TRUE: return keyed(c, names_intern(names, "True", 4), KEY_TRUE, k);
    case CONST_ELLIPSIS: return keyed(c, names_intern(names, "...", 3), KEY_ELLIPSIS, k);
    case CONST_INT: return keyed(c, names_intern(names, k->text, k->len), KEY_INT, k);
    case CONST_FLOAT: return number_key(c, k, KEY_FLOAT);
    case CONST_IMAG: return number_key(c, k, KEY_IMAG);
    case CONST_BYTES: return keyed(c, names_intern(names, k->text, k->len), KEY_BYTES, k);
    case CONST_STR: return keyed(c, names_intern(names, k->text, k->len), KEY_STR, k);
    case CONST_OBJECT: break;
    }
    return const_value(c, const_make(c, k));
}

/* Is n an int constant in [low, high]? */
bool const_is_small(const struct node *n, int low, int high, int *out)
{
    if (n->kind != AST_Constant)
        return false;
    const struct constant *k = &n->Constant.value;
    int64_t v = 0;
    if (k->kind == CONST_OBJECT && is_int62((vref)k->object)) {
        v = as_int62((vref)k->object);
    } else if (k->kind == CONST_INT && k->len < 10 && (k->len < 2 || k->text[1] <= '9')) {
        for (uint32_t i = 0; i < k->len; i++)
            v = v * 10 + (k->text[i] - '0');
    } else {
        return false;
    }
    *out = (int)v;
    return v >= low && v <= high;
}

struct name *compile_name(struct compiler *c, const char *text)
{
    struct name *n = names_intern(&c->f->names, text, strlen(text));
    if (!n)
        compile_memory(c);
    return n;
}

struct name *compile_mangle(struct compiler *c, struct name *name)
{
    struct name *n = symtab_mangle(c->f, c->u->scope->private, name);
    if (!n)
        compile_memory(c);
    return n;
}

/* ---- units ---- */

struct unit *unit_open(struct compiler *c, struct scope *scope, int firstline)
{
    struct unit *u = arena_alloc(&c->f->arena, sizeof *u);
    if (!u) {
        compile_memory(c);
        return NULL;
    }
    *u = (struct unit){.outer = c->u, .scope = scope, .firstline = firstline, .far = -1};
    u->pos = (struct front_pos){(uint32_t)firstline, 0, 0, 0};
    c->u = u;
    hold_words(c->t, &u->held, NULL, 0);
    return u;
}

static value name_tuple(struct compiler *c, struct name **names, uint32_t n)
{
    value v = c->failed ? V_NULL : tuple_new(c->t, n);
    if (v == V_NULL) {
        c->failed = true;
        return V_NULL;
    }
    for (uint32_t i = 0; i < n; i++)
        as_tuple(v)->at[i] = own(c->t, const_str(c, names[i]));
    return v;
}

/* co_names: what the sites name, each once. */
static value site_names(struct compiler *c)
{
    struct unit *u = c->u;
    value list = list_new(c->t, 0);
    bool *seen = arena_alloc(&c->f->arena, u->nconsts + 1);
    if (list == V_NULL || !seen) {
        c->failed = true;
        return list;
    }
    for (uint32_t i = 0; i < u->nsites; i++)
        if (!seen[u->sites[i]]) {
            seen[u->sites[i]] = true;
            if (!list_append(c->t, list, u->consts[u->sites[i]]))
                c->failed = true;
        }
    value tuple = list_to_tuple(c->t, list);
    release(c->t, list);
    return tuple;
}

static void drop(struct compiler *c, value v)
{
    if (v != V_NULL)
        release(c->t, v);
}

static struct code *make(struct compiler *c)
{
    struct unit *u = c->u;
    value varnames = name_tuple(c, u->varnames, u->nvarnames), freevars = name_tuple(c, u->freevars, u->nfreevars);
    value cellvars = name_tuple(c, u->cellvars, u->ncellvars), names = c->failed ? V_NULL : site_names(c);
    struct code *code = NULL;
    if (!c->failed && names != V_NULL) {
        unsigned nregs = u->max + 6;
        struct code_parts parts = {
            .ops = u->ops, .nops = u->nops, .consts = u->consts, .nconsts = u->nconsts, .site_names = u->sites, .nsites = u->nsites,
            .handlers = u->handlers, .nhandlers = u->nhandlers, .positions = u->positions, .npositions = u->npositions,
            .nlocals = u->near, .nregs = nregs, .argcount = u->argcount, .posonly = u->posonly, .kwonly = u->kwonly,
            .flags = u->flags, .attr_hint = u->nattrs, .firstlineno = u->firstline, .name = const_str(c, u->scope->name),
            .qualname = const_str(c, u->qualname), .filename = c->filename, .varnames = varnames, .freevars = freevars, .cellvars = cellvars,
            .names = names, .doc = u->doc,
        };
        code = c->failed ? NULL : code_new(c->t, &parts);
    }
    drop(c, varnames);
    drop(c, freevars);
    drop(c, cellvars);
    drop(c, names);
    if (!code)
        c->failed = true;
    return code;
}

struct code *unit_close(struct compiler *c)
{
    struct unit *u = c->u;
    peephole(c);
    struct code *code = c->failed ? NULL : make(c);
    for (uint32_t i = 0; i < u->nconsts; i++)
        release(c->t, u->consts[i]);
    unhold_words(c->t, &u->held);
    c->u = u->outer;
    return code;
}
