# SPDX-License-Identifier: Apache-2.0
# Syntax trees as objects: made by compile(), changed, compiled again.
import _ast
def dump(n):
    if isinstance(n, _ast.AST):
        return type(n).__name__ + '(' + ', '.join(f + '=' + dump(getattr(n, f)) for f in n._fields + n._attributes) + ')'
    if isinstance(n, list):
        return '[' + ', '.join(dump(x) for x in n) + ']'
    return repr(n)
t = compile('def f(a, /, b=1, *c, d: int=2, **e) -> x:\n    "doc"\n    return [y async for z in w if -1 < 2 or u"a"]\nfrom . import q\nx: int\nfor i in z: f"{a!r:>{b}}"; match = 5j\nmatch x:\n  case {1: [a, *b], **c} | A(b=2) if 1.5: pass\n', 'f', 'exec', 0x400)
print(dump(t))
m = compile('print(1 + 20, "s", f"{3}")\ndef g(x, *a, y=5):\n    "d"\n    for i in range(2):\n        yield x, i, a, y\nprint(list(g(1, 2)), g.__doc__)', 'x', 'exec', 0x400)
m.body[0].value.args[0].left.value = 41
exec(compile(m, 'x', 'exec'))
print(eval(compile(compile('[i * 2 for i in range(3)]', 'f', 'eval', 0x400), 'f', 'eval')))
print(_ast.Name('x', _ast.Load()).id, _ast.Name._fields, _ast.expr._attributes)
try: _ast.Name(1, 2, 3)
except TypeError as e: print(e)
try: compile(_ast.Module([_ast.Expr(_ast.Name('x', _ast.Load()))], []), 'x', 'exec')
except TypeError as e: print(e)
try: compile(_ast.Expression(_ast.Constant([], lineno=1, col_offset=0)), "x", "eval")
except TypeError as e: print(e)
print(type(compile('1+1', 'f', 'eval', _ast.PyCF_ONLY_AST).body.op), _ast.Return.value, _ast.Constant('x', kind=None).kind)
print(sorted(n for n in vars(_ast) if not n.startswith('_')))
