/* SPDX-License-Identifier: Apache-2.0 */
/* Points in time as services write them. */
#include "base/timestamp.h"

#include "base/text.h"

#include <string.h>

struct civil {
    int year, month, day, hour, minute, second;
};

static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
static const char *const weekdays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

static bool leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in(int year, int month)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && leap(year) ? 29 : lengths[month - 1];
}

/* Days from 1970-01-01, by the Gregorian calendar. */
static int64_t days_before(int year, int month, int day)
{
    int64_t past = year - 1;
    int64_t days = past * 365 + past / 4 - past / 100 + past / 400 - 719162; /* those before 1970 */
    for (int m = 1; m < month; m++) {
        days += days_in(year, m);
    }
    return days + day - 1;
}

bool timestamp_from_civil(int year, int month, int day, int hour, int minute, int second, int64_t *milliseconds)
{
    if (year < 1970 || year > 9999 || month < 1 || month > 12 || day < 1 || day > days_in(year, month) || hour < 0 ||
        hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) {
        return false;
    }
    *milliseconds = (((days_before(year, month, day) * 24 + hour) * 60 + minute) * 60 + second) * 1000;
    return true;
}

/* Reads exactly `count` digits and moves past them. */
static bool digits(const char **at, int count, int *number)
{
    int value = 0;
    for (int i = 0; i < count; i++) {
        if ((*at)[i] < '0' || (*at)[i] > '9') {
            return false;
        }
        value = value * 10 + ((*at)[i] - '0');
    }
    *at += count;
    *number = value;
    return true;
}

/* Moves past one octet if it is among `choices`. */
static bool one_of(const char **at, const char *choices)
{
    if (**at == '\0' || strchr(choices, **at) == NULL) {
        return false;
    }
    ++*at;
    return true;
}

/* ".5" -> 500; further digits are cut. True without a fraction. */
static bool fraction(const char **at, int *milliseconds)
{
    *milliseconds = 0;
    if (!one_of(at, ".")) {
        return true;
    }
    int weight = 100;
    const char *start = *at;
    for (; **at >= '0' && **at <= '9'; ++*at) {
        *milliseconds += (**at - '0') * weight;
        weight /= 10;
    }
    return *at != start;
}

/* The whole rest as an offset from UTC, in minutes. */
static bool offset(const char *at, int *minutes)
{
    int hour = 0;
    int minute = 0;
    *minutes = 0;
    if (strcmp(at, "Z") == 0 || strcmp(at, "z") == 0 || strcmp(at, "UTC") == 0 || strcmp(at, " UTC") == 0) {
        return true;
    }
    int sign = *at == '-' ? -1 : 1;
    if (!one_of(&at, "+-") || !digits(&at, 2, &hour) || !one_of(&at, ":") || !digits(&at, 2, &minute) ||
        *at != '\0' || hour > 23 || minute > 59) {
        return false;
    }
    *minutes = sign * (hour * 60 + minute);
    return true;
}

bool timestamp_parse_rfc3339(const char *text, int64_t *milliseconds)
{
    const char *at = text;
    struct civil c;
    int part = 0;
    int minutes = 0;
    int64_t whole = 0;
    bool good = digits(&at, 4, &c.year) && one_of(&at, "-") && digits(&at, 2, &c.month) && one_of(&at, "-") &&
                digits(&at, 2, &c.day) && one_of(&at, "Tt ") && digits(&at, 2, &c.hour) && one_of(&at, ":") &&
                digits(&at, 2, &c.minute) && one_of(&at, ":") && digits(&at, 2, &c.second) && fraction(&at, &part) &&
                offset(at, &minutes) &&
                timestamp_from_civil(c.year, c.month, c.day, c.hour, c.minute, c.second, &whole);
    if (good) {
        *milliseconds = whole + part - (int64_t)minutes * 60000;
    }
    return good;
}

/* The same as it is written loosely. */
static bool loose_offset(const char *at, int *minutes)
{
    int hour = 0;
    int minute = 0;
    *minutes = 0;
    at += *at == ' ';
    if (*at == '\0' || strcmp(at, "GMT") == 0 || offset(at, minutes)) {
        return true;
    }
    int sign = *at == '-' ? -1 : 1;
    bool good = one_of(&at, "+-") && digits(&at, 2, &hour) && (*at == '\0' || digits(&at, 2, &minute)) &&
                *at == '\0' && hour <= 23 && minute <= 59;
    *minutes = sign * (hour * 60 + minute);
    return good;
}

/* Two digits behind a separator, if there are separators. */
static bool field(const char **at, bool separated, const char *separator, int *number)
{
    return (!separated || one_of(at, separator)) && digits(at, 2, number);
}

static bool loose_time(const char **at, struct civil *c, int *part)
{
    bool good = one_of(at, "Tt ") && digits(at, 2, &c->hour);
    bool separated = good && **at == ':';
    good = good && field(at, separated, ":", &c->minute);
    if (good && (**at == ':' || (!separated && **at >= '0' && **at <= '9'))) {
        good = field(at, separated, ":", &c->second) && fraction(at, part);
    }
    return good;
}

bool timestamp_parse_iso8601(const char *text, int64_t *milliseconds)
{
    const char *at = text;
    struct civil c = {.hour = 0};
    int part = 0;
    int minutes = 0;
    int64_t whole = 0;
    bool good = digits(&at, 4, &c.year);
    bool separated = good && *at == '-';
    good = good && field(&at, separated, "-", &c.month) && field(&at, separated, "-", &c.day) &&
           (*at == '\0' || loose_time(&at, &c, &part)) && loose_offset(at, &minutes) &&
           timestamp_from_civil(c.year, c.month, c.day, c.hour, c.minute, c.second, &whole);
    if (good) {
        *milliseconds = whole + part - (int64_t)minutes * 60000;
    }
    return good;
}

/* Moves past one of `names`, of three letters each, and tells which. */
static bool name(const char **at, const char *const *names, int count, int *index)
{
    for (*index = 0; *index < count; ++*index) {
        if (text_starts_with(*at, names[*index])) {
            *at += 3;
            return true;
        }
    }
    return false;
}

bool timestamp_parse_http(const char *text, int64_t *milliseconds)
{
    const char *at = text;
    struct civil c;
    int weekday = 0;
    bool good = name(&at, weekdays, 7, &weekday) && one_of(&at, ",") && one_of(&at, " ") && digits(&at, 2, &c.day) &&
                one_of(&at, " ") && name(&at, months, 12, &c.month) && one_of(&at, " ") && digits(&at, 4, &c.year) &&
                one_of(&at, " ") && digits(&at, 2, &c.hour) && one_of(&at, ":") && digits(&at, 2, &c.minute) &&
                one_of(&at, ":") && digits(&at, 2, &c.second) && strcmp(at, " GMT") == 0;
    return good && timestamp_from_civil(c.year, c.month + 1, c.day, c.hour, c.minute, c.second, milliseconds);
}

bool timestamp_parse_retry_after(const char *text, int64_t now, int64_t *delay)
{
    int64_t number = 0;
    if (text_to_int64(text, &number) && number >= 0) {
        *delay = number < INT64_MAX / 1000 ? number * 1000 : INT64_MAX;
        return true;
    }
    if (timestamp_parse_http(text, &number)) {
        *delay = number > now ? number - now : 0;
        return true;
    }
    return false;
}

/* The civil time of a moment, which is moved into the years 1970 to 9999 if it lies outside. */
static struct civil civil_of(int64_t milliseconds)
{
    static const int64_t last = 253402300799; /* 9999-12-31T23:59:59Z */
    int64_t seconds = milliseconds < 0 ? 0 : milliseconds / 1000 > last ? last : milliseconds / 1000;
    int64_t days = seconds / 86400;
    int rest = (int)(seconds % 86400);
    struct civil c = {.hour = rest / 3600, .minute = rest / 60 % 60, .second = rest % 60};

    c.year = (int)(1970 + days / 366); /* never too late; at most a few years early */
    while (days_before(c.year + 1, 1, 1) <= days) {
        c.year++;
    }
    days -= days_before(c.year, 1, 1);
    for (c.month = 1; days >= days_in(c.year, c.month); c.month++) {
        days -= days_in(c.year, c.month);
    }
    c.day = (int)days + 1;
    return c;
}

/* Two digits at `at`. */
static void put(char *at, int number)
{
    at[0] = (char)('0' + number / 10 % 10);
    at[1] = (char)('0' + number % 10);
}

void timestamp_format_basic(int64_t milliseconds, char out[17])
{
    struct civil c = civil_of(milliseconds);
    memcpy(out, "00000000T000000Z", 17);
    put(out, c.year / 100);
    put(out + 2, c.year);
    put(out + 4, c.month);
    put(out + 6, c.day);
    put(out + 9, c.hour);
    put(out + 11, c.minute);
    put(out + 13, c.second);
}

void timestamp_format_rfc3339(int64_t milliseconds, char out[21])
{
    struct civil c = civil_of(milliseconds);
    memcpy(out, "0000-00-00T00:00:00Z", 21);
    put(out, c.year / 100);
    put(out + 2, c.year);
    put(out + 5, c.month);
    put(out + 8, c.day);
    put(out + 11, c.hour);
    put(out + 14, c.minute);
    put(out + 17, c.second);
}
