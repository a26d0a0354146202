/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file in which the AWS CLI keeps a login: found by a digest, read, and written anew after a renewal so that the
 * CLI goes on with it. What its members mean is known to each kind of login alone.
 */
#ifndef MSTR_PROVIDERS_AWS_IDENTITY_LOGIN_CACHE_H
#define MSTR_PROVIDERS_AWS_IDENTITY_LOGIN_CACHE_H

#include "aws/identity/identity.h"
#include "base/json.h"

#include <openssl/evp.h>

struct login_kind {
    const char *name;    /* begins its messages */
    const char *command; /* that logs in */
    const char *nowhere; /* told where there is no home, */
    const char *missing; /* and where there is no file */
    const EVP_MD *(*digest)(void);
    const char *kept[8]; /* members that stay as they are when it is written anew; ended by NULL */
};

struct login_cache {
    const struct login_kind *kind;
    struct buffer path;
    struct json_object *json; /* NULL = it is not JSON */
    int64_t expires;          /* what it holds, ms since 1970 */
};

/* MSTR_E_AUTHENTICATION: the user has to log in anew, for this reason. */
enum mstr_code login_tell(const struct login_kind *kind, const struct section *profile, const char *why,
                          struct mstr_error *error);
/* Reads the file of `folder` that belongs to `name`. To be released whatever is returned. */
enum mstr_code login_cache_read(const struct login_kind *kind, const struct mstr_call *call,
                                const struct section *profile, const char *folder, const char *name,
                                struct login_cache *cache, struct mstr_error *error);
/* A blank one is accepted. */
void login_cache_release(struct login_cache *cache);
/* Whether it holds for long enough to be left as it is. */
bool login_cache_lasts(const struct login_cache *cache);
/* Writes it anew: `text` has the members that changed, and gets those that are kept. What is renewed is good also
 * where that fails; it is told in the log alone. */
void login_cache_write(const struct login_cache *cache, const struct surroundings *around, struct buffer *text);
/* Whether what it holds serves on where a renewal failed, which is then told in the log. */
bool login_cache_bears(const struct login_cache *cache, const struct surroundings *around,
                       const struct mstr_error *why);

#endif
