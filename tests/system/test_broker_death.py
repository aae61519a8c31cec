# SPDX-License-Identifier: Apache-2.0
"""What a dead worker held runs elsewhere, whatever else died with it: its broker, Redis, both, again and again. And who only
moved, or whose broker only stood still, keeps what is his."""
import os
import signal
import socket
import struct
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import brokers
import resp
import wire
from test_broker import ACK_OK

P = 'kr:{default/%s/0}'


class Death(unittest.TestCase):
    """Two brokers on the private Redis of the first; the long TTL and grace of a test must not be what helps."""
    one_options, two_options = ('--ttl', '60s', '--grace', '60s'), ('--ttl', '60s', '--grace', '60s')

    def setUp(self):
        self.one = brokers.Broker('--durability', 'always', *self.one_options, data=True)
        self.addCleanup(self.one.__exit__)
        self.one.start()
        self.sock = os.path.join(os.path.realpath(self.one.dir), 'data', 'redis', 'sock')
        self.two = brokers.Broker('--redis', 'unix://' + self.sock, *self.two_options)
        self.addCleanup(self.two.__exit__)
        self.two.start()

    def worker(self, broker, **hello):
        client = wire.Worker(broker.address, timeout=60, **hello)
        self.addCleanup(client.close)
        return client

    def enqueue(self, broker, *keys, **options):
        p = wire.Producer(broker.address, timeout=60)
        answers = p.enqueue(*[wire.task('t', key=k, **options) for k in keys])
        p.close()
        self.assertEqual([a['outcome'] for a in answers], [1] * len(keys))

    def redis(self, *words):
        client = resp.Redis(self.sock)
        try:
            return client(*words)
        finally:
            client.close()

    def redis_pid(self):
        try:
            return self.one.redis_pid()
        except ValueError:               # it is being written
            return None

    def cut(self, client):
        client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        client.close()

    def active(self, queue='default'):
        return self.redis('SCARD', P % queue + ':l:' + self.session)


class Moved(Death):
    def test_what_the_old_broker_claimed_for_a_session_that_moved_comes_back(self):
        old = self.worker(self.one)
        old.send('credit', n=3)
        brokers.until(lambda: self.redis('SCARD', P % 'default' + ':h'), 'broker one asks for work')
        self.one.process.send_signal(signal.SIGSTOP)            # it will not see that its worker went
        self.addCleanup(self.one.process.send_signal, signal.SIGCONT)
        new = self.worker(self.two, resume=old.welcome)
        self.assertEqual(new.welcome['resumed'], 1)
        self.enqueue(self.two, 'a', 'b', 'c')
        self.one.process.send_signal(signal.SIGCONT)
        self.session = new.welcome['session']
        got = old.more(3)                                        # claimed for a connection at which nobody is any more
        self.assertEqual({d['attempt'] for d in got}, {1})
        self.assertEqual(self.active(), 3)
        again = new.take(3)                                      # while the session lives
        self.assertEqual(sorted((d['id'], d['attempt'], d['deliveries']) for d in again), [('default/%s' % k, 2, 0) for k in 'abc'])
        self.assertEqual(new.done(*again), [ACK_OK] * 3)
        with self.assertRaises(wire.Closed):                     # the old broker has learnt it meanwhile
            old.read()

    one_options = two_options = ('--ttl', '6s', '--grace', '60s')


class SilentOnOne(Death):
    one_options, two_options = ('--ttl', '1500ms', '--grace', '60s'), ('--ttl', '60s', '--grace', '60s')

    def test_silence_at_the_old_broker_does_not_end_a_session_that_moved(self):
        self.enqueue(self.one, 'a')
        old = self.worker(self.one)
        a, = old.take(1)
        new = self.worker(self.two, resume=old.welcome, held=[{'id': a['id'], 'attempt': 1, 'started': 1}])
        self.assertEqual(new.welcome['resumed'], 1)
        with self.assertRaises(wire.Closed):                     # it is dropped there, for silence or because it moved
            while True:
                old.read()
        brokers.until(lambda: 'session went to another broker' in self.one.said(), 'broker one to let it go')
        self.assertEqual(new.done(a), [ACK_OK])


class Refused(Death):
    def test_a_session_given_up_in_one_queue_leaves_nothing_in_the_others(self):
        queues = ('x', 'y')
        old = self.worker(self.one, queues=queues)
        for queue in queues:
            self.enqueue(self.one, 'k', queue=queue)
        held = [{'id': d['id'], 'attempt': 1, 'started': 0} for d in old.take(2)]
        self.redis('FCALL', 'kr2_reap', 1, P % 'x' + ':c', 1000, 1, 0, old.welcome['session'])
        self.one.kill()
        again = self.worker(self.two, queues=queues, resume=old.welcome, held=held)
        self.assertEqual(again.welcome['resumed'], 0)
        got = {d['id']: d['attempt'] for d in again.take(2)}      # y too, and not only after a minute
        self.assertEqual(got, {'x/k': 2, 'y/k': 2})


class DiesOnItsWay(Death):
    two_options = ('--ttl', '60s', '--grace', '300ms')

    def test_a_worker_that_dies_while_it_moves(self):
        self.enqueue(self.one, 'a')
        old = self.worker(self.one)
        old.take(1)
        other = self.worker(self.two)
        redis = self.one.redis_pid()
        self.one.kill()
        os.kill(redis, signal.SIGSTOP)                            # so that the question whether the session lives stays open
        self.addCleanup(os.kill, redis, signal.SIGCONT)
        with socket.create_connection(tuple(self.two.address.split('//')[1].split(':'))) as sock:
            moving = wire.Worker.__new__(wire.Worker)
            moving.sock = sock
            spec = {'mode': 'MODE_GIL', 'processes': 1, 'threads': 1, 'pid': 1, 'host': 'test', 'tasks': [{'name': 't'}],
                    'resume_session': old.welcome['session'], 'resume_secret': old.welcome['secret']}
            moving.send('hello', version_min=1, version_max=1, role='ROLE_WORKER', client='test', worker=spec)
            brokers.until(lambda: self.two.metric('krait_sessions', role='worker') == 2, 'broker two knows the session')
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        os.kill(redis, signal.SIGCONT)
        again, = other.take(1)                                    # after the grace, not after a minute
        self.assertEqual((again['id'], again['attempt']), ('default/a', 2))


class Everything(Death):
    one_options = two_options = ('--ttl', '3s', '--grace', '60s')

    def test_worker_broker_and_redis_die_at_once(self):
        self.enqueue(self.one, 'a', 'b')
        w = self.worker(self.one)
        one, two = w.take(2)
        other = self.worker(self.two)
        redis = self.one.redis_pid()
        for pid in (redis, self.one.process.pid):
            os.kill(pid, signal.SIGKILL)
        self.cut(w)
        self.one.kill()
        self.one.start()
        again = self.live(other, 2)
        self.assertEqual({(d['id'], d['attempt']) for d in again}, {('default/a', 2), ('default/b', 2)})
        self.assertEqual(other.done(*again), [ACK_OK, ACK_OK])

    def live(self, w, n, between=lambda: None):
        """Asks for n tasks, lives on, until they are here; `between` is called twice a second."""
        w.send('credit', n=n)
        got, deadline = [], time.monotonic() + 60
        while len(got) < n:
            self.assertLess(time.monotonic(), deadline, 'nobody gave the dead worker up')
            w.sock.settimeout(.5)
            try:
                got += w.expect('deliver')['tasks']
            except TimeoutError:
                w.sock.settimeout(60)
                w.send('heartbeat', sent_ms=1)
            between()
        w.sock.settimeout(60)
        return got

    def test_a_redis_that_dies_again_and_again_keeps_nobody_alive(self):
        self.enqueue(self.one, 'a')
        w = self.worker(self.one)
        w.take(1)
        other = self.worker(self.two)
        self.one.kill()                                           # nobody beats for w any more
        self.cut(w)
        self.one.start()
        self.died, up = 0, [time.monotonic()]

        def kill():
            """Never up for as long as a TTL."""
            if time.monotonic() - up[0] < 1.5 or self.one.get('/readyz')[0] != 200 or self.two.get('/readyz')[0] != 200:
                return
            before = self.redis_pid()
            os.kill(before, signal.SIGKILL)
            def back():
                other.send('heartbeat', sent_ms=1)
                return self.redis_pid() not in (before, None) and self.one.get('/readyz')[0] == 200
            brokers.until(back, 'Redis is back')
            self.died, up[0] = self.died + 1, time.monotonic()
        again, = self.live(other, 1, kill)
        self.assertEqual(again['id'], 'default/a')
        self.assertGreater(again['attempt'], 1)                   # once more if Redis died before it said what was claimed
        self.assertGreater(self.died, 1)


class StoodStill(Death):
    one_options = ('--ttl', '1500ms', '--grace', '60s')

    def test_a_broker_that_stood_still_hears_its_workers_before_it_judges_them(self):
        self.two.stop()
        self.enqueue(self.one, 'a')
        w = self.worker(self.one)
        a, = w.take(1)
        self.one.process.send_signal(signal.SIGSTOP)
        over = time.monotonic() + 2
        brokers.until(lambda: time.monotonic() > over, 'a TTL')
        w.send('heartbeat', sent_ms=1)
        self.one.process.send_signal(signal.SIGCONT)
        self.assertEqual(w.done(a), [ACK_OK])


if __name__ == '__main__':
    unittest.main()
