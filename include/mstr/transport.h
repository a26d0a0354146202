/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file transport.h
 * @brief Answering requests in place of the network.
 * @defgroup mstr_transport Transports
 * @{
 *
 * A transport is mounted on a session for all URLs that begin with a prefix, and is called for each sending to one of
 * them, logins included. It may answer by itself, as a test or a recorder does, or pass the request on to the network
 * with mstr_transport_forward() and look at what comes back with mstr_transport_answer().
 */
#ifndef MSTR_TRANSPORT_H
#define MSTR_TRANSPORT_H

#include <mstr/request.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The answer that a transport makes; valid during its call. */
typedef struct mstr_transport_reply mstr_transport_reply;

/**
 * Answers one sending. Called from the threads that send, many at once, with no lock held.
 * @param request  as it would go out, the token among its headers; its body is in it only where it is held in memory,
 *                 mstr_transport_read_body() gives any
 * @param reply    to be filled in this order: status, headers, body; a reply without status is MSTR_E_PROTOCOL
 * @param call     timeout left and cancellation
 * @return MSTR_OK, or the class of the failure, told with mstr_error_set()
 */
typedef enum mstr_code (*mstr_transport_fn)(const struct mstr_http_request *request, mstr_transport_reply *reply,
                                            const mstr_call_options *call, mstr_error *error, void *data);

/**
 * Mounts a transport for URLs that begin with @p prefix, compared without regard to case; the longest prefix wins.
 * Must come before the session is used.
 * @param prefix     "" = all URLs; an earlier mount of the same prefix is replaced
 * @param transport  NULL takes the mount away
 * @param free_data  called with @p data when the mount ends; may be NULL
 */
MSTR_API enum mstr_code mstr_session_mount(mstr_session *session, const char *prefix, mstr_transport_fn transport,
                                           void *data, void (*free_data)(void *));

/** @param status 200 to 599 */
MSTR_API enum mstr_code mstr_transport_reply_status(mstr_transport_reply *reply, int status);
/** One more header. MSTR_E_USAGE if it is malformed, MSTR_E_PROTOCOL if there are too many. */
MSTR_API enum mstr_code mstr_transport_reply_header(mstr_transport_reply *reply, const char *name, const char *value);
/** Some more octets of the body; they go to the request's writer, if it has one, at once. MSTR_E_PROTOCOL when they
 *  pass the request's limit, MSTR_E_CANCELLED when the writer refuses them. */
MSTR_API enum mstr_code mstr_transport_reply_body(mstr_transport_reply *reply, const void *octets, size_t length);
/**
 * Reads on in the request's body, which begins anew at each sending, whether it is held in memory or comes from a
 * reader of the program.
 * @param[out] got octets written into @p into, 0 at the end
 * @return MSTR_OK; MSTR_E_CANCELLED when the program's reader gives up
 */
MSTR_API enum mstr_code mstr_transport_read_body(mstr_transport_reply *reply, void *into, size_t capacity,
                                                 size_t *got);
/** Sends the request over the network and makes what comes back the reply. MSTR_E_USAGE if the transport has read of
 * a body that cannot be read again; what mstr_session_send() tells of the network. */
MSTR_API enum mstr_code mstr_transport_forward(mstr_transport_reply *reply, mstr_error *error);
/** What came back, NULL before mstr_transport_forward(); lives until the transport returns. A body that went to the
 *  request's writer is not in it. */
MSTR_API const mstr_response *mstr_transport_answer(mstr_transport_reply *reply);

#ifdef __cplusplus
}
#endif
/** @} */
#endif
