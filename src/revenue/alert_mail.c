/*
 * The channel that mails alerts.
 */
#include "revenue/alert_channel.h"

#include "net/mail.h"

static bool
mail_is_configured(const AlertRoutes *routes)
{
    return routes->smtp != NULL && routes->mail_from != NULL && routes->mail_to != NULL;
}

static bool
mail_send_notice(const AlertSender *sender, const AlertNotice *notice, GError **error)
{
    const AlertRoutes *routes = sender->routes;
    bool opened = g_str_equal(notice->event, "opened");
    g_autofree char *subject = g_strdup_printf("[Weir] %s%s", opened ? "" : "Resolved: ", notice->message);
    g_autofree char *text = g_strdup_printf(
        "%s\n\nAlert: %.*s\nDetails: %.*s\nDashboard: %s/dashboard\n", notice->message, STR_FORMAT(notice->alert.key),
        STR_FORMAT(notice->alert.details), routes->base_url != NULL ? routes->base_url : "");

    return mail_send(&(Mail){.server = routes->smtp,
                             .password = routes->smtp_password,
                             .from = routes->mail_from,
                             .to = routes->mail_to,
                             .subject = subject,
                             .text = text,
                             .id = notice->id,
                             .sent_at_us = clock_now_us(sender->clock)},
                     error);
}

const AlertChannel ALERT_CHANNEL_MAIL = {"smtp", mail_is_configured, mail_send_notice};
