/* SPDX-License-Identifier: Apache-2.0 */
/* AppRole: a role id with a secret id, which is plain, in a file, or wrapped; or without one, where the role binds
 * none. */
#include "base/json.h"
#include "base/text.h"
#include "sdk/file.h"
#include "sdk/host.h"
#include "vault/identity/login.h"
#include "vault/identity/wrapped.h"

#include <string.h>

/* What the options give: the secret id, or the token that wraps it. A file is read anew for each login. */
static enum mstr_code read_secret(const struct mstr_instance *instance, struct buffer *out, struct mstr_error *error)
{
    const char *plain = host->option(instance, "secret_id");
    const char *path = host->option(instance, "secret_id_file");
    enum mstr_code code = MSTR_OK;
    if (!text_empty(plain)) {
        buffer_puts(out, plain);
    } else if (!text_empty(path)) {
        code = file_read(path, path, 0, out, error);
    }
    while (out->length > 0 && strchr(" \t\r\n", out->data[out->length - 1]) != NULL) {
        buffer_truncate(out, out->length - 1);
    }
    if (code == MSTR_E_NOT_AVAILABLE || (code == MSTR_OK && !text_empty(path) && out->length == 0)) {
        code = host->error_set(error, MSTR_E_AUTHENTICATION, "secret_id_file: %.200s %s", path,
                               code == MSTR_OK ? "is empty" : "is not there");
    }
    return code;
}

static enum mstr_code find_secret(const struct vault_turn *turn, struct buffer *out, struct mstr_error *error)
{
    struct buffer wrapping = BUFFER_INIT;
    const char *wrapped = host->option(turn->settings->instance, "secret_id_wrapped");
    if (wrapped == NULL || strcmp(wrapped, "yes") != 0) {
        return read_secret(turn->settings->instance, out, error);
    }
    enum mstr_code code = read_secret(turn->settings->instance, &wrapping, error);
    if (code == MSTR_OK && wrapping.length == 0) {
        code = host->error_set(error, MSTR_E_CONFIG,
                               "secret_id_wrapped is set, but neither secret_id nor secret_id_file");
    }
    if (code == MSTR_OK) {
        code = vault_unwrap(turn, buffer_text(&wrapping), out, error);
    }
    buffer_release(&wrapping);
    return code;
}

enum mstr_code vault_approle(const struct vault_turn *turn, struct vault_token **out, struct mstr_error *error)
{
    struct buffer secret_id = BUFFER_INIT;
    struct buffer body = BUFFER_INIT;
    const char *role_id = host->option(turn->settings->instance, "role_id");
    if (text_empty(role_id)) {
        return host->error_set(error, MSTR_E_NOT_AVAILABLE, "role_id is not set");
    }
    enum mstr_code code = find_secret(turn, &secret_id, error);
    if (code == MSTR_OK) {
        json_put_member(&body, "role_id", role_id);
        json_put_member(&body, "secret_id", secret_id.length > 0 ? buffer_text(&secret_id) : NULL);
        buffer_putc(&body, '}');
        const struct vault_login login = {.method = "approle", .body = buffer_text(&body)};
        code = body.failed ? host->error_set(error, MSTR_E_MEMORY, "out of memory")
                           : vault_login(turn, &login, out, error);
    }
    buffer_release(&body);
    buffer_release(&secret_id);
    return code;
}
