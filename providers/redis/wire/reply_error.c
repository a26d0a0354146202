/* SPDX-License-Identifier: Apache-2.0 */
/* What the store refuses. */
#include "redis/wire/reply_error.h"

#include "base/text.h"
#include "sdk/host.h"

#include <stdio.h>
#include <string.h>

#define ACL     "give the user the rules that mstr-store-redis(5) lists, with ACL SETUSER"
#define LOGIN   "see \"username\" and \"password\" of the section [fleet]"
#define FOREIGN "see that nobody else writes keys which begin with mstr:"

/* By the beginning of the store's words; the first that fits. Server versions differ in what follows. */
static const struct reply_kind kinds[] = {
    {"NOSCRIPT", MSTR_E_PROTOCOL, REPLY_LOAD, false, NULL},
    {"MOVED ", MSTR_E_UNAVAILABLE, REPLY_MOVED, false, NULL},
    {"ASK ", MSTR_E_UNAVAILABLE, REPLY_ASK, false, NULL},
    {"LOADING", MSTR_E_UNAVAILABLE, REPLY_AGAIN, false, NULL},
    {"MASTERDOWN", MSTR_E_UNAVAILABLE, REPLY_AGAIN, false, NULL},
    {"TRYAGAIN", MSTR_E_UNAVAILABLE, REPLY_AGAIN, false, NULL},
    {"CLUSTERDOWN", MSTR_E_UNAVAILABLE, REPLY_AGAIN, false, NULL},
    {"BUSY", MSTR_E_UNAVAILABLE, REPLY_AGAIN, false, NULL},
    {"ERR max number of clients", MSTR_E_UNAVAILABLE, REPLY_AGAIN, true,
     "raise maxclients of the store, or have the agent of each machine ask it"},
    {"READONLY", MSTR_E_UNAVAILABLE, REPLY_ELSEWHERE, true,
     "name the primary in \"url\", or the Sentinels that know it"},
    {"NOREPLICAS", MSTR_E_UNAVAILABLE, REPLY_FAIL, false, "the store writes only while enough replicas follow it"},
    {"MISCONF", MSTR_E_UNAVAILABLE, REPLY_FAIL, false, "the store cannot save to its disk: see its log"},
    {"OOM", MSTR_E_UNAVAILABLE, REPLY_FAIL, false, "raise maxmemory of the store, or give the fleet one of its own"},
    {"NOAUTH", MSTR_E_AUTHENTICATION, REPLY_FAIL, true, LOGIN},
    {"WRONGPASS", MSTR_E_AUTHENTICATION, REPLY_FAIL, true, LOGIN},
    {"ERR AUTH", MSTR_E_AUTHENTICATION, REPLY_FAIL, true, LOGIN},
    {"ERR Client sent AUTH", MSTR_E_AUTHENTICATION, REPLY_FAIL, true, LOGIN},
    {"ERR invalid password", MSTR_E_AUTHENTICATION, REPLY_FAIL, true, LOGIN},
    {"NOPERM", MSTR_E_DENIED, REPLY_FAIL, false, ACL},
    {"ERR The user executing the script", MSTR_E_DENIED, REPLY_FAIL, false, ACL},
    {"ERR ACL failure in script", MSTR_E_DENIED, REPLY_FAIL, false, ACL},
    {"DENIED", MSTR_E_DENIED, REPLY_FAIL, true,
     "the store lets in only programs of its own machine: set a password there"},
    {"ERR DB index", MSTR_E_CONFIG, REPLY_FAIL, true, "see the number of the database in \"url\""},
    {"ERR SELECT", MSTR_E_CONFIG, REPLY_FAIL, true, "a cluster has one database: leave its number out of \"url\""},
    {"WRONGTYPE", MSTR_E_PROTOCOL, REPLY_FAIL, false, FOREIGN},
    {"ERR unknown command", MSTR_E_PROTOCOL, REPLY_FAIL, false, "the fleet needs Redis 5 or later, or Valkey"},
    {NULL, MSTR_E_PROTOCOL, REPLY_FAIL, false, NULL},
};

/* Redis 6 wraps what a script met: "ERR Error running script (call to f_…): @user_script:1: -OOM command …". */
static const char *words_of(const struct resp *reply)
{
    static const char denied[] = "The user executing the script";
    const char *inner = NULL;
    if (text_starts_with(reply->text, "ERR Error running script")) {
        inner = strstr(reply->text, denied) != NULL ? ": -NOPERM the script may not do what it does"
                                                    : strstr(reply->text, ": -");
    }
    return inner != NULL ? inner + 3 : reply->text;
}

const struct reply_kind *reply_error_kind(const struct resp *reply)
{
    const char *words = words_of(reply);
    const struct reply_kind *kind = kinds;
    while (kind->begin != NULL && !text_starts_with(words, kind->begin)) {
        kind++;
    }
    return kind;
}

/* Octets of it that are worth telling: no arguments of ours, no hash of a script. */
static size_t told_length(const char *words)
{
    static const char *const ends[] = {", with args", " script: ", "\r", "\n"};
    size_t length = strnlen(words, 200);
    for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
        const char *end = strstr(words, ends[i]);
        if (end != NULL && (size_t)(end - words) < length) {
            length = (size_t)(end - words);
        }
    }
    return length;
}

enum mstr_code reply_error_tell(const struct resp *reply, const char *hidden, struct mstr_error *error)
{
    const struct reply_kind *kind = reply_error_kind(reply);
    const char *words = words_of(reply);
    char code[32];
    size_t first = strcspn(words, " ");
    size_t length = hidden != NULL && strstr(words, hidden) != NULL ? 0 : told_length(words);
    snprintf(code, sizeof(code), "%.*s", (int)(first < sizeof(code) ? first : sizeof(code) - 1), words);
    host->error_set(error, kind->code, length > 0 ? "the store says: %.*s" : "the store refuses a command",
                    (int)length, words);
    if (length > 0 && text_is_made_of(code, "")) {
        host->error_detail(error, MSTR_DETAIL_SERVICE_CODE, code);
    }
    return error_hint(error, kind->code, kind->hint);
}

/* "MOVED SLOT HOST:PORT", where HOST may be left out, or be an IPv6 address without brackets. */
bool reply_error_place(const struct resp *reply, const struct endpoint *from, struct endpoint *to)
{
    const char *slot = strchr(words_of(reply), ' ');
    const char *place = slot != NULL ? strchr(slot + 1, ' ') : NULL;
    const char *colon = place != NULL ? strrchr(place, ':') : NULL;
    if (colon == NULL || endpoint_is_unix(from)) {
        return false;
    }
    place++;
    size_t length = strcspn(colon + 1, " \r\n");
    const char *name = colon > place ? place : from->host;
    return endpoint_make(to, name, colon > place ? (size_t)(colon - place) : strlen(name), colon + 1, length);
}
