# SPDX-License-Identifier: Apache-2.0
"""Threads and locks: results are the same whoever runs first."""
import threading

total = 0
lock = threading.Lock()


def add(n):
    global total
    for _ in range(n):
        with lock:
            total += 1


threads = [threading.Thread(target=add, args=(2000,)) for _ in range(4)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(total, [t.is_alive() for t in threads])

items, done = [], threading.Event()
cond = threading.Condition()


def consumer():
    got = []
    while len(got) < 100:
        with cond:
            while not items:
                cond.wait()
            got.append(items.pop(0))
    print(sum(got))
    done.set()


c = threading.Thread(target=consumer)
c.start()
for i in range(100):
    with cond:
        items.append(i)
        cond.notify()
print(done.wait(30))
c.join()

shared = {}


def fill(k):
    for i in range(1000):
        shared[k, i] = i
        shared.get((k - 1, i))


threads = [threading.Thread(target=fill, args=(k,)) for k in range(4)]
[t.start() for t in threads]
[t.join() for t in threads]
print(len(shared), sum(shared.values()))

log = []


def work(k):
    parts = [str(j) for j in range(200)]
    text = ','.join(parts)
    objs = [type('X', (), {})() for _ in range(20)]
    for o in objs:
        o.value = k
    log.append((k, len(text), sum(o.value for o in objs)))


threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
[t.start() for t in threads]
[t.join() for t in threads]
print(sorted(log))

local = threading.local()
local.x = 'main'
seen = []


def see():
    seen.append(hasattr(local, 'x'))
    local.x = 'thread'
    seen.append(local.x)


t = threading.Thread(target=see)
t.start()
t.join()
print(seen, local.x)
r = threading.RLock()
with r:
    with r:
        print('reentered')
print(lock.acquire(False), lock.acquire(False), lock.locked())
lock.release()
print(lock.acquire(timeout=0.01))
lock.release()
try:
    lock.release()
except RuntimeError as e:
    print(e)
print(threading.current_thread().name, threading.main_thread() is threading.current_thread())
