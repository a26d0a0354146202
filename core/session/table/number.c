/* SPDX-License-Identifier: Apache-2.0 */
/* From digits to numbers. */
#include "session/table/number.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIGITS_MAX = 17, EXPONENT_MAX = 400 };

/* A decimal number: `digits` without leading and trailing zeros, as a whole number, times ten to `exponent`. */
struct decimal {
    bool negative;
    char digits[24];
    size_t count; /* of digits; more than fit = too many */
    int exponent;
};

static bool is_digit(char octet)
{
    return octet >= '0' && octet <= '9';
}

/* Digits of the mantissa; zeros are held back until another digit follows. */
static const char *take_digits(const char *text, struct decimal *decimal)
{
    size_t zeros = 0;
    int behind = 0;
    bool fraction = false;
    for (; is_digit(*text) || *text == '.'; text++) {
        if (*text == '.') {
            fraction = true;
            continue;
        }
        behind += fraction;
        zeros += *text == '0' && decimal->count > 0;
        if (*text == '0') {
            continue;
        }
        for (; zeros > 0; zeros--, decimal->count++) {
            decimal->digits[decimal->count < sizeof(decimal->digits) ? decimal->count : 0] = '0';
        }
        decimal->digits[decimal->count < sizeof(decimal->digits) ? decimal->count : 0] = *text;
        decimal->count++;
    }
    decimal->exponent = (int)zeros - behind;
    return text;
}

static bool read_decimal(const char *text, struct decimal *decimal)
{
    memset(decimal, 0, sizeof(*decimal));
    decimal->negative = *text == '-';
    text += decimal->negative;
    if (!is_digit(*text)) {
        return false;
    }
    text = take_digits(text, decimal);
    if (*text == 'e' || *text == 'E') {
        char *end = NULL;
        long exponent = strtol(text + 1, &end, 10);
        exponent = exponent > 2 * EXPONENT_MAX    ? 2 * EXPONENT_MAX
                   : exponent < -2 * EXPONENT_MAX ? -2 * EXPONENT_MAX
                                                  : exponent;
        decimal->exponent += (int)exponent;
        text = end;
    }
    return *text == '\0';
}

bool number_to_int64(const char *text, int64_t *number)
{
    struct decimal decimal;
    uint64_t value = 0;
    if (!read_decimal(text, &decimal)) {
        return false;
    }
    uint64_t most = (uint64_t)INT64_MAX + decimal.negative;
    int places = (int)decimal.count + decimal.exponent;
    if (decimal.count > 19 || (decimal.count > 0 && (decimal.exponent < 0 || places > 19))) {
        return false;
    }
    for (int i = 0; decimal.count > 0 && i < places; i++) {
        uint64_t digit = i < (int)decimal.count ? (uint64_t)(decimal.digits[i] - '0') : 0;
        if (value > (most - digit) / 10) {
            return false;
        }
        value = value * 10 + digit;
    }
    *number = decimal.negative ? (int64_t)(0 - value) : (int64_t)value;
    return true;
}

/* Written without a decimal point, whose form is the locale's. */
bool number_to_double(const char *text, double *number)
{
    struct decimal decimal;
    char plain[64];
    if (!read_decimal(text, &decimal) || decimal.count > DIGITS_MAX || decimal.exponent > EXPONENT_MAX ||
        decimal.exponent < -EXPONENT_MAX) {
        return false;
    }
    snprintf(plain, sizeof(plain), "%s%.*se%d", decimal.negative ? "-" : "",
             decimal.count > 0 ? (int)decimal.count : 1, decimal.count > 0 ? decimal.digits : "0", decimal.exponent);
    double value = strtod(plain, NULL);
    if (!isfinite(value) || (decimal.count > 0 && fabs(value) < DBL_MIN)) {
        return false;
    }
    *number = value;
    return true;
}
