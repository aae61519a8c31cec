# SPDX-License-Identifier: Apache-2.0
"""The daemons of a chaos run, each on a host of hosts.py: start, kill, stop, and start again what died. Which of them suffers when is faults.py's."""
import hashlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), 'system'))
from brokers import BUILD, until
from workers import alive, name_of, parent_of

HOSTS = ('redis', 'b1', 'b2', 'w1', 'w2', 'w3', 'w4', 'p')
WORKERS = {
    'w1': ('--mode', 'gil', '--processes', '2'),
    'w2': ('--mode', 'free-threaded', '--threads', '2'),
    'w3': ('--mode', 'gil', '--processes', '1', '--threads', '2'),
    'w4': ('--mode', 'free-threaded', '--threads', '3'),
}
PYTHON = '/usr/bin/python3.11'


class Daemon:
    """A program that is started again `rest` seconds after it died, unless it is held down."""

    def __init__(self, stack, name, argv, env=(), stdin=False):
        self.stack, self.name, self.argv = stack, name, argv
        self.env = dict({k: v for k, v in os.environ.items() if not k.startswith('KRAIT_')}, **dict(env))
        self.log = os.path.join(stack.dir, name + '.log')
        self.out = os.path.join(stack.dir, name + '.out')
        self.process, self.died, self.held, self.rest, self.stdin = None, None, False, 0, stdin

    def start(self):
        with open(self.log, 'ab') as log, open(self.out, 'ab') as out:
            self.process = subprocess.Popen(self.stack.hosts.command(self.name, self.argv), env=self.env, stdout=out, stderr=log,
                                            stdin=subprocess.PIPE if self.stdin else subprocess.DEVNULL, cwd=self.stack.dir)
        self.died = None
        return self

    @property
    def pid(self):
        return self.process.pid

    def up(self):
        return self.process is not None and self.process.poll() is None

    def tree(self):
        """It and its descendants, itself first."""
        parents = {int(p): parent_of(int(p)) for p in os.listdir('/proc') if p.isdigit()}
        found = [self.pid]
        for pid in found:
            found += [p for p, parent in parents.items() if parent == pid and p not in found]
        return found

    def children(self):
        return [p for p in self.tree() if name_of(p) == 'krait-child']

    def signal(self, number, pids=None):
        for pid in pids or [self.pid]:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    def said(self, lines=30):
        with open(self.log, errors='replace') as file:
            return ''.join(line for line in file.readlines() if not line.startswith('@'))[-160 * lines:]


class Stack:
    def __init__(self, hosts, directory, ttl=None, grace=None):
        self.hosts, self.dir = hosts, directory
        self.token = secrets.token_hex(16)
        tokens = os.path.join(directory, 'tokens')
        with open(os.open(tokens, os.O_WRONLY | os.O_CREAT, 0o600), 'w') as file:
            file.write('chaos sha256:%s enqueue,consume,read,admin\n' % hashlib.sha256(self.token.encode()).hexdigest())
        self.data = os.path.join(directory, 'redis')
        os.mkdir(self.data)
        self.socket = os.path.join(directory, 'redis.sock')
        self.address = {b: 'krait://%s:7248' % hosts.address[b] for b in ('b1', 'b2')}
        self.redis = Daemon(self, 'redis', self.redis_argv())
        self.brokers = {b: Daemon(self, b, [os.path.join(BUILD, 'krait-broker'), '--listen', self.address[b], '--http', '127.0.0.1:7249', '--redis',
                                            'redis://%s:6379' % hosts.address['redis'], '--tokens', tokens,
                                            *(['--ttl', ttl] if ttl else []), *(['--grace', grace] if grace else [])]) for b in ('b1', 'b2')}
        self.workers = {w: Daemon(self, w, [os.path.join(BUILD, 'krait-worker'), '--app', os.path.join(HERE, 'tasks.py'), '--queues', 'default,other', '--name', w,
                                            *[x for a in self.address.values() for x in ('--broker', a)], *options], {'KRAIT_TOKEN': self.token})
                        for w, options in WORKERS.items()}
        self.all = {'redis': self.redis, **self.brokers, **self.workers}

    def redis_argv(self):
        return ['redis-server', '--bind', self.hosts.address['redis'], '--protected-mode', 'no', '--unixsocket', self.socket, '--dir', self.data, '--save', '',
                '--appendonly', 'yes', '--appendfsync', 'always', '--auto-aof-rewrite-percentage', '0', '--maxmemory-policy', 'noeviction']

    def start(self):
        self.redis.start()
        until(self.answers, 'Redis answers')
        for daemon in list(self.brokers.values()) + list(self.workers.values()):
            daemon.start()
        for daemon in list(self.brokers.values()) + list(self.workers.values()):
            until(lambda: self.has_begun(daemon), '%s is ready; it said:\n%s' % (daemon.name, daemon.said()), 60)

    def has_begun(self, daemon):
        with open(daemon.out) as file:
            return 'ready' in file.read()

    def answers(self):
        try:
            return self.ask('PING') == 'PONG'
        except (OSError, RuntimeError):       # not there, or loading
            return False

    def is_ready(self, broker):
        """What the broker's /readyz says, asked on its own host."""
        return b' 200 ' in self.hosts.http(broker, 7249, '/readyz')[:15]

    def dying(self, queues, alive_ms):
        """Sessions that hold something and for which nobody has beaten of late."""
        seconds, micros = self.ask('TIME')
        now = int(seconds) * 1000 + int(micros) // 1000
        out = []
        for queue in queues:
            flat = self.ask('ZRANGE', 'kr:{default/%s/0}:ls' % queue, 0, -1, 'WITHSCORES')
            out += [sid for sid, deadline in zip(flat[::2], flat[1::2]) if float(deadline) < now + alive_ms]
        return out

    def holds(self, worker, queues):
        """Whether the worker of that name has tasks in hand: by its line in the list of workers, a message in which the name is a short text."""
        flat = self.ask('HGETALL', 'kr:{default/workers}')
        sids = [sid.decode() for sid, line in zip(flat[::2], flat[1::2]) if bytes([len(worker)]) + worker.encode() in line]
        return any(self.ask('SCARD', 'kr:{default/%s/0}:l:%s' % (q, sid)) for sid in sids for q in queues)

    def ask(self, *words):
        """One command to Redis over its unix socket."""
        return self.ask_many([words])[0]

    def ask_many(self, commands):
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(30)
            sock.connect(self.socket)
            sock.sendall(b''.join(b'*%d\r\n' % len(c) + b''.join(b'$%d\r\n%s\r\n' % (len(w), w) for w in [x if isinstance(x, bytes) else str(x).encode() for x in c])
                                  for c in commands))
            file = sock.makefile('rb')
            return [answer(file) for _ in commands]

    def tend(self):
        """Starts again what died long enough ago. Called all the time."""
        now = time.monotonic()
        for daemon in self.all.values():
            if daemon.up() or daemon.process is None:
                continue
            daemon.died = daemon.died or now
            if not daemon.held and now - daemon.died >= daemon.rest:
                daemon.start()

    def close(self):
        for daemon in self.all.values():
            if daemon.process is None:
                continue
            pids = daemon.tree() if daemon.up() else []
            daemon.signal(signal.SIGKILL, pids)
            daemon.process.wait()
            until(lambda: not any(alive(p) for p in pids), 'the processes of %s are gone' % daemon.name)


def answer(file):
    line = file.readline()
    if not line.endswith(b'\r\n'):
        raise ConnectionError('Redis closed the connection')
    kind, rest = line[:1], line[1:-2]
    if kind == b'+':
        return rest.decode()
    if kind == b'-':
        raise RuntimeError(rest.decode())
    if kind == b':':
        return int(rest)
    if rest == b'-1':
        return None
    if kind == b'$':
        return file.read(int(rest) + 2)[:-2]
    return [answer(file) for _ in range(int(rest))]
