/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state of a session, made of its parts, and what all that work with it share. Those who log in, send and save
 * stand above it, each with a header of its own.
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
#include "session/parts/cookies.h"
#include "session/parts/events.h"
#include "session/parts/pairs.h"
#include "session/parts/transport.h"
#include "session/settings.h"

#include <mstr/session.h>
#include <pthread.h>

struct project_entry {
    char *id;
    char *name;
};
void project_entries_free(struct project_entry *entries, size_t count);

/* Of the thread that keeps the session alive; login/keepalive.c. */
struct keepalive {
    pthread_mutex_t mutex;
    pthread_t thread;
    mstr_cancel *cancel;          /* of the thread, NULL = there is none */
    bool ended;                   /* the thread is about to return */
    _Alignas(8) int64_t last_use; /* of the session, clock_monotonic(); atomic */
};

/* The fleet that shares the session; login/fleet_login.h. */
struct sharing {
    pthread_mutex_t mutex;   /* of all that follows; taken before the session's own */
    struct fleet_seat *seat; /* NULL = the session is its owner's own */
    uint64_t generation;     /* of the state that the session has, 0 = it has none of the fleet's */
    mstr_secret *token;      /* as the others know it */
    struct cookies cookies;  /* the same */
    char *base;              /* the configured one */
    bool obtaining;          /* a thread is about to have a session */
    bool left;               /* it is to leave the seat then */
    mstr_cancel *cancel;     /* of keeping the session alive */
};

/* The file that keeps the session for other processes; saved/sealed_session.h. */
enum { KEPT_DIGEST = 32 };
struct kept {
    char *path;                       /* NULL = none */
    unsigned char file[KEPT_DIGEST];  /* SHA-256 of its octets, as this session last read or wrote them */
    unsigned char state[KEPT_DIGEST]; /* and of the state that they hold */
};

struct mstr_session {
    mstr_context *context;
    struct settings settings;
    struct agent_transport *agent; /* one of the transports; NULL = the session is its caller's own */
    mstr_credential *credentials[MSTR_CREDENTIAL_KINDS];
    struct transports transports;
    struct gate preparation;
    bool prepared; /* atomic; the settings are whole */
    struct gate login;
    /* Of the latest login, for those who waited for it; only for who is inside `login`, but the count. */
    _Alignas(8) unsigned long long login_rounds;
    enum mstr_code login_code;
    bool login_gave_up; /* it failed for reasons of its caller's own */
    bool remembers;     /* each login that was refused, also with literals */
    mstr_error *login_error;
    struct refusal_record *refused_elsewhere; /* in other processes with which a file is shared; NULL = not known */
    struct events events;
    struct keepalive keepalive;
    struct sharing sharing;

    pthread_mutex_t mutex;
    mstr_secret *proxy_password; /* resolved with the login */
    mstr_secret *key_passphrase;
    struct pairs headers; /* of every request */
    struct pairs query;
    struct pairs given_cookies;
    char *base; /* NULL until it is resolved */
    mstr_secret *token;
    bool delegated;
    bool taken_up; /* not from a login of this session: it may have ended long ago */
    struct kept kept;
    struct cookies cookies;
    char server_version[33]; /* "" = not asked yet */
    struct project_entry *projects;
    size_t project_count;
};

/* Wipes and frees the state, which nobody uses any more; the server is not told. */
void session_release(mstr_session *session);

/* Makes the session its caller's own: no agent serves it from now on. */
void session_leave_agent(mstr_session *session);

/* Resolves what stands in the settings as references, once, before they are used. */
enum mstr_code session_prepare(mstr_session *session, const struct limits *limits, mstr_error *error);

/* The limits of a request: the caller's, or the session's own timeout from now, and its cancellation. */
struct limits session_limits(const mstr_session *session, const mstr_call_options *options);

/* Whether the session's base URL, and so its token and cookies, are of the URL's origin, or there is none yet. The
 * caller holds the mutex. */
bool session_is_at(const mstr_session *session, const struct uri *url);
/* Takes over `base` in place of the one before. What the session has of another origin is forgotten: token,
 * cookies, projects, version. The caller holds the mutex. */
void session_move(mstr_session *session, char *base);
/* MSTR_E_CONFIG where `base`, which something saved names, is not of the origin of `configured`. */
enum mstr_code session_check_origin(const char *base, const char *configured, mstr_error *error);

/* The configured base URL in normal form, resolved now; for free(). */
enum mstr_code session_configured_base(mstr_session *session, const struct limits *limits, char **base,
                                       mstr_error *error);
/* The base URL, resolved if no login did so yet; for free(). */
enum mstr_code session_find_base(mstr_session *session, const struct limits *limits, char **base, mstr_error *error);

/* Copies of the state. The base is for free(); MSTR_E_SESSION where none was resolved yet. The token is to be
 * released; NULL when there is none. */
enum mstr_code session_base(mstr_session *session, char **base, mstr_error *error);
mstr_secret *session_token(mstr_session *session);
/* Takes over `token`. */
void session_keep_token(mstr_session *session, mstr_secret *token);
/* Notes which file keeps the session, and as what; false without memory. */
bool session_keep_in(mstr_session *session, const char *path, const unsigned char file[KEPT_DIGEST],
                     const unsigned char state[KEPT_DIGEST]);
void session_keep_nowhere(mstr_session *session);
/* Whether it is that file, with these digests where they are not NULL. */
bool session_is_kept_in(mstr_session *session, const char *path, const unsigned char *file,
                        const unsigned char *state);
/* The file's path for free(); NULL if there is none. */
char *session_kept_path(mstr_session *session);
/* Something was sent: the session is not idle. */
void session_note_use(mstr_session *session);
/* Keeps the names and ids of projects, which it takes over, in place of those before. */
void session_keep_projects(mstr_session *session, struct project_entry *projects, size_t count);

#endif
