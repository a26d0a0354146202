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

/**
 * Makes a secret. May be called from any thread.
 * @param octets  copied; the caller wipes its own copy
 * @param length  octets of it; 0 is accepted
 * @return to be released with mstr_secret_release(); NULL without memory
 */
MSTR_API mstr_secret *mstr_secret_new(const void *octets, size_t length);

/**
 * One more owner.
 * @param secret  may be NULL
 * @return its argument, to be released once more
 */
MSTR_API mstr_secret *mstr_secret_retain(mstr_secret *secret);

/**
 * One owner less; the last one wipes and frees.
 * @param secret  NULL is accepted
 */
MSTR_API void mstr_secret_release(mstr_secret *secret);

/**
 * A view of the octets. They are followed by a NUL which is not counted, so that a value without inner NULs can be
 * used as text.
 * @param secret  the value
 * @return lives as long as the secret is held
 */
MSTR_API const char *mstr_secret_octets(const mstr_secret *secret);

/**
 * How long the value is.
 * @param secret  the value
 * @return octets, without the NUL behind them
 */
MSTR_API size_t mstr_secret_length(const mstr_secret *secret);

/**
 * The store's name of this version.
 * @param secret  the value
 * @return lives as long as the secret is held; NULL = unknown
 */
MSTR_API const char *mstr_secret_version(const mstr_secret *secret);

/**
 * The store's end of validity.
 * @param secret  the value
 * @return ms since 1970; 0 = none
 */
MSTR_API int64_t mstr_secret_expires(const mstr_secret *secret);

/**
 * When it was fetched.
 * @param secret  the value
 * @return ms since 1970
 */
MSTR_API int64_t mstr_secret_fetched(const mstr_secret *secret);

/**
 * Where this copy came from.
 * @param secret  the value
 * @return static text: "store", "cache", or "stale" for an old value served because the store failed
 */
MSTR_API const char *mstr_secret_source(const mstr_secret *secret);

/**
 * Overwrites memory in a way that no optimiser removes. May be called from any thread, and from a signal handler.
 * @param memory  the caller's
 * @param length  octets of it
 */
MSTR_API void mstr_wipe(void *memory, size_t length);

#ifdef __cplusplus
}
#endif
/** @} */
#endif
