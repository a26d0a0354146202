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
 * @param session   must outlive the changeset, which ends with it: after a new login the server knows it no more
 * @param project   name or id; NULL = the session's
 * @param flags     MSTR_CHANGESET_…
 * @param[out] out  the changeset, to be freed with mstr_changeset_free(); NULL when this fails
 * @param error     where to tell a failure; may be NULL
 * @return MSTR_OK; MSTR_E_USAGE for unknown flags; MSTR_E_PROTOCOL for an answer that names no changeset; what
 *         mstr_session_send() tells
 */
MSTR_API enum mstr_code mstr_changeset_begin(mstr_session *session, const char *project, uint32_t flags,
                                             mstr_changeset **out, mstr_error *error);

/**
 * mstr_session_send() of a request that is part of the changeset, in its project.
 * @param changeset  of which the request is a part
 * @param request    borrowed, and all that it points to; has at most 49 headers and no project of its own
 * @param[out] out   the answer, to be freed with mstr_response_free(); NULL when this fails
 * @param error      where to tell a failure; may be NULL
 * @return what mstr_session_send() does; MSTR_E_USAGE too for a request with a project of its own or too many
 *         headers
 */
MSTR_API enum mstr_code mstr_changeset_send(mstr_changeset *changeset, const mstr_session_request *request,
                                            mstr_response **out, mstr_error *error);

/**
 * Puts the changes into the metadata (POST model/changesets/{id}/commit). Never sent a second time once it went out.
 * @param changeset  whose changes are put there; still to be freed
 * @param error      where to tell a failure; may be NULL
 * @return what mstr_session_send() does
 */
MSTR_API enum mstr_code mstr_changeset_commit(mstr_changeset *changeset, mstr_error *error);

/**
 * Deletes the changeset at the server within at most 5 s, and with it all that was not committed.
 * @param changeset  no thread may use it any more; NULL is accepted
 */
MSTR_API void mstr_changeset_free(mstr_changeset *changeset);

#ifdef __cplusplus
}
#endif
/** @} */
#endif
