/* SPDX-License-Identifier: Apache-2.0 */
/* How a reference is served. */
#include "vault/service/explain.h"

#include "sdk/host.h"
#include "vault/identity/look_up_self.h"
#include "vault/service/read.h"

/* One explanation under way. */
struct story {
    const struct vault_settings *settings;
    const char *namespace;
    const char *path;
    const struct vault_token *token;
    struct mstr_report *report;
    const struct mstr_call *call;
};

static void tell_place(const struct story *story)
{
    struct buffer text = BUFFER_INIT;
    buffer_printf(&text, "%s, by %s", buffer_text(&story->settings->address), story->settings->address_source);
    host->report_step(story->report, MSTR_STEP_INFO, "address", buffer_text(&text), NULL, 0);
    if (story->namespace != NULL) {
        host->report_step(story->report, MSTR_STEP_INFO, "namespace", story->namespace, NULL, 0);
    }
    buffer_release(&text);
}

static enum mstr_code describe_mount(const struct vault_answer *answer, const char *path, struct buffer *fact,
                                     struct mstr_error *error)
{
    static const char *const kinds[] = {[VAULT_KV_1] = "version 1 of the key/value engine",
                                        [VAULT_KV_2] = "version 2 of the key/value engine",
                                        [VAULT_KV_NONE] = "another engine"};
    struct vault_mount mount;
    enum mstr_code code = vault_mount_read(answer, path, &mount, error);
    if (code == MSTR_OK) {
        buffer_printf(fact, "%.*s is %s", (int)mount.length, path, kinds[mount.kv]);
    }
    return code;
}

static enum mstr_code look_up_mount(const struct story *story, struct buffer *fact, struct mstr_error *error)
{
    struct vault_answer answer;
    struct vault_message message = {.settings = story->settings,
                                    .namespace = story->namespace,
                                    .token = story->token->text,
                                    .index = story->token->index,
                                    .asked = {.what = "looking up the mount"}};
    vault_message_add(&message, VAULT_LOOK_UP_PATH);
    vault_message_add(&message, story->path);
    enum mstr_code code = vault_message_send(&message, story->call, &answer, NULL, error);
    if (code == MSTR_OK) {
        code = describe_mount(&answer, story->path, fact, error);
    }
    vault_answer_release(&answer);
    vault_message_release(&message);
    return code;
}

/* What Vault knows of the token and of the mount. What it does not is no reason why the secret could not be read; a
 * token that is good for a number of requests is left alone. */
static void tell_facts(const struct story *story)
{
    struct buffer fact = BUFFER_INIT;
    struct mstr_error *why = host->error_new();
    int64_t start = host->monotonic();
    if (story->token->text != NULL && !story->token->counted) {
        enum mstr_code code = vault_look_up_self(story->settings, story->token, story->call, &fact, why);
        report_fact(story->report, "token", code, buffer_text(&fact), why, start);
    }
    if (!story->token->counted) {
        start = host->monotonic();
        buffer_clear(&fact);
        enum mstr_code code = look_up_mount(story, &fact, why);
        report_fact(story->report, "mount", code, buffer_text(&fact), why, start);
    }
    host->error_free(why);
    buffer_release(&fact);
}

/* By a search of its own, whose steps are told. */
enum mstr_code vault_explain(void *self, const struct mstr_reference *reference, struct mstr_report *report,
                             const struct mstr_call *call, struct mstr_error *error)
{
    struct vault *vault = self;
    struct vault_wanted wanted;
    struct vault_token *token = NULL;
    enum mstr_code code = vault_read_wanted(reference, vault->settings.kv, &wanted, error);
    if (code != MSTR_OK) {
        return code;
    }
    struct story story = {.settings = &vault->settings,
                          .namespace = wanted.namespace != NULL ? wanted.namespace : vault->settings.namespace,
                          .path = wanted.path,
                          .report = report,
                          .call = call};
    tell_place(&story);
    code = vault_tokens_explain(&vault->tokens, report, call, &token, error);
    if (code == MSTR_OK) {
        story.token = token;
        tell_facts(&story);
        vault_tokens_found(&vault->tokens, token, call);
    }
    vault_token_release(token);
    return code;
}
