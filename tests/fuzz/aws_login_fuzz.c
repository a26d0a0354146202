/* SPDX-License-Identifier: Apache-2.0 */
/* Logins that the AWS CLI has left in its caches, of IAM Identity Center in both forms and of `aws login`, with what
 * the services answer to their renewal: both are the same octets. */
#include "identity_fuzz.h"

#include "aws/config/files.h"

#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
enum mstr_code __wrap_files_read(const struct mstr_call *call, const char *path, size_t limit, struct buffer *out,
                                 struct mstr_error *error);
enum mstr_code __wrap_files_replace(const char *path, const struct buffer *octets, struct mstr_error *error);

static const char config[] = "[profile session]\nsso_session = s\nsso_account_id = 123456789012\nsso_role_name = r\n"
                             "[sso-session s]\nsso_region = us-east-1\nsso_start_url = https://d.awsapps.com/start\n"
                             "[profile url]\nsso_region = us-east-1\nsso_start_url = https://d.awsapps.com/start\n"
                             "sso_account_id = 123456789012\nsso_role_name = r\n"
                             "[profile login]\nlogin_session = arn:aws:iam::123456789012:user/me\n";
static const uint8_t *cached;
static size_t cached_size;

/* The one file that is there is that of the cache. */
enum mstr_code __wrap_files_read(const struct mstr_call *call, const char *path, size_t limit, struct buffer *out,
                                 struct mstr_error *error)
{
    (void)call;
    if (strstr(path, ".json") == NULL || cached_size > limit) {
        return host->error_set(error, MSTR_E_NOT_FOUND, "there is no such file");
    }
    return buffer_append(out, cached, cached_size) ? MSTR_OK : MSTR_E_MEMORY;
}

/* A renewed login is one line of JSON, and replaces no other file. */
enum mstr_code __wrap_files_replace(const char *path, const struct buffer *octets, struct mstr_error *error)
{
    struct json_object *tree = NULL;
    (void)error;
    if (strstr(path, "/.aws/") == NULL || json_read(octets->data, octets->length, &tree) != MSTR_OK) {
        abort();
    }
    json_release(tree);
    return MSTR_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char path[] = "/tmp/mstr-fuzz-XXXXXX";
    const struct surrounding surroundings[] = {
        {{{"AWS_CONFIG_FILE", path}, {"AWS_PROFILE", "session"}, {"AWS_REGION", "us-east-1"}}},
        {{{"AWS_CONFIG_FILE", path}, {"AWS_PROFILE", "url"}, {"AWS_REGION", "us-east-1"}}},
        {{{"AWS_CONFIG_FILE", path}, {"AWS_PROFILE", "login"}, {"AWS_REGION", "us-east-1"}}},
    };
    int fd = mkstemp(path);
    if (fd < 0 || write(fd, config, strlen(config)) != (ssize_t)strlen(config)) {
        abort();
    }
    close(fd);
    cached = data + (size >= 2 ? 2 : size);
    cached_size = size >= 2 ? size - 2 : 0;
    identity_fuzz(surroundings, sizeof(surroundings) / sizeof(*surroundings), "secretsmanager", "aws-sm:name", data,
                  size);
    unlink(path);
    memset(path + strlen(path) - 6, 'X', 6);
    return 0;
}
