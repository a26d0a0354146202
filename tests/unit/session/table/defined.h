/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A definition for the tests of what is held against one: Region with forms DESC and ID, Year, two metrics of one
 * name, Cost, and pages by Year.
 */
#ifndef MSTR_TESTS_UNIT_SESSION_TABLE_DEFINED_H
#define MSTR_TESTS_UNIT_SESSION_TABLE_DEFINED_H

#include "session/table/definition.h"
#include "support/mounted.h"

#define REGION_ID "8D679D3F11D3E4981000E787EC6DE8A4"

static const struct route defined_routes[] = {
    {"GET v2/reports/AB", 200,
     "{\"definition\":{\"grid\":{\"rows\":[{\"name\":\"Region\",\"id\":\"" REGION_ID "\",\"type\":\"attribute\"}],"
     "\"columns\":[{\"type\":\"templateMetrics\",\"elements\":[{\"name\":\"Cost\",\"id\":\"C1\"}]}],"
     "\"pageBy\":[{\"name\":\"Year\",\"id\":\"Y1\",\"type\":\"attribute\"}]},"
     "\"availableObjects\":{\"attributes\":[{\"name\":\"Region\",\"id\":\"" REGION_ID "\",\"forms\":["
     "{\"id\":\"F1\",\"name\":\"ID\",\"dataType\":\"integer\"},{\"id\":\"F2\",\"name\":\"DESC\",\"dataType\":"
     "\"varChar\"}]},{\"name\":\"Year\",\"id\":\"Y1\",\"forms\":[{\"id\":\"F1\",\"name\":\"ID\",\"dataType\":"
     "\"date\"}]}],\"metrics\":[{\"name\":\"Sales\",\"id\":\"S1\"},{\"name\":\"Sales\",\"id\":\"S2\"},"
     "{\"name\":\"Cost\",\"id\":\"C1\"}]}}}",
     NULL, 0, MSTR_OK}};

static struct mounted *mounted;
static struct definition definition;

static inline int defined_setup(void **state)
{
    (void)state;
    mounted = mounted_open(defined_routes, 1);
    struct report report = {.session = mounted->session, .object = "AB", .limits = {INT64_MAX, NULL}};
    mounted_done(mounted, definition_read(&definition, &report, mounted->error));
    return 0;
}

static inline int defined_teardown(void **state)
{
    (void)state;
    definition_release(&definition);
    mounted_free(mounted);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, defined_setup, defined_teardown)

#endif
