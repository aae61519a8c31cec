# SPDX-License-Identifier: Apache-2.0
"""Options that a decorator gave hold for tasks that others send by name alone: through the broker that was told, through others, after a restart, without a worker.
And rates that a task brings itself."""
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import wire
from brokers import BUILD, TOP, Broker, until
from resp import Redis
from wire import SCHEMA
from workers import WorkerProcess

sys.path.insert(0, os.path.join(TOP, 'sdk/python'))
for name in [n for n in os.environ if n.startswith('KRAIT_') and n != 'KRAIT_BUILD']:
    del os.environ[name]
import krait  # noqa: E402

ALL = {'priority': 7, 'has_priority': 1, 'expires_ms': 3600000, 'soft_limit_ms': 1000, 'hard_limit_ms': 2000, 'memory_limit': 1 << 20, 'result_ttl_ms': 0,
       'has_result_ttl': 1, 'max_deliveries': 5, 'group': 'g', 'rate_key': 'r', 'dedupe_ms': 9000}
RETRY = {'max': 3, 'backoff': 'BACKOFF_CONSTANT', 'base_ms': 50, 'retry_on': ['ValueError']}


def said(name, queue='', **options):
    return {'name': name, 'queue': queue, 'options': options}


def options_of(delivery):
    return SCHEMA.decode('Task', delivery['body'])['options']


class ByName(unittest.TestCase):
    def setUp(self):
        self.broker = Broker(data=True)
        self.addCleanup(self.broker.__exit__)
        self.broker.start()

    def redis(self):
        client = Redis(os.path.join(os.path.realpath(self.broker.dir), 'data', 'redis', 'sock'))
        self.addCleanup(client.close)
        return client

    def client(self, kind, *args, broker=None, **more):
        client = kind((broker or self.broker).address, *args, **more)
        self.addCleanup(client.close)
        return client

    def worker(self, *names, queues=('default', 'mail'), broker=None):
        return self.client(wire.Worker, queues=queues, tasks=(), worker={'tasks': list(names)}, broker=broker)

    def producer(self, broker=None):
        return self.client(wire.Producer, broker=broker)

    def test_what_was_not_said_is_added_and_what_was_said_holds(self):
        w = self.worker(said('t.all', queue='mail', retry=RETRY, **ALL), said('t.plain'))
        p = self.producer()
        accepted, = p.enqueue(wire.task('t.all', key='a'))
        self.assertEqual((accepted['id'], accepted['outcome'], accepted['text']), ('mail/a', 1, ''))
        delivery, = w.take(1)
        got = options_of(delivery)
        self.assertEqual({k: got[k] for k in ALL}, ALL)
        self.assertEqual((got['retry']['max'], got['retry']['retry_on'], delivery['priority']), (3, ['ValueError'], 7))
        self.assertEqual(SCHEMA.decode('Task', delivery['body'])['queue'], 'mail')
        w.done(delivery)
        p.enqueue(wire.task('t.all', key='b', queue='default', priority=0, has_priority=1, expires_ms=5000, retry={'max': 0}))
        delivery, = w.take(1)
        got = options_of(delivery)
        self.assertEqual((delivery['id'], delivery['priority'], got['expires_ms'], got['retry']['max'], got['hard_limit_ms']), ('default/b', 0, 5000, 0, 2000))
        w.done(delivery)
        body = wire.task('t.plain', key='c', args=(1, 'x'))
        p.enqueue(body)
        self.assertEqual(w.take(1)[0]['body'], body)

    def test_who_says_that_all_is_said_gets_nothing_added(self):
        w = self.worker(said('t', queue='mail', retry=RETRY))
        accepted, = self.producer().enqueue(wire.task('t', key='a', complete=1))
        self.assertEqual(accepted['id'], 'default/a')
        self.assertNotIn('retry', options_of(w.take(1)[0]))

    def test_retries_and_unique_keys(self):
        w = self.worker(said('t', retry=RETRY, unique_key='one'))
        p = self.producer()
        p.enqueue(wire.task('t', key='a'))
        second, = p.enqueue(wire.task('t', key='b'))
        self.assertEqual((second['id'], second['outcome']), ('default/a', SCHEMA.enums['Accept']['ACCEPT_CONFLICT']))
        delivery, = w.take(1)
        w.finish((delivery, 'ENDED_FAILED', {'failure': {'type': 'ValueError', 'message': '', 'traceback': ''}}))
        delivery, = w.take(1)
        self.assertEqual((delivery['id'], delivery['retries']), ('default/a', 1))
        w.finish((delivery, 'ENDED_FAILED', {'failure': {'type': 'KeyError', 'message': '', 'traceback': ''}}))
        self.assertEqual(p.wait('default/a')['default/a']['state'], SCHEMA.enums['State']['STATE_DEAD'])

    def test_other_brokers_and_later_ones_know_it(self):
        other = Broker('--redis', 'unix://' + os.path.join(os.path.realpath(self.broker.dir), 'data', 'redis', 'sock'))
        self.addCleanup(other.__exit__)
        other.start()
        p = self.producer(other)
        self.assertEqual(p.enqueue(wire.task('t', key='before'))[0]['id'], 'default/before')
        w = self.worker(said('t', queue='mail', retry=RETRY))
        until(lambda: p.enqueue(wire.task('t'))[0]['id'].startswith('mail/'), 'the other broker learnt it')
        w.send('goodbye', reason='')
        w.close()
        other.stop()
        other.start()
        # The very first frame behind Hello: the Welcome waited for what Redis knows.
        self.assertEqual(self.producer(other).enqueue(wire.task('t', key='z'))[0]['id'], 'mail/z')
        self.assertGreater(self.redis()('PTTL', 'kr:{default/queues}:options'), 0)

    def test_the_last_word_holds(self):
        p = self.producer()
        first = self.worker(said('t', queue='mail'), said('u', queue='mail'))
        self.assertEqual(p.enqueue(wire.task('t'))[0]['id'][:5], 'mail/')
        self.worker(said('t'), said('u', queue='default'))
        self.assertEqual([a['id'].split('/')[0] for a in p.enqueue(wire.task('t'), wire.task('u'))], ['default', 'default'])
        redis = self.redis()
        until(lambda: redis('HKEYS', 'kr:{default/queues}:options') == [b'u'], 'it is in Redis')
        first.close()

    def test_what_was_taken_back_stays_so(self):
        """Also when the broker is just reading what it said before."""
        p, redis = self.producer(), self.redis()
        for _ in range(60):
            two = self.worker(said('t', queue='mail')), self.worker(said('t'))
            self.assertEqual(p.enqueue(wire.task('t'))[0]['id'].split('/')[0], 'default')
            # A queue's name that has come by the same ways behind all this shows that all is read.
            mark = self.worker(said('mark', queue='mail'))
            until(lambda: redis('HEXISTS', 'kr:{default/queues}:options', 'mark') == 1, 'the mark is in Redis')
            self.assertEqual(p.enqueue(wire.task('t'))[0]['id'].split('/')[0], 'default')
            end = self.worker(said('mark'))
            until(lambda: redis('HKEYS', 'kr:{default/queues}:options') == [], 'nothing is left in Redis')
            for w in (*two, mark, end):
                w.close()

    def test_the_right_to_the_queue_it_comes_to_is_asked(self):
        import hashlib
        path = os.path.join(self.broker.dir, 'tokens')
        with open(path, 'w', opener=lambda p, f: os.open(p, f, 0o600)) as file:
            for who, rights in (('w', 'consume'), ('p', 'enqueue queues=default')):
                file.write('%s sha256:%s %s\n' % (who, hashlib.sha256(who.encode()).hexdigest(), rights))
        guarded = Broker('--tokens', path)
        self.addCleanup(guarded.__exit__)
        guarded.start()
        w = wire.Worker(guarded.address, tasks=(), worker={'tasks': [said('t', queue='mail')]}, token=b'w')
        p = wire.Producer(guarded.address, token=b'p')
        self.addCleanup(w.close)
        self.addCleanup(p.close)
        refused, = p.enqueue(wire.task('t'))
        self.assertEqual((refused['outcome'], refused['text']), (SCHEMA.enums['Accept']['ACCEPT_REFUSED'], 'the token has no right to this queue'))

    def test_a_namespace_has_its_own(self):
        self.worker(said('t', queue='mail'))
        p = self.client(wire.Producer, ns='other')
        self.assertEqual(p.enqueue(wire.task('t', key='k'))[0]['id'], 'default/k')


class Rates(unittest.TestCase):
    def setUp(self):
        self.broker = Broker()
        self.addCleanup(self.broker.__exit__)
        self.broker.start()

    def states(self, p, ids):
        return [{1: 'queued', 2: 'delayed', 3: 'active'}[p.wait(i, timeout_ms=0)[i]['state']] for i in ids]

    def test_a_task_brings_its_own_rate(self):
        w, p = wire.Worker(self.broker.address, tasks=('slow', 'quick')), wire.Producer(self.broker.address)
        self.addCleanup(w.close)
        self.addCleanup(p.close)
        hour = dict(rate_us=3600000000)
        ids = [a['id'] for a in p.enqueue(wire.task('slow', **hour), wire.task('slow', **hour), wire.task('quick'), wire.task('slow', rate_key='mine', **hour),
                                          wire.task('slow', rate_key='k' * 100, **hour), wire.task('slow', rate_key='k' * 100, **hour))]
        got = {d['id'] for d in w.take(4)}
        self.assertEqual(got, {ids[0], ids[2], ids[3], ids[4]})
        w.send('credit', n=1)
        until(lambda: self.states(p, ids) == ['active', 'delayed', 'active', 'active', 'active', 'delayed'], 'two wait for their turn')

    def test_the_next_start_comes_by_itself(self):
        w, p = wire.Worker(self.broker.address), wire.Producer(self.broker.address)
        self.addCleanup(w.close)
        self.addCleanup(p.close)
        ids = [a['id'] for a in p.enqueue(*[wire.task('t', rate_us=50000) for _ in range(4)])]
        deliveries = w.take(4)
        self.assertEqual([d['id'] for d in deliveries], ids)
        w.done(*deliveries)
        self.assertTrue(all(r['state'] == 4 for r in p.wait(*ids).values()))


APP = '''
from krait import App, current_task

app = App('tasks')


@app.task(queue='mail', max_retries=2, retry_delay=0.01, priority=8, expires=3600)
def flaky(mark):
    me = current_task()
    if me.retries < 2:
        raise ValueError('not yet')
    return [me.queue, me.retries, me.max_retries]


@app.task(time_limit=0.2)
def endless():
    while True:
        pass


@app.task(rate_limit='10/s')
def paced():
    return 1
'''


class Real(unittest.TestCase):
    """A real worker's decorators, from a shell, from C by way of the shell, and from another Python program."""

    def test_from_everywhere(self):
        with Broker() as broker, WorkerProcess(broker.address, '--queues', 'default,mail', app=APP):
            env = dict(os.environ, KRAIT_BROKER=broker.address)
            krait_program = os.path.join(BUILD, 'krait')
            done = subprocess.run([krait_program, 'enqueue', 'tasks.flaky', 'x', '--wait', '60'], env=env, capture_output=True, text=True)
            self.assertEqual((done.stdout, done.stderr, done.returncode), ('["mail", 2, 2]\n', '', 0))
            done = subprocess.run([krait_program, 'enqueue', 'tasks.flaky', 'x', '--max-retries', '0', '--wait', '60'], env=env, capture_output=True, text=True)
            self.assertEqual(done.returncode, 1)
            self.assertIn('ValueError: not yet', done.stderr)
            done = subprocess.run([krait_program, 'enqueue', 'tasks.paced', '--rate-limit', '10/x'], env=env, capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stderr.count('\n')), (2, 1))
            self.assertIn('10/m', done.stderr)
            app = krait.App('other', broker=broker.address)
            self.addCleanup(app.close)
            self.assertEqual(app.send_task('tasks.flaky', ('y',)).get(timeout=60), ['mail', 2, 2])
            self.assertEqual(app.send_task('tasks.flaky', ('y',), max_retries=5).get(timeout=60), ['mail', 2, 5])
            with self.assertRaises(krait.TaskError) as caught:
                app.send_task('tasks.flaky', ('y',), max_retries=0).get(timeout=60)
            self.assertEqual(caught.exception.type, 'ValueError')
            with self.assertRaises(krait.TaskError) as caught:
                app.send_task('tasks.endless').get(timeout=60)
            self.assertEqual(caught.exception.reason, 'timed_out')
            self.assertEqual(app.send_many([('tasks.paced', ())] * 3).get(timeout=60), [1, 1, 1])


if __name__ == '__main__':
    unittest.main()
