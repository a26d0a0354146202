/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The functions of libcurl that the client calls. libcurl is not linked but opened on the first request: it drags in
 * a dozen libraries, which programs that read a file or an environment variable should not pay for. The pointers have
 * the types of curl's own declarations. Only core/http includes this, and with it curl's headers. A single-file
 * program has libcurl and OpenSSL linked in; there the same names lead to them.
 */
#ifndef MSTR_HTTP_CURL_API_H
#define MSTR_HTTP_CURL_API_H

#include "base/error.h"

#include <curl/curl.h>
#include <stdbool.h>

#define CURL_API_FUNCTIONS(X)                                                                                        \
    X(global_init_mem)                                                                                               \
    X(easy_init)                                                                                                     \
    X(easy_cleanup)                                                                                                  \
    X(easy_reset)                                                                                                    \
    X(easy_setopt)                                                                                                   \
    X(easy_getinfo)                                                                                                  \
    X(easy_strerror)                                                                                                 \
    X(version_info)                                                                                                  \
    X(multi_init)                                                                                                    \
    X(multi_cleanup)                                                                                                 \
    X(multi_setopt)                                                                                                  \
    X(multi_add_handle)                                                                                              \
    X(multi_remove_handle)                                                                                           \
    X(multi_perform)                                                                                                 \
    X(multi_poll)                                                                                                    \
    X(multi_info_read)

/* Those of OpenSSL that are called with what libcurl hands over, which belongs to the copy that libcurl has. */
#define CURL_API_TLS_FUNCTIONS(X)                                                                                    \
    X(SSL_CTX_set_options)                                                                                           \
    X(SSL_CTX_set_cert_cb)                                                                                           \
    X(SSL_CTX_set_cert_verify_callback)                                                                              \
    X(X509_STORE_CTX_get0_cert)                                                                                      \
    X(X509_STORE_CTX_set_error)                                                                                      \
    X(X509_digest)                                                                                                   \
    X(EVP_sha1)

#define CURL_API_MEMBER(name) __typeof__(curl_##name) *name;
struct curl_api {
    CURL_API_FUNCTIONS(CURL_API_MEMBER)
};
#undef CURL_API_MEMBER

#define CURL_API_HINT_OPEN_FILES "raise the limit of open files (ulimit -n, LimitNOFILE=), or close some"

/* Opened and initialised on the first call; NULL with `error` told when it cannot be. From then on it stays; what
 * failed is tried again by the next call, as a lack of files or memory passes. */
const struct curl_api *curl_api_get(mstr_error *error);
/* The class of such a failure. */
enum mstr_code curl_api_failure(void);
/* Sets the pointer at `function` to libcurl's function of this name, or to one of CURL_API_TLS_FUNCTIONS; false where
 * there is none. Once libcurl is open. */
bool curl_api_find(const char *name, void *function);
/* Counts the forks that lie between the first process and this one. A child must not touch its parent's
 * connections. */
unsigned curl_api_generation(void);

#endif
