# SPDX-License-Identifier: Apache-2.0
"""C loops that eat generators: sum, any, all, list, extend; also when items, errors or sizes leave the short way."""
import sys


def upto(n, tail=()):
    for i in range(n):
        got = yield i
        assert got is None
    yield from tail


print(sum(upto(10)), sum(upto(10), 5), sum(upto(3, [2.5, 4, 1 << 80, -0.0])), sum([], -0.0), sum([-0.0]), sum([True, False, True, 2]))
print(sum(1 << 60 for _ in range(100)), sum(-(1 << 61) for _ in range(1000)), sum((1 << 61) - 1 for _ in range(9)), sum(x * 0.1 for x in range(10)))
print(sum((float(x) for x in range(5)), 1 << 70), sum((x for x in (1, 2.5, 3, float('inf'))), 0.5), type(sum(x for x in [True])))
print(sum(([i] for i in range(4)), []), sum((t for t in ((1,), (2, 3))), ()))
for bad in (lambda: sum(x for x in [1, 'a']), lambda: sum('ab'), lambda: sum((x for x in 'ab'), ''), lambda: sum(1 // (3 - i) for i in range(9))):
    try:
        print(bad())
    except Exception as e:
        print(type(e).__name__, e)


def stops():
    yield 1
    raise StopIteration(7)


for eat in (sum, list, any, all, lambda g: [0].extend(g)):
    try:
        print(eat(x - 1 for x in stops()))
    except RuntimeError as e:
        print(type(e).__name__, e, type(e.__cause__).__name__)

g = upto(5)
print(any(x == 2 for x in g), list(g), all(x < 3 for x in upto(9)), any(x for x in ()), all(x for x in ()))
print(any(x for x in [0, None, '', [], {}, 0.0, False]), all(x for x in [1, True, 'a', 2.0]), any(None for _ in range(3)), all(True for _ in range(3)))


class Odd:
    def __bool__(self):
        print('asked', self.n)
        return self.n % 2 == 1

    def __init__(self, n):
        self.n = n

    def __radd__(self, other):
        print('radd', other, sys._getframe().f_back.f_code.co_name)
        return other + self.n


print(any(Odd(i) for i in (2, 4, 5, 6)), all(Odd(i) for i in (1, 2, 3)), sum(Odd(i) for i in range(3)), sum(x for x in (1, Odd(2), 3, 4.5)))

items = []


def growing():
    for i in range(100):
        if i % 10 == 0:
            assert len(items) == i, (len(items), i)
        yield i


items.extend(growing())
print(len(items), sum(items), list(items[i] for i in range(0, 100, 9)))


def self_eater():
    yield 1
    yield sum(eater)


eater = self_eater()
try:
    print(sum(eater))
except ValueError as e:
    print(e)


def coroutine():
    while True:
        try:
            yield 1
        finally:
            print('closed')
            break


print(sum(coroutine()))


def divmods():
    for a in (0, 1, 7, 2**31, 2**32 - 1, 2**32, 2**40 + 3, -1, -7, -2**32, -2**40):
        for b in (1, 3, 2**31, 2**32 - 1, 2**32, 2**33 + 1, -1, -3, -2**32):
            yield a // b, a % b


print(list(divmods()))
