/* SPDX-License-Identifier: Apache-2.0 */
/* Requests for tables, before anything is sent. */
#include "session/table/table_check.h"

#include "base/error.h"
#include "base/given.h"
#include "base/json_scan.h"
#include "base/text.h"
#include "session/table/definition.h"

#include <string.h>

static const uint32_t known_flags = MSTR_TABLE_FORMATTED | MSTR_TABLE_TYPED | MSTR_TABLE_TOTALS |
                                    MSTR_TABLE_CROSS_KEEP | MSTR_TABLE_IDS | MSTR_TABLE_PAGE_CURRENT |
                                    MSTR_TABLE_PROMPT_DEFAULTS | MSTR_TABLE_DESCRIBE | MSTR_TABLE_ARROW_TEXT;

static enum mstr_code check_answers(const mstr_table_request *request, mstr_error *error)
{
    for (size_t i = 0; i < request->answer_count; i++) {
        const mstr_prompt_answer *answer = &request->answers[i];
        struct json_span span;
        if (given_check("an answer to a prompt was", MSTR_HAS(answer, mstr_prompt_answer, json), answer->flags,
                        MSTR_ANSWER_DEFAULT, error) != MSTR_OK) {
            return MSTR_E_USAGE;
        }
        if (answer->json != NULL && !json_scan_check(answer->json, strlen(answer->json), &span)) {
            return error_set(error, MSTR_E_USAGE, "the answer to the prompt \"%s\" is no JSON",
                             answer->prompt != NULL ? answer->prompt : "");
        }
    }
    return MSTR_OK;
}

static enum mstr_code check_choices(const mstr_table_request *request, mstr_error *error)
{
    for (size_t i = 0; i < request->page_by_count; i++) {
        const char *choice = request->page_by[i];
        if (choice[definition_until(choice, strlen(choice), '=')] == '\0') {
            return error_set(error, MSTR_E_USAGE, "\"%s\" chooses no page: write UNIT=ELEMENT", choice);
        }
    }
    return request->page_by_count == 0 || (request->flags & MSTR_TABLE_PAGE_CURRENT) == 0
               ? MSTR_OK
               : error_set(error, MSTR_E_USAGE, "pages are chosen, or the one that is stored is wanted, not both");
}

enum mstr_code table_check(const mstr_table_request *request, mstr_error *error)
{
    static const char what[] = "the request for a table was";
    bool begun = MSTR_HAS(request, mstr_table_request, call);
    if (given_check(what, begun, begun ? request->flags : 0, known_flags, error) != MSTR_OK ||
        given_call(request->call, error) != MSTR_OK) {
        return MSTR_E_USAGE;
    }
    const struct given_number numbers[] = {
        {"kind", (int64_t)request->kind, MSTR_EXECUTION_REPORT, MSTR_EXECUTION_CUBE},
        GIVEN_COUNT(request, mstr_table_request, limit),
        GIVEN_COUNT(request, mstr_table_request, page_size)};
    if (given_numbers(what, numbers, sizeof(numbers) / sizeof(*numbers), error) != MSTR_OK) {
        return MSTR_E_USAGE;
    }
    if (text_empty(request->object)) {
        return error_set(error, MSTR_E_USAGE, "a table needs the name or id of a report or a cube");
    }
    enum mstr_code code = check_answers(request, error);
    return code == MSTR_OK ? check_choices(request, error) : code;
}
