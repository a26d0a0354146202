/* SPDX-License-Identifier: Apache-2.0 */
/* What Key Vault and Entra say when they refuse: no refusal passes for a success, and each is told in bounded
 * lines. */
#include "answered_host.h"
#include "told.h"

#include "azure/service/service_error.h"
#include "azure/wire/oauth_error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int statuses[] = {302, 400, 401, 403, 404, 429, 503};
    struct buffer body = BUFFER_INIT;
    mstr_error *error = mstr_error_new();
    answer_with(&body, data, size);
    for (size_t i = 0; i < sizeof(statuses) / sizeof(*statuses); i++) {
        answer.status = statuses[i];
        enum mstr_code code = service_error_read(NULL, "it", error);
        if (code == MSTR_OK) {
            abort();
        }
        check_told(code, error);
        code = oauth_error_read(NULL, "it", error).code;
        if (code == MSTR_OK) {
            abort();
        }
        check_told(code, error);
    }
    mstr_error_free(error);
    buffer_release(&body);
    return 0;
}
