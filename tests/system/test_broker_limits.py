# SPDX-License-Identifier: Apache-2.0
"""What one client, one worker or one task can do to the others: nothing. Connection limits, a client that does not read, a task that kills
its worker, many connections at once."""
import os
import resource
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import brokers
import wire
from test_broker import DEAD, DONE, OK, OneBroker, WORKER_LOST

LIMIT = 54


class Connections(OneBroker):
    options = ('--max-connections', '3')

    def test_one_too_many_is_told_why(self):
        clients = [self.producer() for _ in range(3)]
        with self.assertRaisesRegex(wire.Closed, 'error %d: too many connections' % LIMIT):
            wire.Client(self.broker.address).expect('welcome')
        clients[0].close()
        brokers.until(lambda: self.broker.metric('krait_connections') == 2, 'the place to be free')
        self.assertEqual(self.producer().enqueue(wire.task('t'))[0]['outcome'], OK)


class SlowClient(OneBroker):
    def test_who_does_not_read_is_shed_and_others_go_on(self):
        p, w = self.producer(), self.worker()
        big = 'x' * (3 << 20)
        p.enqueue(*[wire.task('t', key='k%d' % i) for i in range(30)])
        for one in w.take(30):
            w.done(one, result=big)
        slow = self.producer()
        for seq in range(1, 3):
            slow.send('wait', seq=seq, ids=['default/k%d' % i for i in range(30)], timeout_ms=0)
        brokers.until(lambda: 'client shed' in self.broker.said(), 'the slow one to be shed')
        self.assertEqual(p.enqueue(wire.task('t', key='after'))[0]['outcome'], OK)
        self.assertEqual(w.done(*w.take(1)), [1])
        self.assertEqual(p.wait('default/after')['default/after']['state'], DONE)


class Poison(OneBroker):
    options = ('--grace', '50ms')

    def test_a_task_that_kills_its_worker_five_times_goes_alone(self):
        p = self.producer()
        p.enqueue(wire.task('t', key='poison', max_deliveries=5, priority=9, has_priority=True),
                  *[wire.task('t', key='n%d' % i, max_deliveries=1) for i in range(4)])
        for death in range(5):
            w = wire.Worker(self.broker.address)
            got = w.take(5)
            self.assertEqual((got[0]['id'], got[0]['deliveries']), ('default/poison', death))
            self.assertEqual({d['deliveries'] for d in got[1:]}, {0})
            w.send('started', tasks=[{'id': got[0]['id'], 'attempt': got[0]['attempt']}])
            w.wait('default/nothing', timeout_ms=0)          # it was heard
            self.drop(w)
        dead = p.wait('default/poison')['default/poison']
        self.assertEqual((dead['state'], wire.outcome(dead)['reason']), (DEAD, WORKER_LOST))
        w = self.worker()
        got = w.take(4)
        self.assertEqual(sorted((d['id'], d['deliveries']) for d in got), [('default/n%d' % i, 0) for i in range(4)])
        self.assertEqual(self.p_dead(p), ['default/poison'])

    def p_dead(self, p):
        return [t['id'] for t in p.ask('tasks_ask', 'tasks_reply', queue='default', state='STATE_DEAD')['tasks']]


class Crowd(OneBroker):
    """2,000 idle connections and 200 that work; tests/scale has the whole number."""
    IDLE, BUSY = 2000, 200

    def test_idle_ones_cost_the_busy_ones_nothing(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
        idle = [self.producer() for _ in range(self.IDLE)]
        busy = [self.producer() for _ in range(self.BUSY)]
        w = self.worker()
        for i, p in enumerate(busy):
            p.seq += 1
            p.send('enqueue', seq=p.seq, tasks=[wire.task('t', key='k%d' % i)])
        w.done(*w.take(self.BUSY))
        for i, p in enumerate(busy):
            p.expect('enqueue_reply')
            self.assertEqual(p.wait('default/k%d' % i)['default/k%d' % i]['state'], DONE)
        self.assertEqual(self.broker.metric('krait_connections'), self.IDLE + self.BUSY + 1)
        idle[-1].wait('default/k0', timeout_ms=0)            # still served


if __name__ == '__main__':
    unittest.main()
