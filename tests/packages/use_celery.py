# SPDX-License-Identifier: Apache-2.0
# Celery and kombu in memory: tasks, chains, groups, chords, retries, signatures, events; messages through kombu's memory transport.
# threads: no, a Celery application is one for the process
import celery, kombu, datetime, warnings, logging
from celery import Celery, chain, group, chord, signature, states
from kombu import Connection, Exchange, Queue, Producer, Consumer
from kombu.serialization import dumps, loads
logging.disable(logging.CRITICAL)
app = Celery('demo', broker='memory://', backend='cache+memory://'); app.conf.update(task_always_eager=True, task_eager_propagates=False, task_store_eager_result=False, result_expires=None)
tries = []
@app.task
def add(x, y): return x + y
@app.task(bind=True, max_retries=3, default_retry_delay=0)
def flaky(self, n):
    tries.append(self.request.retries)
    if self.request.retries < n: raise self.retry(exc=ValueError('again'), countdown=0)
    return self.name, self.request.retries
@app.task(name='other.name', ignore_result=False)
def total(xs): return sum(xs)
@app.task
def fail(): return 1 / 0
@app.task(base=type('Base', (celery.Task,), {'on_success': lambda self, r, i, a, k: print('success', r), 'on_failure': lambda self, e, i, a, k, info: print('failure', repr(e)), 'abstract': True}))
def hooked(x): return 10 // x
print(add.delay(2, 3).get(), add.apply_async((4,), {'y': 5}).result, chain(add.s(1, 2), add.s(10), add.s(y=100))().get(), [r.get() for r in group(add.s(i, i) for i in range(5))()], chord([add.s(i, 1) for i in range(4)])(total.s()).get(), (add.s(1, 1) | total.si([5, 6]))().get(), total.map([[1], [2, 3]])())
print(flaky.delay(2).get(), tries); r = fail.delay(); print(r.state, repr(r.result), r.failed(), r.traceback.splitlines()[-1]); r = flaky.delay(9); print(r.state, repr(r.result)); hooked.delay(2); hooked.delay(0)
s = add.s(1, 2).set(queue='q', expires=5); print(dict(s), signature(dict(s)) == s, s.clone(args=(7,)).args, add.name, total.name, sorted(n for n in app.tasks if not n.startswith('celery.')), repr(chain(add.s(1), add.s(2))), states.PRECEDENCE)
with Connection('memory://') as conn:
    e = Exchange('media', 'topic', durable=True); q = Queue('video', e, routing_key='video.#'); ch = conn.channel(); got = []
    p = Producer(ch, e, serializer='json')
    for i in range(4): p.publish({'n': i, 'when': datetime.datetime(2020, 1, 1)}, routing_key=f'video.{i}', declare=[q], headers={'h': i}, priority=i, compression='zlib' if i % 2 else None)
    def on(body, message): got.append((body, message.headers.get('h'), message.content_type, message.delivery_info['routing_key'])); message.ack()
    with Consumer(ch, q, callbacks=[on], accept=['json']):
        for _ in range(4): conn.drain_events(timeout=5)
    print(got); s = conn.SimpleQueue('simple'); s.put({'a': 1}); s.put('x'); print(len(s), s.get(timeout=5).payload, s.get(timeout=5).payload); s.close()
for ser in ('json', 'yaml', 'pickle'):
    ctype, enc, data = dumps({'a': [1, 2.5, None, 'ü']}, serializer=ser); print(ser, ctype, enc, loads(data, ctype, enc, accept=[ctype]))
from celery.schedules import crontab, schedule, solar
c = crontab(minute='*/15', hour='3,5', day_of_week='mon-fri'); print(c, sorted(c.minute), sorted(c.day_of_week), crontab(0, 0) == crontab(minute=0, hour=0), schedule(30.0))
