/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file changeset.h
 * @brief Changes to a project's objects and schema that are committed together or not at all.
 * @defgroup mstr_changeset Changesets
 * @{
 *
 *     mstr_changeset *changeset = NULL;
 *     enum mstr_code code = mstr_changeset_begin(session, "MicroStrategy Tutorial", 0, &changeset, error);
 *     if (code == MSTR_OK) {
 *         code = mstr_changeset_send(changeset, &request, &response, error);
 *     }
 *     if (code == MSTR_OK) {
 *         code = mstr_changeset_commit(changeset, error);
 *     }
 *     mstr_changeset_free(changeset);
 */
#ifndef MSTR_CHANGESET_H
#define MSTR_CHANGESET_H

#include <mstr/session.h>

#ifdef __cplusplus
extern "C" {
#endif

/** May be used by many threads at once; mstr_changeset_free() must come last. */
typedef struct mstr_changeset mstr_changeset;

/** The changes are to the schema, which the server locks for them. */
#define MSTR_CHANGESET_SCHEMA 1u

/**
 * Begins a changeset (POST model/changesets).
 * @param session  must outlive the changeset, which ends with it: after a new login the server knows it no more
 * @param project  name or id; NULL = the session's
 * @param flags    MSTR_CHANGESET_…
 * @return MSTR_OK; MSTR_E_PROTOCOL for an answer that names no changeset; what mstr_session_send() tells
 */
MSTR_API enum mstr_code mstr_changeset_begin(mstr_session *session, const char *project, uint32_t flags,
                                             mstr_changeset **out, mstr_error *error);

/**
 * mstr_session_send() of a request that is part of the changeset, in its project.
 * @return what mstr_session_send() does; MSTR_E_USAGE too for a request with a project of its own or too many headers
 */
MSTR_API enum mstr_code mstr_changeset_send(mstr_changeset *changeset, const mstr_session_request *request,
                                            mstr_response **out, mstr_error *error);

/** Puts the changes into the metadata. Never sent a second time once it went out. */
MSTR_API enum mstr_code mstr_changeset_commit(mstr_changeset *changeset, mstr_error *error);

/** Deletes the changeset at the server within at most 5 s, and with it all that was not committed. NULL is accepted.
 */
MSTR_API void mstr_changeset_free(mstr_changeset *changeset);

#ifdef __cplusplus
}
#endif
/** @} */
#endif
