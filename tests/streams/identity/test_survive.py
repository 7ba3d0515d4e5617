"""Which value a person shows."""

from builders.persons import born, name, person

from streams.identity.survive import Source, survivors

AUTHORITY = {"name": {"hotich": 90, "bhxh": 60}, "birth": {"hotich": 95}, "phone": {"bhxh": 70, "yte": 70, "hotich": 1}}
BIRTH, CARD, CLINIC = "hotich.khai_sinh|1|child", "bhxh.nguoi_tham_gia|2|insured", "yte.benh_nhan|3|patient"


def test_the_authority_of_a_field_decides_however_many_rows_say_otherwise() -> None:
    rows = [
        Source(person(BIRTH, "Nguyễn Văn Hùng"), 1),
        Source(person(CARD, "Nguyễn Văn Hưng"), 9),
        Source(person(CLINIC, "Nguyễn Văn Hưng"), 9),
    ]
    chosen = survivors(rows, AUTHORITY)["name"]
    assert (chosen.value, chosen.rid, chosen.rule) == (name("Nguyễn Văn Hùng"), BIRTH, "authority")


def test_a_full_date_is_preferred_to_a_year() -> None:
    rows = [Source(person(BIRTH, birth="1985"), 1), Source(person(CLINIC, birth="1985-03-12"), 1)]
    assert survivors(rows, AUTHORITY)["birth"].value == born("1985-03-12")


def test_without_authority_most_rows_decide_then_the_newest_of_one_table_then_the_smallest_rid() -> None:
    phones = [("0905111222", CARD), ("0905333444", CLINIC), ("0905333444", "yte.benh_nhan|4|patient")]
    rows = [Source(person(rid, phones=(phone,)), 1) for phone, rid in phones]
    assert survivors(rows, {})["phone"].rule == "most rows"
    old, new = (Source(person(f"yte.benh_nhan|{n}|patient", home=home), n) for n, home in ((1, "21550"), (2, "21553")))
    newest = survivors([old, new], {})["residence"]
    assert (newest.rid, newest.rule) == (new.record.rid, "newest")
    assert survivors([rows[0], rows[1]], {})["phone"].rule == "smallest rid"


def test_of_agencies_with_one_rank_most_rows_decide_and_of_those_below_it_nothing() -> None:
    rows = [
        Source(person(rid, phones=(phone,)), 1)
        for rid, phone in (
            (BIRTH, "0905111222"),
            ("hotich.khai_sinh|2|child", "0905111222"),
            ("hotich.khai_sinh|3|child", "0905111222"),
            (CARD, "0905333444"),
            (CLINIC, "0905333444"),
            ("yte.benh_nhan|4|patient", "0905555666"),
            ("thue.nguoi_nop|5|payer", "0905111222"),
        )
    ]
    chosen = survivors(rows, AUTHORITY)["phone"]
    assert (chosen.value, chosen.rid, chosen.rule) == ("0905333444", CARD, "most rows")
