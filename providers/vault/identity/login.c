/* SPDX-License-Identifier: Apache-2.0 */
/* Logins. */
#include "vault/identity/login.h"

#include "base/text.h"
#include "sdk/host.h"
#include "sdk/token.h"

#include <string.h>

/* ms. Five refusals within a quarter of an hour lock an account out; this makes three at most. */
enum { REST = 5 * 60 * 1000, INDEX_MOST = 1024 };

bool vault_logins_init(struct vault_logins *logins)
{
    *logins = (struct vault_logins){.why = host->error_new()};
    if (logins->why == NULL || pthread_mutex_init(&logins->mutex, NULL) != 0) {
        host->error_free(logins->why);
        return false;
    }
    return true;
}

void vault_logins_destroy(struct vault_logins *logins)
{
    host->error_free(logins->why);
    host->secret_free(logins->secret_id);
    pthread_mutex_destroy(&logins->mutex);
}

void vault_logins_forget(struct vault_logins *logins)
{
    pthread_mutex_lock(&logins->mutex);
    logins->refused[0] = '\0';
    pthread_mutex_unlock(&logins->mutex);
}

enum mstr_code vault_logins_check(struct vault_logins *logins, const char *proof, struct mstr_error *error)
{
    char digest[IDENTITY_SIZE];
    enum mstr_code code = MSTR_OK;
    identity_digest(proof, digest);
    pthread_mutex_lock(&logins->mutex);
    if (strcmp(digest, logins->refused) == 0 && host->monotonic() < logins->until) {
        code = host->error_set(error, MSTR_E_AUTHENTICATION,
                               "%s (not tried again with the same proof within 5 minutes, "
                               "lest the account is locked)",
                               host->error_message(logins->why));
        error_add_details(error, logins->why);
    }
    pthread_mutex_unlock(&logins->mutex);
    return code;
}

void vault_logins_note(struct vault_logins *logins, const char *proof, const struct mstr_error *why)
{
    pthread_mutex_lock(&logins->mutex);
    identity_digest(proof, logins->refused);
    logins->until = host->monotonic() + REST;
    host->error_copy(logins->why, why);
    pthread_mutex_unlock(&logins->mutex);
}

/* By it a cluster finds a node that knows the new token already. */
static void take_index(struct vault_token *token, const struct mstr_http_response *response)
{
    const char *index = host->http_header(response, "X-Vault-Index");
    if (index != NULL && strlen(index) <= INDEX_MOST && token_fits_header(index, strlen(index))) {
        token->index = text_copy(index);
    }
}

static enum mstr_code post(const struct vault_turn *turn, const struct vault_login *login, const char *source,
                           struct vault_message *message, struct vault_token **out, struct mstr_error *error)
{
    struct vault_answer answer;
    struct mstr_http_response *response = NULL;
    const char *proof = login->proof != NULL ? login->proof : login->body;
    enum mstr_code code = vault_logins_check(turn->logins, proof, error);
    if (code != MSTR_OK) {
        return code;
    }
    code = vault_message_send(message, turn->call, &answer, &response, error);
    if (code == MSTR_E_AUTHENTICATION) {
        vault_logins_note(turn->logins, proof, error);
    }
    if (code == MSTR_OK) {
        code = vault_token_take(&answer, source, out, error);
    }
    if (code == MSTR_OK) {
        vault_token_identify(*out, answer.auth);
        take_index(*out, response);
    }
    vault_answer_release(&answer);
    host->http_free(response);
    return code;
}

enum mstr_code vault_login(const struct vault_turn *turn, const struct vault_login *login, struct vault_token **out,
                           struct mstr_error *error)
{
    struct buffer source = BUFFER_INIT;
    const char *named = turn->settings->auth_mount;
    const char *mount = named != NULL ? named : login->method;
    buffer_printf(&source, "login at auth/%.200s", mount);
    struct vault_message message = {.settings = turn->settings,
                                    .method = "POST",
                                    .namespace = turn->settings->login_namespace,
                                    .body = login->body,
                                    .asked = {.what = buffer_text(&source), .login = true}};
    vault_message_add(&message, "auth");
    vault_message_add(&message, mount);
    vault_message_add(&message, "login");
    *out = NULL;
    buffer_printf(turn->who, "%s%s%s", buffer_text(&source),
                  turn->settings->login_namespace != NULL ? " in namespace " : "",
                  turn->settings->login_namespace != NULL ? turn->settings->login_namespace : "");
    enum mstr_code code = source.failed ? host->error_set(error, MSTR_E_MEMORY, "out of memory")
                                        : post(turn, login, buffer_text(&source), &message, out, error);
    vault_message_release(&message);
    buffer_release(&source);
    return code;
}
