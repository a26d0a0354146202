/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file persistence.h
 * @brief Keeping an open session beyond the process: sealed in a file, or as the plain JSON other tools understand.
 * @defgroup mstr_persistence Saved sessions
 * @{
 *
 * A saved session is as good as a password for as long as the server keeps the session. The sealed form is encrypted
 * with AES-256-GCM under a key that scrypt derives from the credential MSTR_CREDENTIAL_PERSISTENCE_KEY, which may be
 * a reference like any other; it opens only for the base URL's origin that it was made for.
 *
 * Many processes may share such a file. A session that was saved to one, or loaded from it, is kept there until it is
 * closed, forgotten or replaced by an import: when the server has ended it, one process logs in again, under a lock
 * beside the file (PATH.lock, which stays), and writes the new session there; the others wait for that and read it.
 * A login that is refused is noted in the lock, sealed as the session is, so that none of the others sends the same
 * credentials: the rule of mstr-session(3) holds for all of them together, and for first logins of sessions that are
 * to be saved there (session_file of mstr_session_options). Where the file cannot be used any more,
 * the session goes on by itself, with a warning in the log. On a file system without locks PATH.lock.held stands for
 * the lock.
 *
 * mstr_session_logout() of a session that a file keeps ends the one that stands there by then, and removes the file;
 * of the processes that still share it one logs in again and writes it anew. mstr_session_close() leaves the file.
 */
#ifndef MSTR_PERSISTENCE_H
#define MSTR_PERSISTENCE_H

#include <mstr/session.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Writes the open session, sealed, to @p path: mode 0600, an older file is replaced at once or not at all. The file
 * that keeps the session already is left alone where it holds this very state, or another process has renewed it
 * meanwhile. Another session that stood there is logged out, unless it is a delegated one.
 * @param session  an open one
 * @param path     absolute or relative path, in a folder that only the user may write to
 * @param options  limits for resolving the key; NULL = the session's
 * @param error    where to tell a failure; may be NULL
 * @return MSTR_OK; MSTR_E_SESSION if the session is not open; MSTR_E_CONFIG without a persistence key or if the file
 *         cannot be written; what the secret store told
 */
MSTR_API enum mstr_code mstr_session_save(mstr_session *session, const char *path, const mstr_call_options *options,
                                          mstr_error *error);

/**
 * Takes up a session from such a file. Whether the server still knows it shows with the first request, which logs in
 * again if need be.
 * @param session  left as it was when this fails
 * @param path     of the file
 * @param options  limits for resolving the key and base_url; NULL = the session's
 * @param error    where to tell a failure; may be NULL
 * @return MSTR_OK; MSTR_E_NOT_FOUND if there is no file; MSTR_E_DENIED if others could have read or written it;
 *         MSTR_E_CONFIG without base_url or persistence key; MSTR_E_AUTHENTICATION if the key or the origin is
 *         another one or the file was changed
 */
MSTR_API enum mstr_code mstr_session_load(mstr_session *session, const char *path, const mstr_call_options *options,
                                          mstr_error *error);

/**
 * The open session as JSON in clear: `{"base_url", "cookies": {name: value}, "headers": {"X-MSTR-AuthToken"}}`.
 * @param session    an open one, which stays so
 * @param[out] json  to be released with mstr_secret_release(); whoever reads it is logged in
 * @param error      where to tell a failure; may be NULL
 * @return MSTR_OK; MSTR_E_SESSION if the session is not open; MSTR_E_MEMORY
 */
MSTR_API enum mstr_code mstr_session_export(mstr_session *session, mstr_secret **json, mstr_error *error);

/**
 * Takes up a session from such JSON. Of its headers only the token is used. The cookies, whose domains this form
 * does not tell, go to the base URL's origin alone, which is that of the configured base_url where there is one.
 * @param session  left as it was when this fails
 * @param json     copied
 * @param length   octets of it
 * @param error    where to tell a failure; may be NULL
 * @return MSTR_OK; MSTR_E_USAGE if it is not such JSON, naming the missing key, has a token or cookie that no header
 *         can carry, or more than 50 cookies; MSTR_E_CONFIG for its base_url, also where it is of another origin
 *         than the configured one
 */
MSTR_API enum mstr_code mstr_session_import(mstr_session *session, const char *json, size_t length,
                                            mstr_error *error);

#ifdef __cplusplus
}
#endif
/** @} */
#endif
