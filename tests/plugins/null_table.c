/* SPDX-License-Identifier: Apache-2.0 */
/* Refuses the host. */
#include "double.h"

DOUBLE_ENTRY(NULL)
