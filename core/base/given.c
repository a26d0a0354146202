/* SPDX-License-Identifier: Apache-2.0 */
/* Structures that a program hands over. */
#include "base/given.h"

enum mstr_code given_check(const char *what, bool initialised, uint32_t flags, uint32_t known, mstr_error *error)
{
    if (!initialised) {
        error_set(error, MSTR_E_USAGE, "%s not initialised", what);
        error_set_hint(error, "begin the structure with its initialiser, MSTR_…_INIT");
        return MSTR_E_USAGE;
    }
    if ((flags & ~known) != 0) {
        return error_set(error, MSTR_E_USAGE, "%s given flags that this version does not know: 0x%x", what,
                         (unsigned)(flags & ~known));
    }
    return MSTR_OK;
}

enum mstr_code given_numbers(const char *what, const struct given_number *numbers, size_t count, mstr_error *error)
{
    for (size_t i = 0; i < count; i++) {
        const struct given_number *number = &numbers[i];
        if (number->value < number->least || number->value > number->most) {
            bool bounded = number->most != INT64_MAX;
            return bounded ? error_set(error, MSTR_E_USAGE, "%s given %s = %lld, which must be from %lld to %lld",
                                       what, number->name, (long long)number->value, (long long)number->least,
                                       (long long)number->most)
                           : error_set(error, MSTR_E_USAGE, "%s given %s = %lld, which must be %lld or more", what,
                                       number->name, (long long)number->value, (long long)number->least);
        }
    }
    return MSTR_OK;
}

enum mstr_code given_call(const mstr_call_options *options, mstr_error *error)
{
    static const char what[] = "the options of the call were";
    if (options == NULL) {
        return MSTR_OK;
    }
    enum mstr_code code = given_check(what, MSTR_HAS(options, mstr_call_options, cancel), options->flags,
                                      MSTR_CALL_NO_CACHE | MSTR_CALL_LEAVE_DELEGATED, error);
    const struct given_number timeout = GIVEN_COUNT(options, mstr_call_options, timeout);
    return code == MSTR_OK ? given_numbers(what, &timeout, 1, error) : code;
}
