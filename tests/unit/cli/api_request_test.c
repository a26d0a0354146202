/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/api_request.c: a request as options say it */
#include "unit/cli/api.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static void method_headers_query_and_project_go_out_as_given(void **state)
{
    (void)state;
    assert_outcome(run_command(command_api, "-X", "PUT", "-d", "{\"a\":1}", "-H", "X-One: 1", "-H", "X-Two:2",
                               "--project", PROJECT, "things/a"),
                   STATUS_DONE, "{}", "");
    assert_sent("PUT /api/things/a HTTP/1.1\r\n");
    assert_sent("X-One: 1\r\n");
    assert_sent("X-Two: 2\r\n");
    assert_sent("X-MSTR-ProjectID: " PROJECT "\r\n");
    assert_sent("\r\n\r\n{\"a\":1}");
    assert_outcome(run_command(command_api, "things", "-q", "a=1&2", "--query=b=c d"), STATUS_DONE, "[1,2]", "");
    assert_sent("GET /api/things?a=1%262&b=c%20d HTTP/1.1\r\n");
}

static void a_name_in_the_path_is_one_segment_whatever_is_in_it(void **state)
{
    (void)state;
    assert_int_equal(run_command(command_api, "things/{}/parts/{}", "--arg", "a b?", "--arg=c#")->status,
                     STATUS_NOT_FOUND);
    assert_sent("GET /api/things/a%20b%3F/parts/c%23 HTTP/1.1\r\n");
    const struct outcome *done = run_command(command_api, "things/{}", "--arg", "..");
    assert_int_equal(done->status, STATUS_USAGE);
    assert_int_equal(run_command(command_api, "things", "--arg", "x")->status, STATUS_USAGE);
}

static void a_body_makes_it_a_post_wherever_it_comes_from(void **state)
{
    (void)state;
    char file[300];
    snprintf(file, sizeof file, "@%s", harness_path("body"));
    harness_write("body", "{\"from\":1}", 10);
    const char *const sources[] = {"{\"from\":1}", file, "@-"};
    for (size_t i = 0; i < COUNT_OF(sources); i++) {
        harness_input("{\"from\":1}", 10);
        assert_outcome(run_command(command_api, "-d", "dropped", "-d", sources[i], "things"), STATUS_DONE,
                       "{\"id\":\"a\"}", "");
        assert_sent("POST /api/things HTTP/1.1\r\n");
        assert_sent("Content-Type: application/json\r\n");
        assert_sent("{\"from\":1}");
    }
}

static void a_body_that_cannot_be_read_is_told(void **state)
{
    (void)state;
    assert_outcome(run_command(command_api, "-d", "@/nonexistent/body", "things"), STATUS_UNEXPECTED, "",
                   "mstr: /nonexistent/body: No such file or directory\n");
    assert_int_equal(server_count(server, ""), 0);
}

static void *write_body(void *path)
{
    int writer = open(path, O_WRONLY | O_CLOEXEC); /* waits for the reader */
    bool written = write(writer, "{\"from\":", 8) == 8 && write(writer, "1}", 2) == 2;
    close(writer);
    return written ? path : NULL;
}

static void a_pipe_is_sent_to_its_end_and_not_waited_for_without_end(void **state)
{
    (void)state;
    char path[256];
    char data[300];
    pthread_t writer;
    snprintf(path, sizeof path, "%s", harness_path("pipe"));
    snprintf(data, sizeof data, "@%s", path);
    assert_int_equal(mkfifo(path, 0600), 0);
    pthread_create(&writer, NULL, write_body, path);
    assert_int_equal(run_command(command_api, "-d", data, "things")->status, STATUS_DONE);
    assert_non_null(strstr(server_latest(server), "{\"from\":"));
    pthread_join(writer, NULL);
    assert_int_equal(run_command(command_api, "-d", data, "--timeout", "500ms", "things")->status, 7);
    assert_int_equal(run_command(command_api, "-d", "@-", "--timeout", "1h", "things")->status, STATUS_DONE);
    unlink(path);
}

static void wrong_usage_is_told_before_anything_is_sent(void **state)
{
    (void)state;
    static const struct {
        const char *words[6];
        const char *message;
    } cases[] = {
        {{NULL}, "no path was given"},
        {{"a", "b"}, "unexpected argument \"b\""},
        {{"a", "-H", "X"}, "write a header as 'NAME: VALUE'"},
        {{"a", "-H", ": x"}, "write a header as 'NAME: VALUE'"},
        {{"a", "-q", "x"}, "write a query parameter as KEY=VALUE"},
        {{"a", "--paginate", "-d", "x"}, "--paginate goes with a plain GET"},
        {{"a", "--paginate", "-i"}, "--paginate goes with a plain GET"},
        {{"a", "--paginate", "-X", "GET"}, "--paginate goes with a plain GET"},
        {{"a", "--session", "--no-auth"}, "--session and --no-auth exclude each other"},
        {{"a", "--none"}, "unknown option --none"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char errors[200];
        snprintf(errors, sizeof errors, "mstr: %s\nhint: mstr help api tells its options\n", cases[i].message);
        assert_outcome(harness_call(command_line_run, &(struct command_line){&command_api, cases[i].words}),
                       STATUS_USAGE, "", errors);
    }
    assert_int_equal(server_count(server, ""), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        API_TEST(method_headers_query_and_project_go_out_as_given),
        API_TEST(a_body_makes_it_a_post_wherever_it_comes_from),
        API_TEST(a_body_that_cannot_be_read_is_told),
        API_TEST(a_pipe_is_sent_to_its_end_and_not_waited_for_without_end),
        API_TEST(a_name_in_the_path_is_one_segment_whatever_is_in_it),
        API_TEST(wrong_usage_is_told_before_anything_is_sent),
    };
    return RUN_CLI_TESTS("cli/api_request");
}
