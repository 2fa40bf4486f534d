"""Reading catalog files: encodings, quoting, cells. No store is asked."""

import pytest

from app.services.catalog.imports.reading import (
    ColumnMissing,
    Unreadable,
    WrongEncoding,
    ensure_utf8,
    read_header,
    read_rows,
)
from app.services.catalog.imports.rows import COLUMNS, REQUIRED, Context, plan_row

PRODUCT = Context("product", "USD", {"shoes": ["fashion", "shoes"]})
COURSE = Context("course", "USD", {})


@pytest.fixture
def csv_file(tmp_path):
    def write(content: str | bytes):
        path = tmp_path / "catalog.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def rows_of(path, kind="product"):
    return list(read_rows(path, read_header(path, COLUMNS[kind], REQUIRED[kind])))


def planned(text: str, csv_file, context=PRODUCT):
    return [plan_row(raw, context) for raw in rows_of(csv_file(text), context.kind)]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_utf8_is_taken_with_and_without_a_mark(mark, csv_file):
    path = csv_file(mark + "sku,name,price\nA,Café 💃 كتاب,5\n".encode())
    ensure_utf8(path)
    assert rows_of(path)[0].cells == {"sku": "A", "title": "Café 💃 كتاب", "price": "5"}


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"sku,name,price\nA,x,5\nB,Caf\xe9,5\n", 3),
        (b"sku,name,price\n" + b"A,x,5\n" * 20_000 + b"B,\xff,5\n", 20_002),
        (b"sku,name,price\nA,\x00,5\n", 2),
        (b"sku,name,price\nA,caf\xc3", 2),
        ("sku,name,price\n".encode("utf-16"), 1),
        (b"PK\x03\x04whatever", 1),
    ],
)
def test_another_encoding_is_refused_by_its_line(content, line, csv_file):
    with pytest.raises(WrongEncoding) as refusal:
        ensure_utf8(csv_file(content))
    assert refusal.value.details["line"] == line


def test_a_letter_cut_by_the_reading_buffer_is_no_fault(csv_file):
    ensure_utf8(csv_file(b"x" * 65_535 + "é".encode() * 40_000))


def test_a_bad_byte_behind_a_cut_letter_is_found_where_it_is(csv_file):
    content = b"\n" * 65_535 + b"\xc3" + b"\n\n"
    with pytest.raises(WrongEncoding) as refusal:
        ensure_utf8(csv_file(content))
    assert refusal.value.details == {"line": 65_536, "byte": 65_535}


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_usual_separators_are_found(separator, csv_file):
    path = csv_file(separator.join(("sku", "name", "price")) + "\n" + separator.join(("A", "Lamp", "5")) + "\n")
    assert rows_of(path)[0].cells == {"sku": "A", "title": "Lamp", "price": "5"}


def test_missing_columns_are_named_all_at_once(csv_file):
    with pytest.raises(ColumnMissing) as refusal:
        rows_of(csv_file("sku,brand\nA,B\n"))
    assert sorted(refusal.value.fields) == ["price", "title"]


@pytest.mark.parametrize("content", ["", "\n\n", "sku,sku,name,price\n"])
def test_a_file_that_is_no_table_is_refused(content, csv_file):
    with pytest.raises(Unreadable):
        rows_of(csv_file(content))


def test_rows_are_counted_as_a_spreadsheet_and_lines_as_an_editor(csv_file):
    rows = rows_of(csv_file('sku,name,price\nA,"two\nlines",5\n\nB,x,6\n'))
    assert [(row.row, row.line) for row in rows] == [(2, 2), (4, 5)]
    assert rows[0].cells["title"] == "two\nlines"


def test_an_open_quote_costs_only_its_own_line(csv_file):
    rows = rows_of(csv_file('sku,name,price\nA,x,1\nB,"never closed,2\nC,y,3\nD,"fine, too",4\nE,"open at the end,5\n'))
    assert [(row.line, row.cells and row.cells["sku"]) for row in rows] == [
        (2, "A"), (3, None), (4, "C"), (5, "D"), (6, None)
    ]  # fmt: skip
    assert "quote" in rows[1].fault


def test_an_endless_line_is_one_refused_row(csv_file):
    rows = rows_of(csv_file("sku,name,price\nA," + "x" * 2_500_000 + ",1\nB,y,2\n"))
    assert [row.cells and row.cells["sku"] for row in rows] == [None, "B"]


def test_too_many_cells_are_refused_and_too_few_are_empty(csv_file):
    rows = rows_of(csv_file("sku,name,price\nA,x,1,2,3\nB,y\nC,z,1,,\n"))
    assert rows[0].cells is None and "5 cells" in rows[0].fault
    assert rows[1].cells == {"sku": "B", "title": "y"}
    assert rows[2].cells == {"sku": "C", "title": "z", "price": "1"}


def test_a_good_row_is_read_as_it_stands(csv_file):
    plan, faults = planned(
        'sku,name,price,currency,description,category,stock,status\n'
        'A-1,"“Oxford” shoe, size 38",59.90,eur,=SUM(A1),Shoes,12,\n', csv_file)[0]  # fmt: skip
    assert not faults
    values = plan.values
    assert (plan.name, values.title, values.price, values.currency) == ("A-1", "“Oxford” shoe, size 38", "59.90", "EUR")
    assert (values.description, values.category, values.stock, values.status) == ("=SUM(A1)", "shoes", 12, "published")


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@cmd", "=HYPERLINK(1)"])
def test_formula_cells_stay_plain_text(cell, csv_file):
    plan, _ = planned(f"sku,name,price\n{cell},{cell},5\n", csv_file)[0]
    assert (plan.values.sku, plan.values.title) == (cell, cell)


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("price", "twelve", "bad_price"),
        ("price", "-1", "bad_price"),
        ("price", "12.505", "bad_price"),
        ("price", "1000000", "bad_price"),
        ("price", "", "blank"),
        ("title", " ", "blank"),
        ("title", "x" * 201, "too_long"),
        ("title", "bell\x07", "control_character"),
        ("sku", "", "blank"),
        ("sku", "x" * 65, "too_long"),
        ("currency", "BTC", "unknown_currency"),
        ("category", "shooes", "unknown_category"),
        ("stock", "2.5", "bad_stock"),
        ("stock", "-1", "bad_stock"),
        ("stock", "٣", "bad_stock"),
        ("compare_at", "x", "bad_price"),
        ("status", "deleted", "unknown_status"),
        ("pictures", "javascript:alert(1)", "bad_link"),
    ],
)
def test_a_wrong_cell_is_named(column, cell, code, csv_file):
    cells = {"sku": "A", "title": "Lamp", "price": "5"} | {column: cell}
    plan, faults = planned(f"{','.join(cells)}\n{','.join(cells.values())}\n", csv_file)[0]
    assert plan is None
    assert [(fault.row, fault.column, fault.code) for fault in faults] == [(2, column, code)]


def test_all_faults_of_a_row_are_told_at_once(csv_file):
    _, faults = planned("sku,name,price,stock\n,,x,y\n", csv_file)[0]
    assert sorted(fault.column for fault in faults) == ["price", "sku", "stock", "title"]


def test_a_course_without_a_slug_has_that_of_its_title(csv_file):
    plan, _ = planned("title,price,seats\nSalsa für Anfänger,100,16\n", csv_file, COURSE)[0]
    assert (plan.name, plan.values.stock) == ("salsa-fur-anfanger", 16)


@pytest.mark.parametrize("slug", ["Salsa", "a--b", "-a", "a b", "a/b"])
def test_a_slug_must_be_one(slug, csv_file):
    plan, faults = planned(f"slug,title,price\n{slug},Salsa,100\n", csv_file, COURSE)[0]
    assert plan is None and faults[0].code == "bad_slug"
