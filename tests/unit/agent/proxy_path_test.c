/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/proxy_path.c */
#include "agent/proxy_path.h"

#include "support/unit.h"

static void a_target_becomes_a_profile_and_a_path_below_the_apis_root(void **state)
{
    static const struct {
        const char *target;
        const char *profile;
        const char *path;
        const char *query;
    } cases[] = {
        {"/session/p/", "p", "", ""},
        {"/session/p/api", "p", "", ""},
        {"/session/p/api/", "p", "", ""},
        {"/session/p/projects", "p", "projects", ""},
        {"/session/p/api/projects?a=%2F&b=..//;", "p", "projects", "?a=%2F&b=..//;"},
        {"/session/p/api/api/x", "p", "api/x", ""},
        {"/session/p/apis", "p", "apis", ""},
        {"/session/a%20b/%61pi/%70rojects/", "a b", "projects/", ""},
        {"/session/p/v2/a:b,c@d%c3%a9", "p", "v2/a:b,c@d%C3%A9", ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct proxy_path path;
        bool memory = false;
        print_message("           %s\n", cases[i].target);
        assert_null(proxy_path_read(cases[i].target, &path, &memory));
        assert_true(memory);
        assert_string_equal(buffer_text(&path.profile), cases[i].profile);
        assert_string_equal(buffer_text(&path.path), cases[i].path);
        assert_string_equal(path.query, cases[i].query);
        proxy_path_release(&path);
    }
}

static void a_path_that_could_be_read_as_another_one_is_refused(void **state)
{
    static const char *const targets[] = {
        "/session/",
        "/session/p",
        "/session//projects",
        "/session/p//x",
        "/session/p/x//",
        "/session/p/./x",
        "/session/p/../q/x",
        "/session/p/%2e%2E/x",
        "/session/p/.%2e",
        "/session/%2e%2e/x",
        "/session/p/a;b",
        "/session/p/a%3bb",
        "/session/p/a%2fb",
        "/session/p/a%5Cb",
        "/session/p/a\\b",
        "/session/p/a%25b",
        "/session/p/%252e%252e/x",
        "/session/p/a%00",
        "/session/p/a%0d%0aX",
        "/session/p/a%7f",
        "/session/p/a%zz",
        "/session/p/a%2",
        "/session/api/x",
        "/session/APIs/x",
        "/session/%61pi/x",
        "/session/p%2Fq/x",
        "/session/p/http://other/x",
        "/session/p/x?a\\b",
        "/session/p/..;/x",
        "/session/p/%c0%ae%c0%ae/x",
        "/session/p/x%c0%afauth/login",
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(targets); i++) {
        struct proxy_path path;
        bool memory = false;
        print_message("           %s\n", targets[i]);
        assert_non_null(proxy_path_read(targets[i], &path, &memory));
        assert_true(memory);
        proxy_path_release(&path);
    }
}

static void what_is_below_auth_is_known_in_any_spelling(void **state)
{
    static const struct {
        const char *target;
        bool below;
        bool login;
    } cases[] = {
        {"/session/p/auth/login", true, true},      {"/session/p/api/AUTH/Login/", true, true},
        {"/session/p/%41uth/login", true, true},    {"/session/p/api/aut%68/%6cogin?x", true, true},
        {"/session/p/auth", true, false},           {"/session/p/auth/login/x", true, false},
        {"/session/p/authors/login", false, false}, {"/session/p/x/auth/login", false, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct proxy_path path;
        bool memory = false;
        print_message("           %s\n", cases[i].target);
        assert_null(proxy_path_read(cases[i].target, &path, &memory));
        assert_int_equal(proxy_path_is_below(&path, "auth"), cases[i].below);
        assert_int_equal(proxy_path_is(&path, "auth/login"), cases[i].login);
        proxy_path_release(&path);
    }
}

static void what_ends_with_the_session_is_known(void **state)
{
    static const struct {
        const char *target;
        bool instance;
    } cases[] = {{"/session/p/v2/reports/R/instances/I", true},
                 {"/session/p/api/dossiers/D/instances/I/status?x", true},
                 {"/session/p/v2/reports/R/instances", false},
                 {"/session/p/v2/reports/R/instances/", false},
                 {"/session/p/projects?x=/instances/I", false}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct proxy_path path;
        bool memory = false;
        assert_null(proxy_path_read(cases[i].target, &path, &memory));
        assert_int_equal(proxy_path_is_of_instance(&path), cases[i].instance);
        proxy_path_release(&path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_target_becomes_a_profile_and_a_path_below_the_apis_root),
        cmocka_unit_test(a_path_that_could_be_read_as_another_one_is_refused),
        cmocka_unit_test(what_is_below_auth_is_known_in_any_spelling),
        cmocka_unit_test(what_ends_with_the_session_is_known),
    };
    return RUN_TESTS("agent/proxy_path");
}
