/* SPDX-License-Identifier: Apache-2.0 */
/* The publication of an upload's rows. */
#include "session/upload/publication.h"

#include "base/error.h"

#include <stdio.h>

enum {                     /* ms */
       PAUSE_FIRST = 1000, /* grows by half up to PAUSE_MAX */
       PAUSE_MAX = 10000
};

/* Statuses of a publication; those up to the last known one that are neither good nor bad mean that it goes on. */
enum { STATUS_READY = 1, STATUS_PROMPTED = 2, STATUS_FAILED = 3, STATUS_REQUEST_FAILED = 18, STATUS_LAST = 24 };

/* Whether it is still going on; else whether it went well. */
static enum mstr_code judge(struct json_object *answer, bool *going_on, int64_t *status, mstr_error *error)
{
    const char *message = json_member_text(answer, "message");
    *going_on = false;
    if (!json_member_int64(answer, "status", status)) {
        return error_set(error, MSTR_E_PROTOCOL, "the server does not tell how the publication goes");
    }
    if (*status == STATUS_READY) {
        return MSTR_OK;
    }
    *going_on = *status >= 0 && *status <= STATUS_LAST && *status != STATUS_PROMPTED && *status != STATUS_FAILED &&
                *status != STATUS_REQUEST_FAILED;
    return *going_on ? MSTR_OK
                     : error_set(error, MSTR_E_SERVER, "the publication failed at the server, with status %lld%s%s",
                                 (long long)*status, message != NULL && *message != '\0' ? ": " : "",
                                 message != NULL ? message : "");
}

static enum mstr_code await(const struct place *place, const struct limits *limits, mstr_error *error)
{
    char path[PLACE_PATH_MAX + 32];
    int64_t pause = 0;
    int64_t status = 0;
    bool going_on = true;
    enum mstr_code code = MSTR_OK;
    snprintf(path, sizeof(path), "%s/publishStatus", place->path);
    while (code == MSTR_OK && going_on) {
        struct json_object *answer = NULL;
        mstr_call_options call = MSTR_CALL_OPTIONS_INIT;
        code = limits_sleep(limits, pause);
        if (code == MSTR_E_TIMEOUT) {
            return error_set(error, MSTR_E_UNAVAILABLE,
                             "the publication has not ended in time; its last status was %lld", (long long)status);
        }
        if (code != MSTR_OK) {
            return error_set(error, code, "%s while the rows were published", mstr_code_text(code));
        }
        call.cancel = limits->cancel;
        code = place_ask(place, "GET", path, NULL, &call, &answer, error);
        code = code == MSTR_OK ? judge(answer, &going_on, &status, error) : code;
        json_release(answer);
        pause = pause == 0 ? PAUSE_FIRST : pause + pause / 2 < PAUSE_MAX ? pause + pause / 2 : PAUSE_MAX;
    }
    return code;
}

enum mstr_code publication_run(const struct place *place, const struct limits *limits, mstr_error *error)
{
    char path[PLACE_PATH_MAX + 32];
    mstr_call_options call = MSTR_CALL_OPTIONS_INIT;
    call.cancel = limits->cancel;
    snprintf(path, sizeof(path), "%s/publish", place->path);
    enum mstr_code code = place_ask(place, "POST", path, NULL, &call, NULL, error);
    return code == MSTR_OK ? await(place, limits, error) : code;
}
