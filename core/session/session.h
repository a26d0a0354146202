/*
 * What a session holds, and how its files share it.
 *
 * Settings, credentials and transports do not change once the session is used. The state behind `mutex` does: token,
 * base URL, cookies, projects, and what every request carries. The mutex is held to read or change them, never while
 * anything is sent; a request works on copies. One thread at a time is inside `login`, which is waited for within the
 * caller's limits.
 */
#ifndef MSTR_SESSION_SESSION_H
#define MSTR_SESSION_SESSION_H

#include "base/gate.h"
#include "base/limits.h"
#include "context/context.h"
#include "session/login/keepalive.h"
#include "session/parts/cookies.h"
#include "session/parts/events.h"
#include "session/parts/pairs.h"
#include "session/parts/stream.h"
#include "session/parts/transport.h"
#include "session/settings.h"

#include <mstr/session.h>
#include <pthread.h>

struct project_entry {
    char *id;
    char *name;
};

struct mstr_session {
    mstr_context *context;
    struct settings settings;
    mstr_credential *credentials[MSTR_CREDENTIAL_KINDS];
    struct transports transports;
    struct gate preparation;
    bool prepared; /* atomic; the settings are whole */
    struct gate login;
    /* Of the latest login, for those who waited for it; only for who is inside `login`, but the count. */
    unsigned long long login_rounds;
    enum mstr_code login_code;
    mstr_error *login_error;
    struct events events;
    struct keepalive keepalive;

    pthread_mutex_t mutex;
    mstr_secret *proxy_password; /* resolved with the login */
    mstr_secret *key_passphrase;
    struct pairs headers; /* of every request */
    struct pairs query;
    struct pairs given_cookies;
    char *base; /* NULL until it is resolved */
    mstr_secret *token;
    bool delegated;
    struct cookies cookies;
    char server_version[33]; /* "" = not asked yet */
    struct project_entry *projects;
    size_t project_count;
};

/* Resolves what stands in the settings as references, once, before they are used. */
enum mstr_code session_prepare(mstr_session *session, const struct limits *limits, mstr_error *error);

/* The limits of a request: the caller's, or the session's own timeout from now. */
struct limits session_limits(const mstr_session *session, const mstr_call_options *options);

/* Octets of the answers that the session itself asks for: what begins or ends it has a few hundred; a list of
 * projects, or of privileges in each, has about 300 for a project. */
enum { SESSION_ANSWER_LIMIT = 1024 * 1024, SESSION_LIST_LIMIT = 32 * 1024 * 1024 };

/* One exchange with the server as the session's parts see it. */
struct exchange {
    uint64_t number; /* for events, 0 = a new one */
    const char *method;
    const char *url;
    const struct mstr_header *headers; /* the caller's own */
    size_t header_count;
    const void *body;
    size_t body_length;
    struct upload *upload;             /* in place of the body, NULL = none */
    struct download *download;         /* takes the answer's body, NULL = it is kept */
    const char *content_type;          /* NULL = none */
    const char *project_id;            /* NULL = none */
    const struct mstr_header *cookies; /* beside the session's */
    size_t cookie_count;
    const mstr_network *network; /* the request's own, NULL = the session's */
    size_t response_limit;       /* octets; 0 = 256 MiB */
    const char *const *secrets;  /* NULL, or what of the body is secret whatever its name, up to a NULL */
    bool authenticated;          /* session_exchange() is to send the token */
    bool foreign;                /* to another origin: nothing of the session goes out or comes in */
    bool keep_redirects;
    const mstr_secret *token; /* what session_attempt() sends, NULL = none */
    bool login;               /* begins a session: no cookies go out, and the answer replaces token and cookies */
    bool delegated;           /* with login: somebody else's session is shared */
};

/* One sending, with the session's cookies and follows redirects within the origin; takes cookies and a rotated token
 * from the answer. MSTR_OK with an answer of any status. */
enum mstr_code session_attempt(mstr_session *session, const struct exchange *exchange, const struct limits *limits,
                               struct mstr_http_response **out, mstr_error *error);

/* The same for a request of a program: with the session's token, safe retries, and a renewal of an expired session.
 */
enum mstr_code session_exchange(mstr_session *session, const struct exchange *exchange, const struct limits *limits,
                                struct mstr_http_response **out, mstr_error *error);
/* Logs in again unless another thread has replaced the `expired` token meanwhile. */
enum mstr_code session_renew(mstr_session *session, const mstr_secret *expired, const struct limits *limits,
                             mstr_error *error);

/* Resolves the credentials and logs in. The caller is inside the `login` gate. */
enum mstr_code session_log_in(mstr_session *session, const struct limits *limits, mstr_error *error);

/* Takes up a session that was opened elsewhere, by its token, or by the cookies of every request where that is NULL.
 * The caller is inside the `login` gate. */
enum mstr_code session_adopt(mstr_session *session, const mstr_secret *token, const struct limits *limits,
                             mstr_error *error);

/* The id of a project given by name or id, for free(). Asks the server for the names it does not know yet. */
enum mstr_code session_project_id(mstr_session *session, const char *project, const struct limits *limits, char **id,
                                  mstr_error *error);
void session_forget_projects(mstr_session *session);

/* The base URL, resolved if no login did so yet; for free(). */
enum mstr_code session_find_base(mstr_session *session, const struct limits *limits, char **base, mstr_error *error);
/* Whether a program may set the header: well formed, and not one of the library's own. */
bool session_header_allowed(const char *name, const char *value);

/* Copies of the state. NULL when there is none. The base is for free(), the token to be released. */
char *session_base(mstr_session *session);
mstr_secret *session_token(mstr_session *session);
/* Takes over `token`. */
void session_keep_token(mstr_session *session, mstr_secret *token);

/* Wraps an answer for the program, to be freed with mstr_response_free() together with the answer, or alone with
 * response_unwrap(). NULL without memory. */
mstr_response *response_wrap(struct mstr_http_response *http);
void response_unwrap(mstr_response *response);

#endif
