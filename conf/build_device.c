/*
 * Builder: the interface an instance has for itself (use_vmac, use_ipvlan), and the VRF of one that has none
 * at all (RFC 9568, 7.3; semantics.md, "VMAC / ipvlan").
 */
#include "conf/build.h"

#include <stdio.h>
#include <string.h>

#include "conf/entry_reader.h"
#include "conf/values.h"

#define MAC_OCTETS 6

/* ------------------------------------------------------------------ the words of both */

static bool repeats_itself(struct conf_builder *builder, const struct conf_node *node,
                           const struct device_draft *draft)
{
    if (draft->node == NULL)
        return false;
    conf_diagnostic_relate(builder->diagnostics,
                           conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_DUPLICATE, node, 0,
                                         "an instance has one use_vmac or use_ipvlan; this line is ignored"),
                           draft->node->words[0].position, "the first one");
    return true;
}

static void read_group(struct conf_builder *builder, const struct conf_node *node, size_t word,
                       struct conf_device *device)
{
    if (!conf_need_word(builder, node, word, "the number or name of a group of interfaces"))
        return;
    if (!conf_iproute_number(builder, IPROUTE_GROUP, node->words[word].text, &device->group))
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_VALUE, node, word,
                      "'%s' is neither the number nor the name of %s; the interface gets none",
                      node->words[word].text, iproute_kind_text(IPROUTE_GROUP));
}

static bool is_taken(const struct conf_builder *builder, const char *name)
{
    for (size_t i = 0; i < builder->instance_count; i++) {
        const char *other = builder->instances[i]->instance->device.name;

        if (other != NULL && strcmp(other, name) == 0)
            return true;
    }
    return false;
}

static void read_name(struct conf_builder *builder, const struct conf_node *node, size_t word,
                      struct conf_device *device)
{
    const char *name, *wrong = NULL;

    if (!conf_need_word(builder, node, word, "the name of the interface"))
        return;
    name = node->words[word].text;
    if (device->name != NULL)
        wrong = "is a second name of the interface";
    else if (!conf_is_interface_name(name))
        wrong = "cannot be the name of an interface";
    else if (is_taken(builder, name))
        wrong = "is the name of another instance's interface";
    if (wrong != NULL)
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_VALUE, node, word, "'%s' %s; it is ignored", name,
                      wrong);
    else
        device->name = conf_model_strdup(builder->model, name);
}

/* "group G" and "[name] N" are words of both; returns the last word that was used. */
static size_t read_common(struct conf_builder *builder, const struct conf_node *node, size_t word,
                          struct conf_device *device)
{
    if (strcmp(node->words[word].text, "group") == 0) {
        read_group(builder, node, word + 1, device);
        return word + 1;
    }
    if (strcmp(node->words[word].text, "name") == 0)
        word++;
    read_name(builder, node, word, device);
    return word;
}

/* ------------------------------------------------------------------ use_vmac */

/* How many octets there are, separated by colons; 0 if it is something else. A colon behind the fifth is
 * allowed. */
static size_t parse_mac(const char *text, uint8_t mac[static MAC_OCTETS])
{
    size_t count = 0;

    while (count < MAC_OCTETS && *text != '\0') {
        size_t digits = strspn(text, "0123456789abcdefABCDEF");
        unsigned int octet;

        if (digits == 0 || digits > 2 || sscanf(text, "%2x", &octet) != 1)
            return 0;
        mac[count++] = (uint8_t)octet;
        text += digits;
        if (*text == '\0')
            return count;
        if (*text++ != ':')
            return 0;
    }
    return *text == '\0' && count == MAC_OCTETS - 1 ? count : 0;
}

static void read_mac(struct conf_builder *builder, const struct conf_node *node, size_t word,
                     struct device_draft *draft)
{
    static const uint8_t reserved[] = {0x00, 0x00, 0x5e, 0x00};
    const char *text = node->words[word].text, *wrong = NULL;
    uint8_t mac[MAC_OCTETS];
    size_t octets = parse_mac(text, mac);

    if (octets < MAC_OCTETS - 1)
        wrong = "is not a MAC address of five or six octets";
    else if (draft->mac_octets != 0)
        wrong = "is a second MAC address";
    else if ((mac[0] & 1) != 0)
        wrong = "is a multicast address";
    else if (memcmp(mac, reserved, sizeof(reserved)) == 0 && (mac[4] == 1 || mac[4] == 2))
        wrong = "is of the range that the virtual_router_id chooses from";
    if (wrong != NULL) {
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_VALUE, node, word, "'%s' %s; it is ignored", text,
                      wrong);
        return;
    }
    memcpy(draft->mac, mac, sizeof(draft->mac));
    draft->mac_octets = octets;
}

void conf_handle_vmac(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct device_draft *draft = &((struct instance_draft *)data)->device;

    if (repeats_itself(builder, node, draft))
        return;
    draft->node = node;
    draft->device.kind = CONF_DEVICE_VMAC;
    for (size_t word = 1; word < node->word_count; word++) {
        if (strchr(node->words[word].text, ':') != NULL)
            read_mac(builder, node, word, draft);
        else if (strcmp(node->words[word].text, "netlink_notify_msg") == 0)
            draft->device.netlink_notify = true;
        else
            word = read_common(builder, node, word, &draft->device);
    }
}

/* ------------------------------------------------------------------ use_ipvlan */

static bool read_mode(struct conf_builder *builder, const struct conf_node *node, size_t word,
                      struct device_draft *draft)
{
    static const struct conf_choice modes[] = {
        {"bridge", CONF_IPVLAN_BRIDGE},
        {"private", CONF_IPVLAN_PRIVATE},
        {"vepa", CONF_IPVLAN_VEPA},
        {0},
    };
    const struct conf_choice *mode = modes;

    while (mode->word != NULL && strcmp(mode->word, node->words[word].text) != 0)
        mode++;
    if (mode->word == NULL)
        return false;
    if (draft->mode_given)
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_DUPLICATE, node, word,
                      "'%s' is a second mode of the interface; it is ignored", mode->word);
    else
        draft->device.mode = (enum conf_ipvlan_mode)mode->value;
    draft->mode_given = true;
    return true;
}

static bool read_own_address(struct conf_builder *builder, const struct conf_node *node, size_t word,
                             struct conf_device *device)
{
    struct ip_address address;
    uint8_t length;
    bool given;

    if (conf_parse_prefix(node->words[word].text, &address, &length, &given) != CONF_VALUE_GOOD)
        return false;
    if (ip_address_is_set(&device->address)) {
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_DUPLICATE, node, word,
                      "'%s' is a second address of the interface; it is ignored", node->words[word].text);
        return true;
    }
    device->address = address;
    device->address_length = length;
    return true;
}

void conf_handle_ipvlan(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct device_draft *draft = &((struct instance_draft *)data)->device;

    if (repeats_itself(builder, node, draft))
        return;
    draft->node = node;
    draft->device.kind = CONF_DEVICE_IPVLAN;
    for (size_t word = 1; word < node->word_count; word++) {
        if (!read_mode(builder, node, word, draft) && !read_own_address(builder, node, word, &draft->device))
            word = read_common(builder, node, word, &draft->device);
    }
}

/* ------------------------------------------------------------------ global_defs */

/* vmac_prefix and vmac_addr_prefix: the first one counts, as in keepalived. */
void conf_handle_vmac_prefix(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct global_draft *global = data;
    char **prefix =
        strcmp(node->words[0].text, "vmac_prefix") == 0 ? &global->vmac_prefix : &global->vmac_addr_prefix;

    if (!conf_need_word(builder, node, 1, "how the names of VMAC interfaces begin"))
        return;
    if (*prefix != NULL)
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_DUPLICATE, node, 0,
                      "%s is set already; this line is ignored", node->words[0].text);
    else if (!conf_is_interface_name(node->words[1].text))
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_VALUE, node, 1,
                      "the name of an interface cannot begin with '%s'; this line is ignored",
                      node->words[1].text);
    else
        *prefix = conf_model_strdup(builder->model, node->words[1].text);
}

/* ------------------------------------------------------------------ from the draft to the model */

static void complain(struct conf_builder *builder, const struct instance_draft *draft, const char *keyword,
                     const char *text)
{
    const struct conf_node *node = conf_node_find(draft->node, keyword);

    conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_CONFLICT, node, node == draft->node ? 1 : 0, "%s",
                  text);
}

static void finish_mac(struct conf_builder *builder, struct instance_draft *draft)
{
    struct device_draft *device = &draft->device;
    const uint8_t *mac = device->mac;

    if (device->mac_octets != 0 && conf_is_strict(builder, draft)) {
        complain(builder, draft, "use_vmac",
                 "a MAC address of one's own does not go with strict VRRP; it is ignored");
        device->mac_octets = 0;
    }
    if (device->mac_octets == 0)
        snprintf(device->device.mac, CONF_MAC_TEXT, "00:00:5e:00:%02x:%02x",
                 draft->instance->family == AF_INET ? 1 : 2, draft->instance->vrid);
    else
        snprintf(device->device.mac, CONF_MAC_TEXT, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
                 mac[3], mac[4], device->mac_octets == MAC_OCTETS ? mac[5] : draft->instance->vrid);
}

/* Without an address of its own an ipvlan could not be told from its interface. */
static void finish_ipvlan(struct conf_builder *builder, const struct instance_draft *draft,
                          struct conf_device *device)
{
    if (ip_address_is_set(&device->address) && device->address.family != draft->instance->family) {
        complain(builder, draft, "use_ipvlan",
                 "the address is of another family than the instance; it is ignored");
        memset(&device->address, 0, sizeof(device->address));
        device->address_length = 0;
    }
    if (!ip_address_is_set(&device->address) && draft->instance->family == AF_INET &&
        !ip_address_is_set(&draft->multicast_source))
        complain(builder, draft, "use_ipvlan",
                 "an ipvlan needs an IPv4 address: neither this line nor mcast_src_ip has one");
}

/* Unicast leaves by the interface itself; strict VRRP never does. */
static void finish_base(struct conf_builder *builder, struct instance_draft *draft)
{
    struct conf_device *device = &draft->device.device;

    device->transmits_from_base = conf_value_or(draft->transmits_from_base, 0) != 0;
    if (device->transmits_from_base && device->kind != CONF_DEVICE_VMAC) {
        complain(builder, draft, "vmac_xmit_base", "vmac_xmit_base is for use_vmac only; it is ignored");
        device->transmits_from_base = false;
    }
    if (device->transmits_from_base && conf_is_strict(builder, draft)) {
        complain(builder, draft, "vmac_xmit_base",
                 "vmac_xmit_base does not go with strict VRRP; it is ignored");
        device->transmits_from_base = false;
    }
    if (draft->instance->unicast_peers.count > 0 && device->kind == CONF_DEVICE_VMAC &&
        !device->transmits_from_base) {
        complain(builder, draft, "use_vmac", "with unicast_peer, use_vmac needs vmac_xmit_base; it is set");
        device->transmits_from_base = true;
    }
}

static void finish_vrf(struct conf_builder *builder, struct instance_draft *draft)
{
    if (draft->vrf == NULL)
        return;
    if (draft->interface != NULL)
        complain(builder, draft, "vrf", "vrf is for instances without an interface; it is ignored");
    else if (strcmp(draft->vrf, "lo") == 0)
        complain(builder, draft, "vrf", "lo is no VRF; it is ignored");
    else
        draft->instance->vrf = draft->vrf;
}

void conf_finish_device(struct conf_builder *builder, struct instance_draft *draft)
{
    struct conf_device *device = &draft->device.device;

    finish_vrf(builder, draft);
    if (device->kind != CONF_DEVICE_NONE && draft->interface == NULL) {
        complain(builder, draft, draft->device.node->words[0].text,
                 "this needs the instance's interface; it is ignored");
        memset(&draft->device, 0, sizeof(draft->device));
    }
    if (device->kind == CONF_DEVICE_VMAC)
        finish_mac(builder, draft);
    if (device->kind == CONF_DEVICE_IPVLAN)
        finish_ipvlan(builder, draft, device);
    finish_base(builder, draft);
    draft->instance->device = *device;
    draft->instance->vmac_addresses = conf_value_or(draft->vmac_addresses, 0) != 0;
}

void conf_settle_vmac(struct conf_builder *builder, const struct instance_draft *draft,
                      struct address_draft *address)
{
    const struct conf_instance *instance = draft->instance;
    struct conf_vip *vip = &address->vip;
    bool beside =
        vip->interface == NULL || (draft->interface != NULL && strcmp(vip->interface, draft->interface) == 0);
    bool own = beside && vip->address.family == instance->family;

    if ((vip->flags & CONF_VIP_USE_VMAC) == 0)
        return;
    if (own ? instance->device.kind != CONF_DEVICE_VMAC : !instance->vmac_addresses)
        return;
    conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_DUPLICATE, address->node, 0,
                  "the instance says %s already, which holds for this address; its use_vmac is ignored",
                  own ? "use_vmac" : "use_vmac_addr");
    vip->flags &= ~(uint32_t)CONF_VIP_USE_VMAC;
}
