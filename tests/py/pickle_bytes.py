# Pickles byte for byte: every protocol, every kind of object, framing, memo, batches; and back again.
import collections, copyreg, datetime, decimal, enum, fractions, functools, io, operator, pickle, re, sys
import _pickle

assert pickle.dumps is _pickle.dumps


class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __eq__(self, other):
        return type(other) is type(self) and self.__dict__ == other.__dict__


class Empty:
    pass


class Slotted:
    __slots__ = ('a', 'b')

    def __init__(self):
        self.a = 1


class SlottedToo(Slotted):
    def __init__(self):
        self.a, self.c = 1, [2]


class Stateful:
    def __init__(self, n):
        self.n = n

    def __getstate__(self):
        return ('state', self.n)

    def __setstate__(self, state):
        self.n = state[1] + 100


class NewArgs(tuple):
    def __new__(cls, a, b):
        return tuple.__new__(cls, (a, b))

    def __getnewargs__(self):
        return tuple(self)


class NewArgsEx:
    def __new__(cls, a, *, b):
        self = object.__new__(cls)
        self.a, self.b = a, b
        return self

    def __getnewargs_ex__(self):
        return (self.a,), {'b': self.b}


class Reduced:
    def __init__(self, v):
        self.v = v

    def __reduce__(self):
        return Reduced, (self.v,), {'extra': 1}


class Six:
    def __reduce__(self):
        return Six, (), 'the state', None, None, set_six

    def __repr__(self):
        return 'Six(%r)' % getattr(self, 'got', None)


def set_six(obj, state):
    obj.got = state


class MyList(list):
    pass


class MyDict(dict):
    pass


class MyInt(int):
    pass


class MyStr(str):
    pass


class Colour(enum.Enum):
    RED = 1
    BLUE = 'b'


class Outer:
    class Inner:
        def method(self):
            pass


class Boxed(Exception):
    pass


Pair = collections.namedtuple('Pair', 'left right')


def function():
    pass


def show(name, v):
    for protocol in range(6):
        try:
            data = pickle.dumps(v, protocol)
        except Exception as e:
            print(name, protocol, type(e).__name__, re.sub('0x[0-9a-f]+', '0x', str(e)))
            continue
        print(name, protocol, data if len(data) < 400 else (len(data), hash_of(data)))
        try:
            back = pickle.loads(data)
        except Exception as e:
            print('   loads', type(e).__name__, e)
            continue
        print('  ', type(back).__name__, text_of(back))


def hash_of(data):
    n = 0
    for i, c in enumerate(data[:100000]):
        n = (n * 31 + c + i) % 1000000007
    return n


def text_of(v):
    try:
        t = repr(v)
    except RecursionError:
        return 'deep'
    if ' at 0x' in t:
        return sorted(v.__dict__.items(), key=str) if hasattr(v, '__dict__') else 'object'
    return t if len(t) < 200 else (len(t), t[:50])


for i in (0, 1, -1, 255, 256, 65535, 65536, 2**31 - 1, 2**31, -2**31, -2**31 - 1, 2**61, 2**62, 2**63 - 1, 2**63, -2**63, -2**63 - 1, 2**64, -2**64, -128, -129, -32768, 10**50, -10**50,
          2**2039, -2**2039, 2**2040, -2**2040, 1 << 3000, -(1 << 3000), (1 << 127) - 1, -(1 << 127), -(1 << 127) - 1, -(1 << 71), -(1 << 72)):
    show('int', i)
for f in (0.0, -0.0, 1.5, -2.25, 1e300, 5e-324, float('inf'), float('-inf'), 0.1, 1e16, 123456789.125):
    show('float', f)
show('nan', [float('nan')])
show('bools', (True, False, None, ..., NotImplemented))
show('types', [type(None), type(...), type(NotImplemented), int, type, object, list])
for s in ('', 'a', 'héllo', 'ÿ\x80', '\u20ac', '\U0001f40d', 'a\nb\\c\0d\r\x1a', '\ud800', 'x\udfffy', 'a' * 255, 'a' * 256, 'é' * 127, 'é' * 128, '\U0001f40d' * 70):
    show('str', s)
for b in (b'', b'x', bytes(range(256)), b'a' * 255, b'a' * 256, bytearray(), bytearray(b'abc'), bytearray(300)):
    show('bytes', b)
same = 'a string held twice'
show('memo', [same, same, (same, [same])])
for n in range(6):
    show('tuple', tuple(range(n)))
show('tuples', ((), (1,), ((2, 3), (4, 5, 6)), (1, 2, 3, 4, (5,))))
for n in (0, 1, 2, 999, 1000, 1001, 2000, 2001):
    show('list %d' % n, list(range(n)))
    show('dict %d' % n, {i: -i for i in range(n)})
    show('set %d' % n, set(range(n)))
    show('frozenset %d' % n, frozenset(range(n)))
    show('MyList %d' % n, MyList(range(n)))
    show('MyDict %d' % n, MyDict((i, i) for i in range(n)))
    show('deque %d' % n, collections.deque(range(n)))
    show('OrderedDict %d' % n, collections.OrderedDict((i, i) for i in range(n)))
show('nested', {'a': [1, 2, {'b': (3, 4.5, None)}], 'c': {'d': 'e'}, 'f': b'g', 'h': {1}})
show('many', [(i, str(i), i / 2) for i in range(3000)])
big = ['x' * 70000, b'y' * 70000, 'é' * 40000, bytearray(b'z' * 66000), 'small', b'x' * 65535, b'x' * 65536, 'z' * 65537]
show('big', big)
show('memo far', [[str(i)] for i in range(300)] * 2)

cycle = []
cycle.append(cycle)
show('cycle list', cycle)
loop = {}
loop['me'] = loop
show('cycle dict', loop)
inner = []
ring = (inner,)
inner.append(ring)
show('cycle tuple', ring)
inner = []
ring = (1, 2, 3, inner, 5)
inner.append(ring)
show('cycle long tuple', ring)
p = Point(1, None)
p.y = p
data = pickle.dumps(p)
q = pickle.loads(data)
print(q.y is q, q.x, data)
s = Point(1, 2)
holder = frozenset([7])


class InSet:
    def __hash__(self):
        return 1

    def __eq__(self, other):
        return self is other


member = InSet()
member.set = frozenset([member])
for protocol in range(2, 6):
    data = pickle.dumps(member.set, protocol)
    print(protocol, data)
    back = pickle.loads(data)
    print(len(back), all(m.set is back for m in back))

show('point', Point(1, [2, 'three']))
show('two points', [Point(1, 2), Point('x', 'y')])
show('empty', Empty())
many = Empty()
for i in range(150):
    setattr(many, 'a%d' % i, i)
show('many attributes', many)
gone = Point(1, 2)
del gone.x
show('deleted', gone)
seen = Point(3, 4)
seen.__dict__
show('its dict seen', seen)
show('its dict held', [seen, seen.__dict__])
show('slots', Slotted())
show('slots and dict', SlottedToo())
show('stateful', Stateful(5))
show('new args', NewArgs(1, 2))
show('new args ex', NewArgsEx(1, b=2))
show('reduced', Reduced([1]))
show('six', Six())
show('MyInt', MyInt(7))
show('MyStr', MyStr('text'))
show('enum', [Colour.RED, Colour.BLUE, Colour.RED])
show('nested class', [Outer.Inner, Outer])
show('static', [bytearray.maketrans, str.maketrans, dict.fromkeys])
show('descriptor', dict.__dict__['fromkeys'])
show('static descriptor', str.__dict__['maketrans'])


class Round:
    pass


Round.mod = sys.modules[__name__]
Round.__qualname__ = 'Round.mod.Round'
show('round', Round)
show('functions', [function, len, print, sys.exit, functools.partial, operator.add, [].append.__class__])
show('bound', [[1, 2].index, 'abc'.upper, Point])
show('exceptions', [ValueError('x', 1), KeyError(3), Boxed('y'), OSError(2, 'no', 'file'), StopIteration(4)])
show('namedtuple', Pair(1, Pair(2, 3)))
show('complex', [1j, 2 + 3j])
show('range', [range(3), range(1, 10, 2), slice(1, 2, 3)])
show('dates', [datetime.date(2020, 1, 2), datetime.timedelta(3, 4)])
show('decimal', [decimal.Decimal('1.50'), fractions.Fraction(3, 4)])
show('defaultdict', collections.defaultdict(list, {1: [2]}))
show('Counter', collections.Counter('abca'))
show('partial', functools.partial(int, base=2))
show('iterators', [iter([1, 2]), iter((3,)), iter(range(3)), iter('ab')])
show('itemgetter', [operator.itemgetter(1), operator.attrgetter('a.b'), operator.methodcaller('f', 1, k=2)])
show('simple', __import__('types').SimpleNamespace(a=1, b=[2]))
show('odict', collections.OrderedDict(a=1, b=2))
show('lambda', lambda: 0)
show('generator', [i for i in range(2)].__iter__())
show('module', sys)


def local():
    class Local:
        pass

    def inner():
        pass
    return Local, inner


for v in local():
    show('local', v)
show('local instance', local()[0]())
show('fix imports', [__import__('builtins').range, StringIO] if (StringIO := io.StringIO) else None)
show('urllib', __import__('urllib.error').error.URLError)

# protocols and options
for args, kwargs in (((1, 6), {}), ((1, -1), {}), ((1, None), {}), ((1, 'x'), {}), ((1,), {'protocol': 2}), ((), {'obj': 3}), ((1, 4), {'buffer_callback': print}), ((1, 2, 3), {}), ((1,), {'nope': 2}),
                     ((range, 2), {'fix_imports': False}), ((range, 2), {'fix_imports': True})):
    try:
        print(args, kwargs, pickle.dumps(*args, **kwargs))
    except Exception as e:
        print(args, kwargs, type(e).__name__, e if not isinstance(e, TypeError) else '')

# the registry of extensions
copyreg.add_extension('__main__', 'Point', 0x12)
copyreg.add_extension('__main__', 'Empty', 0x1234)
copyreg.add_extension('__main__', 'Reduced', 0x123456)
show('extensions', [Point(1, 2), Empty(), Reduced(3)])
copyreg.clear_extension_cache()
show('extensions', [Point(1, 2), Empty(), Reduced(3)])
copyreg.remove_extension('__main__', 'Point', 0x12)
copyreg.remove_extension('__main__', 'Empty', 0x1234)
copyreg.remove_extension('__main__', 'Reduced', 0x123456)
for data in (b'\x80\x02\x82\x12.', b'\x80\x02\x82\x00.', b'\x80\x02\x84\xff\xff\xff\xff.'):
    copyreg.clear_extension_cache()
    try:
        print(pickle.loads(data))
    except Exception as e:
        print(type(e).__name__, e)


# reducers
def reduce_point(p):
    return Point, (p.x, 'reduced')


copyreg.pickle(Point, reduce_point)
show('copyreg', Point(1, 2))
del copyreg.dispatch_table[Point]
show('copyreg gone', Point(1, 2))
