# SPDX-License-Identifier: Apache-2.0
"""Classes: inheritance, properties, special methods, descriptors, slots, metaclasses, super."""


class Animal:
    count = 0
    sound = '...'

    def __init__(self, name):
        self.name = name
        Animal.count += 1

    def speak(self):
        return f'{self.name} says {self.sound}'

    @classmethod
    def make(cls, name):
        return cls(name)

    @staticmethod
    def helper(x):
        return x * 2

    def __repr__(self):
        return f'{type(self).__name__}({self.name!r})'


class Dog(Animal):
    sound = 'Woof'

    def __init__(self, name, age=1):
        super().__init__(name)
        self.age = age

    def speak(self):
        return super().speak() + '!'


class Puppy(Dog):
    def speak(self):
        return super().speak().lower()


d, p = Dog('Rex', 3), Puppy.make('Bit')
print(d, p, d.speak(), p.speak(), Animal.count, Dog.helper(4), p.age)
print(isinstance(p, Animal), issubclass(Dog, Animal), isinstance(d, Puppy), Puppy.__mro__, Puppy.__bases__)
print(d.__dict__, vars(p), hasattr(d, 'tail'), getattr(d, 'tail', 'none'))
try:
    d.tail
except AttributeError as e:
    print(e)
try:
    Dog()
except TypeError as e:
    print(e)
try:
    Dog.nothing
except AttributeError as e:
    print(e)


class Celsius:
    def __init__(self, t=0):
        self._t = t

    @property
    def f(self):
        """In Fahrenheit."""
        return self._t * 9 / 5 + 32

    @f.setter
    def f(self, v):
        self._t = (v - 32) * 5 / 9

    @f.deleter
    def f(self):
        self._t = None

    @property
    def fixed(self):
        return 42


c = Celsius(100)
print(c.f, Celsius.f.__doc__)
c.f = 32
print(c._t)
del c.f
print(c._t)
try:
    c.fixed = 1
except AttributeError as e:
    print(e)


class Vec:
    __slots__ = ('x', 'y')

    def __init__(self, x, y):
        self.x, self.y = x, y

    def __add__(self, o):
        return Vec(self.x + o.x, self.y + o.y) if isinstance(o, Vec) else NotImplemented

    def __radd__(self, o):
        return self if o == 0 else NotImplemented

    def __mul__(self, k):
        return Vec(self.x * k, self.y * k)

    __rmul__ = __mul__

    def __neg__(self):
        return Vec(-self.x, -self.y)

    def __eq__(self, o):
        return isinstance(o, Vec) and (self.x, self.y) == (o.x, o.y)

    def __hash__(self):
        return hash((self.x, self.y))

    def __lt__(self, o):
        return (self.x, self.y) < (o.x, o.y)

    def __bool__(self):
        return bool(self.x or self.y)

    def __len__(self):
        return 2

    def __getitem__(self, i):
        return (self.x, self.y)[i]

    def __iter__(self):
        yield self.x
        yield self.y

    def __contains__(self, v):
        return v in (self.x, self.y)

    def __call__(self, k=1):
        return self.x * k

    def __repr__(self):
        return f'Vec({self.x}, {self.y})'

    def __iadd__(self, o):
        self.x += o.x
        self.y += o.y
        return self


v, w = Vec(1, 2), Vec(3, 4)
print(v + w, v * 3, 2 * v, -v, v == Vec(1, 2), v != w, v < w, v > w, bool(Vec(0, 0)), len(v), v[1], list(v), 3 in w, v(5), sum([v, w]))
same = v
v += w
print(v, same is v, {Vec(1, 2): 'a'}[Vec(1, 2)], max(v, w), sorted([w, v]))
for bad in (lambda: v + 1, lambda: 1 + v, lambda: v < 1, lambda: v - v):
    try:
        print(bad())
    except (TypeError, AttributeError) as e:
        print(type(e).__name__, e)
try:
    v.z = 1
except AttributeError as e:
    print(e)


class Typed:
    def __set_name__(self, owner, name):
        self.name = '_' + name

    def __get__(self, obj, cls=None):
        return self if obj is None else getattr(obj, self.name, 'unset')

    def __set__(self, obj, value):
        if not isinstance(value, int):
            raise TypeError(f'{self.name[1:]} wants int')
        setattr(obj, self.name, value)


class Model:
    size = Typed()
    registry = []

    def __init_subclass__(cls, tag=None, **kw):
        super().__init_subclass__(**kw)
        Model.registry.append((cls.__name__, tag))


class Small(Model, tag='s'):
    pass


m = Small()
print(m.size, Model.registry, type(Model.size).__name__)
m.size = 4
print(m.size, m.__dict__)
try:
    m.size = 'x'
except TypeError as e:
    print(e)


class Meta(type):
    def __new__(mcs, name, bases, ns, **kw):
        cls = super().__new__(mcs, name, bases, ns)
        cls.tags = sorted(k for k in ns if not k.startswith('__'))
        return cls

    def __call__(cls, *a):
        return ('made', super().__call__(*a).value)

    def __len__(cls):
        return len(cls.tags)


class WithMeta(metaclass=Meta):
    one = 1
    two = 2

    def __init__(self, value):
        self.value = value


print(WithMeta.tags, WithMeta(5), len(WithMeta), type(WithMeta).__name__)


class Fallback:
    def __getattr__(self, name):
        if name.startswith('x'):
            return name.upper()
        raise AttributeError(f'no {name}')

    def __setattr__(self, name, value):
        object.__setattr__(self, name, value * 2)

    def __delattr__(self, name):
        print('del', name)
        object.__delattr__(self, name)


fb = Fallback()
fb.a = 4
print(fb.a, fb.xyz, hasattr(fb, 'q'))
del fb.a
print(hasattr(fb, 'a'))


class A:
    def who(self):
        return ['A']


class B(A):
    def who(self):
        return ['B'] + super().who()


class C(A):
    def who(self):
        return ['C'] + super().who()


class D(B, C):
    def who(self):
        return ['D'] + super().who()


print(D().who(), [k.__name__ for k in D.__mro__])
try:
    class Bad(A, D):
        pass
except TypeError as e:
    print(e)


class Singleton:
    _it = None

    def __new__(cls, *args):
        if cls._it is None:
            cls._it = super().__new__(cls)
        return cls._it

    def __init__(self, n):
        self.n = n


print(Singleton(1) is Singleton(2), Singleton(3).n)


class MyList(list):
    def total(self):
        return sum(self)


class MyInt(int):
    def __add__(self, o):
        return MyInt(int(self) + o + 100)


class MyStr(str):
    extra = 1


class MyDict(dict):
    def __missing__(self, k):
        return k * 2


ml = MyList([1, 2, 3])
ml.append(4)
ml.note = 'n'
print(ml, ml.total(), ml.note, MyInt(5) + 1, type(MyInt(5) + 1).__name__, MyInt(7) * 2, MyStr('abc').upper(), MyDict(a=1)['zz'], MyDict(a=1))
Dyn = type('Dyn', (Animal,), {'sound': 'beep', 'twice': lambda self: self.name * 2})
print(Dyn('r').speak(), Dyn('ab').twice())


class Outer:
    class Inner:
        def f(self):
            return __class__.__qualname__

    x = [i for i in range(3)]
    y = x[1]


print(Outer.Inner().f(), Outer.x, Outer.y, Outer.Inner)
d.speak = lambda: 'patched'
print(d.speak())
del d.speak
print(d.speak(), d.age)
d.age += 1
d.__class__ = Puppy
print(d.speak(), d.age, type(d).__name__)
Dog.sound = 'WOOF'
print(p.speak())


class Private:
    def __init__(self):
        self.__secret = 1

    def get(self):
        return self.__secret


print(Private().get(), Private().__dict__)
print(callable(v), callable(3), repr(type(v)), str(object) == "<class 'object'>")
