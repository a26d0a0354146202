# SPDX-License-Identifier: Apache-2.0
# What docs/quickstart and tests/run share: finding the project, installing packages, and telling what happens in short
# lines while the long output goes to .build/log. Sourced by bash.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
logs="$root/.build/log"
mkdir -p "$logs"

# say WORDS: one line for the reader.
say() { printf '%s\n' "$*"; }
# fail WORDS: the reason why it cannot go on, and the command that tries what $again is set to.
fail() { printf '\n%s: %s%s\n' "$(basename "$0")" "$*" "${again:+; again: $again}" >&2; exit 1; }

# quietly NAME COMMAND...: runs a command with its output in a log; on failure shows the end of it.
quietly() {
    local name=$1 log="$logs/$1.log"
    shift
    if ! "$@" >"$log" 2>&1 </dev/null; then
        grep -E '(error|FAILED|undefined reference)' "$log" | head -n 20 >&2 || true
        tail -n 20 "$log" >&2
        fail "$name failed; all of its output is in ${log#"$PWD"/}"
    fi
}

# missing GROUP...: the packages of these groups that are not installed, one a line, but those whose program is there.
missing() {
    local group name program
    while read -r group name program; do
        case " $* " in *" $group "*) ;; *) continue ;; esac
        [ -n "$program" ] && command -v "$program" >/dev/null && continue
        dpkg-query -W -f '${db:Status-Abbrev}' "$name" 2>/dev/null | grep -q '^ii' || printf '%s\n' "$name"
    done < <(grep -v '^#' "$root/.ci/packages")
}

# packages GROUP...: installs what is missing, as root or through sudo.
packages() {
    local wanted as_root=()
    mapfile -t wanted < <(missing "$@")
    [ ${#wanted[@]} -eq 0 ] && return 0
    command -v apt-get >/dev/null || fail "these packages are missing, and there is no apt-get to install them: ${wanted[*]}"
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || fail "run this as root, or install these packages first: ${wanted[*]}"
        as_root=(sudo)
    fi
    say "Installing ${#wanted[@]} Debian packages: ${wanted[*]}"
    quietly apt-update "${as_root[@]}" apt-get update
    quietly apt-install "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends "${wanted[@]}"
}

# as_owner ARGUMENT...: under sudo, in a checkout of somebody else, goes on as its owner. Root would leave files there that
# the owner cannot replace, and plugins beneath a folder of another user are refused.
as_owner() {
    local owner group
    owner=$(stat -c %u "$root") group=$(stat -c %g "$root")
    if [ "$(id -u)" -eq 0 ] && [ "$owner" -ne 0 ]; then
        chown -R "$owner:$group" "$root/.build"
        HOME=$(getent passwd "$owner" | cut -d: -f6) exec setpriv --reuid "$owner" --regid "$group" --clear-groups "$0" "$@"
    fi
}

# configure PRESET [CMAKE-OPTION...], build PRESET [OPTION...]: without a wall of compiler lines.
configure() { (cd "$root" && quietly "configure-$1" cmake --preset "$@"); }
build() { (cd "$root" && quietly "build-$1" cmake --build --preset "$@" --parallel "$(nproc)"); }
