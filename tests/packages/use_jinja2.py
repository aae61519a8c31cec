# SPDX-License-Identifier: Apache-2.0
# jinja2: a page with inheritance, macros, filters, loops, a sandbox, errors.
import jinja2, jinja2.sandbox
env = jinja2.Environment(loader=jinja2.DictLoader({
    'base.html': '<html><title>{% block title %}none{% endblock %}</title>{% block body %}{% endblock %}</html>',
    'page.html': '''{% extends "base.html" %}{% from "macros.html" import field, link as l %}
{% block title %}{{ title|upper }} - {{ super() }}{% endblock %}
{% block body %}{% for u in users|sort(attribute="age") if u.age > 20 %}
  {{ loop.index }}/{{ loop.length }} {{ u.name|e }} ({{ u.age }}) {{ field(u.name, value=u.age) }}{{ l(u.name) }}{% if not loop.last %},{% endif %}
{%- else %}nobody{% endfor %}
{% set ns = namespace(total=0) %}{% for n in range(10) %}{% set ns.total = ns.total + n * n %}{% endfor %}{{ ns.total }}
{% filter replace("a", "b")|indent(2) %}banana
cat{% endfilter %}{% raw %}{{ untouched }}{% endraw %}
{{ {'b': 1, 'a': [1, 2.5, none]}|tojson }} {{ "%05.2f"|format(3.14159) }} {{ items|groupby("kind")|list }}
{{ users|map(attribute="name")|join("; ") }} {{ undefined_name|default("fallback") }} {{ 7 // 2 }} {{ 7 is odd }} {{ "x" in "xyz" }} {{ [1, 2, 3][1:]|sum }}
{% endblock %}''',
    'macros.html': '{% macro field(name, type="text", value="") %}<input name="{{ name }}" type={{ type }} value={{ value }}>{% endmacro %}{% macro link(x) %}<a href="/{{ x|urlencode }}">{{ caller and "" }}{{ x }}</a>{% endmacro %}',
}), autoescape=True, trim_blocks=True, lstrip_blocks=True, extensions=['jinja2.ext.do', 'jinja2.ext.loopcontrols'])
class User:
    def __init__(self, name, age): self.name, self.age = name, age
users = [User('Zoë <x>', 30), User("O'Hara", 25), User('kid', 9)]
items = [{'kind': 'b', 'n': 1}, {'kind': 'a', 'n': 2}, {'kind': 'b', 'n': 3}]
print(env.get_template('page.html').render(title='hello & bye', users=users, items=items))
print(env.from_string('{% for i in s recursive %}[{{ i.v }}{{ loop(i.c) }}]{% endfor %}').render(s=[{'v': 1, 'c': [{'v': 2, 'c': []}]}]))
print(env.from_string('{% for i in range(10) %}{% if i == 3 %}{% continue %}{% elif i == 6 %}{% break %}{% endif %}{{ i }}{% endfor %}{% set l = [] %}{% do l.append(4) %}{{ l }}').render())
for source in ('{% if %}', '{{ a.b.c }}', '{{ 1/0 }}', '{% include "none" %}', '{{ x() }}', '{% for a in b'):
    try: print(env.from_string(source).render(a=1))
    except (jinja2.TemplateError, ZeroDivisionError) as e: print(type(e).__name__, e)
box = jinja2.sandbox.SandboxedEnvironment()
for source in ('{{ "".__class__.__mro__ }}', '{{ f.__globals__ }}', '{{ range(100000000) }}', '{{ "a".join(["b", "c"]) }}', '{{ "{0.__class__}".format(1) }}'):
    try: print(box.from_string(source).render(f=lambda: 1))
    except Exception as e: print(type(e).__name__, e)
print(env.compile('{{ a }}{% for x in y %}{{ x }}{% endfor %}', raw=True))
import asyncio
async_env = jinja2.Environment(enable_async=True)
async def numbers():
    for i in range(4): yield i
print(asyncio.run(async_env.from_string('{% for n in numbers() %}{{ n }},{% endfor %}').render_async(numbers=numbers)))
