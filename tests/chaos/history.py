# SPDX-License-Identifier: Apache-2.0
"""What happened to each task, put together from three logs that know nothing of each other: the producer's (load.py), the executions' (tasks.py) and Redis' own
append-only file, which holds every write of every function in order, over all restarts. What is right is judge.py's to say."""
import collections
import glob
import json
import mmap
import os

NONE, QUEUED, DELAYED, ACTIVE, DONE, DEAD, CANCELLED = range(7)
NAMES = ('NONE', 'QUEUED', 'DELAYED', 'ACTIVE', 'DONE', 'DEAD', 'CANCELLED')
ENDED = (DONE, DEAD, CANCELLED)
HEAD = 94                      # bytes of a record's fixed front: broker/functions/record.lua

Move = collections.namedtuple('Move', 'ms state reason attempt session deliveries retries')
Run = collections.namedtuple('Run', 't what attempt retries worker')


class Task:
    """Everything known of one id."""
    __slots__ = ('kind', 'sent', 'accepted', 'told', 'moves', 'runs', 'gone')

    def __init__(self):
        self.kind, self.sent, self.accepted, self.told = None, [], [], []
        self.moves, self.runs, self.gone = [], [], 0

    def state(self):
        return self.moves[-1].state if self.moves else NONE

    def lines(self, id_):
        events = [(t, 'sent (%s)' % self.kind) for t in self.sent] + [(t, 'accepted by ' + how) for t, how in self.accepted]
        events += [(t, 'the producer was told: %s' % (what,)) for t, what in self.told]
        events += [(m.ms / 1000, 'Redis: %s%s attempt %d session %s deliveries %d retries %d' %
                    (NAMES[m.state], ' reason %d' % m.reason if m.reason else '', m.attempt, m.session, m.deliveries, m.retries)) for m in self.moves]
        events += [(r.t, '%s on %s, attempt %d retries %d' % ({'S': 'begun', 'E': 'finished'}[r.what], r.worker, r.attempt, r.retries)) for r in self.runs]
        return ['history of %s:' % id_] + ['  %.3f %s' % e for e in sorted(events, key=lambda e: e[0])]


class History:
    """tasks: id -> Task. counters: what Redis counted itself, summed over the queues. faults: what faults.py did."""

    def __init__(self):
        self.tasks = collections.defaultdict(Task)
        self.counters = collections.Counter()
        self.faults, self.notes, self.left_over = [], [], []
        self.stalls = []           # (when it was over, seconds): stall.py
        self.finished = False

    def sessions_of(self, worker):
        """Names of the sessions in which this worker ran something."""
        return self.by_worker.get(worker, set())

    def join(self):
        """Once all logs are read: which session was whose, from the attempts that both logs name."""
        self.by_worker = collections.defaultdict(set)
        for task in self.tasks.values():
            owner = {m.attempt: m.session for m in task.moves if m.state == ACTIVE}
            for run in task.runs:
                if run.attempt in owner:
                    self.by_worker[run.worker].add(owner[run.attempt])
        return self

    # ---- the machine

    def read_stalls(self, path):
        with open(path) as file:
            self.stalls = [tuple(map(float, line.split())) for line in file if line.endswith('\n')]

    def stalled(self, begin, end):
        """The longest wait that touched this time."""
        return max([seconds for when, seconds in self.stalls if when > begin and when - seconds < end], default=0)

    # ---- the producer's log

    def read_load(self, path):
        with open(path) as file:
            for line in file:
                if not line.endswith('\n'):
                    break
                e = json.loads(line)
                what, t = e['what'], e['t']
                if what == 'sent':
                    for id_, kind in e['tasks'].items():
                        self.tasks[id_].kind = kind
                        self.tasks[id_].sent.append(t)
                elif what == 'accepted':
                    for id_ in e['ids']:
                        self.tasks[id_].accepted.append((t, e['how']))
                elif what == 'told':
                    for id_, told in e['results'].items():
                        self.tasks[id_].told.append((t, told))
                elif what == 'finished':
                    self.finished = True
                elif what not in ('state', 'cancelled'):
                    self.notes.append(e)

    # ---- what the tasks said of themselves

    def read_runs(self, worker, path):
        with open(path, 'rb') as file:
            for line in file:
                if line[:1] == b'@' and line.endswith(b'\n'):
                    what, id_, attempt, retries, t = line[1:].decode().split()
                    self.tasks[id_].runs.append(Run(float(t), what, int(attempt), int(retries), worker))

    # ---- Redis' log

    def read_aof(self, directory):
        heads = {}
        for path in sorted(glob.glob(os.path.join(directory, 'appendonlydir', '*.incr.aof')), key=lambda p: int(p.rsplit('.', 3)[1])):
            for words in commands(path):
                self.apply(words, heads)

    def apply(self, words, heads):
        name = words[0].upper()
        if name in (b'SET', b'SETNX'):
            self.wrote(words[1], words[2][:HEAD], heads)
        elif name in (b'MSET', b'MSETNX'):
            for i in range(1, len(words), 2):
                self.wrote(words[i], words[i + 1][:HEAD], heads)
        elif name == b'SETRANGE' and b':t:' in words[1] and int(words[2]) < HEAD and words[1] in heads:
            at, head = int(words[2]), heads[words[1]]
            self.wrote(words[1], (head[:at] + words[3] + head[at + len(words[3]):])[:HEAD], heads)
        elif name in (b'DEL', b'UNLINK'):
            for key in words[1:]:
                if heads.pop(key, None) is not None:
                    self.tasks[task_id(key)].gone += 1
        elif name in (b'HINCRBY', b'HSET') and words[1].endswith(b'}:c') and len(words) == 4 and words[2] in (b'done', b'died', b'cancelled', b'queued', b'active'):
            field = words[2].decode()
            if name == b'HINCRBY':
                self.counters[field] += int(words[3])

    def wrote(self, key, head, heads):
        if b':t:' not in key:
            return
        if head[0] != 1:
            raise ValueError('%r is a record of version %d; history.py reads version 1' % (key, head[0]))
        old = heads.get(key)
        heads[key] = head
        if old is not None and old[1:2] == head[1:2] and old[9:29] == head[9:29]:
            return
        number = int.from_bytes
        self.tasks[task_id(key)].moves.append(Move(number(head[3:9], 'big'), head[1], head[2], number(head[9:13], 'big'), head[13:29].rstrip(b'\0').decode(),
                                                   number(head[35:37], 'big'), number(head[37:39], 'big')))


def task_id(key):
    """kr:{NS/QUEUE/PART}:t:KEY -> QUEUE/KEY"""
    place, rest = key[4:].split(b'}:t:', 1)
    return '%s/%s' % (place.split(b'/')[1].decode(), rest.decode())


def commands(path):
    """The commands of an append-only file; one that was cut off by a kill is left out, as Redis does."""
    with open(path, 'rb') as file:
        if not os.path.getsize(path):
            return
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        at, end = 0, len(data)
        while at < end:
            stop = data.find(b'\r\n', at)
            if stop < 0:
                return
            if data[at] != 42:         # '#': a remark
                at = stop + 2
                continue
            words, n, at = [], int(data[at + 1:stop]), stop + 2
            for _ in range(n):
                stop = data.find(b'\r\n', at)
                if stop < 0:
                    return
                size = int(data[at + 1:stop])
                at = stop + 2
                if at + size + 2 > end:
                    return
                words.append(data[at:at + size])
                at += size + 2
            yield words
