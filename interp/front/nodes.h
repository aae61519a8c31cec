// SPDX-License-Identifier: Apache-2.0
// Every kind of syntax tree node, with its fields in the order that Python's ast module documents them.
// It is included several times with NODE and the field macros defined by the includer, and undefines them at its end.
//
//   NODE(kind, group, fields)   group: MOD STMT EXPR PATTERN HANDLER PART (a part of something)
//   EXPR(f) a node   OPT(f) a node or NULL   LIST(f) nodes (an item is NULL where the comment says so)
//   NAME(f) an identifier   OPTNAME(f) the same or NULL   NAMES(f) identifiers
//   CTX(f) enum ast_context   OP(f) enum ast_operator   OPS(f) one operator an item   INT(f) a number   CONST(f) a constant

NODE(Module, MOD, LIST(body) LIST(type_ignores))                    /* a file; type_ignores is always empty */
NODE(Interactive, MOD, LIST(body))                                  /* one statement of the prompt */
NODE(Expression, MOD, EXPR(body))                                   /* eval() */

NODE(FunctionDef, STMT, NAME(name) EXPR(args) LIST(body) LIST(decorator_list) OPT(returns) OPT(type_comment))
NODE(AsyncFunctionDef, STMT, NAME(name) EXPR(args) LIST(body) LIST(decorator_list) OPT(returns) OPT(type_comment))
NODE(ClassDef, STMT, NAME(name) LIST(bases) LIST(keywords) LIST(body) LIST(decorator_list))
NODE(Return, STMT, OPT(value))
NODE(Delete, STMT, LIST(targets))
NODE(Assign, STMT, LIST(targets) EXPR(value) OPT(type_comment))     /* a = b = value */
NODE(AugAssign, STMT, EXPR(target) OP(op) EXPR(value))              /* a += value */
NODE(AnnAssign, STMT, EXPR(target) EXPR(annotation) OPT(value) INT(simple)) /* simple: a bare name without brackets */
NODE(For, STMT, EXPR(target) EXPR(iter) LIST(body) LIST(orelse) OPT(type_comment))
NODE(AsyncFor, STMT, EXPR(target) EXPR(iter) LIST(body) LIST(orelse) OPT(type_comment))
NODE(While, STMT, EXPR(test) LIST(body) LIST(orelse))
NODE(If, STMT, EXPR(test) LIST(body) LIST(orelse))
NODE(With, STMT, LIST(items) LIST(body) OPT(type_comment))
NODE(AsyncWith, STMT, LIST(items) LIST(body) OPT(type_comment))
NODE(Match, STMT, EXPR(subject) LIST(cases))
NODE(Raise, STMT, OPT(exc) OPT(cause))
NODE(Try, STMT, LIST(body) LIST(handlers) LIST(orelse) LIST(finalbody))
NODE(TryStar, STMT, LIST(body) LIST(handlers) LIST(orelse) LIST(finalbody))
NODE(Assert, STMT, EXPR(test) OPT(msg))
NODE(Import, STMT, LIST(names))
NODE(ImportFrom, STMT, OPTNAME(module) LIST(names) INT(level))      /* level: leading dots */
NODE(Global, STMT, NAMES(names))
NODE(Nonlocal, STMT, NAMES(names))
NODE(Expr, STMT, EXPR(value))
NODE(Pass, STMT, )
NODE(Break, STMT, )
NODE(Continue, STMT, )

NODE(BoolOp, EXPR, OP(op) LIST(values))                             /* and, or: two values or more */
NODE(NamedExpr, EXPR, EXPR(target) EXPR(value))
NODE(BinOp, EXPR, EXPR(left) OP(op) EXPR(right))
NODE(UnaryOp, EXPR, OP(op) EXPR(operand))
NODE(Lambda, EXPR, EXPR(args) EXPR(body))
NODE(IfExp, EXPR, EXPR(test) EXPR(body) EXPR(orelse))
NODE(Dict, EXPR, LIST(keys) LIST(values))                           /* a NULL key: ** value */
NODE(Set, EXPR, LIST(elts))
NODE(ListComp, EXPR, EXPR(elt) LIST(generators))
NODE(SetComp, EXPR, EXPR(elt) LIST(generators))
NODE(DictComp, EXPR, EXPR(key) EXPR(value) LIST(generators))
NODE(GeneratorExp, EXPR, EXPR(elt) LIST(generators))
NODE(Await, EXPR, EXPR(value))
NODE(Yield, EXPR, OPT(value))
NODE(YieldFrom, EXPR, EXPR(value))
NODE(Compare, EXPR, EXPR(left) OPS(ops) LIST(comparators))
NODE(Call, EXPR, EXPR(func) LIST(args) LIST(keywords))
NODE(FormattedValue, EXPR, EXPR(value) INT(conversion) OPT(format_spec)) /* conversion: -1 or 's' 'r' 'a' */
NODE(JoinedStr, EXPR, LIST(values))
NODE(Constant, EXPR, CONST(value) OPT(kind))                        /* the dump reads the `u` prefix from the constant */
NODE(Attribute, EXPR, EXPR(value) NAME(attr) CTX(ctx))
NODE(Subscript, EXPR, EXPR(value) EXPR(slice) CTX(ctx))
NODE(Starred, EXPR, EXPR(value) CTX(ctx))
NODE(Name, EXPR, NAME(id) CTX(ctx))
NODE(List, EXPR, LIST(elts) CTX(ctx))
NODE(Tuple, EXPR, LIST(elts) CTX(ctx))
NODE(Slice, EXPR, OPT(lower) OPT(upper) OPT(step))

NODE(MatchValue, PATTERN, EXPR(value))
NODE(MatchSingleton, PATTERN, CONST(value))
NODE(MatchSequence, PATTERN, LIST(patterns))
NODE(MatchMapping, PATTERN, LIST(keys) LIST(patterns) OPTNAME(rest))
NODE(MatchClass, PATTERN, EXPR(cls) LIST(patterns) NAMES(kwd_attrs) LIST(kwd_patterns))
NODE(MatchStar, PATTERN, OPTNAME(name))
NODE(MatchAs, PATTERN, OPT(pattern) OPTNAME(name))                  /* neither: the wildcard */
NODE(MatchOr, PATTERN, LIST(patterns))

NODE(ExceptHandler, HANDLER, OPT(type) OPTNAME(name) LIST(body))

NODE(arguments, PART, LIST(posonlyargs) LIST(args) OPT(vararg) LIST(kwonlyargs) LIST(kw_defaults) OPT(kwarg) LIST(defaults)) /* a NULL kw_default: none */
NODE(arg, PART, NAME(arg) OPT(annotation) OPT(type_comment))
NODE(keyword, PART, OPTNAME(arg) EXPR(value))                       /* no name: ** value */
NODE(alias, PART, NAME(name) OPTNAME(asname))
NODE(withitem, PART, EXPR(context_expr) OPT(optional_vars))
NODE(match_case, PART, EXPR(pattern) OPT(guard) LIST(body))
NODE(comprehension, PART, EXPR(target) EXPR(iter) LIST(ifs) INT(is_async))

#undef NODE
#undef EXPR
#undef OPT
#undef LIST
#undef NAME
#undef OPTNAME
#undef NAMES
#undef CTX
#undef OP
#undef OPS
#undef INT
#undef CONST
