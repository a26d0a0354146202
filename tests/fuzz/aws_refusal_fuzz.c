/* SPDX-License-Identifier: Apache-2.0 */
/* What AWS's services say when they refuse, as JSON or XML, and the elements of STS's answers: no refusal passes for
 * a success, and no element is longer than the text it was cut out of. */
#include "answered_host.h"
#include "aws/wire/service_error.h"
#include "aws/wire/xml.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int statuses[] = {302, 400, 403, 404, 429, 503};
    static const char *const elements[] = {"AccessKeyId", "Expiration", "Code", "Arn"};
    struct buffer body = BUFFER_INIT;
    answer_with(&body, data, size);
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
