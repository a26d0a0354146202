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
 * Hears of a member of a secret that is a JSON object.
 * @param name    without its escapes; may hold what no identifier does
 * @param value   its text; to be retained by whoever keeps it
 * @param data    as given to mstr_secret_members()
 * @return nonzero to end the telling, which then ends with MSTR_E_CANCELLED
 */
typedef int (*mstr_member_fn)(const char *name, mstr_secret *value, void *data);

/**
 * Tells the top-level members of a JSON object that are text, in their order; numbers, objects and the like are
 * passed over. May be called from any thread.
 * @param secret  the object
 * @param each    called on this thread, member by member
 * @param data    handed to @p each
 * @param error   where to tell a failure, which never quotes a value; may be NULL
 * @return MSTR_OK; MSTR_E_NOT_FOUND for what is no JSON object, or has a member with a NUL in its name;
 *         MSTR_E_CANCELLED when @p each wished so; MSTR_E_MEMORY
 */
MSTR_API enum mstr_code mstr_secret_members(mstr_secret *secret, mstr_member_fn each, void *data, mstr_error *error);

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
