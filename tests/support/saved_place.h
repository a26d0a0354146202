/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A folder with room for one saved session, and what the system tells of its files and of who asks: a test says where
 * that is other than it is. To be included first, by one file of a program.
 */
#ifndef MSTR_TESTS_SUPPORT_SAVED_PLACE_H
#define MSTR_TESTS_SUPPORT_SAVED_PLACE_H

#define _GNU_SOURCE /* AT_EMPTY_PATH, getresuid() */
#include "session/saved/snapshot_file.h"
#include "support/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];
static char path[384];
static mstr_error *problem;

static struct {
    bool no_facts; /* fstat() fails */
    bool another;  /* the process is of another user than the files */
} told;

static int fail_with(int code)
{
    errno = code;
    return -1;
}

int fstat(int file, struct stat *facts)
{
    return told.no_facts ? fail_with(EIO) : fstatat(file, "", facts, AT_EMPTY_PATH);
}

uid_t geteuid(void)
{
    uid_t real;
    uid_t effective;
    uid_t saved;
    getresuid(&real, &effective, &saved);
    return effective + told.another;
}

static void place_make(void)
{
    memset(&told, 0, sizeof(told));
    problem = mstr_error_new();
    snprintf(folder, sizeof(folder), "/tmp/mstr-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/session", folder);
}

static void place_remove(void)
{
    unlink(path);
    assert_int_equal(rmdir(folder), 0); /* nothing else was left behind */
    mstr_error_free(problem);
}

#endif
