import marshal, sys
src = '''
def f(a, b=2, *c, d, **e):
    "doc"
    x = [i*a for i in range(b)]
    try:
        return x, (1, 2.5, 3j, b"abc", "é", "中", 10**40, None, True, ..., frozenset({1}))
    except ValueError as e:
        raise
class A:
    def g(self): return self
print(f(1, d=4), A().g().__class__)
'''
code = compile(src, "<x>", "exec")
b = marshal.dumps(code)
c2 = marshal.loads(b)
exec(c2, {"__name__":"zz"})
print([k.co_name for k in c2.co_consts if hasattr(k, "co_name")], c2.co_filename)
for v in [1, -1, 2**31, -2**70, 1.5, float("inf"), 1e300*10, 3j, "a", "é", "中", "\ud800", "\U0001f600", b"x", (), (1,(2,)), [1,[2]], {1:2,"a":[1]}, {1,2}, frozenset({3}), None, True, False, ..., StopIteration, 0.0, -0.0]:
    w = marshal.loads(marshal.dumps(v))
    assert repr(w) == repr(v) and type(w) is type(v), (v, w)
l = []; l.append(l)
m = marshal.loads(marshal.dumps(l)); assert m[0] is m
try: marshal.dumps(object())
except ValueError as e: print(e)
import warnings
