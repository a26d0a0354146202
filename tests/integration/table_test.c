/* SPDX-License-Identifier: Apache-2.0 */
/* Reports and cubes of the simulator as tables, with each trait that a grid can have. */
#include "support/session.h"

#define TUTORIAL "MicroStrategy Tutorial"

static char seen[8192];

static void put(const char *before, const char *text)
{
    size_t at = strlen(seen);
    snprintf(seen + at, sizeof(seen) - at, "%s%s", before, text);
}

/* A cell: ~ for null, #digits for a number, =text for a total. */
static void put_cell(const mstr_table *table, size_t i, bool formatted)
{
    static const char *const marks[] = {"~", "", "#", "="};
    const char *text = formatted ? mstr_table_formatted(table, i, NULL) : mstr_table_text(table, i, NULL);
    put(i > 0 ? "|" : "", formatted ? "" : marks[mstr_table_cell_kind(table, i)]);
    put("", text != NULL ? text : "");
}

static void put_labels(const mstr_table *table)
{
    for (size_t i = 0; i < mstr_table_columns(table); i++) {
        put(i > 0 ? "|" : "", mstr_table_column(table, i)->label);
    }
    put("\n", "");
}

/* All of a table, its labels first, into `seen`. */
static enum mstr_code read_table(mstr_session *session, const mstr_table_request *request)
{
    mstr_table *table = NULL;
    int row = 0;
    seen[0] = '\0';
    mstr_error_clear(problem);
    enum mstr_code code = mstr_table_open(session, request, &table, problem);
    if (code == MSTR_OK) {
        put_labels(table);
    }
    while (code == MSTR_OK && (code = mstr_table_next(table, &row, problem)) == MSTR_OK && row) {
        for (size_t i = 0; i < mstr_table_columns(table); i++) {
            put_cell(table, i, (request->flags & MSTR_TABLE_FORMATTED) != 0);
        }
        put("\n", "");
    }
    mstr_table_free(table);
    return code;
}

static mstr_table_request table_of(const char *object)
{
    mstr_table_request request = MSTR_TABLE_REQUEST_INIT;
    request.object = object;
    request.project = TUTORIAL;
    return request;
}

static void each_trait_of_a_grid_becomes_rows(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t flags;
        const char *rows;
    } cases[] = {
        {"Customers with Forms", 0,
         "Region|Customer@ID|Customer@DESC|Customer@Since|Revenue|Cost|Note|Exact\n"
         "North|007|Ann \"A\" Abel|2020-02-29T00:00:00.000Z|#1200.5|#7|fine|#12345678901234567890.123456789\n"
         "North|008|Boß, Émile|2021-12-31T23:59:59.000Z|~|#0||~\n"
         "South|009|王小明 😀||#-0.5|#9007199254740993|line\nbreak, \"quote\"|#1e400\n"
         "Ost & West, „Mitte“|010|~|~|#0|~|~|#-0.10\n"},
        {"Customers with Forms", MSTR_TABLE_FORMATTED,
         "Region|Customer@ID|Customer@DESC|Customer@Since|Revenue|Cost|Note|Exact\n"
         "North|007|Ann \"A\" Abel|2020-02-29T00:00:00.000Z|$1200.5|$7|fine|12345678901234567890.123456789\n"
         "North|008|Boß, Émile|2021-12-31T23:59:59.000Z|--|$0||--\n"
         "South|009|王小明 😀||$-0.5|$9007199254740993|line\nbreak, \"quote\"|1e400\n"
         "Ost & West, „Mitte“|010|||$0|--|--|-0.10\n"},
        {"Equal Rows", 0, "Region|Cost\nNorth|#1\nNorth|#1\nNorth|#2\nSouth|#3\nNorth|#1\n"},
        {"Metrics on Rows", MSTR_TABLE_TYPED,
         "Region|Year|Revenue|Cost\nNorth|#2024|#1.5|#1\nNorth|#2025|#2.5|#2\nSouth|#2024|#3.5|#3\n"
         "South|#2024|#4.5|#4\n"},
        {"Metrics in the Middle", 0,
         "Region|Year|Revenue|Cost\nNorth|2024|#1.5|#1\nNorth|2025|#2.5|#2\nSouth|2024|#3.5|#3\nSouth|2025|#4.5|#"
         "4\n"},
        {"Cross-tab", 0,
         "Region|Year|Revenue|Cost\nNorth|2024|#1.5|#1\nNorth|2025|#2.5|#2\nNorth|2026|~|~\nSouth|2024|~|~\n"
         "South|2025|#4.5|#4\nSouth|2026|~|~\nOst & West, „Mitte“|2024|#5.5|#5\nOst & West, „Mitte“|2025|~|~\n"
         "Ost & West, „Mitte“|2026|#6.5|#6\n"},
        {"Cross-tab", MSTR_TABLE_CROSS_KEEP,
         "Region|2024 | Revenue|2024 | Cost|2025 | Revenue|2025 | Cost|2026 | Revenue|2026 | Cost\n"
         "North|#1.5|#1|#2.5|#2|~|~\nSouth|~|~|#4.5|#4|~|~\nOst & West, „Mitte“|#5.5|#5|~|~|#6.5|#6\n"},
        {"Cross-tab with Metrics First", MSTR_TABLE_CROSS_KEEP,
         "Region|Revenue | 2024|Revenue | 2025|Revenue | 2026|Cost | 2024|Cost | 2025|Cost | 2026\n"
         "North|#1.5|#2.5|~|#1|#2|~\nSouth|~|#4.5|~|~|#4|~\nOst & West, „Mitte“|#5.5|~|#6.5|#5|~|#6\n"},
        {"Cross-tab with Metrics on Rows", MSTR_TABLE_CROSS_KEEP,
         "Region|2024 | Revenue|2024 | Cost|2025 | Revenue|2025 | Cost|2026 | Revenue|2026 | Cost\n"
         "North|#1.5|#1|#2.5|#2|~|~\nSouth|~|~|#4.5|#4|~|~\nOst & West, „Mitte“|#5.5|#5|~|~|#6.5|#6\n"},
        {"With Totals", 0,
         "Region|Customer@ID|Customer@DESC|Customer@Since|Cost\n"
         "North|007|Ann \"A\" Abel|2020-02-29T00:00:00.000Z|#7\n"
         "South|008|Boß, Émile|2021-12-31T23:59:59.000Z|#8\n"},
        {"With Totals", MSTR_TABLE_TOTALS,
         "Region|Customer@ID|Customer@DESC|Customer@Since|Cost\n"
         "North|007|Ann \"A\" Abel|2020-02-29T00:00:00.000Z|#7\n"
         "South|008|Boß, Émile|2021-12-31T23:59:59.000Z|#8\n"
         "Total|=Total|=Total|=Total|#15.0\n"},
        {"Duplicate Names", 0, "Region|Region (2)|Region (3)\nNorth|#1.5|#2\n"},
        {"Duplicate Names", MSTR_TABLE_IDS,
         "Region|Region [4C05177011D3E877C000B3B2D86C964F]|Region "
         "[7FD5B69611D5AC76C000D98A4CC5F24F]\nNorth|#1.5|#2\n"},
        {"No Metrics", 0, "Region|Year\nNorth|2024\nSouth|2025\n"},
        {"No Rows", 0, "Region|Revenue\n"},
    };
    mstr_session *session = open_analyst(0);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        for (int64_t size = 0; size < 4; size++) { /* pages of 1000, then of so many rows */
            mstr_table_request request = table_of(cases[i].name);
            request.flags = cases[i].flags;
            request.page_size = size;

            assert_done(read_table(session, &request));

            assert_string_equal(seen, cases[i].rows);
        }
    }
    mstr_session_free(session);
}

/* The long forms of a cross-tab are the same wherever its metrics are. */
static void metrics_may_stand_anywhere(void **state)
{
    (void)state;
    static const char *const names[] = {"Cross-tab with Metrics First", "Cross-tab with Metrics on Rows"};
    char expected[sizeof(seen)];
    mstr_session *session = open_analyst(0);
    mstr_table_request request = table_of("Cross-tab");
    assert_done(read_table(session, &request));
    memcpy(expected, seen, sizeof(expected));
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        request.object = names[i];
        assert_done(read_table(session, &request));
        assert_string_equal(seen, expected);
    }
    mstr_session_free(session);
}

static unsigned lines(void)
{
    unsigned count = 0;
    for (const char *at = seen; (at = strchr(at, '\n')) != NULL; at++) {
        count++;
    }
    return count;
}

static void all_pages_of_a_page_by_come_with_their_elements(void **state)
{
    (void)state;
    static const char *const choices[] = {"Year=2025", "Quarter=Q4"};
    static const char *const unknown[] = {"Year=1999"};
    static const char *const no_unit[] = {"Decade=1990"};
    mstr_session *session = open_analyst(0);
    mstr_table_request request = table_of("Paged by Year and Quarter");

    simulator_admin(sim, "PUT", "/knobs/mstr", "{\"page_by_window\":3,\"turn_renames\":true}");
    assert_done(read_table(session, &request));
    assert_int_equal(lines(), 1 + 10 * 3);
    assert_non_null(strstr(seen, "Year|Quarter|Region|Revenue\n2024|Q1|North|#0.25\n2024|Q1|South|#1.25\n"));
    assert_non_null(strstr(seen, "2026|Q2|Ost & West, „Mitte“|#212.25\n"));

    request.page_by = choices;
    request.page_by_count = 2;
    assert_done(read_table(session, &request));
    assert_string_equal(seen, "Year|Quarter|Region|Revenue\n2025|Q4|North|#130.25\n2025|Q4|South|#131.25\n"
                              "2025|Q4|Ost & West, „Mitte“|#132.25\n");

    request.page_by = unknown;
    request.page_by_count = 1;
    assert_int_equal(read_table(session, &request), MSTR_E_USAGE);
    assert_non_null(strstr(mstr_error_message(problem), "has no \"Year=1999\" with data"));

    request.page_by = no_unit;
    assert_int_equal(read_table(session, &request), MSTR_E_USAGE);
    assert_non_null(strstr(mstr_error_message(problem), "does not page by \"Decade\""));

    request.page_by_count = 0;
    request.flags = MSTR_TABLE_PAGE_CURRENT;
    assert_done(read_table(session, &request));
    assert_int_equal(lines(), 1 + 3);
    mstr_session_free(session);
}

static void objects_forms_and_filters_narrow_the_table(void **state)
{
    (void)state;
    static const char *const customer[] = {"Customer"};
    static const char *const cost[] = {"Cost"};
    static const char *const forms[] = {"Customer@DESC"};
    static const char *const filters[] = {"Region in North,South", "Cost > 5", "Customer@DESC like *Abel"};
    static const struct {
        const char *filter;
        const char *rows; /* ids of customers */
    } cases[] = {
        {"Region = North", "007 008 "},
        {"Region != North", "009 010 "},
        {"Region not in North,South", "010 "},
        {"Region in Ost & West\\, „Mitte“", "010 "},
        {"\"Cost\" <= 7", "007 008 "},
        {"Cost between 1 and 10", "007 "},
        {"Customer@ID >= 009", "009 010 "},
        {"Customer@DESC is null", "010 "},
        {"Customer@DESC is not null", "007 008 009 "},
        {"Customer@DESC like Ann*", "007 "},
        {"Customer@DESC not like *A*", "008 009 "},
    };
    mstr_session *session = open_analyst(0);
    mstr_table_request request = table_of("Customers with Forms");
    request.attributes = customer;
    request.attribute_count = 1;
    request.metrics = cost;
    request.metric_count = 1;
    request.forms = forms;
    request.form_count = 1;
    request.filters = filters;
    request.filter_count = COUNT_OF(filters);
    assert_done(read_table(session, &request));
    assert_string_equal(seen, "Customer|Cost\nAnn \"A\" Abel|#7\n");

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *const all[] = {"Customer@ID"};
        mstr_table_request filtered = table_of("Customers with Forms");
        char expected[256] = "Customer\n";
        filtered.attributes = customer;
        filtered.attribute_count = 1;
        filtered.forms = all;
        filtered.form_count = 1;
        filtered.filters = &cases[i].filter;
        filtered.filter_count = 1;
        for (const char *at = cases[i].rows; *at != '\0'; at += 4) {
            snprintf(expected + strlen(expected), sizeof(expected) - strlen(expected), "%.3s\n", at);
        }
        assert_done(read_table(session, &filtered));
        assert_string_equal(seen, expected);
    }
    mstr_session_free(session);
}

static void what_the_report_does_not_have_is_told_before_it_runs(void **state)
{
    (void)state;
    static const struct {
        const char *attribute, *metric, *form, *filter, *view, *told;
    } cases[] = {
        {"Regoin", NULL, NULL, NULL, NULL, "has no attribute \"Regoin\""},
        {NULL, "Profit", NULL, NULL, NULL, "has no metric \"Profit\""},
        {"Customer", NULL, "Customer@EMAIL", NULL, NULL, "the attribute \"Customer\" has no form \"EMAIL\""},
        {"Customer", NULL, "Customer", NULL, NULL, "names no forms"},
        {NULL, NULL, NULL, "Land = 1", NULL, "has no attribute or metric \"Land\""},
        {NULL, NULL, NULL, "Region", NULL, "is no condition"},
        {NULL, NULL, NULL, "Cost > much", NULL, "compares a number with \"much\""},
        {NULL, NULL, NULL, "Cost between 1", NULL, "lacks \"and\""},
        {NULL, NULL, NULL, NULL, "{\"operator\":\"Not\",\"operands\":[{\"type\":\"metric\",\"id\":\"AB\"}]}",
         "has no metric \"AB\""},
        {NULL, NULL, NULL, NULL, "[]", "no JSON object"},
    };
    mstr_session *session = open_analyst(0);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        mstr_table_request request = table_of("Customers with Forms");
        request.attributes = &cases[i].attribute;
        request.attribute_count = cases[i].attribute != NULL;
        request.metrics = &cases[i].metric;
        request.metric_count = cases[i].metric != NULL;
        request.forms = &cases[i].form;
        request.form_count = cases[i].form != NULL;
        request.filters = &cases[i].filter;
        request.filter_count = cases[i].filter != NULL;
        request.view_filter = cases[i].view;

        assert_int_equal(read_table(session, &request), MSTR_E_USAGE);

        if (strstr(mstr_error_message(problem), cases[i].told) == NULL) {
            fail_msg("\"%s\" does not tell \"%s\"", mstr_error_message(problem), cases[i].told);
        }
    }
    mstr_session_free(session);
}

static void names_are_looked_for_and_must_be_of_one_object(void **state)
{
    (void)state;
    mstr_session *session = open_analyst(0);
    mstr_table_request request = table_of("Twice");

    assert_int_equal(read_table(session, &request), MSTR_E_USAGE);
    assert_non_null(strstr(mstr_error_message(problem), "2 of the reports are named \"Twice\": A0000"));

    request.object = "Nowhere";
    assert_int_equal(read_table(session, &request), MSTR_E_NOT_FOUND);

    request.object = "Sales Cube";
    assert_int_equal(read_table(session, &request), MSTR_E_NOT_FOUND);
    request.kind = MSTR_EXECUTION_CUBE;
    assert_done(read_table(session, &request));
    assert_int_equal(lines(), 41);
    mstr_session_free(session);
}

/* Answers the nested prompts as somebody at a terminal would. */
static int ask(const mstr_prompt *prompt, mstr_prompt_answer *answer, void *data)
{
    static const char *const year[] = {"2024"};
    static const char *const kind[] = {"full"};
    static const char *const regions[] = {"South"};
    (void)data;
    answer->values = strcmp(prompt->name, "Year") == 0 ? year : strcmp(prompt->name, "Kind") == 0 ? kind : regions;
    answer->value_count = 1;
    return 0;
}

static void prompts_are_answered_round_after_round(void **state)
{
    (void)state;
    static const char *const year[] = {"2024"};
    static const char *const wrong_year[] = {"1066"};
    static const char *const regions[] = {"North", "South"};
    mstr_prompt_answer answers[] = {MSTR_PROMPT_ANSWER_INIT, MSTR_PROMPT_ANSWER_INIT, MSTR_PROMPT_ANSWER_INIT};
    mstr_session *session = open_analyst(0);
    mstr_table_request request = table_of("Nested Prompts");

    assert_int_equal(read_table(session, &request), MSTR_E_USAGE);
    assert_non_null(strstr(mstr_error_message(problem),
                           "\"Year\" (VALUE NUMERIC, at least 1990, at most 2030, required), "
                           "\"Kind\" (VALUE TEXT, required)"));

    answers[0].prompt = "9E5D2B3A11D3E877C000B3B2D86C964F@0@10";
    answers[0].values = year;
    answers[0].value_count = 1;
    answers[1].prompt = "Kind";
    answers[1].flags = MSTR_ANSWER_DEFAULT;
    answers[2].prompt = "Regions";
    answers[2].values = regions;
    answers[2].value_count = 2;
    request.answers = answers;
    request.answer_count = 3;
    assert_done(read_table(session, &request));
    assert_string_equal(seen, "Region|Cost\nNorth|#1\nSouth|#2\n");

    answers[2].value_count = 0; /* closed */
    assert_done(read_table(session, &request));
    assert_int_equal(lines(), 4);

    answers[2].prompt = "Colours";
    assert_int_equal(read_table(session, &request), MSTR_E_USAGE);
    assert_non_null(strstr(mstr_error_message(problem), "\"Regions\" (ELEMENTS)"));

    answers[0].values = wrong_year;
    request.answer_count = 2;
    assert_int_equal(read_table(session, &request), MSTR_E_REQUEST);
    assert_non_null(strstr(mstr_error_message(problem), "Year"));

    request.answer_count = 0;
    request.flags = MSTR_TABLE_PROMPT_DEFAULTS;
    assert_done(read_table(session, &request));
    assert_int_equal(lines(), 4);

    request.flags = 0;
    request.ask = ask;
    assert_done(read_table(session, &request));
    assert_string_equal(seen, "Region|Cost\nSouth|#2\n");

    request.ask = NULL;
    request.answers_json =
        "{\"prompts\":[{\"name\":\"Year\",\"answers\":2020},{\"name\":\"Kind\",\"useDefault\":true},"
        "{\"name\":\"Regions\",\"answers\":[{\"id\":\"h1;7B5D2B3A11D3E877C000B3B2D86C964F\"}]}]}";
    assert_done(read_table(session, &request));
    assert_string_equal(seen, "Region|Cost\nNorth|#1\n");
    mstr_session_free(session);
}

static void a_description_runs_nothing(void **state)
{
    (void)state;
    mstr_session *session = open_analyst(0);
    mstr_table *table = NULL;
    int row = 1;
    mstr_table_request request = table_of("Nested Prompts");
    request.flags = MSTR_TABLE_DESCRIBE;

    assert_done(mstr_table_open(session, &request, &table, problem));

    assert_int_equal(mstr_table_columns(table), 2);
    assert_string_equal(mstr_table_column(table, 0)->data_type, "nVarChar");
    assert_int_equal(mstr_table_column(table, 1)->kind, MSTR_COLUMN_METRIC);
    assert_string_equal(mstr_table_prompt(table, 0)->title, "Which year?");
    assert_string_equal(mstr_table_prompt(table, 1)->name, "Kind");
    assert_null(mstr_table_prompt(table, 2));
    assert_done(mstr_table_next(table, &row, problem));
    assert_int_equal(row, 0);
    mstr_table_free(table);
    assert_int_equal(simulator_requests(sim, "mstr", "*/instances*"), 0);
    mstr_session_free(session);
}

static void rows_that_change_while_they_are_read_are_no_table(void **state)
{
    (void)state;
    mstr_session *session = open_analyst(0);
    mstr_table_request request = table_of("Growing");
    request.page_size = 4;

    assert_int_equal(read_table(session, &request), MSTR_E_PROTOCOL);

    assert_non_null(strstr(mstr_error_message(problem), "had 6 rows on the first page, and 7 on a later one"));
    mstr_session_free(session);
}

static void a_limit_ends_the_reading(void **state)
{
    (void)state;
    mstr_session *session = open_analyst(0);
    mstr_table_request request = table_of("All Orders");
    request.limit = 7;

    assert_done(read_table(session, &request));

    assert_int_equal(lines(), 8);
    mstr_session_free(session);
}

static void an_instance_lost_between_two_pages_ends_the_table_for_good(void **state)
{
    (void)state;
    mstr_session *session = open_analyst(0);
    mstr_table_request request = table_of("All Orders");
    mstr_table *table = NULL;
    int row = 1;
    long long rows = 0;
    enum mstr_code code = MSTR_OK;
    request.page_size = 100;
    assert_done(mstr_table_open(session, &request, &table, problem));
    simulator_admin(sim, "POST", "/sessions/expire", "{}");

    while (code == MSTR_OK && row && (code = mstr_table_next(table, &row, problem)) == MSTR_OK && row) {
        rows++;
    }

    assert_int_equal(code, MSTR_E_NOT_FOUND);
    assert_true(rows == 100 || rows == 200); /* the page at hand, and the one that was under way */
    assert_int_equal(mstr_table_next(table, &row, problem), MSTR_E_NOT_FOUND);
    assert_int_equal(row, 0);
    mstr_table_free(table);
    mstr_session_free(session);
}

static void many_rows_come_in_pages_that_grow(void **state)
{
    (void)state;
    mstr_session *session = open_analyst(0);
    mstr_table_request request = table_of("Sized by a Knob");
    mstr_table *table = NULL;
    int row = 1;
    int64_t rows = 0;
    char expected[32];
    simulator_admin(sim, "PUT", "/knobs/mstr", "{\"report_rows\":5000}");
    assert_done(mstr_table_open(session, &request, &table, problem));
    assert_int_equal(mstr_table_expected(table), 5000);

    while (row) {
        double value = 0;
        int64_t whole = 0;
        assert_done(mstr_table_next(table, &row, problem));
        if (row) {
            snprintf(expected, sizeof(expected), "Row %lld", (long long)rows);
            assert_string_equal(mstr_table_text(table, 0, NULL), expected);
            assert_true(mstr_table_double(table, 1, &value) && value == (double)rows + 0.5);
            assert_false(mstr_table_int64(table, 1, &whole));
            rows++;
        }
    }

    assert_int_equal(rows, 5000);
    assert_true(simulator_requests(sim, "mstr", "*/instances/*") <= 2);
    mstr_table_free(table);
    mstr_session_free(session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_trait_of_a_grid_becomes_rows),
        TEST(metrics_may_stand_anywhere),
        TEST(all_pages_of_a_page_by_come_with_their_elements),
        TEST(objects_forms_and_filters_narrow_the_table),
        TEST(what_the_report_does_not_have_is_told_before_it_runs),
        TEST(names_are_looked_for_and_must_be_of_one_object),
        TEST(prompts_are_answered_round_after_round),
        TEST(a_description_runs_nothing),
        TEST(rows_that_change_while_they_are_read_are_no_table),
        TEST(a_limit_ends_the_reading),
        TEST(an_instance_lost_between_two_pages_ends_the_table_for_good),
        TEST(many_rows_come_in_pages_that_grow),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
