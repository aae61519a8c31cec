# SPDX-License-Identifier: Apache-2.0
"""A rolling upgrade: brokers of the version before and of this one on the same Redis, each with its own function library.

golden/v1.rdb is what version 1 left behind: its library, and tasks in every state, one of them held by a worker that is gone. The old
broker is played by calling its functions.
"""
import os
import shutil
import struct
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import brokers
import resp
import wire
from test_broker import ACK_OK, CANCELLED, DEAD, DELAYED, DONE, OK
from test_broker_functions import Task, ack_ctl

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'golden', 'v1.rdb')
SID, TTL = 'f' * 16, 15000


class Upgrade(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix='krait-test-')
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        shutil.copy(GOLDEN, os.path.join(self.dir, 'dump.rdb'))
        server = resp.Server('--dir', self.dir).__enter__()
        self.addCleanup(server.__exit__)
        self.redis = server.client()
        self.addCleanup(self.redis.close)
        brokers.until(lambda: self.loaded(), 'the data to be loaded')
        self.broker = brokers.Broker('--redis', 'unix://' + server.path, '--ttl', '1s')
        self.addCleanup(self.broker.__exit__)
        self.broker.start()
        self.p = wire.Producer(self.broker.address)
        self.addCleanup(self.p.close)

    def loaded(self):
        try:
            return self.redis('DBSIZE')
        except resp.RedisError:
            return 0

    def worker(self, *queues):
        worker = wire.Worker(self.broker.address, queues=queues)
        self.addCleanup(worker.close)
        return worker

    def old(self, name, queue, *args):
        return self.redis('FCALL', 'kr1_' + name, 1, 'kr:{default/%s/0}:c' % queue, *args)

    def task(self, rng_key):
        """What an old broker writes."""
        body = wire.task('t', key=rng_key, queue='old')
        return [rng_key, Task(rng_key, 0, 4, 0, 0, 86400000, 3, 0, False, body).tail()]

    def test_both_libraries_lie_side_by_side(self):
        flat = [x for library in self.redis('FUNCTION', 'LIST') for x in library]
        self.assertLessEqual({b'krait_v1', b'krait_v2'}, {x for x in flat if isinstance(x, bytes)})

    def test_what_the_old_version_left_goes_on(self):
        states = {i: r['state'] for i, r in self.p.wait('ends/done', 'ends/dead', 'old/gone', 'old/much-later', timeout_ms=0).items()}
        self.assertEqual(states, {'ends/done': DONE, 'ends/dead': DEAD, 'old/gone': CANCELLED, 'old/much-later': DELAYED})
        self.assertEqual(wire.unvalue(wire.outcome(self.p.wait('ends/done')['ends/done'])['value']), 42)
        w = self.worker('old')
        got = [d['id'] for d in w.take(7)]
        self.assertEqual(got[:3] + got[-3:], ['old/high0', 'old/high1', 'old/high2', 'old/low0', 'old/low1', 'old/low2'])
        self.assertEqual(got[3], 'old/later')

    def test_a_worker_that_died_before_the_upgrade_gives_its_task_back(self):
        w = self.worker('ends')
        one, = w.take(1)
        self.assertEqual((one['id'], one['attempt'], one['deliveries']), ('ends/held', 2, 1))
        self.assertEqual(w.done(one), [ACK_OK])

    def test_an_old_dead_letter_is_shown_and_runs_again(self):
        page = self.p.ask('tasks_ask', 'tasks_reply', queue='ends', state='STATE_DEAD')['tasks']
        self.assertEqual([(t['id'], t['failure']['type']) for t in page], [('ends/dead', 'ValueError')])
        self.assertEqual(self.p.ask('tasks_do', 'changed', verb='TASK_RETRY', ids=['ends/dead'])['n'], 1)
        w = self.worker('ends')
        got = {d['id']: d for d in w.take(2)}
        self.assertEqual(got['ends/dead']['attempt'], 2)

    def test_old_brokers_feed_new_workers(self):
        w = self.worker('old')
        w.take(7)
        w.send('credit', n=2)
        self.assertEqual(self.old('enqueue', 'old', 'oldbroke', 0, *self.task('n1'), *self.task('n2')), b'nn')      # its wake-up reaches us
        got = w.more(2)
        self.assertEqual([d['id'] for d in got], ['old/n1', 'old/n2'])
        self.assertEqual(w.done(*got), [ACK_OK, ACK_OK])
        state = self.old('wait', 'old', 'oldbroke', 'n1')[0]
        self.assertEqual(state[1], DONE)

    def test_old_brokers_run_what_new_ones_took_and_tell_who_waits(self):
        self.assertEqual(self.p.enqueue(wire.task('t', key='a', queue='both'))[0]['outcome'], OK)
        self.p.send('wait', seq=99, ids=['both/a'], timeout_ms=20000)
        # It is the waiter by now: a question behind it was answered.
        self.p.queue('both')
        reply = self.old('claim', 'both', 'oldbroke', TTL, SID, 1)
        self.assertEqual(reply[2:4], [1, b'a'])
        self.assertEqual(self.old('started', 'both', SID, 1, 'a', struct.pack('>I', 1)), 1)
        outcome = wire.SCHEMA.encode('Outcome', {'value': wire.value(7), 'attempt': 1})
        self.assertEqual(self.old('ack', 'both', 'oldbroke', 1, SID, 1, 'a', ack_ctl(1, SID, DONE), outcome), b'o')
        result = self.p.expect('result')
        self.assertEqual((result['seq'], wire.unvalue(wire.outcome(result['tasks'][0])['value'])), (99, 7))

    def test_the_end_of_an_old_broker_brings_its_tasks_here(self):
        self.p.enqueue(wire.task('t', key='a', queue='both'))
        self.assertEqual(self.old('claim', 'both', 'oldbroke', 200, SID, 1)[2:4], [1, b'a'])
        one, = self.worker('both').take(1)
        self.assertEqual((one['id'], one['attempt']), ('both/a', 2))
        self.assertEqual(self.old('ack', 'both', 'oldbroke', 1, SID, 1, 'a', ack_ctl(1, SID, DONE), b''), b's')


if __name__ == '__main__':
    unittest.main()
