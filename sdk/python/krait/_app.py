# SPDX-License-Identifier: Apache-2.0
"""App, Task, AsyncResult: what a task file and its callers use. Leaves the wire to _client and _proto, which are imported only when something is sent."""
try:
    import _krait  # inside a krait-worker: tasks are registered, not sent
except ImportError:
    _krait = None

# option of @task and apply_async -> field of TaskOptions; seconds become milliseconds in _proto
OPTIONS = frozenset((
    'queue', 'priority', 'countdown', 'eta', 'expires', 'max_retries', 'retry_backoff', 'retry_backoff_max', 'retry_jitter', 'retry_on', 'fail_on',
    'soft_time_limit', 'time_limit', 'memory_limit', 'result_ttl', 'max_deliveries', 'unique_key', 'unique_ttl', 'conflict', 'group', 'rate_key', 'headers',
))


def _check(options):
    for name in options:
        if name not in OPTIONS:
            raise TypeError(f'no option {name!r}; there are: {", ".join(sorted(OPTIONS))}')
    return options


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


class App:
    """The tasks of one application. broker: address, default KRAIT_BROKER, then krait://127.0.0.1:7248. token: default KRAIT_TOKEN or the
    content of KRAIT_TOKEN_FILE. deadline: seconds that any call but AsyncResult.get may take."""

    def __init__(self, name, broker=None, token=None, deadline=10.0):
        self.name = name
        self.broker = broker
        self.token = token
        self.deadline = deadline
        self.tasks = {}
        self._pool = None

    def task(self, function=None, *, name=None, **options):
        """Decorator, with or without arguments: makes the function a task. name: default MODULE.FUNCTION. options: see OPTIONS; they hold for
        every call that does not say otherwise."""
        _check(options)

        def make(function):
            task = Task(self, function, name or f'{_module_name(function)}.{function.__name__}', options)
            self.tasks[task.name] = task
            if _krait is not None:
                _krait.register(task.name, function, options)
            return task
        return make if function is None else make(function)

    def send_task(self, name, args=(), kwargs=None, *, task_id=None, **options):
        """Enqueues a task by its name, also one that this program does not have. returns an AsyncResult."""
        return self.send_many([(name, args, kwargs or {})], task_ids=None if task_id is None else [task_id], **options)[0]

    def send_many(self, calls, *, task_ids=None, **options):
        """Enqueues many at once: calls are (Task or name, args, kwargs). returns a list of AsyncResult in the same order. Raises the first refusal
        after all were sent; what was accepted before and behind it stays accepted."""
        from . import _client
        _check(options)
        rows = []
        for k, (task, args, kwargs) in enumerate(calls):
            own = {**task.options, **options} if isinstance(task, Task) else options
            rows.append((task.name if isinstance(task, Task) else task, tuple(args), dict(kwargs or {}), own, task_ids[k] if task_ids else None))
        return [AsyncResult(i, self) for i in _client.enqueue(self, rows)]

    def result(self, task_id):
        """The AsyncResult of a task that was enqueued anywhere."""
        return AsyncResult(task_id, self)

    def close(self):
        """Closes the connections kept for reuse. The app can be used again."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.close()

    def __repr__(self):
        return f'<App {self.name}: {len(self.tasks)} tasks>'


class Task:
    """A function that can be called here (`task(1, 2)`) or enqueued (`task.delay(1, 2)`)."""

    def __init__(self, app, function, name, options):
        self.app = app
        self.run = function
        self.name = name
        self.options = options
        self.__name__ = function.__name__
        self.__qualname__ = function.__qualname__
        self.__doc__ = function.__doc__
        self.__module__ = function.__module__
        self.__wrapped__ = function

    def __call__(self, *args, **kwargs):
        return self.run(*args, **kwargs)

    def delay(self, *args, **kwargs):
        """Enqueues a call with these arguments. returns an AsyncResult."""
        return self.apply_async(args, kwargs)

    def apply_async(self, args=(), kwargs=None, *, task_id=None, **options):
        """Enqueues a call with options: countdown (seconds), eta (datetime or seconds since 1970), queue, priority 0..9, expires, … see
        OPTIONS. task_id: the same key twice is one task."""
        return self.app.send_many([(self, args, kwargs)], task_ids=None if task_id is None else [task_id], **options)[0]

    def delay_many(self, argument_tuples, **options):
        """Enqueues one call for each tuple of arguments, in batches. returns a list of AsyncResult."""
        return self.app.send_many([(self, args, None) for args in argument_tuples], **options)

    async def adelay(self, *args, **kwargs):
        """delay for asyncio."""
        return await self.aapply_async(args, kwargs)

    async def aapply_async(self, args=(), kwargs=None, *, task_id=None, **options):
        """apply_async for asyncio."""
        from . import aio
        _check(options)
        ids = await aio.enqueue(self.app, [(self.name, tuple(args), dict(kwargs or {}), {**self.options, **options}, task_id)])
        return AsyncResult(ids[0], self.app)

    def __repr__(self):
        return f'<Task {self.name}>'


_default = []


class AsyncResult:
    """What became of a task. id: as enqueue gave it (QUEUE/KEY, or a bare KEY for queue default)."""

    def __init__(self, id, app=None):
        if app is None:
            if not _default:
                _default.append(App('default'))
            app = _default[0]
        self.id = id
        self.app = app
        self._final = None  # (state, outcome) once it has ended

    def _look(self, timeout):
        if self._final is None:
            from . import _client
            state, outcome = _client.wait(self.app, self.id, timeout)
            if state in ('DONE', 'DEAD', 'CANCELLED'):
                self._final = state, outcome
            return state, outcome
        return self._final

    def get(self, timeout=None):
        """The task's result. timeout in seconds, None: wait for ever, though BrokerUnavailable is raised once no broker has answered for 10 s. Raises
        TaskError (TaskCancelled), Timeout, KraitError for an id that nobody knows."""
        return _value(self.id, *self._look(timeout if timeout is not None else -1.0))

    def ready(self):
        """Whether it has ended, well or not."""
        return self._look(0.0)[0] in ('DONE', 'DEAD', 'CANCELLED')

    @property
    def state(self):
        """QUEUED, DELAYED, ACTIVE, DONE, DEAD, CANCELLED, or NONE if nobody knows the id (any more)."""
        return self._look(0.0)[0]

    def successful(self):
        return self.state == 'DONE'

    def failed(self):
        return self.state == 'DEAD'

    def cancel(self, running=True, reason=''):
        """Cancels it: queued at once, running ones are told to stop if `running`. returns the state after that."""
        from . import _client
        return _client.cancel(self.app, self.id, running, reason)

    async def aget(self, timeout=None):
        """get for asyncio."""
        from . import aio
        if self._final is None:
            state, outcome = await aio.wait(self.app, self.id, timeout if timeout is not None else -1.0)
            if state in ('DONE', 'DEAD', 'CANCELLED'):
                self._final = state, outcome
            return _value(self.id, state, outcome)
        return _value(self.id, *self._final)

    async def aready(self):
        """ready for asyncio."""
        from . import aio
        return self._final is not None or (await aio.wait(self.app, self.id, 0.0))[0] in ('DONE', 'DEAD', 'CANCELLED')

    async def acancel(self, running=True, reason=''):
        """cancel for asyncio."""
        from . import aio
        return await aio.cancel(self.app, self.id, running, reason)

    def __repr__(self):
        return f'<AsyncResult {self.id}>'


def _value(id, state, outcome):
    from ._errors import KraitError, TaskCancelled, TaskError, Timeout
    if state == 'DONE':
        from ._proto import read_value
        return read_value(outcome['value']) if outcome and outcome.get('value') else None
    if state in ('DEAD', 'CANCELLED'):
        failure = (outcome or {}).get('failure') or {}
        cls = TaskCancelled if state == 'CANCELLED' else TaskError
        reason = (outcome or {}).get('reason', 'failed' if state == 'DEAD' else 'cancelled')
        raise cls(failure.get('type', ''), failure.get('message', ''), failure.get('traceback', ''), reason)
    if state == 'NONE':
        raise KraitError(f'task {id} is not known: never enqueued, or its result has expired')
    raise Timeout(f'task {id} has not ended yet: {state}')
