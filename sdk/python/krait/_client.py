# SPDX-License-Identifier: Apache-2.0
"""Blocking connections to a broker and a pool of them an app. What is asked over them is _calls'; asyncio has its own in aio.

A connection serves one call at a time: start() sends a request, take() gives the next answer to any of some requests, in whatever order they come. The socket
blocks with a coarse time-out of the kernel's (SO_RCVTIMEO), which costs one system call an answer instead of two. submit() is the straight way for one task:
one send, one recv, and the usual answer read where it lies. After fork the child starts with an empty pool."""
import itertools
import os
import socket
import struct
import time

from . import _address, _proto
from ._errors import Lost

_SLICE = 0.25  # seconds after which a blocked recv looks at the clock
_SMALL, _LARGE = 4096, 1 << 18  # bytes asked of recv: a large buffer is mapped and unmapped each time, so only where much comes
_SEQS = 0x3fff  # numbers of requests begin again after this one: two bytes at most, and far more than are ever in flight


class Connection:
    def __init__(self, app, deadline):
        self._app = app
        self._socket = None
        self._buffer = b''
        self._at = 0
        self._room = _SMALL
        self._seq = 0
        self._stash = {}  # seq -> answers that came while others were waited for
        self._sent = 0.0
        self._beat = 5.0
        kind, host, port, ns = _address.broker_of(app)
        token = _address.token_of(app)
        try:
            if kind == 'unix':
                self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                self._socket.settimeout(_left(deadline))
                self._socket.connect(host)
            else:
                self._socket = socket.create_connection((host, port), _left(deadline))
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as e:
            self.close()
            nobody = isinstance(e, (ConnectionRefusedError, FileNotFoundError, socket.gaierror))
            raise Lost(f'no broker at {_address.text_of(app)}: {e.strerror or e}', nobody) from None
        self._socket.settimeout(None)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack('ll', 0, int(_SLICE * 1e6)))
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack('ll', 0, int(_SLICE * 1e6)))
        self.heard = time.monotonic()
        self._send(_proto.frame(_proto.HELLO, _proto.hello(token, ns, 'krait-python')), deadline)
        member, message = self._receive(deadline)
        if member != _proto.WELCOME:
            self.close()
            raise Lost('the broker did not welcome us')
        self.limits = _proto.read_welcome(message)
        self._beat = self.limits['heartbeat_ms'] / 2000.0
        app._met = True

    @property
    def alive(self):
        return self._socket is not None

    @property
    def fresh(self):
        """Whether the broker can not have dropped it for silence."""
        return self._socket is not None and time.monotonic() - self._sent < 2 * self._beat

    def close(self):
        s, self._socket = self._socket, None
        if s is not None:
            s.close()

    def goodbye(self):
        try:
            self._send(_proto.frame(_proto.GOODBYE, b''), time.monotonic() + 1)
        except Lost:
            pass
        self.close()

    def start(self, member, body, deadline):
        """Sends a request; returns its seq."""
        self._seq = self._seq % _SEQS + 1
        self._send(_proto.frame(member, body, self._seq), deadline)
        return self._seq

    def take(self, seqs, deadline=None):
        """(seq, member, message): the next answer to one of these requests. deadline None: as long as the broker gives signs of life."""
        if self._stash:
            for seq in seqs:
                found = self._stash.get(seq)
                if found:
                    member, message = found.pop(0)
                    if not found:
                        del self._stash[seq]
                    return seq, member, message
        while True:
            member, message = self._receive(deadline)
            seq = _proto.seq_of(member, message)
            if seq in seqs:
                return seq, member, message
            if seq:
                self._stash.setdefault(seq, []).append((member, message))

    def submit(self, body, patience):
        """Enqueues one serialized Task: (id, outcome, text)."""
        self._seq = seq = self._seq % _SEQS + 1
        deadline = time.monotonic() + patience
        number = _proto.varint(seq)
        self._send(_proto.enqueue_frame(number, body), deadline)
        if self._at == len(self._buffer):
            self._fill(deadline)
            row = _proto.read_one_accepted(self._buffer, number)
            if row is not None:
                self._buffer, self._at = b'', 0
                return row
        while True:
            member, message = self._receive(deadline)
            if _proto.seq_of(member, message) == seq:
                return _proto.read_answers(member, message, 1)[0]

    # ---- bytes
    def _lost(self, why):
        self.close()
        raise Lost(f'the connection to {_address.text_of(self._app)} broke: {why}') from None

    def _send(self, data, deadline):
        view = data
        while True:
            try:
                n = self._socket.send(view)
            except (BlockingIOError, InterruptedError):
                n = 0
                if time.monotonic() >= (deadline or self.heard + self._app.deadline):
                    self._lost('the broker takes nothing')
            except OSError as e:
                self._lost(e.strerror or e)
            if n == len(view):
                self._sent = time.monotonic()
                return
            view = memoryview(view)[n:]

    def _fill(self, deadline):
        """More bytes into the buffer."""
        while True:
            try:
                chunk = self._socket.recv(self._room)
            except (BlockingIOError, InterruptedError):
                chunk = None
            except OSError as e:
                self._lost(e.strerror or e)
            if chunk == b'':
                self._lost('the broker closed it')
            now = time.monotonic()
            if now - self._sent >= self._beat:
                self._send(_proto.frame(_proto.HEARTBEAT, _proto.heartbeat(int(time.time() * 1000), False)), now + 1)
            if chunk is None:
                if now >= (deadline if deadline is not None else self.heard + self._app.deadline):
                    self._lost('no answer')
                continue
            if deadline is None:
                self.heard = now
            self._room = _LARGE if len(chunk) == self._room else _SMALL
            self._buffer = self._buffer[self._at:] + chunk if self._at < len(self._buffer) else chunk
            self._at = 0
            return

    def _frame(self, deadline):
        while len(self._buffer) - self._at < 4:
            self._fill(deadline)
        n = int.from_bytes(self._buffer[self._at:self._at + 4], 'big')
        if not 0 < n <= _proto.FRAME_LIMIT:
            self._lost('what answers there does not speak this protocol')
        if len(self._buffer) - self._at < 4 + n:
            self._long(4 + n, deadline)
        body = self._buffer[self._at + 4:self._at + 4 + n]
        self._at += 4 + n
        return body

    def _long(self, n, deadline):
        """Fills until n bytes are there, joining once."""
        parts, have = [self._buffer[self._at:]], len(self._buffer) - self._at
        while have < n:
            self._buffer, self._at = b'', 0
            self._fill(deadline)
            parts.append(self._buffer)
            have += len(self._buffer)
        self._buffer, self._at = b''.join(parts), 0

    def _receive(self, deadline):
        """The next message that is not about the connection itself; what the broker says of that is raised."""
        while True:
            try:
                member, message = _proto.read_envelope(self._frame(deadline))
            except _proto.Malformed as e:
                self._lost(e)
            if member > _proto.ERROR + 2:
                return member, message
            if member == _proto.HEARTBEAT:
                sent, reply = _proto.read_heartbeat(message)
                if not reply:
                    self._send(_proto.frame(_proto.HEARTBEAT, _proto.heartbeat(sent, True)), deadline)
            elif member == _proto.GOODBYE:
                self._lost('it said goodbye')
            elif member == _proto.ERROR and (_proto.read_error(message)['fatal'] or not _proto.read_error(message)['seq']):
                self.close()
                _proto.raise_error(_proto.read_error(message))
            else:
                return member, message


def _left(deadline):
    return max(0.001, deadline - time.monotonic())


class Pool:
    def __init__(self, app):
        self._app = app
        self._forks = _forks.n
        self._idle = []  # pop and append are atomic: no lock

    def idle(self):
        """A connection that is there already, or None."""
        if self._forks != _forks.n:  # a fork's child must not talk on its parent's connections
            theirs, self._idle, self._forks = self._idle, [], _forks.n
            for connection in theirs:
                connection.close()  # our copy of it; the parent's stays open
        try:
            while True:
                connection = self._idle.pop()
                if connection.fresh:
                    return connection
                connection.close()
        except IndexError:
            return None

    def take(self, deadline):
        return self.idle() or Connection(self._app, deadline)

    def give(self, connection):
        if connection.alive:
            self._idle.append(connection)

    def close(self):
        idle, self._idle = self._idle, []
        for connection in idle:
            connection.goodbye()


class _Forks:
    """How many forks lie between this process and the one that imported us."""

    def __init__(self):
        self.n = 0
        os.register_at_fork(after_in_child=self.count)

    def count(self):
        self.n += 1


class _Keys:
    """Keys nobody else makes: 96 random bits a process, and a number."""

    def __init__(self):
        self.renew()
        os.register_at_fork(after_in_child=self.renew)

    def renew(self):
        self._next = itertools.count().__next__
        self._stem = os.urandom(12).hex() + '-%x'

    def new(self):
        return self._stem % self._next()


_forks = _Forks()
new_key = _Keys().new
