#!/bin/sh
# A provider in shell, for `plugin = exec` with `format = text`: one secret a call, its name as the last argument.
set -eu
cat "$SECRETS_FOLDER/$1"
