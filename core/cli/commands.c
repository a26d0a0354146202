/* SPDX-License-Identifier: Apache-2.0 */
/* The table of commands. */
#include "commands.h"

#include <stddef.h>

const struct command *const commands[] = {
    &command_get,
    &command_run,
    &command_inject,
    &command_report,
    &command_cube,
    &command_export,
    &command_push,
    &command_refresh,
    &command_send,
    &command_trigger,
    &command_search,
    &command_api,
    &command_projects,
    &command_session,
    &command_providers,
    &command_config,
    &command_doctor,
    &command_agent,
    &command_fleet,
    &command_completion,
    &command_version,
    &command_help,
    NULL,
};
