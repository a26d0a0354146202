/*
 * How the configuration is held while it is read (read.c) and looked up (store.c). For these two files only.
 */
#ifndef MSTR_CONFIG_STORE_H
#define MSTR_CONFIG_STORE_H

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
};

struct config {
    struct config_section *sections;
    size_t section_count;
    struct config_problem *problems;
    size_t problem_count;
    struct config_file *files;
    size_t file_count;
    char *profile; /* of the options or $MSTR_PROFILE; or NULL */
};

#endif
