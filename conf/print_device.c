/*
 * The text of the interface an instance has for itself (use_vmac, use_ipvlan) and of auth_hmac.
 */
#include "conf/print_rows.h"

static void put_ipvlan(const printer *out, const struct conf_device *device)
{
    static const char *const modes[] = {
        [CONF_IPVLAN_BRIDGE] = "bridge",
        [CONF_IPVLAN_PRIVATE] = "private",
        [CONF_IPVLAN_VEPA] = "vepa",
    };
    char text[IP_ADDRESS_TEXT];

    if (ip_address_is_set(&device->address))
        fprintf(out->out, " %s/%u", ip_address_text(&device->address, text), device->address_length);
    fprintf(out->out, " %s", modes[device->mode]);
}

void print_device(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_device *device = member(field, object);

    if (device->kind == CONF_DEVICE_NONE)
        return;
    printer_begin(out, device->kind == CONF_DEVICE_VMAC ? rule->keyword : "use_ipvlan");
    if (device->name != NULL) {
        fputs(" name", out->out);
        printer_word(out, device->name);
    }
    if (device->kind == CONF_DEVICE_IPVLAN)
        put_ipvlan(out, device);
    else if (!conf_is_virtual_mac(device->mac))
        fprintf(out->out, " %s", device->mac);
    if (device->group != 0)
        fprintf(out->out, " group %u", device->group);
    fputs(device->netlink_notify ? " netlink_notify_msg" : "", out->out);
    printer_end(out);
    if (device->transmits_from_base)
        printer_line(out, "vmac_xmit_base");
}

/* As long as a key has to be, and obviously none. */
#define SECRET_KEY SECRET_BLANK SECRET_BLANK SECRET_BLANK SECRET_BLANK

void print_hmac(printer *out, rule_row *rule, field_row *field, const void *object)
{
    static const char *const modes[] = {
        [CONF_HMAC_ENFORCE] = "enforce",
        [CONF_HMAC_PERMISSIVE] = "permissive",
        [CONF_HMAC_RECEIVE_ONLY] = "receive-only",
    };
    const struct conf_hmac *hmac = member(field, object);

    if (hmac->active_key == 0)
        return;
    printer_open(out, "%s", rule->keyword);
    for (uint32_t i = 0; i < hmac->keys.count; i++)
        printer_line(out, "key %u " SECRET_KEY, hmac->keys.items[i]->id);
    printer_line(out, "active_key %u", hmac->active_key);
    if (hmac->time_window_s != 0)
        printer_line(out, "time_window %u", hmac->time_window_s);
    printer_line(out, "anti_replay %s", hmac->anti_replay == CONF_REPLAY_TIME ? "time" : "monotonic");
    printer_line(out, "mode %s", modes[hmac->mode]);
    printer_close(out);
}

/* clang-format off */
static const struct conf_print_rule rules_of_hmac[] = {
    PART("active_key"), PART("mode"), PART("anti_replay"), PART("time_window_s"), PART("keys"), END};
static const struct conf_print_rule rules_of_hmac_key[] = {
    PART("id"), FOLLOWS("length"), HIDDEN("secret", "key"), END};
static const struct conf_print_rule rules_of_device[] = {
    PART("kind"), PART("name"), PART("mac"), PART("mode"), PART("address"), PART("address_length"),
    PART("group"), PART("netlink_notify"), PART("transmits_from_base"), END};

const struct conf_print_object conf_print_device_objects[] = {
    STRUCT(device), STRUCT(hmac), LINES(hmac_key, printer_hmac_key), NO_MORE};
/* clang-format on */
