/*
 * tandem-links: the process that talks rtnetlink, announces addresses, and opens VRRP sockets.
 */
#include "daemon/kernel/links.h"

int main(int argc, char **argv)
{
    return child_main(ROLE_LINKS, &links_callbacks, argc, argv);
}
