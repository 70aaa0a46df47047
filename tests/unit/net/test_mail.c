#include "net/mail.h"

#include <string.h>

static const Mail MAIL = {.server = "smtp://127.0.0.1:1",
                          .from = "weir@example.com",
                          .to = "ann@example.com, bob@example.com",
                          .subject = "Überweisung fehlt: 5,00 € from the partner whose name is rather long",
                          .text = "one\n.\ntwo",
                          .id = "0ABC/opened",
                          .sent_at_us = INT64_C(1795478400) * US_PER_SECOND};

static void
a_mail_is_written_as_rfc_5322_wants_it(void)
{
    g_autoptr(GString) text = g_string_new(NULL);

    mail_write(&MAIL, text);
    g_assert_true(g_str_has_prefix(text->str, "Date: Tue, 24 Nov 2026 00:00:00 +0000\r\nFrom: <weir@example.com>\r\n"
                                              "To: ann@example.com, bob@example.com\r\n"
                                              "Message-ID: <0ABC.opened@weir>\r\nSubject: =?utf-8?B?"));
    g_assert_true(g_str_has_suffix(text->str, "\r\n\r\nb25lCi4KdHdv\r\n"));
}

static void
no_line_of_a_mail_is_longer_than_78_characters(void)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autofree char *body = g_strnfill(5000, 'x');
    Mail mail = MAIL;
    Str rest;

    mail.text = body;
    mail_write(&mail, text);
    rest = str_of_gstring(text);
    while (rest.at != NULL)
        g_assert_cmpuint(str_cut(&rest, '\n').size, <=, 79); /* the CR too */
}

/* Nothing that the subject or an address holds can become another header. */
static void
a_line_break_in_the_subject_stays_in_it(void)
{
    g_autoptr(GString) text = g_string_new(NULL);
    Mail mail = MAIL;

    mail.subject = "a\r\nBcc: eve@example.com";
    mail_write(&mail, text);
    g_assert_null(strstr(text->str, "eve@"));
}

static void
an_address_that_is_none_is_refused_before_anything_is_sent(void)
{
    static const char *const BAD[] = {"nobody", "", "a@b.example,", "a@b.example\r\nRCPT TO:<c@d.example>",
                                      "<a@b.example>"};

    for (size_t i = 0; i < G_N_ELEMENTS(BAD); i++) {
        g_autoptr(GError) error = NULL;
        Mail mail = MAIL;

        mail.to = BAD[i];
        g_assert_false(mail_send(&mail, &error));
        g_assert_error(error, WEIR_ERROR, WEIR_ERROR_INVALID);
    }
}

static void
a_server_that_is_not_there_may_come_back(void)
{
    g_autoptr(GError) error = NULL;

    g_assert_false(mail_send(&MAIL, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_UNAVAILABLE);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/net/a_mail_is_written_as_rfc_5322_wants_it", a_mail_is_written_as_rfc_5322_wants_it);
    g_test_add_func("/net/no_line_of_a_mail_is_longer_than_78_characters",
                    no_line_of_a_mail_is_longer_than_78_characters);
    g_test_add_func("/net/a_line_break_in_the_subject_stays_in_it", a_line_break_in_the_subject_stays_in_it);
    g_test_add_func("/net/an_address_that_is_none_is_refused_before_anything_is_sent",
                    an_address_that_is_none_is_refused_before_anything_is_sent);
    g_test_add_func("/net/a_server_that_is_not_there_may_come_back", a_server_that_is_not_there_may_come_back);
    return g_test_run();
}
