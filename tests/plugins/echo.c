/* SPDX-License-Identifier: Apache-2.0 */
/* Broken in no way. */
#include "double.h"

static const struct mstr_provider provider = {DOUBLE_MEMBERS};
DOUBLE_ENTRY(&provider)
