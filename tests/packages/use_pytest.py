# SPDX-License-Identifier: Apache-2.0
# pytest: a small suite with fixtures, parameters, marks, failures with rewritten assertions, capture, plugins.
# threads: no, pytest takes over standard output and the import of test files
import pytest, pathlib, os, re, io, contextlib
SUITE = '''
import pytest, warnings
@pytest.fixture(scope='module', params=[1, 2])
def base(request): print('set up', request.param); yield request.param; print('tear down')
@pytest.fixture
def data(base, tmp_path, monkeypatch): monkeypatch.setenv('X', str(base)); (tmp_path / 'f').write_text('t'); return {'base': base}
def test_ok(data): assert data['base'] in (1, 2)
@pytest.mark.parametrize('a,b', [(1, 2), pytest.param(3, 3, id='same'), pytest.param(1, 1, marks=pytest.mark.xfail)])
def test_less(a, b): assert a < b
def test_diff(): assert [1, 2, {'a': 'x' * 5}] == [1, 3, {'a': 'y'}]
def test_text(): assert 'some long text\\nline' == 'some other text\\nline'
def test_call():
    assert abs(-3) + 1 == abs(5), 'with a message'
def test_raises():
    with pytest.raises(ValueError, match='b.d') as e: raise ValueError('bad')
    assert e.value.args == ('bad',); assert 0.1 + 0.2 == pytest.approx(0.3)
def test_error(): {}['missing']
@pytest.mark.skip(reason='not now')
def test_skip(): pass
@pytest.mark.xfail(strict=True)
def test_strict(): pass
def test_out(capsys, caplog):
    import logging; print('hello'); logging.getLogger('x').warning('warned'); assert capsys.readouterr().out == 'hello\\n' and caplog.records[0].message == 'warned'
def test_warn():
    with pytest.warns(UserWarning): warnings.warn('w')
    warnings.warn('seen')
class TestClass:
    @classmethod
    def setup_class(cls): cls.n = 5
    def __repr__(self): return "TestClass"
    def test_n(self): assert self.n == 6
async def test_async(): pass
import unittest
class Old(unittest.TestCase):
    def test_sub(self):
        for i in range(2): self.assertEqual(i, i)
    def test_bad(self): self.assertIn(3, [1, 2])
def test_doc():
    """
    >>> 1 + 1
    3
    """
'''
d = pathlib.Path('suite'); d.mkdir(exist_ok=True)
if d:
    os.chdir(d); pathlib.Path('test_it.py').write_text(SUITE); pathlib.Path('conftest.py').write_text('import pytest\ndef pytest_report_header(config): return "header"\n@pytest.hookimpl(hookwrapper=True)\ndef pytest_runtest_makereport(item, call):\n    out = yield\n    out.get_result().sections.append(("extra", item.name)) if call.excinfo else None\n')
    class Collect:
        def __init__(self): self.seen = []
        def pytest_runtest_logreport(self, report):
            if report.when == 'call' or report.outcome != 'passed': self.seen.append((report.nodeid, report.when, report.outcome))
    for args in (['-q'], ['-q', '--tb=short', '-k', 'less or diff'], ['--tb=long', '-x', '-l'], ['-q', '--doctest-modules', '--tb=line'], ['--collect-only', '-q'], ['-q', '--durations=0', '-m', 'nothing'], ['--nope'], ['none.py']):
        c, out = Collect(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out): code = pytest.main([*args, '-p', 'no:cacheprovider', '-p', 'no:hypothesispytest', '-p', 'no:anyio', '--color=no', '-W', 'ignore::DeprecationWarning'], plugins=[c])
        print(re.sub(r'\d+\.\d+s', 'N s', out.getvalue())); print(args, int(code)); [print(row) for row in c.seen]
