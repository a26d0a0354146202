/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of the server: header lines up to an empty one, then a body that tells a failure. */
#include "http/response.h"
#include "session/parts/server_error.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all_headers(const struct mstr_http_response *response)
{
    const char *name = NULL;
    const char *value = NULL;
    for (size_t i = 0; http_header_at(response, i, &name, &value); i++) {
        if (http_header(response, name) == NULL || value[strcspn(value, "\r\n")] != '\0') {
            abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *at = (const char *)data;
    const char *end = at + size;
    struct mstr_http_response *response = response_new("http://127.0.0.1/", 1024 * 1024);
    mstr_error *error = mstr_error_new();
    bool good = true;
    while (good && at < end && *at != '\n') {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)((line_end != NULL ? line_end : end) - at);
        good = memchr(at, '\r', length > 0 ? length - 1 : 0) == NULL && /* HTTP's parser ends a line there */
               response_add_line(response, at, length) == RESPONSE_LINE_GOOD;
        at += length + (line_end != NULL);
    }
    if (good) {
        buffer_append(&response->body, at, (size_t)(end - at));
        response_complete(response, 0, 0);
        read_all_headers(response);
        if (server_error_tell(response, "GET x", error) == MSTR_OK || mstr_error_message(error)[0] == '\0') {
            abort();
        }
    }
    http_response_free(response);
    mstr_error_free(error);
    return 0;
}
