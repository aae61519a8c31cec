# SPDX-License-Identifier: Apache-2.0
"""The messages of sdk/wire/krait.proto that a producer needs, written and read by hand: no dependency, and fast enough for bulk. Field numbers are those of
that file. Values are _values', options are _options'; connections are left to _client, _worker and aio."""
from ._errors import Lost, QueueFull, Refused
from ._options import blob, number, text
from ._values import Malformed, fields, read_varint, varint

FRAME_LIMIT = 16 << 20
INLINE = 1 << 20  # what is larger travels in parts
PART_BYTES = 512 << 10
PARTS = 128  # of 512 KiB each: 64 MiB
STATES = ('NONE', 'QUEUED', 'DELAYED', 'ACTIVE', 'DONE', 'DEAD', 'CANCELLED')
FINAL = frozenset(('DONE', 'DEAD', 'CANCELLED'))
REASONS = ('', 'failed', 'expired', 'unknown_task', 'worker_lost', 'timed_out', 'memory', 'cancelled', 'bad_result')
ACCEPTS = ('NONE', 'OK', 'EXISTS', 'FULL', 'CONFLICT', 'REFUSED', 'AWAY')

# members of the Envelope
HELLO, WELCOME, ERROR, GOODBYE, HEARTBEAT, ENQUEUE, ENQUEUE_REPLY, WAIT, RESULT, CANCEL, CANCEL_REPLY = 1, 2, 3, 4, 5, 16, 17, 18, 19, 20, 21
PART, QUEUES_ASK, QUEUES_REPLY, WORKERS_ASK, WORKERS_REPLY, TASKS_ASK, TASKS_REPLY = 22, 48, 49, 50, 51, 52, 53
SETTINGS_ASK, SETTINGS_REPLY, EVENTS_ASK, EVENTS, PART_ASK, CHANGED, TASKS_DO, QUEUES_DO, SETTINGS_SET = 54, 55, 56, 57, 58, 64, 65, 66, 67


# ---- writing: bodies of requests, without their seq
def frame(member, body, seq=0):
    """A whole frame; seq goes in front, as field 1."""
    head = b'\x08' + varint(seq) if seq else b''
    n = len(head) + len(body)
    head = varint(member << 3 | 2) + varint(n) + head
    n = len(head) + len(body)
    if n > FRAME_LIMIT:
        raise ValueError(f'{n} bytes in one message; the limit is {FRAME_LIMIT}')
    return n.to_bytes(4, 'big') + head + body


def enqueue_frame(seq, body):
    """frame() of an Enqueue of one Task; seq is a varint already."""
    n = len(body)
    if n > FRAME_LIMIT - 32:
        raise ValueError(f'{n} bytes in one message; the limit is {FRAME_LIMIT}')
    head = b'\x08' + seq + b'\x12' + varint(n)
    n = varint(len(head) + n)
    return (len(n) + 2 + len(head) + len(body)).to_bytes(4, 'big') + b'\x82\x01' + n + head + body


def hello(token, ns, client):
    return number(1, 1) + number(2, 1) + (blob(3, token) if token else b'') + number(4, 1) + text(5, ns) + text(6, client)


def task(key, head, tail, payload):
    """A serialized Task. head: of _options.write_head; tail: task_tail."""
    return b'\x0a' + varint(len(key)) + key + head + tail + varint(len(payload)) + payload


def large_task(key, head, tail, parts, size):
    """A serialized Task whose payload went before, in parts."""
    return b'\x0a' + varint(len(key)) + key + head + tail[:-2] + number(11, parts) + number(12, size)


def part(id, of, attempt, index, count, data):
    return text(2, id) + number(3, of) + number(4, attempt) + number(5, index) + number(6, count) + blob(7, data)


def part_ask(id, of, attempt, index):
    return text(2, id) + number(3, of) + number(4, attempt) + number(5, index)


def task_tail(parent, root, created_ms):
    """What stands between headers and payload, with the payload's tag at its end."""
    head = text(6, parent) + text(7, root) if parent else b''
    high = created_ms >> 14  # the same for 16 seconds
    if _clock[0] != high:
        _clock[:] = high, varint(high)
    return head + bytes((0x50, created_ms & 0x7f | 0x80, created_ms >> 7 & 0x7f | 0x80)) + _clock[1] + b'\xa2\x06'


_clock = [0, b'']


def tasks(bodies):
    parts = []
    for body in bodies:
        parts += (b'\x12', varint(len(body)), body)
    return b''.join(parts)


def wait(ids, timeout_ms):
    return b''.join([text(2, i) for i in ids]) + number(3, timeout_ms)


def cancel(ids, running, reason):
    return b''.join([text(2, i) for i in ids]) + number(3, 1 if running else 0) + text(4, reason)


def heartbeat(sent_ms, reply):
    return number(1, sent_ms) + number(2, 1 if reply else 0)


# ---- reading
def read_envelope(data):
    """(member, message) of a frame's body."""
    if data[2:3] and data[0] > 0x7f and data[1] < 0x80 and data[0] & 7 == 2 and data[2] + 3 == len(data):
        return (data[0] & 0x7f | data[1] << 7) >> 3, data[3:]  # a short message of a usual kind
    tag, at = read_varint(data, 0)
    n, at = read_varint(data, at)
    if tag & 7 != 2 or at + n != len(data):
        raise Malformed('an envelope has one member')
    return tag >> 3, data[at:]


def seq_of(member, message):
    """The request that a message answers, 0: none."""
    if message[0:1] == b'\x08' and message[1] < 0x80 and member != ERROR:
        return message[1]
    if member == ERROR:
        return dict(fields(message)).get(3, 0)
    if message[:1] == b'\x08':
        return read_varint(message, 1)[0]
    return 0


def read_welcome(data):
    d = dict(fields(data))
    limits = dict(fields(d.get(7, b'')))
    return {'version': d.get(1, 0), 'heartbeat_ms': d.get(4, 0) or 5000, 'ttl_ms': d.get(5, 0), 'batch': limits.get(2, 0) or 1024,
            'window': limits.get(3, 0) or 16384}


def read_error(data):
    d = dict(fields(data))
    return {'code': d.get(1, 0), 'text': d.get(2, b'').decode('utf-8', 'replace'), 'seq': d.get(3, 0), 'fatal': bool(d.get(4, 0))}


def read_accepted(data):
    """[(id, outcome, text)] of an EnqueueReply. The usual row, an id and OK, is read without a loop over its fields."""
    rows = []
    add = rows.append
    at, end = 0, len(data)
    while at < end:
        tag, at = read_varint(data, at)
        if tag != 0x12:
            _, at = read_varint(data, at)  # the seq
            continue
        n = data[at]
        if n < 0x80 and data[at + 1] == 0x0a and data[at + 2] + 4 == n and data[at + n - 1:at + n + 1] == b'\x10\x01':
            add((data[at + 3:at + n - 1].decode(), 'OK', ''))
            at += n + 1
            continue
        n, at = read_varint(data, at)
        d = dict(fields(data, at, at + n))
        outcome = d.get(2, 0)
        add((d.get(1, b'').decode(), ACCEPTS[outcome] if outcome < len(ACCEPTS) else 'NONE', d.get(3, b'').decode('utf-8', 'replace')))
        at += n
    return rows


def read_one_accepted(data, seq):
    """(id, 'OK', text) if data is exactly one frame, the EnqueueReply to seq (a varint) that accepts one task; None if it is anything else."""
    try:
        at = 7 if data[6] < 0x80 else 8
        if data[4:6] != b'\x8a\x01' or int.from_bytes(data[:4], 'big') + 4 != len(data) or not data.startswith(b'\x08' + seq + b'\x12', at):
            return None
        at += 2 + len(seq)
        end = at + 1 + data[at]
        mark = at + 3 + data[at + 2]
        if data[at] > 0x7f or end != len(data) or data[at + 1] != 0x0a or data[mark:mark + 2] != b'\x10\x01':
            return None
        if mark + 2 == end:
            return data[at + 3:mark].decode(), 'OK', ''
        if data[mark + 2] == 0x1a and mark + 4 + data[mark + 3] == end:
            return data[at + 3:mark].decode(), 'OK', data[mark + 4:end].decode('utf-8', 'replace')
    except IndexError:
        pass
    return None


def read_answers(member, message, n):
    """read_accepted of the answer to an Enqueue of n tasks, whatever it is."""
    if member == ERROR:
        raise_error(read_error(message))
    rows = read_accepted(message)
    if len(rows) != n:
        raise Lost(f'the broker answered {len(rows)} of {n} tasks')
    return rows


def raise_error(error):
    """Raises what an Error of the broker means here."""
    code, text = error['code'], error['text']
    if code == 48:
        raise QueueFull(text, code)
    if code in _AGAIN:
        raise Lost(text)
    raise Refused(text or f'the broker refuses (error {code})', code)


_AGAIN = (4, 5, 23, 24, 50, 53)  # time-out, closed, beat, slow, store, draining: another connection may do


def read_outcome(data):
    out = {'value': b'', 'reason': '', 'attempt': 0, 'parts': 0}
    for field, raw in fields(data):
        if field == 1:
            out['value'] = raw
        elif field == 3:
            d = dict(fields(raw))
            out['failure'] = {'type': d.get(1, b'').decode('utf-8', 'replace'), 'message': d.get(2, b'').decode('utf-8', 'replace'),
                              'traceback': d.get(3, b'').decode('utf-8', 'replace')}
        elif field == 4:
            out['reason'] = REASONS[raw] if raw < len(REASONS) else 'failed'
        elif field == 8:
            out['attempt'] = raw
        elif field == 9:
            out['parts'] = raw
    return out


def read_results(data):
    """[(id, state, serialized Outcome)] of a Result or CancelReply. The usual row, an id of less than 128 bytes and a state, is cut without a loop over its fields."""
    rows = []
    add = rows.append
    for field, raw in fields(data):
        if field != 2:
            continue
        if len(raw) > 3 and raw[0] == 0x0a and raw[1] < 0x80:
            at = 2 + raw[1]
            rest = raw[at:at + 3]
            if len(rest) >= 2 and rest[0] == 0x10 and rest[1] < len(STATES):
                if len(rest) == 2:
                    add((raw[2:at].decode(), STATES[rest[1]], b''))
                    continue
                if rest[2] == 0x1a:
                    n, start = read_varint(raw, at + 3)
                    if start + n == len(raw):
                        add((raw[2:at].decode(), STATES[rest[1]], raw[start:]))
                        continue
        d = dict(fields(raw))
        state = d.get(2, 0)
        add((d.get(1, b'').decode(), STATES[state] if state < len(STATES) else 'NONE', d.get(3, b'')))
    return rows


def read_heartbeat(data):
    d = dict(fields(data))
    return d.get(1, 0), bool(d.get(2, 0))



def _text_of(d, field):
    return d.get(field, b'').decode('utf-8', 'replace')


def read_queues(data):
    """{queue: {…}} of a QueuesReply."""
    out = {}
    for field, raw in fields(data):
        if field == 2:
            d = dict(fields(raw))
            out[_text_of(d, 1)] = {'depth': d.get(2, 0), 'delayed': d.get(3, 0), 'active': d.get(4, 0), 'dead': d.get(5, 0),
                                   'oldest_age': d.get(6, 0) / 1000, 'paused': bool(d.get(7, 0)), 'workers': d.get(8, 0),
                                   'done': d.get(9, 0), 'died': d.get(10, 0), 'cancelled': d.get(11, 0)}
    return out


def read_workers(data):
    """[{…}] of a WorkersReply."""
    out = []
    for field, raw in fields(data):
        if field != 2:
            continue
        d, load = dict(fields(raw)), dict(fields(dict(fields(raw)).get(9, b'')))
        out.append({'name': _text_of(d, 2), 'host': _text_of(d, 3), 'pid': d.get(4, 0), 'mode': {1: 'gil', 2: 'free-threaded'}.get(d.get(5, 0), ''),
                    'processes': d.get(6, 0), 'threads': d.get(7, 0), 'queues': [raw.decode() for f, raw in fields(raw) if f == 8],
                    'busy': load.get(1, 0), 'idle': load.get(2, 0), 'rss': load.get(3, 0), 'done': load.get(5, 0), 'failed': load.get(6, 0),
                    'session': _text_of(d, 1), 'connected': d.get(10, 0) / 1000})
    return out
