/* SPDX-License-Identifier: Apache-2.0 */
/* Was built for ABI 1.1. */
#define WITH_PROMPT
#include "older.c"
