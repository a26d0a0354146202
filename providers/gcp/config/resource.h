/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a gcp-sm reference names: //PROJECT/SECRET[/VERSION], or projects/P[/locations/L]/secrets/S[/versions/V].
 * Pure.
 */
#ifndef MSTR_PROVIDERS_GCP_CONFIG_RESOURCE_H
#define MSTR_PROVIDERS_GCP_CONFIG_RESOURCE_H

#include <stdbool.h>

#define RESOURCE_OWN_PROJECT "-" /* that of the identity */

enum { RESOURCE_PART_MAX = 255 };

struct resource {
    char project[RESOURCE_PART_MAX + 1];  /* id or number; may be domain:id */
    char location[RESOURCE_PART_MAX + 1]; /* "" = global */
    char secret[RESOURCE_PART_MAX + 1];
    char version[RESOURCE_PART_MAX + 1]; /* number, alias or "latest" */
};

/* Puts a project in place of RESOURCE_OWN_PROJECT; false if it is no project's id. */
bool resource_set_project(struct resource *resource, const char *project);
/* Whether an answer that calls itself `told` can be the one to `asked`: ids and numbers of projects, and latest,
 * aliases and numbers of versions, stand for each other. */
bool resource_answers(const struct resource *told, const struct resource *asked);
/* NULL when it is one, else what is wrong with it. */
const char *resource_parse(const char *body, struct resource *resource);

#endif
