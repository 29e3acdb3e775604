/*
 * tandem-vrrp: adverts and state machines.
 */
#include "daemon/core/child.h"
#include "daemon/vrrp/process.h"

int main(int argc, char **argv)
{
    return child_main(ROLE_VRRP, &vrrp_process_callbacks, argc, argv);
}
