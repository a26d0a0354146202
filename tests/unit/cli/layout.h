/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Octets as a test explains them: part by part, in hexadecimal digits with what they mean.
 */
#ifndef MSTR_TESTS_UNIT_CLI_LAYOUT_H
#define MSTR_TESTS_UNIT_CLI_LAYOUT_H

#include "support/unit.h"

#include <stdio.h>

struct layout_part {
    const char *octets; /* digits and blanks */
    const char *meaning;
};

#define assert_layout(octets, length, parts) layout_check(octets, length, parts, sizeof(parts) / sizeof((parts)[0]))

static inline void layout_check(const char *octets, size_t length, const struct layout_part *parts, size_t count)
{
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        for (const char *digits = parts[i].octets; *digits != '\0';) {
            unsigned expected = 0;
            int digit_count = 0;
            assert_int_equal(sscanf(digits, " %2x%n", &expected, &digit_count), 1);
            digits += digit_count;
            if (at >= length || (unsigned char)octets[at] != expected) {
                fail_msg("octet %zu of %zu is not %02x, of: %s", at, length, expected, parts[i].meaning);
            }
            at++;
        }
    }
    assert_int_equal(at, length);
}

#endif
