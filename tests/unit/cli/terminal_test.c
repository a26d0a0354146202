/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/terminal.c: asking whoever sits at the terminal, played by the test at the other end of a
 * pseudo-terminal */
#define _GNU_SOURCE /* posix_openpt() */
#include "cli/terminal.h"

#include "support/unit.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

enum { ROOM = 8 };

/* What a child that asked came to. */
struct asked {
    enum mstr_code code;
    char answer[ROOM];
};

/* A terminal with a child at it that asks for "code". */
struct desk {
    int person; /* the end where a person types and reads */
    int line;   /* the other one, open so that it lives on */
    int result; /* where the child tells struct asked */
    pid_t child;
    char screen[256];
    size_t shown;
};

static void ask(const char *terminal, const mstr_question *question, int result)
{
    struct asked asked = {.answer = "before"};
    setsid(); /* leaves the terminal of whoever runs the tests */
    if (terminal != NULL && open(terminal, O_RDWR) < 0) {
        _exit(1);
    }
    asked.code = terminal_ask(question, asked.answer, sizeof asked.answer, NULL);
    _exit(write(result, &asked, sizeof asked) == sizeof asked ? 0 : 1);
}

static void sit_down(struct desk *desk)
{
    *desk = (struct desk){.person = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)};
    assert_true(desk->person >= 0 && grantpt(desk->person) == 0 && unlockpt(desk->person) == 0);
    desk->line = open(ptsname(desk->person), O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(desk->line >= 0);
}

static void begin(struct desk *desk, const mstr_question *question)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    desk->child = fork();
    if (desk->child == 0) {
        ask(ptsname(desk->person), question, ends[1]);
    }
    close(ends[1]);
    desk->result = ends[0];
}

/* Reads what the terminal shows until it ends with `text`; a line of it ends with CR and LF. */
static void await(struct desk *desk, const char *text)
{
    size_t length = strlen(text);
    while (desk->shown < length || memcmp(desk->screen + desk->shown - length, text, length) != 0) {
        struct pollfd source = {.fd = desk->person, .events = POLLIN};
        assert_int_equal(poll(&source, 1, 10000), 1);
        ssize_t got = read(desk->person, desk->screen + desk->shown, sizeof desk->screen - 1 - desk->shown);
        assert_true(got > 0);
        desk->shown += (size_t)got;
    }
}

static void type(const struct desk *desk, const char *text)
{
    assert_int_equal(write(desk->person, text, strlen(text)), (ssize_t)strlen(text));
}

static struct asked end(struct desk *desk)
{
    struct asked asked;
    struct termios settings;
    assert_int_equal(read(desk->result, &asked, sizeof asked), (ssize_t)sizeof asked);
    assert_int_equal(waitpid(desk->child, NULL, 0), desk->child);
    assert_int_equal(tcgetattr(desk->line, &settings), 0);
    assert_true((settings.c_lflag & ECHO) != 0); /* as it was */
    close(desk->result);
    close(desk->line);
    close(desk->person);
    return asked;
}

static mstr_question question_for(int64_t timeout, int cancelled)
{
    return (mstr_question){.size = sizeof(mstr_question), .text = "code", .timeout = timeout, .cancelled = cancelled};
}

/* Asks at a desk, and types once the question is there. */
static struct asked ask_and_type(struct desk *desk, const char *keys)
{
    mstr_question question = question_for(30000, -1);
    begin(desk, &question);
    await(desk, "code: ");
    type(desk, keys);
    return end(desk);
}

static void what_is_typed_is_the_answer_or_the_reason_for_none(void **state)
{
    (void)state;
    static const struct {
        const char *keys;
        enum mstr_code code;
        const char *answer; /* NULL = none */
    } cases[] = {
        {"1234567\n", MSTR_OK, "1234567"},
        {"\n", MSTR_OK, ""},
        {"12345678\n", MSTR_E_USAGE, NULL}, /* without room for its NUL */
        {"\004", MSTR_E_CANCELLED, NULL},   /* the end of input */
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct desk desk;
        sit_down(&desk);
        struct asked asked = ask_and_type(&desk, cases[i].keys);
        assert_int_equal(asked.code, cases[i].code);
        if (cases[i].answer != NULL) {
            assert_string_equal(asked.answer, cases[i].answer);
        }
    }
}

static void what_is_typed_is_not_shown(void **state)
{
    (void)state;
    struct desk desk;
    mstr_question question = question_for(30000, -1);
    sit_down(&desk);
    begin(&desk, &question);
    await(&desk, "code: ");
    type(&desk, "123456\n");
    await(&desk, "\r\n");
    assert_string_equal(end(&desk).answer, "123456");
    assert_string_equal(desk.screen, "code: \r\n");
}

static void a_question_cannot_command_the_terminal(void **state)
{
    (void)state;
    struct desk desk;
    mstr_question question = question_for(30000, -1);
    question.text = "\x1b[2Jc\xc3\xb6"
                    "de\xe2\x80\xae\xff\n";
    sit_down(&desk);
    begin(&desk, &question);
    await(&desk, ": ");
    type(&desk, "1\n");
    await(&desk, "\r\n");
    assert_int_equal(end(&desk).code, MSTR_OK);
    assert_string_equal(desk.screen, "?[2Jc\xc3\xb6"
                                     "de???: \r\n");
}

static void what_was_typed_before_the_question_is_no_answer(void **state)
{
    (void)state;
    struct desk desk;
    sit_down(&desk);
    type(&desk, "early\n");
    await(&desk, "early\r\n");
    assert_string_equal(ask_and_type(&desk, "late\n").answer, "late");
}

static void nobody_answers_in_time(void **state)
{
    (void)state;
    struct desk desk;
    mstr_question question = question_for(20, -1);
    sit_down(&desk);
    begin(&desk, &question);
    assert_int_equal(end(&desk).code, MSTR_E_TIMEOUT);
}

static void a_cancellation_ends_the_question(void **state)
{
    (void)state;
    struct desk desk;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    mstr_question question = question_for(30000, ends[0]);
    sit_down(&desk);
    begin(&desk, &question);
    await(&desk, "code: ");
    assert_int_equal(write(ends[1], "x", 1), 1);
    assert_int_equal(end(&desk).code, MSTR_E_CANCELLED);
    close(ends[0]);
    close(ends[1]);
}

static void without_a_terminal_there_is_nobody_to_ask(void **state)
{
    (void)state;
    int ends[2];
    struct asked asked;
    mstr_question question = question_for(30000, -1);
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        ask(NULL, &question, ends[1]);
    }
    close(ends[1]);
    assert_int_equal(read(ends[0], &asked, sizeof asked), (ssize_t)sizeof asked);
    assert_int_equal(asked.code, MSTR_E_NOT_AVAILABLE);
    assert_int_equal(waitpid(child, NULL, 0), child);
    close(ends[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_typed_is_the_answer_or_the_reason_for_none),
        cmocka_unit_test(what_is_typed_is_not_shown),
        cmocka_unit_test(a_question_cannot_command_the_terminal),
        cmocka_unit_test(what_was_typed_before_the_question_is_no_answer),
        cmocka_unit_test(nobody_answers_in_time),
        cmocka_unit_test(a_cancellation_ends_the_question),
        cmocka_unit_test(without_a_terminal_there_is_nobody_to_ask),
    };
    return RUN_TESTS("cli/terminal");
}
