# SPDX-License-Identifier: Apache-2.0
"""The Redis functions against a model: random operations on one partition, every answer and the whole state compared.

The clock of the functions is a key that the test moves, so that deadlines, delays and expiries are exact. What TTL does
to a key is checked by asking for it, not by waiting. KRAIT_MODEL_OPS sets the number of operations (default 10000),
KRAIT_MODEL_SEED the seed.
"""
import os
import random
import struct
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import resp

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FUNCTIONS = os.path.join(TOP, 'broker', 'functions')
ORDER = ['record', 'group', 'enqueue', 'claim', 'ack', 'session', 'look', 'admin']
QUEUED, DELAYED, ACTIVE, DONE, DEAD, CANCELLED = range(1, 7)
FAILED, EXPIRED, UNKNOWN, LOST, CANCEL_REASON = 1, 2, 3, 4, 7
P = 'kr:{default/q/0}'
BROKERS = ['broker-A', 'broker-B']
SIDS = ['%016x' % n for n in range(1, 6)]
TTL, DAY, DEDUPE, DLQ_AGE, DLQ_MAX = 15000, 86400000, 600000, 604800000, 25
UNKNOWN_AFTER = 60000


def library():
    text = '#!lua name=krait_v2\n'
    for name in ORDER:
        with open(os.path.join(FUNCTIONS, name + '.lua')) as file:
            text += file.read()
    clock = "local t = call('TIME')\n  return t[1] * 1000 + math.floor(t[2] / 1000)"
    assert text.count(clock) == 1
    return text.replace(clock, "return tonumber(call('GET', 'test:now'))")


def six(n):
    return struct.pack('>Q', n)[2:]


def ack_ctl(attempt, sid, to, reason=0, delay=0):
    return struct.pack('>I16sBB', attempt, sid.encode(), to, reason) + six(delay)


class Task:
    def __init__(self, key, now, prio, delay, expires, result_ttl, max_deliveries, max_retries, watch, body):
        self.key, self.prio, self.body, self.watch = key, prio, body, watch
        self.control = (1 if delay else 0) | (4 if expires else 0) | (8 if watch else 0)
        self.delay, self.expires_in, self.result_ttl = delay, expires, result_ttl
        self.expires = now + expires if expires else 0
        self.max_deliveries, self.max_retries = max_deliveries, max_retries
        self.state, self.due = (DELAYED, now + delay) if delay else (QUEUED, 0)
        self.attempt = self.deliveries = self.retries = self.started = self.unknown = 0
        self.sid, self.cancel, self.enqueued, self.moved = None, False, now, now
        self.waiters, self.reason, self.outcome = set(), 0, b''

    def tail(self):
        return (struct.pack('>BB', self.prio, self.control) + six(self.delay) + six(self.expires_in) +
                six(self.result_ttl) + six(DEDUPE) +
                struct.pack('>BHBI', self.max_deliveries, self.max_retries, 0, len(self.body)) + self.body)


class Record:
    """What stands in Redis, unpacked."""

    def __init__(self, raw):
        (self.version, self.state, self.reason, moved, self.attempt, sid, started, self.deliveries, self.retries,
         self.flags, self.waiter, unknown, enqueued) = struct.unpack('>BBB6sI16s6sHHB8s6s6s', raw[:60])
        self.prio, self.control, due, expires, ttl, dedupe, self.max_deliveries, self.max_retries, group, body = \
            struct.unpack('>BB6s6s6s6sBHBI', raw[60:94])
        wide = lambda b: int.from_bytes(b, 'big')
        self.sid = None if sid == b'\0' * 16 else sid.decode()
        self.moved, self.started, self.unknown, self.enqueued = map(wide, (moved, started, unknown, enqueued))
        self.expires = wide(expires)
        self.body, self.outcome = raw[94 + group:94 + group + body], raw[94 + group + body:]


class Model:
    def __init__(self):
        self.now = 1700000000000
        self.tasks = {}
        self.ready = {prio: [] for prio in range(10)}
        self.deadlines, self.fenced, self.dead = {}, set(), []
        self.n = dict.fromkeys(('done', 'died', 'cancelled'), 0)

    def held(self, sid):
        return {t.key: t for t in self.tasks.values() if t.state == ACTIVE and t.sid == sid}

    def count(self, state):
        return sum(t.state == state for t in self.tasks.values())

    def leave(self, task):
        sid, task.sid = task.sid, None
        if task.state == ACTIVE and not any(t is not task for t in self.held(sid).values()):
            self.deadlines.pop(sid, None)

    def idle(self, task, state, front=False):
        self.leave(task)
        task.state, task.moved, task.started = state, self.now, 0
        if state == QUEUED:
            line = self.ready[task.prio]
            line.insert(0, task.key) if front else line.append(task.key)

    def end(self, task, state, reason, outcome=b''):
        """Returns the keys that fell off the dead letters."""
        sid = task.sid
        self.leave(task)
        task.sid, task.state, task.reason, task.moved, task.ended_by = sid, state, reason, self.now, sid
        task.outcome = outcome if state == DEAD or task.result_ttl else b''
        if state != DEAD:
            task.body = b''
            self.n['done' if state == DONE else 'cancelled'] += 1
            return
        self.n['died'] += 1
        self.trim()
        self.dead.append((self.now, task.key))
        self.dead.sort()

    def trim(self):
        self.dead = [d for d in self.dead if d[0] > self.now - DLQ_AGE]
        while len(self.dead) >= DLQ_MAX:
            self.tasks.pop(self.dead.pop(0)[1])

    def back(self, task, died):
        if died and not task.started:
            task.deliveries += 1
        counts = died or task.started
        if task.cancel:
            self.end(task, CANCELLED, CANCEL_REASON)
        elif counts and task.deliveries >= task.max_deliveries:
            self.end(task, DEAD, LOST)
        else:
            self.idle(task, QUEUED, front=True)
            return 'o'
        return 'x'

    def expired(self, task):
        return task.expires and task.expires <= self.now


class FunctionsAgainstModel(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = resp.Server().__enter__()
        cls.addClassCleanup(cls.server.__exit__)
        cls.redis = cls.server.client()
        cls.addClassCleanup(cls.redis.close)
        cls.redis('FUNCTION', 'LOAD', library())

    def setUp(self):
        self.redis('FLUSHALL')
        self.m = Model()
        self.redis('SET', 'test:now', self.m.now)
        self.redis('HSET', P + ':c', 'dlq_max', DLQ_MAX)
        seed = int(os.environ.get('KRAIT_MODEL_SEED', random.randrange(1 << 32)))
        self.rng = random.Random(seed)
        self.hints = 'KRAIT_MODEL_SEED=%d' % seed
        self.made = 0

    def fcall(self, name, *args):
        return self.redis('FCALL', 'kr2_' + name, 1, P + ':c', *args)

    def some(self, most=6):
        """Keys, most of them known, each once."""
        keys = self.rng.sample(sorted(self.m.tasks), min(len(self.m.tasks), self.rng.randint(0, most)))
        return keys + (['nobody'] if self.rng.random() < .1 else [])

    # ---- operations, each on the model and on Redis

    def op_enqueue(self):
        rng, m, args, want = self.rng, self.m, [], ''
        for _ in range(rng.randint(1, 12)):
            if rng.random() < .15 and m.tasks:
                key = rng.choice(sorted(m.tasks))
            else:
                self.made += 1
                key = 'k%d' % self.made
            task = Task(key, m.now, rng.choice([0, 4, 4, 4, 9]), rng.choice([0, 0, 0, 1, 700, 90000]),
                        rng.choice([0, 0, 0, 0, 1500]), rng.choice([0, DAY, DAY, 1000]), rng.randint(1, 3),
                        rng.randint(0, 2), rng.random() < .3, os.urandom(rng.randint(0, 60)))
            args += [key, task.tail()]
            if key in m.tasks:
                want += 'e'
                continue
            want += 'n'
            task.waiters = {BROKERS[0]} if task.watch else set()
            m.tasks[key] = task
            if task.state == QUEUED:
                m.ready[task.prio].append(key)
        self.assertEqual(self.fcall('enqueue', BROKERS[0], rng.randint(0, 3), *args).decode(), want)

    def op_claim(self):
        rng, m = self.rng, self.m
        asked = [(sid, rng.randint(1, 8)) for sid in rng.sample(SIDS, rng.randint(1, 2))]
        reply = self.fcall('claim', rng.choice(BROKERS), TTL, *[x for pair in asked for x in pair])
        for task in sorted((t for t in m.tasks.values() if t.state == DELAYED and t.due <= m.now),
                           key=lambda t: (t.due, t.key.encode())):
            task.state, task.moved = QUEUED, m.now
            m.ready[task.prio].append(task.key)
        want, took = sum(n for _, n in asked), []
        for prio in range(9, -1, -1):
            while m.ready[prio] and len(took) < want:
                task = m.tasks.get(m.ready[prio].pop(0))
                if m.expired(task):
                    m.end(task, DEAD, EXPIRED)
                else:
                    took.append(task)
        self.assertEqual(reply[1], m.now)
        at = 2
        for sid, most in asked:
            n, at = reply[at], at + 1
            if sid in m.fenced and took:
                self.assertEqual(n, -1)
                continue
            give, took = took[:most], took[most:]
            self.assertEqual(n, len(give), self.hints)
            for task in give:
                self.assertEqual(reply[at].decode(), task.key)
                record = Record(reply[at + 1])
                self.assertEqual((record.attempt, record.body), (task.attempt, task.body))
                at += 2
                task.state, task.sid, task.attempt, task.started = ACTIVE, sid, task.attempt + 1, 0
                task.moved = m.now
            if give:
                m.deadlines[sid] = m.now + TTL
        self.assertEqual(at, len(reply))
        for task in reversed(took):
            m.ready[task.prio].insert(0, task.key)

    def speak(self, task):
        """A session and attempt that name the task, sometimes wrongly."""
        sid, attempt = task.sid or self.rng.choice(SIDS), task.attempt
        if self.rng.random() < .1:
            sid = self.rng.choice(SIDS)
        if self.rng.random() < .05:
            attempt += 1
        right = task.state == ACTIVE and sid == task.sid and attempt == task.attempt
        return sid, attempt, right

    def op_ack(self):
        rng, m, args, want, me = self.rng, self.m, [], '', rng_pick(self.rng)
        for key in [k for k in self.some(10) if k in m.tasks]:
            task = m.tasks.get(key)
            if not task:
                continue
            sid, attempt, right = self.speak(task)
            to = rng.choice([DONE, DONE, DONE, QUEUED, DELAYED, DEAD, CANCELLED])
            delay, outcome = rng.choice([0, 500]), os.urandom(rng.randint(0, 40))
            args += [sid, 1, key, ack_ctl(attempt, sid, to, FAILED, delay), outcome]
            mine = me in task.waiters
            if not right:
                want += 'd' if task.state >= DONE and task.attempt == attempt else 's'
            elif to == DONE:
                m.end(task, DONE, 0, outcome)
                want += 'W' if mine else 'o'
            elif to == QUEUED and task.retries < task.max_retries and not task.cancel:
                want += 'p'
            elif to == DELAYED and task.retries < task.max_retries and not task.cancel:
                task.retries += 1
                task.due = m.now + delay
                m.idle(task, DELAYED if delay else QUEUED)
                want += 'r'
            elif to == CANCELLED or task.cancel:
                m.end(task, CANCELLED, CANCEL_REASON, outcome)
                want += 'Y' if mine else 'y'
            else:
                m.end(task, DEAD, FAILED, outcome)
                want += 'X' if mine else 'x'
        if args:
            self.assertEqual(self.fcall('ack', me, rng.randint(0, 1), *args).decode(), want, self.hints)

    def op_release(self):
        rng, m, args, want = self.rng, self.m, [], ''
        for key in [k for k in self.some() if k in m.tasks]:
            task = m.tasks.get(key)
            if not task:
                continue
            sid, attempt, right = self.speak(task)
            why, delay = rng.choice([0, 0, 1, 1, 2, 3]), 1000
            args += [sid, 1, key, struct.pack('>IBI', attempt, why, delay)]
            if not right:
                want += 's'
                continue
            if why != 1:
                if task.started:
                    task.deliveries -= 1
                task.started = 0
            if why < 2 or task.cancel:
                want += m.back(task, why == 1)
                continue
            if why == 2 and task.unknown and m.now - task.unknown >= UNKNOWN_AFTER:
                m.end(task, DEAD, UNKNOWN)
                want += 'x'
                continue
            task.unknown = 0 if why == 3 else task.unknown or m.now
            task.due = m.now + delay
            m.idle(task, DELAYED)
            want += 'o'
        if args:
            self.assertEqual(self.fcall('release', UNKNOWN_AFTER, *args).decode(), want, self.hints)

    def op_release_run(self):
        """Several of one session in one run come back in their order."""
        rng, m = self.rng, self.m
        sid = rng.choice(SIDS)
        tasks = [t for t in m.held(sid).values() if not t.started and not t.cancel]
        if tasks:
            args = [x for t in tasks for x in (t.key, struct.pack('>IBI', t.attempt, 0, 0))]
            self.assertEqual(self.fcall('release', UNKNOWN_AFTER, sid, len(tasks), *args).decode(), 'o' * len(tasks))
            for task in reversed(tasks):
                m.back(task, False)

    def op_started(self):
        m, args, counted = self.m, [], 0
        for key in self.some():
            task = m.tasks.get(key)
            if task:
                sid, attempt, right = self.speak(task)
                args += [sid, 1, key, struct.pack('>I', attempt)]
                if right and not task.started:
                    task.started, task.deliveries, counted = m.now, task.deliveries + 1, counted + 1
        if args:
            self.assertEqual(self.fcall('started', *args), counted)

    def op_beat(self):
        m = self.m
        sids = self.rng.sample(SIDS, self.rng.randint(1, len(SIDS)))
        want = b''.join((b'o' if s in m.deadlines else b'f' if s in m.fenced else b'-') + struct.pack('>I', len(m.held(s))) for s in sids)
        self.assertEqual(self.fcall('beat', TTL, *sids), want)
        for sid in sids:
            if sid in m.deadlines:
                m.deadlines[sid] = m.now + TTL

    def op_reap(self):
        rng, m = self.rng, self.m
        one = rng.random() < .3
        ago = 0 if one else rng.choice([0, 0, 300, TTL])
        sids = [rng.choice(SIDS)] if one else [s for s, at in m.deadlines.items() if at + ago <= m.now]
        fence = rng.random() < .5
        left = [max(at + ago - m.now, 0) for s, at in m.deadlines.items() if s not in sids]
        taken, more, coming = self.fcall('reap', 1000, int(fence), ago, *(sids if one else []))
        self.assertEqual((taken, more, coming), (sum(len(m.held(s)) for s in sids), 0, min(left, default=-1)))
        for sid in sids:
            if fence:
                m.fenced.add(sid)
            for task in list(m.held(sid).values()):
                if m.back(task, False) == 'o':
                    m.ready[task.prio].pop(0)       # in any order: learn which below
                    self.adrift.append(task.key)
        self.settle()

    def settle(self):
        """Reaped tasks stand in front in any order: take over what Redis chose, after checking that they are there."""
        for prio, line in self.m.ready.items():
            mine = [k for k in self.adrift if self.m.tasks[k].prio == prio]
            if mine:
                real = [k.decode() for k in self.redis('LRANGE', P + ':r:%d' % prio, 0, len(mine) - 1)]
                self.assertEqual(sorted(real), sorted(mine), self.hints)
                self.m.ready[prio] = real + line
        self.adrift = []

    def op_wait(self):
        m, me, keys = self.m, rng_pick(self.rng), self.some()
        if not keys:
            return
        for key, reply in zip(keys, self.fcall('wait', me, *keys)):
            task = m.tasks.get(key)
            if not task:
                self.assertEqual(reply, b'')
                continue
            if task.state <= DELAYED and m.expired(task):
                if task.state == QUEUED:
                    m.ready[task.prio].remove(key)
                m.end(task, DEAD, EXPIRED)
            if task.state >= DONE:
                record = Record(reply)
                self.assertEqual((record.state, record.reason, record.outcome),
                                 (task.state, task.reason, task.outcome), self.hints)
            else:
                self.assertEqual(reply, b'%d' % task.state)
                task.waiters.add(me)

    def op_cancel(self):
        m, keys, running = self.m, self.some(3), self.rng.randint(0, 1)
        if not keys:
            return
        for key, reply in zip(keys, self.fcall('cancel', running, *keys)):
            task = m.tasks.get(key)
            if not task:
                self.assertEqual(reply, b'')
            elif task.state == ACTIVE and running:
                task.cancel = True
                self.assertEqual(reply, b'3' + task.sid.encode() + struct.pack('>I', task.attempt))
            else:
                if task.state <= DELAYED:
                    if task.state == QUEUED:
                        m.ready[task.prio].remove(key)
                    m.end(task, CANCELLED, CANCEL_REASON)
                self.assertEqual(reply, b'%d' % task.state)

    def op_clock(self):
        self.m.now += self.rng.choice([1, 10, 100, 800, 5000, 16000])
        self.redis('SET', 'test:now', self.m.now)

    # ---- the whole state

    def check(self):
        m, call = self.m, self.redis
        want = {'test:now', P + ':c'}
        for task in m.tasks.values():
            key = P + ':t:' + task.key
            want.add(key)
            raw = call('GET', key)
            self.assertIsNotNone(raw, (task.key, self.hints))
            record = Record(raw)
            mine = ('state', 'attempt', 'deliveries', 'retries', 'started', 'prio', 'reason', 'enqueued', 'expires',
                    'body', 'outcome', 'max_deliveries', 'max_retries', 'unknown')
            for name in mine:
                if name == 'started' and task.state >= DONE:
                    continue
                self.assertEqual(getattr(record, name), getattr(task, name), (task.key, name, self.hints))
            if task.state == ACTIVE:
                self.assertEqual(record.sid, task.sid)
            if task.state == QUEUED:
                self.assertEqual(record.moved, task.moved, self.hints)
            ttl = call('PTTL', key)
            if task.state < DONE:
                self.assertEqual(ttl, -1)
            else:
                self.assertGreater(ttl, 0)
                most = DLQ_AGE if task.state == DEAD else max(task.result_ttl, DEDUPE) if task.result_ttl else DEDUPE
                self.assertLessEqual(ttl, most)
            if task.state < DONE and len(task.waiters) > 1:
                want.add(P + ':w:' + task.key)
                others = {b.decode() for b in call('SMEMBERS', P + ':w:' + task.key)}
                self.assertEqual(others | {record.waiter.decode()}, task.waiters)
        for prio, line in m.ready.items():
            real = [k.decode() for k in call('LRANGE', P + ':r:%d' % prio, 0, -1)]
            self.assertEqual(real, line, self.hints)
            if line:
                want.add(P + ':r:%d' % prio)
        delayed = {t.key: t.due for t in m.tasks.values() if t.state == DELAYED}
        self.assertEqual(scores(call('ZRANGE', P + ':d', 0, -1, 'WITHSCORES')), delayed, self.hints)
        self.assertEqual(scores(call('ZRANGE', P + ':ls', 0, -1, 'WITHSCORES')), m.deadlines, self.hints)
        self.assertEqual(scores(call('ZRANGE', P + ':x', 0, -1, 'WITHSCORES')), {k: at for at, k in m.dead})
        for sid in SIDS:
            flat = self.fcall('held', sid)
            real = {k.decode(): v for k, v in zip(flat[::2], flat[1::2])}
            self.assertEqual(call('SCARD', P + ':l:' + sid), len(real))
            self.assertEqual(real, {t.key: t.attempt for t in m.held(sid).values()}, self.hints)
            if real:
                want.add(P + ':l:' + sid)
        want |= {P + ':f:' + sid for sid in m.fenced}
        want |= {P + ':' + name for name, it in (('d', delayed), ('ls', m.deadlines), ('x', m.dead)) if it}
        keys = {k.decode() for k in call('KEYS', '*')} - {P + ':h'}
        self.assertEqual(keys, want, self.hints)
        stats = self.fcall('stats')
        oldest = max([m.now - m.tasks[line[0]].enqueued for line in m.ready.values() if line], default=0)
        self.assertEqual(stats, [m.count(QUEUED), m.count(DELAYED), m.count(ACTIVE), len(m.dead), oldest, 0,
                                 m.n['done'], m.n['died'], m.n['cancelled']], self.hints)

    def test_random_operations(self):
        self.adrift = []
        ops = [(self.op_enqueue, 5), (self.op_claim, 5), (self.op_ack, 6), (self.op_release, 2),
               (self.op_release_run, 1), (self.op_started, 2), (self.op_beat, 2), (self.op_reap, 1),
               (self.op_wait, 2), (self.op_cancel, 1), (self.op_clock, 2)]
        total = int(os.environ.get('KRAIT_MODEL_OPS', '10000'))
        for step in range(total):
            self.rng.choices([o for o, _ in ops], [w for _, w in ops])[0]()
            if step % 10 == 0 or step == total - 1:
                self.check()
            if len(self.m.tasks) > 220:
                self.forget()
        self.assertGreater(self.m.n['done'], total // 100)
        self.assertGreater(self.m.n['died'], total // 100)
        self.assertGreater(self.m.n['cancelled'], total // 200)

    def forget(self):
        """Time takes ended records away: do it for it, so that the state stays small and ids come back."""
        for task in [t for t in self.m.tasks.values() if t.state in (DONE, CANCELLED)]:
            self.redis('DEL', P + ':t:' + task.key)
            del self.m.tasks[task.key]
        if len(self.m.tasks) > 200:
            for sid in SIDS:
                self.fcall('reap', 1000, 0, 0, sid)
            self.setUpKeepingSeed()

    def setUpKeepingSeed(self):
        n, now = self.m.n, self.m.now
        self.redis('FLUSHALL')
        self.m = Model()
        self.m.n, self.m.now = n, now
        self.redis('SET', 'test:now', now)
        self.redis('HSET', P + ':c', 'dlq_max', DLQ_MAX, *[x for pair in n.items() for x in pair])


class FunctionsByHand(unittest.TestCase):
    """What the model does not see: wake-ups, news, limits, memory."""

    def setUp(self):
        self.server = resp.Server().__enter__()
        self.addCleanup(self.server.__exit__)
        self.redis = self.server.client()
        self.addCleanup(self.redis.close)
        self.redis('FUNCTION', 'LOAD', library())
        self.redis('SET', 'test:now', 1700000000000)

    fcall = FunctionsAgainstModel.fcall

    def task(self, key, prio=4, delay=0, watch=False, body=b'body'):
        return [key, Task(key, 0, prio, delay, 0, DAY, 3, 0, watch, body).tail()]

    def listen(self, broker):
        ears = self.server.client()
        self.addCleanup(ears.close)
        ears('SUBSCRIBE', 'kr:b:' + broker)
        return ears

    def test_hungry_broker_is_woken_and_a_dead_one_skipped(self):
        self.fcall('claim', 'broker-A', TTL, SIDS[0], 1)
        self.fcall('claim', 'broker-B', TTL, SIDS[1], 1)
        ears = self.listen('broker-B')
        self.fcall('enqueue', 'broker-C', 0, *self.task('a'))
        self.assertEqual(ears.read(), [b'message', b'kr:b:broker-B', b'w' + P.encode()])

    def test_delayed_task_sets_the_alarm_of_a_hungry_broker(self):
        self.assertEqual(self.fcall('claim', 'broker-A', TTL, SIDS[0], 1)[0], -1)
        ears = self.listen('broker-A')
        self.fcall('enqueue', 'broker-C', 0, *self.task('a', delay=5000))
        self.assertEqual(ears.read()[2], b'w' + P.encode())
        self.assertEqual(self.fcall('claim', 'broker-A', TTL, SIDS[0], 1)[0], 5000)

    def test_news_reach_the_waiting_brokers_with_the_outcome(self):
        self.fcall('enqueue', 'broker-A', 0, *self.task('a', watch=True), *self.task('b'))
        self.assertEqual(self.fcall('wait', 'broker-B', 'a', 'b'), [b'1', b'1'])
        ears = {b: self.listen('broker-' + b) for b in 'AB'}
        self.fcall('claim', 'broker-C', TTL, SIDS[0], 2)
        ctl = ack_ctl(1, SIDS[0], DONE)
        self.assertEqual(self.fcall('ack', 'broker-C', 1, SIDS[0], 2, 'a', ctl, 'ra', 'b', ctl, 'rb'), b'oo')
        for broker, keys in (('A', 'a'), ('B', 'ab')):
            news = ears[broker].read()[2]
            self.assertEqual(news[:3 + len(P)], b'r' + struct.pack('>H', len(P)) + P.encode())
            at = 3 + len(P)
            for key in keys:
                size, = struct.unpack('>H', news[at:at + 2])
                self.assertEqual(news[at + 2:at + 2 + size].decode(), key)
                at += 2 + size
                size, = struct.unpack('>I', news[at:at + 4])
                self.assertEqual(Record(news[at + 4:at + 4 + size]).outcome, b'r' + key.encode())
                at += 4 + size
            self.assertEqual(at, len(news))

    def test_a_full_queue_refuses_and_still_knows_its_own(self):
        self.fcall('set', 13, 'me', 'max', 2)
        tasks = self.task('a') + self.task('b') + self.task('c') + self.task('a')
        self.assertEqual(self.fcall('enqueue', 'broker-A', 0, *tasks), b'nnfe')

    def test_a_paused_queue_gives_nothing_and_resume_wakes(self):
        self.fcall('set', 10, 'me', 'paused', 1)
        self.fcall('enqueue', 'broker-A', 0, *self.task('a'))
        self.assertEqual(self.fcall('claim', 'broker-A', TTL, SIDS[0], 1)[2:], [0])
        ears = self.listen('broker-A')
        self.fcall('set', 11, 'me', 'paused', '')
        self.assertEqual(ears.read()[2], b'w' + P.encode())
        self.assertEqual(self.fcall('claim', 'broker-A', TTL, SIDS[0], 1)[2], 1)

    def test_tombstones_beyond_one_call_are_walked_over(self):
        for base in range(0, 6000, 100):
            self.fcall('enqueue', 'b-------', 0, *[x for n in range(base, base + 100) for x in self.task('k%d' % n)])
        for base in range(0, 5999, 100):
            keys = ['k%d' % n for n in range(base, min(base + 100, 5999))]
            self.fcall('cancel', 0, *keys)
        rounds, given = 0, 0
        while not given:
            reply = self.fcall('claim', 'broker-A', TTL, SIDS[0], 10)
            given, rounds = reply[2], rounds + 1
            self.assertLess(rounds, 5)
            self.assertTrue(given or reply[0] == -2)      # look again at once
        self.assertEqual(reply[3], b'k5999')
        self.assertEqual(self.redis('EXISTS', P + ':r:4'), 0)

    def test_cancelled_and_come_again_is_given_once(self):
        many = [x for n in range(1100) for x in self.task('k%d' % n)]
        self.fcall('enqueue', 'b-------', 0, *many)
        self.fcall('cancel', 0, 'k5')
        self.redis('DEL', P + ':t:k5')                    # its time passed; the tombstone is still in the list
        self.fcall('enqueue', 'b-------', 0, *self.task('k5'))
        given = []
        while True:
            reply = self.fcall('claim', 'broker-A', TTL, SIDS[0], 2000)
            given += reply[3::2]
            if not reply[2]:
                break
        self.assertEqual(len(given), 1100)
        self.assertEqual(len(set(given)), 1100)
        self.assertEqual(self.fcall('stats')[:3], [0, 0, 1100])

    def test_at_the_memory_limit_enqueue_fails_and_the_rest_goes_on(self):
        self.fcall('enqueue', 'b-------', 0, *self.task('a'), *self.task('b'))
        self.fcall('claim', 'broker-A', TTL, SIDS[0], 1)
        self.redis('CONFIG', 'SET', 'maxmemory', 1)
        with self.assertRaises(resp.RedisError) as caught:
            self.fcall('enqueue', 'b-------', 0, *self.task('c'))
        self.assertTrue(str(caught.exception).startswith('OOM'), caught.exception)
        ctl = ack_ctl(1, SIDS[0], DONE)
        self.assertEqual(self.fcall('ack', 'broker-A', 0, SIDS[0], 1, 'a', ctl, 'r'), b'o')
        self.assertEqual(self.fcall('claim', 'broker-A', TTL, SIDS[0], 1)[2], 1)
        self.assertEqual(self.fcall('beat', TTL, SIDS[0]), b'o\0\0\0\1')
        self.assertEqual(self.fcall('release', 60000, SIDS[0], 1, 'b', struct.pack('>IBI', 1, 0, 0)), b'o')

    def test_nothing_but_counters_and_settings_is_left_after_a_drain(self):
        self.fcall('enqueue', 'b-------', 0, *[x for n in range(50) for x in self.task('k%d' % n, prio=n % 10)])
        reply = self.fcall('claim', 'broker-A', TTL, SIDS[0], 50)
        acks = [x for key in reply[3::2] for x in (key, ack_ctl(1, SIDS[0], DONE), b'r')]
        self.assertEqual(self.fcall('ack', 'broker-A', 0, SIDS[0], 50, *acks), b'o' * 50)
        for key in self.redis('KEYS', 'kr:*'):
            if key.decode() != P + ':c':
                self.assertGreater(self.redis('PTTL', key), 0, key)


def scores(flat):
    return {k.decode(): int(float(v)) for k, v in zip(flat[::2], flat[1::2])}


def rng_pick(rng):
    return rng.choice(BROKERS)


if __name__ == '__main__':
    unittest.main()
