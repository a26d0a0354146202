/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which URLs a credential file may name. Such files come from outside: a foreign token URL would be handed the
 * subject token, a foreign impersonation URL the access token. Pure but for telling errors.
 */
#ifndef MSTR_PROVIDERS_GCP_CONFIG_URL_POLICY_H
#define MSTR_PROVIDERS_GCP_CONFIG_URL_POLICY_H

#include <mstr/provider.h>
#include <stdbool.h>

/* https, or http to loopback. The message names the member and its source. */
enum mstr_code url_policy_plain(const char *url, const char *member, const char *source, struct mstr_error *error);
/* The same, and one of the host forms of a Google API such as "sts" in this universe, or loopback. */
enum mstr_code url_policy_google(const char *url, const char *member, const char *source, const char *api,
                                 const char *universe, struct mstr_error *error);
/* Whether `host_name` is sts.G, LABEL.sts.G, sts.LABEL.G, LABEL-sts.G or sts-LABEL.p.G, each also with mtls before
 * G. */
bool url_policy_host_fits(const char *host_name, const char *api, const char *universe);

#endif
