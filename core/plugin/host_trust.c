/* SPDX-License-Identifier: Apache-2.0 */
/* Whom TLS trusts, for plugins. */
#include "plugin/host_trust.h"

#include "base/text.h"
#include "http/trust.h"

#include <stdlib.h>

/* What follows the plugin's `size`, but for what this host does not know. */
static void clear(struct mstr_trust *trust)
{
    trust->reserved = 0;
    trust->pem = NULL;
    trust->pem_length = 0;
    trust->folders = NULL;
}

enum mstr_code host_trust_find(const struct http_client_options *options, const char *ca_file,
                               struct mstr_trust *trust, mstr_error *error)
{
    const struct trust found = trust_find(ca_file, options->ca_file, options->trust_environment);
    struct buffer pem = BUFFER_INIT;
    clear(trust);
    enum mstr_code code = trust_check(&found, error);
    if (code != MSTR_OK) {
        return code;
    }
    bool joined = trust_join(&found, trust_system_file(), &pem);
    trust->pem_length = pem.length;
    trust->pem = joined && pem.length > 0 ? buffer_take(&pem) : NULL;
    trust->folders = text_copy(found.folder.path);
    buffer_release(&pem);
    if (!joined || (found.folder.path != NULL && trust->folders == NULL)) {
        code = error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    return code;
}

void host_trust_release(struct mstr_trust *trust)
{
    buffer_free_text(trust->pem);
    free(trust->folders);
    clear(trust);
}
