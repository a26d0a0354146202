/* SPDX-License-Identifier: Apache-2.0 */
/* core/base/library.c */
#include "base/library.h"
#include "support/unit.h"

#include <math.h>
#include <pthread.h>

struct functions {
    double (*hypot)(double x, double y);
    double (*cbrt)(double x);
};

static const struct library_function rows[] = {
    {"hypot", offsetof(struct functions, hypot)},
    {"cbrt", offsetof(struct functions, cbrt)},
    {"mstr_no_such_function", offsetof(struct functions, cbrt)},
};
static struct functions filled;
static size_t wanted;       /* of the rows */
static atomic_uint started; /* times */

static bool start(struct library *library)
{
    started++;
    return library_fill(library, rows, wanted, &filled);
}

static int begin(void **state)
{
    (void)state;
    wanted = 2;
    started = 0;
    return 0;
}

static void *get(void *data)
{
    char problem[LIBRARY_PROBLEM];
    assert_int_equal(library_get(data, problem), MSTR_OK);
    return NULL;
}

static void it_is_started_once_for_all(void **state)
{
    (void)state;
    struct library library = LIBRARY_INIT("libm.so.6", start);
    pthread_t threads[4];
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, get, &library), 0);
    }
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        pthread_join(threads[i], NULL);
    }
    assert_int_equal(started, 1);
    assert_true(fabs(filled.hypot(3, 4) - 5) < 1e-9);
    assert_true(fabs(filled.cbrt(27) - 3) < 1e-9);
}

static void one_that_is_not_there_is_told_by_its_name(void **state)
{
    (void)state;
    char problem[LIBRARY_PROBLEM];
    struct library library = LIBRARY_INIT("libnowhere.so.7", start);
    assert_int_equal(library_get(&library, problem), MSTR_E_UNEXPECTED);
    assert_non_null(strstr(problem, "libnowhere.so.7"));
    assert_int_equal(library_failure(&library), MSTR_E_UNEXPECTED);
    assert_int_equal(started, 0);
}

static void a_function_that_is_not_there_is_told_and_looked_for_again(void **state)
{
    (void)state;
    char problem[LIBRARY_PROBLEM];
    struct library library = LIBRARY_INIT("libm.so.6", start);
    wanted = 3;
    assert_int_equal(library_get(&library, problem), MSTR_E_UNEXPECTED);
    assert_string_equal(problem, "libm.so.6 has no mstr_no_such_function");

    wanted = 2;
    assert_int_equal(library_get(&library, problem), MSTR_OK);
    assert_int_equal(started, 2);
}

static bool start_without_memory(struct library *library)
{
    (void)library;
    return false;
}

static void a_failure_without_a_reason_is_a_lack_of_memory(void **state)
{
    (void)state;
    char problem[LIBRARY_PROBLEM];
    struct library library = LIBRARY_INIT(NULL, start_without_memory); /* linked in: nothing is opened */
    assert_int_equal(library_get(&library, problem), MSTR_E_MEMORY);
    assert_int_equal(library_failure(&library), MSTR_E_MEMORY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(it_is_started_once_for_all, begin),
        cmocka_unit_test_setup(one_that_is_not_there_is_told_by_its_name, begin),
        cmocka_unit_test_setup(a_function_that_is_not_there_is_told_and_looked_for_again, begin),
        cmocka_unit_test_setup(a_failure_without_a_reason_is_a_lack_of_memory, begin),
    };
    return RUN_TESTS("base/library");
}
