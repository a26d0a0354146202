/* SPDX-License-Identifier: Apache-2.0 */
/* Leases. */
#include "redis/service/leases.h"

enum mstr_code leases_acquire(void *self, struct mstr_store_lease *lease, const struct mstr_call *call,
                              struct mstr_error *error)
{
    struct question question;
    struct resp *reply = NULL;
    const struct mstr_store_key *key = &lease->key;
    question_begin(&question, self, SCRIPT_ACQUIRE, true);
    question_key(&question, key->group, key->name, "");
    question_key(&question, key->group, key->name, "/lease");
    question_key(&question, key->group, key->name, "/fence");
    question_token(&question, lease->token, 0);
    question_span(&question, lease->duration);
    question_number(&question, lease->known);
    enum mstr_code code = question_ask(self, &question, 4, call, &reply, error);
    if (code == MSTR_OK) {
        int64_t left = resp_number(reply, 2);
        lease->fence = resp_number(reply, 1);
        lease->left = left > 0 ? left : 0;
        lease->now = resp_number(reply, 3);
        if (!question_read_outcome(resp_number(reply, 0), &lease->outcome) || lease->fence < 0) {
            code = exchange_tell_senseless(error);
        }
    }
    resp_free(reply);
    return code;
}

enum mstr_code leases_renew(void *self, const struct mstr_store_key *key, const char *token, int64_t duration,
                            enum mstr_store_outcome *outcome, const struct mstr_call *call, struct mstr_error *error)
{
    struct question question;
    question_begin(&question, self, SCRIPT_RENEW, true);
    question_key(&question, key->group, key->name, "/lease");
    question_token(&question, token, 0);
    question_span(&question, duration);
    return question_outcome(self, &question, outcome, call, error);
}

enum mstr_code leases_release(void *self, const struct mstr_store_key *key, const char *token,
                              enum mstr_store_outcome *outcome, const struct mstr_call *call,
                              struct mstr_error *error)
{
    struct question question;
    question_begin(&question, self, SCRIPT_RELEASE, false);
    question_key(&question, key->group, key->name, "/lease");
    question_token(&question, token, 0);
    return question_outcome(self, &question, outcome, call, error);
}
