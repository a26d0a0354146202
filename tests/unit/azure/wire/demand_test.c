/* SPDX-License-Identifier: Apache-2.0 */
/* Demands: which token serves which. */
#include "azure/wire/demand.h"

#include "support/unit.h"

static const struct demand usual = {.resource = "https://vault.azure.net", .tenant = "tenant-1"};

static void token_serves_the_same_resource_tenant_and_claims(void **state)
{
    const struct demand others[] = {
        {.resource = "https://vault.azure.cn", .tenant = "tenant-1"},
        {.resource = "https://vault.azure.net", .tenant = "tenant-2"},
        {.resource = "https://vault.azure.net", .tenant = "tenant-1", .claims = "{}"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(others); i++) {
        assert_false(demand_equals(&usual, &others[i]));
        assert_true(demand_equals(&others[i], &others[i]));
    }
}

static void refused_token_does_not_tell_demands_apart(void **state)
{
    struct demand after = usual;
    (void)state;
    strcpy(after.refused, "0123");

    assert_true(demand_equals(&usual, &after));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(token_serves_the_same_resource_tenant_and_claims),
        cmocka_unit_test(refused_token_does_not_tell_demands_apart),
    };
    return RUN_TESTS("azure/wire/demand");
}
