/*
 * tandem-director: the owner of the IPVS table. See director.h.
 */
#include "daemon/director/director.h"

int main(int argc, char **argv)
{
    return director_main(argc, argv);
}
