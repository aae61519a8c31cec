# SPDX-License-Identifier: Apache-2.0
"""The kernels of the interpreter benchmark: NAME [--threads T] prints the seconds that one run takes, T threads at once each doing all of it."""
import sys
import time


def count(n):
    while n > 0:
        n -= 1
    return n


def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)


def sumsquares(n):
    return sum(i * i for i in range(n))


class Body:
    def __init__(self, x, y, z, vx, vy, vz, mass):
        self.x = x
        self.y = y
        self.z = z
        self.vx = vx
        self.vy = vy
        self.vz = vz
        self.mass = mass


def nbody(n):
    a = Body(1., 2., 3., .1, .2, .3, 5.)
    b = Body(-1., -2., -3., -.1, -.2, -.3, 2.)
    i = 0
    while i < n:
        dx = a.x - b.x
        dy = a.y - b.y
        dz = a.z - b.z
        d2 = dx * dx + dy * dy + dz * dz
        mag = 0.01 / (d2 * d2)
        m = b.mass * mag
        a.vx -= dx * m
        a.vy -= dy * m
        a.vz -= dz * m
        m = a.mass * mag
        b.vx += dx * m
        b.vy += dy * m
        b.vz += dz * m
        a.x += 0.01 * a.vx
        a.y += 0.01 * a.vy
        a.z += 0.01 * a.vz
        b.x += 0.01 * b.vx
        b.y += 0.01 * b.vy
        b.z += 0.01 * b.vz
        i += 1
    return a.x


class Counter:
    def __init__(self):
        self.v = 0

    def inc(self):
        self.v += 1

    def add(self, n):
        self.v += n

    def get(self):
        return self.v


def methods(n):
    c = Counter()
    i = 0
    while i < n:
        c.inc()
        c.add(2)
        if c.get() > 1000000:
            c.v = 0
        i += 1
    return c.v


class Point:
    def __init__(self, a, b):
        self.a = a
        self.b = b


def objects(n):
    total = 0
    for r in range(n):
        points = []
        for i in range(1000):
            points.append(Point(i, r))
        for p in points:
            total += p.a
    return total


def churn(n):
    total = 0
    for r in range(n):
        d = {}
        for i in range(200):
            d[i] = [i, i + 1]
        keys = [k for k in d if k % 3 == 0]
        for k in keys:
            d[k].append(k)
        text = []
        for k in keys:
            text.append('k%d' % k)
        s = ','.join(text)
        total += len(s) + sum(len(v) for v in d.values())
    return total


KERNELS = {
    'count': (count, 30000000),
    'fib': (fib, 31),
    'sumsquares': (sumsquares, 12000000),
    'nbody': (nbody, 1200000),
    'methods': (methods, 4500000),
    'objects': (objects, 2400),
    'churn': (churn, 12000),
}


def main():
    name = sys.argv[1]
    threads = int(sys.argv[3]) if len(sys.argv) > 3 and sys.argv[2] == '--threads' else 0
    parked = len(sys.argv) > 2 and sys.argv[2] == '--parked'
    function, size = KERNELS[name]
    if parked:
        import threading
        gate = threading.Event()
        other = threading.Thread(target=gate.wait)
        other.start()
    if threads:
        import threading
        workers = [threading.Thread(target=function, args=(size,)) for _ in range(threads)]
        start = time.perf_counter()
        for w in workers:
            w.start()
        for w in workers:
            w.join()
        print(time.perf_counter() - start)
    else:
        start = time.perf_counter()
        function(size)
        print(time.perf_counter() - start)
    if parked:
        gate.set()
        other.join()


main()
