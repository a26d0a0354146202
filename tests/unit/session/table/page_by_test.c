/* SPDX-License-Identifier: Apache-2.0 */
/* The combinations of a page-by, window by window. */
#include "session/table/page_by.h"

#include "support/mounted.h"

#define WINDOW "GET v2/reports/AB/instances/A-1/pageBy/elements?"
/* A window of the combinations of a region and a year. */
#define ANSWER(total, items)                                                                                         \
    "{\"pageBy\":[{\"name\":\"Region\",\"id\":\"R\",\"elements\":[{\"formValues\":[\"1\",\"North\"],\"id\":\"h1;"    \
    "R\"},"                                                                                                          \
    "{\"formValues\":[\"2\",\"South\"],\"id\":\"h2;R\"}]},{\"name\":\"Year\",\"id\":\"Y\",\"elements\":["            \
    "{\"formValues\":[\"2025\"],\"id\":\"h25;Y\"},{\"formValues\":[\"2026\"],\"id\":\"h26;Y\"}]}],"                  \
    "\"validPageByElements\":{\"paging\":{\"total\":" total "},\"items\":" items "}}"

static struct mounted *mounted;
static struct report report;
static struct page_by page_by;

static void begin(const struct route *routes, size_t count, const char *const *choices, size_t choice_count)
{
    mounted = mounted_open(routes, count);
    report = (struct report){.session = mounted->session, .object = "AB", .id = "A-1", .limits = {INT64_MAX, NULL}};
    assert_int_equal(page_by_begin(&page_by, &report, choices, choice_count, mounted->error), MSTR_OK);
}

static void end(void)
{
    page_by_release(&page_by);
    mounted_free(mounted);
}

/* The combinations as "h1;R+h25;Y " each. */
static enum mstr_code walk(char *seen, size_t size)
{
    struct buffer body = BUFFER_INIT;
    bool more = true;
    enum mstr_code code = MSTR_OK;
    seen[0] = '\0';
    while ((code = page_by_next(&page_by, &body, &more, mounted->error)) == MSTR_OK && more) {
        char first[16] = "";
        char second[16] = "";
        assert_int_equal(sscanf(buffer_text(&body),
                                "{\"currentPageBy\":[{\"id\":\"%15[^\"]\"},{\"id\":\"%15[^\"]\"}]}", first, second),
                         2);
        snprintf(seen + strlen(seen), size - strlen(seen), "%s+%s ", first, second);
    }
    buffer_release(&body);
    return code;
}

static const struct route routes[] = {
    {WINDOW "offset=0", 200, ANSWER("3", "[[0,0],[0,1]]"), NULL, 0, MSTR_OK},
    {WINDOW "offset=2", 200, ANSWER("3", "[[1,1]]"), NULL, 0, MSTR_OK},
};

static void all_windows_are_walked(void **state)
{
    char seen[256];
    (void)state;
    begin(routes, 2, NULL, 0);
    assert_false(page_by_is_over(&page_by));
    mounted_done(mounted, walk(seen, sizeof(seen)));
    assert_string_equal(seen, "h1;R+h25;Y h1;R+h26;Y h2;R+h26;Y ");
    assert_true(page_by_is_over(&page_by));
    end();
}

static void choices_name_elements_by_form_forms_or_id(void **state)
{
    static const struct {
        const char *choices[2];
        size_t count;
        const char *seen;
    } cases[] = {
        {{"Region=North", NULL}, 1, "h1;R+h25;Y h1;R+h26;Y "},
        {{"R=2 South", NULL}, 1, "h2;R+h26;Y "},
        {{"Year=h26;Y", "Region=1"}, 2, "h1;R+h26;Y "},
        {{"Year=2025", "Year=2026"}, 2, "h1;R+h25;Y h1;R+h26;Y h2;R+h26;Y "},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char seen[256];
        begin(routes, 2, cases[i].choices, cases[i].count);
        mounted_done(mounted, walk(seen, sizeof(seen)));
        assert_string_equal(seen, cases[i].seen);
        end();
    }
}

static void a_choice_that_nothing_meets_is_told(void **state)
{
    static const char *const choices[] = {"Region=West"};
    char seen[256];
    (void)state;
    begin(routes, 2, choices, 1);
    assert_int_equal(walk(seen, sizeof(seen)), MSTR_E_USAGE);
    assert_told(mounted, "the page-by of AB has no \"Region=West\" with data");
    end();
}

static void windows_that_do_not_fit_together_are_refused(void **state)
{
    static const char *const answers[] = {ANSWER("3", "[]"), ANSWER("1", "[[0,2]]"), ANSWER("1", "[[0]]"),
                                          ANSWER("1", "[[0,-1]]"), "{}"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        const struct route bad[] = {{WINDOW, 200, answers[i], NULL, 0, MSTR_OK}};
        char seen[256];
        begin(bad, 1, NULL, 0);
        assert_int_equal(walk(seen, sizeof(seen)), MSTR_E_PROTOCOL);
        end();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_windows_are_walked),
        cmocka_unit_test(choices_name_elements_by_form_forms_or_id),
        cmocka_unit_test(a_choice_that_nothing_meets_is_told),
        cmocka_unit_test(windows_that_do_not_fit_together_are_refused),
    };
    return RUN_TESTS("session/table/page_by");
}
