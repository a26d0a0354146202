/* SPDX-License-Identifier: Apache-2.0 */
/* What Vault knows of a token. */
#include "vault/identity/look_up_self.h"

#include "sdk/host.h"
#include "vault/wire/message.h"

#include <inttypes.h>

static void put_policies(struct json_object *list, struct buffer *facts)
{
    bool first = true;
    for (size_t i = 0; json_object_is_type(list, json_type_array) && i < json_object_array_length(list); i++) {
        const char *policy = json_text(json_object_array_get_idx(list, i));
        if (policy != NULL && facts->length < 300) {
            buffer_printf(facts, "%s%.60s", first ? "policies " : ", ", policy);
            first = false;
        }
    }
    buffer_puts(facts, first ? "no policies" : "");
}

enum mstr_code vault_look_up_self(const struct vault_settings *settings, const struct vault_token *token,
                                  const struct mstr_call *call, struct buffer *facts, struct mstr_error *error)
{
    struct vault_answer answer = {.tree = NULL};
    struct vault_message message = {.settings = settings,
                                    .namespace = settings->login_namespace,
                                    .token = token->text,
                                    .index = token->index,
                                    .asked = {.what = "looking up the token"}};
    vault_message_add(&message, "auth/token/lookup-self");
    enum mstr_code code = vault_message_send(&message, call, &answer, NULL, error);
    int64_t left = 0;
    if (code == MSTR_OK) {
        put_policies(json_member(answer.data, "policies"), facts);
        if (json_member_int64(answer.data, "ttl", &left) && left > 0) {
            buffer_printf(facts, "; ends in %" PRId64 " s", left);
        }
    }
    vault_answer_release(&answer);
    vault_message_release(&message);
    return code;
}
