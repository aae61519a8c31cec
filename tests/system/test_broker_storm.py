# SPDX-License-Identifier: Apache-2.0
# tests/run: slow
"""Everything goes wrong at random: workers drop, resume, lie and die, producers vanish and send again, the broker and its
Redis are killed (`--durability always`: the default loses what it accepted in the last moments before Redis is killed while the disk is
behind). In the end every task is DONE, and its effect happened once: exactly one Finish of it was answered OK.

KRAIT_STORM_STEPS sets the number of steps (default 1500), KRAIT_STORM_SEED the seed.
"""
import os
import random
import socket
import struct
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import brokers
import wire

DONE, OK, DUP, STALE, AWAY = 4, 1, 2, 3, 4


class Tired(Exception):
    pass


class StormWorker:
    """A worker that keeps what it holds over reconnects, and what it finished until that was answered."""

    def __init__(self, storm):
        self.storm, self.link, self.welcome = storm, None, None
        self.held, self.finished = {}, {}
        self.seq, self.asked = 0, {}

    def connect(self):
        held = [{'id': i, 'attempt': a, 'started': s} for (i, a), s in self.held.items()]
        held += [{'id': i, 'attempt': a, 'started': 1} for i, a in self.finished]
        try:
            self.link = wire.Worker(self.storm.broker.address, resume=self.welcome, held=held, timeout=30)
        except (OSError, wire.Closed):
            self.link = None
            return
        if self.welcome and not self.link.welcome['resumed']:
            self.held = {}                       # given up: they run elsewhere
        self.welcome = self.link.welcome
        self.resend()

    def resend(self):
        if self.finished:
            self.say('finish', tasks=[self.ended(*key) for key in self.finished])

    def ended(self, id_, attempt):
        return {'id': id_, 'attempt': attempt, 'ended': 'ENDED_DONE', 'value': wire.value(1)}

    def say(self, kind, **values):
        self.seq += 1
        if kind == 'finish':
            self.asked[self.seq] = [(t['id'], t['attempt']) for t in values['tasks']]
            values['seq'] = self.seq
        elif kind == 'release':
            values['seq'] = self.seq
        try:
            self.link.send(kind, **values)
        except wire.Closed:
            self.drop()

    def drop(self):
        if self.link:
            self.link.close()
        self.link = None
        self.asked = {}

    def listen(self, seconds):
        """Takes in whatever comes."""
        if not self.link:
            return
        self.link.sock.settimeout(seconds)
        try:
            while self.link:
                self.take(*self.link.read())
        except TimeoutError:
            pass
        except wire.Closed:
            self.drop()
        finally:
            if self.link:
                self.link.sock.settimeout(brokers.patience(30))

    def take(self, kind, body):
        if kind == 'deliver':
            for d in body['tasks']:
                self.held[d['id'], d['attempt']] = 0
        elif kind == 'finish_reply':
            for key, ack in zip(self.asked.pop(body['seq'], []), body['tasks']):
                if ack == AWAY:
                    continue
                if self.finished.pop(key, None) is not None and ack == OK:
                    self.storm.effects[key[0]] = self.storm.effects.get(key[0], 0) + 1
        elif kind == 'stop' and body['why'] == 2:
            self.held = {}
            self.welcome = None
            self.drop()
        elif kind == 'error' and body['fatal']:
            self.drop()

    def step(self, rng):
        if not self.link:
            self.connect()
            return
        what = rng.random()
        if what < .4:
            self.say('credit', n=rng.randint(1, 20))
        elif what < .75 and self.held:
            some = rng.sample(sorted(self.held), rng.randint(1, len(self.held)))
            for key in some:
                self.finished[key] = self.held.pop(key)
            self.say('finish', tasks=[self.ended(*key) for key in some])
        elif what < .85 and self.held:
            some = rng.sample(sorted(self.held), rng.randint(1, len(self.held)))
            for key in some:
                self.held[key] = 1
            self.say('started', tasks=[{'id': i, 'attempt': a} for i, a in some])
        elif what < .9 and self.held:
            key = rng.choice(sorted(self.held))
            if not self.held[key]:
                del self.held[key]
                self.say('release', tasks=[{'id': key[0], 'attempt': key[1]}])
        elif what < .95:
            self.drop()                          # comes back and resumes
        elif what < .97:
            self.drop()                          # dies: another takes its place
            self.welcome, self.held = None, {}
            self.finished = {}
        elif what < .98:
            self.say('goodbye', reason='storm')
            self.drop()
            self.welcome, self.held = None, {}
        self.listen(.002)


class Storm(unittest.TestCase):
    def test_everything_goes_wrong(self):
        steps = int(os.environ.get('KRAIT_STORM_STEPS', '1500'))
        seed = int(os.environ.get('KRAIT_STORM_SEED', random.randrange(1 << 32)))
        rng = random.Random(seed)
        self.effects, self.broker = {}, brokers.Broker('--grace', '300ms', '--ttl', '2s', '--durability', 'always', data=True)
        self.addCleanup(self.broker.__exit__)
        self.broker.start()
        workers = [StormWorker(self) for _ in range(4)]
        self.addCleanup(lambda: [w.drop() for w in workers])
        accepted, pending, made = set(), [], 0
        for step in range(steps):
            what = rng.random()
            if what < .2:
                pending = ['s%d' % n for n in range(made, made + rng.randint(1, 30))]
                made += len(pending)
                accepted |= self.submit(rng, pending)
            elif what < .203:
                self.broker.kill()
                self.broker.start()
            elif what < .206:
                self.broker.kill_redis()
            else:
                rng.choice(workers).step(rng)
        self.finish(workers, accepted, 'KRAIT_STORM_SEED=%d' % seed)
        self.assertGreater(len(self.effects), len(accepted) / 2)       # the others' answers died with their worker
        twice = {i: n for i, n in self.effects.items() if n > 1}
        self.assertEqual(twice, {}, 'KRAIT_STORM_SEED=%d' % seed)

    def submit(self, rng, keys):
        """Sends again under the same keys until every one is accepted, sometimes on a connection that is cut."""
        left = set(keys)
        while left:
            try:
                p = wire.Producer(self.broker.address)
            except (OSError, wire.Closed):
                continue
            batch = sorted(left)
            try:
                if rng.random() < .1:
                    p.send('enqueue', seq=1, tasks=[wire.task('t', key=k, max_deliveries=100) for k in batch])
                    p.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
                    continue
                for key, answer in zip(batch, p.enqueue(*[wire.task('t', key=k, max_deliveries=100) for k in batch])):
                    if answer['outcome'] in (1, 2):
                        left.discard(key)
            except wire.Closed:
                pass
            finally:
                p.close()
        return {'default/' + k for k in keys}

    def finish(self, workers, accepted, hint):
        """The storm is over: whoever is left works on until all is done. However slow the machine is, something must get done."""
        left, deadline = set(accepted), time.monotonic() + brokers.patience(120)
        while True:
            for w in workers:
                if not w.link:
                    w.connect()
                    continue
                w.say('credit', n=100)
                w.listen(.01)
                if w.link and w.held:
                    some = list(w.held)
                    for key in some:
                        w.finished[key] = w.held.pop(key)
                    w.say('finish', tasks=[w.ended(*key) for key in some])
                w.listen(.01)
            try:
                states = self.states(left)
            except (wire.Closed, OSError):
                continue
            done = {i for i, s in states.items() if s == DONE}
            left -= done
            if not left:
                break
            if done:
                deadline = time.monotonic() + brokers.patience(120)
            if time.monotonic() > deadline:
                self.fail('%s: nothing was done for 2 minutes; %d left: %s\n%s' %
                          (hint, len(left), sorted((i, states[i]) for i in left)[:10], self.broker.said()[-3000:]))
        for w in workers:
            w.listen(.2)

    def states(self, ids):
        p, out, ids = wire.Producer(self.broker.address), {}, sorted(ids)
        try:
            for at in range(0, len(ids), 1000):
                out.update({i: r['state'] for i, r in p.wait(*ids[at:at + 1000], timeout_ms=0).items()})
        finally:
            p.close()
        return out


if __name__ == '__main__':
    unittest.main()
