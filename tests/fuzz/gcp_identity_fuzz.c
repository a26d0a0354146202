/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens as Google's metadata server gives them, and what Secret Manager then says. */
#include "identity_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct surrounding surroundings[] = {
        {{{NULL, NULL}}},
        {{{"GCE_METADATA_HOST", "127.0.0.1:8080"}}},
    };
    identity_fuzz(surroundings, sizeof(surroundings) / sizeof(*surroundings), NULL, "gcp-sm://project/name", data,
                  size);
    return 0;
}
