/*
 * keepalived.data and keepalived.stats. See dump.h.
 *
 * Readers of these files go by indentation: a heading at the edge, an object after one blank, its properties
 * after three, lists within them after five; in the statistics two and four.
 */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "daemon/core/vrrp_state.h"
#include "daemon/ctl/dump.h"

/* ------------------------------------------------------------------ properties */

static const char *truth(bool value)
{
    return value ? "true" : "false";
}

static void print_wall_time(FILE *out, const char *name, int64_t wall_ns)
{
    time_t seconds = (time_t)(wall_ns / NS_PER_S);
    char text[64] = "";
    struct tm local;

    if (wall_ns > 0 && localtime_r(&seconds, &local) != NULL)
        strftime(text, sizeof(text), " (%a %b %d %H:%M:%S %Y)", &local);
    fprintf(out, "   %s = %lld.%06lld%s\n", name, (long long)seconds,
            (long long)(wall_ns % NS_PER_S / NS_PER_US), text);
}

static void print_interval(FILE *out, const char *name, int64_t us)
{
    if (us % 1000000 == 0)
        fprintf(out, "   %s = %" PRId64 " sec\n", name, us / 1000000);
    else
        fprintf(out, "   %s = %" PRId64 " milli-sec\n", name, us / 1000);
}

static void print_address(FILE *out, const char *name, const struct ip_address *address)
{
    char text[IP_ADDRESS_TEXT];

    if (ip_address_is_set(address))
        fprintf(out, "   %s %s\n", name, ip_address_text(address, text));
}

/* ------------------------------------------------------------------ an instance's parts */

static void print_state(FILE *out, const struct dump_instance *instance)
{
    const struct vrrp_record *record = &instance->vrrp;

    fprintf(out, "   State = %s\n", vrrp_state_name((enum vrrp_state)record->state));
    fprintf(out, "   Wantstate = %s\n", vrrp_state_name(dump_wanted_state(instance)));
    if (record->cause != CAUSE_NONE && record->cause < CAUSE_COUNT)
        fprintf(out, "   Cause = %s\n", vrrp_cause_text((enum vrrp_cause)record->cause));
    if (record->state == VRRP_BACKUP && ip_address_is_set(&record->master)) {
        print_address(out, "Master router =", &record->master);
        fprintf(out, "   Master priority = %u\n", (unsigned int)record->master_priority);
    }
    print_wall_time(out, "Last transition", record->state_since_wall_ns);
}

static void print_place(FILE *out, const struct dump_instance *instance)
{
    const struct conf_instance *conf = instance->conf;

    fprintf(out, "   Interface = %s\n", conf->interface == NULL ? "(none)" : conf->interface);
    print_address(out, "Using src_ip =", &instance->vrrp.source);
    if (conf->unicast_peers.count == 0)
        print_address(out, "Multicast address", &conf->multicast_group);
}

static void print_announcements(FILE *out, const struct conf_garp *garp)
{
    fprintf(out, "   Gratuitous ARP delay = %u\n", garp->master_delay_s);
    fprintf(out, "   Gratuitous ARP repeat = %u\n", garp->master_repeat);
    fprintf(out, "   Gratuitous ARP refresh = %u\n", garp->master_refresh_s);
    fprintf(out, "   Gratuitous ARP refresh repeat = %u\n", garp->master_refresh_repeat);
    fprintf(out, "   Gratuitous ARP lower priority delay = %u\n", garp->lower_prio_delay_s);
    fprintf(out, "   Gratuitous ARP lower priority repeat = %u\n", garp->lower_prio_repeat);
}

static void print_protocol(FILE *out, const struct dump_instance *instance)
{
    const struct conf_instance *conf = instance->conf;
    unsigned int effective = instance->vrrp.effective_priority;

    fprintf(out, "   Down timer adverts = %u\n", (unsigned int)conf->down_timer_adverts);
    fprintf(out, "   Send advert after receive lower priority advert = %s\n",
            truth(!conf->lower_prio_no_advert));
    fprintf(out, "   Send advert after receive higher priority advert = %s\n",
            truth(conf->higher_prio_send_advert));
    fprintf(out, "   Virtual Router ID = %u\n", (unsigned int)conf->vrid);
    fprintf(out, "   Priority = %u\n", (unsigned int)conf->base_priority);
    fprintf(out, "   Effective priority = %u\n", effective > 0 ? effective : conf->base_priority);
    print_interval(out, "Advert interval", conf->advert_interval_us);
    fprintf(out, "   Accept = %s\n", conf->accept ? "enabled" : "disabled");
    fprintf(out, "   Preempt = %s\n", conf->preempt ? "enabled" : "disabled");
    if (conf->preempt_delay_us > 0)
        print_interval(out, "Preempt delay", conf->preempt_delay_us);
    if (conf->auth_type == CONF_AUTH_NONE)
        return;
    fprintf(out, "   Authentication type = %s\n",
            conf->auth_type == CONF_AUTH_AH ? "IPSEC_AH" : "SIMPLE_PASSWORD");
    fputs("   Password = ********\n", out);
}

static uint32_t count_vips(const struct conf_instance *conf, bool excluded)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < conf->vips.count; i++)
        count += conf->vips.items[i]->excluded == excluded;
    return count;
}

static void print_vips(FILE *out, const struct dump_instance *instance, const char *name, bool excluded)
{
    const struct conf_instance *conf = instance->conf;
    uint32_t count = count_vips(conf, excluded);
    char text[DUMP_VIP_TEXT];

    if (count == 0)
        return;
    fprintf(out, "   %s (%u):\n", name, count);
    for (uint32_t i = 0; i < conf->vips.count; i++) {
        if (conf->vips.items[i]->excluded == excluded)
            fprintf(out, "     %s\n", dump_vip(instance, conf->vips.items[i], text));
    }
}

static void print_peers(FILE *out, const struct conf_instance *conf)
{
    char text[IP_ADDRESS_TEXT];

    if (conf->unicast_peers.count == 0)
        return;
    fprintf(out, "   Unicast TTL = %u\n", (unsigned int)conf->unicast_ttl);
    fprintf(out, "   Check unicast src : %s\n", conf->check_unicast_source ? "yes" : "no");
    fputs("   Unicast Peer :\n", out);
    for (uint32_t i = 0; i < conf->unicast_peers.count; i++) {
        const struct conf_unicast_peer *peer = conf->unicast_peers.items[i];

        fprintf(out, "     %s min_ttl %u max_ttl %u\n", ip_address_text(&peer->address, text),
                (unsigned int)peer->min_ttl, (unsigned int)peer->max_ttl);
    }
}

static void print_tracked_interfaces(FILE *out, const struct conf_instance *conf)
{
    if (conf->tracked_interfaces.count == 0)
        return;
    fputs("   Tracked interfaces :\n", out);
    for (uint32_t i = 0; i < conf->tracked_interfaces.count; i++) {
        const struct conf_tracked_interface *tracked = conf->tracked_interfaces.items[i];

        fprintf(out, "     %s weight %d%s\n", tracked->interface, tracked->weight,
                tracked->reverse ? " reverse" : "");
    }
}

static void print_tracked(FILE *out, const struct conf_instance *conf, enum conf_tracked_kind kind,
                          const char *title)
{
    bool first = true;

    for (uint32_t i = 0; i < conf->tracked.count; i++) {
        const struct conf_tracked *tracked = conf->tracked.items[i];

        if (tracked->kind != kind)
            continue;
        if (first)
            fprintf(out, "   %s :\n", title);
        first = false;
        fprintf(out, "     %s weight %d%s\n", tracked->name, tracked->weight,
                tracked->reverse ? " reverse" : "");
    }
}

static void print_lease(FILE *out, const struct dump_instance *instance)
{
    const struct links_record *links = &instance->links;

    if (links->lease_ns > 0)
        fprintf(out, "   VIP lease = %.1f sec%s\n", (double)links->lease_ns / 1e9,
                links->lease_refused ? ", not in force: it would cost too much" : "");
}

static void print_instance(FILE *out, const struct dump_instance *instance)
{
    fprintf(out, " VRRP Instance = %s\n", instance->conf->name);
    fprintf(out, "   VRRP Version = %u\n", (unsigned int)instance->conf->version);
    if (instance->group != NULL)
        fprintf(out, "   Sync group = %s\n", instance->group);
    print_state(out, instance);
    print_place(out, instance);
    print_announcements(out, &instance->conf->garp);
    print_protocol(out, instance);
    print_vips(out, instance, "Virtual IP", false);
    print_vips(out, instance, "Virtual IP Excluded", true);
    print_lease(out, instance);
    print_peers(out, instance->conf);
    print_tracked_interfaces(out, instance->conf);
    print_tracked(out, instance->conf, CONF_TRACKED_SCRIPT, "Tracked scripts");
    print_tracked(out, instance->conf, CONF_TRACKED_FILE, "Tracked files");
    print_tracked(out, instance->conf, CONF_TRACKED_PROCESS, "Tracked processes");
}

/* ------------------------------------------------------------------ scripts */

/* Good or bad is all that readers know: what has no result yet is not good. The board is written when a run
 * is over, so a script is always between two of them. */
static void print_script(FILE *out, const struct status_source *source,
                         const struct conf_track_script *script)
{
    struct track_record record = {0};
    bool good = dump_read_tracked(source, script->key, &record) && record.verdict == TRACK_UP;

    fprintf(out, " VRRP Script = %s\n", script->name);
    print_interval(out, "Interval", script->interval_us);
    print_interval(out, "Timeout", script->timeout_us);
    fprintf(out, "   Rise = %u\n   Fall = %u\n", script->rise, script->fall);
    fprintf(out, "   Status = %s\n   State = idle\n", good ? "GOOD" : "BAD");
    fprintf(out, "   Runs = %" PRIu64 "\n", record.runs);
}

static void print_scripts(FILE *out, const struct status_source *source)
{
    const struct conf_model *model = source->model;

    if (model->track_scripts.count == 0)
        return;
    fputs("------< VRRP Scripts >------\n", out);
    for (uint32_t i = 0; i < model->track_scripts.count; i++)
        print_script(out, source, model->track_scripts.items[i]);
}

/* ------------------------------------------------------------------ groups */

static const char *group_state(const struct status_source *source, const struct conf_sync_group *group)
{
    enum vrrp_state state = VRRP_INIT;
    struct dump_instance member;

    for (uint32_t i = 0; i < group->members.count; i++) {
        dump_look(source, group->members.items[i], &member);
        if (i > 0 && state != (enum vrrp_state)member.vrrp.state)
            return "changing";
        state = (enum vrrp_state)member.vrrp.state;
    }
    return vrrp_state_name(state);
}

static void print_groups(FILE *out, const struct status_source *source)
{
    const struct conf_model *model = source->model;

    if (model->sync_groups.count == 0)
        return;
    fputs("------< VRRP Sync groups >------\n", out);
    for (uint32_t i = 0; i < model->sync_groups.count; i++) {
        const struct conf_sync_group *group = model->sync_groups.items[i];

        fprintf(out, " VRRP Sync Group = %s, %s\n   VRRP member instances :\n", group->name,
                group_state(source, group));
        for (uint32_t j = 0; j < group->members.count; j++)
            fprintf(out, "     %s\n", group->members.items[j]->name);
    }
}

/* ------------------------------------------------------------------ the files */

void dump_data(const struct status_source *source, FILE *out)
{
    const struct conf_model *model = source->model;

    fputs("------< Global definitions >------\n", out);
    fputs(" Daemon = tandem " TANDEM_VERSION "\n", out);
    if (model->global.router_id != NULL)
        fprintf(out, " Router ID = %s\n", model->global.router_id);
    fputs("------< VRRP Topology >------\n", out);
    for (uint32_t i = 0; i < model->instances.count; i++) {
        struct dump_instance instance;

        dump_look(source, model->instances.items[i], &instance);
        print_instance(out, &instance);
    }
    print_groups(out, source);
    print_scripts(out, source);
}

static void print_statistics(FILE *out, const char *name, const struct ctl_record *counters)
{
    const struct vrrp_errors *errors = &counters->errors;

    fprintf(out, "VRRP Instance: %s\n", name);
    fprintf(out, "  Advertisements:\n    Received: %" PRIu64 "\n    Sent: %" PRIu64 "\n",
            counters->adverts_received, counters->adverts_sent);
    fprintf(out, "  Became master: %" PRIu64 "\n  Released master: %" PRIu64 "\n", counters->became_master,
            counters->released_master);
    fprintf(out, "  Packet Errors:\n    Length: %" PRIu64 "\n    TTL: %" PRIu64 "\n", errors->length,
            errors->ttl);
    fprintf(out, "    Invalid Type: %" PRIu64 "\n    Advertisement Interval: %" PRIu64 "\n", errors->type,
            errors->interval);
    fprintf(out, "    Address List: %" PRIu64 "\n", errors->address_list);
    fprintf(out, "  Authentication Errors:\n    Invalid Type: %" PRIu64 "\n    Type Mismatch: %" PRIu64 "\n",
            errors->auth_type, errors->auth_mismatch);
    fprintf(out, "    Failure: %" PRIu64 "\n", errors->auth_failure);
    fprintf(out, "  Authentication Extension Errors:\n    Missing: %" PRIu64 "\n    Malformed: %" PRIu64 "\n",
            errors->auth_missing, errors->auth_malformed);
    fprintf(out, "    Unknown Key: %" PRIu64 "\n    Invalid HMAC: %" PRIu64 "\n", errors->auth_unknown_key,
            errors->auth_invalid_hmac);
    fprintf(out, "    Stale: %" PRIu64 "\n    Replay: %" PRIu64 "\n", errors->auth_stale,
            errors->auth_replay);
    fprintf(out, "  Priority Zero:\n    Received: %" PRIu64 "\n    Sent: %" PRIu64 "\n",
            counters->priority_zero_received, counters->priority_zero_sent);
}

void dump_statistics(const struct status_source *source, FILE *out)
{
    for (uint32_t i = 0; i < source->model->instances.count; i++) {
        struct dump_instance instance;

        dump_look(source, source->model->instances.items[i], &instance);
        print_statistics(out, instance.conf->name, &instance.counters);
    }
}
