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

/** The answer that a transport makes; valid during its call, for one thread at a time. */
typedef struct mstr_transport_reply mstr_transport_reply;

/**
 * Answers one sending. Called from the threads that send, many at once, with no lock held.
 * @param request  as it would go out, the token among its headers; its body is in it only where it is held in memory,
 *                 mstr_transport_read_body() gives any
 * @param reply    to be filled in this order: status, headers, body; a reply without status is MSTR_E_PROTOCOL
 * @param call     timeout left and cancellation
 * @param error    where to tell a failure
 * @param data     as given to mstr_session_mount()
 * @return MSTR_OK, or the class of the failure, told with mstr_error_set()
 */
typedef enum mstr_code (*mstr_transport_fn)(const struct mstr_http_request *request, mstr_transport_reply *reply,
                                            const mstr_call_options *call, mstr_error *error, void *data);

/**
 * Mounts a transport for URLs that begin with @p prefix; the longest prefix wins. Must come before the session is
 * used.
 * @param session    whose requests it answers
 * @param prefix     copied, compared without regard to case; "" = all URLs; an earlier mount of the same prefix is
 *                   replaced
 * @param transport  NULL takes the mount away
 * @param data       handed to @p transport
 * @param free_data  called with @p data when the mount ends; may be NULL
 * @return MSTR_OK; MSTR_E_USAGE without a prefix; MSTR_E_MEMORY, and then @p free_data is not called
 */
MSTR_API enum mstr_code mstr_session_mount(mstr_session *session, const char *prefix, mstr_transport_fn transport,
                                           void *data, void (*free_data)(void *));

/**
 * Begins the reply.
 * @param reply   without a status yet
 * @param status  200 to 599
 * @return MSTR_OK; MSTR_E_USAGE for another number, or a reply that was begun; MSTR_E_MEMORY
 */
MSTR_API enum mstr_code mstr_transport_reply_status(mstr_transport_reply *reply, int status);

/**
 * Adds one more header.
 * @param reply  with a status
 * @param name   copied
 * @param value  copied
 * @return MSTR_OK; MSTR_E_USAGE if it is malformed, or there is no status yet; MSTR_E_PROTOCOL if there are too
 *         many; MSTR_E_MEMORY
 */
MSTR_API enum mstr_code mstr_transport_reply_header(mstr_transport_reply *reply, const char *name, const char *value);

/**
 * Adds some more octets of the body; they go to the request's writer, if it has one, at once.
 * @param reply   with a status
 * @param octets  copied
 * @param length  of them
 * @return MSTR_OK; MSTR_E_USAGE without a status; MSTR_E_PROTOCOL when they pass the request's limit;
 *         MSTR_E_CANCELLED when the writer refuses them; MSTR_E_MEMORY
 */
MSTR_API enum mstr_code mstr_transport_reply_body(mstr_transport_reply *reply, const void *octets, size_t length);

/**
 * Reads on in the request's body, which begins anew at each sending, whether it is held in memory or comes from a
 * reader of the program.
 * @param reply      of the request
 * @param[out] into  for @p capacity octets
 * @param capacity   octets of @p into
 * @param[out] got   octets written into @p into, 0 at the end
 * @return MSTR_OK; MSTR_E_CANCELLED when the program's reader gives up
 */
MSTR_API enum mstr_code mstr_transport_read_body(mstr_transport_reply *reply, void *into, size_t capacity,
                                                 size_t *got);

/**
 * Sends the request over the network and makes what comes back the reply.
 * @param reply  that was not begun
 * @param error  where to tell a failure; may be NULL
 * @return MSTR_OK; MSTR_E_USAGE if the reply was begun, or the transport has read of a body that cannot be read
 *         again; what mstr_session_send() tells of the network
 */
MSTR_API enum mstr_code mstr_transport_forward(mstr_transport_reply *reply, mstr_error *error);

/**
 * What came back. A body that went to the request's writer is not in it.
 * @param reply  of the request
 * @return lives until the transport returns; NULL before mstr_transport_forward()
 */
MSTR_API const mstr_response *mstr_transport_answer(mstr_transport_reply *reply);

#ifdef __cplusplus
}
#endif
/** @} */
#endif
