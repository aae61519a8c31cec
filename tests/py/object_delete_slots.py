# SPDX-License-Identifier: Apache-2.0
# Deleting attributes in every place of an instance: order, values, what is left, adding again, under several threads.
import itertools
import threading


class P:
    def __init__(self, n):
        for i in range(n):
            setattr(self, 'a%d' % i, [i])


for n in (1, 3, 5, 12):
    for gone in itertools.chain(itertools.permutations(range(min(n, 3)), min(n, 2)), [(0, n - 1), (n // 2,)]):
        p = P(n)
        try:
            for g in gone:
                delattr(p, 'a%d' % g)
        except AttributeError as e:
            print(e)
        q = P(n)
        p.a0 = 'again'
        p.b = 'new'
        print(n, gone, vars(p), [hasattr(p, 'a%d' % i) for i in range(n)], len(vars(q)))


class Slots(P):
    __slots__ = ('s', 't')


s = Slots(2)
s.s, s.t = 1, 2
del s.a0, s.s
print(vars(s), hasattr(s, 's'), s.t, s.a1)


class Dying:
    def __init__(self, owner):
        self.owner = owner

    def __del__(self):
        print('dying', vars(self.owner).get('x', 'no x'))


p = P(1)
p.x, p.y = Dying(p), 2
del p.x
print(vars(p))


class M:
    def __enter__(self):
        del self.one, self.two
        return self

    def __exit__(self, *exc):
        return False

    def __init__(self, gen, one, two):
        self.gen, self.one, self.two = gen, one, two


for i in range(3):
    with M(i, [1], [2]) as m:
        m.late = i
        print(vars(m))
errors = []


def run():
    try:
        for i in range(2000):
            p = shared[i % 4]
            p.z = i
            try:
                del p.z
            except AttributeError:
                pass
            p.a1[0]
            assert p.a2 == [2]
    except Exception as e:
        errors.append(repr(e))


shared = [P(4) for _ in range(4)]
threads = [threading.Thread(target=run) for _ in range(3)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(errors, [sorted(vars(p)) for p in shared][0][:4])
