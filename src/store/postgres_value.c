#include "store/postgres_value.h"

enum {
    OID_UNKNOWN_YET = 0, /* a null: the server finds the type */
    OID_BOOL = 16,
    OID_BYTEA = 17,
    OID_NAME = 19,
    OID_INT8 = 20,
    OID_INT2 = 21,
    OID_INT4 = 23,
    OID_TEXT = 25,
    OID_UNKNOWN = 705,
    OID_BPCHAR = 1042,
    OID_VARCHAR = 1043,
    OID_NUMERIC = 1700,
};

void
postgres_params_clear(PostgresParams *params)
{
    g_free(params->types);
    g_free(params->values);
    g_free(params->sizes);
    g_free(params->formats);
    g_free(params->numbers);
}

void
postgres_params_init(PostgresParams *params, DbArgs args)
{
    *params = (PostgresParams){
        .types = g_new0(Oid, args.count),
        .values = g_new0(const char *, args.count),
        .sizes = g_new0(int, args.count),
        .formats = g_new0(int, args.count),
        .numbers = g_new0(int64_t, args.count),
    };
    for (size_t i = 0; i < args.count; i++) {
        const DbValue *value = &args.values[i];

        params->formats[i] = 1;
        switch (value->kind) {
        case DB_NULL:
            params->types[i] = OID_UNKNOWN_YET;
            break;
        case DB_INT:
            params->types[i] = OID_INT8;
            params->numbers[i] = GINT64_TO_BE(value->number);
            params->values[i] = (const char *)&params->numbers[i];
            params->sizes[i] = sizeof(int64_t);
            break;
        case DB_TEXT:
        case DB_BLOB:
            params->types[i] = value->kind == DB_TEXT ? OID_TEXT : OID_BYTEA;
            params->values[i] = value->bytes.at;
            params->sizes[i] = (int)value->bytes.size; /* db.c has refused more than INT32_MAX */
            break;
        }
    }
}

int
postgres_kind(Oid type)
{
    switch (type) {
    case OID_BOOL:
    case OID_INT2:
    case OID_INT4:
    case OID_INT8:
    case OID_NUMERIC:
        return DB_INT;
    case OID_TEXT:
    case OID_VARCHAR:
    case OID_BPCHAR:
    case OID_NAME:
    case OID_UNKNOWN:
        return DB_TEXT;
    case OID_BYTEA:
        return DB_BLOB;
    default:
        return -1;
    }
}

static uint16_t
get_u16(const char *at)
{
    const uint8_t *b = (const uint8_t *)at;

    return (uint16_t)(b[0] << 8 | b[1]);
}

/* A numeric is four int16 (how many digits, weight of the first, sign, decimals shown) and then digits of base 10000;
 * the weight is the power of 10000 of the first digit. */
static bool
read_numeric(Str value, int64_t *ret_number)
{
    int digits, weight, sign;
    int64_t number = 0;

    if (value.size < 8)
        return false;
    digits = get_u16(value.at);
    weight = (int16_t)get_u16(value.at + 2);
    sign = get_u16(value.at + 4);
    if ((sign != 0x0000 && sign != 0x4000) || value.size != 8 + 2 * (size_t)digits || weight > 4)
        return false; /* NaN, infinity, or beyond 10000^5 */
    /* Summed below zero, since INT64_MIN has no positive twin. */
    for (int i = 0; i < MAX(digits, weight + 1); i++) {
        int digit = i < digits ? get_u16(value.at + 8 + 2 * i) : 0;

        if (i > weight) {
            if (digit != 0)
                return false;
        } else if (__builtin_mul_overflow(number, INT64_C(10000), &number) ||
                   __builtin_sub_overflow(number, (int64_t)digit, &number)) {
            return false;
        }
    }
    if (sign == 0 && number == INT64_MIN)
        return false;
    *ret_number = sign == 0 ? -number : number;
    return true;
}

bool
postgres_read_number(Oid type, Str value, int64_t *ret_number)
{
    uint64_t bits = 0;

    if (type == OID_NUMERIC)
        return read_numeric(value, ret_number);
    if (value.size == 0 || value.size > 8)
        return false;
    for (size_t i = 0; i < value.size; i++)
        bits = bits << 8 | (uint8_t)value.at[i];
    if (type == OID_INT2)
        *ret_number = (int16_t)bits;
    else if (type == OID_INT4)
        *ret_number = (int32_t)bits;
    else
        *ret_number = (int64_t)bits;
    return true;
}
