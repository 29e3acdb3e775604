/*
 * Received packets: from bytes to the event a router is given. See instance.h.
 */
#include <stdio.h>

#include "daemon/core/log.h"
#include "daemon/vrrp/auth_header.h"
#include "daemon/vrrp/instance.h"
#include "daemon/vrrp/timing.h"

#define WARNING_PAUSE span_s(60)

#define MISSED_TEXT 48

/* True when it is time to warn again; missed then says how many warnings were left out. */
static bool may_warn(struct warning_pace *pace, struct mono now, char missed[static MISSED_TEXT])
{
    if (mono_is_set(pace->next) && mono_before(now, pace->next)) {
        pace->suppressed++;
        return false;
    }
    missed[0] = '\0';
    if (pace->suppressed > 0)
        snprintf(missed, MISSED_TEXT, " (and %llu before)", (unsigned long long)pace->suppressed);
    pace->suppressed = 0;
    pace->next = mono_add(now, WARNING_PAUSE);
    return true;
}

/* Where keepalived counts it, so that figures can be compared; NULL = only in the sum. */
static uint64_t *error_counter(struct vrrp_errors *errors, enum vrrp_refusal refusal)
{
    switch (refusal) {
    case VRRP_REFUSED_SHORT:
    case VRRP_REFUSED_LENGTH:
        return &errors->length;
    case VRRP_REFUSED_TTL:
        return &errors->ttl;
    case VRRP_REFUSED_AUTH_TYPE:
        return &errors->auth_mismatch;
    case VRRP_REFUSED_AUTH_DATA:
    case VRRP_REFUSED_AUTH_HEADER:
    case VRRP_REFUSED_REPLAY:
        return &errors->auth_failure;
    case VRRP_REFUSED_INTERVAL:
        return &errors->interval;
    case VRRP_REFUSED_TYPE:
        return &errors->type;
    case VRRP_ACCEPTED:
    case VRRP_REFUSED_IP_HEADER:
    case VRRP_REFUSED_VERSION:
    case VRRP_REFUSED_VRID:
    case VRRP_REFUSED_CHECKSUM:
    case VRRP_REFUSED_KIND:
    case VRRP_REFUSED_STRANGER:
    case VRRP_REFUSED_OWN_ADDRESS:
    case VRRP_REFUSAL_COUNT:
        break;
    }
    return NULL;
}

static void refuse(struct vrrp_instance *instance, enum vrrp_refusal refusal, const struct ip_address *source,
                   struct mono now)
{
    char text[IP_ADDRESS_TEXT];
    char missed[MISSED_TEXT];
    uint64_t *counter = error_counter(&instance->record.errors, refusal);

    instance->record.adverts_refused++;
    if (counter != NULL)
        ++*counter;
    instance_publish(instance);
    if (may_warn(&instance->refusals[refusal], now, missed))
        log_warning("instance %s: an advert from %s is not obeyed: %s%s", instance->conf->name,
                    ip_address_text(source, text), vrrp_refusal_text(refusal), missed);
}

/* ------------------------------------------------------------------ whose packet it is */

static struct ip_address sender_of(const struct vrrp_instance *instance, const struct vrrp_datagram *datagram)
{
    struct ip_address sender = datagram->outside.source;

    if (instance->conf->family == AF_INET)
        vrrp_packet_source(datagram->bytes, datagram->length, &sender);
    return sender;
}

static const struct conf_unicast_peer *find_peer(const struct conf_instance *conf,
                                                 const struct ip_address *sender)
{
    for (uint32_t i = 0; i < conf->unicast_peers.count; i++) {
        if (ip_address_compare(&conf->unicast_peers.items[i]->address, sender) == 0)
            return conf->unicast_peers.items[i];
    }
    return NULL;
}

/* Unicast: each peer may be another number of hops away. */
static struct vrrp_expectations expectations_for(const struct vrrp_instance *instance,
                                                 const struct conf_unicast_peer *peer)
{
    struct vrrp_expectations expected = instance->expected;

    if (instance->conf->unicast_peers.count > 0) {
        expected.min_ttl = peer == NULL ? 0 : peer->min_ttl;
        expected.max_ttl = peer == NULL ? 255 : peer->max_ttl;
    }
    return expected;
}

/* What the packet alone does not tell. */
static enum vrrp_refusal check_relation(const struct vrrp_instance *instance,
                                        const struct vrrp_advert *advert,
                                        const struct conf_unicast_peer *peer)
{
    const struct conf_instance *conf = instance->conf;
    bool unicast = conf->unicast_peers.count > 0;

    if (unicast ? ip_address_is_multicast(&advert->destination)
                : ip_address_compare(&advert->destination, &conf->multicast_group) != 0)
        return VRRP_REFUSED_KIND;
    if (unicast && peer == NULL && conf->check_unicast_source)
        return VRRP_REFUSED_STRANGER;
    if (ip_address_compare(&advert->source, &instance->router.source) == 0)
        return VRRP_REFUSED_OWN_ADDRESS;
    return VRRP_ACCEPTED;
}

/* ------------------------------------------------------------------ what it says */

/* Another list of addresses is told, and obeyed all the same. */
static void compare_lists(struct vrrp_instance *instance, const struct vrrp_advert *advert, struct mono now)
{
    char text[IP_ADDRESS_TEXT];
    char missed[MISSED_TEXT];

    if (instance->conf->skip_check_adv_addr &&
        ip_address_compare(&instance->list_checked_of, &advert->source) == 0)
        return;
    instance->list_checked_of = advert->source;
    if (advert_lists_same(&instance->advert, instance->conf, advert))
        return;
    instance->record.errors.address_list++;
    if (!may_warn(&instance->mismatches, now, missed))
        return;
    log_warning("instance %s: %s advertises %u addresses that are not the %u configured here; it is obeyed%s",
                instance->conf->name, ip_address_text(&advert->source, text), advert->address_count,
                vrrp_packet_address_count(instance->conf->family, instance->advert.bytes), missed);
}

static const char *form_words(enum vrrp_checksum_form form)
{
    switch (form) {
    case VRRP_CHECKSUM_PLAIN:
        return "without pseudo-header";
    case VRRP_CHECKSUM_OLD_UNICAST:
        return "as keepalived before 1.3.7";
    case VRRP_CHECKSUM_UNKNOWN:
    case VRRP_CHECKSUM_PSEUDO_HEADER:
        break;
    }
    return "with pseudo-header";
}

/* Unicast peers get what they use themselves; a multicast advert is for all, and keeps its form. */
static void learn_checksum_form(struct vrrp_instance *instance, const struct vrrp_advert *advert,
                                struct mono now)
{
    const struct conf_instance *conf = instance->conf;
    bool other = advert->version == 3 && advert->checksum_form != instance->advert.form;
    char text[IP_ADDRESS_TEXT], missed[MISSED_TEXT];

    instance->record.checksum_form = (uint8_t)advert->checksum_form;
    if (advert_learn_form(&instance->advert, conf, &advert->source, advert->checksum_form) && other)
        log_info("instance %s: %s sums up its adverts in another form than we, and is answered in its own",
                 conf->name, ip_address_text(&advert->source, text));
    if (other && (conf->unicast_peers.count == 0 || instance->advert.form != VRRP_CHECKSUM_PSEUDO_HEADER) &&
        may_warn(&instance->forms, now, missed))
        log_warning("instance %s: %s sums up its adverts %s, we %s: it may refuse ours "
                    "(v3_checksum_as_v2, old_unicast_checksum)%s",
                    instance->conf->name, ip_address_text(&advert->source, text),
                    form_words(advert->checksum_form), form_words(instance->advert.form), missed);
}

static void count_advert(struct vrrp_instance *instance, const struct vrrp_advert *advert,
                         struct mono arrival)
{
    instance->record.adverts_received++;
    instance->record.priority_zero_received += advert->priority == VRRP_PRIORITY_STOP;
    instance->record.last_advert_received_ns = arrival.ns;
}

bool instance_receive(struct vrrp_instance *instance, const struct vrrp_datagram *datagram,
                      struct vrrp_event *event, struct mono *arrival)
{
    struct ip_address sender = sender_of(instance, datagram);
    const struct conf_unicast_peer *peer = find_peer(instance->conf, &sender);
    struct vrrp_expectations expected = expectations_for(instance, peer);
    struct vrrp_advert advert;
    enum vrrp_refusal refusal =
        vrrp_packet_parse(datagram->bytes, datagram->length, &datagram->outside, &expected, &advert);

    if (refusal == VRRP_ACCEPTED)
        refusal = check_relation(instance, &advert, peer);
    if (refusal == VRRP_ACCEPTED && expected.auth_type == CONF_AUTH_AH &&
        !vrrp_ah_is_new(&instance->record.ah, &advert.source, advert.sequence))
        refusal = VRRP_REFUSED_REPLAY;
    if (refusal != VRRP_ACCEPTED) {
        refuse(instance, refusal, &sender, datagram->now);
        return false;
    }
    *arrival = vrrp_arrival(datagram->now, datagram->wall_now_ns, datagram->stamp_ns,
                            instance->router.master_interval);
    compare_lists(instance, &advert, datagram->now);
    learn_checksum_form(instance, &advert, datagram->now);
    count_advert(instance, &advert, *arrival);
    *event = (struct vrrp_event){
        .type = EVENT_ADVERT,
        .advert = {.priority = advert.priority, .interval = advert.interval, .source = advert.source},
    };
    if (advert.version == 2)
        event->advert.interval = (struct span){0};
    return true;
}

void instance_note_master(struct vrrp_instance *instance)
{
    const struct vrrp_router *router = &instance->router;
    struct vrrp_record *record = &instance->record;

    if (router->state == VRRP_BACKUP) {
        if (record->master_interval_ns != router->master_interval.ns)
            log_info("instance %s: the master's advert interval is %.2f s", instance->conf->name,
                     span_seconds(router->master_interval));
        record->master = router->master;
        record->master_priority = router->master_priority;
        record->master_interval_ns = router->master_interval.ns;
    }
    instance_publish(instance);
}
