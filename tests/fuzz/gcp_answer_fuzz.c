/* Answers of Secret Manager, good ones and refusals: payloads are bounded, and no refusal passes for a success. */
#include "gcp/service/payload.h"
#include "gcp/wire/service_error.h"
#include "plugin/host.h"

#include "sdk/host.h"

#include <stdint.h>
#include <stdlib.h>

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
    enum { PAYLOAD_MAX = 65536 };
    static const int statuses[] = {400, 401, 403, 404, 429, 503};
    static struct mstr_host table;
    struct buffer body = BUFFER_INIT;
    const struct resource asked = {.project = "p", .secret = "s", .version = "latest"};
    struct payload payload = {.octets = BUFFER_INIT};
    bool damaged = false;
    table = host_table;
    table.http_answer = this_answer;
    table.http_header = no_header;
    host = &table;
    buffer_append(&body, data, size);
    answer = (struct mstr_http_answer){
        .size = sizeof(answer), .status = 200, .body = buffer_text(&body), .body_length = body.length};
    enum mstr_code code = payload_read(&answer, &asked, &payload, &damaged, NULL);
    if (code == MSTR_OK && (damaged || payload.octets.length > PAYLOAD_MAX)) {
        abort();
    }
    for (size_t i = 0; i < sizeof(statuses) / sizeof(*statuses); i++) {
        struct attempt attempt = {.status = statuses[i], .asked = RETRY_NOT_ASKED};
        answer.status = statuses[i];
        if (service_error_read(NULL, "it", "me", &attempt, NULL) == MSTR_OK) {
            abort();
        }
    }
    payload_release(&payload);
    buffer_release(&body);
    return 0;
}
