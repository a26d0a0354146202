/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A home folder for tests of AWS's identities, under the fake host: files below it, the settings of whoever asks, and
 * which keys the chain finds there.
 */
#ifndef MSTR_TESTS_SUPPORT_AWS_HOME_H
#define MSTR_TESTS_SUPPORT_AWS_HOME_H

#include "support/fake_host.h"
#include "support/unit.h"

#include "aws/config/files.h"
#include "aws/identity/chain.h"
#include "aws/identity/renewable_keys.h"
#include "sdk/host.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define STS_URL "https://sts.us-east-1.amazonaws.com/"
#define ASSUMED                                                                                                      \
    "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAROLE</AccessKeyId>"                         \
    "<SecretAccessKey>s&amp;k</SecretAccessKey><SessionToken>tok</SessionToken>"                                     \
    "<Expiration>2026-01-15T13:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"

static char home[] = "/tmp/mstr-aws-XXXXXX";
static struct aws_settings settings; /* blank until the test sets some */

/* Fixtures of CMocka: a fake host in us-east-1 whose HOME is an empty folder; and its end. */
static inline int aws_home_make(void **state)
{
    fake_host_setup(state);
    settings = (struct aws_settings){.instance = fake_host_instance(NULL)};
    strcpy(home, "/tmp/mstr-aws-XXXXXX");
    assert_non_null(mkdtemp(home));
    fake_host_env("HOME", home);
    fake_host_env("AWS_REGION", "us-east-1");
    return 0;
}

/* The tests make no links. */
static inline void aws_home_remove(const char *path)
{
    DIR *folder = opendir(path);
    for (struct dirent *entry = NULL; folder != NULL && (entry = readdir(folder)) != NULL;) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            struct buffer inner = BUFFER_INIT;
            buffer_printf(&inner, "%s/%s", path, entry->d_name);
            aws_home_remove(buffer_text(&inner));
            buffer_release(&inner);
        }
    }
    if (folder != NULL) {
        closedir(folder);
    }
    remove(path);
}

static inline int aws_home_drop(void **state)
{
    aws_home_remove(home);
    return fake_host_teardown(state);
}

static inline void home_path(const char *name, char path[256])
{
    snprintf(path, 256, "%s/%s", home, name);
}

/* With the folders above it. */
static inline void write_file(const char *name, const char *text)
{
    char path[256];
    home_path(name, path);
    for (char *slash = strchr(path + strlen(home) + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* The config file holds the default profile alone, with these lines. */
static inline void write_default_profile(const char *lines)
{
    struct buffer config = BUFFER_INIT;
    buffer_printf(&config, "[default]\n%s", lines);
    write_file(".aws/config", buffer_text(&config));
    buffer_release(&config);
}

static inline enum mstr_code find_keys(struct aws_keys **keys, struct mstr_error *error)
{
    struct configuration config;
    const struct surroundings around = {.call = fake_host_call(), .config = &config};
    *keys = NULL;
    enum mstr_code code = configuration_load(fake_host_call(), &settings, &config, error);
    if (code == MSTR_OK) {
        code = chain_walk(&around, NULL, keys, error);
    }
    configuration_release(&config);
    return code;
}

/* The chain finds the keys with this access key. */
static inline void assert_keys(const char *access_key)
{
    struct aws_keys *keys = NULL;
    struct mstr_error *error = host->error_new();
    if (find_keys(&keys, error) != MSTR_OK) {
        fail_msg("%s: %s", access_key, host->error_message(error));
    }
    assert_string_equal(keys->access_key, access_key);
    aws_keys_release(keys);
    host->error_free(error);
}

/* The chain fails so; `hint` is a part of what to do, NULL for any. */
static inline void assert_no_keys_hint(enum mstr_code code, const char *message, const char *hint)
{
    struct aws_keys *keys = NULL;
    struct mstr_error *error = host->error_new();
    enum mstr_code got = find_keys(&keys, error);
    assert_null(keys);
    assert_contains(host->error_message(error), message);
    assert_int_equal(got, code);
    if (hint != NULL) {
        assert_non_null(host->error_text(error, MSTR_DETAIL_HINT));
        assert_contains(host->error_text(error, MSTR_DETAIL_HINT), hint);
    }
    host->error_free(error);
}

static inline void assert_no_keys(enum mstr_code code, const char *message)
{
    assert_no_keys_hint(code, message, NULL);
}

/* Which keys are handed out of those that are kept. */
static inline void assert_kept(struct renewable_keys *renewable, const char *access_key)
{
    struct aws_keys *keys = NULL;
    assert_int_equal(renewable_keys_get(renewable, NULL, fake_host_call(), &keys, NULL), MSTR_OK);
    assert_string_equal(keys->access_key, access_key);
    aws_keys_release(keys);
}

#endif
