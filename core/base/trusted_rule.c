/* SPDX-License-Identifier: Apache-2.0 */
/* The rule for one component of a path, and what is told where it is broken. */
#include "base/trusted_rule.h"

#include "base/trusted_folders.h"

#include <errno.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { UNMAPPED_USER = 65534 }; /* what the kernel shows of an owner whom a user namespace does not map */

/* How each fault is told, and the command that mends it. */
static const struct {
    const char *problem;
    const char *command;
} faults[] = {
    [TRUSTED_FOREIGN] = {"belongs to neither root nor this user", "as root: chown"},
    [TRUSTED_OPEN_TO_ALL] = {"is writable by others", "as its owner or root: chmod o-w"},
    [TRUSTED_OPEN_TO_GROUP] = {"is writable by a group of others", "as its owner or root: chmod g-w"},
    [TRUSTED_OPEN_BY_ACL] = {"is writable by those whom its ACL names",
                             "as its owner or root: chmod g-w"}, /* which sets the ACL's mask */
};

/* File systems whose content somebody elsewhere may change however they are mounted here. */
static const unsigned remote_systems[] = {
    FUSE_SUPER_MAGIC, NFS_SUPER_MAGIC,  SMB_SUPER_MAGIC,  SMB2_SUPER_MAGIC, CIFS_SUPER_MAGIC,  AFS_SUPER_MAGIC,
    AFS_FS_MAGIC,     CEPH_SUPER_MAGIC, CODA_SUPER_MAGIC, V9FS_MAGIC,       OCFS2_SUPER_MAGIC, 0x01161970, /* GFS2 */
    0x0bd00bd0,                   /* Lustre, server and client */
    0x0bd00bd3,       0x47504653, /* GPFS */
    0x786f4256,                   /* VirtualBox's shared folders */
};

static bool is_on_read_only_mount(int fd)
{
    struct statfs mount;
    if (fstatfs(fd, &mount) != 0 || (mount.f_flags & ST_RDONLY) == 0) {
        return false;
    }
    for (size_t i = 0; i < sizeof(remote_systems) / sizeof(*remote_systems); i++) {
        if ((unsigned)mount.f_type == remote_systems[i]) {
            return false;
        }
    }
    return true;
}

/* A user who is root has more to lose: what runs with all rights must not be in the hands of whoever shares a
 * folder. */
static bool may_use_folders(const struct trusted_component *component)
{
    return geteuid() != 0 || component->kind == TRUSTED_CONFIGURATION;
}

/* By way of /proc, since a descriptor that may not be read has no attributes of its own. Where there is none, as in
 * some containers, by the path, on which nobody else can put anything: whatever is above was looked at before. If it
 * cannot be told, there is one. */
static bool has_acl(const struct trusted_component *component)
{
    static const char name[] = "system.posix_acl_access";
    char path[64];
    snprintf(path, sizeof(path), "/proc/self/fd/%d", component->fd);
    bool found = getxattr(path, name, NULL, 0) >= 0;
    if (!found && (errno == ENOENT || errno == ENOTDIR || errno == EACCES)) {
        found = lgetxattr(component->path, name, NULL, 0) >= 0;
    }
    return found || (errno != ENODATA && errno != ENOTSUP);
}

/* A group may write where it is root's (images for arbitrary users) or the user's private one. Which others are in it
 * only a name service knows, which is not asked. */
static enum trusted_fault find_writers(const struct trusted_component *component)
{
    const struct stat *status = &component->status;
    if ((status->st_mode & S_IWOTH) != 0) {
        return TRUSTED_OPEN_TO_ALL;
    }
    if ((status->st_mode & S_IWGRP) == 0) {
        return TRUSTED_NO_FAULT;
    }
    if (has_acl(component)) {
        return TRUSTED_OPEN_BY_ACL;
    }
    return status->st_gid == 0 || status->st_gid == geteuid() ? TRUSTED_NO_FAULT : TRUSTED_OPEN_TO_GROUP;
}

bool trusted_rule_is_null_device(const struct stat *status)
{
    return S_ISCHR(status->st_mode) && status->st_rdev == makedev(1, 3);
}

/* Whether root of the machine is nobody here: then whatever it owns seems to be a stranger's. True where that cannot
 * be told. */
static bool is_root_unmapped(void)
{
    FILE *map = fopen("/proc/self/uid_map", "re");
    unsigned long outside = 1;
    while (map != NULL && outside != 0 && fscanf(map, "%*u %lu %*u", &outside) == 1) {
    }
    if (map != NULL) {
        fclose(map);
    }
    return outside != 0;
}

/* Where root is not mapped, all whom the namespace does not know look alike, and may look like this user. */
static bool is_stranger(uid_t owner)
{
    return owner != 0 && (owner != geteuid() || (owner == UNMAPPED_USER && is_root_unmapped()));
}

enum trusted_fault trusted_rule_fault(const struct trusted_component *component)
{
    const struct stat *status = &component->status;
    enum trusted_fault fault = TRUSTED_NO_FAULT;
    if (is_stranger(status->st_uid)) {
        fault = TRUSTED_FOREIGN;
    } else if (!S_ISLNK(status->st_mode)) { /* everybody may write a link, which means nothing */
        fault = find_writers(component);
    }
    bool excused = fault == TRUSTED_NO_FAULT || trusted_rule_is_null_device(status) ||
                   is_on_read_only_mount(component->fd) ||
                   (may_use_folders(component) && trusted_folders_hold(component->path));
    return excused ? TRUSTED_NO_FAULT : fault;
}

/* The line that trusts the folder at fault, or the one that holds the file, where that may be said at all. */
static void tell_folders(const struct trusted_component *component, struct buffer *remedy)
{
    const char *present = trusted_folders_setting();
    struct buffer folder = BUFFER_INIT;
    buffer_puts(&folder, component->path);
    if (!S_ISDIR(component->status.st_mode) && folder.length > 0) {
        buffer_truncate(&folder, (size_t)(strrchr(folder.data, '/') - folder.data));
    }
    if (present != NULL && may_use_folders(component) && trusted_folder_fault(buffer_text(&folder)) == NULL) {
        buffer_printf(remedy, "; or, to trust all who may write there: MSTR_TRUSTED_FOLDERS=%s%s%s", present,
                      *present != '\0' ? ":" : "", buffer_text(&folder));
    }
    buffer_release(&folder);
}

void trusted_rule_tell(const struct trusted_component *component, enum trusted_fault fault, struct buffer *problem,
                       struct buffer *remedy)
{
    const struct stat *status = &component->status;
    buffer_printf(problem, "%s %s (owner %u, group %u, mode %04o)", component->path, faults[fault].problem,
                  (unsigned)status->st_uid, (unsigned)status->st_gid, (unsigned)(status->st_mode & 07777));
    if (fault == TRUSTED_FOREIGN && status->st_uid == UNMAPPED_USER && is_root_unmapped()) {
        buffer_puts(problem, ": root is not mapped into this user namespace");
        buffer_puts(remedy, "map root too; for a service of systemd, leave out PrivateUsers=");
        return;
    }
    buffer_printf(remedy, "%s ", faults[fault].command);
    if (fault == TRUSTED_FOREIGN) {
        buffer_printf(remedy, "%s%u ", S_ISLNK(status->st_mode) ? "-h " : "", (unsigned)geteuid());
    }
    buffer_puts(remedy, component->path);
    tell_folders(component, remedy);
}
