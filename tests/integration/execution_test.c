/* SPDX-License-Identifier: Apache-2.0 */
/* Running reports and cubes on the simulator: at once, asynchronously, prompted, in pages, slow, and stopped. */
#include "support/session.h"

#include <json-c/json.h>

#define REVENUE  "8CCDA29611E943E8B5FB0080EFD5AF44"
#define ORDERS   "D9EAE8ED11E8B6CD00000080EF25E4B9"
#define SLOW     "AA11BB2211E8B6CD00000080EF25E4B9"
#define PROMPTED "CC33DD4411E8B6CD00000080EF25E4B9"
#define CUBE     "EE55FF6611E8B6CD00000080EF25E4B9"

struct rows {
    long long count;
    long long stop_after; /* 0 = never */
    mstr_cancel *cancel;  /* pulled with the first row */
};

static int take(const mstr_row *row, void *data)
{
    struct rows *rows = data;
    char label[32];
    char value[32];
    char raw[32];
    snprintf(label, sizeof(label), "Row %lld", rows->count);
    snprintf(value, sizeof(value), "$%lld.50", rows->count);
    snprintf(raw, sizeof(raw), "%lld.5", rows->count);
    assert_int_equal(row->index, rows->count);
    assert_int_equal(row->label_count, 1);
    assert_string_equal(row->label_names[0], "Row");
    assert_string_equal(row->labels[0], label);
    assert_int_equal(row->value_count, 1);
    assert_string_equal(row->value_names[0], "Revenue");
    assert_string_equal(row->values[0], value);
    assert_string_equal(row->raw[0], raw);
    rows->count++;
    if (rows->cancel != NULL) {
        mstr_cancel_now(rows->cancel);
    }
    return rows->stop_after == rows->count;
}

static mstr_execution run_of(const char *id)
{
    mstr_execution execution = MSTR_EXECUTION_INIT;
    execution.id = id;
    execution.project = "MicroStrategy Tutorial";
    return execution;
}

/* Instances made and not deleted. */
static long long instances_left(void)
{
    struct json_object *log = simulator_log(sim, "mstr");
    long long left = 0;
    for (size_t i = 0; i < json_object_array_length(log); i++) {
        struct json_object *entry = json_object_array_get_idx(log, i);
        const char *method = json_object_get_string(json_object_object_get(entry, "method"));
        const char *path = json_object_get_string(json_object_object_get(entry, "path"));
        left += strcmp(method, "POST") == 0 && strstr(path, "/instances") != NULL;
        left -= strcmp(method, "DELETE") == 0 && strstr(path, "/instances/") != NULL;
    }
    json_object_put(log);
    return left;
}

static void all_rows_come_in_order_whatever_the_way(void **state)
{
    (void)state;
    static const struct {
        const char *id;
        enum mstr_execution_kind kind;
        const char *answers;
        int64_t page_size;
        long long rows;
        uint32_t ahead;
    } cases[] = {
        {REVENUE, MSTR_EXECUTION_REPORT, NULL, 0, 6, 0},
        {REVENUE, MSTR_EXECUTION_REPORT, NULL, 2, 6, 0},
        {REVENUE, MSTR_EXECUTION_REPORT, NULL, 2, 6, 3},
        {ORDERS, MSTR_EXECUTION_REPORT, NULL, 0, 2500, 0},
        {ORDERS, MSTR_EXECUTION_REPORT, NULL, 60, 2500, 4},
        {ORDERS, MSTR_EXECUTION_REPORT, NULL, 1000, 2500, 100},
        {SLOW, MSTR_EXECUTION_REPORT, NULL, 0, 3, 2},
        {PROMPTED, MSTR_EXECUTION_REPORT, "{\"prompts\":[{\"name\":\"Year\",\"type\":\"VALUE\",\"answers\":[2024]}]}",
         3, 4, 1},
        {CUBE, MSTR_EXECUTION_CUBE, NULL, 15, 40, 2},
    };
    simulator_admin(sim, "PUT", "/knobs/mstr", "{\"retry_after\":0}");
    mstr_session *session = open_analyst(0);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        mstr_execution execution = run_of(cases[i].id);
        struct rows rows = {0};
        execution.kind = cases[i].kind;
        execution.answers = cases[i].answers;
        execution.page_size = cases[i].page_size;
        execution.ahead = cases[i].ahead;
        assert_done(mstr_session_execute(session, &execution, take, &rows, problem));
        assert_int_equal(rows.count, cases[i].rows);
    }
    assert_int_equal(instances_left(), 0);
    mstr_session_free(session);
}

static void a_running_instance_is_asked_for_until_it_is_ready(void **state)
{
    (void)state;
    simulator_admin(sim, "PUT", "/knobs/mstr", "{\"retry_after\":0}");
    mstr_session *session = open_analyst(0);
    mstr_execution execution = run_of(SLOW);
    struct rows rows = {0};
    assert_done(mstr_session_execute(session, &execution, take, &rows, problem));
    assert_int_equal(simulator_requests(sim, "mstr", "*/status"), 3); /* running twice, then ready */
    mstr_session_free(session);
}

static void open_prompts_without_answers_are_told(void **state)
{
    (void)state;
    mstr_session *session = open_analyst(0);
    mstr_execution execution = run_of(PROMPTED);
    struct rows rows = {0};
    assert_int_equal(mstr_session_execute(session, &execution, take, &rows, problem), MSTR_E_USAGE);
    assert_non_null(strstr(mstr_error_message(problem), "prompts"));
    assert_non_null(strstr(mstr_error_hint(problem), "/prompts"));
    assert_int_equal(instances_left(), 0);
    mstr_session_free(session);
}

static void a_run_that_is_stopped_deletes_its_instance(void **state)
{
    (void)state;
    mstr_session *session = open_analyst(0);
    mstr_execution execution = run_of(ORDERS);
    struct rows rows = {.stop_after = 10};
    assert_int_equal(mstr_session_execute(session, &execution, take, &rows, problem), MSTR_E_CANCELLED);
    assert_int_equal(rows.count, 10);
    assert_int_equal(instances_left(), 0);
    mstr_session_free(session);
}

static void a_run_that_is_cancelled_deletes_its_instance(void **state)
{
    (void)state;
    mstr_session *session = open_analyst(0);
    mstr_execution execution = run_of(ORDERS);
    mstr_call_options call = MSTR_CALL_OPTIONS_INIT;
    struct rows rows = {.cancel = mstr_cancel_new()};
    call.cancel = rows.cancel;
    execution.call = &call;
    assert_int_equal(mstr_session_execute(session, &execution, take, &rows, problem), MSTR_E_CANCELLED);
    assert_int_equal(rows.count, 1000); /* the page at hand */
    assert_int_equal(instances_left(), 0);
    mstr_session_free(session);
    mstr_cancel_free(rows.cancel);
}

static void a_run_with_pages_under_way_can_be_stopped_and_cancelled(void **state)
{
    (void)state;
    mstr_session *session = open_analyst(0);
    mstr_execution execution = run_of(ORDERS);
    mstr_call_options call = MSTR_CALL_OPTIONS_INIT;
    struct rows stopped = {.stop_after = 70};
    struct rows cancelled = {.cancel = mstr_cancel_new()};
    execution.page_size = 50;
    execution.ahead = 4;
    assert_int_equal(mstr_session_execute(session, &execution, take, &stopped, problem), MSTR_E_CANCELLED);
    assert_int_equal(stopped.count, 70);
    call.cancel = cancelled.cancel;
    execution.call = &call;
    assert_int_equal(mstr_session_execute(session, &execution, take, &cancelled, problem), MSTR_E_CANCELLED);
    assert_int_equal(cancelled.count, 50);
    assert_int_equal(instances_left(), 0);
    mstr_session_free(session);
    mstr_cancel_free(cancelled.cancel);
}

/* Has the server end all sessions when a request to a path that ends so was answered, as often as told. */
struct ender {
    const char *path;
    int times;
};

static void end_sessions(const mstr_event *event, void *data)
{
    struct ender *ender = data;
    size_t length = event->url != NULL ? strlen(event->url) : 0;
    size_t tail = strlen(ender->path);
    if (event->kind == MSTR_EVENT_RESPONSE && event->status == 202 && length > tail && ender->times > 0 &&
        strcmp(event->url + length - tail, ender->path) == 0) {
        ender->times--;
        simulator_admin(sim, "POST", "/sessions/expire", "{}");
    }
}

static void an_instance_lost_while_it_was_running_is_made_anew_once(void **state)
{
    (void)state;
    static const struct {
        int times;
        enum mstr_code code;
        long long rows;
        long long made;
    } cases[] = {{1, MSTR_OK, 3, 2}, {2, MSTR_E_NOT_FOUND, 0, 2}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        simulator_reset(sim);
        simulator_admin(sim, "PUT", "/knobs/mstr", "{\"retry_after\":0}");
        mstr_session *session = open_analyst(0);
        struct ender ender = {"/status", cases[i].times};
        mstr_execution execution = run_of(SLOW);
        struct rows rows = {0};
        mstr_session_set_event_fn(session, end_sessions, &ender);
        assert_int_equal(mstr_session_execute(session, &execution, take, &rows, problem), cases[i].code);
        assert_int_equal(rows.count, cases[i].rows);
        assert_int_equal(simulator_requests(sim, "mstr", "*/v2/reports/*/instances"), cases[i].made);
        assert_int_equal(simulator_counter(sim, "mstr", "logins"), 1 + cases[i].times);
        if (cases[i].code != MSTR_OK) {
            assert_int_equal(mstr_error_iserver_code(problem), -2147468986);
            assert_non_null(strstr(mstr_error_hint(problem), "run it again"));
        }
        mstr_session_free(session);
    }
}

/* Has the server end all sessions with the first row. */
static int take_and_end(const mstr_row *row, void *data)
{
    if (row->index == 0) {
        simulator_admin(sim, "POST", "/sessions/expire", "{}");
    }
    return take(row, data);
}

static void rows_of_two_instances_are_never_mixed(void **state)
{
    (void)state;
    mstr_session *session = open_analyst(0);
    mstr_execution execution = run_of(ORDERS);
    struct rows rows = {0};
    execution.page_size = 100;
    assert_int_equal(mstr_session_execute(session, &execution, take_and_end, &rows, problem), MSTR_E_NOT_FOUND);
    assert_int_equal(rows.count, 100); /* the page at hand */
    assert_int_equal(mstr_error_iserver_code(problem), -2147468986);
    assert_int_equal(simulator_requests(sim, "mstr", "*/v2/reports/*/instances"), 1);
    mstr_session_free(session);
}

static void the_deadline_bounds_the_waiting(void **state)
{
    (void)state;
    simulator_admin(sim, "PUT", "/knobs/mstr", "{\"retry_after\":600}");
    mstr_session *session = open_analyst(0);
    mstr_execution execution = run_of(SLOW);
    mstr_call_options call = MSTR_CALL_OPTIONS_INIT;
    struct rows rows = {0};
    call.timeout = 60000;
    execution.call = &call;
    assert_int_equal(mstr_session_execute(session, &execution, take, &rows, problem), MSTR_E_TIMEOUT);
    assert_int_equal(rows.count, 0);
    assert_int_equal(instances_left(), 0);
    mstr_session_free(session);
}

static void what_does_not_exist_is_not_found(void **state)
{
    (void)state;
    mstr_session *session = open_analyst(0);
    mstr_execution execution = run_of("00000000000000000000000000000000");
    struct rows rows = {0};
    assert_int_equal(mstr_session_execute(session, &execution, take, &rows, problem), MSTR_E_NOT_FOUND);
    execution.id = "../secret";
    assert_int_equal(mstr_session_execute(session, &execution, take, &rows, problem), MSTR_E_USAGE);
    mstr_session_free(session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_rows_come_in_order_whatever_the_way),
        TEST(a_running_instance_is_asked_for_until_it_is_ready),
        TEST(open_prompts_without_answers_are_told),
        TEST(a_run_that_is_stopped_deletes_its_instance),
        TEST(a_run_that_is_cancelled_deletes_its_instance),
        TEST(a_run_with_pages_under_way_can_be_stopped_and_cancelled),
        TEST(an_instance_lost_while_it_was_running_is_made_anew_once),
        TEST(rows_of_two_instances_are_never_mixed),
        TEST(the_deadline_bounds_the_waiting),
        TEST(what_does_not_exist_is_not_found),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
