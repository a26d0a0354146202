/* SPDX-License-Identifier: Apache-2.0 */
/* Users and groups as the system knows them. */
#include "base/account.h"

#include "base/text.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>

/* What the system knows of one: a group with its members may be long. */
enum { OCTETS = 16 * 1024, OCTETS_MOST = 4 * 1024 * 1024 };

/* One try with so much memory; ERANGE where it takes more. */
static int look_up(const char *name, bool group, char *memory, size_t size, uint32_t *id, bool *found)
{
    struct passwd user;
    struct group members;
    struct passwd *user_found = NULL;
    struct group *group_found = NULL;
    int problem = group ? getgrnam_r(name, &members, memory, size, &group_found)
                        : getpwnam_r(name, &user, memory, size, &user_found);
    *found = problem == 0 && (user_found != NULL || group_found != NULL);
    if (*found) {
        *id = group ? group_found->gr_gid : user_found->pw_uid;
    }
    return problem;
}

enum mstr_code account_find(const char *word, bool group, uint32_t *id)
{
    int64_t number = 0;
    int problem = ERANGE;
    bool found = false;
    if (text_to_int64(word, &number) && number >= 0 && number < UINT32_MAX) {
        *id = (uint32_t)number;
        return MSTR_OK;
    }
    for (size_t size = OCTETS; problem == ERANGE && size <= OCTETS_MOST; size *= 4) {
        char *memory = malloc(size);
        problem = memory != NULL ? look_up(word, group, memory, size, id, &found) : ENOMEM;
        free(memory);
    }
    return found ? MSTR_OK : problem == ENOMEM ? MSTR_E_MEMORY : MSTR_E_NOT_FOUND;
}
