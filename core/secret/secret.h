/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making a mstr_secret with what the library knows of it. The value and its text attributes live in one block of
 * secure memory.
 */
#ifndef MSTR_SECRET_SECRET_H
#define MSTR_SECRET_SECRET_H

#include <mstr/error.h>
#include <mstr/secret.h>
#include <stdbool.h>

enum secret_source { SECRET_FROM_STORE, SECRET_FROM_CACHE, SECRET_STALE };

struct secret_facts {
    const char *version;      /* or NULL */
    const char *content_type; /* or NULL */
    const char *identity;     /* who read it, opaque (mstr_meta::identity), or NULL for this process itself */
    const char *null_hint;    /* what to do about a null in it (mstr_meta::null_hint), or NULL */
    int64_t expires;          /* ms since 1970, 0 = none */
    int64_t fetched;          /* ms since 1970 */
    enum secret_source source;
};

mstr_secret *secret_make(const void *octets, size_t length, const struct secret_facts *facts);
/* Another view of the same octets, told to come from elsewhere; shares the memory. */
mstr_secret *secret_from(mstr_secret *secret, enum secret_source source);
/* A secret of its own that was cut out of `whole`: same version, times and source. */
mstr_secret *secret_part(const mstr_secret *whole, const void *octets, size_t length);
/* The media type that the store keeps, or NULL. */
const char *secret_content_type(const mstr_secret *secret);
/* Who read it, by which values are kept apart where several may ask; NULL for this process itself. */
const char *secret_identity(const mstr_secret *secret);
/* What to do about a null in it, or NULL. */
const char *secret_null_hint(const mstr_secret *secret);
/* Its octets as a text; NULL, with MSTR_E_CONFIG, where a NUL among them would cut it. */
const char *secret_text(const mstr_secret *secret, mstr_error *error);
/* True if both hold the same octets; time does not depend on where they differ. */
bool secret_equal(const mstr_secret *a, const mstr_secret *b);

#endif
