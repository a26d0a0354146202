/* mstr: the command-line tool. */
#include <mstr/version.h>
#include <stdio.h>

int main(void)
{
    printf("mstr %s\n", mstr_version());
    return 0;
}
