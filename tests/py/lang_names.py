# SPDX-License-Identifier: Apache-2.0
# Scopes, closures, classes, comprehensions, name mangling, order of evaluation.
log = []


def note(x):
    log.append(x)
    return x


def flush():
    global log
    print(log)
    log = []


def outer():
    a = 1
    b = 2

    def middle():
        nonlocal a
        a += 10

        def inner(c=lambda: b):
            nonlocal b
            b = a
            return a, c()
        return inner
    f = middle()
    return f(), a, b


print(outer())


class Scope:
    x = 'class'
    y = [c for c in x]
    __private = 5

    def method(self, x=x):
        return x, self.__private, [self.__private for _ in 'a'], __class__.__name__

    def late(self):
        try:
            return missing
        except NameError as e:
            return str(e)

    class Inner:
        z = 'inner'

        def get(self):
            return __class__.__qualname__


print(Scope().method(), Scope.y, Scope().late(), Scope.Inner().get(), sorted(k for k in Scope.__dict__ if 'private' in k))


def class_in_function(x):
    class C:
        y = x
        x = 'own'
        z = x

        def m(self):
            return x
    return C.y, C.x, C.z, C().m()


try:
    print(class_in_function('outer'))
except NameError as e:
    print('NameError', e)
x = 'global'


def class_free(q):
    class C:
        w = q
        q = 'own'
    return C.w, C.q


try:
    print(class_free('free'))
except NameError as e:
    print('NameError', e)


class Base:
    def __init__(self, *args, **kw):
        self.args = args, kw

    def hello(self):
        return 'base'

    @classmethod
    def make(cls):
        return cls.__name__

    @property
    def p(self):
        return 'p'


class Derived(Base):
    def __init__(self, *args, **kw):
        super().__init__(*args, **kw)

    def hello(self):
        return [super().hello()] + [super(Derived, self).hello() for _ in range(1)]

    @classmethod
    def make(cls):
        return super().make() + '!'

    def cell(self):
        return (lambda: super().hello())(), (lambda: self)().hello()

    @property
    def p(self):
        return super().p * 2


d = Derived(1, k=2)
print(d.args, d.hello(), Derived.make(), d.p)
try:
    print(d.cell())
except RuntimeError as e:
    print(e)

print([(lambda: i)() for i in range(3)], [f() for f in [lambda: i for i in range(3)]])
print({a: b for a, b in zip('xyz', range(3)) if b}, sorted({c for c in 'aab'}), list(x * y for x in range(3) for y in range(x)))
print([[j for j in range(i)] for i in range(4)])


def walrus():
    found = [y := n for n in range(4) if (m := n * 2) > 2]
    return found, y, m, (lambda: (z := 3) + z)()


print(walrus())
if (n := 10) > 5 and (n := n + 1):
    print(n)
print([t := 1, t + 1, (t := t + 5), t])


def rebinding(x):
    return x + (x := x + 1) + x, [x, (x := 0), x], f'{x}{(x := 7)}{x}'


print(rebinding(1))

# order of evaluation
d = {}
d[note('key')] = note('value')
flush()
(note(d))[note('k2')] = note(d).get(note('key'))
flush()
print(note(1) + note(2) * note(3), note(1) < note(2) < note(0) < note(9))
flush()


def f(*args, **kw):
    return args, kw


print(f(note(1), *note([2]), note(3), a=note(4), **note({'b': 5}), c=note(6)))
flush()
{note('a'): note(1), **note({}), note('b'): note(2)}
flush()


def dec(n):
    note(('dec', n))
    return lambda f: note(('apply', n)) and f


@dec(1)
@dec(2)
def g(a: note('ann a') = note('default a'), *, b: note('ann b') = note('default b')) -> note('ret'):
    pass


flush()
print(g.__defaults__, g.__kwdefaults__, g.__annotations__)


@dec(3)
class K(note(object), metaclass=note(type)):
    a: note(int) = note(4)
    b: note(str)


flush()
print(K.__annotations__)

# targets
i = 0
a = [0, 0, 0]
i, a[i] = 1, 'x'
print(a)
a[i:i + 1] = [7, 8]
print(a)
(p, (q, *r)), s = (1, 'abc'), 2
print(p, q, r, s)
[*u, v] = {1: 2, 3: 4}
print(u, v)
for k, (l, *m) in [(1, 'ab'), (2, 'cde')]:
    print(k, l, m)
first = second = third = []
print(first is second is third)


class T:
    pass


t = T()
t.x = t.y = [1]
t.x += [2]
t.y[0] += 5
t.z = 1
t.z += 1
t.z -= 3
t.z **= 2
print(t.x, t.y, t.z)
a, b = 1, 2
a, b = b, a
print(a, b)
a, b, c = 'xyz'
a, b, c = c, a, b
print(a, b, c)
for bad in ((1, 2), (1, 2, 3, 4), 5):
    try:
        a, b, c = bad
    except (ValueError, TypeError) as e:
        print(e)
try:
    a, *b, c = [1]
except ValueError as e:
    print(e)
del a, (b, [c])
try:
    a
except NameError as e:
    print(e)


def unbound(flag):
    if flag:
        v = 1
    try:
        return v
    except UnboundLocalError as e:
        return str(e)


print(unbound(True), unbound(False))


def deleted():
    v = 1
    del v
    try:
        v
    except UnboundLocalError as e:
        print(e)
    c = 1

    def use():
        return c
    del c
    try:
        use()
    except NameError as e:
        print(e)


deleted()


def many():
    a0=a1=a2=a3=a4=a5=a6=a7=a8=a9=0
    return [a0,a1,a2,a3,a4,a5,a6,a7,a8,a9,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,a1,*[1,2],a3]


print(many(), sum(many()))
print(f(*range(5), *'ab', **{'x': 1}, **{'y': 2}))
try:
    f(**{'x': 1}, **{'x': 2})
except TypeError as e:
    print(e)
print(f(1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,z=1))
print((lambda a, b=2, /, c=3, *d, e, f=6, **g: (a, b, c, d, e, f, g))(1, e=5, h=8))
print({**{'a': 1}, 'b': 2, **{'a': 3}}, {*[1], 2, *{3}}, [*'ab', *(1, 2)], (*'ab', 3))
