/*
 * The text of a whole model, from the tables of print_*.c, and where to find an object's table. See print.h.
 */
#include "conf/print.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "conf/print_group.h"
#include "conf/print_rows.h"

static void print_rows(struct conf_printer *printer, const struct layout *layout, const void *object,
                       bool at_root);

/* ------------------------------------------------------------------ the table */

/* clang-format off */
static const struct conf_print_rule rules_of_nexthop[] = {
    PART("gateway"), PART("interface"), PART("weight"), PART("onlink"), PART("realms"),
    PART("encap"), END};
static const struct conf_print_rule rules_of_label[] = {PART("value"), END};
static const struct conf_print_rule rules_of_encap[] = {
    PART("kind"), PART("tunnel_id"), PART("destination"), PART("source"), PART("tos"), PART("ttl"),
    PART("flags"), PART("labels"), PART("locator"), END};
static const struct conf_print_rule rules_of_route_metric[] = {PART("type"), PART("value"), END};
static const struct conf_print_rule rules_of_route[] = {
    PART("family"), PART("type"), PART("destination"), PART("prefix_length"), PART("from"),
    PART("from_length"), PART("preferred_source"), PART("gateway"), PART("interface"), PART("onlink"),
    PART("tos"), PART("protocol"), PART("scope"), PART("table"), PART("metric"), PART("realms"),
    PART("expires_s"), PART("metrics"), PART("locked"), PART("congestion_control"), PART("preference"),
    PART("ttl_propagate"), PART("place"), PART("no_track"), PART("encap"), PART("vrf"),
    PART("nexthops"), END};
static const struct conf_print_rule rules_of_rule[] = {
    PART("family"), PART("action"), PART("invert"), PART("from"), PART("from_length"), PART("to"),
    PART("to_length"), PART("priority"), PART("table"), PART("goto_priority"), PART("l3mdev"), PART("tos"),
    PART("mark_given"), PART("mark"), PART("mark_mask"), PART("realms"), PART("suppress_prefix_length"),
    PART("suppress_group"), PART("input"), PART("output"), PART("tunnel_id"), PART("users_given"),
    PART("first_user"), PART("last_user"), PART("protocol"), PART("ip_protocol"),
    PART("first_source_port"), PART("last_source_port"), PART("first_destination_port"),
    PART("last_destination_port"), PART("no_track"), END};
static const struct conf_print_rule rules_of_setting[] = {PART("keyword"), PART("words"), END};
static const struct conf_print_rule rules_of_settings[] = {LINE("lines", "", print_settings, 0), END};
static const struct conf_print_rule rules_of_linkbeat[] = {PART("interface"), PART("method"), END};
/* In an order of its own, see print_model(). */
static const struct conf_print_rule rules_of_model[] = {
    NESTED("global", ""), NESTED("daemon", ""), FOLLOWS("counts"), LINE("instances", NULL, print_blocks, 0),
    LINE("sync_groups", NULL, print_blocks, 0), LINE("garp_groups", NULL, print_blocks, 0),
    LINE("interface_delays", "interface_up_down_delays", print_lines, 0),
    LINE("linkbeats", "linkbeat_interfaces", print_lines, 0),
    LINE("virtual_servers", NULL, print_blocks, 0),
    FOLLOWS("recurring_scripts"), LINE("track_scripts", NULL, print_blocks, 0),
    LINE("track_files", NULL, print_blocks, 0), LINE("track_processes", NULL, print_blocks, 0),
    LINE("bfd_sessions", NULL, print_blocks, 0),
    LINE("static_addresses", "static_ipaddress", print_lines, 0),
    LINE("static_routes", "static_routes", print_lines, 0),
    LINE("static_rules", "static_rules", print_lines, 0), FOLLOWS("digest"), END};

static const struct conf_print_object model_objects[] = {
    STRUCT(label), STRUCT(encap), STRUCT(nexthop), STRUCT(route_metric), LINES(route, printer_route),
    LINES(rule, printer_rule), LINES(setting, printer_setting), STRUCT(settings),
    LINES(linkbeat, printer_linkbeat), STRUCT(model), NO_MORE};
/* clang-format on */

static const struct conf_print_object *const objects[] = {
    model_objects,
    conf_print_global_objects,
    conf_print_instance_objects,
    conf_print_device_objects,
    conf_print_track_objects,
    conf_print_server_objects,
    conf_print_check_objects,
};

const struct conf_print_object *conf_print_object(const struct layout *layout)
{
    for (size_t i = 0; i < sizeof(objects) / sizeof(objects[0]); i++) {
        for (const struct conf_print_object *object = objects[i]; object->name != NULL; object++) {
            if (strcmp(object->name, layout->name) == 0)
                return object;
        }
    }
    return NULL;
}

const struct conf_print_rule *conf_print_rule(const struct conf_print_object *object,
                                              const struct field *field)
{
    for (const struct conf_print_rule *rule = object->rules; rule->field != NULL; rule++) {
        if (strcmp(rule->field, field->name) == 0)
            return rule;
    }
    return NULL;
}

/* ------------------------------------------------------------------ the whole */

static const struct field *find_field(const struct layout *layout, const char *name)
{
    for (size_t i = 0; i < layout->count; i++) {
        if (strcmp(layout->fields[i].name, name) == 0)
            return &layout->fields[i];
    }
    return NULL;
}

static void print_row(printer *out, const struct conf_print_rule *rule, const struct field *field,
                      const void *object)
{
    const char *prefix = out->prefix;

    switch (rule->place) {
    case CONF_PRINT_LINES:
        rule->print(out, rule, field, object);
        return;
    case CONF_PRINT_NESTED:
        out->prefix = rule->keyword;
        print_rows(out, field->layout, field_struct(object, field), false);
        out->prefix = prefix;
        return;
    case CONF_PRINT_PART:
    case CONF_PRINT_FOLLOWS:
        return;
    }
}

/* A BFD_CHECK and a FILE_CHECK have no attempts, and so nothing to say of them. */
static bool has_keyword(const struct layout *layout, const void *object, const struct conf_print_rule *rule)
{
    const struct conf_checker *checker = object;

    if (strcmp(layout->name, "checker") != 0)
        return true;
    if (checker->type == CONF_CHECK_FILE)
        return strcmp(rule->field, "file") == 0;
    return checker->type != CONF_CHECK_BFD || strcmp(rule->field, "bfd_name") == 0 ||
           strcmp(rule->field, "alpha") == 0;
}

static void print_rows(printer *out, const struct layout *layout, const void *object, bool at_root)
{
    const struct conf_print_object *about = conf_print_object(layout);

    for (const struct conf_print_rule *rule = about->rules; rule->field != NULL; rule++) {
        const struct field *field = find_field(layout, rule->field);

        if (field != NULL && rule->at_root == at_root && has_keyword(layout, object, rule))
            print_row(out, rule, field, object);
    }
}

void conf_print_block(printer *out, const struct layout *layout, const void *item)
{
    const struct conf_print_object *about = conf_print_object(layout);

    if (strcmp(about->name, "virtual_server") == 0)
        out->server = item;
    if (strcmp(about->name, "real_server") == 0)
        out->real = item;
    about->head(out, item);
    fputs(" {\n", out->out);
    out->depth++;
    print_rows(out, layout, item, false);
    printer_close(out);
}

static void print_part(printer *out, const char *name)
{
    const struct field *field = find_field(&layout_of_model, name);

    print_row(out, conf_print_rule(conf_print_object(&layout_of_model), field), field, out->model);
}

/* ------------------------------------------------------------------ found by name */

struct named {
    const char *name;
    const void *object;
    UT_hash_handle hh;
};

static struct named *find_named(struct named *all, const char *name)
{
    struct named *found;

    HASH_FIND_STR(all, name, found);
    return found;
}

/* The names live longer than the table. */
static void add_named(struct named **all, const char *name, const void *object)
{
    struct named *named = calloc(1, sizeof(*named));

    if (named == NULL)
        abort();
    named->name = name;
    named->object = object;
    HASH_ADD_KEYPTR(hh, *all, name, strlen(name), named);
}

static void free_named(struct named *all)
{
    struct named *named, *next;

    HASH_ITER(hh, all, named, next)
    {
        HASH_DEL(all, named);
        free(named);
    }
}

/* ------------------------------------------------------------------ settings that are with others */

/* The interfaces that have a pace of their own. */
static struct named *garp_interfaces(const struct conf_model *model)
{
    struct named *all = NULL;

    for (uint32_t i = 0; i < model->garp_groups.count; i++) {
        const struct conf_garp_group *group = model->garp_groups.items[i];

        for (uint32_t j = 0; j < group->interfaces.count; j++)
            add_named(&all, group->interfaces.items[j], group);
    }
    return all;
}

/* Each address has the pace of its interface's group; without one, that of all. */
static int64_t common_pace(const struct conf_model *model, struct named *apart, uint8_t family)
{
    for (uint32_t i = 0; i < model->instances.count; i++) {
        const struct conf_instance *instance = model->instances.items[i];

        for (uint32_t j = 0; j < instance->vips.count; j++) {
            const struct conf_vip *vip = instance->vips.items[j];

            if (vip->address.family == family &&
                (vip->interface == NULL || find_named(apart, vip->interface) == NULL))
                return vip->announce_interval_us;
        }
    }
    return 0;
}

static void print_pace(const printer *out, const char *keyword, struct named *apart, uint8_t family)
{
    int64_t pace = common_pace(out->model, apart, family);

    if (pace == 0)
        return;
    printer_begin(out, keyword);
    printer_seconds(out, pace);
    printer_end(out);
}

static void print_paces(const printer *out)
{
    struct named *apart = garp_interfaces(out->model);

    print_pace(out, "vrrp_garp_interval", apart, AF_INET);
    print_pace(out, "vrrp_gna_interval", apart, AF_INET6);
    free_named(apart);
}

static void print_tls(printer *out)
{
    const struct conf_tls *tls = &out->model->global.tls;

    if (tls->certificate == NULL && tls->private_key == NULL && tls->authorities == NULL &&
        tls->password == NULL)
        return;
    printer_open(out, "SSL");
    put_text(out, "certificate", tls->certificate_file);
    put_text(out, "key", tls->private_key_file);
    if (tls->password != NULL)
        put_text(out, "password", SECRET_BLANK);
    put_text(out, "ca", tls->authorities_file);
    printer_close(out);
}

/* What is named stands above what names it. */
static void print_model(printer *out)
{
    static const char *const parts[] = {
        "static_addresses", "static_routes",   "static_rules", "track_scripts",
        "track_files",      "track_processes", "bfd_sessions", "garp_groups",
        "interface_delays", "linkbeats",       "sync_groups",  "instances",
    };
    const struct field *daemon = find_field(&layout_of_model, "daemon");

    print_rows(out, daemon->layout, &out->model->daemon, true);
    printer_open(out, "global_defs");
    print_part(out, "daemon");
    print_part(out, "global");
    print_paces(out);
    printer_close(out);
    print_tls(out);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        print_part(out, parts[i]);
    print_groups(out, out->groups);
    print_part(out, "virtual_servers");
}

char *conf_print(const struct conf_model *model)
{
    struct conf_printer out = {.model = model};
    char *text = NULL;
    size_t size = 0;

    out.out = open_memstream(&text, &size);
    if (out.out == NULL)
        return NULL;
    out.groups = print_groups_new(model);
    print_model(&out);
    print_groups_free(out.groups);
    if (fclose(out.out) != 0) {
        free(text);
        return NULL;
    }
    return text;
}
