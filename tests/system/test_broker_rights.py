# SPDX-License-Identifier: Apache-2.0
"""Every operation with every right: a table of which of them allow it, tried with one token for each right, with one whose
queues are others, and with one of another namespace. An operation that the schema has and the table lacks fails."""
import hashlib
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import brokers
import wire

DENIED, UNEXPECTED = 33, 22
RIGHTS = ('enqueue', 'consume', 'read', 'admin')
ID = 'mine/a'

# request, its fields, the answer, which rights allow it, what else answers although the queue is not allowed
TABLE = [
    ('enqueue', {'tasks': [wire.task('t', queue='mine')]}, 'enqueue_reply', 'enqueue', lambda r: r['tasks'][0]['outcome'] == 5),
    ('wait', {'ids': [ID], 'timeout_ms': 0}, 'result', 'enqueue read consume', lambda r: r['tasks'][0]['state'] == 0),
    ('cancel', {'ids': [ID]}, 'cancel_reply', 'enqueue admin', lambda r: r['tasks'][0]['state'] == 0),
    ('part', {'id': 'mine/b', 'index': 0, 'count': 1, 'data': b'x'}, 'changed', 'enqueue consume', None),
    ('part_ask', {'id': ID, 'index': 0}, 'part', 'enqueue read consume', None),
    ('queues_ask', {}, 'queues_reply', 'enqueue read admin', lambda r: 'mine' not in [q['queue'] for q in r['queues']]),
    ('workers_ask', {}, 'workers_reply', 'read admin', lambda r: True),
    ('tasks_ask', {'ids': [ID]}, 'tasks_reply', 'read admin', lambda r: r['tasks'][0]['state'] == 0),
    ('tasks_ask', {'queue': 'mine', 'state': 'STATE_DEAD'}, 'tasks_reply', 'read admin', None),
    ('settings_ask', {'queue': 'mine'}, 'settings_reply', 'read admin', None),
    ('events_ask', {'queue': 'mine'}, 'events', 'read admin', None),
    ('tasks_do', {'verb': 'TASK_DELETE', 'ids': [ID]}, 'changed', 'admin', lambda r: r['n'] == 0),
    ('tasks_do', {'verb': 'TASK_RETRY', 'queue': 'mine'}, 'changed', 'admin', None),
    ('queues_do', {'verb': 'QUEUE_PAUSE', 'queues': ['mine']}, 'changed', 'admin', None),
    ('queues_do', {'verb': 'QUEUE_PURGE', 'queues': ['mine']}, 'changed', 'admin', None),
    ('queues_do', {'verb': 'QUEUE_RESUME', 'queues': ['mine']}, 'changed', 'admin', None),
    ('queues_do', {'verb': 'QUEUE_FORGET', 'queues': ['mine']}, 'changed', 'admin', None),
    ('settings_set', {'queue': 'mine', 'settings': [{'name': 'rate', 'value': '5'}]}, 'changed', 'admin', None),
]
WORKERS_ONLY = {'credit': {'n': 1}, 'started': {'tasks': [{'id': ID, 'attempt': 1}]}, 'progress': {'tasks': [{'id': ID, 'attempt': 1}]},
                'finish': {'seq': 1, 'tasks': [{'id': ID, 'attempt': 1}]}, 'release': {'seq': 1, 'tasks': [{'id': ID, 'attempt': 1}]}}
ANYBODY = {'hello', 'heartbeat', 'goodbye', 'error'}
ANSWERS = {'welcome', 'enqueue_reply', 'result', 'cancel_reply', 'deliver', 'finish_reply', 'stop', 'queues_reply', 'workers_reply',
           'tasks_reply', 'settings_reply', 'events', 'changed'}


class Rights(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        path = os.path.join(folder.name, 'tokens')
        rows = [(right, right, 'mine*', 'default') for right in RIGHTS]
        rows += [('other-' + right, right, 'other', 'default') for right in RIGHTS]
        rows += [('away', 'all', '*', 'away'), ('all', 'all', '*', '*')]
        with open(path, 'w') as file:
            for name, rights, queues, ns in rows:
                file.write('%s sha256:%s %s queues=%s ns=%s\n' % (name, hashlib.sha256(name.encode()).hexdigest(), rights, queues, ns))
        os.chmod(path, 0o600)
        cls.broker = brokers.Broker('--tokens', path)
        cls.addClassCleanup(cls.broker.__exit__)
        cls.broker.start()

    def client(self, token, role='ROLE_PRODUCER', **hello):
        client = wire.Client(self.broker.address, role=role, client='test', token=token.encode(), **hello)
        self.addCleanup(client.close)
        return client

    def ask(self, client, kind, fields, answer):
        """The answer, or None for a refusal that names the request and leaves the connection open."""
        client.seq += 1
        client.send(kind, seq=client.seq, **fields)
        said, reply = client.read()
        self.assertEqual(reply['seq'], client.seq, (kind, reply))
        if said == 'error':
            self.assertEqual((reply['code'], reply['fatal']), (DENIED, 0), (kind, reply))
            return None
        self.assertEqual(said, answer)
        return reply

    def seed(self):
        self.client('all').enqueue(wire.task('t', key='a', queue='mine'))

    def test_the_table_has_every_message(self):
        kinds = {field for field, _, _ in wire.SCHEMA.messages['Envelope'].values()}
        self.assertEqual(kinds, {row[0] for row in TABLE} | set(WORKERS_ONLY) | ANYBODY | ANSWERS)

    def test_each_right_allows_what_the_table_says(self):
        self.seed()
        for right in RIGHTS:
            client = self.client(right)
            for kind, fields, answer, allowed, _ in TABLE:
                with self.subTest(right=right, kind=kind, **{k: str(v)[:40] for k, v in fields.items()}):
                    if kind == 'part' and right == 'consume':
                        continue      # results only, of a task that it has: test_broker_features
                    self.assertEqual(self.ask(client, kind, fields, answer) is not None, right in allowed.split())

    def test_a_right_to_other_queues_allows_nothing_here(self):
        self.seed()
        for right in RIGHTS:
            client = self.client('other-' + right)
            for kind, fields, answer, allowed, nothing in TABLE:
                with self.subTest(right=right, kind=kind):
                    if right not in allowed.split() or (kind == 'part' and right == 'consume'):
                        continue
                    if kind == 'part_ask':
                        client.seq += 1
                        client.send(kind, seq=client.seq, **fields)
                        self.assertEqual(client.read()[0], 'error')
                        continue
                    reply = self.ask(client, kind, fields, answer)
                    self.assertTrue(nothing(reply) if nothing else reply is None, reply)

    def test_another_namespace_is_closed_and_apart(self):
        self.seed()
        with self.assertRaisesRegex(wire.Closed, 'error 33'):
            self.client('away')
        away = self.client('away', ns='away')
        self.assertEqual(away.wait(ID, timeout_ms=0)[ID]['state'], 0)

    def test_what_only_workers_say(self):
        for kind, fields in WORKERS_ONLY.items():
            with self.subTest(kind=kind):
                client = self.client('all')
                client.send(kind, **fields)
                with self.assertRaisesRegex(wire.Closed, 'error %d' % UNEXPECTED):
                    client.expect('nothing')
        for right in RIGHTS:
            worker = {'mode': 'MODE_GIL', 'processes': 1, 'threads': 1, 'host': 'h', 'queues': [{'queue': 'mine'}]}
            if right == 'consume':
                self.client(right, role='ROLE_WORKER', worker=worker)
            else:
                with self.assertRaisesRegex(wire.Closed, 'error 33'):
                    self.client(right, role='ROLE_WORKER', worker=worker)

    def test_the_answers_are_nothing_that_a_client_may_say(self):
        for kind in sorted(ANSWERS):
            with self.subTest(kind=kind):
                client = self.client('all')
                client.send(kind)
                with self.assertRaises(wire.Closed):
                    client.expect('nothing')


if __name__ == '__main__':
    unittest.main()
