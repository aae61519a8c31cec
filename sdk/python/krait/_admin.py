# SPDX-License-Identifier: Apache-2.0
"""What an operator asks of a broker: dead letters and other tasks, queues, settings, events. `App.admin`; the rights of the token decide."""
from . import _calls, _proto
from ._options import blob, number, text
from ._values import fields

_STATES = {name.lower(): n for n, name in enumerate(_proto.STATES)}
_TIMES = ((10, 'enqueued'), (11, 'moved'), (12, 'due'), (13, 'expires'), (14, 'started'))
_HAPPENINGS = ('', 'queued', 'delayed', 'claimed', 'done', 'dead', 'cancelled', 'retry', 'returned', 'redone', 'paused', 'resumed', 'purged', 'settings')


def _text(d, field):
    return d.get(field, b'').decode('utf-8', 'replace')


def _reason(n):
    return _proto.REASONS[n] if n < len(_proto.REASONS) else 'failed'


def _state(name):
    state = _STATES.get(name.lower()) if isinstance(name, str) else None
    if not state:
        raise ValueError(f'{name!r} is no state: queued, delayed, active, done, dead, cancelled')
    return state


def _moment_ms(moment):
    return int((moment.timestamp() if hasattr(moment, 'timestamp') else moment) * 1000)


def _filter(name=None, reason=None, error=None, after=None, before=None, group=None):
    if reason and reason not in _proto.REASONS:
        raise ValueError(f'{reason!r} is no reason: {", ".join(_proto.REASONS[1:])}')
    data = text(1, name) + number(2, _proto.REASONS.index(reason) if reason else 0) + text(3, error)
    return data + number(4, _moment_ms(after) if after else 0) + number(5, _moment_ms(before) if before else 0) + text(6, group)


def _ids(ids):
    return [getattr(i, 'id', i) for i in ([ids] if isinstance(ids, str) or hasattr(ids, 'id') else ids)]


def _read_body(body):
    """(args, kwargs, headers) of a serialized Task."""
    headers, payload = {}, b''
    for field, raw in fields(body):
        if field == 5:
            d = dict(fields(raw))
            headers[_text(d, 1)] = _text(d, 2)
        elif field == 100:
            payload = raw
    args, kwargs = [], {}
    from ._results import _read_value
    for field, raw in fields(payload):
        if field == 1:
            args.append(_read_value(raw))
        elif field == 2:
            d = dict(fields(raw))
            kwargs[_text(d, 1)] = _read_value(d.get(2, b''))
    return args, kwargs, headers


def _read_task(raw):
    d = dict(fields(raw))
    state = d.get(2, 0)
    task = {'id': _text(d, 1), 'state': _proto.STATES[state] if state < len(_proto.STATES) else 'NONE', 'reason': _reason(d.get(3, 0)), 'name': _text(d, 4),
            'priority': d.get(5, 0), 'attempt': d.get(6, 0), 'deliveries': d.get(7, 0), 'retries': d.get(8, 0), 'max_retries': d.get(9, 0),
            'group': _text(d, 15), 'worker': _text(d, 16), 'size': d.get(17, 0)}
    for field, name in _TIMES:
        task[name] = d.get(field, 0) / 1000 or None
    if 18 in d:
        p = dict(fields(d[18]))
        task['progress'] = {'done': p.get(3, 0), 'total': p.get(4, 0), 'note': _text(p, 5)}
    if 19 in d:
        f = dict(fields(d[19]))
        task['error'] = {'type': _text(f, 1), 'message': _text(f, 2), 'traceback': _text(f, 3)}
    if d.get(20):
        task['args'], task['kwargs'], task['headers'] = _read_body(d[20])
    return task


class Admin:
    """Calls that need the rights read or admin."""

    def __init__(self, app):
        self._app = app

    # ---- tasks
    def tasks(self, queue='default', state='queued', limit=None, bodies=False, **filter):
        """Yields the tasks of a queue in one state (queued, delayed, active, dead), the oldest first, a dict each. filter: name and error (globs), reason, group, after
        and before (when they came into that state). bodies: with args, kwargs, headers."""
        after = ''
        what = text(3, queue) + number(4, _state(state)) + blob(5, _filter(**filter))
        while True:
            body = what + text(6, after) + number(7, min(limit, 256) if limit else 256) + number(8, 1 if bodies else 0)
            after = ''
            for field, raw in fields(_calls.ask(self._app, _proto.TASKS_ASK, body, _proto.TASKS_REPLY)):
                if field == 2:
                    yield _read_task(raw)
                    if limit is not None:
                        limit -= 1
                        if limit <= 0:
                            return
                elif field == 3:
                    after = raw.decode()
            if not after:
                return

    def dead(self, queue='default', **options):
        """Yields the dead letters of a queue; options as tasks()."""
        return self.tasks(queue, 'dead', **options)

    def task(self, id):
        """All about one task, with its arguments; None if it is not known."""
        body = text(2, getattr(id, 'id', id)) + number(8, 1)
        for field, raw in fields(_calls.ask(self._app, _proto.TASKS_ASK, body, _proto.TASKS_REPLY)):
            if field == 2:
                found = _read_task(raw)
                return found if found['state'] != 'NONE' else None
        return None

    def retry(self, ids=None, queue=None, **filter):
        """Dead letters run again: by id, or those of a queue that the filter lets through. returns how many."""
        return self._do(1, ids, queue, filter)

    def delete(self, ids=None, queue=None, **filter):
        """Tasks that ended are forgotten: by id, or the dead letters of a queue that the filter lets through. returns how many."""
        return self._do(2, ids, queue, filter)

    def _do(self, verb, ids, queue, filter):
        if (ids is None) == (queue is None):
            raise TypeError('either ids, or a queue')
        if queue is not None:
            return self._changed(_proto.TASKS_DO, number(2, verb) + text(4, queue) + blob(5, _filter(**filter)))
        ids = _ids(ids)
        return sum(self._changed(_proto.TASKS_DO, number(2, verb) + b''.join([text(3, i) for i in ids[at:at + 256]])) for at in range(0, len(ids), 256))

    def _changed(self, member, body):
        for field, raw in fields(_calls.ask(self._app, member, body, _proto.CHANGED)):
            if field == 2:
                return raw
        return 0

    # ---- queues
    def pause(self, *queues):
        """Nothing of these queues is handed out until resume()."""
        return self._queues(1, queues)

    def resume(self, *queues):
        return self._queues(2, queues)

    def purge(self, queue, states=('queued', 'delayed')):
        """Cancels what waits in a queue; with 'dead' among the states its dead letters are forgotten, too. returns how many."""
        return self._queues(3, (queue,), (states,) if isinstance(states, str) else states)

    def forget(self, *queues):
        """Empty queues are forgotten, with their settings."""
        return self._queues(4, queues)

    def _queues(self, verb, queues, states=()):
        if not queues:
            raise TypeError('which queues?')
        body = number(2, verb) + b''.join([text(3, q) for q in queues]) + b''.join([b'\x20' + bytes((_state(s),)) for s in states])
        return self._changed(_proto.QUEUES_DO, body)

    # ---- settings and events
    def settings(self, queue='default'):
        """{name: value} of all settings of a queue, as text; sdk/wire/PROTOCOL.md says what they mean."""
        out = {}
        for field, raw in fields(_calls.ask(self._app, _proto.SETTINGS_ASK, text(2, queue), _proto.SETTINGS_REPLY)):
            if field == 3:
                d = dict(fields(raw))
                out[_text(d, 1)] = _text(d, 2)
        return out

    def set(self, queue, settings=None, **more):
        """Changes settings of a queue, all or none: set('mail', max_length=1000, rate=50). None: back to the default."""
        body = text(2, queue)
        for name, value in {**(settings or {}), **more}.items():
            body += blob(3, text(1, name) + text(2, '' if value is None else str(value)))
        return self._changed(_proto.SETTINGS_SET, body)

    def events(self, queue='default', after='', wait=0.0):
        """(events, next): what happened in a queue since `after` ('' = from now, '0' = from the oldest kept); waits up to `wait` seconds for something. Recorded
        only while the queue's setting `events` is above 0."""
        body = text(2, queue) + text(3, after) + number(5, int(min(wait, self._app.deadline / 2) * 1000))
        events = []
        for field, raw in fields(_calls.ask(self._app, _proto.EVENTS_ASK, body, _proto.EVENTS)):
            if field == 2:
                d = dict(fields(raw))
                what = d.get(2, 0)
                events.append({'id': _text(d, 1), 'what': _HAPPENINGS[what] if what < len(_HAPPENINGS) else '', 'at': d.get(3, 0) / 1000,
                               'attempt': d.get(4, 0), 'reason': _reason(d.get(5, 0)), 'who': _text(d, 6)})
            elif field == 3:
                after = raw.decode()
        return events, after
