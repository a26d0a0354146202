/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens of other authorities, which a file holds: the pod's service account, or whatever an issuer signs. */
#include "base/json.h"
#include "base/text.h"
#include "sdk/file.h"
#include "sdk/host.h"
#include "sdk/token.h"
#include "vault/identity/login.h"

#include <string.h>

enum { JWT_MOST = 64 * 1024 };

static const char service_account[] = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/* The file as it is now: whoever issues the token renews it. */
static enum mstr_code read_jwt(const char *path, struct buffer *out, struct mstr_error *error)
{
    enum mstr_code code = file_read(path, path, 0, out, error);
    while (out->length > 0 && strchr(" \t\r\n", out->data[out->length - 1]) != NULL) {
        buffer_truncate(out, out->length - 1);
    }
    return code != MSTR_OK || (out->length <= JWT_MOST && token_fits_header(buffer_text(out), out->length))
               ? code
               : host->error_set(error, MSTR_E_AUTHENTICATION, "%.200s holds no token", path);
}

static enum mstr_code login(const struct vault_turn *turn, const char *method, const char *path,
                            struct vault_token **out, struct mstr_error *error)
{
    struct buffer jwt = BUFFER_INIT;
    struct buffer body = BUFFER_INIT;
    const char *role = host->option(turn->settings->instance, "role");
    enum mstr_code code = read_jwt(path, &jwt, error);
    if (code == MSTR_OK) {
        json_put_member(&body, "jwt", buffer_text(&jwt));
        json_put_member(&body, "role", text_empty(role) ? NULL : role);
        buffer_putc(&body, '}');
        const struct vault_login what = {.method = method, .body = buffer_text(&body)};
        code = body.failed ? host->error_set(error, MSTR_E_MEMORY, "out of memory")
                           : vault_login(turn, &what, out, error);
    }
    buffer_release(&body);
    buffer_release(&jwt);
    return code;
}

/* A file that is named, or without which the identity that was chosen is none, must be there. */
static enum mstr_code login_by_file(const struct vault_turn *turn, const char *method, const char *path,
                                    struct vault_token **out, struct mstr_error *error)
{
    enum mstr_code code = login(turn, method, path, out, error);
    return code == MSTR_E_NOT_AVAILABLE ? host->error_set(error, MSTR_E_AUTHENTICATION, "%.200s is not there", path)
                                        : code;
}

enum mstr_code vault_kubernetes(const struct vault_turn *turn, struct vault_token **out, struct mstr_error *error)
{
    const char *path = host->option(turn->settings->instance, "jwt_file");
    const char *role = host->option(turn->settings->instance, "role");
    if (!turn->chosen && (text_empty(role) || !text_empty(path))) {
        return host->error_set(error, MSTR_E_NOT_AVAILABLE, text_empty(role) ? "role is not set" : "jwt_file is set");
    }
    if (text_empty(role)) {
        return host->error_set(error, MSTR_E_CONFIG, "role is not set, without which nobody logs in");
    }
    return text_empty(path) ? login(turn, "kubernetes", service_account, out, error)
                            : login_by_file(turn, "kubernetes", path, out, error);
}

enum mstr_code vault_jwt(const struct vault_turn *turn, struct vault_token **out, struct mstr_error *error)
{
    const char *path = host->option(turn->settings->instance, "jwt_file");
    if (text_empty(path)) {
        return host->error_set(error, MSTR_E_NOT_AVAILABLE, "jwt_file is not set");
    }
    return login_by_file(turn, "jwt", path, out, error);
}
