#!/usr/bin/python3.11
# SPDX-License-Identifier: Apache-2.0
"""What the life of a task costs inside the Redis functions: microseconds a task, by function and batch size.

    bench.py [LIBRARY.lua …]      each a joined library; default: the one of the sources

Redis' own time of the FCALLs (commandstats), best of some rounds, so that other load on the machine counts little. Give two
libraries to compare them in turns on one server.
"""
import os
import re
import struct
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
sys.path.insert(0, os.path.join(TOP, 'tests', 'system'))
import resp

FUNCTIONS = os.path.join(TOP, 'broker', 'functions')
ORDER = re.findall(r'functions/(\w+)\.lua', re.search(r'broker_functions = (.*?)\n\n', open(os.path.join(TOP, 'broker', 'local.mk')).read(), re.S)[1])
ROUNDS, TASKS = 7, 4000
SID = '0123456789abcdef'


def six(n):
    return struct.pack('>Q', n)[2:]


TAIL = (struct.pack('>BB', 4, 0) + six(0) + six(0) + six(86400000) + six(600000) + struct.pack('>BHBI', 3, 0, 0, 80) + b'x' * 80)


def source():
    return '#!lua name=krait_v2\n' + ''.join(open(os.path.join(FUNCTIONS, n + '.lua')).read() for n in ORDER)


class Bench:
    def __init__(self, server, text, number):
        self.redis = server.client()
        old = re.search(r"'(kr\d_)'", text)[1]
        name = 'b%d_' % number
        text = re.sub(r'^#!lua name=\S+', '#!lua name=bench%d' % number, text).replace("'%s'" % old, "'%s'" % name)
        self.redis('FUNCTION', 'LOAD', text)
        self.name, self.c = name, 'kr:{default/bench%d/0}:c' % number

    def timed(self, function, args_of, batches):
        """Microseconds of all calls; their answers."""
        self.redis('CONFIG', 'RESETSTAT')
        answers = []
        for batch in batches:
            answers.append(self.redis('FCALL', self.name + function, 1, self.c, *args_of(batch)))
        usec = int(re.search(rb'cmdstat_fcall:calls=\d+,usec=(\d+)', self.redis('INFO', 'commandstats'))[1])
        return usec, answers

    def round(self, size):
        batches = [['k%d' % (base + i) for i in range(size)] for base in range(0, TASKS, size)]
        cost = {}
        cost['enqueue'], _ = self.timed('enqueue', lambda b: ['brokerAA', 0] + [x for k in b for x in (k, TAIL)], batches)
        cost['wait'], _ = self.timed('wait', lambda b: ['brokerAA'] + b, batches)
        cost['claim'], claimed = self.timed('claim', lambda b: ['brokerAA', 15000, SID, len(b)], batches)
        ids = [[k for k in reply[3::2]] for reply in claimed]
        ctl = struct.pack('>I16sBB', 1, SID.encode(), 4, 0) + six(0)
        cost['ack'], _ = self.timed('ack', lambda b: ['brokerAA', 1, SID, len(b)] + [x for k in b for x in (k, ctl, b'r' * 30)], ids)
        self.redis('FLUSHALL')
        return {k: v / TASKS for k, v in cost.items()}


def main():
    texts = [open(path).read() for path in sys.argv[1:]] or [source()]
    names = sys.argv[1:] or ['source']
    with resp.Server() as server:
        benches = [Bench(server, text, i) for i, text in enumerate(texts)]
        print('%-40s %5s  %s' % ('library', 'batch', '  '.join('%7s' % n for n in ('enqueue', 'wait', 'claim', 'ack', 'sum'))))
        for size in (200, 20, 1):
            best = [None] * len(benches)
            for _ in range(ROUNDS):
                for i, bench in enumerate(benches):
                    cost = bench.round(size)
                    best[i] = {k: min(v, (best[i] or cost)[k]) for k, v in cost.items()}
            for name, cost in zip(names, best):
                print('%-40s %5d  %s' % (name[-40:], size, '  '.join('%7.2f' % v for v in [*cost.values(), sum(cost.values())])))


if __name__ == '__main__':
    main()
