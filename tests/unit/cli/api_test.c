/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/api.c: one request on a session, as options say it, and where its answer goes */
#include "unit/cli/harness.h"
#include "unit/cli/server.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY     "persistence_key = a long enough passphrase\n"
#define PROJECT "B7CA92F04B9FAE8D941C3E9B7E0CD754"

static const struct answer answers[] = {
    {"GET /api/things/none ", "404 Not Found",
     "{\"code\":\"ERR004\",\"message\":\"no \\u001b[2J\",\"x\":\"\x1b[2J\"}"},
    {"GET /api/things/all ", "200 OK", "{\"a\":[{\"name\":\"x\\ny\"},1.50]}"},
    {"GET /api/things ", "200 OK\r\nX-Kind: things", "[1]"},
    {"GET /api/things?", "200 OK\r\nx-mstr-total-count: 2", "[1,2]"},
    {"POST /api/things ", "201 Created", "{\"id\":\"a\"}"},
    {"PUT /api/things/a ", "200 OK", "{}"},
    {"DELETE /api/things/a ", "204 No Content", ""},
    {NULL, NULL, NULL},
};

static struct server *server;

static int start(void **state)
{
    harness_reset(state);
    server = server_start(answers, KEY);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    server_stop(server);
    return 0;
}

/* Asserts that the latest request had this line. */
static void assert_sent(const char *line)
{
    if (strstr(server_latest(server), line) == NULL) {
        fail_msg("\"%s\" is not in \"%s\"", line, server_latest(server));
    }
}

static void the_answer_is_written_between_login_and_logout(void **state)
{
    (void)state;
    assert_outcome(run_command(command_api, "things"), STATUS_DONE, "[1]", "");
    assert_int_equal(server_count(server, "POST /api/auth/login "), 1);
    assert_int_equal(server_count(server, "POST /api/auth/logout "), 1);
    assert_sent("X-MSTR-AuthToken: token-1\r\n");
}

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

static void one_member_is_written_as_the_server_has_it(void **state)
{
    (void)state;
    assert_outcome(run_command(command_api, "--pointer", "/a/0/name", "things/all"), STATUS_DONE, "x\ny\n", "");
    assert_outcome(run_command(command_api, "--pointer=/a", "things/all"), STATUS_DONE,
                   "[{\"name\":\"x\\ny\"},1.50]\n", "");
    assert_outcome(run_command(command_api, "--pointer", "/b", "things/all"), STATUS_NOT_FOUND, "",
                   "mstr: there is no \"/b\" in the answer\n");
    assert_int_equal(run_command(command_api, "--pointer", "/b", "-i", "things/all")->status, STATUS_USAGE);
}

static void the_body_of_a_refusal_goes_where_it_is_wanted(void **state)
{
#define BODY "{\"code\":\"ERR004\",\"message\":\"no \\u001b[2J\",\"x\":\"\x1b[2J\"}\n"
    static char plain[512];
    char both[1024];
    (void)state;
    strcpy(plain, run_command(command_api, "things/none")->errors);
    assert_non_null(strstr(plain, "mstr: GET things/none"));
    snprintf(both, sizeof both, BODY "%s", plain);
    assert_outcome(run_command(command_api, "--error-body", "none", "-i", "things/none"), STATUS_NOT_FOUND, "",
                   plain);
    assert_outcome(run_command(command_api, "--error-body", "stdout", "things/none"), STATUS_NOT_FOUND, BODY, plain);
    assert_outcome(run_command(command_api, "--error-body", "stderr", "things/none"), STATUS_NOT_FOUND, "", both);
    assert_outcome(run_command(command_api, "-i", "things/none"), STATUS_NOT_FOUND, "", both);
    assert_int_equal(run_command(command_api, "--error-body", "x", "things/none")->status, STATUS_USAGE);
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

static void status_and_headers_come_first_where_asked(void **state)
{
    (void)state;
    const struct outcome *done = run_command(command_api, "-i", "things");
    assert_int_equal(done->status, STATUS_DONE);
    assert_memory_equal(done->output, "HTTP 200\n", 9);
    assert_non_null(strstr(done->output, "X-Kind: things\n"));
    assert_non_null(strstr(done->output, "\n\n[1]"));
    done = run_command(command_api, "-i", "-X", "DELETE", "things/a");
    assert_memory_equal(done->output, "HTTP 204\n", 9);
}

static void pages_become_one_array(void **state)
{
    (void)state;
    assert_outcome(run_command(command_api, "--paginate", "things"), STATUS_DONE, "[1,\n2]\n", "");
}

static void without_authentication_there_is_no_login(void **state)
{
    (void)state;
    assert_outcome(run_command(command_api, "--no-auth", "things"), STATUS_DONE, "[1]", "");
    assert_int_equal(server_count(server, "POST "), 0);
    assert_null(strstr(server_latest(server), "X-MSTR-AuthToken"));
}

static void an_answer_goes_to_a_file_when_it_is_whole(void **state)
{
    (void)state;
    char path[300];
    snprintf(path, sizeof path, "%s", harness_path("answer"));
    assert_outcome(run_command(command_api, "-o", path, "things"), STATUS_DONE, "", "");
    assert_string_equal(harness_read("answer"), "[1]");
    assert_int_equal(run_command(command_api, "-o", path, "none")->status, STATUS_NOT_FOUND);
    assert_string_equal(harness_read("answer"), "[1]");
}

static void a_file_that_cannot_be_written_is_told(void **state)
{
    (void)state;
    assert_outcome(run_command(command_api, "-o", "/nonexistent/answer", "things"), STATUS_UNEXPECTED, "",
                   "mstr: /nonexistent/answer: No such file or directory\n");
    assert_int_equal(server_count(server, ""), 0);
    assert_outcome(run_command(command_api, "-o", "/dev/full", "things"), STATUS_UNEXPECTED, "",
                   "mstr: /dev/full: No space left on device\n");
}

static int run_into_the_full(void *data)
{
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    dup2(full, STDOUT_FILENO);
    close(full);
    return command_line_run(data);
}

/* An answer larger than the buffer, so that the failure is met while it arrives. */
static void output_that_fails_ends_the_request_and_is_told_once(void **state)
{
    (void)state;
    static char large[8192];
    memset(large, ' ', sizeof large - 1);
    const struct answer more[] = {{"GET /api/large ", "200 OK", large}, {NULL, NULL, NULL}};
    static const char *const words[] = {"large", NULL};
    struct server *other = server_start(more, "");
    const struct outcome *done = harness_call(run_into_the_full, &(struct command_line){&command_api, words});
    assert_int_equal(done->status, STATUS_UNEXPECTED);
    assert_string_equal(done->errors, ""); /* by main() */
    assert_int_equal(done->failure, ENOSPC);
    assert_int_equal(server_count(other, "POST /api/auth/logout "), 1);
    server_stop(other);
}

static void a_saved_session_is_used_and_left_open(void **state)
{
    (void)state;
    char path[300];
    struct stat before, after;
    snprintf(path, sizeof path, "%s", harness_path("saved"));
    assert_outcome(run_command(command_session, "login", "--session-file", path), STATUS_DONE, "", "");
    assert_int_equal(stat(path, &before), 0);
    assert_outcome(run_command(command_api, "--session-file", path, "things"), STATUS_DONE, "[1]", "");
    assert_sent("X-MSTR-AuthToken: token-1\r\n");
    assert_int_equal(server_count(server, "POST /api/auth/login "), 1);
    assert_int_equal(server_count(server, "POST /api/auth/logout "), 0);
    assert_int_equal(stat(path, &after), 0);
    assert_true(before.st_ino == after.st_ino); /* it did not change, so it was not saved anew */
}

static void a_session_that_was_not_saved_is_told(void **state)
{
    (void)state;
    const struct outcome *done = run_command(command_api, "--session", "things");
    assert_int_equal(done->status, STATUS_NOT_FOUND);
    assert_non_null(strstr(done->errors, "/.local/state/mstr/default.session; mstr session login makes one\n"));
    assert_int_equal(server_count(server, ""), 0);
}

static void a_refused_request_is_told_and_logged_out(void **state)
{
    (void)state;
    const struct outcome *done = run_command(command_api, "none");
    assert_int_equal(done->status, STATUS_NOT_FOUND);
    assert_string_equal(done->output, "");
    assert_non_null(strstr(done->errors, "no such thing"));
    assert_int_equal(server_count(server, "POST /api/auth/logout "), 1);
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_answer_is_written_between_login_and_logout),
        TEST(method_headers_query_and_project_go_out_as_given),
        TEST(a_body_makes_it_a_post_wherever_it_comes_from),
        TEST(a_body_that_cannot_be_read_is_told),
        TEST(a_pipe_is_sent_to_its_end_and_not_waited_for_without_end),
        TEST(status_and_headers_come_first_where_asked),
        TEST(pages_become_one_array),
        TEST(without_authentication_there_is_no_login),
        TEST(an_answer_goes_to_a_file_when_it_is_whole),
        TEST(a_file_that_cannot_be_written_is_told),
        TEST(output_that_fails_ends_the_request_and_is_told_once),
        TEST(a_name_in_the_path_is_one_segment_whatever_is_in_it),
        TEST(one_member_is_written_as_the_server_has_it),
        TEST(the_body_of_a_refusal_goes_where_it_is_wanted),
        TEST(a_saved_session_is_used_and_left_open),
        TEST(a_session_that_was_not_saved_is_told),
        TEST(a_refused_request_is_told_and_logged_out),
        TEST(wrong_usage_is_told_before_anything_is_sent),
    };
    return RUN_CLI_TESTS("cli/api");
}
