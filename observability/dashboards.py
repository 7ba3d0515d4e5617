"""The one screen: is it well, do we keep our word, and which of the five verbs is behind. Read from top to bottom.

`python -m observability.dashboards` writes `observability/dashboards/*.json`; Grafana reads these, operators need no
Python. Titles are for operators of the data centre, in Vietnamese.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard as made

from observability.panels import ORANGE, PROMETHEUS, RED, Panel, Query, placed

FOLDER = Path(__file__).with_name("dashboards")
SCREEN = "suoi.json"
COLUMNS = 24
_OF = 'source=~"$source"'
_LIVE = f'{_OF}, mode="$mode"'
_PROMISE = f"suoi_source_freshness_promise_seconds{{{_OF}}}"
_AGE = f"(time() - suoi_source_heartbeat_timestamp_seconds{{{_OF}}})"
_SPAN = "[$__rate_interval]"
_ZERO = f"0 * count({_PROMISE})"
"""Nought while somebody measures, and nothing when nobody does: a screen without figures must not look well."""


def _quantile(which: str, buckets: str) -> str:
    return f"histogram_quantile({which}, sum by (le) (rate({buckets}{_SPAN})))"


def _written(outcome: str, stage: str) -> str:
    return f'sum(rate(suoi_records_total{{{_LIVE}, stage="{stage}", outcome="{outcome}"}}{_SPAN}))'


_E2E = f"suoi_end_to_end_latency_seconds_bucket{{{_LIVE}}}"
_INSERTS = 'suoi_sink_insert_{}{{table=~"($source)[.].*"}}'
_LOOKUPS = f"suoi_codelist_lookups_total{{{_OF}"
_LOOKED_UP = f"sum by (codelist) (rate({_LOOKUPS}}}[15m]))"
_LETTERS = """
SELECT agency AS "Nguồn", `table` AS "Bảng", reason AS "Lý do", actor AS "Ai xử lý", count() AS "Bản ghi",
  min(time) AS "Từ lúc"
FROM ops.dead_letter_open WHERE match(agency, '^(${source:pipe})$')
GROUP BY agency, `table`, reason, actor ORDER BY count() DESC LIMIT 20
""".strip()

VERDICT = (
    Panel(
        "stat", "Nguồn trễ hẹn", "Bao nhiêu nguồn không mới như đã hứa?", "0; nếu khác, gõ suoi status", "short", 4,
        (Query(f"count({_PROMISE}) - (count({_AGE} <= on (source) {_PROMISE}) or {_ZERO})"),), ((1, RED),),
    ),
    Panel(
        "stat", "Từ nguồn đến kho (p99)", "99 % thay đổi đọc được trong kho sau bao lâu?", "dưới 2 giây", "s", 4,
        (Query(_quantile("0.99", _E2E), quiet=True),), ((2, ORANGE), (5, RED)), "đang yên",
    ),
    Panel(
        "stat", "Tồn đọng", "Bản ghi chờ lâu nhất đã chờ bao lâu?", "dưới 5 giây", "s", 4,
        (Query('max(suoi_stage_lag_seconds{mode="$mode"})'),), ((5, ORANGE), (30, RED)),
    ),
    Panel(
        "stat", "Bản ghi bị từ chối", "Bao nhiêu bản ghi đang chờ người xử lý?", "0; bảng bên dưới nói ai xử lý",
        "short", 4, (Query(f"sum(suoi_dead_letters_open{{{_OF}}}) or {_ZERO}"),), ((1, ORANGE), (1000, RED)),
    ),
    Panel(
        "stat", "Nhật ký nguồn phải giữ", "Nguồn giữ nhật ký cho ta đến đâu so với giới hạn?",
        "dưới 50 %; đến 100 % thì Suối buông nguồn để không làm hại", "percentunit", 4,
        (Query(f"max(suoi_source_log_kept_bytes{{{_OF}}} / on (source) suoi_source_log_limit_bytes{{{_OF}}})"),),
        ((0.5, ORANGE), (0.8, RED)),
    ),
    Panel(
        "stat", "Dòng sai lệch", "Đối soát còn thấy bao nhiêu dòng khác với nguồn?",
        "0; nếu khác, gõ suoi reconcile --repair", "short", 4,
        (Query(f"sum(suoi_reconcile_drift_rows{{{_OF}}}) or {_ZERO}"),), ((1, RED),),
    ),
)  # fmt: skip

PROMISE = (
    Panel(
        "bars", "Độ tươi so với lời hứa", "Nguồn nào cũ nhất, so với hạn đã hứa?", "dưới 100 %", "percentunit", 7,
        (Query(f"sort_desc({_AGE} / on (source) {_PROMISE})", "{{source}}"),), ((0.7, ORANGE), (1, RED)),
    ),
    Panel(
        "lines", "Từ lúc ghi ở nguồn đến lúc đọc được", "Một thay đổi đi qua hết các chặng trong bao lâu?",
        "p99 dưới vạch 2 giây", "s", 9,
        (Query(_quantile("0.5", _E2E), "p50", quiet=True), Query(_quantile("0.99", _E2E), "p99", quiet=True)),
        ((2, RED),), "đang yên",
    ),
    Panel(
        "table", "Bảng chưa sống", "Bảng nào đang nạp, tạm nghỉ hay bị dừng?", "không có bảng nào", "short", 8,
        (Query(f'sum by (source, table, state) (suoi_table_state{{{_OF}, state!="live"}} == 1)', quiet=True),),
        nothing="mọi bảng đều sống", columns=(("source", "Nguồn"), ("table", "Bảng"), ("state", "Trạng thái")),
    ),
)  # fmt: skip

CAPTURE = (
    Panel(
        "states", "BẮT: cơ sở dữ liệu và bộ bắt thay đổi", "Nguồn có trả lời, thay đổi có rời nguồn không?",
        "mọi vạch đều xanh", "short", 9,
        (
            Query(f"min by (source) (suoi_source_up{{{_OF}}})", "{{source}}: cơ sở dữ liệu"),
            Query(f'min by (source) (suoi_connector_state{{{_OF}, state="RUNNING"}})', "{{source}}: bộ bắt"),
        ),
    ),
    Panel(
        "lines", "BẮT: nhật ký nguồn giữ cho ta", "Ta làm nguồn tốn bao nhiêu đĩa?",
        "đi ngang; leo mãi là ta không đọc kịp hoặc đã ngừng đọc", "bytes", 8,
        (Query(f"max by (source) (suoi_source_log_kept_bytes{{{_OF}}})", "{{source}}"),),
    ),
    Panel(
        "lines", "BẮT: đang đọc lại từ nguồn", "Bao nhiêu lượt nạp chưa xong, và vì sao?",
        "không có gì, hoặc giảm dần", "short", 7,
        (Query(f"sum by (why) (suoi_loads_under_way{{{_OF}}})", "{{why}}", quiet=True),), nothing="không nạp gì",
    ),
)  # fmt: skip

PROCESS = (
    Panel(
        "lines", "XỬ LÝ: chặng nào chậm", "Bản ghi chờ lâu nhất ở mỗi chặng?", "dưới vạch 5 giây", "s", 7,
        (
            Query('max(suoi_stage_lag_seconds{mode="$mode", stage="process"})', "xử lý"),
            Query('max(suoi_stage_lag_seconds{mode="$mode", stage="serve"})', "phục vụ"),
        ),
        ((5, RED),),
    ),
    Panel(
        "lines", "XỬ LÝ: bản ghi mỗi giây", "Dữ liệu có chảy không, có bị từ chối không?",
        "hai đường đầu đi cùng nhau, đường thứ ba bằng 0", "rps", 8,
        (
            Query(_written("ok", "process"), "đã thống nhất mã"),
            Query(_written("ok", "serve"), "đã vào kho"),
            Query(_written("dead", "process"), "bị từ chối"),
        ),
    ),
    Panel(
        "table", "Bản ghi bị từ chối: ai phải làm gì", "Gọi cho ai?", "không có dòng nào", "short", 9,
        (Query(_LETTERS, quiet=True),), nothing="không có bản ghi nào bị từ chối", sql=True,
    ),
)  # fmt: skip

SERVE = (
    Panel(
        "bars", "Ý NGHĨA: mã không tra được", "Danh mục nào có nhiều mã lạ nhất?",
        "như mọi ngày; tăng vọt là có mã mới",
        "percentunit", 6,
        (
            Query(
                f'topk(8, (sum by (codelist) (rate({_LOOKUPS}, outcome=~"unmapped|contradiction"}}[15m])) '
                f"or 0 * {_LOOKED_UP}) / {_LOOKED_UP})",
                "{{codelist}}",
                quiet=True,
            ),
        ),
        ((0.05, ORANGE), (0.2, RED)), "đang yên",
    ),
    Panel(
        "lines", "PHỤC VỤ: một lần ghi vào kho", "Kho ghi có nhanh không?", "p99 dưới 1 giây", "s", 5,
        (
            Query(_quantile("0.5", _INSERTS.format("duration_seconds_bucket")), "p50", quiet=True),
            Query(_quantile("0.99", _INSERTS.format("duration_seconds_bucket")), "p99", quiet=True),
        ),
        ((1, RED),), "đang yên",
    ),
    Panel(
        "lines", "PHỤC VỤ: dòng mỗi lần ghi", "Có ghi lắt nhắt không?", "hàng trăm trở lên khi nguồn bận", "short", 4,
        (
            Query(
                f"sum(rate({_INSERTS.format('rows_sum')}{_SPAN})) / sum(rate({_INSERTS.format('rows_count')}{_SPAN}))",
                "dòng", quiet=True,
            ),
        ),
        nothing="đang yên",
    ),
    Panel(
        "lines", "PHỤC VỤ: mảnh trong kho", "Kho có gộp kịp không?", "dưới 300", "short", 4,
        (Query(f"max by (source) (suoi_warehouse_parts{{{_OF}}})", "{{source}}"),), ((300, RED),),
    ),
    Panel(
        "bars", "PHỤC VỤ: lần đối soát cuối", "Từng nguồn được chứng minh là bằng nhau bao lâu trước?", "dưới 26 giờ",
        "s", 5,
        (
            Query(
                f"max by (source) (time() - suoi_reconcile_success_timestamp_seconds{{{_OF}}})",
                "{{source}}", quiet=True,
            ),
        ),
        ((26 * 3600, ORANGE),), "chưa đối soát xong lần nào",
    ),
)  # fmt: skip

ROWS = ((4, VERDICT), (6, PROMISE), (5, CAPTURE), (5, PROCESS), (5, SERVE))
"""Height and panels of each row."""


def panels() -> Iterator[Panel]:
    """Every panel, from top to bottom."""
    for _, row in ROWS:
        yield from row


def screen() -> made.Dashboard:
    """The board."""
    board = build.Dashboard("Suối: dữ liệu có sống không?").uid("suoi").tags(["suoi"]).timezone("browser")
    board = board.description("Từ trên xuống: khoẻ không, giữ lời không, rồi chặng nào: bắt, xử lý, ý nghĩa, phục vụ.")
    board = board.refresh("10s").time("now-1h", "now").readonly().tooltip(made.DashboardCursorSync.CROSSHAIR)
    for variable in _variables():
        board = board.with_variable(variable)
    for number, (panel, x, y, height) in enumerate(_grid(), start=1):
        board = board.with_panel(placed(panel, number, x, y, height))
    return board.build()


def files() -> dict[Path, str]:
    """Every file that is generated, as it has to be."""
    text = json.dumps(screen(), cls=JSONEncoder, indent=2, ensure_ascii=False, sort_keys=True)
    return {FOLDER / SCREEN: text + "\n"}


def main() -> int:
    """Write what differs, and say so."""
    for path, text in files().items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
            sys.stdout.write(f"{path.name}: written\n")
    return 0


def _grid() -> Iterator[tuple[Panel, int, int, int]]:
    y = 0
    for height, row in ROWS:
        x = 0
        for panel in row:
            yield panel, x, y, height
            x += panel.width
        y += height


def _variables() -> Iterator[build.DatasourceVariable | build.QueryVariable | build.CustomVariable]:
    yield build.DatasourceVariable("prometheus").label("Số đo").type("prometheus")
    yield build.DatasourceVariable("clickhouse").label("Kho").type("grafana-clickhouse-datasource")
    source = build.QueryVariable("source").label("Nguồn").datasource(PROMETHEUS)
    source = source.query("label_values(suoi_source_freshness_promise_seconds, source)").multi(True).include_all(True)
    every = made.VariableOption(True, "Tất cả", "$__all")
    yield source.all_value(".*").current(every).refresh(made.VariableRefresh.ON_TIME_RANGE_CHANGED)
    live = made.VariableOption(True, "live", "live")
    yield build.CustomVariable("mode").label("Luồng").values("live,replay").current(live)


if __name__ == "__main__":
    sys.exit(main())
