/*
 * From the configuration and the states of its servers to the wanted IPVS table. Pure.
 */
#ifndef TANDEM_DIRECTOR_WANTED_H
#define TANDEM_DIRECTOR_WANTED_H

#include "daemon/director/servers.h"
#include "daemon/director/table.h"

struct ipvs_service_id wanted_service_id(const struct conf_virtual_server *conf);
struct ipvs_destination_id wanted_destination_id(const struct conf_real_server *conf);

/* Makes image, which is cleared first, what the kernel should have of that virtual server now. */
void wanted_image(const struct virtual_server *virtual_server, struct image *image);

#endif
