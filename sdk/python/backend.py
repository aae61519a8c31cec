# SPDX-License-Identifier: Apache-2.0
"""Builds the package's wheel for pip (PEP 517): the files of krait/ in a zip, with the metadata that pip reads. So that installing needs no other package and no
network. The version is that of krait/__init__.py."""
import base64
import glob
import hashlib
import io
import os
import re
import tarfile
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
SUMMARY = "Celery-style tasks on Krait: enqueue from CPython, run on Krait's own Python"


def _version():
    with open(os.path.join(HERE, 'krait', '__init__.py'), encoding='utf-8') as file:
        return re.search(r"^__version__ = '([^']+)'", file.read(), re.M)[1]


def _files():
    """{name in the package: bytes}"""
    out = {}
    for path in sorted(glob.glob(os.path.join(HERE, 'krait', '*.py')) + [os.path.join(HERE, 'krait', name) for name in ('__init__.pyi', 'py.typed')]):
        with open(path, 'rb') as file:
            out['krait/' + os.path.basename(path)] = file.read()
    return out


def _metadata():
    with open(os.path.join(HERE, 'README.md'), encoding='utf-8') as file:
        readme = file.read()
    return (f'Metadata-Version: 2.1\nName: krait\nVersion: {_version()}\nSummary: {SUMMARY}\nLicense: Apache-2.0\nRequires-Python: >=3.8\n'
            f'Classifier: Typing :: Typed\nDescription-Content-Type: text/markdown\n\n{readme}').encode()


def _record(files, name):
    rows = ['%s,sha256=%s,%d' % (path, base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b'=').decode(), len(data))
            for path, data in files.items()]
    return ('\n'.join(rows + [name + ',,']) + '\n').encode()


def _wheel(directory, files):
    version = _version()
    info = f'krait-{version}.dist-info/'
    files = dict(files)
    files[info + 'METADATA'] = _metadata()
    files[info + 'WHEEL'] = b'Wheel-Version: 1.0\nGenerator: krait\nRoot-Is-Purelib: true\nTag: py3-none-any\n'
    files[info + 'RECORD'] = _record(files, info + 'RECORD')
    name = f'krait-{version}-py3-none-any.whl'
    with zipfile.ZipFile(os.path.join(directory, name), 'w', zipfile.ZIP_DEFLATED) as wheel:
        for path, data in files.items():
            wheel.writestr(zipfile.ZipInfo(path, (2026, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return name


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    return _wheel(wheel_directory, _files())


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    """pip install -e: a line in site-packages that names this folder."""
    return _wheel(wheel_directory, {'krait.pth': (HERE + '\n').encode()})


def build_sdist(sdist_directory, config_settings=None):
    root = f'krait-{_version()}'
    files = {**_files(), 'PKG-INFO': _metadata()}
    for name in 'pyproject.toml', 'backend.py', 'README.md':
        with open(os.path.join(HERE, name), 'rb') as file:
            files[name] = file.read()
    with tarfile.open(os.path.join(sdist_directory, root + '.tar.gz'), 'w:gz') as archive:
        for path, data in files.items():
            member = tarfile.TarInfo(root + '/' + path)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return root + '.tar.gz'
