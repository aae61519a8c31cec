// SPDX-License-Identifier: Apache-2.0
// Walks the tree and enters every binding, use and declaration of a name into its scope.
// It leaves what the names mean to symtab.c.
#include "symtab.h"

struct walk { struct scopes *s; struct front *f; struct scope *in; unsigned comp_iter; };

static bool visit(struct walk *w, struct node *n);

static bool visit_list(struct walk *w, const struct node_list *l)
{
    for (uint32_t i = 0; i < l->count; i++)
        if (l->items[i] && !visit(w, l->items[i]))
            return false;
    return true;
}

static bool visit_opt(struct walk *w, struct node *n)
{
    return !n || visit(w, n);
}

static bool fail(struct walk *w, struct front_pos pos, const char *format, const char *name)
{
    return front_fail(w->f, FRONT_SYNTAX, pos, format, name);
}

/* ---- names ---- */

static struct symbol *add(struct walk *w, struct name *name, uint32_t flags, struct front_pos pos)
{
    struct name *m = symtab_mangle(w->f, w->in->private, name);
    return m ? symtab_add(w->s, w->in, m, flags, pos) : NULL;
}

static bool bind(struct walk *w, struct name *name, struct front_pos pos)
{
    return !name || add(w, name, w->in->kind == SCOPE_COMPREHENSION ? SYM_LOCAL | SYM_COMP_TARGET : SYM_LOCAL, pos);
}

static bool visit_name(struct walk *w, struct node *n)
{
    if (n->Name.ctx != AST_LOAD && w->in->kind == SCOPE_COMPREHENSION) {
        struct name *m = symtab_mangle(w->f, w->in->private, n->Name.id);
        struct symbol *y = m ? symtab_find(w->in, m) : NULL;
        if (y && (y->flags & (SYM_NONLOCAL | SYM_GLOBAL)))
            return fail(w, n->pos, "comprehension inner loop cannot rebind assignment expression target '%s'", n->Name.id->text);
    }
    if (n->Name.ctx != AST_LOAD)
        return add(w, n->Name.id, n->Name.ctx == AST_DEL ? SYM_LOCAL | SYM_DELETED : SYM_LOCAL, n->pos) &&
               (w->in->kind != SCOPE_COMPREHENSION || bind(w, n->Name.id, n->pos));
    if (!add(w, n->Name.id, SYM_USED, n->pos))
        return false;
    if (!name_is(n->Name.id, "super") || !symtab_is_function(w->in))
        return true;
    struct name *class = names_intern(&w->f->names, "__class__", 9);
    return class && symtab_add(w->s, w->in, class, SYM_USED, n->pos);
}

static bool declare_global(struct walk *w, struct node *n, struct name *name)
{
    struct name *m = symtab_mangle(w->f, w->in->private, name);
    struct symbol *y = m ? symtab_find(w->in, m) : NULL;
    uint32_t flags = y ? y->flags : 0;
    if (flags & SYM_PARAM)
        return fail(w, n->pos, "name '%s' is parameter and global", name->text);
    if (flags & SYM_NONLOCAL)
        return fail(w, y->pos, "name '%s' is nonlocal and global", name->text);
    if (flags & SYM_ANNOTATED)
        return fail(w, n->pos, "annotated name '%s' can't be global", name->text);
    if (flags & SYM_USED)
        return fail(w, n->pos, "name '%s' is used prior to global declaration", name->text);
    if (flags & (SYM_LOCAL | SYM_IMPORTED))
        return fail(w, n->pos, "name '%s' is assigned to before global declaration", name->text);
    // The module's own uses are then global too: exec() may have given it other locals.
    return m && symtab_add(w->s, w->in, m, SYM_GLOBAL, n->pos) && symtab_add(w->s, w->s->top, m, SYM_GLOBAL, n->pos);
}

static bool declare_nonlocal(struct walk *w, struct node *n, struct name *name)
{
    struct name *m = symtab_mangle(w->f, w->in->private, name);
    struct symbol *y = m ? symtab_find(w->in, m) : NULL;
    uint32_t flags = y ? y->flags : 0;
    if (w->in->kind == SCOPE_MODULE)
        return fail(w, n->pos, "nonlocal declaration not allowed at module level", "");
    if (flags & SYM_PARAM)
        return fail(w, n->pos, "name '%s' is parameter and nonlocal", name->text);
    if (flags & SYM_GLOBAL)
        return fail(w, y->pos, "name '%s' is nonlocal and global", name->text);
    if (flags & SYM_ANNOTATED)
        return fail(w, n->pos, "annotated name '%s' can't be nonlocal", name->text);
    if (flags & SYM_USED)
        return fail(w, n->pos, "name '%s' is used prior to nonlocal declaration", name->text);
    if (flags & (SYM_LOCAL | SYM_IMPORTED))
        return fail(w, n->pos, "name '%s' is assigned to before nonlocal declaration", name->text);
    return m && symtab_add(w->s, w->in, m, SYM_NONLOCAL, n->pos);
}

static bool visit_declaration(struct walk *w, struct node *n)
{
    for (uint32_t i = 0; i < n->Global.names.count; i++) {
        struct name *name = n->Global.names.items[i];
        if (!(n->kind == AST_Global ? declare_global(w, n, name) : declare_nonlocal(w, n, name)))
            return false;
    }
    return true;
}

/* ---- walrus: binds in the nearest scope that is no comprehension ---- */

static bool walrus_in_comprehension(struct walk *w, struct node *target)
{
    struct name *name = symtab_mangle(w->f, w->in->private, target->Name.id);
    if (!name)
        return false;
    struct scope *p = w->in;
    for (; p->kind == SCOPE_COMPREHENSION; p = p->parent) {
        struct symbol *y = symtab_find(p, name);
        if (y && (y->flags & SYM_COMP_TARGET))
            return fail(w, target->pos, "assignment expression cannot rebind comprehension iteration variable '%s'", name->text);
    }
    if (p->kind == SCOPE_CLASS)
        return fail(w, target->pos, "assignment expression within a comprehension cannot be used in a class body", "");
    struct symbol *outer = symtab_find(p, name);
    bool global = p->kind == SCOPE_MODULE || (outer && (outer->flags & SYM_GLOBAL));
    p->has_walrus = true;
    if (!symtab_add(w->s, w->in, name, global ? SYM_GLOBAL : SYM_NONLOCAL, target->pos))
        return false;
    return symtab_add(w->s, p, name, p->kind == SCOPE_MODULE ? SYM_GLOBAL : SYM_LOCAL, target->pos);
}

static bool visit_walrus(struct walk *w, struct node *n)
{
    if (w->comp_iter)
        return fail(w, n->pos, "assignment expression cannot be used in a comprehension iterable expression", "");
    w->in->has_walrus = true;
    if (w->in->kind == SCOPE_COMPREHENSION)
        return walrus_in_comprehension(w, n->NamedExpr.target) && visit(w, n->NamedExpr.value);
    return visit(w, n->NamedExpr.value) && visit(w, n->NamedExpr.target);
}

/* ---- functions, classes ---- */

/* Under the future import an annotation is only text: nothing in it may bind or suspend. */
static bool annotation(struct walk *w, struct node *n)
{
    if (!n)
        return true;
    if (!(w->f->flags & FRONT_ANNOTATIONS))
        return visit(w, n);
    const char *what = n->kind == AST_NamedExpr ? "named" : n->kind == AST_Await ? "await" : n->kind == AST_Yield || n->kind == AST_YieldFrom ? "yield" : NULL;
    if (what)
        return fail(w, n->pos, "%s expression cannot be used within an annotation", what);
    const struct ast_shape *s = ast_shape((enum ast_kind)n->kind);
    for (unsigned i = 0; i < s->count; i++) {
        void *at = ast_field_at(n, &s->fields[i]);
        if ((s->fields[i].type == FIELD_EXPR || s->fields[i].type == FIELD_OPT) && !annotation(w, *(struct node **)at))
            return false;
        const struct node_list *l = at;
        for (uint32_t k = 0; s->fields[i].type == FIELD_LIST && k < l->count; k++)
            if (!annotation(w, l->items[k]))
                return false;
    }
    return true;
}

static bool argument_annotations(struct walk *w, const struct node_list *l)
{
    for (uint32_t i = 0; i < l->count; i++)
        if (!annotation(w, l->items[i]->arg.annotation))
            return false;
    return true;
}

static bool all_annotations(struct walk *w, const struct node *a)
{
    return argument_annotations(w, &a->arguments.posonlyargs) && argument_annotations(w, &a->arguments.args) &&
           (!a->arguments.vararg || annotation(w, a->arguments.vararg->arg.annotation)) &&
           argument_annotations(w, &a->arguments.kwonlyargs) &&
           (!a->arguments.kwarg || annotation(w, a->arguments.kwarg->arg.annotation));
}

static bool parameter(struct walk *w, const struct node *arg)
{
    struct name *m = symtab_mangle(w->f, w->in->private, arg->arg.arg);
    struct symbol *y = m ? symtab_find(w->in, m) : NULL;
    if (y && (y->flags & SYM_PARAM))
        return fail(w, arg->pos, "duplicate argument '%s' in function definition", arg->arg.arg->text);
    return m && symtab_add(w->s, w->in, m, SYM_PARAM, arg->pos);
}

static bool parameter_list(struct walk *w, const struct node_list *l)
{
    for (uint32_t i = 0; i < l->count; i++)
        if (!parameter(w, l->items[i]))
            return false;
    return true;
}

static bool parameters(struct walk *w, const struct node *a)
{
    return parameter_list(w, &a->arguments.posonlyargs) && parameter_list(w, &a->arguments.args) &&
           parameter_list(w, &a->arguments.kwonlyargs) && (!a->arguments.vararg || parameter(w, a->arguments.vararg)) &&
           (!a->arguments.kwarg || parameter(w, a->arguments.kwarg));
}

static struct scope *enter(struct walk *w, enum scope_kind kind, struct node *n, struct name *name)
{
    struct scope *in = symtab_enter(w->s, kind, n, name, w->in);
    if (in)
        w->in = in;
    return in;
}

static bool visit_function(struct walk *w, struct node *n)
{
    struct node *a = n->FunctionDef.args;
    struct walk outer = *w;
    if (!bind(w, n->FunctionDef.name, n->pos) || !visit_list(w, &a->arguments.defaults) || !visit_list(w, &a->arguments.kw_defaults) ||
        !all_annotations(w, a) || !annotation(w, n->FunctionDef.returns) || !visit_list(w, &n->FunctionDef.decorator_list))
        return false;
    if (!enter(w, SCOPE_FUNCTION, n, n->FunctionDef.name))
        return false;
    w->in->coroutine = n->kind == AST_AsyncFunctionDef;
    w->comp_iter = 0;
    bool ok = parameters(w, a) && visit_list(w, &n->FunctionDef.body);
    *w = outer;
    return ok;
}

static bool visit_lambda(struct walk *w, struct node *n)
{
    struct node *a = n->Lambda.args;
    struct walk outer = *w;
    if (!visit_list(w, &a->arguments.defaults) || !visit_list(w, &a->arguments.kw_defaults))
        return false;
    if (!enter(w, SCOPE_LAMBDA, n, names_intern(&w->f->names, "<lambda>", 8)))
        return false;
    bool ok = parameters(w, a) && visit(w, n->Lambda.body);
    *w = outer;
    return ok;
}

static bool visit_class(struct walk *w, struct node *n)
{
    struct walk outer = *w;
    if (!bind(w, n->ClassDef.name, n->pos) || !visit_list(w, &n->ClassDef.bases) || !visit_list(w, &n->ClassDef.keywords) ||
        !visit_list(w, &n->ClassDef.decorator_list))
        return false;
    if (!enter(w, SCOPE_CLASS, n, n->ClassDef.name))
        return false;
    w->in->private = n->ClassDef.name;
    w->comp_iter = 0;
    bool ok = visit_list(w, &n->ClassDef.body);
    *w = outer;
    return ok;
}

/* ---- comprehensions ---- */

static bool visit_iter(struct walk *w, struct node *iter)
{
    w->comp_iter++;
    bool ok = visit(w, iter);
    w->comp_iter--;
    return ok;
}

static bool visit_clauses(struct walk *w, const struct node_list *l)
{
    for (uint32_t i = 0; i < l->count; i++) {
        struct node *g = l->items[i];
        if ((i > 0 && !visit_iter(w, g->comprehension.iter)) || !visit(w, g->comprehension.target) ||
            !visit_list(w, &g->comprehension.ifs))
            return false;
        if (g->comprehension.is_async)
            w->in->coroutine = true;
    }
    return true;
}

static const char *comprehension_name(enum ast_kind kind)
{
    return kind == AST_ListComp ? "<listcomp>" : kind == AST_SetComp ? "<setcomp>" : kind == AST_DictComp ? "<dictcomp>" : "<genexpr>";
}

/* All targets come before anything else is read, so that a walrus finds them. */
static bool visit_comprehension(struct walk *w, struct node *n)
{
    struct node_list *generators = n->kind == AST_DictComp ? &n->DictComp.generators : &n->ListComp.generators;
    struct walk outer = *w;
    const char *name = comprehension_name((enum ast_kind)n->kind);
    if (!visit_iter(w, generators->items[0]->comprehension.iter))
        return false;
    if (!enter(w, SCOPE_COMPREHENSION, n, names_intern(&w->f->names, name, __builtin_strlen(name))))
        return false;
    struct name *dot0 = names_intern(&w->f->names, ".0", 2);
    if (!dot0 || !symtab_add(w->s, w->in, dot0, SYM_PARAM, n->pos))
        return false;
    w->in->generator = n->kind == AST_GeneratorExp;
    w->comp_iter = outer.comp_iter;
    bool ok = visit_clauses(w, generators) &&
              (n->kind == AST_DictComp ? visit(w, n->DictComp.key) && visit(w, n->DictComp.value) : visit(w, n->ListComp.elt));
    bool is_async = w->in->coroutine && n->kind != AST_GeneratorExp;
    *w = outer;
    if (is_async && w->in->kind == SCOPE_COMPREHENSION)
        w->in->coroutine = true;
    return ok;
}

/* ---- the rest ---- */

static bool visit_annassign(struct walk *w, struct node *n)
{
    struct node *target = n->AnnAssign.target;
    if (target->kind == AST_Name) {
        struct name *m = symtab_mangle(w->f, w->in->private, target->Name.id);
        struct symbol *y = m ? symtab_find(w->in, m) : NULL;
        if (y && (y->flags & (SYM_GLOBAL | SYM_NONLOCAL)) && w->in->kind != SCOPE_MODULE && n->AnnAssign.simple)
            return fail(w, n->pos, y->flags & SYM_GLOBAL ? "annotated name '%s' can't be global" : "annotated name '%s' can't be nonlocal",
                        target->Name.id->text);
        uint32_t flags = (n->AnnAssign.simple ? SYM_ANNOTATED : 0u) | (n->AnnAssign.value ? SYM_LOCAL : n->AnnAssign.simple ? SYM_DECLARED : 0u);
        if (flags && !add(w, target->Name.id, flags, n->pos))
            return false;
    } else if (!visit(w, target)) {
        return false;
    }
    return annotation(w, n->AnnAssign.annotation) && visit_opt(w, n->AnnAssign.value);
}

static bool visit_import(struct walk *w, struct node *n)
{
    const struct node_list *l = n->kind == AST_Import ? &n->Import.names : &n->ImportFrom.names;
    for (uint32_t i = 0; i < l->count; i++) {
        struct node *a = l->items[i];
        struct name *name = a->alias.asname ? a->alias.asname : a->alias.name;
        if (name_is(name, "*")) {
            if (w->in->kind != SCOPE_MODULE)
                return fail(w, a->pos, "import * only allowed at module level", "");
            w->in->star_import = true;
            continue;
        }
        const char *dot = a->alias.asname ? NULL : __builtin_strchr(name->text, '.');
        if (dot && !(name = names_intern(&w->f->names, name->text, (size_t)(dot - name->text))))
            return false;
        if (!add(w, name, SYM_IMPORTED | SYM_LOCAL, n->pos))
            return false;
    }
    return true;
}

static bool visit_fields(struct walk *w, struct node *n)
{
    const struct ast_shape *s = ast_shape((enum ast_kind)n->kind);
    for (unsigned i = 0; i < s->count; i++) {
        void *at = ast_field_at(n, &s->fields[i]);
        enum ast_field_type type = s->fields[i].type;
        if ((type == FIELD_EXPR || type == FIELD_OPT) && !visit_opt(w, *(struct node **)at))
            return false;
        if (type == FIELD_LIST && !visit_list(w, at))
            return false;
    }
    return true;
}

static bool visit_suspension(struct walk *w, struct node *n)
{
    bool await = n->kind == AST_Await;
    if (await)
        w->in->coroutine |= w->in->kind == SCOPE_COMPREHENSION;
    else if (w->in->kind == SCOPE_COMPREHENSION)
        return fail(w, n->pos, "'yield' inside %s", w->in->node->kind == AST_ListComp ? "list comprehension"
                    : w->in->node->kind == AST_SetComp ? "set comprehension"
                    : w->in->node->kind == AST_DictComp ? "dict comprehension" : "generator expression");
    else
        w->in->generator = true;
    return visit_fields(w, n);
}

static bool visit_kind(struct walk *w, struct node *n)
{
    switch ((int)n->kind) {
    case AST_Name: return visit_name(w, n);
    case AST_FunctionDef: case AST_AsyncFunctionDef: return visit_function(w, n);
    case AST_Lambda: return visit_lambda(w, n);
    case AST_ClassDef: return visit_class(w, n);
    case AST_ListComp: case AST_SetComp: case AST_DictComp: case AST_GeneratorExp: return visit_comprehension(w, n);
    case AST_Global: case AST_Nonlocal: return visit_declaration(w, n);
    case AST_NamedExpr: return visit_walrus(w, n);
    case AST_AnnAssign: return visit_annassign(w, n);
    case AST_Import: case AST_ImportFrom: return visit_import(w, n);
    case AST_Yield: case AST_YieldFrom: case AST_Await: return visit_suspension(w, n);
    case AST_Return: w->in->returns_value |= n->Return.value != NULL; break;
    case AST_ExceptHandler: return visit_opt(w, n->ExceptHandler.type) && bind(w, n->ExceptHandler.name, n->pos) && visit_list(w, &n->ExceptHandler.body);
    case AST_MatchAs: return visit_opt(w, n->MatchAs.pattern) && bind(w, n->MatchAs.name, n->pos);
    case AST_MatchStar: return bind(w, n->MatchStar.name, n->pos);
    case AST_MatchMapping: return visit_fields(w, n) && bind(w, n->MatchMapping.rest, n->pos);
    }
    return visit_fields(w, n);
}

static bool visit(struct walk *w, struct node *n)
{
    if (++w->s->depth > SCOPE_MAX_DEPTH)
        return front_fail(w->f, FRONT_RECURSION, n->pos, "maximum recursion depth exceeded during compilation");
    bool ok = visit_kind(w, n);
    w->s->depth--;
    return ok;
}

bool symtab_walk(struct scopes *s, struct node *tree)
{
    struct name *name = names_intern(&s->f->names, "<module>", 8);
    s->top = name ? symtab_enter(s, SCOPE_MODULE, tree, name, NULL) : NULL;
    struct walk w = {.s = s, .f = s->f, .in = s->top};
    return s->top && visit_fields(&w, tree);
}
