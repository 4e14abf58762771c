"""The figures on the terminal, and the page and charts of the documents."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table

from tests.bench.peers import limits, tables
from tests.bench.peers.catalog import PACKAGES

if TYPE_CHECKING:
    from rich.console import Console

    from tests.bench.peers.tables import Sheet

Results = dict[str, Any]
SHEETS = (tables.log_calls, tables.kills, tables.starts, tables.stores, tables.run_tables)
PAGE = Path(__file__).with_name("page.md")


def print_tables(results: Results, console: Console) -> None:
    """All tables, and what failed."""
    for sheet in [*(make(results) for make in SHEETS), limits.sheet(results)]:
        if sheet.rows:
            console.print(_rich(sheet))
    for failure in tables.failures(results):
        console.print(f"[red]{failure}[/]")


def write_docs(results: Results, folder: Path) -> None:
    """Write ``benchmarks.md`` and its charts."""
    from tests.bench.peers.plots import save_charts

    images = folder / "images"
    save_charts(results, images)
    (folder / "benchmarks.md").write_text(page(results), encoding="utf-8")


def page(results: Results) -> str:
    """The page, without a date: it changes when the figures do."""
    sheets = {make.__name__: markdown(make(results)) for make in SHEETS}
    images = {
        f"{name}_image": f"![{text}](images/benchmark-{name}.svg)"
        for name, text in {
            "log": "What a log call costs, and what a kill takes",
            "start": "Imports and tiny runs",
            "store": "Bytes a point, and reading a curve",
        }.items()
    }
    failures = "".join(f"- Not measured: {failure}.\n" for failure in tables.failures(results))
    return PAGE.read_text(encoding="utf-8").format(
        **sheets,
        **images,
        limits=markdown(limits.sheet(results)),
        machine=_machine(results["machine"]),
        runs=_runs(results),
        versions=_versions(results["environments"]),
        failures=failures,
        curve_points=tables.CURVE_POINTS,
    )


def markdown(sheet: Sheet) -> str:
    """A table in Markdown; figures to the right."""
    lines = [sheet.headings, ("---", *["---:"] * (len(sheet.headings) - 1)), *sheet.rows]
    return "\n".join(f"| {' | '.join(cell for cell in line)} |" for line in lines)


def _rich(sheet: Sheet) -> Table:
    table = Table(title=_plain(sheet.title), title_justify="left")
    for heading in sheet.headings:
        table.add_column(_plain(heading), justify="right" if heading else "left")
    for row in sheet.rows:
        table.add_row(*map(_coloured, row), style="bold" if row[0].startswith("**") else "")
    return table


def _coloured(cell: str) -> str:
    text = _plain(cell)
    return {"reached": "[green]reached[/]", "not reached": "[red]not reached[/]"}.get(text, text)


def _plain(text: str) -> str:
    return text.replace("**", "").replace("*", "").replace("`", "")


def _machine(machine: dict[str, Any]) -> str:
    return f"{machine['cores']} cores, {machine['system']}, Python {machine['python']}"


def _runs(results: Results) -> str:
    again = [results["tools"][key]["title"] for key in results.get("again", ())]
    return f"Measured again after the others: {'; '.join(again)}." if again else "All of it belongs to one run."


def _versions(environments: dict[str, Any]) -> str:
    found = []
    for name, packages in PACKAGES.items():
        versions = {
            key.lower().replace("_", "-"): one for key, one in environments.get(name, {}).get("versions", {}).items()
        }
        keys = {package: package.lower().replace("_", "-") for package in packages}
        found += [f"{package} {versions[key]}" for package, key in keys.items() if key in versions]
    return ", ".join(found) or "no peer was there"
