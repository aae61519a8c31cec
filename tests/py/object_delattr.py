# Deleting attributes in any order: what is gone is gone, what comes back is the last.
import contextlib
import copy
import pickle


class A:
    b = 'of the class'

    def __init__(self):
        self.a, self.b, self.c, self.d = 1, 2, 3, 4


class S:
    __slots__ = ('x', 'y')

    def __init__(self):
        self.x, self.y = 1, 2


class Both(S):
    def __init__(self):
        super().__init__()
        self.z, self.w = 3, 4


def fresh():
    return [A() for _ in range(3)]


def put(o, v):
    o.b = v


def get(o):
    return o.b


def drop(o):
    del o.b


for round in range(3):                      # the sites have learnt the shape by then
    for o in fresh():
        put(o, 5), get(o)
    o = A()
    drop(o)
    print(get(o), hasattr(o, 'b'), [k for k in vars(A()) if not k.startswith('_')])
    try:
        drop(o)
    except AttributeError as e:
        print(e)
    put(o, 6)
    print(get(o), list(vars(o).items()))
    o = A()
    del o.a, o.c
    print(sorted(set(dir(o)) - set(dir(object()))), o.b, o.d, getattr(o, 'a', None), pickle.loads(pickle.dumps(o)).__dict__, copy.copy(o).__dict__)
    o.e = 7
    o.a = 8
    print(list(vars(o)))
    o = A()
    for name in 'dcba':
        delattr(o, name)
    print(vars(o), o.__reduce_ex__(2)[2:])
    o = A()
    del o.b
    o.b = o.b + '!'
    print(list(vars(o)), o.b)
    s = S()
    del s.x
    print(hasattr(s, 'x'), s.y)
    s.x = 3
    print(s.x)
    m = Both()
    del m.x, m.z
    print(hasattr(m, 'x'), hasattr(m, 'z'), vars(m))
    m.z = m.x = 1
    print(list(vars(m)), m.x)


class D:
    def __del__(self):
        print('gone')


o = A()
o.b = D()
o.x = 1
del o.b
print('after')


@contextlib.contextmanager
def managed(x):
    yield x


for i in range(3):
    with managed(i) as x:
        print(x)
manager = managed(1)
with manager:
    print(sorted(vars(manager)))
