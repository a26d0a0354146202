/* SPDX-License-Identifier: Apache-2.0 */
/* What the server is told of columns. */
#include "session/upload/model.h"

#include "support/unit.h"

#include <stdio.h>

static mstr_upload_column columns[] = {
    MSTR_UPLOAD_COLUMN("Customer@ID", MSTR_UPLOAD_INTEGER),  MSTR_UPLOAD_COLUMN("Region", MSTR_UPLOAD_STRING),
    MSTR_UPLOAD_COLUMN("Customer@DESC", MSTR_UPLOAD_STRING), MSTR_UPLOAD_COLUMN("Rev \"x\"", MSTR_UPLOAD_DOUBLE),
    MSTR_UPLOAD_COLUMN("Year", MSTR_UPLOAD_INTEGER),         MSTR_UPLOAD_COLUMN("Note", MSTR_UPLOAD_STRING)};

static mstr_upload_options options(void)
{
    mstr_upload_options options = MSTR_UPLOAD_OPTIONS_INIT;
    columns[0].attribute = columns[2].attribute = "Customer";
    columns[2].form = "DESC";
    columns[4].role = MSTR_UPLOAD_ATTRIBUTE;
    columns[5].role = MSTR_UPLOAD_METRIC;
    options.dataset = "Sales";
    options.columns = columns;
    options.column_count = COUNT_OF(columns);
    return options;
}

#define EXPRESSION(column) "\"expressions\":[{\"tableName\":\"T\",\"columnName\":\"" column "\"}]}"

static void columns_become_attributes_with_forms_and_metrics(void **state)
{
    mstr_upload_options all = options();
    struct buffer out = BUFFER_INIT;
    (void)state;
    all.folder = "F1";
    model_put(&out, &all, "T");
    assert_string_equal(
        buffer_text(&out),
        "{\"name\":\"Sales\",\"folderId\":\"F1\",\"tables\":[{\"name\":\"T\",\"columnHeaders\":["
        "{\"name\":\"Customer@ID\",\"dataType\":\"INTEGER\"},{\"name\":\"Region\",\"dataType\":\"STRING\"},"
        "{\"name\":\"Customer@DESC\",\"dataType\":\"STRING\"},{\"name\":\"Rev \\\"x\\\"\",\"dataType\":\"DOUBLE\"},"
        "{\"name\":\"Year\",\"dataType\":\"INTEGER\"},{\"name\":\"Note\",\"dataType\":\"STRING\"}]}],"
        "\"attributes\":[{\"name\":\"Customer\",\"attributeForms\":[{\"category\":\"ID\"," EXPRESSION(
            "Customer@ID") ","
                           "{\"category\":\"DESC\"," EXPRESSION(
                               "Customer@DESC") "]},"
                                                "{\"name\":\"Region\",\"attributeForms\":[{\"category\":"
                                                "\"ID\"," EXPRESSION(
                                                    "Region") "]},"
                                                              "{\"name\":\"Year\",\"attributeForms\":[{\"category\":"
                                                              "\"ID\"," EXPRESSION(
                                                                  "Year") "]}],"
                                                                          "\"metrics\":[{\"name\":\"Rev "
                                                                          "\\\"x\\\"\"," EXPRESSION(
                                                                              "Rev \\\"x\\\"") ","
                                                                                               "{\"name\":"
                                                                                               "\"Note\"," EXPRESSION(
                                                                                                   "Note") "]}");
    buffer_release(&out);
}

static void a_session_names_table_policy_and_columns(void **state)
{
    static const char *const policies[] = {"replace", "add", "update", "upsert"};
    mstr_upload_options all = options();
    char expected[256];
    (void)state;
    all.column_count = 2;
    for (int policy = MSTR_UPLOAD_REPLACE; policy <= MSTR_UPLOAD_UPSERT; policy++) {
        struct buffer out = BUFFER_INIT;
        all.policy = (enum mstr_upload_policy)policy;
        model_put_session(&out, &all, "T");
        snprintf(
            expected, sizeof(expected),
            "{\"tables\":[{\"name\":\"T\",\"updatePolicy\":\"%s\",\"columnHeaders\":[\"Customer@ID\",\"Region\"],"
            "\"orientation\":\"ROW\"}]}",
            policies[policy]);
        assert_string_equal(buffer_text(&out), expected);
        buffer_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_become_attributes_with_forms_and_metrics),
        cmocka_unit_test(a_session_names_table_policy_and_columns),
    };
    return RUN_TESTS("session/upload/model");
}
