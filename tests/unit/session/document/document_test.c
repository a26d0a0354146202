/* SPDX-License-Identifier: Apache-2.0 */
/* Exports: the instance is made, waited for, asked, and deleted whatever befalls. */
#include "support/mounted.h"

#include <mstr/document.h>
#include <stdlib.h>

#define ID     "8CCDA29611E943E8B5FB0080EFD5AF44"
#define MAKE   "POST documents/" ID "/instances\n"
#define AT     "documents/" ID "/instances/A-1"
#define DELETE "DELETE " AT "\n"
#define GONE   "{\"code\":\"ERR004\",\"iServerCode\":-2147468986,\"message\":\"The message has expired\"}"

static char written[256];

static int keep(const void *octets, size_t length, void *data)
{
    (void)data;
    strncat(written, octets, length);
    return 0;
}

static const mstr_writer writer = {sizeof(mstr_writer), -1, keep, NULL, NULL};

static mstr_document_request pdf(void)
{
    mstr_document_request what = MSTR_DOCUMENT_REQUEST_INIT;
    what.object = ID;
    what.writer = &writer;
    written[0] = '\0';
    return what;
}

/* With these routes, up to the first without a request, and one that makes an instance. */
static struct mounted *open_with(const struct route *routes)
{
    struct route all[4];
    size_t count = 0;
    while (count < 3 && routes[count].request != NULL) {
        all[count] = routes[count];
        count++;
    }
    all[count] =
        (struct route){"POST documents/" ID "/instances", 201, "{\"mid\":\"A-1\",\"status\":1}", NULL, 0, MSTR_OK};
    return mounted_open(all, count + 1);
}

/* What goes over the wire, and what comes of it. */
static void every_export_leaves_no_instance(void **state)
{
    static const struct {
        struct route routes[3];
        enum mstr_code code;
        const char *told; /* what was written, or a part of the message */
        const char *log;
    } cases[] = {
        {{{"POST " AT "/pdf", 200, "%PDF-1.7", NULL, 0, MSTR_OK}},
         MSTR_OK,
         "%PDF-1.7",
         MAKE "POST " AT "/pdf\n" DELETE},
        {{{"POST " AT "/pdf", 200, "<html>", NULL, 0, MSTR_OK}},
         MSTR_E_PROTOCOL,
         "a page of HTML in place of a PDF",
         MAKE "POST " AT "/pdf\n" DELETE},
        {{{"POST " AT "/pdf", 403, "{\"code\":\"ERR017\",\"message\":\"no\"}", NULL, 0, MSTR_OK}},
         MSTR_E_DENIED,
         "no",
         MAKE "POST " AT "/pdf\n" DELETE},
        {{{"POST " AT "/pdf", 202, "{\"id\":\"B-1\"}", NULL, 0, MSTR_OK},
          {"GET " AT "/pdf/B-1", 200, "{\"data\":\"JVBERi0xLjc=\"}", NULL, 0, MSTR_OK}},
         MSTR_OK,
         "%PDF-1.7",
         MAKE "POST " AT "/pdf\nGET " AT "/pdf/B-1\n" DELETE},
        {{{"POST " AT "/pdf", 202, "{\"data\":\"JVBERi0xLjc=\",\"id\":\"B-1\"}", NULL, 0, MSTR_OK},
          {"GET " AT "/pdf/B-1", 202, "%PDF-1.0", NULL, 1, MSTR_OK},
          {"GET " AT "/pdf/B-1", 200, "%PDF-1.7", NULL, 0, MSTR_OK}},
         MSTR_OK,
         "%PDF-1.7",
         MAKE "POST " AT "/pdf\nGET " AT "/pdf/B-1\nGET " AT "/pdf/B-1\n" DELETE},
        {{{"POST " AT "/pdf", 202, "%PDF-1.7", NULL, 0, MSTR_OK}},
         MSTR_E_PROTOCOL,
         "does not name it",
         MAKE "POST " AT "/pdf\n" DELETE},
        {{{"POST " AT "/pdf", 202, "{\"id\":\"../x\"}", NULL, 0, MSTR_OK}},
         MSTR_E_PROTOCOL,
         "does not name it",
         MAKE "POST " AT "/pdf\n" DELETE},
        {{{"POST documents/" ID "/instances", 201, "{\"mid\":\"A-1\",\"status\":3}", NULL, 0, MSTR_OK}},
         MSTR_E_SERVER,
         "failed at the server, with status 3",
         MAKE DELETE},
        {{{"POST documents/" ID "/instances", 201, "{\"mid\":\"A-1\",\"status\":2}", NULL, 0, MSTR_OK},
          {"GET " AT "/prompts", 200, "[{\"key\":\"K\",\"name\":\"Year\",\"type\":\"VALUE\",\"required\":true}]",
           NULL, 0, MSTR_OK}},
         MSTR_E_USAGE,
         "no answer was given to: \"Year\" (VALUE, required)",
         MAKE "GET " AT "/prompts?closed=false\n" DELETE},
        {{{"POST documents/" ID "/instances", 404, "{\"code\":\"ERR004\",\"message\":\"gone\"}", NULL, 0, MSTR_OK}},
         MSTR_E_NOT_FOUND,
         "gone",
         MAKE},
        {{{"POST " AT "/pdf", 404, GONE, NULL, 1, MSTR_OK}, {"POST " AT "/pdf", 200, "%PDF-1.7", NULL, 0, MSTR_OK}},
         MSTR_OK,
         "%PDF-1.7",
         MAKE "POST " AT "/pdf\n" MAKE "POST " AT "/pdf\n" DELETE},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mounted *mounted = open_with(cases[i].routes);
        const mstr_document_request what = pdf();
        mstr_document_info info = {.size = sizeof(info)};

        enum mstr_code code = mstr_document_export(mounted->session, &what, &info, mounted->error);

        if (cases[i].code == MSTR_OK) {
            mounted_done(mounted, code);
            assert_string_equal(written, cases[i].told);
            assert_string_equal(info.content_type, "application/pdf");
            assert_int_equal(info.octets, strlen(written));
        } else {
            assert_int_equal(code, cases[i].code);
            assert_told(mounted, cases[i].told);
            assert_string_equal(written, "");
        }
        assert_string_equal(mounted->log, cases[i].log);
        mounted_free(mounted);
    }
}

static void one_visualization_has_calls_of_its_own(void **state)
{
    static const struct route routes[] = {
        {"GET v2/dossiers/" ID "/definition", 200,
         "{\"chapters\":[{\"pages\":[{\"visualizations\":[{\"key\":\"K 1\",\"name\":\"Sales\"}]}]}]}", NULL, 0,
         MSTR_OK},
        {"POST " AT "/visualizations/K%201/csv", 200, "\"a\"", NULL, 0, MSTR_OK},
        {NULL, 0, NULL, NULL, 0, MSTR_OK}};
    struct mounted *mounted = open_with(routes);
    mstr_document_request what = pdf();
    (void)state;
    what.format = MSTR_DOCUMENT_CSV;
    what.visualization = "Sales";
    mounted_done(mounted, mstr_document_export(mounted->session, &what, NULL, mounted->error));
    assert_string_equal(written, "\"a\"");
    mounted_free(mounted);
}

static void requests_that_make_no_sense_are_refused_before_anything_is_sent(void **state)
{
    struct mounted *mounted = mounted_open(NULL, 0);
    mstr_document_request wrong[6];
    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        wrong[i] = pdf();
    }
    wrong[0].object = NULL;
    wrong[1].writer = NULL;
    wrong[2].flags = 1u << 31;
    wrong[3].format = (enum mstr_document_format)4;
    wrong[4].format = MSTR_DOCUMENT_EXCEL;
    wrong[4].visualization = "Sales";
    wrong[5].size = 8;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        assert_int_equal(mstr_document_export(mounted->session, &wrong[i], NULL, mounted->error), MSTR_E_USAGE);
    }
    assert_int_equal(mounted->sent, 0);
    mounted_free(mounted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_export_leaves_no_instance),
        cmocka_unit_test(one_visualization_has_calls_of_its_own),
        cmocka_unit_test(requests_that_make_no_sense_are_refused_before_anything_is_sent),
    };
    return RUN_TESTS("session/document/document");
}
