/* SPDX-License-Identifier: Apache-2.0 */
/* The three forms of what doctor found. */
#include "doctor_report.h"

#include "display.h"
#include "output.h"

#include <stdio.h>
#include <string.h>

/* Steps that a bundle names, and what it has of their detail: a pseudonym of this kind, the detail itself where it is
 * made of digits, dots and words of our own, or nothing. Names of other steps are a plugin's, or whose plugin it
 * is. */
static const struct told {
    const char *step;
    const char *kind; /* NULL = nothing is told, "" = the detail as it is */
} told_steps[] = {
    {"reference", NULL},  {"provider", NULL}, {"identity", NULL},   {"agent", NULL},     {"agent session", NULL},
    {"secret", NULL},     {"memory", NULL},   {"trust", "source"},  {"proxy", "host"},   {"login", NULL},
    {"base_url", "host"}, {"server", ""},     {"session ends", ""}, {"working set", ""}, {"searches", ""},
    {"clock", ""},        {"file", "path"},   {"plugin", "plugin"}, {"version", ""},     {"name", NULL},
    {"connect", NULL},    {"tls", NULL},      {"setting", NULL},    {"weakening", NULL},
};

static const char *outcome_name(enum mstr_step outcome)
{
    static const char *const names[] = {"used", "skipped", "failed", "info"};
    return (size_t)outcome < sizeof names / sizeof names[0] ? names[outcome] : "unknown";
}

static void print_text(const mstr_explain_step *step)
{
    output_printf(output_data, "  %-8s ", outcome_name(step->outcome));
    display(output_data, step->name);
    size_t width = strlen(step->name);
    output_printf(output_data, "%*s %5lld ms", width < 24 ? (int)(24 - width) : 0, "", (long long)step->milliseconds);
    if (step->detail != NULL) {
        output_puts(output_data, "  ");
        display(output_data, step->detail);
    }
    output_puts(output_data, "\n");
    if (step->hint != NULL) {
        output_puts(output_data, "           hint: ");
        display(output_data, step->hint);
        output_puts(output_data, "\n");
    }
}

static void print_json(struct doctor_report *report, const mstr_explain_step *step)
{
    output_member(output_data, report->steps == 0 ? "\n    {" : ",\n    {", "step", step->name);
    output_member(output_data, ", ", "outcome", outcome_name(step->outcome));
    output_member(output_data, ", ", "detail", step->detail);
    output_member(output_data, ", ", "hint", step->hint);
    output_printf(output_data, ", \"ms\": %lld}", (long long)step->milliseconds);
}

static void print_bundled(struct doctor_report *report, const mstr_explain_step *step)
{
    char name[64];
    char detail[64];
    const struct told *told = NULL;
    for (size_t i = 0; told == NULL && i < sizeof told_steps / sizeof told_steps[0]; i++) {
        told = strcmp(step->name, told_steps[i].step) == 0 ? &told_steps[i] : NULL;
    }
    if (told == NULL) {
        pseudonym_write(&report->pseudonyms, "step", step->name, name, sizeof name);
    }
    output_member(output_data, report->steps == 0 ? "\n    {" : ",\n    {", "step", told != NULL ? told->step : name);
    output_member(output_data, ", ", "outcome", outcome_name(step->outcome));
    if (told != NULL && told->kind != NULL && step->detail != NULL) {
        pseudonym_write(&report->pseudonyms, told->kind, step->detail, detail, sizeof detail);
        output_member(output_data, ", ", "detail", *told->kind != '\0' ? detail : step->detail);
    }
    output_printf(output_data, ", \"ms\": %lld}", (long long)step->milliseconds);
}

int doctor_step(const mstr_explain_step *step, void *data)
{
    struct doctor_report *report = data;
    if (report->form == DOCTOR_TEXT) {
        print_text(step);
    } else if (report->form == DOCTOR_JSON) {
        print_json(report, step);
    } else {
        print_bundled(report, step);
    }
    report->steps++;
    return 0;
}

int doctor_tell(struct doctor_report *report, const char *name, const char *detail, const char *hint)
{
    const mstr_explain_step step = {
        .size = sizeof step, .outcome = MSTR_STEP_INFO, .name = name, .detail = detail, .hint = hint};
    return doctor_step(&step, report);
}

void doctor_begin(struct doctor_report *report, const char *kind, const char *title)
{
    char pseudonym[64];
    bool first = report->subjects++ == 0;
    report->steps = 0;
    if (report->form == DOCTOR_TEXT) {
        display(output_data, title);
        output_puts(output_data, "\n");
        return;
    }
    pseudonym_write(&report->pseudonyms, kind, title, pseudonym, sizeof pseudonym);
    output_member(output_data, first ? "[\n  {" : ",\n  {", "subject",
                  report->form == DOCTOR_JSON ? title : pseudonym);
    output_puts(output_data, ", \"steps\": [");
}

void doctor_end(struct doctor_report *report, enum mstr_code code, const mstr_error *error)
{
    if (report->form == DOCTOR_TEXT) {
        return;
    }
    output_puts(output_data, "]");
    if (report->form == DOCTOR_BUNDLE) {
        output_member(output_data, ", ", "class", mstr_code_name(code));
        if (code != MSTR_OK && mstr_error_http_status(error) != 0) {
            output_printf(output_data, ", \"http_status\": %d", mstr_error_http_status(error));
        }
        if (code != MSTR_OK && report->ids) {
            output_member(output_data, ", ", "request_id", mstr_error_request_id(error));
        }
    }
    output_puts(output_data, "}");
}

void doctor_finish(struct doctor_report *report)
{
    if (report->form != DOCTOR_TEXT) {
        output_list_end(output_data, report->subjects, true);
    }
    pseudonyms_release(&report->pseudonyms);
}
