/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/completion_bash.c: the scripts of bash and zsh */
#include "unit/cli/completion.h"

static void scripts_of_bash_and_zsh_hold_what_the_tables_say(void **state)
{
    static const char *const lines[] = {
        "        (--config|--profile|--log|--timeout|--agent) skip=$word ;;\n"
        "        (dog|help) command=${command:-$word} ;;\n",
        "    (dog) operands=(sit stay roll) options=( --output -o -i --format --project --session --session-file "
        "--leash) "
        "find= ;;\n"
        "    (help) operands=(dog help) options=() find= ;;\n"
        "    (*) operands=(dog help) options=(--version -V) ;;\n"
        "    esac\n"
        "    options+=( --config --profile --log --timeout --json --agent --quiet --help -h)\n",
        "    (dog--output|dog-o) options=() operands=() find='' ;;\n",
        "    (dog--format) options=() operands=(text yaml) find='' ;;\n",
        "    (*--profile) options=() operands=() find='_mstr_names profile' ;;\n",
        "    (*--log) options=() operands=(error warn info debug trace) find='' ;;\n",
    };
    (void)state;
    assert_lines(completion_of("bash"), lines, COUNT_OF(lines));
    assert_lines(completion_of("zsh"), lines, COUNT_OF(lines));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(scripts_of_bash_and_zsh_hold_what_the_tables_say),
    };
    return RUN_CLI_TESTS("cli/completion_bash");
}
