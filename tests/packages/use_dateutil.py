# SPDX-License-Identifier: Apache-2.0
# dateutil: parsing, relative deltas, recurrences, time zones, easter.
from datetime import datetime, date, timedelta
from dateutil import parser, relativedelta, rrule, tz, easter, utils
from dateutil.relativedelta import relativedelta as rd, MO, FR
for text in ('2003-09-25T10:49:41.5-03:00', 'Thu Sep 25 10:36:28 2003', '25/09/2003', '10.9.03', 'Sep 2003', '20030925T104941', '10pm', 'July 4, 1976 12:01:02 am', '1 Jan 1999 11:23:34.578 UTC', 'today is 25 of September of 2003, exactly at 10:49:41', '99-01-02', '2020-W10-3', 'garbage', ''):
    for kw in ({}, {'dayfirst': True}, {'fuzzy': True}):
        try: print(text, kw, parser.parse(text, default=datetime(2000, 1, 1), **kw))
        except (ValueError, OverflowError) as e: print(text, kw, type(e).__name__, e)
print(parser.isoparse('2020-W10-3'), parser.isoparse('20200102T030405Z'), date(2020, 1, 31) + rd(months=1), date(2020, 2, 29) + rd(years=1), rd(datetime(2020, 5, 17), datetime(1999, 12, 31)), date(2020, 1, 1) + rd(weekday=FR(+2)), rd(hours=25, minutes=-90).normalized(), rd(days=3) * 2, date(2020, 6, 15) + rd(day=31))
r = rrule.rrule(rrule.MONTHLY, count=6, byweekday=(MO(1), FR(-1)), dtstart=datetime(2020, 1, 1)); print(list(r), r[2], r.after(datetime(2020, 3, 3)), r.between(datetime(2020, 2, 1), datetime(2020, 3, 1)), str(r))
print(list(rrule.rrulestr('DTSTART:19970902T090000\nRRULE:FREQ=YEARLY;INTERVAL=2;COUNT=3;BYMONTH=1;BYDAY=SU;BYHOUR=8,9')), list(rrule.rrule(rrule.DAILY, until=datetime(2020, 1, 5), dtstart=datetime(2020, 1, 1), byhour=(6, 18))))
s = rrule.rruleset(); s.rrule(r); s.exdate(datetime(2020, 1, 6)); s.rdate(datetime(2020, 1, 7)); print(list(s)[:4], len(list(s)))
ny, utc = tz.gettz('America/New_York'), tz.UTC
for when in (datetime(2020, 3, 8, 2, 30), datetime(2020, 11, 1, 1, 30), datetime(2020, 7, 1)):
    if ny: print(when.replace(tzinfo=ny).isoformat(), tz.datetime_exists(when, ny), tz.datetime_ambiguous(when, ny), when.replace(tzinfo=utc).astimezone(ny), tz.resolve_imaginary(when.replace(tzinfo=ny)))
print(tz.tzoffset('X', 3600), tz.tzstr('EST5EDT,M3.2.0,M11.1.0').utcoffset(datetime(2020, 7, 1)), tz.tzrange('A', -3600), [easter.easter(y) for y in (1999, 2020, 2024)], easter.easter(2020, easter.EASTER_ORTHODOX), utils.within_delta(datetime(2020, 1, 1), datetime(2020, 1, 2), timedelta(2)))
