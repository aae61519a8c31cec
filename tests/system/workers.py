# SPDX-License-Identifier: Apache-2.0
"""Starts krait-worker for tests: an app file of its own, its ready line, its processes, its end. The broker is brokers.py's."""
import os
import re
import shutil
import signal
import subprocess
import tempfile
import urllib.error
import urllib.request

from brokers import BUILD, alive, until
from patience import patience

WORKER = os.path.join(BUILD, 'krait-worker')

APP = '''
import time
from krait import App

app = App('tasks')


@app.task
def add(a, b=1):
    return a + b


@app.task
def fail(n):
    raise ValueError('boom %d' % n)


@app.task
def sleep(ms):
    time.sleep(ms / 1000)
    return ms


@app.task
def spin(ms):
    end = time.monotonic() + ms / 1000
    while time.monotonic() < end:
        pass
    return ms


@app.task
def nothing_to_send():
    return object()
'''


def parent_of(pid):
    try:
        with open('/proc/%d/stat' % pid) as file:
            return int(file.read().rsplit(')', 1)[1].split()[1])
    except OSError:
        return None


def name_of(pid):
    try:
        with open('/proc/%d/comm' % pid) as file:
            return file.read().strip()
    except OSError:
        return None


class WorkerProcess:
    def __init__(self, address, *options, app=APP, wait=True):
        self.address, self.options, self.wait = address, list(options), wait
        self.dir = tempfile.mkdtemp(prefix='krait-worker-')
        self.app = os.path.join(self.dir, 'tasks.py')
        self.write(app)
        self.process, self.http = None, None
        self.log = open(os.path.join(self.dir, 'log'), 'ab')

    def write(self, text):
        with open(self.app, 'w') as file:
            file.write(text)

    def __enter__(self):
        env = dict(os.environ, KRAIT_BROKER=self.address)
        self.process = subprocess.Popen([WORKER, '--app', self.app, '--http', '127.0.0.1:0', *self.options], env=env,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log, cwd=self.dir)
        if self.wait:
            try:
                self.ready()
            except BaseException:
                self.__exit__()
                raise
        return self

    def ready(self):
        line = self.process.stdout.readline().decode()
        if not line.startswith('ready http='):
            raise AssertionError('no ready line but %r; log:\n%s' % (line, self.said()))
        self.http = line.strip().split('=', 1)[1]

    def said(self):
        with open(os.path.join(self.dir, 'log'), errors='replace') as file:
            return file.read()

    def tree(self):
        """All its processes, itself first."""
        parents = {int(p): parent_of(int(p)) for p in os.listdir('/proc') if p.isdigit()}
        found = [self.process.pid]
        for pid in found:
            found += [p for p, parent in parents.items() if parent == pid and p not in found]
        return found

    def children(self):
        return [p for p in self.tree() if name_of(p) == 'krait-child']

    def kill_tree(self):
        pids = self.tree()
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()
        until(lambda: not any(alive(p) for p in pids), 'the killed worker is gone')

    def signal(self, number):
        self.process.send_signal(number)

    def end(self, seconds=30):
        return self.process.wait(patience(seconds))

    def get(self, path):
        try:
            with urllib.request.urlopen(self.http + path, timeout=patience(20)) as reply:
                return reply.status, reply.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def metric(self, series):
        found = re.search('^%s (.*)$' % re.escape(series), self.get('/metrics')[1], re.M)
        return float(found.group(1)) if found else None

    def busy(self):
        return self.metric('krait_worker_slots{state="busy"}')

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.kill_tree()
        self.process.stdout.close()
        self.log.close()
        shutil.rmtree(self.dir, ignore_errors=True)


def run(*args, **env):
    """(status, stdout, stderr) of a krait-worker that ends by itself."""
    done = subprocess.run([WORKER, *args], env=dict(os.environ, **env), stdin=subprocess.DEVNULL, capture_output=True, timeout=patience(60))
    return done.returncode, done.stdout.decode(), done.stderr.decode()
