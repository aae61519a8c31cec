# SPDX-License-Identifier: Apache-2.0
"""The calls of _client for asyncio: no thread, the event loop's own streams. One connection an app and loop, shared by all its coroutines."""
import asyncio
import time
import weakref

from . import _address, _proto
from ._client import NO_ANSWER, _Lost, new_key, raise_error, raise_refusals
from ._errors import BrokerUnavailable, KraitError

_connections = weakref.WeakKeyDictionary()  # loop -> {id(app): connection}


class _Connection:
    """Requests in flight by their seq; a reader task hands answers out. Lost: every request in flight fails with _Lost."""

    async def open(self, app):
        kind, host, port, ns = _address.broker_of(app)
        try:
            opened = asyncio.open_unix_connection(host) if kind == 'unix' else asyncio.open_connection(host, port)
            self._reader, self._writer = await asyncio.wait_for(opened, app.deadline)
            self._writer.write(_proto.hello(_address.token_of(app), ns, 'krait-python-aio'))
            member, message = await asyncio.wait_for(self._receive(), app.deadline)
        except (OSError, asyncio.TimeoutError, asyncio.IncompleteReadError) as e:
            raise _Lost(f'no broker: {e or type(e).__name__}') from None
        if member == 3:
            raise_error(_proto.read_error(message))
        if member != 2:
            raise _Lost('the broker did not welcome us')
        self.limits = _proto.read_welcome(message)
        self._seq, self._flight, self.alive = 0, {}, True
        self._tasks = [asyncio.ensure_future(self._read()), asyncio.ensure_future(self._beat())]
        return self

    async def _receive(self):
        n = int.from_bytes(await self._reader.readexactly(4), 'big')
        if n > _proto.FRAME_LIMIT:
            raise _Lost('the broker sent a frame over the limit')
        return _proto.read_envelope(await self._reader.readexactly(n))

    async def _read(self):
        why = 'the broker closed the connection'
        try:
            while True:
                member, message = await self._receive()
                if member == 5:
                    sent, reply = _proto.read_heartbeat(message)
                    if not reply:
                        self._writer.write(_proto.heartbeat(sent, True))
                elif member == 17:
                    self._answer(*_proto.read_enqueue_reply(message))
                elif member in (19, 21):
                    self._answer(*_proto.read_results(message))
                elif member == 3:
                    error = _proto.read_error(message)
                    future = self._flight.pop(error['seq'], None)
                    try:
                        raise_error(error)
                    except Exception as e:
                        if future is not None and not future.done():
                            future.set_exception(e)
                        if error['fatal']:
                            why = error['text']
                            break
                elif member == 4:
                    break
        except (OSError, asyncio.IncompleteReadError, _Lost, _proto.Malformed) as e:
            why = str(e) or why
        finally:
            self.alive = False
            for future in self._flight.values():
                if not future.done():
                    future.set_exception(_Lost(why))
            self._flight.clear()
            self._writer.close()

    async def _beat(self):
        while self.alive:
            await asyncio.sleep(self.limits['heartbeat_ms'] / 2000.0)
            if self.alive:
                self._writer.write(_proto.heartbeat(int(time.time() * 1000), False))

    def _answer(self, seq, rows):
        future = self._flight.pop(seq, None)
        if future is not None and not future.done():
            future.set_result(rows)

    async def ask(self, make, timeout):
        """make(seq) is the frame; returns the answer's rows."""
        if not self.alive:
            raise _Lost('the connection is closed')
        self._seq += 1
        seq, future = self._seq, asyncio.get_running_loop().create_future()
        self._flight[seq] = future
        try:
            self._writer.write(make(seq))
            await self._writer.drain()
            return await asyncio.wait_for(future, timeout)
        except (OSError, asyncio.TimeoutError) as e:
            raise _Lost(f'no answer from the broker: {e or "time-out"}') from None
        finally:
            self._flight.pop(seq, None)


async def _connection(app):
    loop = asyncio.get_running_loop()
    mine = _connections.setdefault(loop, {})
    found = mine.get(id(app))
    if isinstance(found, asyncio.Future):  # somebody is opening it
        return await asyncio.shield(found)
    if found is not None and found.alive:
        return found
    opening = mine[id(app)] = asyncio.ensure_future(_Connection().open(app))
    try:
        connection = await asyncio.shield(opening)
    except BaseException:
        if mine.get(id(app)) is opening:
            del mine[id(app)]
        raise
    mine[id(app)] = connection
    return connection


async def _retrying(app, deadline, attempt):
    pause = 0.02
    while True:
        try:
            return await attempt(await _connection(app))
        except _Lost as e:
            if time.monotonic() + pause >= deadline:
                raise BrokerUnavailable(str(e), 50) from None
        await asyncio.sleep(pause)
        pause = min(pause * 2, 0.5)


async def enqueue(app, rows):
    now = int(time.time() * 1000)
    tasks = [_proto.write_task(name, args, kwargs, options, key or new_key(), now) for name, args, kwargs, options, key in rows]

    async def attempt(connection):
        answers = []
        for at in range(0, len(tasks), connection.limits['batch']):
            batch = tasks[at:at + connection.limits['batch']]
            answers += await connection.ask(lambda seq: _proto.enqueue(seq, batch), app.deadline)
        if any(a[1] == 'AWAY' for a in answers):
            raise _Lost('the broker has no store at the moment')
        return answers
    answers = await _retrying(app, time.monotonic() + app.deadline, attempt)
    raise_refusals(answers)
    return [a[0] for a in answers]


async def wait(app, id, timeout):
    end = None if timeout < 0 else time.monotonic() + timeout
    while True:
        async def attempt(connection):
            step = 10.0 if end is None else max(0.0, min(10.0, end - time.monotonic()))
            return (await connection.ask(lambda seq: _proto.wait(seq, [id], int(step * 1000)), step + app.deadline))[0]
        _, state, outcome = await _retrying(app, time.monotonic() + NO_ANSWER, attempt)
        if state in ('DONE', 'DEAD', 'CANCELLED', 'NONE') or (end is not None and time.monotonic() >= end):
            return state, outcome


async def cancel(app, id, running, reason):
    async def attempt(connection):
        return (await connection.ask(lambda seq: _proto.cancel(seq, [id], running, reason), app.deadline))[0][1]
    state = await _retrying(app, time.monotonic() + app.deadline, attempt)
    if state == 'NONE':
        raise KraitError(f'task {id} is not known', 38)
    return state
