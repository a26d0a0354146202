/* SPDX-License-Identifier: Apache-2.0 */
/* Uploads: the dataset is found or made, rows are checked, the upload session is gone in the end. */
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

static void a_publication_is_awaited_and_its_failure_told(void **state)
{
    static const struct {
        const char *answer;
        enum mstr_code code;
        const char *told;
    } cases[] = {
        {"{\"status\":\"1\"}", MSTR_OK, ""},
        {"{\"status\":1}", MSTR_OK, ""},
        {"{\"status\":\"3\",\"message\":\"no such column\"}", MSTR_E_SERVER, "with status 3: no such column"},
        {"{\"status\":18}", MSTR_E_SERVER, "with status 18"},
        {"{\"status\":2}", MSTR_E_SERVER, "with status 2"},
        {"{\"status\":99}", MSTR_E_SERVER, "with status 99"},
        {"{\"status\":-1}", MSTR_E_SERVER, "with status -1"},
        {"{}", MSTR_E_PROTOCOL, "does not tell how the publication goes"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct route routes[] = {
            PUBLISH, OPEN, CHUNK, {STATUS, 200, cases[i].answer, NULL, 0, MSTR_OK}, DELETE};
        struct mounted *mounted = mounted_open(routes, COUNT_OF(routes));
        const mstr_upload_options options = into(ID);
        mstr_upload *upload = NULL;
        mounted_done(mounted, mstr_upload_begin(mounted->session, &options, &upload, mounted->error));
        mounted_done(mounted, put(upload, "North", "1.50", mounted->error));

        assert_int_equal(mstr_upload_publish(upload, NULL, mounted->error), cases[i].code);

        assert_told(mounted, cases[i].told);
        assert_true(is_deleted(mounted));
        mstr_upload_free(upload);
        assert_int_equal(mounted->sent, 5);
        mounted_free(mounted);
    }
}

static void one_that_never_ends_is_given_up(void **state)
{
    const struct route routes[] = {PUBLISH, OPEN, CHUNK, {STATUS, 200, "{\"status\":6}", NULL, 0, MSTR_OK}, DELETE};
    struct mounted *mounted = mounted_open(routes, COUNT_OF(routes));
    const mstr_upload_options options = into(ID);
    mstr_call_options call = MSTR_CALL_OPTIONS_INIT;
    mstr_upload *upload = NULL;
    (void)state;
    call.timeout = 1200;
    mounted_done(mounted, mstr_upload_begin(mounted->session, &options, &upload, mounted->error));
    assert_int_equal(mstr_upload_publish(upload, &call, mounted->error), MSTR_E_UNAVAILABLE);
    assert_told(mounted, "has not ended in time");
    assert_true(is_deleted(mounted));
    assert_int_equal(mstr_upload_publish(upload, &call, mounted->error), MSTR_E_UNAVAILABLE);
    mstr_upload_free(upload);
    mounted_free(mounted);
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

static void a_dataset_is_made_only_where_that_is_wished(void **state)
{
    const struct route routes[] = {{"GET searches/results", 200, "{\"result\":[]}", NULL, 0, MSTR_OK},
                                   {"POST datasets/models", 200, "{\"id\":\"" ID "\"}", NULL, 0, MSTR_OK},
                                   OPEN,
                                   DELETE};
    struct mounted *mounted = mounted_open(routes, COUNT_OF(routes));
    mstr_upload_options options = into("New");
    mstr_upload *upload = NULL;
    (void)state;
    assert_int_equal(mstr_upload_begin(mounted->session, &options, &upload, mounted->error), MSTR_E_NOT_FOUND);
    assert_null(upload);
    options.flags = MSTR_UPLOAD_CREATE;
    options.table = NULL;
    mounted_done(mounted, mstr_upload_begin(mounted->session, &options, &upload, mounted->error));
    assert_non_null(strstr(mounted->body, "\"name\":\"New\""));
    mstr_upload_free(upload);
    assert_true(is_deleted(mounted));
    mounted_free(mounted);
}

static void the_only_table_of_a_dataset_needs_no_name(void **state)
{
    static const struct {
        const char *answer;
        enum mstr_code code;
    } cases[] = {
        {"{\"result\":{\"definition\":{\"availableObjects\":{\"tables\":[{\"name\":\"T 1\"}]}}}}", MSTR_OK},
        {"{\"tables\":[{\"name\":\"T 1\"},{\"name\":\"T 2\"}]}", MSTR_E_USAGE},
        {"{}", MSTR_E_USAGE},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct route routes[] = {
            {"GET datasets/" ID "?fields=tables", 200, cases[i].answer, NULL, 0, MSTR_OK}, OPEN, DELETE};
        struct mounted *mounted = mounted_open(routes, COUNT_OF(routes));
        mstr_upload_options options = into(ID);
        mstr_upload *upload = NULL;
        options.table = NULL;
        assert_int_equal(mstr_upload_begin(mounted->session, &options, &upload, mounted->error), cases[i].code);
        if (upload != NULL) {
            assert_non_null(strstr(mounted->body, "\"name\":\"T 1\""));
        }
        mstr_upload_free(upload);
        mounted_free(mounted);
    }
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
        cmocka_unit_test(a_publication_is_awaited_and_its_failure_told),
        cmocka_unit_test(one_that_never_ends_is_given_up),
        cmocka_unit_test(a_wrong_field_is_told_with_row_and_column_and_nothing_stays),
        cmocka_unit_test(a_dataset_is_made_only_where_that_is_wished),
        cmocka_unit_test(the_only_table_of_a_dataset_needs_no_name),
        cmocka_unit_test(a_text_can_be_asked_for_its_type),
        cmocka_unit_test(options_that_make_no_sense_are_refused_before_anything_is_sent),
    };
    return RUN_TESTS("session/upload/upload");
}
