/*
 * keepalived.json: a list of instances, each with what is configured and so ("data") and what was counted
 * ("stats"). See dump.h.
 *
 * Names and kinds of the members are keepalived 2.4.3's: numbers stand for some truth values, and what is not
 * configured is absent.
 */
#include "daemon/core/vrrp_state.h"
#include "daemon/ctl/dump.h"
#include "daemon/ctl/members.h"

/* Whole seconds without a point: readers of such a file take some of them for integers. */
static void add_interval(struct json_object *object, const char *name, int64_t us)
{
    char text[32];

    snprintf(text, sizeof(text), "%.9g", (double)us / 1e6);
    add(object, name, json_object_new_double_s((double)us / 1e6, text));
}

static void add_wall_time(struct json_object *object, const char *name, int64_t wall_ns)
{
    char text[40];

    snprintf(text, sizeof(text), "%lld.%06lld", (long long)(wall_ns / NS_PER_S),
             (long long)(wall_ns % NS_PER_S / NS_PER_US));
    add(object, name, json_object_new_double_s((double)wall_ns / 1e9, text));
}

static void add_vips(struct json_object *data, const char *name, const struct dump_instance *instance,
                     bool excluded)
{
    const struct conf_instance *conf = instance->conf;
    struct json_object *list = json_object_new_array();
    char text[DUMP_VIP_TEXT];

    for (uint32_t i = 0; i < conf->vips.count; i++) {
        if (conf->vips.items[i]->excluded == excluded)
            json_object_array_add(list,
                                  json_object_new_string(dump_vip(instance, conf->vips.items[i], text)));
    }
    if (json_object_array_length(list) > 0)
        add(data, name, list);
    else
        json_object_put(list);
}

static void add_tracked_interfaces(struct json_object *data, const struct conf_instance *conf)
{
    struct json_object *list;

    if (conf->tracked_interfaces.count == 0)
        return;
    list = json_object_new_array();
    for (uint32_t i = 0; i < conf->tracked_interfaces.count; i++)
        json_object_array_add(list, json_object_new_string(conf->tracked_interfaces.items[i]->interface));
    add(data, "track_ifp", list);
}

/* Of scripts and processes keepalived lists commands, which ctl does not know: these are their names. */
static void add_tracked(struct json_object *data, const char *name, const struct conf_instance *conf,
                        enum conf_tracked_kind kind)
{
    struct json_object *list = json_object_new_array();

    for (uint32_t i = 0; i < conf->tracked.count; i++) {
        if (conf->tracked.items[i]->kind == kind)
            json_object_array_add(list, json_object_new_string(conf->tracked.items[i]->name));
    }
    if (json_object_array_length(list) > 0)
        add(data, name, list);
    else
        json_object_put(list);
}

static void add_announcements(struct json_object *data, const struct conf_garp *garp)
{
    add_number(data, "garp_delay", garp->master_delay_s);
    add_number(data, "garp_refresh", garp->master_refresh_s);
    add_number(data, "garp_rep", garp->master_repeat);
    add_number(data, "garp_refresh_rep", garp->master_refresh_repeat);
    add_number(data, "garp_lower_prio_delay", garp->lower_prio_delay_s);
    add_number(data, "garp_lower_prio_rep", garp->lower_prio_repeat);
}

static void add_timing(struct json_object *data, const struct dump_instance *instance)
{
    const struct conf_instance *conf = instance->conf;
    int64_t interval_us = instance->vrrp.master_interval_ns / NS_PER_US;

    add_interval(data, "adver_int", conf->advert_interval_us);
    add_interval(data, "master_adver_int", interval_us > 0 ? interval_us : conf->advert_interval_us);
}

static void add_authentication(struct json_object *data, const struct conf_instance *conf)
{
    add_number(data, "auth_type", conf->auth_type);
    if (conf->auth_type != CONF_AUTH_NONE)
        add_text(data, "auth_data", "********");
}

static struct json_object *instance_data(const struct dump_instance *instance)
{
    const struct conf_instance *conf = instance->conf;
    struct json_object *data = json_object_new_object();

    add_text(data, "iname", conf->name);
    add_number(data, "dont_track_primary", conf->dont_track_primary);
    add_number(data, "skip_check_adv_addr", conf->skip_check_adv_addr);
    add_number(data, "strict_mode", 0);
    add_text(data, "vmac_ifname", "");
    add_text(data, "ifp_ifname", conf->interface);
    add_number(data, "master_priority", instance->vrrp.master_priority);
    add_wall_time(data, "last_transition", instance->vrrp.state_since_wall_ns);
    add_announcements(data, &conf->garp);
    add_number(data, "lower_prio_no_advert", conf->lower_prio_no_advert);
    add_number(data, "higher_prio_send_advert", conf->higher_prio_send_advert);
    add_number(data, "vrid", conf->vrid);
    add_number(data, "base_priority", conf->base_priority);
    add_number(data, "effective_priority",
               instance->vrrp.effective_priority > 0 ? instance->vrrp.effective_priority
                                                     : conf->base_priority);
    add_flag(data, "vipset", instance->links.addresses_present > 0);
    add_flag(data, "promote_secondaries", false);
    add_timing(data, instance);
    add_number(data, "accept", conf->accept);
    add_flag(data, "nopreempt", !conf->preempt);
    add_number(data, "preempt_delay", (uint64_t)conf->preempt_delay_us / 1000000);
    add_number(data, "state", instance->vrrp.state);
    add_number(data, "wantstate", dump_wanted_state(instance));
    add_number(data, "version", conf->version);
    add_flag(data, "smtp_alert", false);
    add_flag(data, "notify_deleted", false);
    add_vips(data, "vips", instance, false);
    add_vips(data, "evips", instance, true);
    add_tracked_interfaces(data, conf);
    add_tracked(data, "track_script", conf, CONF_TRACKED_SCRIPT);
    add_tracked(data, "track_process", conf, CONF_TRACKED_PROCESS);
    add_authentication(data, conf);
    return data;
}

static struct json_object *instance_statistics(const struct ctl_record *counters)
{
    const struct vrrp_errors *errors = &counters->errors;
    struct json_object *stats = json_object_new_object();

    add_number(stats, "advert_rcvd", counters->adverts_received);
    add_number(stats, "advert_sent", counters->adverts_sent);
    add_number(stats, "become_master", counters->became_master);
    add_number(stats, "release_master", counters->released_master);
    add_number(stats, "packet_len_err", errors->length);
    add_number(stats, "advert_interval_err", errors->interval);
    add_number(stats, "ip_ttl_err", errors->ttl);
    add_number(stats, "invalid_type_rcvd", errors->type);
    add_number(stats, "addr_list_err", errors->address_list);
    add_number(stats, "invalid_authtype", errors->auth_type);
    add_number(stats, "authtype_mismatch", errors->auth_mismatch);
    add_number(stats, "auth_failure", errors->auth_failure);
    add_number(stats, "auth_ext_missing", errors->auth_missing);
    add_number(stats, "auth_ext_malformed", errors->auth_malformed);
    add_number(stats, "auth_ext_unknown_key", errors->auth_unknown_key);
    add_number(stats, "auth_ext_invalid_hmac", errors->auth_invalid_hmac);
    add_number(stats, "auth_ext_stale", errors->auth_stale);
    add_number(stats, "auth_ext_replay", errors->auth_replay);
    add_number(stats, "pri_zero_rcvd", counters->priority_zero_received);
    add_number(stats, "pri_zero_sent", counters->priority_zero_sent);
    return stats;
}

static struct json_object *process_json(const struct status_source *source,
                                        const struct conf_track_process *process)
{
    struct json_object *object = json_object_new_object();
    struct track_record record = {0};

    dump_read_tracked(source, process->key, &record);
    add_text(object, "process", process->process);
    add_number(object, "min_processes", process->quorum);
    if (process->quorum_max != UINT32_MAX)
        add_number(object, "max_processes", process->quorum_max);
    add_number(object, "current_processes", record.value < 0 ? 0 : (uint64_t)record.value);
    add_flag(object, "have_quorum", record.verdict == TRACK_UP);
    return object;
}

static void add_processes(struct json_object *whole, const struct status_source *source)
{
    const struct conf_model *model = source->model;
    struct json_object *list;

    if (model->track_processes.count == 0)
        return;
    list = json_object_new_array();
    for (uint32_t i = 0; i < model->track_processes.count; i++)
        json_object_array_add(list, process_json(source, model->track_processes.items[i]));
    add(whole, "track_process", list);
}

struct json_object *dump_json(const struct status_source *source, unsigned int json_version)
{
    struct json_object *list = json_object_new_array(), *whole;

    for (uint32_t i = 0; i < source->model->instances.count; i++) {
        struct json_object *object = json_object_new_object();
        struct dump_instance instance;

        dump_look(source, source->model->instances.items[i], &instance);
        add(object, "data", instance_data(&instance));
        add(object, "stats", instance_statistics(&instance.counters));
        json_object_array_add(list, object);
    }
    if (json_version < 2)
        return list;
    whole = json_object_new_object();
    add(whole, "vrrp", list);
    add_processes(whole, source);
    return whole;
}
