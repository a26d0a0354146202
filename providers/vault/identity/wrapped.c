/* SPDX-License-Identifier: Apache-2.0 */
/* Secret ids that come wrapped. */
#include "vault/identity/wrapped.h"

#include "base/json.h"
#include "base/text.h"
#include "sdk/host.h"
#include "vault/identity/login.h"

#include <string.h>

static const char interception_hint[] =
    "it was used before, or has expired: unless this program itself did that, somebody else may have taken the "
    "secret "
    "id; revoke it (vault write auth/approle/role/ROLE/secret-id/destroy) and deliver a new one";

static enum mstr_code post(const struct vault_turn *turn, const char *wrapping, struct vault_message *message,
                           struct vault_answer *answer, struct mstr_error *error)
{
    message->settings = turn->settings;
    message->method = "POST";
    message->namespace = turn->settings->login_namespace;
    enum mstr_code code = vault_message_send(message, turn->call, answer, NULL, error);
    if (code == MSTR_E_AUTHENTICATION) {
        host->error_detail(error, MSTR_DETAIL_HINT, interception_hint);
        vault_logins_note(turn->logins, wrapping, error);
    }
    vault_message_release(message);
    return code;
}

/* auth/MOUNT/role/ROLE/secret-id: another one was put in its place otherwise. */
static bool is_of_secret_ids(const char *path, const char *mount)
{
    static const char *const ends[] = {"/secret-id", "/custom-secret-id"};
    size_t length = strlen(mount);
    if (path == NULL || !text_starts_with(path, "auth/") || strncmp(path + strlen("auth/"), mount, length) != 0 ||
        !text_starts_with(path + strlen("auth/") + length, "/role/")) {
        return false;
    }
    const char *role = path + strlen("auth/") + length + strlen("/role/");
    size_t name = strcspn(role, "/");
    for (size_t i = 0; name > 0 && i < sizeof(ends) / sizeof(*ends); i++) {
        if (strcmp(role + name, ends[i]) == 0) {
            return true;
        }
    }
    return false;
}

static enum mstr_code look_up(const struct vault_turn *turn, const char *wrapping, struct mstr_error *error)
{
    struct vault_answer answer = {.tree = NULL};
    struct buffer body = BUFFER_INIT;
    const char *mount = turn->settings->auth_mount != NULL ? turn->settings->auth_mount : "approle";
    json_put_member(&body, "token", wrapping);
    buffer_putc(&body, '}');
    struct vault_message message = {.body = buffer_text(&body),
                                    .asked = {.what = "looking at the wrapped secret id", .login = true}};
    vault_message_add(&message, "sys/wrapping/lookup");
    enum mstr_code code = body.failed ? host->error_set(error, MSTR_E_MEMORY, "out of memory")
                                      : post(turn, wrapping, &message, &answer, error);
    const char *path = json_member_text(answer.data, "creation_path");
    if (code == MSTR_OK && !is_of_secret_ids(path, mount)) {
        code = host->error_set(error, MSTR_E_AUTHENTICATION,
                               "the wrapping token was made by \"%.200s\", not for a "
                               "secret id of auth/%.100s",
                               path != NULL ? path : "", mount);
        host->error_detail(error, MSTR_DETAIL_HINT,
                           "somebody may have put it in the place of the real one; it was not unwrapped");
        vault_logins_note(turn->logins, wrapping, error);
    }
    vault_answer_release(&answer);
    buffer_release(&body);
    return code;
}

/* The wrapping token itself asks: nobody has another one yet. */
static enum mstr_code unwrap(const struct vault_turn *turn, const char *wrapping, struct buffer *secret_id,
                             struct mstr_error *error)
{
    struct vault_answer answer = {.tree = NULL};
    struct vault_message message = {.token = wrapping, .asked = {.what = "unwrapping the secret id", .login = true}};
    vault_message_add(&message, "sys/wrapping/unwrap");
    enum mstr_code code = post(turn, wrapping, &message, &answer, error);
    const char *found = json_member_text(answer.data, "secret_id");
    if (code == MSTR_OK && text_empty(found)) {
        code = host->error_set(error, MSTR_E_PROTOCOL, "unwrapping gave no secret_id");
    } else if (code == MSTR_OK && !buffer_puts(secret_id, found)) {
        code = host->error_set(error, MSTR_E_MEMORY, "out of memory");
    } else if (code == MSTR_E_NETWORK || code == MSTR_E_TIMEOUT) {
        host->error_detail(error, MSTR_DETAIL_HINT,
                           "it may be used up although its answer was lost, so that it is not tried again by itself");
    }
    vault_answer_release(&answer);
    return code;
}

/* What was in this one, if it was unwrapped before. */
static bool recall(struct vault_logins *logins, const char *digest, struct buffer *secret_id)
{
    pthread_mutex_lock(&logins->mutex);
    bool known = logins->secret_id != NULL && strcmp(digest, logins->unwrapped) == 0;
    if (known) {
        buffer_puts(secret_id, logins->secret_id);
    }
    pthread_mutex_unlock(&logins->mutex);
    return known;
}

static void keep(struct vault_logins *logins, const char *digest, const struct buffer *secret_id)
{
    char *copy = host->secret_alloc(secret_id->length + 1);
    if (copy == NULL) {
        return;
    }
    memcpy(copy, buffer_text(secret_id), secret_id->length);
    pthread_mutex_lock(&logins->mutex);
    host->secret_free(logins->secret_id);
    logins->secret_id = copy;
    strcpy(logins->unwrapped, digest);
    pthread_mutex_unlock(&logins->mutex);
}

enum mstr_code vault_unwrap(const struct vault_turn *turn, const char *wrapping, struct buffer *secret_id,
                            struct mstr_error *error)
{
    char digest[IDENTITY_SIZE];
    identity_digest(wrapping, digest);
    if (recall(turn->logins, digest, secret_id)) {
        return MSTR_OK;
    }
    enum mstr_code code = vault_logins_check(turn->logins, wrapping, error);
    if (code == MSTR_OK) {
        code = look_up(turn, wrapping, error);
    }
    if (code == MSTR_OK && turn->explains) {
        return host->error_set(
            error, MSTR_E_NOT_AVAILABLE,
            "the wrapped secret id is there, and was not unwrapped: it is good once, for the program");
    }
    if (code == MSTR_OK) {
        code = unwrap(turn, wrapping, secret_id, error);
    }
    if (code == MSTR_OK) {
        keep(turn->logins, digest, secret_id);
    }
    return code;
}
