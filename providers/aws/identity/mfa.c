/* SPDX-License-Identifier: Apache-2.0 */
/* Codes of multi-factor devices. */
#include "aws/identity/mfa.h"

#include "base/buffer.h"
#include "sdk/host.h"

#include <string.h>

enum { DIGITS = 6 };

static enum mstr_code tell_nobody(const char *device, const char *role, struct mstr_error *error)
{
    host->error_set(error, MSTR_E_AUTHENTICATION,
                    "role %.200s needs a code of the MFA device %.200s, and there is nobody to ask", role, device);
    host->error_detail(error, MSTR_DETAIL_HINT,
                       "run it at a terminal, give the program a prompt, or use a role without MFA");
    return MSTR_E_AUTHENTICATION;
}

/* Blanks around the code are taken off: it may have been pasted. */
static bool trim(char answer[MFA_ANSWER])
{
    size_t start = strspn(answer, " \t\r\n");
    size_t length = strspn(answer + start, "0123456789");
    if (length != DIGITS || answer[start + length + strspn(answer + start + length, " \t\r\n")] != '\0') {
        return false;
    }
    memmove(answer, answer + start, DIGITS);
    memset(answer + DIGITS, 0, MFA_ANSWER - DIGITS);
    return true;
}

enum mstr_code mfa_ask(const char *device, const char *role, const struct mstr_call *call, char answer[MFA_ANSWER],
                       struct mstr_error *error)
{
    struct buffer question = BUFFER_INIT;
    enum mstr_code code = MSTR_E_MEMORY;
    if (!MSTR_HAS(host, struct mstr_host, prompt)) { /* a host of ABI 1.0 */
        return tell_nobody(device, role, error);
    }
    if (buffer_printf(&question, "MFA code of %.256s", device)) {
        code = host->prompt(call, buffer_text(&question), answer, MFA_ANSWER, error);
    }
    buffer_release(&question);
    if (code == MSTR_E_NOT_AVAILABLE) {
        return tell_nobody(device, role, error);
    }
    if (code == MSTR_E_USAGE || (code == MSTR_OK && !trim(answer))) {
        return host->error_set(error, MSTR_E_AUTHENTICATION, "an MFA code has six digits; what was given has not");
    }
    return code;
}

void mfa_explain(struct mstr_error *error)
{
    if (strstr(host->error_message(error), "MultiFactorAuthentication failed") != NULL) {
        host->error_detail(error, MSTR_DETAIL_HINT,
                           "the code was wrong, too old or used before: wait for the device's next one");
    }
}
