#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The projects that the account of a profile may see, with nothing but curl. The session is the agent's.
#   projects.sh [PROFILE]
set -eu
profile=${1:-default}
case ${MSTR_AGENT:-} in
/*) socket=$MSTR_AGENT ;;
*) socket=${XDG_RUNTIME_DIR:-/run}/mstr/agent.sock ;; # auto and require name none
esac
if [ -n "${MSTR_AGENT_URL:-}" ]; then # over TCP: `mstr agent env`
    curl -sS --fail -H "Authorization: Bearer $(cat "$MSTR_AGENT_TOKEN_FILE")" "${MSTR_AGENT_URL}session/$profile/api/projects"
else
    curl -sS --fail --unix-socket "$socket" "http://agent/session/$profile/api/projects"
fi
