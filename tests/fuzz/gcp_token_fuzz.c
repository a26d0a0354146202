/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of token endpoints: what is accepted can be sent in a header, and ends. */
#include "base/json.h"
#include "gcp/wire/oauth.h"
#include "plugin/host.h"
#include "sdk/host.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct token token = {.text = NULL};
    struct buffer body = BUFFER_INIT;
    host = &host_table;
    buffer_append(&body, data, size);
    const struct mstr_http_answer answer = {.size = sizeof(answer),
                                            .status = 400,
                                            .body = buffer_text(&body),
                                            .body_length = body.length,
                                            .sent = INT64_C(1768478400000)};
    enum mstr_code code = oauth_read_token(&answer, "it", &token, NULL);
    if (code == MSTR_OK ? token.text[0] == '\0' || strpbrk(token.text, "\r\n") != NULL || token.expires <= answer.sent
                        : token.text != NULL) {
        abort();
    }
    struct json_object *refusal = NULL;
    json_read(answer.body, answer.body_length, &refusal);
    oauth_is_passing(answer.status, refusal);
    json_release(refusal);
    token_release(&token);
    buffer_release(&body);
    return 0;
}
