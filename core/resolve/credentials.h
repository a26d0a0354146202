/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The credentials of a login to values, all at once: references in one batch, callbacks once each, off any lock.
 */
#ifndef MSTR_RESOLVE_CREDENTIALS_H
#define MSTR_RESOLVE_CREDENTIALS_H

#include "resolve/resolver.h"

#include <mstr/credential.h>

/* One credential to be resolved. */
struct credential_want {
    enum mstr_credential_kind kind;
    const mstr_credential *credential; /* NULL = absent, left alone */
    mstr_secret *value;                /* out; to be released by the caller */
    bool from_cache;                   /* out: the value, or a part of it, was not fetched just now */
    bool referenced;                   /* out: it came from references, in whole or in part */
};

/* MSTR_E_CONFIG where a value of this kind is of no use: one that is empty would log in as somebody else or as
 * nobody, one with NUL octets would be cut. */
enum mstr_code credentials_check_value(enum mstr_credential_kind kind, const char *octets, size_t length,
                                       mstr_error *error);
/* At most MSTR_CREDENTIAL_KINDS of them, each value checked. On failure nothing is left in the wants and the error
 * names the credential. `refresh` passes over the cache. */
enum mstr_code credentials_resolve(const struct resolver *resolver, struct credential_want *wants, size_t count,
                                   bool refresh, const struct limits *limits, mstr_error *error);

#endif
