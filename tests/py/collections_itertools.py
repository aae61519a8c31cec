# SPDX-License-Identifier: Apache-2.0
# itertools: results, errors, states for pickling, sharing between threads.
import _thread
from itertools import *
def err(f, *a, **k):
    try: return f(*a, **k)
    except Exception as e: return type(e).__name__, str(e)
print(list(islice(count(3, 2), 5)), list(chain('ab', [1], ())), list(islice(cycle('abc'), 7)), list(accumulate([1, 2, 3], initial=10)))
print([(k, list(g)) for k, g in groupby('aabbbc')], list(zip_longest('abc', 'd', fillvalue=0)), list(pairwise('abcd')), list(pairwise('a')))
print(list(product('ab', repeat=2)), list(product()), list(product('ab', '')), list(combinations('abcd', 2)), list(combinations('ab', 3)), list(combinations('ab', 0)))
print(list(permutations('abc', 2)), list(permutations('abc')), list(permutations('ab', 3)), list(combinations_with_replacement('abc', 2)), list(combinations_with_replacement('', 1)))
a, b, c = tee(range(100), 3); print(sum(a), list(b)[:3], next(c), tee('', 0), err(tee, 'a', -1), err(tee, 1))
print(list(compress('abcdef', [1, 0, 1])), list(takewhile(lambda x: x < 3, range(9))), list(dropwhile(lambda x: x < 3, range(9))), list(filterfalse(None, [0, 1, 2])), list(starmap(pow, [(2, 3), [3, 2]])))
print(list(repeat(1, 3)), repeat(1), repeat(None, 2), count(2, 3), count(), count(1.5), count(10, 1), repeat(1, 5).__length_hint__(), err(repeat(1).__length_hint__), list(repeat(1, -3)))
c = count(2**61 - 2); print([next(c) for _ in range(5)], c); c = count(2**62); print(next(c), c); c = count(2**63 - 2); print(next(c), next(c), next(c), c)
print(next(count(-2**63)), list(islice(count(0.5, 0.25), 3)), list(islice(count(1+1j), 2)), list(islice(count(-5), 3)), list(islice(count(5, -3), 4)))
print([err(islice, *a) for a in (('abc',), ('abc', -1), ('abc', 1, -2), ('abc', 1, 2, 0), ('abc', 'a'), ('abc', 1, 2, 3, 4), (1, 2))])
print([list(islice('abcdefgh', *a)) for a in ((3,), (None,), (2, 5), (2, None, 3), (None, None, 2), (5, 2), (0,), (1, 100, 3))])
print(err(count, 'a'), err(count, 1, 'a'), err(cycle), err(list, chain(1)), err(combinations, 'ab', -1), err(permutations, 'ab', 'x'), err(product, 'a', repeat=-1), err(product, 'a', foo=1))
print(err(zip_longest, 'a', foo=1), err(accumulate), err(accumulate, [1], None, 2), err(compress, 'a'), err(groupby), err(takewhile, 1), err(starmap, 1, 2, 3), err(list, starmap(pow, [1])))
print(list(chain.from_iterable(['ab', 'c'])), chain[int], list(accumulate([3, 1, 2], max)), list(accumulate([], initial=None)), list(accumulate([])))
def state(it): r = it.__reduce__(); return (r[0].__name__, tuple(x if not hasattr(x, '__next__') else 'it' for x in r[1])) + r[2:]
def advanced(it, n):
    for _ in range(n): next(it, None)
    return it
for n in (0, 1, 2, 50):
    for make in (lambda: product('ab', 'cd'), lambda: combinations('abc', 2), lambda: permutations('abc', 2), lambda: combinations_with_replacement('ab', 2), lambda: count(3), lambda: count(1.5, 2), lambda: repeat('x', 3)):
        it = advanced(make(), n); s = state(it); r = it.__reduce__(); copy = r[0](*r[1])
        if len(r) > 2: copy.__setstate__(r[2])
        print(s, [x for x in islice(it, 9)] == [x for x in islice(copy, 9)])
for make in (lambda: cycle('abc'), lambda: chain('ab', 'cd'), lambda: islice('abcdef', 1, 5, 2), lambda: takewhile(str.isalpha, 'ab1c'), lambda: dropwhile(str.isalpha, 'ab1c'), lambda: accumulate([1, 2, 3]), lambda: accumulate([1, 2, 3], initial=4), lambda: zip_longest('ab', 'c', fillvalue=7), lambda: groupby('aab'), lambda: tee('abc')[0]):
    for n in (0, 2):
        it = advanced(make(), n); r = it.__reduce__(); copy = r[0](*r[1])
        if len(r) > 2 and r[2] is not None: copy.__setstate__(r[2])
        print(r[0].__name__, len(r[1]), len(r), [x if type(x) is not tuple else x[0] for x in islice(copy, 6)])
c = cycle('defg'); c.__setstate__((list('abc'), 0)); print(''.join(islice(c, 20))); c = cycle('defg'); c.__setstate__((list('abc'), 1)); print(''.join(islice(c, 20)), err(c.__setstate__, []), err(c.__setstate__, ((), 0)))
print(err(chain().__setstate__, ()), err(chain().__setstate__, ([],)), err(product('ab').__setstate__, (1, 2)), err(permutations('ab').__setstate__, None))
a, b = tee('abcdefghij' * 20); advanced(a, 130); cc = a.__copy__(); print(''.join(islice(b, 5)), len(list(a)), len(list(cc)), len(list(b)))
class R:
    def __iter__(self): return self
    def __next__(self): return next(self.other)
r = R(); r.other, x = tee(r); print(err(next, x))
g = groupby('aabb'); k1, g1 = next(g); k2, g2 = next(g); print(k1, list(g1), k2, list(g2), list(g))
class S(count):
    def __init__(self, *a, extra=None, **k): self.extra = extra
s = S(5, extra=3) if False else count(5); print(next(s))
shared = [cycle('abc'), count(), product(range(30), repeat=3), permutations(range(8), 4), chain.from_iterable([i] * 9 for i in range(999)), accumulate(range(9999)), pairwise(range(9999)), zip_longest(range(5000), 'a'), groupby(range(4000)), islice(count(), 9000), repeat(1, 9000), tee(range(9000))[0]]
left, lock = [4], _thread.allocate_lock()
def worker():
    for it in shared:
        for _ in range(1500): err(next, it, None)
    with lock: left[0] -= 1
for _ in range(4): _thread.start_new_thread(worker, ())
while left[0]: pass
print('alive')
