/*
 * What the state machine needs of a configuration. See settings.h.
 */
#include "daemon/vrrp/settings.h"

#include <string.h>

#include "daemon/vrrp/timing.h"

struct vrrp_settings instance_settings(const struct conf_instance *conf)
{
    struct vrrp_settings settings;

    memset(&settings, 0, sizeof(settings)); /* padding too: settings are compared as bytes */
    settings.version = conf->version;
    settings.base_priority = conf->base_priority;
    settings.wants_master = conf->wanted_state == CONF_WANTED_MASTER;
    settings.preempt = conf->preempt;
    settings.preempt_delay = span_us(conf->preempt_delay_us);
    settings.advert_interval = span_us(conf->advert_interval_us);
    settings.advert_phase = vrrp_advert_phase(conf->key, settings.advert_interval);
    settings.down_timer_adverts = conf->down_timer_adverts;
    settings.lower_prio_no_advert = conf->lower_prio_no_advert;
    settings.higher_prio_send_advert = conf->higher_prio_send_advert;
    settings.owner_ignore_adverts = conf->owner_ignore_adverts;
    return settings;
}
