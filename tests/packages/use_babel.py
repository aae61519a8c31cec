# SPDX-License-Identifier: Apache-2.0
# Babel: numbers, dates, plurals, currencies, units, message catalogs in many languages.
import babel, datetime, decimal, io
from babel import Locale, numbers, dates, plural, units, lists, messages
from babel.messages import catalog, pofile, mofile, extract
when = datetime.datetime(2020, 3, 1, 15, 7, 9, 123456); n = decimal.Decimal('1234567.891')

have = [l for l in ('en_US', 'de_DE', 'fr_FR', 'ja_JP', 'ar_EG', 'ru_RU', 'hi_IN', 'pl_PL', 'zh_Hans_CN', 'pt_BR', 'he_IL', 'cs_CZ') if babel.localedata.exists(l)]
print(have)
for l in have:
    locale = Locale.parse(l); print(l, locale.display_name, locale.english_name, locale.territories.get('DE'), locale.languages.get('fr'), locale.text_direction)
    for f in ('short', 'medium', 'long', 'full'): print(dates.format_date(when, f, l), '|', dates.format_time(when, 'short', locale=l), '|', dates.format_datetime(when, f, locale=l) if f in ('short', 'medium') else '')
    print(numbers.format_decimal(n, locale=l), numbers.format_currency(n, 'EUR', locale=l), numbers.format_percent(0.345, locale=l), numbers.format_scientific(12345, locale=l))
    print(dates.format_timedelta(datetime.timedelta(days=3), locale=l), dates.format_timedelta(datetime.timedelta(hours=-5), add_direction=True, locale=l), [locale.plural_form(i) for i in (0, 1, 2, 3, 5, 11, 21, 100)], units.format_unit(3.5, 'length-kilometer', locale=l), lists.format_list(['a', 'b', 'c'], locale=l), dates.get_month_names('wide', locale=l)[3], dates.format_skeleton('yMMMd', when, locale=l), dates.format_interval(when.date(), when.date() + datetime.timedelta(9), 'yMMMd', locale=l))
print(numbers.parse_decimal('1.234,5', locale='de'), numbers.format_decimal(1234.5, '#,##0.00;(#)', locale='en'), numbers.format_decimal(-1, '0.0;(0.0)', locale='en'), numbers.get_currency_symbol('USD', 'en'), plural.to_python({'one': 'n is 1', 'few': 'n in 2..4'})(3), plural.to_gettext({'one': 'n is 1'}), babel.negotiate_locale(['de_AT', 'en'], ['en', 'de']), str(Locale.negotiate(['x', 'de_CH'], ['de', 'en'])))
for action in (lambda: Locale.parse('xx_YY'), lambda: numbers.parse_decimal('x', locale='en'), lambda: Locale.parse('not a locale'), lambda: plural.PluralRule({'one': 'n is'})):
    try: print(action())
    except Exception as e: print(type(e).__name__, e)
c = catalog.Catalog(locale='de', project='p', version='1', creation_date=datetime.datetime(2020, 1, 1), revision_date=datetime.datetime(2020, 1, 1)); c.add('Hello %(name)s', 'Hallo %(name)s', locations=[('a.py', 3)], flags=['python-format'], auto_comments=['note']); c.add(('%d file', '%d files'), ('%d Datei', '%d Dateien')); c.add('fuzzy', 'x', flags=['fuzzy'], context='ctx')
out = io.BytesIO(); pofile.write_po(out, c); print(out.getvalue().decode()); out.seek(0); back = pofile.read_po(out, locale='de'); print(len(back), back['fuzzy'], [m.id for m in back], [list(e) for m, e in back.check()])
mo = io.BytesIO(); mofile.write_mo(mo, c); print(len(mo.getvalue())); mo.seek(0)
import gettext; t = gettext.GNUTranslations(mo); print(t.gettext('Hello %(name)s'), t.ngettext('%d file', '%d files', 2))
print(list(extract.extract('python', io.BytesIO(b"_('a')\nngettext('b', 'c', n)\n# NOTE: hi\ngettext('d' 'e')\n"), comment_tags=['NOTE'])))
