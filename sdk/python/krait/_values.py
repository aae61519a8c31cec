# SPDX-License-Identifier: Apache-2.0
"""Python values to and from the serialized Value and Payload of sdk/wire/krait.proto. Leaves messages to _proto.

Written for speed in plain Python: small numbers, short texts and the heads of what is short come from tables, everything else is one join a container, and
reading walks one bytes object by offsets without cutting it up."""
try:
    from struct import Struct
    _double = Struct('<d')
except ImportError:  # inside a worker without that module: _krait converts values there
    _double = None

_BYTE = tuple(bytes((n,)) for n in range(128))
_DEPTH = 60


def varint(n):
    if n < 0x80:
        return _BYTE[n]
    if n < 0x4000:
        return bytes((n & 0x7f | 0x80, n >> 7))
    out = bytearray()
    while n >= 0x80:
        out.append(n & 0x7f | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


def zigzag(n):
    return n << 1 if n >= 0 else (-n << 1) - 1


# Field 1 of its parent holding a Value: an argument, an item of a list. Whole for small integers, up to the text itself for short texts.
_INT_ITEM = {n: b'\x0a' + varint(1 + len(varint(zigzag(n)))) + b'\x18' + varint(zigzag(n)) for n in range(-128, 1024)}
_TEXT_ITEM = tuple(bytes((0x0a, n + 2, 0x32, n)) for n in range(126))


# ---- writing
def write_items(values, depth=0):
    """The values, each as field 1: the args of a Payload, the items of a Values."""
    parts = []
    add = parts.append
    for v in values:
        kind = type(v)
        if kind is int:
            item = _INT_ITEM.get(v)
            if item is not None:
                add(item)
                continue
        elif kind is str:
            data = v.encode()
            n = len(data)
            if n < 126:
                add(_TEXT_ITEM[n])
                add(data)
                continue
        data = _WRITE.get(kind, _write_special)(v, depth)
        add(b'\x0a')
        add(varint(len(data)))
        add(data)
    return b''.join(parts)


def write_value(v, depth=0):
    """A serialized Value. TypeError for what cannot be sent, ValueError for what is nested too deep."""
    return _WRITE.get(type(v), _write_special)(v, depth)


_names = {}  # a keyword's name -> field 1 of Named; a bounded cache


def _write_name(name):
    if type(name) is not str:
        raise TypeError(f'the name of a keyword argument is a str, not {type(name).__name__}')
    data = name.encode()
    head = b'\x0a' + varint(len(data)) + data
    if len(_names) < 4096:
        _names[name] = head
    return head


def write_payload(args, kwargs):
    """A serialized Payload."""
    data = write_items(args)
    if not kwargs:
        return data
    parts = [data]
    for name, v in kwargs.items():
        head = _names.get(name) or _write_name(name)
        value = write_value(v)
        size = varint(len(value))
        parts += (b'\x12', varint(len(head) + 1 + len(size) + len(value)), head, b'\x12', size, value)
    return b''.join(parts)


def _write_int(v, depth):
    if -0x8000000000000000 <= v <= 0x7fffffffffffffff:
        return b'\x18' + varint(zigzag(v))
    data = v.to_bytes((v.bit_length() + 8) // 8 if v >= 0 else ((v + 1).bit_length() + 8) // 8, 'little', signed=True)
    return b'\x22' + varint(len(data)) + data


def _write_str(v, depth):
    data = v.encode()
    return b'\x32' + varint(len(data)) + data


def _write_container(tag):
    def write(v, depth):
        if depth > _DEPTH:
            raise ValueError(f'a value nested deeper than {_DEPTH} levels cannot be sent')
        data = write_items(v, depth + 1)
        return tag + varint(len(data)) + data
    return write


def _write_dict(v, depth):
    if depth > _DEPTH:
        raise ValueError(f'a value nested deeper than {_DEPTH} levels cannot be sent')
    parts = []
    for key, item in v.items():
        key, item = write_value(key, depth + 1), write_value(item, depth + 1)
        pair = b'\x0a' + varint(len(key)) + key + b'\x12' + varint(len(item)) + item
        parts += (b'\x0a', varint(len(pair)), pair)
    data = b''.join(parts)
    return b'\x62' + varint(len(data)) + data


_WRITE = {
    int: _write_int,
    str: _write_str,
    type(None): lambda v, depth: b'\x08\x01',
    bool: lambda v, depth: b'\x10\x01' if v else b'\x10\x00',
    float: lambda v, depth: b'\x29' + _double.pack(v),
    bytes: lambda v, depth: b'\x3a' + varint(len(v)) + v,
    list: _write_container(b'\x42'),
    tuple: _write_container(b'\x4a'),
    set: _write_container(b'\x52'),
    frozenset: _write_container(b'\x5a'),
    dict: _write_dict,
}


def _blob(field, data):
    return varint(field << 3 | 2) + varint(len(data)) + data


def _number(field, n):
    return varint(field << 3) + varint(n) if n else b''


def _write_when(field, v, offset=None, zone=''):
    parts = [(1, getattr(v, 'year', 0)), (2, getattr(v, 'month', 0)), (3, getattr(v, 'day', 0)), (4, getattr(v, 'hour', 0)), (5, getattr(v, 'minute', 0)),
             (6, getattr(v, 'second', 0)), (7, getattr(v, 'microsecond', 0)), (8, getattr(v, 'fold', 0))]
    data = b''.join([_number(f, n) for f, n in parts])
    if offset is not None:
        data += _number(9, 1) + _number(10, zigzag((offset.days * 86400 + offset.seconds) * 1000000 + offset.microseconds))
        data += _blob(11, zone.encode()) if zone else b''
    return _blob(field, data)


def _write_special(v, depth):
    import datetime
    import decimal
    import uuid
    kind = type(v)
    if kind is datetime.datetime or kind is datetime.time:
        zone = getattr(v.tzinfo, 'key', None) or (v.tzname() or '' if v.tzinfo is not None else '')
        return _write_when(15 if kind is datetime.datetime else 14, v, v.utcoffset(), zone)
    if kind is datetime.date:
        return _write_when(13, v)
    if kind is datetime.timedelta:
        return _blob(16, _number(1, zigzag(v.days)) + _number(2, zigzag(v.seconds)) + _number(3, zigzag(v.microseconds)))
    if kind is decimal.Decimal:
        return _blob(17, str(v).encode())
    if kind is uuid.UUID:
        return _blob(18, v.bytes)
    raise TypeError(f'a value of type {kind.__module__}.{kind.__qualname__} cannot be sent to a task; send plain data (None, bool, int, float, str, bytes, list, '
                    'tuple, set, frozenset, dict, date, time, datetime, timedelta, Decimal, UUID)')


# ---- reading
class Malformed(ValueError):
    """Bytes that are no message of this protocol."""


def read_varint(data, at):
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


def fields(data, at=0, end=None):
    """(field, wire value) of a message: ints for varints, bytes for the rest."""
    if end is None:
        end = len(data)
    elif end > len(data):
        raise Malformed('cut off')
    while at < end:
        tag = data[at]
        if tag < 0x80:
            at += 1
        else:
            tag, at = read_varint(data, at)
        kind = tag & 7
        if kind == 0:
            v, at = read_varint(data, at)
        elif kind == 2:
            n, at = read_varint(data, at)
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


def unzigzag(n):
    return n >> 1 if not n & 1 else -((n + 1) >> 1)


def read_value(data):
    """The Python value of a serialized Value; b'' is None."""
    return _read(data, 0, len(data))


def _read(data, at, end):
    v = None
    while at < end:
        tag, at = read_varint(data, at)
        kind = tag & 7
        if kind == 0:
            raw, at = read_varint(data, at)
            if tag == 0x18:
                v = raw >> 1 if not raw & 1 else -((raw + 1) >> 1)
            elif tag == 0x10:
                v = raw != 0
            elif tag == 0x08:
                v = None
            else:
                raise Malformed(f'value of kind {tag >> 3}; this client is too old')
            continue
        if kind == 1 and tag == 0x29:
            if at + 8 > end:
                raise Malformed('cut off')
            v = _double.unpack_from(data, at)[0]
            at += 8
            continue
        if kind != 2:
            raise Malformed(f'value of kind {tag >> 3}; this client is too old')
        n, at = read_varint(data, at)
        stop = at + n
        if stop > end:
            raise Malformed('cut off')
        if tag == 0x32:
            v = data[at:stop].decode()
        elif tag == 0x42:
            v = _read_items(data, at, stop)
        elif tag == 0x62:
            v = _read_dict(data, at, stop)
        elif tag in _CONTAINER:
            v = _CONTAINER[tag](_read_items(data, at, stop))
        elif tag == 0x3a:
            v = data[at:stop]
        elif tag == 0x22:
            v = int.from_bytes(data[at:stop], 'little', signed=True)
        else:
            v = _read_special(tag >> 3, data[at:stop])
        at = stop
    return v


_CONTAINER = {0x4a: tuple, 0x52: set, 0x5a: frozenset}


def _read_items(data, at, end):
    out = []
    while at < end:
        tag, at = read_varint(data, at)
        n, at = read_varint(data, at)
        if tag != 0x0a or at + n > end:
            raise Malformed('not an item')
        out.append(_read(data, at, at + n))
        at += n
    return out


def _read_dict(data, at, end):
    out = {}
    while at < end:
        tag, at = read_varint(data, at)
        n, at = read_varint(data, at)
        stop = at + n
        if tag != 0x0a or stop > end:
            raise Malformed('not a pair')
        key = item = None
        while at < stop:
            tag, at = read_varint(data, at)
            n, at = read_varint(data, at)
            if at + n > stop:
                raise Malformed('cut off')
            if tag == 0x0a:
                key = _read(data, at, at + n)
            elif tag == 0x12:
                item = _read(data, at, at + n)
            at += n
        out[key] = item
    return out


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
