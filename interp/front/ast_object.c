// SPDX-License-Identifier: Apache-2.0
// Syntax trees as Python objects and back: what ast.parse gives and compile() takes.
// It leaves the classes of the objects to interp/lib/_ast.py and validation beyond types to validate.c.
#include "compile.h"
#include "compile_tree.h"
#include "parse.h"

#include "interp/modules/modules.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"

#include <stdlib.h>
#include <string.h>

struct convert {
    struct thread *t;
    struct front *f;
    struct compiler c;          // for its constants
    vref dict;                  // of the module _ast, borrowed while it is imported
    value singles;              // owned tuple: contexts, then operators
    value constants;            // owned list of what Constant nodes hold, V_NULL unless trees are read
    unsigned depth;
};

enum { CONTEXTS = 3, MAX_DEPTH = 2000 };

static bool has_place(const struct ast_shape *s)
{
    return s->group == GROUP_STMT || s->group == GROUP_EXPR || s->group == GROUP_PATTERN || s->group == GROUP_HANDLER ||
           !strcmp(s->name, "arg") || !strcmp(s->name, "keyword") || !strcmp(s->name, "alias");
}

static bool enter(struct convert *v)
{
    if (++v->depth < MAX_DEPTH)
        return true;
    raise(v->t, &exc_RecursionError, "maximum recursion depth exceeded during ast construction");
    return false;
}

static value import_ast(struct thread *t)
{
    value name = str_intern_cstr(t, "_ast"), module = name ? import_dotted(t, name) : V_NULL;
    release_opt(t, name);
    return module;
}

static bool convert_open(struct convert *v, struct thread *t, struct front *f)
{
    value module = import_ast(t);
    if (!module)
        return false;
    *v = (struct convert){.t = t, .f = f, .c = {.t = t, .f = f}, .dict = as_module(module)->dict};
    v->singles = dict_get_str(t, v->dict, "_single");
    release(t, module);
    return v->singles != V_NULL;
}

/* ---- from the tree ---- */

static value to_object(struct convert *v, const struct node *n);

static bool set(struct convert *v, vref o, const char *name, value x)
{
    value key = x ? str_intern_cstr(v->t, name) : V_NULL;
    bool ok = key && object_setattr(v->t, o, key, x) == 0;
    release_opt(v->t, key);
    release_opt(v->t, x);
    return ok;
}

static value name_object(struct convert *v, const struct name *n)
{
    return n ? str_from_utf8(v->t, n->text, n->len) : V_NONE;
}

static value list_object(struct convert *v, const struct node_list *l)
{
    value list = list_new(v->t, l->count);
    for (uint32_t i = 0; list && i < l->count; i++) {
        value x = to_object(v, l->items[i]);
        if (!x || !list_append_take(v->t, list, x)) {
            release(v->t, list);
            return V_NULL;
        }
    }
    return list;
}

static value names_object(struct convert *v, const struct name_list *l)
{
    value list = list_new(v->t, l->count);
    for (uint32_t i = 0; list && i < l->count; i++) {
        value x = name_object(v, l->items[i]);
        if (!x || !list_append_take(v->t, list, x)) {
            release(v->t, list);
            return V_NULL;
        }
    }
    return list;
}

static value single(struct convert *v, unsigned index)
{
    return own(v->t, tuple_at(v->singles, index));
}

static value ops_object(struct convert *v, const struct op_list *l)
{
    value list = list_new(v->t, l->count);
    for (uint32_t i = 0; list && i < l->count; i++)
        if (!list_append(v->t, list, tuple_at(v->singles, CONTEXTS + l->items[i]))) {
            release(v->t, list);
            return V_NULL;
        }
    return list;
}

static value field_object(struct convert *v, const struct node *n, const struct ast_field *field)
{
    void *at = ast_field_at(n, field);
    switch (field->type) {
    case FIELD_EXPR: case FIELD_OPT: return to_object(v, *(struct node **)at);
    case FIELD_LIST: return list_object(v, at);
    case FIELD_NAME: case FIELD_OPTNAME: return name_object(v, *(struct name **)at);
    case FIELD_NAMES: return names_object(v, at);
    case FIELD_CTX: return single(v, *(enum ast_context *)at);
    case FIELD_OP: return single(v, CONTEXTS + *(enum ast_operator *)at);
    case FIELD_OPS: return ops_object(v, at);
    case FIELD_INT: return from_int62(*(int *)at);
    case FIELD_CONST: return const_make(&v->c, at);
    }
    return V_NULL;
}

static bool set_place(struct convert *v, vref o, const struct front_pos *p)
{
    return set(v, o, "lineno", from_int62(p->line)) && set(v, o, "col_offset", from_int62(p->col)) &&
           set(v, o, "end_lineno", from_int62(p->end_line)) && set(v, o, "end_col_offset", from_int62(p->end_col));
}

static bool fill(struct convert *v, vref o, const struct node *n, const struct ast_shape *s)
{
    for (unsigned i = 0; i < s->count; i++)
        if (!set(v, o, s->fields[i].name, field_object(v, n, &s->fields[i])))
            return false;
    if (n->kind == AST_Constant && n->Constant.value.u_prefix && !set(v, o, "kind", str_intern_cstr(v->t, "u")))
        return false;
    return !has_place(s) || set_place(v, o, &n->pos);
}

static value to_object(struct convert *v, const struct node *n)
{
    if (!n)
        return V_NONE;
    if (!enter(v))
        return V_NULL;
    const struct ast_shape *s = ast_shape((enum ast_kind)n->kind);
    value class = dict_get_str(v->t, v->dict, s->name);
    value o = class && is_type(class) ? object_new_instance(v->t, as_type(class)) : V_NULL;
    release_opt(v->t, class);
    if (o && !fill(v, o, n, s)) {
        release(v->t, o);
        o = V_NULL;
    }
    v->depth--;
    return o;
}

/* Parse text (or, `bytes`, the bytes of a file) and return new tree object; V_NULL: exception. */
value ast_parse(struct thread *t, const char *source, size_t n, bool bytes, const char *filename, enum front_mode mode, uint32_t flags)
{
    struct front f;
    struct front_hooks hooks = compile_hooks(t, filename);
    struct convert v;
    value result = V_NULL;
    if (!front_init(&f, mode, flags, &hooks)) {
        raise_no_memory(t);
    } else if (bytes ? source_load_bytes(&f, source, n) : source_load_text(&f, source, n)) {
        struct node *tree = parse_run(&f);
        if (tree && convert_open(&v, t, &f)) {
            result = to_object(&v, tree);
            release(t, v.singles);
            for (uint32_t i = 0; i < v.c.nstrings; i++)
                release(t, v.c.strings[i]);
        }
    }
    if (!result)
        compile_raise(t, &f, filename);
    front_free(&f);
    return result;
}

/* ---- to the tree ---- */

static struct node *from_object(struct convert *v, vref o, const char *owner, const char *field, bool list);

static void *missing(struct convert *v, const char *field, const struct ast_shape *s)
{
    raise(v->t, &exc_TypeError, "required field \"%s\" missing from %s", field, s->name);
    return NULL;
}

/* The attribute as a new word; V_NONE if it is absent, V_NULL for an error. */
static value attribute(struct convert *v, vref o, const char *name, bool *found)
{
    value key = str_intern_cstr(v->t, name), x = V_NULL;
    int r = key ? object_lookup_attr(v->t, o, key, &x) : -1;
    release_opt(v->t, key);
    *found = r > 0;
    return r < 0 ? V_NULL : r ? x : V_NONE;
}

static struct name *name_from(struct convert *v, vref x)
{
    size_t n;
    if (!is_str(x)) {
        raise(v->t, &exc_TypeError, "AST identifier must be of type str");
        return NULL;
    }
    const char *s = str_utf8(v->t, x, &n);
    struct name *name = s ? names_intern(&v->f->names, s, n) : NULL;
    if (s && !name)
        raise_no_memory(v->t);
    return name;
}

/* The class that names its kind: the first along its bases that is a node of ours. */
static enum ast_kind kind_of(vref o)
{
    for (const struct type *c = type_of(o); c; c = c->base)
        for (unsigned k = AST_NONE + 1; k < AST_COUNT; k++)
            if (!strcmp(ast_shape((enum ast_kind)k)->name, c->name))
                return (enum ast_kind)k;
    return AST_NONE;
}

static int single_index(struct convert *v, vref o, unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++)
        if (type_of(o) == type_of(tuple_at(v->singles, i)))
            return (int)(i - from);
    raise(v->t, &exc_TypeError, "expected some sort of %s, but got %R", from ? "operator" : "expr_context", o);
    return -1;
}

/* What the nodes of a field must be: a group's name, or the one kind whose name this is. */
static const char *wanted(const char *owner, const char *field, bool list)
{
    static const char *const rows[][2] = {
        {"handlers", "excepthandler"}, {"items", "withitem"}, {"cases", "match_case"}, {"keywords", "keyword"}, {"generators", "comprehension"},
        {"posonlyargs", "arg"}, {"kwonlyargs", "arg"}, {"vararg", "arg"}, {"kwarg", "arg"}, {"patterns", "pattern"}, {"kwd_patterns", "pattern"},
        {"pattern", "pattern"}, {"orelse", "stmt"}, {"body", "stmt"}, {"finalbody", "stmt"}, {"names", "alias"},
    };
    if (!strcmp(field, "args"))
        return !list ? "arguments" : !strcmp(owner, "arguments") ? "arg" : "expr";
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++)
        if (!strcmp(field, rows[i][0]))
            return strcmp(rows[i][1], "stmt") || list ? rows[i][1] : "expr";
    return "expr";
}

static const char *group_name(const struct ast_shape *s)
{
    static const char *const groups[] = {"mod", "stmt", "expr", "pattern", "excepthandler"};
    return s->group < GROUP_PART ? groups[s->group] : s->name;
}

static bool is_list_field(struct convert *v, vref x, const char *field, const struct ast_shape *s)
{
    if (is_list(x))
        return true;
    raise(v->t, &exc_TypeError, "%s field \"%s\" must be a list, not a %T", s->name, field, x);
    return false;
}

static bool list_from(struct convert *v, vref x, const char *field, const struct ast_shape *s, struct node_list *out)
{
    if (!is_list_field(v, x, field, s))
        return false;
    size_t n = list_size(x);
    if (!strcmp(field, "type_ignores")) // comments of a type checker mean nothing here
        n = 0;
    *out = (struct node_list){arena_alloc(&v->f->arena, (n + 1) * sizeof *out->items), (uint32_t)n};
    for (size_t i = 0; out->items && i < n; i++) {
        value item = list_get(v->t, x, (int64_t)i);
        if (item && item != V_NONE)
            out->items[i] = from_object(v, item, s->name, field, true);
        bool ok = item && (item == V_NONE || out->items[i]);
        release_opt(v->t, item);
        if (!ok)
            return false;
    }
    return out->items != NULL;
}

static bool names_from(struct convert *v, vref x, struct name_list *out)
{
    size_t n = list_size(x);
    *out = (struct name_list){arena_alloc(&v->f->arena, (n + 1) * sizeof *out->items), (uint32_t)n};
    for (size_t i = 0; out->items && i < n; i++) {
        value item = list_get(v->t, x, (int64_t)i);
        out->items[i] = item ? name_from(v, item) : NULL;
        release_opt(v->t, item);
        if (!out->items[i])
            return false;
    }
    return out->items != NULL;
}

static bool ops_from(struct convert *v, vref x, struct op_list *out)
{
    size_t n = list_size(x);
    *out = (struct op_list){arena_alloc(&v->f->arena, n + 1), (uint32_t)n};
    for (size_t i = 0; out->items && i < n; i++) {
        value item = list_get(v->t, x, (int64_t)i);
        int op = item ? single_index(v, item, CONTEXTS, (unsigned)tuple_size(v->singles)) : -1;
        release_opt(v->t, item);
        if (op < 0)
            return false;
        out->items[i] = (uint8_t)op;
    }
    return out->items != NULL;
}

/* May x be a constant? Containers may hold such ones only. */
static bool is_constant(struct convert *v, vref x)
{
    bool container = is_pointer(x) && (has_shape(x, SHAPE_TUPLE) || has_shape(x, SHAPE_FROZENSET));
    if (x == V_NONE || x == V_TRUE || x == V_FALSE || x == V_ELLIPSIS || is_exact_int(x) || is_flo(x) || has_shape(x, SHAPE_FLOAT) ||
        has_shape(x, SHAPE_COMPLEX) || has_shape(x, SHAPE_BYTES) || has_shape(x, SHAPE_STR))
        return true;
    if (!container) {
        raise(v->t, &exc_TypeError, "got an invalid type in Constant: %T", x);
        return false;
    }
    value items = enter(v) ? tuple_from_iterable(v->t, x) : V_NULL;
    bool ok = items != V_NULL;
    for (size_t i = 0; ok && i < tuple_size(items); i++)
        ok = is_constant(v, tuple_at(items, i));
    release_opt(v->t, items);
    v->depth--;
    return ok;
}

static bool constant_from(struct convert *v, vref x, struct constant *out)
{
    size_t n;
    out->kind = x == V_NONE ? CONST_NONE : x == V_TRUE ? CONST_TRUE : x == V_FALSE ? CONST_FALSE : x == V_ELLIPSIS ? CONST_ELLIPSIS : CONST_OBJECT;
    out->object = x;
    if (has_shape(x, SHAPE_STR)) {
        const char *s = str_utf8(v->t, x, &n);
        if (!s) {
            raised_clear(v->t);
            return list_append(v->t, v->constants, x);
        }
        out->kind = CONST_STR;
        out->text = arena_copy(&v->f->arena, s, n);
        out->len = (uint32_t)n;
        return out->text != NULL;
    }
    return is_constant(v, x) && list_append(v->t, v->constants, x); // an attribute may be computed: nobody else need hold it
}

static bool int_from(struct convert *v, vref x, int *out)
{
    int64_t i = 0;
    if (x != V_NONE && !is_int(x)) {
        raise(v->t, &exc_ValueError, "invalid integer value: %R", x);
        return false;
    }
    if (x != V_NONE && !int_as_i64(v->t, x, &i))
        return false;
    *out = (int)i;
    return true;
}

static bool is_given(struct convert *v, vref x, const struct ast_shape *s, const struct ast_field *field)
{
    if (x == V_NONE)
        raise(v->t, &exc_ValueError, "field '%s' is required for %s", field->name, s->name);
    return x != V_NONE;
}

static bool field_value(struct convert *v, vref x, const struct ast_shape *s, const struct ast_field *field, void *at)
{
    int index;
    switch (field->type) {
    case FIELD_EXPR: return is_given(v, x, s, field) && (*(struct node **)at = from_object(v, x, s->name, field->name, false)) != NULL;
    case FIELD_OPT:
        if (!strcmp(field->name, "type_comment") || !strcmp(field->name, "kind"))
            return true;
        return x == V_NONE || (*(struct node **)at = from_object(v, x, s->name, field->name, false)) != NULL;
    case FIELD_LIST: return list_from(v, x, field->name, s, at);
    case FIELD_NAME: return is_given(v, x, s, field) && (*(struct name **)at = name_from(v, x)) != NULL;
    case FIELD_OPTNAME: return x == V_NONE || (*(struct name **)at = name_from(v, x)) != NULL;
    case FIELD_NAMES: return is_list_field(v, x, field->name, s) && names_from(v, x, at);
    case FIELD_CTX:
        index = single_index(v, x, 0, CONTEXTS);
        *(enum ast_context *)at = index < 0 ? AST_LOAD : (enum ast_context)index;
        return index >= 0;
    case FIELD_OP:
        index = single_index(v, x, CONTEXTS, (unsigned)tuple_size(v->singles));
        *(enum ast_operator *)at = index < 0 ? AOP_Add : (enum ast_operator)index;
        return index >= 0;
    case FIELD_OPS: return is_list_field(v, x, field->name, s) && ops_from(v, x, at);
    case FIELD_INT: return int_from(v, x, at);
    case FIELD_CONST: return constant_from(v, x, at);
    }
    return false;
}

static bool read_field(struct convert *v, vref o, struct node *n, const struct ast_shape *s, const struct ast_field *field)
{
    bool found;
    value x = attribute(v, o, field->name, &found);
    if (!x)
        return false;
    bool optional = field->type == FIELD_OPT || field->type == FIELD_OPTNAME || (field->type == FIELD_INT && !strcmp(field->name, "level"));
    bool ok = (found || optional || missing(v, field->name, s)) && field_value(v, x, s, field, ast_field_at(n, field));
    release(v->t, x);
    return ok;
}

static bool read_place(struct convert *v, vref o, const char *name, const struct ast_shape *s, uint32_t *out, bool required)
{
    bool found;
    int i = 0;
    value x = attribute(v, o, name, &found);
    if (!x)
        return false;
    if (!found && required)
        raise(v->t, &exc_TypeError, "required field \"%s\" missing from %s", name, group_name(s));
    bool ok = (found || !required) && int_from(v, x, &i);
    if (x != V_NONE)
        *out = (uint32_t)i;
    release(v->t, x);
    return ok;
}

/* Where a node stands; an end that is not given is the beginning. */
static bool read_places(struct convert *v, vref o, const struct ast_shape *s, struct front_pos *p)
{
    if (!read_place(v, o, "lineno", s, &p->line, true) || !read_place(v, o, "col_offset", s, &p->col, true))
        return false;
    p->end_line = p->line;
    p->end_col = p->col;
    return read_place(v, o, "end_lineno", s, &p->end_line, false) && read_place(v, o, "end_col_offset", s, &p->end_col, false);
}

/* The node that o stands for, in field `field` of a node `owner` (field NULL: a whole tree). */
static struct node *from_object(struct convert *v, vref o, const char *owner, const char *field, bool list)
{
    enum ast_kind kind = kind_of(o);
    const struct ast_shape *s = kind == AST_NONE ? NULL : ast_shape(kind);
    const char *want = field ? wanted(owner, field, list) : "mod";
    if (!s || strcmp(want, group_name(s))) {
        raise(v->t, &exc_TypeError, "expected some sort of %s, but got %R", want, o);
        return NULL;
    }
    struct node *n = enter(v) ? ast_new(v->f, kind, (struct front_pos){0}) : NULL;
    bool ok = n && (!has_place(s) || read_places(v, o, s, &n->pos));
    for (unsigned i = 0; ok && i < s->count; i++)
        ok = read_field(v, o, n, s, &s->fields[i]);
    v->depth--;
    return ok ? n : NULL;
}

/* Is o a node of the ast module? */
bool ast_is_tree(struct thread *t, vref o)
{
    value module = dict_get_str(t, t->interp->modules, "_ast");
    value class = module ? dict_get_str(t, as_module(module)->dict, "AST") : V_NULL;
    bool is = class && is_type(class) && is_instance(o, as_type(class));
    release_opt(t, class);
    release_opt(t, module);
    return is;
}

/* Compile a tree object. returns new code or NULL with an exception pending. */
struct code *ast_compile(struct thread *t, vref o, vref filename, enum front_mode mode, int optimize, uint32_t flags)
{
    static const enum ast_kind tops[] = {[FRONT_EXEC] = AST_Module, [FRONT_EVAL] = AST_Expression, [FRONT_SINGLE] = AST_Interactive};
    const char *name = str_utf8(t, filename, NULL);
    struct front f;
    struct front_hooks hooks = compile_hooks(t, name ? name : "");
    struct convert v;
    struct code *code = NULL;
    if (!name || kind_of(o) != tops[mode]) {
        if (name)
            raise(t, &exc_TypeError, "expected %s node, got %T", ast_shape(tops[mode])->name, o);
        return NULL;
    }
    if (!front_init(&f, mode, flags, &hooks)) {
        raise_no_memory(t);
    } else if (convert_open(&v, t, &f) && (v.constants = list_new(t, 8))) {
        f.text = "";
        f.parsed = true;
        struct node *tree = from_object(&v, o, NULL, NULL, false);
        code = tree && ast_validate(t, tree) ? compile_tree(t, &f, tree, filename, optimize) : NULL;
        release(t, v.singles);
        release(t, v.constants);
    }
    front_free(&f);
    return code;
}

/* ---- the table for lib/_ast.py ---- */

static value field_names(struct thread *t, const struct ast_shape *s, bool optional)
{
    value names[16];
    size_t n = 0;
    for (unsigned i = 0; i < s->count; i++) {
        const struct ast_field *f = &s->fields[i];
        bool is = f->type == FIELD_OPT || f->type == FIELD_OPTNAME || !strcmp(f->name, "level");
        if (!optional || is)
            names[n++] = str_intern_cstr(t, f->name);
    }
    return n ? tuple_take_array(t, names, n) : own(t, tuple_empty);
}

static value f_shapes(struct thread *t, const vref *a)
{
    (void)a;
    value list = list_new(t, AST_COUNT);
    for (unsigned k = AST_NONE + 1; list && k < AST_COUNT; k++) {
        const struct ast_shape *s = ast_shape((enum ast_kind)k);
        value row[] = {str_intern_cstr(t, s->name), from_int62(s->group), field_names(t, s, false), field_names(t, s, true)};
        value tuple = row[0] && row[2] && row[3] ? tuple_take_array(t, row, 4) : V_NULL;
        if (!tuple || !list_append_take(t, list, tuple)) {
            release(t, list);
            return V_NULL;
        }
    }
    return list;
}

static value f_operators(struct thread *t, const vref *a)
{
    (void)a;
    value list = list_new(t, AOP_COUNT);
    for (unsigned k = 0; list && k < AOP_COUNT; k++) {
        value name = str_intern_cstr(t, ast_operator_name((enum ast_operator)k));
        if (!name || !list_append_take(t, list, name)) {
            release(t, list);
            return V_NULL;
        }
    }
    return list;
}

value ast_nodes_make(struct thread *t)
{
    static const struct native functions[] = {
        {.name = "shapes", .kind = NATIVE_FUNCTION, .sig = "($module, /)", .fn = f_shapes, .doc = "(name, group, fields, optional fields) of every node."},
        {.name = "operators", .kind = NATIVE_FUNCTION, .sig = "($module, /)", .fn = f_operators, .doc = "The names of the operators."},
    };
    return module_from_natives(t, "_krait_ast", "The compiler's table of nodes.", functions, sizeof functions / sizeof *functions);
}
