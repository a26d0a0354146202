/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A secret as Key Vault answers it (SecretBundle of its REST interface): the value, and what is known of it.
 */
#ifndef MSTR_PROVIDERS_AZURE_SERVICE_BUNDLE_H
#define MSTR_PROVIDERS_AZURE_SERVICE_BUNDLE_H

#include "azure/service/vault.h"
#include "base/buffer.h"

#include <mstr/provider.h>
#include <stdint.h>

struct bundle {
    struct buffer value;
    char version[NAME_LONGEST + 1]; /* "" = not told */
    char content_type[256];         /* "" = none */
    int64_t not_before;             /* ms since 1970; 0 = not limited */
    int64_t expires;
};

/* MSTR_E_PROTOCOL when it is none, or that of another secret than `asked` of this vault; MSTR_E_DENIED when the
 * secret is disabled. */
enum mstr_code bundle_read(const struct mstr_http_answer *answer, const struct secret_id *asked,
                           const struct vault *vault, struct bundle *bundle, struct mstr_error *error);
void bundle_release(struct bundle *bundle);

#endif
