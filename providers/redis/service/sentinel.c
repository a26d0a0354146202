/* SPDX-License-Identifier: Apache-2.0 */
/* Where Sentinels say the primary is. */
#include "redis/service/sentinel.h"

#include "redis/wire/reply_error.h"
#include "sdk/host.h"

/* ms that a Sentinel has at most, so that one that is silent does not take all time. */
enum { SHARE_MAX = 300 };

static enum mstr_code read_place(const struct settings *settings, const struct resp *reply, struct endpoint *primary,
                                 struct mstr_error *error)
{
    if (reply->type == RESP_ERROR) {
        return reply_error_tell(reply, settings->sentinel.password, error);
    }
    if (reply->type == RESP_NIL) {
        host->error_set(error, MSTR_E_UNAVAILABLE, "the Sentinels know no primary \"%s\"", settings->url.name);
        return error_hint(error, MSTR_E_UNAVAILABLE,
                          "the name behind the Sentinels in \"url\" is that of their \"monitor\"");
    }
    const char *name = resp_text(reply, 0);
    const char *port = resp_text(reply, 1);
    if (name == NULL || port == NULL || !endpoint_make(primary, name, strlen(name), port, strlen(port))) {
        return host->error_set(error, MSTR_E_PROTOCOL, "a Sentinel names no place where the primary is");
    }
    return MSTR_OK;
}

static enum mstr_code ask(struct dial *dial, const struct endpoint *sentinel, const struct wait *wait,
                          struct endpoint *primary, struct mstr_error *error)
{
    const struct word words[] = {word_of("SENTINEL"), word_of("get-master-addr-by-name"),
                                 word_of(dial->settings->url.name)};
    struct buffer command = BUFFER_INIT;
    struct connection *connection = NULL;
    struct resp *reply = NULL;
    enum mstr_code code = resp_command(&command, words, 3)
                              ? connection_open(dial, sentinel, CONNECTION_SENTINEL, wait, &connection, error)
                              : host->error_set(error, MSTR_E_MEMORY, "out of memory");
    code = code == MSTR_OK ? connection_ask(connection, &command, 1, wait, &reply, error) : code;
    code = code == MSTR_OK ? read_place(dial->settings, reply, primary, error) : code;
    resp_free(reply);
    connection_close(connection);
    buffer_release(&command);
    return code;
}

enum mstr_code sentinel_find(struct dial *dial, const struct mstr_call *call, struct endpoint *primary,
                             struct mstr_error *error)
{
    const struct url *url = &dial->settings->url;
    enum mstr_code code = MSTR_E_UNAVAILABLE;
    for (size_t i = 0; i < url->count; i++) {
        int64_t share = host->remaining(call) / (int64_t)(url->count - i);
        const struct wait wait = {call, host->monotonic() + (share < SHARE_MAX ? share : SHARE_MAX)};
        code = ask(dial, &url->endpoints[i], &wait, primary, error);
        if (code == MSTR_OK || code == MSTR_E_CANCELLED || code == MSTR_E_MEMORY) {
            return code;
        }
        if (wait_is_impatient(&wait, code)) {
            char text[ENDPOINT_TEXT];
            code = host->error_set(error, MSTR_E_NETWORK, "the Sentinel at %s does not answer in time",
                                   endpoint_tell(&url->endpoints[i], text));
        }
    }
    return code;
}
