# SPDX-License-Identifier: Apache-2.0
"""The messages of sdk/wire/krait.proto that a producer needs, written and read by hand: no dependency, and fast enough for bulk. Field numbers are those of
that file. Leaves connections to _client and aio."""
import struct

FRAME_LIMIT = 16 << 20
STATES = ('NONE', 'QUEUED', 'DELAYED', 'ACTIVE', 'DONE', 'DEAD', 'CANCELLED')
REASONS = ('', 'failed', 'expired', 'unknown_task', 'worker_lost', 'timed_out', 'memory', 'cancelled', 'bad_result')
ACCEPTS = ('NONE', 'OK', 'EXISTS', 'FULL', 'CONFLICT', 'REFUSED', 'AWAY')
_double = struct.Struct('<d')


# ---- writing ----
def varint(n):
    if n < 0x80:
        return bytes((n,))
    out = bytearray()
    while n >= 0x80:
        out.append(n & 0x7f | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


def number(field, n):
    """A varint field; 0 is the default and is left out."""
    return varint(field << 3) + varint(n) if n else b''


def blob(field, data):
    return varint(field << 3 | 2) + varint(len(data)) + data


def text(field, s):
    return blob(field, s.encode()) if s else b''


def zigzag(n):
    return n << 1 if n >= 0 else (-n << 1) - 1


def write_value(v, depth=0):
    """A serialized Value. TypeError for what cannot be sent, ValueError for what is nested too deep."""
    kind = type(v)
    if kind is int:
        if -0x8000000000000000 <= v <= 0x7fffffffffffffff:
            return b'\x18' + varint(zigzag(v))
        return blob(4, v.to_bytes((v.bit_length() + 8) // 8 if v >= 0 else ((v + 1).bit_length() + 8) // 8, 'little', signed=True))
    if kind is str:
        data = v.encode()
        return b'\x32' + varint(len(data)) + data
    if v is None:
        return b'\x08\x01'
    if kind is bool:
        return b'\x10\x01' if v else b'\x10\x00'
    if kind is float:
        return b'\x29' + _double.pack(v)
    if depth > 60:
        raise ValueError('a value nested deeper than 60 levels cannot be sent')
    if kind is bytes:
        return blob(7, v)
    field = {list: 8, tuple: 9, set: 10, frozenset: 11}.get(kind)
    if field:
        return blob(field, b''.join([blob(1, write_value(item, depth + 1)) for item in v]))
    if kind is dict:
        return blob(12, b''.join([blob(1, blob(1, write_value(key, depth + 1)) + blob(2, write_value(item, depth + 1))) for key, item in v.items()]))
    return _write_special(v, kind)


def _write_when(field, v, offset=None, zone=''):
    parts = [(1, getattr(v, 'year', 0)), (2, getattr(v, 'month', 0)), (3, getattr(v, 'day', 0)), (4, getattr(v, 'hour', 0)), (5, getattr(v, 'minute', 0)),
             (6, getattr(v, 'second', 0)), (7, getattr(v, 'microsecond', 0)), (8, getattr(v, 'fold', 0))]
    data = b''.join(number(f, n) for f, n in parts)
    if offset is not None:
        data += number(9, 1) + number(10, zigzag((offset.days * 86400 + offset.seconds) * 1000000 + offset.microseconds)) + text(11, zone)
    return blob(field, data)


def _write_special(v, kind):
    import datetime
    import decimal
    import uuid
    if kind is datetime.datetime or kind is datetime.time:
        zone = getattr(v.tzinfo, 'key', None) or (v.tzname() or '' if v.tzinfo is not None else '')
        return _write_when(15 if kind is datetime.datetime else 14, v, v.utcoffset(), zone)
    if kind is datetime.date:
        return _write_when(13, v)
    if kind is datetime.timedelta:
        return blob(16, number(1, zigzag(v.days)) + number(2, zigzag(v.seconds)) + number(3, zigzag(v.microseconds)))
    if kind is decimal.Decimal:
        return blob(17, str(v).encode())
    if kind is uuid.UUID:
        return blob(18, v.bytes)
    raise TypeError(f'a value of type {kind.__module__}.{kind.__qualname__} cannot be sent to a task; send plain data (None, bool, int, float, str, bytes, list, tuple, '
                    'set, frozenset, dict, date, time, datetime, timedelta, Decimal, UUID)')


def _ms(seconds):
    if hasattr(seconds, 'total_seconds'):
        seconds = seconds.total_seconds()
    return max(0, int(seconds * 1000))


def _write_retry(o):
    data = number(1, o.get('max_retries', 0))
    backoff = o.get('retry_backoff')
    if isinstance(backoff, (list, tuple)):
        steps = b''.join(varint(_ms(s)) for s in backoff)
        data += number(2, 3) + blob(6, steps)
    elif backoff is True or (isinstance(backoff, (int, float)) and backoff):
        data += number(2, 2) + number(3, 1000 if backoff is True else _ms(backoff)) + number(4, _ms(o.get('retry_backoff_max', 600)))
    jitter = o.get('retry_jitter', False)
    data += number(7, 100 if jitter is True else int(jitter))
    for field, name in ((8, 'retry_on'), (9, 'fail_on')):
        for entry in o.get(name, ()):
            data += text(field, entry if isinstance(entry, str) else entry.__name__)
    return data


def write_options(o):
    """TaskOptions of the options of _app.OPTIONS."""
    data = b''
    if o.get('priority') is not None:
        if not 0 <= o['priority'] <= 9:
            raise ValueError(f'priority is 0 to 9, not {o["priority"]}')
        data += number(1, o['priority']) + number(2, 1)
    if o.get('countdown'):
        data += number(3, _ms(o['countdown']))
    eta = o.get('eta')
    if eta is not None:
        data += number(4, _ms(eta.timestamp() if hasattr(eta, 'timestamp') else eta))
    if o.get('expires'):
        data += number(5, _ms(o['expires']))
    retry = _write_retry(o)
    if retry:
        data += blob(6, retry)
    data += number(7, _ms(o.get('soft_time_limit') or 0)) + number(8, _ms(o.get('time_limit') or 0)) + number(9, o.get('memory_limit') or 0)
    if o.get('result_ttl') is not None:
        data += number(10, _ms(o['result_ttl'])) + number(11, 1)
    data += number(12, o.get('max_deliveries') or 0) + text(13, o.get('unique_key') or '') + number(14, _ms(o.get('unique_ttl') or 0))
    data += number(15, {'reject': 0, 'existing': 1, 'replace': 2}[o.get('conflict', 'reject')])
    return data + text(16, o.get('group') or '') + text(17, o.get('rate_key') or '')


def write_task(name, args, kwargs, options, key, created_ms):
    payload = b''.join([blob(1, write_value(a)) for a in args])
    for k, v in kwargs.items():
        payload += blob(2, text(1, k) + blob(2, write_value(v)))
    data = text(1, key) + text(2, options.get('queue') or '') + text(3, name)
    o = write_options(options) if options else b''
    if o:
        data += blob(4, o)
    for k, v in (options.get('headers') or {}).items():
        data += blob(5, text(1, k) + text(2, v))
    return data + number(10, created_ms) + blob(100, payload)


def frame(field, message):
    body = blob(field, message)
    if len(body) > FRAME_LIMIT:
        raise ValueError(f'{len(body)} bytes in one message; the limit is {FRAME_LIMIT}')
    return struct.pack('>I', len(body)) + body


def hello(token, ns, client):
    return frame(1, number(1, 1) + number(2, 1) + (blob(3, token) if token else b'') + number(4, 1) + text(5, ns) + text(6, client))


def enqueue(seq, tasks):
    return frame(16, number(1, seq) + b''.join([blob(2, task) for task in tasks]))


def wait(seq, ids, timeout_ms):
    return frame(18, number(1, seq) + b''.join([text(2, i) for i in ids]) + number(3, timeout_ms))


def cancel(seq, ids, running, reason):
    return frame(20, number(1, seq) + b''.join([text(2, i) for i in ids]) + number(3, 1 if running else 0) + text(4, reason))


def heartbeat(sent_ms, reply):
    return frame(5, number(1, sent_ms) + number(2, 1 if reply else 0))


def goodbye():
    return frame(4, b'')


# ---- reading ----
class Malformed(ValueError):
    """Bytes that are no message of this protocol."""


def fields(data):
    """(field, wire value) of a message: ints for varints and fixed widths, bytes for the rest."""
    at, end = 0, len(data)
    while at < end:
        tag, at = _varint(data, at)
        kind = tag & 7
        if kind == 0:
            v, at = _varint(data, at)
        elif kind == 2:
            n, at = _varint(data, at)
            v = data[at:at + n]
            at += n
        elif kind == 1:
            v = data[at:at + 8]
            at += 8
        elif kind == 5:
            v = data[at:at + 4]
            at += 4
        else:
            raise Malformed(f'wire type {kind}')
        if at > end:
            raise Malformed('cut off')
        yield tag >> 3, v


def _varint(data, at):
    n = shift = 0
    try:
        while True:
            b = data[at]
            at += 1
            n |= (b & 0x7f) << shift
            if b < 0x80:
                return n & 0xffffffffffffffff, at
            shift += 7
            if shift > 63:
                raise Malformed('number too long')
    except IndexError:
        raise Malformed('cut off') from None


def unzigzag(n):
    return n >> 1 if not n & 1 else -((n + 1) >> 1)


def read_value(data):
    v = None
    for field, raw in fields(data):
        if field == 1:
            v = None
        elif field == 2:
            v = bool(raw)
        elif field == 3:
            v = unzigzag(raw)
        elif field == 4:
            v = int.from_bytes(raw, 'little', signed=True)
        elif field == 5:
            v = _double.unpack(raw)[0]
        elif field == 6:
            v = raw.decode()
        elif field == 7:
            v = raw
        elif field in (8, 9, 10, 11):
            v = (list, tuple, set, frozenset)[field - 8](read_value(item) for f, item in fields(raw) if f == 1)
        elif field == 12:
            v = {}
            for f, pair in fields(raw):
                halves = dict(fields(pair))
                v[read_value(halves.get(1, b''))] = read_value(halves.get(2, b''))
        else:
            v = _read_special(field, raw)
    return v


def _read_special(field, raw):
    import datetime
    if field == 16:
        d = dict(fields(raw))
        return datetime.timedelta(unzigzag(d.get(1, 0)), unzigzag(d.get(2, 0)), unzigzag(d.get(3, 0)))
    if field == 17:
        import decimal
        return decimal.Decimal(raw.decode())
    if field == 18:
        import uuid
        return uuid.UUID(bytes=raw)
    if field not in (13, 14, 15):
        raise Malformed(f'value of kind {field}; this client is too old')
    d = dict(fields(raw))
    zone = None
    if d.get(9):
        offset = datetime.timedelta(microseconds=unzigzag(d.get(10, 0)))
        zone = datetime.timezone.utc if not offset else datetime.timezone(offset)
    day, clock = (d.get(1, 0), d.get(2, 0), d.get(3, 0)), (d.get(4, 0), d.get(5, 0), d.get(6, 0), d.get(7, 0))
    if field == 13:
        return datetime.date(*day)
    if field == 14:
        return datetime.time(*clock, tzinfo=zone, fold=d.get(8, 0))
    return datetime.datetime(*day, *clock, tzinfo=zone, fold=d.get(8, 0))


def read_envelope(data):
    """(member, message) of a frame's body."""
    for field, raw in fields(data):
        return field, raw
    raise Malformed('empty envelope')


def read_welcome(data):
    d = dict(fields(data))
    limits = dict(fields(d.get(7, b'')))
    return {'version': d.get(1, 0), 'heartbeat_ms': d.get(4, 0), 'ttl_ms': d.get(5, 0), 'batch': limits.get(2, 0) or 1024, 'window': limits.get(3, 0) or 16384}


def read_error(data):
    d = dict(fields(data))
    return {'code': d.get(1, 0), 'text': d.get(2, b'').decode('utf-8', 'replace'), 'seq': d.get(3, 0), 'fatal': bool(d.get(4, 0))}


def read_enqueue_reply(data):
    seq, rows = 0, []
    for field, raw in fields(data):
        if field == 1:
            seq = raw
        elif field == 2:
            d = dict(fields(raw))
            outcome = d.get(2, 0)
            rows.append((d.get(1, b'').decode(), ACCEPTS[outcome] if outcome < len(ACCEPTS) else 'NONE', d.get(3, b'').decode('utf-8', 'replace')))
    return seq, rows


def read_outcome(data):
    out = {'value': b'', 'reason': ''}
    for field, raw in fields(data):
        if field == 1:
            out['value'] = raw
        elif field == 3:
            d = dict(fields(raw))
            out['failure'] = {'type': d.get(1, b'').decode('utf-8', 'replace'), 'message': d.get(2, b'').decode('utf-8', 'replace'),
                              'traceback': d.get(3, b'').decode('utf-8', 'replace')}
        elif field == 4:
            out['reason'] = REASONS[raw] if raw < len(REASONS) else 'failed'
    return out


def read_results(data):
    """seq, [(id, state, outcome or None)] of a Result or CancelReply."""
    seq, rows = 0, []
    for field, raw in fields(data):
        if field == 1:
            seq = raw
        elif field == 2:
            d = dict(fields(raw))
            state = d.get(2, 0)
            rows.append((d.get(1, b'').decode(), STATES[state] if state < len(STATES) else 'NONE', read_outcome(d[3]) if d.get(3) else None))
    return seq, rows


def read_heartbeat(data):
    d = dict(fields(data))
    return d.get(1, 0), bool(d.get(2, 0))
