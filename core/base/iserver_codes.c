/* SPDX-License-Identifier: Apache-2.0 */
/* The symbolic name of an I-Server code. */
#include "base/iserver_codes.h"

#include <mstr/error.h>

const char *mstr_iserver_code_name(int32_t code)
{
    size_t low = 0;
    size_t high = iserver_code_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (iserver_codes[middle].code < code) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < iserver_code_count && iserver_codes[low].code == code ? iserver_names + iserver_codes[low].name
                                                                       : NULL;
}
