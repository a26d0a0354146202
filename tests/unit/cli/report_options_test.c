/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/report_options.c: the words of the command line as a request for a table */
#include "cli/report_options.h"

#include "unit/cli/harness.h"

#include <stdio.h>

static struct report_job job;

static int read_words(void *data)
{
    const char *const *given = data;
    static char copies[32][128];
    char *words[32];
    struct tool tool = harness_tool(&command_report);
    struct arguments arguments = {.words = words};
    for (; given[arguments.count] != NULL; arguments.count++) {
        snprintf(copies[arguments.count], sizeof(copies[0]), "%s", given[arguments.count]);
        words[arguments.count] = copies[arguments.count];
    }
    job = (struct report_job){.request = MSTR_TABLE_REQUEST_INIT};
    int status = report_options_read(&tool, &arguments, &job);
    harness_tool_free(&tool);
    return status;
}

#define read_options(...) harness_call(read_words, (void *)(uintptr_t)(const char *const[]){__VA_ARGS__, NULL})

static void each_option_has_its_place_in_the_request(void **state)
{
    (void)state;
    static const struct {
        const char *option;
        uint32_t flag;
    } flags[] = {
        {"--formatted", MSTR_TABLE_FORMATTED},
        {"--typed", MSTR_TABLE_TYPED},
        {"--totals", MSTR_TABLE_TOTALS},
        {"--ids", MSTR_TABLE_IDS},
        {"--describe", MSTR_TABLE_DESCRIBE},
        {"--cross=keep", MSTR_TABLE_CROSS_KEEP},
        {"--page-by=current", MSTR_TABLE_PAGE_CURRENT},
    };
    for (size_t i = 0; i < COUNT_OF(flags); i++) {
        assert_int_equal(read_options("Sales", flags[i].option)->status, STATUS_DONE);
        assert_int_equal(job.request.flags, flags[i].flag);
        report_options_release(&job);
    }
    assert_int_equal(read_options("Sales", "--attributes", "A\\,B,C", "--metrics", "M", "--attributes", "D",
                                  "--forms", "A\\,B@ID,DESC", "--filter", "C in x\\,y", "--page-by", "U=V",
                                  "--page-by", "U=W", "--limit", "7", "--project", "P", "--null", "n", "-o", "f",
                                  "--quiet", "--spool", "--session-file", "s")
                         ->status,
                     STATUS_DONE);
    assert_string_equal(job.request.object, "Sales");
    assert_int_equal(job.request.attribute_count, 3);
    assert_string_equal(job.request.attributes[0], "A,B");
    assert_string_equal(job.request.attributes[2], "D");
    assert_string_equal(job.request.metrics[0], "M");
    assert_string_equal(job.request.forms[0], "A\\,B@ID,DESC"); /* whose grammar is the library's */
    assert_string_equal(job.request.filters[0], "C in x\\,y");
    assert_int_equal(job.request.page_by_count, 2);
    assert_int_equal(job.request.limit, 7);
    assert_string_equal(job.request.project, "P");
    assert_string_equal(job.output.null, "n");
    assert_string_equal(job.target.file, "f");
    assert_true(job.target.spool && !job.output.shown);
    report_options_release(&job);
}

static void a_form_that_was_named_stands_over_json(void **state)
{
    (void)state;
    read_options("Sales", "--json");
    assert_int_equal(job.output.format, TABLE_JSON);
    report_options_release(&job);
    read_options("Sales", "--format", "jsonl", "--json");
    assert_int_equal(job.output.format, TABLE_JSONL);
    report_options_release(&job);
}

static void a_filter_may_be_a_file(void **state)
{
    (void)state;
    char word[300];
    harness_write("filter", "{}", 2);
    snprintf(word, sizeof(word), "@%s", harness_path("filter"));
    assert_int_equal(read_options("Sales", "--filter", word)->status, STATUS_DONE);
    assert_string_equal(job.request.view_filter, "{}");
    assert_int_equal(job.request.filter_count, 0);
    report_options_release(&job);
    assert_int_equal(read_options("Sales", "--filter", word, "--filter", word)->status, STATUS_USAGE);
    report_options_release(&job);
}

static void what_is_wrong_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *option, *told;
    } cases[] = {
        {"--limit=0", "\"0\" is no number of rows"},
        {"--limit=-1", "is no number of rows"},
        {"--limit=9x", "is no number of rows"},
        {"--limit=99999999999999999999", "is no number of rows"},
        {"--format=xml", "no format \"xml\"; there are csv, jsonl, json and arrow"},
        {"--cross=wide", "write --cross keep"},
        {"--filter=@/nonexistent", "/nonexistent: No such file"},
        {"other", "unexpected argument \"other\""},
        {"--nonsense", "unknown option --nonsense"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct outcome *done = read_options("Sales", cases[i].option);
        assert_int_equal(done->status, STATUS_USAGE);
        assert_non_null(strstr(done->errors, cases[i].told));
        report_options_release(&job);
    }
    assert_non_null(strstr(read_options("Sales", "--text")->errors, "--text goes with arrow"));
    report_options_release(&job);
    assert_non_null(strstr(read_options("Sales", "--formatted", "--format=arrow")->errors, "--formatted goes with"));
    report_options_release(&job);
    assert_non_null(strstr(read_options("--typed")->errors, "no report was named"));
    report_options_release(&job);
    assert_non_null(strstr(read_options("Sales", "--crlf", "--format", "json")->errors, "go with csv"));
    report_options_release(&job);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(each_option_has_its_place_in_the_request),
        CLI_TEST(a_form_that_was_named_stands_over_json),
        CLI_TEST(a_filter_may_be_a_file),
        CLI_TEST(what_is_wrong_is_told),
    };
    return RUN_CLI_TESTS("cli/report_options");
}
