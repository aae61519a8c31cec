# SPDX-License-Identifier: Apache-2.0
"""Starts krait-broker for tests: free ports, its ready line, its end. KRAIT_BUILD names the build folder."""
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

from patience import patience

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get('KRAIT_BUILD') or os.path.join(TOP, 'build')
BROKER = os.path.join(BUILD, 'krait-broker')


def until(condition, what, seconds=30):
    """Polls the condition; what it returns once it is true."""
    seconds = patience(seconds)
    deadline = time.monotonic() + seconds
    while True:
        got = condition()
        if got:
            return got
        if time.monotonic() > deadline:
            raise AssertionError('waited %d s in vain: %s' % (seconds, what))
        time.sleep(0.01)


def alive(pid):
    """Neither gone nor a zombie."""
    try:
        with open('/proc/%d/stat' % pid) as file:
            return file.read().rsplit(')', 1)[1].split()[0] not in 'ZX'
    except OSError:
        return False


class Broker:
    def __init__(self, *options, data=False, listen='krait://127.0.0.1:0'):
        self.options, self.listen = list(options), listen
        self.dir = tempfile.mkdtemp(prefix='krait-test-')
        if data:
            self.options += ['--data', os.path.join(self.dir, 'data')]
        self.process = None
        self.log = open(os.path.join(self.dir, 'log'), 'ab')

    def start(self):
        # A client of the tests beats only while it reads, so how long it may be silent is a deadline like any other. A test's own --ttl goes before.
        env = dict(os.environ, KRAIT_BROKER_TTL='%ds' % patience(15))
        self.process = subprocess.Popen(
            [BROKER, '--listen', self.listen, '--http', '127.0.0.1:0', *self.options],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log, env=env)
        line = self.process.stdout.readline().decode()
        if not line.startswith('ready listen='):
            raise AssertionError('no ready line but %r; log:\n%s' % (line, self.said()))
        self.address, self.http = [part.split('=', 1)[1] for part in line.split()[1:]]
        self.listen = self.address          # a restart comes back to the same place
        return self

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.__exit__()
            raise

    def said(self):
        with open(os.path.join(self.dir, 'log'), errors='replace') as file:
            return file.read()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()

    def stop(self, seconds=20):
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(patience(seconds))
        self.process.stdout.close()
        self.process = None
        return status

    def get(self, path, **headers):
        """(status, text)"""
        try:
            with urllib.request.urlopen(urllib.request.Request(self.http + path, headers=headers), timeout=patience(20)) as r:
                return r.status, r.read().decode()
        except urllib.error.HTTPError as e:
            with e:
                return e.code, e.read().decode()

    def metric(self, name, **labels):
        text = self.get('/metrics')[1]
        want = name + ('{%s}' % ','.join('%s="%s"' % kv for kv in labels.items()) if labels else '')
        for line in text.splitlines():
            if line.rsplit(' ', 1)[0] == want:
                return float(line.rsplit(' ', 1)[1])

    def redis_pid(self):
        with open(os.path.join(self.dir, 'data', 'redis', 'pid')) as file:
            return int(file.read())

    def kill_redis(self):
        """Kills the private Redis if it runs; it may be on its way up or down."""
        try:
            pid = self.redis_pid()
            with open('/proc/%d/comm' % pid) as file:
                if file.read().startswith('redis-server'):
                    os.kill(pid, signal.SIGKILL)
        except (OSError, ValueError):
            pass

    def __exit__(self, *_):
        if self.process and self.process.poll() is None:
            try:
                self.stop()
            except subprocess.TimeoutExpired:
                self.kill()
        self.kill_redis()                               # a killed broker leaves its redis-server behind
        self.log.close()
        shutil.rmtree(self.dir, ignore_errors=True)
