/* SPDX-License-Identifier: Apache-2.0 */
/* Credential files: what is accepted has an identity's type and a universe that can be part of a host name. */
#include "base/text.h"
#include "gcp/identity/credential_file.h"
#include "plugin/host.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gcp_identity *identity = NULL;
    host = &host_table;
    enum mstr_code code = credential_file_parse(NULL, "it", (const char *)data, size, &identity, NULL);
    if (code == MSTR_OK ? identity->kind->fetch == NULL || !text_is_made_of(identity->universe, "-.")
                        : identity != NULL) {
        abort();
    }
    gcp_identity_release(identity);
    return 0;
}
