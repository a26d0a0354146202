/* SPDX-License-Identifier: Apache-2.0 */
/* core/session/upload/upload.c: rows are checked and published, and the upload session is gone in the end */
#include <mstr/upload.h>

#include "support/mounted.h"

#define ID      "DA00000111E943E8B5FB0080EFD5AF44"
#define SESSION "datasets/" ID "/uploadSessions"
#define OPEN                                                                                                         \
    {                                                                                                                \
        "POST " SESSION, 200, "{\"uploadSessionId\":\"C1\"}", NULL, 1, MSTR_OK                                       \
    }
#define CHUNK                                                                                                        \
    {                                                                                                                \
        "PUT " SESSION "/C1", 200, "{}", NULL, 0, MSTR_OK                                                            \
    }
#define PUBLISH                                                                                                      \
    {                                                                                                                \
        "POST " SESSION "/C1/publish", 200, "{}", NULL, 0, MSTR_OK                                                   \
    }
#define STATUS "GET " SESSION "/C1/publishStatus"
#define DELETE                                                                                                       \
    {                                                                                                                \
        "DELETE " SESSION "/C1", 200, "{}", NULL, 0, MSTR_OK                                                         \
    }
#define DELETED "DELETE " SESSION "/C1\n"

static const mstr_upload_column columns[] = {MSTR_UPLOAD_COLUMN("Region", MSTR_UPLOAD_STRING),
                                             MSTR_UPLOAD_COLUMN("Revenue", MSTR_UPLOAD_DOUBLE)};

static mstr_upload_options into(const char *dataset)
{
    mstr_upload_options options = MSTR_UPLOAD_OPTIONS_INIT;
    options.dataset = dataset;
    options.table = "Sales";
    options.columns = columns;
    options.column_count = COUNT_OF(columns);
    return options;
}

static enum mstr_code put(mstr_upload *upload, const char *region, const char *revenue, mstr_error *error)
{
    const mstr_upload_field row[] = {{region, region != NULL ? strlen(region) : 0},
                                     {revenue, revenue != NULL ? strlen(revenue) : 0}};
    return mstr_upload_row(upload, row, COUNT_OF(row), error);
}

static bool is_deleted(const struct mounted *mounted)
{
    size_t length = strlen(mounted->log);
    return length >= strlen(DELETED) && strcmp(mounted->log + length - strlen(DELETED), DELETED) == 0;
}

static void rows_are_published_once_and_the_upload_session_is_gone_whatever_came_of_it(void **state)
{
    static const struct {
        const char *status;
        enum mstr_code code;
        enum mstr_code again;
    } cases[] = {{"{\"status\":1}", MSTR_OK, MSTR_E_USAGE}, {"{\"status\":3}", MSTR_E_SERVER, MSTR_E_SERVER}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct route routes[] = {
            PUBLISH, OPEN, CHUNK, {STATUS, 200, cases[i].status, NULL, 0, MSTR_OK}, DELETE};
        struct mounted *mounted = mounted_open(routes, COUNT_OF(routes));
        const mstr_upload_options options = into(ID);
        mstr_upload *upload = NULL;
        mounted_done(mounted, mstr_upload_begin(mounted->session, &options, &upload, mounted->error));
        mounted_done(mounted, put(upload, "North", "1.50", mounted->error));

        assert_int_equal(mstr_upload_publish(upload, NULL, mounted->error), cases[i].code);

        assert_true(is_deleted(mounted));
        assert_int_equal(mstr_upload_publish(upload, NULL, mounted->error), cases[i].again);
        mstr_upload_free(upload);
        assert_int_equal(mounted->sent, 5);
        mounted_free(mounted);
    }
}

static void a_wrong_field_is_told_with_row_and_column_and_nothing_stays(void **state)
{
    const struct route routes[] = {OPEN, CHUNK, DELETE};
    struct mounted *mounted = mounted_open(routes, COUNT_OF(routes));
    const mstr_upload_options options = into(ID);
    mstr_upload *upload = NULL;
    (void)state;
    mounted_done(mounted, mstr_upload_begin(mounted->session, &options, &upload, mounted->error));
    mounted_done(mounted, put(upload, NULL, NULL, mounted->error));
    assert_int_equal(put(upload, "South", "a lot", mounted->error), MSTR_E_USAGE);
    assert_told(mounted, "row 2, column \"Revenue\": a lot is no DOUBLE");
    assert_int_equal(put(upload, "South", "1", mounted->error), MSTR_E_USAGE);
    assert_int_equal(mstr_upload_publish(upload, NULL, mounted->error), MSTR_E_USAGE);
    mstr_upload_free(upload);
    assert_string_equal(mounted->log, "POST " SESSION "\n" DELETED);
    mounted_free(mounted);
}

static void options_that_make_no_sense_are_refused_before_anything_is_sent(void **state)
{
    static const mstr_upload_column twice[] = {MSTR_UPLOAD_COLUMN("A", MSTR_UPLOAD_STRING),
                                               MSTR_UPLOAD_COLUMN("A", MSTR_UPLOAD_STRING)};
    static const mstr_upload_column odd[] = {MSTR_UPLOAD_COLUMN("A", (enum mstr_upload_type)9)};
    static const mstr_upload_column nameless[] = {MSTR_UPLOAD_COLUMN("", MSTR_UPLOAD_STRING)};
    struct mounted *mounted = mounted_open(NULL, 0);
    mstr_upload_options wrong[9];
    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        wrong[i] = into(ID);
    }
    wrong[0].dataset = "";
    wrong[1].column_count = 0;
    wrong[2].column_size = 4;
    wrong[3].columns = twice;
    wrong[4].columns = odd;
    wrong[5].columns = nameless;
    wrong[6].policy = (enum mstr_upload_policy)4;
    wrong[7].flags = 2;
    wrong[8].chunk = 10;
    wrong[4].column_count = wrong[5].column_count = 1;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        mstr_upload *upload = NULL;
        assert_int_equal(mstr_upload_begin(mounted->session, &wrong[i], &upload, mounted->error), MSTR_E_USAGE);
        assert_null(upload);
    }
    assert_int_equal(mounted->sent, 0);
    mounted_free(mounted);
}

static void a_text_can_be_asked_for_its_type(void **state)
{
    (void)state;
    assert_true(mstr_upload_fits(MSTR_UPLOAD_DATE, "2024-02-29", 10));
    assert_false(mstr_upload_fits(MSTR_UPLOAD_DATE, "2023-02-29", 10));
    assert_false(mstr_upload_fits((enum mstr_upload_type)9, "", 0));
}

static void the_model_of_a_dataset_is_told_without_a_session(void **state)
{
    static const mstr_upload_column numbers[] = {MSTR_UPLOAD_COLUMN("n", MSTR_UPLOAD_INTEGER)};
    mstr_upload_options options = MSTR_UPLOAD_OPTIONS_INIT;
    mstr_secret *model = NULL;
    (void)state;
    assert_int_equal(mstr_upload_model(&options, &model, NULL), MSTR_E_USAGE);
    assert_null(model);
    options.dataset = "New";
    options.columns = numbers;
    options.column_count = 1;
    assert_int_equal(mstr_upload_model(&options, &model, NULL), MSTR_OK);
    assert_string_equal(mstr_secret_octets(model),
                        "{\"name\":\"New\",\"tables\":[{\"name\":\"New\",\"columnHeaders\":[{\"name\":\"n\","
                        "\"dataType\":\"INTEGER\"}]}],\"attributes\":[],\"metrics\":[{\"name\":\"n\",\"expressions\":"
                        "[{\"tableName\":\"New\",\"columnName\":\"n\"}]}]}");
    mstr_secret_release(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_model_of_a_dataset_is_told_without_a_session),
        cmocka_unit_test(rows_are_published_once_and_the_upload_session_is_gone_whatever_came_of_it),
        cmocka_unit_test(a_wrong_field_is_told_with_row_and_column_and_nothing_stays),
        cmocka_unit_test(a_text_can_be_asked_for_its_type),
        cmocka_unit_test(options_that_make_no_sense_are_refused_before_anything_is_sent),
    };
    return RUN_TESTS("session/upload/upload");
}
