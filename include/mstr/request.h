/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file request.h
 * @brief Requests on a session, their bodies, and the answers.
 * @defgroup mstr_request Requests
 * @{
 *
 * One function, mstr_session_send(), takes a struct that says everything; the verbs are the common cases of it.
 *
 * What holds for every request:
 * - The path is appended to the base URL, with or without a slash at its begin. One that a server may read as another
 *   path is refused: with an empty segment (but the last), "." or "..", a ";", or an encoded slash, backslash,
 * percent sign or control character. The token, the cookies and the session's own headers go to the base URL's origin
 * only: another origin must be allowed request by request, and gets none.
 * - Redirects are followed within the origin, at most mstr_network::max_redirects of them: 303 becomes a GET, and so
 *   do 301 and 302 of a POST; 307 and 308 repeat the request with its body. A redirect to another origin, or one that
 *   would need a body that can be read only once, is an error.
 * - Tried again, up to three times, with growing pauses or the server's Retry-After, all within the request's
 * timeout: any request that found no connection; GET, HEAD, OPTIONS, PUT and DELETE whose connection broke or that
 * were answered with 429, 502, 503 or 504. Never once a part of the answer was handed to a writer.
 * - When the server has ended the session, it is opened again, with credentials resolved anew, and the request is
 *   repeated once; see MSTR_SESSION_NO_RELOGIN.
 * - One timeout covers all of that, and mstr_cancel_now() ends it within 50 ms from any thread.
 */
#ifndef MSTR_REQUEST_H
#define MSTR_REQUEST_H

#include <mstr/context.h>

#ifdef __cplusplus
extern "C" {
#endif

/** May be used by many threads at once; mstr_session_free() must come last. */
typedef struct mstr_session mstr_session;
/** An answer; freed with mstr_response_free(). May be read by many threads. */
typedef struct mstr_response mstr_response;

/* --- how the server is reached ---------------------------------------------------------------------------------- */

/** Connection settings, of a session or of one request; zero is the default of each member. Certificates are always
 *  verified: a server with a private CA needs ca_file, there is no switch to trust everybody. */
typedef struct mstr_network {
    uint32_t size;           /**< of the structure, octets */
    uint32_t flags;          /**< MSTR_NETWORK_… */
    const char *ca_file;     /**< PEM bundle, or folder of hashed names, to trust in place of the system's */
    const char *client_cert; /**< PEM or PKCS#12 file of the client's certificate */
    const char *client_key;  /**< PEM file of its key; NULL = in client_cert. A session may have its passphrase as
                              *   MSTR_CREDENTIAL_KEY_PASSPHRASE, which goes with the session's key alone */
    const char *proxy;       /**< URL, which holds for loopback too; "" = none. A request's own proxy is not told the
                              *   session's proxy password */
    const char *proxy_username; /**< with MSTR_CREDENTIAL_PROXY_PASSWORD */
    const char *no_proxy;    /**< hosts reached without the proxy, separated by commas: names, "*.name", "host:port",
                              *   addresses and blocks of them */
    const char *pinned_key;  /**< "sha256//BASE64" of the server's public key, several separated by ';' */
    int64_t connect_timeout; /**< ms */
    int64_t stall_timeout;   /**< ms without an octet in either direction that end a request; 0 = none */
    int32_t max_redirects;   /**< 0 = the profile's, or 5 */
    int32_t reserved;        /**< 0 */
} mstr_network;
/** The defaults. */
#define MSTR_NETWORK_INIT                                                                                            \
    {                                                                                                                \
        (uint32_t)sizeof(mstr_network), 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, 0, 0                      \
    }
/** Take neither proxies nor CA files from the environment (HTTPS_PROXY, SSL_CERT_FILE and the like). A .netrc file is
 *  never read. */
#define MSTR_NETWORK_NO_ENVIRONMENT 1u

/* --- bodies ----------------------------------------------------------------------------------------------------- */

/**
 * A body that is read piece by piece, so that it needs no memory of its size. Begin with MSTR_READER_INIT, or with
 * MSTR_READER_DESCRIPTOR(fd) to send what a descriptor holds from its present offset on.
 *
 * A body is sent again, for a retry, a redirect or after a new login, only if nothing of it was read, or rewind() can
 * go back to its begin; a descriptor that can seek goes back by itself.
 */
typedef struct mstr_reader {
    uint32_t size;      /**< of the structure, octets */
    int32_t descriptor; /**< stays the caller's; used where read is NULL */
    /** Writes up to @p capacity octets. @return how many; 0 at the end; -1 ends the request with MSTR_E_CANCELLED */
    int64_t (*read)(void *into, size_t capacity, void *data);
    /** Starts again. @return 0 if it can. NULL = it cannot */
    int (*rewind)(void *data);
    void *data;     /**< handed to read and rewind */
    int64_t length; /**< of all; -1 = unknown, the body is then sent in chunks */
} mstr_reader;
/** The defaults. */
#define MSTR_READER_INIT                                                                                             \
    {                                                                                                                \
        (uint32_t)sizeof(mstr_reader), -1, NULL, NULL, NULL, -1                                                      \
    }
/** The length is found out where the descriptor is of a file. */
#define MSTR_READER_DESCRIPTOR(fd)                                                                                   \
    {                                                                                                                \
        (uint32_t)sizeof(mstr_reader), (fd), NULL, NULL, NULL, -1                                                    \
    }

/**
 * Takes the body of an answer piece by piece, decompressed. It gets nothing of redirects nor of answers of status 400
 * and above, whose body is told in the error or kept in the response.
 *
 * A long transfer needs a timeout that is long enough, in mstr_session_request::call; mstr_network::stall_timeout
 * ends one that stands still.
 */
typedef struct mstr_writer {
    uint32_t size;      /**< of the structure, octets */
    int32_t descriptor; /**< stays the caller's; used where write is NULL */
    /** @return 0 to go on; anything else ends the request with MSTR_E_CANCELLED */
    int (*write)(const void *octets, size_t length, void *data);
    void *data; /**< handed to write and begin */
    /** Shows the answer, its status and headers, before its first octet; it lives during the call. Not called for an
     *  answer without a body. NULL = nobody looks. @return 0 to go on; anything else as of write() */
    int (*begin)(const mstr_response *answer, void *data);
} mstr_writer;
/** The defaults. */
#define MSTR_WRITER_INIT                                                                                             \
    {                                                                                                                \
        (uint32_t)sizeof(mstr_writer), -1, NULL, NULL, NULL                                                          \
    }
/** The answer goes to a descriptor. */
#define MSTR_WRITER_DESCRIPTOR(fd)                                                                                   \
    {                                                                                                                \
        (uint32_t)sizeof(mstr_writer), (fd), NULL, NULL, NULL                                                        \
    }

/** One part of a multipart/form-data body (RFC 7578). Begin with MSTR_PART_INIT. */
typedef struct mstr_part {
    uint32_t size;             /**< of the structure, octets */
    uint32_t reserved;         /**< 0 */
    const char *name;          /**< of the field */
    const char *filename;      /**< NULL = a plain field */
    const char *content_type;  /**< NULL = application/octet-stream if there is a filename, else none */
    const void *octets;        /**< the content, unless there is a reader */
    size_t length;             /**< octets of the content */
    const mstr_reader *reader; /**< gives the content; NULL = octets do */
} mstr_part;
/** The defaults. */
#define MSTR_PART_INIT                                                                                               \
    {                                                                                                                \
        (uint32_t)sizeof(mstr_part), 0, NULL, NULL, NULL, NULL, 0, NULL                                              \
    }

/* --- requests --------------------------------------------------------------------------------------------------- */

/** Send no token, and need no open session. */
#define MSTR_REQUEST_NO_AUTH 1u
/** Return an answer of status 400 and above as a response; by default it becomes an error. Secrets that the request
 *  held (tokens, cookies, passwords) and that the answer repeats are replaced by `(hidden)` in it. */
#define MSTR_REQUEST_KEEP_ERRORS 2u
/** Return a redirect as a response; by default it is followed. */
#define MSTR_REQUEST_KEEP_REDIRECTS 4u
/** Let the path be a URL of another origin, which gets neither token, cookies and project nor the session's headers;
 *  only what this struct says. */
#define MSTR_REQUEST_OTHER_ORIGIN 8u
/** Wait for the answer of a request that is cancelled, or whose time is up, once it was sent, for a second at most,
 * and return it: of what begins something at the server that the answer alone names, and that is to be ended then. */
#define MSTR_REQUEST_AWAIT_ANSWER 16u

/** A request. Begin with MSTR_SESSION_REQUEST_INIT. At most one of body, form, parts, file and reader is given. */
typedef struct mstr_session_request {
    uint32_t size;      /**< of the structure, octets */
    uint32_t flags;     /**< MSTR_REQUEST_… */
    const char *method; /**< GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS; NULL = GET */
    const char *path;   /**< appended to the base URL: "projects", "/v2/reports"; or a URL of its origin */
    const struct mstr_header *query; /**< encoded by the library, after the session's own parameters */
    size_t query_count;              /**< of query */
    /** In place of the session's headers of the same name. X-MSTR-AuthToken, X-MSTR-ProjectID, Cookie, Host,
     *  Content-Type and the headers of framing are refused: they are the library's own. */
    const struct mstr_header *headers;
    size_t header_count;            /**< of headers */
    const void *body;               /**< JSON text, or anything else with its content_type */
    size_t body_length;             /**< octets of body */
    const char *content_type;       /**< NULL = application/json for a body, what its kind says for the others */
    const char *project;            /**< name or id for this request alone; "" = none */
    const mstr_call_options *call;  /**< timeout and cancellation; NULL = the session's timeout */
    const struct mstr_header *form; /**< sent as application/x-www-form-urlencoded */
    size_t form_count;              /**< of form */
    const mstr_part *parts;    /**< sent as multipart/form-data; a content_type given must be multipart and have no
                                *   boundary */
    size_t part_count;         /**< of parts */
    const char *file;          /**< path of a file to send, as application/octet-stream */
    const mstr_reader *reader; /**< sent as application/octet-stream */
    const mstr_writer *writer; /**< takes the answer's body; NULL = kept in the response */
    const struct mstr_header *cookies; /**< sent beside the session's, for this request alone */
    size_t cookie_count;               /**< of cookies */
    const mstr_network *network;       /**< in place of the session's, member by member */
    size_t response_limit;             /**< octets of a body kept in the response; 0 = 256 MiB. More is an error. What
                                            is no success (status 200 to 299) has 1 MiB at most */
} mstr_session_request;
/** The defaults. */
#define MSTR_SESSION_REQUEST_INIT                                                                                    \
    {                                                                                                                \
        (uint32_t)sizeof(mstr_session_request), 0, NULL, NULL, NULL, 0, NULL, 0, NULL, 0, NULL, NULL, NULL, NULL, 0, \
            NULL, 0, NULL, NULL, NULL, NULL, 0, NULL, 0                                                              \
    }

/**
 * Sends a request and waits for its answer.
 * @param session   an open one, unless MSTR_REQUEST_NO_AUTH is set
 * @param request   borrowed, and all that it points to
 * @param[out] out  the answer, to be freed with mstr_response_free(); NULL when this fails
 * @param error     where to tell a failure; may be NULL
 * @return MSTR_OK with an answer of any status below 400; MSTR_E_USAGE for a request that cannot be sent;
 *         MSTR_E_SESSION when the session is not open; MSTR_E_AUTHENTICATION when a redirect ended on a page of
 *         HTML, as gateways do that want a login of their own; MSTR_E_NETWORK, _TLS, _TIMEOUT, _CANCELLED, _PROTOCOL
 *         for what went wrong on the way; else the class of the server's refusal, with its number, I-Server code and
 *         ticket
 */
MSTR_API enum mstr_code mstr_session_send(mstr_session *session, const mstr_session_request *request,
                                          mstr_response **out, mstr_error *error);

/**
 * GET @p path.
 * @param session   an open one
 * @param path      as in mstr_session_request
 * @param[out] out  the answer, to be freed with mstr_response_free(); NULL when this fails
 * @param error     where to tell a failure; may be NULL
 * @return what mstr_session_send() does
 */
MSTR_API enum mstr_code mstr_session_get(mstr_session *session, const char *path, mstr_response **out,
                                         mstr_error *error);

/**
 * HEAD @p path: the answer's status and headers.
 * @param session   an open one
 * @param path      as in mstr_session_request
 * @param[out] out  the answer, to be freed with mstr_response_free(); NULL when this fails
 * @param error     where to tell a failure; may be NULL
 * @return what mstr_session_send() does
 */
MSTR_API enum mstr_code mstr_session_head(mstr_session *session, const char *path, mstr_response **out,
                                          mstr_error *error);

/**
 * OPTIONS @p path.
 * @param session   an open one
 * @param path      as in mstr_session_request
 * @param[out] out  the answer, to be freed with mstr_response_free(); NULL when this fails
 * @param error     where to tell a failure; may be NULL
 * @return what mstr_session_send() does
 */
MSTR_API enum mstr_code mstr_session_options_of(mstr_session *session, const char *path, mstr_response **out,
                                                mstr_error *error);

/**
 * DELETE @p path.
 * @param session   an open one
 * @param path      as in mstr_session_request
 * @param[out] out  the answer, to be freed with mstr_response_free(); NULL when this fails
 * @param error     where to tell a failure; may be NULL
 * @return what mstr_session_send() does
 */
MSTR_API enum mstr_code mstr_session_delete(mstr_session *session, const char *path, mstr_response **out,
                                            mstr_error *error);

/**
 * POST @p path.
 * @param session   an open one
 * @param path      as in mstr_session_request
 * @param json      the body, borrowed; NULL = none
 * @param[out] out  the answer, to be freed with mstr_response_free(); NULL when this fails
 * @param error     where to tell a failure; may be NULL
 * @return what mstr_session_send() does
 */
MSTR_API enum mstr_code mstr_session_post(mstr_session *session, const char *path, const char *json,
                                          mstr_response **out, mstr_error *error);

/**
 * PUT @p path.
 * @param session   an open one
 * @param path      as in mstr_session_request
 * @param json      the body, borrowed; NULL = none
 * @param[out] out  the answer, to be freed with mstr_response_free(); NULL when this fails
 * @param error     where to tell a failure; may be NULL
 * @return what mstr_session_send() does
 */
MSTR_API enum mstr_code mstr_session_put(mstr_session *session, const char *path, const char *json,
                                         mstr_response **out, mstr_error *error);

/**
 * PATCH @p path.
 * @param session   an open one
 * @param path      as in mstr_session_request
 * @param json      the body, borrowed; NULL = none
 * @param[out] out  the answer, to be freed with mstr_response_free(); NULL when this fails
 * @param error     where to tell a failure; may be NULL
 * @return what mstr_session_send() does
 */
MSTR_API enum mstr_code mstr_session_patch(mstr_session *session, const char *path, const char *json,
                                           mstr_response **out, mstr_error *error);

/**
 * The URL that a request for @p path and @p query would go to. Nothing is sent, but a base_url that is a reference
 * is resolved.
 * @param session      need not be open
 * @param path         as in mstr_session_request
 * @param query        encoded after the session's own parameters; NULL where there are none
 * @param query_count  of them
 * @param[out] url     for @p capacity octets, NUL included; left alone when this fails
 * @param capacity     octets of @p url
 * @param error        where to tell a failure; may be NULL
 * @return MSTR_OK; MSTR_E_USAGE for a path that is refused or a URL that does not fit; MSTR_E_CONFIG without
 *         base_url; what the secret store told of it
 */
MSTR_API enum mstr_code mstr_session_url(mstr_session *session, const char *path, const struct mstr_header *query,
                                         size_t query_count, char *url, size_t capacity, mstr_error *error);

/* --- what every request of a session carries -------------------------------------------------------------------- */

/**
 * A header of every request to the session's origin, the login included, e.g. for a gateway before the server.
 * @param session  whose requests carry it
 * @param name     compared without regard to case
 * @param value    copied, counted as secret; NULL takes the header away again
 * @return MSTR_OK; MSTR_E_USAGE for a malformed header or one that is the library's own; MSTR_E_MEMORY
 */
MSTR_API enum mstr_code mstr_session_set_header(mstr_session *session, const char *name, const char *value);

/**
 * A query parameter of every request but those of the library itself.
 * @param session  whose requests carry it
 * @param name     encoded by the library
 * @param value    copied, and encoded by the library; NULL takes the parameter away again
 * @return MSTR_OK; MSTR_E_USAGE without a name; MSTR_E_MEMORY
 */
MSTR_API enum mstr_code mstr_session_set_query(mstr_session *session, const char *name, const char *value);

/**
 * A cookie of every request to the session's origin, the login included, beside those that the server sets (RFC
 * 6265).
 * @param session  whose requests carry it
 * @param name     of the cookie
 * @param value    copied; NULL takes the cookie away again
 * @return MSTR_OK; MSTR_E_USAGE if name or value cannot stand in a Cookie header; MSTR_E_MEMORY
 */
MSTR_API enum mstr_code mstr_session_set_cookie(mstr_session *session, const char *name, const char *value);

/**
 * HTTP Basic authentication (RFC 7617) on every request to the session's origin, for a gateway before the server:
 * sets the header Authorization.
 * @param session   whose requests carry it
 * @param username  without a colon; NULL takes the header away again
 * @param password  copied
 * @return MSTR_OK; MSTR_E_USAGE for a colon in the name, no password, or what no header can carry; MSTR_E_MEMORY
 */
MSTR_API enum mstr_code mstr_session_set_basic_auth(mstr_session *session, const char *username,
                                                    const char *password);

/* --- answers ---------------------------------------------------------------------------------------------------- */

/**
 * The status of the answer.
 * @param response  the answer
 * @return 200 to 599
 */
MSTR_API int mstr_response_status(const mstr_response *response);

/**
 * The body, followed by a NUL that is not counted; empty when a writer took it.
 * @param response     the answer
 * @param[out] length  octets of the body; may be NULL
 * @return lives as long as the response
 */
MSTR_API const char *mstr_response_body(const mstr_response *response, size_t *length);

/**
 * The first header of that name.
 * @param response  the answer
 * @param name      compared without regard to case
 * @return lives as long as the response; NULL if there is none
 */
MSTR_API const char *mstr_response_header(const mstr_response *response, const char *name);

/**
 * All headers in order.
 * @param response    the answer
 * @param index       from 0
 * @param[out] name   lives as long as the response
 * @param[out] value  lives as long as the response
 * @return nonzero if there is one; 0 past the last
 */
MSTR_API int mstr_response_header_at(const mstr_response *response, size_t index, const char **name,
                                     const char **value);

/**
 * The string at a JSON Pointer of the body. This function and the two below set errno to ENOMEM where they find
 * nothing because memory ran out, else to ENOENT.
 * @param response  may be NULL
 * @param pointer   RFC 6901, such as "/projects/0/name"
 * @return lives as long as the response; NULL if there is none
 */
MSTR_API const char *mstr_response_text(const mstr_response *response, const char *pointer);

/**
 * The whole number at a JSON Pointer of the body.
 * @param response     may be NULL
 * @param pointer      RFC 6901, such as "/projects/0/type"
 * @param[out] number  left alone if there is none
 * @return nonzero if there is one
 */
MSTR_API int mstr_response_number(const mstr_response *response, const char *pointer, int64_t *number);

/**
 * How many elements the array, or members the object, at a JSON Pointer of the body has.
 * @param response  may be NULL
 * @param pointer   RFC 6901; "" = the whole body
 * @return -1 if there is neither
 */
MSTR_API int64_t mstr_response_count(const mstr_response *response, const char *pointer);

/**
 * What stands at a JSON Pointer of the body, whatever it is: a text as it is, without its escapes; a number, boolean,
 * object or array as compact JSON with its digits unchanged. May be called from many threads at once.
 * @param response  not NULL
 * @param pointer   RFC 6901, such as "/projects/0"
 * @param[out] out  to be released with mstr_secret_release(); NULL when this fails
 * @param error     where to tell a failure; may be NULL
 * @return MSTR_OK; MSTR_E_NOT_FOUND where there is nothing or null, or the body is no JSON; MSTR_E_USAGE for what is
 * no pointer; MSTR_E_MEMORY
 */
MSTR_API enum mstr_code mstr_response_member(const mstr_response *response, const char *pointer, mstr_secret **out,
                                             mstr_error *error);

/**
 * What mstr_session_send() would have told of an answer that MSTR_REQUEST_KEEP_ERRORS let through.
 * @param response  not NULL
 * @param what      was asked for, as the message is to have it, such as "GET projects"
 * @param error     where to tell the refusal; may be NULL
 * @return MSTR_OK for a status below 400, else the class of the refusal; MSTR_E_MEMORY
 */
MSTR_API enum mstr_code mstr_response_refusal(const mstr_response *response, const char *what, mstr_error *error);

/**
 * How long the answer took, from the first octet sent to the last received.
 * @param response  the answer
 * @return ms
 */
MSTR_API int64_t mstr_response_elapsed(const mstr_response *response);

/**
 * The URL that answered in the end, redirects followed.
 * @param response  the answer
 * @return lives as long as the response
 */
MSTR_API const char *mstr_response_url(const mstr_response *response);

/**
 * Wipes and frees, with all that was asked of it.
 * @param response  NULL is accepted
 */
MSTR_API void mstr_response_free(mstr_response *response);

#ifdef __cplusplus
}
#endif
/** @} */
#endif
