/* SPDX-License-Identifier: Apache-2.0 */
/* Visualizations by key and by name. */
#include "session/document/charts.h"

#include "support/mounted.h"

#define DEFINITION                                                                                                   \
    "{\"chapters\":[{\"pages\":[{\"visualizations\":[{\"key\":\"K52\",\"name\":\"Sales\"},"                          \
    "{\"key\":\"W63\",\"name\":\"Twice\"},{\"name\":\"No Key\"}]},{}]},"                                             \
    "{\"pages\":[{\"visualizations\":[{\"key\":\"W64\",\"name\":\"Twice\"},{\"key\":\"X1\",\"name\":\"K52\"}]}]}]}"

static void a_visualization_is_found_by_key_before_name(void **state)
{
    static const struct {
        const char *name;
        const char *body;
        enum mstr_code code;
        const char *told; /* the key, or a part of the message */
    } cases[] = {
        {"W64", DEFINITION, MSTR_OK, "W64"},
        {"Sales", DEFINITION, MSTR_OK, "K52"},
        {"K52", DEFINITION, MSTR_OK, "K52"},
        {"Twice", DEFINITION, MSTR_E_USAGE,
         "2 visualizations are named \"Twice\": K52 \"Sales\", W63 \"Twice\", W64 \"Twice\", X1 \"K52\""},
        {"No Key", DEFINITION, MSTR_E_USAGE, "AB has no visualization \"No Key\"; it has K52"},
        {NULL, DEFINITION, MSTR_E_USAGE, "CSV is of one visualization; AB has K52 \"Sales\""},
        {NULL, "{\"chapters\":7}", MSTR_E_USAGE, "AB has none"},
        {"Sales", "<html>", MSTR_E_PROTOCOL, "is no JSON"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct route routes[] = {{"GET v2/dossiers/AB/definition", 200, cases[i].body, NULL, 0, MSTR_OK}};
        struct mounted *mounted = mounted_open(routes, 1);
        const struct report document = {
            .session = mounted->session, .document = true, .object = "AB", .limits = {INT64_MAX, NULL}};
        char key[REPORT_ID_MAX] = "";

        assert_int_equal(charts_find(&document, cases[i].name, key, mounted->error), cases[i].code);

        if (cases[i].code == MSTR_OK) {
            assert_string_equal(key, cases[i].told);
        } else {
            assert_told(mounted, cases[i].told);
        }
        mounted_free(mounted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_visualization_is_found_by_key_before_name)};
    return RUN_TESTS("session/document/charts");
}
