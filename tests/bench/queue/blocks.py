#!/usr/bin/python3.11 -B
# SPDX-License-Identifier: Apache-2.0
"""What a task would cost Redis if records and leases were kept by the batch (blocks.lua), next to the broker's packed records, on one server in turns.

    blocks.py            checks the sketch, then prints Redis' whole CPU time a task (AOF everysec, parsing and writing included), and the part inside functions
    blocks.py --check    checks only
"""
import os
import re
import statistics
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path[:0] = [os.path.join(TOP, 'tests', 'system'), os.path.join(TOP, 'tests', 'bench', 'functions')]
import bench
import resp

BODY, OUTCOME = b'x' * 80, b'r' * 30
TTL = struct.pack('>Q', 86400000)[2:]
ROUNDS, TASKS = 5, 20000
SID = '0123456789abcdef'
P = 'kr:{default/blocks/0}'


def outcomes(first, n):
    return b''.join([struct.pack('>HI', first + i, len(OUTCOME)) + OUTCOME for i in range(n)])


class Blocks:
    """The sketch as a broker would call it."""

    def __init__(self, redis):
        self.redis = redis

    def call(self, name, *args):
        return self.redis('FCALL', 'blocks_' + name, 1, P + ':c', *args)

    def enqueue(self, *blocks):
        """blocks: (B, bodies)"""
        args = []
        for b, bodies in blocks:
            args += [b, len(bodies), TTL, b''.join([struct.pack('>I', len(x)) for x in bodies]), b''.join(bodies)]
        return self.call('enqueue', 'brokerAA', *args)

    def claim(self, n, sid=SID):
        """[(B, epoch, from, [bodies of those taken by index])]"""
        flat, out = self.call('claim', 'brokerAA', sid, n), []
        if flat == -1:
            return None
        for i in range(0, len(flat), 6):
            b, epoch, first, taken, lengths, bodies = flat[i:i + 6]
            at, mine = 0, {}
            for k in range(len(taken)):
                size, = struct.unpack_from('>I', lengths, 4 * k)
                if taken[k]:
                    mine[first + k] = bodies[at:at + size]
                at += size
            out.append((b.decode(), epoch, first, len(taken), mine))
        return out

    def ack(self, b, epoch, kinds, data, sid=SID):
        return self.call('ack', sid, b, epoch, kinds, data)

    def states(self, b):
        return self.call('wait', '\0' * 8, b)[0]


def check(redis):
    """The promises, one after the other."""
    s = Blocks(redis)
    bodies = [b'body %d' % i for i in range(10)]
    assert s.enqueue(('a', bodies)) == b'n' and s.enqueue(('a', bodies), ('b', bodies[:2])) == b'en', 'a block sent again is known'
    (b, epoch, first, count, mine), = s.claim(4)
    assert (b, epoch, first, count, mine) == ('a', 1, 0, 4, dict(enumerate(bodies[:4]))), 'a part of a block'
    assert s.ack('a', 1, b'\2\2\2\2', outcomes(0, 4), 'somebody else    ') == b's', 'not yours'
    assert s.ack('a', 9, b'\2\2\2\2', outcomes(0, 4)) == b's', 'no such lease'
    assert s.ack('a', 1, b'\2\0\0\0', outcomes(0, 1)) == b'o' and s.ack('a', 1, b'\2\0\0\0', outcomes(0, 1)) == b'd', 'the same word twice changes nothing'
    assert s.states('a')[1] == outcomes(0, 1)
    assert s.call('cancel', 'a', 5) == 1 and s.call('cancel', 'a', 5) == 0 and s.call('cancel', 'a', 1) == 0, 'only what waits'
    assert s.call('started', SID, 'a', 1, 1) == 1
    assert s.call('reap', SID, 1) == [2, 1], 'two go back, the one that was started once too often dies alone'
    assert s.ack('a', 1, b'\2\2\2\2', outcomes(0, 4)) == b's' and s.claim(1) is None, 'a dead session says and gets nothing'
    got = s.claim(100, 'sid2')
    assert sorted(i for b, _, _, _, mine in got if b == 'a' for i in mine) == [2, 3, 4, 6, 7, 8, 9], got
    again = 0
    for b, epoch, first, count, mine in got:
        kinds = bytes(5 if b == 'a' and first + k == 7 else 2 if first + k in mine else 0 for k in range(count))
        again += kinds.count(5)
        assert s.ack(b, epoch, kinds, outcomes(first, kinds.count(2)), 'sid2') == b'o'
    assert again == 1 and redis('LRANGE', P + ':r1', 0, -1) == [b'a.7'] and redis('GET', P + ':t:a.7') == b'body 7', 'one runs again as a task of its own'
    assert s.states('a')[0] == bytes((2, 3, 2, 2, 2, 4, 2, 5, 2, 2))
    assert all(redis('PTTL', P + ':' + key) > 0 for key in ('k:a', 'o:a', 'k:b', 'o:b')) and b'body' not in redis('GET', P + ':k:a'), 'what ended expires'
    counters = redis('HGETALL', P + ':c')
    assert dict(zip(counters[::2], counters[1::2])) == {b'queued': b'0', b'active': b'0', b'done': b'10'}, counters
    assert redis('EXISTS', P + ':l:sid2', P + ':l:' + SID) == 0
    redis('FLUSHALL')


def cpu(redis):
    """(seconds of the process, microseconds inside FCALL)"""
    info = dict(line.split(':', 1) for line in redis('INFO', 'cpu').decode().splitlines() if ':' in line)
    inside = re.search(rb'cmdstat_fcall:calls=\d+,usec=(\d+)', redis('INFO', 'commandstats'))
    return float(info['used_cpu_user']) + float(info['used_cpu_sys']), int(inside[1]) if inside else 0


class Load:
    """All of a life over one connection, a phase pipelined in eights, answers read and used."""

    def __init__(self, redis):
        self.redis = redis

    def many(self, calls):
        out, calls = [], list(calls)
        for i in range(0, len(calls), 8):
            for call in calls[i:i + 8]:
                self.redis.send('FCALL', *call)
            for _ in calls[i:i + 8]:
                reply = self.redis.read()
                if isinstance(reply, resp.RedisError):
                    raise reply
                out.append(reply)
        return out


class BlockLoad(Load):
    name = 'by the batch'

    def run(self, size, claim):
        c = P + ':c'
        lengths, bodies = struct.pack('>I', len(BODY)) * size, BODY * size
        names = ['stem-%x' % i for i in range(TASKS // size)]
        self.many(('blocks_enqueue', 1, c, 'brokerAA', b, size, TTL, lengths, bodies) for b in names)
        memory = int(re.search(rb'used_memory:(\d+)', self.redis('INFO', 'memory'))[1])
        self.many(('blocks_wait', 1, c, 'brokerAA', b) for b in names)
        got = self.many(('blocks_claim', 1, c, 'brokerAA', SID, claim) for _ in range(TASKS // claim))
        acks = []
        for flat in got:
            args = []
            for i in range(0, len(flat), 6):
                n = len(flat[i + 3])
                args += [flat[i], flat[i + 1], b'\2' * n, outcomes(flat[i + 2], n)]
            acks.append(('blocks_ack', 1, c, SID, *args))
        self.many(acks)
        assert self.redis('HGET', c, 'done') == b'%d' % TASKS
        return memory


class RecordLoad(Load):
    name = 'a record a task'
    c = 'kr:{default/records/0}:c'

    def run(self, size, claim):
        tail = bench.TAIL[:-len(BODY)] + BODY
        ids = ['stem-%x' % i for i in range(TASKS)]
        runs = [ids[i:i + size] for i in range(0, TASKS, size)]
        self.many(('kr2_enqueue', 1, self.c, 'brokerAA', 0, *[x for k in run for x in (k, tail)]) for run in runs)
        memory = int(re.search(rb'used_memory:(\d+)', self.redis('INFO', 'memory'))[1])
        self.many(('kr2_wait', 1, self.c, 'brokerAA', *run) for run in runs)
        got = self.many(('kr2_claim', 1, self.c, 'brokerAA', 15000, SID, claim) for _ in range(TASKS // claim))
        ctl = struct.pack('>I16sBB', 1, SID.encode(), 4, 0) + bench.six(0)
        self.many(('kr2_ack', 1, self.c, 'brokerAA', 1, SID, len(reply[3::2]), *[x for k in reply[3::2] for x in (k, ctl, OUTCOME)]) for reply in got)
        assert self.redis('HGET', self.c, 'done') == b'%d' % TASKS
        return memory


def main():
    with resp.Server('--appendonly', 'yes', '--appendfsync', 'everysec') as server:
        redis = server.client()
        redis('FUNCTION', 'LOAD', '#!lua name=blocks\n' + open(os.path.join(HERE, 'blocks.lua')).read())
        redis('FUNCTION', 'LOAD', bench.source())
        check(redis)
        print('the sketch keeps its promises')
        if '--check' in sys.argv[1:]:
            return
        print('%-16s %9s %9s  %14s %14s %12s' % ('', 'enqueued', 'claimed', 'Redis µs/task', 'in functions', 'bytes queued'))
        for size, claim in ((200, 200), (200, 50), (50, 50), (200, 10), (10, 10), (1, 1)):
            rows = {}
            for _ in range(ROUNDS):
                for load in (RecordLoad(redis), BlockLoad(redis)):
                    redis('FLUSHALL')
                    empty = int(re.search(rb'used_memory:(\d+)', redis('INFO', 'memory'))[1])
                    redis('CONFIG', 'RESETSTAT')
                    before = cpu(redis)
                    memory = load.run(size, claim)
                    after = cpu(redis)
                    rows.setdefault(load.name, []).append(((after[0] - before[0]) / TASKS * 1e6, (after[1] - before[1]) / TASKS, (memory - empty) / TASKS))
            for name, values in rows.items():
                print('%-16s %9d %9d  %14.2f %14.2f %12.0f' % (name, size, claim, *[statistics.median(v) for v in zip(*values)]), flush=True)


if __name__ == '__main__':
    main()
