// SPDX-License-Identifier: Apache-2.0
// Trees that a program made: is this one that the compiler can take? Contexts, lists that must not be empty, patterns, positions.
// It leaves the types of fields to ast_object.c, which made the tree from objects, and trees of the parser alone: those are right by construction.
#include "compile_tree.h"
#include "parse.h"

#include "interp/types/exc.h"
#include "interp/types/num.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool is_valid(struct thread *t, const struct node *n);
static bool is_expr(struct thread *t, const struct node *n, enum ast_context ctx);

__attribute__((format(printf, 2, 3))) static bool wrong(struct thread *t, const char *format, ...);

static bool wrong(struct thread *t, const char *format, ...)
{
    va_list args;
    char text[160];
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    raise(t, &exc_ValueError, "%s", text);
    return false;
}

static const char *name_of(const struct node *n)
{
    return ast_shape((enum ast_kind)n->kind)->name;
}

static bool has_items(struct thread *t, uint32_t count, const char *what, const struct node *n)
{
    return count || wrong(t, "empty %s on %s", what, name_of(n));
}

static bool is_position(struct thread *t, const struct node *n)
{
    int line = (int)n->pos.line, end = (int)n->pos.end_line, col = (int)n->pos.col, end_col = (int)n->pos.end_col;
    if (line > end)
        return wrong(t, "AST node line range (%d, %d) is not valid", line, end);
    if ((line < 0 && end != line) || (col < 0 && col != end_col))
        return wrong(t, "AST node column range (%d, %d) for line range (%d, %d) is not valid", col, end_col, line, end);
    return line != end || col <= end_col || wrong(t, "line %d, column %d-%d is not a valid range", line, col, end_col);
}

static bool is_text(const struct name *n, const char *text)
{
    return n && n->len == strlen(text) && !memcmp(n->text, text, n->len);
}

static bool is_name(struct thread *t, const struct name *n)
{
    static const char *const constants[] = {"None", "True", "False"};
    for (unsigned i = 0; i < 3; i++)
        if (is_text(n, constants[i]))
            return wrong(t, "identifier field can't represent '%s' constant", constants[i]);
    return true;
}

static bool are_exprs(struct thread *t, const struct node_list *l, enum ast_context ctx, bool may_lack)
{
    for (uint32_t i = 0; i < l->count; i++) {
        if (!l->items[i] ? !may_lack : false)
            return wrong(t, "None disallowed in expression list");
        if (l->items[i] && !is_expr(t, l->items[i], ctx))
            return false;
    }
    return true;
}

static bool are_valid(struct thread *t, const struct node_list *l)
{
    for (uint32_t i = 0; i < l->count; i++) {
        if (!l->items[i])
            return wrong(t, "None disallowed in statement list");
        if (!is_valid(t, l->items[i]))
            return false;
    }
    return true;
}

static bool is_body(struct thread *t, const struct node_list *l, const struct node *n)
{
    return has_items(t, l->count, "body", n) && are_valid(t, l);
}

static bool is_load(struct thread *t, const struct node *n)
{
    return !n || is_expr(t, n, AST_LOAD);
}

static bool loads(struct thread *t, const struct node_list *l)
{
    return are_exprs(t, l, AST_LOAD, false);
}

/* ---- expressions ---- */

static bool is_arguments(struct thread *t, const struct node *n)
{
    const struct node_list *lists[] = {&n->arguments.posonlyargs, &n->arguments.args, &n->arguments.kwonlyargs};
    for (unsigned i = 0; i < 3; i++)
        if (!are_valid(t, lists[i]))
            return false;
    if ((n->arguments.vararg && !is_valid(t, n->arguments.vararg)) || (n->arguments.kwarg && !is_valid(t, n->arguments.kwarg)))
        return false;
    if (n->arguments.defaults.count > n->arguments.posonlyargs.count + n->arguments.args.count)
        return wrong(t, "more positional defaults than args on arguments");
    if (n->arguments.kw_defaults.count != n->arguments.kwonlyargs.count)
        return wrong(t, "length of kwonlyargs is not the same as kw_defaults on arguments");
    return loads(t, &n->arguments.defaults) && are_exprs(t, &n->arguments.kw_defaults, AST_LOAD, true);
}

static bool are_generators(struct thread *t, const struct node_list *l)
{
    return l->count ? are_valid(t, l) : wrong(t, "comprehension with no generators");
}

static bool is_context(struct thread *t, const struct node *n, enum ast_context ctx)
{
    static const char *const names[] = {"Load", "Store", "Del"};
    enum ast_context has;
    switch ((int)n->kind) {
    case AST_Attribute: has = n->Attribute.ctx; break;
    case AST_Subscript: has = n->Subscript.ctx; break;
    case AST_Starred: has = n->Starred.ctx; break;
    case AST_Name: has = n->Name.ctx; break;
    case AST_List: has = n->List.ctx; break;
    case AST_Tuple: has = n->Tuple.ctx; break;
    default: return ctx == AST_LOAD || wrong(t, "expression which can't be assigned to in %s context", names[ctx]);
    }
    return has == ctx || wrong(t, "expression must have %s context but has %s instead", names[ctx], names[has]);
}

static bool is_compare(struct thread *t, const struct node *n)
{
    if (!n->Compare.comparators.count)
        return wrong(t, "Compare with no comparators");
    if (n->Compare.comparators.count != n->Compare.ops.count)
        return wrong(t, "Compare has a different number of comparators and operands");
    return loads(t, &n->Compare.comparators) && is_load(t, n->Compare.left);
}

static bool is_dict_display(struct thread *t, const struct node *n)
{
    if (n->Dict.keys.count != n->Dict.values.count)
        return wrong(t, "Dict doesn't have the same number of keys as values");
    return are_exprs(t, &n->Dict.keys, AST_LOAD, true) && loads(t, &n->Dict.values);
}

static bool is_named_expr(struct thread *t, const struct node *n)
{
    if (n->NamedExpr.target->kind == AST_Name)
        return is_load(t, n->NamedExpr.value);
    raise(t, &exc_TypeError, "NamedExpr target must be a Name");
    return false;
}

static bool is_expr(struct thread *t, const struct node *n, enum ast_context ctx)
{
    if (!is_position(t, n) || !is_context(t, n, ctx))
        return false;
    switch ((int)n->kind) {
    case AST_BoolOp:
        return n->BoolOp.values.count < 2 ? wrong(t, "BoolOp with less than 2 values") : loads(t, &n->BoolOp.values);
    case AST_NamedExpr: return is_named_expr(t, n);
    case AST_BinOp: return is_load(t, n->BinOp.left) && is_load(t, n->BinOp.right);
    case AST_UnaryOp: return is_load(t, n->UnaryOp.operand);
    case AST_Lambda: return is_arguments(t, n->Lambda.args) && is_load(t, n->Lambda.body);
    case AST_IfExp: return is_load(t, n->IfExp.test) && is_load(t, n->IfExp.body) && is_load(t, n->IfExp.orelse);
    case AST_Dict: return is_dict_display(t, n);
    case AST_Set: return loads(t, &n->Set.elts);
    case AST_ListComp: return are_generators(t, &n->ListComp.generators) && is_load(t, n->ListComp.elt);
    case AST_SetComp: return are_generators(t, &n->SetComp.generators) && is_load(t, n->SetComp.elt);
    case AST_GeneratorExp: return are_generators(t, &n->GeneratorExp.generators) && is_load(t, n->GeneratorExp.elt);
    case AST_DictComp:
        return are_generators(t, &n->DictComp.generators) && is_load(t, n->DictComp.key) && is_load(t, n->DictComp.value);
    case AST_Await: return is_load(t, n->Await.value);
    case AST_Yield: return is_load(t, n->Yield.value);
    case AST_YieldFrom: return is_load(t, n->YieldFrom.value);
    case AST_Compare: return is_compare(t, n);
    case AST_Call: return is_load(t, n->Call.func) && loads(t, &n->Call.args) && are_valid(t, &n->Call.keywords);
    case AST_FormattedValue: return is_load(t, n->FormattedValue.value) && is_load(t, n->FormattedValue.format_spec);
    case AST_JoinedStr: return loads(t, &n->JoinedStr.values);
    case AST_Attribute: return is_load(t, n->Attribute.value);
    case AST_Subscript: return is_load(t, n->Subscript.slice) && is_load(t, n->Subscript.value);
    case AST_Starred: return is_expr(t, n->Starred.value, ctx);
    case AST_Slice: return is_load(t, n->Slice.lower) && is_load(t, n->Slice.upper) && is_load(t, n->Slice.step);
    case AST_List: return are_exprs(t, &n->List.elts, ctx, false);
    case AST_Tuple: return are_exprs(t, &n->Tuple.elts, ctx, false);
    case AST_Name: return is_name(t, n->Name.id);
    default: return true; // Constant: ast_object.c looked at the value
    }
}

/* ---- patterns ---- */

static bool is_pattern(struct thread *t, const struct node *n, bool star);

static bool are_patterns(struct thread *t, const struct node_list *l, bool star)
{
    for (uint32_t i = 0; i < l->count; i++)
        if (!l->items[i] ? !wrong(t, "None disallowed in pattern list") : !is_pattern(t, l->items[i], star))
            return false;
    return true;
}

static bool is_number(const struct node *n, bool imaginary)
{
    if (n->kind == AST_UnaryOp && n->UnaryOp.op == AOP_USub && !imaginary)
        n = n->UnaryOp.operand;
    if (n->kind != AST_Constant || n->Constant.value.kind != CONST_OBJECT)
        return false;
    value v = n->Constant.value.object;
    return imaginary ? has_shape(v, SHAPE_COMPLEX) : is_exact_int(v) || is_float(v);
}

static bool is_complex(const struct node *n)
{
    return n->kind == AST_BinOp && (n->BinOp.op == AOP_Add || n->BinOp.op == AOP_Sub) && is_number(n->BinOp.left, false) && is_number(n->BinOp.right, true);
}

static bool is_pattern_constant(struct thread *t, const struct constant *c)
{
    if (c->kind == CONST_STR || (c->kind == CONST_OBJECT && (is_exact_int(c->object) || is_float(c->object) || has_shape(c->object, SHAPE_BYTES) ||
        has_shape(c->object, SHAPE_COMPLEX) || has_shape(c->object, SHAPE_STR))))
        return true;
    return wrong(t, "unexpected constant inside of a literal pattern");
}

/* The value of a pattern: a literal, a negative or complex number, an attribute. */
static bool is_pattern_value(struct thread *t, const struct node *n)
{
    if (!is_expr(t, n, AST_LOAD))
        return false;
    if (n->kind == AST_Constant)
        return is_pattern_constant(t, &n->Constant.value);
    bool negative = n->kind == AST_UnaryOp && n->UnaryOp.op == AOP_USub && n->UnaryOp.operand->kind == AST_Constant &&
                    (is_number(n, false) || is_number(n->UnaryOp.operand, true));
    return n->kind == AST_Attribute || n->kind == AST_JoinedStr || negative || is_complex(n) || wrong(t, "patterns may only match literals and attribute lookups");
}

static bool is_capture(struct thread *t, const struct name *n)
{
    return is_text(n, "_") ? wrong(t, "can't capture name '_' in patterns") : is_name(t, n);
}

static bool is_mapping_pattern(struct thread *t, const struct node *n)
{
    if (n->MatchMapping.keys.count != n->MatchMapping.patterns.count)
        return wrong(t, "MatchMapping doesn't have the same number of keys as patterns");
    if (n->MatchMapping.rest && !is_capture(t, n->MatchMapping.rest))
        return false;
    for (uint32_t i = 0; i < n->MatchMapping.keys.count; i++) {
        const struct node *key = n->MatchMapping.keys.items[i];
        if (!key)
            return wrong(t, "None disallowed in expression list");
        bool single = key->kind == AST_Constant && key->Constant.value.kind <= CONST_TRUE;
        if (!single && !is_pattern_value(t, key))
            return false;
    }
    return are_patterns(t, &n->MatchMapping.patterns, false);
}

static bool is_class_pattern(struct thread *t, const struct node *n)
{
    if (n->MatchClass.kwd_attrs.count != n->MatchClass.kwd_patterns.count)
        return wrong(t, "MatchClass doesn't have the same number of keyword attributes as patterns");
    if (!is_expr(t, n->MatchClass.cls, AST_LOAD))
        return false;
    const struct node *cls = n->MatchClass.cls;
    while (cls->kind == AST_Attribute)
        cls = cls->Attribute.value;
    if (cls->kind != AST_Name)
        return wrong(t, "MatchClass cls field can only contain Name or Attribute nodes.");
    for (uint32_t i = 0; i < n->MatchClass.kwd_attrs.count; i++)
        if (!is_name(t, n->MatchClass.kwd_attrs.items[i]))
            return false;
    return are_patterns(t, &n->MatchClass.patterns, false) && are_patterns(t, &n->MatchClass.kwd_patterns, false);
}

static bool is_as_pattern(struct thread *t, const struct node *n)
{
    if (n->MatchAs.name && !is_capture(t, n->MatchAs.name))
        return false;
    if (!n->MatchAs.pattern)
        return true;
    if (!n->MatchAs.name)
        return wrong(t, "MatchAs must specify a target name if a pattern is given");
    return is_pattern(t, n->MatchAs.pattern, false);
}

static bool is_pattern(struct thread *t, const struct node *n, bool star)
{
    if (!is_position(t, n))
        return false;
    switch ((int)n->kind) {
    case AST_MatchValue: return is_pattern_value(t, n->MatchValue.value);
    case AST_MatchSingleton: return n->MatchSingleton.value.kind <= CONST_TRUE || wrong(t, "MatchSingleton can only contain True, False and None");
    case AST_MatchSequence: return are_patterns(t, &n->MatchSequence.patterns, true);
    case AST_MatchMapping: return is_mapping_pattern(t, n);
    case AST_MatchClass: return is_class_pattern(t, n);
    case AST_MatchStar: return star ? !n->MatchStar.name || is_capture(t, n->MatchStar.name) : wrong(t, "can't use MatchStar here");
    case AST_MatchAs: return is_as_pattern(t, n);
    default: return n->MatchOr.patterns.count < 2 ? wrong(t, "MatchOr requires at least 2 patterns") : are_patterns(t, &n->MatchOr.patterns, false);
    }
}

/* ---- statements ---- */

static bool is_try(struct thread *t, const struct node *n) // Try and TryStar have the same fields
{
    if (!is_body(t, &n->Try.body, n))
        return false;
    if (!n->Try.handlers.count && !n->Try.finalbody.count)
        return wrong(t, "%s has neither except handlers nor finalbody", name_of(n));
    if (!n->Try.handlers.count && n->Try.orelse.count)
        return wrong(t, "%s has orelse but no except handlers", name_of(n));
    return are_valid(t, &n->Try.handlers) && are_valid(t, &n->Try.finalbody) && are_valid(t, &n->Try.orelse);
}

static bool is_ann_assign(struct thread *t, const struct node *n)
{
    if (n->AnnAssign.target->kind != AST_Name && n->AnnAssign.simple) {
        raise(t, &exc_TypeError, "AnnAssign with simple non-Name target");
        return false;
    }
    return is_expr(t, n->AnnAssign.target, AST_STORE) && is_load(t, n->AnnAssign.value) && is_load(t, n->AnnAssign.annotation);
}

static bool is_raise(struct thread *t, const struct node *n)
{
    if (!n->Raise.exc)
        return !n->Raise.cause || wrong(t, "Raise with cause but no exception");
    return is_load(t, n->Raise.exc) && is_load(t, n->Raise.cause);
}

static bool is_import_from(struct thread *t, const struct node *n)
{
    if (n->ImportFrom.level < 0)
        return wrong(t, "Negative ImportFrom level");
    return has_items(t, n->ImportFrom.names.count, "names", n) && are_valid(t, &n->ImportFrom.names);
}

static bool is_function(struct thread *t, const struct node *n)
{
    return is_body(t, &n->FunctionDef.body, n) && is_arguments(t, n->FunctionDef.args) && loads(t, &n->FunctionDef.decorator_list) &&
           is_load(t, n->FunctionDef.returns);
}

static bool is_class(struct thread *t, const struct node *n)
{
    return is_body(t, &n->ClassDef.body, n) && loads(t, &n->ClassDef.bases) && are_valid(t, &n->ClassDef.keywords) && loads(t, &n->ClassDef.decorator_list);
}

static bool is_for(struct thread *t, const struct node *n)
{
    return is_expr(t, n->For.target, AST_STORE) && is_load(t, n->For.iter) && is_body(t, &n->For.body, n) && are_valid(t, &n->For.orelse);
}

static bool is_match(struct thread *t, const struct node *n)
{
    return is_load(t, n->Match.subject) && has_items(t, n->Match.cases.count, "cases", n) && are_valid(t, &n->Match.cases);
}

/* Parts that are neither expressions nor patterns nor statements. */
static bool is_part(struct thread *t, const struct node *n)
{
    switch ((int)n->kind) {
    case AST_ExceptHandler: return is_position(t, n) && is_load(t, n->ExceptHandler.type) && is_body(t, &n->ExceptHandler.body, n);
    case AST_arguments: return is_arguments(t, n);
    case AST_arg: return is_position(t, n) && is_load(t, n->arg.annotation);
    case AST_keyword: return is_load(t, n->keyword.value);
    case AST_withitem: return is_load(t, n->withitem.context_expr) && (!n->withitem.optional_vars || is_expr(t, n->withitem.optional_vars, AST_STORE));
    case AST_match_case: return is_pattern(t, n->match_case.pattern, false) && is_load(t, n->match_case.guard) && is_body(t, &n->match_case.body, n);
    case AST_comprehension:
        return is_expr(t, n->comprehension.target, AST_STORE) && is_load(t, n->comprehension.iter) && loads(t, &n->comprehension.ifs);
    default: return true;
    }
}

static bool is_statement(struct thread *t, const struct node *n)
{
    if (!is_position(t, n))
        return false;
    switch ((int)n->kind) {
    case AST_FunctionDef: case AST_AsyncFunctionDef: return is_function(t, n);
    case AST_ClassDef: return is_class(t, n);
    case AST_Return: return is_load(t, n->Return.value);
    case AST_Delete: return has_items(t, n->Delete.targets.count, "targets", n) && are_exprs(t, &n->Delete.targets, AST_DEL, false);
    case AST_Assign:
        return has_items(t, n->Assign.targets.count, "targets", n) && are_exprs(t, &n->Assign.targets, AST_STORE, false) && is_load(t, n->Assign.value);
    case AST_AugAssign: return is_expr(t, n->AugAssign.target, AST_STORE) && is_load(t, n->AugAssign.value);
    case AST_AnnAssign: return is_ann_assign(t, n);
    case AST_For: case AST_AsyncFor: return is_for(t, n);
    case AST_While: return is_load(t, n->While.test) && is_body(t, &n->While.body, n) && are_valid(t, &n->While.orelse);
    case AST_If: return is_load(t, n->If.test) && is_body(t, &n->If.body, n) && are_valid(t, &n->If.orelse);
    case AST_With: case AST_AsyncWith: return has_items(t, n->With.items.count, "items", n) && are_valid(t, &n->With.items) && is_body(t, &n->With.body, n);
    case AST_Match: return is_match(t, n);
    case AST_Raise: return is_raise(t, n);
    case AST_Try: case AST_TryStar: return is_try(t, n);
    case AST_Assert: return is_load(t, n->Assert.test) && is_load(t, n->Assert.msg);
    case AST_Import: return has_items(t, n->Import.names.count, "names", n) && are_valid(t, &n->Import.names);
    case AST_ImportFrom: return is_import_from(t, n);
    case AST_Global: return has_items(t, n->Global.names.count, "names", n);
    case AST_Nonlocal: return has_items(t, n->Nonlocal.names.count, "names", n);
    case AST_Expr: return is_load(t, n->Expr.value);
    default: return true;
    }
}

static bool is_valid(struct thread *t, const struct node *n)
{
    return ast_shape((enum ast_kind)n->kind)->group == GROUP_STMT ? is_statement(t, n) : is_part(t, n);
}

bool ast_validate(struct thread *t, const struct node *n)
{
    switch ((int)n->kind) {
    case AST_Module: return are_valid(t, &n->Module.body);
    case AST_Interactive: return are_valid(t, &n->Interactive.body);
    default: return is_load(t, n->Expression.body);
    }
}
