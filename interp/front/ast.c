// SPDX-License-Identifier: Apache-2.0
// Node allocation, the run-time description of nodes, the dump.
// It leaves the grammar to parse*.c.
#include "ast.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

union any_fields {
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
#define NODE(kind, group, fields) struct fields_of_##kind { fields } kind;
#include "nodes.h"
};

enum { BASE = offsetof(struct node, Module) };

const struct ast_shape *ast_shape(enum ast_kind kind)
{
    switch (kind) {
#define ROW(f, type) {#f, type, (uint16_t)(BASE + offsetof(K, f))},
#define EXPR(f) ROW(f, FIELD_EXPR)
#define OPT(f) ROW(f, FIELD_OPT)
#define LIST(f) ROW(f, FIELD_LIST)
#define NAME(f) ROW(f, FIELD_NAME)
#define OPTNAME(f) ROW(f, FIELD_OPTNAME)
#define NAMES(f) ROW(f, FIELD_NAMES)
#define CTX(f) ROW(f, FIELD_CTX)
#define OP(f) ROW(f, FIELD_OP)
#define OPS(f) ROW(f, FIELD_OPS)
#define INT(f) ROW(f, FIELD_INT)
#define CONST(f) ROW(f, FIELD_CONST)
#define NODE(kind, group, fields) \
    case AST_##kind: { \
        typedef struct fields_of_##kind K; \
        static const struct ast_field f[] = {fields {NULL, FIELD_EXPR, 0}}; \
        static const struct ast_shape s = {#kind, GROUP_##group, BASE + sizeof(K), sizeof f / sizeof *f - 1, f}; \
        return &s; \
    }
#include "nodes.h"
#undef ROW
    case AST_NONE:
    case AST_COUNT:
        break;
    }
    return NULL;
}

const char *ast_operator_name(enum ast_operator op)
{
    static const char *const names[] = {
#define X(name, text) #name,
        AST_OPERATORS(X)
#undef X
    };
    return names[op];
}

const char *ast_operator_text(enum ast_operator op)
{
    static const char *const texts[] = {
#define X(name, text) text,
        AST_OPERATORS(X)
#undef X
    };
    return texts[op];
}

struct node *ast_new(struct front *f, enum ast_kind kind, struct front_pos pos)
{
    const struct ast_shape *s = ast_shape(kind);
    size_t room = s->group == GROUP_EXPR ? BASE + sizeof(struct fields_of_Constant) : 0;
    struct node *n = arena_alloc(&f->arena, s->size > room ? s->size : room);
    if (n) {
        n->kind = (uint8_t)kind;
        n->pos = pos;
    }
    return n;
}

struct node *ast_constant(struct front *f, enum constant_kind kind, struct front_pos pos)
{
    struct node *n = ast_new(f, AST_Constant, pos);
    if (n)
        n->Constant.value.kind = kind;
    return n;
}

static const char *describe_constant(const struct constant *c)
{
    switch (c->kind) {
    case CONST_NONE: return "None";
    case CONST_FALSE: return "False";
    case CONST_TRUE: return "True";
    case CONST_ELLIPSIS: return "ellipsis";
    case CONST_INT: case CONST_FLOAT: case CONST_IMAG: case CONST_STR: case CONST_BYTES: case CONST_OBJECT: break;
    }
    return "literal";
}

const char *ast_describe(const struct node *n)
{
    static const char *const names[AST_COUNT] = {
        [AST_Attribute] = "attribute", [AST_Subscript] = "subscript", [AST_Starred] = "starred", [AST_Name] = "name",
        [AST_List] = "list", [AST_Tuple] = "tuple", [AST_Lambda] = "lambda", [AST_Call] = "function call",
        [AST_BoolOp] = "expression", [AST_BinOp] = "expression", [AST_UnaryOp] = "expression",
        [AST_GeneratorExp] = "generator expression", [AST_Yield] = "yield expression", [AST_YieldFrom] = "yield expression",
        [AST_Await] = "await expression", [AST_ListComp] = "list comprehension", [AST_SetComp] = "set comprehension",
        [AST_DictComp] = "dict comprehension", [AST_Dict] = "dict literal", [AST_Set] = "set display",
        [AST_JoinedStr] = "f-string expression", [AST_FormattedValue] = "f-string expression", [AST_Compare] = "comparison",
        [AST_IfExp] = "conditional expression", [AST_NamedExpr] = "named expression",
    };
    if (n->kind == AST_Constant)
        return describe_constant(&n->Constant.value);
    return names[n->kind] ? names[n->kind] : "expression";
}

/* ---- the dump: ast.dump() with constants so written that a few lines of Python can write them too ----
 * int: hexadecimal; float: %.17g; imaginary: the same with j; str and bytes: s'..' b'..' with \xx for all but printable
 * ASCII other than \ and '. */

static void dump_bytes(FILE *out, const char *text, uint32_t len)
{
    putc('\'', out);
    for (uint32_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c < 0x20 || c >= 0x7f || c == '\\' || c == '\'')
            fprintf(out, "\\%02x", c);
        else
            putc(c, out);
    }
    putc('\'', out);
}

/* Any integer literal in hexadecimal: words of 32 bits, least significant first, multiplied up. */
static void dump_int(FILE *out, const char *text, uint32_t len)
{
    unsigned base = 10;
    if (len > 2 && text[0] == '0' && text[1] > '9') {
        base = (text[1] | 0x20) == 'x' ? 16 : (text[1] | 0x20) == 'o' ? 8 : 2;
        text += 2;
        len -= 2;
    }
    uint32_t *words = calloc(len / 8 + 2, sizeof *words), count = 1;
    if (!words)
        return;
    for (uint32_t i = 0; i < len; i++) {
        uint64_t carry = (unsigned)(text[i] <= '9' ? text[i] - '0' : (text[i] | 0x20) - 'a' + 10);
        for (uint32_t k = 0; k < count; k++) {
            carry += (uint64_t)words[k] * base;
            words[k] = (uint32_t)carry;
            carry >>= 32;
        }
        if (carry)
            words[count++] = (uint32_t)carry;
    }
    fprintf(out, "0x%" PRIx32, words[count - 1]);
    for (uint32_t k = count - 1; k-- > 0;)
        fprintf(out, "%08" PRIx32, words[k]);
    free(words);
}

static void dump_constant(FILE *out, const struct constant *c)
{
    switch (c->kind) {
    case CONST_NONE: fputs("None", out); return;
    case CONST_FALSE: fputs("False", out); return;
    case CONST_TRUE: fputs("True", out); return;
    case CONST_ELLIPSIS: fputs("Ellipsis", out); return;
    case CONST_INT: dump_int(out, c->text, c->len); return;
    case CONST_FLOAT: fprintf(out, "%.17g", c->number); return;
    case CONST_IMAG: fprintf(out, "%.17gj", c->number); return;
    case CONST_STR: putc('s', out); dump_bytes(out, c->text, c->len); return;
    case CONST_BYTES: putc('b', out); dump_bytes(out, c->text, c->len); return;
    case CONST_OBJECT: fputs("<object>", out); return;
    }
}

static void dump_name(FILE *out, const struct name *n)
{
    if (n)
        fprintf(out, "'%s'", n->text);
    else
        fputs("None", out);
}

static void dump_list(FILE *out, const struct node_list *l)
{
    putc('[', out);
    for (uint32_t i = 0; i < l->count; i++) {
        if (i)
            fputs(", ", out);
        ast_dump(out, l->items[i]);
    }
    putc(']', out);
}

static void dump_names(FILE *out, const struct name_list *l)
{
    putc('[', out);
    for (uint32_t i = 0; i < l->count; i++) {
        if (i)
            fputs(", ", out);
        dump_name(out, l->items[i]);
    }
    putc(']', out);
}

static void dump_ops(FILE *out, const struct op_list *l)
{
    putc('[', out);
    for (uint32_t i = 0; i < l->count; i++)
        fprintf(out, "%s%s()", i ? ", " : "", ast_operator_name((enum ast_operator)l->items[i]));
    putc(']', out);
}

static void dump_field(FILE *out, const struct node *n, const struct ast_field *field)
{
    static const char *const contexts[] = {"Load()", "Store()", "Del()"};
    void *at = ast_field_at(n, field);
    switch (field->type) {
    case FIELD_EXPR: case FIELD_OPT: ast_dump(out, *(struct node **)at); return;
    case FIELD_LIST: dump_list(out, at); return;
    case FIELD_NAME: case FIELD_OPTNAME: dump_name(out, *(struct name **)at); return;
    case FIELD_NAMES: dump_names(out, at); return;
    case FIELD_CTX: fputs(contexts[*(enum ast_context *)at], out); return;
    case FIELD_OP: fprintf(out, "%s()", ast_operator_name(*(enum ast_operator *)at)); return;
    case FIELD_OPS: dump_ops(out, at); return;
    case FIELD_INT: fprintf(out, "%d", *(int *)at); return;
    case FIELD_CONST: dump_constant(out, at); return;
    }
}

static bool is_absent(const struct node *n, const struct ast_field *f)
{
    void *at = ast_field_at(n, f);
    return (f->type == FIELD_OPT && !*(struct node **)at) || (f->type == FIELD_OPTNAME && !*(struct name **)at);
}

void ast_dump(FILE *out, const struct node *n)
{
    if (!n) {
        fputs("None", out);
        return;
    }
    const struct ast_shape *s = ast_shape((enum ast_kind)n->kind);
    fprintf(out, "%s(", s->name);
    const char *comma = "";
    for (unsigned i = 0; i < s->count; i++) {
        if (is_absent(n, &s->fields[i]))
            continue;
        fprintf(out, "%s%s=", comma, s->fields[i].name);
        dump_field(out, n, &s->fields[i]);
        comma = ", ";
    }
    if (n->kind == AST_Constant && n->Constant.value.u_prefix)
        fputs(", kind=s'u'", out);
    putc(')', out);
}
