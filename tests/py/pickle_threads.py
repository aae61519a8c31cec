# Containers that change while they are pickled, one Pickler in two threads, many threads at once.
import io, pickle, sys, threading

sys.setswitchinterval(1e-5)


class Node:
    def __init__(self, i):
        self.i, self.next = i, None


shared = {'list': list(range(200)), 'dict': {i: str(i) for i in range(200)}, 'set': set(range(200)), 'nodes': [Node(i) for i in range(50)], 'bytes': bytearray(200)}
stop = threading.Event()
ready = threading.Barrier(7)
FINE = (RuntimeError, BufferError, pickle.PicklingError)
bad = []


def change():
    ready.wait()
    n = 0
    while not stop.is_set():
        n += 1
        shared['list'].append(n)
        del shared['list'][:2]
        shared['list'].append(-n)
        shared['dict'][n % 300] = n
        shared['dict'].pop((n + 7) % 300, None)
        shared['set'].add(n % 300)
        shared['set'].discard((n + 9) % 300)
        node = shared['nodes'][n % 50]
        node.i = n
        setattr(node, 'extra%d' % (n % 3), n)
        if n % 5 == 0:
            node.__dict__.pop('extra1', None)
        if n % 50 == 0:
            shared['nodes'][n % 50] = Node(n)
        try:
            shared['bytes'].append(n % 256)
            del shared['bytes'][:1]
        except BufferError:
            pass


def dump():
    ready.wait()
    try:
        for k in range(60):
            for name, v in list(shared.items()):
                try:
                    data = pickle.dumps(v, k % 6)
                except FINE:
                    continue
                back = pickle.loads(data)
                if type(back) is not type(v):
                    bad.append((name, type(back)))
    except Exception as e:
        bad.append(repr(e))


changers = [threading.Thread(target=change) for _ in range(2)]
dumpers = [threading.Thread(target=dump) for _ in range(4)]
for t in changers + dumpers:
    t.start()
ready.wait()
for t in dumpers:
    t.join()
stop.set()
for t in changers:
    t.join()
print(bad)

# One Pickler, one Unpickler: who comes second is told so, or waits his turn.
log = io.BytesIO()
pickler = pickle.Pickler(log)
data = pickle.dumps([Node(i) for i in range(200)])
done = []


class File:
    def __init__(self):
        self.f = io.BytesIO(data)

    def read(self, n=-1):
        return self.f.read(n)

    def readline(self):
        return self.f.readline()


def share(i):
    mine = 0
    for k in range(50):
        try:
            pickler.dump([k] * 20)
            mine += 1
        except RuntimeError:
            pass
        try:
            pickler.memo.copy()
            pickler.clear_memo()
        except RuntimeError:
            pass
        assert len(pickle.load(File())) == 200
    done.append(mine)


threads = [threading.Thread(target=share, args=(i,)) for i in range(4)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(len(done), sum(done) > 0)

# The same objects pickled by many threads come out the same.
graph = [{'id': i, 'name': 'n%d' % i, 'node': Node(i)} for i in range(200)]
want = pickle.dumps(graph)
same = []


def whole():
    for _ in range(20):
        same.append(pickle.dumps(graph) == want and len(pickle.loads(want)) == 200)


threads = [threading.Thread(target=whole) for _ in range(4)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(len(same), all(same))
