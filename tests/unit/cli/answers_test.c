/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/answers.c: answers to prompts out of words and files; asking is integration/report's affair */
#include "cli/answers.h"

#include "unit/cli/harness.h"

#include <stdio.h>

static struct answers answers;
static mstr_table_request request;

static int add_all(void *data)
{
    const char *const *given = data;
    static char copies[8][400];
    struct tool tool = harness_tool(&command_report);
    int status = STATUS_DONE;
    answers = (struct answers){.items = NULL};
    request = (mstr_table_request)MSTR_TABLE_REQUEST_INIT;
    for (size_t i = 0; given[i] != NULL && status == STATUS_DONE; i++) {
        snprintf(copies[i], sizeof(copies[i]), "%s", given[i]);
        status = copies[i][0] == '!' ? answers_mode(&tool, &answers, copies[i] + 1)
                                     : answers_add(&tool, &answers, copies[i]);
    }
    answers_apply(&answers, &tool, NULL, &request);
    harness_tool_free(&tool);
    return status;
}

/* Answers as --prompt has them, and with "!" before it what --prompts says. */
#define add(...) harness_call(add_all, (void *)(uintptr_t)(const char *const[]){__VA_ARGS__, NULL})

static void answers_are_gathered_by_name(void **state)
{
    (void)state;
    assert_int_equal(add("Region=North", "Year=2025", "Region=South", "Kind", "a\\=b=c=d", "E=", "At=\\@x")->status,
                     STATUS_DONE);
    assert_int_equal(request.answer_count, 6);
    assert_string_equal(request.answers[0].prompt, "Region");
    assert_int_equal(request.answers[0].value_count, 2);
    assert_string_equal(request.answers[0].values[1], "South");
    assert_string_equal(request.answers[1].values[0], "2025");
    assert_int_equal(request.answers[2].value_count, 0);
    assert_string_equal(request.answers[3].prompt, "a=b");
    assert_string_equal(request.answers[3].values[0], "c=d");
    assert_string_equal(request.answers[4].values[0], "");
    assert_string_equal(request.answers[5].values[0], "@x");
    assert_null(request.ask);
    answers_release(&answers);
}

static void files_have_what_the_api_takes(void **state)
{
    (void)state;
    char word[320], mode[320];
    harness_write("answer", "{\"expression\":{}}", 17);
    harness_write("zero", "a\0b", 3);
    snprintf(word, sizeof(word), "Where=@%s", harness_path("answer"));
    snprintf(mode, sizeof(mode), "!%s", harness_path("answer"));
    assert_int_equal(add(word, mode)->status, STATUS_DONE);
    assert_string_equal(request.answers[0].json, "{\"expression\":{}}");
    assert_string_equal(request.answers_json, "{\"expression\":{}}");
    answers_release(&answers);
    snprintf(mode, sizeof(mode), "!%s", harness_path("zero"));
    assert_non_null(strstr(add(mode)->errors, "is no text"));
    answers_release(&answers);
    assert_int_equal(add("!default")->status, STATUS_DONE);
    assert_int_equal(request.flags, MSTR_TABLE_PROMPT_DEFAULTS);
    answers_release(&answers);
}

static void one_prompt_has_one_kind_of_answer(void **state)
{
    (void)state;
    char file[320];
    harness_write("answer", "1", 1);
    snprintf(file, sizeof(file), "K=@%s", harness_path("answer"));
    const char *const cases[][2] = {{"K", "K=1"},  {"K=1", "K"},  {"K", "K"},
                                    {"K=1", file}, {file, "K=1"}, {file, file}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct outcome *done = add(cases[i][0], cases[i][1]);
        assert_int_equal(done->status, STATUS_USAGE);
        assert_non_null(strstr(done->errors, "\"K\" is answered in two ways"));
        answers_release(&answers);
    }
    assert_int_equal(add("=1")->status, STATUS_USAGE);
    answers_release(&answers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(answers_are_gathered_by_name),
        CLI_TEST(files_have_what_the_api_takes),
        CLI_TEST(one_prompt_has_one_kind_of_answer),
    };
    return RUN_CLI_TESTS("cli/answers");
}
