/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What decides where AWS is asked and by whom: the settings of whoever uses these floors, the environment and the
 * shared config, in this order. Reads no option itself: under the plugin of another store the same names mean other
 * things.
 */
#ifndef MSTR_PROVIDERS_AWS_CONFIG_CONFIGURATION_H
#define MSTR_PROVIDERS_AWS_CONFIG_CONFIGURATION_H

#include "aws/config/kept_config.h"
#include "base/buffer.h"

#include <mstr/provider.h>

/* EC2's metadata service where a configuration of another kind has its URLs; each may be NULL. */
struct imds_urls {
    const char *session; /* gives the session's token; NULL = it is done without one */
    const char *keys;    /* the list of roles; NULL = it is not asked for keys */
    const char *zone;    /* the availability zone */
};

/* What the user of these floors sets; all but the instance may be NULL. The texts are borrowed. */
struct aws_settings {
    const struct mstr_instance *instance; /* in whose name the log speaks */
    const char *profile;
    const char *region;
    const char *credential_source; /* the one identity to ask */
    const char *role_arn;          /* to be assumed with the keys found */
    const char *external_id;
    const char *mfa_serial;
    const char *endpoint; /* of the service that the user asks, not of those on the way to an identity */
    const char *ca_file;
    const struct imds_urls *imds; /* the metadata service's URLs in place of its own: this machine is an instance, and
                                   * profiles are not asked for keys; NULL = it is asked by its own, last of all */
    struct kept_config *kept; /* where the files are kept from one call to the next; NULL = they are read each time */
};

/* All three together. */
struct configuration {
    const struct aws_settings *settings;
    struct shared_config *files;
    const char *profile_name;
    const struct section *profile; /* NULL where there is none of that name */
    const char *region;            /* NULL = none known */
};

/* Takes the shared config and finds the profile and the region in it. A profile that was asked for by name must be
 * there: another identity by accident would be worse. Release whatever happened. */
enum mstr_code configuration_load(const struct mstr_call *call, const struct aws_settings *settings,
                                  struct configuration *config, struct mstr_error *error);
void configuration_release(struct configuration *config);

/* Whom TLS trusts: the setting, AWS_CA_BUNDLE, the profile's ca_bundle; NULL = whom the host does. */
const char *configuration_ca_file(const struct configuration *config);
/* What AWS has for it where that counts, "AWS_CA_BUNDLE" or "ca_bundle", else NULL. */
const char *configuration_ca_source(const struct configuration *config);
/* Tells an error about a file of this source by its name, which the host does not know. */
void configuration_name_ca_file(const struct configuration *config, struct mstr_error *error);

#endif
