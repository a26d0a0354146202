/* SPDX-License-Identifier: Apache-2.0 */
/* Copies of requests. */
#include "queue/request_copy.h"

#include <string.h>

#define MEMBERS(offsets) offsets, sizeof(offsets) / sizeof(*(offsets))

static const size_t texts_of_request[] = {
    offsetof(mstr_session_request, method),       offsetof(mstr_session_request, path),
    offsetof(mstr_session_request, content_type), offsetof(mstr_session_request, project),
    offsetof(mstr_session_request, file),
};
static const size_t texts_of_part[] = {offsetof(mstr_part, name), offsetof(mstr_part, filename),
                                       offsetof(mstr_part, content_type)};
static const size_t texts_of_network[] = {
    offsetof(mstr_network, ca_file),        offsetof(mstr_network, client_cert), offsetof(mstr_network, client_key),
    offsetof(mstr_network, proxy),          offsetof(mstr_network, no_proxy),    offsetof(mstr_network, pinned_key),
    offsetof(mstr_network, proxy_username),
};

static mstr_part *copy_parts(struct copies *copies, const mstr_part *parts, size_t count)
{
    mstr_part *copied = copies_octets(copies, parts, count * sizeof(*parts));
    for (size_t i = 0; copied != NULL && i < count; i++) {
        if (MSTR_HAS(&copied[i], mstr_part, reader)) { /* any other one is refused when it is sent */
            copies_members(copies, &copied[i], MEMBERS(texts_of_part));
            copied[i].octets = copies_octets(copies, copied[i].octets, copied[i].length);
        }
    }
    return copied;
}

static mstr_network *copy_network(struct copies *copies, const mstr_network *network)
{
    mstr_network *copied = copies_octets(copies, network, sizeof(*network));
    if (copied != NULL) {
        copies_members(copies, copied, MEMBERS(texts_of_network));
    }
    return copied;
}

bool request_copy(const mstr_session_request *request, struct copies *copies, mstr_session_request *copy)
{
    static const mstr_session_request blank = MSTR_SESSION_REQUEST_INIT;
    *copy = blank;
    memcpy(copy, request, request->size < sizeof(*copy) ? request->size : sizeof(*copy));
    copy->size = sizeof(*copy);
    copies_members(copies, copy, MEMBERS(texts_of_request));
    copy->query = copies_pairs(copies, copy->query, copy->query_count);
    copy->headers = copies_pairs(copies, copy->headers, copy->header_count);
    copy->form = copies_pairs(copies, copy->form, copy->form_count);
    copy->cookies = copies_pairs(copies, copy->cookies, copy->cookie_count);
    copy->body = copies_octets(copies, copy->body, copy->body_length);
    copy->parts = copy_parts(copies, copy->parts, copy->part_count);
    copy->network = copy_network(copies, copy->network);
    copy->call = NULL;
    return !copies->failed;
}
