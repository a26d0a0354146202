/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens that somebody else made: given by an option or a variable, or left in a file. */
#include "base/text.h"
#include "sdk/file.h"
#include "sdk/host.h"
#include "vault/identity/identity.h"

#include <string.h>

enum mstr_code vault_given_token(const struct vault_turn *turn, struct vault_token **out, struct mstr_error *error)
{
    const struct vault_variable given = vault_setting(turn->settings->instance, "token", "TOKEN");
    if (given.value == NULL) {
        return host->error_set(error, MSTR_E_NOT_AVAILABLE, "neither token, BAO_TOKEN nor VAULT_TOKEN is set");
    }
    buffer_puts(turn->who, given.name);
    return vault_token_new(given.value, strlen(given.value), given.name, out, error);
}

/* The file as it is now: an agent writes it anew. */
static enum mstr_code read_file(const struct vault_turn *turn, const char *path, struct vault_token **out,
                                struct mstr_error *error)
{
    struct buffer text = BUFFER_INIT;
    enum mstr_code code = file_read(path, path, 0, &text, error);
    if (code == MSTR_OK && text.length > 0 && text.data[0] == '{') {
        code = error_hint(error,
                          host->error_set(error, MSTR_E_AUTHENTICATION,
                                          "%.200s holds JSON, as an agent writes it that "
                                          "wraps its tokens",
                                          path),
                          "leave wrap_ttl out of the agent's sink");
    }
    if (code == MSTR_OK) {
        buffer_puts(turn->who, path);
        code = vault_token_new(buffer_text(&text), text.length, path, out, error);
    }
    buffer_release(&text);
    return code;
}

enum mstr_code vault_token_file(const struct vault_turn *turn, struct vault_token **out, struct mstr_error *error)
{
    const char *path = host->option(turn->settings->instance, "token_file");
    if (text_empty(path)) {
        return host->error_set(error, MSTR_E_NOT_AVAILABLE, "not set");
    }
    enum mstr_code code = read_file(turn, path, out, error);
    return code == MSTR_E_NOT_AVAILABLE
               ? error_hint(error, host->error_set(error, MSTR_E_AUTHENTICATION, "%.200s is not there", path),
                            "check that the agent that writes it runs")
               : code;
}

/* OpenBao has a variable for the place. */
enum mstr_code vault_home_token(const struct vault_turn *turn, struct vault_token **out, struct mstr_error *error)
{
    struct buffer path = BUFFER_INIT;
    const char *named = host->environment("BAO_TOKEN_PATH");
    const char *home = host->environment("HOME");
    if (text_empty(named) && text_empty(home)) {
        return host->error_set(error, MSTR_E_NOT_AVAILABLE, "HOME is not set");
    }
    buffer_printf(&path, "%s%s", text_empty(named) ? home : named, text_empty(named) ? "/.vault-token" : "");
    enum mstr_code code = path.failed ? host->error_set(error, MSTR_E_MEMORY, "out of memory")
                                      : read_file(turn, buffer_text(&path), out, error);
    buffer_release(&path);
    return code;
}

enum mstr_code vault_no_token(const struct vault_turn *turn, struct vault_token **out, struct mstr_error *error)
{
    buffer_puts(turn->who, "whoever the agent or proxy is");
    return vault_token_new(NULL, 0, "auth = none", out, error);
}
