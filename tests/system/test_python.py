# SPDX-License-Identifier: Apache-2.0
# tests/run: slow
"""The Python package: on CPython against a real broker, and inside real workers in both modes, where tasks enqueue tasks.

What the wire does by itself is test_broker's; how workers live and die is test_worker's.
"""
import asyncio
import datetime
import decimal
import os
import re
import select
import sys
import threading
import time
import unittest
import uuid

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from brokers import TOP, Broker, until
from patience import patience
from wire import SCHEMA, Worker
from workers import WorkerProcess

sys.path.insert(0, os.path.join(TOP, 'sdk/python'))
for name in [n for n in os.environ if n.startswith('KRAIT_') and n != 'KRAIT_BUILD']:
    del os.environ[name]
import krait  # noqa: E402
from krait import _proto, _values  # noqa: E402

MODES = (('--mode', 'gil', '--processes', '2'), ('--mode', 'free-threaded', '--threads', '2'))

VALUES = [None, True, False, 0, 1, -1, 63, 64, -64, -65, 127, 128, 1023, 1024, -128, -129, 2**62, -2**63, 2**63 - 1, 2**63, -2**63 - 1, 2**200, -2**200, 0.0, -1.5,
          float('inf'), '', 'x', 'ä' * 62, 'ä' * 63, 'y' * 125, 'y' * 126, 'z' * 20000, 'a\0b', b'', b'\x00\xff', [], [1, [2, ['three']]], (), (1, (2,)), set(), {1, 'a'},
          frozenset((1, 2)), {}, {'a': {'b': [1.5]}, 1: None, (1, 2): 'tuple'}, datetime.date(2026, 1, 31), datetime.time(1, 2, 3, 4),
          datetime.datetime(2026, 1, 31, 12, 0, 5), datetime.datetime(2026, 1, 31, tzinfo=datetime.timezone.utc),
          datetime.datetime(2026, 1, 31, tzinfo=datetime.timezone(datetime.timedelta(hours=-3))), datetime.timedelta(days=-2, seconds=3, microseconds=4),
          decimal.Decimal('1.50'), uuid.UUID(int=7)]


class Values(unittest.TestCase):
    def test_there_and_back(self):
        for v in VALUES:
            back = _values.read_value(_values.write_value(v))
            self.assertEqual((back, type(back)), (v, type(v)))
        whole = list(VALUES)
        self.assertEqual(_values.read_value(_values.write_value(whole)), whole)

    def test_the_schema_reads_what_is_written(self):
        payload = SCHEMA.decode('Payload', _values.write_payload((5, 'text', -70000, [1]), {'k': 2.5, 'other': None}))
        self.assertEqual([payload['args'][0]['integer'], payload['args'][1]['text'], payload['args'][2]['integer']], [5, 'text', -70000])
        self.assertEqual(payload['args'][3]['list']['items'][0]['integer'], 1)
        self.assertEqual([(k['name'], k['value']['real']) for k in payload['kwargs']], [('k', 2.5), ('other', 0.0)])

    def test_what_cannot_be_sent(self):
        deep = []
        for _ in range(100):
            deep = [deep]
        with self.assertRaisesRegex(ValueError, 'nested deeper'):
            _values.write_value(deep)

        class Odd(int):
            pass
        for v in object(), Odd(3), [bytearray(b'x')], {'a': print}:
            with self.assertRaisesRegex(TypeError, 'cannot be sent to a task'):
                _values.write_value(v)
        with self.assertRaises(TypeError):
            _values.write_payload((), {1: 2})

    def test_broken_bytes_are_refused(self):
        good = _values.write_value([1, 'text', {'a': 2.5}])
        for cut in range(1, len(good)):
            with self.assertRaises((_values.Malformed, UnicodeDecodeError)):
                _values.read_value(good[:cut])
        for junk in b'\xff' * 20, b'\x42\xff\xff\xff\xff\x0f', b'\x99\x01', b'\x1b':
            with self.assertRaises(_values.Malformed):
                _values.read_value(junk)


class Options(unittest.TestCase):
    def body(self, **options):
        return SCHEMA.decode('Task', _proto.task(b'k', krait._app._options.write_head('m.f', options, krait._app.now_ms), _proto.task_tail('', '', 1), b''))

    def test_every_option_travels(self):
        now = time.time()
        t = self.body(queue='q', priority=0, countdown=2.5, expires=60, max_retries=4, retry_backoff=2, retry_backoff_max=99, retry_backoff_factor=3,
                      retry_jitter=0.25, retry_on=(ValueError, 'app.Odd'), fail_on=KeyError, soft_time_limit=1, time_limit=datetime.timedelta(seconds=2),
                      memory_limit=1 << 20, result_ttl=0, max_deliveries=5, unique_key='u', unique_ttl=7, conflict='replace', group_key='g', rate_key='r',
                      dedupe=9, headers={'trace': 'abc'})
        o = t['options']
        self.assertEqual((t['queue'], t['name'], t['headers']), ('q', 'm.f', [{'name': 'trace', 'value': 'abc'}]))
        want = {'priority': 0, 'has_priority': True, 'delay_ms': 2500, 'expires_ms': 60000, 'soft_limit_ms': 1000, 'hard_limit_ms': 2000, 'memory_limit': 1 << 20,
                'result_ttl_ms': 0, 'has_result_ttl': True, 'max_deliveries': 5, 'unique_key': 'u', 'unique_ttl_ms': 7000, 'conflict': 2, 'group': 'g',
                'rate_key': 'r', 'dedupe_ms': 9000}
        self.assertEqual({k: o[k] for k in want}, want)
        want = {'max': 4, 'backoff': 2, 'base_ms': 2000, 'cap_ms': 99000, 'factor_percent': 300, 'jitter_percent': 25, 'retry_on': ['ValueError', 'app.Odd'],
                'fail_on': ['KeyError']}
        self.assertEqual({k: o['retry'][k] for k in want}, want)
        self.assertEqual(self.body(max_retries=1, retry_delay=5)['options']['retry']['backoff'], 1)
        self.assertEqual(self.body(max_retries=1, retry_delay=[1, 5])['options']['retry']['list_ms'], [1000, 5000])
        eta = self.body(eta=datetime.datetime.fromtimestamp(now + 5))['options']['eta_ms']
        self.assertAlmostEqual(eta / 1000, now + 5, delta=0.01)
        by = self.body(expires=datetime.datetime.fromtimestamp(now + 50))['options']['expires_ms']
        self.assertTrue(45000 < by <= 50100, by)

    def test_wrong_ones_are_named(self):
        app = krait.App('a', broker='unix:///nonexistent/x')

        @app.task
        def f():
            pass
        with self.assertRaisesRegex(TypeError, "no option 'prio'.*priority"):
            f.apply_async(prio=1)
        with self.assertRaisesRegex(TypeError, "no option 'retries'"):
            app.task(retries=3)
        with self.assertRaisesRegex(ValueError, 'priority is 0 to 9'):
            f.apply_async(priority=10)
        with self.assertRaisesRegex(ValueError, 'conflict is'):
            f.apply_async(conflict='ignore')


class Producing(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.broker = Broker().__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.broker.__exit__()

    def app(self, queue):
        app = krait.App('test', broker=self.broker.address)
        self.addCleanup(app.close)

        @app.task(name='t.add', queue=queue)
        def add(a, b=1):
            return a + b
        return app, add

    def worker(self, queue):
        worker = Worker(self.broker.address, queues=(queue,))
        self.addCleanup(worker.close)
        return worker

    def play(self, worker, n, end=None):
        """Takes n tasks and ends each as end(delivery, arguments) says: by default with the sum of its arguments."""
        for _ in range(n):
            delivery, = worker.take(1)
            payload = SCHEMA.decode('Payload', SCHEMA.decode('Task', delivery['body'])['payload'])
            args = [a['integer'] for a in payload['args']] + [k['value']['integer'] for k in payload['kwargs']]
            if end is None:
                worker.done(delivery, result=sum(args))
            else:
                end(delivery, args)

    def test_one_task_from_call_to_result(self):
        app, add = self.app('one')
        result = add.delay(2, b=3)
        self.assertRegex(result.id, '^one/')
        self.assertEqual((result.state, result.ready()), ('QUEUED', False))
        with self.assertRaises(krait.Timeout):
            result.get(timeout=0.05)
        self.play(self.worker('one'), 1)
        self.assertEqual(result.get(timeout=300), 5)
        self.assertTrue(result.successful() and result.ready())
        self.assertEqual(app.result(result.id).get(timeout=300), 5)
        self.assertEqual(add(2, b=3), 5)

    def test_a_failure_is_an_exception_with_its_traceback(self):
        app, add = self.app('failing')
        result = add.delay(1)
        worker = self.worker('failing')
        failure = {'type': 'ValueError', 'message': 'no', 'traceback': 'Traceback…'}
        self.play(worker, 1, lambda d, args: worker.finish((d, 'ENDED_FAILED', {'failure': failure})))
        with self.assertRaises(krait.TaskError) as caught:
            result.get(timeout=300)
        e = caught.exception
        self.assertEqual((e.type, e.message, e.traceback, e.reason, str(e)), ('ValueError', 'no', 'Traceback…', 'failed', 'ValueError: no'))
        self.assertTrue(result.failed())
        self.assertEqual(result.error.type, 'ValueError')

    def test_many_are_enqueued_and_waited_for_together(self):
        app, add = self.app('many')
        results = add.delay_many([(i, i) for i in range(600)])
        self.assertEqual(len(set(results.ids)), 600)
        self.assertEqual(app.queues()['many']['depth'], 600)
        self.assertEqual(results.completed_count(), 0)
        worker = self.worker('many')
        player = threading.Thread(target=self.play, args=(worker, 600))
        player.start()
        self.assertEqual(results.get(timeout=300), [2 * i for i in range(600)])
        player.join()
        self.assertTrue(results.ready() and results.successful())
        self.assertEqual(app.results(results.ids[:3]).get(timeout=300), [0, 2, 4])

    def test_results_come_in_the_order_of_their_ends(self):
        app, add = self.app('order')
        results = add.map([1, 2, 3])
        worker = self.worker('order')
        deliveries = {d['id']: d for d in worker.take(3)}
        came = []
        for r in (results[2], results[0]):
            worker.done(deliveries[r.id], result=0)
            until(r.ready, 'it is done')
            came.append(r)
        waiting = results.as_completed(timeout=300)
        self.assertEqual({next(waiting), next(waiting)}, set(came))
        worker.done(deliveries[results[1].id], result=0)
        self.assertEqual([r.id for r in waiting], [results[1].id])
        with self.assertRaises(krait.Timeout):
            list(add.map([1]).as_completed(timeout=0.05))

    def test_groups_and_signatures(self):
        app, add = self.app('group')
        call = add.s(1).set(priority=9)
        self.assertEqual((call(2), repr(call)), (3, 't.add(1)'))
        results = krait.group(call, add.s(2, b=2), add.s(3).clone((4,))).apply_async()
        worker = self.worker('group')
        self.assertEqual([d['priority'] for d in worker.take(1)], [9])
        self.assertEqual(len(results), 3)
        self.assertEqual(len(krait.group(add.s(i) for i in range(4))), 4)
        self.assertEqual(len(krait.group([]).delay()), 0)

    def test_the_same_key_is_one_task(self):
        app, add = self.app('once')
        self.assertEqual({add.apply_async((1,), task_id='k').id for _ in range(3)}, {'once/k'})
        self.assertEqual(app.send_many([(add, (1,)), (add, (2,))], task_ids=['k', 'k2']).ids, ['once/k', 'once/k2'])
        self.assertEqual(app.queues()['once']['depth'], 2)

    def test_arguments_that_cannot_be_sent_send_nothing(self):
        app, add = self.app('nothing')
        with self.assertRaises(TypeError):
            add.delay_many([(1,), (object(),)])
        self.assertNotIn('nothing', app.queues())

    def test_cancel(self):
        app, add = self.app('cancel')
        result = add.apply_async((1,), countdown=3600)
        self.assertEqual(result.state, 'DELAYED')
        self.assertEqual(result.cancel(), 'CANCELLED')
        with self.assertRaises(krait.TaskCancelled):
            result.get(timeout=300)
        self.assertEqual(set(add.map([1, 2, 3]).cancel().values()), {'CANCELLED'})
        with self.assertRaises(krait.KraitError):
            app.result('cancel/nosuch').cancel()
        with self.assertRaises(krait.KraitError):
            app.result('cancel/nosuch').get(timeout=5)

    def test_asyncio(self):
        app, add = self.app('aio')
        worker = self.worker('aio')
        player = threading.Thread(target=self.play, args=(worker, 53))
        player.start()

        async def main():
            first = await add.adelay(20, 2)
            self.assertEqual(await first.aget(timeout=300), 22)
            self.assertTrue(await first.aready())
            many = await add.amap(range(50))
            self.assertEqual(await many, list(range(50)))
            last = await add.aapply_async((1,), countdown=3600)
            self.assertEqual(await last.astate(), 'DELAYED')
            with self.assertRaises(krait.Timeout):
                await last.aget(timeout=0.05)
            self.assertEqual(await last.acancel(), 'CANCELLED')
            one, two = await asyncio.gather(add.adelay(1), add.adelay(2))
            self.assertEqual([await one, await two], [1, 2])
            await app.aclose()
        asyncio.run(main())
        player.join()

    def test_a_fork_has_connections_and_keys_of_its_own(self):
        app, add = self.app('forked')
        ids = [add.delay(1).id]
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.write(write, add.delay(2).id.encode())
            os._exit(0)
        os.waitpid(pid, 0)
        ids += [os.read(read, 1000).decode(), add.delay(3).id]
        os.close(read), os.close(write)
        self.assertEqual(len(set(ids)), 3)
        self.assertEqual(app.queues()['forked']['depth'], 3)

    def test_an_operator_sees_and_changes(self):
        app, add = self.app('admin')
        admin = app.admin
        ids = add.delay_many([(1,), (2,)], headers={'h': 'v'}).ids
        admin.pause('admin')
        self.assertTrue(app.queues()['admin']['paused'])
        admin.resume('admin')
        self.assertEqual([(t['id'], t['state'], t['name']) for t in admin.tasks('admin')], [(i, 'QUEUED', 't.add') for i in ids])
        t = admin.task(ids[1])
        self.assertEqual((t['args'], t['kwargs'], t['headers']), ([2], {}, {'h': 'v'}))
        self.assertIsNone(admin.task('admin/nosuch'))
        worker = self.worker('admin')
        failure = {'type': 'ValueError', 'message': 'no', 'traceback': 'Traceback…'}
        self.play(worker, 2, lambda d, args: worker.finish((d, 'ENDED_FAILED', {'failure': failure})))
        until(lambda: len(list(admin.dead('admin'))) == 2, 'both are dead')
        self.assertEqual([t['error']['type'] for t in admin.dead('admin', error='Value*', limit=1)], ['ValueError'])
        self.assertEqual(list(admin.dead('admin', reason='expired')), [])
        with self.assertRaises(ValueError):
            list(admin.dead('admin', reason='nosuch'))
        self.assertEqual(admin.retry(app.result(ids[0])), 1)
        self.assertEqual(admin.delete(queue='admin', name='t.*'), 1)
        self.play(worker, 1)
        self.assertEqual(app.result(ids[0]).get(timeout=300), 1)
        self.assertEqual(admin.set('admin', max_length=1, events=100), 2)
        self.assertEqual(admin.settings('admin')['max_length'], '1')
        _, after = admin.events('admin')
        add.delay(1)
        with self.assertRaises(krait.QueueFull):
            add.delay(1)
        events, _ = admin.events('admin', after=after, wait=5)
        self.assertIn('queued', [e['what'] for e in events])
        self.assertEqual(admin.purge('admin'), 1)
        with self.assertRaises(krait.Refused):
            admin.set('admin', nosuch=1)
        admin.set('admin', max_length=None)
        self.assertEqual(admin.settings('admin')['max_length'], '0')

    def test_workers_are_shown(self):
        app, add = self.app('shown')
        self.worker('shown')
        worker, = [w for w in app.workers() if w['queues'] == ['shown']]
        self.assertEqual((worker['pid'], worker['mode']), (os.getpid(), 'gil'))


class Absent(unittest.TestCase):
    def test_nobody_listens_is_told_at_once(self):
        app = krait.App('test', broker='unix:///nonexistent/krait.sock', deadline=3600.0)
        with self.assertRaisesRegex(krait.BrokerUnavailable, '/nonexistent/krait.sock'):
            app.send_task('t')

    def test_a_silent_broker_costs_the_deadline_and_no_more(self):
        import socket
        with socket.socket() as deaf:
            deaf.bind(('127.0.0.1', 0))
            deaf.listen()
            app = krait.App('test', broker='krait://127.0.0.1:%d' % deaf.getsockname()[1], deadline=0.5)
            with self.assertRaises(krait.BrokerUnavailable):
                app.send_task('t')
            with self.assertRaises(krait.BrokerUnavailable):
                asyncio.run(krait.Task(app, len, 't', {}).adelay())

    def test_beats_go_out_while_results_come_in(self):
        import socket
        beaten = threading.Event()

        def frame(peer):
            size = int.from_bytes(peer.recv(4, socket.MSG_WAITALL), 'big')
            return peer.recv(size, socket.MSG_WAITALL)

        def play(listener):
            peer, _ = listener.accept()
            with peer:
                frame(peer)
                peer.sendall(_proto.frame(_proto.WELCOME, b'\x08\x01' + _proto.number(4, 100) + _proto.blob(7, b'')))
                self.assertEqual(_proto.read_envelope(frame(peer))[0], _proto.WAIT)
                deadline = time.monotonic() + patience(60)
                while not beaten.is_set() and time.monotonic() < deadline:  # never silent for long enough to let a recv time out
                    peer.sendall(_proto.frame(_proto.RESULT, _proto.blob(2, _proto.text(1, 'q/0') + b'\x10\x03'), 1))
                    if select.select([peer], [], [], 0.005)[0] and peer.recv(65536)[4:5] == b'\x2a':  # the tag of a heartbeat
                        beaten.set()

        with socket.socket() as listener:
            listener.bind(('127.0.0.1', 0))
            listener.listen()
            player = threading.Thread(target=play, args=(listener,))
            player.start()
            app = krait.App('test', broker='krait://127.0.0.1:%d' % listener.getsockname()[1], deadline=30.0)
            with self.assertRaises(krait.KraitError):
                list(app.results(['q/%d' % k for k in range(99)]).as_completed(timeout=3600))
            player.join()
        self.assertTrue(beaten.is_set())

    def test_a_broker_that_restarts_loses_no_call(self):
        with Broker(data=True) as broker:
            app = krait.App('test', broker=broker.address)
            first = app.send_task('t', queue='q')
            broker.kill()
            again = []
            caller = threading.Thread(target=lambda: again.append(app.send_many([('t', (i,)) for i in range(100)], queue='q')))
            caller.start()
            broker.start()
            caller.join()
            self.assertEqual(app.queues()['q']['depth'], 101)
            self.assertEqual(first.state, 'QUEUED')
            app.close()

    def test_the_token_comes_from_a_file(self):
        import hashlib
        import tempfile
        with tempfile.TemporaryDirectory() as folder:
            tokens, mine = os.path.join(folder, 'tokens'), os.path.join(folder, 'token')
            with open(tokens, 'w') as file:
                file.write('me sha256:%s enqueue,read queues=* ns=default\n' % hashlib.sha256(b'secret').hexdigest())
            with open(mine, 'w') as file:
                file.write('secret\n')
            os.chmod(tokens, 0o600)
            with Broker('--tokens', tokens) as broker:
                with self.assertRaises(krait.Refused):
                    krait.App('test', broker=broker.address).send_task('t')
                os.environ['KRAIT_TOKEN_FILE'] = mine
                self.addCleanup(os.environ.pop, 'KRAIT_TOKEN_FILE', None)
                app = krait.App('test', broker=broker.address)
                self.assertRegex(app.send_task('t').id, '^default/')
                app.close()


INSIDE = '''
import time
from krait import App, Retry, TaskError, current_task, group, progress

app = App('tasks')


@app.task
def add(a, b=1):
    return a + b


@app.task
def family():
    me = current_task()
    return me.id, me.parent, me.root, me.name, me.attempt


@app.task
def spawn(n):
    me = current_task()
    children = family.delay_many([()] * n)
    return me.id, children.ids


@app.task
def sum_up(n):
    return sum(add.map(range(n)).get(timeout=300))


@app.task
def ask_one(a):
    return add.apply_async((a,), {'b': [1.5, {'x': None}][0]}, priority=9).get(timeout=300)


@app.task
def grouped():
    return group(add.s(i, b=i) for i in range(10)).delay().get(timeout=300)


@app.task
def see_failure():
    try:
        boom.delay().get(timeout=300)
    except TaskError as e:
        return e.type, e.message


@app.task
def boom():
    raise ValueError('boom')


@app.task(bind=True, max_retries=5)
def thrice(self, tag):
    if self.request.retries < 2:
        self.retry(countdown=0.01)
    return tag, self.request.retries, self.request.headers


@app.task(bind=True, max_retries=2)
def never(self):
    try:
        raise KeyError('gone')
    except KeyError as e:
        raise self.retry(countdown=0, exc=e)


@app.task(max_retries=1)
def once_more():
    if current_task().retries == 0:
        raise Retry(0.01)
    return 'again'


@app.task
def waits_forever():
    add.apply_async((1,), countdown=3600).get()


@app.task
def echo(v):
    return v


@app.task
def large():
    return echo.delay('y' * (2 << 20)).get(timeout=300) + '!'


@app.task
def steps():
    return progress(1, 3, 'one'), progress(2, 3), progress(3, 3, 'three')
'''


class Inside(unittest.TestCase):
    def in_each_mode(self, check):
        for mode in MODES:
            with self.subTest(mode=mode[1]), Broker(data=True) as broker, WorkerProcess(broker.address, *mode, app=INSIDE) as worker:
                app = krait.App('tasks', broker=broker.address)
                try:
                    check(app, broker, worker)
                finally:
                    app.close()

    def test_tasks_enqueue_and_wait_for_tasks(self):
        def check(app, broker, worker):
            parent, ids = app.send_task('tasks.spawn', (3,)).get(timeout=300)
            self.assertEqual(len(set(ids)), 3)
            for id in ids:
                self.assertEqual(app.result(id).get(timeout=300), (id, parent, parent, 'tasks.family', 1))
            self.assertEqual(app.send_task('tasks.sum_up', (700,)).get(timeout=300), sum(range(700)) + 700)
            self.assertEqual(app.send_task('tasks.ask_one', (2,)).get(timeout=300), 3.5)
            self.assertEqual(app.send_task('tasks.grouped').get(timeout=300), [2 * i for i in range(10)])
            self.assertEqual(app.send_task('tasks.see_failure').get(timeout=300), ('ValueError', 'boom'))
        self.in_each_mode(check)

    def test_retry_from_inside(self):
        def check(app, broker, worker):
            self.assertEqual(app.send_task('tasks.thrice', ('x',), max_retries=5, headers={'h': 'v'}).get(timeout=300), ('x', 2, {'h': 'v'}))
            self.assertEqual(app.send_task('tasks.once_more', max_retries=1).get(timeout=300), 'again')
            with self.assertRaises(krait.TaskError) as caught:
                app.send_task('tasks.never').get(timeout=300)
            self.assertEqual(caught.exception.type, 'KeyError')
        self.in_each_mode(check)

    def test_the_tour_of_the_readme_works(self):
        with open(os.path.join(TOP, 'sdk/python/README.md')) as file:
            source = re.search(r'```python\n(# tasks.py.*?)```', file.read(), re.S)[1]
        with Broker() as broker, WorkerProcess(broker.address, *MODES[0], app=source.replace('load(url)', 'url')):
            app = krait.App('tasks', broker=broker.address)
            self.addCleanup(app.close)
            self.assertEqual(app.send_task('tasks.total', (10,)).get(timeout=300), 90)
            self.assertEqual(app.send_task('tasks.fetch', ('u',)).get(timeout=300), 'u')
            self.assertEqual(app.send_task('tasks.send', ('me',), queue='default').get(timeout=300), None)

    def test_large_ones_go_in_parts(self):
        def check(app, broker, worker):
            v = ['x' * (3 << 20), b'z' * (1 << 20), list(range(1000))]
            result = app.send_task('tasks.echo', (v,))
            self.assertEqual(result.get(timeout=300), v)
            self.assertEqual(app.send_task('tasks.large').get(timeout=300), 'y' * (2 << 20) + '!')
            self.assertEqual(app.send_many([('tasks.echo', (v[0],)), ('tasks.echo', (1,))]).get(timeout=300), [v[0], 1])

            async def main():
                echo = krait.Task(app, len, 'tasks.echo', {})
                self.assertEqual(await (await echo.adelay(v)), v)
                await app.aclose()
            asyncio.run(main())
            with self.assertRaisesRegex(ValueError, 'the limit is'):
                app.send_task('tasks.echo', (b'x' * (65 << 20),))
        self.in_each_mode(check)

    def test_progress_is_told(self):
        def check(app, broker, worker):
            result = app.send_task('tasks.steps')
            self.assertEqual(result.get(timeout=300), (True, False, True))
        self.in_each_mode(check)

    def test_a_task_that_waits_can_be_cancelled(self):
        def check(app, broker, worker):
            result = app.send_task('tasks.waits_forever')
            until(lambda: result.state == 'ACTIVE', 'it runs')
            result.cancel()
            with self.assertRaises(krait.TaskCancelled):
                result.get(timeout=300)
        self.in_each_mode(check)

    def test_waiting_outlives_the_broker(self):
        def check(app, broker, worker):
            result = app.send_task('tasks.waits_forever')
            until(lambda: app.queues().get('default', {}).get('delayed') == 1, 'its child is there')
            broker.kill()
            broker.start()
            until(lambda: 'session resumed' in worker.said(), 'the worker is back')
            self.assertEqual(result.state, 'ACTIVE')
            self.assertEqual(result.cancel(), 'ACTIVE')
            with self.assertRaises(krait.TaskCancelled):
                result.get(timeout=300)
        self.in_each_mode(check)


if __name__ == '__main__':
    unittest.main()
