/* The second step of a source: asking about one listing, and putting both answers together. */
#include "sources/definition.h"

const Operation *
operation_detail(const Operation *operation)
{
    return operation->detail;
}

int64_t
operation_detail_limit(const Operation *operation)
{
    return operation->detail_limit;
}

unsigned
operation_detail_concurrency(const Operation *operation)
{
    return operation->detail_concurrency;
}

Question
question_about(const Question *question, const Listing *listing)
{
    Question about = *question;

    about.item_id = listing->id;
    about.item_title = listing->title;
    about.item_url = listing->url;
    about.page = 1;
    about.part = 1;
    about.cursor = STR_NONE;
    return about;
}

static void
take_text(Str *text, Str detail)
{
    if (!str_is_empty(detail))
        *text = detail;
}

static void
take_salary(Salary *salary, const Salary *detail)
{
    if (detail->has_min || detail->has_max)
        *salary = *detail;
    else
        take_text(&salary->text, detail->text);
}

/* Identity stays: the store and the click go by it. */
Listing
listing_with_detail(const Listing *listing, const Listing *detail)
{
    Listing whole = *listing;

    take_text(&whole.title, detail->title);
    take_text(&whole.url, detail->url);
    take_text(&whole.company, detail->company);
    take_text(&whole.country, detail->country);
    take_text(&whole.category, detail->category);
    take_text(&whole.language, detail->language);
    take_text(&whole.snippet, detail->snippet);
    take_text(&whole.description, detail->description);
    if (!str_is_empty(detail->location)) {
        whole.location = detail->location;
        whole.city = detail->city;
        whole.region = detail->region;
    }
    take_salary(&whole.salary, &detail->salary);
    if (detail->has_position) {
        whole.has_position = true;
        whole.latitude = detail->latitude;
        whole.longitude = detail->longitude;
    }
    if (detail->remote != REMOTE_UNKNOWN)
        whole.remote = detail->remote;
    if (detail->employment_types != 0)
        whole.employment_types = detail->employment_types;
    if (detail->posted_at_us != TIMESTAMP_NONE)
        whole.posted_at_us = detail->posted_at_us;
    if (detail->expires_at_us != TIMESTAMP_NONE)
        whole.expires_at_us = detail->expires_at_us;
    if (detail->has_bid) {
        whole.has_bid = true;
        whole.bid = detail->bid;
    }
    return whole;
}
