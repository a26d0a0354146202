/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the store refuses: the class of its words, what is to be done about it, and what the user is told.
 */
#ifndef MSTR_PROVIDERS_REDIS_WIRE_REPLY_ERROR_H
#define MSTR_PROVIDERS_REDIS_WIRE_REPLY_ERROR_H

#include "redis/config/url.h"
#include "redis/wire/resp.h"

enum reply_action {
    REPLY_FAIL,      /* it stays so */
    REPLY_AGAIN,     /* passes by itself: asked again within the deadline */
    REPLY_LOAD,      /* the script is not known there: it is sent whole */
    REPLY_ELSEWHERE, /* it is the wrong server: the right one is looked for */
    REPLY_MOVED,     /* the server names the right one */
    REPLY_ASK        /* the same, for this command alone */
};

struct reply_kind {
    const char *begin; /* of the store's words; NULL = whatever they are */
    enum mstr_code code;
    enum reply_action action;
    bool spent; /* the connection is of no more use */
    const char *hint;
};

/* Of an error reply. */
const struct reply_kind *reply_error_kind(const struct resp *reply);
/* Tells it, with what is not to be in it (NULL = nothing): a store may repeat what it was sent. Returns the class. */
enum mstr_code reply_error_tell(const struct resp *reply, const char *hidden, struct mstr_error *error);
/* Where MOVED and ASK lead to; a host that is left out is `from`. False where they lead nowhere. */
bool reply_error_place(const struct resp *reply, const struct endpoint *from, struct endpoint *to);

#endif
