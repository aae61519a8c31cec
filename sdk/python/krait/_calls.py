# SPDX-License-Identifier: Apache-2.0
"""What an app asks of a broker: enqueue, results, cancel, and one question with one answer. The same over sockets (_client) and over a worker's own link
(_worker).

Keys are made here, so what was sent and not answered is sent again on a new connection and answered EXISTS: nothing is enqueued twice. Who never met a broker and
finds nobody listening is told at once; who did met one is patient until the deadline, since brokers restart."""
import time

from . import _proto
from ._errors import BrokerUnavailable, Conflict, KraitError, Lost, QueueFull, Refused
from ._proto import raise_error, read_answers
from ._values import fields

NO_ANSWER = 10.0  # seconds without any broker's answer after which waiting for results gives up
_LONG = 3600.0
_FRAME_BYTES = 1 << 20
_FRAME_TASKS = 512
_FRAME_IDS = 512
_PARTS_AHEAD = 4  # parts that are under way at a time


def _link(app):
    if app._pool is None:
        from ._app import in_worker
        if in_worker():
            from ._worker import Pool
        else:
            from ._client import Pool
        app._pool = Pool(app)
    return app._pool


def retrying(app, attempt, patience=None):
    """Calls attempt(connection) until it returns, on new connections after losses, as long as the deadline allows."""
    pool = _link(app)
    deadline = time.monotonic() + (app.deadline if patience is None else patience)
    pause = 0.02
    while True:
        connection = None
        try:
            connection = pool.take(deadline)
            result = attempt(connection, deadline)
            pool.give(connection)
            return result
        except Lost as e:
            why = e
            if connection is not None:
                connection.close()
        except BaseException:
            if connection is not None:
                connection.close()  # an answer may still be under way: it must not meet the next call
            raise
        if (why.nobody and not app._met and patience is None) or time.monotonic() + pause >= deadline:
            raise BrokerUnavailable(str(why), 6) from None
        time.sleep(pause)
        pause = min(pause * 2, 0.5)


def ask(app, member, body, reply):
    """The message that answers one request."""
    def attempt(connection, deadline):
        seq = connection.start(member, body, deadline)
        _, got, message = connection.take((seq,), deadline)
        if got == _proto.ERROR:
            raise_error(_proto.read_error(message))
        if got != reply:
            raise Refused(f'the broker answered with message {got}', 17)
        return message
    return retrying(app, attempt)


# ---- enqueue
def raise_refusals(rows):
    for id, outcome, text in rows:
        if outcome == 'FULL':
            raise QueueFull(text or 'the queue is full', 48)
        if outcome == 'CONFLICT':
            raise Conflict(text or f'the unique key is taken by {id}', id)
        if outcome == 'REFUSED':
            raise Refused(text or 'the task was refused', 36)


def submit(app, body):
    """(id, outcome, text) of one serialized Task."""
    pool = app._pool
    connection = pool.idle() if pool is not None else None
    if connection is not None:  # the short way, before anything that can go wrong has to be thought of
        try:
            row = connection.submit(body, app.deadline)
        except Lost:
            connection.close()
        except BaseException:
            connection.close()
            raise
        else:
            pool.give(connection)
            if row[1] != 'AWAY':
                return row

    def attempt(connection, deadline):
        row = connection.submit(body, max(0.001, deadline - time.monotonic()))
        if row[1] == 'AWAY':
            raise Lost('the broker has no store at the moment')
        return row
    return retrying(app, attempt)


def _batches(bodies, todo, limits):
    """Runs of indices that fit into one frame."""
    batch, size, most = [], 0, min(limits['batch'], _FRAME_TASKS)
    for k in todo:
        if batch and (len(batch) == most or size + len(bodies[k]) > _FRAME_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(k)
        size += len(bodies[k])
    if batch:
        yield batch


def enqueue(app, bodies):
    """[(id, outcome, text)] of serialized Tasks, in the same order: pipelined frames of many."""
    if len(bodies) == 1:
        return [submit(app, bodies[0])]
    answers = [None] * len(bodies)

    def attempt(connection, deadline):
        flights, flying, away = {}, 0, False
        until = deadline

        def take():
            nonlocal flying, away, until
            seq, member, message = connection.take(flights, until)
            batch = flights.pop(seq)
            flying -= len(batch)
            for k, row in zip(batch, read_answers(member, message, len(batch))):
                if row[1] == 'AWAY':
                    away = True
                else:
                    answers[k] = row
            until = max(until, time.monotonic() + app.deadline)  # a long batch that moves on is not late
        for batch in _batches(bodies, [k for k, answer in enumerate(answers) if answer is None], connection.limits):
            while flights and flying + len(batch) > connection.limits['window']:
                take()
            flights[connection.start(_proto.ENQUEUE, _proto.tasks([bodies[k] for k in batch]), until)] = batch
            flying += len(batch)
        while flights:
            take()
        if away:
            raise Lost('the broker has no store at the moment')
    while True:
        known = sum(answer is not None for answer in answers)
        try:
            retrying(app, attempt)
            return answers
        except BrokerUnavailable:
            if known == sum(answer is not None for answer in answers):  # nothing moved for a whole deadline
                raise


# ---- large ones, in parts
def push(app, id, of, attempt, data):
    """Sends data in parts, to be named by an Enqueue or Finish; returns how many."""
    size = _proto.PART_BYTES
    count = (len(data) + size - 1) // size
    if count > _proto.PARTS:
        raise ValueError(f'{len(data)} bytes of arguments; the limit is {_proto.PARTS * size}')
    view = memoryview(data)

    def attempt_(connection, deadline):
        flying = []
        for index in range(count):
            body = _proto.part(id, of, attempt, index, count, bytes(view[index * size:(index + 1) * size]))
            flying.append(connection.start(_proto.PART, body, time.monotonic() + app.deadline))
            while len(flying) > (_PARTS_AHEAD if index + 1 < count else 0):
                _answer(connection, (flying.pop(0),), app, _proto.CHANGED)
        return count
    return retrying(app, attempt_)


def _answer(connection, seqs, app, reply):
    _, member, message = connection.take(seqs, time.monotonic() + app.deadline)
    if member == _proto.ERROR:
        raise_error(_proto.read_error(message))
    if member != reply:
        raise Refused(f'the broker answered with message {member}', 17)
    return message


def fetch(app, id, of, attempt, count):
    """The data that was sent in so many parts."""
    def attempt_(connection, deadline):
        flying, out = [], []
        for index in range(count):
            flying.append(connection.start(_proto.PART_ASK, _proto.part_ask(id, of, attempt, index), time.monotonic() + app.deadline))
            while len(flying) > (_PARTS_AHEAD if index + 1 < count else 0):
                d = dict(fields(_answer(connection, (flying.pop(0),), app, _proto.PART)))
                if not d.get(6):
                    raise KraitError(f'part {len(out)} of {id} is not there any more', 38)
                out.append(d.get(7, b''))
        return b''.join(out)
    return retrying(app, attempt_)


# ---- results
def results(app, ids, timeout):
    """Yields (id, state, serialized Outcome) of each id once: in the order in which they end, and at the time-out (seconds, None: never) those that have not.
    BrokerUnavailable once no broker has answered for NO_ANSWER seconds."""
    left = dict.fromkeys(ids)
    end = None if timeout is None else time.monotonic() + timeout
    pool = _link(app)
    heard, pause = time.monotonic(), 0.02
    while left:
        connection = None
        try:
            connection = pool.take(time.monotonic() + NO_ANSWER)
            heard, pause = time.monotonic(), 0.02
            for row in _results(connection, left, end):
                del left[row[0]]
                yield row
            pool.give(connection)
            return
        except Lost as e:
            if connection is not None:
                heard = max(heard, connection.heard)
                connection.close()
            if time.monotonic() + pause >= heard + NO_ANSWER or (end is not None and time.monotonic() >= max(end, heard + app.deadline)):
                raise BrokerUnavailable(str(e), 6) from None
        except BaseException:
            if connection is not None:
                connection.close()
            raise
        time.sleep(pause)
        pause = min(pause * 2, 0.5)


def _results(connection, left, end):
    while left:
        ids = list(left)[:connection.limits['window']]
        now = time.monotonic()
        ms = int(_LONG * 1000) if end is None else max(0, min(int((end - now) * 1000), int(_LONG * 1000)))
        deadline = now + NO_ANSWER if ms == 0 else None
        step = min(connection.limits['batch'], _FRAME_IDS)
        seqs = {}
        for at in range(0, len(ids), step):
            part = ids[at:at + step]
            seqs[connection.start(_proto.WAIT, _proto.wait(part, ms), now + NO_ANSWER)] = len(part)
        while seqs:
            seq, member, message = connection.take(seqs, deadline)
            if member == _proto.ERROR:
                raise_error(_proto.read_error(message))
            for row in _proto.read_results(message):
                seqs[seq] -= 1
                if row[0] not in left:  # answered before the connection was lost, or named twice
                    continue
                if row[1] in _proto.FINAL or row[1] == 'NONE' or ms == 0 or (end is not None and time.monotonic() >= end - 0.05):
                    yield row
            if seqs[seq] <= 0:
                del seqs[seq]


def result(app, id, timeout):
    """(state, serialized Outcome) of one."""
    for _, state, outcome in results(app, (id,), timeout):
        return state, outcome
    return 'NONE', b''


def cancel(app, ids, running, reason):
    """{id: state after it}"""
    out = {}
    for at in range(0, len(ids), _FRAME_IDS):
        message = ask(app, _proto.CANCEL, _proto.cancel(ids[at:at + _FRAME_IDS], running, reason), _proto.CANCEL_REPLY)
        for id, state, _ in _proto.read_results(message):
            out[id] = state
    return out


def known(id, state):
    if state == 'NONE':
        raise KraitError(f'task {id} is not known', 38)
    return state
