/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/projects.c: id and name of each project that the user may see */
#include "unit/cli/harness.h"
#include "unit/cli/server.h"

static const struct outcome *list(const struct answer *answers, const char *option)
{
    struct server *server = server_start(answers, "");
    const struct outcome *done = run_command(command_projects, option);
    assert_int_equal(server_count(server, "POST /api/auth/login "), server_count(server, "POST /api/auth/logout "));
    server_stop(server);
    return done;
}

static const struct answer two[] = {
    {"GET /api/projects ", "200 OK",
     "[{\"id\":\"A1\",\"name\":\"Tutorial\",\"alias\":\"t\",\"description\":\"to \\\"learn\\\"\",\"status\":0},"
     "{\"id\":\"B2\",\"name\":\"Caf\xc3\xa9\",\"status\":-1}]"},
    {NULL, NULL, NULL},
};

static void each_project_is_a_line_of_id_and_name(void **state)
{
    (void)state;
    assert_outcome(list(two, NULL), STATUS_DONE, "A1\tTutorial\nB2\tCaf\xc3\xa9\n", "");
}

static void json_has_what_else_is_known(void **state)
{
    (void)state;
    assert_outcome(list(two, "--json"), STATUS_DONE,
                   "[\n  {\"id\": \"A1\", \"name\": \"Tutorial\", \"alias\": \"t\", \"description\": \"to "
                   "\\\"learn\\\"\", \"status\": 0},\n  {\"id\": \"B2\", \"name\": \"Caf\xc3\xa9\", \"alias\": null, "
                   "\"description\": null, \"status\": -1}\n]\n",
                   "");
}

static void a_name_can_neither_command_the_terminal_nor_pass_for_another_line(void **state)
{
    static const struct answer evil[] = {
        {"GET /api/projects ", "200 OK",
         "[{\"id\":\"A1\",\"name\":\"x\\u001b[2J\\nB2\\tFake\\u202e\"},{\"id\":\"C3\",\"name\":null}]"},
        {NULL, NULL, NULL}};
    (void)state;
    assert_outcome(list(evil, NULL), STATUS_DONE, "A1\tx\\u{1B}[2J\\u{A}B2\\u{9}Fake\\u{202E}\nC3\t\n", "");
    assert_non_null(strstr(list(evil, "--json")->output, "x\\u001b[2J\\u000aB2\\u0009Fake\\u202e"));
}

static void who_may_see_none_gets_an_empty_list(void **state)
{
    (void)state;
    static const struct answer none[] = {{"GET /api/projects ", "200 OK", "[]"}, {NULL, NULL, NULL}};
    assert_outcome(list(none, NULL), STATUS_DONE, "", "");
    assert_outcome(list(none, "--json"), STATUS_DONE, "[\n]\n", "");
}

static void a_refused_list_is_told(void **state)
{
    (void)state;
    static const struct answer refused[] = {
        {"GET /api/projects ", "403 Forbidden", "{\"code\":\"ERR014\",\"message\":\"not for you\"}"},
        {NULL, NULL, NULL}};
    static const char *const forms[] = {NULL, "--json"};
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        const struct outcome *done = list(refused, forms[i]);
        assert_int_equal(done->status, 5);
        assert_string_equal(done->output, ""); /* an empty list would be an answer */
        assert_non_null(strstr(done->errors, "not for you"));
    }
}

static void a_refused_login_is_told(void **state)
{
    (void)state;
    static const struct answer refused[] = {
        {"POST /api/auth/login ", "401 Unauthorized", "{\"code\":\"ERR003\",\"message\":\"who?\"}"},
        {NULL, NULL, NULL}};
    const struct outcome *done = run_command(command_projects, NULL);
    assert_int_equal(done->status, STATUS_CONFIG); /* nothing says where to log in */
    struct server *server = server_start(refused, "");
    done = run_command(command_projects, "--json");
    assert_int_equal(done->status, 6);
    assert_string_equal(done->output, "");
    assert_non_null(strstr(done->errors, "\"exit_status\": 6}\n"));
    server_stop(server);
}

static void an_operand_is_wrong_usage(void **state)
{
    (void)state;
    assert_outcome(run_command(command_projects, "Tutorial"), STATUS_USAGE, "",
                   "mstr: unexpected argument \"Tutorial\"\nhint: mstr help projects tells its options\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(each_project_is_a_line_of_id_and_name),
        CLI_TEST(a_name_can_neither_command_the_terminal_nor_pass_for_another_line),
        CLI_TEST(json_has_what_else_is_known),
        CLI_TEST(who_may_see_none_gets_an_empty_list),
        CLI_TEST(a_refused_list_is_told),
        CLI_TEST(a_refused_login_is_told),
        CLI_TEST(an_operand_is_wrong_usage),
    };
    return RUN_CLI_TESTS("cli/projects");
}
