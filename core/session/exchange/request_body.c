/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies of requests. */
#include "session/exchange/request_body.h"

#include "base/uri.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static enum mstr_code open_octets(struct request_body *body, const mstr_session_request *request, mstr_error *error)
{
    (void)error;
    body->octets = request->body;
    body->length = request->body_length;
    body->content_type = "application/json";
    return MSTR_OK;
}

static enum mstr_code open_form(struct request_body *body, const mstr_session_request *request, mstr_error *error)
{
    for (size_t i = 0; i < request->form_count; i++) {
        uri_form_add(&body->text, request->form[i].name, request->form[i].value);
    }
    body->octets = buffer_text(&body->text);
    body->length = body->text.length;
    body->content_type = "application/x-www-form-urlencoded";
    return body->text.failed ? error_set(error, MSTR_E_MEMORY, "out of memory") : MSTR_OK;
}

static enum mstr_code open_reader(struct request_body *body, const mstr_session_request *request, mstr_error *error)
{
    body->streamed = true;
    body->content_type = "application/octet-stream";
    return upload_init(&body->upload, request->reader, error);
}

static enum mstr_code open_file(struct request_body *body, const mstr_session_request *request, mstr_error *error)
{
    body->file = open(request->file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (body->file < 0) {
        return error_set(error, errno == ENOENT ? MSTR_E_NOT_FOUND : MSTR_E_USAGE, "cannot send the file %s: %s",
                         request->file, strerror(errno));
    }
    const mstr_reader reader = MSTR_READER_DESCRIPTOR(body->file);
    body->streamed = true;
    body->content_type = "application/octet-stream";
    return upload_init(&body->upload, &reader, error);
}

static enum mstr_code open_parts(struct request_body *body, const mstr_session_request *request, mstr_error *error)
{
    enum mstr_code code = multipart_new(request->parts, request->part_count, &body->multipart, error);
    if (code != MSTR_OK) {
        return code;
    }
    const mstr_reader reader = multipart_reader(body->multipart);
    body->streamed = true;
    if (!multipart_put_type(body->multipart, request->content_type, &body->text)) {
        return error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    body->content_type = buffer_text(&body->text);
    return upload_init(&body->upload, &reader, error);
}

enum mstr_code request_body_open(struct request_body *body, const mstr_session_request *request, mstr_error *error)
{
    const struct {
        bool given;
        enum mstr_code (*open)(struct request_body *, const mstr_session_request *, mstr_error *);
    } kinds[] = {
        {request->body != NULL, open_octets},   {request->form_count > 0, open_form},
        {request->part_count > 0, open_parts},  {request->file != NULL, open_file},
        {request->reader != NULL, open_reader},
    };
    enum mstr_code code = MSTR_OK;
    size_t given = 0;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds) && code == MSTR_OK; i++) {
        if (kinds[i].given) {
            code = ++given == 1 ? kinds[i].open(body, request, error)
                                : error_set(error, MSTR_E_USAGE, "a request has one body, not several");
        }
    }
    if (given > 0 && request->content_type != NULL && request->part_count == 0) {
        body->content_type = request->content_type;
    }
    return code;
}

void request_body_release(struct request_body *body)
{
    buffer_release(&body->text);
    multipart_free(body->multipart);
    if (body->file >= 0) {
        close(body->file);
    }
}
