/* SPDX-License-Identifier: Apache-2.0 */
/* mstr push: the rows of a file as a dataset. */
#include "command.h"
#include "common_options.h"
#include "context.h"
#include "display.h"
#include "failure.h"
#include "output.h"
#include "progress.h"
#include "sample.h"
#include "session_use.h"

#include <stdlib.h>
#include <string.h>

struct push {
    const char *path;
    mstr_upload_options options;
    struct names attributes, metrics, types; /* words of the command line */
    mstr_upload_column *columns;
    struct rows rows;
    struct sample sample;
    int64_t count; /* rows that were given away */
    bool dry;
};

enum {
    OPTION_DATASET = 1,
    OPTION_TABLE,
    OPTION_POLICY,
    OPTION_CREATE,
    OPTION_FOLDER,
    OPTION_ATTRIBUTE,
    OPTION_METRIC,
    OPTION_TYPES,
    OPTION_NULL,
    OPTION_DRY_RUN,
};
static const struct option options[] = {
    {OPTION_DATASET, 'd', "dataset", "NAME|ID", "the dataset that the rows go into"},
    {OPTION_TABLE, 0, "table", "NAME", "its table, where it has several"},
    {OPTION_POLICY, 0, "policy", "HOW", "replace, the default; add, update or upsert"},
    {OPTION_CREATE, 0, "create", NULL, "make the dataset where there is none of the name"},
    {OPTION_FOLDER, 0, "folder", "ID", "with --create: the folder that it comes into"},
    {OPTION_ATTRIBUTE, 0, "attribute", "COLUMN[@FORM]", "with --create: a column is a form of an attribute"},
    {OPTION_METRIC, 0, "metric", "COLUMN", "with --create: a column is a metric"},
    {OPTION_TYPES, 0, "types", "COLUMN=TYPE,...", "types of columns, in place of those the first rows show"},
    {OPTION_NULL, 0, "null", "TEXT", "what stands for a null, beside an empty field without quotes"},
    {OPTION_DRY_RUN, 'n', "dry-run", NULL, "tell columns and types, with --json the model, and send nothing"},
    {0, 0, NULL, NULL, NULL},
};

/* Of the rows; what is not said is told by the ending of the file. */
static const char *const formats[] = {"csv", "jsonl", NULL};

static const char *const types[] = {"string",     "integer", "biginteger", "bool",    "double",
                                    "bigdecimal", "date",    "time",       "datetime"};

static int no_memory(struct tool *tool)
{
    mstr_error_set(tool->error, MSTR_E_MEMORY, "out of memory");
    return tool_fail(tool);
}

/* --- the command line ------------------------------------------------------------------------------------------- */

static int take_policy(struct tool *tool, struct push *push, const char *value)
{
    static const char *const policies[] = {"replace", "add", "update", "upsert"};
    for (size_t i = 0; i < sizeof policies / sizeof policies[0]; i++) {
        if (strcmp(value, policies[i]) == 0) {
            push->options.policy = (enum mstr_upload_policy)i;
            return STATUS_DONE;
        }
    }
    return tool_usage(tool, "there are the policies replace, add, update and upsert, not \"%.40s\"", value);
}

static bool take_text(struct push *push, int found, const char *value)
{
    const struct {
        int option;
        const char **text;
    } texts[] = {
        {OPTION_DATASET, &push->options.dataset},
        {OPTION_TABLE, &push->options.table},
        {OPTION_FOLDER, &push->options.folder},
        {OPTION_NULL, &push->rows.null},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (texts[i].option == found) {
            *texts[i].text = value;
            return true;
        }
    }
    return false;
}

static int take_option(struct tool *tool, struct push *push, int found, const char *value)
{
    switch (found) {
    case OPTION_POLICY:
        return take_policy(tool, push, value);
    case OPTION_CREATE:
        push->options.flags |= MSTR_UPLOAD_CREATE;
        return STATUS_DONE;
    case OPTION_ATTRIBUTE:
        return names_add(&push->attributes, value) ? STATUS_DONE : no_memory(tool);
    case OPTION_METRIC:
        return names_add(&push->metrics, value) ? STATUS_DONE : no_memory(tool);
    case OPTION_TYPES:
        /* The words of a command line may be changed (C11 5.1.2.2.1). */
        return names_split(&push->types, (char *)(uintptr_t)value) ? STATUS_DONE : no_memory(tool);
    case OPTION_DRY_RUN:
        push->dry = true;
        return STATUS_DONE;
    case ARGUMENT_OPERAND:
        return tool_take_operand(tool, &push->path, value);
    default:
        return take_text(push, found, value) ? STATUS_DONE : STATUS_USAGE;
    }
}

static int parse(struct tool *tool, struct arguments *arguments, struct push *push)
{
    const char *value = NULL;
    for (int found; (found = tool_next(tool, arguments, &value)) != ARGUMENT_END;) {
        int status = take_option(tool, push, found, value);
        if (status != STATUS_DONE) {
            return status;
        }
    }
    if (push->path == NULL) {
        return tool_usage(tool, "no file was named");
    }
    if (push->options.dataset == NULL && !push->dry) {
        return tool_usage(tool, "say with --dataset where the rows go");
    }
    const char *ending = strrchr(push->path, '.');
    push->rows.json = tool->format != NULL
                          ? tool->format == formats[1]
                          : ending != NULL && (strcmp(ending, ".jsonl") == 0 || strcmp(ending, ".ndjson") == 0);
    push->options.project = tool->project;
    return STATUS_DONE;
}

/* --- columns ---------------------------------------------------------------------------------------------------- */

/* The column of a name of so many octets; NULL if there is none. */
static mstr_upload_column *find_column(struct push *push, const char *name, size_t length)
{
    for (size_t i = 0; i < push->options.column_count; i++) {
        if (strlen(push->columns[i].name) == length && memcmp(push->columns[i].name, name, length) == 0) {
            return &push->columns[i];
        }
    }
    return NULL;
}

static int no_column(struct tool *tool, const struct push *push, const char *name)
{
    return tool_usage(tool, "%.80s has no column \"%.80s\"", push->rows.name, name);
}

static int take_type(struct tool *tool, struct push *push, const char *word)
{
    const char *equals = strrchr(word, '=');
    mstr_upload_column *column = equals != NULL ? find_column(push, word, (size_t)(equals - word)) : NULL;
    if (equals == NULL) {
        return tool_usage(tool, "write a type as COLUMN=TYPE");
    }
    for (size_t i = 0; column != NULL && i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(equals + 1, types[i]) == 0) {
            column->type = (enum mstr_upload_type)i;
            return STATUS_DONE;
        }
    }
    return column == NULL ? no_column(tool, push, word)
                          : tool_usage(tool,
                                       "there are the types string, integer, biginteger, bool, double, bigdecimal, "
                                       "date, time and datetime, not \"%.40s\"",
                                       equals + 1);
}

/* "Customer@DESC" is a form of Customer, whether the column is named so or Customer alone. */
static int take_attribute(struct tool *tool, struct push *push, const char *word)
{
    const char *at = strrchr(word, '@');
    mstr_upload_column *column = find_column(push, word, strlen(word));
    if (column == NULL && at != NULL) {
        column = find_column(push, word, (size_t)(at - word));
    }
    if (column == NULL) {
        return no_column(tool, push, word);
    }
    column->role = MSTR_UPLOAD_ATTRIBUTE;
    if (at != NULL && at > word && at[1] != '\0') {
        char *name = strndup(word, (size_t)(at - word));
        free((void *)(uintptr_t)column->attribute);
        column->attribute = name;
        column->form = at + 1;
        return name != NULL ? STATUS_DONE : no_memory(tool);
    }
    return STATUS_DONE;
}

static int make_columns(struct tool *tool, struct push *push)
{
    const struct names *names = &push->rows.columns;
    int status = STATUS_DONE;
    push->columns = calloc(names->count, sizeof *push->columns);
    if (push->columns == NULL) {
        return no_memory(tool);
    }
    push->options.columns = push->columns;
    push->options.column_count = names->count;
    for (size_t i = 0; i < names->count; i++) {
        push->columns[i] = (mstr_upload_column)MSTR_UPLOAD_COLUMN(names->items[i], sample_type(&push->sample, i));
    }
    for (size_t i = 0; status == STATUS_DONE && i < names->count; i++) {
        bool form = strchr(names->items[i], '@') != NULL; /* as `mstr report` names forms */
        status = form ? take_attribute(tool, push, names->items[i]) : STATUS_DONE;
    }
    for (size_t i = 0; status == STATUS_DONE && i < push->types.count; i++) {
        status = take_type(tool, push, push->types.items[i]);
    }
    for (size_t i = 0; status == STATUS_DONE && i < push->attributes.count; i++) {
        status = take_attribute(tool, push, push->attributes.items[i]);
    }
    for (size_t i = 0; status == STATUS_DONE && i < push->metrics.count; i++) {
        const char *name = push->metrics.items[i];
        mstr_upload_column *column = find_column(push, name, strlen(name));
        if (column == NULL) {
            return no_column(tool, push, name);
        }
        column->role = MSTR_UPLOAD_METRIC;
    }
    return status;
}

static bool is_metric(const mstr_upload_column *column)
{
    bool number = column->type == MSTR_UPLOAD_INTEGER || column->type == MSTR_UPLOAD_BIGINTEGER ||
                  column->type == MSTR_UPLOAD_DOUBLE || column->type == MSTR_UPLOAD_BIGDECIMAL;
    return column->role == MSTR_UPLOAD_METRIC || (column->role == MSTR_UPLOAD_BY_TYPE && number);
}

/* A line for each column: its name, type, and what it becomes in a new dataset. */
static void show_columns(const struct push *push, struct output *output)
{
    for (size_t i = 0; i < push->options.column_count; i++) {
        const mstr_upload_column *column = &push->columns[i];
        display(output, column->name);
        output_printf(output, "\t%s\t%s", types[column->type], is_metric(column) ? "metric" : "attribute");
        if (column->form != NULL) {
            output_puts(output, "\t");
            display(output, column->attribute);
            output_puts(output, "@");
            display(output, column->form);
        }
        output_puts(output, "\n");
    }
}

/* What a new dataset would be, as the server is told. */
static int show_model(struct tool *tool, struct push *push)
{
    mstr_secret *model = NULL;
    push->options.dataset = push->options.dataset != NULL ? push->options.dataset : push->rows.name;
    if (mstr_upload_model(&push->options, &model, tool->error) != MSTR_OK) {
        return tool_fail(tool);
    }
    output_write(output_data, mstr_secret_octets(model), mstr_secret_length(model));
    output_puts(output_data, "\n");
    mstr_secret_release(model);
    return STATUS_DONE;
}

/* --- rows ------------------------------------------------------------------------------------------------------- */

/* An empty text is a null in all columns but those of text. */
static const mstr_upload_field *clean(const struct push *push, const mstr_upload_field *fields,
                                      mstr_upload_field *cleaned)
{
    for (size_t i = 0; i < push->options.column_count; i++) {
        bool null = fields[i].length == 0 && push->columns[i].type != MSTR_UPLOAD_STRING;
        cleaned[i] = null ? (mstr_upload_field){NULL, 0} : fields[i];
    }
    return cleaned;
}

static int give_rows(struct tool *tool, struct push *push, mstr_upload *upload, struct progress *progress)
{
    const mstr_upload_field *fields = NULL;
    mstr_upload_field *cleaned = calloc(push->options.column_count, sizeof *cleaned);
    int status = cleaned != NULL ? sample_next(&push->sample, &fields) : no_memory(tool);
    while (status == STATUS_DONE && fields != NULL) {
        fields = clean(push, fields, cleaned);
        if (mstr_upload_row(upload, fields, push->options.column_count, tool->error) != MSTR_OK) {
            status = tool_fail(tool);
            break;
        }
        atomic_store(&progress->done, ++push->count);
        status = sample_next(&push->sample, &fields);
    }
    free(cleaned);
    return status;
}

static int upload_rows(struct tool *tool, mstr_session *session, void *data)
{
    struct push *push = data;
    struct progress progress;
    mstr_upload *upload = NULL;
    mstr_call_options call = tool_call(tool);
    push->options.call = &call;
    progress_begin(&progress, tool, "rows", !tool->quiet, PROGRESS_LINE_PERIOD);
    int status = mstr_upload_begin(session, &push->options, &upload, tool->error) == MSTR_OK
                     ? give_rows(tool, push, upload, &progress)
                     : tool_fail(tool);
    if (status == STATUS_DONE) {
        call = tool_call(tool);
        status = mstr_upload_publish(upload, &call, tool->error) == MSTR_OK ? STATUS_DONE : tool_fail(tool);
    }
    mstr_upload_free(upload);
    progress_end(&progress);
    if (status == STATUS_DONE && tool->json) {
        output_printf(output_data, "{\"rows\": %lld}\n", (long long)push->count);
    } else if (status == STATUS_DONE && !tool->quiet) {
        output_printf(output_notes, "%lld rows are published\n", (long long)push->count);
    }
    return status;
}

static int push_rows(struct tool *tool, struct push *push)
{
    int status = rows_open(&push->rows, tool, push->path);
    status = status == STATUS_DONE ? sample_read(&push->sample, &push->rows) : status;
    status = status == STATUS_DONE ? make_columns(tool, push) : status;
    if (status != STATUS_DONE) {
        return status;
    }
    if (push->dry && tool->json) {
        return show_model(tool, push);
    }
    if (push->dry) {
        show_columns(push, output_data);
        return STATUS_DONE;
    }
    if (!tool->quiet && !tool->json) {
        show_columns(push, output_notes);
        output_flush(output_notes);
    }
    return tool_work(tool, upload_rows, push);
}

static int run(struct tool *tool, struct arguments *arguments)
{
    struct push push = {.options = MSTR_UPLOAD_OPTIONS_INIT};
    push.rows.descriptor = -1;
    int status = parse(tool, arguments, &push);
    status = status == STATUS_DONE ? push_rows(tool, &push) : status;
    for (size_t i = 0; i < push.options.column_count; i++) {
        free((void *)(uintptr_t)push.columns[i].attribute);
    }
    free(push.columns);
    sample_release(&push.sample);
    rows_close(&push.rows);
    names_release(&push.attributes);
    names_release(&push.metrics);
    names_release(&push.types);
    return status;
}

static const char *const synopsis[] = {"[OPTION]... FILE|-", NULL};
static const char *const examples[] = {
    "mstr push sales.csv --dataset 'Sales Upload'",
    "mstr push sales.csv --dataset Sales --create --attribute Year --types Zip=string",
    "mstr push sales.csv --dry-run",
    NULL,
};
const struct command command_push = {
    .name = "push",
    .synopsis = synopsis,
    .summary = "publish the rows of a file as a dataset",
    .options = options,
    .examples = examples,
    .formats = formats,
    .takes = COMMAND_HAS_SESSION,
    .run = run,
};
