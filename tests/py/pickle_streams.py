# Picklers and Unpicklers: files, subclasses, persistent ids, reducers, memo, buffers beside, broken pickles, depth.
import array, copyreg, io, pickle, sys
from pickle import PickleBuffer


def attempt(f, *args, **kwargs):
    try:
        r = f(*args, **kwargs)
    except Exception as e:
        print('  ', type(e).__name__, str(e) if not isinstance(e, TypeError) else '')
    else:
        print('  ', r if not callable(r) else 'callable')


class Point:
    def __init__(self, x):
        self.x = x

    def __repr__(self):
        return 'Point(%r)' % (self.x,)


# ---- writes ----
class Log(io.BytesIO):
    def __init__(self, *args):
        super().__init__(*args)
        self.calls = []

    def write(self, data):
        self.calls.append(len(data))
        return super().write(data)


for protocol in range(6):
    for v in (1, [1, 2, 3], 'x' * 70000, [b'y' * 70000, 'z' * 70000], [str(i) for i in range(30000)], list(range(100000))):
        log = Log()
        pickle.dump(v, log, protocol)
        print(protocol, len(log.calls), sum(log.calls), log.calls[:12])
        assert pickle.loads(log.getvalue()) == v

# ---- reads ----
class Plain:
    def __init__(self, data):
        self.f, self.calls = io.BytesIO(data), []

    def read(self, n=-1):
        self.calls.append(('read', n))
        return self.f.read(n)

    def readline(self):
        self.calls.append(('readline',))
        return self.f.readline()


class Into(Plain):
    def readinto(self, b):
        self.calls.append(('readinto', len(b)))
        return self.f.readinto(b)


class Peek(Into):
    def peek(self, n=0):
        self.calls.append(('peek', n))
        at = self.f.tell()
        data = self.f.read(n)
        self.f.seek(at)
        return data


class PeekNot(Plain):
    def peek(self, n):
        raise NotImplementedError


class PeekLittle(Plain):
    def peek(self, n):
        at = self.f.tell()
        data = self.f.read(3)
        self.f.seek(at)
        return data


v = [1, 2.5, 'text', b'bytes', {'k': Point((1, 2))}, b'long' * 30000, bytearray(b'array' * 20000), 10**30]
for protocol in range(6):
    data = pickle.dumps(v, protocol) + pickle.dumps('second', protocol) + b'rest'
    for cls in (Plain, Into, Peek, PeekNot, PeekLittle, io.BytesIO):
        f = cls(data)
        first, second = pickle.load(f), pickle.load(f)
        print(protocol, cls.__name__, repr(first) == repr(v), second, f.read(), len(getattr(f, 'calls', [])), getattr(f, 'calls', [])[:8])
f = io.BytesIO()
p = pickle.Pickler(f, 4)
shared = ['shared']
p.dump(shared)
p.dump([shared, shared])
p.clear_memo()
p.dump(shared)
print(f.getvalue())
f.seek(0)
u = pickle.Unpickler(f)
a, b, c = u.load(), u.load(), u.load()
print(a, b, c, b[0] is a, c is a, sorted(u.memo.copy().items()))
attempt(u.load)
print(sorted((i, o) for i, o in p.memo.copy().values()), type(p.memo).__name__, type(u.memo).__name__)
q = pickle.Pickler(io.BytesIO())
q.memo = p.memo
print(len(q.memo.copy()))
q.memo = {id(shared): (5, shared)}
q.memo.clear()
attempt(setattr, q, 'memo', 3)
attempt(setattr, q, 'memo', {1: 2})
attempt(setattr, u, 'memo', {'x': 2})
attempt(setattr, u, 'memo', {-1: 2})
second = pickle.Unpickler(io.BytesIO(b'h\x01.'))
second.memo = u.memo
print(second.load(), second.memo.copy())
u.memo.clear()
print(pickle.loads(pickle.dumps(u.memo)), q.bin, q.fast)
q.fast = 1
deep = 'x'
for i in range(60):
    deep = [deep, {}]
q.dump(deep)
loop = []
loop.append(loop)
attempt(lambda: q.dump(loop) if False else None)
for cls, args in ((pickle.Pickler, (1,)), (pickle.Unpickler, (1,)), (pickle.Pickler, ()), (pickle.Unpickler, ())):
    attempt(cls, *args)


class NoInit(pickle.Pickler):
    def __init__(self):
        pass


class NoInitEither(pickle.Unpickler):
    def __init__(self):
        pass


attempt(NoInit().dump, 1)
attempt(NoInitEither().load)


# ---- persistent ids ----
class Keeper(pickle.Pickler):
    def persistent_id(self, obj):
        return ('point', obj.x) if isinstance(obj, Point) else None


class Finder(pickle.Unpickler):
    def persistent_load(self, pid):
        return 'found', pid


for protocol in range(6):
    f = io.BytesIO()
    Keeper(f, protocol).dump([Point(1), {'p': Point('x')}, ()])
    print(f.getvalue())
    print(Finder(io.BytesIO(f.getvalue())).load())
    attempt(pickle.loads, f.getvalue())
p = pickle.Pickler(io.BytesIO(), 0)
attempt(getattr, p, 'persistent_id')
p.persistent_id = lambda o: 'é' if o == 1 else None
attempt(p.dump, [1])
p.persistent_id = lambda o: 5 if o == 1 else None
attempt(p.dump, [1])
attempt(setattr, p, 'persistent_id', 3)
u = pickle.Unpickler(io.BytesIO(b'P\xe9\n.'))
attempt(getattr, u, 'persistent_load')
u.persistent_load = lambda pid: [pid]
attempt(u.load)
u = pickle.Unpickler(io.BytesIO(b'Pabc\n.'))
u.persistent_load = lambda pid: [pid]
attempt(u.load)


# ---- reducers ----
class Table(pickle.Pickler):
    dispatch_table = {Point: lambda p: (Point, (('by table', p.x),))}


class Override(pickle.Pickler):
    def reducer_override(self, obj):
        if isinstance(obj, Point):
            return Point, ('override',)
        if obj is len:
            return 'len'
        return NotImplemented


class Refusing(pickle.Unpickler):
    def find_class(self, module, name):
        if name == 'Point':
            return super().find_class(module, name)
        raise pickle.UnpicklingError('%s.%s is forbidden' % (module, name))


for cls in (Table, Override):
    f = io.BytesIO()
    cls(f).dump([Point(1), len, int, print])
    print(f.getvalue())
    print(repr(pickle.loads(f.getvalue()))[:40])
    attempt(Refusing(io.BytesIO(f.getvalue())).load)
p = pickle.Pickler(f := io.BytesIO())
attempt(getattr, p, 'dispatch_table')
p.dispatch_table = copyreg.dispatch_table.copy()
p.dispatch_table[Point] = lambda o: (str, ('point',))
p.dump(Point(3))
print(pickle.loads(f.getvalue()))
print(Refusing(io.BytesIO(pickle.dumps(Point(4)))).load())


class Bad:
    def __init__(self, r):
        self.r = r

    def __reduce__(self):
        return self.r


def newobj_named(name):
    def f(*args):
        pass
    f.__name__ = name
    f.__module__ = 'copyreg'
    return f


for r in (3, (), (1,), (1, 2), (len, 3), (len, (), 1, 2), (len, (), None, 2), (len, (), None, None, 2), (len, (), None, None, None, 2), (1, 2, 3, 4, 5, 6, 7), 'nowhere', '<locals>.x',
          (copyreg.__newobj__, ()), (copyreg.__newobj__, (1,)), (copyreg.__newobj__, (int,)), (copyreg.__newobj_ex__, (int,)), (copyreg.__newobj_ex__, (1, 2, 3)),
          (copyreg.__newobj_ex__, (int, 2, 3)), (copyreg.__newobj_ex__, (int, (), 3)), (len, (), None, iter([1]), iter([2]))):
    print(str(r)[:30].split(' at 0x')[0])
    for protocol in (0, 2, 4):
        try:
            print('  ', pickle.dumps(Bad(r), protocol))
        except Exception as e:
            print('  ', type(e).__name__, str(e).split('0x')[0])

# ---- buffers ----
for protocol in (4, 5):
    attempt(pickle.dumps, PickleBuffer(b'abc'), protocol)
for made in (b'bytes', bytearray(b'array'), memoryview(b'view'), array.array('i', [1, 2])):
    kept = []
    data = pickle.dumps([PickleBuffer(made)] * 2, 5, buffer_callback=kept.append)
    print(data, len(kept), [bytes(k) for k in kept])
    print([type(x).__name__ for x in pickle.loads(data, buffers=kept + kept)], [bytes(x) for x in pickle.loads(data, buffers=[b'one', bytearray(b'two')])])
    attempt(pickle.loads, data)
    attempt(pickle.loads, data, buffers=[])
    print(pickle.dumps(PickleBuffer(made), 5, buffer_callback=lambda b: True))
r = pickle.loads(b'\x80\x05\x97\x98.', buffers=[bytearray(b'x')])
print(type(r).__name__, r.readonly, bytes(r))
b = PickleBuffer(bytearray(b'abcd'))
m = b.raw()
print(bytes(m), m.readonly, m.format, m.nbytes, bytes(b), memoryview(b).tolist())
attempt(b.release)
del m
attempt(PickleBuffer, 3)
b.release()
b.release()
attempt(b.raw)
attempt(memoryview, b)
attempt(pickle.dumps, b, 5)
print(PickleBuffer(array.array('i', [1, 2])).raw().tolist())

# ---- Python 2's strings ----
for data in (b"S'abc\\n'\n.", b'S"x"\n.', b"Sabc\n.", b"S'abc\n.", b"S''\n.", b'U\x03\xe9bc.', b'T\x02\x00\x00\x00ab.', b'T\xff\xff\xff\xffab.', b"S'\n."):
    for kwargs in ({}, {'encoding': 'latin-1'}, {'encoding': 'bytes'}, {'errors': 'replace'}, {'encoding': 'utf-8', 'errors': 'ignore'}):
        print(data, kwargs)
        attempt(pickle.loads, data, **kwargs)

# ---- what is not a pickle ----
broken = [b'', b'.', b'(.', b'0.', b'N', b'K', b'K\x01', b'(N.', b'(0.', b'(00.', b'N00.', b'1.', b'(1N.', b'2.', b'N2\x86.', b'\x80', b'\x80\x06.', b'\x80\x05N.', b'\x81.', b'NN\x81.', b')N\x81.',
          b'cbuiltins\nint\n)\x81.', b'cbuiltins\nint\nN\x81.', b'cbuiltins\nint\n))\x92.', b'cbuiltins\nint\n)}\x92.', b'cbuiltins\nint\n)N\x92.', b'Nh\x00.', b'h\x00.', b'j\x00\x00\x00\x80.', b'g\n.',
          b'g1\n.', b'gx\n.', b'q\x00.', b'Nq\x00h\x00\x86.', b'Np\n.', b'Np-1\n.', b'Npx\n.', b'p0\n.', b'I\n.', b'I1\n.',
          b'I0x1f\n.', b'I010\n.', b'I00\n.', b'I01\n.', b'I02\n.', b'Iabc\n.', b'I1', b'I99999999999999999999\n.', b'I 12\n.', b'I12 \n.', b'L1L\n.', b'L1\n.', b'LL\n.', b'L\n.', b'Lx\n.', b'L0x1FL\n.', b'F1.5\n.',
          b'Fx\n.', b'F\n.', b'F1.5x\n.', b'Finf\n.', b'Fnan\n.', b'F1e999\n.', b'F 1.5\n.', b'G\x00\x00.', b'J\x00\x00.', b'M\x01.', b'\x8a\x00.', b'\x8a\x01\xff.', b'\x8a\x02\xff.', b'\x8b\xff\xff\xff\xff.',
          b'\x8b\x01\x00\x00\x00\x7f.', b'Vabc\n.', b'V\\u20ac\n.', b'V\\ud800\n.', b'V\\uzz\n.', b'V\n.', b'V', b'X\x03\x00\x00\x00abc.', b'X\x03\x00\x00\x00ab', b'X\x01\x00\x00\x00\xff.', b'X\x03\x00\x00\x00\xed\xa0\x80.',
          b'\x8c\x02ab.', b'\x8c\x05ab.', b'\x8d\xff\xff\xff\xff\xff\xff\xff\xff.', b'\x8d\x01\x00\x00\x00\x00\x00\x00\x00a.', b'\x8e\xff\xff\xff\xff\xff\xff\xff\xff.', b'B\x02\x00\x00\x00ab.', b'C\x02ab.', b'C\x09ab.',
          b'\x96\x02\x00\x00\x00\x00\x00\x00\x00ab.', b'\x96\xff\xff\xff\xff\xff\xff\xff\xff.', b'\x95\xff\xff\xff\xff\xff\xff\xff\xff.', b'\x95\x01\x00\x00\x00\x00\x00\x00\x00N.', b'\x95\x09\x00\x00\x00\x00\x00\x00\x00N.',
          b'\x97.', b'\x98.', b'N\x98.', b'a.', b'Na.', b'NNa.', b'](Na.', b']Na.', b'e.', b'](e.', b'](NNe.', b'(NNe.', b'N(NNe.', b'}NNs.', b'}(Ns.', b'}(NNNu.', b'}(NNu.', b'}(u.', b'(NNu.', b'N(NNu.', b'](NNu.',
          b'}](NNs.', b'}(]Nu.', b'(d.', b'(NNd.', b'(Nd.', b'(]Nd.', b'(l.', b'(NNl.', b'(t.', b't.', b'\x85.', b'N\x85.', b'N\x86.', b'NN\x86.', b'(N\x86.', b'NN(N\x87.', b'\x8f.', b'\x8f(NN\x90.', b'\x8f(\x90.',
          b'\x8f(]\x90.', b'N(N\x90.', b'(N\x90.', b'(NN\x91.', b'(]\x91.', b'\x91.', b'b.', b'Nb.', b'NNb.', b'N(b.', b'NK\x01b.', b'N}b.', b'N}b(.', b'cno.such.module\nx\n.', b'cbuiltins\nnosuch\n.', b'c\nx\n.',
          b'cbuiltins\n\n.', b'cbuiltins', b'cbuiltins\nint', b'c\xff\nx\n.', b'cbuiltins\nint.bit_length\n.', b'\x80\x04cbuiltins\nint.bit_length\n.', b'\x80\x04cbuiltins\nint.no\n.', b'\x80\x04cbuiltins\nint.<locals>.x\n.',
          b'\x93.', b'NN\x93.', b'\x8c\x08builtins\x8c\x03int\x93.', b'\x8c\x08builtinsN\x93.', b'(ibuiltins\nint\n.', b'(Nibuiltins\nlist\n.', b'(K\x05ibuiltins\nstr\n.', b'ibuiltins\nint\n.', b'(ib\xe9\nint\n.', b'(o.',
          b'(cbuiltins\nint\no.', b'(cbuiltins\nint\nK\x05o.', b'(No.', b'o.', b'R.', b'NR.', b'NNR.', b'N)R.', b'cbuiltins\nint\nNR.', b'cbuiltins\nint\n)R.', b'cbuiltins\nint\n(S\'12\'\ntR.', b'Q.', b'NQ.', b'Px\n.',
          b'\x82\x00.', b'\x82\xf0.', b'\x83\x01\x00.', b'\x84\xff\xff\xff\xff.', b'\x84\x00', b'\x88.', b'\x89.', b'\xff', b"'", b'\\', b'\x00', b' ', b'~', b'\x7f', b'\x99.', b'A', b'\x94.', b'N\x94h\x00\x86.',
          b'\x80\x02cmath\nnosuch\n.', b'\x80\x02c__builtin__\nxrange\n.', b'c__builtin__\nxrange\n.', b'ccopy_reg\n_reconstructor\n.', b'cexceptions\nOSError\n.', b'\x80\x03c__builtin__\nxrange\n.']
for data in broken:
    for source in (lambda: pickle.loads(data), lambda: pickle.load(io.BytesIO(data))):
        try:
            r = repr(source())
        except Exception as e:
            r = type(e).__name__ + ': ' + (str(e) if not isinstance(e, TypeError) else '')
        print(data, r.split(' at 0x')[0][:150])
for bad in (None, 3, 'text', [b'N.']):
    attempt(pickle.loads, bad)
print(pickle.loads(bytearray(b'K\x05.')), pickle.loads(memoryview(b'xK\x06.')[1:]))


class Short(Plain):
    def read(self, n=-1):
        return b'' if n == 5 else self.f.read(n)


class Wrong(Plain):
    def read(self, n=-1):
        return 'text'


class WrongInto(Into):
    def readinto(self, b):
        return -1


attempt(pickle.load, Short(b'C\x05abcde.'))
attempt(pickle.load, Wrong(b'N.'))
attempt(pickle.load, WrongInto(b'B\x05\x00\x00\x00abcde.'))


# ---- changing while being written ----
class Grows:
    def __init__(self, target):
        self.target = target

    def __reduce__(self):
        if isinstance(self.target, list):
            self.target.clear()
        elif isinstance(self.target, dict):
            self.target['more'] = 1
        else:
            self.target.add('more')
        return int, (1,)

    def __hash__(self):
        return 5


target = [1, 2]
target[1:1] = [Grows(target), 3, 4]
attempt(pickle.dumps, target)
target = {1: 2}
target[2] = Grows(target)
attempt(pickle.dumps, target)
target = {1}
target.add(Grows(target))
attempt(pickle.dumps, target)


class Setting:
    def __getstate__(self):
        return {'a': 1, 5: 6}


got = pickle.loads(pickle.dumps(Setting()))
print(got.__dict__)


class Property:
    @property
    def x(self):
        return 1


class Hiding:
    def __init__(self):
        self.__dict__['x'] = 5
        self.y = 6

    x = property(lambda self: 7, lambda self, v: print('set', v))


print(pickle.loads(pickle.dumps(Hiding())).__dict__)


class Custom(list):
    def extend(self, items):
        print('extend', items)
        super().extend(items)


class Appending:
    def __init__(self):
        self.got = []

    def append(self, v):
        self.got.append(v)

    def __setitem__(self, k, v):
        self.got.append((k, v))

    def __reduce__(self):
        return Appending, (), None, iter([1, 2, 3]), iter({4: 5}.items())


print(pickle.loads(pickle.dumps(Custom([1, 2, 3]))), pickle.loads(pickle.dumps(Appending())).got, pickle.loads(pickle.dumps(Appending(), 0)).got)

# ---- depth ----
deep = []
for i in range(100000):
    deep = [deep]
def too_deep(v, protocol=4):
    try:
        pickle.dumps(v, protocol)
    except RecursionError:
        print('too deep')


for protocol in range(6):
    too_deep(deep, protocol)
deep = ()
for i in range(100000):
    deep = (deep,)
too_deep(deep)
deep = {}
for i in range(100000):
    deep = {1: deep}
too_deep(deep)
p = Point(None)
for i in range(100000):
    p = Point(p)
too_deep(p)
while p:
    p = p.x
r = pickle.loads(b'(' * 100000 + b'N' + b't' * 100000 + b'.')
print(type(r))
r = pickle.loads(b']' * 50000 + b'a' * 49999 + b'.')
print(type(r), len(r))
del r, deep


# ---- within itself ----
class Again(pickle.Pickler):
    def persistent_id(self, obj):
        if obj == 'again':
            self.clear_memo()
        return None


Again(f := io.BytesIO()).dump([[1], 'again', [2]])
print(len(f.getvalue()) > 0)
