#include "sandbox/words.h"

#include <glib.h>

const City CITIES[] = {
    {"New York", "NY", "US", "United States", "10001", 40.7128, -74.0060, "USD"},
    {"Austin", "TX", "US", "United States", "78701", 30.2672, -97.7431, "USD"},
    {"Denver", "CO", "US", "United States", "80202", 39.7392, -104.9903, "USD"},
    {"Chicago", "IL", "US", "United States", "60601", 41.8781, -87.6298, "USD"},
    {"Seattle", "WA", "US", "United States", "98101", 47.6062, -122.3321, "USD"},
    {"Boston", "MA", "US", "United States", "02108", 42.3601, -71.0589, "USD"},
    {"Atlanta", "GA", "US", "United States", "30303", 33.7490, -84.3880, "USD"},
    {"Portland", "OR", "US", "United States", "97201", 45.5152, -122.6784, "USD"},
    {"Portland", "ME", "US", "United States", "04101", 43.6591, -70.2568, "USD"},
    {"Cañon City", "CO", "US", "United States", "81212", 38.4410, -105.2424, "USD"},
    {"San José", "CA", "US", "United States", "95113", 37.3382, -121.8863, "USD"},
    {"Miami", "FL", "US", "United States", "33101", 25.7617, -80.1918, "USD"},
    {"London", "Greater London", "GB", "United Kingdom", "EC1A 1BB", 51.5074, -0.1278, "GBP"},
    {"Manchester", "Greater Manchester", "GB", "United Kingdom", "M1 1AE", 53.4808, -2.2426, "GBP"},
    {"Leeds", "West Yorkshire", "GB", "United Kingdom", "LS1 1UR", 53.8008, -1.5491, "GBP"},
    {"Bristol", "Bristol", "GB", "United Kingdom", "BS1 4DJ", 51.4545, -2.5879, "GBP"},
    {"Edinburgh", "Scotland", "GB", "United Kingdom", "EH1 1YZ", 55.9533, -3.1883, "GBP"},
    {"Stoke-on-Trent", "Staffordshire", "GB", "United Kingdom", "ST1 1LZ", 53.0027, -2.1794, "GBP"},
    {"Berlin", "Berlin", "DE", "Germany", "10115", 52.5200, 13.4050, "EUR"},
    {"München", "Bayern", "DE", "Germany", "80331", 48.1351, 11.5820, "EUR"},
    {"Köln", "Nordrhein-Westfalen", "DE", "Germany", "50667", 50.9375, 6.9603, "EUR"},
    {"Düsseldorf", "Nordrhein-Westfalen", "DE", "Germany", "40213", 51.2277, 6.7735, "EUR"},
    {"Frankfurt am Main", "Hessen", "DE", "Germany", "60311", 50.1109, 8.6821, "EUR"},
    {"Hamburg", "Hamburg", "DE", "Germany", "20095", 53.5511, 9.9937, "EUR"},
    {"Paris", "Île-de-France", "FR", "France", "75001", 48.8566, 2.3522, "EUR"},
    {"Lyon", "Auvergne-Rhône-Alpes", "FR", "France", "69001", 45.7640, 4.8357, "EUR"},
    {"Saint-Étienne", "Auvergne-Rhône-Alpes", "FR", "France", "42000", 45.4397, 4.3872, "EUR"},
    {"Nîmes", "Occitanie", "FR", "France", "30000", 43.8367, 4.3601, "EUR"},
    {"Málaga", "Andalucía", "ES", "Spain", "29001", 36.7213, -4.4214, "EUR"},
    {"Madrid", "Comunidad de Madrid", "ES", "Spain", "28001", 40.4168, -3.7038, "EUR"},
    {"Utrecht", "Utrecht", "NL", "Netherlands", "3511 AD", 52.0907, 5.1214, "EUR"},
    {"'s-Hertogenbosch", "Noord-Brabant", "NL", "Netherlands", "5211 AA", 51.6978, 5.3037, "EUR"},
};
const size_t CITY_COUNT = G_N_ELEMENTS(CITIES);

const Trade TRADES[] = {
    {"Software Engineer", "Information Technology", 62000, 148000, NULL},
    {"Data Analyst", "Information Technology", 48000, 92000, NULL},
    {"C++ Developer", "Information Technology", 70000, 165000, NULL},
    {"Site Reliability Engineer", "Information Technology", 78000, 170000, NULL},
    {"Product Manager", "Management", 68000, 140000, NULL},
    {"UX Designer", "Design", 52000, 104000, NULL},
    {"Registered Nurse", "Healthcare", 44000, 96000, NULL},
    {"Care Assistant", "Healthcare", 24000, 34000, NULL},
    {"Dental Hygienist", "Healthcare", 38000, 74000, NULL},
    {"Physiotherapist", "Healthcare", 36000, 68000, NULL},
    {"Forklift Operator", "Logistics & Warehouse", 27000, 42000, NULL},
    {"Delivery Driver", "Logistics & Warehouse", 25000, 41000, NULL},
    {"CDL Truck Driver", "Logistics & Warehouse", 46000, 88000, NULL},
    {"Warehouse Associate", "Logistics & Warehouse", 24000, 38000, NULL},
    {"Electrician", "Trades & Construction", 36000, 72000, NULL},
    {"Welder (MIG/TIG)", "Trades & Construction", 34000, 66000, NULL},
    {"Plumber", "Trades & Construction", 35000, 70000, NULL},
    {"Site Manager", "Trades & Construction", 52000, 95000, NULL},
    {"Accountant", "Finance", 42000, 82000, NULL},
    {"Payroll Clerk", "Finance", 28000, 44000, NULL},
    {"Credit Controller", "Finance", 29000, 47000, NULL},
    {"Sales Representative", "Sales", 30000, 85000, NULL},
    {"Account Executive", "Sales", 45000, 120000, NULL},
    {"Store Manager", "Retail", 32000, 58000, NULL},
    {"Cashier", "Retail", 22000, 29000, NULL},
    {"Barista", "Hospitality", 21000, 28000, NULL},
    {"Sous Chef", "Hospitality", 29000, 48000, NULL},
    {"Hotel Receptionist", "Hospitality", 23000, 32000, NULL},
    {"Primary School Teacher", "Education", 31000, 56000, NULL},
    {"Teaching Assistant", "Education", 20000, 28000, NULL},
    {"Customer Service Advisor", "Customer Service", 24000, 36000, NULL},
    {"Office Administrator", "Administration", 25000, 39000, NULL},
    {"HR Business Partner", "Human Resources", 44000, 84000, NULL},
    {"Mechanical Engineer", "Engineering", 46000, 98000, NULL},
    {"Quality Inspector", "Engineering", 31000, 52000, NULL},
    {"Chargé de clientèle", "Customer Service", 26000, 38000, "FR"},
    {"Pflegefachkraft", "Healthcare", 34000, 50000, "DE"},
    {"Bäckereifachverkäufer", "Retail", 24000, 31000, "DE"},
    {"Solar Panel Installer", "Trades & Construction", 33000, 64000, NULL},
    {"Security Officer", "Security", 25000, 40000, NULL},
};
const size_t TRADE_COUNT = G_N_ELEMENTS(TRADES);

const char *const LEVELS[] = {"",      "",         "",           "Senior ",      "Junior ",
                              "Lead ", "Trainee ", "Principal ", "Night Shift ", "Weekend "};
const size_t LEVEL_COUNT = G_N_ELEMENTS(LEVELS);

const char *const COMPANY_NAMES[] = {
    "Brightwater", "Nørdlys",   "Halcyon",      "Café Aurore", "Kestrel & Sons", "Oakhaven",    "Müller Präzision",
    "Redfern",     "Tidewater", "Peñalara",     "Silverbirch", "Quill & Ink",    "Étoile",      "Ironbridge",
    "Larkspur",    "Montclair", "Vantage",      "Bluestem",    "Zwölfender",     "Copperfield", "Harrow & Pike",
    "Saffron",     "Greystone", "Winterbourne", "Fjällbäck",   "Marigold",       "Northgate",   "Crème de la Mer",
    "Pinecrest",   "Juniper",   "Ravelin",      "Stonebridge", "Evergreen",      "Lumière",     "Thistle",
    "Windermere",  "Ostrava",   "Caldera",      "Meadowlark",  "Schönfeld",
};
const size_t COMPANY_NAME_COUNT = G_N_ELEMENTS(COMPANY_NAMES);

const char *const COMPANY_FORMS[] = {" Ltd", " Inc.", " Group",    " GmbH",     " Logistics", " Health", " Foods",
                                     " SA",  " Labs", " & Co. KG", " Partners", " Schools",   " Retail", ""};
const size_t COMPANY_FORM_COUNT = G_N_ELEMENTS(COMPANY_FORMS);

const char *const SENTENCES[] = {
    "<p>We are looking for a <b>motivated</b> person to join our growing team.",
    "<p>Our client, a market leader, is hiring now &ndash; apply today!</p>",
    "You&#8217;ll work closely with colleagues across several sites.<br>",
    "<div style=\"color:#333\">Experience of at least 2 years is an advantage, but not required.</div>",
    "<P>Reporting to the manager on duty, you will own your area from day one.</P>",
    "<p>Full training is given &amp; paid; certificates are yours to keep.</p>",
    "<br /><br />Flexible hours, early or late shift &mdash; you choose.",
    "<p>Salary is reviewed each year; overtime is paid at 1&frac12; times the rate.",
    "<ul><li>Driving licence<li>Right to work<li>A good sense of humour</ul>",
    "<p>Wir freuen uns auf Ihre Bewerbung &ndash; auch ohne Anschreiben.</p>",
    "<p>Poste basé en centre-ville, à deux pas de la gare. Débutant accepté.</p>",
    "<span>No agencies please.</span>",
    "<p>Equal opportunities: we hire people, not papers.</p>",
    "<!-- tracking:9f2 --><p>The role is open until filled.</p>",
};
const size_t SENTENCE_COUNT = G_N_ELEMENTS(SENTENCES);

const char *const BENEFITS[] = {"25 days of holiday",  "Health & dental", "Pension, 6 % matched", "Bike to work",
                                "Free meals on shift", "401(k)",          "Stock options",        "Tickets restaurant"};
const size_t BENEFIT_COUNT = G_N_ELEMENTS(BENEFITS);
