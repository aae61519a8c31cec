# SPDX-License-Identifier: Apache-2.0
# click: a command line with groups, options, arguments, prompts, errors, help.
# threads: no, its runner takes over standard output
import click
from click.testing import CliRunner
@click.group(context_settings={'max_content_width': 78})
@click.option('--verbose/--quiet', '-v/-q', default=False, help='Say more.')
@click.version_option('1.2', prog_name='tool')
@click.pass_context
def cli(ctx, verbose):
    """Does things with FILES, one after the other."""
    ctx.obj = {'verbose': verbose}
@cli.command()
@click.argument('names', nargs=-1, required=True)
@click.option('--count', '-c', type=click.IntRange(1, 5), default=1, show_default=True, help='How often.')
@click.option('--color', type=click.Choice(['red', 'green'], case_sensitive=False), multiple=True)
@click.pass_obj
def greet(obj, names, count, color):
    """Greets NAMES."""
    for n in names:
        for _ in range(count): click.echo(click.style(f'Hello {n}!', fg=color[0] if color else None, bold=obj['verbose']))
@cli.command('sum')
@click.argument('numbers', type=float, nargs=-1)
@click.option('--unit', prompt='Unit', default='m')
@click.option('--when', type=click.DateTime(), default='2020-01-02')
def total(numbers, unit, when): click.echo(f'{sum(numbers):.2f} {unit} {when:%d.%m.%Y}')
@cli.command()
@click.option('--pair', type=(str, int), multiple=True)
@click.option('--file', type=click.File('r'), default='-')
@click.confirmation_option(prompt='Really?')
def read(pair, file): click.echo(repr(pair)); click.echo(file.read().upper(), nl=False)
@cli.command()
def fail(): raise click.ClickException('did not work')
@cli.command()
def progress():
    with click.progressbar(range(5), label='Work') as bar:
        for _ in bar: pass
    click.secho('done', fg='green', err=True); click.echo(click.unstyle(click.style('x', underline=True)))
runner = CliRunner(mix_stderr=True)
for args, text in ((['--help'], None), (['greet', '--help'], None), (['greet', 'A', 'B', '-c2'], None), (['-v', 'greet', 'Zoë', '--color', 'RED'], None), (['greet'], None),
                   (['greet', 'x', '-c', '9'], None), (['greet', 'x', '--color', 'blue'], None), (['sum', '1.5', '2'], 'km\n'), (['sum', 'x'], '\n'), (['sum', '--unit', 'g', '--when', '2021-13-01'], None),
                   (['read', '--pair', 'a', '1', '--pair', 'b', '2'], 'y\nsome text\n'), (['read'], 'n\n'), (['read', '--pair', 'a'], None), (['fail'], None), (['none'], None), (['--version'], None), (['gret'], None), (['progress'], None), ([], None)):
    r = runner.invoke(cli, args, input=text, color='RED' in args)
    print(args, r.exit_code); print(r.output)
    if r.exception and not isinstance(r.exception, SystemExit): print(repr(r.exception))
