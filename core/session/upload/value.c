/* SPDX-License-Identifier: Apache-2.0 */
/* Types of values. */
#include "session/upload/value.h"

#include "base/json.h"
#include "base/json_scan.h"
#include "base/text.h"
#include "base/timestamp.h"

#include <string.h>

enum { DATE = 10, TIME = 8 /* lengths */, DIGITS_MAX = 20 };

static bool is_text(const char *text, size_t length)
{
    return text_is_utf8(text, length);
}

static bool is_number(const char *text, size_t length)
{
    return length > 0 && json_scan_number(text, text + length) == text + length;
}

static bool is_whole(const char *text, size_t length, int64_t least, int64_t most)
{
    char digits[DIGITS_MAX + 1];
    int64_t number = 0;
    if (length > DIGITS_MAX || !is_number(text, length)) {
        return false;
    }
    memcpy(digits, text, length);
    digits[length] = '\0';
    return text_to_int64(digits, &number) && number >= least && number <= most;
}

static bool is_integer(const char *text, size_t length)
{
    return is_whole(text, length, INT32_MIN, INT32_MAX);
}

static bool is_big_integer(const char *text, size_t length)
{
    return is_whole(text, length, INT64_MIN, INT64_MAX);
}

static bool is_bool(const char *text, size_t length)
{
    return (length == 4 && memcmp(text, "true", 4) == 0) || (length == 5 && memcmp(text, "false", 5) == 0);
}

/* The number that the digits make; -1 where they are none. */
static int digits_at(const char *text, size_t count)
{
    int number = 0;
    for (size_t i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return -1;
        }
        number = number * 10 + (text[i] - '0');
    }
    return number;
}

static bool is_date(const char *text, size_t length)
{
    int64_t milliseconds = 0;
    if (length != DATE || text[4] != '-' || text[7] != '-') {
        return false;
    }
    int year = digits_at(text, 4); /* the calendar is the same each 400 years */
    return year >= 1 && timestamp_from_civil(2000 + year % 400, digits_at(text + 5, 2), digits_at(text + 8, 2), 0, 0,
                                             0, &milliseconds);
}

static bool is_time(const char *text, size_t length)
{
    if (length < TIME || text[2] != ':' || text[5] != ':') {
        return false;
    }
    const int parts[] = {digits_at(text, 2), digits_at(text + 3, 2), digits_at(text + 6, 2)};
    bool good = parts[0] >= 0 && parts[0] < 24 && parts[1] >= 0 && parts[1] < 60 && parts[2] >= 0 && parts[2] < 60;
    return good && (length == TIME || (text[TIME] == '.' && length > TIME + 1 && length <= TIME + 4 &&
                                       digits_at(text + TIME + 1, length - TIME - 1) >= 0));
}

static bool is_moment(const char *text, size_t length)
{
    return length > DATE + 1 && is_date(text, DATE) && (text[DATE] == 'T' || text[DATE] == ' ') &&
           is_time(text + DATE + 1, length - DATE - 1);
}

static const struct {
    const char *name;
    bool (*fits)(const char *text, size_t length);
    bool number;
    bool quoted;
} types[] = {
    [MSTR_UPLOAD_STRING] = {"STRING", is_text, false, true},
    [MSTR_UPLOAD_INTEGER] = {"INTEGER", is_integer, true, false},
    [MSTR_UPLOAD_BIGINTEGER] = {"BIGINTEGER", is_big_integer, true, false},
    [MSTR_UPLOAD_BOOL] = {"BOOL", is_bool, false, false},
    [MSTR_UPLOAD_DOUBLE] = {"DOUBLE", is_number, true, false},
    [MSTR_UPLOAD_BIGDECIMAL] = {"BIGDECIMAL", is_number, true, false},
    [MSTR_UPLOAD_DATE] = {"DATE", is_date, false, true},
    [MSTR_UPLOAD_TIME] = {"TIME", is_time, false, true},
    [MSTR_UPLOAD_DATETIME] = {"DATETIME", is_moment, false, true},
};

const char *value_type_name(enum mstr_upload_type type)
{
    return types[type].name;
}

bool value_is_number(enum mstr_upload_type type)
{
    return types[type].number;
}

bool value_fits(enum mstr_upload_type type, const char *text, size_t length)
{
    return types[type].fits(text, length);
}

void value_put(struct buffer *out, enum mstr_upload_type type, const char *text, size_t length)
{
    if (types[type].quoted) {
        json_put_string(out, text, length);
    } else {
        buffer_append(out, text, length);
    }
}
