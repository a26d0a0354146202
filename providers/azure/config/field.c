/* SPDX-License-Identifier: Apache-2.0 */
/* Text in fields. */
#include "azure/config/field.h"

#include <string.h>

bool field_set(char *field, size_t size, const char *text, size_t length)
{
    if (length >= size) {
        return false;
    }
    memcpy(field, text, length);
    field[length] = '\0';
    return true;
}
