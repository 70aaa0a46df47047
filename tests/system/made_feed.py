"""Feeds of any length, made on the spot."""
import datetime
import gzip
import random


def words_of(chance, count=4000):
    syllables = [consonant + vowel for consonant in "bcdfglmnprst" for vowel in "aeiou"]
    return ["".join(chance.choices(syllables, k=chance.randint(2, 4))) for _ in range(count)]


def write_feed(path, listings, days=0):
    """An employer's feed in Indeed's format, about a kilobyte a listing, as no two are alike. days: it was posted over so many,
    in no order, and its references have no order either; 0: all of it in one moment, counted from 0."""
    chance = random.Random(listings)
    newest = datetime.datetime(2026, 11, 2, 8)
    words = words_of(chance)
    with gzip.open(path, "wt", compresslevel=1, encoding="utf-8") as feed:
        feed.write('<?xml version="1.0" encoding="utf-8"?>\n<source>\n')
        for number in range(listings):
            posted = newest - datetime.timedelta(seconds=chance.randrange(days * 86400)) if days else newest
            reference = f"{chance.getrandbits(64):016x}" if days else number
            feed.write(f"""<job><title><![CDATA[{' '.join(chance.choices(words, k=3)).title()}]]></title>
<date>{posted:%a, %d %b %Y %H:%M:%S} GMT</date><referencenumber>{reference}</referencenumber>
<url>https://ads.example.com/r/{number}?c=1</url><company><![CDATA[{words[number % 900].title()} & Söhne]]></company>
<city>{words[number % 300].title()}</city><state>CA</state><country>US</country><jobtype>Full-time</jobtype>
<salary>$50,000-$60,000/year</salary><category>{words[number % 20]}</category>
<description><![CDATA[<p>{' '.join(chance.choices(words, k=70))}</p>]]></description></job>
""")
        feed.write("</source>\n")
