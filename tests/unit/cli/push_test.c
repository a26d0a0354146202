/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/push.c: columns as they are shown, and rows as they are sent */
#include "unit/cli/harness.h"
#include "unit/cli/server.h"

#define ID "DA00000111E943E8B5FB0080EFD5AF44"
#define AT "/api/datasets/" ID "/uploadSessions"

static const struct answer answers[] = {
    {"POST " AT "/C1/publish", "200 OK", "{}"}, {"GET " AT "/C1/publishStatus", "200 OK", "{\"status\":\"1\"}"},
    {"PUT " AT "/C1", "200 OK", "{}"},          {"POST " AT, "200 OK", "{\"uploadSessionId\":\"C1\"}"},
    {"DELETE " AT "/C1", "200 OK", "{}"},       {NULL, NULL, NULL},
};

static const char *file(const char *text)
{
    harness_write("rows.csv", text, strlen(text));
    return harness_path("rows.csv");
}

static void rows_are_sent_and_published(void **state)
{
    struct server *server = server_start(answers, "");
    (void)state;
    assert_outcome(run_command(command_push, file("a@ID,b\nx,1\n"), "-d", ID, "--table", "T"), STATUS_DONE, "",
                   "a@ID\tstring\tattribute\ta@ID\nb\tinteger\tmetric\n1 rows are published\n");
    assert_int_equal(server_count(server, "DELETE " AT "/C1"), 1);
    assert_outcome(run_command(command_push, file("a\nx\n"), "-d", ID, "--table", "T", "--json"), STATUS_DONE,
                   "{\"rows\": 1}\n", "");
    server_stop(server);
}

static void what_cannot_be_served_is_told_before_anything_is_sent(void **state)
{
    static const struct {
        const char *words[4];
        const char *told;
    } cases[] = {
        {{"-d", ID}, "no file was named"},
        {{"FILE"}, "say with --dataset"},
        {{"FILE", "-d", ID, "--policy=x"}, "there are the policies"},
        {{"FILE", "-d", ID, "--types=a"}, "write a type as COLUMN=TYPE"},
        {{"FILE", "-d", ID, "--types=a=x"}, "there are the types"},
        {{"FILE", "-d", ID, "--types=z=date"}, "has no column \"z=date\""},
        {{"FILE", "-d", ID, "--metric=z"}, "has no column \"z\""},
        {{"FILE", "-d", ID, "--attribute=z@ID"}, "has no column \"z@ID\""},
    };
    struct server *server = server_start(answers, "");
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *words[4];
        for (size_t k = 0; k < 4; k++) {
            const char *word = cases[i].words[k];
            words[k] = word != NULL && strcmp(word, "FILE") == 0 ? file("a,b\nx,1\n") : word;
        }
        char types[64];
        if (words[3] != NULL) { /* a list of words is cut in place */
            words[3] = strcpy(types, words[3]);
        }
        const struct outcome *done = run_command(command_push, words[0], words[1], words[2], words[3]);
        assert_int_equal(done->status, STATUS_USAGE);
        assert_non_null(strstr(done->errors, cases[i].told));
    }
    assert_int_equal(server_count(server, "POST /api/auth/login"), 0);
    server_stop(server);
}

static void a_dry_run_tells_the_model_and_sends_nothing(void **state)
{
    (void)state;
    const struct outcome *done = run_command(command_push, file("a,b\nx,1\n"), "--dry-run", "--json", "--dataset",
                                             "New", "--attribute", "b@DESC");
    assert_int_equal(done->status, STATUS_DONE);
    assert_string_equal(done->output,
                        "{\"name\":\"New\",\"tables\":[{\"name\":\"New\",\"columnHeaders\":[{\"name\":\"a\","
                        "\"dataType\":\"STRING\"},{\"name\":\"b\",\"dataType\":\"INTEGER\"}]}],"
                        "\"attributes\":[{\"name\":\"a\",\"attributeForms\":[{\"category\":\"ID\",\"expressions\":"
                        "[{\"tableName\":\"New\",\"columnName\":\"a\"}]}]},{\"name\":\"b\",\"attributeForms\":"
                        "[{\"category\":\"DESC\",\"expressions\":[{\"tableName\":\"New\",\"columnName\":\"b\"}]}]}],"
                        "\"metrics\":[]}\n");
    assert_non_null(
        strstr(run_command(command_push, file("a\n1\n"), "--dry-run", "--json")->output, "\"metrics\":[{"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(rows_are_sent_and_published),
        CLI_TEST(what_cannot_be_served_is_told_before_anything_is_sent),
        CLI_TEST(a_dry_run_tells_the_model_and_sends_nothing),
    };
    return RUN_CLI_TESTS("cli/push");
}
