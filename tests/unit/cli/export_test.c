/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/export.c: which form is wanted, and what a failure comes to */
#include "unit/cli/harness.h"
#include "unit/cli/server.h"

#define ID  "D000000111E943E8B5FB0080EFD5AF44"
#define AT  "/api/documents/" ID "/instances"
#define PDF "POST " AT "/A-1/pdf"

static const struct answer answers[] = {
    {PDF, "200 OK", "%PDF-1.7\n\033[31m"},
    {"POST " AT, "201 Created", "{\"mid\":\"A-1\",\"status\":1}"},
    {"DELETE " AT, "204 No Content", ""},
    {NULL, NULL, NULL},
};

static void the_form_is_said_or_that_of_the_file(void **state)
{
    struct server *server = server_start(answers, "");
    (void)state;
    assert_outcome(run_command(command_export, ID, "--format", "pdf"), STATUS_DONE, "%PDF-1.7\n\033[31m", "");
    assert_outcome(run_command(command_export, ID, "-o", harness_path("out.pdf")), STATUS_DONE, "", "");
    assert_string_equal(harness_read("out.pdf"), "%PDF-1.7\n\033[31m");
    assert_int_equal(server_count(server, "DELETE " AT "/A-1"), 2);
    server_stop(server);
}

static void what_cannot_be_served_is_told_before_anything_is_sent(void **state)
{
    static const struct {
        const char *words[4];
        const char *told;
    } cases[] = {
        {{NULL}, "no document or dashboard was named"},
        {{ID}, "say with --format"},
        {{ID, "-o", "out.doc"}, "say with --format"},
        {{ID, "--format", "doc"}, "there is no format \"doc\"; there are pdf, xlsx, csv and mstr"},
        {{ID, "more", "--format", "pdf"}, "unexpected argument \"more\""},
    };
    struct server *server = server_start(answers, "");
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *const *words = cases[i].words;
        const struct outcome *done = run_command(command_export, words[0], words[1], words[2], words[3]);
        assert_int_equal(done->status, STATUS_USAGE);
        assert_non_null(strstr(done->errors, cases[i].told));
    }
    assert_int_equal(server_count(server, "POST /api/auth/login"), 0);
    server_stop(server);
}

static void a_report_is_told_to_be_one(void **state)
{
    static const struct answer none[] = {
        {"GET /api/objects/" ID "?type=3", "200 OK", "{}"},
        {"GET /api/searches/results?name=Sales&pattern=2&type=55", "200 OK", "{\"result\":[]}"},
        {"GET /api/searches/results?name=Sales&pattern=2&type=3", "200 OK", "{\"result\":[{\"id\":\"1\"}]}"},
        {NULL, NULL, NULL}};
    struct server *server = server_start(none, "");
    (void)state;
    static const char *const names[] = {ID, "Sales"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const struct outcome *done = run_command(command_export, names[i], "--format", "pdf");
        assert_int_equal(done->status, STATUS_NOT_FOUND);
        assert_non_null(strstr(done->errors, "hint: it is a report"));
    }
    const struct outcome *done = run_command(command_export, "None", "--format", "pdf");
    assert_null(strstr(done->errors, "it is a report"));
    server_stop(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(the_form_is_said_or_that_of_the_file),
        CLI_TEST(what_cannot_be_served_is_told_before_anything_is_sent),
        CLI_TEST(a_report_is_told_to_be_one),
    };
    return RUN_CLI_TESTS("cli/export");
}
