/* See sample_model.h. */
#include "sample_model.h"

#include <string.h>

#include "conf/digest.h"
#include "conf/key.h"

static struct ip_address address(const char *text)
{
    struct ip_address parsed = {0};

    ip_address_parse(text, &parsed);
    return parsed;
}

static struct ip_endpoint endpoint(const char *text, uint16_t port)
{
    return (struct ip_endpoint){address(text), port};
}

static void set_script(struct conf_model *model, struct conf_script *script, const char *path)
{
    conf_list_add(model, &script->words, conf_model_strdup(model, path));
    conf_list_add(model, &script->words, conf_model_strdup(model, "an argument"));
    script->uid = 65534;
    script->gid = 100;
    for (uint32_t i = 0; i < 2; i++) {
        struct conf_group *group = conf_model_alloc(model, sizeof(*group));

        group->gid = 100 + i;
        conf_list_add(model, &script->groups, group);
    }
    script->keep_links = true;
}

static struct conf_script *make_script(struct conf_model *model)
{
    struct conf_script *script = conf_model_alloc(model, sizeof(*script));

    set_script(model, script, SAMPLE_SCRIPT);
    return script;
}

static void add_vip(struct conf_model *model, struct conf_instance *instance, const char *text,
                    uint8_t prefix_length)
{
    struct conf_vip *vip = conf_model_alloc(model, sizeof(*vip));

    vip->address = address(text);
    vip->prefix_length = prefix_length;
    vip->preferred_lifetime_s = CONF_LIFETIME_FOREVER;
    vip->interface = conf_model_strdup(model, instance->interface);
    conf_list_add(model, &instance->vips, vip);
}

static void fill_first_vip(struct conf_model *model, struct conf_vip *vip)
{
    vip->scope = 253;
    vip->excluded = true;
    vip->broadcast_kind = CONF_BROADCAST_GIVEN;
    vip->broadcast = address("192.0.2.255");
    vip->peer = address("192.0.2.77");
    vip->peer_prefix_length = 32;
    vip->flags = CONF_VIP_HOME | CONF_VIP_USE_VMAC;
    vip->label = conf_model_strdup(model, "eth0:vip");
}

static struct conf_tracked_interface *tracked(struct conf_model *model, const char *name)
{
    struct conf_tracked_interface *made = conf_model_alloc(model, sizeof(*made));

    made->interface = conf_model_strdup(model, name);
    made->weight = -20;
    made->reverse = true;
    return made;
}

static struct conf_instance *add_instance(struct conf_model *model, const char *name, uint8_t family)
{
    struct conf_instance *instance = conf_model_alloc(model, sizeof(*instance));

    instance->name = conf_model_strdup(model, name);
    instance->interface = conf_model_strdup(model, "eth0");
    instance->family = family;
    instance->vrid = 51;
    instance->version = 3;
    instance->base_priority = 150;
    instance->advert_interval_us = 1000000;
    instance->down_timer_adverts = 3;
    instance->preempt = true;
    instance->lease_us = -1;
    instance->accept = true;
    instance->garp = (struct conf_garp){.master_delay_s = 5, .master_repeat = 5};
    conf_list_add(model, &model->instances, instance);
    return instance;
}

static struct conf_encap *make_encap(struct conf_model *model, enum conf_encap_kind kind)
{
    struct conf_encap *encap = conf_model_alloc(model, sizeof(*encap));
    struct conf_label *label = conf_model_alloc(model, sizeof(*label));

    label->value = 100;
    encap->kind = kind;
    encap->tunnel_id = 7;
    encap->destination = address("192.0.2.17");
    encap->source = address("192.0.2.18");
    encap->tos = 1;
    encap->ttl = 2;
    encap->flags = 3;
    conf_list_add(model, &encap->labels, label);
    encap->locator = UINT64_MAX;
    return encap;
}

static struct conf_route *make_route(struct conf_model *model)
{
    struct conf_route *route = conf_model_alloc(model, sizeof(*route));
    struct conf_route_metric *metric = conf_model_alloc(model, sizeof(*metric));
    struct conf_nexthop *nexthop = conf_model_alloc(model, sizeof(*nexthop));

    *metric = (struct conf_route_metric){2, 1400};
    *nexthop = (struct conf_nexthop){address("192.0.2.9"),
                                     conf_model_strdup(model, "eth2"),
                                     3,
                                     true,
                                     4,
                                     make_encap(model, CONF_ENCAP_IP6)};
    route->family = AF_INET;
    route->type = 1;
    route->destination = address("198.51.100.0");
    route->prefix_length = 24;
    route->preferred_source = address("192.0.2.100");
    route->gateway = address("192.0.2.254");
    route->interface = conf_model_strdup(model, "eth0");
    route->onlink = route->no_track = true;
    route->tos = 4;
    route->protocol = CONF_PROTOCOL_KEEPALIVED;
    route->scope = 253;
    route->table = 77;
    route->metric = 5;
    route->realms = 6;
    route->expires_s = 7;
    route->locked = 8;
    route->congestion_control = conf_model_strdup(model, "vegas");
    route->preference = route->ttl_propagate = -1;
    route->place = CONF_ROUTE_APPEND;
    conf_list_add(model, &route->metrics, metric);
    route->encap = make_encap(model, CONF_ENCAP_MPLS);
    route->vrf = conf_model_strdup(model, "red");
    conf_list_add(model, &route->nexthops, nexthop);
    return route;
}

static struct conf_rule *make_rule(struct conf_model *model)
{
    struct conf_rule *rule = conf_model_alloc(model, sizeof(*rule));

    rule->family = AF_INET;
    rule->action = 1;
    rule->invert = rule->mark_given = rule->users_given = rule->l3mdev = rule->no_track = true;
    rule->from = address("192.0.2.0");
    rule->from_length = 24;
    rule->to = address("198.51.100.0");
    rule->to_length = 25;
    rule->priority = 100;
    rule->table = 77;
    rule->mark = 1;
    rule->mark_mask = 2;
    rule->suppress_prefix_length = rule->suppress_group = -1;
    rule->input = conf_model_strdup(model, "eth0");
    rule->output = conf_model_strdup(model, "eth1");
    rule->tunnel_id = UINT64_MAX;
    rule->protocol = CONF_PROTOCOL_KEEPALIVED;
    return rule;
}

static void fill_instance(struct conf_model *model, struct conf_instance *instance)
{
    struct conf_notify *notify = conf_model_alloc(model, sizeof(*notify));

    instance->version = 2;
    instance->wanted_state = CONF_WANTED_MASTER;
    instance->preempt_delay_us = 30000000;
    instance->source = address("192.0.2.3");
    instance->multicast_group = address("224.0.0.18");
    instance->unicast_ttl = 255;
    instance->old_checksum = CONF_OLD_CHECKSUM_ALWAYS;
    ip_address_parse("224.0.0.18", &instance->old_checksum_group);
    instance->check_unicast_source = instance->v3_checksum_as_v2 = instance->lower_prio_no_advert = true;
    instance->higher_prio_send_advert = instance->owner_ignore_adverts = instance->skip_check_adv_addr = true;
    instance->track_source = instance->dont_track_primary = true;
    instance->auth_type = CONF_AUTH_PASS;
    memcpy(instance->auth_data, SAMPLE_PASSWORD, sizeof(instance->auth_data));
    instance->garp = (struct conf_garp){1, 2, 3, 4, 5, 6, 7};
    add_vip(model, instance, "192.0.2.100", 24);
    fill_first_vip(model, instance->vips.items[0]);
    add_vip(model, instance, "192.0.2.101", 32);
    conf_list_add(model, &instance->tracked_interfaces, tracked(model, "eth1"));
    conf_list_add(model, &instance->routes, make_route(model));
    conf_list_add(model, &instance->rules, make_rule(model));
    conf_list_add(model, &model->static_routes, make_route(model));
    conf_list_add(model, &model->static_rules, make_rule(model));
    set_script(model, &notify->master, SAMPLE_SCRIPT);
    set_script(model, &notify->backup, SAMPLE_SCRIPT);
    set_script(model, &notify->fault, SAMPLE_SCRIPT);
    set_script(model, &notify->stop, SAMPLE_SCRIPT);
    set_script(model, &notify->any, SAMPLE_SCRIPT);
    set_script(model, &notify->rx_lower_priority, SAMPLE_SCRIPT);
    set_script(model, &notify->deleted, SAMPLE_SCRIPT);
    instance->notify = notify;
    instance->notify_priority_changes = instance->smtp_alert = true;
    instance->key = conf_key_instance(instance);
}

static void fill_unicast(struct conf_model *model, struct conf_instance *instance)
{
    struct conf_unicast_peer *peer = conf_model_alloc(model, sizeof(*peer));

    instance->source = address("2001:db8::1");
    peer->address = address("2001:db8::2");
    peer->min_ttl = 254;
    peer->max_ttl = 255;
    conf_list_add(model, &instance->unicast_peers, peer);
    add_vip(model, instance, "fe80::100", 64);
    add_vip(model, instance, "2001:db8::100", 128);
    instance->key = conf_key_instance(instance);
}

static void add_group(struct conf_model *model)
{
    struct conf_sync_group *group = conf_model_alloc(model, sizeof(*group));

    group->name = conf_model_strdup(model, "VG");
    group->key = conf_key_sync_group(group->name);
    conf_list_add(model, &group->members, model->instances.items[1]);
    conf_list_add(model, &group->members, model->instances.items[0]);
    conf_list_add(model, &group->tracked_interfaces, tracked(model, "eth2"));
    group->tracking_weight = true;
    group->notify = conf_model_alloc(model, sizeof(*group->notify));
    set_script(model, &group->notify->any, SAMPLE_SCRIPT);
    conf_list_add(model, &model->sync_groups, group);
}

static void add_service(struct conf_model *model, struct conf_virtual_server *virtual_server,
                        const char *text)
{
    struct conf_service *service = conf_model_alloc(model, sizeof(*service));

    service->first = endpoint(text, 80);
    service->count = 1;
    conf_list_add(model, &virtual_server->services, service);
}

static struct conf_virtual_server *add_virtual_server(struct conf_model *model, const char *text)
{
    struct conf_virtual_server *virtual_server = conf_model_alloc(model, sizeof(*virtual_server));

    virtual_server->endpoint = endpoint(text, 80);
    add_service(model, virtual_server, text);
    virtual_server->persistence_netmask = UINT32_MAX;
    virtual_server->key = conf_key_virtual_server(virtual_server);
    strcpy(virtual_server->scheduler, "wlc");
    virtual_server->quorum = 1;
    conf_list_add(model, &model->virtual_servers, virtual_server);
    return virtual_server;
}

static struct conf_real_server *add_real_server(struct conf_model *model,
                                                struct conf_virtual_server *virtual_server, const char *text)
{
    struct conf_real_server *real_server = conf_model_alloc(model, sizeof(*real_server));

    real_server->endpoint = endpoint(text, 8080);
    real_server->key = conf_key_real_server(virtual_server->key, &real_server->endpoint);
    real_server->weight = 1;
    conf_list_add(model, &virtual_server->real_servers, real_server);
    return real_server;
}

static struct conf_checker *add_checker(struct conf_model *model, struct conf_real_server *real_server,
                                        enum conf_checker_type type)
{
    struct conf_checker *checker = conf_model_alloc(model, sizeof(*checker));

    checker->type = type;
    checker->key = conf_key_checker(real_server->key, type, real_server->checkers.count);
    checker->connect = real_server->endpoint;
    checker->connect_timeout_us = 5000000;
    checker->delay_loop_us = 60000000;
    checker->warmup_us = -1;
    conf_list_add(model, &real_server->checkers, checker);
    return checker;
}

static void fill_checker(struct conf_model *model, struct conf_checker *checker)
{
    struct conf_url *url = conf_model_alloc(model, sizeof(*url));
    struct conf_status_range *status = conf_model_alloc(model, sizeof(*status));

    *status = (struct conf_status_range){200, 299};
    url->path = conf_model_strdup(model, SAMPLE_URL);
    url->virtualhost = conf_model_strdup(model, "www.example.org");
    url->digest = conf_model_strdup(model, "5d41402abc4b2a76b9719d911017c592");
    url->regex = conf_model_strdup(model, "up");
    url->regex_options = 8;
    url->regex_no_match = url->tls_compliant = true;
    url->regex_min_offset = 1;
    url->regex_end_offset = 9;
    url->server_name = conf_model_strdup(model, "sni.example.org");
    conf_list_add(model, &url->statuses, status);
    conf_list_add(model, &checker->urls, url);
    checker->bind = endpoint("198.51.100.1", 1234);
    checker->bind_interface = conf_model_strdup(model, "eth3");
    checker->fwmark = 7;
    checker->delay_before_retry_us = 3000000;
    checker->retry = 3;
    checker->alpha = checker->log_all_failures = checker->fast_recovery = true;
    checker->http_version = CONF_HTTP_1_1;
    checker->virtualhost = conf_model_strdup(model, "example.org");
    checker->tls_verify = checker->dynamic = true;
    checker->script_name = conf_model_strdup(model, "/bin/check");
    checker->script_timeout_us = 2000000;
    checker->payload = conf_model_strdup(model, "00ff");
    checker->reply = conf_model_strdup(model, "0x");
    checker->require_reply = true;
    checker->reply_min = 1;
    checker->reply_max = 2;
    checker->dns_name = conf_model_strdup(model, "example.org");
    checker->dns_type = 6;
    checker->helo_name = conf_model_strdup(model, "lb1.example.org");
    checker->file = 0xf11e;
    checker->file_name = conf_model_strdup(model, "load");
    checker->file_weight = -3;
    checker->file_reverse = true;
}

static void fill_balancer(struct conf_model *model)
{
    struct conf_virtual_server *first = add_virtual_server(model, "192.0.2.100");
    struct conf_virtual_server *second = add_virtual_server(model, "2001:db8::100");
    struct conf_real_server *real_server = add_real_server(model, first, "10.0.0.1");

    first->flags = 1;
    first->persistence_timeout_s = 360;
    first->hysteresis = 2;
    first->alpha = first->omega = true;
    first->quorum_up = make_script(model);
    first->quorum_down = make_script(model);
    real_server->method.forwarding = CONF_FORWARD_DR;
    real_server->upper_threshold = 1000;
    real_server->lower_threshold = 10;
    real_server->inhibit_on_failure = real_server->alpha = true;
    real_server->notify_up = make_script(model);
    real_server->notify_down = make_script(model);
    fill_checker(model, add_checker(model, real_server, CONF_CHECK_HTTP));
    add_checker(model, real_server, CONF_CHECK_TCP);
    add_checker(model, add_real_server(model, first, "10.0.0.2"), CONF_CHECK_TCP);
    second->protocol = CONF_PROTOCOL_UDP;
    second->kind = CONF_SERVER_GROUP;
    second->group = conf_model_strdup(model, "web");
    second->fwmark = 7;
    second->services.items[0]->fwmark = 7;
    second->services.items[0]->count = 3;
    second->persistence_prefix_length = 64;
    second->persistence_engine = conf_model_strdup(model, "sip");
    second->sorry.endpoint = endpoint("10.0.0.9", 80);
    second->sorry.method = (struct conf_method){CONF_FORWARD_TUN, CONF_TUNNEL_GRE, 1, CONF_TUNNEL_CHECKSUM};
    second->sorry.inhibit = second->ha_suspend = true;
    second->key = conf_key_virtual_server(second);
    real_server = add_real_server(model, second, "2001:db8::1");
    real_server->method = (struct conf_method){CONF_FORWARD_TUN, CONF_TUNNEL_GUE, 6080, CONF_TUNNEL_CHECKSUM};
    add_checker(model, real_server, CONF_CHECK_TCP);
}

static void track(struct conf_model *model, struct conf_tracked *tracked, enum conf_tracked_kind kind,
                  const char *name)
{
    tracked->kind = kind;
    tracked->name = conf_model_strdup(model, name);
    tracked->key = conf_key_tracked(kind, name);
    tracked->weight = -30;
    tracked->reverse = true;
}

static void add_bfd(struct conf_model *model)
{
    struct conf_bfd_session *session = conf_model_alloc(model, sizeof(*session));
    struct conf_tracked *tracked = conf_model_alloc(model, sizeof(*tracked));

    track(model, tracked, CONF_TRACKED_BFD, "gate");
    conf_list_add(model, &model->instances.items[0]->tracked, tracked);
    session->key = tracked->key;
    session->name = tracked->name;
    session->neighbour = address("192.0.2.7");
    session->source = address("192.0.2.9");
    session->min_rx_us = 10000;
    session->min_tx_us = 20000;
    session->idle_tx_us = 1000000;
    session->multiplier = 3;
    session->ttl = 255;
    session->max_hops = -1;
    session->passive = session->multihop = session->informs_vrrp = session->informs_checkers = true;
    conf_list_add(model, &model->bfd_sessions, session);
}

static void fill_device(struct conf_model *model, struct conf_instance *instance)
{
    instance->device = (struct conf_device){
        .kind = CONF_DEVICE_VMAC,
        .name = conf_model_strdup(model, "front0"),
        .mac = "02:00:00:00:00:33",
        .mode = CONF_IPVLAN_VEPA,
        .address = address("192.0.2.9"),
        .address_length = 24,
        .group = 7,
        .netlink_notify = true,
        .transmits_from_base = true,
    };
    instance->vmac_addresses = true;
    instance->vrf = conf_model_strdup(model, "red");
    model->global.vmac_prefix = conf_model_strdup(model, "front");
    model->global.vmac_addr_prefix = conf_model_strdup(model, "side");
    model->global.disable_local_igmp = true;
}

static void fill_hmac(struct conf_model *model, struct conf_hmac *hmac)
{
    struct conf_hmac_key *key = conf_model_alloc(model, sizeof(*key));

    key->id = 7;
    key->length = sizeof(SAMPLE_HMAC_KEY) - 1;
    memcpy(key->secret, SAMPLE_HMAC_KEY, key->length);
    conf_list_add(model, &hmac->keys, key);
    hmac->active_key = 7;
    hmac->mode = CONF_HMAC_PERMISSIVE;
    hmac->anti_replay = CONF_REPLAY_MONOTONIC;
    hmac->time_window_s = 30;
}

static void fill_agents(struct conf_model *model)
{
    struct conf_global *global = &model->global;

    global->snmp = (struct conf_snmp){.traps = true,
                                      .vrrp = true,
                                      .rfc2787 = true,
                                      .rfc6527 = true,
                                      .checker = true,
                                      .virtual_interval_us = 5000000,
                                      .real_interval_us = 6000000};
    global->snmp.socket = conf_model_strdup(model, "unix:/run/agentx");
    global->dbus.enabled = true;
    global->dbus.service_name = conf_model_strdup(model, "org.example");
    global->dbus.no_interface_name = conf_model_strdup(model, "none");
    model->virtual_servers.items[0]->snmp_name = conf_model_strdup(model, "web");
    model->virtual_servers.items[0]->real_servers.items[0]->snmp_name = conf_model_strdup(model, "one");
}

static void add_tracked(struct conf_model *model)
{
    struct conf_tracked *script = conf_model_alloc(model, sizeof(*script));
    struct conf_tracked *file = conf_model_alloc(model, sizeof(*file));
    struct conf_track_script *track_script = conf_model_alloc(model, sizeof(*track_script));
    struct conf_track_file *track_file = conf_model_alloc(model, sizeof(*track_file));
    struct conf_track_process *track_process = conf_model_alloc(model, sizeof(*track_process));

    track(model, script, CONF_TRACKED_SCRIPT, "sample");
    track(model, file, CONF_TRACKED_PROCESS, "daemon");
    conf_list_add(model, &model->instances.items[0]->tracked, script);
    conf_list_add(model, &model->sync_groups.items[0]->tracked, file);
    *track_script = (struct conf_track_script){script->key, script->name, 2000000, 3000000, 2, 3, true};
    *track_file = (struct conf_track_file){78, script->name, script->name, true, true, -7};
    track_process->key = file->key;
    track_process->name = track_process->process = file->name;
    conf_list_add(model, &track_process->parameters, conf_model_strdup(model, "-D"));
    track_process->match = CONF_PARAM_INITIAL;
    track_process->full_command = true;
    track_process->quorum = 2;
    track_process->quorum_max = 9;
    track_process->terminate_delay_us = 5;
    track_process->fork_delay_us = 6;
    conf_list_add(model, &model->track_scripts, track_script);
    conf_list_add(model, &model->track_files, track_file);
    conf_list_add(model, &model->track_processes, track_process);
}

static void add_recurring_script(struct conf_model *model)
{
    struct conf_recurring_script *recurring = conf_model_alloc(model, sizeof(*recurring));

    recurring->key = 77;
    recurring->name = conf_model_strdup(model, "vrrp_script sample");
    recurring->timeout_us = 3000000;
    set_script(model, &recurring->script, SAMPLE_SCRIPT);
    conf_list_add(model, &model->recurring_scripts, recurring);
}

static void fill_fifo(struct conf_model *model, struct conf_fifo *fifo)
{
    fifo->path = conf_model_strdup(model, "/run/events");
    fifo->uid = 65534;
    fifo->gid = 100;
    set_script(model, &fifo->reader, SAMPLE_SCRIPT);
}

static void fill_mail(struct conf_model *model, struct conf_mail *mail)
{
    mail->server = conf_model_strdup(model, "mail.example.org");
    mail->port = 587;
    mail->tls = CONF_MAIL_TLS_STARTTLS;
    mail->user = conf_model_strdup(model, "lb1");
    strcpy(mail->password, SAMPLE_MAIL_PASSWORD);
    mail->ca_file = conf_model_strdup(model, "/etc/ssl/own.pem");
    mail->helo_name = conf_model_strdup(model, "lb1.example.org");
    mail->from = conf_model_strdup(model, "lb1@example.org");
    conf_list_add(model, &mail->recipients, conf_model_strdup(model, "ops@example.org"));
    mail->connect_timeout_s = 30;
    mail->no_faults = true;
}

static void fill_global(struct conf_model *model)
{
    struct conf_global *global = &model->global;

    global->router_id = conf_model_strdup(model, "lb1 \"left\"");
    global->enable_script_security = true;
    global->strict = true;
    global->default_interface = conf_model_strdup(model, "eth0");
    global->tls.certificate = conf_model_strdup(model, SAMPLE_TLS "certificate");
    global->tls.private_key = conf_model_strdup(model, SAMPLE_TLS "key");
    global->tls.password = conf_model_strdup(model, SAMPLE_TLS "password");
    global->tls.authorities = conf_model_strdup(model, SAMPLE_TLS "authorities");
    fill_fifo(model, &global->fifo);
    fill_fifo(model, &global->vrrp_fifo);
    fill_fifo(model, &global->lvs_fifo);
    global->fifo_write_states_on_reload = true;
    set_script(model, &global->startup_script, SAMPLE_SCRIPT);
    set_script(model, &global->shutdown_script, SAMPLE_SCRIPT);
    fill_mail(model, &global->mail);
    global->startup_script_timeout_s = global->shutdown_script_timeout_s = 30;
}

static void fill_tuning(struct conf_model *model, struct conf_tuning *tuning)
{
    tuning->name = conf_model_strdup(model, "sample_process");
    tuning->nice = -5;
    tuning->realtime_priority = 50;
    tuning->lock_memory = true;
    tuning->cpus_low = 5;
    tuning->cpus_high = 1;
}

static void fill_daemon(struct conf_model *model)
{
    struct conf_daemon *daemon = &model->daemon;

    daemon->instance = conf_model_strdup(model, "left");
    daemon->network_namespace = conf_model_strdup(model, "front");
    daemon->ipvs_namespace = conf_model_strdup(model, "back");
    daemon->ipvs_where_started = true;
    daemon->child_wait_s = 7;
    daemon->umask = 022;
    daemon->json_version = 2;
    daemon->dump_names_instance = true;
    daemon->data_file = conf_model_strdup(model, "/var/lib/sample.data");
    daemon->stats_file = conf_model_strdup(model, "/var/lib/sample.stats");
    daemon->json_file = conf_model_strdup(model, "/var/lib/sample.json");
    daemon->reload_check = daemon->reload_repeat = daemon->reload_flag = true;
    daemon->reload_log = conf_model_strdup(model, "/var/log/sample.check");
    daemon->reload_time_file = conf_model_strdup(model, "/etc/sample.when");
    daemon->reload_flag_file = conf_model_strdup(model, "/run/sample.reading");
    daemon->name = conf_model_strdup(model, "sample");
    fill_tuning(model, &daemon->vrrp);
    fill_tuning(model, &daemon->checker);
}

static void fill_lvs_global(struct conf_model *model)
{
    struct conf_global *global = &model->global;

    global->rs_init_notifies = true;
    global->flush_at_start = global->flush_on_stop = CONF_FLUSH_ALL;
    global->ipvs_timeouts = (struct conf_ipvs_timeouts){900, 120, 300};
    global->sync_daemon.interface = conf_model_strdup(model, "eth4");
    global->sync_daemon.instance = 99;
    global->sync_daemon.id = 5;
    global->sync_daemon.maxlen = 1400;
    global->sync_daemon.port = 8849;
    global->sync_daemon.ttl = 2;
    global->sync_daemon.group = address("224.0.0.82");
}

struct conf_model *sample_model(void)
{
    struct conf_model *model = conf_model_new();

    fill_global(model);
    fill_lvs_global(model);
    fill_instance(model, add_instance(model, "VI_1", AF_INET));
    fill_unicast(model, add_instance(model, "VI_6", AF_INET6));
    add_group(model);
    fill_balancer(model);
    add_recurring_script(model);
    fill_daemon(model);
    add_tracked(model);
    add_bfd(model);
    fill_device(model, model->instances.items[0]);
    fill_hmac(model, &model->instances.items[0]->hmac);
    fill_agents(model);
    conf_digest(model, model->digest);
    return model;
}
