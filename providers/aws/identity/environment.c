/* Keys from the environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN. */
#include "aws/identity/identity.h"

#include "sdk/host.h"

#include <stddef.h>

/* Empty and blank values count as unset. */
static const char *variable(const char *name)
{
    const char *value = host->environment(name);
    for (const char *at = value; at != NULL && *at != '\0'; at++) {
        if (*at != ' ' && *at != '\t') {
            return value;
        }
    }
    return NULL;
}

enum mstr_code environment_keys(const struct surroundings *around, struct aws_keys **out, struct mstr_error *error)
{
    (void)around;
    const struct aws_keys_parts parts = {.identity = "environment",
                                         .access_key = variable("AWS_ACCESS_KEY_ID"),
                                         .secret_key = variable("AWS_SECRET_ACCESS_KEY"),
                                         .session_token = variable("AWS_SESSION_TOKEN")};
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
