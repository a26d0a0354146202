/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/metrics.c */
#include "agent/metrics.h"

#include "support/unit.h"

#include <stdio.h>

static void what_was_counted_is_shown_by_scheme_outcome_and_status_class(void **state)
{
    (void)state;
    const struct gauges gauges = {3, 4, 5};
    struct buffer out = BUFFER_INIT;
    struct metrics *metrics = metrics_new();
    metrics_count_request(metrics, 200);
    metrics_count_request(metrics, 204);
    metrics_count_request(metrics, 503);
    metrics_count_lookup(metrics, "store", OUTCOME_CACHED);
    metrics_write(metrics, &gauges, &out);
    static const char *const lines[] = {"# TYPE mstr_agent_requests_total counter\n",
                                        "\nmstr_agent_requests_total{status=\"2xx\"} 2\n",
                                        "\nmstr_agent_requests_total{status=\"5xx\"} 1\n",
                                        "\nmstr_agent_lookups_total{scheme=\"store\",outcome=\"cached\"} 1\n",
                                        "\nmstr_agent_connections 3\n",
                                        "\nmstr_agent_cached_values 4\n",
                                        "\nmstr_agent_uptime_seconds 5\n"};
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        assert_non_null(strstr(buffer_text(&out), lines[i]));
    }
    assert_int_equal(buffer_text(&out)[out.length - 1], '\n');
    buffer_release(&out);
    metrics_free(metrics);
}

static void schemes_without_end_take_no_room_without_end(void **state)
{
    (void)state;
    const struct gauges gauges = {0, 0, 0};
    struct buffer out = BUFFER_INIT;
    struct metrics *metrics = metrics_new();
    for (int i = 0; i < 1000; i++) {
        char scheme[16];
        snprintf(scheme, sizeof(scheme), "s%d", i);
        metrics_count_lookup(metrics, scheme, OUTCOME_FAILED);
    }
    metrics_write(metrics, &gauges, &out);
    assert_non_null(strstr(buffer_text(&out), "{scheme=\"other\",outcome=\"failed\"} 936\n"));
    buffer_release(&out);
    metrics_free(metrics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_counted_is_shown_by_scheme_outcome_and_status_class),
        cmocka_unit_test(schemes_without_end_take_no_room_without_end),
    };
    return RUN_TESTS("agent/metrics");
}
