/* SPDX-License-Identifier: Apache-2.0 */
/* providers/builtin/exec_outcome.c */
#include "builtin/exec_outcome.h"

#include "support/unit.h"

#include <signal.h>

static void an_end_is_described_and_classed(void **state)
{
    (void)state;
    static const struct {
        struct process_result result;
        const char *text; /* NULL = it did not fail */
        enum mstr_code code;
    } cases[] = {
        {{.exit_status = 0}, NULL, MSTR_E_UNEXPECTED},
        {{.exit_status = 1}, "failed with exit status 1", MSTR_E_UNEXPECTED},
        {{.exit_status = 4}, "failed with exit status 4", MSTR_E_NOT_FOUND},
        {{.exit_status = 8}, "failed with exit status 8", MSTR_E_UNAVAILABLE},
        {{.exit_status = -1, .signal = SIGKILL}, "was ended by signal 9", MSTR_E_UNEXPECTED},
        {{.exit_status = -1}, "ended in a way that this program did not let be seen", MSTR_E_UNEXPECTED},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char text[EXEC_END_SIZE];
        const char *told = exec_describe_end(&cases[i].result, text);
        assert_int_equal(told != NULL, cases[i].text != NULL);
        assert_true(told == NULL || strcmp(told, cases[i].text) == 0);
        assert_int_equal(exec_class_of_end(&cases[i].result), cases[i].code);
    }
}

static void of_what_it_said_the_last_is_shown(void **state)
{
    (void)state;
    char said[2001];
    struct buffer text = BUFFER_INIT;
    memset(said, 'x', 2000);
    for (size_t i = 0; i < 2000; i += 8) {
        said[i] = ' ';
    }
    memcpy(said + 1996, "end", 4);
    exec_describe(&text, "p", "failed", said);
    assert_true(text.length < 600);
    assert_int_equal(strncmp(buffer_text(&text), "program p failed: ", 18), 0);
    assert_string_equal(buffer_text(&text) + text.length - 3, "end");
    buffer_release(&text);
    exec_describe(&text, "p", "failed", "");
    assert_string_equal(buffer_text(&text), "program p failed");
    buffer_release(&text);
}

static void assert_hidden(const char *text, const char *left, const struct buffer *result)
{
    if (strcmp(buffer_text(result), left) != 0) {
        fail_msg("of %s is left %s", text, buffer_text(result));
    }
}

static void lines_and_values_are_cut_out(void **state)
{
    (void)state;
    static const char answer[] =
        "[{\"value\":\"canary\"},{\"value_base64\":\"dHdv\"},{\"error\":{\"class\":\"denied\"}}]";
    struct buffer output = BUFFER_INIT;
    struct buffer text = BUFFER_INIT;
    struct json_object *results = NULL;
    buffer_puts(&output, "canary\ntwo");
    buffer_puts(&text, "a canary, two of two");
    exec_hide_lines(&output, &text);
    assert_hidden("lines", "a ******, *** of ***", &text);

    buffer_clear(&text);
    buffer_puts(&text, "a canary, two of two");
    assert_int_equal(json_read(answer, sizeof(answer) - 1, &results), MSTR_OK);
    exec_hide_values(results, 3, &text);
    assert_hidden("values", "a ******, *** of ***", &text);
    json_release(results);
    buffer_release(&output);
    buffer_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_end_is_described_and_classed),
        cmocka_unit_test(of_what_it_said_the_last_is_shown),
        cmocka_unit_test(lines_and_values_are_cut_out),
    };
    return RUN_TESTS("builtin/exec_outcome");
}
