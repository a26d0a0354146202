/* SPDX-License-Identifier: Apache-2.0 */
/* core/queue/table_copy.c: every text of a request for a table is copied, whichever member it stands in. */
#include "queue/table_copy.h"

#include "lent.h"

static int ask(const mstr_prompt *prompt, mstr_prompt_answer *answer, void *data)
{
    (void)prompt;
    (void)answer;
    (void)data;
    return 0;
}

static void all_of_a_request_outlives_what_was_given(void **state)
{
    (void)state;
    const mstr_call_options call = MSTR_CALL_OPTIONS_INIT;
    const char *lists[6][1] = {{lend()}, {lend()}, {lend()}, {lend()}, {lend()}, {lend()}};
    mstr_prompt_answer answer = {sizeof(answer), MSTR_ANSWER_DEFAULT, lend(), lists[5], 1, lend()};
    int data = 0;
    mstr_table_request request = MSTR_TABLE_REQUEST_INIT;
    request.object = lend();
    request.project = lend();
    request.view_filter = lend();
    request.answers_json = lend();
    request.attributes = lists[0];
    request.metrics = lists[1];
    request.forms = lists[2];
    request.filters = lists[3];
    request.page_by = lists[4];
    request.attribute_count = request.metric_count = request.form_count = request.filter_count = 1;
    request.page_by_count = request.answer_count = 1;
    request.answers = &answer;
    request.ask = ask;
    request.ask_data = &data;
    request.limit = 7;
    request.call = &call;
    struct copies copies = {NULL, false};
    mstr_table_request copy;

    assert_true(table_copy(&request, &copies, &copy));
    take_back();
    memset(lists, 0, sizeof(lists));
    memset(&answer, 0, sizeof(answer));

    const char *const texts[] = {
        copy.object,        copy.project,           copy.view_filter,     copy.answers_json,
        copy.attributes[0], copy.metrics[0],        copy.forms[0],        copy.filters[0],
        copy.page_by[0],    copy.answers[0].prompt, copy.answers[0].json, copy.answers[0].values[0]};
    assert_all_lent(texts, COUNT_OF(texts));
    assert_int_equal(copy.answers[0].flags, MSTR_ANSWER_DEFAULT);
    assert_ptr_equal(copy.ask, ask);
    assert_ptr_equal(copy.ask_data, &data);
    assert_int_equal(copy.limit, 7);
    assert_null(copy.call);
    copies_release(&copies);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_of_a_request_outlives_what_was_given),
    };
    return RUN_TESTS("queue/table_copy");
}
