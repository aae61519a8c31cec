# SPDX-License-Identifier: Apache-2.0
"""krait-python as a program and its importer: options, exit statuses, compiled files, archives, hooks, the interactive loop."""
import os
import pathlib
import signal
import subprocess
import tempfile
import unittest
import zipfile

from patience import patience

KRAIT = os.path.join(os.environ.get('KRAIT_BUILD', 'build'), 'krait-python')
SOURCE = pathlib.Path(os.environ.get('KRAIT_SOURCE', '.')).resolve()
CPYTHON = '/usr/bin/python3.11'
DEADLINE = patience(300)


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.dir = pathlib.Path(folder.name).resolve()
        self.cache = self.dir / 'cache'
        self.env = {'PATH': os.environ['PATH'], 'HOME': folder.name, 'XDG_CACHE_HOME': str(self.cache), 'LC_ALL': 'C.UTF-8'}
        self.work = self.dir / 'work'
        self.work.mkdir()

    def write(self, name, text):
        path = self.work / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def run_program(self, program, *args, text='', **env):
        p = subprocess.run([program, *map(str, args)], input=text, capture_output=True, text=True, cwd=self.work, env=self.env | env, timeout=DEADLINE,
                           preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))  # who runs the tests may ignore it
        return p.returncode, p.stdout, p.stderr

    def krait(self, *args, **more):
        return self.run_program(os.path.abspath(KRAIT), *args, **more)

    def same(self, *args, **more):
        """Both programs end alike and write the same to standard output, which is returned."""
        ours, theirs = self.krait(*args, **more), self.run_program(CPYTHON, *args, **more)
        self.assertEqual(ours[:2], theirs[:2], ours[2])
        return ours[1]

    def compiled(self):
        return sorted(self.cache.rglob('*.pyc'))


class Options(Case):
    def test_flags_arrive(self):
        show = 'import sys; f = sys.flags; print([getattr(f, n) for n in f.__match_args__ if n != "hash_randomization" and n != "int_max_str_digits"])'
        for options in ([], ['-B'], ['-O'], ['-OO'], ['-E'], ['-s'], ['-S'], ['-I'], ['-P'], ['-q'], ['-bb'], ['-BEsO'], ['-X', 'dev'], ['-Xutf8=1']):
            with self.subTest(options=options):
                self.same(*options, '-c', show)

    def test_arguments(self):
        script = self.write('a.py', 'import sys; print(sys.argv, __name__, __file__, sys.path[0])')
        self.same('a.py', '-x', 'y')
        self.same(script)
        self.same('-c', 'import sys; print(sys.argv, repr(sys.path[0]))', '1', '-2')
        self.same('-m', 'a', 'z')
        self.same('-', 'q', text='import sys; print(sys.argv, __name__)')

    def test_optimize(self):
        self.write('a.py', 'def f():\n  "doc"\nassert 0\nprint(__debug__, f.__doc__)')
        self.assertEqual(self.same('-O', 'a.py'), 'False doc\n')
        self.assertEqual(self.same('-OO', 'a.py'), 'False None\n')
        self.assertEqual(self.krait('a.py')[0], 1)

    def test_statuses(self):
        for code in ('import sys; sys.exit(5)', 'import sys; sys.exit("x")', 'raise SystemExit', '1/0', 'import sys; sys.exit(-1)', 'def f(:', 'import nosuch'):
            with self.subTest(code=code):
                self.same('-c', code)
        status, _, err = self.krait('nosuch.py')
        self.assertEqual(status, 2)
        self.assertIn(f"can't open file '{self.work}/nosuch.py': [Errno 2] No such file or directory", err)
        self.assertEqual(self.krait('-Z')[0], 2)
        self.assertEqual(self.krait('-c')[0], 2)
        self.assertEqual(self.krait('-X', 'gil=3', '-c', '')[0], 2)

    def test_interrupt_kills(self):
        status, _, err = self.krait('-c', 'import os, signal; os.kill(os.getpid(), signal.SIGINT)\nwhile True: pass')
        self.assertEqual(status, -signal.SIGINT)
        self.assertIn('KeyboardInterrupt', err)

    def test_warnings(self):
        code = 'import warnings; warnings.warn("w", DeprecationWarning); warnings.warn("u")'
        for options in ([], ['-W', 'ignore'], ['-Wignore::UserWarning']):
            self.assertEqual(self.krait(*options, '-c', code)[2], self.run_program(CPYTHON, *options, '-c', code)[2])
        self.assertEqual(self.krait('-W', 'error', '-c', code)[0], 1)
        self.assertEqual(self.krait('-c', code, PYTHONWARNINGS='ignore')[2], '')
        self.assertNotEqual(self.krait('-E', '-c', code, PYTHONWARNINGS='ignore')[2], '')

    def test_variables(self):
        self.write('lib/extra.py', 'print("extra")')
        self.assertEqual(self.krait('-c', 'import extra', PYTHONPATH='lib')[1], 'extra\n')
        self.assertEqual(self.krait('-E', '-c', 'import extra', PYTHONPATH='lib')[0], 1)
        self.assertEqual(self.krait('-c', 'import sys; print(sys._is_gil_enabled())', PYTHON_GIL='0')[1], 'False\n')
        self.assertEqual(self.krait('-c', 'import sys; print(sys.stdout.encoding, sys.stdout.errors)', PYTHONIOENCODING='latin-1:replace')[1].lower(), 'latin-1 replace\n')


class Importing(Case):
    def test_packages(self):
        self.write('p/__init__.py', 'from . import a\nfrom .a import x\n')
        self.write('p/a.py', 'import p.b\nx = 1\n')
        self.write('p/b.py', 'import p\nprint("b", hasattr(p, "x"))\n')
        self.write('n/one.py', 'y = 2')
        self.assertEqual(self.same('-c', 'import p, n.one; print(p.x, p.a.x, n.one.y, n.__path__.__class__.__name__, p.__spec__.name)'),
                         'b False\n1 1 2 _NamespacePath p\n')
        self.same('-c', 'from p import nosuch')
        self.same('-c', 'import importlib; m = importlib.import_module(".b", "p"); print(m.__name__, m.__package__)')

    def test_hooks(self):
        self.same('-c', 'import sys, importlib.abc, importlib.util\nclass F(importlib.abc.MetaPathFinder, importlib.abc.Loader):\n'
                  '  def find_spec(self, name, path, target=None):\n    return importlib.util.spec_from_loader(name, self) if name == "made" else None\n'
                  '  def exec_module(self, m): m.v = 7\nsys.meta_path.insert(0, F())\nimport made; print(made.v)')

    def test_archive(self):
        with zipfile.ZipFile(self.work / 'z.zip', 'w') as z:
            z.writestr('inside.py', 'v = 3')
            z.writestr('__main__.py', 'import inside; print("main", inside.v)')
        self.same('z.zip')
        self.same('-c', 'import sys; sys.path.insert(0, "z.zip"); import inside; print(inside.v, inside.__file__)')

    def test_folder_with_main(self):
        self.write('d/__main__.py', 'import sys; print(__name__, sys.argv)')
        self.same('d', 'x')
        self.same('-m', 'd', 'x')

    def test_traceback_without_importlib(self):
        self.write('bad.py', 'def f(): 1/0\nf()')
        err = self.krait('-c', 'import bad')[2]
        self.assertEqual(err, self.run_program(CPYTHON, '-c', 'import bad')[2])
        self.assertNotIn('importlib', err)

    def test_failing_for_several_threads(self):
        """Whoever waited for a module that then failed meets the reason too; CPython gives him what is left of it."""
        self.write('pkg/__init__.py', '')
        self.write('pkg/sub.py', 'import time, __main__\nwhile len(__main__.begun) < 4: time.sleep(.001)\nraise ValueError("reason")')
        script = self.write('a.py', '''
import sys, threading
begun, seen = [], []
def attempt(code):
    begun.append(1)
    try: exec(code)
    except Exception as e: seen.append(repr(e))
for code in 'import pkg.sub', 'from pkg import sub', 'import pkg.sub as x', 'from pkg.sub import y':
    begun.clear(), seen.clear()
    crew = [threading.Thread(target=attempt, args=(code,)) for _ in range(4)]
    for t in crew: t.start()
    for t in crew: t.join()
    print(set(seen), len(seen), sorted(m for m in sys.modules if m.startswith('pkg')))
''')
        for mode in 'gil=1', 'gil=0':
            self.assertEqual(self.krait('-X', mode, script), (0, "{\"ValueError('reason')\"} 4 ['pkg']\n" * 4, ''))

    def test_every_named_module(self):
        """The C modules and what unittest and its kin import, each alone, in both modes."""
        names = ('sys builtins _imp _thread _warnings _weakref _io marshal posix _signal _codecs _abc time _stat errno _collections itertools _functools _operator _sre '
                 '_string _struct math _random binascii _locale select fcntl _posixsubprocess _ast _tokenize _symtable _opcode atexit gc _contextvars datetime '
                 'unittest test.support re json collections functools dataclasses typing enum logging argparse subprocess tempfile threading queue contextlib traceback '
                 'inspect copy pickle random string textwrap pathlib faulthandler _csv _ssl _bz2 _lzma mmap symtable csv ssl bz2 lzma').split()
        for mode in 'gil=1', 'gil=0':
            with self.subTest(mode):
                out = self.krait('-X', mode, '-c', 'import sys, importlib\nfor n in sys.argv[1:]: assert importlib.import_module(n) is sys.modules[n], n\nprint("all")', *names)
                self.assertEqual(out, (0, 'all\n', ''))

    def test_two_threads_one_module(self):
        self.write('slow.py', 'import threading\nstarted = True\nv = sum(range(200000))\n')
        code = ('import threading\nout = []\ndef go():\n  import slow\n  out.append(slow.v)\nts = [threading.Thread(target=go) for _ in range(4)]\n'
                '[t.start() for t in ts]; [t.join() for t in ts]; print(out == [19999900000] * 4)')
        for gil in '01':
            self.assertEqual(self.krait('-X', f'gil={gil}', '-c', code)[1], 'True\n')


class Compiled(Case):
    def test_cache(self):
        module = self.write('m.py', 'v = 1')
        self.assertEqual(self.krait('-c', 'import m; print(m.v, m.__cached__)')[1], f'1 {self.cache}/krait/pycache{self.work}/m.krait-311.pyc\n')
        self.assertIn(self.cache / f'krait/pycache{self.work}/m.krait-311.pyc', self.compiled())
        module.write_text('v = 22')
        self.assertEqual(self.krait('-c', 'import m; print(m.v)')[1], '22\n')

    def test_not_written(self):
        self.write('m.py', 'v = 1')
        self.krait('-B', '-c', 'import m')
        self.krait('-c', 'import m', PYTHONDONTWRITEBYTECODE='1')
        self.assertEqual(self.compiled(), [])

    def test_cannot_be_written(self):
        self.write('m.py', 'v = 1')
        status, out, err = self.krait('-c', 'import m; print(m.v)', PYTHONPYCACHEPREFIX='/proc/nowhere')
        self.assertEqual((status, out, err), (0, '1\n', ''))

    def test_damaged(self):
        self.write('m.py', 'def f(): return [1, "two"]\nv = f()')
        self.krait('-c', 'import m')
        path = self.cache / f'krait/pycache{self.work}/m.krait-311.pyc'
        good = path.read_bytes()
        for at in range(16, len(good), len(good) // 12):
            path.write_bytes(good[:at] + bytes([good[at] ^ 0x5a]) + good[at + 1:])
            status, out, err = self.krait('-B', '-S', '-c', 'import m; print(m.v)')
            self.assertTrue(out == "[1, 'two']\n" or 'bad marshal data' in err or 'EOFError' in err, (at, status, out, err))

    def test_refused_by_each_other(self):
        dump = 'import marshal, sys; sys.stdout.buffer.write(marshal.dumps(compile("1", "x", "exec")))'
        load = 'import marshal, sys\ntry: marshal.loads(sys.stdin.buffer.read())\nexcept (ValueError, EOFError) as e: print("refused")'
        for writer, reader in ((KRAIT, CPYTHON), (CPYTHON, KRAIT)):
            data = subprocess.run([writer, '-c', dump], capture_output=True, check=True, env=self.env).stdout
            p = subprocess.run([reader, '-c', load], input=data, capture_output=True, check=True, env=self.env)
            self.assertEqual(p.stdout, b'refused\n')
        magic = 'import importlib.util; print(importlib.util.MAGIC_NUMBER)'
        self.assertNotEqual(self.krait('-c', magic)[1], self.run_program(CPYTHON, '-c', magic)[1])

    def test_library_compiler(self):
        library = self.dir / 'library'
        (library / 'pkg').mkdir(parents=True)
        (library / 'pkg' / '__init__.py').write_text('v = 1')
        (library / 'wrong.py').write_text('def')
        status, out, _ = self.krait('-I', '-S', SOURCE / 'interp/lib/compile_stdlib.py', library, self.dir / 'out')
        self.assertEqual((status, out), (0, f'compiled 1 modules of {library} into {self.dir}/out, 1 do not compile\n'))
        data = (self.dir / 'out/pkg/__init__.krait-311.pyc').read_bytes()
        st = (library / 'pkg' / '__init__.py').stat()
        self.assertEqual(data[8:16], int(st.st_mtime).to_bytes(4, 'little') + st.st_size.to_bytes(4, 'little'))


class Interactive(Case):
    def test_statements(self):
        status, out, err = self.krait('-i', text='x = 5\nx\nif x:\n  print(1)\n  print(2)\n\n(3,\n4)\n1/0\n# nothing\nraise SystemExit(3)\n')
        self.assertEqual((status, out), (3, '5\n1\n2\n(3, 4)\n'))
        self.assertIn('ZeroDivisionError', err)
        self.assertIn('Python 3.11.2 (krait', err)

    def test_after_a_script(self):
        self.write('a.py', 'v = 9\n1/0')
        status, out, err = self.krait('-i', 'a.py', text='print(v + 1)\n')
        self.assertEqual((status, out), (0, '10\n'))
        self.assertIn('ZeroDivisionError', err)


if __name__ == '__main__':
    unittest.main()
