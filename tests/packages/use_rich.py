# SPDX-License-Identifier: Apache-2.0
# rich, tqdm, tabulate, prettytable, texttable, colorama, termcolor, humanize: what goes to a terminal.
# threads: no, tqdm and termcolor keep something for the process
import io, datetime, rich.console, rich.table, rich.tree, rich.syntax, rich.panel, rich.progress, rich.text, rich.pretty, rich.traceback, rich.columns, rich.json, rich.align, rich.rule
import tqdm, tabulate, prettytable, texttable, termcolor, humanize, colorama
out = io.StringIO(); c = rich.console.Console(file=out, width=78, color_system='truecolor', force_terminal=True, legacy_windows=False, _environ={})
t = rich.table.Table(title='T [b]x[/b]', show_lines=True, caption='c'); t.add_column('name', style='cyan', no_wrap=True); t.add_column('n', justify='right'); t.add_column('text')
for i in range(4): t.add_row(f'row {i}', str(i * 1000), 'some words that are longer than the column ' * (i % 2 + 1) + '日本語')
c.print(t); tree = rich.tree.Tree('root'); b = tree.add('[red]a'); b.add('b').add('c'); tree.add('d'); c.print(tree)
c.print(rich.syntax.Syntax('def f(x):\n    return x + 1  # c\n', 'python', line_numbers=True, theme='monokai')); c.print(rich.panel.Panel('text', title='p', width=20), rich.columns.Columns(['a', 'bb', 'ccc']), rich.rule.Rule('r'), rich.align.Align.center('mid')); c.print({'a': [1, 2.5, None, 'text', {'b': (1, 2)}], 'c': {1, }, 'd': list(range(40))}, 'http://x.y "quoted" 1.5 True [bold]b[/] \\[no]', datetime.date(2020, 1, 2)); c.print_json('{"a": [1, null, true]}')
c.print(rich.text.Text.from_markup('[on blue]x[/] :smile:').append(' z', 'underline')); rich.pretty.pprint([{'k' * 10: list(range(10))}] * 3, console=c, expand_all=False)
try: c.print('[/nothing]')
except Exception as e: print(type(e).__name__, e)
print(out.getvalue()); print(repr(out.getvalue())[:2000])
s = io.StringIO(); print(sum(tqdm.tqdm(range(5), file=s, disable=False, mininterval=0, bar_format='{l_bar}{bar:10}|{n_fmt}/{total_fmt}', ncols=50))); print(repr(s.getvalue())); print(tqdm.tqdm.format_sizeof(12345678), tqdm.tqdm.format_interval(3661), tqdm.tqdm.format_meter(3, 10, 2.0, ncols=60), list(tqdm.tqdm([1, 2], disable=True)))
rows = [['a', 1, 2.345], ['bb', 22, None], ['日本', -3, 1e10]]
for f in ('plain', 'grid', 'fancy_grid', 'pipe', 'html', 'latex', 'rst', 'orgtbl', 'tsv', 'psql', 'github'): print(tabulate.tabulate(rows, headers=['h', 'n', 'f'], tablefmt=f, floatfmt='.2f', missingval='?'))
p = prettytable.PrettyTable(['x', 'y']); [p.add_row([i, i ** 2]) for i in range(4)]; p.align['y'] = 'r'; p.sortby = 'y'; p.reversesort = True; print(p, p.get_string(border=False), p.get_html_string(), p.get_csv_string(), p.get_json_string())
tt = texttable.Texttable(max_width=40); tt.set_cols_align(['l', 'r', 'c']); tt.set_cols_dtype(['t', 'i', 'f']); tt.add_rows([['a', 'b', 'c']] + [['text ' * 5, i, i / 3] for i in range(3)]); print(tt.draw()); print(termcolor.colored('x', 'red', 'on_blue', ['bold']), repr(colorama.Fore.RED + 'x' + colorama.Style.RESET_ALL))
print(humanize.naturalsize(123456789), humanize.naturalsize(10 ** 9, binary=True), humanize.intcomma(1234567.891), humanize.intword(12345678), humanize.ordinal(23), humanize.apnumber(5), humanize.fractional(0.3), humanize.naturaldelta(datetime.timedelta(days=400, hours=3)), humanize.precisedelta(datetime.timedelta(days=2, seconds=3633)), humanize.naturalday(datetime.date(2020, 1, 2)), humanize.scientific(12345), humanize.naturaltime(datetime.timedelta(minutes=5)))
