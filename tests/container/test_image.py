# SPDX-License-Identifier: Apache-2.0
"""The container image: it builds from a bare Debian, is small, and its programs work without root, without
capabilities and on a read-only root, for a broker outside it.

What tasks can do is left to the system tests.
"""

import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import unittest
import urllib.request

import roots

DEADLINE = 60
NAME = "localhost/krait-test"
USER = 65532
TASKS = """
from krait import App
app = App('tasks')

@app.task
def add(a, b):
    return a + b
"""


def until(condition, what):
    """Returns the first true value of condition(), asked again and again until the deadline."""
    end = time.monotonic() + DEADLINE
    while not (value := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"not within {DEADLINE} s: {what}")
        time.sleep(0.02)
    return value


class Image(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        built = subprocess.run([roots.TOP / "deploy/image", roots.base_tar(), "--name", NAME], stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if built.returncode:
            raise AssertionError("deploy/image failed:\n" + built.stdout[-6000:])
        cls.stated = built.stdout.splitlines()[-1]
        cls.container = subprocess.run(["buildah", "from", "--pull-never", NAME], check=True, capture_output=True, text=True).stdout.strip()
        cls.root = subprocess.run(["buildah", "mount", cls.container], check=True, capture_output=True, text=True).stdout.strip()
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="krait-image."))
        (cls.folder / "app").mkdir()
        (cls.folder / "app/tasks.py").write_text(TASKS)
        cls.folder.chmod(0o755)
        # The mount point, made while the root can still be written.
        pathlib.Path(cls.root, "app").mkdir(exist_ok=True)

    @classmethod
    def tearDownClass(cls):
        subprocess.run(["buildah", "umount", cls.container], stdout=subprocess.DEVNULL)
        subprocess.run(["buildah", "rm", cls.container], stdout=subprocess.DEVNULL)
        shutil.rmtree(cls.folder)

    def setUp(self):
        self.running = []

    def tearDown(self):
        for process in self.running:
            if process.poll() is None:
                process.kill()
            process.wait()
            process.stdout.close()

    def inside(self, *command, env=()):
        return roots.enter(self.root, command, binds=[(self.folder / "app", "/app")], read_only=True, user=USER, env=env)

    def run_inside(self, *command):
        return subprocess.run(self.inside(*command), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=DEADLINE)

    def start(self, argv, env=None):
        """Starts a daemon and returns it and its ready line."""
        process = subprocess.Popen([str(a) for a in argv], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, env=env)
        self.running.append(process)
        line = process.stdout.readline()
        self.assertTrue(line.startswith("ready"), f"{argv[0]} said {line!r}")
        return process, line

    def krait(self, broker, *arguments):
        done = subprocess.run([roots.BUILD / "krait", *arguments], env={"KRAIT_BROKER": broker, "PATH": "/usr/bin:/bin"}, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=DEADLINE)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.strip()

    def depth(self, broker, http):
        """Returns the depth of queue `default` as `krait queues` and as /metrics say it, once they agree."""
        def same():
            queues = {q["queue"]: q for q in json.loads(self.krait(broker, "queues", "--json"))}
            listed = queues.get("default", {}).get("depth", 0)
            with urllib.request.urlopen(f"{http}/metrics", timeout=DEADLINE) as answer:
                found = re.search(r'^krait_queue_depth\{[^}]*queue="default"[^}]*state="queued"[^}]*\} (\d+)', answer.read().decode(), re.M)
            return (listed,) if found and int(found[1]) == listed else None
        return until(same, "krait queues and /metrics agree")[0]

    def test_size_is_stated_and_small(self):
        found = re.search(r"(\d+) MB unpacked, (\d+) MB beyond its base", self.stated)
        self.assertTrue(found, self.stated)
        print(f"# {self.stated}")
        self.assertLess(int(found[2]), 60)

    def test_every_program_runs(self):
        for program in ("krait", "krait-broker", "krait-worker", "krait-python"):
            with self.subTest(program):
                done = self.run_inside(program, "--version")
                self.assertEqual(done.returncode, 0, done.stderr)

    def test_nobody_and_read_only(self):
        self.assertEqual(self.run_inside("id", "-u").stdout.strip(), str(USER))
        self.assertEqual(re.search(r"CapBnd:\s*(\w+)", self.run_inside("cat", "/proc/self/status").stdout)[1].strip("0"), "")
        self.assertNotEqual(self.run_inside("touch", "/x").returncode, 0)
        self.assertEqual(self.run_inside("touch", "/tmp/x", "/data/x").returncode, 0)

    def test_image_names_the_user(self):
        out = subprocess.run(["buildah", "inspect", "--type", "image", NAME], check=True, capture_output=True, text=True).stdout
        config = json.loads(out)["OCIv1"]["config"]
        self.assertEqual(config["User"], f"{USER}:{USER}")
        self.assertNotIn("Entrypoint", config)

    def work_for_a_broker_outside(self, *mode):
        _, line = self.start([roots.BUILD / "krait-broker", "--listen", "krait://127.0.0.1:0", "--http", "127.0.0.1:0", "--data", tempfile.mkdtemp(dir=self.folder)])
        broker, http = (re.search(rf"{key}=(\S+)", line)[1].split(",")[0] for key in ("listen", "http"))
        ids = [self.krait(broker, "enqueue", "tasks.add", str(n), "1") for n in range(5)]
        until(lambda: self.depth(broker, http) == 5, "a depth of 5 while no worker runs")
        worker, _ = self.start(self.inside("krait-worker", "--app", "/app/tasks.py", "--broker", broker, *mode))
        self.assertEqual([self.krait(broker, "result", i, "--wait", str(DEADLINE)) for i in ids], [str(n + 1) for n in range(5)])
        until(lambda: self.depth(broker, http) == 0, "a depth of 0 after it")
        # unshare passes no signal on; its only child is process 1 inside.
        subprocess.run(["pkill", "-TERM", "-P", str(worker.pid)], check=True)
        self.assertEqual(worker.wait(DEADLINE), 0)

    def test_worker_with_processes(self):
        self.work_for_a_broker_outside("--mode", "gil", "--processes", "2")

    def test_worker_free_threaded(self):
        self.work_for_a_broker_outside("--mode", "free-threaded", "--threads", "2")

    def test_broker_with_its_embedded_redis(self):
        broker, line = self.start(self.inside("krait-broker", "--listen", "krait://127.0.0.1:0", "--http", "127.0.0.1:0", "--data", "/data"))
        url = re.search(r"listen=(\S+)", line)[1]
        self.krait(url, "enqueue", "tasks.add", "1", "2")
        self.assertIn("default", self.krait(url, "queues"))
        subprocess.run(["pkill", "-TERM", "-P", str(broker.pid)], check=True)
        self.assertEqual(broker.wait(DEADLINE), 0)


if __name__ == "__main__":
    unittest.main()
