/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration and installation, as doctor tells them. */
#include "doctor_setup.h"

#include <stdio.h>
#include <string.h>

/* An item of the configuration that is no step of its own: what is wrong with it, and what to do, is the hint. */
static int tell_item(struct doctor_report *report, const char *name, const char *detail, const mstr_config_item *item)
{
    char hint[1024];
    snprintf(hint, sizeof hint, "%s%s%s", item->problem != NULL ? item->problem : "", item->hint != NULL ? "; " : "",
             item->hint != NULL ? item->hint : "");
    return doctor_tell(report, name, detail, item->problem != NULL ? hint : NULL);
}

static int tell_trust(const mstr_config_item *item, void *data)
{
    return strcmp(item->key, "sessions") == 0 ? tell_item(data, "trust", item->value, item) : 0;
}

void doctor_trust(struct tool *tool, struct doctor_report *report)
{
    mstr_config_visit(&tool->options, MSTR_CONFIG_TRUST, tell_trust, report, NULL);
}

/* Where an item stands, for a detail. */
static void write_place(const mstr_config_item *item, char *place, size_t size)
{
    const char *file = item->file != NULL ? item->file : "configuration";
    snprintf(place, size, item->line > 0 ? "%s:%u" : "%s", file, item->line);
}

struct findings {
    struct doctor_report *report;
    const char *section;
    bool any;
};

/* What "config check" says of the profile; a run may go well all the same. */
static int tell_finding(const mstr_config_item *item, void *data)
{
    struct findings *findings = data;
    char place[512];
    write_place(item, place, sizeof place);
    if (item->section == NULL || strcmp(item->section, findings->section) != 0) {
        return 0;
    }
    if (!findings->any) {
        doctor_begin(findings->report, "configuration", "configuration");
        findings->any = true;
    }
    return tell_item(findings->report, item->key != NULL ? item->key : "profile", place, item);
}

void doctor_configuration(struct tool *tool, struct doctor_report *report, const char *section)
{
    struct findings findings = {.report = report, .section = section};
    mstr_config_visit(&tool->options, MSTR_CONFIG_PROBLEMS, tell_finding, &findings, NULL);
    if (findings.any) {
        doctor_end(report, MSTR_OK, NULL);
    }
}

static int tell_weakening(const mstr_config_item *item, void *data)
{
    struct doctor_report *report = data;
    char place[512];
    write_place(item, place, sizeof place);
    if (report->subjects == 0) {
        doctor_begin(report, "weakenings", "weakenings");
    }
    return tell_item(report, item->key, item->line > 0 ? place : item->value, item);
}

void doctor_weakenings(struct tool *tool, struct doctor_report *report)
{
    mstr_config_visit(&tool->options, MSTR_CONFIG_WEAKENINGS, tell_weakening, report, NULL);
    if (report->subjects > 0) {
        doctor_end(report, MSTR_OK, NULL);
    }
}

static int tell_file(const mstr_config_item *item, void *data)
{
    return doctor_tell(data, "file", item->file, item->problem);
}

static int tell_plugin(const mstr_provider_info *info, void *data)
{
    char told[1024];
    snprintf(told, sizeof told, "%s: %s, %s", info->name, info->version != NULL ? info->version : "no version",
             info->file != NULL ? info->file : "no file");
    return doctor_tell(data, "plugin", told, info->problem);
}

void doctor_installation(struct tool *tool, struct doctor_report *report)
{
    doctor_begin(report, "installation", "installation");
    doctor_tell(report, "version", mstr_version(), NULL);
    mstr_config_visit(&tool->options, MSTR_CONFIG_PATHS, tell_file, report, NULL);
    mstr_context_providers(tool->context, tell_plugin, report, NULL);
    doctor_end(report, MSTR_OK, NULL);
}
