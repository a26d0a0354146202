/* SPDX-License-Identifier: Apache-2.0 */
/* Where a request goes. */
#include "session/exchange/request_url.h"

#include "base/error.h"
#include "session/parts/url.h"

#include <stdlib.h>
#include <string.h>

bool request_url_is_foreign(const mstr_session_request *request, const char *base)
{
    struct uri own;
    struct uri other;
    return (request->flags & MSTR_REQUEST_OTHER_ORIGIN) != 0 && uri_parse(request->path, &other) &&
           uri_parse(base, &own) && !uri_same_origin(&own, &other);
}

/* The session's parameters first, then the request's. */
enum mstr_code request_url_put(mstr_session *session, const mstr_session_request *request, const char *base,
                               struct buffer *url, mstr_error *error)
{
    bool foreign = request_url_is_foreign(request, base);
    struct pairs common = {.count = 0};
    pthread_mutex_lock(&session->mutex);
    bool copied = foreign || pairs_copy(&session->query, &common);
    pthread_mutex_unlock(&session->mutex);
    size_t count = common.count + request->query_count;
    struct mstr_header *query = calloc(count + 1, sizeof(*query));
    enum mstr_code code = MSTR_E_MEMORY;
    if (copied && query != NULL) {
        for (size_t i = 0; i < count; i++) {
            query[i] = i < common.count ? common.items[i] : request->query[i - common.count];
        }
        code = foreign ? url_foreign(request->path, query, count, url, error)
                       : url_join(base, request->path, query, count, url, error);
    } else {
        error_set(error, code, "out of memory");
    }
    free(query);
    pairs_release(&common);
    return code;
}

enum mstr_code mstr_session_url(mstr_session *session, const char *path, const struct mstr_header *query,
                                size_t query_count, char *url, size_t capacity, mstr_error *error)
{
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    const struct limits limits = session_limits(session, NULL);
    struct buffer whole = BUFFER_INIT;
    char *base = NULL;
    request.path = path;
    request.query = query;
    request.query_count = query_count;
    enum mstr_code code = session_find_base(session, &limits, &base, error);
    if (code == MSTR_OK) {
        code = request_url_put(session, &request, base, &whole, error);
    }
    if (code == MSTR_OK && whole.length >= capacity) {
        code = error_set(error, MSTR_E_USAGE, "the URL has %zu octets, which do not fit", whole.length);
    }
    if (code == MSTR_OK) {
        memcpy(url, whole.data, whole.length + 1);
    }
    buffer_release(&whole);
    free(base);
    return code;
}
