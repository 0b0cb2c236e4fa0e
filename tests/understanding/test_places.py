"""Where the party is: ZIP codes, cities, miles, and street addresses in the customer's own spelling."""

import pytest

from tests.understanding.reading import read, talk


class TestAddresses:
    @pytest.mark.parametrize(
        ("text", "address", "place"),
        [
            ("123 Main St, Fremont", "123 Main St, Fremont", "Fremont"),
            ("47 Calle Luna 3B, San Jose CA 95112", "47 Calle Luna 3B, San Jose CA 95112", "San Jose"),
            ("my address is 1200 Broadway, Oakland", "1200 Broadway, Oakland", "Oakland"),
            ("at 4521 El Camino Real, Palo Alto, CA 94306 on may 5", "4521 El Camino Real, Palo Alto, CA 94306", "Palo Alto"),
            ("100 N Whisman Rd Apt 4B Mountain View 94043", "100 N Whisman Rd Apt 4B Mountain View 94043", "Mountain View"),
            ("123 main st apt 5, san jose, ca", "123 main st apt 5, san jose, ca", "San Jose"),
            ("39300 civic center dr fremont", "39300 civic center dr fremont", "Fremont"),
            ("Calle Luna 47, San José", "Calle Luna 47, San José", "San Jose"),
            ("1 Infinite Loop Cupertino CA 95014 for 12 adults", "1 Infinite Loop Cupertino CA 95014", "Cupertino"),
            ("88 May Street in Dublin", "88 May Street in Dublin", "Dublin"),
            ("742 Evergreen Terrace", "742 Evergreen Terrace", None),
            ("1 Main, Fremont 94539", "1 Main, Fremont 94539", "Fremont"),
            ("2300 3rd Street, San Francisco", "2300 3rd Street, San Francisco", "San Francisco"),
            ("1801 E 14th St, San Leandro, CA 94577", "1801 E 14th St, San Leandro, CA 94577", "San Leandro"),
            ("12 adults at 55 Oak Ave, Hayward", "55 Oak Ave, Hayward", "Hayward"),
            ("500 Pine Blvd. Unit 12, Reno, NV 89501", "500 Pine Blvd. Unit 12, Reno, NV 89501", "Reno"),
        ],
    )
    def test_are_heard(self, text: str, address: str, place: str | None) -> None:
        where = read(text).fresh.where
        assert where is not None
        assert where.address == address
        assert (where.place.name if where.place else None) == place

    @pytest.mark.parametrize("text", ["4821 Alvarado", "5 Oak", "calle Luna 47"])
    def test_a_bare_street_answers_the_question(self, text: str) -> None:
        where = read(text, asked="address").fresh.where
        assert where is not None
        assert where.address == text

    @pytest.mark.parametrize(
        "text",
        [
            "12 adults, Fremont",
            "6 chicken, San Jose",
            "20 people can drive",
            "12 guests in Dublin",
            "2 hour drive",
            "10 adults 5 kids Sacramento",
            "20 Dec, Oakland",
            "12 for dinner at main street",
            "3 kids and a court date",
            "a 6 way split",
            "510-555-0142",
            "we want 15 in San Jose",
            "12",
        ],
    )
    def test_what_is_none_is_not_taken_for_one(self, text: str) -> None:
        where = read(text).fresh.where
        assert where is None or where.address is None

    def test_nothing_else_is_read_out_of_one(self) -> None:
        facts = read("123 3rd Street, Fremont").fresh
        assert facts.dates == ()
        assert not facts.has_party
        assert read("12 March Lane, Stockton").when.problems == ()


class TestPlaces:
    @pytest.mark.parametrize(
        ("text", "said", "place"),
        [
            ("my zip is 95112", "95112", "San Jose"),
            ("do you come to San Jose?", "San Jose", "San Jose"),
            ("my place in Dublin", "Dublin", "Dublin"),
            ("in Reno, NV", "Reno", "Reno"),
            ("Fremont", "Fremont", "Fremont"),
            ("party is at my mom's house in Tracy", "Tracy", "Tracy"),
            ("fremont ca", "Fremont", "Fremont"),
            ("in Fremont on Saturday at 6", "Fremont", "Fremont"),
            ("saturday in walnut creek for 12", "Walnut Creek", "Walnut Creek"),
            ("vienen a Oakland?", "Oakland", "Oakland"),
            ("en San José", "San Jose", "San Jose"),
            ("45 miles", "45 mi", None),
            ("unas 45 millas", "45 mi", None),
            ("00001", "00001", None),
        ],
    )
    def test_are_heard(self, text: str, said: str, place: str | None) -> None:
        where = read(text).fresh.where
        assert where is not None
        assert where.said == said
        assert (where.place.name if where.place else None) == place

    @pytest.mark.parametrize(
        "text",
        [
            "12 adults in May",
            "at 6 in the evening",
            "on Saturday",
            "hello there",
            "10,000",
            "$95112",
            "in two weeks",
            "el segundo sábado de febrero",
        ],
    )
    def test_none_is_heard_where_none_was_said(self, text: str) -> None:
        assert read(text).fresh.where is None


class TestTogether:
    def test_a_street_completes_the_city_before_it(self) -> None:
        where = talk("we are in Fremont", "123 Main St").where
        assert where is not None
        assert where.address == "123 Main St"
        assert where.place is not None
        assert where.place.name == "Fremont"

    def test_a_city_completes_the_street_before_it(self) -> None:
        where = talk("123 Main St", "it's in Fremont").where
        assert where is not None
        assert where.address == "123 Main St, Fremont"
        assert where.place is not None

    def test_another_city_is_another_place(self) -> None:
        where = talk("123 Main St, Fremont", "no, it is in Oakland").where
        assert where is not None
        assert where.address is None
        assert where.place is not None
        assert where.place.name == "Oakland"
