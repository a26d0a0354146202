/* file:/PATH gives a file's content, one trailing newline cut unless ?raw=1; at most 1 MiB. */
#include "builtin/file.h"

#include "builtin/builtin.h"
#include "sdk/host.h"

#include <string.h>

enum { FILE_MAX = 1024 * 1024 };

static enum mstr_code create(const struct mstr_instance *instance, void **self, struct mstr_error *error)
{
    (void)instance;
    (void)error;
    *self = NULL;
    return MSTR_OK;
}

/* Whether the file's octets are wanted as they are. False if the query is not understood, which is then told. */
static int read_query(struct mstr_request *request, int *raw)
{
    const struct mstr_reference *reference = request->reference;
    *raw = 0;
    for (uint32_t i = 0; i < reference->query_count; i++) {
        const char *value = reference->query[i].value;
        if (strcmp(reference->query[i].key, "raw") != 0 || (strcmp(value, "0") != 0 && strcmp(value, "1") != 0)) {
            host->set_error(request, MSTR_E_CONFIG, "file: takes the query raw=1 alone, found %s=%s",
                            reference->query[i].key, value);
            return 0;
        }
        *raw = value[0] == '1';
    }
    return 1;
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

static void answer(struct mstr_request *request, const struct mstr_call *call)
{
    int raw = 0;
    const char *path = request->reference->body;
    if (!read_query(request, &raw)) {
        return;
    }
    if (path[0] != '/') {
        host->set_error(request, MSTR_E_CONFIG, "file: needs an absolute path, found \"%s\"", path);
        return;
    }
    file_answer(request, call, path, !raw);
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
        .create = create,
        .resolve = resolve,
    };
    host_take(table);
    return &provider;
}
