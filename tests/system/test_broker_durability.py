# SPDX-License-Identifier: Apache-2.0
"""--durability: what is accepted only once replicas have it, and a Redis that does not keep what was asked for. The embedded one with
`always` is tested by what survives in test_broker."""
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import brokers
import resp
import wire
from test_broker import ACK_OK, AWAY, DONE, EXISTS, OK


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


class Replicas(unittest.TestCase):
    def setUp(self):
        self.port = free_port()
        self.server = resp.Server('--port', str(self.port)).__enter__()
        self.addCleanup(self.server.__exit__)
        self.redis = self.server.client()
        self.addCleanup(self.redis.close)
        self.broker = brokers.Broker('--redis', 'unix://' + self.server.path, '--durability', 'replicas=1')
        self.addCleanup(self.broker.__exit__)
        self.broker.start()
        self.p = wire.Producer(self.broker.address)
        self.addCleanup(self.p.close)

    def replica(self):
        replica = resp.Server('--replicaof', '127.0.0.1 %d' % self.port).__enter__()
        self.addCleanup(replica.__exit__)
        brokers.until(lambda: b'state=online' in self.redis('INFO', 'replication'), 'the replica')
        return replica

    def test_nothing_is_accepted_without_the_replica_and_all_is_with_it(self):
        self.assertEqual(self.p.enqueue(wire.task('t', key='a'))[0]['outcome'], AWAY)
        self.assertIn('too few replicas', self.broker.said())
        self.replica()
        brokers.until(lambda: self.p.enqueue(wire.task('t', key='a'))[0]['outcome'] == EXISTS, 'the replica to count')
        self.assertEqual(self.p.enqueue(wire.task('t', key='b'))[0]['outcome'], OK)
        w = wire.Worker(self.broker.address)
        self.addCleanup(w.close)
        got = w.take(2)
        self.assertEqual(w.done(*got), [ACK_OK, ACK_OK])
        self.assertEqual(self.p.wait('default/a')['default/a']['state'], DONE)

    def test_many_at_once_are_all_answered(self):
        self.replica()
        w = wire.Worker(self.broker.address)
        self.addCleanup(w.close)
        for base in range(0, 3000, 500):
            accepted = self.p.enqueue(*[wire.task('t', key='k%d' % i, unique_key='u%d' % (i % 400)) for i in range(base, base + 500)])
            self.assertEqual({a['outcome'] for a in accepted} - {OK, 4}, set())
            n = sum(a['outcome'] == OK for a in accepted)
            self.assertEqual(set(w.done(*w.take(n))), {ACK_OK})


class SlowDisk(unittest.TestCase):
    """Redis is killed while its disk is far behind. What was accepted, and should therefore be there, is there."""

    def start(self, ms, appendfsync, durability):
        place = tempfile.mkdtemp(prefix='krait-test-')
        self.addCleanup(shutil.rmtree, place, ignore_errors=True)
        shim = os.path.join(place, 'slow.so')
        source = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'slow_disk.c')
        subprocess.run(['cc', '-shared', '-fPIC', '-O1', '-DMS=%d' % ms, '-o', shim, source], check=True)
        self.server = resp.Server('--appendonly', 'yes', '--appendfsync', appendfsync, env={'LD_PRELOAD': shim}).__enter__()
        self.addCleanup(self.server.__exit__)
        self.broker = brokers.Broker('--redis', 'unix://' + self.server.path, '--durability', durability)
        self.addCleanup(self.broker.__exit__)
        self.broker.start()
        self.p = wire.Producer(self.broker.address, timeout=60)
        self.addCleanup(self.p.close)
        self.accepted = []

    def accept(self, n):
        at = len(self.accepted)
        answers = self.p.enqueue(*[wire.task('t', key='k%d' % i) for i in range(at, at + n)])
        self.assertEqual({a['outcome'] for a in answers}, {OK})
        self.accepted += [a['id'] for a in answers]

    def there(self, ids):
        self.server.restart()
        brokers.until(lambda: self.broker.get('/readyz')[0] == 200, 'the broker and the new Redis')
        states = self.p.wait(*ids, timeout_ms=0)
        self.assertEqual([i for i in ids if states[i]['state'] == 0], [])

    def test_always_loses_nothing(self):
        self.start(300, 'always', 'always')
        for _ in range(4):
            self.accept(5)
        self.p.send('enqueue', seq=1 << 40, tasks=[wire.task('t', key='unanswered')])
        self.there(self.accepted)

    def test_everysec_loses_the_last_moments_at_most(self):
        self.start(3000, 'everysec', 'everysec')
        redis = self.server.client()

        def written():
            """Redis has put off its writing for 2 s, and then wrote in spite of the flush under way."""
            before = len(self.accepted)
            self.accept(5)
            if int(redis('INFO', 'persistence').split(b'aof_delayed_fsync:')[1].split()[0]) == 0:
                self.safe = before
            else:
                return True
        brokers.until(written, 'the disk is behind')
        redis.close()
        self.assertGreater(self.safe, 0)
        self.there(self.accepted[:self.safe])


class BackUp(unittest.TestCase):
    def test_a_copy_of_the_running_store_starts_elsewhere(self):
        with brokers.Broker('--durability', 'always', data=True) as first, brokers.Broker('--ttl', '1s', data=True) as second:
            p = wire.Producer(first.address)
            p.enqueue(*[wire.task('t', key='k%d' % i) for i in range(100)])
            w = wire.Worker(first.address)
            w.done(*w.take(10))
            w.take(5)
            self.assertEqual(second.stop(), 0)
            source, target = (os.path.join(b.dir, 'data', 'redis', 'appendonlydir') for b in (first, second))
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(source, target)                # while the first one runs
            second.start()
            q = wire.Producer(second.address)
            info = q.queue('default')
            self.assertEqual((info['queued'] + info['active'], info['done']), (90, 10))
            again = wire.Worker(second.address)
            self.assertEqual(len({d['id'] for d in again.take(90)}), 90)      # the five of the session that stayed behind, too
            for client in (p, q, w, again):
                client.close()


class Refused(unittest.TestCase):
    def start(self, *options, **server_options):
        server = resp.Server(*server_options.get('server', ())).__enter__()
        self.addCleanup(server.__exit__)
        return subprocess.run([brokers.BROKER, '--listen', 'krait://127.0.0.1:0', '--http', 'off', '--redis', 'unix://' + server.path, *options],
                              capture_output=True, text=True, timeout=brokers.patience(30))

    def test_always_needs_a_redis_that_does(self):
        for server in ((), ('--appendonly', 'yes', '--appendfsync', 'everysec')):
            out = self.start('--durability', 'always', server=server)
            self.assertEqual((out.returncode, out.stdout), (1, ''), out)
            self.assertIn('--durability always', out.stderr)

    def test_wrong_words(self):
        for word in ('replicas=0', 'replicas=x', 'replicas=', 'never', 'replicas=17'):
            out = subprocess.run([brokers.BROKER, '--durability', word], capture_output=True, text=True, timeout=brokers.patience(30))
            self.assertEqual((out.returncode, out.stdout, out.stderr.count('\n')), (2, '', 1), out)
        out = subprocess.run([brokers.BROKER, '--durability', 'replicas=1'], capture_output=True, text=True, timeout=brokers.patience(30))
        self.assertEqual(out.returncode, 2)
        self.assertIn('outside Redis', out.stderr)

    def test_check_config_says_what_holds(self):
        out = subprocess.run([brokers.BROKER, '--check-config', '--redis', 'redis://127.0.0.1:1', '--durability', 'replicas=2'],
                             capture_output=True, text=True, timeout=brokers.patience(30), env={**os.environ, 'KRAIT_REDIS_PASSWORD': 'hush'})
        self.assertEqual(out.returncode, 0, out)
        self.assertIn('replicas=2', out.stdout)
        self.assertNotIn('hush', out.stdout)


if __name__ == '__main__':
    unittest.main()
