/* SPDX-License-Identifier: Apache-2.0 */
/* core/agent/order.c */
#include "agent/order.h"

#include "support/unit.h"

/* The status of the refusal, 0 where it can be read. */
static int read(const char *body, struct order *order)
{
    struct request request = {.method = "POST"};
    buffer_puts(&request.body, body);
    bool good = order_read(&request, 2, order);
    int status = request.reply.status;
    buffer_release(&request.body);
    reply_release(&request.reply);
    assert_int_equal(good, status == 0);
    return status;
}

static void lists_of_texts_are_read(void **state)
{
    (void)state;
    struct order order;
    assert_int_equal(read("{\"references\":[\"a:b\",\"c:d\"],\"refresh\":true,\"more\":{}}", &order), 0);
    assert_int_equal(order.reference_count, 2);
    assert_string_equal(order_reference(&order, 1), "c:d");
    assert_true(order.refresh);
    assert_null(order.patterns);
    order_release(&order);
    assert_int_equal(read("{\"patterns\":[\"a:*\"]}", &order), 0);
    assert_string_equal(order_pattern(&order, 0), "a:*");
    order_release(&order);
}

static void anything_else_is_refused(void **state)
{
    (void)state;
    static const char *const bodies[] = {"",
                                         "{",
                                         "[]",
                                         "null",
                                         "{\"references\":\"a:b\"}",
                                         "{\"references\":[1]}",
                                         "{\"references\":[\"a\\u0000b\"]}",
                                         "{\"references\":null}",
                                         "{\"references\":[],\"refresh\":\"yes\"}",
                                         "{\"patterns\":{}}",
                                         "{\"references\":[]} x"};
    struct order order;
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        assert_int_equal(read(bodies[i], &order), 400);
        order_release(&order);
    }
}

static void too_many_are_told_to_come_in_parts(void **state)
{
    (void)state;
    struct order order;
    assert_int_equal(read("{\"references\":[\"a:1\",\"a:2\",\"a:3\"]}", &order), 429);
    order_release(&order);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_of_texts_are_read),
        cmocka_unit_test(anything_else_is_refused),
        cmocka_unit_test(too_many_are_told_to_come_in_parts),
    };
    return RUN_TESTS("agent/order");
}
