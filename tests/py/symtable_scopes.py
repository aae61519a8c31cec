# SPDX-License-Identifier: Apache-2.0
# The tables of the compiler: every symbol of many scopes, with its flags.
import _symtable
import symtable

SOURCES = '''
x = 1; print(x, y)
---
def f(a, b=1, /, c: int = 2, *d, e, **g) -> str:
    global h, i
    h = a; z = b; del z
    def inner(): return a + c
    def other():
        nonlocal z
        z = 3
    return lambda q: q + e
---
class C(Base, metaclass=M):
    x: int
    y: int = 1
    __private = 2
    def m(self): return super().m(), __class__, self.__private
    @property
    def p(self): return x
    class D:
        def n(self): return C
---
import os, sys as s, a.b.c
from m import n, o as p
from q import *
---
r = [i for i in range(3) if i for j in i]
s = {k: v for k, v in z.items()}
t = {u for u in r}
w = (aa for bb in cc)
---
def f():
    return [i + n for i in range(3)], (y := 2), [z := j for j in r]
---
async def f():
    async with a as b: await b
    async for c in d: yield c
---
def f():
    x = 1
    class C:
        x = x
        def g(self): return x
        nonlocal_free = x
---
match a:
    case [b, *c] | {"k": b, **c}: pass
    case D(e=f) as g: pass
---
try: pass
except E as e: pass
for i, (j, *k) in l: pass
with m as n, o as (p, q): pass
---
def f():
    global g
    def inner(): return g
    g: int
'''.replace("    g: int\n", "").split("---")


def show(e, depth=0):
    print(" " * depth, e.name, e.type, e.lineno, bool(e.nested), e.varnames)
    for name, flags in sorted(e.symbols.items()):
        print(" " * depth, " ", name, bin(flags & 0x7ff), flags >> 11)
    for c in e.children:
        show(c, depth + 2)


for source in SOURCES:
    show(_symtable.symtable(source, "f", "exec"))
    print()
show(_symtable.symtable("a + (lambda b: c)", "f", "eval"))
show(_symtable.symtable(b"# coding: latin-1\ndef f(\xe4): pass", "f", "exec"))
for bad in (("def f(x): global x", "f", "exec"), ("x", "f", "nonsense"), ("x", 3, "exec"), (3, "f", "exec"), ("x", "f", 3), ("a b", "f", "exec")):
    try:
        print(_symtable.symtable(*bad))
    except (SyntaxError, ValueError, TypeError) as e:
        print(type(e).__name__, e)
top = symtable.symtable("def f(a):\n def g(): return a\n", "name", "exec")
print(top, top.get_children(), [c.get_locals() for c in top.get_children()], top.get_children()[0].get_children()[0].get_frees(), top.lookup("f").is_namespace())
print({k: v for k, v in sorted(vars(_symtable).items()) if k.isupper()})
