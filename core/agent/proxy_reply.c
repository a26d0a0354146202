/* SPDX-License-Identifier: Apache-2.0 */
/* What of the server's answer a client of the session proxy gets as the head of its reply. */
#include "proxy_reply.h"

#include "base/error.h"
#include "base/text.h"
#include "base/uri.h"
#include "proxy_headers.h"

enum { URL_MAX = 8192 };

/* Whether no server reads the path as another one, such as one that leads up. */
static bool is_plain_path(const char *path)
{
    bool memory = true;
    return uri_path_fault(path, strcspn(path, "?#"), &memory) == NULL && memory;
}

/* Whether it counts from where the client is, which is below the root (RFC 3986 4.2), and leads down from there. */
static bool is_relative(const char *location)
{
    return *location != '\0' && *location != '/' && location[strcspn(location, "/?#:")] != ':' &&
           is_plain_path(location);
}

/* Where below the API's root a redirect leads to; NULL if it leads out of it. */
static const char *below_root(mstr_session *session, const char *location)
{
    char base[URL_MAX];
    struct uri uri;
    if (mstr_session_url(session, "", NULL, 0, base, sizeof(base), NULL) != MSTR_OK || !uri_parse(base, &uri)) {
        return NULL;
    }
    const char *root = *location == '/' ? uri.path : base;
    const char *rest = text_starts_with(location, root) ? location + strlen(root) : NULL;
    return rest != NULL && is_plain_path(rest) ? rest : NULL;
}

/* In the place of what the server says. */
static void put_refusal(struct reply *reply, const char *why)
{
    reply_release(reply);
    *reply = (struct reply){0};
    reply_rest(reply, 502, "ERR001", why);
}

/* As whoever sends to the server by himself is told. */
static void refuse_redirect(const char *location, struct reply *reply)
{
    bool here = location[0] == '/' && location[1] != '/';
    mstr_error *error = mstr_error_new();
    mstr_error_set(error, MSTR_E_PROTOCOL, "the server redirects to %.*s, which is not followed",
                   (int)strcspn(location, "?#"), location);
    error_set_hint(error, here ? "nobody is sent out of the API by an agent; check base_url, and whether a single "
                                 "sign-on page stands before the server"
                               : "credentials never follow a redirect to another origin; check base_url");
    reply_release(reply);
    *reply = (struct reply){0};
    reply_rest_error(reply, error);
    mstr_error_free(error);
}

static void put_location(mstr_session *session, const struct buffer *profile, const char *location,
                         struct reply *reply)
{
    struct buffer own = BUFFER_INIT;
    const char *rest = below_root(session, location);
    buffer_puts(&own, "/session/");
    uri_encode(&own, buffer_text(profile), profile->length);
    if (is_relative(location)) {
        reply_header(reply, "Location", location);
    } else if (rest != NULL && buffer_printf(&own, "/%s", rest)) {
        reply_header(reply, "Location", buffer_text(&own));
    } else if (reply->status / 100 == 3) {
        refuse_redirect(location, reply);
    }
    buffer_release(&own);
}

void proxy_reply_head(mstr_session *session, const struct buffer *profile, const mstr_response *answer,
                      struct reply *reply)
{
    struct buffer connection = BUFFER_INIT; /* of all headers of that name */
    const char *location = mstr_response_header(answer, "Location");
    const char *length = mstr_response_header(answer, "Content-Length");
    const char *name = NULL;
    const char *value = NULL;
    reply->status = mstr_response_status(answer);
    for (size_t i = 0; mstr_response_header_at(answer, i, &name, &value) != 0; i++) {
        if (text_equal_nocase(name, "Connection")) {
            buffer_printf(&connection, "%s,", value);
        }
    }
    for (size_t i = 0; mstr_response_header_at(answer, i, &name, &value) != 0; i++) {
        if (proxy_header_returns(name, buffer_text(&connection))) {
            reply_header(reply, name, value);
        }
    }
    buffer_release(&connection);
    reply->length = -1;
    if (length != NULL && mstr_response_header(answer, "Content-Encoding") == NULL &&
        mstr_response_header(answer, "Transfer-Encoding") == NULL && !text_to_int64(length, &reply->length)) {
        reply->length = -1;
    }
    if (location != NULL) {
        put_location(session, profile, location, reply);
    }
    if (reply->status < 200) { /* no end of a request, and what follows would be read as something else */
        put_refusal(reply, "the server goes over to another protocol, which nobody asked for");
    }
}
