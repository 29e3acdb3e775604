/*
 * tandemctl: asks and commands a running tandemd. Everything is in commands.c.
 */
#include "daemon/ctl/commands.h"

int main(int argc, char **argv)
{
    return tandemctl_run(argc, argv);
}
