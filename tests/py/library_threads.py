# SPDX-License-Identifier: Apache-2.0
# Objects of the library shared by four threads: nothing crashes, what promises to be whole is whole, whatever the interleaving.
import array
import collections
import contextvars
import functools
import gc
import hashlib
import io
import itertools
import json
import operator
import queue
import random
import re
import struct
import threading
import weakref
import zlib

errors = []
N = 400


def together(*functions):
    start = threading.Barrier(len(functions))

    def run(f, i):
        start.wait()
        try:
            f(i)
        except BaseException as e:
            errors.append('%s: %s: %s' % (f.__name__, type(e).__name__, e))

    crew = [threading.Thread(target=run, args=(f, i)) for i, f in enumerate(functions)]
    for t in crew:
        t.start()
    for t in crew:
        t.join()


def quiet(f, *kinds):
    try:
        return f()
    except kinds:
        pass


# ---- collections ----
d = collections.deque()


def push(i):
    for k in range(N):
        (d.append if k % 2 else d.appendleft)((i, k))


together(push, push, push, push)
print(len(d), sorted(d) == sorted((i, k) for i in range(4) for k in range(N)))
out = [[] for _ in range(4)]


def drain(i):
    while True:
        try:
            out[i].append(d.pop() if i % 2 else d.popleft())
        except IndexError:
            return


together(drain, drain, drain, drain)
print(sum(map(len, out)), len(set(sum(out, []))), len(d))
d = collections.deque(range(40), maxlen=60)


def stir(i):
    for k in range(N):
        d.append([k]), d.appendleft(str(k)), d.rotate(k % 5 - 2)
        d.extend([k, i])
        quiet(d.pop, IndexError), quiet(d.popleft, IndexError)
        quiet(lambda: d.insert(3, k), IndexError)
        quiet(lambda: d.__setitem__(5, (k,)), IndexError), quiet(lambda: d.__delitem__(1), IndexError)
        quiet(lambda: d.remove(k), ValueError, IndexError)
        if k % 97 == 0:
            d.clear()


def look(i):
    for k in range(N // 4):
        quiet(lambda: (list(d), 5 in d, d.count(3), d.copy(), d == d, d[2], d[-1], d.index(7)), RuntimeError, IndexError, ValueError)
        quiet(lambda: [x for x in reversed(d)], RuntimeError)
        repr(len(d))


together(stir, look, stir, look)
counts, buckets = collections.Counter(), collections.defaultdict(list)


def count(i):
    mine = collections.Counter()
    for k in range(N):
        mine[k % 7] += 1
        buckets[k % 11].append((i, k))
        counts[i] += 1
    with lock:
        total.update(mine)


lock, total = threading.Lock(), collections.Counter()
together(count, count, count, count)
print(sorted(counts.items()), sum(total.values()), sum(len(v) for v in buckets.values()) <= 4 * N)
Point = collections.namedtuple('Point', 'x y')
chain = collections.ChainMap({'a': 1}, {'b': 2})


def small(i):
    for k in range(N):
        p = Point(k, i)
        assert p._replace(y=5) == (k, 5) and p._asdict() == {'x': k, 'y': i}
        chain['k%d' % (k % 5)] = k
        chain.get('b'), 'a' in chain
        quiet(lambda: chain.pop('k%d' % (k % 3)), KeyError)


together(small, small, small, small)

# ---- bytes and streams ----
b = bytearray()


def grow(i):
    for k in range(N):
        b.extend(bytes([i]) * 3)


together(grow, grow, grow, grow)
print(len(b), [b.count(i) for i in range(4)])


def chew(i):        # comparing and searching look at the bytes through a view: who changes the length meanwhile is refused
    for k in range(N):
        for change in (lambda: b.append(k & 255), lambda: b.extend(b'abc'), lambda: b.insert(1, 7), b.pop, lambda: b.__delitem__(slice(2, 9)),
                       lambda: b.__setitem__(slice(1, 3), b'longer')):
            quiet(change, IndexError, BufferError)
        b.find(b'bc'), b[2:5], bytes(b[:40]), b.upper()[:2], len(b), b == b, b[:3] + b'x', b.startswith(b'a')
        if k % 50 == 0:
            quiet(b.clear, BufferError)
        if k % 9 == 0:
            b.reverse()


def view(i):
    for k in range(N):
        try:
            with memoryview(b) as m:
                len(m), bytes(m[:8]), m[:4].tolist()
        except BufferError:
            pass


def chew_viewed(i):
    for k in range(N):
        quiet(lambda: b.append(1), BufferError)
        quiet(lambda: b.__delitem__(slice(0, 50)), BufferError)


together(chew, chew, chew, chew)
together(view, chew_viewed, view, chew_viewed)
a = array.array('i')


def arrays(i):
    for k in range(N):
        quiet(lambda: (a.append(k), a.extend([1, 2, 3])), BufferError)
        quiet(lambda: (a.pop(), a[0], a[-1]), IndexError, BufferError)
        a.tolist(), a.tobytes(), a[1:3], len(a)
        if k % 40 == 0:
            quiet(lambda: a.__delitem__(slice(None)), BufferError, ValueError)


together(arrays, arrays, arrays, arrays)
stream = io.BytesIO()


def record(i):
    for k in range(N):
        stream.write(b'%d%04d' % (i, k))


together(record, record, record, record)
text = stream.getvalue()
print(len(text), len({text[k:k + 5] for k in range(0, len(text), 5)}))


def seek(i):
    for k in range(N):
        stream.seek(k), stream.read(7), stream.readline(), stream.tell(), stream.write(b'x\n')
        if k % 30 == 0:
            stream.truncate(k * 3), stream.getvalue()[:3]


together(seek, seek, seek, seek)
words = io.StringIO()


def speak(i):
    for k in range(N):
        words.write('%d%04d\n' % (i, k))


together(speak, speak, speak, speak)
print(len(words.getvalue()), len(set(words.getvalue().split())))
raw = io.BytesIO()
log = io.TextIOWrapper(io.BufferedWriter(raw, 64), encoding='utf-8', newline='\n')
gate = threading.Lock()


def note(i):
    for k in range(N):
        with gate:
            log.write('%d:%d\xe9\n' % (i, k))


together(note, note, note, note)
log.flush()
print(len(raw.getvalue().decode().splitlines()))
buffered = io.BufferedWriter(io.BytesIO(), 128)


def put(i):
    for k in range(N):
        buffered.write(b'%d' % i)


together(put, put, put, put)
buffered.flush()
print(sorted(collections.Counter(buffered.raw.getvalue()).items()))
reader, taken = io.BufferedReader(io.BytesIO(bytes(range(200)) * 20), 100), [[] for _ in range(4)]


def sip(i):
    while got := reader.read(3):
        taken[i].append(got)


together(sip, sip, sip, sip)
print(sum(len(x) for t in taken for x in t))

# ---- iterators ----
numbers, seen = itertools.count(), [[] for _ in range(4)]


def next_number(i):
    for k in range(N):
        seen[i].append(next(numbers))


together(next_number, next_number, next_number, next_number)
print(all(x == sorted(x) for x in seen))


def shared_iterators():
    return [itertools.cycle([1, [2], 'x']), itertools.islice(itertools.count(), 300), itertools.chain([1, 2], iter(range(50)), 'abc' * 30),
            itertools.accumulate(range(200)), itertools.zip_longest(range(100), 'ab'), itertools.product(range(9), repeat=3), itertools.permutations(range(6)),
            itertools.combinations(range(12), 3), itertools.starmap(operator.add, zip(range(90), range(90))), itertools.takewhile(bool, itertools.repeat(1, 300)),
            itertools.compress(itertools.count(), itertools.cycle([1, 0])), itertools.pairwise(range(99)), map(str, range(300)), filter(None, range(300)),
            enumerate(range(300)), zip(range(300), range(300)), reversed(list(range(300))), iter(dict.fromkeys(range(300))), iter(range(300)), iter('\xe9a' * 100)]


shared = shared_iterators()


def step(i):
    for k in range(N):
        for it in shared:
            quiet(lambda: next(it, None), RuntimeError, ValueError)


together(step, step, step, step)


def numbers_of(n):
    for k in range(n):
        yield k


got, busy = [[] for _ in range(4)], numbers_of(3000)


def pull(i):
    while True:
        try:
            got[i].append(next(busy))
        except StopIteration:
            return
        except ValueError as e:
            assert str(e) == 'generator already executing', e


together(pull, pull, pull, pull)
print(sorted(sum(got, [])) == list(range(3000)))


# ---- weak references ----
class Thing:
    def __init__(self, n):
        self.n = n


things, table, group, gone = [Thing(k) for k in range(20)], weakref.WeakValueDictionary(), weakref.WeakSet(), []


def refer(i):
    for k in range(N):
        x = Thing(k)
        r = weakref.ref(x, lambda _: None)
        table[i, k % 20] = x
        group.add(x)
        shared_thing = things[k % 20]
        one, two = weakref.ref(shared_thing), weakref.ref(shared_thing)
        assert r() is x and one() is shared_thing and two() is shared_thing
        weakref.finalize(x, gone.append, (i, k))
        p = weakref.proxy(x)
        assert p.n == k
        del x, p
        things[k % 20] = Thing(k)
        table.get((i, 3)), len(group)
        if k % 100 == 0:
            gc.collect()


together(refer, refer, refer, refer)
table.clear()
things.clear()
gc.collect()
print(len(gone), len(set(gone)), len(group))

# ---- functions ----
calls = []


@functools.lru_cache(maxsize=50)
def cached(n):
    calls.append(n)
    return [n]


@functools.lru_cache(maxsize=None)
def kept(n):
    return n * 2


def ask(i):
    for k in range(N):
        assert cached(k * 7 % 90) == [k * 7 % 90] and kept(k % 100) == 2 * (k % 100)
        if k % 150 == 0:
            cached.cache_clear()
        cached.cache_info()


together(ask, ask, ask, ask)
print(cached.cache_info().currsize <= 50, kept.cache_info().currsize)


class Lazy:
    made = []

    @functools.cached_property
    def value(self):
        self.made.append(1)
        return {'a': 1}


lazies = [Lazy() for _ in range(N)]
add3 = functools.partial(lambda *a, **k: sum(a) + k.get('z', 0), 1, z=2)


def use(i):
    for k in range(N):
        assert lazies[k].value == {'a': 1} and add3(k) == k + 3 and functools.reduce(operator.add, range(10)) == 45
        add3.__setstate__((add3.func, (1,), {'z': 2}, None)) if k % 40 == 0 else None


together(use, use, use, use)

# ---- queues, contexts, locals ----
q, total = queue.Queue(10), [0, 0]
simple = queue.SimpleQueue()


def produce(i):
    for k in range(N):
        q.put(k), simple.put(k)


def consume(i):
    mine = sum(q.get() for _ in range(N)) + sum(simple.get() for _ in range(N))
    with lock:
        total[0] += mine


together(produce, consume, produce, consume)
print(total[0] == 2 * 2 * sum(range(N)), q.empty(), simple.empty())
var, base = contextvars.ContextVar('var', default=-1), contextvars.copy_context()
local = threading.local()


def contexts(i):
    local.x = i
    for k in range(N):
        token = var.set((i, k))
        own = contextvars.copy_context()
        assert own[var] == (i, k) and own.run(var.get) == (i, k) and base.get(var) is None and base.copy().run(var.get) == -1
        var.reset(token)
        assert var.get() == -1 and local.x == i
        local.y = [k]


together(contexts, contexts, contexts, contexts)

# ---- text, numbers, checksums ----
pattern = re.compile(r'(?P<word>[a-z]+)|(\d+)')
scan, hits = pattern.finditer('abc 12 de 345 ' * 200), [[] for _ in range(4)]


def match(i):
    for k in range(N):
        assert pattern.findall('ab 12 cd') == [('ab', ''), ('', '12'), ('cd', '')]
        assert pattern.sub(lambda m: m[0].upper(), 'ab1') == 'AB1'
        assert re.compile('x%d+' % (k % 700)).match('x%d' % (k % 700)) and re.split('[,;]', 'a,b;c') == ['a', 'b', 'c']
        m = quiet(lambda: next(scan, None), ValueError, RuntimeError)
        if m:
            hits[i].append(m.span())


together(match, match, match, match)
print(len(set(sum(hits, []))) == len(sum(hits, [])))
dice, digest, packer = random.Random(5), hashlib.sha256(), struct.Struct('<IhQ')


def compute(i):
    for k in range(N):
        assert 0 <= dice.random() < 1 and 1 <= dice.randint(1, 6) <= 6
        dice.shuffle([1, 2, 3]), dice.getstate() if k % 100 == 0 else None
        digest.update(b'x'), digest.copy().hexdigest()
        assert packer.unpack(packer.pack(k, -i, k * k)) == (k, -i, k * k)
        assert json.loads(json.dumps({'k': [k, None, 1.5, 'x\xe9']})) == {'k': [k, None, 1.5, 'x\xe9']}
        assert zlib.decompress(zlib.compress(b'%d' % k)) == b'%d' % k
        assert int(str(7 ** 50 + k)) - k == 7 ** 50 and '{:>8,.2f}|%s'.format(k / 3) % k


together(compute, compute, compute, compute)
print(digest.hexdigest() == hashlib.sha256(b'x' * 4 * N).hexdigest())
packed, plain = zlib.compressobj(), b'some bytes ' * 20


def press(i):
    for k in range(N // 4):
        packed.compress(plain), packed.flush(zlib.Z_SYNC_FLUSH)


together(press, press, press, press)


print(errors)
