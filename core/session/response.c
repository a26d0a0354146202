/* Answers as programs see them. */
#include "session/session.h"

#include "util/text.h"

#include <stdlib.h>

struct mstr_response {
    struct mstr_http_response *http;
    char *url;
};

mstr_response *response_wrap(struct mstr_http_response *http, const char *url)
{
    mstr_response *response = calloc(1, sizeof(*response));
    if (response == NULL || (response->url = text_copy(url)) == NULL) {
        free(response);
        http_response_free(http);
        return NULL;
    }
    response->http = http;
    return response;
}

int mstr_response_status(const mstr_response *response)
{
    return http_answer(response->http)->status;
}

const char *mstr_response_body(const mstr_response *response, size_t *length)
{
    const struct mstr_http_answer *answer = http_answer(response->http);
    if (length != NULL) {
        *length = answer->body_length;
    }
    return answer->body;
}

const char *mstr_response_header(const mstr_response *response, const char *name)
{
    return http_header(response->http, name);
}

int mstr_response_header_at(const mstr_response *response, size_t index, const char **name, const char **value)
{
    return http_header_at(response->http, index, name, value);
}

int64_t mstr_response_elapsed(const mstr_response *response)
{
    const struct mstr_http_answer *answer = http_answer(response->http);
    return answer->received > answer->sent ? answer->received - answer->sent : 0;
}

const char *mstr_response_url(const mstr_response *response)
{
    return response->url;
}

void mstr_response_free(mstr_response *response)
{
    if (response != NULL) {
        http_response_free(response->http);
        free(response->url);
        free(response);
    }
}
