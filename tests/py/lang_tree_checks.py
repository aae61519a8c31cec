# Trees that a program makes are looked at before they are compiled; what is wrong with them is told as CPython tells it.
import ast


def told(tree, mode="exec"):
    try:
        compile(ast.fix_missing_locations(tree), "<tree>", mode)
    except Exception as e:
        return type(e).__name__, str(e).split(" object at ")[0]
    return "fine"


def module(*body):
    return ast.Module(list(body), [])


store, load = ast.Name("x", ast.Store()), ast.Name("x", ast.Load())
one, nothing = ast.Constant(1), ast.Pass()
no_args = ast.arguments([], [], None, [], [], None, [])
statements = [
    ast.Expr(store), ast.Assign([], one), ast.Assign([None], one), ast.Assign([load], one), ast.Assign([store], store), ast.Assign([one], one),
    ast.Delete([]), ast.Delete([load]), ast.AugAssign(load, ast.Add(), one), ast.For(store, load, [], []), ast.For(load, load, [nothing], []),
    ast.While(one, [], []), ast.If(store, [nothing], []), ast.With([], [nothing]), ast.Raise(None, one), ast.Try([], [], [], [nothing]),
    ast.Try([nothing], [], [], []), ast.Try([nothing], [], [nothing], [nothing]), ast.TryStar([nothing], [ast.ExceptHandler(None, "x", [])], [], []),
    ast.Import([]), ast.ImportFrom(None, [ast.alias("x", None)], -1), ast.Global([]), ast.Nonlocal([]), ast.FunctionDef("f", no_args, [], [], None),
    ast.FunctionDef("f", ast.arguments([], [], None, [], [], None, [one]), [nothing], [], None), ast.ClassDef("c", [], [], [None], []),
    ast.ClassDef("c", [store], [], [nothing], []), ast.Assert(store, None), ast.Expr(nothing), ast.Expr(None), one, ast.Return(store),
    ast.AnnAssign(ast.Attribute(load, "y", ast.Store()), one, None, 1), ast.AnnAssign(store, one, None, 1),
]
for s in statements:
    print(s.__class__.__name__, told(module(s)))
expressions = [
    ast.BoolOp(ast.And(), [one]), ast.BoolOp(ast.And(), [one, None]), ast.Dict([], [one]), ast.Dict([None], [load]), ast.Set([None]), ast.ListComp(one, []),
    ast.ListComp(one, [ast.comprehension(load, load, [], 0)]), ast.Compare(one, [], []), ast.Compare(one, [ast.In()], [one, one]), ast.Call(load, [None], []),
    ast.Name("None", ast.Load()), ast.Attribute(store, "y", ast.Load()), ast.Starred(one, ast.Store()), ast.Constant([1]),
    ast.Constant((1, [2])), ast.Name(None, ast.Load()), ast.Subscript(load, ast.Slice(store), ast.Load()), ast.Lambda(no_args, store), ast.Yield(store),
    ast.List([load, store], ast.Load()), ast.Constant((1, (2, frozenset([3])))),
]
for e in expressions:
    print(e.__class__.__name__, told(ast.Expression(e), "eval"))
patterns = [
    ast.MatchValue(load), ast.MatchValue(ast.Constant(...)), ast.MatchValue(ast.Constant(True)), ast.MatchSingleton(1), ast.MatchStar("x"), ast.MatchAs(one, "x"),
    ast.MatchAs(None, "_"), ast.MatchAs(ast.MatchAs(), None), ast.MatchOr([]), ast.MatchMapping([one], []), ast.MatchMapping([], [], "_"),
    ast.MatchClass(one, [], [], []), ast.MatchClass(load, [], ["a"], []), ast.MatchClass(load, [], ["True"], [ast.MatchValue(one)]),
    ast.MatchSequence([ast.MatchStar("x"), ast.MatchValue(ast.UnaryOp(ast.USub(), one))]), ast.MatchValue(ast.BinOp(one, ast.Add(), ast.Constant(2j))),
]
for p in patterns:
    print(p.__class__.__name__, told(module(ast.Match(one, [ast.match_case(p, None, [nothing])]))))
tree = ast.parse("a = 1")
tree.body[0].lineno = 5
print(told(tree))
tree = ast.parse("a = 1")
tree.body[0].targets = 3
print(told(tree))


class Computed(ast.Constant):
    "A constant that nobody holds."
    @property
    def value(self):
        return "abc" + "d" * 3, bytes(range(5))


print(eval(compile(ast.fix_missing_locations(ast.Expression(Computed())), "<tree>", "eval")))
