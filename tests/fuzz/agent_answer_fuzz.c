/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers of an agent: outcomes of what was asked, refusals, differences of settings. Each outcome is a value or a
 * failure with a class; whatever is refused is told in bounded lines.
 */
#include "told.h"

#include "base/json.h"
#include "resolve/agent_words.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_at(struct json_object *outcome)
{
    struct fetched fetched = {.secret = NULL};
    mstr_error *error = mstr_error_new();
    agent_words_needs_person(outcome);
    agent_words_outcome(outcome, &fetched, error);
    if ((fetched.secret != NULL) != (fetched.code == MSTR_OK)) {
        abort();
    }
    if (fetched.code != MSTR_OK) {
        check_told(fetched.code, error);
    }
    mstr_secret_release(fetched.secret);
    mstr_error_free(error);
}

static void read_outcomes(const char *text, size_t length, size_t count)
{
    struct json_object *tree = NULL;
    struct json_object *outcomes = NULL;
    if (agent_words_read(text, length, count, &tree, &outcomes) == MSTR_OK) {
        if (json_object_array_length(outcomes) != count) {
            abort();
        }
        for (size_t i = 0; i < count; i++) {
            look_at(json_object_array_get_idx(outcomes, i));
        }
    }
    json_release(tree);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int statuses[] = {400, 401, 403, 404, 409, 413, 429, 500, 503};
    const char *text = (const char *)data;
    struct buffer what = BUFFER_INIT;
    struct buffer setting = BUFFER_INIT;
    mstr_error *error = mstr_error_new();
    read_outcomes(text, size, 1);
    read_outcomes(text, size, 2);
    for (size_t i = 0; i < sizeof(statuses) / sizeof(*statuses); i++) {
        enum mstr_code code = agent_words_refusal(statuses[i], text, size, error);
        if (code == MSTR_OK) {
            abort();
        }
        check_told(code, error);
    }
    check_told(agent_words_failure(text, size, error), error);
    if (agent_words_difference(text, size, &what, &setting)) {
        check_told(agent_words_tell_difference(buffer_text(&what), buffer_text(&setting), error), error);
    }
    buffer_release(&what);
    buffer_release(&setting);
    mstr_error_free(error);
    return 0;
}
