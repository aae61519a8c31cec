// SPDX-License-Identifier: Apache-2.0
// The compiler: syntax tree and scopes become register bytecode, one struct unit a code object.
// It leaves the instruction set to vm/opcode.h and checking the result to vm/verify.c.
//
// REGISTERS. Near locals come first: parameters, then plain locals, then captured locals that are no parameters; above them
// temporaries are a stack, u->top the next free one. A function with more than COMPILE_NEAR locals keeps the rest far: in cells,
// in a list in a hidden local.
// unit_push takes a temporary, `u->top = base` gives back all above base; that an instruction has consumed them is the
// business of whoever emits it.
//
// EXPRESSIONS. expr(c, n) leaves the value in some register and returns it: the variable's own register for a near
// local (borrowed, nothing emitted), else a new temporary at the top. expr_into(c, n, d) puts an owned value in d, where d is
// a local or the temporary just taken. expr_arg(c, n, d) may put a borrowed one there. A local operand must not change
// before its use: where a later operand could do that (a walrus in this scope) expr_held copies it.
//
// ERRORS stick: after the first (an error in front or a pending exception) emitting does nothing, and the end reports it. So the
// many emitting functions return nothing.
//
// DEAD CODE. After an unconditional jump u->dead holds until a label that somebody jumped to; meanwhile nothing is emitted, but
// the tree is still walked for its errors.
//
// BLOCKS. What a statement must undo when control leaves it (u->block, innermost first): flow_unwind in compile_flow.c.
#ifndef INTERP_FRONT_COMPILE_H
#define INTERP_FRONT_COMPILE_H

#include "interp/core/object.h"
#include "interp/front/symtab.h"
#include "interp/vm/code.h"

enum { COMPILE_NEAR = 140, COMPILE_MAX_REGISTER = 250, COMPILE_MAX_ARGS = 24, COMPILE_CHUNK = 16 };

struct label { int32_t at, fixups; };        // word index or -1; the last jump that waits, or -1
#define LABEL ((struct label){-1, -1})

enum block_kind {
    BLOCK_LOOP,          // reg: iterator to drop on break, or -1
    BLOCK_TRY,           // only its handler ranges matter
    BLOCK_FINALLY,       // body: statements to run on the way out
    BLOCK_HANDLER,       // reg: of PUSHEXC; name: to unbind
    BLOCK_WITH,          // reg: of __exit__
    BLOCK_ASYNC_WITH,
    BLOCK_VALUE,         // reg: a temporary that must be dropped
};

struct block {
    enum block_kind kind;
    struct block *outer;
    struct label *next, *end;                // LOOP: continue, break
    int reg;
    const struct node_list *body;
    struct name *name;
    struct { uint32_t start, end; } *ranges; // of words covered by the handler, FINALLY TRY WITH
    uint32_t nranges, capacity, start;
    bool open;
};

struct const_slot { const struct name *key; uint32_t kind, index; };

struct unit {
    struct unit *outer;
    struct scope *scope;
    uint32_t *ops; uint32_t nops, ops_capacity;
    value *consts; uint32_t nconsts, consts_capacity;        // owned words
    struct held_words held;                  // the same: code objects among them live only because of this
    struct const_slot *slots; uint32_t slots_capacity, slots_count;
    uint32_t *sites; uint32_t nsites, sites_capacity;
    struct handler *handlers; uint32_t nhandlers, handlers_capacity;
    struct position *positions; uint32_t npositions, positions_capacity;
    struct name **varnames; uint32_t nvarnames, varnames_capacity;   // every local register, far ones too
    struct name **cellvars; uint32_t ncellvars, cellvars_capacity;
    struct name **freevars; uint32_t nfreevars, freevars_capacity;
    struct name **attrs; uint32_t nattrs, attrs_capacity;            // class: names of `self.x = ...` in its functions
    struct block *block;
    struct front_pos pos;
    struct name *self;                       // first parameter of a function, for attr hints
    struct name *qualname;
    value doc;                               // borrowed; V_NULL if none
    unsigned near, top, max, argcount, posonly, kwonly, flags;
    int firstline, expr_depth;
    int far;                                 // hidden local with the cells of the variables beyond the near ones, or -1
    bool dead, class_cell;
};

struct compiler {
    struct thread *t;
    struct front *f;
    struct scopes scopes;
    struct unit *u;
    value filename;                          // borrowed
    value *strings; uint32_t nstrings, strings_capacity;     // owned interned str of names; name->scratch - 1 indexes it
    value *kept; uint32_t nkept, kept_capacity;              // owned folded constants
    int optimize;
    bool failed, interactive;
};

/* ---- assemble.c: words, labels, registers, constants ---- */
void *unit_grow(struct compiler *c, void *items, uint32_t count, uint32_t *capacity, size_t size);
#define GROW(c, items, count, capacity) ((items) = unit_grow((c), (items), (count), &(capacity), sizeof *(items)))
/* A SyntaxWarning. It runs Python code: the constants of all open units are held for the collector meanwhile. false: it became an exception. */
bool compile_warn(struct compiler *c, struct front_pos pos, const char *format, ...) __attribute__((format(printf, 3, 4)));
bool compile_fail(struct compiler *c, const struct node *n, const char *format, ...) __attribute__((format(printf, 3, 4)));
void compile_memory(struct compiler *c);
struct unit *unit_open(struct compiler *c, struct scope *scope, int firstline);
struct code *unit_close(struct compiler *c);             // NULL: failed. Leaves the unit in either case
void unit_at(struct compiler *c, const struct node *n);  // following instructions come from n
void unit_nowhere(struct compiler *c); // what follows belongs to no line: a tracer sees none
int unit_push(struct compiler *c);
int unit_push_many(struct compiler *c, unsigned count);  // the first
void unit_need(struct compiler *c, unsigned registers);  // so many must exist from 0
static inline bool unit_is_local(const struct compiler *c, int reg) { return (unsigned)reg < c->u->near; }

void emit(struct compiler *c, enum opcode op, int a, int b, int d);
void emit_wide(struct compiler *c, enum opcode op, int a, uint32_t bc);
void emit_int(struct compiler *c, enum opcode op, int a, int b, int d, uint32_t x);
void emit_site(struct compiler *c, enum opcode op, int a, int b, int d, struct name *name);
void emit_jump(struct compiler *c, enum opcode op, int a, int b, struct label *to);
void emit_jump_wide(struct compiler *c, enum opcode op, int a, uint32_t bc, struct label *to);
void emit_bind(struct compiler *c, struct label *l);
void emit_drop(struct compiler *c, int reg);             // nothing for a local
void emit_handler(struct compiler *c, uint32_t start, uint32_t end, const struct label *target, int reg);

value const_str(struct compiler *c, struct name *text);  // borrowed interned str
uint32_t const_name(struct compiler *c, struct name *text);      // index of that str
uint32_t const_value(struct compiler *c, value v);               // takes v
uint32_t const_node(struct compiler *c, const struct constant *k);
value const_make(struct compiler *c, const struct constant *k);  // returns new
bool const_is_small(const struct node *n, int low, int high, int *out);
struct name *compile_name(struct compiler *c, const char *text);
struct name *compile_mangle(struct compiler *c, struct name *name);

/* peephole.c: over the finished words of the unit */
void peephole(struct compiler *c);

/* ---- fold.c ---- */
void fold(struct compiler *c, struct node *n);           // n may become a Constant
bool fold_truth(const struct node *n, bool *truth);      // of a constant

/* ---- compile_name.c ---- */
int name_register(struct compiler *c, struct name *name);    // of a near plain local, else -1
void name_load(struct compiler *c, struct name *name, int dst);
void name_store(struct compiler *c, const struct node *at, struct name *name, int src);
void name_delete(struct compiler *c, const struct node *at, struct name *name);
void name_unbind(struct compiler *c, struct name *name); // deletes it whether it is bound or not: the end of `except … as name`
void name_box(struct compiler *c, struct name *name, int dst);   // the cell itself, for a closure
void name_layout(struct compiler *c);                            // gives every symbol of the new unit its place
void store(struct compiler *c, struct node *target, int src);    // consumes src if a temporary
void store_expr(struct compiler *c, struct node *target, struct node *value);
void delete_target(struct compiler *c, struct node *target);

/* ---- compile_expr.c ---- */
int expr(struct compiler *c, struct node *n);
int expr_held(struct compiler *c, struct node *n);
int expr_push(struct compiler *c, struct node *n);
void expr_into(struct compiler *c, struct node *n, int dst);
void expr_arg(struct compiler *c, struct node *n, int dst);
void expr_await(struct compiler *c, int reg);            // iterator in reg becomes its result
void load_none(struct compiler *c, int dst);
void load_const(struct compiler *c, const struct constant *k, int dst);
enum opcode binary_opcode(enum ast_operator op, bool inplace, unsigned *nb);
bool immediate_opcode(enum ast_operator op, bool inplace, enum opcode *out);
void emit_binary(struct compiler *c, enum ast_operator op, bool inplace, int dst, int left, int right);
/* compile_display.c */
void display_into(struct compiler *c, struct node *n, int dst);
void display_list(struct compiler *c, const struct node_list *l, int dst, enum ast_kind kind);
void joined_into(struct compiler *c, struct node *n, int dst);
/* compile_cond.c: jump if n is `when`, else fall through */
void cond_jump(struct compiler *c, struct node *n, bool when, struct label *to);
void compare_into(struct compiler *c, struct node *n, int dst);
/* compile_call.c */
void call_into(struct compiler *c, struct node *n, int dst);
bool super_attribute(struct compiler *c, struct node *n, int dst);
/* The callee is in window, `given` arguments already behind it: the rest and the call. Result in window. */
void call_finish(struct compiler *c, struct node *at, int window, unsigned given, const struct node_list *args, const struct node_list *keywords);
/* compile_func.c */
void function_into(struct compiler *c, struct node *n, int dst);     // FunctionDef, AsyncFunctionDef, Lambda
void function_statement(struct compiler *c, struct node *n);
void class_statement(struct compiler *c, struct node *n);
void make_function(struct compiler *c, struct code *code, const struct unit *made, int dst, int operands, unsigned flags);
struct unit *enter_scope(struct compiler *c, struct node *n, int firstline);
struct code *compile_body(struct compiler *c, struct node *tree);
/* compile_comp.c */
void comprehension_into(struct compiler *c, struct node *n, int dst);
/* unparse.c: the source text of an annotation under `from __future__ import annotations`; a Constant node, or NULL */
struct node *unparse(struct front *f, struct node *n);
/* compile_stmt.c, compile_flow.c, compile_try.c, compile_match.c */
void statements(struct compiler *c, const struct node_list *l);
void statement(struct compiler *c, struct node *n);
void for_statement(struct compiler *c, struct node *n);
void async_for_statement(struct compiler *c, struct node *n);
void while_statement(struct compiler *c, struct node *n);
void if_statement(struct compiler *c, struct node *n);
void return_statement(struct compiler *c, struct node *n);
void break_statement(struct compiler *c, struct node *n);
void continue_statement(struct compiler *c, struct node *n);
void try_statement(struct compiler *c, struct node *n);
void with_statement(struct compiler *c, struct node *n, uint32_t item);
void match_statement(struct compiler *c, struct node *n);
void block_open(struct compiler *c, struct block *b, enum block_kind kind);
void block_close(struct compiler *c, struct block *b);
void block_pause(struct compiler *c, struct block *b);   // what follows is not covered by b ...
void block_resume(struct compiler *c, struct block *b);  // ... and now is again
bool block_is_covering(const struct block *b);         // does it cover any word?
void block_handlers(struct compiler *c, const struct block *b, const struct label *target, int reg);
/* item = next of async iterator iter, to be ended by async_end, which the words [*start, *end) reach when it is exhausted */
void async_next(struct compiler *c, int iter, int item, uint32_t *start, uint32_t *end);
void async_end(struct compiler *c, int iter, int item, uint32_t start, uint32_t end);
/* Code that only a handler row reaches starts here; it is dead if the rows would be empty. */
void handler_start(struct compiler *c, struct label *l, bool reachable);

#endif
