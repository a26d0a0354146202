/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens as Azure's sources of them answer: Entra for a secret and for an assertion, App Service, the metadata
 * service. */
#include "identity_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct surrounding surroundings[] = {
        {{{"AZURE_TENANT_ID", "11111111-1111-1111-1111-111111111111"},
          {"AZURE_CLIENT_ID", "22222222-2222-2222-2222-222222222222"},
          {"AZURE_CLIENT_SECRET", "secret"}}},
        {{{"IDENTITY_ENDPOINT", "http://127.0.0.1/token"}, {"IDENTITY_HEADER", "header"}}},
        {{{NULL, NULL}}},
        {{{"AZURE_TENANT_ID", "11111111-1111-1111-1111-111111111111"},
          {"AZURE_CLIENT_ID", "22222222-2222-2222-2222-222222222222"},
          {"AZURE_FEDERATED_TOKEN_FILE", "/etc/hostname"}}},
    };
    identity_fuzz(surroundings, sizeof(surroundings) / sizeof(*surroundings), NULL, "azure-kv://corp/name", data,
                  size);
    return 0;
}
