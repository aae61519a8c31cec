# SPDX-License-Identifier: Apache-2.0
# tests/run: slow
"""krait-worker against a real broker and Redis: what it runs, what it survives, how it ends."""
import os
import signal
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from brokers import Broker, until
from wire import Producer, enum, outcome, task, unvalue
from workers import APP, WorkerProcess, alive, run

STATE, REASON = enum('State'), enum('Reason')
MODES = (('--mode', 'gil', '--processes', '2'), ('--mode', 'free-threaded', '--threads', '2'))


class Case(unittest.TestCase):
    def ids(self, producer, *tasks):
        replies = producer.enqueue(*tasks)
        self.assertTrue(all(r['outcome'] in (1, 2) for r in replies), replies)
        return [r['id'] for r in replies]

    def result(self, producer, id, state='STATE_DONE'):
        got = producer.wait(id, seconds=30)[id]
        self.assertEqual(got['state'], STATE[state], got)
        return outcome(got)

    def drained(self, producer, queue='default'):
        info = producer.queue(queue)
        return (info['queued'], info['delayed'], info['active']) == (0, 0, 0)


class Running(Case):
    def test_values_errors_and_names(self):
        for mode in MODES:
            with self.subTest(mode=mode[1]), Broker('--unknown-after', '1s') as b, WorkerProcess(b.address, *mode) as w:
                p = Producer(b.address)
                one, bad, unsent, nobody = self.ids(p, task('tasks.add', args=(2, 3)), task('tasks.fail', args=(7,)),
                                                    task('tasks.nothing_to_send'), task('tasks.nobody'))
                self.assertEqual(unvalue(self.result(p, one)['value']), 5)
                failure = self.result(p, bad, 'STATE_DEAD')
                self.assertEqual(failure['reason'], REASON['REASON_FAILED'])
                self.assertEqual((failure['failure']['type'], failure['failure']['message']), ('ValueError', 'boom 7'))
                line = 1 + APP.splitlines().index("    raise ValueError('boom %d' % n)")
                self.assertIn('File "%s", line %d, in fail' % (w.app, line), failure['failure']['traceback'])
                self.assertEqual(self.result(p, unsent, 'STATE_DEAD')['reason'], REASON['REASON_BAD_RESULT'])
                self.assertEqual(self.result(p, nobody, 'STATE_DEAD')['reason'], REASON['REASON_UNKNOWN_TASK'])
                p.close()

    def test_many_short_ones(self):
        for mode in MODES:
            with self.subTest(mode=mode[1]), Broker() as b, WorkerProcess(b.address, *mode) as w:
                p = Producer(b.address)
                ids = self.ids(p, *[task('tasks.add', args=(i, 1)) for i in range(1000)])
                results = p.wait(*ids, seconds=60)
                self.assertEqual([unvalue(outcome(results[i])['value']) for i in ids], list(range(1, 1001)))
                until(lambda: self.drained(p), 'the queue is empty')
                self.assertEqual(w.metric('krait_worker_tasks_total{outcome="done"}'), 1000)
                p.close()

    def test_two_slots_run_at_once_and_cost_is_told(self):
        for mode in MODES:
            with self.subTest(mode=mode[1]), Broker() as b, WorkerProcess(b.address, *mode) as w:
                p = Producer(b.address)
                ids = self.ids(p, task('tasks.sleep', args=(1000,)), task('tasks.spin', args=(1000,)))
                until(lambda: w.busy() == 2, 'both slots are busy')
                self.assertEqual(w.get('/healthz')[0], 200)
                slept, span = (self.result(p, i)['cost'] for i in ids)
                self.assertGreaterEqual(slept['run_us'], 1000000)
                self.assertGreater(span['cpu_us'], slept['cpu_us'])
                p.close()

    def test_cancel_and_time_limit(self):
        for mode in MODES:
            with self.subTest(mode=mode[1]), Broker() as b, WorkerProcess(b.address, *mode) as w:
                p = Producer(b.address)
                cancelled, slow = self.ids(p, task('tasks.spin', args=(60000,)), task('tasks.sleep', args=(60000,), hard_limit_ms=300))
                until(lambda: w.busy() == 2, 'both slots are busy')
                p.ask('cancel', 'cancel_reply', ids=[cancelled], running=True)
                self.assertEqual(self.result(p, cancelled, 'STATE_CANCELLED')['reason'], REASON['REASON_CANCELLED'])
                self.assertEqual(self.result(p, slow, 'STATE_DEAD')['reason'], REASON['REASON_TIMED_OUT'])
                after, = self.ids(p, task('tasks.add', args=(1, 1)))
                self.assertEqual(unvalue(self.result(p, after)['value']), 2)
                self.assertEqual(w.metric('krait_child_restarts_total{reason="died"}'), 0)
                p.close()

    def test_nothing_waits_behind_a_long_one(self):
        with Broker() as b, WorkerProcess(b.address, '--processes', '2') as w:
            p = Producer(b.address)
            warm = self.ids(p, *[task('tasks.add', args=(i, 1)) for i in range(300)])
            p.wait(*warm, seconds=30)
            long, = self.ids(p, task('tasks.sleep', args=(20000,)))
            until(lambda: w.busy() == 1, 'the long one runs')
            short = self.ids(p, *[task('tasks.add', args=(i, 1)) for i in range(200)])
            results = p.wait(*short, seconds=30)
            self.assertTrue(all(r['state'] == STATE['STATE_DONE'] for r in results.values()))
            self.assertEqual(p.wait(long, timeout_ms=0)[long]['state'], STATE['STATE_ACTIVE'])
            p.close()


class Surviving(Case):
    def flood(self, producer, n=200):
        """Half of them take a little, so that some run and some are queued at any moment."""
        return self.ids(producer, *[task('tasks.sleep' if i % 2 else 'tasks.add', args=(20,)) for i in range(n)])

    def all_done(self, producer, ids):
        results = producer.wait(*ids, seconds=60)
        self.assertEqual([i for i in ids if results[i]['state'] != STATE['STATE_DONE']], [])
        self.assertEqual({unvalue(outcome(r)['value']) for r in results.values()}, {20, 21})
        until(lambda: self.drained(producer), 'the queue is empty')

    def some_done(self, worker):
        until(lambda: worker.metric('krait_worker_tasks_total{outcome="done"}') >= 20, 'some tasks have run')

    def test_whole_worker_killed(self):
        for mode in MODES:
            with self.subTest(mode=mode[1]), Broker('--grace', '300ms') as b:
                p = Producer(b.address)
                with WorkerProcess(b.address, *mode) as first:
                    ids = self.flood(p)
                    self.some_done(first)
                    first.kill_tree()
                self.assertFalse(self.drained(p))
                with WorkerProcess(b.address, *mode):
                    self.all_done(p, ids)
                p.close()

    def test_broker_killed_and_started_again(self):
        for mode in MODES:
            with self.subTest(mode=mode[1]), Broker(data=True) as b, WorkerProcess(b.address, *mode) as w:
                p = Producer(b.address)
                ids = self.flood(p)
                self.some_done(w)
                p.close()
                b.kill()
                b.start()
                p = Producer(b.address)
                self.all_done(p, ids)
                self.assertIn('session resumed', w.said())
                self.assertEqual(w.get('/readyz')[0], 200)
                p.close()

    def test_child_killed_costs_its_own_task(self):
        with Broker() as b, WorkerProcess(b.address, '--processes', '2') as w:
            p = Producer(b.address)
            ids = self.ids(p, *[task('tasks.sleep', args=(1500,)) for _ in range(2)])
            until(lambda: w.busy() == 2, 'both run')
            more = self.ids(p, *[task('tasks.add', args=(i, 1)) for i in range(20)])
            os.kill(w.children()[0], signal.SIGKILL)
            results = p.wait(*ids, *more, seconds=30)
            attempts = sorted(outcome(results[i])['attempt'] for i in ids)
            self.assertEqual(attempts, [1, 2])
            self.assertEqual(w.metric('krait_worker_tasks_total{outcome="lost"}'), 1)
            self.assertEqual(w.metric('krait_child_restarts_total{reason="died"}'), 1)
            until(lambda: len(w.children()) == 2, 'there are two children again')
            p.close()

    def test_children_end_with_their_supervisor(self):
        for mode in MODES:
            with self.subTest(mode=mode[1]), Broker() as b, WorkerProcess(b.address, *mode) as w:
                p = Producer(b.address)
                self.ids(p, task('tasks.spin', args=(60000,)), task('tasks.sleep', args=(60000,)))
                until(lambda: w.busy() == 2, 'both run')
                rest = w.tree()[1:]
                self.assertGreaterEqual(len(rest), 2)
                w.signal(signal.SIGKILL)
                w.end()
                until(lambda: not any(alive(pid) for pid in rest), 'no process is left')
                p.close()

    def test_template_killed(self):
        with Broker() as b, WorkerProcess(b.address, '--processes', '2') as w:
            p = Producer(b.address)
            running, = self.ids(p, task('tasks.sleep', args=(1500,)))
            until(lambda: w.busy() == 1, 'it runs')
            template, = [pid for pid in w.tree()[1:] if pid not in w.children()]
            os.kill(template, signal.SIGKILL)
            self.assertEqual(self.result(p, running)['attempt'], 1)
            os.kill(w.children()[0], signal.SIGKILL)
            until(lambda: len(w.children()) == 2, 'a new template made a new child')
            again, = self.ids(p, task('tasks.add', args=(1, 1)))
            self.assertEqual(unvalue(self.result(p, again)['value']), 2)
            p.close()


class Ending(Case):
    def test_drain(self):
        with Broker() as b, WorkerProcess(b.address, '--processes', '2') as w:
            p = Producer(b.address)
            ids = self.ids(p, *[task('tasks.sleep', args=(700,)) for _ in range(6)])
            until(lambda: w.busy() == 2, 'two run')
            w.signal(signal.SIGTERM)
            self.assertEqual(w.end(), 0)
            now = p.wait(*ids, timeout_ms=0)
            states = sorted(now[i]['state'] for i in ids)
            self.assertEqual(states, [STATE['STATE_QUEUED']] * 4 + [STATE['STATE_DONE']] * 2)
            p.close()

    def test_drain_timeout_gives_back_what_runs(self):
        with Broker() as b, WorkerProcess(b.address, '--processes', '2', '--drain-timeout', '100ms') as w:
            p = Producer(b.address)
            id, = self.ids(p, task('tasks.spin', args=(60000,)))
            until(lambda: w.busy() == 1, 'it runs')
            w.signal(signal.SIGTERM)
            self.assertEqual(w.end(), 0)
            self.assertEqual(p.wait(id, timeout_ms=0)[id]['state'], STATE['STATE_QUEUED'])
            p.close()

    def test_second_signal(self):
        with Broker() as b, WorkerProcess(b.address, '--processes', '2') as w:
            p = Producer(b.address)
            id, = self.ids(p, task('tasks.spin', args=(60000,)))
            until(lambda: w.busy() == 1, 'it runs')
            w.signal(signal.SIGTERM)
            until(lambda: 'SIGTERM' in w.said(), 'the first one came')
            w.signal(signal.SIGTERM)
            self.assertEqual(w.end(), 0)
            self.assertEqual(p.wait(id, timeout_ms=0)[id]['state'], STATE['STATE_QUEUED'])
            p.close()

    def test_quiet_and_on(self):
        with Broker() as b, WorkerProcess(b.address, '--processes', '1') as w:
            p = Producer(b.address)
            w.signal(signal.SIGTSTP)
            until(lambda: 'SIGTSTP' in w.said(), 'the signal came')
            id, = self.ids(p, task('tasks.add', args=(1, 1)))
            self.assertNotEqual(p.wait(id, timeout_ms=500)[id]['state'], STATE['STATE_DONE'])
            w.signal(signal.SIGCONT)
            self.assertEqual(unvalue(self.result(p, id)['value']), 2)
            p.close()

    def test_burst(self):
        with Broker() as b:
            p = Producer(b.address)
            ids = self.ids(p, *[task('tasks.add', args=(i, 1)) for i in range(50)])
            with WorkerProcess(b.address, '--burst') as w:
                self.assertEqual(w.end(), 0)
            now = p.wait(*ids, timeout_ms=0)
            self.assertEqual({r['state'] for r in now.values()}, {STATE['STATE_DONE']})
            p.close()

    def test_reload(self):
        with Broker() as b, WorkerProcess(b.address, '--processes', '2') as w:
            p = Producer(b.address)
            before, running = self.ids(p, task('tasks.add', args=(1, 1)), task('tasks.sleep', args=(700,)))
            self.assertEqual(unvalue(self.result(p, before)['value']), 2)
            until(lambda: w.busy() == 1, 'the long one runs')       # one that waits would go back and count a second attempt
            w.write(APP.replace('return a + b', 'return a + b + 100'))
            w.signal(signal.SIGHUP)
            until(lambda: w.said().count('app loaded') == 2, 'the app was loaded again')
            self.assertEqual(self.result(p, running)['attempt'], 1)
            after, = self.ids(p, task('tasks.add', args=(1, 1)))
            self.assertEqual(unvalue(self.result(p, after)['value']), 102)
            w.write('this is no Python')
            w.signal(signal.SIGHUP)
            until(lambda: 'the old one stays' in w.said(), 'the broken app was refused')
            still, = self.ids(p, task('tasks.add', args=(1, 1)))
            self.assertEqual(unvalue(self.result(p, still)['value']), 102)
            p.close()


class Starting(Case):
    def test_app_that_does_not_load(self):
        with tempfile.TemporaryDirectory() as dir:
            path = os.path.join(dir, 'tasks.py')
            with open(path, 'w') as file:
                file.write('x = 1\nx = 1 / 0\n')
            status, out, err = run('--app', path)
            self.assertEqual((status, out), (1, ''))
            self.assertIn('File "%s", line 2' % path, err)
            self.assertIn('ZeroDivisionError', err)
            self.assertIn('did not load', err.splitlines()[-1])
            status, out, err = run('--app', os.path.join(dir, 'nothing.py'))
            self.assertEqual(status, 1)
            self.assertIn('nothing.py', err)

    def test_usage(self):
        for args in ((), ('--app', 'x.py', '--mode', 'x'), ('--app', 'x.py', '--broker', 'http://x'), ('--app', 'x.py', '--queues', 'a/b'),
                     ('--app', 'x.py', '--http', 'nowhere'), ('--app', 'x.py', 'more'), ('--app', 'x.py', '--nonsense'),
                     ('--app', 'x.py', '--mode', 'free-threaded', '--processes', '2')):
            status, out, err = run(*args)
            self.assertEqual((status, out, err.count('\n')), (2, '', 1), args)
            self.assertTrue(err.startswith('krait-worker: '), err)
        self.assertEqual(run('--help')[0], 0)
        self.assertEqual(run('--version')[0], 0)

    def test_waits_for_a_broker(self):
        with Broker() as b:
            address, status = b.address, b.stop()
            self.assertEqual(status, 0)
            with WorkerProcess(address, '--processes', '1', wait=False) as w:
                until(lambda: w.said().count('no broker') >= 3, 'it tries again')
                b.start()
                w.ready()
                p = Producer(b.address)
                id, = self.ids(p, task('tasks.add', args=(1, 1)))
                self.assertEqual(unvalue(self.result(p, id)['value']), 2)
                p.close()


if __name__ == '__main__':
    unittest.main()
