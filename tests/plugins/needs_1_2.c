/* SPDX-License-Identifier: Apache-2.0 */
/* Cannot do without what ABI 1.2 brought, and says so where it is missing. */
#include "double.h"

static enum mstr_code create(const struct mstr_instance *instance, void **self, struct mstr_error *error)
{
    if (!MSTR_HAS(host, struct mstr_host, read_trusted_file)) {
        return host->error_set(error, MSTR_E_PLUGIN, "this plugin needs a libmstr with ABI 1.2, and %s has %u.%u",
                               host->version, host->abi_major, host->abi_minor);
    }
    return double_create(instance, self, error);
}

static const struct mstr_provider provider = {.abi_major = MSTR_ABI_MAJOR,
                                              .size = sizeof(provider),
                                              .option_size = sizeof(struct mstr_option),
                                              .name = "double",
                                              .version = "1",
                                              .create = create,
                                              .resolve = double_resolve};
DOUBLE_ENTRY(&provider)
