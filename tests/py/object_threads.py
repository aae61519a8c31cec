# SPDX-License-Identifier: Apache-2.0
# Attributes, classes and instances under several threads at once: values stay whole, nobody crashes.
import threading
class A:
    k = 0
    def __init__(self): self.a = 1
    def m(self): return self.a
shared = A()
errors = []
def guard(f):
    def run():
        try: f()
        except BaseException as e: errors.append(repr(e))
    return run
def setter():
    for i in range(5000): setattr(shared, 'x%d' % (i % 150), i)
def deleter():
    for i in range(2000):
        try: del shared.x1
        except AttributeError: pass
        shared.x1 = i
def getter():
    for i in range(5000):
        getattr(shared, 'x%d' % (i % 150), None); assert shared.a == 1 and shared.m() == 1
def class_changer():
    for i in range(1500):
        A.k = i; setattr(A, 'n%d' % (i % 10), i)
        if i % 3 == 0:
            try: delattr(A, 'n%d' % (i % 10))
            except AttributeError: pass
def class_maker():
    for i in range(200):
        class B(A):
            def m(self): return 2
        b = B(); b.z = 1; assert b.m() == 2 and b.a == 1
def dict_user():
    for i in range(1000):
        o = A(); o.__dict__['q'] = i; assert o.q == i; shared.__dict__.get('a')
def stable():
    for i in range(10000):
        o = A(); o.b = 2; o.c = 3; assert o.a + o.b + o.c == 6 and o.m() == 1
for _ in range(2):
    threads = [threading.Thread(target=guard(f)) for f in (setter, deleter, getter, getter, class_changer, class_maker, dict_user, stable)]
    for t in threads: t.start()
    for t in threads: t.join()
print(errors, shared.a, sorted(shared.__dict__)[:3], len(shared.__dict__))
