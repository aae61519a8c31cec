# SPDX-License-Identifier: Apache-2.0
"""The wire in Python for tests: reads krait.proto, encodes and decodes dicts by it, speaks frames over a socket.

It shares no code with the product on purpose, so that a mistake there is not made here, too.
"""
import os
import re
import socket
import struct

from patience import patience

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Schema:
    def __init__(self, text):
        text = re.sub(r'//[^\n]*', '', text)
        self.enums, self.messages = {}, {}
        for kind, name, body in re.findall(r'\b(enum|message)\s+(\w+)\s*{((?:[^{}]|{[^{}]*})*)}', text):
            if kind == 'enum':
                self.enums[name] = {n: int(v) for n, v in re.findall(r'(\w+)\s*=\s*(\d+)\s*;', body)}
            else:
                self.messages[name] = {
                    int(number): (field, type_, bool(repeated))
                    for repeated, type_, field, number in
                    re.findall(r'(repeated\s+)?([\w.]+)\s+(\w+)\s*=\s*(\d+)\s*;', body)}

    def number(self, type_, value):
        return self.enums[type_][value] if isinstance(value, str) else value

    def encode(self, message, values):
        out = []
        rest = dict(values)
        for number, (field, type_, repeated) in sorted(self.messages[message].items()):
            if field in rest:
                value = rest.pop(field)
                for item in value if repeated else [value]:
                    out.append(self.field(number, type_, item, repeated))
        assert not rest, 'no such fields in %s: %s' % (message, sorted(rest))
        return b''.join(out)

    def field(self, number, type_, value, keep_zero):
        if type_ in ('string', 'bytes') or type_ in self.messages:
            if type_ in self.messages:
                data = self.encode(type_, value)
            else:
                data = value.encode() if isinstance(value, str) else value
                if not data and not keep_zero:
                    return b''
            return varint(number << 3 | 2) + varint(len(data)) + data
        if type_ == 'double':
            return varint(number << 3 | 1) + struct.pack('<d', value)
        if type_ in self.enums:
            value = self.number(type_, value)
        value = int(value)
        if type_ in ('sint64', 'sint32'):
            value = value << 1 if value >= 0 else (-value << 1) - 1
        return varint(number << 3) + varint(value)

    def decode(self, message, data):
        fields, out, at = self.messages[message], {}, 0
        for field, type_, repeated in fields.values():
            if repeated:
                out[field] = []
            elif type_ not in self.messages:
                out[field] = '' if type_ == 'string' else b'' if type_ == 'bytes' else 0
        while at < len(data):
            tag, at = unvarint(data, at)
            if tag & 7 == 0:
                value, at = unvarint(data, at)
            elif tag & 7 == 1:
                value, at = struct.unpack('<d', data[at:at + 8])[0], at + 8
            else:
                assert tag & 7 == 2, 'wire type %d' % (tag & 7)
                size, at = unvarint(data, at)
                value, at = data[at:at + size], at + size
                assert len(value) == size
            if tag >> 3 not in fields:
                continue
            field, type_, repeated = fields[tag >> 3]
            if repeated and isinstance(value, bytes) and (type_ in self.enums or type_.startswith(('uint', 'sint'))):
                inner = 0
                while inner < len(value):       # packed
                    item, inner = unvarint(value, inner)
                    out[field].append(item)
                continue
            if type_ in self.messages:
                value = self.decode(type_, value)
            elif type_ == 'string':
                value = value.decode()
            elif type_ in ('sint64', 'sint32'):
                value = value >> 1 ^ -(value & 1)
            if repeated:
                out[field].append(value)
            else:
                out[field] = value
        return out


def varint(n):
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    out.append(n)
    return bytes(out)


def unvarint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7


with open(os.path.join(TOP, 'sdk', 'wire', 'krait.proto')) as _file:
    SCHEMA = Schema(_file.read())


def enum(name):
    return SCHEMA.enums[name]


def payload(*args):
    """A Payload of integers and texts."""
    values = [{'integer': a} if isinstance(a, int) else {'text': a} for a in args]
    return SCHEMA.encode('Payload', {'args': values})


def task(name, key='', queue='', args=(), **options):
    values = {'key': key, 'queue': queue, 'name': name, 'payload': payload(*args)}
    if options:
        values['options'] = options
    return SCHEMA.encode('Task', values)


def value(v):
    return SCHEMA.encode('Value', {'integer': v} if isinstance(v, int) else {'text': v})


def outcome(result):
    """The Outcome of a TaskResult."""
    return SCHEMA.decode('Outcome', result['outcome'])


def unvalue(data):
    v = SCHEMA.decode('Value', data)
    return v['integer'] or v['text']


class Closed(Exception):
    pass


class Client:
    """One connection. Every read has a deadline; heartbeats are answered on the way."""

    def __init__(self, address, timeout=20, **hello):
        kind, rest = address.split('://', 1)
        if kind == 'unix':
            self.sock = socket.socket(socket.AF_UNIX)
            self.sock.connect(rest)
        else:
            host, port = rest.split('/')[0].rsplit(':', 1)
            self.sock = socket.create_connection((host, int(port)))
        self.sock.settimeout(patience(timeout))
        self.seq, self.kept, self.data = 0, [], b''
        if hello:
            self.send('hello', version_min=1, version_max=1, **hello)
            self.welcome = self.expect('welcome')

    def send(self, kind, **values):
        self.send_raw(SCHEMA.encode('Envelope', {kind: values}))

    def send_raw(self, body):
        try:
            self.sock.sendall(struct.pack('>I', len(body)) + body)
        except ConnectionError:
            raise Closed('the broker closed the connection') from None

    def buffer(self, n):
        """Waits until n bytes are there; a time-out loses none of them."""
        while len(self.data) < n:
            try:
                more = self.sock.recv(65536)
            except ConnectionError:
                more = b''
            if not more:
                raise Closed('the broker closed the connection')
            self.data += more

    def read(self):
        while True:
            self.buffer(4)
            size, = struct.unpack('>I', self.data[:4])
            self.buffer(4 + size)
            body, self.data = self.data[4:4 + size], self.data[4 + size:]
            envelope = {k: v for k, v in SCHEMA.decode('Envelope', body).items() if v != ''}
            (kind, body), = envelope.items()
            if kind != 'heartbeat':
                return kind, body
            if not body['reply']:
                self.send('heartbeat', sent_ms=body['sent_ms'], reply=True)

    def expect(self, *kinds):
        """The next message of one of these kinds; others are kept for later."""
        for i, (kind, body) in enumerate(self.kept):
            if kind in kinds:
                del self.kept[i]
                return body
        while True:
            kind, body = self.read()
            if kind in kinds:
                return body
            if kind == 'error' and body['fatal']:
                raise Closed('error %d: %s' % (body['code'], body['text']))
            self.kept.append((kind, body))

    def ask(self, kind, answer, **values):
        self.seq += 1
        self.send(kind, seq=self.seq, **values)
        reply = self.expect(answer, 'error')
        assert reply['seq'] == self.seq, reply
        return reply

    def close(self):
        self.sock.close()

    # ---- what tests say all the time

    def enqueue(self, *tasks):
        return self.ask('enqueue', 'enqueue_reply', tasks=list(tasks))['tasks']

    def wait(self, *ids, seconds=15, timeout_ms=None):
        """{id: TaskResult} once all ids were answered. timeout_ms, if given, is exact: a test looks at what is not done by then."""
        timeout_ms = int(patience(seconds) * 1000) if timeout_ms is None else timeout_ms
        self.seq += 1
        self.send('wait', seq=self.seq, ids=list(ids), timeout_ms=timeout_ms)
        out, seq = {}, self.seq
        while len(out) < len(set(ids)):
            reply = self.expect('result')
            assert reply['seq'] == seq, reply
            for one in reply['tasks']:
                assert one['id'] not in out, 'answered twice'
                out[one['id']] = one
        return out

    def queue(self, name):
        for info in self.ask('queues_ask', 'queues_reply', queues=[name])['queues']:
            return info


class Producer(Client):
    def __init__(self, address, **hello):
        super().__init__(address, role='ROLE_PRODUCER', client='test', **hello)


class Worker(Client):
    def __init__(self, address, queues=('default',), tasks=('t',), resume=None, held=(), worker=None, **hello):
        spec = {'mode': 'MODE_GIL', 'processes': 1, 'threads': 1, 'pid': os.getpid(), 'host': 'test',
                'queues': [{'queue': q.split(':')[0], 'weight': int((q + ':1').split(':')[1])} for q in queues], 'tasks': [{'name': t} for t in tasks]}
        if resume:
            spec.update(resume_session=resume['session'], resume_secret=resume['secret'], held=list(held))
        spec.update(worker or {})
        super().__init__(address, role='ROLE_WORKER', client='test', worker=spec, **hello)

    def take(self, n):
        """Asks for n more tasks and waits until they are here."""
        self.send('credit', n=n)
        return self.more(n)

    def more(self, n):
        got = []
        while len(got) < n:
            got += self.expect('deliver')['tasks']
        return got

    def finish(self, *ends):
        """Each: (delivery, ENDED_…, fields). Returns the acks."""
        tasks = [dict({'id': d['id'], 'attempt': d['attempt'], 'ended': ended}, **more) for d, ended, more in ends]
        return self.ask('finish', 'finish_reply', tasks=tasks)['tasks']

    def done(self, *deliveries, result=1):
        return self.finish(*[(d, 'ENDED_DONE', {'value': value(result)}) for d in deliveries])
