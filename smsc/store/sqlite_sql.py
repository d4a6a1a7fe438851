"""The SQL of a table, but for what puts and deletes its rows."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from smsc.store.base import Partial, StoreError, Table, indexed

Step = tuple[str, Sequence[Any]]


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def create_table(table: Table) -> str:
    """The table as it stands in the file. STRICT keeps what is read equal to what was put."""
    key, *others = zip(table.columns, table.types, strict=True)
    columns = [f"{key[0]} {key[1]} NOT NULL PRIMARY KEY", *(f"{column} {kind}" for column, kind in others)]
    # An INTEGER key is the row's own number; any other key would be kept twice in a table with row numbers.
    form = "STRICT" if key[1] == "INTEGER" else "STRICT, WITHOUT ROWID"
    return f"CREATE TABLE {table.name} ({', '.join(columns)}) {form}"


def index_name(table: Table, index: tuple[str, ...] | Partial) -> str:
    """Says all about the index, so that another definition has another name."""
    name = f"{table.name}_by_{'_'.join(indexed(index))}"
    return f"{name}_where_{index.column}_{index.value}" if isinstance(index, Partial) else name


def create_index(table: Table, index: tuple[str, ...] | Partial) -> str:
    where = f" WHERE {index.column} = {index.value:d}" if isinstance(index, Partial) else ""
    columns = ", ".join(indexed(index))
    return f"CREATE INDEX {quoted(index_name(table, index))} ON {table.name} ({columns}){where}"


class Conditions:
    """Collects a WHERE clause and its parameters, checking that the columns exist."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.values: list[Any] = []
        self._terms: list[str] = []
        self._partial = {index.column for index in table.indexes if isinstance(index, Partial)}

    def equal(self, where: Mapping[str, Any]) -> None:
        for name, value in where.items():
            if value is None:
                self._terms.append(f"{self._column(name)} IS NULL")
            elif name in self._partial and isinstance(value, int):
                # Written out: behind a parameter the planner can not see that a partial index serves.
                self._terms.append(f"{self._column(name)} = {value:d}")
            else:
                self._terms.append(f"{self._column(name)} = ?")
                self.values.append(value)

    def compare(self, limits: Mapping[str, Any], operator: str) -> None:
        for name, value in limits.items():
            self._terms.append(f"{self._column(name)} {operator} ?")
            self.values.append(value)

    def either(self, any_of: Mapping[str, Any]) -> None:
        """One of these columns has its value."""
        self._terms.append("(" + " OR ".join(f"{self._column(name)} = ?" for name in any_of) + ")")
        self.values += any_of.values()

    def join(self, others: "Conditions") -> None:
        self.values += others.values
        self._terms += others._terms

    def named(self, columns: tuple[str, ...]) -> str:
        """The columns that are wanted, all of them when none is named."""
        return ", ".join(map(self._column, columns or self.table.columns))

    def text(self) -> str:
        return f" WHERE {' AND '.join(self._terms)}" if self._terms else ""

    def _column(self, name: str) -> str:
        known_columns(self.table, (name,))
        return name


class Walk:
    """Walks a table by key, a window at a time: each step is short, whatever it finds."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._chosen = Conditions(table)
        self._after: Any = None

    def window(self, rows: int) -> Step:
        """Selects the last key of the next `rows` rows; no row when fewer are left."""
        reach = self._reach(None)
        key, name = self._table.columns[0], self._table.name
        return (
            f"SELECT {key} FROM {name}{reach.text()} ORDER BY {key} LIMIT 1 OFFSET {rows - 1}",
            reach.values,
        )

    def step(self, verb: str, last: Any) -> Step:
        """Does it to what is chosen up to the key `last` (None: to the end), and moves on behind it."""
        conditions = self._reach(last)
        conditions.join(self._chosen)
        self._after = last
        return f"{verb} FROM {self._table.name}{conditions.text()}", conditions.values

    def _reach(self, last: Any) -> "Conditions":
        key = self._table.columns[0]
        reach = Conditions(self._table)
        if self._after is not None:
            reach.compare({key: self._after}, ">")
        if last is not None:
            reach.compare({key: last}, "<=")
        return reach


class Prune(Walk):
    """A deletion that walks the table."""

    def __init__(self, table: Table, column: str, below: int | float, where: Mapping[str, Any]) -> None:
        super().__init__(table)
        self._chosen.compare({column: below}, "<")
        self._chosen.equal(where)

    def delete(self, last: Any) -> Step:
        """Deletes what is to go up to the key `last`."""
        return self.step("DELETE", last)


class Scan(Walk):
    """A selection that walks the table."""

    def __init__(self, table: Table, any_of: Mapping[str, Any]) -> None:
        super().__init__(table)
        self._chosen.either(any_of)

    def select(self, last: Any) -> Step:
        """Selects what is wanted up to the key `last`."""
        return self.step(f"SELECT {', '.join(self._table.columns)}", last)


def known_columns(table: Table, names: Iterable[str]) -> None:
    """Raise StoreError for a column that is none; names go into the SQL as they are."""
    for name in names:
        if name not in table.columns:
            raise StoreError(f"table {table.name} has no column {name}")


def order_by(table: Table, order: Iterable[str], descending: bool) -> str:
    """The primary key comes last, so that the order is the same on every store and in every run."""
    columns = list(dict.fromkeys((*order, table.columns[0])))
    known_columns(table, columns)
    return " ORDER BY " + ", ".join(f"{name} DESC" if descending else name for name in columns)
