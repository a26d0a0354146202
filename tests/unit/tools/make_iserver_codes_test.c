/* SPDX-License-Identifier: Apache-2.0 */
/* core/tools/make_iserver_codes.c: a list of codes becomes the source of a table */
#include "unit/cli/program.h"

static const struct outcome *generate(const char *list)
{
    char in[128], out[128];
    harness_write("codes.tsv", list, strlen(list));
    strcpy(in, harness_path("codes.tsv"));
    strcpy(out, harness_path("codes.c"));
    return run_program(in, out);
}

static void each_line_becomes_an_entry_and_a_name(void **state)
{
    (void)state;
    assert_outcome(generate("-2147483648\tE_LOWEST\n-3\tE_b2\n7\tE_C\n"), 0, "", "");
    assert_string_equal(harness_read("codes.c"),
                        "#include \"base/iserver_codes.h\"\n"
                        "\nconst struct iserver_code iserver_codes[] = {\n"
                        "    {-2147483647 - 1, 0},\n"
                        "    {-2 - 1, 9},\n"
                        "    {8 - 1, 14},\n"
                        "};\n"
                        "\nconst size_t iserver_code_count = sizeof(iserver_codes) / sizeof(iserver_codes[0]);\n"
                        "\nconst char iserver_names[] =\n"
                        "    \"E_LOWEST\\0\"\n"
                        "    \"E_b2\\0\"\n"
                        "    \"E_C\\0\"\n"
                        "    \"\";\n");
}

static void an_order_that_a_search_could_not_use_is_refused(void **state)
{
    (void)state;
    static const char *const lists[] = {"2\tE_A\n1\tE_B\n", "2\tE_A\n2\tE_B\n"};
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        const struct outcome *done = generate(lists[i]);
        assert_int_equal(done->status, 1);
        assert_non_null(strstr(done->errors, "make_iserver_codes: malformed or out of order: "));
        assert_non_null(strstr(done->errors, "\tE_B\n"));
    }
}

static void a_malformed_line_is_told(void **state)
{
    (void)state;
    static const char *const lists[] = {"x\tE_A\n", "1\n", "\n", "1\t-\n"};
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        const struct outcome *done = generate(lists[i]);
        assert_int_equal(done->status, 1);
        assert_non_null(strstr(done->errors, "make_iserver_codes: malformed or out of order: "));
    }
}

static void files_that_cannot_be_used_are_wrong_usage(void **state)
{
    (void)state;
    static const char usage[] = "usage: make_iserver_codes INPUT.tsv OUTPUT.c\n";
    assert_outcome(run_program(NULL), 1, "", usage);
    assert_outcome(run_program("/nonexistent/codes.tsv", "/dev/null"), 1, "", usage);
    assert_outcome(run_program("/dev/null", "/nonexistent/codes.c"), 1, "", usage);
}

static void a_source_that_cannot_be_written_is_a_failure(void **state)
{
    (void)state;
    assert_int_equal(run_program("/dev/null", "/dev/full")->status, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(each_line_becomes_an_entry_and_a_name),
        CLI_TEST(an_order_that_a_search_could_not_use_is_refused),
        CLI_TEST(a_malformed_line_is_told),
        CLI_TEST(files_that_cannot_be_used_are_wrong_usage),
        CLI_TEST(a_source_that_cannot_be_written_is_a_failure),
    };
    return RUN_CLI_TESTS("tools/make_iserver_codes");
}
