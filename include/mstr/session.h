/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file session.h
 * @brief A session with the MicroStrategy REST API.
 * @defgroup mstr_session Sessions
 * @{
 */
#ifndef MSTR_SESSION_H
#define MSTR_SESSION_H

#include <mstr/request.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Login modes of POST auth/login; MSTR_LOGIN_DELEGATE is POST auth/delegate. */
enum mstr_login_mode {
    MSTR_LOGIN_GUESS = 0,     /**< by the credentials given: identity token, API key, then user name and password */
    MSTR_LOGIN_STANDARD = 1,  /**< user name and password */
    MSTR_LOGIN_ANONYMOUS = 8, /**< only when asked for */
    MSTR_LOGIN_LDAP = 16,     /**< user name and password */
    MSTR_LOGIN_API_KEY = 4096,
    MSTR_LOGIN_DELEGATE = -1 /**< identity token */
};

/** Settings that are not secret. Begin with MSTR_SESSION_OPTIONS_INIT; zero is the default of each member. */
typedef struct mstr_session_options {
    uint32_t size;       /**< of the structure, octets */
    uint32_t flags;      /**< MSTR_SESSION_… */
    const char *profile; /**< [profile NAME] to begin with; NULL = MSTR_PROFILE or "default" where it exists */
    enum mstr_login_mode login_mode; /**< in place of the profile's, unless it is MSTR_LOGIN_GUESS */
    int32_t application_type;        /**< 0 = the profile's, or 8 */
    const char *project;             /**< name or id that every request carries; NULL = the profile's */
    int64_t connect_timeout;         /**< ms; 0 = the profile's, or 10 s */
    int64_t timeout; /**< ms for a whole request, retries and re-login included; 0 = the profile's, or 5 min */
    const mstr_network *network; /**< in place of the profile's, member by member; copied */
    /** JSON object of further members of the login's body, such as applicationId, workingSet, maxSearch, timeZone or
     *  displayLocale; NULL = the profile's. Goes out with every login, a renewal too, but not with a delegation */
    const char *login_fields;
    /** The file that the session is to be saved to, once it is open; NULL = none. It is then opened under the file's
     *  lock, and only if something can be kept there: processes that do so at once, or share the file already, send a
     *  login that is refused once for all, as persistence.h tells */
    const char *session_file;
    /** For what is given no call options, such as a listing of projects; a logout is not ended by it. It outlives the
     *  session; NULL = such calls cannot be cancelled */
    mstr_cancel *cancel;
} mstr_session_options;
/** The defaults. */
#define MSTR_SESSION_OPTIONS_INIT                                                                                    \
    {                                                                                                                \
        (uint32_t)sizeof(mstr_session_options), 0, NULL, MSTR_LOGIN_GUESS, 0, NULL, 0, 0, NULL, NULL, NULL, NULL     \
    }
/** Take nothing from any profile or MSTR_… variable. */
#define MSTR_SESSION_NO_PROFILE 1u
/** Log out of a delegated session when it closes; by default it belongs to whoever created the identity token. */
#define MSTR_SESSION_LOGOUT_DELEGATED 2u
/** Tell MSTR_E_SESSION when the server has ended the session, where by default the session logs in again, with
 *  credentials resolved anew, and repeats the request once. Many threads that meet one expiry cause one login. */
#define MSTR_SESSION_NO_RELOGIN 4u
/** Keep the session from ending while it is idle, as the profile's `keepalive` does: a thread of its own, until the
 *  session closes, sends PUT sessions when nothing went to the server for half of its idle timeout. Each may take
 *  30 s. */
#define MSTR_SESSION_KEEPALIVE 8u

/** Admit a base URL of plain http to a host that is not loopback, as the profile's `allow_plain_http` does: password
 * and token can then be read by whoever listens to the network. */
#define MSTR_SESSION_ALLOW_PLAIN 16u
/** Log in only to see whether that works, as a diagnosis does: no more than once a minute for an account, else
 *  MSTR_E_THROTTLED without an HTTP status; and nothing that was refused to such a session of another process of this
 *  user lately. What these know of each other is in files of the folder mstr in XDG_STATE_HOME (~/.local/state);
 *  where none can be, each process knows of its own logins alone. No agent serves such a session */
#define MSTR_SESSION_TRIAL 32u

/** Wait for the answer of a login that is cancelled, or whose time is up, once it was sent, for a second at most, and
 *  log out of what it has begun: else such a session stays at the server until it has been idle for long enough. For
 *  programs that end then. */
#define MSTR_SESSION_AWAIT_LOGIN 64u

/**
 * Makes a session from a profile and options. Resolves and contacts nothing.
 * @param context   must outlive the session
 * @param options   NULL for the defaults; copied
 * @param[out] out  the session, to be freed with mstr_session_free(); NULL when this fails
 * @param error     where to tell a failure; may be NULL
 * @return MSTR_OK; MSTR_E_USAGE for options that do not fit; MSTR_E_CONFIG for a profile that is not there, or a
 *         setting of it; MSTR_E_MEMORY
 */
MSTR_API enum mstr_code mstr_session_new(mstr_context *context, const mstr_session_options *options,
                                         mstr_session **out, mstr_error *error);

/**
 * Closes if need be, as mstr_session_close() does, and frees.
 * @param session  no thread may use it any more; NULL is accepted
 */
MSTR_API void mstr_session_free(mstr_session *session);

/**
 * Sets a credential in place of the profile's. To be called before the session is used by several threads.
 * @param session     not open, but for the persistence key
 * @param kind        which one
 * @param credential  taken over: released with the session, or at once if this fails
 * @return MSTR_OK; MSTR_E_USAGE for an unknown kind, or while the session is open, but for the persistence key;
 *         MSTR_E_MEMORY for NULL
 */
MSTR_API enum mstr_code mstr_session_set_credential(mstr_session *session, enum mstr_credential_kind kind,
                                                    mstr_credential *credential);

/**
 * Resolves the credentials that the login mode needs, all at once, and logs in (POST auth/login).
 *
 * A password that the server refuses although it came from the cache is fetched once more, and the login is repeated
 * only if it has changed, so that no account is locked. For the same reason the context remembers refused
 * credentials that came from references: no session of it sends them again for 30 s, after each further refusal for
 * twice as long up to 10 min, and no more than three times in 30 min; meanwhile this tells MSTR_E_AUTHENTICATION.
 * Other values from the store are tried at once.
 * @param session  one that is open stays as it is
 * @param options  limits; NULL = the session's timeout
 * @param error    where to tell a failure; may be NULL
 * @return MSTR_OK; MSTR_E_CONFIG when a credential is missing (never a silent anonymous login), or where the session
 *         is to be saved and cannot be; MSTR_E_AUTHENTICATION; what the secret store or the network told
 */
MSTR_API enum mstr_code mstr_session_open(mstr_session *session, const mstr_call_options *options, mstr_error *error);

/**
 * Tells, as a step "agent", whether an agent would serve the session, and whether it has one with the server: used
 * where it has, info where it would log in, skipped or failed with the reason. Neither the agent nor the session logs
 * in for that.
 * @param session  open or not; it stays as it is
 * @param options  limits; NULL = the session's timeout
 * @param each     called on this thread, step by step
 * @param data     handed to @p each
 * @param error    where to tell a failure; may be NULL
 * @return MSTR_OK, also without a step where the context uses no agent; MSTR_E_CANCELLED when @p each wished so; what
 *         the agent told
 */
MSTR_API enum mstr_code mstr_session_explain(mstr_session *session, const mstr_call_options *options,
                                             mstr_explain_fn each, void *data, mstr_error *error);

/**
 * Takes up a session that was opened elsewhere, as by a browser's single sign-on or an OAuth 2 client, whose modes
 * of login the REST API does not have itself. Its cookies are given with mstr_session_set_cookie(), as a server
 * knows a token together with them. Closing leaves such a session to whoever opened it, as a delegated one.
 * @param session  one that is not open
 * @param token    borrowed; NULL = the server is asked for the token that belongs to the cookies (GET auth/token)
 * @param options  limits; NULL = the session's timeout
 * @param error    where to tell a failure; may be NULL
 * @return MSTR_OK, where a token was given without asking the server; MSTR_E_USAGE for an open session or no token;
 *         MSTR_E_AUTHENTICATION where the cookies are of no session; what the secret store or the network told
 */
MSTR_API enum mstr_code mstr_session_adopt(mstr_session *session, const mstr_secret *token,
                                           const mstr_call_options *options, mstr_error *error);

/**
 * Logs out within at most 5 s and forgets the token, also when the server cannot be reached. Delegated sessions are
 * left to their creator unless asked otherwise.
 * @param session  one that is not open, or expired, is closed already
 * @param error    where to tell a failure; one that holds an earlier failure keeps it; may be NULL
 * @return MSTR_OK; what the network or the server told
 */
MSTR_API enum mstr_code mstr_session_close(mstr_session *session, mstr_error *error);

/**
 * Logs out (POST auth/logout), also of a delegated session unless MSTR_CALL_LEAVE_DELEGATED is set. Unlike
 * mstr_session_close() it keeps the token when the server refuses or cannot be reached, so that the program may try
 * again.
 * @param session  an open one
 * @param options  limits; NULL = 5 s, and a timeout of 0 in them 30 s
 * @param error    where to tell a failure; may be NULL
 * @return MSTR_OK, also when the server had ended the session already; MSTR_E_SESSION if there is none; MSTR_E_USAGE
 *         for options that do not fit; what the network or the server told
 */
MSTR_API enum mstr_code mstr_session_logout(mstr_session *session, const mstr_call_options *options,
                                            mstr_error *error);

/**
 * Whether a token is held; the server is not asked.
 * @param session  the session
 * @return nonzero if so
 */
MSTR_API int mstr_session_is_open(mstr_session *session);

/**
 * Forgets the token and the cookies without telling the server. A file that keeps the session stays.
 * @param session  whether open or not
 */
MSTR_API void mstr_session_forget(mstr_session *session);

/**
 * Resets the server's idle timeouts of the session (PUT sessions).
 * @param session  an open one
 * @param error    where to tell a failure; may be NULL
 * @return MSTR_OK; MSTR_E_SESSION if there is no session; what the network or the server told
 */
MSTR_API enum mstr_code mstr_session_extend(mstr_session *session, mstr_error *error);

/**
 * mstr_session_extend() by the name of its request.
 * @param session  an open one
 * @param error    where to tell a failure; may be NULL
 * @return what mstr_session_extend() does
 */
MSTR_API enum mstr_code mstr_session_put_sessions(mstr_session *session, mstr_error *error);

/**
 * What the server knows of the session: its timeout, working set, locale (GET sessions).
 * @param session   an open one
 * @param[out] out  the answer, to be freed with mstr_response_free(); NULL when this fails
 * @param error     where to tell a failure; may be NULL
 * @return what mstr_session_send() does
 */
MSTR_API enum mstr_code mstr_session_info(mstr_session *session, mstr_response **out, mstr_error *error);

/**
 * mstr_session_info() by the name of its request.
 * @param session   an open one
 * @param[out] out  the answer, to be freed with mstr_response_free(); NULL when this fails
 * @param error     where to tell a failure; may be NULL
 * @return what mstr_session_send() does
 */
MSTR_API enum mstr_code mstr_session_get_sessions(mstr_session *session, mstr_response **out, mstr_error *error);

/**
 * Who is logged in: id, full name, initials (GET sessions/userInfo).
 * @param session   an open one
 * @param[out] out  the answer, to be freed with mstr_response_free(); NULL when this fails
 * @param error     where to tell a failure; may be NULL
 * @return what mstr_session_send() does
 */
MSTR_API enum mstr_code mstr_session_userinfo(mstr_session *session, mstr_response **out, mstr_error *error);

/**
 * mstr_session_userinfo() by the name of its request.
 * @param session   an open one
 * @param[out] out  the answer, to be freed with mstr_response_free(); NULL when this fails
 * @param error     where to tell a failure; may be NULL
 * @return what mstr_session_send() does
 */
MSTR_API enum mstr_code mstr_session_get_sessions_userinfo(mstr_session *session, mstr_response **out,
                                                           mstr_error *error);

/**
 * Makes an identity token (POST auth/identityToken), with which another process can open a session of its own that
 * shares this one's work (mode MSTR_LOGIN_DELEGATE). It is short-lived, and nothing of it is kept here.
 * @param session     an open one
 * @param[out] token  to be released with mstr_secret_release(); NULL when this fails
 * @param error       where to tell a failure; may be NULL
 * @return MSTR_OK; MSTR_E_PROTOCOL for an answer without a token; what mstr_session_send() tells
 */
MSTR_API enum mstr_code mstr_session_create_identity_token(mstr_session *session, mstr_secret **token,
                                                           mstr_error *error);

/**
 * Asks the server whether an identity token is good, and whose it is (GET auth/identityToken). Spends the token not.
 * @param session       need not be open
 * @param token         borrowed
 * @param[out] user_id  text of 33 octets, NUL included; may be NULL
 * @param error         where to tell a failure; may be NULL
 * @return MSTR_OK; MSTR_E_AUTHENTICATION for a token that is refused; MSTR_E_PROTOCOL for an answer that names no
 *         user; what the network told
 */
MSTR_API enum mstr_code mstr_session_check_identity_token(mstr_session *session, const mstr_secret *token,
                                                          char user_id[33], mstr_error *error);

/**
 * The user's privileges, for all projects (GET sessions/privileges).
 * @param session   an open one
 * @param[out] out  the answer, to be freed with mstr_response_free(); NULL when this fails
 * @param error     where to tell a failure; may be NULL
 * @return what mstr_session_send() does
 */
MSTR_API enum mstr_code mstr_session_privileges(mstr_session *session, mstr_response **out, mstr_error *error);

/**
 * Makes an API token of the user's own, for MSTR_LOGIN_API_KEY (POST auth/apiTokens).
 * @param session     an open one
 * @param[out] token  to be released with mstr_secret_release(); NULL when this fails
 * @param error       where to tell a failure; may be NULL
 * @return MSTR_OK; MSTR_E_PROTOCOL for an answer without a token; what mstr_session_send() tells
 */
MSTR_API enum mstr_code mstr_session_create_api_token(mstr_session *session, mstr_secret **token, mstr_error *error);

/**
 * The same for another user, which the server allows to those who may make API tokens for others.
 * @param session     an open one
 * @param user_id     id of that user, as userInfo tells it: 32 hexadecimal digits
 * @param[out] token  to be released with mstr_secret_release(); NULL when this fails
 * @param error       where to tell a failure; may be NULL
 * @return MSTR_OK; MSTR_E_USAGE for what cannot be an id; MSTR_E_DENIED; what mstr_session_send() tells
 */
MSTR_API enum mstr_code mstr_session_create_api_token_for(mstr_session *session, const char *user_id,
                                                          mstr_secret **token, mstr_error *error);

/**
 * The Intelligence Server's version, which tells what it can do. Asked once (GET status), also before the login.
 * @param session       need not be open
 * @param[out] version  text of 33 octets, NUL included, e.g. "11.3.0460.00602"
 * @param error         where to tell a failure; may be NULL
 * @return MSTR_OK; MSTR_E_PROTOCOL for an answer that tells no version; what mstr_session_send() tells
 */
MSTR_API enum mstr_code mstr_session_server_version(mstr_session *session, char version[33], mstr_error *error);

/**
 * Compares two versions number by number. What only one of them says does not count: "11.3" is the same as
 * "11.3.0460". May be called from any thread.
 * @param a  one of them
 * @param b  the other
 * @return below, equal to or above 0 as @p a is older than, the same as or newer than @p b
 */
MSTR_API int mstr_version_compare(const char *a, const char *b);

/** A project that the user may see. Texts live during the callback. */
typedef struct mstr_project {
    uint32_t size;           /**< of the structure, octets */
    int32_t status;          /**< 0 = active */
    const char *id;          /**< 32 hexadecimal digits */
    const char *name;        /**< "" where the server gives none; a U+0000 in it is U+FFFD here */
    const char *alias;       /**< or NULL */
    const char *description; /**< or NULL */
} mstr_project;

/**
 * Takes a project.
 * @param project lives during the call, and its texts
 * @param data    as given to mstr_session_projects()
 * @return nonzero to end the listing, which then ends with MSTR_E_CANCELLED
 */
typedef int (*mstr_project_fn)(const mstr_project *project, void *data);

/**
 * The projects that the user may see (GET projects).
 * @param session  an open one
 * @param each     called on this thread, project by project
 * @param data     handed to @p each
 * @param error    where to tell a failure; may be NULL
 * @return MSTR_OK; MSTR_E_CANCELLED when @p each wished so; what mstr_session_send() tells
 */
MSTR_API enum mstr_code mstr_session_projects(mstr_session *session, mstr_project_fn each, void *data,
                                              mstr_error *error);

/**
 * Asks for the projects' names at once, in place of what mstr_session_project_id() knows; else it does so itself on
 * a miss.
 * @param session  an open one
 * @param error    where to tell a failure; may be NULL
 * @return MSTR_OK; what mstr_session_send() tells
 */
MSTR_API enum mstr_code mstr_session_load_projects(mstr_session *session, mstr_error *error);

/**
 * The id of a project by its exact name. Names are kept after the first question and asked for again on a miss.
 * @param session  an open one
 * @param name     compared with regard to case
 * @param[out] id  text of 33 octets, NUL included
 * @param error    where to tell a failure; may be NULL
 * @return MSTR_OK; MSTR_E_NOT_FOUND; MSTR_E_USAGE if several projects have the name; MSTR_E_PROTOCOL for a malformed
 *         id; what mstr_session_send() tells
 */
MSTR_API enum mstr_code mstr_session_project_id(mstr_session *session, const char *name, char id[33],
                                                mstr_error *error);

#ifdef __cplusplus
}
#endif
/** @} */
#endif
