/* SPDX-License-Identifier: Apache-2.0 */
/* core/session/upload/place.c: the dataset is found or made, and its upload session begun and deleted */
#include "session/upload/place.h"

#include "support/mounted.h"

#define ID      "DA00000111E943E8B5FB0080EFD5AF44"
#define SESSION "datasets/" ID "/uploadSessions"

static const mstr_upload_column columns[] = {MSTR_UPLOAD_COLUMN("Region", MSTR_UPLOAD_STRING)};

static mstr_upload_options into(const char *dataset, uint32_t flags)
{
    mstr_upload_options options = MSTR_UPLOAD_OPTIONS_INIT;
    options.dataset = dataset;
    options.flags = flags;
    options.columns = columns;
    options.column_count = COUNT_OF(columns);
    return options;
}

static void a_dataset_is_made_only_where_that_is_wished(void **state)
{
    static const struct {
        uint32_t flags;
        enum mstr_code code;
        unsigned sent;
    } cases[] = {{0, MSTR_E_NOT_FOUND, 1}, {MSTR_UPLOAD_CREATE, MSTR_OK, 2}};
    const struct route routes[] = {{"GET searches/results", 200, "{\"result\":[]}", NULL, 0, MSTR_OK},
                                   {"POST datasets/models", 200, "{\"id\":\"" ID "\"}", NULL, 0, MSTR_OK}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mounted *mounted = mounted_open(routes, COUNT_OF(routes));
        const mstr_upload_options options = into("New", cases[i].flags);
        struct place place = {.session = mounted->session};

        assert_int_equal(place_find(&place, &options, mounted->error), cases[i].code);

        assert_int_equal(mounted->sent, cases[i].sent);
        if (cases[i].code == MSTR_OK) {
            assert_string_equal(place.dataset, ID);
            assert_string_equal(place.table, "New");
            assert_non_null(strstr(mounted->body, "\"name\":\"New\""));
        }
        place_release(&place);
        mounted_free(mounted);
    }
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
        const struct route routes[] = {{"GET datasets/" ID "?fields=tables", 200, cases[i].answer, NULL, 0, MSTR_OK}};
        struct mounted *mounted = mounted_open(routes, COUNT_OF(routes));
        const mstr_upload_options options = into(ID, 0);
        struct place place = {.session = mounted->session};
        assert_int_equal(place_find(&place, &options, mounted->error), cases[i].code);
        if (cases[i].code == MSTR_OK) {
            assert_string_equal(place.table, "T 1");
        }
        place_release(&place);
        mounted_free(mounted);
    }
}

static void an_upload_session_is_begun_and_deleted_once(void **state)
{
    const struct route routes[] = {{"POST " SESSION, 200, "{\"uploadSessionId\":\"C1\"}", NULL, 0, MSTR_OK},
                                   {"DELETE " SESSION "/C1", 200, "{}", NULL, 0, MSTR_OK}};
    struct mounted *mounted = mounted_open(routes, COUNT_OF(routes));
    const mstr_upload_options options = into(ID, 0);
    char table[] = "Sales";
    struct place place = {.session = mounted->session, .table = table, .dataset = ID};
    (void)state;
    mounted_done(mounted, place_open(&place, &options, mounted->error));
    assert_string_equal(place.path, SESSION "/C1");
    assert_non_null(strstr(mounted->body, "\"name\":\"Sales\""));

    place_close(&place);
    place_close(&place);

    assert_string_equal(mounted->log, "POST " SESSION "\nDELETE " SESSION "/C1\n");
    mounted_free(mounted);
}

static void what_is_no_id_is_not_put_into_a_path(void **state)
{
    const struct route routes[] = {{"POST " SESSION, 200, "{\"uploadSessionId\":\"../x\"}", NULL, 0, MSTR_OK}};
    struct mounted *mounted = mounted_open(routes, COUNT_OF(routes));
    const mstr_upload_options options = into(ID, 0);
    char table[] = "Sales";
    struct place place = {.session = mounted->session, .table = table, .dataset = ID};
    (void)state;
    assert_int_equal(place_open(&place, &options, mounted->error), MSTR_E_PROTOCOL);
    assert_told(mounted, "names no upload session");
    place_close(&place);
    assert_int_equal(mounted->sent, 1);
    mounted_free(mounted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_dataset_is_made_only_where_that_is_wished),
        cmocka_unit_test(the_only_table_of_a_dataset_needs_no_name),
        cmocka_unit_test(an_upload_session_is_begun_and_deleted_once),
        cmocka_unit_test(what_is_no_id_is_not_put_into_a_path),
    };
    return RUN_TESTS("session/upload/place");
}
