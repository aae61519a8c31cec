# One bytearray in four threads: nothing that was appended is lost, nothing is taken twice, no view sees freed memory.
import threading

N = 20000


def together(*work):
    threads = [threading.Thread(target=f) for f in work]
    for t in threads:
        t.start()
    for t in threads:
        t.join()


shared = bytearray()
together(*[lambda c=c: [shared.append(c) for _ in range(N)] for c in range(4)])
print(len(shared), [shared.count(c) for c in range(4)])
taken = []


def take():
    mine = []
    while True:
        try:
            mine.append(shared.pop(0))
        except IndexError:
            break
    taken.extend(mine)


together(*[take] * 4)
print(len(taken), [taken.count(c) for c in range(4)], len(shared))
done = []


def unless_viewed(change, *args):
    try:
        change(*args)
    except BufferError:                     # a view is on it
        pass


def feed():
    for i in range(N):
        unless_viewed(shared.extend, b'0123456789' * (i % 7))
    done.append(1)


def cut():
    while not done:
        unless_viewed(shared.__delitem__, slice(None, 17))
        unless_viewed(shared.__delitem__, slice(20, None))


def look():
    bad = 0
    while not done:
        text = bytes(shared)
        bad += sum(c not in b'0123456789' for c in text[:100])
        try:
            with memoryview(shared) as m:
                for c in m[:50]:
                    bad += not 48 <= c <= 57
        except BufferError:
            pass
        shared.find(b'9'), shared == text, shared[3:9], shared.hex()[:8], len(shared)
    assert bad == 0, bad


together(feed, cut, look, look)
print('done')
