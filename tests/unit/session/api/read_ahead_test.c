/* SPDX-License-Identifier: Apache-2.0 */
/* core/session/api/read_ahead.c: pages in order, no more of them than wanted, and an end to the work when nobody
 * wants them */
#include "session/api/read_ahead.h"
#include "session/parts/response.h"
#include "support/rendezvous.h"
#include "unit/session/answer.h"

#include <stdio.h>

static const struct limits no_limits = {INT64_MAX, NULL};

struct book {
    pthread_mutex_t mutex;
    struct rendezvous meeting; /* where expected > 0 */
    int64_t missing;           /* offset of a page that cannot be had, -1 = none */
    bool hangs;                /* pages come only by a cancellation */
    unsigned begun;
};

static enum mstr_code fetch(void *data, int64_t offset, int64_t limit, mstr_cancel *cancel, mstr_response **out,
                            mstr_error *error)
{
    struct book *book = data;
    char text[48];
    pthread_mutex_lock(&book->mutex);
    book->begun++;
    pthread_mutex_unlock(&book->mutex);
    if (book->meeting.expected > 0) {
        rendezvous_meet(&book->meeting);
    }
    if (book->hangs) {
        const struct limits limits = {INT64_MAX, cancel};
        return limits_sleep(&limits, INT32_MAX);
    }
    if (offset == book->missing) {
        mstr_error_set(error, MSTR_E_SERVER, "torn out");
        return MSTR_E_SERVER;
    }
    snprintf(text, sizeof(text), "%lld+%lld", (long long)offset, (long long)limit);
    *out = response_wrap(test_answer(200, NULL, text));
    return MSTR_OK;
}

static unsigned begun(struct book *book)
{
    pthread_mutex_lock(&book->mutex);
    unsigned count = book->begun;
    pthread_mutex_unlock(&book->mutex);
    return count;
}

static void assert_next_is(struct read_ahead *ahead, const char *text)
{
    mstr_response *page = NULL;
    enum mstr_code code = MSTR_E_UNEXPECTED;
    assert_true(read_ahead_next(ahead, &no_limits, &page, &code, NULL));
    assert_int_equal(code, MSTR_OK);
    assert_string_equal(mstr_response_body(page, NULL), text);
    mstr_response_free(page);
}

static void pages_come_in_order_up_to_the_end(void **state)
{
    (void)state;
    struct book book = {.mutex = PTHREAD_MUTEX_INITIALIZER, .missing = -1};
    struct read_ahead *ahead = read_ahead_new((struct read_ahead_range){10, 10, 505}, 4, fetch, &book);
    mstr_response *page = NULL;
    enum mstr_code code = MSTR_OK;
    assert_non_null(ahead);
    for (int i = 1; i <= 50; i++) {
        char text[48];
        snprintf(text, sizeof(text), "%d+10", 10 * i);
        assert_next_is(ahead, text);
        assert_true(begun(&book) <= (unsigned)i + 4);
    }
    assert_false(read_ahead_next(ahead, &no_limits, &page, &code, NULL));
    assert_null(page);
    assert_int_equal(begun(&book), 50);
    read_ahead_free(ahead);
}

static void as_many_pages_as_wanted_are_fetched_side_by_side(void **state)
{
    (void)state;
    struct book book = {.mutex = PTHREAD_MUTEX_INITIALIZER, .missing = -1};
    rendezvous_init(&book.meeting, 3);
    struct read_ahead *ahead = read_ahead_new((struct read_ahead_range){0, 1, 100}, 3, fetch, &book);
    assert_next_is(ahead, "0+1");
    assert_next_is(ahead, "1+1");
    assert_next_is(ahead, "2+1");
    read_ahead_free(ahead);
    assert_false(book.meeting.missed);
    rendezvous_destroy(&book.meeting);
}

static void a_failure_is_told_in_its_place_and_ends_the_rest(void **state)
{
    (void)state;
    struct book book = {.mutex = PTHREAD_MUTEX_INITIALIZER, .missing = 20};
    struct read_ahead *ahead = read_ahead_new((struct read_ahead_range){0, 10, 1000}, 2, fetch, &book);
    mstr_response *page = NULL;
    mstr_error *error = mstr_error_new();
    enum mstr_code code = MSTR_OK;
    assert_next_is(ahead, "0+10");
    assert_next_is(ahead, "10+10");
    assert_true(read_ahead_next(ahead, &no_limits, &page, &code, error));
    assert_int_equal(code, MSTR_E_SERVER);
    assert_string_equal(mstr_error_message(error), "torn out");
    assert_null(page);
    read_ahead_free(ahead);
    assert_true(book.begun <= 4);
    mstr_error_free(error);
}

static void pages_that_hang_are_given_up_with_the_reader(void **state)
{
    (void)state;
    struct book book = {.mutex = PTHREAD_MUTEX_INITIALIZER, .missing = -1, .hangs = true};
    struct read_ahead *ahead = read_ahead_new((struct read_ahead_range){0, 10, 1000}, 2, fetch, &book);
    mstr_cancel *cancel = mstr_cancel_new();
    const struct limits limits = {INT64_MAX, cancel};
    mstr_response *page = NULL;
    enum mstr_code code = MSTR_OK;
    mstr_cancel_now(cancel);
    assert_true(read_ahead_next(ahead, &limits, &page, &code, NULL));
    assert_int_equal(code, MSTR_E_CANCELLED);
    read_ahead_free(ahead); /* returns, though the pages never come */
    mstr_cancel_free(cancel);
}

static void a_reader_that_stops_early_leaves_nothing_behind(void **state)
{
    (void)state;
    struct book book = {.mutex = PTHREAD_MUTEX_INITIALIZER, .missing = -1};
    struct read_ahead *ahead =
        read_ahead_new((struct read_ahead_range){0, 10, 1000}, READ_AHEAD_MAX + 5, fetch, &book);
    assert_next_is(ahead, "0+10");
    read_ahead_free(ahead);
    assert_true(book.begun <= READ_AHEAD_MAX + 1);
    read_ahead_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_come_in_order_up_to_the_end),
        cmocka_unit_test(as_many_pages_as_wanted_are_fetched_side_by_side),
        cmocka_unit_test(a_failure_is_told_in_its_place_and_ends_the_rest),
        cmocka_unit_test(pages_that_hang_are_given_up_with_the_reader),
        cmocka_unit_test(a_reader_that_stops_early_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
