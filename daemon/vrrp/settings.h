/*
 * What the state machine needs of a configuration: for the daemon's instances, and for tandemctl, which runs
 * the state machines of two configurations.
 */
#ifndef TANDEM_VRRP_SETTINGS_H
#define TANDEM_VRRP_SETTINGS_H

#include "conf/model.h"
#include "daemon/vrrp/router.h"

/* Equal configurations give equal bytes: settings are compared with memcmp(). */
struct vrrp_settings instance_settings(const struct conf_instance *conf);

#endif
