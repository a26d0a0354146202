/* SPDX-License-Identifier: Apache-2.0 */
/* Copies of requests for tables. */
#include "queue/table_copy.h"

#include <string.h>

static const size_t texts_of_request[] = {
    offsetof(mstr_table_request, object),
    offsetof(mstr_table_request, project),
    offsetof(mstr_table_request, view_filter),
    offsetof(mstr_table_request, answers_json),
};

static mstr_prompt_answer *copy_answers(struct copies *copies, const mstr_prompt_answer *answers, size_t count)
{
    mstr_prompt_answer *copied = copies_octets(copies, answers, count * sizeof(*answers));
    for (size_t i = 0; copied != NULL && i < count; i++) {
        copied[i].prompt = copies_text(copies, copied[i].prompt);
        copied[i].json = copies_text(copies, copied[i].json);
        copied[i].values = copies_texts(copies, copied[i].values, copied[i].value_count);
    }
    return copied;
}

bool table_copy(const mstr_table_request *request, struct copies *copies, mstr_table_request *copy)
{
    static const mstr_table_request blank = MSTR_TABLE_REQUEST_INIT;
    *copy = blank;
    memcpy(copy, request, request->size < sizeof(*copy) ? request->size : sizeof(*copy));
    copy->size = sizeof(*copy);
    copies_members(copies, copy, texts_of_request, sizeof(texts_of_request) / sizeof(*texts_of_request));
    copy->attributes = copies_texts(copies, copy->attributes, copy->attribute_count);
    copy->metrics = copies_texts(copies, copy->metrics, copy->metric_count);
    copy->forms = copies_texts(copies, copy->forms, copy->form_count);
    copy->filters = copies_texts(copies, copy->filters, copy->filter_count);
    copy->page_by = copies_texts(copies, copy->page_by, copy->page_by_count);
    copy->answers = copy_answers(copies, copy->answers, copy->answer_count);
    copy->call = NULL;
    return !copies->failed;
}
