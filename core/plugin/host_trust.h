/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whom TLS trusts, for plugins that speak it themselves: the rule of http/trust.h, as certificates in memory.
 */
#ifndef MSTR_PLUGIN_HOST_TRUST_H
#define MSTR_PLUGIN_HOST_TRUST_H

#include "base/error.h"
#include "http/options.h"

#include <mstr/provider.h>

/* mstr_host::trust over what the client of the host was told. To be released in any case. */
enum mstr_code host_trust_find(const struct http_client_options *options, const char *ca_file,
                               struct mstr_trust *trust, mstr_error *error);
/* mstr_host::trust_free. */
void host_trust_release(struct mstr_trust *trust);

#endif
