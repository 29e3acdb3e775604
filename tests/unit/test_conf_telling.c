/* Whom the configuration has told: FIFOs and their readers, the scripts of start and stop, mail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/digest.h"
#include "fake_host.h"

#define INSTANCE(name, vrid, more)                                                                           \
    "vrrp_instance " name " {\n interface eth0\n virtual_router_id " vrid                                    \
    "\n virtual_ipaddress {\n 192.0.2." vrid "\n }\n" more "}\n"

static void assert_complaint(enum conf_problem problem, const char *words)
{
    const struct conf_diagnostic *diagnostic = fake_find(fake_result, problem, 0);

    assert_non_null(diagnostic);
    if (strstr(diagnostic->text, words) == NULL)
        fail_msg("not said: %s\nbut: %s", words, diagnostic->text);
}

static void test_fifos(void **state)
{
    const struct conf_global *global = &fake_model("global_defs {\n"
                                                   " notify_fifo /run/all alice wheel\n"
                                                   " notify_fifo_script \"/bin/follow -v\" alice\n"
                                                   " vrrp_notify_fifo /run/vrrp\n"
                                                   " vrrp_notify_fifo_script /bin/other\n"
                                                   " lvs_notify_fifo /run/lvs\n"
                                                   " fifo_write_vrrp_states_on_reload\n"
                                                   "}\n" INSTANCE("V", "1", ""))
                                            ->global;

    (void)state;
    assert_int_equal(conf_result_outcome(fake_result), CONF_OUTCOME_GOOD);
    assert_string_equal(global->fifo.path, "/run/all");
    assert_int_equal(global->fifo.uid, 1000);
    assert_int_equal(global->fifo.gid, 10);
    assert_int_equal(global->fifo.reader.words.count, 2);
    assert_string_equal(global->fifo.reader.words.items[1], "-v");
    assert_int_equal(global->fifo.reader.uid, 1000);
    assert_string_equal(global->vrrp_fifo.path, "/run/vrrp");
    assert_string_equal(global->vrrp_fifo.reader.words.items[0], "/bin/other");
    assert_int_equal(global->vrrp_fifo.reader.uid, fake_host.own_uid);
    assert_string_equal(global->lvs_fifo.path, "/run/lvs");
    assert_int_equal(global->lvs_fifo.reader.words.count, 0);
    assert_true(global->fifo_write_states_on_reload);
}

/* script_user holds for all of global_defs, wherever in it it stands. */
static void test_their_user_is_that_of_scripts(void **state)
{
    const struct conf_global *global;

    (void)state;
    global =
        &fake_model("global_defs {\n notify_fifo /run/all\n notify_fifo_script /bin/follow\n"
                    " startup_script /bin/first\n script_user alice\n shutdown_script /bin/last root\n}\n")
             ->global;
    assert_int_equal(global->fifo.uid, 1000);
    assert_int_equal(global->fifo.gid, 1000);
    assert_int_equal(global->fifo.reader.uid, 1000);
    assert_int_equal(global->startup_script.uid, 1000);
    assert_int_equal(global->shutdown_script.uid, 0);
    fake_host_has_script_user = true;
    global =
        &fake_model("global_defs {\n notify_fifo /run/all\n notify_fifo_script /bin/follow\n}\n")->global;
    assert_int_equal(global->fifo.uid, 900);
    assert_int_equal(global->fifo.reader.uid, 900);
    global = &fake_model("global_defs {\n startup_script /bin/first\n script_user nobody_of_that_name\n}\n")
                  ->global;
    assert_int_equal(global->startup_script.words.count, 0);
    assert_complaint(CONF_PROBLEM_REFERENCE, "there is no user 'nobody_of_that_name'");
}

/* Nobody gets a line twice, and two readers would share the lines. */
static void test_one_path_is_one_fifo(void **state)
{
    const struct conf_global *global;

    (void)state;
    global =
        &fake_model(
             "global_defs {\n notify_fifo /run/f\n vrrp_notify_fifo /run/f\n lvs_notify_fifo /run/f\n}\n")
             ->global;
    assert_non_null(global->fifo.path);
    assert_null(global->vrrp_fifo.path);
    assert_null(global->lvs_fifo.path);
    global = &fake_model("global_defs {\n vrrp_notify_fifo /run/f\n vrrp_notify_fifo_script /bin/one\n"
                         " lvs_notify_fifo /run/f\n lvs_notify_fifo_script /bin/two\n}\n")
                  ->global;
    assert_int_equal(global->vrrp_fifo.reader.words.count, 1);
    assert_string_equal(global->lvs_fifo.path, "/run/f");
    assert_int_equal(global->lvs_fifo.reader.words.count, 0);
}

static void test_a_relative_path_is_none(void **state)
{
    (void)state;
    assert_null(fake_model("global_defs {\n notify_fifo events\n}\n")->global.fifo.path);
    assert_complaint(CONF_PROBLEM_VALUE, "'events' is not an absolute path");
    assert_int_equal(conf_result_outcome(fake_result), CONF_OUTCOME_COMPLAINTS);
}

static void test_start_and_stop(void **state)
{
    const struct conf_global *global;

    (void)state;
    global =
        &fake_model("global_defs {\n startup_script \"/bin/first a b\"\n shutdown_script_timeout 1000\n}\n")
             ->global;
    assert_int_equal(global->startup_script.words.count, 3);
    assert_int_equal(global->startup_script_timeout_s, 10);
    assert_int_equal(global->shutdown_script.words.count, 0);
    assert_int_equal(global->shutdown_script_timeout_s, 1000);
    global = &fake_model("global_defs {\n startup_script_timeout 1001\n}\n")->global;
    assert_int_equal(global->startup_script_timeout_s, 10);
    assert_complaint(CONF_PROBLEM_VALUE, "'1001' is out of range");
}

static bool tells_priorities(const char *global, const char *group, const char *instance)
{
    char text[1024];
    const struct conf_model *model;

    snprintf(
        text, sizeof(text),
        "global_defs {\n%s\n}\nvrrp_sync_group G {\n group {\n V\n }\n%s\n}\n" INSTANCE("V", "1", "%s\n"),
        global, group, instance);
    model = fake_model(text);
    assert_int_equal(model->instances.count, 1);
    return model->instances.items[0]->notify_priority_changes;
}

static void test_priority_changes_are_inherited(void **state)
{
    (void)state;
    assert_false(tells_priorities("", "", ""));
    assert_true(tells_priorities("vrrp_notify_priority_changes", "", ""));
    assert_false(tells_priorities("vrrp_notify_priority_changes", "notify_priority_changes off", ""));
    assert_true(tells_priorities("", "notify_priority_changes", ""));
    assert_false(tells_priorities("", "notify_priority_changes", "notify_priority_changes false"));
    assert_true(tells_priorities("", "notify_priority_changes off", "notify_priority_changes yes"));
}

/* ------------------------------------------------------------------ mail */

static void test_mail(void **state)
{
    const struct conf_mail *mail;

    (void)state;
    mail = &fake_model("global_defs {\n notification_email {\n a@x b@x\n \"Carol <c@x>\"\n }\n"
                       " notification_email_from lb@x\n smtp_server mail.x 2525\n smtp_helo_name me.x\n"
                       " smtp_connect_timeout 0\n no_email_faults\n smtp_tls starttls\n smtp_user alice\n"
                       " smtp_password secret-word\n smtp_ca_file /etc/ca.pem\n}\n")
                ->global.mail;
    assert_int_equal(conf_result_outcome(fake_result), CONF_OUTCOME_GOOD);
    assert_int_equal(mail->recipients.count, 3);
    assert_string_equal(mail->recipients.items[1], "b@x");
    assert_string_equal(mail->recipients.items[2], "Carol <c@x>");
    assert_string_equal(mail->from, "lb@x");
    assert_string_equal(mail->server, "mail.x");
    assert_int_equal(mail->port, 2525);
    assert_string_equal(mail->helo_name, "me.x");
    assert_int_equal(mail->connect_timeout_s, 1);
    assert_true(mail->no_faults);
    assert_int_equal(mail->tls, CONF_MAIL_TLS_STARTTLS);
    assert_string_equal(mail->user, "alice");
    assert_string_equal(mail->password, "secret-word");
    assert_string_equal(mail->ca_file, "/etc/ca.pem");
}

static void test_mail_defaults(void **state)
{
    const struct conf_mail *mail = &fake_model("global_defs {\n smtp_server ::1\n}\n")->global.mail;

    (void)state;
    assert_int_equal(mail->port, 25);
    assert_int_equal(mail->tls, CONF_MAIL_TLS_OFF);
    assert_int_equal(mail->connect_timeout_s, 30);
    assert_null(mail->from);
    mail =
        &fake_model("global_defs {\n smtp_server mail.x\n smtp_tls implicit\n smtp_user u\n}\n")->global.mail;
    assert_int_equal(mail->port, 465);
    assert_null(fake_model("global_defs {\n smtp_server smtp://mail.x\n}\n")->global.mail.server);
    assert_complaint(CONF_PROBLEM_VALUE, "neither a host's name nor an address");
    fake_model("global_defs {\n smtp_user alice\n}\n");
    assert_complaint(CONF_PROBLEM_CONFLICT, "in the clear");
}

static void test_the_password_is_never_shown(void **state)
{
    const struct conf_model *model = fake_model("global_defs {\n smtp_password secret-word\n}\n");
    char *text = conf_canonical_text(model, NULL);

    (void)state;
    assert_non_null(strstr(text, "mail.password (secret)"));
    assert_null(strstr(text, "secret-word"));
    free(text);
}

#define SERVER(virtual, real)                                                                                \
    "virtual_server 192.0.2.1 80 {\n protocol TCP\n lvs_sched rr\n lvs_method NAT\n" virtual "\n "           \
                                                                                             "real_server "  \
                                                                                             "10.0.0.1 80 "  \
                                                                                             "{\n" real      \
                                                                                             "\n TCP_CHECK " \
                                                                                             "{\n }\n "      \
                                                                                             "}\n}\n"

/* Who is mailed about: virtual router, group, virtual server, real server. */
static void assert_alerts(const char *global, const char *expected)
{
    char text[1024], found[5] = "";
    const struct conf_model *model;

    snprintf(text, sizeof(text), "global_defs {\n%s\n}\nvrrp_sync_group G {\n group {\n V\n }\n}\n%s%s",
             global, INSTANCE("V", "1", ""), SERVER("", ""));
    model = fake_model(text);
    found[0] = model->instances.items[0]->smtp_alert ? 'y' : 'n';
    found[1] = model->sync_groups.items[0]->smtp_alert ? 'y' : 'n';
    found[2] = model->virtual_servers.items[0]->smtp_alert ? 'y' : 'n';
    found[3] = model->virtual_servers.items[0]->real_servers.items[0]->smtp_alert ? 'y' : 'n';
    assert_string_equal(found, expected);
}

static void test_alerts_are_inherited(void **state)
{
    const struct conf_virtual_server *server;

    (void)state;
    assert_alerts("", "nnny");
    assert_alerts("smtp_alert", "yyyy");
    assert_alerts("smtp_alert off", "nnnn");
    assert_alerts("smtp_alert_vrrp", "yyny");
    assert_alerts("smtp_alert_checker", "nnyy");
    assert_alerts("smtp_alert\n smtp_alert_vrrp off", "nnyy");
    assert_alerts("smtp_alert\n smtp_alert_checker off", "yynn");
    server = fake_model("global_defs {\n smtp_alert\n}\n" SERVER("smtp_alert off", "smtp_alert off"))
                 ->virtual_servers.items[0];
    assert_false(server->smtp_alert);
    assert_false(server->real_servers.items[0]->smtp_alert);
    assert_true(fake_model("global_defs {\n smtp_alert off\n}\n" INSTANCE("V", "1", "smtp_alert\n"))
                    ->instances.items[0]
                    ->smtp_alert);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_fifos, fake_release),
        cmocka_unit_test_teardown(test_their_user_is_that_of_scripts, fake_release),
        cmocka_unit_test_teardown(test_one_path_is_one_fifo, fake_release),
        cmocka_unit_test_teardown(test_a_relative_path_is_none, fake_release),
        cmocka_unit_test_teardown(test_start_and_stop, fake_release),
        cmocka_unit_test_teardown(test_priority_changes_are_inherited, fake_release),
        cmocka_unit_test_teardown(test_mail, fake_release),
        cmocka_unit_test_teardown(test_mail_defaults, fake_release),
        cmocka_unit_test_teardown(test_the_password_is_never_shown, fake_release),
        cmocka_unit_test_teardown(test_alerts_are_inherited, fake_release),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
