#include "api/listing_json.h"

#include "listings/fingerprint.h"
#include "listings/salary.h"

static void
write_annual(JsonWriter *json, const Salary *salary)
{
    char amount[MONEY_TEXT_SIZE];
    int64_t min, max;

    if (!salary_annual(salary, &min, &max))
        return;
    json_member_text(json, "annual_min_value", str_of(money_format(min, amount)));
    json_member_text(json, "annual_max_value", str_of(money_format(max, amount)));
}

static void
write_salary(JsonWriter *json, const Salary *salary)
{
    char amount[MONEY_TEXT_SIZE];

    if (!salary->has_min && !salary->has_max && str_is_empty(salary->text))
        return;
    json_key(json, "base_salary");
    json_begin_object(json);
    if (salary->has_min)
        json_member_text(json, "min_value", str_of(money_format(salary->min_micros, amount)));
    if (salary->has_max)
        json_member_text(json, "max_value", str_of(money_format(salary->max_micros, amount)));
    json_member_text_if(json, "currency", str_of(salary->currency.code));
    json_member_text_if(json, "unit_text", str_of(period_name(salary->period)));
    json_member_text_if(json, "text", salary->text);
    write_annual(json, salary);
    if (salary->predicted)
        json_member_bool(json, "predicted", true);
    json_end_object(json);
}

static void
write_employment(JsonWriter *json, unsigned types)
{
    if (types == 0)
        return;
    json_key(json, "employment_type");
    json_begin_array(json);
    for (unsigned bit = 1; bit <= EMPLOYMENT_OTHER; bit <<= 1)
        if ((types & bit) != 0)
            json_text(json, str_of(employment_type_name((EmploymentType)bit)));
    json_end_array(json);
}

static void
write_place(JsonWriter *json, const Listing *l)
{
    json_member_text_if(json, "job_location", l->location);
    json_member_text_if(json, "address_locality", l->city);
    json_member_text_if(json, "address_region", l->region);
    json_member_text_if(json, "country", l->country);
    if (l->has_position) {
        json_key(json, "latitude");
        json_double(json, l->latitude);
        json_key(json, "longitude");
        json_double(json, l->longitude);
    }
    json_member_text_if(json, "work_place", str_of(remote_name(l->remote)));
}

void
json_listing_members(JsonWriter *json, const Listing *l, bool with_description)
{
    char id[FINGERPRINT_TEXT_SIZE];

    json_member_text(json, "id", str_of(fingerprint_format(fingerprint_of_id(l->source, l->id), id)));
    json_member_text(json, "source", l->source);
    json_member_text(json, "identifier", l->id);
    json_member_text(json, "title", l->title);
    json_member_text_if(json, "hiring_organization", l->company);
    write_place(json, l);
    write_employment(json, l->employment_types);
    write_salary(json, &l->salary);
    if (l->posted_at_us != TIMESTAMP_NONE)
        json_member_time(json, "date_posted", l->posted_at_us);
    if (l->expires_at_us != TIMESTAMP_NONE)
        json_member_time(json, "valid_through", l->expires_at_us);
    json_member_text_if(json, "occupational_category", l->category);
    json_member_text_if(json, "language", l->language);
    json_member_text_if(json, "snippet", l->snippet);
    if (with_description)
        json_member_text_if(json, "description", l->description);
}
