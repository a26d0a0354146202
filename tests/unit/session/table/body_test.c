/* SPDX-License-Identifier: Apache-2.0 */
/* The body that an instance is made with. */
#include "session/table/body.h"

#include "defined.h"

static const char *const region[] = {"Region"};
static const char *const cost[] = {"Cost"};

static void only_what_is_asked_for_needs_the_definition(void **state)
{
    mstr_table_request request = MSTR_TABLE_REQUEST_INIT;
    struct buffer body = BUFFER_INIT;
    (void)state;
    assert_false(body_needs_definition(&request));
    assert_int_equal(body_put(&request, NULL, &body, NULL), MSTR_OK);
    assert_string_equal(buffer_text(&body), "{\"subtotals\":{\"visible\":false}}");
    buffer_clear(&body);
    request.flags = MSTR_TABLE_TOTALS;
    assert_int_equal(body_put(&request, NULL, &body, NULL), MSTR_OK);
    assert_string_equal(buffer_text(&body), "{\"subtotals\":{\"visible\":true}}");
    request.metrics = cost;
    request.metric_count = 1;
    assert_true(body_needs_definition(&request));
    buffer_release(&body);
}

static void objects_forms_and_filters_stand_by_their_ids(void **state)
{
    static const char *const forms[] = {"Region@DESC,ID"};
    static const char *const all[] = {"Region@all"};
    static const char *const filters[] = {"Cost > 1"};
    static const char forms_of_region[] = "\"requestedObjects\":{\"attributes\":[{\"id\":\"" REGION_ID
                                          "\",\"forms\":[{\"id\":\"F2\"},{\"id\":\"F1\"}]}],"
                                          "\"metrics\":[]}";
    mstr_table_request request = MSTR_TABLE_REQUEST_INIT;
    struct buffer body = BUFFER_INIT;
    (void)state;
    request.attributes = region;
    request.attribute_count = 1;
    request.forms = forms;
    request.form_count = 1;
    request.filters = filters;
    request.filter_count = 1;
    request.view_filter = "{\"operator\":\"Not\"}";

    mounted_done(mounted, body_put(&request, &definition, &body, mounted->error));
    assert_non_null(strstr(buffer_text(&body), forms_of_region));
    assert_non_null(strstr(buffer_text(&body), "\"viewFilter\":{\"operator\":\"And\",\"operands\":[{\"operator\":"
                                               "\"Greater\""));
    assert_non_null(strstr(buffer_text(&body), ",{\"operator\":\"Not\"}]}}"));

    buffer_clear(&body); /* forms alone: the template's own objects */
    request = (mstr_table_request)MSTR_TABLE_REQUEST_INIT;
    request.forms = all;
    request.form_count = 1;
    mounted_done(mounted, body_put(&request, &definition, &body, mounted->error));
    assert_non_null(strstr(buffer_text(&body), "\"attributes\":[{\"id\":\"Y1\"},{\"id\":\"" REGION_ID
                                               "\",\"forms\":[{\"id\":\"F1\"},{\"id\":\"F2\"}]}],"
                                               "\"metrics\":[{\"id\":\"C1\"}]"));
    buffer_release(&body);
}

static void forms_of_what_is_not_asked_for_are_refused(void **state)
{
    static const char *const forms[] = {"Year@ID"};
    mstr_table_request request = MSTR_TABLE_REQUEST_INIT;
    struct buffer body = BUFFER_INIT;
    (void)state;
    request.attributes = region;
    request.attribute_count = 1;
    request.forms = forms;
    request.form_count = 1;
    assert_int_equal(body_put(&request, &definition, &body, mounted->error), MSTR_E_USAGE);
    assert_told(mounted, "such as \"Year@ID\"");
    buffer_release(&body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(only_what_is_asked_for_needs_the_definition),
        TEST(objects_forms_and_filters_stand_by_their_ids),
        TEST(forms_of_what_is_not_asked_for_are_refused),
    };
    return RUN_TESTS("session/table/body");
}
