/* What AWS's services say when they refuse, as JSON or XML, and the elements of STS's answers: no refusal passes for
 * a success, and no element is longer than the text it was cut out of. */
#include "aws/wire/service_error.h"
#include "aws/wire/xml.h"
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
    static const int statuses[] = {302, 400, 403, 404, 429, 503};
    static const char *const elements[] = {"AccessKeyId", "Expiration", "Code", "Arn"};
    static struct mstr_host table;
    struct buffer body = BUFFER_INIT;
    table = host_table;
    table.http_answer = this_answer;
    table.http_header = no_header;
    host = &table;
    buffer_append(&body, data, size);
    answer =
        (struct mstr_http_answer){.size = sizeof(answer), .body = buffer_text(&body), .body_length = body.length};
    for (size_t i = 0; i < sizeof(statuses) / sizeof(*statuses); i++) {
        answer.status = statuses[i];
        if (service_error_tell(NULL, "it", NULL) == MSTR_OK) {
            abort();
        }
    }
    for (size_t i = 0; i < sizeof(elements) / sizeof(*elements); i++) {
        struct buffer text = BUFFER_INIT;
        if (xml_element(buffer_text(&body), elements[i], &text) && text.length > size) {
            abort();
        }
        buffer_release(&text);
    }
    buffer_release(&body);
    return 0;
}
