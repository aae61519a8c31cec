# OrderedDict against a list of pairs, and what its subclasses see.
import copy
import pickle
import random
from collections import OrderedDict

r = random.Random(11)
od, pairs = OrderedDict(), []


def place(k):
    return next((i for i, (x, _) in enumerate(pairs) if x == k), None)


for step in range(20000):
    k, what = r.randrange(60), r.randrange(12)
    at = place(k)
    if what < 4:
        od[k] = step
        if at is None:
            pairs.append((k, step))
        else:
            pairs[at] = (k, step)
    elif what < 6:
        try:
            od.move_to_end(k, last=what == 4)
        except KeyError as e:
            assert at is None and e.args == (k,)
        else:
            pairs.insert(len(pairs) if what == 4 else 0, pairs.pop(at))
    elif what < 8 and pairs:
        assert od.popitem(what == 6) == pairs.pop(-1 if what == 6 else 0)
    elif what == 8:
        assert od.pop(k, None) == (None if at is None else pairs.pop(at)[1])
    elif what == 9 and at is not None:
        del od[k]
        del pairs[at]
    elif what == 10:
        od.setdefault(k, step)
        if at is None:
            pairs.append((k, step))
    elif what == 11 and r.random() < .02:
        od.clear()
        pairs.clear()
    if step % 97 == 0:
        assert list(od.items()) == pairs and list(reversed(od)) == [k for k, _ in reversed(pairs)] and len(od) == len(pairs), step
print(od)

a, b = OrderedDict(x=1, y=2), OrderedDict(y=2, x=1)
print(a == b, a != b, a == dict(b), dict(a) == b, a.keys() == b.keys(), a.items() & b.items() == set(b.items()), a == OrderedDict(a))
print(a | {'z': 3}, {'z': 3} | a, a.copy(), copy.deepcopy(a), OrderedDict.fromkeys('abc', 0), OrderedDict(a, q=1), type(a | b).__name__)
a |= [('w', 5)]
a.attribute = 1
print(a, vars(a), pickle.loads(pickle.dumps(a)) == a, vars(pickle.loads(pickle.dumps(a))))
a['self'] = a
print(a)
for change in (lambda: a.move_to_end('x'), lambda: a.popitem(), lambda: a.__setitem__('new', 1)):
    try:
        for k in a:
            change()
    except RuntimeError as e:
        print(e)
for f in (lambda: OrderedDict().popitem(), lambda: OrderedDict().pop(1), lambda: OrderedDict(1, 2), lambda: OrderedDict().move_to_end(3), lambda: OrderedDict([(1,)]),
          lambda: hash(OrderedDict()), lambda: OrderedDict() < OrderedDict()):
    try:
        f()
    except Exception as e:
        print(type(e).__name__, e if not isinstance(e, ValueError) else '')


class LRU(OrderedDict):
    def __init__(self, size):
        super().__init__()
        self.size = size

    def __getitem__(self, key):
        self.move_to_end(key)
        return super().__getitem__(key)

    def __setitem__(self, key, value):
        super().__setitem__(key, value)
        if len(self) > self.size:
            del self[next(iter(self))]


lru = LRU(3)
for i in range(10):
    lru[i] = i
    lru.get(8), 7 in lru and lru[7]
print(lru, list(lru.items()))
lru.update({1: 1}, two=2)
print(list(lru), lru.setdefault('two', 3), lru.setdefault('three', 3), list(lru))


class Loud(OrderedDict):
    def __setitem__(self, key, value):
        print('set', key)
        super().__setitem__(key, value)


Loud(a=1).update([('b', 2)])
print(repr(Loud.fromkeys('xy')), Loud(c=1).copy())
fifo = OrderedDict()
for i in range(30000):
    fifo[i] = i
    if len(fifo) > 10000:
        fifo.popitem(last=False)
plain = dict.fromkeys(range(30000))
while len(plain) > 3:
    del plain[next(iter(plain))]
print(len(fifo), next(iter(fifo)), plain)
