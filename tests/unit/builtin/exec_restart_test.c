/* SPDX-License-Identifier: Apache-2.0 */
/* providers/builtin/exec_restart.c */
#include "support/serving_program.h"

#include "base/clock.h"

#include <stdatomic.h>

/* What a program that ends with answers to come is taken for, and what of its words is shown. */
static void an_end_without_an_answer_is_told_with_its_status(void **state)
{
    (void)state;
    static const struct {
        const char *script;
        enum mstr_code code;
        const char *told;
    } cases[] = {
        {"echo no settings >&2; exit 3", MSTR_E_CONFIG, "failed with exit status 3: no settings"},
        {"exit 6", MSTR_E_AUTHENTICATION, "failed with exit status 6"},
        {"exit 4", MSTR_E_UNAVAILABLE, "failed with exit status 4"},
        {"exit 1", MSTR_E_UNAVAILABLE, "failed with exit status 1"},
        {"exit 0", MSTR_E_UNAVAILABLE, "ended without an answer"},
        {"kill -9 $$", MSTR_E_UNAVAILABLE, "was ended by signal 9"},
        {"exec >&-; sleep 600", MSTR_E_UNAVAILABLE, "closed its output without an answer, and was killed"},
        {"echo password=x1 is bad >&2; exit 1", MSTR_E_UNAVAILABLE, ": password=(hidden) is bad"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct serving serving;
        serving_start(&serving, cases[i].script, "");
        assert_failure(serving.context, "x:a", cases[i].code, cases[i].told);
        serving_end(&serving);
    }
}

static void a_program_that_fails_at_once_says_why(void **state)
{
    (void)state;
    struct serving serving;
    serving_start(&serving, "", "");
    folder_write(&serving.folder, "program", "echo not today >&2; exit 8");
    assert_failure(serving.context, "x:a", MSTR_E_UNAVAILABLE, "not today");
    serving_end(&serving);
}

static void values_are_not_among_the_words_that_are_shown(void **state)
{
    (void)state;
    static const char *const scripts[] = {
        "if [ $body = fail ]; then echo so bad >&2; exit 1; fi; echo it is canary >&2; answer canary",
        "if [ $body = fail ]; then printf canary; echo canary >&2; exit 1; fi; answer 1",
    };
    for (size_t i = 0; i < COUNT_OF(scripts); i++) {
        struct serving serving;
        mstr_secret *secret = NULL;
        mstr_error *error = mstr_error_new();
        serving_start(&serving, scripts[i], "");
        assert_int_equal(mstr_context_get(serving.context, "x:a", NULL, &secret, NULL), MSTR_OK);
        mstr_secret_release(secret);

        assert_int_equal(mstr_context_get(serving.context, "x:fail", NULL, &secret, error), MSTR_E_UNAVAILABLE);

        assert_null(strstr(mstr_error_message(error), "canary"));
        assert_true((strstr(mstr_error_message(error), "so bad") != NULL) == (i == 0));
        mstr_error_free(error);
        serving_end(&serving);
    }
}

static void one_that_has_answered_and_ended_is_started_again_without_a_word(void **state)
{
    (void)state;
    static const char *const scripts[] = {
        "answer $$; exit 0",                          /* at any time before the next question */
        "answer $$; next; exit 0",                    /* with the next question */
        "answer $$; next; printf '{\"versi'; exit 1", /* within an answer */
    };
    for (size_t i = 0; i < COUNT_OF(scripts); i++) {
        struct serving serving;
        serving_start(&serving, scripts[i], "");
        long process = serving_number(&serving, "x:a");
        assert_int_not_equal(serving_number(&serving, "x:a"), process);
        serving_end(&serving);
    }
}

static void an_answer_that_the_program_left_behind_is_read(void **state)
{
    (void)state;
    struct serving serving;
    serving_start(&serving, "answer $body; exit 1", "");
    assert_text(serving.context, "x:last-words", "last-words");
    serving_end(&serving);
}

static void what_breaks_the_protocol_is_killed_and_never_quoted(void **state)
{
    (void)state;
    static const struct {
        const char *script;
        const char *told;
    } cases[] = {
        {"echo canary; sleep 600", "is not one JSON value, and was killed"},
        {"echo \"[\\\"canary\\\"]\"; sleep 600", "lacks \"version\": 1"},
        {"echo \"{\\\"version\\\":1,\\\"results\\\":[]}\"; sleep 600", "lacks the \"id\""},
        {"echo \"{\\\"version\\\":1,\\\"id\\\":\\\"$id\\\",\\\"results\\\":[]}\"; sleep 600", "lacks the \"id\""},
        {"answer_to 99 canary; sleep 600", "\"id\" of no question"},
        {"answer_to -1 canary; sleep 600", "\"id\" of no question"},
        {"head -c 3000 /dev/zero | tr \"\\0\" x; sleep 600", "is a line longer than \"output_limit\""},
        {"answer $(head -c 3000 /dev/zero | tr \"\\0\" x); sleep 600", "is a line longer than"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct serving serving;
        mstr_secret *secret = NULL;
        mstr_error *error = mstr_error_new();
        serving_start(&serving, cases[i].script, "output_limit = 2000");
        assert_int_equal(mstr_context_get(serving.context, "x:a", NULL, &secret, error), MSTR_E_PLUGIN);
        if (strstr(mstr_error_message(error), cases[i].told) == NULL) {
            fail_msg("%s does not tell %s", mstr_error_message(error), cases[i].told);
        }
        assert_null(strstr(mstr_error_message(error), "canary"));
        mstr_error_free(error);
        serving_end(&serving);
    }
}

static void a_second_answer_to_a_question_breaks_the_protocol(void **state)
{
    (void)state;
    struct serving serving;
    serving_start(&serving, "answer 1; first=$id; next; answer_to $first 1", "");
    assert_text(serving.context, "x:a", "1");
    assert_failure(serving.context, "x:a", MSTR_E_PLUGIN, "\"id\" of no question");
    assert_text(serving.context, "x:a", "1");
    serving_end(&serving);
}

static void an_answer_without_the_right_results_fails_alone(void **state)
{
    (void)state;
    struct serving serving;
    serving_start(&serving,
                  "case $body in\n"
                  "few) echo \"{\\\"version\\\":1,\\\"id\\\":$id,\\\"results\\\":[]}\";;\n"
                  "odd) echo \"{\\\"version\\\":1,\\\"id\\\":$id,\\\"results\\\":[{}]}\";;\n"
                  "*) echo; echo \" \"; answer $$;;\n"
                  "esac",
                  "");
    long process = serving_number(&serving, "x:a");
    assert_failure(serving.context, "x:few", MSTR_E_PLUGIN, "one result for each");
    assert_failure(serving.context, "x:odd", MSTR_E_PLUGIN, "not exactly one of");
    assert_int_equal(serving_number(&serving, "x:a"), process);
    serving_end(&serving);
}

/* Who asks while it hangs asks the next one. */
static void a_program_that_falls_silent_is_killed(void **state)
{
    (void)state;
    struct serving serving;
    serving_start(&serving, "[ $body != hang ] || sleep 600\nanswer $$", "timeout = 200ms");
    long process = serving_number(&serving, "x:a");
    assert_failure(serving.context, "x:hang", MSTR_E_TIMEOUT, "did not answer in time");
    serving_await_end(process);
    assert_true(serving_number(&serving, "x:a") > 0);
    serving_end(&serving);
}

static void a_flood_of_errors_keeps_no_answer_back(void **state)
{
    (void)state;
    struct serving serving;
    serving_start(&serving, "head -c 1000000 /dev/zero >&2; answer $body", "");
    assert_text(serving.context, "x:a", "a");
    assert_text(serving.context, "x:b", "b");
    serving_end(&serving);
}

static atomic_llong now = 3600000;

static int64_t stopped_clock(void)
{
    return atomic_load(&now);
}

/* How often the program was started. */
static long starts(const struct serving *serving)
{
    char path[256];
    FILE *file = fopen(folder_path(&serving->folder, "starts", path), "re");
    long count = 0;
    while (file != NULL && fgetc(file) != EOF) {
        count++;
    }
    if (file != NULL) {
        fclose(file);
    }
    return count;
}

static void one_that_ends_again_and_again_is_left_in_peace(void **state)
{
    (void)state;
    struct serving serving;
    mstr_error *error = mstr_error_new();
    mstr_secret *secret = NULL;
    static const struct clock_source source = {.monotonic = stopped_clock};
    clock_replace(&source);
    serving_start(&serving, "printf s >> $FOLDER/starts; [ $body = good ] || exit 7; answer 1", "");

    for (int i = 0; i < 2; i++) {
        assert_failure(serving.context, "x:a", MSTR_E_NETWORK, "failed with exit status 7");
    }
    assert_int_equal(mstr_context_get(serving.context, "x:good", NULL, &secret, error), MSTR_E_NETWORK);
    assert_non_null(strstr(mstr_error_message(error), "failed with exit status 7"));
    assert_non_null(strstr(mstr_error_hint(error), "started again in a while"));
    assert_int_equal(starts(&serving), 2);

    atomic_fetch_add(&now, 250);
    assert_failure(serving.context, "x:a", MSTR_E_NETWORK, "status 7");
    atomic_fetch_add(&now, 250);
    assert_failure(serving.context, "x:a", MSTR_E_NETWORK, "status 7");
    assert_int_equal(starts(&serving), 3);

    atomic_fetch_add(&now, 250);
    assert_text(serving.context, "x:good", "1");
    serving_end(&serving);
    clock_replace(NULL);
    mstr_error_free(error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_end_without_an_answer_is_told_with_its_status),
        cmocka_unit_test(a_program_that_fails_at_once_says_why),
        cmocka_unit_test(values_are_not_among_the_words_that_are_shown),
        cmocka_unit_test(one_that_has_answered_and_ended_is_started_again_without_a_word),
        cmocka_unit_test(an_answer_that_the_program_left_behind_is_read),
        cmocka_unit_test(what_breaks_the_protocol_is_killed_and_never_quoted),
        cmocka_unit_test(a_second_answer_to_a_question_breaks_the_protocol),
        cmocka_unit_test(an_answer_without_the_right_results_fails_alone),
        cmocka_unit_test(a_program_that_falls_silent_is_killed),
        cmocka_unit_test(a_flood_of_errors_keeps_no_answer_back),
        cmocka_unit_test(one_that_ends_again_and_again_is_left_in_peace),
    };
    return RUN_TESTS("builtin/exec_restart");
}
