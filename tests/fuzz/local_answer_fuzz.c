/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of whoever listens on a Unix socket: what they come to does not depend on the pieces in which they arrive,
 * and nothing of them is longer than is allowed. */
#include "local/answer.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BODY_LIMIT = 1000 };

static void check(const struct local_answer *answer)
{
    const char *name = NULL;
    const char *value = NULL;
    for (size_t i = 0; local_answer_header_at(answer, i, &name, &value); i++) {
        if (name[0] == '\0' || value[strcspn(value, "\r\n")] != '\0' || local_answer_header(answer, name) == NULL) {
            abort();
        }
    }
    if (answer->body.length > BODY_LIMIT || (answer->complete && answer->status < 200)) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct local_answer whole;
    struct local_answer pieces;
    bool head = size > 0 && data[0] % 2 == 1;
    local_answer_init(&whole, head, BODY_LIMIT);
    local_answer_init(&pieces, head, BODY_LIMIT);
    bool good = local_answer_feed(&whole, (const char *)data, size);
    bool same = true;
    for (size_t i = 0; same && i < size; i++) {
        same = local_answer_feed(&pieces, (const char *)data + i, 1);
    }
    check(&whole);
    if (good != same || (whole.fault != pieces.fault && strcmp(whole.fault, pieces.fault) != 0) ||
        whole.complete != pieces.complete || whole.status != pieces.status ||
        strcmp(buffer_text(&whole.headers), buffer_text(&pieces.headers)) != 0 ||
        (good && whole.body.length != pieces.body.length)) {
        abort();
    }
    local_answer_release(&whole);
    local_answer_release(&pieces);
    return 0;
}
