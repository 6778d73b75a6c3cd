"""Which rows a figure counted, told by the statement that counted them.

A count forgets what it counted. To list the cases behind a figure, the statement that computed it is
rewritten so that beside every counted column it carries what was counted; nothing is defined a second
time, so that the list cannot mean something else than the number. This is the provenance of aggregate
queries (Amsterdamer, Deutch and Tannen, "Provenance for aggregate queries", PODS 2011): a number is the sum
of the weights of the things behind it, and sums and differences of numbers are those of their lists.

A thing is a row of the contract: a complaint, a stage, an issue, a person. Its weight is 1 where it was
counted, and the amount or the days where these were added up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.qualify import qualify

SUFFIX = "__things"
"""A column `n` that was counted has a column `n__things`: list of struct(thing text, weight double)."""

ROW = "row__thing"
"""A column that says which thing a row is, added where no column of the statement says it any more."""

THINGS = "STRUCT(thing VARCHAR, weight DOUBLE)[]"
NOTHING = f"CAST([] AS {THINGS})"

KEYS = {
    "stage_id": "stage",
    "issue_id": "issue",
    "outcome_id": "outcome",
    "remedy_id": "remedy",
    "learning_id": "learning",
    "action_id": "action",
    "mediation_id": "mediation",
    "satisfaction_id": "satisfaction",
    "compliment_id": "compliment",
    "contact_id": "contact",
    "ombudsman_id": "ombudsman",
    "complaint_id": "complaint",
    "child_key": "child",
    "complainant_key": "complainant",
}
"""Columns that say which thing a row is, the finest first: a stage belongs to a complaint."""

ROW_VALUES = frozenset({"value", "numerator", "denominator"})
"""A measured column of a row that is one thing is that thing's own weight, where nothing was added up."""


@dataclass
class Relation:
    """What is known of a table expression.

    Attributes:
        counted: its columns that have a list of things beside them.
        keys: its columns that name a thing, with the kind of thing.
        has_unit: whether a column `unit` says whose outcome `outcome_id` is.
        row: SQL of the thing that a row is, where no column names it; `{table}` stands for its alias.
    """

    counted: set[str] = field(default_factory=set)
    keys: dict[str, str] = field(default_factory=dict)
    has_unit: bool = False
    row: str | None = None


def traced(
    sql: str,
    schema: Mapping,
    inline: Callable[[str], str | None],
    dialect: str = "duckdb",
) -> tuple[str, set[str]]:
    """Return the same statement with a list of things beside every column that counts.

    Args:
        sql: a compiled model: table expressions and a last select, or unions of them.
        schema: catalogue, schema, table, column -> type of the tables that it reads.
        inline: given a table's name, the compiled statement to put in its place (a table of counts), or None
            where its rows are things themselves.
        dialect: of both statements.

    Returns:
        The statement, and the names of the counted columns of its result.
    """
    tree = qualify(
        sqlglot.parse_one(sql, read=dialect),
        schema=schema,
        dialect=dialect,
        validate_qualify_columns=False,
        identify=False,
    )
    inlined: dict[str, exp.Expression] = {}
    for table in tree.find_all(exp.Table):
        statement = inline(table.name) if table.db else None
        if statement is None:
            continue
        if table.name not in inlined:
            inlined[table.name] = qualify(
                sqlglot.parse_one(statement, read=dialect),
                schema=schema,
                dialect=dialect,
                validate_qualify_columns=False,
                identify=False,
            )
        alias = table.alias_or_name
        table.replace(exp.Subquery(this=inlined[table.name].copy(), alias=exp.TableAlias(this=alias)))
    relation = _query(tree, {}, schema, dialect)
    return tree.sql(dialect=dialect), relation.counted


def _query(query: exp.Expression, known: Mapping[str, Relation], schema: Mapping, dialect: str) -> Relation:
    """Rewrite a select or a union in place, its own table expressions first."""
    known = dict(known)
    with_ = query.args.get("with_") or query.args.get("with")
    for table_expression in with_.expressions if with_ else []:
        known[table_expression.alias] = _query(table_expression.this, known, schema, dialect)
    if isinstance(query, exp.Subquery):
        return _query(query.this, known, schema, dialect)
    selects = _selects(query)
    plans = [_plan(select, known, schema, dialect) for select in selects]
    names = [projection.alias_or_name for projection in selects[0].expressions]
    # rows made distinct are no longer those that were counted; where nothing was counted it does no harm
    distinct = any(
        select.args.get("distinct") and any(thing not in (None, NOTHING) for thing in plan.things)
        for select, plan in zip(selects, plans, strict=True)
    ) or any(union.args.get("distinct") for union in query.find_all(exp.Union) if _is_own(union, query))
    counted = [
        place
        for place in range(len(names))
        if not distinct and any(plan.things[place] not in (None, NOTHING) for plan in plans)
    ]
    for select, plan in zip(selects, plans, strict=True):
        for place in counted:
            things = plan.things[place] or f"CAST(NULL AS {THINGS})"
            _append(select, things, names[place] + SUFFIX, dialect)
    keys = {
        name: plans[0].keys[place] or next((p.keys[place] for p in plans if p.keys[place]), None)
        for place, name in enumerate(names)
    }
    named = {name: kind for name, kind in keys.items() if kind}
    rows = [plan.row for plan in plans]
    has_row = (
        not named
        and not distinct
        and not any(select.args.get("distinct") for select in selects)
        and any(rows)
    )
    if has_row:
        for select, row in zip(selects, rows, strict=True):
            _append(select, row or "CAST(NULL AS VARCHAR)", ROW, dialect)
    return Relation(
        counted={names[place] for place in counted},
        keys=named,
        has_unit="unit" in names,
        row=f"{{table}}.{ROW}" if has_row else None,
    )


def _append(select: exp.Select, sql: str, name: str, dialect: str) -> None:
    """Add a projection."""
    select.select(exp.alias_(sqlglot.parse_one(sql, read=dialect), name), copy=False)


def _is_own(union: exp.Expression, query: exp.Expression) -> bool:
    """Return whether the union is one of those that make up `query` itself."""
    node = union
    while node is not None and node is not query:
        node = node.parent
        if node is not query and not isinstance(node, exp.SetOperation):
            return False
    return node is query


def _selects(query: exp.Expression) -> list[exp.Select]:
    """Return the selects of a union, from the first to the last."""
    if isinstance(query, exp.SetOperation):
        return [*_selects(query.left), *_selects(query.right)]
    if isinstance(query, (exp.Subquery, exp.Paren)):
        return _selects(query.this)
    if isinstance(query, exp.Select):
        return [query]
    raise ValueError(f"{type(query).__name__} is no select.")


@dataclass
class _Plan:
    """For each projection of a select: SQL of its list of things, and the kind of thing it names.

    `row` is SQL of the thing that a row of the select is, None where its rows are sums.
    """

    things: list[str | None]
    keys: list[str | None]
    row: str | None


def _plan(select: exp.Select, known: Mapping[str, Relation], schema: Mapping, dialect: str) -> _Plan:
    """Return what each projection of one select counts or names."""
    sources: dict[str, Relation] = {}
    tables = [select.args.get("from_") or select.args.get("from"), *(select.args.get("joins") or [])]
    for clause in tables:
        if clause is None:
            continue
        source = clause.this
        if isinstance(source, exp.Table):
            sources[source.alias_or_name] = (
                _leaf(source, schema) if source.db else known.get(source.name, Relation())
            )
        elif isinstance(source, exp.Subquery):
            sources[source.alias_or_name] = _query(source.this, known, schema, dialect)
    tracer = _Tracer(sources, dialect, bool(select.find(exp.AggFunc)) or bool(select.args.get("group")))
    things, keys = [], []
    for projection in select.expressions:
        inner = projection.this if isinstance(projection, exp.Alias) else projection
        own = tracer.things(inner)
        if own is None and projection.alias_or_name in ROW_VALUES and not tracer.is_aggregate:
            own = tracer.row_value(inner)
        things.append(own)
        keys.append(tracer.kind(inner))
    return _Plan(things, keys, None if tracer.is_aggregate else tracer.row_key())


def _leaf(table: exp.Table, schema: Mapping) -> Relation:
    """Return a table of the warehouse: its rows are things, at the least rows of a file."""
    columns = schema.get(table.catalog, {}).get(table.db, {}).get(table.name, {})
    keys = {name: KEYS[name] for name in columns if name in KEYS}
    is_given = not keys and "extract_id" in columns and "source_row" in columns
    return Relation(
        keys=keys,
        has_unit="unit" in columns,
        row="'row:' || {table}.extract_id || ':' || {table}.source_row" if is_given else None,
    )


@dataclass
class _Tracer:
    """Finds what expressions of one select count."""

    sources: Mapping[str, Relation]
    dialect: str
    is_aggregate: bool

    def things(self, node: exp.Expression) -> str | None:
        """SQL of the list of things that make up a number, or None where it is made of none."""
        if isinstance(node, exp.Column):
            source = self.sources.get(node.table)
            if source and node.name in source.counted:
                return f"{node.table}.{node.name}{SUFFIX}"
            return None
        if isinstance(node, (exp.Cast, exp.Paren)):
            return self.things(node.this)
        if isinstance(node, exp.Null) or (isinstance(node, exp.Literal) and _is_zero(node)):
            return NOTHING
        if isinstance(node, exp.Count):
            return self._count(node)
        if isinstance(node, exp.Sum) and not isinstance(node.parent, exp.Window):
            return self._sum(node)
        if isinstance(node, exp.Coalesce):
            parts = [self.things(part) for part in (node.this, *node.expressions)]
            return None if None in parts or set(parts) == {NOTHING} else f"COALESCE({', '.join(parts)})"
        if isinstance(node, exp.Case) and not node.this:
            return self._case(node)
        if isinstance(node, (exp.Add, exp.Sub)):
            left, right = self.things(node.left), self.things(node.right)
            if left is None or right is None or {left, right} == {NOTHING}:
                return None
            if isinstance(node, exp.Sub):
                right = f"LIST_TRANSFORM({right}, lambda one: {{'thing': one.thing, 'weight': -one.weight}})"
            return f"LIST_CONCAT({left}, {right})"
        return None

    def _case(self, node: exp.Case) -> str | None:
        """Return, for a choice between numbers, the same choice between their lists."""
        results = [self.things(branch.args["true"]) for branch in node.args["ifs"]]
        default = node.args.get("default")
        results.append(NOTHING if default is None else self.things(default))
        if None in results or set(results) == {NOTHING}:
            return None
        whens = " ".join(
            f"WHEN {branch.this.sql(dialect=self.dialect)} THEN {result}"
            for branch, result in zip(node.args["ifs"], results, strict=False)
        )
        return f"CASE {whens} ELSE {results[-1]} END"

    def _count(self, node: exp.Count) -> str | None:
        """Return the things of a count: each row's thing, or each distinct value as a thing of its own."""
        counted = node.this
        if isinstance(counted, exp.Distinct):
            value = counted.expressions[0]
            text = value.sql(dialect=self.dialect)
            key = self._key_within(value)
            if key is None:
                key = f"'{self._kind_of_value(value)}:' || CAST({text} AS VARCHAR)"
            if isinstance(value, (exp.Column, exp.Case)):
                listed = f"LIST(DISTINCT {key}) FILTER (WHERE {text} IS NOT NULL)"
                one = "{'thing': one, 'weight': CAST(1 AS DOUBLE)}"
            else:
                listed = (
                    f"LIST(DISTINCT {{'thing': {key}, 'value': {text}}}) FILTER (WHERE {text} IS NOT NULL)"
                )
                one = "{'thing': one.thing, 'weight': CAST(1 AS DOUBLE)}"
            return f"COALESCE(LIST_TRANSFORM({listed}, lambda one: {one}), {NOTHING})"
        key = self.row_key()
        if key is None:
            return None
        condition = "" if isinstance(counted, exp.Star) else counted.sql(dialect=self.dialect)
        condition = f" FILTER (WHERE {condition} IS NOT NULL)" if condition else ""
        return f"COALESCE(LIST({{'thing': {key}, 'weight': CAST(1 AS DOUBLE)}}){condition}, {NOTHING})"

    def _sum(self, node: exp.Sum) -> str | None:
        """Return the things of a sum: of counts all that they count, of amounts each row's thing with its amount."""
        inner = self.things(node.this)
        if inner is not None and inner != NOTHING:
            return f"COALESCE(FLATTEN(LIST({inner}) FILTER (WHERE LEN({inner}) > 0)), {NOTHING})"
        key = self.row_key()
        if key is None:
            return None
        value = node.this.sql(dialect=self.dialect)
        return (
            f"COALESCE(LIST({{'thing': {key}, 'weight': CAST({value} AS DOUBLE)}}) "
            f"FILTER (WHERE {value} IS NOT NULL), {NOTHING})"
        )

    def row_value(self, node: exp.Expression) -> str | None:
        """Return the value of a row that is one thing, as that thing's weight."""
        key = self.row_key()
        if key is None or isinstance(node, (exp.Literal, exp.Null)):
            return None
        value = node.sql(dialect=self.dialect)
        return (
            f"CASE WHEN {value} IS NOT NULL THEN "
            f"[{{'thing': {key}, 'weight': CAST({value} AS DOUBLE)}}] ELSE {NOTHING} END"
        )

    def kind(self, node: exp.Expression) -> str | None:
        """Return the kind of thing that an expression names, if it names one."""
        if isinstance(node, exp.Column):
            source = self.sources.get(node.table)
            return source.keys.get(node.name) if source else None
        if isinstance(node, (exp.Cast, exp.Paren)):
            return self.kind(node.this)
        if isinstance(node, exp.Case):
            branches = [branch.args["true"] for branch in node.args["ifs"]]
            kinds = {self.kind(branch) for branch in branches if not isinstance(branch, exp.Null)}
            return kinds.pop() if len(kinds) == 1 else None
        return None

    def _key_within(self, value: exp.Expression) -> str | None:
        """Return the thing that a counted value names: itself, or the finest that it is put together from."""
        kind = self.kind(value)
        if kind:
            return self._thing(kind, value.sql(dialect=self.dialect), value)
        columns = [column for column in value.find_all(exp.Column) if self.kind(column)]
        if not columns or isinstance(value, exp.Case):
            return None
        finest = min(columns, key=lambda column: list(KEYS.values()).index(self.kind(column)))
        return self._thing(self.kind(finest), finest.sql(dialect=self.dialect), finest)

    def row_key(self) -> str | None:
        """Return the thing that a row of this select is: the finest named by its first table that names any."""
        for name, source in self.sources.items():
            named = {kind: column for column, kind in reversed(source.keys.items())}
            for kind in KEYS.values():
                if kind in named:
                    column = exp.column(named[kind], table=name)
                    return self._thing(kind, column.sql(dialect=self.dialect), column)
            if source.row:
                return source.row.format(table=name)
        return None

    def _thing(self, kind: str, value: str, node: exp.Expression) -> str:
        """SQL of a thing's name, `kind:identifier`; an outcome is its stage's or its issue's."""
        column = node if isinstance(node, exp.Column) else node.find(exp.Column)
        source = self.sources.get(column.table) if column is not None else None
        if kind == "outcome" and source and source.has_unit:
            unit = f"{column.table}.unit"
            return f"CASE {unit} WHEN 'issue' THEN 'issue:' ELSE 'stage:' END || {value}"
        return f"'{kind}:' || {value}"

    def _kind_of_value(self, value: exp.Expression) -> str:
        """Return a name for distinct values that are no things of the contract, such as services."""
        column = value.find(exp.Column)
        return column.name if column is not None else "value"


def _is_zero(node: exp.Literal) -> bool:
    """Return whether a literal is the number 0."""
    return not node.is_string and float(node.this) == 0
