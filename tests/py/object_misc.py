# SPDX-License-Identifier: Apache-2.0
# Small things that CPython's own tests found.
def err(f, *a, **k):
    try: return f(*a, **k)
    except Exception as e: return type(e).__name__, str(e)
class S: __slots__ = ('__doc__', 'x')
s = S(); s.__doc__ = 5; print(s.__doc__, S.__doc__ is S.__dict__['__doc__'])
print(err(lambda: 42 @ 42), err(lambda a: a @ 1.0, 1), err(lambda a: a @ 2**70, 1))
print(type[int], err(lambda: int[int]))
class Mutating:
    def __init__(self, f): self.f = f
    def __del__(self): self.f(d)
def empty(d):
    while d: d.popitem()
d = {k: Mutating(empty) for k in 'abcdefghijklmnopqr'}
for k in list(d): d[k] = k
print(d)
d = {}
for i in range(1000): d[i] = i; d.popitem(); d.get('no')
print(d, 5 in d)
g, l = {}, {}
exec('def f():\n y = 1\n def g():\n  global y\n  return y\n return g()\ny = 9\nr = f()', g, l)
print(g['y'], l['r'], 'y' in l)
class Meta(type):
    def mro(self): return [self, dict, object]
print(err(Meta, 'X', (), {}))
class E(Exception):
    def __new__(cls, *args): return cls
def one(): yield 1
gen = one(); print(err(gen.throw, E), next(gen, 'end'), list(one()))
class F(filter): pass
class G(set): pass
print(err(F, None, [], newarg=3), err(G, [1], newarg=3), err(lambda: list(map(abs, [1], k=1))))
from _collections import deque
d = deque(); it = iter(d); d.append(10); print(err(next, it))
print(object.__text_signature__, bool(object.__doc__), list.__text_signature__, enumerate.__text_signature__, int.__text_signature__, bool(max.__doc__))
