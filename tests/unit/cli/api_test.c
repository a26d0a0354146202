/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/api.c: one request on a session, and where its answer goes */
#include "unit/cli/api.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static void the_answer_is_written_between_login_and_logout(void **state)
{
    (void)state;
    assert_outcome(run_command(command_api, "things"), STATUS_DONE, "[1]", "");
    assert_int_equal(server_count(server, "POST /api/auth/login "), 1);
    assert_int_equal(server_count(server, "POST /api/auth/logout "), 1);
    assert_sent("X-MSTR-AuthToken: token-1\r\n");
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        API_TEST(the_answer_is_written_between_login_and_logout),
        API_TEST(status_and_headers_come_first_where_asked),
        API_TEST(pages_become_one_array),
        API_TEST(without_authentication_there_is_no_login),
        API_TEST(an_answer_goes_to_a_file_when_it_is_whole),
        API_TEST(a_file_that_cannot_be_written_is_told),
        API_TEST(output_that_fails_ends_the_request_and_is_told_once),
        API_TEST(one_member_is_written_as_the_server_has_it),
        API_TEST(the_body_of_a_refusal_goes_where_it_is_wanted),
        API_TEST(a_saved_session_is_used_and_left_open),
        API_TEST(a_session_that_was_not_saved_is_told),
        API_TEST(a_refused_request_is_told_and_logged_out),
    };
    return RUN_CLI_TESTS("cli/api");
}
