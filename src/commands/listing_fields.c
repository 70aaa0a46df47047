#include "commands/listing_fields.h"

#include "base/timestamp.h"

typedef struct {
    Arena *arena;
    void (*fn)(void *data, const char *field, Str text);
    void *data;
} Teller;

static void
tell(const Teller *teller, const char *field, Str text)
{
    if (!str_is_empty(text))
        teller->fn(teller->data, field, text);
}

static void
tell_moment(const Teller *teller, const char *field, int64_t us)
{
    char text[TIMESTAMP_TEXT_SIZE];

    if (us != TIMESTAMP_NONE)
        tell(teller, field, arena_str(teller->arena, str_of(timestamp_format(us, text))));
}

static void
tell_money(const Teller *teller, const char *field, int64_t micros, Currency currency)
{
    char text[MONEY_TEXT_SIZE];

    tell(teller, field,
         arena_printf(teller->arena, "%s%s%s", money_format(micros, text), currency.code[0] != '\0' ? " " : "",
                      currency.code));
}

static void
tell_salary(const Teller *teller, const Salary *salary)
{
    if (salary->has_min)
        tell_money(teller, "salary.min", salary->min_micros, salary->currency);
    if (salary->has_max)
        tell_money(teller, "salary.max", salary->max_micros, salary->currency);
    tell(teller, "salary.period", str_of(period_name(salary->period)));
    tell(teller, "salary.text", salary->text);
}

static void
tell_kinds(const Teller *teller, const Listing *l)
{
    tell(teller, "remote", str_of(remote_name(l->remote)));
    for (unsigned bit = EMPLOYMENT_FULL_TIME; bit <= EMPLOYMENT_OTHER; bit <<= 1)
        if ((l->employment_types & bit) != 0)
            tell(teller, "employment_type", str_of(employment_type_name((EmploymentType)bit)));
    if (l->has_position)
        tell(teller, "position", arena_printf(teller->arena, "%.6f, %.6f", l->latitude, l->longitude));
}

void
listing_each_field(const Listing *l, Arena *arena, void (*fn)(void *data, const char *field, Str text), void *data)
{
    const Teller teller = {arena, fn, data};

    tell(&teller, "title", l->title);
    tell(&teller, "id", l->id);
    tell(&teller, "company", l->company);
    tell(&teller, "location", l->location);
    tell(&teller, "country", l->country);
    tell_kinds(&teller, l);
    tell_salary(&teller, &l->salary);
    tell_moment(&teller, "posted_at", l->posted_at_us);
    tell_moment(&teller, "expires_at", l->expires_at_us);
    tell(&teller, "category", l->category);
    tell(&teller, "language", l->language);
    tell(&teller, "snippet", l->snippet);
    if (l->has_bid)
        tell_money(&teller, "bid", l->bid.micros, l->bid.currency);
    tell(&teller, "url", l->url);
}
