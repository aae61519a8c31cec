# SPDX-License-Identifier: Apache-2.0
"""The calls of _calls for asyncio: no thread, the event loop's own streams. One connection an app and loop, shared by all its coroutines."""
import asyncio
import time
import weakref

from . import _address, _calls, _proto
from ._calls import NO_ANSWER
from ._errors import BrokerUnavailable, Lost
from ._proto import raise_error, read_answers

_FRAME_TASKS = 512
_connections = weakref.WeakKeyDictionary()  # loop -> {id(app): (app, connection)}


class _Connection:
    """Requests in flight by their seq: a queue of answers each; a reader task fills them. Lost: every request in flight gets _Lost."""

    async def open(self, app):
        kind, host, port, ns = _address.broker_of(app)
        token = _address.token_of(app)
        self._app, self._writer = app, None
        try:
            opened = asyncio.open_unix_connection(host) if kind == 'unix' else asyncio.open_connection(host, port)
            self._reader, self._writer = await asyncio.wait_for(opened, app.deadline)
            self._writer.write(_proto.frame(_proto.HELLO, _proto.hello(token, ns, 'krait-python-aio')))
            member, message = await asyncio.wait_for(self._receive(), app.deadline)
            if member == _proto.ERROR:
                raise_error(_proto.read_error(message))
            if member != _proto.WELCOME:
                raise Lost('the broker did not welcome us')
        except BaseException as e:
            if self._writer is not None:
                self._writer.close()
            if not isinstance(e, (OSError, asyncio.TimeoutError, asyncio.IncompleteReadError, _proto.Malformed)):
                raise
            nobody = isinstance(e, (ConnectionRefusedError, FileNotFoundError))
            raise Lost(f'no broker at {_address.text_of(app)}: {e or type(e).__name__}', nobody) from None
        self.limits = _proto.read_welcome(message)
        self._seq, self._flight, self.alive = 0, {}, True
        self.heard = time.monotonic()
        self._tasks = [asyncio.ensure_future(self._read()), asyncio.ensure_future(self._beat())]
        app._met = True
        return self

    async def _receive(self):
        n = int.from_bytes(await self._reader.readexactly(4), 'big')
        if not 0 < n <= _proto.FRAME_LIMIT:
            raise Lost('what answers there does not speak this protocol')
        return _proto.read_envelope(await self._reader.readexactly(n))

    async def _read(self):
        why = 'the broker closed the connection'
        try:
            while True:
                member, message = await self._receive()
                self.heard = time.monotonic()
                if member == _proto.HEARTBEAT:
                    sent, reply = _proto.read_heartbeat(message)
                    if not reply:
                        self._writer.write(_proto.frame(_proto.HEARTBEAT, _proto.heartbeat(sent, True)))
                    continue
                if member == _proto.GOODBYE:
                    break
                answers = self._flight.get(_proto.seq_of(member, message))
                if answers is not None:
                    answers.put_nowait((member, message))
                if member == _proto.ERROR and _proto.read_error(message)['fatal']:
                    why = _proto.read_error(message)['text']
                    break
        except (OSError, asyncio.IncompleteReadError, Lost, _proto.Malformed) as e:
            why = str(e) or why
        finally:
            self.alive = False
            for answers in self._flight.values():
                answers.put_nowait((None, why))
            self._flight.clear()
            self._tasks[1].cancel()
            self._writer.close()

    async def _beat(self):
        while self.alive:
            await asyncio.sleep(self.limits['heartbeat_ms'] / 2000.0)
            if self.alive and time.monotonic() - self.heard > NO_ANSWER:
                self._tasks[0].cancel()
            if self.alive:
                self._writer.write(_proto.frame(_proto.HEARTBEAT, _proto.heartbeat(int(time.time() * 1000), False)))

    async def start(self, member, body):
        """Sends a request; returns its seq, to be given to take() and then to drop()."""
        if not self.alive:
            raise Lost('the connection is closed')
        self._seq += 1
        self._flight[self._seq] = asyncio.Queue()
        try:
            self._writer.write(_proto.frame(member, body, self._seq))
            await self._writer.drain()
        except (OSError, RuntimeError) as e:
            raise Lost(f'the connection broke: {e}') from None
        return self._seq

    async def take(self, seq, timeout):
        """(member, message): the next answer. timeout None: as long as the broker gives signs of life."""
        answers = self._flight.get(seq)
        if answers is None:
            raise Lost('the connection was lost')
        try:
            member, message = await (answers.get() if timeout is None else asyncio.wait_for(answers.get(), timeout))
        except asyncio.TimeoutError:
            raise Lost('no answer from the broker') from None
        if member is None:
            raise Lost(message)
        if member == _proto.ERROR:
            raise_error(_proto.read_error(message))
        return member, message

    def drop(self, seq):
        self._flight.pop(seq, None)

    async def ask(self, member, body, timeout):
        seq = await self.start(member, body)
        try:
            return await self.take(seq, timeout)
        finally:
            self.drop(seq)


async def _connection(app):
    loop = asyncio.get_running_loop()
    mine = _connections.setdefault(loop, {})
    found = mine.get(id(app), (None, None))[1]
    if isinstance(found, asyncio.Future):  # somebody is opening it
        return await asyncio.shield(found)
    if found is not None and found.alive:
        return found
    opening = asyncio.ensure_future(_Connection().open(app))
    mine[id(app)] = app, opening
    try:
        connection = await asyncio.shield(opening)
    except BaseException:
        if mine.get(id(app), (None, None))[1] is opening:
            del mine[id(app)]
        raise
    mine[id(app)] = app, connection
    return connection


async def _retrying(app, attempt, heard=None):
    """heard: one cell, the moment of the broker's last sign of life, for who waits longer than the deadline."""
    deadline = time.monotonic() + app.deadline
    pause = 0.02
    while True:
        connection = None
        try:
            connection = await _connection(app)
            return await attempt(connection)
        except Lost as e:
            if heard is not None:
                deadline = max(deadline, (connection.heard if connection is not None else 0.0) + NO_ANSWER)
            if (e.nobody and not app._met and heard is None) or time.monotonic() + pause >= deadline:
                raise BrokerUnavailable(str(e), 6) from None
        await asyncio.sleep(pause)
        pause = min(pause * 2, 0.5)


async def enqueue(app, bodies):
    """[(id, outcome, text)] in the same order."""
    answers = []

    async def attempt(connection):
        step = min(connection.limits['batch'], _FRAME_TASKS)
        while len(answers) < len(bodies):
            batch = bodies[len(answers):len(answers) + step]
            member, message = await connection.ask(_proto.ENQUEUE, _proto.tasks(batch), app.deadline)
            rows = read_answers(member, message, len(batch))
            if any(row[1] == 'AWAY' for row in rows):
                raise Lost('the broker has no store at the moment')
            answers.extend(rows)
    await _retrying(app, attempt)
    return answers


def later(large):
    """A push that only takes note."""
    return lambda *what: large.append(what)


async def push(large):
    """Large payloads go in parts over a blocking connection, in another thread."""
    for what in large:
        await asyncio.get_running_loop().run_in_executor(None, _calls.push, *what)


async def fetch(app, *what):
    return await asyncio.get_running_loop().run_in_executor(None, _calls.fetch, app, *what)


async def results(app, ids, timeout):
    """{id: (state, serialized Outcome)} once all have ended or timeout seconds (None: never) are over."""
    out, left = {}, dict.fromkeys(ids)
    end = None if timeout is None else time.monotonic() + timeout

    async def attempt(connection):
        while left:
            ms = 3600000 if end is None else max(0, min(3600000, int((end - time.monotonic()) * 1000)))
            part = list(left)[:min(connection.limits['batch'], _FRAME_TASKS)]
            seq, missing = await connection.start(_proto.WAIT, _proto.wait(part, ms)), len(part)
            try:
                while missing > 0:
                    _, message = await connection.take(seq, NO_ANSWER if ms == 0 else None)
                    for id, state, outcome in _proto.read_results(message):
                        missing -= 1
                        if id in left and (state in _proto.FINAL or state == 'NONE' or ms == 0 or (end is not None and time.monotonic() >= end - 0.05)):
                            out[id] = state, outcome
                            del left[id]
            finally:
                connection.drop(seq)
    await _retrying(app, attempt, heard=True)
    return out


async def cancel(app, ids, running, reason):
    """{id: state after it}"""
    async def attempt(connection):
        _, message = await connection.ask(_proto.CANCEL, _proto.cancel(ids, running, reason), app.deadline)
        return {id: state for id, state, _ in _proto.read_results(message)}
    return await _retrying(app, attempt)


async def close(app):
    connection = _connections.get(asyncio.get_running_loop(), {}).pop(id(app), (None, None))[1]
    if isinstance(connection, asyncio.Future):
        connection = await connection
    if connection is not None and connection.alive:
        connection._writer.write(_proto.frame(_proto.GOODBYE, b''))
        connection._tasks[0].cancel()
        await asyncio.gather(*connection._tasks, return_exceptions=True)
        try:
            await connection._writer.wait_closed()
        except OSError:
            pass
