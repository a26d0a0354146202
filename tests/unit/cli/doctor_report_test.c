/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/doctor_report.c: what was found, in three forms, of which a bundle is for strangers */
#include "cli/doctor_report.h"

#include "unit/cli/harness.h"

#define NAME "vault-of-corp"

static int report_on_corp(void *data)
{
    struct doctor_report report = *(struct doctor_report *)data;
    mstr_error *error = mstr_error_new();
    mstr_error_set(error, MSTR_E_DENIED, "not for " NAME);
    const mstr_explain_step own = {
        .size = sizeof own, .outcome = MSTR_STEP_SKIPPED, .name = NAME, .detail = "by " NAME, .hint = "ask " NAME};
    doctor_begin(&report, "reference", "x:" NAME);
    doctor_step(&own, &report);
    doctor_tell(&report, "base_url", "https://" NAME "/\x1b[2J", NULL);
    doctor_tell(&report, "server", "11.3.0960", NULL);
    doctor_end(&report, MSTR_E_DENIED, error);
    doctor_finish(&report);
    mstr_error_free(error);
    return 0;
}

static const struct outcome *reported(enum doctor_form form)
{
    return harness_call(report_on_corp, &(struct doctor_report){.form = form, .ids = true});
}

static void text_is_for_a_terminal(void **state)
{
    (void)state;
    assert_outcome(reported(DOCTOR_TEXT), 0,
                   "x:" NAME "\n"
                   "  skipped  " NAME "                0 ms  by " NAME "\n"
                   "           hint: ask " NAME "\n"
                   "  info     base_url                     0 ms  https://" NAME "/\\u{1B}[2J\n"
                   "  info     server                       0 ms  11.3.0960\n",
                   "");
}

static void json_has_all(void **state)
{
    (void)state;
    const char *told = reported(DOCTOR_JSON)->output;
    assert_non_null(strstr(told, "{\"subject\": \"x:" NAME "\", \"steps\": ["));
    assert_non_null(strstr(told, "{\"step\": \"" NAME "\", \"outcome\": \"skipped\", \"detail\": \"by " NAME "\""));
    assert_null(strstr(told, "class"));
}

static void a_bundle_has_nothing_but_what_is_listed(void **state)
{
    (void)state;
    assert_outcome(reported(DOCTOR_BUNDLE), 0,
                   "[\n  {\"subject\": \"reference-1\", \"steps\": [\n"
                   "    {\"step\": \"step-1\", \"outcome\": \"skipped\", \"ms\": 0},\n"
                   "    {\"step\": \"base_url\", \"outcome\": \"info\", \"detail\": \"host-1\", \"ms\": 0},\n"
                   "    {\"step\": \"server\", \"outcome\": \"info\", \"detail\": \"11.3.0960\", \"ms\": 0}], "
                   "\"class\": \"denied\", \"request_id\": null}\n]\n",
                   "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(text_is_for_a_terminal),
        CLI_TEST(json_has_all),
        CLI_TEST(a_bundle_has_nothing_but_what_is_listed),
    };
    return RUN_CLI_TESTS("cli/doctor_report");
}
