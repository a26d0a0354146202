/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/lookup.c: ids by names, of one object or of none */
#include "cli/lookup.h"

#include "cli/context.h"
#include "cli/output.h"
#include "unit/cli/harness.h"
#include "unit/cli/server.h"

#define ONE "EE55FF6611E8B6CD00000080EF25E4B9"
#define TWO "FE55FF6611E8B6CD00000080EF25E4B9"

static const struct answer answers[] = {
    {"GET /api/searches/results?name=Sales&pattern=2&type=3&offset=0&limit=1000", "200 OK",
     "{\"result\":[{\"name\":\"Sales\",\"id\":\"" TWO "\",\"subtype\":768},{\"name\":\"Sales\",\"id\":\"" ONE
     "\",\"subtype\":776},{\"name\":\"Sales 2\",\"id\":\"" TWO "\",\"subtype\":776}]}"},
    {"GET /api/events", "200 OK",
     "{\"events\":[{\"name\":\"Twice\",\"id\":\"" ONE "\"},{\"name\":\"Twice\",\"id\":\"" TWO
     "\"},{\"name\":\"Odd\",\"id\":\"../x\"}]}"},
    {NULL, NULL, NULL},
};

struct question {
    const struct lookup *lookup;
    const char *name;
};

static int ask(void *data)
{
    static const struct command command = {.name = "refresh"};
    const mstr_session_options options = MSTR_SESSION_OPTIONS_INIT;
    const struct question *question = data;
    struct tool tool = harness_tool(&command);
    mstr_session *session = NULL;
    char id[LOOKUP_ID] = "";
    int status = tool_session(&tool, &options, &session) == MSTR_OK ? STATUS_DONE : tool_fail(&tool);
    status = status == STATUS_DONE ? lookup_id(&tool, session, question->lookup, NULL, question->name, id) : status;
    output_puts(output_data, status == STATUS_DONE ? id : "");
    tool_session_end(&tool, session);
    harness_tool_free(&tool);
    return status;
}

static void a_name_is_of_one_object_of_its_kind(void **state)
{
    static const struct {
        struct question question;
        int status;
        const char *told; /* the id, or a part of the message */
    } cases[] = {
        {{&lookup_cube, "Sales"}, STATUS_DONE, ONE},
        {{&lookup_cube, TWO}, STATUS_DONE, TWO},
        {{&lookup_event, "None"}, STATUS_NOT_FOUND, "there is no event \"None\""},
        {{&lookup_event, "Odd"}, STATUS_NOT_FOUND, "there is no event \"Odd\""},
        {{&lookup_event, "Twice"}, STATUS_USAGE, "several of the events are named \"Twice\""},
        {{&lookup_subscription, "None"}, STATUS_NOT_FOUND, ""},
    };
    struct server *server = server_start(answers, "");
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct outcome *done = harness_call(ask, (void *)(uintptr_t)&cases[i].question);
        assert_int_equal(done->status, cases[i].status);
        assert_non_null(strstr(done->status == STATUS_DONE ? done->output : done->errors, cases[i].told));
    }
    assert_int_equal(server_count(server, "GET /api/searches"), 1);
    server_stop(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {CLI_TEST(a_name_is_of_one_object_of_its_kind)};
    return RUN_CLI_TESTS("cli/lookup");
}
