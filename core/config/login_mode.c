/* SPDX-License-Identifier: Apache-2.0 */
/* The ways to log in, and the credentials that they need. */
#include "config/login_mode.h"

#include "base/text.h"

#include <mstr/credential.h>
#include <string.h>

/* The user name of an API key login is the key, which may be configured as such where the mode is. */
const struct login_mode login_modes[] = {
    {"delegate", MSTR_LOGIN_DELEGATE, {MSTR_CREDENTIAL_IDENTITY_TOKEN}, 1, true},
    {"api-key", MSTR_LOGIN_API_KEY, {MSTR_CREDENTIAL_API_KEY}, 1, true},
    {"standard", MSTR_LOGIN_STANDARD, {MSTR_CREDENTIAL_USERNAME, MSTR_CREDENTIAL_PASSWORD}, 2, true},
    {"ldap", MSTR_LOGIN_LDAP, {MSTR_CREDENTIAL_USERNAME, MSTR_CREDENTIAL_PASSWORD}, 2, false},
    {"api-key", MSTR_LOGIN_API_KEY, {MSTR_CREDENTIAL_USERNAME}, 1, false},
    {"anonymous", MSTR_LOGIN_ANONYMOUS, {MSTR_CREDENTIAL_USERNAME}, 0, false},
    {"guess", MSTR_LOGIN_GUESS, {MSTR_CREDENTIAL_USERNAME}, 0, false},
    {NULL, MSTR_LOGIN_GUESS, {MSTR_CREDENTIAL_USERNAME}, 0, false},
};

bool login_mode_read(const char *text, enum mstr_login_mode *mode)
{
    int64_t number = 0;
    bool is_number = text_to_int64(text, &number);
    for (const struct login_mode *row = login_modes; row->name != NULL; row++) {
        if (strcmp(row->name, text) == 0 || (is_number && number == row->mode && row->mode != MSTR_LOGIN_GUESS)) {
            *mode = row->mode;
            return true;
        }
    }
    return false;
}

const char *mstr_credential_kind_name(enum mstr_credential_kind kind)
{
    static const char *const names[MSTR_CREDENTIAL_KINDS] = {
        "base_url",
        "username",
        "password",
        "api_key",
        "identity_token",
        "proxy_password",
        "client_key_password",
        "persistence_key",
    };
    return kind >= 0 && kind < MSTR_CREDENTIAL_KINDS ? names[kind] : "unknown";
}

/* Those of the mode that are not there, a bit each. */
static unsigned find_missing(const struct login_mode *mode, unsigned there)
{
    unsigned missing = 0;
    for (size_t i = 0; i < mode->need_count; i++) {
        missing |= (1u << mode->needs[i]) & ~there;
    }
    return missing;
}

static enum mstr_code tell_missing(unsigned missing, mstr_error *error)
{
    unsigned kind = 0;
    while ((missing & (1u << kind)) == 0) {
        kind++;
    }
    const char *name = mstr_credential_kind_name((enum mstr_credential_kind)kind);
    error_set(error, MSTR_E_CONFIG, "login needs the credential \"%s\", which is not configured", name);
    error_set_hint(error, "set %s in the profile, or the environment variable of that name with MSTR_ before", name);
    return MSTR_E_CONFIG;
}

static enum mstr_code tell_nothing(unsigned there, mstr_error *error)
{
    bool username = (there & (1u << MSTR_CREDENTIAL_USERNAME)) != 0;
    bool password = (there & (1u << MSTR_CREDENTIAL_PASSWORD)) != 0;
    error_set(error, MSTR_E_CONFIG, "no login is configured: %s",
              username   ? "username has no password beside it"
              : password ? "password has no username beside it"
                         : "there are no credentials");
    error_set_hint(error,
                   "set username and password, api_key or identity_token; anonymous login must be asked for with "
                   "login_mode = anonymous");
    return MSTR_E_CONFIG;
}

enum mstr_code login_mode_choose(enum mstr_login_mode wanted, unsigned there, const struct login_mode **out,
                                 mstr_error *error)
{
    const struct login_mode *lacking = NULL;
    for (const struct login_mode *mode = login_modes; mode->name != NULL; mode++) {
        bool eligible = wanted == MSTR_LOGIN_GUESS ? mode->guessed : mode->mode == wanted;
        if (eligible && find_missing(mode, there) == 0) {
            *out = mode;
            return MSTR_OK;
        }
        lacking = eligible && lacking == NULL ? mode : lacking;
    }
    if (wanted == MSTR_LOGIN_GUESS) {
        return tell_nothing(there, error);
    }
    return tell_missing(find_missing(lacking, there), error);
}

bool login_mode_is_known(enum mstr_login_mode mode)
{
    bool known = false;
    for (const struct login_mode *row = login_modes; row->name != NULL; row++) {
        known |= row->mode == mode;
    }
    return known;
}
