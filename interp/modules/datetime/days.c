// SPDX-License-Identifier: Apache-2.0
// The proleptic Gregorian calendar: dates to day numbers and back, ISO weeks. Leaves what a number means to Python to the types.
//
// Both directions are those of Cassio Neri and Lorenz Schneider, "Euclidean affine functions and their application to calendar algorithms" (2022): years begin in March, so
// that the leap day is a year's last, and each division by a cycle's length is a multiplication and a shift. They count from March 1st of year 0.
#include "interp/modules/datetime/datetime.h"

enum { MARCH_ZERO = 305 }; // ordinal 1 is day 306 from 0000-03-01

static bool is_leap(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int days_in_month(int year, int month) {
    if (month == 2) return is_leap(year) ? 29 : 28;
    return 30 + ((month + (month >> 3)) & 1); // 31 in odd months to July, in even ones from August
}

int days_ordinal(int year, int month, int day) {
    bool early = month <= 2;
    uint32_t y = (uint32_t)year - early, m = (uint32_t)(early ? month + 12 : month), century = y / 100;
    uint32_t days = 1461 * y / 4 - century + century / 4 + (979 * m - 2919) / 32 + (uint32_t)day - 1;
    return (int)days - MARCH_ZERO;
}

void days_civil(int ordinal, int *year, int *month, int *day) {
    uint32_t n = 4 * (uint32_t)(ordinal + MARCH_ZERO) + 3, century = n / 146097, in_century = n % 146097 / 4;
    uint64_t p = 2939745ull * (4 * in_century + 3);
    uint32_t day_of_year = (uint32_t)p / 2939745 / 4, k = 2141 * day_of_year + 197913;
    bool late = day_of_year >= 306; // January and February
    *year = (int)(100 * century + (uint32_t)(p >> 32)) + late;
    *month = (int)(k / 65536) - (late ? 12 : 0);
    *day = (int)(k % 65536 / 2141) + 1;
}

int days_of_year(int year, int month, int day) { return days_ordinal(year, month, day) - days_ordinal(year, 1, 1) + 1; }

int days_week_one(int year) {
    int fourth = days_ordinal(year, 1, 4); // always in week 1
    return fourth - days_weekday(fourth);
}

void days_iso(int ordinal, int *year, int *week, int *weekday) {
    int w = days_weekday(ordinal), thursday = ordinal - w + 3, month, day; // a week belongs to the year of its Thursday
    days_civil(thursday, year, &month, &day);
    *week = (days_of_year(*year, month, day) - 1) / 7 + 1;
    *weekday = w + 1;
}

const char *days_from_iso(int year, int week, int weekday, int *ordinal, int *bad) {
    *bad = year;
    if (year < YEAR_MIN || year > YEAR_MAX) return "Year is out of range: %d";
    int monday = days_week_one(year);
    *bad = week;
    if (week < 1 || week > 53) return "Invalid week: %d";
    if (week == 53) { // a long year begins with a Thursday, or is a leap year that begins with a Wednesday
        int first = days_weekday(days_ordinal(year, 1, 1));
        if (first != 3 && !(first == 2 && is_leap(year))) return "Invalid week: %d";
    }
    *bad = weekday;
    if (weekday < 1 || weekday > 7) return "Invalid day: %d (range is [1, 7])";
    *ordinal = monday + (week - 1) * 7 + weekday - 1;
    return NULL;
}
