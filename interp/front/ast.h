// SPDX-License-Identifier: Apache-2.0
// The syntax tree: arena-allocated nodes whose kinds and fields nodes.h lists.
// It leaves building them to parse*.c (or to the _ast module, from Python objects) and their meaning to scope and compile.
//
// A node is a kind, its place in the source and the fields of its kind: n->BinOp.left. Reading fields of another kind is
// a bug. ast_fields() describes the fields at run time, so that dumping and the Python ast module need one loop, not one
// case a kind. Nodes and lists live as long as the front's arena; nothing is counted.
#ifndef INTERP_FRONT_AST_H
#define INTERP_FRONT_AST_H

#include "front.h"

#include <stdio.h>

struct node;

struct node_list { struct node **items; uint32_t count; };
struct name_list { struct name **items; uint32_t count; };
struct op_list { uint8_t *items; uint32_t count; };

enum ast_context { AST_LOAD, AST_STORE, AST_DEL };

#define AST_OPERATORS(X) \
    X(And, "and") X(Or, "or") \
    X(Add, "+") X(Sub, "-") X(Mult, "*") X(MatMult, "@") X(Div, "/") X(Mod, "%") X(Pow, "**") X(LShift, "<<") X(RShift, ">>") \
    X(BitOr, "|") X(BitXor, "^") X(BitAnd, "&") X(FloorDiv, "//") \
    X(Invert, "~") X(Not, "not") X(UAdd, "+") X(USub, "-") \
    X(Eq, "==") X(NotEq, "!=") X(Lt, "<") X(LtE, "<=") X(Gt, ">") X(GtE, ">=") X(Is, "is") X(IsNot, "is not") X(In, "in") X(NotIn, "not in")

enum ast_operator {
#define X(name, text) AOP_##name,
    AST_OPERATORS(X)
#undef X
    AOP_COUNT
};

enum constant_kind { CONST_NONE, CONST_FALSE, CONST_TRUE, CONST_ELLIPSIS, CONST_INT, CONST_FLOAT, CONST_IMAG, CONST_STR, CONST_BYTES, CONST_OBJECT };

struct constant {
    enum constant_kind kind;
    bool u_prefix;              // u'...'
    uint32_t len;               // STR, BYTES, INT: bytes of text
    const char *text;           // STR: UTF-8 in which lone surrogates are encoded too; BYTES: raw; INT: digits without _, with 0x 0o 0b
    union {
        double number;          // FLOAT, IMAG
        uintptr_t object;       // OBJECT: a value that came through the _ast module or folding; borrowed, its owner outlives the tree
    };
};

enum ast_kind {
    AST_NONE,                   // no node is of this kind
#define EXPR(f)
#define OPT(f)
#define LIST(f)
#define NAME(f)
#define OPTNAME(f)
#define NAMES(f)
#define CTX(f)
#define OP(f)
#define OPS(f)
#define INT(f)
#define CONST(f)
#define NODE(kind, group, fields) AST_##kind,
#include "nodes.h"
    AST_COUNT
};

struct node {
    uint8_t kind;               // enum ast_kind
    uint8_t parens;             // the parser's: the expression stood in brackets of its own
    uint16_t mark;              // the scope's and compiler's own use
    struct front_pos pos;
    union {
#define EXPR(f) struct node *f;
#define OPT(f) struct node *f;
#define LIST(f) struct node_list f;
#define NAME(f) struct name *f;
#define OPTNAME(f) struct name *f;
#define NAMES(f) struct name_list f;
#define CTX(f) enum ast_context f;
#define OP(f) enum ast_operator f;
#define OPS(f) struct op_list f;
#define INT(f) int f;
#define CONST(f) struct constant f;
#define NODE(kind, group, fields) struct { fields } kind;
#include "nodes.h"
    };
};

enum ast_group { GROUP_MOD, GROUP_STMT, GROUP_EXPR, GROUP_PATTERN, GROUP_HANDLER, GROUP_PART };
enum ast_field_type { FIELD_EXPR, FIELD_OPT, FIELD_LIST, FIELD_NAME, FIELD_OPTNAME, FIELD_NAMES, FIELD_CTX, FIELD_OP, FIELD_OPS, FIELD_INT, FIELD_CONST };

struct ast_field { const char *name; enum ast_field_type type; uint16_t offset; };
struct ast_shape { const char *name; enum ast_group group; uint16_t size, count; const struct ast_field *fields; };

/* Name, group and fields of a kind. */
const struct ast_shape *ast_shape(enum ast_kind kind);
const char *ast_operator_name(enum ast_operator op);
const char *ast_operator_text(enum ast_operator op);

/* A zeroed node, or NULL when memory is out. An expression has room to become a Constant in place (folding). */
struct node *ast_new(struct front *f, enum ast_kind kind, struct front_pos pos);
struct node *ast_constant(struct front *f, enum constant_kind kind, struct front_pos pos);
/* Write the tree as ast.dump() does, constants in a plain canonical form (see ast.c). */
void ast_dump(FILE *out, const struct node *n);
/* How error messages call an expression ("function call", "literal" ...). */
const char *ast_describe(const struct node *n);

static inline void *ast_field_at(const struct node *n, const struct ast_field *f) { return (char *)(uintptr_t)n + f->offset; }

#endif
