# SPDX-License-Identifier: Apache-2.0
# _functools and _operator: partial, lru_cache's wrapper, cmp_to_key, reduce, the getters and every function.
import _functools, _operator, _thread
from _functools import partial, reduce, cmp_to_key, _lru_cache_wrapper
from _operator import *
def err(f, *a, **k):
    try: return f(*a, **k)
    except Exception as e: return type(e).__name__, str(e)
def show(*a, **k): return a, k
p = partial(show, 1, x=2)
print(p(), p(3), p(3, x=4, y=5), p.func is show, p.args, p.keywords, repr(partial(int, base=2)), partial(int, base=2)('101'))
q = partial(p, 9, z=1); print(q.func is show, q.args, q.keywords, q(7)); p.attr = 5; r = partial(p, 1); print(r.func is p, r())
print(err(partial), err(partial, 1), p.__reduce__()[2][1:], err(p.__setstate__, 1), err(setattr, p, 'args', 1))
n = partial(show); n.__setstate__((show, (1, 2), {'k': 3}, {'a': 4})); print(n(), n.a, n.__dict__); n.__setstate__((show, [], {}, None)) if False else None
class P(partial): pass
s = P(show, 1, k=2); print(type(s).__name__, s(5), repr(s).startswith('P(<function'), partial[int])
rec = partial(show); rec.__setstate__((rec, (), {}, {})); print(repr(rec)); rec.__setstate__((show, (rec,), {}, None)); print(repr(rec).endswith(', ...)'))
class A: m = partial(show, 1)
print(A().m(2))
print(reduce(lambda a, b: a * b, range(1, 10)), reduce(add, [], 5), err(reduce, add, []), err(reduce, add, 5), reduce(add, 'abc', ''))
K = cmp_to_key(lambda a, b: b - a); print(sorted([3, 1, 2], key=K), K(1) < K(2), K(1) == K(1), err(lambda: K(1) < 2), err(hash, K(1)), K(4).obj, err(K), err(cmp_to_key), K(obj=3).obj)
calls = []
def f(*a, **k): calls.append((a, k)); return a, tuple(k.items())
w = _lru_cache_wrapper(f, 3, False, lambda *a: a)
for i in [1, 2, 3, 1, 4, 2, 1, 1.0, True, '1']: w(i)
print(w.cache_info(), len(calls)); w.cache_clear(); print(w.cache_info())
w(1, a=2); w(1, a=2); w(1, a=3); w(a=2); print(w.cache_info(), err(w, []))
w = _lru_cache_wrapper(f, None, True, lambda *a: a); [w(i) for i in (1, 1.0, True, 1, 'a', 'a')]; print(w.cache_info())
w = _lru_cache_wrapper(f, 0, True, lambda *a: a); w(1); w(1); print(w.cache_info())
w = _lru_cache_wrapper(f, -5, True, lambda *a: a); w(1); print(w.cache_info(), err(_lru_cache_wrapper, f, 'x', 1, 1), err(_lru_cache_wrapper, 5, 1, 1, 1))
class B:
    @lambda g: _lru_cache_wrapper(g, 4, False, lambda *a: a)
    def m(self, x): return x * 2
b = B(); print(b.m(2), b.m(2), B.m.cache_info(), B.m is b.m.__func__); B.m.tag = 1; print(B.m.__dict__)
fib = _lru_cache_wrapper(lambda n: n if n < 2 else fib(n - 1) + fib(n - 2), 50, False, lambda *a: a); print(fib(100), fib.cache_info())
print(itemgetter(1, 2)('abc'), itemgetter(-1)('abc'), attrgetter('real', 'imag')(3), attrgetter('real.imag')(3), methodcaller('split', 'a')('bac'), methodcaller('split', sep='a')('bac'))
print(itemgetter(1), itemgetter('a', 2), attrgetter('a.b'), attrgetter('a', 'b.c'), methodcaller('x', 1, y=2), methodcaller('x'))
print(itemgetter(1).__reduce__()[1], attrgetter('a.b', 'c').__reduce__()[1], methodcaller('x', 1).__reduce__()[1])
print(err(itemgetter), err(itemgetter(1), 1, 2), err(attrgetter), err(attrgetter, 1), err(attrgetter('x'), 1), err(methodcaller), err(methodcaller, 1), err(methodcaller('x'), 1), err(itemgetter(9), 'a'), err(itemgetter(1), a=1))
for name in 'lt le eq ne ge gt add sub mul floordiv truediv mod lshift rshift and_ or_ xor pow iadd isub imul ifloordiv itruediv imod ilshift irshift iand ior ixor ipow is_ is_not'.split():
    print(name, err(getattr(_operator, name), 13, 3), err(getattr(_operator, name), 'a', 3))
for name in 'neg pos inv invert abs index truth not_'.split(): print(name, err(getattr(_operator, name), 13), err(getattr(_operator, name), 'a'))
x = [1, 2]; print(concat([1], [2]), err(concat, 1, 2), iconcat(x, [3]) is x, contains([1], 1), getitem([5], 0), setitem(x, 0, 9), delitem(x, 1), x, countOf([1, 2, 1], 1), indexOf('abc', 'c'), err(indexOf, 'abc', 'z'), err(countOf, 1, 1))
print(length_hint([1, 2]), length_hint(iter('abc')), length_hint(object(), 7), err(length_hint, 1, 'a'), call(show, 1, k=2), err(call), _operator._compare_digest('a', 'a'), _operator._compare_digest(b'ab', b'ac'), err(_operator._compare_digest, 'a', b'a'), err(_operator._compare_digest, 'é', 'e'))
hot, left, lock = _lru_cache_wrapper(lambda x: x * 3, 20, False, lambda *a: a), [4], _thread.allocate_lock()
wrong = []
def worker(seed):
    for i in range(4000):
        k = (i * seed) % 37
        if hot(k) != k * 3: wrong.append(k)
        if i % 500 == 0: hot.cache_clear()
    with lock: left[0] -= 1
for s in (1, 3, 5, 7): _thread.start_new_thread(worker, (s,))
while left[0]: pass
print(wrong, hot.cache_info()[3] <= 24)
