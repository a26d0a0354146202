/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the user set of this store in the section [fleet], checked. Texts live as long as the instance.
 */
#ifndef MSTR_PROVIDERS_REDIS_CONFIG_SETTINGS_H
#define MSTR_PROVIDERS_REDIS_CONFIG_SETTINGS_H

#include "redis/config/url.h"

#include <mstr/provider.h>

/* Who one is to a server; NULL = not told. */
struct login {
    const char *username;
    const char *password;
};

struct settings {
    const struct mstr_instance *instance;
    struct url url;
    struct login login;
    struct login sentinel;
    const char *ca_file; /* NULL = the host's, as with the other files */
    const char *client_cert;
    const char *client_key;
    const char *server_name; /* NULL = the name of whom one connects to */
    bool allow_plain;
};

extern const struct mstr_option settings_options[];

/* MSTR_E_CONFIG where they do not go together. */
enum mstr_code settings_read(const struct mstr_instance *instance, struct settings *settings,
                             struct mstr_error *error);
/* MSTR_E_CONFIG where what is said to that place, which a server may have named, could be read by others. */
enum mstr_code settings_check_place(const struct settings *settings, const struct endpoint *endpoint,
                                    struct mstr_error *error);

#endif
