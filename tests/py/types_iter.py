# Iterators of builtins.
def err(f):
    try:
        return f()
    except BaseException as e:
        return type(e).__name__ + ': ' + str(e)


print(list(enumerate('abc')), list(enumerate('ab', 5)), list(enumerate('a', start=10 ** 20)), list(enumerate(iterable='ab', start=1)), list(enumerate('ab', 2 ** 61 - 1)))
print(err(lambda: enumerate()), err(lambda: enumerate(5)), err(lambda: enumerate('a', 'b')), err(lambda: enumerate('a', 1, 2)), err(lambda: enumerate('a', foo=1)), err(lambda: enumerate('a', iterable='b')))
print(list(zip('abc', [1, 2, 3])), list(zip()), list(zip('ab')), list(zip('abc', [1])), list(zip('ab', 'cd', 'ef', strict=True)))
print(err(lambda: list(zip('abc', [1], strict=True))), err(lambda: list(zip('a', [1, 2], strict=True))), err(lambda: list(zip('a', 'b', 'cd', strict=True))), err(lambda: list(zip('ab', 'ab', 'c', strict=True))), err(lambda: zip(5)), err(lambda: zip('a', x=1)))
print(list(map(str, [1, 2])), list(map(lambda a, b: a + b, [1, 2], [3, 4, 5])), err(lambda: map()), err(lambda: map(str)), err(lambda: list(map(5, [1]))), list(map(None, [])))
print(list(filter(None, [0, 1, '', 'a'])), list(filter(lambda x: x > 1, [1, 2, 3])), err(lambda: filter(None)), err(lambda: filter(None, 5)), list(filter(bool, [0, 2])))
print(list(reversed([1, 2, 3])), list(reversed('abc')), list(reversed((1, 2))), list(reversed(range(3))), list(reversed({1: 2, 3: 4})), err(lambda: reversed({1})), err(lambda: reversed(5)), err(lambda: reversed()))


class Seq:
    def __getitem__(self, i):
        if i > 3:
            raise IndexError
        return i * i


print(list(Seq()), 4 in Seq(), 5 in Seq(), list(enumerate(Seq())), type(iter(Seq())).__name__)


class SeqLen(Seq):
    def __len__(self):
        return 4


print(list(reversed(SeqLen())), iter(SeqLen()).__length_hint__())


class NoRev:
    __reversed__ = None


print(err(lambda: reversed(NoRev())), err(lambda: iter(5)), err(lambda: next(5)), err(lambda: next(iter([]))), next(iter([]), 'd'))
n = 0


def count():
    global n
    n += 1
    return n


print(list(iter(count, 5)), err(lambda: iter(5, 5)), type(iter(count, 5)).__name__)
it = iter(count, 8)
print(next(it), next(it), next(it, 'end'), next(it, 'end'))


def stops():
    raise StopIteration(5)


print(list(iter(stops, 1)))
it = iter([1, 2, 3, 4])
print(it.__length_hint__(), next(it), it.__reduce__()[1:], it.__setstate__(3), next(it), next(it, None), it.__reduce__()[1])
it = iter((1, 2, 3))
print(it.__reduce__()[1:], next(it), it.__length_hint__(), it.__setstate__(2), list(it), it.__reduce__()[1])
it = reversed([1, 2, 3])
print(it.__length_hint__(), next(it), it.__reduce__()[1:], it.__setstate__(0), list(it), it.__length_hint__(), type(it).__name__)
it = reversed('abc')
print(it.__length_hint__(), next(it), it.__reduce__()[1:], list(it))
print(enumerate('ab').__reduce__()[1][1], zip('a', 'b', strict=True).__reduce__()[2], map(str, 'a').__reduce__()[0], len(filter(None, 'a').__reduce__()[1]))
print([type(x).__name__ for x in (iter([]), iter(()), iter({}), iter(set()), iter(range(0)), enumerate([]), zip(), map(str, []), filter(None, []), reversed([]), reversed(''))])
l = [1, 2, 3]
it = iter(l)
next(it)
l.clear()
print(list(it))
l.append(5)
print(list(it))


class Stop:
    def __iter__(self):
        return self

    def __next__(self):
        raise StopIteration


print(list(Stop()), list(zip(Stop(), 'a')), sum(Stop()), max(Stop(), default='none'))


class Err:
    def __iter__(self):
        return self

    def __next__(self):
        raise KeyError('k')


for f in (list, tuple, set, dict, sorted, sum, lambda x: [*x], lambda x: list(zip(x)), lambda x: list(map(str, x)), lambda x: list(enumerate(x)), lambda x: list(filter(None, x))):
    print(err(lambda: f(Err())))


class E(enumerate):
    pass


print(list(E('ab')), type(E('a')).__name__, iter(E('a')).__class__.__name__)
a = iter('abcdef')
print(list(zip(a, a)), [x for x in map(lambda *a: a, 'ab', 'cd', 'e')])

# an iterator whose class loses its __next__ on the way
class Lost:
    def __iter__(self): return self
def lose(self):
    if '__next__' in Lost.__dict__: del Lost.__next__
    return 'ab'
def generator(b):
    yield from b
def loop(b):
    for x in b: print(x)
for use in (lambda b: [x for x in b], lambda b: max(b), lambda b: dict(b), lambda b: (x for x in b), lambda b: zip(b),
            lambda b: tuple(map(str, b)), generator, loop, lambda b: (next(b), next(b)), lambda b: (next(b), iter(b))):
    Lost.__next__ = lose
    try:
        print(list(use(Lost())))
    except (TypeError, AttributeError) as e:
        print(e)
