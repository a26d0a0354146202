/* SPDX-License-Identifier: Apache-2.0 */
/* Listing the projects, and a project's id for the program. */
#include "support/mounted.h"

#define ONE "11111111111111111111111111111111"

struct seen {
    unsigned count;
    char text[256];
    char first[256];
};

static int keep(const mstr_project *project, void *data)
{
    struct seen *seen = data;
    snprintf(seen->text, sizeof(seen->text), "%s|%s|%s|%s|%d", project->id, project->name,
             project->alias != NULL ? project->alias : "-", project->description != NULL ? project->description : "-",
             (int)project->status);
    memcpy(seen->first, seen->count++ == 0 ? seen->text : seen->first, sizeof(seen->first));
    return 0;
}

static void each_project_that_has_an_id_is_told_with_what_is_known(void **state)
{
    static const struct route routes[] = {
        {"GET projects", 200,
         "[{\"id\":\"x\",\"name\":null},{\"name\":\"y\"},null,"
         "{\"id\":\"" ONE "\",\"name\":\"One\",\"alias\":\"o\",\"description\":\"d\",\"status\":-1}]",
         NULL, 0, MSTR_OK}};
    struct mounted *mounted = mounted_open(routes, 1);
    struct seen seen = {0};
    (void)state;

    mounted_done(mounted, mstr_session_projects(mounted->session, keep, &seen, mounted->error));

    assert_int_equal(seen.count, 2);
    assert_string_equal(seen.first, "x||-|-|0");
    assert_string_equal(seen.text, ONE "|One|o|d|-1");
    mounted_free(mounted);
}

static void a_name_is_never_cut(void **state)
{
    static const struct route routes[] = {
        {"GET projects", 200, "[{\"id\":\"" ONE "\",\"name\":\"One\\u0000Two\"}]", NULL, 0, MSTR_OK}};
    struct mounted *mounted = mounted_open(routes, 1);
    struct seen seen = {0};
    char id[33] = "";
    (void)state;

    mounted_done(mounted, mstr_session_projects(mounted->session, keep, &seen, mounted->error));

    assert_string_equal(seen.text, ONE "|One\xEF\xBF\xBDTwo|-|-|0");
    assert_int_equal(mstr_session_project_id(mounted->session, "One", id, mounted->error), MSTR_E_NOT_FOUND);
    mounted_free(mounted);
}

static void what_is_not_told_is_null(void **state)
{
    static const struct route routes[] = {
        {"GET projects", 200, "[{\"id\":\"" ONE "\",\"name\":\"One\"}]", NULL, 0, MSTR_OK}};
    struct mounted *mounted = mounted_open(routes, 1);
    struct seen seen = {0};
    (void)state;

    mounted_done(mounted, mstr_session_projects(mounted->session, keep, &seen, mounted->error));

    assert_string_equal(seen.text, ONE "|One|-|-|0");
    mounted_free(mounted);
}

static void loaded_projects_are_found_without_asking_again(void **state)
{
    static const struct route routes[] = {
        {"GET projects", 200, "[{\"id\":\"" ONE "\",\"name\":\"One\"}]", NULL, 0, MSTR_OK}};
    struct mounted *mounted = mounted_open(routes, 1);
    char id[33] = "";
    (void)state;

    mounted_done(mounted, mstr_session_load_projects(mounted->session, mounted->error));
    mounted_done(mounted, mstr_session_project_id(mounted->session, "One", id, mounted->error));

    assert_string_equal(id, ONE);
    assert_int_equal(mounted->sent, 1);
    mounted_free(mounted);
}

static void a_malformed_id_does_not_reach_the_program(void **state)
{
    static const struct route routes[] = {
        {"GET projects", 200, "[{\"id\":\"" ONE "1\",\"name\":\"One\"}]", NULL, 0, MSTR_OK}};
    struct mounted *mounted = mounted_open(routes, 1);
    char id[33] = "";
    (void)state;

    assert_int_equal(mstr_session_project_id(mounted->session, "One", id, mounted->error), MSTR_E_PROTOCOL);

    assert_told(mounted, "the server gave project \"One\" a malformed id");
    assert_string_equal(id, "");
    mounted_free(mounted);
}

static int keep_one(const mstr_project *project, void *data)
{
    keep(project, data);
    return 1;
}

static void a_program_that_has_heard_enough_is_told_no_more(void **state)
{
    static const struct route routes[] = {
        {"GET projects", 200, "[{\"id\":\"" ONE "\",\"name\":\"One\"},{\"id\":\"" ONE "\",\"name\":\"Two\"}]", NULL,
         0, MSTR_OK}};
    struct mounted *mounted = mounted_open(routes, 1);
    struct seen seen = {0};
    (void)state;

    assert_int_equal(mstr_session_projects(mounted->session, keep_one, &seen, mounted->error), MSTR_E_CANCELLED);

    assert_int_equal(seen.count, 1);
    assert_string_equal(seen.text, ONE "|One|-|-|0");
    mounted_free(mounted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_project_that_has_an_id_is_told_with_what_is_known),
        cmocka_unit_test(a_name_is_never_cut),
        cmocka_unit_test(what_is_not_told_is_null),
        cmocka_unit_test(loaded_projects_are_found_without_asking_again),
        cmocka_unit_test(a_malformed_id_does_not_reach_the_program),
        cmocka_unit_test(a_program_that_has_heard_enough_is_told_no_more),
    };
    return RUN_TESTS("session/api/projects");
}
