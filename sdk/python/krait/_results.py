# SPDX-License-Identifier: Apache-2.0
"""What became of tasks: AsyncResult of one, ResultSet of many; and calls to be made later: Signature, group. Asking the broker is _calls'."""
from ._errors import KraitError, TaskCancelled, TaskError, Timeout
from ._values import fields

_FINAL = ('DONE', 'DEAD', 'CANCELLED')
_default = []


def _default_app():
    if not _default:
        from ._app import App
        _default.append(App('default'))
    return _default[0]


class AsyncResult:
    """What became of a task. id: as enqueue gave it (QUEUE/KEY, or a bare KEY for queue default)."""

    __slots__ = ('id', 'app', '_final', '__weakref__')

    def __init__(self, id, app=None):
        self.id = id
        self.app = app if app is not None else _default_app()
        self._final = None  # (state, serialized Outcome) once it has ended

    def _look(self, timeout):
        if self._final is None:
            from . import _calls
            state, outcome = _calls.result(self.app, self.id, timeout)
            if state in _FINAL:
                self._final = state, outcome
            return state, outcome
        return self._final

    def get(self, timeout=None):
        """The task's result. timeout in seconds, None: wait for ever, though BrokerUnavailable is raised once no broker has answered for 10 s. Raises
        TaskError (TaskCancelled), Timeout, KraitError for an id that nobody knows."""
        return _value(self.app, self.id, *self._look(timeout))

    def wait(self, timeout=None):
        """Waits for its end and returns the state, without raising for a failed task. Timeout as get()."""
        return _ended(self.id, self._look(timeout)[0])

    @property
    def state(self):
        """QUEUED, DELAYED, ACTIVE, DONE, DEAD, CANCELLED, or NONE if nobody knows the id (any more)."""
        return self._look(0.0)[0]

    def ready(self):
        """Whether it has ended, well or not."""
        return self.state in _FINAL

    def successful(self):
        return self.state == 'DONE'

    def failed(self):
        return self.state == 'DEAD'

    @property
    def error(self):
        """The TaskError of a task that is dead or cancelled, else None."""
        state, outcome = self._look(0.0)
        return _error(state, outcome) if state in ('DEAD', 'CANCELLED') else None

    def cancel(self, running=True, reason=''):
        """Cancels it: queued at once, running ones are told to stop if `running`. reason: the message of the TaskCancelled that get() raises. returns the
        state after that."""
        from . import _calls
        return _calls.known(self.id, _calls.cancel(self.app, [self.id], running, reason)[self.id])

    revoke = cancel  # Celery's word

    @property
    def result(self):
        """The task's result, or its TaskError; None while it has not ended."""
        state, outcome = self._look(0.0)
        if state not in _FINAL:
            return None
        try:
            return _value(self.app, self.id, state, outcome)
        except TaskError as e:
            return e

    @property
    def traceback(self):
        """What Python printed where the task failed, else None."""
        error = self.error
        return error.traceback or None if error is not None else None

    # ---- asyncio
    async def _alook(self, timeout):
        if self._final is None:
            from . import aio
            state, outcome = (await aio.results(self.app, [self.id], timeout))[self.id]
            if state in _FINAL:
                self._final = state, outcome
            return state, outcome
        return self._final

    async def aget(self, timeout=None):
        """get for asyncio."""
        return await _avalue(self.app, self.id, *await self._alook(timeout))

    def __await__(self):
        return self.aget().__await__()

    async def astate(self):
        """state for asyncio."""
        return (await self._alook(0.0))[0]

    async def aready(self):
        """ready for asyncio."""
        return (await self._alook(0.0))[0] in _FINAL

    async def acancel(self, running=True, reason=''):
        """cancel for asyncio."""
        from . import _calls, aio
        return _calls.known(self.id, (await aio.cancel(self.app, [self.id], running, reason))[self.id])

    def __eq__(self, other):
        return isinstance(other, AsyncResult) and other.id == self.id

    def __hash__(self):
        return hash(self.id)

    def __repr__(self):
        return f'<AsyncResult {self.id}>'


class ResultSet:
    """The results of many tasks, in the order of their enqueueing; waited for together."""

    def __init__(self, ids, app=None):
        self.app = app if app is not None else _default_app()
        self.results = [i if isinstance(i, AsyncResult) else AsyncResult(i, self.app) for i in ids]

    def __len__(self):
        return len(self.results)

    def __iter__(self):
        return iter(self.results)

    def __getitem__(self, index):
        return self.results[index]

    def __eq__(self, other):
        return isinstance(other, ResultSet) and self.results == other.results

    @property
    def ids(self):
        return [r.id for r in self.results]

    def _look(self, timeout):
        """Asks for all that have not ended, at once. Yields them as they end, those that have first."""
        from . import _calls
        open_ = {}
        for r in self.results:
            if r._final is None:
                open_.setdefault(r.id, []).append(r)
            else:
                yield r, r._final[0]
        for id, state, outcome in _calls.results(self.app, open_, timeout) if open_ else ():
            for r in open_[id]:
                if state in _FINAL:
                    r._final = state, outcome
                yield r, state

    def get(self, timeout=None, propagate=True):
        """The results of all, in order. The first that failed raises its TaskError, or with propagate=False the error stands in its place."""
        states = {r.id: state for r, state in self._look(timeout)}
        out = []
        for r in self.results:
            _ended(r.id, states[r.id])
            try:
                out.append(_value(self.app, r.id, *r._final))
            except TaskError as e:
                if propagate:
                    raise
                out.append(e)
        return out

    join = get

    def as_completed(self, timeout=None):
        """Yields each AsyncResult when it has ended. Timeout when the time is over before all have."""
        for r, state in self._look(timeout):
            _ended(r.id, state)
            yield r

    def states(self):
        """The state of each, in order."""
        states = {r.id: state for r, state in self._look(0.0)}
        return [states[r.id] for r in self.results]

    def completed_count(self):
        return sum(state in _FINAL for state in self.states())

    def ready(self):
        return all(state in _FINAL for state in self.states())

    def successful(self):
        return all(state == 'DONE' for state in self.states())

    def failed(self):
        return any(state == 'DEAD' for state in self.states())

    def cancel(self, running=True, reason=''):
        """Cancels all. returns {id: state after it}."""
        from . import _calls
        return _calls.cancel(self.app, self.ids, running, reason)

    async def aget(self, timeout=None, propagate=True):
        """get for asyncio."""
        from . import aio
        open_ = {r.id: r for r in self.results if r._final is None}
        states = await aio.results(self.app, list(open_), timeout) if open_ else {}
        out = []
        for r in self.results:
            if r._final is None:
                _ended(r.id, states[r.id][0])
                r._final = states[r.id]
            try:
                out.append(await _avalue(self.app, r.id, *r._final))
            except TaskError as e:
                if propagate:
                    raise
                out.append(e)
        return out

    def __await__(self):
        return self.aget().__await__()

    def __repr__(self):
        return f'<ResultSet of {len(self.results)}>'


GroupResult = ResultSet


class Signature:
    """A call that is not enqueued yet: `add.s(1, 2).set(countdown=5).delay()`, `group(add.s(i, i) for i in range(9)).delay()`."""

    __slots__ = ('task', 'args', 'kwargs', 'options')

    def __init__(self, task, args=(), kwargs=None, options=None):
        self.task = task
        self.args = tuple(args)
        self.kwargs = kwargs or {}
        self.options = options or {}

    def set(self, **options):
        """A copy with these options on top."""
        return Signature(self.task, self.args, self.kwargs, {**self.options, **options})

    def clone(self, args=(), kwargs=None):
        """A copy with arguments in front and keyword arguments on top."""
        return Signature(self.task, tuple(args) + self.args, {**self.kwargs, **(kwargs or {})}, self.options)

    def head(self, options):
        return self.task.head({**self.options, **options} if self.options or options else ())

    def delay(self, *args, **kwargs):
        return self.apply_async(args, kwargs)

    def apply_async(self, args=(), kwargs=None, **options):
        return self.task.apply_async(tuple(args) + self.args, {**self.kwargs, **(kwargs or {})}, **{**self.options, **options})

    def __call__(self, *args, **kwargs):
        return self.task(*args, *self.args, **{**self.kwargs, **kwargs})

    def __eq__(self, other):
        return isinstance(other, Signature) and (self.task, self.args, self.kwargs, self.options) == (other.task, other.args, other.kwargs, other.options)

    __hash__ = None

    def __repr__(self):
        args = [repr(a) for a in self.args] + [f'{k}={v!r}' for k, v in self.kwargs.items()]
        return f'{self.task.name}({", ".join(args)})'


class group:
    """Calls that are enqueued together: `group(add.s(1, 2), add.s(3, 4))`, or of one iterable."""

    def __init__(self, *calls):
        self.calls = list(calls[0]) if len(calls) == 1 and not isinstance(calls[0], Signature) else list(calls)

    def delay(self):
        return self.apply_async()

    def apply_async(self, **options):
        """Enqueues all, in batches. returns a ResultSet."""
        if not self.calls:
            return ResultSet(())
        return self.calls[0].task.app.send_many(self.calls, **options)

    def __len__(self):
        return len(self.calls)

    def __repr__(self):
        return f'group({", ".join(map(repr, self.calls))})'


def _ended(id, state):
    if state in _FINAL:
        return state
    if state == 'NONE':
        raise KraitError(f'task {id} is not known: never enqueued, or its result has expired', 38)
    raise Timeout(f'task {id} has not ended yet: {state}')


try:  # once: an import that fails costs more than a whole task
    from _krait import decode as _read_value
except ImportError:
    from ._values import read_value as _read_value


def _error(state, outcome):
    from ._proto import read_outcome
    outcome = read_outcome(outcome)
    failure = outcome.get('failure') or {}
    cls = TaskCancelled if state == 'CANCELLED' else TaskError
    reason = outcome['reason'] or ('failed' if state == 'DEAD' else 'cancelled')
    return cls(failure.get('type', ''), failure.get('message', ''), failure.get('traceback', ''), reason)


def _split(id, state, outcome):
    """(serialized value, what to fetch or None) of a task that is done; raises what else it is."""
    if _ended(id, state) != 'DONE':
        raise _error(state, outcome)
    value = attempt = parts = None
    for field, raw in fields(outcome):
        if field == 1:
            value = raw
        elif field == 8:
            attempt = raw
        elif field == 9:
            parts = raw
    return value, (id, 1, attempt, parts) if parts else None


def _value(app, id, state, outcome):
    value, what = _split(id, state, outcome)
    if what:
        from ._calls import fetch
        value = fetch(app, *what)
    return _read_value(value) if value else None


async def _avalue(app, id, state, outcome):
    value, what = _split(id, state, outcome)
    if what:
        from .aio import fetch
        value = await fetch(app, *what)
    return _read_value(value) if value else None
