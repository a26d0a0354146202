/* SPDX-License-Identifier: Apache-2.0 */
/* What a program answers over exec: each result is a value, or a failure of a known class. */
#include "base/json.h"
#include "builtin/exec_answer.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { REFERENCES = 2 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct json_object *answer = NULL;
    const char *fault = NULL;
    struct json_object *results = exec_read_answer((const char *)data, size, REFERENCES, &answer, &fault);
    if ((results == NULL) == (fault == NULL)) {
        abort();
    }
    for (size_t i = 0; results != NULL && i < REFERENCES; i++) {
        struct exec_result result = {.value = BUFFER_INIT};
        const char *wrong = exec_read_result(results, i, &result);
        if (wrong == NULL && result.code == MSTR_OK && result.message != NULL) {
            abort();
        }
        buffer_release(&result.value);
    }
    json_release(answer);
    return 0;
}
