# SPDX-License-Identifier: Apache-2.0
# contextvars, SimpleQueue, atexit, what gc tells of itself.
import _contextvars, atexit, _queue, gc, _thread, _typing
from _contextvars import *
def err(f, *a, **k):
    try: return f(*a, **k)
    except Exception as e: return type(e).__name__, str(e)
v = ContextVar('v', default=3); w = ContextVar('w')
print(v.get(), v.get(5), err(w.get)[0], w.get(9), v.name, repr(v)[:34], _contextvars.Context)
tok = v.set(10); c = copy_context(); tok2 = v.set(11); print(v.get(), c[v], tok.old_value is Token.MISSING, tok2.old_value, tok.var is v, Token.MISSING)
v.reset(tok2); print(v.get(), err(v.reset, tok2)[0], err(w.reset, tok)[0]); v.reset(tok); print(v.get())
def f(a, b=0): v.set(99); return a + b, v.get(), err(c.run, f)[0]
print(c.run(f, 1, b=2), v.get(), c[v], len(c), list(c) == [v], list(c.values()), c == copy_context(), c.copy() == c, w in c, c.get(w), err(lambda: c[w])[0], err(lambda: c[1]))
print(err(ContextVar), err(ContextVar, 1), err(Token), err(Context, 1), err(v.set), ContextVar[int])
def g():
    q.put(v.get()); v.set(1)
q = _queue.SimpleQueue(); _thread.start_new_thread(g, ()); print(q.get(), v.get(), err(q.get, False), err(q.get, timeout=0.01), err(q.get_nowait), err(q.get, timeout=-1), q.empty(), q.qsize())
out = _queue.SimpleQueue()
def worker():
    while (x := q.get()) is not None: out.put(x * 2)
    out.put(None)
for _ in range(4): _thread.start_new_thread(worker, ())
for i in range(5000): q.put(i)
for _ in range(4): q.put(None)
got = []; done = 0
while done < 4:
    x = out.get()
    if x is None: done += 1
    else: got.append(x)
print(sorted(got) == [2 * i for i in range(5000)])
print(_typing._idfunc(5), atexit._ncallbacks(), err(atexit.register, 1), err(atexit.register))
atexit.register(print, 'last'); atexit.register(print, 'first', end='!\n'); h = atexit.register(lambda: print('never')); atexit.unregister(h)
log = []; gc.callbacks.append(lambda p, i: log.append((p, sorted(i)))); gc.collect(); print(log); gc.callbacks.clear()
print(gc.get_debug(), gc.set_debug(0), [sorted(s) for s in gc.get_stats()], err(gc.get_objects, 5), err(gc.collect, 9), gc.DEBUG_LEAK)
