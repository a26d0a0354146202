/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shared config and credentials files of an instance, kept as they were read last: they are read anew only when
 * one of them, or where it is, has changed. Shared by threads.
 */
#ifndef MSTR_PROVIDERS_AWS_CONFIG_KEPT_CONFIG_H
#define MSTR_PROVIDERS_AWS_CONFIG_KEPT_CONFIG_H

#include "aws/config/files.h"
#include "aws/config/shared_config.h"
#include "base/flight.h"

enum { CONFIG_FILES = 2 }; /* the config file and the credentials file */

struct kept_config {
    pthread_mutex_t mutex;        /* of all below */
    struct flight flight;         /* while it is busy, all else is the reader's */
    struct shared_config *latest; /* NULL = none */
    char *paths[CONFIG_FILES];    /* that it was read from; NULL without a home folder */
    struct file_identity identities[CONFIG_FILES];
};

/* Where a file is: AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE, else below the home folder. False when there is
 * no home folder. */
bool kept_config_path(bool credentials, struct buffer *out);

/* False without resources. */
bool kept_config_init(struct kept_config *kept);
/* What both files say now, for shared_config_release(); a missing one is empty. MSTR_E_CONFIG names file and line;
 * pipes, and another who reads them, are waited for within the call's limits. */
enum mstr_code kept_config_get(struct kept_config *kept, const struct mstr_call *call, struct shared_config **out,
                               struct mstr_error *error);
/* The same for one who keeps nothing. */
enum mstr_code kept_config_read(const struct mstr_call *call, struct shared_config **out, struct mstr_error *error);
/* Others keep what they got. */
void kept_config_destroy(struct kept_config *kept);

#endif
