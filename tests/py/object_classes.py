# SPDX-License-Identifier: Apache-2.0
# Classes: construction, inheritance, metaclasses, slots, special methods, subclasses of built-in types.
def t(f):
    try: print(f())
    except BaseException as e: print(type(e).__name__, e)
# classes
class A:
    x = 1
    def __init__(self, a, b=2): self.a, self.b = a, b
    def m(self): return self.a + self.b
    @property
    def p(self): "doc of p"; return self.a * 10
    @p.setter
    def p(self, v): self.a = v
    @classmethod
    def c(cls, n=0): return cls.__name__, n
    @staticmethod
    def s(v): return v
    def __repr__(self): return f'A({self.a}, {self.b})'
a = A(3)
print(a, a.m(), a.p, A.c(5), a.c(), A.s(7), a.s(8), A.p.__doc__)
a.p = 9
print(a.a, vars(a), a.__dict__ is a.__dict__)
print(A.__name__, A.__qualname__, A.__module__, A.__bases__, A.__mro__, A.__dict__['x'])
class B(A):
    def __init__(self, *args): super().__init__(*args); self.z = 1
    def m(self): return super().m() + 100
b = B(1)
print(b, b.m(), isinstance(b, A), issubclass(B, A), B.__mro__, B.__base__)
print(A.__subclasses__())
class D1: pass
class D2(D1): pass
class D3(D1): pass
class D4(D2, D3): pass
print(D4.mro())
t(lambda: type('X', (D1, D2), {}))
t(lambda: type('X', (D1, D1), {}))
# metaclass
class Meta(type):
    def __new__(m, n, b, ns, **kw): print('new', n, kw); return super().__new__(m, n, b, ns)
    def __init__(c, n, b, ns, **kw): print('init', n, kw); super().__init__(n, b, ns)
    @classmethod
    def __prepare__(m, n, b, **kw): print('prep', n, kw); return {'pre': 1}
    def __call__(c, *a): print('call', c.__name__); return super().__call__(*a)
    def __getattr__(c, n): return 'meta-' + n
    def __len__(c): return 42
    def __contains__(c, x): return x == 1
    def __iter__(c): return iter('xyz')
    def __getitem__(c, k): return k
class M(metaclass=Meta, kw=1): pass
print(M.pre, M(), M.foo, len(M), 1 in M, list(M), M[5]) if False else print(M.pre, M.foo, len(M), 1 in M, list(M), M[5])
M()
class M2(M): pass
print(type(M2))
# init_subclass, set_name
class Base:
    def __init_subclass__(cls, /, tag=None, **kw): super().__init_subclass__(**kw); cls.tag = tag; print('isub', cls.__name__, tag)
class Desc:
    def __set_name__(self, o, n): print('set_name', o.__name__, n); self.n = n
    def __get__(self, o, c): return (self.n, o is None, c.__name__)
class Sub(Base, tag='T'):
    d = Desc()
print(Sub.d, Sub().d, Sub.tag)
class DD:
    def __get__(self, o, c): return 'get'
    def __set__(self, o, v): print('set', v)
    def __delete__(self, o): print('del')
class E: d = DD()
e = E(); e.d = 1; del e.d; print(e.d, e.__dict__)
e.__dict__['d'] = 5; print(e.d)
t(lambda: type('X', (Base,), {}, foo=1))
class BadName:
    def __set_name__(self, o, n): raise ValueError('no')
def f():
    class Z: q = BadName()
t(f)
# slots
class S:
    __slots__ = ('b', 'a')
    def __init__(self): self.a = 1
s = S()
print(s.a); t(lambda: s.b); t(lambda: setattr(s, 'c', 1)); print(S.a, S.__slots__); t(lambda: s.__dict__)
class S2(S): pass
s2 = S2(); s2.c = 3; s2.b = 4; print(s2.a, s2.b, s2.c, s2.__dict__)
class S3(S): __slots__ = ['__private', 'd']
s3 = S3(); s3.d = 1; s3.a = 5; print(s3.d, s3.a, sorted(x for x in dir(S3) if 'priv' in x))
t(lambda: type('X', (), {'__slots__': ('x',), 'x': 1}))
t(lambda: type('X', (), {'__slots__': (1,)}))
t(lambda: type('X', (), {'__slots__': ('a b',)}))
t(lambda: type('X', (), {'__slots__': ('__dict__', '__dict__')}))
t(lambda: type('X', (S, type('Y', (), {'__slots__': ('q',)})), {}))
t(lambda: type('X', (int, list), {}))
# dunders
class V:
    def __init__(self, v): self.v = v
    def __add__(self, o): return V(self.v + (o.v if isinstance(o, V) else o))
    def __radd__(self, o): return V(o + self.v)
    def __iadd__(self, o): self.v += o; return self
    def __eq__(self, o): return isinstance(o, V) and self.v == o.v
    def __lt__(self, o): return self.v < o.v
    def __hash__(self): return hash(self.v)
    def __bool__(self): return bool(self.v)
    def __len__(self): return self.v
    def __getitem__(self, i): return i * 2
    def __setitem__(self, i, v): print('setitem', i, v)
    def __delitem__(self, i): print('delitem', i)
    def __contains__(self, x): return x == self.v
    def __call__(self, *a, **k): return a, k
    def __neg__(self): return V(-self.v)
    def __index__(self): return self.v
    def __int__(self): return self.v + 1
    def __float__(self): return self.v + .5
    def __format__(self, s): return f'<{s}>'
    def __str__(self): return 'V' + str(self.v)
    def __repr__(self): return f'V({self.v})'
    def __pow__(self, o, m=None): return ('pow', o, m)
    def __rpow__(self, o): return ('rpow', o)
    def __matmul__(self, o): return 'mm'
    def __round__(self, n=None): return ('round', n)
    def __reversed__(self): return 'rev'
    def __enter__(self): return self
    def __exit__(self, *a): print('exit', a[0])
v = V(3)
print(v + 1, 1 + v, v + v, v == V(3), v != V(3), v < V(4), v > V(2), hash(v) == hash(3), bool(v), len(v), v[5], 3 in v, v(1, k=2))
v += 5; print(v); v[1] = 2; del v[3]
print(-v, [0] * 9 == [0] * 9, list(range(20))[v], int(v), float(v), f'{v:abc}', str(v), repr(v), v ** 2, pow(v, 2, 3), 2 ** v, v @ 1, round(v), round(v, 2), reversed(v))
with v as w: print(w is v)
t(lambda: v <= v)
t(lambda: v - 1)
t(lambda: sorted([V(3), V(1), V(2)]))
class NH:
    def __eq__(self, o): return True
t(lambda: hash(NH()))
class It:
    def __init__(self): self.n = 0
    def __iter__(self): return self
    def __next__(self):
        self.n += 1
        if self.n > 3: raise StopIteration
        return self.n
print(list(It()), sum(It()), [*It()], max(It()))
class GI:
    def __getitem__(self, i):
        if i > 2: raise IndexError
        return i
print(list(GI()), 2 in GI(), 9 in GI())
class GA:
    def __getattr__(self, n): return 'ga-' + n
    def __setattr__(self, n, v): print('sa', n); object.__setattr__(self, n, v)
    def __delattr__(self, n): print('da', n); object.__delattr__(self, n)
g = GA(); g.x = 1; print(g.x, g.y); del g.x; print(g.x)
class GB:
    def __getattribute__(self, n): return object.__getattribute__(self, n) if n.startswith('_') else n
print(GB().foo, GB().__class__)
t(lambda: getattr(object(), 'x'))
print(getattr(object(), 'x', 5), hasattr(g, 'q'), hasattr(1, 'q'))
# builtin subclass
class I(int):
    def __add__(self, o): return I(int.__add__(self, o))
    def __repr__(self): return f'I({int(self)})'
i = I(5); i.attr = 1; print(i + 1, i * 2, i.attr, i == 5, hash(i) == hash(5), [1,2,3,4,5,6][i])
class L(list):
    def __getitem__(self, i): return ('L', list.__getitem__(self, i))
l = L([1, 2]); l.append(3); l.q = 1; print(l, l[0], len(l), l.q, list(l))
class Dct(dict):
    def __missing__(self, k): return k * 2
d = Dct(a=1); print(d['a'], d['zz'], d.get('q'), d)
class St(str): pass
st = St('abc'); st.z = 1; print(st, st.z, st.upper(), st + 'd', type(st + 'd'), {st: 1}['abc'])
class T(tuple):
    def __new__(cls, *a): return super().__new__(cls, a)
print(T(1, 2), T(1)[0], T() == ())
class Ex(ValueError):
    def __init__(self, a, b): super().__init__(a); self.b = b
try: raise Ex(1, 2)
except ValueError as x: print(x, x.b, x.args, x.__dict__)
