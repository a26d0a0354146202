/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file secret.h
 * @brief Values that must not leak: octets with a length, in memory that is locked, undumped and wiped.
 * @defgroup mstr_secret Secrets
 * @{
 */
#ifndef MSTR_SECRET_H
#define MSTR_SECRET_H

#include <mstr/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * An immutable value. Counted: mstr_secret_retain() and mstr_secret_release() may be called from any thread, and the
 * value may be read by many threads at once. It has no textual form and cannot be formatted by accident.
 */
typedef struct mstr_secret mstr_secret;

/** Copies @p length octets. NULL without memory. The caller wipes its own copy. */
MSTR_API mstr_secret *mstr_secret_new(const void *octets, size_t length);
/** One more owner. Returns its argument, which may be NULL. */
MSTR_API mstr_secret *mstr_secret_retain(mstr_secret *secret);
/** One owner less; the last one wipes and frees. NULL is accepted. */
MSTR_API void mstr_secret_release(mstr_secret *secret);

/** A view of the octets, valid as long as the secret is held. They are followed by a NUL which is not counted, so
 * that a value without inner NULs can be used as text. */
MSTR_API const char *mstr_secret_octets(const mstr_secret *secret);
MSTR_API size_t mstr_secret_length(const mstr_secret *secret);

/** The store's name of this version, or NULL. */
MSTR_API const char *mstr_secret_version(const mstr_secret *secret);
/** The store's end of validity, ms since 1970, 0 = none. */
MSTR_API int64_t mstr_secret_expires(const mstr_secret *secret);
/** When it was fetched, ms since 1970. */
MSTR_API int64_t mstr_secret_fetched(const mstr_secret *secret);
/** Where this copy came from: "store", "cache", or "stale" for an old value served because the store failed. */
MSTR_API const char *mstr_secret_source(const mstr_secret *secret);

/** Overwrites @p length octets in a way that no optimiser removes. */
MSTR_API void mstr_wipe(void *memory, size_t length);

#ifdef __cplusplus
}
#endif
/** @} */
#endif
