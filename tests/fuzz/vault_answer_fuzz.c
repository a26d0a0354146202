/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of Vault: secrets of both engines, mounts, logins, refusals. What is taken has all that it needs, and no
 * refusal passes for a success. */
#include "answered_host.h"
#include "told.h"
#include "vault/identity/token.h"
#include "vault/service/mounts.h"
#include "vault/service/value.h"
#include "vault/wire/refusal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_value(const struct vault_answer *envelope, enum vault_kv kv, mstr_error *error)
{
    struct vault_value value;
    enum mstr_code code = vault_value_read(&answer, envelope, kv, &value, error);
    if ((code == MSTR_OK) != (value.text != NULL) || (code == MSTR_OK && value.text[0] != '{') || value.expires < 0) {
        abort();
    }
    check_told(code, error);
    vault_value_release(&value);
}

static void check_token(const struct vault_answer *envelope, mstr_error *error)
{
    struct vault_token *token = NULL;
    enum mstr_code code = vault_token_take(envelope, "login", &token, error);
    if ((code == MSTR_OK) != (token != NULL) || (code == MSTR_OK && strpbrk(token->text, " \r\n") != NULL)) {
        abort();
    }
    check_told(code, error);
    vault_token_release(token);
}

static void check_mount(const struct vault_answer *envelope, mstr_error *error)
{
    static const char path[] = "secret/app";
    struct vault_mount mount = {.length = 0};
    enum mstr_code code = vault_mount_read(envelope, path, &mount, error);
    if (code == MSTR_OK && (mount.length == 0 || mount.length > strlen(path) || mount.kv == VAULT_KV_AUTO)) {
        abort();
    }
    check_told(code, error);
}

static void check_refusals(mstr_error *error)
{
    static const int statuses[] = {400, 403, 404, 412, 429, 500, 503};
    for (size_t i = 0; i < 2 * sizeof(statuses) / sizeof(*statuses); i++) {
        const struct vault_asked asked = {"reading", i % 2 == 1};
        struct attempt attempt = {.status = statuses[i / 2], .count = 1};
        answer.status = statuses[i / 2];
        enum mstr_code code = vault_refusal_read(NULL, &asked, &attempt, NULL, error);
        if (code == MSTR_OK) {
            abort();
        }
        check_told(code, error);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer body = BUFFER_INIT;
    struct vault_answer envelope;
    mstr_error *error = mstr_error_new();
    answer_with(&body, data, size);
    enum mstr_code code = vault_answer_read(&answer, &envelope, error);
    check_told(code, error);
    if (code == MSTR_OK) {
        check_value(&envelope, VAULT_KV_1, error);
        check_value(&envelope, VAULT_KV_2, error);
        check_token(&envelope, error);
        check_mount(&envelope, error);
        check_told(vault_value_tell_gone(&envelope, "reading", error) ? MSTR_E_NOT_FOUND : MSTR_OK, error);
    }
    vault_answer_release(&envelope);
    check_refusals(error);
    mstr_error_free(error);
    buffer_release(&body);
    return 0;
}
