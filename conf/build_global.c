/*
 * Builder: global_defs.
 */
#include "conf/build.h"

#include <string.h>

#include "conf/include.h"
#include "conf/values.h"

#define WORDS_MAX 16

void *conf_begin_global(struct conf_builder *builder, const struct conf_node *node, void *parent)
{
    (void)parent;
    builder->global.node = node;
    return &builder->global;
}

/* The expander obeys the line; here only its words are checked. */
void conf_handle_include_check(struct conf_builder *builder, const struct conf_node *node, void *draft)
{
    const char *words[WORDS_MAX];
    unsigned int checks = 0;
    size_t count = 0;
    size_t wrong;

    (void)draft;
    for (size_t i = 1; i < node->word_count && count < WORDS_MAX; i++)
        words[count++] = node->words[i].text;
    if (!conf_include_check_words(words, count, &checks, &wrong))
        conf_diagnostic_expect(builder->diagnostics,
                               conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_VALUE, node, wrong + 1,
                                             "'%s' is no include check, or lacks its sign", words[wrong]),
                               "read, match, wildcard_match or brace_match; with + or - from the second on");
}

void conf_start_global(struct conf_builder *builder)
{
    memset(&builder->global, 0, sizeof(builder->global));
    conf_draft_reset(builder, CONF_BLOCK_GLOBAL, &builder->global);
    builder->global.script_user.uid = CONF_USER_LATER;
    builder->global.script_user.gid = CONF_USER_LATER;
}

/* What is wrong with the line is told when it is read. */
static void scan_flag(const struct conf_node *line, bool *flag)
{
    if (line->word_count == 1)
        *flag = true;
    else
        conf_parse_bool(line->words[1].text, flag);
}

void conf_scan_global(struct conf_builder *builder, const struct conf_node *node)
{
    for (const struct conf_node *line = node->children; line != NULL; line = line->next) {
        if (line->word_count == 0)
            continue;
        if (strcmp(line->words[0].text, "use_symlink_paths") == 0)
            scan_flag(line, &builder->global.use_symlink_paths);
        else if (strcmp(line->words[0].text, "set_supplementary_groups") == 0)
            scan_flag(line, &builder->global.supplementary_groups);
    }
}

/* conf_scan_global knows the value: the last one counts for what stands before it too. */
void conf_handle_scanned(struct conf_builder *builder, const struct conf_node *node, void *draft)
{
    bool flag;

    (void)draft;
    conf_read_bool(builder, node, 1, &flag);
    conf_note_superfluous(builder, node, 2);
}

/* vrrp_mcast_group4 and vrrp_mcast_group6: the keyword's last character tells the family. */
void conf_handle_multicast_group(struct conf_builder *builder, const struct conf_node *node, void *draft)
{
    struct global_draft *global = draft;
    size_t length = node->words[0].length;
    bool six = node->words[0].text[length - 1] == '6';
    struct ip_address group;

    if (!conf_read_address(builder, node, 1, &group))
        return;
    if (group.family != (six ? AF_INET6 : AF_INET) || !ip_address_is_multicast(&group)) {
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_VALUE, node, 1,
                      "'%s' is not an %s multicast address; the standard group is used", node->words[1].text,
                      six ? "IPv6" : "IPv4");
        return;
    }
    if (six)
        global->group6 = group;
    else
        global->group4 = group;
}

/* A word that nft(8) takes for a name: nothing else may get into the rules. */
static bool is_nft_name(const char *text)
{
    size_t length = strlen(text);

    return length > 0 && length < 32 && strchr("0123456789", text[0]) == NULL &&
           strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == length;
}

void conf_handle_nftables(struct conf_builder *builder, const struct conf_node *node, void *draft)
{
    struct global_draft *global = draft;

    if (node->word_count < 2)
        return;
    if (is_nft_name(node->words[1].text))
        global->nftables_table = conf_model_strdup(builder->model, node->words[1].text);
    else
        conf_diagnostic_expect(builder->diagnostics,
                               conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_VALUE, node, 1,
                                             "'%s' cannot be the name of an nftables table; 'keepalived' is "
                                             "used",
                                             node->words[1].text),
                               "at most 31 letters, digits and '_', the first no digit");
}

static void find_script_user(struct conf_builder *builder)
{
    struct global_draft *global = &builder->global;
    const struct conf_host *host = builder->host;
    char number[16];

    if (global->script_user_given) {
        if (global->script_user.uid == CONF_USER_LATER) /* there is none such: FIFOs are the daemon's own */
            global->script_user.uid = host->own_uid;
        if (global->script_user.gid == CONF_USER_LATER)
            global->script_user.gid = host->own_gid;
        return;
    }
    if (host->find_user(host->context, "keepalived_script", &global->script_user.uid,
                        &global->script_user.gid)) {
        conf_find_groups(builder, "keepalived_script", false, &global->script_user);
        return;
    }
    global->script_user.uid = host->own_uid;
    global->script_user.gid = host->own_gid;
    snprintf(number, sizeof(number), "%u", host->own_uid);
    conf_find_groups(builder, number, false, &global->script_user);
    if (conf_value_or(global->script_security, 0) != 0) /* nothing becomes root's unasked */
        global->script_user_lack =
            "enable_script_security wants a script_user, or that a user keepalived_script exists";
}

#define STATISTICS_INTERVAL_US 5000000

/* rfc stands for both MIBs. */
static void finish_snmp(const struct global_draft *global, struct conf_snmp *snmp)
{
    bool both = conf_value_or(global->snmp_rfc, 0) != 0;

    *snmp = global->snmp;
    snmp->traps = conf_value_or(global->snmp_traps, 0) != 0;
    snmp->vrrp = conf_value_or(global->snmp_vrrp, 0) != 0;
    snmp->rfc2787 = both || conf_value_or(global->snmp_rfc2787, 0) != 0;
    snmp->rfc6527 = both || conf_value_or(global->snmp_rfc6527, 0) != 0;
    snmp->checker = conf_value_or(global->snmp_checker, 0) != 0;
    snmp->virtual_interval_us = conf_value_or(global->snmp_virtual_interval_us, STATISTICS_INTERVAL_US);
    snmp->real_interval_us = conf_value_or(global->snmp_real_interval_us, snmp->virtual_interval_us);
    if (!snmp->checker && global->snmp_virtual_interval_us == CONF_UNSET &&
        global->snmp_real_interval_us == CONF_UNSET) /* there are none */
        snmp->virtual_interval_us = snmp->real_interval_us = 0;
}

void conf_finish_global(struct conf_builder *builder)
{
    struct global_draft *global = &builder->global;
    struct conf_global *model = &builder->model->global;

    if (!ip_address_is_set(&global->group4))
        ip_address_parse("224.0.0.18", &global->group4);
    if (!ip_address_is_set(&global->group6))
        ip_address_parse("ff02::12", &global->group6);
    model->multicast_group4 = global->group4;
    model->use_symlink_paths = global->use_symlink_paths;
    find_script_user(builder);
    model->router_id = global->router_id;
    model->default_interface = global->default_interface;
    model->enable_script_security = conf_value_or(global->script_security, 0) != 0;
    model->strict = conf_value_or(global->strict, 0) != 0;
    model->nftables_table = global->nftables_table;
    if (model->nftables_table == NULL)
        model->nftables_table = conf_model_strdup(builder->model, "keepalived");
    model->nftables_priority = (int32_t)conf_value_or(global->nftables_priority, -1);
    model->nftables_counters = conf_value_or(global->nftables_counters, 0) != 0;
    model->startup_delay_us = conf_value_or(global->startup_delay_us, 0);
    model->delay_after_boot_us = conf_value_or(global->delay_after_boot_us, 0);
    finish_snmp(global, &model->snmp);
    model->dbus = global->dbus;
    model->dbus.enabled = conf_value_or(global->dbus_enabled, 0) != 0;
    model->vmac_prefix = global->vmac_prefix;
    model->vmac_addr_prefix = global->vmac_addr_prefix;
    model->disable_local_igmp = conf_value_or(global->disable_local_igmp, 0) != 0;
    model->settings = global->settings;
    model->rs_init_notifies = conf_value_or(global->rs_init_notifies, 0) != 0;
    model->flush_at_start = conf_value_or(global->lvs_flush, 0) != 0 ? CONF_FLUSH_ALL : CONF_FLUSH_OURS;
}
