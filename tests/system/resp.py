# SPDX-License-Identifier: Apache-2.0
"""A tiny RESP2 client and a private redis-server for tests; what is asked of them is left to the tests."""
import os
import shutil
import socket
import subprocess
import tempfile
import time

from patience import patience


class RedisError(Exception):
    pass


class Redis:
    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX)
        try:
            self.sock.connect(path)
        except OSError:
            self.sock.close()
            raise
        self.file = self.sock.makefile('rb')

    def send(self, *args):
        out = [b'*%d\r\n' % len(args)]
        for arg in args:
            if not isinstance(arg, bytes):
                arg = str(arg).encode()
            out.append(b'$%d\r\n%s\r\n' % (len(arg), arg))
        self.sock.sendall(b''.join(out))

    def read(self):
        line = self.file.readline()
        if not line:
            raise EOFError('redis closed the connection')
        kind, rest = line[:1], line[1:-2]
        if kind == b'+':
            return rest
        if kind == b'-':
            return RedisError(rest.decode())
        if kind == b':':
            return int(rest)
        if kind == b'$':
            size = int(rest)
            return None if size < 0 else self.file.read(size + 2)[:-2]
        assert kind == b'*', line
        size = int(rest)
        return None if size < 0 else [self.read() for _ in range(size)]

    def __call__(self, *args):
        self.send(*args)
        reply = self.read()
        if isinstance(reply, RedisError):
            raise reply
        return reply

    def close(self):
        self.file.close()
        self.sock.close()


class Server:
    """redis-server on a unix socket in its own directory; gone with the `with` block."""

    def __init__(self, *options, env=()):
        self.dir = tempfile.mkdtemp(prefix='krait-test-')
        self.path = os.path.join(self.dir, 's')
        self.options = options
        self.launch(env)

    def launch(self, env=()):
        self.process = subprocess.Popen(
            ['redis-server', '--port', '0', '--unixsocket', self.path, '--dir', self.dir, '--save', '',
             '--maxmemory-policy', 'noeviction', *self.options],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=dict(os.environ, **dict(env)))

    def restart(self):
        """Kills it and starts it again on the same files."""
        self.process.kill()
        self.process.wait()
        self.launch()
        return self.__enter__()

    def __enter__(self):
        deadline = time.monotonic() + patience(20)
        while True:
            try:
                self.client().close()
                return self
            except OSError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    self.__exit__()
                    raise
                time.sleep(0.01)

    def client(self):
        return Redis(self.path)

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.dir, ignore_errors=True)
