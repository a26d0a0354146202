/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the configuration is held while it is read (read.c, content.c) and looked up (store.c). For these files only.
 */
#ifndef MSTR_CONFIG_STORE_H
#define MSTR_CONFIG_STORE_H

#include "base/name_index.h"
#include "config/config.h"

struct config_setting {
    char *key;
    char *text; /* what value.text points to */
    struct config_value value;
};

struct config_section {
    char *name; /* "profile default", "cache" */
    struct config_setting *settings;
    size_t count;
    bool refused; /* a line of it was, and is not among them */
};

struct config {
    struct config_section *sections;
    size_t section_count;
    struct config_problem *problems;
    size_t problem_count;
    struct config_file *files;
    size_t file_count;
    char *profile;           /* of the options or $MSTR_PROFILE; or NULL */
    struct name_index names; /* group 0: of sections; group n + 1: of the keys of section n */
};

/* An array with one more element at its end, which is blank; NULL without memory. */
void *store_grow(void *array, size_t *count, size_t size);
/* The position of the section, which is made if it is new; NAME_INDEX_NOWHERE without memory. */
size_t store_section(struct config *config, const char *name);
/* The setting, which is made, without a text, if it is new; NULL without memory. */
struct config_setting *store_setting(struct config *config, size_t section, const char *key);

#endif
