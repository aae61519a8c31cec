# SPDX-License-Identifier: Apache-2.0
"""One queue system under test, as a process of its own: `side.py SYSTEM PHASE N`, with REDIS_URL and the system's own variables set by `run`. Prints one JSON object.

Phases: `single` (enqueue one after the other, nobody works), `bulk` (the same in bulk, if it can), `through` (enqueue N, then until the last result is in hand),
`idle` (one at a time when nothing else runs)."""
import json
import os
import sys
import time


def now():
    return time.perf_counter()


class Krait:
    def __init__(self):
        from krait import App
        self.app = App('bench', deadline=60)

        @self.app.task(name='bench.noop', queue='bench')
        def noop():
            return None
        self.noop = noop

    def one(self):
        return self.noop.delay()

    def bulk(self, n):
        return self.noop.delay_many([()] * n)

    def collect(self, handles):
        if hasattr(self.app, 'results'):
            self.app.results(handles).get(timeout=120)
        else:
            for handle in handles:
                handle.get(timeout=120)

    def result(self, handle):
        handle.get(timeout=60)


class Celery:
    bulk = None

    def __init__(self):
        sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
        from celery_app import app, noop
        self.app, self.noop = app, noop

    def one(self):
        return self.noop.delay()

    def collect(self, handles):
        from celery.result import ResultSet
        ResultSet(handles, app=self.app).join_native(timeout=120)

    def result(self, handle):
        handle.get(timeout=60)


class Rq:
    def __init__(self):
        import redis
        from rq import Queue
        self.redis = redis.Redis.from_url(os.environ['REDIS_URL'])
        self.queue = Queue('bench', connection=self.redis)

    def one(self):
        return self.queue.enqueue('rq_app.noop', result_ttl=600)

    def bulk(self, n):
        return self.queue.enqueue_many([self.queue.prepare_data('rq_app.noop', result_ttl=600) for _ in range(n)])

    def collect(self, handles):
        from rq.job import Job
        left = [h.id for h in handles]
        while left:
            jobs = Job.fetch_many(left[:200], connection=self.redis)
            left = [i for i, j in zip(left[:200], jobs) if not j.is_finished] + left[200:]
            if len(left) > 0:
                time.sleep(.002)

    def result(self, handle):
        while not handle.is_finished:              # RQ has no way to wait but to look
            time.sleep(.0005)


def phase(side, what, n):
    if what == 'single':
        side.one()                             # connects, imports what it needs
        t = now()
        for _ in range(n):
            side.one()
        return {'per_s': n / (now() - t)}
    if what == 'bulk':
        if not side.bulk:
            return {'per_s': None}
        t = now()
        side.bulk(n)
        return {'per_s': n / (now() - t)}
    if what == 'through':
        t = now()
        handles = side.bulk(n) if side.bulk else [side.one() for _ in range(n)]
        side.collect(handles)
        return {'per_s': n / (now() - t)}
    times = []
    for _ in range(n):
        t = now()
        side.result(side.one())
        times.append((now() - t) * 1000)
    times.sort()
    return {'p50_ms': times[n // 2], 'p99_ms': times[min(n - 1, n * 99 // 100)]}


def main():
    system, what, n = sys.argv[1:]
    side = {'krait': Krait, 'celery': Celery, 'rq': Rq}[system]()
    print(json.dumps(phase(side, what, int(n))))


if __name__ == '__main__':
    main()
