# Lists: every method, subscript and operator, with the errors.
def err(f):
    try:
        return f()
    except BaseException as e:
        return type(e).__name__ + ': ' + str(e)


a = list(range(10))
print(a, len(a), a[0], a[-1], a[2:5], a[::-1], a[::3], a[5:2], a[-3:], a[:-3], a[8:100], a[-100:2], a[7:2:-2])
print(err(lambda: a[10]), err(lambda: a[-11]), err(lambda: a['x']), err(lambda: a[1.5]), err(lambda: a[::0]), err(lambda: a['a':]))
b = a[:]
b[2:4] = ['x', 'y', 'z']
print(b)
b[1:1] = (0, 0)
print(b)
b[::2] = [9] * len(b[::2])
print(b)
print(err(lambda: b.__setitem__(slice(None, None, 2), [1])), err(lambda: b.__setitem__(slice(0, 1), 5)))
print(err(lambda: b.__setitem__(slice(0, 4, 2), 5)), err(lambda: b.__setitem__(100, 5)), err(lambda: b.__delitem__(100)))
del b[0], b[-1], b[2:4], b[::3]
print(b)
b[:] = b
print(b)
b[1:2] = b
print(b)
c = list('hello')
c.append('!')
c.extend(' you')
c.extend(c)
c.insert(0, 'first')
c.insert(-1, 'nearly')
c.insert(100, 'last')
c.insert(-100, 'zeroth')
print(c, c.count('o'), c.index('o'), c.index('o', 8), c.index('o', -6), err(lambda: c.index('q')), err(lambda: c.index('h', 4, 5)))
print(c.pop(), c.pop(0), c.pop(-2), err(lambda: c.pop(100)), err(lambda: [].pop()), err(lambda: c.pop('a')))
c.remove('o')
print(c, err(lambda: c.remove('zz')))
c.reverse()
print(c, c.copy() == c, c.copy() is c)
c.clear()
print(c, bool(c), bool([0]))
print([1, 2] + [3], [1] * 3, 3 * [1, 2], [1] * 0, [1] * -5, [[]] * 2)
print(err(lambda: [] + 1), err(lambda: [] + ()), err(lambda: [] * 'a'), err(lambda: [] * 1.5), err(lambda: [] * []), err(lambda: 1 + []))
d = e = [1]
d += [2]
d += 'ab'
d *= 2
print(d, e is d)
print(err(lambda: d.__iadd__(5)))
print([1, 2] == [1, 2], [1, 2] == [1, 3], [1, 2] < [1, 3], [1] < [1, 0], [] < [1], [2] > [1, 5], [1, 2] != [1, 2.0], [1] == (1,), [float('nan')] == [float('nan')])
n = float('nan')
print([n] == [n], n in [n], [1, 'a'] <= [1, 'b'], err(lambda: [1] < ['a']), err(lambda: [1] < 5))
r = [1]
r.append(r)
r.append({'r': r})
print(r)
print(3 in [1, 2, 3], 3.0 in [1, 2, 3], 'x' in [], [1] in [[1]])
print(list(), list('abc'), list({1: 2}), list((1, 2)), list(x for x in range(3)), err(lambda: list(5)), err(lambda: list(1, 2)), err(lambda: list(x=1)))
print(err(lambda: hash([])), err(lambda: {[]: 1}))
it = iter([1, 2, 3])
print(next(it), list(it), next(it, 'done'), it.__length_hint__())
print(list(reversed([1, 2, 3])), list([1, 2, 3].__reversed__()))
g = [3, 1, 2]
for x in g:
    if len(g) < 6:
        g.append(x * 10)
print(g)


class L(list):
    def __init__(self, *args):
        super().__init__(*args)
        self.extra = 'extra'

    def __repr__(self):
        return 'L' + super().__repr__()


x = L([3, 1, 2])
print(x, x.extra, x[1:], type(x[1:]).__name__, x + [1], type(x + x).__name__, x * 2, isinstance(x, list), x == [3, 1, 2], sorted(x))
x.append(4)
x.sort()
print(x, len(x), x.__class__.__name__)


class Index:
    def __index__(self):
        return 1


print([1, 2, 3][Index()], [1, 2, 3][Index():], [0] * Index(), [5, 6].pop(Index()))


class Evil:
    def __init__(self, victim):
        self.victim = victim

    def __eq__(self, other):
        self.victim.clear()
        return True


v = [1, 2, 3]
v.append(Evil(v))
print(v == [1, 2, 3, 4], v)
v = [1, 2]
v.insert(0, Evil(v))
print(err(lambda: v.remove(7)), v)
v = [Evil([]), 1]
v[0].victim = v
print(v.count(1), v)
print([*range(3), *'ab'], [i * j for i in range(3) for j in range(3) if i != j])
w = list(range(1000))
del w[10:990]
print(w, len(w))
for i in range(5000):
    w.append(i)
for i in range(4990):
    w.pop()
print(w)
print([1, 2, 3].__contains__(2), [1, 2].__len__(), [1].__add__([2]), [1].__mul__(2), [1, 2].__getitem__(0), [1].__eq__([1]), [1].__eq__(1), [1].__rmul__(3))
print(list.__doc__ is not None, list.append.__name__, [].append.__qualname__, list.append.__qualname__)

# a reversed iterator that has given its last item is still one; comparing may empty what is compared
import pickle
it = reversed([4, 5])
for k in range(4):
    print(type(pickle.loads(pickle.dumps(it))).__name__, it.__reduce__()[1:], it.__length_hint__(), next(it, 'end'))
class Emptier:
    def __init__(self, name): self.name = name
    def __eq__(self, other):
        del lists[self.name][:]
        return NotImplemented
lists = {'a': [Emptier('b')], 'b': [Emptier('a')], 'c': [Emptier('c')], 'd': [1]}
print(lists['a'] == lists['b'], lists['c'] == lists['d'], lists)
