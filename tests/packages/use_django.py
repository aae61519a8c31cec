# SPDX-License-Identifier: Apache-2.0
# Django: templates, forms, URLs, requests through the test client, ORM queries as text, signals, translation, cache.
# threads: no, settings are one for the process
import sys, types, django
from django.conf import settings
settings.configure(DEBUG=False, SECRET_KEY='k' * 50, ROOT_URLCONF=__name__, ALLOWED_HOSTS=['*'], USE_TZ=True, LANGUAGE_CODE='en', INSTALLED_APPS=['django.contrib.contenttypes', 'django.contrib.auth'], MIDDLEWARE=['django.middleware.common.CommonMiddleware', 'django.middleware.csrf.CsrfViewMiddleware', 'django.middleware.security.SecurityMiddleware'],
    TEMPLATES=[{'BACKEND': 'django.template.backends.django.DjangoTemplates', 'OPTIONS': {'loaders': [('django.template.loaders.locmem.Loader', {'base.html': '<t>{% block b %}{% endblock %}</t>', 'page.html': '{% extends "base.html" %}{% block b %}{% for u in users %}{{ forloop.counter }}.{{ u.name|title }} {{ u.when|date:"D d M Y H:i" }} {{ u.size|filesizeformat }}{% empty %}none{% endfor %}{{ form.as_p }}{% url "item" 5 %}{% with x=1 %}{{ x|add:2 }}{% endwith %}{{ text|truncatewords:3|escape }}{% if users|length > 1 and not x %}many{% endif %}{% cycle "a" "b" %}{{ html|striptags }}{{ text|slugify }}{{ 3|pluralize }}{% endblock %}'})]}}],
    DATABASES={'default': {'ENGINE': 'django.db.backends.dummy'}}, DEFAULT_AUTO_FIELD='django.db.models.AutoField', LOGGING_CONFIG=None, CACHES={'default': {'BACKEND': 'django.core.cache.backends.locmem.LocMemCache'}})
django.setup()
import logging; logging.disable(logging.CRITICAL)
from django import forms
from django.http import *
from django.urls import path, re_path, reverse, include, resolve
from django.shortcuts import render, redirect
from django.template import Template, Context, TemplateSyntaxError
from django.core import signing, serializers, validators, paginator
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils import timezone, dateparse, html, text, translation, http, crypto
from django.db import models
from django.dispatch import Signal
from django.views import View
import datetime
class ContactForm(forms.Form):
    name = forms.CharField(max_length=10, help_text='Your name'); email = forms.EmailField(required=False); age = forms.IntegerField(min_value=3, initial=5)
    kind = forms.ChoiceField(choices=[('a', 'A'), ('b', 'B')], widget=forms.RadioSelect); when = forms.DateField(input_formats=['%d.%m.%Y'], required=False); many = forms.MultipleChoiceField(choices=[(1, 'x'), (2, 'y')], required=False); price = forms.DecimalField(max_digits=5, decimal_places=2, required=False)
    def clean_name(self):
        if self.cleaned_data['name'] == 'bad': raise forms.ValidationError('bad name')
        return self.cleaned_data['name'].upper()
    def clean(self):
        if self.cleaned_data.get('age') == 13: self.add_error('age', 'unlucky'); raise forms.ValidationError('no 13')
users = [types.SimpleNamespace(name='ann lee', when=datetime.datetime(2020, 1, 2, 3, 4, tzinfo=datetime.timezone.utc), size=123456789), types.SimpleNamespace(name='bob', when=datetime.datetime(2021, 5, 6), size=10)]
def page(request): return render(request, 'page.html', {'users': users, 'form': ContactForm(request.POST or None), 'text': 'a <b> c d e', 'html': '<i>x</i>'})
def item(request, n): return JsonResponse({'n': n, 'get': dict(request.GET), 'post': request.POST.dict(), 'files': {k: f.read().decode() for k, f in request.FILES.items()}, 'method': request.method})
class Klass(View):
    def get(self, request): r = HttpResponse('view', headers={'X-A': 'b'}); r.set_cookie('c', 'd'); return r
    def post(self, request): raise Http404('none')
urlpatterns = [path('', page), path('item/<int:n>/', item, name='item'), path('k/', Klass.as_view(), name='k'), re_path(r'^r/(?P<y>[0-9]{4})/$', lambda r, y: HttpResponse(y)), path('s/', lambda r: StreamingHttpResponse(str(i) for i in range(3))), path('to/', lambda r: redirect('item', n=4)), path('sub/', include([path('<slug:s>/', lambda r, s: HttpResponse(s))])), path('deny/', lambda r: HttpResponseForbidden('no'))]
from django.test.client import Client, RequestFactory
c = Client()
import io
for r in (c.get('/'), c.post('/', {'name': 'toolongname1', 'age': '1', 'kind': 'z'}), c.get('/item/3/?a=1&a=2'), c.get('/item/3'), c.post('/item/4/', {'x': 'ü', 'f': io.StringIO('content')}), c.get('/k/'), c.post('/k/'), c.get('/r/2020/'), c.get('/s/'), c.get('/to/'), c.get('/sub/a-b/'), c.get('/none/'), c.get('/deny/'), c.put('/k/'), c.head('/k/'), c.options('/k/')):
    print(r.status_code, sorted(r.headers.items()), (b''.join(r) if r.streaming else r.content).decode())
for data in ({}, {'name': 'bad', 'age': 'x', 'kind': 'a'}, {'name': 'zoe', 'age': '13', 'kind': 'b', 'email': 'nope'}, {'name': 'zoe', 'age': '14', 'kind': 'b', 'email': 'a@b.de', 'when': '01.02.2020', 'many': ['1', '2'], 'price': '12.50'}):
    f = ContactForm(data); print(f.is_valid(), f.errors.as_json(), getattr(f, 'cleaned_data', None)); print(f.as_table())
class Author(models.Model):
    name = models.CharField(max_length=20)
    class Meta: app_label = 'x'
class Book(models.Model):
    author = models.ForeignKey(Author, models.CASCADE, related_name='books'); title = models.CharField(max_length=30, unique=True, blank=False); pages = models.PositiveIntegerField(default=1); when = models.DateTimeField(null=True)
    class Meta: app_label = 'x'; ordering = ['-title']
print(Book(title='a', pages=3), [f.name for f in Book._meta.get_fields()], Book._meta.verbose_name_plural, serializers.serialize('json', [Book(id=1, title='t', author_id=2)]))
try: Book(title='').clean_fields()
except ValidationError as e: print(sorted(e.message_dict.items()))
print(models.Q(a=1) & ~models.Q(b__gt=2) | models.Q(c__in=[1]), models.F('x') + 1, repr(models.Sum('pages')), Book.objects.filter(pages__gt=3).query.where.children[0].rhs)
for source in ('{% if %}', '{{ a|nofilter }}', '{% nope %}', '{% for x in y %}', '{{ a.b.c.d }}|{{ l.1 }}|{{ d.k }}|{{ f }}|{% firstof a b "z" %}|{% widthratio 5 10 100 %}|{{ "x<y" }}|{{ v|default:"<" }}|{% autoescape off %}{{ h }}{% endautoescape %}|{{ h|linebreaks }}|{{ n|floatformat:2 }}|{{ n|stringformat:".3f" }}|{{ l|join:", " }}|{{ l|slice:":1" }}|{% regroup p by k as g %}{% for x in g %}{{ x.grouper }}{% endfor %}|{% spaceless %}<a> <b></b> </a>{% endspaceless %}|{% verbatim %}{{ x }}{% endverbatim %}|{% comment %}x{% endcomment %}'):
    try: print(Template(source).render(Context({'l': [1, 2], 'd': {'k': 'v'}, 'f': lambda: 'called', 'h': '<b>\n', 'n': 3.14159, 'p': [{'k': 1}, {'k': 1}, {'k': 2}]})))
    except TemplateSyntaxError as e: print(type(e).__name__, e)
s = signing.dumps({'a': [1]}, salt='x'); print(signing.loads(s, salt='x'), reverse('item', args=[7]), resolve('/item/9/').kwargs, dateparse.parse_duration('3 days, 1:02:03'), html.escape('<&>'), html.format_html('<i>{}</i>', '<'), text.slugify('Ünï cödé!'), text.get_valid_filename('a b?.txt'), http.urlencode({'a': [1, 2]}, True), crypto.salted_hmac('a', 'b').hexdigest(), timezone.make_aware(datetime.datetime(2020, 1, 1)).isoformat())
with translation.override('de'): print(translation.gettext('Monday'), Template('{{ d|date:"l j. F Y" }}').render(Context({'d': datetime.date(2020, 3, 2)})))
cache.set('a', [1, 2], 30); cache.add('a', 3); print(cache.get('a'), cache.get_or_set('b', lambda: 5), cache.incr('b'), cache.get_many(['a', 'b', 'c']), cache.delete('a'))
sig = Signal(); got = []; fn = lambda sender, **kw: got.append(kw['v']); sig.connect(fn); sig.send(1, v=2); sig.send_robust(1, v=3); print(got)
p = paginator.Paginator(range(23), 5); print(p.num_pages, list(p.page(5)), p.page(2).has_next())
for v, x in ((validators.validate_email, 'x'), (validators.URLValidator(), 'http://a.b/c'), (validators.MaxValueValidator(3), 5), (validators.validate_ipv46_address, '::1'), (validators.RegexValidator('^a'), 'b')):
    try: print(v(x))
    except ValidationError as e: print(e)
from django.contrib.auth import hashers
print(hashers.make_password('pw', 'salt', 'pbkdf2_sha1')[:20])
