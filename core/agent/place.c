/* SPDX-License-Identifier: Apache-2.0 */
/* Where this agent's socket is. */
#include "place.h"

#include "base/environment.h"
#include "base/text.h"
#include "context/agent_rules.h"
#include "local/socket_path.h"

static bool is_word(const char *text)
{
    return strcmp(text, "auto") == 0 || strcmp(text, "off") == 0 || strcmp(text, "require") == 0;
}

enum mstr_code place_find(const char *given, const char *variable, const char *configured, struct buffer *path,
                          mstr_error *error)
{
    const char *chosen = given != NULL                                 ? given
                         : !text_empty(variable) && !is_word(variable) ? variable
                         : !text_empty(configured)                     ? configured
                                                                       : NULL;
    if (chosen != NULL && agent_rules_socket(chosen, error) != MSTR_OK) {
        return MSTR_E_CONFIG;
    }
    if (chosen != NULL) {
        buffer_puts(path, chosen);
    } else {
        const struct socket_places places = socket_places_here(environment_trusted());
        socket_path_at(&places, 0, path);
    }
    return path->failed || path->length == 0 ? mstr_error_set(error, MSTR_E_MEMORY, "out of memory") : MSTR_OK;
}
