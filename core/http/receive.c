/* SPDX-License-Identifier: Apache-2.0 */
/* What comes in: header lines and body, each within its bounds. */
#include "http/transfer.h"

/* curl takes any other count than the one it gave for "abort". */
static size_t stop(struct transfer *t, enum stop why)
{
    t->stop = why;
    return 0;
}

static size_t take_line(char *line, size_t size, size_t count, void *data)
{
    struct transfer *t = data;
    switch (response_add_line(t->response, line, size * count)) {
    case RESPONSE_LINE_MALFORMED:
        return stop(t, STOP_MALFORMED);
    case RESPONSE_LINE_TOO_MANY:
        return stop(t, STOP_TOO_MANY_HEADERS);
    case RESPONSE_LINE_NO_MEMORY:
        return stop(t, STOP_MEMORY);
    case RESPONSE_LINE_GOOD:
    default:
        return size * count;
    }
}

/* Room for the announced length, so that the body is not copied about as it grows. */
static void reserve(struct transfer *t)
{
    curl_off_t announced = -1;
    t->api->easy_getinfo(t->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced);
    if (announced > 0 && (uint64_t)announced <= response_body_limit(t->response) &&
        http_header(t->response, "Content-Encoding") == NULL) {
        buffer_reserve(&t->response->body, (size_t)announced);
    }
}

static size_t take_body(char *octets, size_t size, size_t count, void *data)
{
    struct transfer *t = data;
    size_t length = size * count;
    if (t->response->section_count == 0) {
        /* The first octets of an alert (RFC 8446, 5.1), which a server of https sends to plain http. */
        return stop(t, length > 1 && octets[0] == 0x15 && octets[1] == 0x03 ? STOP_PLAIN : STOP_MALFORMED);
    }
    if (t->extras->write != NULL && t->response->answer.status / 100 == 2) {
        bool taken = (t->extras->begin == NULL || t->extras->begin(t->response, t->extras->write_data)) &&
                     t->extras->write(octets, length, t->extras->write_data);
        return taken ? length : stop(t, STOP_WRITER);
    }
    if (t->response->body.data == NULL) {
        reserve(t);
    }
    switch (response_add_body(t->response, octets, length)) {
    case RESPONSE_BODY_TOO_LARGE:
        return stop(t, STOP_TOO_LARGE);
    case RESPONSE_BODY_NO_MEMORY:
        return stop(t, STOP_MEMORY);
    case RESPONSE_BODY_GOOD:
    default:
        return length;
    }
}

bool transfer_receive_setup(struct transfer *t)
{
    return t->api->easy_setopt(t->easy, CURLOPT_HEADERFUNCTION, take_line) == CURLE_OK &&
           t->api->easy_setopt(t->easy, CURLOPT_HEADERDATA, t) == CURLE_OK &&
           t->api->easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK &&
           t->api->easy_setopt(t->easy, CURLOPT_WRITEDATA, t) == CURLE_OK;
}
