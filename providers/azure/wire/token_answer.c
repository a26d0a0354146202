/* SPDX-License-Identifier: Apache-2.0 */
/* Answers that hold a token. */
#include "azure/wire/token_answer.h"

#include "base/text.h"
#include "base/timestamp.h"
#include "sdk/host.h"

#include <stdio.h>
#include <string.h>

enum { LONGEST_TIME = 64 };
/* ms. A token of more than two hours is renewed in the middle of its life, so that one which the platform hands out
 * to many is renewed by none of them late. */
enum { HALF_LIFE_FROM = 2 * 3600 * 1000 };
/* s; longer lives are no lives. */
enum { LIFE_MOST = 7 * 24 * 3600 };

/* 11/23/2026 10:05:00 PM +00:00, with less of its end. */
static bool read_american(const char *text, int64_t *milliseconds)
{
    int month = 0;
    int day = 0;
    int year = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    int used = 0;
    if (sscanf(text, "%2d/%2d/%4d %2d:%2d:%2d%n", &month, &day, &year, &hour, &minute, &second, &used) != 6) {
        return false;
    }
    const char *rest = text + used + strspn(text + used, " ");
    bool morning = text_starts_with(rest, "AM");
    bool afternoon = text_starts_with(rest, "PM");
    if (morning || afternoon) {
        if (hour < 1 || hour > 12) {
            return false;
        }
        hour = hour % 12 + (afternoon ? 12 : 0);
        rest += 2 + strspn(rest + 2, " ");
    }
    return (*rest == '\0' || strcmp(rest, "+00:00") == 0) &&
           timestamp_from_civil(year, month, day, hour, minute, second, milliseconds);
}

/* 2026-11-23 22:05:00, with or without a fraction or an offset. */
static bool read_spaced(const char *text, int64_t *milliseconds)
{
    char iso[LONGEST_TIME + 2];
    size_t length = strlen(text);
    memcpy(iso, text, length + 1);
    if (length > 10 && iso[10] == ' ') {
        iso[10] = 'T';
    }
    if (timestamp_parse_rfc3339(iso, milliseconds)) {
        return true;
    }
    memcpy(iso + length, "Z", 2);
    return timestamp_parse_rfc3339(iso, milliseconds);
}

bool token_answer_seconds(int64_t seconds, int64_t *milliseconds)
{
    bool good = seconds >= 0 && seconds < INT64_MAX / 1000;
    *milliseconds = good ? seconds * 1000 : 0;
    return good;
}

bool token_answer_time(const char *text, int64_t *milliseconds)
{
    int64_t seconds = 0;
    if (text_empty(text) || strlen(text) > LONGEST_TIME) {
        return false;
    }
    if (text_to_int64(text, &seconds)) {
        return token_answer_seconds(seconds, milliseconds);
    }
    return timestamp_parse_http(text, milliseconds) || read_american(text, milliseconds) ||
           read_spaced(text, milliseconds);
}

static bool member_time(struct json_object *body, const char *name, int64_t *milliseconds)
{
    int64_t seconds = 0;
    if (json_member_int64(body, name, &seconds)) {
        return token_answer_seconds(seconds, milliseconds);
    }
    const char *text = json_member_text(body, name);
    return text != NULL && token_answer_time(text, milliseconds);
}

/* Seconds from now on, or a point in time; the first does not depend on this machine's clock. */
static bool find_time(struct json_object *body, const char *from_now, const char *at, int64_t received,
                      int64_t *milliseconds)
{
    int64_t seconds = 0;
    if (json_member_int64(body, from_now, &seconds) && seconds > 0 && seconds <= LIFE_MOST * INT64_C(1000)) {
        *milliseconds = received + seconds * 1000;
        return true;
    }
    return member_time(body, at, milliseconds);
}

/* When it expires. Of two ends the one that is past counts; and a life of no seconds, where nothing else is told. */
static bool find_end(struct json_object *body, int64_t received, int64_t *milliseconds)
{
    int64_t seconds = 1;
    bool past = member_time(body, "expires_on", milliseconds) && *milliseconds <= received;
    if (past || find_time(body, "expires_in", "expires_on", received, milliseconds)) {
        return true;
    }
    *milliseconds = received;
    return json_member_int64(body, "expires_in", &seconds) && seconds <= 0;
}

enum mstr_code token_answer_read(struct json_object *body, int64_t received, const char *who, struct token *token,
                                 struct mstr_error *error)
{
    int64_t renew = 0;
    struct token_given given = {.type = token_type(body, "token_type"), .received = received};
    given.text = json_member_octets(body, "access_token", &given.length);
    if (given.text != NULL && !find_end(body, received, &given.expires)) {
        return host->error_set(error, MSTR_E_PROTOCOL, "%s does not tell when its token expires", who);
    }
    enum mstr_code code = token_take(token, &given, who, error);
    if (code == MSTR_OK && find_time(body, "refresh_in", "refresh_on", received, &renew) && renew < token->expires) {
        token->renew = renew;
    } else if (code == MSTR_OK && token->expires - received > HALF_LIFE_FROM) {
        token->renew = received + (token->expires - received) / 2;
    }
    return code;
}
