#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A provider in shell, for `plugin = exec` with `format = text`: one secret a call, its name as the last argument. What goes
# wrong is told by the exit status: 3 a reference that cannot be right, 4 no such secret; see mstr-providers(5).
set -eu
case $1 in
*/* | .*) # else a reference would choose any file at all
    echo "there are no folders here" >&2
    exit 3
    ;;
esac
cd "$SECRETS_FOLDER" # a folder that is not there holds none, but is not the same
[ -e "$1" ] || { echo "there is no $1" >&2 && exit 4; }
cat -- "$1"
