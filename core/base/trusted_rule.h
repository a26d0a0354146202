/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is asked of one component of a trusted file's path: that it belongs to root or the effective user and that
 * nobody else may write it, unless its mount is read-only or MSTR_TRUSTED_FOLDERS holds it. For trusted_file.c only.
 */
#ifndef MSTR_BASE_TRUSTED_RULE_H
#define MSTR_BASE_TRUSTED_RULE_H

#include "base/buffer.h"
#include "base/trusted_kind.h"

#include <stdbool.h>
#include <sys/stat.h>

struct trusted_component {
    int fd; /* O_PATH will do */
    struct stat status;
    const char *path; /* real */
    enum trusted_kind kind;
};

enum trusted_fault {
    TRUSTED_NO_FAULT,
    TRUSTED_FOREIGN,     /* owned by somebody else */
    TRUSTED_OPEN_TO_ALL, /* these may write it */
    TRUSTED_OPEN_TO_GROUP,
    TRUSTED_OPEN_BY_ACL
};

/* Looks at the component alone; the sticky bit of a folder is its caller's affair. */
enum trusted_fault trusted_rule_fault(const struct trusted_component *component);
/* Writes problem and remedy of a fault. */
void trusted_rule_tell(const struct trusted_component *component, enum trusted_fault fault, struct buffer *problem,
                       struct buffer *remedy);
/* /dev/null, which says nothing whoever may write it. */
bool trusted_rule_is_null_device(const struct stat *status);

#endif
