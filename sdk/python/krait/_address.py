# SPDX-License-Identifier: Apache-2.0
"""Where the broker is and what to show it: addresses and tokens from arguments, environment, files."""
import os

from ._errors import SettingError

DEFAULT = 'krait://127.0.0.1:7248'


def parse(url):
    """('tcp', host, port, namespace) or ('unix', path, None, namespace). SettingError says what is wrong."""
    if not isinstance(url, str):
        raise SettingError(f'a broker address is a str, not {url!r}')
    if url.startswith('unix://'):
        path = url[7:]
        if not path.startswith('/'):
            raise SettingError(f'{url}: a unix address is unix:///PATH')
        return 'unix', path, None, ''
    if url.startswith('kraits://'):
        raise SettingError(f'{url}: this version speaks no TLS; use krait:// or unix://')
    if not url.startswith('krait://'):
        raise SettingError(f'{url}: a broker address is krait://HOST[:PORT][/NAMESPACE] or unix:///PATH')
    rest, _, ns = url[8:].partition('/')
    if '@' in rest:
        raise SettingError('a token does not stand in the address: App(token=…), KRAIT_TOKEN or KRAIT_TOKEN_FILE')
    host, colon, port = rest.rpartition(':') if not rest.endswith(']') else (rest, '', '')
    if not colon:
        host, port = rest, '7248'
    host = host.strip('[]')
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise SettingError(f'{url}: a broker address is krait://HOST[:PORT][/NAMESPACE]')
    return 'tcp', host, int(port), ns


def text_of(app):
    return app.broker or os.environ.get('KRAIT_BROKER') or DEFAULT


def broker_of(app):
    return parse(text_of(app))


def token_of(app):
    token = app.token or os.environ.get('KRAIT_TOKEN')
    path = os.environ.get('KRAIT_TOKEN_FILE')
    if token is None and path:
        try:
            with open(path, encoding='utf-8') as f:
                token = f.read().strip()
        except (OSError, UnicodeDecodeError) as e:
            raise SettingError(f'KRAIT_TOKEN_FILE: cannot read {path}: {getattr(e, "strerror", None) or e}') from None
    return (token or '').encode()


def deadline_of(given):
    """Seconds that a call may take: as given, else KRAIT_DEADLINE, else 10."""
    said = given if given is not None else os.environ.get('KRAIT_DEADLINE') or 10.0
    try:
        deadline = float(said)
    except (TypeError, ValueError):
        deadline = 0.0
    if not 0 < deadline < 1e9:
        raise SettingError(f'{"deadline" if given is not None else "KRAIT_DEADLINE"} is a number of seconds above 0, not {said!r}')
    return deadline
