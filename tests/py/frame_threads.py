# SPDX-License-Identifier: Apache-2.0
# The last word to the frame object of a running function goes in another thread: as garbage of a collection there, or taken from a list.
import gc, threading
gc.disable()
class Ring: pass
box, errors, done = [], [], threading.Event()
def raiser(): raise ValueError('x')
def worker():
    local = 'kept'
    for i in range(400):
        try: raiser()
        except ValueError as e:
            r = Ring()
            r.me, r.exc = r, e     # e -> traceback -> the frame of this function, which runs on
            box.append(e)
            del r
        if local != 'kept': errors.append(local)
def taker():
    while not done.is_set():
        try: box.pop()
        except IndexError: pass
        gc.collect()
takers = [threading.Thread(target=taker) for _ in range(2)]
workers = [threading.Thread(target=worker) for _ in range(3)]
for t in takers + workers: t.start()
for t in workers: t.join()
done.set()
for t in takers: t.join()
print(errors)
