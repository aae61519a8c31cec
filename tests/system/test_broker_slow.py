# SPDX-License-Identifier: Apache-2.0
# tests/run: slow
"""What of the broker takes its time: a store that hangs, and doing nothing at all."""
import os
import select
import signal
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import brokers
import wire
from test_broker import AWAY, EXISTS, OK, OneBroker as _OneBroker


class Slow(_OneBroker):
    def test_without_sessions_the_broker_sleeps(self):
        """Context switches of an idle broker: none between two looks that are answered by other means."""
        self.producer().close()
        brokers.until(lambda: self.broker.metric('krait_connections') == 0, 'no connection')
        pid = self.broker.process.pid

        def switches():
            with open('/proc/%d/status' % pid) as file:
                return int([line for line in file if line.startswith('voluntary_ctxt')][0].split()[1])

        # The alarms that earlier work left behind ring once; after that, nothing may.
        def calm():
            before = switches()
            select.select([], [], [], .5)
            return switches() == before

        brokers.until(calm, 'half a second without a wake-up', 40)

    def test_a_store_that_is_away_is_said_at_once(self):
        p = self.producer()
        with open('/proc/{0}/task/{0}/children'.format(self.broker.process.pid)) as file:
            redis = int(file.read().split()[0])
        os.kill(redis, signal.SIGSTOP)       # it neither answers nor closes
        self.addCleanup(lambda: os.path.exists('/proc/%d' % redis) and os.kill(redis, signal.SIGCONT))
        self.assertEqual(self.broker.get('/healthz')[0], 200)
        self.assertEqual(self.broker.get('/readyz')[0], 503)
        p.sock.settimeout(brokers.patience(40))
        self.assertEqual(p.enqueue(wire.task('t', key='a'))[0]['outcome'], AWAY)
        os.kill(redis, signal.SIGCONT)
        brokers.until(lambda: self.broker.get('/readyz')[0] == 200, 'the store is back')
        self.assertIn(p.enqueue(wire.task('t', key='a'))[0]['outcome'], (OK, EXISTS))


if __name__ == '__main__':
    unittest.main()
