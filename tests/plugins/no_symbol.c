/* SPDX-License-Identifier: Apache-2.0 */
/* A shared object that is no provider. */
int mstr_double_without_entry(void);
int mstr_double_without_entry(void)
{
    return 1;
}
