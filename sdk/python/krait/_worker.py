# SPDX-License-Identifier: Apache-2.0
"""The broker as a running task sees it: requests go over the worker's own link (_krait), which keeps its session, its token and its reconnecting. The same
shape as _client's connections, for _calls."""
import time

import _krait

from . import _proto
from ._errors import Lost

_LIMITS = {'batch': 512, 'window': 16384, 'heartbeat_ms': 5000}


class Link:
    """Requests of one call. heard: when an answer came last; that a broker is there at all is the worker's care."""

    limits = _LIMITS
    fresh = alive = True

    def __init__(self, app):
        self._app = app
        self._open = []
        self.heard = time.monotonic()

    def start(self, member, body, deadline):
        ticket = _krait.send(member, body)
        self._open.append(ticket)
        return ticket

    def take(self, tickets, deadline=None):
        """(ticket, member, message): the next answer to the first of these requests. deadline None: as long as it takes."""
        for ticket in tickets:
            break
        while True:
            left = 3600.0 if deadline is None else deadline - time.monotonic()
            got = _krait.receive(ticket, max(0.0, left))
            if got is not None:
                self.heard = time.monotonic()
                return ticket, got[0], got[1]
            if deadline is not None and time.monotonic() >= deadline:
                self.close()
                raise Lost('no broker answered the worker in time')

    def submit(self, body, patience):
        """Enqueues one serialized Task: (id, outcome, text)."""
        ticket = self.start(_proto.ENQUEUE, _proto.tasks((body,)), None)
        answer = self.take((ticket,), time.monotonic() + patience)
        self.close()
        return _proto.read_answers(answer[1], answer[2], 1)[0]

    def close(self):
        """What has not been answered is wanted no more."""
        tickets, self._open = self._open, []
        for ticket in tickets:
            _krait.drop(ticket)

    goodbye = close


class Pool:
    def __init__(self, app):
        self._app = app
        app._met = True

    def idle(self):
        return Link(self._app)

    def take(self, deadline):
        return Link(self._app)

    def give(self, link):
        link.close()

    def close(self):
        pass


