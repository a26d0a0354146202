/* SPDX-License-Identifier: Apache-2.0 */
/* Keys from the environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN. */
#include "aws/identity/identity.h"

#include "sdk/host.h"

#include <stdbool.h>
#include <string.h>

/* Empty and blank values count as unset. */
static const char *variable(const char *name)
{
    const char *value = host->environment(name);
    return value != NULL && value[strspn(value, " \t\r\n")] != '\0' ? value : NULL;
}

enum mstr_code environment_keys(const struct surroundings *around, struct aws_keys **out, struct mstr_error *error)
{
    (void)around;
    bool old_token = variable("AWS_SECURITY_TOKEN") != NULL; /* an older name, which boto3 puts first */
    const char *const names[] = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
                                 old_token ? "AWS_SECURITY_TOKEN" : "AWS_SESSION_TOKEN"};
    const struct aws_keys_parts parts = {.identity = "environment",
                                         .names = names,
                                         .access_key = variable(names[0]),
                                         .secret_key = variable(names[1]),
                                         .session_token = variable(names[2])};
    *out = NULL;
    if (parts.access_key == NULL && parts.secret_key == NULL) {
        return host->error_set(error, MSTR_E_NOT_AVAILABLE, "AWS_ACCESS_KEY_ID is not set");
    }
    if (parts.access_key == NULL || parts.secret_key == NULL) {
        return host->error_set(error, MSTR_E_CONFIG, "%s is set, but %s is not",
                               parts.access_key != NULL ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY",
                               parts.access_key != NULL ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID");
    }
    return aws_keys_make(&parts, out, error);
}
