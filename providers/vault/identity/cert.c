/* SPDX-License-Identifier: Apache-2.0 */
/* The client certificate of TLS itself. */
#include "base/json.h"
#include "base/text.h"
#include "sdk/host.h"
#include "vault/identity/login.h"

enum mstr_code vault_cert(const struct vault_turn *turn, struct vault_token **out, struct mstr_error *error)
{
    struct buffer body = BUFFER_INIT;
    struct buffer proof = BUFFER_INIT;
    const char *role = host->option(turn->settings->instance, "role");
    if (turn->settings->client_cert == NULL) {
        return host->error_set(error, MSTR_E_NOT_AVAILABLE, "neither client_cert nor VAULT_CLIENT_CERT is set");
    }
    if (text_empty(role)) {
        buffer_puts(&body, "{");
    } else {
        json_put_member(&body, "name", role);
    }
    buffer_puts(&body, "}");
    buffer_printf(&proof, "%s %s", turn->settings->client_cert, buffer_text(&body));
    const struct vault_login login = {.method = "cert", .body = buffer_text(&body), .proof = buffer_text(&proof)};
    enum mstr_code code = body.failed || proof.failed ? host->error_set(error, MSTR_E_MEMORY, "out of memory")
                                                      : vault_login(turn, &login, out, error);
    buffer_release(&proof);
    buffer_release(&body);
    return code;
}
