/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever Vault says to one who reads a secret by a token. */
#include "identity_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct surrounding surroundings[] = {
        {{{"VAULT_TOKEN", "hvs.token"}}},
        {{{"VAULT_TOKEN", "hvs.token"}, {"VAULT_NAMESPACE", "team"}}},
    };
    identity_fuzz(surroundings, sizeof(surroundings) / sizeof(*surroundings), NULL, "vault:secret/app", data, size);
    return 0;
}
