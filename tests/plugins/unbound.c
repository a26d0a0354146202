/* SPDX-License-Identifier: Apache-2.0 */
/* Needs a function that nobody has. */
#include "double.h"

extern const struct mstr_provider *mstr_double_missing(void);
DOUBLE_ENTRY(mstr_double_missing())
