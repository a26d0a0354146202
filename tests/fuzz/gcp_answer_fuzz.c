/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of Secret Manager, good ones and refusals: payloads are bounded, and no refusal passes for a success. */
#include "answered_host.h"
#include "gcp/service/payload.h"
#include "gcp/wire/service_error.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { PAYLOAD_MAX = 65536 };
    static const int statuses[] = {400, 401, 403, 404, 429, 503};
    struct buffer body = BUFFER_INIT;
    const struct resource asked = {.project = "p", .secret = "s", .version = "latest"};
    struct payload payload = {.octets = BUFFER_INIT};
    bool damaged = false;
    answer_with(&body, data, size);
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
