/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file event.h
 * @brief What a session does, told as it happens, and counted.
 * @defgroup mstr_event Events and counters
 * @{
 *
 * No event holds a secret: no token, cookie, header, body or query parameter. Together they are what an exporter of
 * OpenTelemetry spans needs: MSTR_EVENT_REQUEST and MSTR_EVENT_RESPONSE with the same number begin and end one.
 */
#ifndef MSTR_EVENT_H
#define MSTR_EVENT_H

#include <mstr/session.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What happened. */
enum mstr_event_kind {
    MSTR_EVENT_REQUEST = 0, /**< about to be sent, each time anew */
    MSTR_EVENT_RESPONSE,    /**< answered, or failed on the way */
    MSTR_EVENT_RETRY,       /**< will be sent again after `delay` */
    MSTR_EVENT_LOGIN,       /**< the session was opened, or could not be */
    MSTR_EVENT_RELOGIN,     /**< the same after the server had ended the session */
    MSTR_EVENT_LOGOUT,      /**< the server was asked to end the session */
    MSTR_EVENT_KEEPALIVE,   /**< the server was asked to keep an idle session */
    MSTR_EVENT_SHARED,      /**< a session that another worker of the fleet has was taken up, without a login */
    MSTR_EVENT_ALONE        /**< after a login: no other worker has the session, as the fleet's store is of no use */
};

/** An event; everything lives during the callback. Members that do not apply are 0 or NULL. */
typedef struct mstr_event {
    uint32_t size;             /**< of the structure, octets */
    enum mstr_event_kind kind; /**< what happened */
    uint64_t number;           /**< of the request, the same for all its sendings; counts from 1 */
    const char *method;        /**< of the request */
    const char *url;           /**< without its query */
    enum mstr_code code;       /**< what came of it: MSTR_OK, also with an answer of any status */
    int32_t status;            /**< of the answer */
    const char *ticket;        /**< the server's own id of a failed request */
    int64_t elapsed;           /**< ms */
    int64_t delay;             /**< ms until it is sent again */
    const char *proxy; /**< of a response or a failure in its place: host and port of the proxy on the way, and in
                          parentheses the setting or variable that names it */
    int64_t lookup;    /**< ms of a response that its connection took to find the host's address; as the two below, 0
                          where the connection was there already */
    int64_t connect;   /**< ms to reach it then, */
    int64_t handshake; /**< and ms of TLS, behind a proxy's own greeting */
} mstr_event;

/**
 * Hears of an event. Called on the thread where it happens, several at once; must return soon and not use the
 * session.
 * @param event what happened
 * @param data  as given to mstr_session_set_event_fn()
 */
typedef void (*mstr_event_fn)(const mstr_event *event, void *data);

/**
 * Has events told to a function. To be called before the session is used by several threads.
 * @param session  whose events they are
 * @param each     NULL = tell none
 * @param data     handed to @p each; must live as long as the session
 */
MSTR_API void mstr_session_set_event_fn(mstr_session *session, mstr_event_fn each, void *data);

/** Counts since the session was made. */
typedef struct mstr_counters {
    uint32_t size;       /**< of the structure, octets */
    uint32_t reserved;   /**< 0 */
    uint64_t requests;   /**< sendings */
    uint64_t failures;   /**< sendings without an answer, or with one of status 400 and above */
    uint64_t retries;    /**< sendings after a failed one */
    uint64_t logins;     /**< that succeeded, those again included */
    uint64_t relogins;   /**< that succeeded */
    uint64_t logouts;    /**< that the server answered */
    uint64_t keepalives; /**< that the server answered */
    uint64_t shared;     /**< sessions of other workers of the fleet, or changes of one's own, that were taken up */
    uint64_t alone;      /**< of the logins, those that no other worker of the fleet knows of */
} mstr_counters;
/** The defaults. */
#define MSTR_COUNTERS_INIT                                                                                           \
    {                                                                                                                \
        (uint32_t)sizeof(mstr_counters), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0                                                \
    }

/**
 * Tells the counters.
 * @param session        whose they are
 * @param[out] counters  begins with its size; the members that it has room for are filled in
 */
MSTR_API void mstr_session_counters(const mstr_session *session, mstr_counters *counters);

#ifdef __cplusplus
}
#endif
/** @} */
#endif
