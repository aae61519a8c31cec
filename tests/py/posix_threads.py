# SPDX-License-Identifier: Apache-2.0
"""The library's threading on our _thread; time, select and fcntl beside it."""
import _thread, time, threading, select, fcntl, posix
print(_thread.LockType.__name__, threading.TIMEOUT_MAX)
l = threading.Lock()
print(l.acquire(timeout=0.01), l.acquire(timeout=0.01), l.locked()); l.release()
loc = threading.local()
loc.x = 1
res = []
def f(n):
    try: loc.x
    except AttributeError as e: res.append(str(e))
    loc.x = n; res.append(loc.__dict__)
ts = [threading.Thread(target=f, args=(i,)) for i in range(3)]
for t in ts: t.start(); t.join()
print(res, loc.x)
class L(threading.local):
    y = 5
    def __init__(self, a): self.a = a
d = L(3)
def g():
    print(d.a, d.y, d.__dict__); d.a = 9
t = threading.Thread(target=g); t.start(); t.join(); print(d.a)
e = threading.Event()
c = threading.Condition()
def w():
    with c: c.wait(); res.append('woken')
t = threading.Thread(target=w); t.start()
while not c._waiters: pass
with c: c.notify()
t.join(); print(res[-1])
def bad(): 1/0
print(t.is_alive(), threading.active_count(), threading.main_thread().name)
st = time.gmtime(0); print(st, time.strftime('%Y-%m-%d %H:%M:%S', st), time.asctime(st), time.mktime(time.localtime(5)))
print(time.tzname, time.timezone, time.get_clock_info('monotonic').monotonic)
r, wr = posix.pipe()
print(select.select([r], [wr], [], 0)[1] == [wr])
p = select.poll(); p.register(r, select.POLLIN); print(p.poll(0)); posix.write(wr, b'x'); print(p.poll(100) == [(r, 1)])
with select.epoll() as ep:
    ep.register(r, select.EPOLLIN); print(ep.poll(1) == [(r, 1)])
print(ep.closed, fcntl.fcntl(r, fcntl.F_GETFD))
t = threading.Timer(0.01, print, ['timer']); t.start(); t.join()
s = threading.Semaphore(2); b = threading.Barrier(2)
t = threading.Thread(target=b.wait); t.start(); b.wait(); t.join()
print(threading.stack_size(), threading.get_native_id() == posix.getpid(), _thread._count())
def late():
    time.sleep(0.05); print('late')
threading.Thread(target=late).start()
print('end')
