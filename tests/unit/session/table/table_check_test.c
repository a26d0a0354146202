/* SPDX-License-Identifier: Apache-2.0 */
/* Requests for tables that are wrong in themselves. */
#include "session/table/table_check.h"

#include "tables.h"

static void requests_that_do_not_fit_are_refused(void **state)
{
    static const char *const no_element[] = {"Year"};
    static const char *const choice[] = {"Year=1"};
    const mstr_prompt_answer bad_json = {sizeof(bad_json), 0, "P", NULL, 0, "{"};
    const mstr_prompt_answer bad_size = {0, 0, "P", NULL, 0, NULL};
    struct mounted *mounted = mounted_open(NULL, 0);
    mstr_table_request requests[9];
    mstr_table *table = NULL;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(requests); i++) {
        requests[i] = request_of(OBJECT);
    }
    requests[0].size = 0;
    requests[1].flags = 1u << 31;
    requests[2].object = "";
    requests[3].limit = -1;
    requests[4].page_by = no_element;
    requests[4].page_by_count = 1;
    requests[5].page_by = choice;
    requests[5].page_by_count = 1;
    requests[5].flags = MSTR_TABLE_PAGE_CURRENT;
    requests[6].answers = &bad_json;
    requests[6].answer_count = 1;
    requests[7].answers = &bad_size;
    requests[7].answer_count = 1;
    requests[8].answers_json = "x";
    for (size_t i = 0; i < COUNT_OF(requests); i++) {
        assert_int_equal(mstr_table_open(mounted->session, &requests[i], &table, mounted->error), MSTR_E_USAGE);
        assert_null(table);
    }
    assert_int_equal(mounted->sent, 0);
    mounted_free(mounted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_that_do_not_fit_are_refused),
    };
    return RUN_TESTS("session/table/table_check");
}
