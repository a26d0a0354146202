/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/pages.c: lists that the server gives in pages, as one JSON array */
#include "cli/pages.h"

#include "cli/context.h"
#include "unit/cli/harness.h"
#include "unit/cli/server.h"

#include <fcntl.h>
#include <unistd.h>

static const struct answer answers[] = {
    {"GET /api/empty?", "200 OK\r\nx-mstr-total-count: 0", "[]"},
    {"GET /api/whole?", "200 OK\r\nx-mstr-total-count: 2", "[{\"id\":\"a\"},{\"id\":\"b\"}]"},
    {"GET /api/long?limit=2&offset=0", "200 OK", "{\"totalItems\":3,\"result\":[1,2]}"},
    {"GET /api/long?limit=2&offset=2", "200 OK", "{\"totalItems\":3,\"result\":[3]}"},
    {"GET /api/broken?limit=1&offset=0", "200 OK\r\nx-mstr-total-count: 2", "[1]"},
    {NULL, NULL, NULL},
};

/* What to list, and the page's size, NULL = as it comes. */
struct list {
    const char *path;
    const char *limit;
};

static int print_list(void *data)
{
    const struct list *list = data;
    const struct mstr_header query[] = {{"limit", list->limit}};
    const mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
    mstr_session_request request = MSTR_SESSION_REQUEST_INIT;
    struct tool tool = harness_tool(&command_api);
    mstr_session *session = NULL;
    request.path = list->path;
    request.query = query;
    request.query_count = list->limit != NULL;
    int status =
        tool_session(&tool, &options, &session) == MSTR_OK && pages_print(session, &request, tool.error) == MSTR_OK
            ? STATUS_DONE
            : tool_fail(&tool);
    tool_session_end(&tool, session);
    harness_tool_free(&tool);
    return status;
}

static const struct outcome *list(const char *path, const char *limit)
{
    struct server *server = server_start(answers, "");
    const struct outcome *done = harness_call(print_list, &(struct list){path, limit});
    server_stop(server);
    return done;
}

static void pages_become_one_array(void **state)
{
    (void)state;
    assert_outcome(list("whole", NULL), STATUS_DONE, "[{\"id\":\"a\"},\n{\"id\":\"b\"}]\n", "");
    assert_outcome(list("long", "2"), STATUS_DONE, "[1,\n2,\n3]\n", "");
}

static void an_empty_list_is_an_array_too(void **state)
{
    (void)state;
    assert_outcome(list("empty", NULL), STATUS_DONE, "[]\n", "");
}

static void a_list_that_is_not_there_writes_nothing(void **state)
{
    (void)state;
    const struct outcome *done = list("none", NULL);
    assert_int_equal(done->status, STATUS_NOT_FOUND);
    assert_string_equal(done->output, "");
    assert_non_null(strstr(done->errors, "no such thing"));
}

static void a_list_that_breaks_off_does_not_look_whole(void **state)
{
    (void)state;
    const struct outcome *done = list("broken", "1");
    assert_int_equal(done->status, STATUS_NOT_FOUND);
    assert_string_equal(done->output, "[1");
}

static void a_page_has_at_least_one_item(void **state)
{
    (void)state;
    static const char *const sizes[] = {"0", "-1", "", "many"};
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        assert_outcome(list("whole", sizes[i]), STATUS_USAGE, "",
                       "mstr: with --paginate, limit is the size of a page, from 1 on\n");
    }
}

static int list_into_the_full(void *data)
{
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    dup2(full, STDOUT_FILENO);
    close(full);
    return print_list(data);
}

static void no_page_is_fetched_for_an_output_that_failed(void **state)
{
    (void)state;
    static char large[6000];
    memset(large, ' ', sizeof large - 1);
    memcpy(large, "[\"", 2);
    memcpy(large + sizeof large - 3, "\"]", 2); /* longer than what is kept back */
    const struct answer pages[] = {{"GET /api/large?limit=1&offset=0", "200 OK\r\nx-mstr-total-count: 3", large},
                                   {"GET /api/large?limit=1&offset=1", "200 OK\r\nx-mstr-total-count: 3", "[1]"},
                                   {NULL, NULL, NULL}};
    struct server *server = server_start(pages, "");
    harness_fork(list_into_the_full, &(struct list){"large", "1"});
    assert_int_equal(server_count(server, "GET /api/large?"), 1);
    server_stop(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(pages_become_one_array),
        CLI_TEST(no_page_is_fetched_for_an_output_that_failed),
        CLI_TEST(an_empty_list_is_an_array_too),
        CLI_TEST(a_list_that_is_not_there_writes_nothing),
        CLI_TEST(a_list_that_breaks_off_does_not_look_whole),
        CLI_TEST(a_page_has_at_least_one_item),
    };
    return RUN_CLI_TESTS("cli/pages");
}
