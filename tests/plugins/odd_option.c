/* SPDX-License-Identifier: Apache-2.0 */
/* Has an option of a type that does not exist. */
#include "double.h"

static const struct mstr_option options[] = {{"odd", (enum mstr_option_type)99, 0, "x", "odd"},
                                             {NULL, MSTR_OPTION_STRING, 0, NULL, NULL}};
static const struct mstr_provider provider = {DOUBLE_MEMBERS, .options = options};
DOUBLE_ENTRY(&provider)
