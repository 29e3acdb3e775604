/*
 * The text of groups, and of what instances track: scripts, files, processes.
 */
#include "conf/print_rows.h"

#include <inttypes.h>

static void put_tracked(printer *out, const struct conf_tracked *const *items, uint32_t count,
                        const char *keyword, enum conf_tracked_kind kind)
{
    bool open = false;

    for (uint32_t i = 0; i < count; i++) {
        if (items[i]->kind != kind)
            continue;
        if (!open)
            printer_open(out, "%s", keyword);
        open = true;
        printer_begin(out, "");
        printer_tracked(out, items[i]);
        printer_end(out);
    }
    if (open)
        printer_close(out);
}

/* A block for each run of one kind, so that the order stays. */
void print_tracked(printer *out, rule_row *rule, field_row *field, const void *object)
{
    static const char *const keywords[] = {
        [CONF_TRACKED_SCRIPT] = "track_script",
        [CONF_TRACKED_FILE] = "track_file",
        [CONF_TRACKED_PROCESS] = "track_process",
        [CONF_TRACKED_BFD] = "track_bfd",
    };
    struct any_list list = field_list(object, field);
    const struct conf_tracked *const *items = (const void *)list.items;
    uint32_t end;

    (void)rule;
    for (uint32_t start = 0; start < list.count; start = end) {
        end = start + 1;
        while (end < list.count && items[end]->kind == items[start]->kind)
            end++;
        put_tracked(out, items + start, end - start, keywords[items[start]->kind], items[start]->kind);
    }
}

static void print_interfaces(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_garp_group *group = object;

    (void)field;
    printer_open(out, "%s", rule->keyword);
    for (uint32_t i = 0; i < group->interfaces.count; i++)
        put_text(out, "", group->interfaces.items[i]);
    printer_close(out);
}

static void print_members(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_sync_group *group = object;

    (void)field;
    printer_open(out, "%s", rule->keyword);
    for (uint32_t i = 0; i < group->members.count; i++)
        put_text(out, "", group->members.items[i]->name);
    printer_close(out);
}

static void print_track_script(printer *out, rule_row *rule, field_row *field, const void *object)
{
    (void)field;
    put_recurring(out, rule->keyword, ((const struct conf_track_script *)object)->key);
}

static void print_init_file(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_track_file *file = object;

    (void)field;
    if (file->init_create)
        printer_line(out, "%s %d%s", rule->keyword, file->init_value,
                     file->init_overwrite ? " overwrite" : "");
}

static void print_process(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_track_process *process = object;

    (void)field;
    printer_begin(out, rule->keyword);
    printer_word(out, process->process);
    for (uint32_t i = 0; i < process->parameters.count; i++)
        printer_word(out, process->parameters.items[i]);
    printer_end(out);
}

static void print_match(printer *out, rule_row *rule, field_row *field, const void *object)
{
    static const char *const words[] = {
        [CONF_PARAM_EXACT] = "",
        [CONF_PARAM_PARTIAL] = " partial",
        [CONF_PARAM_INITIAL] = " initial",
    };
    const struct conf_track_process *process = object;

    (void)field;
    if (process->match != CONF_PARAM_NONE)
        printer_line(out, "%s%s", rule->keyword, words[process->match]);
}

/* That none is to run follows from quorum_max 0. */
static void print_quorum(printer *out, rule_row *rule, field_row *field, const void *object)
{
    if (((const struct conf_track_process *)object)->quorum != 0)
        print_number(out, rule, field, object);
}

static void print_milliseconds(printer *out, rule_row *rule, field_row *field, const void *object)
{
    int64_t value = field_signed(object, field);

    printer_begin(out, rule->keyword);
    fprintf(out->out, value % 1000 == 0 ? " %" PRId64 : " %" PRId64 ".%03d", value / 1000,
            (int)(value % 1000));
    printer_end(out);
}

/* Whom a session informs is only said if it is not both. */
static void print_informed(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_bfd_session *session = object;

    (void)field;
    if (!session->informs_vrrp || !session->informs_checkers)
        printer_line(out, "%s", session->informs_vrrp ? rule->keyword : "checker");
}

HEAD(sync_group, "vrrp_sync_group")
HEAD(track_script, "vrrp_script")
HEAD(track_file, "track_file")
HEAD(track_process, "vrrp_track_process")
HEAD(bfd_session, "bfd_instance")

static void head_of_garp_group(const printer *out, const void *item)
{
    (void)item;
    printer_begin(out, "garp_group");
}

/* Says what it is of: "vrrp_script NAME" or "check MISC ADDRESS". */
static void head_of_recurring_script(const printer *out, const void *item)
{
    printer_begin(out, ((const struct conf_recurring_script *)item)->name);
}

/* clang-format off */
static const struct conf_print_rule rules_of_tracked_interface[] = {
    PART("interface"), PART("weight"), PART("reverse"), END};
static const struct conf_print_rule rules_of_tracked[] = {
    PART("kind"), PART("key"), PART("name"), PART("weight"), PART("reverse"), END};
static const struct conf_print_rule rules_of_garp_group[] = {
    LINE("garp_interval_us", "garp_interval", print_seconds, 0),
    LINE("gna_interval_us", "gna_interval", print_seconds, 0),
    LINE("interfaces", "interfaces", print_interfaces, 0), END};
static const struct conf_print_rule rules_of_interface_delay[] = {
    PART("interface"), PART("down_us"), PART("up_us"), END};
static const struct conf_print_rule rules_of_sync_group[] = {
    PART("key"), PART("name"), LINE("members", "group", print_members, 0),
    LINE("tracked_interfaces", "track_interface", print_lines, 0),
    LINE("tracked", "track_script", print_tracked, 0),
    LINE("tracking_weight", "sync_group_tracking_weight", print_flag, 0), NESTED("notify", ""),
    LINE("smtp_alert", "smtp_alert", print_bool, 0), END};
static const struct conf_print_rule rules_of_group[] = {PART("gid"), END};
static const struct conf_print_rule rules_of_script[] = {
    PART("words"), PART("uid"), PART("gid"), PART("groups"), HIDDEN("keep_links", "use_symlink_paths"), END};
static const struct conf_print_rule rules_of_recurring_script[] = {
    PART("key"), PART("name"), LINE("script", "script", print_script, 0), FOLLOWS("timeout_us"), END};
static const struct conf_print_rule rules_of_track_script[] = {
    LINE("key", "script", print_track_script, 0), PART("name"),
    LINE("interval_us", "interval", print_seconds, NO_USUAL),
    LINE("timeout_us", "timeout", print_seconds, NO_USUAL), LINE("rise", "rise", print_number, 1),
    LINE("fall", "fall", print_number, 1), LINE("init_fail", "init_fail", print_flag, 0), END};
static const struct conf_print_rule rules_of_track_file[] = {
    PART("key"), PART("name"), LINE("path", "file", print_text, 0),
    LINE("init_create", "init_file", print_init_file, 0), HIDDEN("init_overwrite", "init_file"),
    HIDDEN("init_value", "init_file"), END};
static const struct conf_print_rule rules_of_track_process[] = {
    PART("key"), PART("name"), LINE("process", "process", print_process, 0),
    HIDDEN("parameters", "process"), LINE("match", "param_match", print_match, 0),
    LINE("full_command", "full_command", print_flag, 0), LINE("quorum", "quorum", print_quorum, 1),
    LINE("quorum_max", "quorum_max", print_number, UINT32_MAX),
    LINE("terminate_delay_us", "terminate_delay", print_seconds, 0),
    LINE("fork_delay_us", "fork_delay", print_seconds, 0), END};
static const struct conf_print_rule rules_of_bfd_session[] = {
    PART("key"), PART("name"), LINE("neighbour", "neighbor_ip", print_address, 0),
    LINE("source", "source_ip", print_address, 0), LINE("min_rx_us", "min_rx", print_milliseconds, 0),
    LINE("min_tx_us", "min_tx", print_milliseconds, 0),
    LINE("idle_tx_us", "idle_tx", print_milliseconds, 0),
    LINE("multiplier", "multiplier", print_number, NO_USUAL), LINE("passive", "passive", print_flag, 0),
    LINE("ttl", "ttl", print_number, NO_USUAL), LINE("max_hops", "max_hops", print_number, 0),
    LINE("multihop", "multihop", print_bool, 0), LINE("informs_vrrp", "vrrp", print_informed, 0),
    HIDDEN("informs_checkers", "vrrp"), END};

const struct conf_print_object conf_print_track_objects[] = {
    LINES(tracked_interface, printer_tracked_interface), LINES(tracked, printer_tracked),
    BLOCK(garp_group), LINES(interface_delay, printer_interface_delay), BLOCK(sync_group), STRUCT(script), STRUCT(group), BLOCK(recurring_script), BLOCK(track_script),
    BLOCK(track_file), BLOCK(track_process), BLOCK(bfd_session), NO_MORE};
/* clang-format on */
