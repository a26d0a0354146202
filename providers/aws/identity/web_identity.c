/* SPDX-License-Identifier: Apache-2.0 */
/* Keys for a web identity's token, as EKS gives it to service accounts, named by the environment. */
#include "aws/identity/sts.h"

#include "base/text.h"
#include "sdk/host.h"

static const char *variable(const char *name)
{
    const char *value = host->environment(name);
    return text_empty(value) ? NULL : value;
}

enum mstr_code web_identity_keys(const struct surroundings *around, struct aws_keys **out, struct mstr_error *error)
{
    const struct role role = {.arn = variable("AWS_ROLE_ARN"),
                              .session_name = variable("AWS_ROLE_SESSION_NAME"),
                              .token_file = variable("AWS_WEB_IDENTITY_TOKEN_FILE")};
    *out = NULL;
    if (role.token_file == NULL) {
        return host->error_set(error, MSTR_E_NOT_AVAILABLE, "AWS_WEB_IDENTITY_TOKEN_FILE is not set");
    }
    if (role.arn == NULL) {
        return host->error_set(error, MSTR_E_CONFIG, "AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not");
    }
    return sts_assume(around, &role, NULL, out, error);
}
