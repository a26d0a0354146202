/* Keys from the environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN. */
#include "aws/identity.h"

#include "common/common.h"

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

enum mstr_code environment_identity(struct identity **out, struct mstr_error *error)
{
    const char *access_key = variable("AWS_ACCESS_KEY_ID");
    const char *secret_key = variable("AWS_SECRET_ACCESS_KEY");
    *out = NULL;
    if (access_key == NULL && secret_key == NULL) {
        return host->error_set(error, MSTR_E_NOT_AVAILABLE, "AWS_ACCESS_KEY_ID is not set");
    }
    if (access_key == NULL || secret_key == NULL) {
        host->error_set(error, MSTR_E_CONFIG, "%s is set, but %s is not",
                        access_key != NULL ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY",
                        access_key != NULL ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID");
        host->error_detail(error, MSTR_DETAIL_STEP, "environment");
        return MSTR_E_CONFIG;
    }
    *out = identity_new("environment", access_key, secret_key, variable("AWS_SESSION_TOKEN"));
    return *out != NULL ? MSTR_OK : host->error_set(error, MSTR_E_MEMORY, "out of memory");
}
