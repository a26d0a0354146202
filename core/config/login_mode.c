/* The ways to log in. */
#include "config/login_mode.h"

#include "base/text.h"

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

bool login_mode_is_known(enum mstr_login_mode mode)
{
    bool known = false;
    for (const struct login_mode *row = login_modes; row->name != NULL; row++) {
        known |= row->mode == mode;
    }
    return known;
}
