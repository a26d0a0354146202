/* SPDX-License-Identifier: Apache-2.0 */
/* core/cli/completion_fish.c: the script of fish */
#include "unit/cli/completion.h"

static void the_script_of_fish_tells_what_each_is_for(void **state)
{
    static const char *const lines[] = {
        "complete -c mstr -n __fish_use_subcommand -f -a dog -d 'train dogs'\n",
        "complete -c mstr -n '__mstr_is dog' -f -a 'sit stay roll'\n",
        "complete -c mstr -n '__mstr_is dog' -l output -s o -r -d 'where it\\'s written to'\n",
        "complete -c mstr -n '__mstr_is dog' -s i -d 'a letter \\\\ backslash'\n",
        "complete -c mstr -n '__mstr_is help' -f -a 'dog help'\n",
        "complete -c mstr -n '__mstr_is dog' -l format -x -a 'text yaml' -d 'the form of the data'\n",
        "complete -c mstr -n '__mstr_is dog' -l leash -r -d 'for its walker'\n",
        "complete -c mstr -l profile -x -a '(__mstr_profiles)' -d 'use [profile NAME]'\n",
        "complete -c mstr -l json -d 'write data and errors as JSON; as --format json'\n",
    };
    (void)state;
    assert_lines(completion_of("fish"), lines, COUNT_OF(lines));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLI_TEST(the_script_of_fish_tells_what_each_is_for),
    };
    return RUN_CLI_TESTS("cli/completion_fish");
}
