/* How a reference is served. */
#include "vault/service/explain.h"

#include "sdk/host.h"
#include "vault/identity/look_up_self.h"

static void tell_place(const struct vault_settings *settings, const char *namespace, struct mstr_report *report)
{
    struct buffer text = BUFFER_INIT;
    buffer_printf(&text, "%s, by %s", buffer_text(&settings->address), settings->address_source);
    host->report_step(report, MSTR_STEP_INFO, "address", buffer_text(&text), NULL, 0);
    if (namespace != NULL) {
        host->report_step(report, MSTR_STEP_INFO, "namespace", namespace, NULL, 0);
    }
    buffer_release(&text);
}

static void tell_token(const struct vault_settings *settings, const struct vault_token *token,
                       struct mstr_report *report, const struct mstr_call *call)
{
    struct buffer facts = BUFFER_INIT;
    struct mstr_error *why = host->error_new();
    int64_t start = host->monotonic();
    if (token->text != NULL && !token->counted) {
        enum mstr_code code = vault_look_up_self(settings, token, call, &facts, why);
        host->report_step(report, MSTR_STEP_INFO, "token",
                          code == MSTR_OK ? buffer_text(&facts) : host->error_message(why), NULL,
                          host->monotonic() - start);
    }
    host->error_free(why);
    buffer_release(&facts);
}

static void tell_mount(const struct vault_read *read, struct mstr_report *report)
{
    static const char *const kinds[] = {[VAULT_KV_1] = "version 1 of the key/value engine",
                                        [VAULT_KV_2] = "version 2 of the key/value engine",
                                        [VAULT_KV_NONE] = "another engine"};
    struct buffer text = BUFFER_INIT;
    if (read->mount.kv != VAULT_KV_AUTO) {
        buffer_printf(&text, "%.*s is %s", (int)read->mount.length, read->wanted.path, kinds[read->mount.kv]);
        host->report_step(report, MSTR_STEP_INFO, "mount", buffer_text(&text), NULL, 0);
    }
    buffer_release(&text);
}

static void tell_secret(const struct vault_read *read, int64_t milliseconds, struct mstr_report *report)
{
    struct buffer text = BUFFER_INIT;
    if (read->spared) {
        host->report_step(report, MSTR_STEP_INFO, "secret", "not read: each read may make a new credential", NULL, 0);
    } else if (read->code == MSTR_OK) {
        buffer_printf(&text, "%s%s can be read", read->value.version[0] != '\0' ? "version " : "it",
                      read->value.version);
        host->report_step(report, MSTR_STEP_USED, "secret", buffer_text(&text), NULL, milliseconds);
    } else {
        host->report_step(report, MSTR_STEP_FAILED, "secret", host->error_message(read->error),
                          host->error_text(read->error, MSTR_DETAIL_HINT), milliseconds);
    }
    buffer_release(&text);
}

/* By a search of its own, whose steps are told, and a token that is given back afterwards. */
enum mstr_code vault_explain(struct vault *vault, const struct mstr_reference *reference, struct mstr_report *report,
                             const struct mstr_call *call, struct mstr_error *error)
{
    struct vault own = {.settings = vault->settings};
    struct vault_read read = {.error = error, .cautious = true};
    read.code = vault_wanted_read(reference, &read.wanted, error);
    if (read.code != MSTR_OK) {
        return read.code;
    }
    if (!vault_tokens_init(&own.tokens, &own.settings, &vault->logins)) {
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    if (!vault_mounts_init(&own.mounts)) {
        vault_tokens_destroy(&own.tokens);
        return host->error_set(error, MSTR_E_MEMORY, "out of memory");
    }
    own.tokens.report = report;
    tell_place(&own.settings, read.wanted.namespace != NULL ? read.wanted.namespace : own.settings.namespace, report);
    int64_t start = host->monotonic();
    vault_read_many(&own, &read, 1, call);
    if (read.token != NULL) {
        int64_t milliseconds = host->monotonic() - start;
        tell_token(&own.settings, read.token, report, call);
        tell_mount(&read, report);
        tell_secret(&read, milliseconds, report);
        vault_tokens_revoke(&own.tokens, call);
    }
    vault_read_release(&read);
    vault_mounts_destroy(&own.mounts);
    vault_tokens_destroy(&own.tokens);
    return read.code;
}
