# SPDX-License-Identifier: Apache-2.0
# openpyxl, xlsxwriter, pypdf, et_xmlfile: files written, read back, changed.
import io, zipfile, datetime, openpyxl, xlsxwriter, pypdf, et_xmlfile
from openpyxl.styles import Font, PatternFill, Alignment
from openpyxl.chart import BarChart, Reference
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.formatting.rule import ColorScaleRule
from openpyxl.worksheet.datavalidation import DataValidation
wb = openpyxl.Workbook(); ws = wb.active; ws.title = 'Data ü'
ws.append(['name', 'n', 'when', 'f', 'b'])
for i in range(20): ws.append([f'row {i}', i * 1.5, datetime.datetime(2020, 1, 1 + i, 3, 4), f'=B{i + 2}*2', i % 2 == 0])
ws['A1'].font = Font(bold=True, color='FF0000'); ws['B2'].fill = PatternFill('solid', fgColor='00FF00'); ws['B2'].number_format = '0.00'; ws.merge_cells('G1:H2'); ws.column_dimensions['A'].width = 30; ws.freeze_panes = 'A2'; ws.auto_filter.ref = 'A1:E21'
ws.conditional_formatting.add('B2:B21', ColorScaleRule(start_type='min', start_color='AA0000', end_type='max', end_color='00AA00')); dv = DataValidation(type='list', formula1='"a,b"'); ws.add_data_validation(dv); dv.add('J1')
c = BarChart(); c.add_data(Reference(ws, min_col=2, min_row=1, max_row=10), titles_from_data=True); ws.add_chart(c, 'L1'); wb.create_sheet('Second')['A1'] = 'x'; wb.defined_names.append(openpyxl.workbook.defined_name.DefinedName('nm', attr_text="'Data ü'!$A$1"))
wb.properties.created = wb.properties.modified = datetime.datetime(2020, 1, 1)
b = io.BytesIO(); wb.save(b); z = zipfile.ZipFile(b); print(sorted(z.namelist()))
for n in sorted(z.namelist()):
    if not n.startswith('docProps'): print(n, z.read(n).decode()[:1500])
back = openpyxl.load_workbook(b); s = back['Data ü']; print(back.sheetnames, s.dimensions, s['A1'].font.b, s['B2'].number_format, s.merged_cells.ranges, [[c.value for c in r] for r in s.iter_rows(min_row=1, max_row=4)], s['C3'].is_date, s.freeze_panes, get_column_letter(703), range_boundaries('B2:D5'))
ro = openpyxl.load_workbook(b, read_only=True, data_only=True); print(sum(1 for r in ro.worksheets[0].rows), [c.value for c in next(ro.worksheets[0].rows)])
for bad in ('x', '1A'):
    try: ws[bad]
    except Exception as e: print(type(e).__name__, e)
out = io.BytesIO(); book = xlsxwriter.Workbook(out, {'in_memory': True}); book.set_properties({'created': datetime.datetime(2020, 1, 1)}); sheet = book.add_worksheet('S'); bold = book.add_format({'bold': True, 'num_format': '#,##0.00', 'bg_color': 'yellow'})
for i in range(10): sheet.write_row(i, 0, [i, i * 2.5, f't{i}', None, i % 2 == 0], bold if i % 3 == 0 else None)
sheet.write_formula('F1', '=SUM(A1:A10)', bold, 45); sheet.write_datetime('G1', datetime.datetime(2020, 5, 6), book.add_format({'num_format': 'yyyy-mm-dd'})); sheet.write_url('H1', 'http://a.b/', string='link'); sheet.set_column('A:C', 20); sheet.add_table('J1:K4', {'columns': [{'header': 'h1'}, {'header': 'h2'}]}); sheet.conditional_format('A1:A10', {'type': 'data_bar'}); sheet.write_comment('A1', 'note', {'author': 'me'}); sheet.write_rich_string('A12', 'a ', bold, 'b'); sheet.insert_textbox('M1', 'text')
chart = book.add_chart({'type': 'line'}); chart.add_series({'values': '=S!$B$1:$B$10', 'name': 'n'}); chart.set_title({'name': 'T'}); sheet.insert_chart('M8', chart); book.close()
z = zipfile.ZipFile(out); print([(n, len(z.read(n)), z.getinfo(n).CRC) for n in sorted(z.namelist()) if 'docProps' not in n]); print(z.read('xl/worksheets/sheet1.xml').decode()); print([[c.value for c in r] for r in openpyxl.load_workbook(out).active['A1:F3']])
w = pypdf.PdfWriter()
for i in range(3): w.add_blank_page(200 + i, 100)
w.add_metadata({'/Title': 'T ü', '/Author': 'me'}); w.add_outline_item('chapter', 1); w.pages[0].rotate(90); w.add_js('app.alert(1)'); w.add_attachment('a.txt', b'attached')
p = io.BytesIO(); w.write(p); r = pypdf.PdfReader(p); print(len(p.getvalue()), len(r.pages), r.metadata.title, [o.title for o in r.outline], r.pages[0].mediabox, r.pages[0].get('/Rotate'), r.pages[1].extract_text())
m = pypdf.PdfMerger(); m.append(p, pages=(0, 2)); m.append(p); q = io.BytesIO(); m.write(q); print(len(pypdf.PdfReader(q).pages))
CONTENT = b'BT /F1 12 Tf 10 50 Td (Hello \\(World\\)) Tj 0 -14 Td [(A) -200 (B)] TJ ET'
objects = [b'<</Type/Catalog/Pages 2 0 R>>', b'<</Type/Pages/Kids[3 0 R]/Count 1>>', b'<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>', b'<</Length %d>>stream\n' % len(CONTENT) + CONTENT + b'\nendstream', b'<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>']
pdf, offsets = b'%PDF-1.4\n', []
for i, o in enumerate(objects, 1): offsets.append(len(pdf)); pdf += b'%d 0 obj' % i + o + b'endobj\n'
start = len(pdf); pdf += b'xref\n0 6\n0000000000 65535 f \n' + b''.join(b'%010d 00000 n \n' % o for o in offsets) + b'trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF' % start
print(repr(pypdf.PdfReader(io.BytesIO(pdf)).pages[0].extract_text()), sorted(pypdf.PdfReader(io.BytesIO(pdf)).trailer))
for bad in (b'', b'%PDF-1.4\nnothing', pdf[:200]):
    try: print(len(pypdf.PdfReader(io.BytesIO(bad)).pages))
    except Exception as e: print(type(e).__name__, e)
