# SPDX-License-Identifier: Apache-2.0
"""Blocking connections to a broker, a pool of them an app, and the calls on top: enqueue, wait, cancel. Leaves asyncio to aio.

Keys are made here, so what was sent and not answered is sent again on a new connection and answered EXISTS: nothing is enqueued twice. A connection serves one
call at a time. After fork the child starts with an empty pool."""
import os
import socket
import threading
import time

from . import _address, _proto
from ._errors import BrokerUnavailable, Conflict, KraitError, QueueFull, Refused

NO_ANSWER = 10.0  # seconds without any broker's answer after which a wait gives up


class _Lost(Exception):
    """This connection is of no use any more; another may be."""


class Connection:
    def __init__(self, app, deadline):
        kind, host, port, ns = _address.broker_of(app)
        self._buffer = bytearray()
        self._seq = 0
        try:
            if kind == 'unix':
                self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                self._socket.settimeout(_left(deadline))
                self._socket.connect(host)
            else:
                self._socket = socket.create_connection((host, port), _left(deadline))
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as e:
            raise _Lost(f'no broker at {app.broker or os.environ.get("KRAIT_BROKER") or _address.DEFAULT}: {e.strerror or e}') from None
        self.send(_proto.hello(_address.token_of(app), ns, 'krait-python'), deadline)
        member, message = self.receive(deadline)
        if member != 2:
            raise _Lost('the broker did not welcome us')
        self.limits = _proto.read_welcome(message)

    def next_seq(self):
        self._seq += 1
        return self._seq

    def send(self, data, deadline):
        try:
            self._socket.settimeout(_left(deadline))
            self._socket.sendall(data)
        except OSError as e:
            self.close()
            raise _Lost(f'the connection to the broker broke: {e.strerror or e}') from None

    def receive(self, deadline):
        """The next message that is not a heartbeat. Errors of the broker are raised."""
        while True:
            while len(self._buffer) < 4 or len(self._buffer) < 4 + int.from_bytes(self._buffer[:4], 'big'):
                if len(self._buffer) >= 4 and int.from_bytes(self._buffer[:4], 'big') > _proto.FRAME_LIMIT:
                    raise _Lost('the broker sent a frame over the limit')
                try:
                    self._socket.settimeout(_left(deadline))
                    chunk = self._socket.recv(1 << 18)
                except OSError as e:
                    self.close()
                    raise _Lost(f'no answer from the broker: {e.strerror or e}') from None
                if not chunk:
                    self.close()
                    raise _Lost('the broker closed the connection')
                self._buffer += chunk
            end = 4 + int.from_bytes(self._buffer[:4], 'big')
            body = bytes(self._buffer[4:end])
            del self._buffer[:end]
            member, message = _proto.read_envelope(body)
            if member == 5:
                sent, reply = _proto.read_heartbeat(message)
                if not reply:
                    self.send(_proto.heartbeat(sent, True), deadline)
                continue
            if member == 3:
                raise_error(_proto.read_error(message))
            if member == 4:
                self.close()
                raise _Lost('the broker said goodbye')
            return member, message

    def close(self):
        try:
            self._socket.close()
        except OSError:
            pass
        self._socket = None

    @property
    def alive(self):
        return getattr(self, '_socket', None) is not None


def raise_error(error):
    code, text = error['code'], error['text']
    if code in (48,):
        raise QueueFull(text, code)
    if code in (4, 5, 50, 53):
        raise _Lost(text)
    raise Refused(text, code)


def _left(deadline):
    return max(0.001, deadline - time.monotonic())


class Pool:
    def __init__(self, app):
        self._app = app
        self._pid = os.getpid()
        self._idle = []
        self._lock = threading.Lock()

    def take(self, deadline):
        with self._lock:
            if self._pid != os.getpid():  # a fork's child must not talk on its parent's connections
                self._idle, self._pid = [], os.getpid()
            now = time.monotonic()
            while self._idle:
                connection, since = self._idle.pop()
                if connection.alive and now - since < connection.limits['heartbeat_ms'] / 1000.0:
                    return connection
                connection.close() if connection.alive else None
        return Connection(self._app, deadline)

    def give(self, connection):
        if connection.alive:
            with self._lock:
                self._idle.append((connection, time.monotonic()))

    def close(self):
        with self._lock:
            for connection, _ in self._idle:
                if connection.alive:
                    try:
                        connection.send(_proto.goodbye(), time.monotonic() + 1)
                    except _Lost:
                        continue
                    connection.close()
            self._idle = []


def _pool(app):
    if app._pool is None:
        app._pool = Pool(app)
    return app._pool


def _retrying(app, deadline, attempt):
    """Calls attempt(connection) until it returns, on new connections after losses, until the deadline."""
    why, pause = 'no time', 0.02
    while True:
        connection = None
        try:
            connection = _pool(app).take(deadline)
            result = attempt(connection)
        except _Lost as e:
            why = str(e)
            if connection is not None and connection.alive:
                connection.close()
        except BaseException:
            if connection is not None and connection.alive:
                connection.close()  # an answer may still be under way: it must not meet the next call
            raise
        else:
            _pool(app).give(connection)
            return result
        if time.monotonic() + pause >= deadline:
            raise BrokerUnavailable(why, 50) from None
        time.sleep(pause)
        pause = min(pause * 2, 0.5)


def new_key():
    return os.urandom(16).hex()


def raise_refusals(rows):
    for id, outcome, text in rows:
        if outcome == 'FULL':
            raise QueueFull(text or 'the queue is full', 48)
        if outcome == 'CONFLICT':
            raise Conflict(text or f'the unique key is taken by {id}', id)
        if outcome == 'REFUSED':
            raise Refused(text or 'the task was refused', 36)


def enqueue(app, rows):
    """rows: (name, args, kwargs, options, key or None). returns ids."""
    now = int(time.time() * 1000)
    tasks = [_proto.write_task(name, args, kwargs, options, key or new_key(), now) for name, args, kwargs, options, key in rows]
    answers = [None] * len(tasks)
    deadline = time.monotonic() + app.deadline

    def attempt(connection):
        open_, at, flight = {}, 0, 0
        todo = [k for k in range(len(tasks)) if answers[k] is None]
        until = deadline
        while at < len(todo) or open_:
            while at < len(todo) and flight < connection.limits['window']:
                batch, size = [], 0
                while at < len(todo) and len(batch) < connection.limits['batch'] and size < (4 << 20):
                    batch.append(todo[at])
                    size += len(tasks[todo[at]])
                    at += 1
                seq = connection.next_seq()
                open_[seq] = batch
                flight += len(batch)
                connection.send(_proto.enqueue(seq, [tasks[k] for k in batch]), until)
            member, message = connection.receive(until)
            if member != 17:
                continue
            seq, replies = _proto.read_enqueue_reply(message)
            batch = open_.pop(seq, ())
            flight -= len(batch)
            away = False
            for k, reply in zip(batch, replies):
                if reply[1] == 'AWAY':
                    away = True
                else:
                    answers[k] = reply
            until = max(until, time.monotonic() + app.deadline)  # a long batch that moves on is not late
            if away:
                raise _Lost('the broker has no store at the moment')
        return None
    _retrying(app, deadline, attempt)
    raise_refusals(answers)
    return [a[0] for a in answers]


def wait(app, id, timeout):
    """(state, outcome) of a task once it has ended or timeout seconds are over; timeout < 0: for ever, but not without a broker for NO_ANSWER seconds."""
    end = None if timeout < 0 else time.monotonic() + timeout
    while True:
        def attempt(connection):
            step = connection.limits['heartbeat_ms'] / 2000.0
            if end is not None:
                step = max(0.0, min(step, end - time.monotonic()))
            seq = connection.next_seq()
            patience = time.monotonic() + step + app.deadline
            connection.send(_proto.wait(seq, [id], int(step * 1000)), patience)
            while True:
                member, message = connection.receive(patience)
                if member == 19:
                    got, rows = _proto.read_results(message)
                    if got == seq and rows:
                        return rows[0]
        _, state, outcome = _retrying(app, time.monotonic() + NO_ANSWER, attempt)
        if state in ('DONE', 'DEAD', 'CANCELLED', 'NONE') or (end is not None and time.monotonic() >= end):
            return state, outcome


def cancel(app, id, running, reason):
    deadline = time.monotonic() + app.deadline

    def attempt(connection):
        seq = connection.next_seq()
        connection.send(_proto.cancel(seq, [id], running, reason), deadline)
        while True:
            member, message = connection.receive(deadline)
            if member == 21:
                got, rows = _proto.read_results(message)
                if got == seq and rows:
                    return rows[0][1]
    state = _retrying(app, deadline, attempt)
    if state == 'NONE':
        raise KraitError(f'task {id} is not known', 38)
    return state
