/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file credential.h
 * @brief Where a credential comes from: nowhere, a literal, a C callback, or a reference into a secret store.
 * @defgroup mstr_credential Credentials
 * @{
 *
 * Making a credential fetches nothing. The session resolves what its login mode needs when it opens, all at once.
 */
#ifndef MSTR_CREDENTIAL_H
#define MSTR_CREDENTIAL_H

#include <mstr/secret.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A source of one value. Immutable, counted, usable from any thread. */
typedef struct mstr_credential mstr_credential;

/** The credentials that a session may need. */
enum mstr_credential_kind {
    MSTR_CREDENTIAL_BASE_URL = 0,
    MSTR_CREDENTIAL_USERNAME = 1,
    MSTR_CREDENTIAL_PASSWORD = 2,
    MSTR_CREDENTIAL_API_KEY = 3,
    MSTR_CREDENTIAL_IDENTITY_TOKEN = 4,
    MSTR_CREDENTIAL_PROXY_PASSWORD = 5,
    MSTR_CREDENTIAL_KEY_PASSPHRASE = 6, /**< of the TLS client key */
    MSTR_CREDENTIAL_PERSISTENCE_KEY = 7 /**< encrypts saved sessions */
};
/** How many kinds there are. */
#define MSTR_CREDENTIAL_KINDS 8

/**
 * "base_url", "username", …: the kind's name in configuration and messages. May be called from any thread.
 * @param kind  one of those above
 * @return static text
 */
MSTR_API const char *mstr_credential_kind_name(enum mstr_credential_kind kind);

/**
 * Gives a credential's value when it is needed. Called without any lock held, at most once for each login, possibly
 * from another thread than the one that made the credential.
 * @param[out] value  a new secret, which the caller takes over; NULL is an error, never "absent"
 * @param error       to be told why it failed, with mstr_error_set(); may be NULL
 * @param data        as given to mstr_credential_callback()
 * @return MSTR_OK or the class of the failure
 */
typedef enum mstr_code (*mstr_credential_fn)(mstr_secret **value, mstr_error *error, void *data);

/**
 * The text itself.
 * @param text  copied into secret memory; the caller wipes its own copy
 * @return to be released with mstr_credential_release(), or given to a session; NULL without memory
 */
MSTR_API mstr_credential *mstr_credential_literal(const char *text);

/**
 * Asks @p callback.
 * @param callback   called at each login
 * @param data       handed to @p callback; must live as long as the credential
 * @param free_data  called with @p data when the credential is released for good; may be NULL
 * @return to be released with mstr_credential_release(), or given to a session; NULL without memory, and then @p
 *         free_data is not called
 */
MSTR_API mstr_credential *mstr_credential_callback(mstr_credential_fn callback, void *data,
                                                   void (*free_data)(void *));

/**
 * A reference such as `aws-sm:prod/mstr#password`; its syntax is checked when it is resolved.
 * @param reference  copied
 * @return to be released with mstr_credential_release(), or given to a session; NULL without memory
 */
MSTR_API mstr_credential *mstr_credential_reference(const char *reference);

/**
 * Literal text in which `${REFERENCE}` and `${A || B}` are replaced and `$${` stands for `${`, as in configuration.
 * @param text  copied
 * @return to be released with mstr_credential_release(), or given to a session; NULL without memory
 */
MSTR_API mstr_credential *mstr_credential_template(const char *text);

/**
 * One more owner.
 * @param credential  may be NULL
 * @return its argument, to be released once more
 */
MSTR_API mstr_credential *mstr_credential_retain(mstr_credential *credential);

/**
 * One owner less; the last one wipes and frees.
 * @param credential  NULL is accepted
 */
MSTR_API void mstr_credential_release(mstr_credential *credential);

#ifdef __cplusplus
}
#endif
/** @} */
#endif
