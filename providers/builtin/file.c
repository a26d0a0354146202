/* SPDX-License-Identifier: Apache-2.0 */
/* file:/PATH gives a file's content, one trailing newline cut unless ?raw=1; at most 1 MiB. */
#include "builtin/file.h"

#include "builtin/builtin.h"
#include "sdk/host.h"

#include "base/error.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

enum { FILE_MAX = 1024 * 1024 };

static enum mstr_code check_text(const struct mstr_reference *reference, struct mstr_error *error)
{
    for (uint32_t i = 0; i < reference->query_count; i++) {
        const char *key = reference->query[i].key;
        const char *value = reference->query[i].value;
        if (strcmp(key, "raw") != 0 || (strcmp(value, "0") != 0 && strcmp(value, "1") != 0)) {
            return error_set(error, MSTR_E_CONFIG, "file: takes the query raw=1 alone, found %s=%s", key, value);
        }
    }
    return reference->body[0] == '/'
               ? MSTR_OK
               : error_set(error, MSTR_E_CONFIG, "file: needs an absolute path, found \"%s\"", reference->body);
}

void file_answer(struct mstr_request *request, const struct mstr_call *call, const char *path, bool cut)
{
    static const struct mstr_meta meta = {.size = sizeof(meta), .flags = MSTR_META_NO_CACHE};
    char *content = NULL;
    size_t length = 0;
    enum mstr_code code = host->read_file(call, path, FILE_MAX, &content, &length, request->error);
    if (code != MSTR_OK) {
        request_fail(request, code, request->error);
        return;
    }
    length -= cut && length > 0 && content[length - 1] == '\n';
    host->set_value(request, content, length, &meta);
    host->secret_free(content);
}

/* In the words of whoever would read it. */
enum mstr_code file_check_path(const char *path, struct mstr_error *error)
{
    struct stat status;
    char *content = NULL;
    bool never = stat(path, &status) == 0 ? S_ISDIR(status.st_mode) : errno == ENAMETOOLONG;
    enum mstr_code code = never ? host->read_file(NULL, path, FILE_MAX, &content, NULL, error) : MSTR_OK;
    host->secret_free(content); /* where it has become a file meanwhile */
    return code;
}

static enum mstr_code check(const struct mstr_instance *instance, const struct mstr_reference *reference,
                            struct mstr_error *error)
{
    (void)instance;
    enum mstr_code code = check_text(reference, error);
    return code == MSTR_OK ? file_check_path(reference->body, error) : code;
}

/* The only query is raw, once. */
static void answer(struct mstr_request *request, const struct mstr_call *call)
{
    const struct mstr_reference *reference = request->reference;
    if (check_text(reference, request->error) != MSTR_OK) {
        request_fail(request, MSTR_E_CONFIG, request->error);
        return;
    }
    bool raw = reference->query_count > 0 && reference->query[0].value[0] == '1';
    file_answer(request, call, reference->body, !raw);
}

static void resolve(void *self, struct mstr_request *const *requests, size_t count, const struct mstr_call *call)
{
    (void)self;
    for (size_t i = 0; i < count; i++) {
        answer(requests[i], call);
    }
}

const struct mstr_provider *file_provider_entry(const struct mstr_host *table)
{
    static const struct mstr_provider provider = {
        .abi_major = MSTR_ABI_MAJOR,
        .size = sizeof(provider),
        .flags = MSTR_PROVIDER_THREAD_SAFE | MSTR_PROVIDER_BATCH,
        .option_size = sizeof(struct mstr_option),
        .name = "file",
        .version = "1",
        .summary = "files, such as mounted secrets",
        .create = create_nothing,
        .resolve = resolve,
        .check = check,
    };
    host_take(table);
    return &provider;
}
