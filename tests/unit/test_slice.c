/* Slices: what goes in comes out, nothing goes where it must not, and damaged bytes are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/digest.h"
#include "conf/layout.h"
#include "conf/slice.h"
#include "sample_model.h"

struct bytes {
    uint8_t *at;
    size_t length;
    uint32_t objects;
};

static struct bytes encode(const struct conf_model *model, enum conf_slice slice, uint16_t index,
                           uint16_t count)
{
    struct bytes bytes = {0};
    int fd = conf_slice_write(model, slice, index, count, &bytes.objects);
    struct stat status;

    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &status), 0);
    bytes.length = (size_t)status.st_size;
    bytes.at = malloc(bytes.length);
    assert_int_equal(read(fd, bytes.at, bytes.length), bytes.length);
    close(fd);
    return bytes;
}

static struct conf_model *decode(const struct bytes *bytes, enum conf_slice slice)
{
    const char *why = NULL;
    struct conf_model *model = conf_slice_decode(bytes->at, bytes->length, slice, &why);

    if (model == NULL)
        fail_msg("slice %d was refused: %s", (int)slice, why);
    return model;
}

static void test_what_goes_in_comes_out(void **state)
{
    struct conf_model *model = sample_model();

    (void)state;
    for (enum conf_slice slice = 0; slice < CONF_SLICE_COUNT; slice++) {
        struct bytes first = encode(model, slice, 0, 1), second;
        struct conf_model *read_back = decode(&first, slice);

        if (slice != CONF_SLICE_SUPERVISOR) { /* whose counts are made when it is written */
            second = encode(read_back, slice, 0, 1);
            assert_int_equal(first.length, second.length);
            assert_memory_equal(first.at, second.at, first.length);
            free(second.at);
        }
        if (slice == CONF_SLICE_CTL || slice == CONF_SLICE_WHOLE) /* who shows it */
            assert_memory_equal(read_back->digest, model->digest, 16);
        conf_model_free(read_back);
        free(first.at);
    }
    conf_model_free(model);
}

static void test_vrrp_finds_its_instances(void **state)
{
    struct conf_model *model = sample_model(), *vrrp;
    struct bytes bytes = encode(model, CONF_SLICE_VRRP, 0, 1);
    const struct conf_instance *wanted = model->instances.items[0], *instance;

    (void)state;
    vrrp = decode(&bytes, CONF_SLICE_VRRP);
    assert_int_equal(bytes.objects, 2 + 3); /* what is tracked, too */
    assert_int_equal(vrrp->instances.count, 2);
    assert_int_equal(vrrp->virtual_servers.count, 0);
    instance = vrrp->instances.items[0];
    assert_int_equal(instance->key, wanted->key);
    assert_string_equal(instance->name, "VI_1");
    assert_int_equal(instance->wanted_state, CONF_WANTED_MASTER);
    assert_int_equal(instance->lease_us, -1);
    assert_int_equal(instance->preempt_delay_us, 30000000);
    assert_memory_equal(instance->auth_data, SAMPLE_PASSWORD, 8);
    assert_memory_equal(&instance->garp, &wanted->garp, sizeof(wanted->garp));
    assert_int_equal(instance->vips.count, 2);
    assert_int_equal(ip_address_compare(&instance->vips.items[1]->address, &wanted->vips.items[1]->address),
                     0);
    assert_int_equal(instance->tracked_interfaces.items[0]->weight, -20);
    assert_string_equal(vrrp->instances.items[0]->tracked.items[0]->name, "sample");
    assert_int_equal(vrrp->instances.items[0]->tracked.items[0]->weight, -30);
    assert_int_equal(vrrp->track_scripts.items[0]->fall, 3);
    assert_int_equal(vrrp->recurring_scripts.count, 0); /* commands are the scripts process's */
    assert_null(vrrp->track_files.items[0]->path);
    assert_int_equal(vrrp->instances.items[1]->unicast_peers.items[0]->min_ttl, 254);
    assert_ptr_equal(vrrp->sync_groups.items[0]->members.items[0], vrrp->instances.items[1]);
    assert_ptr_equal(vrrp->sync_groups.items[0]->members.items[1], vrrp->instances.items[0]);
    conf_model_free(vrrp);
    free(bytes.at);
    conf_model_free(model);
}

/* The interfaces a group tracks are watched by links, which needs nothing else of groups. */
static void test_links_finds_what_to_watch(void **state)
{
    struct conf_model *model = sample_model(), *links;
    struct bytes bytes = encode(model, CONF_SLICE_LINKS, 0, 1);

    (void)state;
    links = decode(&bytes, CONF_SLICE_LINKS);
    assert_string_equal(links->sync_groups.items[0]->tracked_interfaces.items[0]->interface, "eth2");
    assert_int_equal(links->sync_groups.items[0]->members.count, 0);
    assert_string_equal(links->instances.items[0]->vips.items[0]->label, "eth0:vip");
    assert_int_equal(links->instances.items[0]->garp.master_repeat, 2);
    assert_int_equal(links->instances.items[0]->auth_type, CONF_AUTH_PASS); /* it chooses the protocol */
    assert_memory_equal(links->instances.items[0]->auth_data, "\0\0\0\0\0\0\0\0", 8);
    conf_model_free(links);
    free(bytes.at);
    conf_model_free(model);
}

static void test_director_and_scripts_find_theirs(void **state)
{
    struct conf_model *model = sample_model(), *read_back;
    struct bytes bytes = encode(model, CONF_SLICE_DIRECTOR, 0, 1);
    const struct conf_real_server *real_server;

    (void)state;
    read_back = decode(&bytes, CONF_SLICE_DIRECTOR);
    assert_int_equal(bytes.objects, 1 + 2 + 3);
    assert_int_equal(read_back->instances.count, 0);
    assert_string_equal(read_back->virtual_servers.items[0]->scheduler, "wlc");
    assert_int_equal(read_back->virtual_servers.items[0]->persistence_netmask, UINT32_MAX);
    real_server = read_back->virtual_servers.items[0]->real_servers.items[0];
    assert_int_equal(real_server->method.forwarding, CONF_FORWARD_DR);
    assert_int_equal(read_back->virtual_servers.items[1]->real_servers.items[0]->method.tunnel_port, 6080);
    assert_int_equal(read_back->virtual_servers.items[1]->services.items[0]->count, 3);
    assert_int_equal(read_back->virtual_servers.items[1]->sorry.endpoint.port, 80);
    assert_string_equal(read_back->global.sync_daemon.interface, "eth4");
    assert_true(real_server->checkers.items[0]->alpha);
    assert_int_equal(real_server->checkers.items[0]->urls.count, 0);
    assert_null(real_server->notify_up);
    conf_model_free(read_back);
    free(bytes.at);
    bytes = encode(model, CONF_SLICE_SCRIPTS, 0, 1);
    read_back = decode(&bytes, CONF_SLICE_SCRIPTS);
    assert_string_equal(read_back->instances.items[0]->notify->master.words.items[1], "an argument");
    assert_int_equal(read_back->virtual_servers.items[0]->real_servers.items[0]->notify_down->uid, 65534);
    assert_int_equal(read_back->virtual_servers.items[0]->real_servers.items[0]->checkers.count, 0);
    conf_model_free(read_back);
    free(bytes.at);
    conf_model_free(model);
}

static void test_supervisor_learns_the_counts(void **state)
{
    struct conf_model *model = sample_model(), *read_back;
    struct bytes bytes = encode(model, CONF_SLICE_SUPERVISOR, 0, 2);

    (void)state;
    read_back = decode(&bytes, CONF_SLICE_SUPERVISOR);
    assert_int_equal(read_back->counts.instances, 2);
    assert_int_equal(read_back->counts.sync_groups, 1);
    assert_int_equal(read_back->counts.virtual_servers, 2);
    assert_int_equal(read_back->counts.real_servers, 3);
    assert_int_equal(read_back->counts.checkers, 4);
    assert_int_equal(read_back->counts.scripts, 7 + 1 + 2 + 2 + 1 + 2);
    assert_int_equal(read_back->counts.fifos, 3);
    assert_int_equal(read_back->counts.links_checks, 1);
    assert_int_equal(read_back->counts.watched, 2);
    assert_int_equal(read_back->instances.count + read_back->virtual_servers.count, 0);
    assert_true(read_back->global.strict);
    conf_model_free(read_back);
    free(bytes.at);
    conf_model_free(model);
}

/* Every check is in exactly one slice, and no server comes along for nothing. */
static void test_checks_are_dealt_out(void **state)
{
    struct conf_model *model = sample_model();
    uint32_t checks = 0;

    (void)state;
    for (uint16_t index = 0; index < 3; index++) {
        struct bytes bytes = encode(model, CONF_SLICE_CHECKER, index, 3);
        struct conf_model *part = decode(&bytes, CONF_SLICE_CHECKER);
        uint32_t own = 0;

        for (uint32_t i = 0; i < part->virtual_servers.count; i++) {
            const struct conf_virtual_server *virtual_server = part->virtual_servers.items[i];

            assert_true(virtual_server->real_servers.count > 0);
            for (uint32_t j = 0; j < virtual_server->real_servers.count; j++) {
                const struct conf_real_server *real_server = virtual_server->real_servers.items[j];

                assert_true(real_server->checkers.count > 0);
                for (uint32_t k = 0; k < real_server->checkers.count; k++, own++)
                    assert_int_equal(real_server->checkers.items[k]->key % 3, index);
            }
        }
        assert_int_equal(bytes.objects, own);
        checks += own;
        conf_model_free(part);
        free(bytes.at);
    }
    assert_int_equal(checks, 4);
    conf_model_free(model);
}

static bool holds(const struct bytes *bytes, const char *what)
{
    return memmem(bytes->at, bytes->length, what, strlen(what)) != NULL;
}

/* Read back, it says the same in every field, but for what secrets there are. */
static void test_the_whole_has_everything_but_secrets(void **state)
{
    struct conf_model *model = sample_model(), *whole;
    struct bytes bytes = encode(model, CONF_SLICE_WHOLE, 0, 1);
    char *text = conf_canonical_text(model, NULL), *again;

    (void)state;
    assert_int_equal(bytes.objects, 0);
    whole = decode(&bytes, CONF_SLICE_WHOLE);
    again = conf_canonical_text(whole, NULL);
    assert_string_equal(again, text);
    assert_int_equal(whole->instances.items[0]->key, model->instances.items[0]->key);
    assert_int_equal(whole->virtual_servers.items[0]->real_servers.items[0]->checkers.items[0]->key,
                     model->virtual_servers.items[0]->real_servers.items[0]->checkers.items[0]->key);
    assert_memory_equal(whole->instances.items[0]->auth_data, SECRET_BLANK, 8);
    assert_memory_equal(whole->instances.items[1]->auth_data, "\0\0\0\0\0\0\0\0", 8);
    assert_string_equal(whole->global.mail.password, SECRET_BLANK);
    assert_string_equal(whole->global.tls.private_key, SECRET_BLANK);
    free(again);
    free(text);
    conf_model_free(whole);
    free(bytes.at);
    conf_model_free(model);
}

/* With a key, each secret has a mark of its own, which another key makes another. */
static void test_the_whole_tells_secrets_apart(void **state)
{
    static const struct conf_secret_key keys[2] = {{{1}}, {{2}}};
    struct conf_model *model = sample_model(), *marked[2];
    const char *why;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        marked[i] = conf_slice_take(conf_slice_write_whole(model, &keys[i]), CONF_SLICE_WHOLE, &why);
        assert_non_null(marked[i]);
        assert_memory_not_equal(marked[i]->instances.items[0]->auth_data, SAMPLE_PASSWORD, 8);
        assert_memory_equal(marked[i]->instances.items[1]->auth_data, "\0\0\0\0\0\0\0\0", 8);
        assert_string_not_equal(marked[i]->global.mail.password, SECRET_BLANK);
        assert_string_not_equal(marked[i]->global.mail.password, marked[i]->global.tls.private_key);
    }
    assert_memory_not_equal(marked[0]->instances.items[0]->auth_data,
                            marked[1]->instances.items[0]->auth_data, 8);
    assert_string_not_equal(marked[0]->global.tls.private_key, marked[1]->global.tls.private_key);
    conf_model_free(marked[0]);
    conf_model_free(marked[1]);
    conf_model_free(model);
}

static void test_secrets_stay_where_they_belong(void **state)
{
    struct conf_model *model = sample_model();

    (void)state;
    for (enum conf_slice slice = 0; slice < CONF_SLICE_COUNT; slice++) {
        struct bytes bytes = encode(model, slice, 0, 1);

        assert_int_equal(holds(&bytes, SAMPLE_PASSWORD), slice == CONF_SLICE_VRRP);
        assert_int_equal(holds(&bytes, SAMPLE_HMAC_KEY), slice == CONF_SLICE_VRRP);
        assert_int_equal(holds(&bytes, SAMPLE_MAIL_PASSWORD), slice == CONF_SLICE_MAIL);
        assert_int_equal(holds(&bytes, SAMPLE_SCRIPT),
                         slice == CONF_SLICE_SCRIPTS || slice == CONF_SLICE_WHOLE);
        assert_int_equal(holds(&bytes, SAMPLE_URL), slice == CONF_SLICE_CHECKER || slice == CONF_SLICE_WHOLE);
        assert_int_equal(holds(&bytes, SAMPLE_TLS), slice == CONF_SLICE_CHECKER);
        free(bytes.at);
    }
    conf_model_free(model);
}

static void test_every_truncation_is_refused(void **state)
{
    struct conf_model *model = sample_model();

    (void)state;
    for (enum conf_slice slice = 0; slice < CONF_SLICE_COUNT; slice++) {
        struct bytes bytes = encode(model, slice, 0, 1);

        for (size_t length = 0; length < bytes.length; length++) {
            uint8_t *cut = malloc(length == 0 ? 1 : length); /* exact, for the sanitizer to see */
            uint32_t rest = length < 16 ? 0 : (uint32_t)(length - 16);
            const char *why = NULL;

            memcpy(cut, bytes.at, length);
            assert_null(conf_slice_decode(cut, length, slice, &why));
            assert_non_null(why);
            if (length >= 16) { /* the same with a head that agrees */
                memcpy(cut + 12, &rest, sizeof(rest));
                assert_null(conf_slice_decode(cut, length, slice, &why));
                assert_non_null(why);
            }
            free(cut);
        }
        free(bytes.at);
    }
    conf_model_free(model);
}

static void test_random_damage_never_crashes(void **state)
{
    struct conf_model *model = sample_model();
    unsigned int refused = 0;

    (void)state;
    srandom(20260101);
    for (enum conf_slice slice = 0; slice < CONF_SLICE_COUNT; slice++) {
        struct bytes bytes = encode(model, slice, 0, 1);

        for (unsigned int round = 0; round < 1500; round++) {
            uint8_t *damaged = malloc(bytes.length);
            struct conf_model *read_back;
            const char *why = NULL;

            memcpy(damaged, bytes.at, bytes.length);
            for (unsigned int hits = 1 + round % 4; hits > 0; hits--)
                damaged[16 + (size_t)random() % (bytes.length - 16)] = (uint8_t)random();
            read_back = conf_slice_decode(damaged, bytes.length, slice, &why);
            assert_int_equal(read_back == NULL, why != NULL);
            refused += read_back == NULL;
            conf_model_free(read_back);
            free(damaged);
        }
        free(bytes.at);
    }
    assert_true(refused > 2000);
    conf_model_free(model);
}

static void test_only_a_sealed_slice_of_the_right_kind_is_read(void **state)
{
    struct conf_model *model = sample_model(), *read_back;
    struct bytes bytes = encode(model, CONF_SLICE_LINKS, 0, 1);
    int open_fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    const char *why = NULL;
    uint32_t objects;
    int fd;

    (void)state;
    assert_int_equal(write(open_fd, bytes.at, bytes.length), bytes.length);
    assert_null(conf_slice_read(open_fd, CONF_SLICE_LINKS, &why));
    assert_string_equal(why, "it is not sealed");
    fd = conf_slice_write(model, CONF_SLICE_LINKS, 0, 1, &objects);
    assert_int_equal(write(fd, "x", 1), -1);
    assert_int_equal(ftruncate(fd, 0), -1);
    assert_null(conf_slice_read(fd, CONF_SLICE_VRRP, &why));
    assert_string_equal(why, "it is the slice of another process");
    read_back = conf_slice_read(fd, CONF_SLICE_LINKS, &why);
    assert_non_null(read_back);
    assert_null(why);
    conf_model_free(read_back);
    close(fd);
    close(open_fd);
    free(bytes.at);
    conf_model_free(model);
}

/* No field of model.h without a row: what no row covers can only be padding before a wider field. */
static void check_rows_cover(const struct layout *layout, size_t uncounted)
{
    size_t covered = 0;

    for (size_t i = 0; i < layout->count; i++) {
        const struct field *field = &layout->fields[i];

        if (field->offset < covered || field->offset - covered >= 8 + uncounted)
            fail_msg("%s: a field before %s has no row", layout->name, field->name);
        covered = (size_t)field->offset + field->size;
        uncounted = 0;
        if (field->layout != NULL)
            check_rows_cover(field->layout, 0);
    }
    if (layout->size - covered >= 8)
        fail_msg("%s: its last field has no row", layout->name);
}

static void test_no_field_is_forgotten(void **state)
{
    (void)state;
    check_rows_cover(&layout_of_model, sizeof(struct conf_arena *));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_goes_in_comes_out),
        cmocka_unit_test(test_vrrp_finds_its_instances),
        cmocka_unit_test(test_links_finds_what_to_watch),
        cmocka_unit_test(test_director_and_scripts_find_theirs),
        cmocka_unit_test(test_supervisor_learns_the_counts),
        cmocka_unit_test(test_checks_are_dealt_out),
        cmocka_unit_test(test_the_whole_has_everything_but_secrets),
        cmocka_unit_test(test_the_whole_tells_secrets_apart),
        cmocka_unit_test(test_secrets_stay_where_they_belong),
        cmocka_unit_test(test_every_truncation_is_refused),
        cmocka_unit_test(test_random_damage_never_crashes),
        cmocka_unit_test(test_only_a_sealed_slice_of_the_right_kind_is_read),
        cmocka_unit_test(test_no_field_is_forgotten),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
