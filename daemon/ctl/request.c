/*
 * Requests of the control socket: parsing, and who may make which. See request.h.
 */
#include "daemon/ctl/request.h"

#include <json-c/json.h>
#include <string.h>

#define NESTING_MAX 4

static const struct {
    const char *name;
    bool for_root; /* it acts, or tells what not everybody may know */
} verbs[CTL_VERB_COUNT] = {
    [CTL_STATUS] = {"status", false}, [CTL_STATS] = {"stats", false},  [CTL_VERSION] = {"version", false},
    [CTL_CONFIG] = {"config", true},  [CTL_RELOAD] = {"reload", true}, [CTL_UPGRADE] = {"upgrade", true},
};

const char *ctl_verb_name(enum ctl_verb verb)
{
    return verbs[verb].name;
}

static const char *find_verb(struct json_object *request, enum ctl_verb *verb)
{
    struct json_object *member;
    const char *name;

    if (!json_object_is_type(request, json_type_object))
        return "a request is a JSON object such as {\"verb\":\"status\"}";
    if (!json_object_object_get_ex(request, "verb", &member) ||
        !json_object_is_type(member, json_type_string))
        return "the request has no \"verb\"";
    if (json_object_object_length(request) != 1)
        return "the request has members that this version does not know";
    name = json_object_get_string(member);
    for (size_t i = 0; i < CTL_VERB_COUNT; i++) {
        if (strcmp(name, verbs[i].name) == 0) {
            *verb = (enum ctl_verb)i;
            return NULL;
        }
    }
    return "the verb is unknown; there are status, stats, version, config, reload and upgrade";
}

const char *ctl_request_parse(const char *line, size_t length, enum ctl_verb *verb)
{
    struct json_tokener *tokener;
    struct json_object *request;
    const char *why = "the request is not JSON";

    if (length > CTL_REQUEST_MAX)
        return "the request is too long";
    tokener = json_tokener_new_ex(NESTING_MAX);
    if (tokener == NULL)
        return "there is no memory";
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
    request = json_tokener_parse_ex(tokener, line, (int)length);
    if (json_tokener_get_error(tokener) == json_tokener_success &&
        json_tokener_get_parse_end(tokener) == length)
        why = find_verb(request, verb);
    json_object_put(request);
    json_tokener_free(tokener);
    return why;
}

static bool is_member(const struct ctl_user *user, uint32_t gid)
{
    if (user->gid == gid)
        return true;
    for (size_t i = 0; i < user->group_count; i++) {
        if (user->groups[i] == gid)
            return true;
    }
    return false;
}

const char *ctl_refusal(const struct ctl_user *user, uint32_t control_gid, enum ctl_verb verb)
{
    if (user->uid == 0)
        return NULL;
    if (verbs[verb].for_root)
        return "only root may do that; try sudo";
    if (!is_member(user, control_gid))
        return "only root and members of the control group (tandem) may look; try sudo";
    return NULL;
}
