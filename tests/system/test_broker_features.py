# SPDX-License-Identifier: Apache-2.0
"""What a task and a queue can ask for, each seen from the wire with a real Redis: unique keys, groups, rates, caps, pausing, purging,
dead letters, progress, events, parts, workers of all brokers."""
import os
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import brokers
import resp
import wire
from test_broker import ACTIVE, CANCELLED, DEAD, DELAYED, DONE, EXISTS, FULL, NONE, OK, QUEUED, REFUSED, ACK_OK, OneBroker

CONFLICT = 4
ERR_USAGE, ERR_NAME, ERR_STALE, ERR_LIMIT, ERR_DENIED = 3, 34, 52, 54, 33
DAY = 86400000


class Featured(OneBroker):
    def setUp(self):
        super().setUp()
        self.p = self.producer()

    def admin(self):
        client = wire.Client(self.broker.address, role='ROLE_ADMIN', client='test')
        self.addCleanup(client.close)
        return client

    def set(self, queue='default', **settings):
        return self.p.ask('settings_set', 'changed', queue=queue,
                          settings=[{'name': k.replace('__', ':'), 'value': str(v)} for k, v in settings.items()])

    def settings(self, queue='default'):
        return {s['name']: s for s in self.p.ask('settings_ask', 'settings_reply', queue=queue)['settings']}

    def queues(self, verb, *names, **more):
        return self.p.ask('queues_do', 'changed', verb='QUEUE_' + verb, queues=list(names), **more)

    def tasks(self, **ask):
        return self.p.ask('tasks_ask', 'tasks_reply', **ask)

    def all_tasks(self, **ask):
        """Every page."""
        out, after = [], ''
        while True:
            page = self.tasks(after=after, **ask)
            out += page['tasks']
            after = page['next']
            if not after:
                return out

    def fails(self, worker, *deliveries, type_='ValueError'):
        return worker.finish(*[(d, 'ENDED_FAILED', {'failure': {'type': type_, 'message': 'm', 'traceback': 'tb'}}) for d in deliveries])

    def silent(self, worker):
        """Nothing is delivered to it: a question that it asks is answered first."""
        worker.wait('default/nothing', timeout_ms=0)
        self.assertEqual([k for k, _ in worker.kept if k == 'deliver'], [])


class UniqueKeys(Featured):
    def unique(self, key, conflict='CONFLICT_REJECT', **options):
        accepted, = self.p.enqueue(wire.task('t', key=key, unique_key='u', conflict=conflict, **options))
        return accepted['outcome'], accepted['id']

    def test_reject_and_existing_name_the_owner(self):
        self.assertEqual(self.unique('a'), (OK, 'default/a'))
        self.assertEqual(self.unique('b'), (CONFLICT, 'default/a'))
        self.assertEqual(self.unique('c', 'CONFLICT_EXISTING'), (EXISTS, 'default/a'))
        self.assertEqual(self.unique('a'), (EXISTS, 'default/a'))
        self.assertEqual(self.p.wait('default/b', timeout_ms=0)['default/b']['state'], NONE)

    def test_the_end_of_the_task_frees_the_key(self):
        self.unique('a')
        w = self.worker()
        one, = w.take(1)
        self.assertEqual(self.unique('b'), (CONFLICT, 'default/a'))
        w.done(one)
        self.assertEqual(self.unique('b'), (OK, 'default/b'))
        self.p.ask('cancel', 'cancel_reply', ids=['default/b'])
        self.assertEqual(self.unique('c'), (OK, 'default/c'))
        self.fails(w, *w.take(1))
        self.assertEqual(self.unique('d'), (OK, 'default/d'))

    def test_the_key_lives_no_longer_than_its_ttl(self):
        self.unique('a', unique_ttl_ms=50)
        brokers.until(lambda: self.unique('b') == (OK, 'default/b'), 'the key to expire')

    def test_replace_cancels_a_waiting_one_but_not_a_running_one(self):
        self.unique('a')
        self.assertEqual(self.unique('b', 'CONFLICT_REPLACE'), (OK, 'default/b'))
        self.assertEqual(self.p.wait('default/a')['default/a']['state'], CANCELLED)
        w = self.worker()
        one, = w.take(1)
        self.assertEqual(one['id'], 'default/b')
        self.assertEqual(self.unique('c', 'CONFLICT_REPLACE'), (CONFLICT, 'default/b'))

    def test_replace_within_one_batch_leaves_the_last(self):
        tasks = [wire.task('t', key='k%d' % i, unique_key='u', conflict='CONFLICT_REPLACE') for i in range(5)]
        self.assertEqual([a['outcome'] for a in self.p.enqueue(*tasks)], [OK] * 5)
        info = self.p.queue('default')
        self.assertEqual((info['queued'], info['cancelled']), (1, 4))
        w = self.worker()
        self.assertEqual(w.take(1)[0]['id'], 'default/k4')

    def test_long_keys_are_told_apart(self):
        for last in 'ab':
            accepted, = self.p.enqueue(wire.task('t', key=last, unique_key='x' * 127 + last))
            self.assertEqual(accepted['outcome'], OK)
        accepted, = self.p.enqueue(wire.task('t', key='c', unique_key='x' * 127 + 'a'))
        self.assertEqual((accepted['outcome'], accepted['id']), (CONFLICT, 'default/a'))


class Groups(Featured):
    def test_a_small_group_does_not_wait_behind_a_large_one(self):
        self.p.enqueue(*[wire.task('t', key='big%03d' % i, group='big') for i in range(100)])
        self.p.enqueue(*[wire.task('t', key='small%d' % i, group='small') for i in range(3)])
        self.p.enqueue(*[wire.task('t', key='plain%d' % i) for i in range(3)])
        first = [d['id'].split('/')[1] for d in self.worker().take(12)]
        self.assertEqual(sum(k.startswith('small') for k in first), 3, first)
        self.assertEqual(sum(k.startswith('plain') for k in first), 3, first)

    def test_weights_share_out_the_turns(self):
        self.set(group_weight__heavy=3)
        self.p.enqueue(*[wire.task('t', key='%s%03d' % (g, i), group=g) for i in range(60) for g in ('heavy', 'light')])
        first = [d['id'] for d in self.worker().take(40)]
        self.assertEqual(sum('heavy' in i for i in first), 30, first)

    def test_priority_goes_first_within_the_group_and_order_holds(self):
        self.p.enqueue(*[wire.task('t', key='low%d' % i, group='g', priority=1, has_priority=True) for i in range(3)])
        self.p.enqueue(*[wire.task('t', key='high%d' % i, group='g', priority=8, has_priority=True) for i in range(3)])
        got = [d['id'].split('/')[1] for d in self.worker().take(6)]
        self.assertEqual(got, ['high0', 'high1', 'high2', 'low0', 'low1', 'low2'])

    def test_group_concurrency_holds_the_rest_back(self):
        self.set(group_concurrency=2)
        self.p.enqueue(*[wire.task('t', key='a%d' % i, group='a') for i in range(5)], wire.task('t', key='b', group='b'))
        w = self.worker()
        got = w.take(3)
        self.assertEqual(sorted(d['id'] for d in got), ['default/a0', 'default/a1', 'default/b'])
        w.send('credit', n=5)
        self.silent(w)
        w.done(*[d for d in got if 'a0' in d['id']])
        self.assertEqual(w.more(1)[0]['id'], 'default/a2')
        self.set(group_concurrency=0)
        self.assertEqual({d['id'] for d in w.more(2)}, {'default/a3', 'default/a4'})

    def test_a_lost_worker_gives_its_groups_places_back(self):
        self.set(group_concurrency=1)
        self.p.enqueue(*[wire.task('t', key='a%d' % i, group='a') for i in range(2)])
        w = self.worker()
        w.take(1)
        w.send('goodbye')
        self.assertEqual(self.worker().take(1)[0]['id'], 'default/a0')

    def test_a_cancelled_one_leaves_its_group(self):
        self.p.enqueue(*[wire.task('t', key='a%d' % i, group='a') for i in range(2)])
        self.p.ask('cancel', 'cancel_reply', ids=['default/a0'])
        self.assertEqual(self.worker().take(1)[0]['id'], 'default/a1')
        self.assertEqual(self.p.queue('default')['queued'], 0)


class Limits(Featured):
    def test_max_concurrency_over_all_workers(self):
        self.set(max_concurrency=2)
        self.p.enqueue(*[wire.task('t', key='k%d' % i) for i in range(4)])
        a, b = self.worker(), self.worker()
        got = a.take(2)
        b.send('credit', n=2)
        self.silent(b)
        a.done(got[0])
        self.assertEqual(b.more(1)[0]['id'], 'default/k2')
        self.set(max_concurrency=0)
        b.more(1)

    def test_rate_of_the_queue(self):
        self.set(rate=20, rate_burst=2)
        self.p.enqueue(*[wire.task('t', key='k%d' % i) for i in range(8)])
        w = self.worker()
        began = time.monotonic()
        w.take(8)
        self.assertGreaterEqual(time.monotonic() - began, 5 / 20)      # 2 at once, 6 more at 20 a second: a lower bound, never too late

    def test_rate_of_a_key_holds_back_only_its_own(self):
        self.set(key_rate=0.01)
        self.p.enqueue(*[wire.task('t', key='slow%d' % i, rate_key='slow') for i in range(3)], wire.task('t', key='other', rate_key='other'),
                       wire.task('t', key='plain'))
        w = self.worker()
        w.send('credit', n=10)
        got = {d['id'].split('/')[1] for d in w.more(3)}
        self.assertEqual(got, {'slow0', 'other', 'plain'})
        self.silent(w)
        info = self.p.queue('default')
        self.assertEqual((info['queued'], info['delayed'], info['active']), (0, 2, 3))
        dues = sorted(t['due_ms'] - self.p.welcome['now_ms'] for t in self.tasks(queue='default', state='STATE_DELAYED')['tasks'])
        self.assertEqual(len(dues), 2)

    def test_rate_of_a_key_lets_them_start_in_time(self):
        self.set(key_rate=10)
        self.p.enqueue(*[wire.task('t', key='k%d' % i, rate_key='r') for i in range(4)])
        w = self.worker()
        began = time.monotonic()
        self.assertEqual([d['id'][-1] for d in w.take(4)], list('0123'))
        self.assertGreaterEqual(time.monotonic() - began, 0.29)

    def test_max_length_counts_delayed_ones_and_answers_full(self):
        self.set(max_length=3)
        tasks = [wire.task('t', key='a'), wire.task('t', key='b', delay_ms=DAY), wire.task('t', key='c'), wire.task('t', key='d')]
        self.assertEqual([a['outcome'] for a in self.p.enqueue(*tasks)], [OK, OK, OK, FULL])
        self.assertEqual(self.p.enqueue(wire.task('t', key='a'))[0]['outcome'], EXISTS)
        self.assertEqual(self.p.enqueue(wire.task('t', key='e', unique_key='u'))[0]['outcome'], FULL)

    def test_weight_of_the_queue_shares_a_worker(self):
        self.set('heavy', weight=3)
        for q in ('heavy', 'light'):
            self.p.enqueue(*[wire.task('t', key='k%d' % i, queue=q) for i in range(60)])
        w = self.worker(queues=('heavy', 'light'))
        got = w.take(40)
        heavy = sum(d['id'].startswith('heavy') for d in got)
        self.assertGreater(heavy, 22)
        self.assertLess(heavy, 38)


class Queues(Featured):
    def test_pause_and_resume(self):
        self.assertEqual(self.queues('PAUSE', 'default')['n'], 1)
        self.p.enqueue(wire.task('t', key='a'))
        w = self.worker()
        w.send('credit', n=1)
        self.silent(w)
        self.assertTrue(self.p.queue('default')['paused'])
        self.queues('RESUME', 'default')
        self.assertEqual(w.more(1)[0]['id'], 'default/a')
        self.assertFalse(self.p.queue('default')['paused'])

    def test_purge_by_state(self):
        self.p.enqueue(*[wire.task('t', key='k%d' % i, group='g' if i % 3 == 0 else '') for i in range(700)])
        self.p.enqueue(*[wire.task('t', key='d%d' % i, delay_ms=DAY) for i in range(30)])
        self.p.enqueue(*[wire.task('t', key='x%d' % i, queue='default', priority=9, has_priority=True) for i in range(3)])
        w = self.worker()
        self.fails(w, *w.take(3))
        self.assertEqual(self.queues('PURGE', 'default', states=['STATE_DELAYED'])['n'], 30)
        queued = self.p.queue('default')['queued']
        self.assertEqual(self.queues('PURGE', 'default', states=['STATE_QUEUED'])['n'], queued)
        info = self.p.queue('default')
        self.assertEqual((info['queued'], info['delayed'], info['active'], info['dead']), (0, 0, 0, 3))
        self.assertEqual(self.queues('PURGE', 'default', states=['STATE_DEAD'])['n'], 3)
        self.assertEqual(self.p.queue('default')['dead'], 0)
        self.assertEqual(self.p.wait('default/d1', timeout_ms=0)['default/d1']['state'], CANCELLED)

    def test_forget_leaves_nothing_of_an_empty_queue(self):
        self.p.enqueue(wire.task('t', key='a', queue='once'))
        self.assertEqual(self.queues('FORGET', 'once')['n'], 0)
        self.queues('PURGE', 'once')
        self.assertEqual(self.queues('FORGET', 'once')['n'], 1)
        names = [q['queue'] for q in self.p.ask('queues_ask', 'queues_reply')['queues']]
        self.assertNotIn('once', names)
        self.p.enqueue(wire.task('t', key='b', queue='once'))
        brokers.until(lambda: 'once' in [q['queue'] for q in self.p.ask('queues_ask', 'queues_reply')['queues']], 'it to come back')

    def test_settings_are_checked_all_or_none(self):
        self.assertEqual(self.settings()['rate'], {'name': 'rate', 'value': '0', 'is_default': 1, 'help': self.settings()['rate']['help']})
        self.assertEqual(self.set(rate=2.5, max_length=7, group_weight__g=9)['n'], 3)
        got = self.settings()
        self.assertEqual([(got[n]['value'], got[n]['is_default']) for n in ('rate', 'max_length', 'group_weight:g', 'weight')],
                         [('2.5', 0), ('7', 0), ('9', 0), ('1', 1)])
        for wrong in ({'rate': 'x'}, {'rate': '1e3'}, {'rate': '-1'}, {'weight': 0}, {'weight': 1001}, {'nothing': 1}, {'group_weight__': 1},
                      {'max_length': '1.5'}, {'group_weight__{': 1}, {'dead_age': 0}):
            reply = self.set(**{'max_length': 8, 'events': 5, **wrong})
            self.assertEqual(reply.get('code'), ERR_USAGE, wrong)
        self.assertEqual([self.settings()[n]['value'] for n in ('max_length', 'events')], ['7', '0'])
        self.set(rate='', max_length=0, group_weight__g='')
        self.assertTrue(all(s['is_default'] for s in self.settings().values()))

    def test_wrong_requests_are_answered_not_fatal(self):
        for ask in ({'verb': 'QUEUE_PAUSE'}, {'queues': ['default']}, {'verb': 'QUEUE_PURGE', 'queues': ['default'], 'states': ['STATE_ACTIVE']}):
            self.assertEqual(self.p.ask('queues_do', 'changed', **ask)['code'], ERR_USAGE)
        self.assertEqual(self.queues('PAUSE', 'a/b')['code'], ERR_NAME)
        self.assertEqual(self.tasks(queue='default', state='STATE_DONE')['code'], ERR_USAGE)
        self.assertEqual(self.p.ask('events_ask', 'events', queue='default', after='x')['code'], ERR_USAGE)


class DeadLetters(Featured):
    def kill(self, n, queue='default', **options):
        w = self.worker(queues=(queue,))
        self.p.enqueue(*[wire.task('t.%s' % 'ab'[i % 2], key='k%03d' % i, queue=queue, args=(i,), **options) for i in range(n)])
        got = w.take(n)
        self.fails(w, *[d for d in got if int(d['id'][-1]) % 2 == 0], type_='ValueError')
        self.fails(w, *[d for d in got if int(d['id'][-1]) % 2], type_='KeyError')
        w.send('goodbye')

    def test_pages_and_filters(self):
        self.kill(25)
        got = self.all_tasks(queue='default', state='STATE_DEAD', limit=7)
        self.assertEqual(sorted(t['id'] for t in got), ['default/k%03d' % i for i in range(25)])
        one = next(t for t in got if t['id'] == 'default/k002')
        self.assertEqual((one['state'], one['reason'], one['name'], one['attempt'], one['failure']['type'], one['failure']['traceback']),
                         (DEAD, 1, 't.a', 1, 'ValueError', 'tb'))
        for filter_, n in (({'name': 't.b'}, 12), ({'error': 'Value*'}, 13), ({'error': 'Key*', 'name': 't.a'}, 0), ({'reason': 'REASON_EXPIRED'}, 0),
                           ({'before_ms': 1}, 0), ({'after_ms': 1}, 25), ({'group': 'g'}, 0)):
            self.assertEqual(len(self.all_tasks(queue='default', state='STATE_DEAD', filter=filter_, limit=4)), n, filter_)

    def test_show_by_id_with_body(self):
        self.kill(2)
        got = self.tasks(ids=['default/k001', 'default/none', 'other/none', 'not an id', 'default/k000'], bodies=True)['tasks']
        self.assertEqual([t['state'] for t in got], [DEAD, NONE, NONE, NONE, DEAD])
        self.assertEqual(wire.SCHEMA.decode('Task', got[0]['body'])['payload'], wire.payload(1))
        self.assertEqual(wire.SCHEMA.decode('Outcome', got[0]['outcome'])['failure']['type'], 'KeyError')

    def test_retry_by_id_runs_again_with_fresh_counts(self):
        self.kill(1, retry={'max': 1})
        w = self.worker()
        again, = w.take(1)                                   # its one retry
        self.fails(w, again)
        self.assertEqual(self.p.ask('tasks_do', 'changed', verb='TASK_RETRY', ids=['default/k000', 'default/none'])['n'], 1)
        one, = w.take(1)
        self.assertEqual((one['id'], one['attempt'], one['retries'], one['deliveries']), ('default/k000', 3, 0, 0))
        self.assertEqual(wire.SCHEMA.decode('Task', one['body'])['payload'], wire.payload(0))
        w.done(one)
        self.assertEqual(self.p.wait('default/k000')['default/k000']['state'], DONE)
        self.assertEqual(self.p.queue('default')['dead'], 0)

    def test_retry_in_bulk_by_filter(self):
        self.kill(700)
        self.assertEqual(self.p.ask('tasks_do', 'changed', verb='TASK_RETRY', queue='default', filter={'error': 'KeyError'})['n'], 350)
        info = self.p.queue('default')
        self.assertEqual((info['queued'], info['dead']), (350, 350))

    def test_delete_by_id_and_all(self):
        self.kill(9)
        self.assertEqual(self.p.ask('tasks_do', 'changed', verb='TASK_DELETE', ids=['default/k000'])['n'], 1)
        self.assertEqual(self.p.wait('default/k000', timeout_ms=0)['default/k000']['state'], NONE)
        self.assertEqual(self.p.ask('tasks_do', 'changed', verb='TASK_DELETE', queue='default')['n'], 8)
        self.assertEqual(self.p.queue('default')['dead'], 0)

    def test_an_expired_one_that_is_run_again_does_not_expire_at_once(self):
        self.p.enqueue(wire.task('t', key='a', expires_ms=1))
        brokers.until(lambda: self.p.wait('default/a', timeout_ms=0)['default/a']['state'] == DEAD, 'it to expire')
        self.p.ask('tasks_do', 'changed', verb='TASK_RETRY', ids=['default/a'])
        self.assertEqual(self.worker().take(1)[0]['id'], 'default/a')

    def test_one_whose_key_is_taken_stays_dead(self):
        self.kill(1, unique_key='u')
        self.p.enqueue(wire.task('t', key='new', unique_key='u'))
        self.assertEqual(self.p.ask('tasks_do', 'changed', verb='TASK_RETRY', ids=['default/k000'])['n'], 0)

    def test_the_cap_by_count(self):
        self.set(dead_max=5)
        self.kill(12)
        self.assertEqual(self.p.queue('default')['dead'], 5)

    def test_lists_of_the_other_states(self):
        self.p.enqueue(*[wire.task('t', key='p%d' % i, priority=i % 10, has_priority=True) for i in range(25)])
        self.p.enqueue(*[wire.task('t', key='g%d' % i, group='g%d' % (i % 3)) for i in range(12)])
        self.p.enqueue(*[wire.task('t', key='d%d' % i, delay_ms=DAY + i) for i in range(9)])
        queued = self.all_tasks(queue='default', state='STATE_QUEUED', limit=4)
        self.assertEqual(sorted(t['id'] for t in queued), sorted(['default/p%d' % i for i in range(25)] + ['default/g%d' % i for i in range(12)]))
        self.assertEqual(len(self.all_tasks(queue='default', state='STATE_QUEUED', filter={'group': 'g1'}, limit=4)), 4)
        delayed = self.all_tasks(queue='default', state='STATE_DELAYED', limit=4)
        self.assertEqual([t['id'] for t in delayed], ['default/d%d' % i for i in range(9)])
        w = self.worker()
        w.take(10)
        active = self.all_tasks(queue='default', state='STATE_ACTIVE', limit=3)
        self.assertEqual((len(active), {t['session'] for t in active}), (10, {w.welcome['session']}))


class ProgressAndEvents(Featured):
    def events(self, after='', **more):
        return self.p.ask('events_ask', 'events', queue='default', after=after, **more)

    def test_progress_is_seen_and_fenced(self):
        self.p.enqueue(wire.task('t', key='a'))
        w = self.worker()
        one, = w.take(1)
        w.send('progress', tasks=[{'id': one['id'], 'attempt': 1, 'done': 3, 'total': 9, 'note': 'rows'},
                                  {'id': one['id'], 'attempt': 2, 'done': 8}])
        seen = brokers.until(lambda: self.tasks(ids=['default/a'])['tasks'][0].get('progress'), 'the progress')
        self.assertEqual((seen['done'], seen['total'], seen['note'], seen['attempt']), (3, 9, 'rows', 1))
        w.done(one)
        self.assertFalse(self.tasks(ids=['default/a'])['tasks'][0].get('progress'))

    def test_events_of_a_life(self):
        self.set(events=1000)
        self.p.enqueue(wire.task('t', key='a', retry={'max': 1}), wire.task('t', key='b', delay_ms=DAY))
        w = self.worker()
        one, = w.take(1)
        self.fails(w, one)
        one, = w.take(1)
        w.done(one)
        self.p.ask('cancel', 'cancel_reply', ids=['default/b'])
        self.queues('PAUSE', 'default')
        got = [(e['id'].split('/')[-1], e['what']) for e in self.events('0')['events']]
        names = wire.enum('Happening')
        self.assertEqual(got, [(k, names['HAPPENING_' + n]) for k, n in (
            ('', 'SETTINGS'), ('a', 'QUEUED'), ('b', 'DELAYED'), ('a', 'CLAIMED'), ('a', 'RETRY'), ('a', 'CLAIMED'), ('a', 'DONE'),
            ('b', 'CANCELLED'), ('', 'PAUSED'))])

    def test_a_long_poll_hears_the_next_one(self):
        self.set(events=10)
        start = self.events()
        self.assertEqual(start['events'], [])
        self.p.seq += 1
        self.p.send('events_ask', seq=self.p.seq, queue='default', after=start['next'], wait_ms=20000)
        other = self.producer()
        other.enqueue(wire.task('t', key='a'))
        got = self.p.expect('events')
        self.assertEqual([e['id'] for e in got['events']], ['default/a'])
        got = self.events(got['next'], wait_ms=1)
        self.assertEqual(got['events'], [])

    def test_nothing_is_recorded_unless_asked_for_and_the_cap_holds(self):
        self.p.enqueue(wire.task('t', key='a'))
        self.assertEqual(self.events('0')['events'], [])
        self.set(events=1)
        self.p.enqueue(*[wire.task('t', key='k%d' % i) for i in range(500)])
        self.assertLess(len(self.events('0', limit=1024)['events']), 300)      # Redis trims by whole nodes
        self.set(events=0)
        self.assertEqual(self.events('0')['events'], [])


class Parts(Featured):
    def push(self, client, id_, data, size=512 << 10, of='PART_PAYLOAD', **more):
        parts = [data[i:i + size] for i in range(0, len(data), size)]
        for i, part in enumerate(parts):
            reply = client.ask('part', 'changed', id=id_, of=of, index=i, count=len(parts), data=part, **more)
            self.assertEqual(reply.get('n'), len(part), reply)
        return len(parts)

    def pull(self, client, id_, n, **more):
        return b''.join(client.ask('part_ask', 'part', id=id_, index=i, **more)['data'] for i in range(n))

    def test_a_large_payload_and_a_large_result(self):
        data, result = os.urandom(5 << 20) , os.urandom(3 << 20)
        n = self.push(self.p, 'default/a', data)
        body = wire.SCHEMA.encode('Task', {'key': 'a', 'name': 't', 'parts': n, 'payload_size': len(data)})
        self.assertEqual(self.p.enqueue(body)[0]['outcome'], OK)
        w = self.worker()
        one, = w.take(1)
        self.assertEqual(wire.SCHEMA.decode('Task', one['body'])['parts'], n)
        self.assertEqual(self.pull(w, one['id'], n), data)
        m = self.push(w, one['id'], result, of='PART_RESULT', attempt=1)
        self.assertEqual(w.finish((one, 'ENDED_DONE', {'value_parts': m, 'value_size': len(result)})), [ACK_OK])
        outcome = wire.outcome(self.p.wait('default/a')['default/a'])
        self.assertEqual((outcome['value_parts'], outcome['value_size'], outcome['attempt']), (m, len(result), 1))
        self.assertEqual(self.pull(self.p, 'default/a', m, of='PART_RESULT', attempt=1), result)
        self.assertEqual(self.p.ask('part_ask', 'part', id='default/a', index=0)['count'], 0)      # the payload went with the end

    def test_64_mib_pass_while_others_work(self):
        piece = os.urandom(512 << 10)
        other, w = self.producer(), self.worker(queues=('small',))
        for i in range(128):
            self.p.seq += 1
            self.p.send('part', seq=self.p.seq, id='default/large', index=i, count=128, data=piece)
            if i % 16 == 15:
                other.enqueue(wire.task('t', key='s%d' % i, queue='small'))
                w.done(*w.take(1))
                self.assertEqual(other.wait('small/s%d' % i)['small/s%d' % i]['state'], DONE)
                for _ in range(16):
                    self.assertEqual(self.p.expect('changed')['n'], len(piece))
        body = wire.SCHEMA.encode('Task', {'key': 'large', 'name': 't', 'parts': 128, 'payload_size': 64 << 20})
        self.assertEqual(self.p.enqueue(body)[0]['outcome'], OK)

    def test_a_missing_part_refuses_the_task(self):
        self.push(self.p, 'default/a', b'x' * 10, size=5)
        body = wire.SCHEMA.encode('Task', {'key': 'a', 'name': 't', 'parts': 3})
        self.assertEqual(self.p.enqueue(body)[0]['outcome'], REFUSED)
        self.assertEqual(self.p.enqueue(wire.SCHEMA.encode('Task', {'name': 't', 'parts': 3}))[0]['outcome'], REFUSED)

    def test_only_who_has_the_task_may_push_a_result(self):
        self.p.enqueue(wire.task('t', key='a'))
        w = self.worker()
        one, = w.take(1)
        for client, attempt in ((w, 2), (self.p, 1)):
            self.assertEqual(client.ask('part', 'changed', id=one['id'], of='PART_RESULT', attempt=attempt, index=0, count=1, data=b'x')['code'], ERR_STALE)
        self.assertEqual(self.p.ask('part', 'changed', id='default/a', index=1, count=1, data=b'x')['code'], ERR_USAGE)

    def test_parts_of_a_dead_letter_stay_for_its_next_run(self):
        data = os.urandom(2000)
        n = self.push(self.p, 'default/a', data, size=600)
        self.p.enqueue(wire.SCHEMA.encode('Task', {'key': 'a', 'name': 't', 'parts': n}))
        w = self.worker()
        self.fails(w, *w.take(1))
        self.p.ask('tasks_do', 'changed', verb='TASK_RETRY', ids=['default/a'])
        one, = w.take(1)
        self.assertEqual(self.pull(w, one['id'], n), data)


class Several(unittest.TestCase):
    def test_workers_and_settings_of_all_brokers(self):
        with resp.Server() as server:
            first = brokers.Broker('--redis', 'unix://' + server.path)
            second = brokers.Broker('--redis', 'unix://' + server.path)
            with first, second:
                a, b = wire.Worker(first.address, queues=('x',)), wire.Worker(second.address, queues=('y',))
                p = wire.Producer(first.address)
                both = {a.welcome['session'], b.welcome['session']}

                def seen():
                    return {w['session']: w for w in p.ask('workers_ask', 'workers_reply')['workers']}
                brokers.until(lambda: set(seen()) == both, 'both workers')
                self.assertEqual(seen()[b.welcome['session']]['queues'], ['y'])
                b.send('goodbye')
                brokers.until(lambda: len(p.ask('workers_ask', 'workers_reply')['workers']) == 1, 'the other to be gone')
                q = wire.Producer(second.address)
                q.ask('queues_do', 'changed', verb='QUEUE_PAUSE', queues=['x'])
                self.assertTrue(p.queue('x')['paused'])
                for client in (a, b, p, q):
                    client.close()


if __name__ == '__main__':
    unittest.main()
