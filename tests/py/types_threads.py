# Containers shared by threads: nothing crashes, nothing is lost, whatever the interleaving.
import _thread

errors = []


def together(*functions):
    """Runs each function in a thread of its own; returns when all have ended."""
    locks = []
    for i, f in enumerate(functions):
        lock = _thread.allocate_lock()
        lock.acquire()
        locks.append(lock)

        def run(f=f, i=i, lock=lock):
            try:
                f(i)
            except BaseException as e:
                errors.append(type(e).__name__ + ': ' + str(e))
            lock.release()

        _thread.start_new_thread(run, ())
    for lock in locks:
        lock.acquire()


def quiet(f, *kinds):
    try:
        f()
    except kinds:
        pass


N = 1500
l = []


def append(i):
    for k in range(N):
        l.append((i, k))


together(append, append, append, append)
print(len(l), len(set(l)), all(sorted(x[1] for x in l if x[0] == i) == [x[1] for x in l if x[0] == i] for i in range(4)))

l = list(range(100))


def write(i):
    for k in range(N):
        l.append([k])
        if len(l) > 200:
            del l[50:150]
        quiet(lambda: l.__setitem__(k % 10, (k, i)), IndexError)
        l.insert(3, str(k))
        quiet(lambda: l.pop(2), IndexError)
        if k % 100 == 0:
            l.reverse()


def read(i):
    for k in range(N // 10):
        for x in l:
            pass
        quiet(lambda: (l[50], l[-1]), IndexError)
        5 in l, len(l), l[3:20] == l[5:10], list(l), l + [1], tuple(l), list(reversed(l))


def sort(i):
    for k in range(N // 30):
        quiet(lambda: l.sort(key=str), ValueError)
        sorted(l, key=str)


together(write, read, write, read)
together(write, read, sort, sort)

d = {}


def fill(i):
    for k in range(N):
        d[i, k] = [k]
        d['s' + str(k)] = k


together(fill, fill, fill, fill)
print(len(d), sum(d[i, k][0] for i in range(4) for k in range(N)))
d.clear()


def change(i):
    for k in range(N):
        d[i, k % 50] = [k]
        d['s' + str(k % 100)] = k
        d.pop((i, k * 7 % 50), None)
        if k % 300 == 0:
            d.clear()
        if k % 7 == 0:
            quiet(d.popitem, KeyError)
        d.setdefault(k % 13, [k])
        d.update({'a': k, 'b': [k]})


def look(i):
    for k in range(N // 10):
        quiet(lambda: [x for x in d], RuntimeError)
        quiet(lambda: [x for x in d.items()], RuntimeError)
        quiet(lambda: (list(d.values()), dict(d), d.copy(), list(reversed(d)), {**d}), RuntimeError)
        d.get('s5'), 's7' in d, d.get((0, 5)), len(d), d == {}


together(change, look, change, look)


class Key:
    def __init__(self, v):
        self.v = v

    def __hash__(self):
        return self.v % 7

    def __eq__(self, other):
        return isinstance(other, Key) and self.v == other.v


d = {}


def slow_keys(i):
    for k in range(N // 2):
        d[Key(k % 40)] = [k]
        d.pop(Key(k * 11 % 40), None)
        d.get(Key(k % 13)), Key(5) in d


together(slow_keys, slow_keys, slow_keys)
s = set()


def add(i):
    for k in range(N):
        s.add((i, k))
        s.add(k)


together(add, add, add, add)
print(len(s))


def sets(i):
    for k in range(N):
        s.add((i, k % 60))
        s.discard((i, k * 3 % 60))
        if k % 500 == 0:
            s.clear()
        if k % 5 == 0:
            quiet(s.pop, KeyError)
        s.update([k % 30, str(k % 31)])
        if k % 50 == 0:
            s.intersection_update(set(s))
            s.difference_update([1, 2])


def look_at_sets(i):
    for k in range(N // 10):
        quiet(lambda: [x for x in s], RuntimeError)
        't5' in s, len(s), s | {1}, s & {1, 2}, s - {5}, s ^ {6}, s.copy(), set(s) <= s


together(sets, look_at_sets, sets, look_at_sets)
shared = [None] * 5


def steps(i):
    for k in range(N):
        if k % 100 == 0:
            shared[:] = [iter(list(range(50))), iter({j: j for j in range(50)}.items()), enumerate(range(30)), zip(range(5), 'abcde'), iter({1, 2, 3})]
        for it in list(shared):
            if it is not None:
                quiet(lambda: next(it, None), RuntimeError)


together(steps, steps, steps)
error = ValueError('shared')


def throw(i):
    for k in range(N // 3):
        try:
            try:
                raise KeyError(k)
            except KeyError:
                raise error
        except ValueError as e:
            e.__traceback__, e.__context__, str(e), repr(e)
        error.__context__ = None
        error.args = (k,)
        error.__traceback__ = None


together(throw, throw, throw)
# every item of a list that several threads empty comes out once
for take in lambda l: l.pop(), lambda l: l.pop(-1), lambda l: l.pop(0):
    for _ in range(5):
        full, out = list(range(3000)), [[], [], []]

        def empty(i):
            try:
                while True:
                    out[i].append(take(full))
            except IndexError:
                pass

        together(empty, empty, empty)
        if sorted(sum(out, [])) != list(range(3000)):
            errors.append('an item came out twice, or never')
print(errors)
