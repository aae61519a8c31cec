# SPDX-License-Identifier: Apache-2.0
# deque, defaultdict, counting: operations, errors, mutation while they are walked, several threads.
import _collections, _thread
from _collections import deque, defaultdict, _count_elements
def err(f, *a, **k):
    try: return f(*a, **k)
    except Exception as e: return type(e).__name__, str(e)
d = deque([1, 2, 3], maxlen=5)
d.append(4); d.appendleft(0); d.append(9); d.append(1)
print(d, len(d), d[0], d[-1], d.maxlen, d.count(1), d.index(9))
for n in (2, -2, 7, 0, -1): d.rotate(n); print(n, d)
print(err(d.insert, 1, 1), err(d.index, 'x'), err(d.remove, 'x'), err(deque().pop), err(deque().popleft))
d.remove(9); d.insert(-1, 'i'); print(d, list(reversed(d)), d == d.copy(), d + d, d * 2, 2 * d, d * 0, d * -1)
for n in range(3):
    e = deque(range(20)); e.rotate(n * 5); e.insert(3, 'a'); e.insert(17, 'b'); del e[2]; del e[15]; e[4] = 'c'; e.reverse(); print(e)
print(err(lambda: d['a']), err(lambda: d[99]), err(lambda: d[1:2]), err(d.__setitem__, 99, 1), err(d.__delitem__, -99))
print(err(deque, 1), err(deque, (), -1), err(deque, (), 'x'), err(deque, (), 1, 2), err(deque, foo=1), err(hash, d), err(lambda: d + [1]))
def walk(d):
    for x in d: d.append(x)
print(err(walk, deque('abc')), err(lambda: deque([1, 2]) < deque([1, 3])), deque([1]) <= deque([1]), deque('a') != deque('b'), deque() == [])
class Nasty:
    def __init__(self, d): self.d = d
    def __eq__(self, o): self.d.clear(); return False
d = deque(); d.extend([Nasty(d), 1, 2]); print(err(d.count, 5))
d = deque(); d.extend([Nasty(d), 1, 2]); print(err(d.remove, 5))
d = deque(); d.extend([Nasty(d), 1, 2]); print(err(d.index, 5), err(lambda: 5 in deque([1])))
d = deque(); d.append(d); print(d); d.clear()
print(deque(range(5), 0), deque(range(5), 2), deque('abc').__reduce__()[:3], deque('abc', 2).__reduce__()[1])
it = iter(deque('abcd')); next(it); print(it.__length_hint__(), it.__reduce__()[1], list(it))
d = deque('ab'); d += d; d.extendleft('xy'); d.extendleft(d); print(d); d *= 2; print(len(d))
class D(deque):
    def __init__(self, *a, z=0): super().__init__(*a); self.z = z
e = D('abc', z=4); print(e, e.z, type(e.copy()).__name__, e + deque('x'), e[1])
big = deque()
for i in range(10000): big.append(i)
for i in range(9990): big.popleft()
print(big)
dd = defaultdict(list); dd['a'].append(1); dd['b']
print(dd, dd | {1: 2}, {1: 2} | dd, dd.copy(), dd.default_factory, err(defaultdict, 1), dd.__reduce__()[:2], 'c' in dd, dd.get('c'))
dd.default_factory = None; print(err(lambda: dd['q']), dd)
dd = defaultdict(lambda: dd['x'], x=3); dd.default_factory = dd.__getitem__; print(dd == {'x': 3}, err(lambda: defaultdict(None)[1]))
class M(defaultdict):
    def __missing__(self, k): return k * 2
print(M()['ab'], M(int)[3])
c = {}; _count_elements(c, 'abracadabra'); print(c)
class C(dict):
    def get(self, k, default=None): return 10
c = C(); _count_elements(c, 'ab'); print(c)
class P(tuple):
    x = _collections._tuplegetter(0, 'doc of x'); y = _collections._tuplegetter(5, 'y')
p = P((1, 2)); print(p.x, P.x, P.x.__doc__, err(lambda: p.y), err(setattr, p, 'x', 1), err(P.x.__get__, [1], list), P.x.__reduce__()[1])
shared, left, lock = deque(maxlen=100), [4], _thread.allocate_lock()
def worker():
    for i in range(3000):
        shared.append(i); shared.appendleft(i); shared.rotate(1)
        if i % 3 == 0 and shared: err(shared.pop)
        if i % 100 == 0: list(err(list, shared)), err(shared.count, 5)
    with lock: left[0] -= 1
for _ in range(4): _thread.start_new_thread(worker, ())
while left[0]: pass
print(len(shared) <= 100, all(type(x) is int for x in shared))
