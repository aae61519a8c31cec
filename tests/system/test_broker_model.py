# SPDX-License-Identifier: Apache-2.0
"""All functions of the library at once against a reference model: 100,000 operations on tasks, drawn at random, with every feature
and changing settings; every answer is compared, and the whole state of Redis at intervals and after a drain.

test_broker_functions models the core exactly, order of all lists included; here the model is of what is promised: within a
line (the plain one, each group's) the order holds, between lines any is right. Where a claim stopped looking is read off Redis and then
checked to be allowed. KRAIT_MODEL_OPS and KRAIT_MODEL_SEED as there.
"""
import math
import os
import random
import struct
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import resp
from test_broker_functions import (ACTIVE, CANCELLED, CANCEL_REASON, DEAD, DEDUPE, DELAYED, DONE, EXPIRED, FAILED, LOST, P, QUEUED, Record,
                                   TTL, UNKNOWN, UNKNOWN_AFTER, ack_ctl, library, six)

DAY, DLQ_MAX = 86400000, 30
BROKERS, SIDS = ['broker-A', 'broker-B'], ['%016x' % n for n in range(1, 7)]
F_EVENTS, F_CAPPED, F_PARTS, F_PROGRESS, F_EXTRA = 8, 16, 32, 64, 128


class Task:
    def __init__(self, rng, key, now):
        self.key, self.body = key, os.urandom(rng.randint(0, 40))
        self.prio = rng.choice([0, 4, 4, 9])
        self.delay = rng.choice([0, 0, 0, 0, 1, 900, 90000])
        self.ttl_expiry = rng.choice([0, 0, 0, 0, 0, 1500])
        self.result_ttl = rng.choice([0, DAY, DAY])
        self.max_deliveries, self.max_retries = rng.randint(1, 3), rng.randint(0, 2)
        self.watch = rng.random() < .2
        self.group = rng.choice(['', '', '', 'ga', 'gb', 'gc'])
        self.rate_key = rng.choice(['', '', '', 'r' + self.group])      # one line a key: so the model knows its order
        self.unique = rng.choice(['', '', '', '', 'u1', 'u2', 'u3'])
        self.conflict = rng.randint(0, 2)
        self.parts = rng.choice([0] * 12 + [2])
        self.has_extra = bool(self.group or self.rate_key or self.unique or self.parts)
        self.state, self.due = (DELAYED, now + self.delay) if self.delay else (QUEUED, 0)
        self.expires = now + self.ttl_expiry if self.ttl_expiry else 0
        self.attempt = self.deliveries = self.retries = self.started = self.unknown = self.reason = 0
        self.sid, self.cancel, self.paid, self.events, self.progress = None, False, False, False, None
        self.moved, self.outcome = now, b''

    def extra(self):
        if not self.has_extra:
            return b''
        texts = [t.encode() for t in (self.group, self.rate_key, self.unique)]
        return struct.pack('>BBBBB', 0, self.conflict, *map(len, texts)) + six(0) + struct.pack('>H', self.parts) + b''.join(texts)

    def tail(self):
        control = (1 if self.delay else 0) | (4 if self.ttl_expiry else 0) | (8 if self.watch else 0) | (16 if self.has_extra else 0)
        return (struct.pack('>BB', self.prio, control) + six(self.delay) + six(self.ttl_expiry) + six(self.result_ttl) + six(DEDUPE) +
                struct.pack('>BHBI', self.max_deliveries, self.max_retries, len(self.extra()), len(self.body)) + self.extra() + self.body)


class Model:
    def __init__(self, now):
        self.now, self.tasks, self.lines = now, {}, {}
        self.locks, self.parts, self.dead = {}, {}, []
        self.deadlines, self.fenced = {}, set()
        self.any_order = False          # in an operation that may let tasks die in any order
        self.settings, self.tat, self.tats = {}, 0.0, {}
        self.n = dict.fromkeys(('done', 'died', 'cancelled'), 0)

    def limit(self, name, kind=int):
        return kind(self.settings[name]) if name in self.settings else None

    def line(self, task):
        return self.lines.setdefault(task.group, [])

    def count(self, state, group=None):
        return sum(t.state == state and (group is None or t.group == group) for t in self.tasks.values())

    def held(self, sid):
        return [t for t in self.tasks.values() if t.state == ACTIVE and t.sid == sid]

    def put(self, task, front=False):
        """Behind, or before, all of its priority."""
        line = self.line(task)
        at = sum(self.tasks[k].prio > task.prio if front else self.tasks[k].prio >= task.prio for k in line)
        line.insert(at, task.key)

    def unput(self, task):
        if task.state == QUEUED:
            self.line(task).remove(task.key)

    def leave(self, task):
        if task.state == ACTIVE:
            sid, task.sid = task.sid, None
            if not self.held(sid):
                self.deadlines.pop(sid, None)

    def idle(self, task, state, front=False):
        self.leave(task)
        task.state, task.moved, task.started = state, self.now, 0
        if state == QUEUED:
            self.put(task, front)

    def end(self, task, state, reason=0, outcome=b''):
        self.leave(task)
        task.state, task.reason, task.moved = state, reason, self.now
        task.outcome = outcome if state == DEAD or task.result_ttl else b''
        if self.locks.get(task.unique) == task.key:
            del self.locks[task.unique]
        task.progress = None
        if state == DEAD:
            self.n['died'] += 1
            while len(self.dead) >= DLQ_MAX and not self.any_order:
                self.drop(self.dead[0][1])
            self.dead.append((self.now, task.key))
            self.dead.sort()
        else:
            self.n['done' if state == DONE else 'cancelled'] += 1
            task.body = b''
            if task.parts:
                self.parts.pop(task.key, None)

    def drop(self, key):
        self.dead = [d for d in self.dead if d[1] != key]
        del self.tasks[key]
        self.parts.pop(key, None)

    def back(self, task, died):
        task.deliveries += died and not task.started
        if task.cancel:
            self.end(task, CANCELLED, CANCEL_REASON)
        elif (died or task.started) and task.deliveries >= task.max_deliveries:
            self.end(task, DEAD, LOST)
        else:
            self.idle(task, QUEUED, front=True)
            return True
        return False

    def promote(self):
        due = [t for t in self.tasks.values() if t.state == DELAYED and t.due <= self.now]
        for task in sorted(due, key=lambda t: (t.due, t.key.encode()))[:256]:
            task.state, task.moved = QUEUED, self.now
            self.put(task)

    def throttle(self, task):
        """GCRA: whether its start is put off, and then its due time is set."""
        rate = self.limit('krate', float)
        if not rate or not task.rate_key or task.paid:
            return False
        every, burst = 1000 / rate, max(self.limit('kburst') or 1, 1)
        tat = max(self.tats.get(task.rate_key, 0), self.now)
        self.tats[task.rate_key] = float('%.3f' % (tat + every))
        due = tat - (burst - 1) * every
        if due <= self.now:
            return False
        task.state, task.moved, task.due, task.paid = DELAYED, self.now, math.ceil(due), True
        return True

    def may_start(self, want):
        if 'paused' in self.settings:
            return 0
        if self.limit('conc') is not None:
            want = max(min(want, self.limit('conc') - self.count(ACTIVE)), 0)
        rate = self.limit('rate', float)
        if rate:
            burst = max(self.limit('burst') or 1, 1)
            want = min(want, max(math.floor((self.now - max(self.tat, self.now)) / (1000 / rate) + burst + 1e-6), 0))
        return want


class LibraryAgainstModel(unittest.TestCase):
    def setUp(self):
        self.server = resp.Server().__enter__()
        self.addCleanup(self.server.__exit__)
        self.redis = self.server.client()
        self.addCleanup(self.redis.close)
        lifetime = "'PX', math.ceil(tat - ts) + 1"            # of a rate key: its clock is the real one, ours is not
        self.assertEqual(library().count(lifetime), 1)
        self.redis('FUNCTION', 'LOAD', library().replace(lifetime, "'PX', 86400000"))
        self.seed = int(os.environ.get('KRAIT_MODEL_SEED', random.randrange(1 << 32)))
        self.rng, self.m, self.made, self.ops = random.Random(self.seed), Model(1700000000000), 0, 0
        self.redis('SET', 'test:now', self.m.now)
        self.redis('HSET', P + ':c', 'dlq_max', DLQ_MAX)
        self.hint = 'KRAIT_MODEL_SEED=%d' % self.seed

    def fcall(self, name, *args):
        return self.redis('FCALL', 'kr2_' + name, 1, P + ':c', *args)

    def some(self, most=12, state=None):
        keys = sorted(k for k, t in self.m.tasks.items() if state is None or t.state == state)
        keys = self.rng.sample(keys, min(len(keys), self.rng.randint(0, most)))
        self.ops += len(keys)
        return [self.m.tasks[k] for k in keys]

    # ---- operations

    def op_enqueue(self):
        rng, m, args, tasks = self.rng, self.m, [], []
        for _ in range(rng.randint(1, 20)):
            self.made += 1
            key = rng.choice(sorted(m.tasks)) if m.tasks and rng.random() < .1 else 'k%d' % self.made
            task = Task(rng, key, m.now)
            if task.parts and key not in m.tasks:
                m.parts[key] = rng.choice([1, 2, 2, 2])
                for i in range(m.parts[key]):
                    self.assertEqual(self.fcall('part', 'b:' + key, i, b'data'), 4)
            tasks.append(task)
            args += [key, task.tail()]
        self.ops += len(tasks)
        room = m.limit('max') - m.count(QUEUED) - m.count(DELAYED) if m.limit('max') else 10**9
        want, owners, new = '', [], 0
        for task in tasks:
            verdict = self.accept(task, room - new)
            if isinstance(verdict, tuple):
                verdict, owner = verdict
                owners.append(owner)
            want += verdict
            new += verdict == 'n'
        reply = self.fcall('enqueue', BROKERS[0], rng.randint(0, 3), *args)
        said = reply if isinstance(reply, bytes) else reply[0]
        self.assertEqual(said.decode(), want, self.hint)
        self.assertEqual([o.decode() for o in reply[1:]] if isinstance(reply, list) else [], owners, self.hint)

    def accept(self, task, room):
        m = self.m
        if task.key in m.tasks:
            return 'e'
        if room <= 0:
            return 'f'
        if task.parts and m.parts.get(task.key) != task.parts:
            return 'm'
        owner = m.tasks.get(m.locks.get(task.unique))
        if task.unique and owner:
            if task.conflict == 1:
                return 'u', owner.key
            if task.conflict != 2 or owner.state == ACTIVE:
                return 'c', owner.key
            m.unput(owner)
            m.end(owner, CANCELLED, CANCEL_REASON)
        if task.unique:
            m.locks[task.unique] = task.key
        task.events = 'events' in m.settings
        m.tasks[task.key] = task
        if task.state == QUEUED:
            m.put(task)
        return 'n'

    def op_claim(self):
        rng, m = self.rng, self.m
        asked = [(sid, rng.randint(1, 15)) for sid in rng.sample(SIDS, rng.randint(1, 2))]
        asked = [(s, n) for s, n in asked if s not in m.fenced] or [(SIDS[0], 3)]
        if asked[0][0] in m.fenced:
            m.fenced.discard(asked[0][0])
            self.redis('DEL', P + ':f:' + asked[0][0])
        reply = self.fcall('claim', rng.choice(BROKERS), TTL, *[x for pair in asked for x in pair])
        m.promote()
        may = m.may_start(sum(n for _, n in asked))
        given, at = [], 2
        for sid, most in asked:
            n, at = reply[at], at + 1
            self.assertTrue(0 <= n <= most, (n, most, self.hint))
            given += [(reply[at + 2 * i].decode(), sid, Record(reply[at + 2 * i + 1])) for i in range(n)]
            at += 2 * n
        self.ops += 1 + len(given)
        self.assertLessEqual(len(given), may, self.hint)
        m.any_order = True
        if may:
            for group in sorted(m.lines):
                self.walk(m.lines[group], [g for g in given if m.tasks[g[0]].group == group])
        self.learn_dead()
        for key, sid, record in given:
            task = m.tasks[key]
            self.assertEqual((record.attempt, record.body), (task.attempt, task.body), self.hint)
            task.state, task.sid, task.attempt, task.started, task.moved = ACTIVE, sid, task.attempt + 1, 0, m.now
            m.deadlines[sid] = m.now + TTL
        if m.limit('rate', float) and given:
            m.tat = float('%.3f' % (max(m.tat, m.now) + len(given) * (1000 / m.limit('rate', float))))
        cap = m.limit('gl')
        for group in ('ga', 'gb', 'gc'):
            if cap and any(m.tasks[k].group == group for k, _, _ in given):
                self.assertLessEqual(m.count(ACTIVE, group), cap, self.hint)
        if len(given) < may:
            for group, line in m.lines.items():
                if group and cap and m.count(ACTIVE, group) >= cap:
                    continue
                self.assertEqual(line, [], self.hint)

    def walk(self, line, given):
        """Takes the given ones off their line in order; what stood before them expired or was put off. What stands behind may
        have been looked at, too: Redis says."""
        m, given = self.m, [k for k, _, _ in given]
        while line:
            task = m.tasks[line[0]]
            if not given and (self.redis('GETRANGE', P + ':t:' + task.key, 1, 1) or b'?')[0] == QUEUED:
                break
            line.pop(0)
            if task.expires and task.expires <= m.now:
                m.end(task, DEAD, EXPIRED)
            elif not m.throttle(task):
                self.assertTrue(given, (task.key, self.hint))
                self.assertEqual(task.key, given.pop(0), self.hint)
        self.assertEqual(given, [], self.hint)

    def speak(self, task):
        sid, attempt = task.sid or self.rng.choice(SIDS), task.attempt
        if self.rng.random() < .05:
            sid = self.rng.choice(SIDS)
        if self.rng.random() < .05:
            attempt += 1
        return sid, attempt, task.state == ACTIVE and sid == task.sid and attempt == task.attempt

    def op_ack(self):
        rng, m, args, want = self.rng, self.m, [], ''
        for task in self.some(20, ACTIVE if rng.random() < .9 else None):
            sid, attempt, right = self.speak(task)
            to = rng.choice([DONE, DONE, DONE, QUEUED, DELAYED, DEAD, CANCELLED])
            delay, outcome = rng.choice([0, 500]) if to == DELAYED else 0, os.urandom(rng.randint(0, 40))
            args += [sid, 1, task.key, ack_ctl(attempt, sid, to, FAILED, delay), outcome]
            retry = task.retries < task.max_retries and not task.cancel
            if task.key not in m.tasks:  # a dead letter that this very batch pushed over the cap: whether it was read before or after
                want += '*'
            elif not right:
                want += 'd' if task.state >= DONE and task.attempt == attempt else 's'
            elif to == DONE:
                m.end(task, DONE, 0, outcome)
                want += 'o'
            elif to == QUEUED and retry:
                want += 'p'
            elif to == DELAYED and retry:
                task.retries, task.due, task.paid = task.retries + 1, m.now + delay, False
                m.idle(task, DELAYED if delay else QUEUED)
                want += 'r'
            elif to == CANCELLED or task.cancel:
                m.end(task, CANCELLED, CANCEL_REASON, outcome)
                want += 'y'
            else:
                m.end(task, DEAD, FAILED, outcome)
                want += 'x'
        if args:
            told = self.fcall('ack', 'broker-C', rng.randint(0, 1), *args).decode()
            self.assertEqual(''.join('*' if w == '*' and c in 'ds' else c for c, w in zip(told, want, strict=True)), want, self.hint)

    def op_release(self):
        rng, m, args, want = self.rng, self.m, [], ''
        for task in self.some(6, ACTIVE):
            sid, attempt, right = self.speak(task)
            why = rng.choice([0, 0, 1, 1, 2, 3])
            args += [sid, 1, task.key, struct.pack('>IBI', attempt, why, 1000)]
            if not right:
                want += 's'
                continue
            if why != 1:
                task.deliveries -= bool(task.started)
                task.started = 0
            if why < 2 or task.cancel:
                want += 'o' if m.back(task, why == 1) else 'x'
            elif why == 2 and task.unknown and m.now - task.unknown >= UNKNOWN_AFTER:
                m.end(task, DEAD, UNKNOWN)
                want += 'x'
            else:
                task.unknown = 0 if why == 3 else task.unknown or m.now
                task.due = m.now + 1000
                m.idle(task, DELAYED)
                want += 'o'
        if args:
            self.assertEqual(self.fcall('release', UNKNOWN_AFTER, *args).decode(), want, self.hint)

    def op_started(self):
        m, args, counted = self.m, [], 0
        for task in self.some(10, ACTIVE):
            sid, attempt, right = self.speak(task)
            args += [sid, 1, task.key, struct.pack('>I', attempt)]
            if right and not task.started:
                task.started, task.deliveries, counted = m.now, task.deliveries + 1, counted + 1
        if args:
            self.assertEqual(self.fcall('started', *args), counted, self.hint)

    def op_progress(self):
        args, taken = [], 0
        for task in self.some(8):
            sid, attempt, right = self.speak(task)
            note = struct.pack('>QQ', self.rng.randint(0, 9), 9) + b'note'
            args += [sid, task.key, struct.pack('>I', attempt), note]
            if right:
                task.progress, taken = struct.pack('>I', attempt) + note, taken + 1
        if args:
            self.assertEqual(self.fcall('progress', *args), taken, self.hint)

    def op_reap(self):
        m, rng = self.m, self.rng
        one = rng.random() < .3
        sids = [rng.choice(SIDS)] if one else [s for s, at in m.deadlines.items() if at <= m.now]
        fence = rng.random() < .5
        held = {s: m.held(s) for s in sids}
        taken, more, _ = self.fcall('reap', 1000, int(fence), 0, *(sids if one else []))
        self.ops += 1 + taken
        self.assertEqual((taken, more), (sum(map(len, held.values())), 0), self.hint)
        m.fenced |= set(sids) if fence else set()
        m.any_order = True
        for task in [t for tasks in held.values() for t in tasks]:
            m.back(task, False)
        self.learn_dead()
        self.learn_order()

    def learn_dead(self):
        """Of those that died at the same moment, any may fall off a full list of dead letters: take over what Redis chose, after checking that it chose the oldest."""
        m, m.any_order = self.m, False
        if len(m.dead) > DLQ_MAX:
            there = {k.decode() for k in self.redis('ZRANGE', P + ':x', 0, -1)}
            gone, left = [d for d in m.dead if d[1] not in there], [d for d in m.dead if d[1] in there]
            self.assertEqual(len(left), DLQ_MAX, self.hint)
            self.assertLessEqual(gone[-1][0], left[0][0], self.hint)
            for _, key in gone:
                m.drop(key)

    def learn_order(self):
        """Reaped tasks stand in front in any order: take over what Redis chose, after checking that it is the same ones."""
        for group, line in self.m.lines.items():
            if group:
                real = self.redis('ZRANGE', P + ':g:' + group, 0, -1)
            else:
                real = [k for prio in range(9, -1, -1) for k in self.redis('LRANGE', P + ':r:%d' % prio, 0, -1)]
            real = [k.decode() for k in real]
            self.assertEqual(sorted(real), sorted(line), (group, self.hint))
            self.assertEqual([self.m.tasks[k].prio for k in real], sorted([self.m.tasks[k].prio for k in real], reverse=True))
            line[:] = real

    def op_wait(self):
        tasks, m = self.some(), self.m
        if not tasks:
            return
        for task, reply in zip(tasks, self.fcall('wait', '', *[t.key for t in tasks])):
            if task.key not in m.tasks:
                continue       # it fell off the dead letters a moment ago
            if task.state <= DELAYED and task.expires and task.expires <= m.now:
                m.unput(task)
                m.end(task, DEAD, EXPIRED)
            if task.state >= DONE:
                record = Record(reply)
                self.assertEqual((record.state, record.reason, record.outcome), (task.state, task.reason, task.outcome), self.hint)
            else:
                self.assertEqual(reply, b'%d' % task.state, self.hint)

    def op_cancel(self):
        m, tasks, running = self.m, self.some(4), self.rng.randint(0, 1)
        if not tasks:
            return
        for task, reply in zip(tasks, self.fcall('cancel', running, *[t.key for t in tasks])):
            if task.state == ACTIVE and running:
                task.cancel = True
                self.assertEqual(reply, b'3' + task.sid.encode() + struct.pack('>I', task.attempt))
                continue
            if task.state <= DELAYED:
                m.unput(task)
                m.end(task, CANCELLED, CANCEL_REASON)
            self.assertEqual(reply, b'%d' % task.state, self.hint)

    def op_dead(self):
        m, verb, want = self.m, self.rng.randint(1, 2), ''
        tasks = self.some(4, DEAD) + self.some(2)
        tasks = list({t.key: t for t in tasks}.values())
        for task in tasks:
            if verb == 1 and task.state == DEAD:
                owner = m.locks.get(task.unique)
                if task.unique and owner and owner != task.key:
                    want += 'c'
                    continue
                if task.unique:
                    m.locks[task.unique] = task.key
                m.dead = [d for d in m.dead if d[1] != task.key]
                task.state, task.moved, task.outcome, task.reason = QUEUED, m.now, b'', 0
                task.deliveries = task.retries = task.started = task.unknown = task.expires = 0
                task.paid = task.cancel = False
                m.put(task)
                want += 'o'
            elif verb == 2 and task.state >= DONE:
                m.drop(task.key)
                want += 'o'
            else:
                want += 's'
        if tasks:
            self.assertEqual(self.fcall('dead', verb, *[t.key for t in tasks]).decode(), want, self.hint)

    def op_purge(self):
        m, state = self.m, self.rng.choice([QUEUED, DELAYED, DEAD])
        tasks = [t for t in m.tasks.values() if t.state == state]
        if self.rng.random() < .9:
            return
        n, more = 0, 1
        while more:
            done, more = self.fcall('purge', state, 40, 'me')
            n += done
        self.ops += n
        self.assertEqual(n, len(tasks), self.hint)
        for task in tasks:
            if state == DEAD:
                m.drop(task.key)
            else:
                m.unput(task)
                m.end(task, CANCELLED, CANCEL_REASON)

    def op_set(self):
        rng, m = self.rng, self.m
        field, values = rng.choice([('conc', ['', 3, 30]), ('gl', ['', 1, 4]), ('rate', ['', 5, '0.5', 1000]), ('burst', ['', 3]), ('max', ['', 60, 200]),
                                    ('krate', ['', 1, 20]), ('kburst', ['', 2]), ('paused', ['', '', '', 1]), ('events', ['', 100]), ('gw:ga', ['', 5])])
        value = rng.choice(values)
        self.fcall('set', 13, 'me', field, value)
        m.settings.pop(field, None)
        if value != '':
            m.settings[field] = value
        if not any(f in m.settings for f in ('conc', 'rate', 'krate')):
            m.tat = 0.0
        self.ops += 1

    def op_clock(self):
        self.m.now += self.rng.choice([1, 10, 100, 800, 5000, 16000])
        self.redis('SET', 'test:now', self.m.now)

    # ---- the whole state

    def check(self):
        m, call = self.m, self.redis
        want = {'test:now', P + ':c'}
        names = sorted(m.tasks)
        raws = call('MGET', *[P + ':t:' + k for k in names]) if names else []
        for key, raw in zip(names, raws):
            task = m.tasks[key]
            self.assertIsNotNone(raw, (key, task.state, self.hint))
            record = Record(raw)
            mine = ['state', 'attempt', 'deliveries', 'retries', 'prio', 'body', 'outcome', 'reason', 'unknown']
            mine += ['started'] if task.state < DONE else []
            for name in mine:
                self.assertEqual(getattr(record, name), getattr(task, name), (key, name, self.hint))
            if task.state == ACTIVE:
                self.assertEqual(record.sid, task.sid)
            if task.state < DONE:
                self.assertEqual(bool(record.flags & F_EVENTS), task.events, (key, self.hint))
                self.assertEqual(bool(record.flags & F_EXTRA), task.has_extra, (key, self.hint))
            want.add(P + ':t:' + key)
            if task.progress:
                want.add(P + ':p:' + key)
                self.assertEqual(call('GET', P + ':p:' + key), task.progress)
        live = call('HMGET', P + ':c', 'queued', 'active', 'gq')
        self.assertEqual([int(v or 0) for v in live], [m.count(QUEUED), m.count(ACTIVE), sum(len(v) for g, v in m.lines.items() if g)], self.hint)
        for group, line in m.lines.items():
            if group and line:
                want.add(P + ':g:' + group)
                self.assertEqual([k.decode() for k in call('ZRANGE', P + ':g:' + group, 0, -1)], line, self.hint)
            for prio in range(10) if not group else ():
                mine = [k for k in line if m.tasks[k].prio == prio]
                self.assertEqual([k.decode() for k in call('LRANGE', P + ':r:%d' % prio, 0, -1)], mine, self.hint)
                want |= {P + ':r:%d' % prio} if mine else set()
        ready = {g for g, line in m.lines.items() if g and line}
        ring = {g.decode() for g in call('ZRANGE', P + ':gz', 0, -1)} | {g.decode() for g in call('SMEMBERS', P + ':gb')}
        self.assertLessEqual(ready, ring, self.hint)
        counts = call('HGETALL', P + ':gc')
        self.assertEqual({k.decode(): int(v) for k, v in zip(counts[::2], counts[1::2])},
                         {g: m.count(ACTIVE, g) for g in ('ga', 'gb', 'gc') if m.count(ACTIVE, g)}, self.hint)
        for name, mine in (('d', {t.key: t.due for t in m.tasks.values() if t.state == DELAYED}), ('ls', m.deadlines), ('x', {k: at for at, k in m.dead})):
            flat = call('ZRANGE', P + ':' + name, 0, -1, 'WITHSCORES')
            self.assertEqual({k.decode(): int(float(v)) for k, v in zip(flat[::2], flat[1::2])}, mine, (name, self.hint))
            want |= {P + ':' + name} if mine else set()
        for unique, key in m.locks.items():
            want.add(P + ':u:' + unique)
            self.assertEqual(call('GET', P + ':u:' + unique).decode(), key, self.hint)
        for sid in SIDS:
            mine = {t.key for t in m.held(sid)}
            self.assertEqual({k.decode() for k in call('SMEMBERS', P + ':l:' + sid)}, mine, self.hint)
            want |= {P + ':l:' + sid} if mine else set()
        want |= {P + ':b:' + key for key in m.parts} | {P + ':f:' + sid for sid in m.fenced}
        keys = {k.decode() for k in call('KEYS', '*')}
        keys = {k for k in keys if k.split('}')[-1][1:3] not in ('rl', 'gz', 'gb', 'gc', 'ev') and not k.endswith(':h')}
        self.assertEqual(keys, want, self.hint)
        for key, n in m.parts.items():
            owned = key in m.tasks and m.tasks[key].state < DONE
            self.assertEqual(call('PTTL', P + ':b:' + key) == -1, owned, (key, self.hint))
        stats = self.fcall('stats')
        self.assertEqual(stats[:4] + stats[6:], [m.count(QUEUED), m.count(DELAYED), m.count(ACTIVE), len(m.dead)] +
                         [m.n[k] for k in ('done', 'died', 'cancelled')], self.hint)

    def forget(self):
        """Time takes ended records away."""
        for task in [t for t in self.m.tasks.values() if t.state in (DONE, CANCELLED)]:
            self.redis('DEL', P + ':t:' + task.key)
            del self.m.tasks[task.key]
        for key in [k for k in self.m.parts if k not in self.m.tasks]:
            self.redis('DEL', P + ':b:' + key)
            del self.m.parts[key]

    def drain(self):
        for field in list(self.m.settings):
            self.fcall('set', 13, 'me', field, '')
        self.m.settings.clear()
        self.m.now += DAY
        self.redis('SET', 'test:now', self.m.now)
        for _ in range(1000):
            if not any(t.state < DONE for t in self.m.tasks.values()):
                break
            self.op_claim()
            self.op_reap_all()
            held = [t for t in self.m.tasks.values() if t.state == ACTIVE]
            for task in held:
                self.fcall('ack', 'broker-C', 1, task.sid, 1, task.key, ack_ctl(task.attempt, task.sid, DONE), b'')
                self.m.end(task, DONE)
        self.check()
        forever = {k.decode() for k in self.redis('KEYS', '*') if self.redis('PTTL', k) == -1}
        self.assertEqual(forever, {'test:now', P + ':c'}, self.hint)
        left = {k.decode() for k in self.redis('HKEYS', P + ':c')}
        self.assertLessEqual(left, {'queued', 'active', 'done', 'died', 'cancelled', 'dlq_max', 'gq', 'gback', 'gfront', 'vt', 'pt', 'big'})

    def op_reap_all(self):
        """Sessions that a test left behind long ago."""
        for sid in list(self.m.deadlines):
            if self.m.deadlines[sid] <= self.m.now - TTL:
                for task in self.m.held(sid):
                    self.m.back(task, False)
                self.fcall('reap', 1000, 0, 0, sid)
        self.learn_order()

    def test_a_hundred_thousand_operations(self):
        weights = [(self.op_enqueue, 10), (self.op_claim, 14), (self.op_ack, 14), (self.op_release, 3), (self.op_started, 3), (self.op_progress, 1),
                   (self.op_reap, 1), (self.op_wait, 3), (self.op_cancel, 2), (self.op_dead, 2), (self.op_purge, 1), (self.op_set, 3), (self.op_clock, 4)]
        total, step = int(os.environ.get('KRAIT_MODEL_OPS', '100000')), 0
        while self.ops < total:
            self.rng.choices([o for o, _ in weights], [w for _, w in weights])[0]()
            step += 1
            if step % 100 == 0:
                self.check()
                if len(self.m.tasks) > 300:
                    self.forget()
                if self.m.count(QUEUED) + self.m.count(DELAYED) > 300:
                    self.flood()
        self.check()
        for name, n in self.m.n.items():
            self.assertGreater(n, total // 500, name)
        self.drain()

    def flood(self):
        """Too much piled up while the rates were low: none are for a while."""
        for field in ('paused', 'conc', 'gl', 'rate', 'krate'):
            self.fcall('set', 13, 'me', field, '')
            self.m.settings.pop(field, None)
        self.m.tat = 0.0
        for _ in range(60):
            self.op_claim()
            self.op_ack()


if __name__ == '__main__':
    unittest.main()
