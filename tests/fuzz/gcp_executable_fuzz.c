/* SPDX-License-Identifier: Apache-2.0 */
/* What programs print as subject tokens: what is accepted is a token; what is kept in a file is read the same. */
#include "gcp/identity/executable_answer.h"
#include "plugin/host.h"

#include "sdk/host.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer token = BUFFER_INIT;
    host = &host_table;
    enum mstr_code code = executable_answer_read((const char *)data, size, &token, NULL);
    if ((code == MSTR_OK) != (token.length > 0)) {
        abort();
    }
    executable_answer_holds((const char *)data, size);
    buffer_release(&token);
    return 0;
}
