"""The five kinds of panel that the board uses, as values; `build` makes Grafana's own of them.

A panel asks one question and says what a healthy answer looks like. A query that is `quiet` has nothing to answer when
all is well; every other one always answers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Literal

from grafana_foundation_sdk.builders import bargauge, common, stat, statetimeline, table, timeseries
from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.builders import prometheus as prom
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models import common as words
from grafana_foundation_sdk.models import dashboard as made
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

GREEN, ORANGE, RED = "green", "orange", "red"
PROMETHEUS = made.DataSourceRef("prometheus", "${prometheus}")
CLICKHOUSE = made.DataSourceRef("grafana-clickhouse-datasource", "${clickhouse}")
STATES = {"live": "sống", "loading": "đang nạp", "paused": "tạm nghỉ", "stopped": "bị dừng"}
"""`suoi.change.TableState` for operators."""
ACTORS = {
    "nobody": "không ai",
    "operator": "người vận hành",
    "owner": "cơ quan chủ nguồn",
    "steward": "người giữ danh mục",
    "developer": "người phát triển Suối",
}
"""`suoi.errors.Actor` for operators."""
NOTHING_SAID = "mất số liệu"
Kind = Literal["stat", "lines", "bars", "states", "table"]
Step = tuple[float, str]


@dataclass(frozen=True, slots=True)
class Query:
    """PromQL, or SQL of the warehouse, and what its lines are called."""

    expr: str
    legend: str = ""
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """One question. `unit` is Grafana's word for it; `steps` are the values from which on a colour holds."""

    kind: Kind
    title: str
    question: str
    healthy: str
    unit: str
    width: int
    queries: tuple[Query, ...]
    steps: tuple[Step, ...] = ()
    nothing: str = NOTHING_SAID
    sql: bool = False
    columns: tuple[tuple[str, str], ...] = ()
    """Of a table: labels and what they are called; what is not named is not shown."""


class Sql(Builder[Dataquery], Dataquery):
    """A query of Grafana's ClickHouse plugin, which the SDK has no words for."""

    def __init__(self, text: str, ref: str) -> None:
        self._text, self._ref = text, ref

    def build(self) -> Dataquery:
        """Itself."""
        return self

    def to_json(self) -> dict[str, object]:
        """As the plugin stores it: raw SQL that answers with a table."""
        source = CLICKHOUSE.to_json()
        asked = {"editorType": "sql", "queryType": "table", "format": 1, "rawSql": self._text}
        return {"refId": self._ref, "datasource": source, **asked}


def placed(panel: Panel, number: int, x: int, y: int, height: int) -> Builder[made.Panel]:
    """The panel on the grid of 24 columns."""
    drawn = _drawn(panel)
    drawn = drawn.id(number).title(panel.title).description(f"{panel.question}\n\nKhoẻ: {panel.healthy}")
    drawn = drawn.unit(panel.unit).no_value(panel.nothing).thresholds(_thresholds(panel.steps))
    drawn = drawn.datasource(CLICKHOUSE if panel.sql else PROMETHEUS)
    for ref, query in zip(ascii_uppercase, panel.queries, strict=False):
        drawn = drawn.with_target(Sql(query.expr, ref) if panel.sql else _prometheus(panel, query, ref))
    return drawn.grid_pos(made.GridPos(height, panel.width, x, y))


Drawn = stat.Panel | timeseries.Panel | bargauge.Panel | statetimeline.Panel | table.Panel


def _drawn(panel: Panel) -> Drawn:
    match panel.kind:
        case "stat":
            number = stat.Panel().reduce_options(_last()).graph_mode(words.BigValueGraphMode.NONE)
            return number.color_mode(words.BigValueColorMode.BACKGROUND)
        case "lines":
            return _lines(panel.steps)
        case "bars":
            return bargauge.Panel().reduce_options(_last()).orientation(words.VizOrientation.HORIZONTAL).min(0)
        case "states":
            return statetimeline.Panel().mappings([_running()]).show_value(words.VisibilityMode.NEVER)
        case "table":
            drawn = table.Panel().mappings([_in_vietnamese()])
            return drawn.with_transformation(_named(panel.columns)) if panel.columns else drawn


def _lines(steps: Sequence[Step]) -> timeseries.Panel:
    legend = common.VizLegendOptions().show_legend(True).placement(words.LegendPlacement.BOTTOM)
    legend = legend.display_mode(words.LegendDisplayMode.LIST)
    drawn = timeseries.Panel().legend(legend).min(0).fill_opacity(10)
    line = words.GraphThresholdsStyleMode.DASHED if steps else words.GraphThresholdsStyleMode.OFF
    return drawn.thresholds_style(common.GraphThresholdsStyleConfig().mode(line))


def _prometheus(panel: Panel, query: Query, ref: str) -> prom.Dataquery:
    asked = prom.Dataquery().expr(query.expr).ref_id(ref).datasource(PROMETHEUS)
    if query.legend:
        asked = asked.legend_format(query.legend)
    if panel.kind == "table":
        return asked.instant().format(PromQueryFormat.TABLE)
    return asked.instant() if panel.kind in ("stat", "bars") else asked.range()


def _thresholds(steps: Sequence[Step]) -> build.ThresholdsConfig:
    first = made.Threshold(None, GREEN)
    rest = [made.Threshold(value, color) for value, color in steps]
    return build.ThresholdsConfig().mode(made.ThresholdsMode.ABSOLUTE).steps([first, *rest])


def _last() -> common.ReduceDataOptions:
    return common.ReduceDataOptions().calcs(["lastNotNull"])


def _named(columns: Sequence[tuple[str, str]]) -> made.DataTransformerConfig:
    order = {name: place for place, (name, _) in enumerate(columns)}
    hidden = dict.fromkeys(("Time", "Value"), True)
    options = {"excludeByName": hidden, "indexByName": order, "renameByName": dict(columns)}
    return made.DataTransformerConfig(id_val="organize", options=options)


def _in_vietnamese() -> made.ValueMap:
    return made.ValueMap({word: made.ValueMappingResult(text) for word, text in {**STATES, **ACTORS}.items()})


def _running() -> made.ValueMap:
    words_of = {
        "1": made.ValueMappingResult("chạy", GREEN, index=0),
        "0": made.ValueMappingResult("dừng", RED, index=1),
    }
    return made.ValueMap(words_of)
