/* What Key Vault and Entra say when they refuse: no refusal passes for a success, and each is told in bounded lines.
 */
#include "told.h"

#include "azure/service/service_error.h"
#include "azure/wire/oauth_error.h"
#include "base/buffer.h"
#include "plugin/host.h"
#include "sdk/host.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct mstr_http_answer answer;

static const struct mstr_http_answer *this_answer(const struct mstr_http_response *response)
{
    (void)response;
    return &answer;
}

static const char *no_header(const struct mstr_http_response *response, const char *name)
{
    (void)response;
    (void)name;
    return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int statuses[] = {302, 400, 401, 403, 404, 429, 503};
    static struct mstr_host table;
    struct buffer body = BUFFER_INIT;
    mstr_error *error = mstr_error_new();
    table = host_table;
    table.http_answer = this_answer;
    table.http_header = no_header;
    host = &table;
    buffer_append(&body, data, size);
    answer =
        (struct mstr_http_answer){.size = sizeof(answer), .body = buffer_text(&body), .body_length = body.length};
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
