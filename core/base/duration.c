/* SPDX-License-Identifier: Apache-2.0 */
/* Durations as people write them, in the configuration and on command lines. */
#include <mstr/context.h>
#include <string.h>

#define LONGEST (INT64_C(366) * 24 * 3600000) /* ms */

enum mstr_code mstr_duration_parse(const char *text, int64_t *milliseconds)
{
    static const struct {
        const char *unit;
        int64_t factor;
    } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"", 1000}};
    size_t digits = text != NULL ? strspn(text, "0123456789") : 0;
    int64_t number = 0;
    for (size_t i = 0; i < digits && number <= LONGEST; i++) {
        number = number * 10 + (text[i] - '0');
    }
    for (size_t i = 0; digits > 0 && i < sizeof(units) / sizeof(*units); i++) {
        if (strcmp(text + digits, units[i].unit) == 0 && number <= LONGEST / units[i].factor) {
            number *= units[i].factor;
            *(milliseconds != NULL ? milliseconds : &number) = number;
            return MSTR_OK;
        }
    }
    return MSTR_E_USAGE;
}
