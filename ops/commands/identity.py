"""`suoi identity ...`: how well persons are told apart where the truth is known, and whether they are served right."""

from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from ops.commands.context import AsJson, where
from ops.console import say, say_json, table
from ops.exits import BAD, OK
from ops.identity.evaluate import Evaluation, evaluate, write_clusters
from ops.identity.events import read_events
from ops.identity.outside import Outside
from ops.identity.scores import Scores
from ops.identity.training import learn, live, put_in_force, report, write_report
from ops.identity.truth import read_truth
from ops.identity.veil import Veil
from ops.identity.verifying import Verified, verify
from streams.identity.garbage import collect_seldom
from streams.identity.snapshots import InForce
from suoi.codelists.lists import Lists
from suoi.resources import resource

_MOST_TOLD = 20


def commands() -> typer.Typer:
    """The group `identity`."""
    app = typer.Typer(no_args_is_help=True, help="Who is who, and how well that is known.")
    app.callback()(_group)
    app.command("evaluate")(evaluate_events)
    app.command("train")(train_model)
    app.command("verify")(verify_persons)
    return app


def _group() -> None:
    """Who is who, and how well that is known."""
    collect_seldom()


def evaluate_events(
    events: Annotated[Path, typer.Option(help="JSON lines: i, src, pk, lsn, op, after.")],
    sources: Annotated[Path, typer.Option(help="Folder with one source file per src.")],
    truth: Annotated[Path, typer.Option(help="CSV: i,person, and role where a row tells of several persons.")],
    out: Annotated[Path | None, typer.Option(help="Where the clusters go: src,pk,role,cluster,tier.")] = None,
    model: Annotated[
        Literal["learned", "shipped"], typer.Option(help="Weights learned from these rows, without the truth; or ours.")
    ] = "learned",
    as_json: AsJson = False,
) -> None:
    """Match outside events as the stream does and hold the outcome against the truth: docs/identity.md."""
    known, changes = read_truth(truth), list(read_events(events))
    lists = Lists.load(resource("codelists"))
    found = evaluate(changes, Outside(sources, lists), known, lists, model == "learned")
    if out is not None:
        write_clusters(out, found)
    if as_json:
        say_json(_as_data(found))
    else:
        _tell(found)


def train_model(
    context: typer.Context,
    out: Annotated[
        Path | None, typer.Option("--report", help="Where the report goes (Markdown); shown if not.")
    ] = None,
    apply: Annotated[
        bool, typer.Option("--apply", help="Put the model in force: the persons are worked out anew.")
    ] = False,
) -> None:
    """Learn from the rows of the running stack what their fields are worth, without knowing who is who."""
    settings = where(context).settings()
    with closing(InForce(settings)) as models:
        base = models.refresh()
    model = learn(live(settings), base)
    lines = report(model, base)
    if out is None:
        say("\n".join(lines))
    else:
        write_report(out, lines)
    if apply:
        put_in_force(settings, model)
    said = "is in force: the identity worker rebuilds its store" if apply else "is not in force; --apply puts it"
    say(f"model {model.name} {model.version} {said}")


def verify_persons(
    context: typer.Context,
    as_json: AsJson = False,
    timeout: Annotated[float, typer.Option(help="Seconds to wait for the sink.")] = 120.0,
) -> None:
    """Compare the persons that are served with a batch rebuild, while changes go on; exit code 0 only when equal."""
    here = where(context)
    found = verify(here.settings(), here.clock, timeout)
    if as_json:
        fields = {"rows": found.rows, "persons": found.persons, "newer": found.newer, "equal": found.equal}
        say_json({**fields, "otherwise": len(found.otherwise), "not_served": len(found.not_served)})
    else:
        say(f"{found.rows:,} rows of {found.persons:,} persons: {'equal' if found.equal else 'DIFFERENT'}")
        _tell_differences(found)
    raise typer.Exit(OK if found.equal else BAD)


def _tell_differences(found: Verified) -> None:
    veil = Veil()
    for rows in found.otherwise[:_MOST_TOLD]:
        say(f"not the same rows in a batch rebuild: {' '.join(veil.row(rid, None) for rid in sorted(rows))}")
    for rid in found.not_served[:_MOST_TOLD]:
        say(f"served otherwise than the worker says: {veil.row(rid, None)}")
    told = min(len(found.otherwise), _MOST_TOLD) + min(len(found.not_served), _MOST_TOLD)
    if (more := len(found.otherwise) + len(found.not_served) - told) > 0:
        say(f"{more} more differences")
    if found.newer:
        say(f"{found.newer} rows were said again meanwhile")


def _tell(found: Evaluation) -> None:
    columns = ("tier", "pairs f1", "precision", "recall", "clusters f1", "precision", "recall", "wrong per 10,000")
    table(columns, [(tier, *_cells(of)) for tier, of in (("all", found.all), ("certified", found.certified))])
    say(f"{found.all.rows:,} rows of {found.all.persons:,} persons in {found.all.clusters_found:,} clusters")
    say(
        f"{found.events:,} events, {found.events_per_second:,.0f} events/s: read {found.reading_seconds:.1f} s, "
        f"{found.records:,} records matched in {found.matching_seconds:.1f} s, "
        f"{found.records_matched_per_second:,.0f} records/s; trained {found.training_seconds:.1f} s"
    )


def _cells(of: Scores) -> tuple[str, ...]:
    rates = (*asdict(of.pairs).values(), *asdict(of.clusters).values())
    return (*(f"{rate:.5f}" for rate in rates), f"{of.wrong_merge_per_10000:.2f}")


def _as_data(found: Evaluation) -> dict[str, object]:
    tiers = {"all": found.all, "certified": found.certified}
    return {
        **{tier: {**asdict(of), "wrong_merge_per_10000": of.wrong_merge_per_10000} for tier, of in tiers.items()},
        "events": found.events,
        "events_per_second": found.events_per_second,
        "records": found.records,
        "records_matched_per_second": found.records_matched_per_second,
        "reading_seconds": found.reading_seconds,
        "training_seconds": found.training_seconds,
        "matching_seconds": found.matching_seconds,
    }
