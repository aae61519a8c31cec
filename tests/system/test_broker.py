# SPDX-License-Identifier: Apache-2.0
"""The broker seen from its wire: producers, workers, sessions, errors. The Redis functions have their own model test."""
import os
import socket
import struct
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import brokers
import wire

OK, EXISTS, FULL, REFUSED, AWAY = 1, 2, 3, 5, 6
ACK_OK, ACK_DUP, ACK_STALE = 1, 2, 3
NONE, QUEUED, DELAYED, ACTIVE, DONE, DEAD, CANCELLED = range(7)
FAILED, EXPIRED, UNKNOWN_TASK, WORKER_LOST = 1, 2, 3, 4


class OneBroker(unittest.TestCase):
    """A fresh broker for each test."""
    options, data = (), False

    def setUp(self):
        self.broker = brokers.Broker(*self.options, data=self.data)
        self.addCleanup(self.broker.__exit__)
        self.broker.start()

    def producer(self, **hello):
        client = wire.Producer(self.broker.address, **hello)
        self.addCleanup(client.close)
        return client

    def worker(self, **hello):
        client = wire.Worker(self.broker.address, **hello)
        self.addCleanup(client.close)
        return client

    def drop(self, worker):
        """Cuts the connection without a word."""
        worker.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        worker.close()


class Tasks(OneBroker):
    options = ('--unknown-after', '2s')

    def test_enqueue_claim_finish_result(self):
        p, w = self.producer(), self.worker()
        accepted = p.enqueue(wire.task('t', key='a', args=(1, 'x')), wire.task('t', queue='other'))
        self.assertEqual([a['outcome'] for a in accepted], [OK, OK])
        self.assertEqual(accepted[0]['id'], 'default/a')
        self.assertRegex(accepted[1]['id'], '^other/[0-9a-z]{26}$')
        one, = w.take(1)
        self.assertEqual((one['id'], one['attempt'], one['deliveries']), ('default/a', 1, 0))
        self.assertEqual(wire.SCHEMA.decode('Task', one['body'])['payload'], wire.payload(1, 'x'))
        self.assertEqual(w.done(one, result=42), [ACK_OK])
        result = p.wait('default/a')['default/a']
        self.assertEqual((result['state'], wire.unvalue(wire.outcome(result)['value'])), (DONE, 42))

    def test_a_wait_that_began_before_the_end_is_answered(self):
        p, w = self.producer(), self.worker()
        p.enqueue(wire.task('t', key='a'), wire.task('t', key='b'))
        p.send('wait', seq=77, ids=['default/a', 'default/b', 'default/nobody'], timeout_ms=20000)
        first = p.expect('result')
        self.assertEqual([(t['id'], t['state']) for t in first['tasks']], [('default/nobody', NONE)])
        w.done(*w.take(2))
        seen = []
        while len(seen) < 2:
            reply = p.expect('result')
            self.assertEqual(reply['seq'], 77)
            seen += [(t['id'], t['state']) for t in reply['tasks']]
        self.assertEqual(sorted(seen), [('default/a', DONE), ('default/b', DONE)])

    def test_several_wait_for_the_same_task(self):
        w = self.worker()
        producers = [self.producer() for _ in range(3)]
        producers[0].enqueue(wire.task('t', key='a'))
        for p in producers:
            p.send('wait', seq=1, ids=['default/a', 'default/a'], timeout_ms=20000)
        w.done(*w.take(1), result=7)
        for p in producers:
            got = []
            while len(got) < 2:
                got += p.expect('result')['tasks']
            self.assertEqual([wire.unvalue(wire.outcome(t)['value']) for t in got], [7, 7])

    def test_wait_answers_the_state_at_its_deadline(self):
        p = self.producer()
        p.enqueue(wire.task('t', key='a'), wire.task('t', key='d', delay_ms=3600000))
        for ms in (0, 50):
            states = {k: v['state'] for k, v in p.wait('default/a', 'default/d', timeout_ms=ms).items()}
            self.assertEqual(states, {'default/a': QUEUED, 'default/d': DELAYED})

    def test_the_same_key_is_one_task(self):
        p = self.producer()
        self.assertEqual([a['outcome'] for a in p.enqueue(*[wire.task('t', key='a')] * 3)], [OK, EXISTS, EXISTS])
        self.assertEqual(p.queue('default')['queued'], 1)

    def test_dup_and_stale(self):
        p, w = self.producer(), self.worker()
        p.enqueue(wire.task('t', key='a'))
        one, = w.take(1)
        self.assertEqual(w.done(dict(one, attempt=2)), [ACK_STALE])
        self.assertEqual(w.done(dict(one, id='default/other')), [ACK_STALE])
        self.assertEqual(w.done(one), [ACK_OK])
        self.assertEqual(w.done(one), [ACK_DUP])
        other = self.worker()
        self.assertEqual(other.done(one), [ACK_DUP])

    def test_somebody_elses_task_is_stale(self):
        p, w, other = self.producer(), self.worker(), self.worker()
        p.enqueue(wire.task('t', key='a'))
        one, = w.take(1)
        self.assertEqual(other.done(one), [ACK_STALE])
        self.assertEqual(w.done(one), [ACK_OK])

    def test_priorities(self):
        p = self.producer()
        p.enqueue(*[wire.task('t', key='p%d' % n, priority=n, has_priority=1) for n in (0, 9, 4)],
                  wire.task('t', key='none'))
        w = self.worker()
        self.assertEqual([d['id'] for d in w.take(4)], ['default/p9', 'default/p4', 'default/none', 'default/p0'])

    def test_a_delayed_task_comes_when_it_is_due(self):
        p, w = self.producer(), self.worker()
        w.send('credit', n=2)
        p.enqueue(wire.task('t', key='late', delay_ms=400), wire.task('t', key='now'))
        self.assertEqual([d['id'] for d in w.more(2)], ['default/now', 'default/late'])

    def test_an_expired_task_is_dead(self):
        p = self.producer()
        p.enqueue(wire.task('t', key='a', expires_ms=1))
        result = p.wait('default/a')['default/a']
        if result['state'] == QUEUED:      # looked within its millisecond
            result = p.wait('default/a')['default/a']
        self.assertEqual((result['state'], wire.outcome(result)['reason']), (DEAD, EXPIRED))

    def test_a_failure_without_retries_is_dead_with_its_traceback(self):
        p, w = self.producer(), self.worker()
        p.enqueue(wire.task('t', key='a'))
        failure = {'type': 'ValueError', 'message': 'no', 'traceback': 'Traceback…'}
        self.assertEqual(w.finish((w.take(1)[0], 'ENDED_FAILED', {'failure': failure})), [ACK_OK])
        result = p.wait('default/a')['default/a']
        out = wire.outcome(result)
        self.assertEqual((result['state'], out['reason'], out['failure']), (DEAD, FAILED, failure))
        self.assertEqual(p.queue('default')['dead'], 1)

    def test_retries_follow_the_policy(self):
        p, w = self.producer(), self.worker()
        w.send('credit', n=10)
        retry = {'max': 2, 'backoff': 'BACKOFF_CONSTANT', 'base_ms': 50, 'fail_on': ['KeyError']}
        p.enqueue(wire.task('t', key='a', retry=retry), wire.task('t', key='b', retry=retry))
        fail = lambda d, what: w.finish((d, 'ENDED_FAILED', {'failure': {'type': what, 'message': '', 'traceback': ''}}))
        one, two = w.more(2)
        self.assertEqual(fail(two, 'builtins.KeyError'), [ACK_OK])
        self.assertEqual(p.wait('default/b')['default/b']['state'], DEAD)
        for retries in (0, 1):
            self.assertEqual((one['retries'], one['attempt']), (retries, retries + 1))
            self.assertEqual(fail(one, 'ValueError'), [ACK_OK])
            one, = w.more(1)
        self.assertEqual(fail(one, 'ValueError'), [ACK_OK])
        self.assertEqual(p.wait('default/a')['default/a']['state'], DEAD)

    def test_an_unknown_task_warns_and_dies(self):
        p, w = self.producer(), self.worker(tasks=('known',))
        nobody, known = p.enqueue(wire.task('nobody', key='a'), wire.task('known', key='b'))
        self.assertIn('no worker knows', nobody['text'])
        self.assertEqual(known['text'], '')
        w.send('credit', n=1000)
        p.send('wait', seq=9, ids=['default/a'], timeout_ms=30000)
        refusals = 0
        while True:
            kind, body = w.read()
            if kind != 'deliver':
                continue
            for one in body['tasks']:
                if one['id'] == 'default/b':
                    continue
                self.assertEqual(one['deliveries'], 0)
                refusals += 1
                w.send('finish', seq=refusals, tasks=[{'id': one['id'], 'attempt': one['attempt'],
                                                       'ended': 'ENDED_UNKNOWN_TASK'}])
            if refusals == 3:
                break
        result, = p.expect('result')['tasks']
        self.assertEqual((result['state'], wire.outcome(result)['reason']), (DEAD, UNKNOWN_TASK))

    def test_a_slot_that_dies_counts_and_ends_dead(self):
        p, w = self.producer(), self.worker()
        p.enqueue(wire.task('t', key='a', max_deliveries=2), wire.task('t', key='b'))
        w.send('credit', n=10)
        one, two = w.more(2)
        self.assertEqual(w.finish((one, 'ENDED_LOST', {}), (two, 'ENDED_RELEASED', {})), [ACK_OK, ACK_OK])
        again = {d['id']: d for d in w.more(2)}
        self.assertEqual((again['default/a']['deliveries'], again['default/b']['deliveries']), (1, 0))
        self.assertEqual(w.finish((again['default/a'], 'ENDED_LOST', {})), [ACK_OK])
        result = p.wait('default/a')['default/a']
        self.assertEqual((result['state'], wire.outcome(result)['reason']), (DEAD, WORKER_LOST))
        self.assertEqual(w.done(again['default/b']), [ACK_OK])

    def test_cancel(self):
        p, w = self.producer(), self.worker()
        p.enqueue(wire.task('t', key='running'))
        one, = w.take(1)
        p.enqueue(wire.task('t', key='queued'))
        ids = ['default/queued', 'default/running', 'default/none']
        reply = p.ask('cancel', 'cancel_reply', ids=ids, running=1)
        self.assertEqual([t['state'] for t in reply['tasks']], [CANCELLED, ACTIVE, NONE])
        stop = w.expect('stop')
        self.assertEqual((stop['why'], stop['tasks']), (1, [{'id': 'default/running', 'attempt': 1}]))
        self.assertEqual(w.finish((one, 'ENDED_CANCELLED', {})), [ACK_OK])
        states = {k: v['state'] for k, v in p.wait(*ids).items()}
        self.assertEqual(states, {ids[0]: CANCELLED, ids[1]: CANCELLED, ids[2]: NONE})

    def test_who_asks_later_learns_why_it_was_cancelled(self):
        p, w, other = self.producer(), self.worker(), self.producer()
        p.enqueue(wire.task('t', key='running'))
        one, = w.take(1)
        p.enqueue(wire.task('t', key='queued'))
        ids = ['default/queued', 'default/running']
        other.send('wait', seq=5, ids=ids, timeout_ms=20000)
        self.assertEqual(other.queue('default')['queued'], 1)      # the waits stand now
        p.ask('cancel', 'cancel_reply', ids=ids, running=1, reason='not wanted\nany more')
        w.expect('stop')
        w.finish((one, 'ENDED_CANCELLED', {'failure': {'type': 'TaskStopped', 'message': 'the task was cancelled', 'traceback': 'tb'}}))
        waited = {}
        while len(waited) < 2:
            waited.update({t['id']: t for t in other.expect('result')['tasks']})
        for found in p.wait(*ids), waited:
            for i in ids:
                self.assertEqual(found[i]['state'], CANCELLED)
                outcome = wire.outcome(found[i])
                self.assertEqual((outcome['failure']['type'], outcome['failure']['message'], outcome['reason']), ('Cancelled', 'not wanted\nany more', 7))
                self.assertGreater(outcome['finished_ms'], 1.7e12)

    def test_a_result_that_is_not_kept_reaches_who_waits(self):
        p, w = self.producer(), self.worker()
        p.enqueue(wire.task('t', key='a', has_result_ttl=1, result_ttl_ms=0))
        p.send('wait', seq=5, ids=['default/a'], timeout_ms=20000)
        self.assertEqual(p.queue('default')['queued'], 1)      # the wait stands now
        w.done(*w.take(1), result=3)
        result, = p.expect('result')['tasks']
        self.assertEqual(wire.unvalue(wire.outcome(result)['value']), 3)
        later = p.wait('default/a', timeout_ms=0)['default/a']
        self.assertEqual((later['state'], wire.outcome(later)['no_value']), (DONE, 1))

    def test_large_batches_keep_order_and_credit(self):
        p, w = self.producer(), self.worker()
        ids = []
        for base in range(0, 3000, 1000):
            ids += [a['id'] for a in p.enqueue(*[wire.task('t', key='k%d' % n) for n in range(base, base + 1000)])]
        got = w.take(700)
        self.assertEqual([d['id'] for d in got], ids[:700])
        self.assertEqual(p.queue('default')['active'], 700)
        while got:
            self.assertEqual(set(w.done(*got)), {ACK_OK})
            left = min(700, 3000 - int(got[-1]['id'].split('/k')[1]) - 1)
            got = w.take(left) if left else []
        info = p.queue('default')
        self.assertEqual((info['queued'], info['active']), (0, 0))

    def test_a_large_task(self):
        p, w = self.producer(), self.worker()
        big = 'x' * (3 << 20)
        p.enqueue(wire.task('t', key='a', args=(big,)), wire.task('t', key='b', args=(big,)))
        for one in w.take(2):
            self.assertEqual(wire.SCHEMA.decode('Task', one['body'])['payload'], wire.payload(big))
            w.done(one, result=big)
        self.assertEqual(wire.unvalue(wire.outcome(p.wait('default/a')['default/a'])['value']), big)

    def test_what_cannot_be_done_yet_is_refused_with_its_reason(self):
        p = self.producer()
        chained = wire.SCHEMA.encode('Task', {'name': 't', 'workflow': 'w', 'node': 'n'})
        refused, bad = p.enqueue(chained, wire.task('t', queue='no/slash'))
        self.assertEqual((refused['outcome'], bad['outcome']), (REFUSED, REFUSED))
        self.assertIn('workflows', refused['text'])

    def test_namespaces_are_apart(self):
        p, q = self.producer(ns='one'), self.producer(ns='two')
        p.enqueue(wire.task('t', key='a'))
        self.assertEqual(q.wait('default/a', timeout_ms=0)['default/a']['state'], NONE)
        w = self.worker(ns='two')
        w.send('credit', n=1)
        q.enqueue(wire.task('t', key='b'))
        self.assertEqual(w.more(1)[0]['id'], 'default/b')


class Sessions(OneBroker):
    options = ('--ttl', '1500ms', '--grace', '300ms')

    def test_a_dropped_worker_loses_its_tasks_after_the_grace(self):
        p, w = self.producer(), self.worker()
        p.enqueue(wire.task('t', key='a'), wire.task('t', key='b'))
        one, two = w.take(2)
        w.send('started', tasks=[{'id': one['id'], 'attempt': 1}])
        brokers.until(lambda: self.broker.metric('krait_sessions', role='worker') == 1, 'the session')
        self.assertEqual(w.done(dict(two, attempt=9)), [ACK_STALE])    # the broker has read the start
        self.drop(w)
        other = self.worker()
        again = {d['id']: d for d in other.take(2)}
        self.assertEqual((again['default/a']['attempt'], again['default/a']['deliveries']), (2, 1))
        self.assertEqual((again['default/b']['attempt'], again['default/b']['deliveries']), (2, 0))
        self.assertEqual(other.done(*again.values()), [ACK_OK, ACK_OK])

    def test_a_silent_worker_is_given_up(self):
        p, w = self.producer(), self.worker()
        p.enqueue(wire.task('t', key='a'))
        one, = w.take(1)
        other = self.worker()
        other.send('credit', n=1)
        again, = other.more(1)                 # w answers no heartbeat meanwhile
        self.assertEqual((again['id'], again['attempt']), (one['id'], 2))
        with self.assertRaises(wire.Closed):
            w.done(one)
        self.assertEqual(other.done(again), [ACK_OK])

    def test_goodbye_gives_back_at_once_and_uncounted(self):
        p, w = self.producer(), self.worker()
        p.enqueue(wire.task('t', key='a'))
        w.take(1)
        w.send('goodbye', reason='test')
        again, = self.worker().take(1)
        self.assertEqual((again['attempt'], again['deliveries']), (2, 0))

    def test_resume_goes_on_with_what_is_held(self):
        p, w = self.producer(), self.worker()
        p.enqueue(*[wire.task('t', key=k) for k in 'abc'])
        a, b, c = w.take(3)
        self.drop(w)
        held = [{'id': d['id'], 'attempt': d['attempt']} for d in (a, b)]
        again = self.worker(resume=w.welcome, held=held)
        self.assertEqual((again.welcome['resumed'], again.welcome['session']), (1, w.welcome['session']))
        lost, = again.take(1)                  # c got lost on the way: it comes back, uncounted
        self.assertEqual((lost['id'], lost['attempt'], lost['deliveries']), (c['id'], 2, 0))
        self.assertEqual(again.done(a, b, lost), [ACK_OK] * 3)

    def test_resume_needs_the_secret(self):
        w = self.worker()
        self.drop(w)
        other = self.worker(resume=dict(w.welcome, secret=b'0' * 64))
        self.assertEqual(other.welcome['resumed'], 0)
        self.assertNotEqual(other.welcome['session'], w.welcome['session'])

    def test_resume_after_the_grace_is_told_so(self):
        p, w = self.producer(), self.worker()
        p.enqueue(wire.task('t', key='a'))
        one, = w.take(1)
        self.drop(w)
        brokers.until(lambda: p.queue('default')['queued'] == 1, 'the reap')
        again = self.worker(resume=w.welcome, held=[{'id': one['id'], 'attempt': 1}])
        self.assertEqual(again.welcome['resumed'], 0)
        self.assertEqual(again.done(one), [ACK_STALE])

    def test_workers_and_metrics(self):
        w = self.worker(worker={'name': 'w1'})
        info, = self.producer().ask('workers_ask', 'workers_reply')['workers']
        self.assertEqual((info['name'], info['session'], info['queues']), ('w1', w.welcome['session'], ['default']))
        self.assertEqual(self.broker.metric('krait_sessions', role='worker'), 1)


class Wakeups(OneBroker):
    def test_depth_rises_and_falls_in_metrics_and_json(self):
        p = self.producer()
        p.enqueue(*[wire.task('t') for _ in range(5)])
        self.assertEqual(self.broker.metric('krait_queue_depth', queue='default', state='queued'), 5)
        self.assertIn('"depth":5', self.broker.get('/v1/queues/default')[1])
        w = self.worker()
        got = w.take(5)
        self.assertEqual(self.broker.metric('krait_queue_depth', queue='default', state='active'), 5)
        w.done(*got)
        self.assertEqual(self.broker.metric('krait_queue_depth', queue='default', state='active'), 0)
        self.assertEqual(self.broker.metric('krait_tasks_total', queue='default', outcome='done'), 5)

    def test_one_credit_finds_its_task_in_any_of_many_queues(self):
        p = self.producer()
        p.enqueue(wire.task('t', queue='q7', key='a'))
        w = self.worker(queues=['q%d' % n for n in range(10)])
        w.sock.settimeout(brokers.patience(5))
        self.assertEqual(w.take(1)[0]['id'], 'q7/a')
        p.enqueue(wire.task('t', queue='q3', key='b'), wire.task('t', queue='q3', key='c'))
        self.assertEqual(w.take(1)[0]['id'], 'q3/b')
        self.assertEqual(w.take(1)[0]['id'], 'q3/c')

    def test_weights_hold_with_one_credit_at_a_time(self):
        p = self.producer()
        p.enqueue(*[wire.task('t', queue=q) for q in 'ab' for _ in range(40)])
        w = self.worker(queues=('a:3', 'b:1'))
        got = [w.take(1)[0]['id'][0] for _ in range(40)]
        self.assertEqual(got.count('a'), 30)
        self.assertEqual(got[:20].count('a'), 15)
        got += [d['id'][0] for d in w.take(40)]            # and with many at once nothing is left behind
        self.assertEqual((got.count('a'), got.count('b')), (40, 40))

    def test_several_queues_and_workers(self):
        p = self.producer()
        w1, w2 = self.worker(queues=('a', 'b')), self.worker(queues=('b', 'c'))
        w1.send('credit', n=4)
        w2.send('credit', n=4)
        p.enqueue(*[wire.task('t', queue=q) for q in 'aabbcc'])
        got1, got2 = [], []
        while len(got1) + len(got2) < 6:
            for w, got in ((w1, got1), (w2, got2)):
                w.sock.settimeout(0.05)
                try:
                    got += w.more(1)
                except TimeoutError:
                    pass
        self.assertTrue({d['id'][0] for d in got1} <= set('ab'))
        self.assertTrue({d['id'][0] for d in got2} <= set('bc'))


class OutsideRedis(unittest.TestCase):
    def start(self, *options):
        import resp
        server = resp.Server(*options)
        server.__enter__()
        self.addCleanup(server.__exit__)
        broker = brokers.Broker('--redis', 'unix://' + server.path)
        self.addCleanup(broker.__exit__)
        return server, broker

    def test_an_evicting_redis_is_refused(self):
        server, broker = self.start('--maxmemory-policy', 'allkeys-lru')
        with self.assertRaisesRegex(AssertionError, 'no ready line'):
            broker.start()
        self.assertEqual(broker.process.wait(20), 1)
        self.assertIn('noeviction', broker.said())

    def test_a_redis_without_a_file_is_warned_of(self):
        server, broker = self.start()
        broker.start()
        self.assertIn('append-only', broker.said())

    def test_after_a_restart_depth_shows_without_a_client(self):
        server, broker = self.start()
        broker.start()
        p = wire.Producer(broker.address, ns='shop')
        self.addCleanup(p.close)
        p.enqueue(wire.task('t', queue='q'))
        broker.stop()
        broker.start()
        brokers.until(lambda: broker.metric('krait_queue_depth', queue='shop/q', state='queued') == 1, 'the depth')

    def test_asking_for_a_queue_does_not_make_it(self):
        server, broker = self.start()
        broker.start()
        p = wire.Producer(broker.address)
        self.addCleanup(p.close)
        p.wait('phantom/x', timeout_ms=0)
        p.queue('phantom2')
        p.enqueue(wire.task('t', queue='real'))
        redis = server.client()
        self.addCleanup(redis.close)
        self.assertEqual(redis('HKEYS', 'kr:{default/queues}'), [b'real'])

    def test_what_is_left_after_a_drain(self):
        """Only settings, counters and what expires."""
        server, broker = self.start()
        broker.start()
        p, w = wire.Producer(broker.address), wire.Worker(broker.address)
        self.addCleanup(p.close)
        ids = [a['id'] for a in p.enqueue(*[wire.task('t') for _ in range(50)])]
        p.send('wait', seq=900, ids=ids, timeout_ms=20000)
        w.done(*w.take(50))
        w.send('goodbye', reason='')
        w.close()
        redis = server.client()
        self.addCleanup(redis.close)
        settings = {b'kr:{default/default/0}:c', b'kr:{default/queues}', b'kr:spaces', b'kr:secret'}
        brokers.until(lambda: broker.metric('krait_sessions', role='worker') == 0, 'the end of the session')
        forever = lambda: {k for k in redis('KEYS', '*') if redis('PTTL', k) == -1} - settings
        brokers.until(lambda: not forever(), 'no key without an owner or an end, but %s' % forever())


class TwoBrokers(unittest.TestCase):
    """On one Redis: the embedded one of the first, through its socket."""

    def setUp(self):
        self.one = brokers.Broker('--grace', '20s', data=True)
        self.addCleanup(self.one.__exit__)
        self.one.start()
        sock = os.path.join(os.path.realpath(self.one.dir), 'data', 'redis', 'sock')
        self.two = brokers.Broker('--redis', 'unix://' + sock)
        self.addCleanup(self.two.__exit__)
        self.two.start()

    def test_wake_up_and_result_cross_brokers(self):
        p, w = wire.Producer(self.one.address), wire.Worker(self.two.address)
        self.addCleanup(p.close)
        self.addCleanup(w.close)
        w.send('credit', n=1)
        accepted, = p.enqueue(wire.task('t', key='a'))
        p.send('wait', seq=5, ids=['default/a'], timeout_ms=20000)
        w.done(*w.more(1), result=9)
        result, = p.expect('result')['tasks']
        self.assertEqual(wire.unvalue(wire.outcome(result)['value']), 9)
        again, = p.enqueue(wire.task('t', key='b'))
        self.assertEqual(again['text'], '')       # the other broker's worker is known here

    def test_cancel_reaches_a_worker_of_the_other_broker(self):
        p, w = wire.Producer(self.one.address), wire.Worker(self.two.address)
        self.addCleanup(p.close)
        self.addCleanup(w.close)
        p.enqueue(wire.task('t', key='a'))
        w.take(1)
        p.ask('cancel', 'cancel_reply', ids=['default/a'], running=1)
        self.assertEqual(w.expect('stop')['tasks'], [{'id': 'default/a', 'attempt': 1}])

    def test_a_session_moves_to_the_other_broker(self):
        p, w = wire.Producer(self.one.address), wire.Worker(self.two.address)
        self.addCleanup(p.close)
        p.enqueue(wire.task('t', key='a'), wire.task('t', key='b'))
        a, b = w.take(2)
        self.two.kill()
        w.close()
        held = [{'id': d['id'], 'attempt': 1, 'started': 1} for d in (a, b)]
        again = wire.Worker(self.one.address, resume=w.welcome, held=held)
        self.addCleanup(again.close)
        self.assertEqual(again.welcome['resumed'], 1)
        self.assertEqual(again.done(a, b), [ACK_OK, ACK_OK])


class Restart(OneBroker):
    options, data = ('--durability', 'always'), True

    def test_killed_in_the_middle_nothing_is_lost(self):
        p, w = self.producer(), self.worker()
        ids = [a['id'] for a in p.enqueue(*[wire.task('t', key='k%d' % n) for n in range(20)])]
        got = w.take(10)
        self.assertEqual(w.done(*got[:3]), [ACK_OK] * 3)
        redis = self.broker.redis_pid()
        self.broker.kill()
        self.broker.start()
        self.assertEqual(self.broker.redis_pid(), redis)       # adopted
        held = [{'id': d['id'], 'attempt': d['attempt']} for d in got[2:]]
        again = self.worker(resume=w.welcome, held=held)
        self.assertEqual(again.welcome['resumed'], 1)
        self.assertEqual(again.done(*got[2:]), [ACK_DUP] + [ACK_OK] * 7)
        again.done(*again.take(10))
        p = self.producer()
        results = p.wait(*ids)
        self.assertEqual({r['state'] for r in results.values()}, {DONE})
        self.assertEqual({wire.outcome(r)['attempt'] for r in results.values()}, {1})

    def test_both_killed_everything_comes_back_from_the_disk(self):
        p = self.producer()
        ids = [a['id'] for a in p.enqueue(*[wire.task('t', key='k%d' % n) for n in range(20)])]
        self.assertEqual(self.broker.stop(), 0)
        self.broker.start()
        w = self.worker()
        w.done(*w.take(20))
        self.assertEqual({r['state'] for r in self.producer().wait(*ids).values()}, {DONE})

    def test_redis_killed_is_started_again_and_acks_are_held(self):
        p, w = self.producer(), self.worker()
        p.enqueue(*[wire.task('t', key='k%d' % n) for n in range(5)])
        got = w.take(5)
        pid = self.broker.redis_pid()
        os.kill(pid, 9)       # what it answered was written to its file before
        brokers.until(lambda: 'Z' == self.state_of(pid) or self.broker.redis_pid() != pid, 'its end')
        w.send('finish', seq=50, tasks=[{'id': d['id'], 'attempt': 1, 'ended': 'ENDED_DONE', 'value': wire.value(1)}
                                        for d in got])
        self.assertEqual(w.expect('finish_reply')['tasks'], [ACK_OK] * 5)
        self.assertNotEqual(self.broker.redis_pid(), pid)
        self.assertEqual({r['state'] for r in p.wait(*[d['id'] for d in got]).values()}, {DONE})
        self.assertEqual(self.broker.get('/readyz')[0], 200)

    def state_of(self, pid):
        try:
            with open('/proc/%d/stat' % pid) as file:
                return file.read().rsplit(')', 1)[1].split()[0]
        except FileNotFoundError:
            return 'Z'

    def test_a_second_broker_on_the_same_data_refuses(self):
        out = subprocess.run([brokers.BROKER, '--listen', 'krait://127.0.0.1:0', '--http', 'off', '--data',
                              os.path.join(self.broker.dir, 'data')], capture_output=True, text=True, timeout=brokers.patience(30))
        self.assertEqual(out.returncode, 1)
        self.assertIn('another broker uses', out.stderr)

    def test_the_private_redis_is_private(self):
        data = os.path.join(self.broker.dir, 'data', 'redis')
        self.assertEqual(os.stat(data).st_mode & 0o777, 0o700)
        self.assertEqual(os.stat(os.path.join(data, 'sock')).st_mode & 0o777, 0o600)
        with open('/proc/net/tcp') as file:
            inodes = {line.split()[9] for line in file.readlines()[1:]}
        pid = self.broker.redis_pid()
        held = {os.readlink('/proc/%d/fd/%s' % (pid, fd)) for fd in os.listdir('/proc/%d/fd' % pid)}
        self.assertFalse(held & {'socket:[%s]' % inode for inode in inodes})
        import resp
        redis = resp.Redis(os.path.join(data, 'sock'))
        self.addCleanup(redis.close)
        for command in (['FLUSHALL'], ['KEYS', '*'], ['SHUTDOWN'], ['EVAL', 'return 1', '0']):
            with self.assertRaises(resp.RedisError):
                redis(*command)

    def test_a_clean_stop_takes_redis_along(self):
        pid = self.broker.redis_pid()
        self.assertEqual(self.broker.stop(), 0)
        self.assertFalse(os.path.exists('/proc/%d' % pid))


class Full(OneBroker):
    options = ('--redis-memory', '3M')

    def test_a_full_store_refuses_new_work_and_finishes_the_old(self):
        p, w = self.producer(), self.worker()
        said, keys = set(), []
        for n in range(200):
            answers = p.enqueue(*[wire.task('t', key='k%d-%d' % (n, m), args=('x' * 5000,)) for m in range(20)])
            keys += [a['id'] for a in answers if a['outcome'] == OK]
            said |= {a['outcome'] for a in answers}
            if FULL in said:
                break
        self.assertEqual(said, {OK, FULL})
        for n in range(0, len(keys), 50):
            some = w.take(min(50, len(keys) - n))
            self.assertEqual(set(w.done(*some)), {ACK_OK})
        self.assertEqual(p.enqueue(wire.task('t', key='again'))[0]['outcome'], OK)


class Manners(OneBroker):
    def raw(self):
        client = wire.Client(self.broker.address)
        self.addCleanup(client.close)
        return client

    def closes(self, client, code=None):
        with self.assertRaises(wire.Closed) as caught:
            client.expect('welcome')
        if code:
            self.assertIn('error %d:' % code, str(caught.exception))

    def test_garbage_on_the_port(self):
        for junk in (b'GET / HTTP/1.1\r\nHost: x\r\n\r\n', b'\0\0\0\0', b'\xff' * 100, struct.pack('>I', 5) + b'\xff' * 5,
                     struct.pack('>I', 1 << 30), os.urandom(4000)):
            client = self.raw()
            client.sock.sendall(junk)
            client.sock.shutdown(socket.SHUT_WR)
            self.closes(client)
        self.assertEqual(self.producer().enqueue(wire.task('t'))[0]['outcome'], OK)

    def test_the_first_frame_must_be_hello(self):
        client = self.raw()
        client.send('credit', n=1)
        self.closes(client, 22)

    def test_no_common_version(self):
        client = self.raw()
        client.send('hello', version_min=90, version_max=99, role='ROLE_PRODUCER')
        self.closes(client, 20)

    def test_a_producer_may_not_finish(self):
        p = self.producer()
        p.send('finish', seq=1, tasks=[{'id': 'default/a', 'attempt': 1, 'ended': 'ENDED_DONE'}])
        self.closes(p, 22)

    def test_http_manners(self):
        self.assertEqual(self.broker.get('/healthz'), (200, 'ok\n'))
        self.assertEqual(self.broker.get('/readyz'), (200, 'ready\n'))
        self.assertEqual(self.broker.get('/nothing')[0], 404)
        self.assertEqual(self.broker.get('/v1/queues', Host='evil.example')[0], 403)
        self.assertEqual(self.broker.get('/metrics', Host='evil.example')[0], 403)
        self.assertEqual(self.broker.get('/v1/queues', Host='localhost:1')[0], 200)

class Tokens(unittest.TestCase):
    def setUp(self):
        import hashlib
        import tempfile
        self.dir = tempfile.TemporaryDirectory()
        self.addCleanup(self.dir.cleanup)
        self.file = os.path.join(self.dir.name, 'tokens')
        digest = lambda s: hashlib.sha256(s).hexdigest()
        self.write('web sha256:%s enqueue,read queues=web-*   # a comment\nbox sha256:%s consume ns=*\n'
                   % (digest(b'web-secret'), digest(b'box-secret')))
        self.broker = brokers.Broker('--tokens', self.file)
        self.addCleanup(self.broker.__exit__)
        self.broker.start()

    def write(self, text):
        with open(self.file, 'w') as file:
            file.write(text)
        os.chmod(self.file, 0o600)

    def test_rights_and_globs(self):
        with self.assertRaisesRegex(wire.Closed, 'error 32'):
            wire.Producer(self.broker.address, token=b'wrong')
        with self.assertRaisesRegex(wire.Closed, 'error 32'):
            wire.Producer(self.broker.address)
        p = wire.Producer(self.broker.address, token=b'web-secret')
        self.addCleanup(p.close)
        good, bad = p.enqueue(wire.task('t', queue='web-1'), wire.task('t', queue='other'))
        self.assertEqual((good['outcome'], bad['outcome']), (OK, REFUSED))
        with self.assertRaisesRegex(wire.Closed, 'error 33'):
            wire.Worker(self.broker.address, token=b'web-secret')
        with self.assertRaisesRegex(wire.Closed, 'error 33'):
            wire.Producer(self.broker.address, token=b'web-secret', ns='elsewhere')
        w = wire.Worker(self.broker.address, token=b'box-secret', queues=('web-1',))
        self.addCleanup(w.close)
        self.assertEqual(len(w.take(1)), 1)
        w.send('enqueue', seq=1, tasks=[wire.task('t')])
        self.assertEqual(w.expect('error')['code'], 33)

    def test_http_wants_the_token_and_sighup_reads_again(self):
        self.assertEqual(self.broker.get('/healthz')[0], 200)
        self.assertEqual(self.broker.get('/v1/queues')[0], 401)
        self.assertEqual(self.broker.get('/v1/queues', Authorization='Bearer box-secret')[0], 401)
        self.assertEqual(self.broker.get('/v1/queues', Authorization='Bearer web-secret')[0], 200)
        self.write('broken line\n')
        self.broker.process.send_signal(1)
        brokers.until(lambda: 'tokens not read' in self.broker.said(), 'the complaint')
        self.assertEqual(self.broker.get('/v1/queues', Authorization='Bearer web-secret')[0], 200)
        self.write('new sha256:%s read\n' % ('0' * 64))
        self.broker.process.send_signal(1)
        brokers.until(lambda: self.broker.get('/v1/queues', Authorization='Bearer web-secret')[0] == 401, 'the new file')


class Usage(unittest.TestCase):
    def run_broker(self, *args):
        return subprocess.run([brokers.BROKER, *args], capture_output=True, text=True, timeout=brokers.patience(30))

    def wrong(self, *args):
        out = self.run_broker(*args)
        self.assertEqual((out.returncode, out.stdout, out.stderr.count('\n')), (2, '', 1), out)
        return out.stderr

    def test_a_public_address_without_tokens_is_refused(self):
        self.assertIn('--insecure', self.wrong('--listen', 'krait://0.0.0.0:0'))
        self.assertIn('--insecure', self.wrong('--http', '0.0.0.0:0'))

    def test_wrong_usage(self):
        self.wrong('--nonsense')
        self.wrong('extra')
        self.wrong('--listen', 'http://x')
        self.wrong('--redis', 'redis+sentinel://x')
        self.wrong('--durability', 'sometimes')
        self.wrong('--tokens', '/nonexistent')

    def test_check_config(self):
        out = self.run_broker('--check-config', '--redis', 'redis://127.0.0.1', '--redis-password', 'hush')
        self.assertEqual(out.returncode, 0)
        self.assertNotIn('hush', out.stdout)
        self.assertIn('ttl = ', out.stdout)

    def test_help_and_version(self):
        self.assertIn('usage: krait-broker', self.run_broker('--help').stdout)
        self.assertIn('krait-broker', self.run_broker('--version').stdout)


class UnixSocket(unittest.TestCase):
    def test_listens_on_a_unix_socket_that_only_its_owner_may_use(self):
        import tempfile
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, 's')
            with brokers.Broker(listen='unix://' + path) as broker:
                self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
                p = wire.Producer(broker.address)
                self.addCleanup(p.close)
                self.assertEqual(p.enqueue(wire.task('t'))[0]['outcome'], OK)
            self.assertFalse(os.path.exists(path))


if __name__ == '__main__':
    unittest.main()
