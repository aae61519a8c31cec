# SPDX-License-Identifier: Apache-2.0
# tests/run: slow
"""The Python package as something to install and to read: pip, its types, its settings, and the README's way from Celery as it is written there. What calls do is
test_python's."""
import ast
import inspect
import logging
import os
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from brokers import TOP, Broker
from workers import WorkerProcess

PACKAGE = os.path.join(TOP, 'sdk/python')
sys.path.insert(0, PACKAGE)
for name in [n for n in os.environ if n.startswith('KRAIT_') and n != 'KRAIT_BUILD']:
    del os.environ[name]
import krait  # noqa: E402
from krait._admin import Admin  # noqa: E402


def read(*path):
    with open(os.path.join(*path), encoding='utf-8') as file:
        return file.read()


class Installed(unittest.TestCase):
    def test_pip_installs_it_without_a_network(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([sys.executable, '-m', 'venv', folder + '/venv'], check=True, capture_output=True)
            done = subprocess.run([folder + '/venv/bin/pip', 'install', '--no-index', '--disable-pip-version-check', PACKAGE], capture_output=True, text=True, cwd=folder)
            self.assertEqual(done.returncode, 0, done.stderr)
            code = 'import krait, os; d = os.path.dirname(krait.__file__); print(krait.__version__, os.path.exists(d + "/py.typed"), os.path.exists(d + "/aio.py"), d)'
            done = subprocess.run([folder + '/venv/bin/python', '-I', '-c', code], capture_output=True, text=True, cwd=folder)
            version, typed, aio, where = done.stdout.split()
            self.assertEqual((version, typed, aio), (krait.__version__, 'True', 'True'), done.stderr)
            self.assertIn(os.path.realpath(folder), os.path.realpath(where))
            done = subprocess.run([folder + '/venv/bin/pip', 'uninstall', '--yes', 'krait'], capture_output=True, text=True)
            self.assertEqual((done.returncode, os.path.exists(where)), (0, False), done.stderr)

    def test_a_source_archive_builds_the_same_wheel(self):
        import importlib.util
        import shutil
        import zipfile
        with tempfile.TemporaryDirectory() as folder:
            spec = importlib.util.spec_from_file_location('backend', os.path.join(PACKAGE, 'backend.py'))
            backend = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(backend)
            name = backend.build_sdist(folder)
            shutil.unpack_archive(os.path.join(folder, name), folder)
            wheel = backend.build_wheel(folder)
            spec = importlib.util.spec_from_file_location('backend2', os.path.join(folder, name[:-7], 'backend.py'))
            again = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(again)
            os.mkdir(folder + '/2')
            self.assertEqual(again.build_wheel(folder + '/2'), wheel)
            with zipfile.ZipFile(os.path.join(folder, wheel)) as one, zipfile.ZipFile(os.path.join(folder, '2', wheel)) as two:
                self.assertEqual({n: one.read(n) for n in one.namelist()}, {n: two.read(n) for n in two.namelist()})


class Typed(unittest.TestCase):
    """__init__.pyi says of every public name what is there, and nothing else."""

    TREE = ast.parse(read(PACKAGE, 'krait', '__init__.pyi'))

    @staticmethod
    def shape(node):
        a = node.args
        return ([x.arg for x in a.posonlyargs + a.args], a.vararg and a.vararg.arg, [x.arg for x in a.kwonlyargs], a.kwarg and a.kwarg.arg,
                len(a.defaults) + sum(d is not None for d in a.kw_defaults))

    @staticmethod
    def real_shape(function):
        spec = inspect.getfullargspec(function)
        return spec.args, spec.varargs, spec.kwonlyargs, spec.varkw, len(spec.defaults or ()) + len(spec.kwonlydefaults or ())

    def test_the_names_are_those_of_the_package(self):
        named = {n.name for n in self.TREE.body if isinstance(n, (ast.ClassDef, ast.FunctionDef))}
        named |= {n.target.id for n in self.TREE.body if isinstance(n, ast.AnnAssign)}
        named |= {n.targets[0].id for n in self.TREE.body if isinstance(n, ast.Assign)}
        self.assertEqual({n for n in named if not n.startswith('_')} - {'Admin'}, set(krait.__all__))

    def test_methods_take_what_they_say(self):
        seen = 0
        for cls in (n for n in self.TREE.body if isinstance(n, ast.ClassDef)):
            real = Admin if cls.name == 'Admin' else getattr(krait, cls.name)
            listed = set()
            for node in cls.body:
                if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    continue
                listed.add(node.name)
                words = [getattr(d, 'id', '') for d in node.decorator_list]
                function = inspect.getattr_static(real, node.name)
                if 'property' in words:
                    self.assertIsInstance(function, property, (cls.name, node.name))
                elif 'overload' not in words:
                    self.assertEqual(self.shape(node), self.real_shape(function), (cls.name, node.name))
                    self.assertEqual(isinstance(node, ast.AsyncFunctionDef), inspect.iscoroutinefunction(function), (cls.name, node.name))
                    seen += 1
            if real.__module__.startswith('krait') and not issubclass(real, BaseException):
                public = {n for n, v in vars(real).items() if not n.startswith('_') and (callable(v) or isinstance(v, property))}
                self.assertEqual(public - listed, set(), cls.name)
        self.assertGreater(seen, 70)

    def test_every_public_thing_says_what_it_does(self):
        for name in krait.__all__:
            thing = getattr(krait, name)
            if inspect.isclass(thing) and thing.__module__.startswith('krait'):
                self.assertTrue(thing.__doc__, name)
        for name, function in vars(krait.App).items():
            if callable(function) and not name.startswith('_'):
                self.assertTrue(function.__doc__, name)


class Settings(unittest.TestCase):
    def env(self, **values):
        for name, value in values.items():
            os.environ[name] = value
            self.addCleanup(os.environ.pop, name, None)

    def test_wrong_ones_are_one_clear_error(self):
        for address in 'http://x', 'krait://', 'krait://host:99999', 'krait://me@host', 'unix://relative', 'kraits://host', 7:
            with self.assertRaises(krait.SettingError) as caught:
                krait.App('a', broker=address)
            self.assertNotIn('\n', str(caught.exception))
        for deadline in 0, -1, 'soon':
            with self.assertRaisesRegex(krait.SettingError, 'deadline'):
                krait.App('a', deadline=deadline)
        with self.assertRaisesRegex(TypeError, 'a task is a function'):
            krait.App('a').task('name')

    def test_the_environment_is_asked(self):
        self.env(KRAIT_DEADLINE='2.5')
        self.assertEqual((krait.App('a').deadline, krait.App('a', deadline=3).deadline), (2.5, 3.0))
        self.env(KRAIT_DEADLINE='x')
        with self.assertRaisesRegex(krait.SettingError, 'KRAIT_DEADLINE'):
            krait.App('a')
        del os.environ['KRAIT_DEADLINE']
        self.env(KRAIT_BROKER='http://x')
        app = krait.App('a')                      # a wrong address harms nobody who only declares tasks
        with self.assertRaisesRegex(krait.SettingError, 'http://x'):
            app.queues()
        self.env(KRAIT_BROKER='unix:///nonexistent/x')
        with self.assertRaises(krait.BrokerUnavailable):
            app.queues()

    def test_a_token_file_that_is_not_there(self):
        with Broker() as broker:
            self.env(KRAIT_TOKEN_FILE='/nonexistent/token')
            with self.assertRaisesRegex(krait.SettingError, '/nonexistent/token'):
                krait.App('a', broker=broker.address).queues()

    def test_importing_opens_nothing(self):
        code = 'import sys; sys.path.insert(0, %r); import krait; app = krait.App("a"); app.task(name="t")(print); print(sorted(set(sys.modules) & {"asyncio", "logging"}))'
        done = subprocess.run([sys.executable, '-I', '-c', code % PACKAGE], capture_output=True, text=True, env={'KRAIT_BROKER': 'krait://127.0.0.1:1'})
        self.assertEqual((done.stdout, done.stderr), ('[]\n', ''))

    def test_what_the_broker_says_of_a_name_is_logged_once(self):
        with Broker() as broker:
            app = krait.App('a', broker=broker.address)
            self.addCleanup(app.close)
            with self.assertLogs('krait', logging.WARNING) as logged:
                app.send_task('misspelt')
                app.send_task('misspelt')
            self.assertEqual([r.getMessage() for r in logged.records], ['misspelt: no worker knows this task now'])


class FromCelery(unittest.TestCase):
    def test_words_of_celery(self):
        check = krait._app._options.check
        self.assertEqual(check({'autoretry_for': (OSError,), 'default_retry_delay': 3, 'ignore_result': True}),
                         {'retry_on': (OSError,), 'retry_delay': 3, 'result_ttl': 0, 'max_retries': 3})
        self.assertEqual(check({'retry_kwargs': {'max_retries': 7, 'countdown': 2}, 'ignore_result': False}), {'max_retries': 7, 'retry_delay': 2})
        with self.assertRaisesRegex(TypeError, "leave the option 'acks_late' out: "):
            krait.App('a').task(acks_late=True)

    def test_the_two_lines_of_the_readme(self):
        text = read(PACKAGE, 'README.md')
        section = text[text.index('## From Celery'):]
        source, = re.findall(r'```python\n(# reports\.py.*?)```', section, re.S)
        diff, = re.findall(r'```diff\n(.*?)```', section, re.S)
        for old, new in zip(re.findall(r'^-(.*)$', diff, re.M), re.findall(r'^\+(.*)$', diff, re.M)):
            self.assertEqual(source.count(old + '\n'), 1, old)
            source = source.replace(old, new)
        self.assertEqual(diff.count('\n'), 4)
        with Broker() as broker:
            worker = WorkerProcess(broker.address, app=source)
            os.rename(worker.app, os.path.join(worker.dir, 'reports.py'))      # a task's name is MODULE.FUNCTION
            worker.app = os.path.join(worker.dir, 'reports.py')
            with worker:
                self.run_file(broker, worker)

    def run_file(self, broker, worker):
        done = subprocess.run([sys.executable, worker.app], capture_output=True, text=True, timeout=240,
                              env={**os.environ, 'KRAIT_BROKER': broker.address, 'PYTHONPATH': PACKAGE})
        self.assertEqual((done.stdout, done.returncode), ('5\n2\n6\n9\n', 0), done.stderr + worker.said())


if __name__ == '__main__':
    unittest.main()
