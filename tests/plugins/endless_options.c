/* SPDX-License-Identifier: Apache-2.0 */
/* Has a table of options that does not end where it must. */
#include "double.h"

static struct mstr_option options[400];
static const struct mstr_provider provider = {DOUBLE_MEMBERS, .options = options};

const struct mstr_provider *mstr_provider_entry(const struct mstr_host *given)
{
    host = given;
    for (size_t i = 0; i < sizeof(options) / sizeof(*options) - 1; i++) {
        options[i] = (struct mstr_option){"again", MSTR_OPTION_STRING, 0, "x", "the same over and over"};
    }
    return &provider;
}
