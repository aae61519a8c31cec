# SPDX-License-Identifier: Apache-2.0
"""What people do with python3, done with krait-python in both modes: tools of the library run by -m, virtual environments, a package from Debian."""
import base64
import hashlib
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import unittest
import zipfile

KRAIT = os.path.abspath(os.path.join(os.environ.get('KRAIT_BUILD', 'build'), 'krait-python'))
CPYTHON = '/usr/bin/python3.11'
DEBIAN = '/usr/lib/python3/dist-packages'
MODES = (['-X', 'gil=1'], ['-X', 'gil=0'])
DEADLINE = 300

PACKAGE = {
    'greeting/__init__.py': 'from .words import hello\n__version__ = "1.2"\n',
    'greeting/words.py': 'import sys\n\ndef hello(name="you"):\n    return f"hello {name}"\n\ndef main():\n    print(hello(*sys.argv[1:]))\n',
    'greeting/__main__.py': 'from greeting.words import main\nmain()\n',
    'greeting/data.txt': 'a resource\n',
}

TEMPLATES = {
    'base.html': '<title>{% block title %}none{% endblock %}</title>\n{% block body %}{% endblock %}{# gone #}\n',
    'macros.html': '{% macro cell(v, kind="td") -%}<{{ kind }}>{{ v }}</{{ kind }}>{%- endmacro %}',
    'page.html': '''{% extends "base.html" %}{% from "macros.html" import cell %}
{% block title %}{{ shop|upper }} & {{ super() }}{% endblock %}
{% block body %}
{%- set ns = namespace(total=0) %}
<table>{% for o in orders|sort(attribute="id") if o.price is not none %}
<tr class="{{ loop.cycle('odd', 'even') }}">{{ cell(loop.index ~ "/" ~ loop.length, "th") }}{{ cell(o.name) }}{{ cell("%.2f"|format(o.price)) }}{{ cell(o.tags|join(", ")|default("-", true)) }}</tr>
{%- set ns.total = ns.total + o.price %}{% else %}<tr><td>nothing</td></tr>{% endfor %}
</table>
{% for key, group in orders|groupby("kind") %}{{ key }}: {{ group|map(attribute="name")|list|tojson }}; {% endfor %}
{{ ns.total|round(1) }} {{ orders|selectattr("price")|list|length }} {{ missing|default("nobody") }} {{ "<b>"|safe }}{{ "a long sentence for the filter"|truncate(12) }}
{% raw %}{{ untouched }}{% endraw %}{% if shop is string and 3 is odd %} yes{% endif %}{% filter indent(2) %}
x
y{% endfilter %}{% endblock %}
''',
}

RENDER = '''
import sys
sys.path.append(%r)
import asyncio, jinja2
templates = %r
env = jinja2.Environment(loader=jinja2.DictLoader(templates), autoescape=True, extensions=["jinja2.ext.do"])
orders = [{"id": 3, "name": "<pen>", "price": 1.25, "tags": ["a", "b"], "kind": "small"}, {"id": 1, "name": "desk & co", "price": 99.5, "tags": [], "kind": "big"},
          {"id": 2, "name": "lost", "price": None, "tags": [], "kind": "big"}]
print(env.get_template("page.html").render(shop="fast's", orders=orders))
print(env.from_string("{%% do xs.append(4) %%}{%% for x in xs recursive %%}{{ x }}{%% endfor %%}").render(xs=[1, 2]))
later = jinja2.Environment(enable_async=True).from_string("{%% for x in xs %%}{{ x }},{%% endfor %%}")
async def numbers():
    for i in range(3):
        yield i
print(asyncio.run(later.render_async(xs=numbers())))
for wrong in ("{%% if %%}", "{{ 1 / 0 }}", "{{ nothing.at.all }}"):
    try:
        jinja2.Template(wrong).render()
    except Exception as e:
        print(type(e).__name__, e, getattr(e, "lineno", None))
''' % (DEBIAN, TEMPLATES)


def make_wheel(folder):
    info = 'greeting-1.2.dist-info/'
    files = dict(PACKAGE) | {
        info + 'METADATA': 'Metadata-Version: 2.1\nName: greeting\nVersion: 1.2\nSummary: says hello\n',
        info + 'WHEEL': 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
        info + 'entry_points.txt': '[console_scripts]\ngreet = greeting.words:main\n',
    }
    record = ''.join(f'{name},sha256={base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()},{len(text)}\n' for name, text in files.items())
    wheel = folder / 'greeting-1.2-py3-none-any.whl'
    with zipfile.ZipFile(wheel, 'w') as z:
        for name, text in files.items():
            z.writestr(name, text)
        z.writestr(info + 'RECORD', record + info + 'RECORD,,\n')
    return wheel


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.dir = pathlib.Path(folder.name).resolve()
        self.env = {'PATH': os.environ['PATH'], 'HOME': folder.name, 'XDG_CACHE_HOME': str(self.dir / 'cache'), 'LC_ALL': 'C.UTF-8'}

    def run_program(self, *command, text=None, status=0, **env):
        p = subprocess.run([*map(str, command)], input=text, capture_output=True, text=True, cwd=self.dir, env=self.env | env, timeout=DEADLINE,
                           preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        self.assertEqual(p.returncode, status, p.stdout + p.stderr)
        return p.stdout, p.stderr

    def both(self, *args, text=None, status=0, change=lambda s: s):
        """Each mode ends as CPython does, with the same two outputs once `change` has taken out what may differ; they are returned."""
        theirs = [change(s) for s in self.run_program(CPYTHON, *args, text=text, status=status)]
        for mode in MODES:
            with self.subTest(mode=mode):
                self.assertEqual([change(s) for s in self.run_program(KRAIT, *mode, *args, text=text, status=status)], theirs)
        return theirs

    def write_package(self, folder):
        for name, text in PACKAGE.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)


class Tools(Case):
    def test_json_tool(self):
        text = '{"b": [1, 2.5, null, true], "a": {"ü": "\\u00e9 \\ud83d\\ude00", "n": -1e400}, "big": 123456789012345678901234567890}'
        for options in ([], ['--sort-keys'], ['--no-ensure-ascii', '--indent', '2'], ['--compact'], ['--tab']):
            self.both('-m', 'json.tool', *options, text=text)
        self.both('-m', 'json.tool', '--json-lines', text='{"a": 1}\n[2, 3]\n')
        self.both('-m', 'json.tool', text='{"a": }', status=1)
        (self.dir / 'in.json').write_text(text)
        for mode in MODES:
            self.run_program(KRAIT, *mode, '-m', 'json.tool', 'in.json', 'out.json')
            self.assertEqual((self.dir / 'out.json').read_text(), self.run_program(CPYTHON, '-m', 'json.tool', 'in.json')[0])

    def test_timeit(self):
        for mode in MODES:
            out, err = self.run_program(KRAIT, *mode, '-m', 'timeit', '-n', '100', '-r', '3', '-s', 'x = list(range(50))', 'sorted(x)')
            self.assertRegex(out, r'\A100 loops, best of 3: [0-9.]+ (nsec|usec|msec|sec) per loop\n\Z')
            out, err = self.run_program(KRAIT, *mode, '-m', 'timeit', '-v', '-n', '10', '-r', '2', '-u', 'nsec', 'pass')
            self.assertRegex(out, r'raw times: .+\n\n10 loops, best of 2: [0-9.]+ nsec per loop\n')
            out, err = self.run_program(KRAIT, *mode, '-m', 'timeit', '-n', '1', 'nowhere', status=1)
            self.assertIn("NameError: name 'nowhere' is not defined", err)
        self.assertRegex(self.run_program(KRAIT, '-m', 'timeit', '-r', '1', 'len("x")')[0], r'\A\d+ loops, best of 1: ')  # chooses the number by itself

    def test_unittest_discover(self):
        (self.dir / 'tests' / 'deeper').mkdir(parents=True)
        (self.dir / 'tests' / '__init__.py').touch()
        (self.dir / 'tests' / 'deeper' / '__init__.py').touch()
        (self.dir / 'tests' / 'test_one.py').write_text(
            'import unittest\n\n\nclass One(unittest.TestCase):\n    def test_right(self):\n        self.assertEqual(1 + 1, 2)\n\n    def test_wrong(self):\n'
            '        self.assertEqual([1, 2, 3], [1, 4, 3])\n\n    def test_error(self):\n        {}["key"]\n\n    @unittest.skip("not now")\n    def test_skipped(self):\n        1 / 0\n\n'
            '    @unittest.expectedFailure\n    def test_expected(self):\n        self.fail()\n\n    def test_parts(self):\n        for i in range(3):\n            with self.subTest(i=i):\n'
            '                self.assertNotEqual(i, 1)\n')
        (self.dir / 'tests' / 'deeper' / 'test_two.py').write_text(
            'import unittest\n\n\nclass Two(unittest.IsolatedAsyncioTestCase):\n    async def test_later(self):\n        with self.assertRaisesRegex(ValueError, "^bad"):\n'
            '            raise ValueError("bad luck")\n        with self.assertLogs("a", "INFO") as seen:\n            __import__("logging").getLogger("a").warning("x")\n'
            '        self.assertEqual(seen.output, ["WARNING:a:x"])\n')
        (self.dir / 'tests' / 'test_broken.py').write_text('import no_such_module_here\n')

        def untimed(s):  # and without the marks under a line of a traceback, and what asyncio says of a slow machine
            s = re.sub(r'Executing <.*> took [\d.]+ seconds\n', '', s)
            return re.sub(r'^ *[~^]+ *\n', '', re.sub(r'in \d+\.\d+s', 'in Ns', s), flags=re.M)
        self.both('-m', 'unittest', 'discover', '-v', '-t', '.', '-s', 'tests', status=1, change=untimed)
        out, err = self.both('-m', 'unittest', 'discover', '-s', 'tests', '-t', '.', '-p', 'test_two.py', change=untimed)
        self.assertIn('Ran 1 test', err)
        self.both('-m', 'unittest', '-k', 'test_right', 'tests.test_one', change=untimed)

    def test_jinja2_renders_a_real_template(self):
        out, err = self.both('-c', RENDER)
        self.assertIn('<td>desk &amp; co</td><td>99.50</td>', out)


class Venv(Case):
    WHO = 'import sys, site; print(sys.implementation.name, sys.prefix, sys.prefix == sys.base_prefix, sys.executable, site.getsitepackages()[0] in sys.path)'

    def make(self, mode, *options):
        place = self.dir / ('env' + mode[-1][-1])
        self.run_program(KRAIT, *mode, '-m', 'venv', *options, place)
        return place

    def test_a_bare_one_is_ours(self):
        for mode in MODES:
            place = self.make(mode, '--without-pip')
            settings = dict(line.split(' = ', 1) for line in (place / 'pyvenv.cfg').read_text().splitlines())
            self.assertEqual(settings['home'], os.path.dirname(KRAIT))
            self.assertEqual(settings['include-system-site-packages'], 'false')
            python = place / 'bin' / 'python'
            for name in ('python', 'python3', 'krait-python'):
                self.assertEqual(self.run_program(place / 'bin' / name, *mode, '-c', self.WHO)[0], f'krait {place} False {place}/bin/{name} True\n')
            self.assertEqual(self.run_program(KRAIT, *mode, '-c', 'import sys; print(sys.prefix == sys.base_prefix)')[0], 'True\n')
            # Debian's packages are outside of it
            self.assertIn('jinja2', self.run_program(python, *mode, '-c', 'import jinja2', status=1)[1])
            # a package copied in, and one that is unpacked by the library's own tool
            packages = place / 'lib' / 'python3.11' / 'site-packages'
            self.assertEqual(self.run_program(python, *mode, '-c', 'import sysconfig; print(sysconfig.get_path("purelib"))')[0].strip(), str(packages))
            self.write_package(packages)
            self.assertEqual(self.run_program(python, *mode, '-m', 'greeting', 'copy')[0], 'hello copy\n')
            subprocess.run(['rm', '-r', packages / 'greeting'], check=True)
            self.run_program(python, *mode, '-m', 'zipfile', '-e', make_wheel(self.dir), packages)
            show = ('import greeting, importlib.metadata as m, importlib.resources as r; '
                    'print(greeting.__file__, m.version("greeting"), m.entry_points(group="console_scripts")["greet"].value, r.files("greeting").joinpath("data.txt").read_text(), end="")')
            self.assertEqual(self.run_program(python, *mode, '-c', show)[0], f'{packages}/greeting/__init__.py 1.2 greeting.words:main a resource\n')
            # a .pth file adds a folder
            (self.dir / 'more').mkdir(exist_ok=True)
            (self.dir / 'more' / 'extra.py').write_text('x = 7\n')
            (packages / 'more.pth').write_text(f'{self.dir}/more\n')
            self.assertEqual(self.run_program(python, *mode, '-c', 'import extra; print(extra.x)')[0], '7\n')

    def test_activate(self):
        place = self.make(MODES[0], '--without-pip', '--prompt', 'mine')
        script = f'. {place}/bin/activate && command -v python && python -c "{self.WHO}" && echo "$VIRTUAL_ENV $PS1" && deactivate && echo "[${{VIRTUAL_ENV-}}]"'
        out = self.run_program('bash', '--norc', '-c', script)[0].splitlines()
        self.assertEqual(out[0], f'{place}/bin/python')
        self.assertEqual(out[1], f'krait {place} False {place}/bin/python True')
        self.assertTrue(out[2].startswith(f'{place} (mine)'), out[2])
        self.assertEqual(out[3], '[]')

    def test_system_packages_if_asked(self):
        place = self.make(MODES[0], '--without-pip', '--system-site-packages')
        self.assertEqual(self.run_program(place / 'bin' / 'python', '-c', 'import sys; print(sys.prefix)')[0], f'{place}\n')
        settings = (place / 'pyvenv.cfg').read_text()
        self.assertIn('include-system-site-packages = true', settings)
        # made again over the old one
        self.run_program(KRAIT, '-m', 'venv', '--without-pip', '--clear', place)
        self.assertIn('include-system-site-packages = false', (place / 'pyvenv.cfg').read_text())


if __name__ == '__main__':
    unittest.main()
