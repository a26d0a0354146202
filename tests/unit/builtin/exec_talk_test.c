/* SPDX-License-Identifier: Apache-2.0 */
/* providers/builtin/exec_talk.c */
#include "support/unit.h"

#include "base/condition.h"
#include "builtin/exec_talk.h"
#include "support/host.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define ANSWER(id) "{\"version\":1,\"id\":" #id ",\"results\":[]}\n"

/* A conversation whose program is the test itself, at the other ends. */
struct stage {
    struct exec_command command;
    struct talk *talk;
    struct exec_program program;
    int reads;  /* what the program reads */
    int writes; /* what it writes to */
};

static void set(struct stage *stage)
{
    static char *argv[] = {"program", NULL};
    struct call call;
    int in[2];
    int out[2];
    test_call_init(&call, 60000, NULL);
    *stage = (struct stage){.command = {.argv = argv, .timeout = 60000, .output_limit = 100}};
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, in), 0);
    assert_int_equal(pipe(out), 0);
    stage->reads = in[0];
    stage->writes = out[1];
    stage->talk = talk_new(&stage->command, 0);
    stage->program = (struct exec_program){.mutex = &stage->talk->mutex, .child = CHILD_NONE, .wake = -1};
    stage->program.child.input = in[1];
    stage->program.child.output = out[0];
    stage->talk->program = &stage->program;
    pthread_mutex_lock(&stage->talk->mutex);
}

static void strike(struct stage *stage)
{
    pthread_mutex_unlock(&stage->talk->mutex);
    exec_program_disown(&stage->program);
    close(stage->reads);
    if (stage->writes >= 0) {
        close(stage->writes);
    }
    process_release(&stage->program.result);
    talk_free(stage->talk);
}

static void ask_make(struct stage *stage, struct ask *ask, int64_t id, const struct buffer *line)
{
    *ask = (struct ask){.id = id, .line = line, .next = stage->talk->asks};
    assert_true(condition_init(&ask->woken));
    stage->talk->asks = ask;
}

static void ask_drop(struct ask *ask)
{
    json_release(ask->answer);
    pthread_cond_destroy(&ask->woken);
}

static void answer(const struct stage *stage, const char *text)
{
    assert_int_equal(write(stage->writes, text, strlen(text)), (ssize_t)strlen(text));
}

static void each_gets_its_own_answer(void **state)
{
    (void)state;
    struct stage stage;
    struct ask first;
    struct ask second;
    struct buffer line = BUFFER_INIT;
    char seen[16] = "";
    buffer_puts(&line, "line\n");
    set(&stage);
    ask_make(&stage, &first, 1, &line);
    ask_make(&stage, &second, 2, &line);
    talk_send(stage.talk, &first);
    talk_send(stage.talk, &second);
    assert_int_equal(read(stage.reads, seen, sizeof(seen) - 1), 10);
    assert_int_equal(stage.program.owed, 2);
    buffer_puts(&stage.program.result.errors, "about the value"); /* nobody is shown that any more */

    answer(&stage, ANSWER(2) "\n" ANSWER(1));
    talk_lead(stage.talk, &first, 60000);

    assert_true(first.done && second.done);
    assert_int_equal(json_object_get_int(json_member(first.answer, "id")), 1);
    assert_int_equal(json_object_get_int(json_member(second.answer, "id")), 2);
    assert_int_equal(stage.program.owed, 0);
    assert_int_equal(stage.program.result.errors.length, 0);
    ask_drop(&first);
    ask_drop(&second);
    buffer_release(&line);
    strike(&stage);
}

static void an_answer_that_nobody_waits_for_any_more_is_passed_over_once(void **state)
{
    (void)state;
    struct stage stage;
    set(&stage);
    stage.talk->late[stage.talk->late_count++] = 7;
    stage.program.owed = 1;

    answer(&stage, ANSWER(7));
    talk_lead(stage.talk, NULL, 60000);
    assert_int_equal(stage.talk->fault_code, MSTR_OK);
    assert_int_equal(stage.program.owed, 0);

    answer(&stage, ANSWER(7));
    talk_lead(stage.talk, NULL, 60000);
    assert_int_equal(stage.talk->fault_code, MSTR_E_PLUGIN);
    assert_true(stage.program.ending);
    strike(&stage);
}

/* A program that takes nothing holds up whoever comes next, not him whose line is on its way. */
static void a_line_that_is_not_taken_keeps_its_place(void **state)
{
    (void)state;
    struct stage stage;
    struct ask ask;
    struct buffer line = BUFFER_INIT;
    char *room = buffer_room(&line, 1 << 20);
    memset(room, 'x', 1 << 20);
    buffer_written(&line, 1 << 20);
    set(&stage);
    ask_make(&stage, &ask, 1, &line);
    assert_true(talk_may_ask(stage.talk));
    talk_send(stage.talk, &ask);
    assert_false(talk_may_ask(stage.talk));

    for (size_t taken = 0; taken < line.length;) {
        char piece[4096];
        ssize_t length = recv(stage.reads, piece, sizeof(piece), MSG_DONTWAIT);
        taken += length > 0 ? (size_t)length : 0;
        talk_lead(stage.talk, &ask, 0);
    }

    assert_true(talk_may_ask(stage.talk));
    assert_false(ask.done);
    ask_drop(&ask);
    buffer_release(&line);
    strike(&stage);
}

static void no_more_than_so_many_are_owed(void **state)
{
    (void)state;
    struct stage stage;
    set(&stage);
    stage.program.owed = TALK_OWED_MOST - 1;
    assert_true(talk_may_ask(stage.talk));
    stage.program.owed = TALK_OWED_MOST;
    assert_false(talk_may_ask(stage.talk));
    strike(&stage);
}

static void the_end_of_the_output_is_the_end_of_the_program(void **state)
{
    (void)state;
    struct stage stage;
    char octet = 0;
    set(&stage);
    close(stage.writes);
    stage.writes = -1;
    talk_lead(stage.talk, NULL, 60000);
    assert_true(stage.talk->heard);
    assert_true(stage.program.ending);
    assert_int_equal(stage.talk->fault_code, MSTR_OK);
    assert_int_equal(read(stage.reads, &octet, 1), 0);
    strike(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_gets_its_own_answer),
        cmocka_unit_test(an_answer_that_nobody_waits_for_any_more_is_passed_over_once),
        cmocka_unit_test(a_line_that_is_not_taken_keeps_its_place),
        cmocka_unit_test(no_more_than_so_many_are_owed),
        cmocka_unit_test(the_end_of_the_output_is_the_end_of_the_program),
    };
    return RUN_TESTS("builtin/exec_talk");
}
