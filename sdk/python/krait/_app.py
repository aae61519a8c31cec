# SPDX-License-Identifier: Apache-2.0
"""App and Task: what a task file touches, on CPython and inside a worker. What became of tasks is _results'; asking the broker is _calls'."""
import time

from . import _address, _calls, _options, _proto
from ._results import AsyncResult, ResultSet, Signature

try:
    import _krait  # inside a krait-worker
except ImportError:
    _krait = None


def in_worker():
    return _krait is not None


def _module_name(function):
    module = function.__module__
    if module != '__main__':
        return module
    import sys
    file = getattr(sys.modules['__main__'], '__file__', None)
    if not file:
        return module
    stem = file.replace('\\', '/').rsplit('/', 1)[-1]
    return stem[:-3] if stem.endswith('.py') else stem


def now_ms():
    return int(time.time() * 1000)


def current_task():
    """The Request of the task that this thread runs in a worker, else None."""
    d = _krait.current() if _krait is not None else None
    return None if d is None else Request(d)


def progress(done, total=0, note=''):
    """Inside a task: tells how far it is, for whoever looks at it. At most once a second is passed on, and the last one (done == total). returns whether it was."""
    return _krait.progress(done, total or 0, note) if _krait is not None else False


class Request:
    """What runs: id, name, queue, attempt, retries, max_retries, deliveries, parent, root, headers. `id` is None outside of a worker."""

    __slots__ = ('id', 'name', 'queue', 'attempt', 'retries', 'max_retries', 'deliveries', 'parent', 'root', 'headers')

    def __init__(self, d):
        self.id = d.get('id')
        self.name = d.get('name')
        self.queue = self.id.split('/', 1)[0] if self.id else None
        self.attempt = d.get('attempt', 0)
        self.retries = d.get('retries', 0)
        self.max_retries = d.get('max_retries', 0)
        self.deliveries = d.get('deliveries', 0)
        self.parent = d.get('parent') or None
        self.root = d.get('root') or self.id
        self.headers = d.get('headers') or {}

    def __repr__(self):
        return f'<Request {self.id} attempt {self.attempt}>'


def _tail():
    """Parent and root of a task that a task enqueues, and the wall clock."""
    d = _krait.current() if _krait is not None else None
    return _proto.task_tail('', '', now_ms()) if d is None else _proto.task_tail(d['id'], d['root'] or d['id'], now_ms())


if _krait is not None:
    _payload, _new_key = _krait.encode_call, _krait.new_key
else:
    from ._client import new_key as _new_key
    from ._values import write_payload as _payload


class App:
    """The tasks of one application. broker: address, default KRAIT_BROKER, then krait://127.0.0.1:7248. token: default KRAIT_TOKEN or the
    content of KRAIT_TOKEN_FILE. deadline: seconds that any call but waiting for results may take, default KRAIT_DEADLINE, then 10. Nothing is asked of a broker
    before the first call. Inside a worker all goes over the worker's own link, and broker and token are not used."""

    def __init__(self, name, broker=None, token=None, deadline=None):
        if broker is not None:
            _address.parse(broker)
        self.name = name
        self.broker = broker
        self.token = token
        self.deadline = _address.deadline_of(deadline)
        self.tasks = {}
        self._pool = None
        self._met = False  # a broker has answered before
        self._told = set()  # names of tasks of whom the logger was told

    def task(self, function=None, *, name=None, **options):
        """Decorator, with or without arguments: makes the function a task. name: default MODULE.FUNCTION. options (krait.OPTIONS) hold for
        every call that does not say otherwise. bind=True: the Task is the first argument, for self.request and self.retry()."""
        options = _options.check(options)

        def make(function):
            if not callable(function):
                raise TypeError(f'a task is a function, not {function!r}')
            bind = options.pop('bind', False)
            task = Task(self, function, name or f'{_module_name(function)}.{function.__name__}', options, bind)
            self.tasks[task.name] = task
            if _krait is not None:
                _krait.register(task.name, task.run, task.head(()))
            return task
        return make if function is None else make(function)

    # ---- enqueueing
    def send_task(self, name, args=(), kwargs=None, *, task_id=None, **options):
        """Enqueues a task by its name, also one that this program does not have. returns an AsyncResult."""
        return AsyncResult(self._send(name, self._head(name, options), args, kwargs, task_id), self)

    def send_many(self, calls, *, task_ids=None, **options):
        """Enqueues many at once: calls are (Task or name, args[, kwargs]) or Signatures. returns a ResultSet in the same order. Arguments that cannot be
        sent raise before anything is. Raises the first refusal after all were sent; what was accepted before and behind it stays accepted."""
        return ResultSet(self._accept(_calls.enqueue(self, self._bodies(calls, task_ids, options))), self)

    enqueue_many = send_many

    def _accept(self, rows):
        for row in rows:
            if row[1] != 'OK' and row[1] != 'EXISTS':
                _calls.raise_refusals(rows)
        return [row[0] for row in rows]

    def _head(self, name, options):
        return _options.write_head(name, _options.check(options), now_ms)

    def _body(self, head, args, kwargs, task_id, push=None):
        key, payload = task_id or _new_key(), _payload(args, kwargs)
        if len(payload) > _proto.INLINE:
            return self._large(key, head, _tail(), payload, push)
        return _proto.task(key.encode(), head, _tail(), payload)

    def _large(self, key, head, tail, payload, push=None):
        """A Task whose payload is pushed in parts before, by push(app, id, of, attempt, data)."""
        id = dict(_proto.fields(head)).get(2, b'default').decode() + '/' + key
        count = (len(payload) + _proto.PART_BYTES - 1) // _proto.PART_BYTES
        (push or _calls.push)(self, id, 0, 0, payload)
        return _proto.large_task(key.encode(), head, tail, count, len(payload))

    def _send(self, name, head, args, kwargs, task_id):
        row = _calls.submit(self, self._body(head, args, kwargs, task_id))
        if row[1] != 'OK':
            self._accept((row,))
        elif row[2] and name not in self._told:
            self._tell(name, row[2])
        return row[0]

    def _tell(self, name, text):
        """What the broker has to say about an accepted task goes to the logger `krait`, once a name."""
        self._told.add(name)
        if _krait is None:
            import logging
            logging.getLogger('krait').warning('%s: %s', name, text)

    def _bodies(self, calls, task_ids, options, push=None):
        task = _proto.task
        stem, tail = _new_key() + '.', _tail()
        heads, bodies = {}, []
        add = bodies.append
        for k, call in enumerate(calls):
            if type(call) is Signature:
                what, args, kwargs = call.task, call.args, call.kwargs
                head = call.head(options)
            else:
                what, args = call[0], call[1]
                kwargs = call[2] if len(call) > 2 else None
                head = heads.get(what)
                if head is None:
                    head = heads[what] = what.head(options) if isinstance(what, Task) else self._head(what, options)
            key = task_ids[k] if task_ids else '%s%x' % (stem, k)
            payload = _payload(args, kwargs)
            if len(payload) > _proto.INLINE:
                add(self._large(key, head, tail, payload, push))
            else:
                add(task(key.encode(), head, tail, payload))
        return bodies

    # ---- looking and changing
    def result(self, task_id):
        """The AsyncResult of a task that was enqueued anywhere."""
        return AsyncResult(task_id, self)

    AsyncResult = result  # Celery's word

    def results(self, task_ids):
        """A ResultSet of tasks that were enqueued anywhere."""
        return ResultSet(task_ids, self)

    def cancel(self, task_ids, running=True, reason=''):
        """Cancels tasks: queued ones at once, running ones are told to stop if `running`. returns {id: state after it}."""
        return _calls.cancel(self, [getattr(i, 'id', i) for i in task_ids], running, reason)

    def queues(self):
        """{queue: {'depth', 'delayed', 'active', 'dead', 'oldest_age', 'paused', 'workers'}}"""
        return _proto.read_queues(_calls.ask(self, _proto.QUEUES_ASK, b'', _proto.QUEUES_REPLY))

    def workers(self):
        """The connected workers, a dict each."""
        return _proto.read_workers(_calls.ask(self, _proto.WORKERS_ASK, b'', _proto.WORKERS_REPLY))

    @property
    def admin(self):
        """Dead letters, pause and resume, purge, settings: see _admin.Admin."""
        from ._admin import Admin
        return Admin(self)

    def close(self):
        """Closes the connections kept for reuse. The app can be used again."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.close()

    async def aclose(self):
        """Closes the connection that this event loop uses."""
        from . import aio
        await aio.close(self)

    def __repr__(self):
        return f'<App {self.name}: {len(self.tasks)} tasks>'


class Task:
    """A function that can be called here (`task(1, 2)`) or enqueued (`task.delay(1, 2)`)."""

    def __init__(self, app, function, name, options, bind=False):
        self.app = app
        self.run = function.__get__(self, Task) if bind else function
        self.name = name
        self.options = options
        self.max_retries = options.get('max_retries') or 0
        self.__name__ = function.__name__
        self.__qualname__ = function.__qualname__
        self.__doc__ = function.__doc__
        self.__module__ = function.__module__
        self.__wrapped__ = function
        # Written once for all calls, unless it holds a moment.
        timed = options.get('expires') is not None and hasattr(options['expires'], 'timestamp')
        self._own_head = None if timed else _options.write_head(name, options, now_ms, True)

    def __call__(self, *args, **kwargs):
        return self.run(*args, **kwargs)

    def head(self, options):
        """The routing fields of a call with these options on top of the task's own."""
        if not options and self._own_head is not None:
            return self._own_head
        return _options.write_head(self.name, {**self.options, **_options.check(options)}, now_ms, True)

    def delay(self, *args, **kwargs):
        """Enqueues a call with these arguments. returns an AsyncResult."""
        return AsyncResult(self.app._send(self.name, self.head(()), args, kwargs, None), self.app)

    def apply_async(self, args=(), kwargs=None, *, task_id=None, **options):
        """Enqueues a call with options: countdown (seconds), eta (datetime or seconds since 1970), queue, priority 0..9, expires, … see
        krait.OPTIONS. task_id: the same key twice is one task."""
        return AsyncResult(self.app._send(self.name, self.head(options), args, kwargs, task_id), self.app)

    def delay_many(self, argument_tuples, **options):
        """Enqueues one call for each tuple of arguments, in batches. returns a ResultSet."""
        return self.app.send_many([(self, args) for args in argument_tuples], **options)

    starmap = delay_many

    def map(self, values, **options):
        """Enqueues one call for each value, in batches. returns a ResultSet."""
        return self.app.send_many([(self, (value,)) for value in values], **options)

    def s(self, *args, **kwargs):
        """A call to enqueue later, alone or in a group."""
        return Signature(self, args, kwargs)

    # ---- inside
    @property
    def request(self):
        """What runs in this thread: a Request; outside of a worker one whose id is None."""
        return current_task() or Request({})

    def retry(self, countdown=None, exc=None, max_retries=None, eta=None):
        """Inside a task: ends this run and asks for another one, countdown seconds from now (default: as the task's retry options say). Always raises: Retry, or
        when none of the task's max_retries is left exc, or else the exception being handled, or else MaxRetriesExceeded."""
        from ._errors import MaxRetriesExceeded
        request = self.request
        most = request.max_retries if max_retries is None else min(max_retries, request.max_retries)
        if request.id is None or request.retries >= most:
            if exc is not None:
                raise exc
            import sys
            handled = sys.exc_info()[1]
            if handled is not None:
                raise handled
            raise MaxRetriesExceeded(f'{self.name} was retried {request.retries} times')
        if eta is not None:
            countdown = max(0.0, (eta.timestamp() if hasattr(eta, 'timestamp') else eta) - time.time())
        if countdown is None:
            countdown = _options.retry_after(self.options, request.retries)
        raise _krait.Retry(countdown, str(exc) if exc is not None else '')

    # ---- asyncio
    async def adelay(self, *args, **kwargs):
        """delay for asyncio."""
        return await self.aapply_async(args, kwargs)

    async def aapply_async(self, args=(), kwargs=None, *, task_id=None, **options):
        """apply_async for asyncio."""
        from . import aio
        large = []
        body = self.app._body(self.head(options), args, kwargs, task_id, aio.later(large))
        await aio.push(large)
        rows = await aio.enqueue(self.app, [body])
        return AsyncResult(self.app._accept(rows)[0], self.app)

    async def amap(self, values, **options):
        """map for asyncio."""
        from . import aio
        large = []
        bodies = self.app._bodies([(self, (value,)) for value in values], None, options, aio.later(large))
        await aio.push(large)
        rows = await aio.enqueue(self.app, bodies)
        return ResultSet(self.app._accept(rows), self.app)

    def __repr__(self):
        return f'<Task {self.name}>'
