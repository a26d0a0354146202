/* SPDX-License-Identifier: Apache-2.0 */
/* Reports and cubes by their names. */
#include "session/table/object.h"

#include "support/mounted.h"

#define ONE "8CCDA29611E943E8B5FB0080EFD5AF44"
#define TWO "9CCDA29611E943E8B5FB0080EFD5AF44"

static const struct route routes[] = {
    {"GET searches/results?name=", 200,
     "{\"result\":[{\"name\":\"Sales\",\"id\":\"" ONE "\",\"subtype\":768},{\"name\":\"Sales\",\"id\":\"" TWO
     "\",\"subtype\":776},{\"name\":\"Sales 2\",\"id\":\"" TWO "\",\"subtype\":768},{\"name\":\"Twice\",\"id\":\"" ONE
     "\",\"subtype\":768,\"ancestors\":[{\"name\":\"Public\"},{\"name\":\"Old\"}]},{\"name\":\"Twice\",\"id\":\"" TWO
     "\",\"subtype\":769},{\"name\":\"Odd\",\"id\":\"../x\",\"subtype\":768}]}",
     NULL, 0, MSTR_OK}};

static void a_name_is_looked_for_among_its_kind(void **state)
{
    static const struct {
        const char *name;
        enum object_kind kind;
        enum mstr_code code;
        const char *told; /* the id, or a part of the message */
    } cases[] = {
        {"Sales", OBJECT_REPORT, MSTR_OK, ONE},
        {"Sales", OBJECT_CUBE, MSTR_OK, TWO},
        {"Twice", OBJECT_REPORT, MSTR_E_USAGE, "2 of the reports are named \"Twice\": " ONE " in Old, " TWO},
        {"Twice", OBJECT_CUBE, MSTR_E_NOT_FOUND, "the project has no cube \"Twice\""},
        {"Odd", OBJECT_REPORT, MSTR_E_NOT_FOUND, "the project has no report \"Odd\""},
    };
    struct mounted *mounted = mounted_open(routes, 1);
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char id[OBJECT_ID] = "";
        assert_int_equal(object_find(mounted->session, cases[i].kind, cases[i].name, NULL, NULL, id, mounted->error),
                         cases[i].code);
        if (cases[i].code == MSTR_OK) {
            assert_string_equal(id, cases[i].told);
        } else {
            assert_told(mounted, cases[i].told);
        }
    }
    mounted_free(mounted);
}

static void an_id_is_never_looked_for(void **state)
{
    struct mounted *mounted = mounted_open(NULL, 0);
    char id[OBJECT_ID] = "";
    (void)state;
    assert_int_equal(object_find(mounted->session, OBJECT_REPORT, ONE, NULL, NULL, id, NULL), MSTR_OK);
    assert_string_equal(id, ONE);
    assert_int_equal(mounted->sent, 0);
    mounted_free(mounted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_looked_for_among_its_kind),
        cmocka_unit_test(an_id_is_never_looked_for),
    };
    return RUN_TESTS("session/table/object");
}
