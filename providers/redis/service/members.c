/* SPDX-License-Identifier: Apache-2.0 */
/* Who is there. */
#include "redis/service/members.h"

static enum mstr_code ask(struct redis_store *store, enum script_id id, struct mstr_store_beat *beat,
                          const struct mstr_call *call, struct mstr_error *error)
{
    struct question question;
    struct resp *reply = NULL;
    const char *member = beat->member != NULL ? beat->member : "";
    question_begin(&question, store, id, true);
    question_key(&question, beat->key.group, beat->key.name, "/members");
    if (beat->watched != NULL) {
        question_key(&question, beat->key.group, beat->watched, "");
    }
    if (strlen(member) > MEMBER_MAX) {
        question.wrong = "a member whose name is over 64 octets";
    }
    question_text(&question, member);
    question_span(&question, beat->keep);
    enum mstr_code code = question_ask(store, &question, 3, call, &reply, error);
    if (code == MSTR_OK) {
        int64_t members = resp_number(reply, 0);
        beat->members = members > 0 ? (size_t)members : 0;
        beat->fence = resp_number(reply, 1);
        beat->now = resp_number(reply, 2);
        code = members >= 0 && beat->fence >= 0 ? MSTR_OK : exchange_tell_senseless(error);
    }
    resp_free(reply);
    return code;
}

enum mstr_code members_beat(void *self, struct mstr_store_beat *beat, const struct mstr_call *call,
                            struct mstr_error *error)
{
    return ask(self, SCRIPT_BEAT, beat, call, error);
}

enum mstr_code members_leave(void *self, struct mstr_store_beat *beat, const struct mstr_call *call,
                             struct mstr_error *error)
{
    return ask(self, SCRIPT_LEAVE, beat, call, error);
}
