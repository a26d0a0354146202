/* SPDX-License-Identifier: Apache-2.0 */
/* cred:NAME gives a credential that systemd keeps for this service: a file of $CREDENTIALS_DIRECTORY, one trailing
 * newline cut, as for file:. See systemd.exec(5), LoadCredential=. */
#include "builtin/builtin.h"
#include "builtin/file.h"
#include "sdk/host.h"

#include "base/buffer.h"
#include "base/error.h"

#include <string.h>

/* A name is one of a file, and leads nowhere else. */
static enum mstr_code check_text(const struct mstr_reference *reference, struct mstr_error *error)
{
    const char *name = reference->body;
    if (reference->query_count > 0) {
        return error_set(error, MSTR_E_CONFIG, "cred: takes no query, found \"%s\"", reference->query[0].key);
    }
    return strchr(name, '/') == NULL && strcmp(name, ".") != 0 && strcmp(name, "..") != 0
               ? MSTR_OK
               : error_set(error, MSTR_E_CONFIG, "cred: needs the name of a credential, found \"%s\"", name);
}

/* Where the credential is. */
static enum mstr_code find(const struct mstr_reference *reference, struct buffer *path, struct mstr_error *error)
{
    const char *folder = host->environment("CREDENTIALS_DIRECTORY");
    enum mstr_code code = check_text(reference, error);
    if (code != MSTR_OK) {
        return code;
    }
    if (folder == NULL || folder[0] == '\0') {
        return error_set(error, MSTR_E_NOT_AVAILABLE,
                         "there are no systemd credentials here: CREDENTIALS_DIRECTORY is not set");
    }
    return buffer_printf(path, "%s/%s", folder, reference->body) ? MSTR_OK
                                                                 : error_set(error, MSTR_E_MEMORY, "out of memory");
}

/* That there are none where it is checked does not make it a wrong one. */
static enum mstr_code check(const struct mstr_instance *instance, const struct mstr_reference *reference,
                            struct mstr_error *error)
{
    struct buffer path = BUFFER_INIT;
    (void)instance;
    enum mstr_code code = find(reference, &path, error);
    if (code == MSTR_OK) {
        code = file_check_path(buffer_text(&path), error);
    } else if (code == MSTR_E_NOT_AVAILABLE) {
        mstr_error_clear(error);
        code = MSTR_OK;
    }
    buffer_release(&path);
    return code;
}

static void answer(struct mstr_request *request, const struct mstr_call *call)
{
    struct buffer path = BUFFER_INIT;
    enum mstr_code code = find(request->reference, &path, request->error);
    if (code == MSTR_OK) {
        file_answer(request, call, buffer_text(&path), true);
    } else {
        request_fail(request, code, request->error);
    }
    if (host->error_code(request->error) == MSTR_E_NOT_FOUND) {
        host->error_detail(request->error, MSTR_DETAIL_HINT,
                           "name it in the unit: LoadCredential=, SetCredential= or ImportCredential=");
    }
    buffer_release(&path);
}

static void resolve(void *self, struct mstr_request *const *requests, size_t count, const struct mstr_call *call)
{
    (void)self;
    for (size_t i = 0; i < count; i++) {
        answer(requests[i], call);
    }
}

const struct mstr_provider *cred_provider_entry(const struct mstr_host *table)
{
    static const struct mstr_provider provider = {
        .abi_major = MSTR_ABI_MAJOR,
        .size = sizeof(provider),
        .flags = MSTR_PROVIDER_THREAD_SAFE | MSTR_PROVIDER_BATCH,
        .option_size = sizeof(struct mstr_option),
        .name = "cred",
        .version = "1",
        .summary = "systemd credentials",
        .create = create_nothing,
        .resolve = resolve,
        .check = check,
    };
    host_take(table);
    return &provider;
}
