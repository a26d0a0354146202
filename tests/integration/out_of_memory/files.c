/* SPDX-License-Identifier: Apache-2.0 */
/* Scenarios of files and rows that go into and out of a project: exports of documents, uploads into datasets. */
#include "out_of_memory/scenario.h"

#include <stdio.h>

static int keep(const void *octets, size_t length, void *data)
{
    char *text = data;
    memcpy(text + strlen(text), octets, length);
    return 0;
}

static enum mstr_code export_chart(struct scene *scene)
{
    static const char *const values[] = {"full"};
    char text[16] = "";
    mstr_prompt_answer answer = MSTR_PROMPT_ANSWER_INIT;
    mstr_document_request what = MSTR_DOCUMENT_REQUEST_INIT;
    mstr_document_info info = {.size = sizeof(info)};
    mstr_writer writer = MSTR_WRITER_INIT;
    writer.write = keep;
    writer.data = text;
    answer.prompt = "Kind";
    answer.values = values;
    answer.value_count = 1;
    what.object = "Sales";
    what.format = MSTR_DOCUMENT_CSV;
    what.visualization = "Chart";
    what.answers = &answer;
    what.answer_count = 1;
    what.writer = &writer;
    enum mstr_code code = mstr_document_export(scene->session, &what, &info, scene->error);
    assert_true(code != MSTR_OK || strcmp(text, "\"a\"") == 0);
    assert_true(code != MSTR_OK || (info.octets == 3 && strcmp(info.content_type, "text/csv") == 0));
    return code;
}
static const struct scenario export_scenario = {"document_export", STAGE_OPEN, export_chart, 0};

static enum mstr_code upload_into(struct scene *scene, const char *dataset, uint32_t flags)
{
    static const mstr_upload_column columns[] = {MSTR_UPLOAD_COLUMN("Region", MSTR_UPLOAD_STRING),
                                                 MSTR_UPLOAD_COLUMN("Revenue", MSTR_UPLOAD_DOUBLE)};
    static const mstr_upload_field row[] = {{"North", 5}, {"1.50", 4}};
    mstr_upload_options options = MSTR_UPLOAD_OPTIONS_INIT;
    mstr_upload *upload = NULL;
    options.flags = flags;
    options.dataset = dataset;
    options.columns = columns;
    options.column_count = 2;
    options.chunk = 1024;
    enum mstr_code code = mstr_upload_begin(scene->session, &options, &upload, scene->error);
    assert_true((upload != NULL) == (code == MSTR_OK));
    for (int i = 0; i < 40 && code == MSTR_OK; i++) {
        code = mstr_upload_row(upload, row, 2, scene->error);
    }
    code = code == MSTR_OK && flags != 0 ? mstr_upload_publish(upload, NULL, scene->error) : code;
    mstr_upload_free(upload);
    return code;
}

static enum mstr_code upload_new(struct scene *scene)
{
    return upload_into(scene, "New", MSTR_UPLOAD_CREATE);
}
static const struct scenario new_scenario = {"upload_new", STAGE_OPEN, upload_new, 0};

/* Not published. */
static enum mstr_code upload_known(struct scene *scene)
{
    return upload_into(scene, "8CCDA29611E943E8B5FB0080EFD5AF44", 0);
}
static const struct scenario known_scenario = {"upload_known", STAGE_OPEN, upload_known, 0};

static enum mstr_code tell_model(struct scene *scene)
{
    static const mstr_upload_column columns[] = {MSTR_UPLOAD_COLUMN("Region", MSTR_UPLOAD_STRING)};
    mstr_upload_options options = MSTR_UPLOAD_OPTIONS_INIT;
    mstr_secret *model = NULL;
    options.dataset = "New";
    options.columns = columns;
    options.column_count = 1;
    enum mstr_code code = mstr_upload_model(&options, &model, scene->error);
    assert_true((model != NULL) == (code == MSTR_OK));
    mstr_secret_release(model);
    return code;
}
static const struct scenario model_scenario = {"upload_model", STAGE_NOTHING, tell_model, 0};

const struct called files_calls[] = {
    {"mstr_document_export", &export_scenario, NULL},
    {"mstr_upload_begin", &new_scenario, NULL},
    {"mstr_upload_fits", NULL, "allocates nothing: looks at a text"},
    {"mstr_upload_free", &known_scenario, NULL},
    {"mstr_upload_model", &model_scenario, NULL},
    {"mstr_upload_publish", &new_scenario, NULL},
    {"mstr_upload_row", &known_scenario, NULL},
    {NULL, NULL, NULL},
};
