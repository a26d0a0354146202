/* SPDX-License-Identifier: Apache-2.0 */
/* providers/kubernetes/identity/active_identity.c */
#include "unit/kubernetes/support.h"

#include "kubernetes/identity/active_identity.h"

static void an_identity_is_looked_for_once_until_it_is_forgotten(void **state)
{
    (void)state;
    struct renewable active;
    struct identity *first = NULL;
    struct identity *second = NULL;
    struct identity *third = NULL;
    assert_true(active_identity_init(&active, fake_host_instance(NULL)));
    assert_int_equal(active_identity_get(&active, fake_host_call(), NULL, &first, NULL), MSTR_OK);
    write_text("broken: [");
    assert_int_equal(active_identity_get(&active, fake_host_call(), NULL, &second, NULL), MSTR_OK);
    assert_ptr_equal(first, second);
    renewable_drop(&active, NULL);
    assert_int_equal(active_identity_get(&active, fake_host_call(), NULL, &third, NULL), MSTR_E_CONFIG);
    assert_null(third);
    identity_release(first);
    identity_release(second);
    renewable_destroy(&active);
}

static void a_report_is_told_of_a_search_of_its_own(void **state)
{
    (void)state;
    struct renewable active;
    struct identity *identity = NULL;
    assert_true(active_identity_init(&active, fake_host_instance(NULL)));
    assert_int_equal(active_identity_get(&active, fake_host_call(), fake_host_report_object(), &identity, NULL),
                     MSTR_OK);
    assert_contains(fake_host_report(), "used KUBECONFIG: kubeconfig user at " SERVER);
    assert_null(renewable_peek(&active));
    identity_release(identity);
    renewable_destroy(&active);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TOKEN_TEST(an_identity_is_looked_for_once_until_it_is_forgotten),
        TOKEN_TEST(a_report_is_told_of_a_search_of_its_own),
    };
    return RUN_TESTS("kubernetes/identity/active_identity");
}
