# Sets and frozensets.
def err(f):
    try:
        return f()
    except BaseException as e:
        return type(e).__name__ + ': ' + str(e)


s = {3, 1, 2}
print(s, len(s), 1 in s, 5 in s, set(), {1}, set([1, 1, 2]), sorted(set('hello')), set(range(20)), {i * 7 for i in range(30)}, set(range(100, 0, -3)))
print(frozenset(), frozenset([1, 2]), frozenset({3}), set(frozenset([1])), frozenset(range(12)))
s.add(4)
s.add(1)
s.discard(2)
s.discard(100)
print(s, err(lambda: s.remove(100)), s.remove(3), s)
print(err(lambda: s.add([])), err(lambda: {[]}), err(lambda: [] in s), err(lambda: s.discard({})), err(lambda: set(5)), err(lambda: set(1, 2)), err(lambda: set(x=1)))
a, b = {1, 2, 3, 4}, {3, 4, 5}
print(a | b, a & b, a - b, b - a, a ^ b, a | frozenset(b), frozenset(a) | b, type(frozenset(a) & b).__name__, type(a & frozenset(b)).__name__)
print(a.union(b, [9], 'x' and [8]), a.intersection(b, [3]), a.difference(b, [1]), a.symmetric_difference([1, 10]), a.union(), a.intersection(), a.difference())
print(err(lambda: a | [1]), err(lambda: a & 5), err(lambda: a.union(5)), err(lambda: a - [1]), err(lambda: a < [1]), a == [1], a != {1})
print(a < b, a <= a, a < a, {1} < a, a > {1}, a >= b, {1, 2} == {2, 1}, {1} == frozenset([1]), frozenset([1]) == {1}, a.issubset(range(10)), a.issuperset([1]), a.isdisjoint([7]), a.isdisjoint(b))
c = set(a)
c |= b
c &= {1, 3, 5}
c -= {1}
c ^= {5, 6}
print(c, err(lambda: c.__ior__([1])))
c.update([1], 'ab' and [2], {3: 4})
c.intersection_update([1, 2, 3], [1, 2])
c.difference_update([1], [5])
c.symmetric_difference_update([2, 7, 8])
print(c, c.copy() == c, c.copy() is c, frozenset([1]).copy() == {1})
f = frozenset([1, 2])
print(f.copy() is f, frozenset(f) is f, hash(frozenset()), hash(frozenset([1, 2, 3])), hash(f) == hash(frozenset([2, 1])), err(lambda: hash({1})), {f: 1}[frozenset([2, 1])])
n = {frozenset([1])}
print({1} in n, frozenset([1]) in n, err(lambda: n.remove({2})), n.discard({1}), n)
print(sorted(a), list(iter({1})), err(lambda: set().pop()), {5}.pop())
p = set(range(10))
print([p.pop() for _ in range(10)], p)
p.clear()
print(p, bool(p), bool({0}))


def change(s):
    for x in s:
        s.add(x + 100)


print(err(lambda: change({1, 2})))
it = iter({1, 2, 3})
print(it.__length_hint__(), next(it), it.__length_hint__(), list(it), next(it, None), type(it).__name__)


class S(set):
    pass


x = S([1, 2])
x.attr = 1
print(x, x | {3}, type(x | {3}).__name__, type(x.copy()).__name__, x == {1, 2}, x.attr, S(), S('a'))


class F(frozenset):
    pass


y = F([1])
print(y, type(y | {2}).__name__, hash(y) == hash(frozenset([1])), frozenset(y) == y, type(frozenset(y)).__name__)
big = set()
for i in range(2000):
    big.add(i * i % 1009)
for i in range(0, 1009, 2):
    big.discard(i)
print(len(big), sum(big), list(big)[:10])
print({1, 1.0, True}, {0, False, 0.0, -0.0}, {(1, 2), (1, 2)})


class E:
    def __hash__(self):
        return 3

    def __eq__(self, other):
        raise ValueError('eq')


print(err(lambda: {E(), E()}), err(lambda: E() in {E()}), err(lambda: {3} - {E()}))
print(s.__reduce__()[1], set.__doc__ is not None, {1}.__contains__(1), {1}.__or__([1]), {1, 2}.__and__({2}))
r = {1, 2, 3}
r -= r
print(r, {1} ^ {1}, set('ab') >= set('a'), set().union('a', 'a'), {1}.isdisjoint({}), set.union({1}, {2}))
print({1, 2} & {2: 'dict'}.keys(), {1, 2} - {2: 3}.keys(), {1, 2} <= {1: 1, 2: 2, 3: 3}.keys(), {1, 2} == {1: 1, 2: 2}.keys())
