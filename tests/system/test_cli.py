# SPDX-License-Identifier: Apache-2.0
"""The program krait against a real broker, with a worker that the test plays; dev against programs that the test plays.

What the wire does by itself is test_broker's; tasks that really run are the worker's tests.
"""
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import tempfile
import threading
import time
import unittest

from brokers import BUILD, Broker, alive, until
from patience import patience
from wire import SCHEMA, Worker

KRAIT = os.path.join(BUILD, 'krait')


def clean():
    return {k: v for k, v in os.environ.items() if not k.startswith('KRAIT_')}


def krait(*args, broker=None, **env):
    """(exit code, standard output, standard error)"""
    env = dict(clean(), **env, **({'KRAIT_BROKER': broker} if broker else {}))
    done = subprocess.run([KRAIT, *args], capture_output=True, text=True, timeout=patience(60), env=env, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr


class Usage(unittest.TestCase):
    def test_wrong_usage_is_one_line_and_status_2(self):
        for args in [[], ['nosuch'], ['enqueue'], ['enqueue', '--nosuch', 't'], ['enqueue', 't', '--kw', 'x'],
                     ['enqueue', 't', '--eta', 'tomorrow'], ['enqueue', 't', '--priority', '10'], ['enqueue', 't', '--delay', 'x'],
                     ['enqueue', 't', '--rate-limit', '10'], ['result'], ['result', 'a', 'b'], ['cancel'], ['workers', 'x'], ['dev'],
                     ['dev', '--app', '/nonexistent/app.py'], ['bench', '--tasks', '0'], ['bench', '--mode', 'fast'],
                     ['tasks', '--state', 'done'], ['tasks', 'q/x', '--name', 'a'], ['tasks', '--since', 'soon'], ['dlq'], ['dlq', 'nosuch'],
                     ['dlq', 'list', 'x'], ['dlq', 'show'], ['dlq', 'retry'], ['dlq', 'retry', '--queue', 'q'], ['dlq', 'delete', '--queue', 'q', '--all'],
                     ['pause'], ['resume'], ['purge'], ['purge', 'q'], ['purge', 'q', 'r', '--yes'], ['queues', 'set', 'q'], ['queues', 'set', 'q', 'x'],
                     ['queues', 'settings'], ['queues', 'forget'], ['top', 'x'], ['events'], ['enqueue', 't', '--broker', 'http://x'], ['enqueue', 't', '--broker', 'krait://token@host']]:
            code, out, err = krait(*args)
            self.assertEqual(code, 2, (args, err))
            self.assertEqual(out, '')
            self.assertEqual(len(err.splitlines()), 1, err)

    def test_help_and_version(self):
        for command in ([], ['dev'], ['enqueue'], ['result'], ['cancel'], ['queues'], ['workers'], ['bench'], ['tasks'], ['dlq'], ['dlq', 'list'],
                        ['dlq', 'show'], ['dlq', 'retry'], ['dlq', 'delete'], ['pause'], ['resume'], ['purge'], ['queues', 'set'],
                        ['queues', 'settings'], ['queues', 'forget'], ['top'], ['events']):
            code, out, err = krait(*command, '--help')
            self.assertEqual((code, err), (0, ''))
            self.assertIn('usage: ' + ' '.join(['krait', *command]), out)
            code, out, err = krait(*command, '--version')
            self.assertEqual((code, err), (0, ''))
            self.assertRegex(out, r'^krait \d+\.\d+\.\d+\n$')

    def test_no_broker_is_status_5(self):
        began = time.monotonic()
        code, out, err = krait('queues', broker='unix:///nonexistent/krait.sock')
        self.assertEqual((code, out, len(err.splitlines())), (5, '', 1))
        self.assertIn('/nonexistent/krait.sock', err)
        self.assertLess(time.monotonic() - began, patience(40))


class Commands(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.broker = Broker().__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.broker.__exit__()

    def krait(self, *args):
        return krait(*args, broker=self.broker.address)

    def enqueue(self, *args):
        code, out, err = self.krait('enqueue', *args)
        self.assertEqual(code, 0, err)
        return out.strip()

    def test_arguments_travel_as_json_or_text(self):
        self.enqueue('t', '1', '-5', 'word', '"5"', '[1, {"a": null}]', '--odd', '--queue', 'args', '--kw', 'x=2.5', '--kw', 'y=text it',
                     '--priority', '7', '--', '--queue')
        with self.worker('args') as worker:
            delivery, = worker.take(1)
            self.assertEqual(delivery['priority'], 7)
            body = SCHEMA.decode('Task', delivery['body'])
            payload = SCHEMA.decode('Payload', body['payload'])
            kinds = [{k: v for k, v in a.items() if v not in (0, '', b'')} for a in payload['args']]
            self.assertEqual(kinds[:4], [{'integer': 1}, {'integer': -5}, {'text': 'word'}, {'text': '5'}])
            self.assertEqual(list(kinds[4]), ['list'])
            self.assertEqual(kinds[5:], [{'text': '--odd'}, {'text': '--queue'}])
            self.assertEqual([(k['name'], k['value']['real'] or k['value']['text']) for k in payload['kwargs']],
                             [('x', 2.5), ('y', 'text it')])
            worker.done(delivery)

    def worker(self, queue):
        worker = Worker(self.broker.address, queues=(queue,))
        self.addCleanup(worker.close)
        return _Closing(worker)

    def test_results_and_their_exit_codes(self):
        done, failed, expired, cancelled, waiting = [
            self.enqueue('t', '--queue', 'codes', '--id', key, *more) for key, *more in
            [('done',), ('failed',), ('expired', '--expires', '1ms'), ('cancelled', '--delay', '1h'), ('waiting', '--delay', '1h')]]
        self.assertEqual(done, 'codes/done')
        self.assertEqual(self.krait('result', expired, '--wait', '30')[0], 6)
        self.assertEqual(self.krait('result', done)[0], 4)
        with self.worker('codes') as worker:
            for delivery in worker.take(2):
                if delivery['id'] == done:
                    worker.done(delivery, result=42)
                else:
                    failure = {'type': 'ValueError', 'message': 'no', 'traceback':
                               'Traceback (most recent call last):\n  File "app.py", line 7, in f\nValueError: \x1b[31mno\n'}
                    worker.finish((delivery, 'ENDED_FAILED', {'failure': failure}))
        self.assertEqual(self.krait('result', done, '--wait', '30'), (0, '42\n', ''))
        code, out, err = self.krait('result', failed, '--wait', '30')
        self.assertEqual((code, out), (1, ''))
        self.assertIn('  File "app.py", line 7, in f\nValueError: \\x1b[31mno\n', err)
        code, out, _ = self.krait('cancel', cancelled)
        self.assertEqual((code, out), (0, 'codes/cancelled cancelled\n'))
        self.assertEqual(self.krait('result', cancelled)[0], 6)
        self.assertEqual(self.krait('cancel', done)[0], 1)
        self.assertEqual(self.krait('cancel', 'codes/nosuch')[0], 3)
        self.assertEqual(self.krait('result', 'codes/nosuch')[0], 3)
        self.assertEqual(self.krait('result', 'a/b/c/d')[0], 2)
        self.assertEqual(self.krait('result', waiting)[0], 4)

    def test_enqueue_waits_and_prints(self):
        code = []
        waiter = threading.Thread(target=lambda: code.append(self.krait('enqueue', 't', '--queue', 'waits', '--wait', '30')))
        with self.worker('waits') as worker:
            waiter.start()
            delivery, = worker.take(1)
            worker.done(delivery, result='text')
            waiter.join()
        self.assertEqual(code, [(0, '"text"\n', '')])

    def test_the_same_id_makes_one_task(self):
        ids = {self.enqueue('t', '--queue', 'once', '--id', 'k') for _ in range(3)}
        self.assertEqual(ids, {'once/k'})
        queues = {q['queue']: q for q in json.loads(self.krait('queues', '--json')[1])}
        self.assertEqual(queues['once']['depth'], 1)

    def test_every_option_of_a_task_travels(self):
        self.enqueue('t', '--queue', 'opts', '--max-retries', '3', '--retry-delay', '2s', '--soft-time-limit', '1s', '--time-limit', '2s', '--memory-limit', '1M',
                     '--result-ttl', '0', '--unique-key', 'u', '--unique-ttl', '1h', '--conflict', 'existing', '--group', 'g', '--rate-key', 'r',
                     '--header', 'trace=abc=d', '--expires', '1h')
        with self.worker('opts') as worker:
            delivery, = worker.take(1)
            body = SCHEMA.decode('Task', delivery['body'])
            o = body['options']
            self.assertEqual(body['headers'], [{'name': 'trace', 'value': 'abc=d'}])
            want = {'soft_limit_ms': 1000, 'hard_limit_ms': 2000, 'memory_limit': 1 << 20, 'has_result_ttl': True, 'result_ttl_ms': 0, 'unique_key': 'u',
                    'unique_ttl_ms': 3600000, 'conflict': 1, 'group': 'g', 'rate_key': 'r', 'expires_ms': 3600000}
            self.assertEqual({k: o[k] for k in want}, want)
            self.assertEqual((o['retry']['max'], o['retry']['backoff'], o['retry']['base_ms']), (3, 2, 2000))
            worker.done(delivery)
        self.assertEqual(self.krait('enqueue', 't', '--header', 'x')[0], 2)

    def test_queues_and_workers_are_shown(self):
        self.enqueue('t', '--queue', 'shown')
        self.enqueue('t', '--queue', 'shown', '--delay', '1h')
        queues = {q['queue']: q for q in json.loads(self.krait('queues', '--json')[1])}
        self.assertEqual({k: queues['shown'][k] for k in ('depth', 'delayed', 'active', 'dead', 'paused')},
                         {'depth': 1, 'delayed': 1, 'active': 0, 'dead': 0, 'paused': False})
        self.assertRegex(self.krait('queues')[1], r'(?m)^shown +1 +1 +0 +0 ')
        with self.worker('shown'):
            worker, = [w for w in json.loads(self.krait('workers', '--json')[1]) if w['queues'] == 'shown']
            self.assertEqual((worker['pid'], worker['mode']), (os.getpid(), 'gil'))
            self.assertIn('shown', self.krait('workers')[1])

    def test_some_queues(self):
        self.enqueue('t', '--queue', 'some1')
        self.enqueue('t', '--queue', 'some2')
        code, out, err = self.krait('queues', 'some1', 'some2', '--json')
        self.assertEqual(([q['queue'] for q in json.loads(out)], code, err), (['some1', 'some2'], 0, ''))
        code, out, err = self.krait('queues', 'some2', 'nosuch')
        self.assertEqual((code, err), (3, 'krait: no queue nosuch\n'))
        self.assertEqual([line.split()[0] for line in out.splitlines()], ['QUEUE', 'some2'])
        self.assertEqual(self.krait('queues', 'nosuch')[:2], (3, ''))

    def test_cancel_says_why_and_tells_programs(self):
        first, second = [self.enqueue('t', '--queue', 'stop', '--delay', '1h') for _ in range(2)]
        code, out, _ = self.krait('cancel', first, 'stop/nosuch', '--json', '--reason', 'not wanted any more')
        self.assertEqual((code, json.loads(out)), (3, [{'id': first, 'state': 'cancelled'}, {'id': 'stop/nosuch', 'state': 'unknown'}]))
        self.assertIn('Cancelled: not wanted any more\n', self.krait('result', first)[2])
        self.assertEqual(self.krait('cancel', second, 'no id')[:2], (2, ''))
        self.assertEqual(self.krait('result', second)[0], 4)

    def test_what_the_broker_would_refuse_is_one_line(self):
        for args, code in ((['enqueue', 'a b'], 2), (['enqueue', ''], 2), (['dlq', 'list', '--reason', 'nosuch'], 2), (['tasks', '--reason', 'nosuch', '--json'], 2),
                           (['queues', 'set', 'q', 'rate=abc'], 2), (['queues', 'set', 'q', 'nosuch=1'], 2), (['enqueue', 't', '--unique-key', 'a b'], 2)):
            got = self.krait(*args)
            self.assertEqual((got[0], got[1], len(got[2].splitlines())), (code, '', 1), (args, got))

    def die(self, queue, *keys, type='ValueError'):
        for key in keys:
            self.enqueue('mail.send', '7', '--queue', queue, '--id', key, '--kw', 'to=me')
        with self.worker(queue) as worker:
            for delivery in worker.take(len(keys)):
                worker.finish((delivery, 'ENDED_FAILED', {'failure': {'type': type, 'message': 'no\x1b[31m', 'traceback': 'Traceback…\n' + type}}))
        for key in keys:
            self.assertEqual(self.krait('result', queue + '/' + key, '--wait', '30')[0], 1)

    def dead(self, queue, *options):
        code, out, err = self.krait('dlq', 'list', '--queue', queue, '--json', *options)
        self.assertEqual((code, err), (0, ''))
        return {t['id'].split('/')[1]: t for t in json.loads(out)}

    def test_dead_letters_are_listed_shown_retried_deleted(self):
        self.die('letters', 'a', 'b', 'c')
        self.die('letters', 'd', type='KeyError')
        letters = self.dead('letters')
        self.assertEqual(sorted(letters), ['a', 'b', 'c', 'd'])
        self.assertEqual({k: letters['a'][k] for k in ('state', 'reason', 'name', 'error')},
                         {'state': 'dead', 'reason': 'failed', 'name': 'mail.send', 'error': 'ValueError'})
        self.assertEqual(sorted(self.dead('letters', '--error', 'Key*')), ['d'])
        self.assertEqual(sorted(self.dead('letters', '--name', 'other.*')), [])
        self.assertEqual(sorted(self.dead('letters', '--reason', 'expired')), [])
        self.assertEqual(len(self.dead('letters', '--limit', '2')), 2)
        self.assertEqual(len(self.dead('letters', '--since', '1h')), 4)
        self.assertEqual(self.dead('letters', '--before', '1h'), {})
        self.assertIn('ValueError: no\\x1b[31m', self.krait('dlq', 'list', '--queue', 'letters')[1])
        code, out, err = self.krait('dlq', 'show', 'letters/a')
        self.assertEqual(code, 0, err)
        for line in 'id           letters/a', 'args         [7]', 'kwargs       {"to": "me"}', 'reason       failed', 'Traceback…':
            self.assertIn(line + '\n', out)
        self.assertEqual(json.loads(self.krait('dlq', 'show', 'letters/a', '--json')[1])[0]['kwargs'], {'to': 'me'})
        self.assertEqual(self.krait('dlq', 'show', 'letters/nosuch')[0], 3)
        self.assertEqual(self.krait('dlq', 'retry', 'letters/a')[:2], (0, '1 queued again\n'))
        self.assertEqual(self.krait('result', 'letters/a')[0], 4)
        self.assertEqual(self.krait('dlq', 'retry', 'letters/a')[:2], (1, '0 queued again\n'))
        self.assertEqual(self.krait('dlq', 'delete', 'letters/b')[:2], (0, '1 deleted\n'))
        self.assertEqual(self.krait('result', 'letters/b')[0], 3)
        self.assertEqual(self.krait('dlq', 'retry', '--queue', 'letters', '--error', 'KeyError')[:2], (0, '1 queued again\n'))
        self.assertEqual(self.krait('dlq', 'delete', '--queue', 'letters', '--all', '--yes')[:2], (0, '1 deleted\n'))
        self.assertEqual(self.dead('letters'), {})
        self.assertEqual(self.krait('dlq', 'list', '--queue', 'letters')[1].splitlines()[1:], ['(no dead letter)'])

    def test_tasks_by_state_and_by_id(self):
        ids = [self.enqueue('t', str(i), '--queue', 'states', '--priority', '9') for i in range(3)]
        late = self.enqueue('t', '--queue', 'states', '--delay', '1h', '--expires', '2h')
        found = json.loads(self.krait('tasks', '--queue', 'states', '--json')[1])
        self.assertEqual([(t['id'], t['priority'], t['state']) for t in found], [(i, 9, 'queued') for i in ids])
        found, = json.loads(self.krait('tasks', '--queue', 'states', '--state', 'delayed', '--json')[1])
        self.assertEqual((found['id'], 'due' in found, 'expires' in found), (late, True, True))
        found = json.loads(self.krait('tasks', ids[2], late, '--json')[1])
        self.assertEqual([(t['id'], t['args']) for t in found], [(ids[2], [2]), (late, [])])
        self.assertEqual(self.krait('tasks', 'states/nosuch')[0], 3)
        with self.worker('states') as worker:
            delivery, = worker.take(1)
            found, = json.loads(self.krait('tasks', '--queue', 'states', '--state', 'active', '--json')[1])
            self.assertEqual((found['id'], found['attempt']), (delivery['id'], 1))
            worker.done(delivery)

    def test_pause_resume_purge(self):
        self.enqueue('t', '--queue', 'stopped')
        self.assertEqual(self.krait('pause', 'stopped', 'stopped2')[:2], (0, 'stopped paused\nstopped2 paused\n'))
        self.assertRegex(self.krait('queues')[1], r'(?m)^stopped .* paused$')
        with self.worker('stopped') as worker:
            worker.send('credit', n=1)
            self.enqueue('t', '--queue', 'stopped')
            queues = {q['queue']: q for q in json.loads(self.krait('queues', '--json')[1])}
            self.assertEqual((queues['stopped']['depth'], queues['stopped']['active'], queues['stopped']['paused']), (2, 0, True))
            self.assertEqual(self.krait('resume', 'stopped')[:2], (0, 'stopped resumed\n'))
            worker.done(*worker.more(1))
        self.enqueue('t', '--queue', 'stopped', '--delay', '1h')
        self.assertEqual(self.krait('purge', 'stopped', '--yes', '--delayed')[:2], (0, 'stopped: 1 purged\n'))
        self.assertEqual(self.krait('purge', 'stopped', '--yes')[:2], (0, 'stopped: 1 purged\n'))
        self.assertEqual(self.krait('purge', 'stopped', '--yes')[:2], (0, 'stopped: 0 purged\n'))
        self.assertEqual(self.krait('pause', 'no/queue')[0], 2)

    def test_settings_hold_and_are_shown(self):
        self.assertEqual(self.krait('queues', 'set', 'small', 'max-length=2', 'rate=5', 'group-weight:acme-inc=3'), (0, '', ''))
        settings = json.loads(self.krait('queues', 'settings', 'small', '--json')[1])
        self.assertEqual((settings['max_length'], settings['rate'], settings['max_concurrency'], settings['group_weight:acme-inc']), ('2', '5', '0', '3'))
        self.assertRegex(self.krait('queues', 'settings', 'small')[1], r'(?m)^max_length +2 +\w.*\n(.*\n)*max_concurrency +\(0\)')
        self.enqueue('t', '--queue', 'small')
        self.enqueue('t', '--queue', 'small')
        code, out, err = self.krait('enqueue', 't', '--queue', 'small')
        self.assertEqual((code, out), (1, ''))
        self.assertEqual(err, 'krait: queue or store at its limit\n')
        for wrong in 'nosuch=1', 'max-length=many', 'rate=-1':
            code, out, err = self.krait('queues', 'set', 'small', 'max-length=100', wrong)
            self.assertEqual((code, out, len(err.splitlines())), (2, '', 1), wrong)
        self.assertEqual(json.loads(self.krait('queues', 'settings', 'small', '--json')[1])['max_length'], '2')
        self.assertEqual(self.krait('queues', 'set', 'small', 'max-length=')[0], 0)
        self.enqueue('t', '--queue', 'small')
        self.assertEqual(self.krait('purge', 'small', '--yes')[0], 0)
        self.assertEqual(self.krait('queues', 'forget', 'small'), (0, '', ''))
        self.assertNotIn('small', [q['queue'] for q in json.loads(self.krait('queues', '--json')[1])])

    def test_top_shows_queues_and_workers(self):
        self.enqueue('t', '--queue', 'topped')
        with self.worker('topped'):
            code, out, err = self.krait('top', '--times', '2', '--every', '50ms')
        self.assertEqual((code, err), (0, ''))
        self.assertEqual(len(re.findall(r'(?m)^topped +1 +0 +0 +0 ', out)), 2)
        self.assertEqual(len(re.findall(r'(?m)^test:\d+ +gil +1 x 1 ', out)), 2)

    def test_events_are_shown_as_they_happen(self):
        self.assertEqual(self.krait('queues', 'set', 'told', 'events=100')[0], 0)
        first = self.enqueue('t', '--queue', 'told')
        events = [json.loads(line) for line in self.krait('events', 'told', '--json')[1].splitlines()]
        self.assertIn((first, 'queued'), [(e['id'], e['what']) for e in events])
        process = subprocess.Popen([KRAIT, 'events', 'told', '--follow', '--broker', self.broker.address], stdout=subprocess.PIPE, text=True, env=clean())
        try:
            while ' queued     ' + first not in process.stdout.readline():
                pass
            with self.worker('told') as worker:
                worker.done(*worker.take(1))
            while not re.match(r'20\S+Z done +' + first, process.stdout.readline()):
                pass
        finally:
            process.terminate()
            process.stdout.close()
            process.wait()

    def test_a_watch_goes_on(self):
        process = subprocess.Popen([KRAIT, 'queues', '--watch', '--json', '--every', '50ms', '--broker', self.broker.address],
                                   stdout=subprocess.PIPE, env=clean())
        try:
            for _ in range(3):
                json.loads(process.stdout.readline())
        finally:
            process.terminate()
            process.stdout.close()
            process.wait()


class _Closing:
    def __init__(self, worker):
        self.worker = worker

    def __enter__(self):
        return self.worker

    def __exit__(self, *_):
        self.worker.send('goodbye')
        self.worker.close()


PLAYED = '''#!/usr/bin/python3.11
import os, signal, sys, time
name = os.path.basename(sys.argv[0])
def end(*_):
    print(name, 'ends', file=sys.stderr, flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
if name == 'krait-worker':
    app = sys.argv[sys.argv.index('--app') + 1]
    if 'broken' in open(app).read():
        sys.exit('worker: the app is broken')
    print('worker', os.getpid(), 'runs', open(app).read().strip(), file=sys.stderr, flush=True)
    print('ready', flush=True)
    print('a task printed this', flush=True)
else:
    print('broker', os.getpid(), 'starts', file=sys.stderr, flush=True)
    print('ready listen=unix:///tmp/x http=http://127.0.0.1:1', flush=True)
while True:
    signal.pause()
'''


class Dev(unittest.TestCase):
    """krait dev with programs beside it that only pretend."""

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix='krait-test-')
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        shutil.copy(KRAIT, self.dir)
        for name in 'krait-broker', 'krait-worker':
            path = os.path.join(self.dir, name)
            with open(path, 'w') as file:
                file.write(PLAYED)
            os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)
        os.mkdir(os.path.join(self.dir, 'app'))
        self.write('one')
        self.log = open(os.path.join(self.dir, 'log'), 'ab')
        self.addCleanup(self.log.close)
        self.process = None
        self.addCleanup(self.end)

    def write(self, text, name='tasks.py'):
        with open(os.path.join(self.dir, 'app', name), 'w') as file:
            file.write(text)

    def said(self):
        with open(os.path.join(self.dir, 'log')) as file:
            return file.read()

    def start(self):
        self.process = subprocess.Popen([os.path.join(self.dir, 'krait'), 'dev', '--app', os.path.join(self.dir, 'app/tasks.py')],
                                        stdout=subprocess.PIPE, stderr=self.log, text=True,
                                        env=dict(clean(), TMPDIR=self.dir))
        return self.process.stdout.readline()

    def end(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()

    def pids(self):
        return [int(line.split()[1]) for line in self.said().splitlines() if line.startswith(('worker ', 'broker '))]

    def gone(self):
        return not any(alive(pid) for pid in self.pids())

    def test_the_worker_starts_again_when_a_source_changes(self):
        self.assertTrue(self.start().startswith('ready listen=unix:///tmp/x http='))
        self.assertEqual(self.process.stdout.readline(), 'a task printed this\n')
        self.write('two')
        until(lambda: 'runs two' in self.said(), 'the new worker')
        self.write('broken')
        until(lambda: 'the app is broken' in self.said(), 'the broken worker')
        self.write('three', 'other.txt')
        self.write('four')
        until(lambda: 'runs four' in self.said(), 'the mended worker')
        self.process.send_signal(signal.SIGINT)
        self.assertEqual(self.process.wait(30), 0)
        self.assertTrue(self.gone())
        self.assertEqual([n for n in os.listdir(self.dir) if n.startswith('krait-dev.')], [])
        self.assertEqual(self.said().count('krait-broker ends'), 1)

    def test_nothing_outlives_a_killed_dev(self):
        self.start()
        until(lambda: len(self.pids()) == 2, 'both children')
        self.process.kill()
        until(self.gone, 'the end of the children')

    def test_it_ends_with_its_broker(self):
        self.start()
        os.kill(self.pids()[0], signal.SIGKILL)
        self.assertEqual(self.process.wait(30), 1)
        self.assertIn('the broker ended by itself', self.said())
        self.assertTrue(self.gone())

    def test_a_worker_that_cannot_start_is_told(self):
        self.write('broken')
        self.assertEqual(self.start(), '')
        self.assertEqual(self.process.wait(30), 1)
        self.assertIn('krait-worker ended before it was ready', self.said())
        self.assertTrue(self.gone())


class Bench(unittest.TestCase):
    KEYS = {'enqueue_per_s', 'end_to_end_per_s', 'p50_ms', 'p99_ms', 'tasks', 'mode', 'slots', 'producer', 'enqueue_alone_per_s', 'redis_us', 'broker_us',
            'record_bytes'}

    def bench(self, *args, broker=None):
        code, out, err = krait('bench', '--tasks', '200', '--processes', '1', '--json', *args, broker=broker)
        self.assertEqual(code, 0, err)
        return json.loads(out)

    def test_both_producers_measure_all(self):
        for producer in 'c', 'python':
            got = self.bench('--producer', producer)
            self.assertEqual(set(got), self.KEYS)
            self.assertEqual((got['tasks'], got['mode'], got['slots'], got['producer']), (200, 'gil', 1, producer))
            self.assertTrue(all(got[k] > 0 for k in self.KEYS - {'mode', 'producer'}), got)

    def test_against_a_broker_it_leaves_nothing_but_knows_no_costs(self):
        with Broker() as broker:
            got = self.bench('--broker', broker.address)
            self.assertEqual([got[k] for k in ('redis_us', 'broker_us', 'record_bytes')], [None] * 3)
            queues = json.loads(krait('queues', '--json', broker=broker.address)[1])
            self.assertEqual([(q['queue'], q['depth'], q['active']) for q in queues], [('bench', 0, 0)])


if __name__ == '__main__':
    unittest.main()
