/* Credential files: what is accepted has an identity's type and a universe that can be part of a host name. */
#include "base/text.h"
#include "gcp/identity/identity.h"
#include "plugin/host.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct credential *credential = NULL;
    host = &host_table;
    enum mstr_code code = credential_parse(NULL, "it", (const char *)data, size, &credential, NULL);
    if (code == MSTR_OK ? credential->type->fetch == NULL || !text_is_made_of(credential->universe, "-.")
                        : credential != NULL) {
        abort();
    }
    credential_release(credential);
    return 0;
}
