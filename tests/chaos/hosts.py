# SPDX-License-Identifier: Apache-2.0
"""Several hosts on one machine: network namespaces on a bridge, whose cables can be pulled. What runs on them is stack.py's."""
import ctypes
import os
import re
import socket
import subprocess
import threading

NET = '10.77.0.'


def ip(*words, check=True):
    done = subprocess.run(['ip', *words], capture_output=True, text=True)
    if check and done.returncode:
        raise RuntimeError('ip %s: %s' % (' '.join(words), done.stderr.strip()))
    return done.stdout


def sweep():
    """Takes away the namespaces of runs that ended without doing so."""
    for name in re.findall(r'^(krc(\d+)-\S+)', ip('netns', 'list'), re.M):
        if not os.path.exists('/proc/' + name[1]):
            ip('netns', 'del', name[0], check=False)


class Hosts:
    """Every host has one cable to the switch. A cut cable loses packets in silence, as a dead switch does; one that is
    pulled tells its host; a broken route refuses packets of one host to another."""

    def __init__(self, names):
        sweep()
        self.prefix = 'krc%d-' % os.getpid()
        self.address = {name: NET + str(2 + i) for i, name in enumerate(names)}
        self.made = []
        try:
            self.make('switch')
            self.on('switch', 'link', 'add', 'br0', 'type', 'bridge')
            self.on('switch', 'link', 'set', 'br0', 'up')
            for name in names:
                self.make(name)
                self.plug(name)
        except BaseException:
            self.close()
            raise

    def make(self, name):
        ip('netns', 'add', self.prefix + name)
        self.made.append(name)
        self.on(name, 'link', 'set', 'lo', 'up')

    def on(self, name, *words, check=True):
        return ip('-n', self.prefix + name, *words, check=check)

    def plug(self, name):
        self.on('switch', 'link', 'add', 'p-' + name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', self.prefix + name)
        self.on('switch', 'link', 'set', 'p-' + name, 'master', 'br0', 'up')
        self.on(name, 'addr', 'add', self.address[name] + '/24', 'dev', 'eth0')
        self.on(name, 'link', 'set', 'eth0', 'up')

    def command(self, name, argv):
        """argv as it runs on that host; it keeps its process id."""
        return ['nsenter', '--net=/run/netns/' + self.prefix + name, *argv]

    def http(self, name, port, path):
        """What a server on that host's loopback answers, or nothing. A thread of its own goes there: only threads have namespaces."""
        answer = []
        thread = threading.Thread(target=self.fetch, args=(name, port, path, answer))
        thread.start()
        thread.join()
        return b''.join(answer)

    def fetch(self, name, port, path, answer):
        with open('/run/netns/' + self.prefix + name) as file:
            if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), 0x40000000):
                raise OSError(ctypes.get_errno(), 'setns')
        try:
            with socket.create_connection(('127.0.0.1', port), timeout=2) as sock:
                sock.sendall(b'GET %s HTTP/1.0\r\nHost: 127.0.0.1:%d\r\n\r\n' % (path.encode(), port))
                while more := sock.recv(4096):
                    answer.append(more)
        except OSError:
            del answer[:]

    def cut(self, name):
        self.on('switch', 'link', 'set', 'p-' + name, 'down')

    def mend(self, name):
        self.on('switch', 'link', 'set', 'p-' + name, 'up')

    def pull(self, name):
        self.on(name, 'link', 'set', 'eth0', 'down')

    def push(self, name):
        self.on(name, 'link', 'set', 'eth0', 'up')
        self.mend(name)

    def bar(self, name, other):
        self.on(name, 'route', 'replace', 'blackhole', self.address[other] + '/32')

    def unbar(self, name, other):
        self.on(name, 'route', 'del', 'blackhole', self.address[other] + '/32', check=False)

    def close(self):
        for name in self.made:
            ip('netns', 'del', self.prefix + name, check=False)
        self.made = []
