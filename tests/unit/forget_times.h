/*
 * For tests of log lines: how long something took is the machine's affair.
 */
#ifndef TANDEM_TESTS_FORGET_TIMES_H
#define TANDEM_TESTS_FORGET_TIMES_H

#include <string.h>

/* Every "after 1.2 s" in the text becomes "after N s". */
static inline void forget_times(char *text)
{
    char *at = text;

    while ((at = strstr(at, " after ")) != NULL) {
        char *number = at + strlen(" after "), *rest = number + strspn(number, "0123456789.");

        if (rest > number && rest[0] == ' ' && rest[1] == 's') {
            *number = 'N';
            memmove(number + 1, rest, strlen(rest) + 1);
        }
        at = number;
    }
}

#endif
