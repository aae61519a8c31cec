# SPDX-License-Identifier: Apache-2.0
"""The producer of a chaos run, a process of its own on a host of its own: sends every task again under the same id until it is accepted, waits for every
result, and writes down what it sent, what was accepted and what it was told. Judging is left to judge.py.

    load.py LOG SEED TASKS SECONDS BROKER…     commands on standard input: `burst N MS`, `stop`
"""
import json
import os
import random
import socket
import sys
import threading
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(TOP, 'tests', 'system'), os.path.join(TOP, 'sdk', 'python')]
import krait
import wire

OK, EXISTS = 1, 2
DONE, DEAD, CANCELLED = 4, 5, 6
WINDOW = 1500                  # accepted and not ended
ENDED = (DONE, DEAD, CANCELLED)

# kind: share, milliseconds, failures, most retries, delay in ms; kinds without the last three also go through the Python package
KINDS = {
    'quick':  (.780, (0, 0),         0, 0, 0),
    'short':  (.145, (5, 60),        0, 0, 0),
    'mid':    (.020, (100, 400),     0, 0, 0),
    'long':   (.0002, (18000, 22000), 0, 0, 0),
    'again':  (.025, (0, 5),         2, 3, 0),
    'fail':   (.010, (0, 5),        -1, 1, 0),
    'later':  (.015, (0, 5),         0, 0, 3000),
    'cancel': (.0048, (50, 50),      0, 0, 500),
    'burst':  (0, (150, 400),        0, 0, 0),      # on command: keeps the slots busy, and nothing goes before it
}


class Task:
    __slots__ = ('key', 'queue', 'kind', 'ms', 'failures', 'retries', 'delay', 'priority')

    def __init__(self, key, queue, kind, rng, ms=None):
        _, span, self.failures, self.retries, self.delay = KINDS[kind]
        self.key, self.queue, self.kind = key, queue, kind
        self.ms = rng.randint(*span) if ms is None else ms
        self.priority = 9 if kind == 'burst' else rng.randrange(9) if rng.random() < .1 else 0

    @property
    def id(self):
        return self.queue + '/' + self.key

    def message(self):
        options = {'max_deliveries': 100, 'priority': self.priority, 'has_priority': True}
        if self.retries:
            options['retry'] = {'max': self.retries}
        if self.delay:
            options['delay_ms'] = self.delay
        values = {'key': self.key, 'queue': self.queue, 'name': 'tasks.work', 'payload': wire.payload(self.ms, self.failures), 'options': options}
        return wire.SCHEMA.encode('Task', values)


class Load:
    def __init__(self, log, seed, tasks, seconds, brokers, token):
        self.log, self.log_lock = open(log, 'a', buffering=1), threading.Lock()
        self.seed, self.target, self.seconds, self.brokers, self.token = seed, tasks, seconds, brokers, token
        self.lock = threading.Lock()
        self.changed = threading.Condition(self.lock)      # something was accepted or ended, a command came
        self.made, self.accepted, self.ended = 0, 0, 0
        self.new, self.to_cancel = [], []          # ids for the waiter, for the canceller
        self.begin = time.monotonic()
        self.bursts, self.hurry = [], False

    def note(self, what, **values):
        line = json.dumps({'what': what, 't': round(time.time(), 4), **values})
        with self.log_lock:
            self.log.write(line + '\n')

    def due(self):
        """How many may be made now: `hurry` says that all is calm and no burst will come."""
        elapsed = time.monotonic() - self.begin
        should = self.target if self.hurry else min(self.target, int(self.target * elapsed / self.seconds) + 50)
        return max(0, min(should - self.made, WINDOW - (self.accepted - self.ended)))

    def make(self, rng, most, kinds):
        with self.lock:
            if self.bursts and kinds is KINDS:
                n, ms = self.bursts.pop()
                kind = 'burst'
            else:
                n, ms, kind = min(self.due(), rng.randint(1, most)), None, None
            first = self.made
            self.made += n
        names, weights = list(kinds), [KINDS[k][0] for k in kinds]
        tasks = [Task('c%d-%d' % (self.seed, i), 'other' if rng.random() < .2 else 'default', kind or rng.choices(names, weights)[0], rng, ms)
                 for i in range(first, first + n)]
        if tasks:
            self.note('sent', tasks={t.id: t.kind for t in tasks})
        return tasks

    def took(self, tasks, how):
        with self.lock:
            self.accepted += len(tasks)
            self.new += [t.id for t in tasks]
            self.to_cancel += [t.id for t in tasks if t.kind == 'cancel']
            self.changed.notify_all()
        self.note('accepted', how=how, ids=[t.id for t in tasks])

    def full(self):
        return self.hurry and self.made >= self.target and not self.bursts

    def connect(self, rng):
        while True:
            try:
                return wire.Producer(rng.choice(self.brokers), token=self.token, timeout=5)
            except (OSError, wire.Closed, AssertionError, KeyError):       # KeyError: an error frame, as when the store is away
                time.sleep(.05)                    # the pace of a producer that tries again; the run has a deadline

    def rest(self):
        """Until there may be more to make: something changed, or, as time alone makes more due, a short while."""
        with self.changed:
            self.changed.wait(.02)

    # ---- threads

    def by_wire(self, number):
        rng = random.Random('%d wire %d' % (self.seed, number))
        left, link = [], None
        while left or not self.full():
            left = left or self.make(rng, 200, KINDS)
            if not left:
                self.rest()
                continue
            link = link or self.connect(rng)
            try:
                if rng.random() < .02:             # asks, and goes before it heard the answer
                    link.send('enqueue', seq=1 << 40, tasks=[t.message() for t in left])
                    raise wire.Closed('by whim')
                answers = link.enqueue(*[t.message() for t in left])
            except (OSError, wire.Closed, AssertionError, KeyError):
                link.close()
                link = None
                continue
            good = [t for t, a in zip(left, answers) if a['outcome'] in (OK, EXISTS)]
            left = [t for t, a in zip(left, answers) if a['outcome'] not in (OK, EXISTS)]
            if good:
                self.took(good, 'wire')
            if left:
                time.sleep(.05)                    # the pace at which what was refused is sent again

    def by_package(self):
        rng = random.Random('%d package' % self.seed)
        apps = [krait.App('tasks', broker=b, token=self.token, deadline=5) for b in self.brokers]
        while not self.full():
            tasks = self.make(rng, 20, ('quick', 'short', 'mid'))
            for queue in ('default', 'other'):
                some = [t for t in tasks if t.queue == queue]
                while some:
                    try:
                        rng.choice(apps).send_many([('tasks.work', (t.ms, t.failures), None) for t in some], task_ids=[t.key for t in some], queue=queue,
                                                   max_deliveries=100)
                        self.took(some, 'package')
                        some = None
                    except krait.KraitError:
                        time.sleep(.05)            # the pace at which what was refused is sent again
            self.rest()

    def cancel(self):
        rng = random.Random('%d cancel' % self.seed)
        link = None
        while not self.over():
            with self.changed:
                self.changed.wait_for(lambda: self.to_cancel or self.over(), 1)
                some, self.to_cancel = self.to_cancel[:50], self.to_cancel[50:]
            while some:
                link = link or self.connect(rng)
                try:
                    states = [r['state'] for r in link.ask('cancel', 'cancel_reply', ids=some, running=True, reason='chaos')['tasks']]
                    self.note('cancelled', ids=dict(zip(some, states)))
                    some = None
                except (OSError, wire.Closed, AssertionError, KeyError):
                    link.close()
                    link = None

    def over(self):
        return self.hurry and self.full() and self.ended >= self.accepted >= self.made

    def wait(self):
        rng = random.Random('%d wait' % self.seed)
        pending, asked, link, seq = set(), {}, None, 0
        while not self.over():
            with self.lock:
                fresh, self.new = self.new, []
            pending.update(fresh)
            if link is None:
                link, asked, fresh = self.connect(rng), {}, sorted(pending)
                link.sock.settimeout(.05)
                heard = time.monotonic()
            try:
                for at in range(0, len(fresh), 500):
                    seq += 1
                    some = fresh[at:at + 500]
                    asked[seq] = set(some)
                    link.sock.settimeout(5)
                    link.send('wait', seq=seq, ids=some, timeout_ms=8000)
                    link.sock.settimeout(.05)
                while True:
                    kind, body = link.read()
                    heard = time.monotonic()
                    if kind == 'result':
                        self.results(body, asked, pending)
                    elif kind == 'error':
                        raise wire.Closed(body['text'])
                    if self.new:
                        break
            except TimeoutError:
                if asked and time.monotonic() - heard > 12:      # every wait was to be answered within 8 s
                    link.close()
                    link = None
            except (OSError, wire.Closed):
                link.close()
                link = None

    def results(self, body, asked, pending):
        told, again, open_ = {}, [], asked.get(body['seq'], set())
        for one in body['tasks']:
            if one['id'] not in open_:
                self.note('answered twice', id=one['id'], seq=body['seq'])
            open_.discard(one['id'])
            if one['state'] not in ENDED:
                again.append(one['id'])
                continue
            out = wire.outcome(one)
            value = wire.SCHEMA.decode('Value', out['value']) if out['value'] else None
            pair = [v['text'] or v['integer'] for v in value['list']['items']] if value else None
            told[one['id']] = (one['state'], out['reason'], out['attempt'], pair)
        if not open_:
            asked.pop(body['seq'], None)
        fresh = [i for i in told if i in pending]
        pending.difference_update(fresh)
        with self.lock:
            self.ended += len(fresh)
            self.new += again
            self.changed.notify_all()
        if told:
            self.note('told', results=told)

    def listen(self):
        for line in sys.stdin:
            words = line.split()
            with self.changed:
                if words[0] == 'burst':
                    self.target += int(words[1])
                    self.bursts.append((int(words[1]), int(words[2])))
                elif words[0] == 'hurry':
                    self.hurry = True
                self.changed.notify_all()

    def run(self):
        threading.Thread(target=self.listen, daemon=True).start()
        threads = [threading.Thread(target=f, args=a, daemon=True) for f, a in
                   ((self.by_wire, (0,)), (self.by_wire, (1,)), (self.by_package, ()), (self.cancel, ()), (self.wait, ()))]
        for thread in threads:
            thread.start()
        while not self.over():
            if not all(t.is_alive() for t in threads[3:]):
                break
            self.note('state', made=self.made, accepted=self.accepted, ended=self.ended)
            with self.changed:
                self.changed.wait_for(self.over, .2)
        self.note('finished' if self.over() else 'broken', made=self.made, accepted=self.accepted, ended=self.ended)


if __name__ == '__main__':
    socket.setdefaulttimeout(5)
    log, seed, tasks, seconds, *brokers = sys.argv[1:]
    Load(log, int(seed), int(tasks), float(seconds), brokers, os.environ['KRAIT_TOKEN']).run()
