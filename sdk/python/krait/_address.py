# SPDX-License-Identifier: Apache-2.0
"""Where the broker is and what to show it: addresses and tokens from arguments, environment, files."""
import os

DEFAULT = 'krait://127.0.0.1:7248'


def parse(url):
    """('tcp', host, port, namespace) or ('unix', path, None, namespace). ValueError says what is wrong."""
    if url.startswith('unix://'):
        path = url[7:]
        if not path.startswith('/'):
            raise ValueError(f'{url}: a unix address is unix:///PATH')
        return 'unix', path, None, ''
    if url.startswith('kraits://'):
        raise ValueError(f'{url}: this version speaks no TLS; use krait:// or unix://')
    if not url.startswith('krait://'):
        raise ValueError(f'{url}: a broker address is krait://HOST[:PORT][/NAMESPACE] or unix:///PATH')
    rest, _, ns = url[8:].partition('/')
    host, colon, port = rest.rpartition(':') if not rest.endswith(']') else (rest, '', '')
    if not colon:
        host, port = rest, '7248'
    host = host.strip('[]')
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError(f'{url}: a broker address is krait://HOST[:PORT][/NAMESPACE]')
    return 'tcp', host, int(port), ns


def text_of(app):
    return app.broker or os.environ.get('KRAIT_BROKER') or DEFAULT


def broker_of(app):
    return parse(text_of(app))


def token_of(app):
    token = app.token or os.environ.get('KRAIT_TOKEN')
    if token is None and os.environ.get('KRAIT_TOKEN_FILE'):
        with open(os.environ['KRAIT_TOKEN_FILE'], encoding='utf-8') as f:
            token = f.read().strip()
    return (token or '').encode()
