/* SPDX-License-Identifier: Apache-2.0 */
/* Finding a project by its name: when the server is asked, and what is no project. */
#include "session/exchange/project.h"

#include "base/clock.h"
#include "support/mounted.h"

#define ONE "11111111111111111111111111111111"
#define TWO "22222222222222222222222222222222"

static enum mstr_code find(struct mounted *mounted, const char *project, char **id)
{
    const struct limits limits = {clock_monotonic() + 2000, NULL};
    return project_find(mounted->session, project, &limits, id, mounted->error);
}

static const struct route two_projects[] = {{"GET projects", 200,
                                             "[{\"id\":\"" ONE "\",\"name\":\"One\"},{\"id\":\"" TWO
                                             "\",\"name\":\"Two\"},{\"id\":\"x\"}]",
                                             NULL, 0, MSTR_OK}};

static void an_id_is_taken_as_it_is_without_asking(void **state)
{
    struct mounted *mounted = mounted_new(NULL, 0);
    char *id = NULL;
    (void)state;

    mounted_done(mounted, find(mounted, "abcdefABCDEF00001111222233334444", &id));

    assert_string_equal(id, "abcdefABCDEF00001111222233334444");
    assert_int_equal(mounted->sent, 0);
    free(id);
    mounted_free(mounted);
}

static void names_are_asked_for_once_and_kept(void **state)
{
    struct mounted *mounted = mounted_open(two_projects, 1);
    static const char *const names[][2] = {{"Two", TWO}, {"One", ONE}, {"Two", TWO}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char *id = NULL;

        mounted_done(mounted, find(mounted, names[i][0], &id));

        assert_string_equal(id, names[i][1]);
        free(id);
    }
    assert_string_equal(mounted->log, "GET projects\n");
    assert_false(mounted_saw(mounted, "X-MSTR-ProjectID"));
    assert_int_equal(mounted->session->project_count, 2); /* what has no name is left out */
    mounted_free(mounted);
}

static void an_unknown_name_asks_again_and_is_not_found(void **state)
{
    struct mounted *mounted = mounted_open(two_projects, 1);
    char *id = NULL;
    (void)state;

    assert_int_equal(find(mounted, "two", &id), MSTR_E_NOT_FOUND);
    assert_int_equal(find(mounted, "two", &id), MSTR_E_NOT_FOUND);

    assert_null(id);
    assert_told(mounted, "there is no project \"two\" that this user may see");
    assert_string_equal(mounted->log, "GET projects\nGET projects\n");
    mounted_free(mounted);
}

static void a_name_of_two_projects_is_refused(void **state)
{
    static const struct route routes[] = {
        {"GET projects", 200, "[{\"id\":\"" ONE "\",\"name\":\"Same\"},{\"id\":\"" TWO "\",\"name\":\"Same\"}]", NULL,
         0, MSTR_OK}};
    struct mounted *mounted = mounted_open(routes, 1);
    char *id = NULL;
    (void)state;

    assert_int_equal(find(mounted, "Same", &id), MSTR_E_USAGE);

    assert_null(id);
    assert_told(mounted, "2 projects are named \"Same\"");
    mounted_free(mounted);
}

static void what_is_no_list_is_a_fault_of_the_server_and_no_content_an_empty_list(void **state)
{
    static const struct {
        struct route route;
        enum mstr_code code;
    } cases[] = {
        {{"GET projects", 204, NULL, NULL, 0, MSTR_OK}, MSTR_OK},
        {{"GET projects", 200, "[]", NULL, 0, MSTR_OK}, MSTR_OK},
        {{"GET projects", 200, "{\"projects\":[]}", NULL, 0, MSTR_OK}, MSTR_E_PROTOCOL},
        {{"GET projects", 200, "<html>", NULL, 0, MSTR_OK}, MSTR_E_PROTOCOL},
        {{"GET projects", 403, "{\"code\":\"ERR014\",\"message\":\"no\"}", NULL, 0, MSTR_OK}, MSTR_E_DENIED},
    };
    const struct limits limits = {clock_monotonic() + 5000, NULL};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mounted *mounted = mounted_open(&cases[i].route, 1);

        assert_int_equal(project_load(mounted->session, &limits, mounted->error), cases[i].code);

        assert_int_equal(mounted->session->project_count, 0);
        mounted_free(mounted);
    }
}

static void a_list_needs_an_open_session(void **state)
{
    struct mounted *mounted = mounted_new(two_projects, 1);
    char *id = NULL;
    (void)state;

    assert_int_equal(find(mounted, "One", &id), MSTR_E_SESSION);

    assert_int_equal(mounted->sent, 0);
    mounted_free(mounted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_id_is_taken_as_it_is_without_asking),
        cmocka_unit_test(names_are_asked_for_once_and_kept),
        cmocka_unit_test(an_unknown_name_asks_again_and_is_not_found),
        cmocka_unit_test(a_name_of_two_projects_is_refused),
        cmocka_unit_test(what_is_no_list_is_a_fault_of_the_server_and_no_content_an_empty_list),
        cmocka_unit_test(a_list_needs_an_open_session),
    };
    return RUN_TESTS("session/exchange/project");
}
