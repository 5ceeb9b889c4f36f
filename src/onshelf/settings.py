"""Every process setting in one table: name, type, default, unit, help in two languages, secret or not.

Read once by a door and frozen; precedence: argument > environment (`ONSHELF_NAME`, `ONSHELF_NAME_FILE` for secrets) >
`onshelf.toml` > default. Shops, channels and profiles are records in the database, not settings.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from onshelf.errors import SettingsError, expected
from onshelf.texts import Words

Kind = Literal["text", "int", "float", "path", "choice", "secret"]


class Secret:
    """A text that prints as dots; `reveal()` is the only way to it."""

    __slots__ = ("_text",)

    def __init__(self, secret: str) -> None:
        self._text = secret

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "•••" if self._text else "''"

    __str__ = __repr__

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other.reveal() == self._text

    def __hash__(self) -> int:
        return hash(self._text)


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table."""

    name: str
    kind: Kind
    default: Any
    unit: str
    zh: str
    en: str
    least: float | None = None
    choices: tuple[str, ...] = ()
    verified: str = ""  # an assumption about the real platform: when it was last verified there


NEVER = "never"
"""An assumption about the real platform that nobody has verified there yet."""

TABLE: tuple[Setting, ...] = (
    Setting("home", "path", ".onshelf", "", "数据目录", "data folder"),
    Setting("lang", "choice", "zh", "", "界面语言", "language of messages", choices=("zh", "en")),
    Setting(
        "environment",
        "choice",
        "development",
        "",
        "运行环境；production 下只允许 https 网关，且拒绝沙箱密钥",
        "where it runs; production refuses plain http gateways and sandbox keys",
        choices=("development", "sandbox", "production"),
    ),
    Setting(
        "database",
        "secret",
        "",
        "",
        "数据库；空为数据目录下的 SQLite，或 postgresql://用户:密码@主机/库",
        "database; empty: SQLite in the data folder, or postgresql://user:password@host/name",
    ),
    Setting(
        "redis",
        "secret",
        "",
        "",
        "多个进程共用调用配额的 Redis，如 redis://主机:6379/0；空则配额只在本进程内计数",
        "Redis through which several processes share the quota, as redis://host:6379/0; empty: this process counts alone",
    ),
    Setting(
        "key",
        "secret",
        "",
        "",
        "主密钥（32 字节的 base64）；空则使用数据目录下的 key 文件，首次运行自动生成",
        "master key (32 bytes, base64); empty: the file `key` in the data folder, made at the first run",
    ),
    Setting(
        "log_level",
        "choice",
        "warning",
        "",
        "日志级别",
        "log level",
        choices=("debug", "info", "warning", "error"),
    ),
    Setting("log_format", "choice", "text", "", "日志格式", "log format", choices=("text", "json")),
    Setting(
        "clock",
        "text",
        "",
        "",
        "跟随沙箱的时钟：其 /_sandbox/clock 的地址；仅供开发，production 下拒绝",
        "follow a sandbox's clock: the address of its /_sandbox/clock; for development, refused in production",
    ),
    Setting(
        "service",
        "text",
        "127.0.0.1:8787",
        "",
        "`onshelf up` 在此地址提供控制台、/api/v1 与 /metrics；其他机器能访问的地址必须有 https，端口 0 为任选；空为不提供",
        "where `onshelf up` serves console, /api/v1, /metrics; for other machines https is needed; port 0: any; empty: nowhere",
    ),
    Setting(
        "public_address",
        "text",
        "",
        "",
        "别人访问控制台所用的地址，如 https://onshelf.example.com；空为只从本机访问",
        "how others reach the service, as https://onshelf.example.com; empty: from this machine alone",
    ),
    Setting(
        "trusted_proxies",
        "text",
        "",
        "",
        "可信反向代理的地址或网段，逗号分隔；只采信它们的 X-Forwarded-*，空为都不采信",
        "addresses or networks of reverse proxies, comma list; X-Forwarded-* counts from these alone; empty: from nobody",
    ),
    Setting(
        "certificate",
        "path",
        "",
        "",
        "PEM 证书链；与 certificate_key 一起设置后由本服务直接提供 https",
        "PEM certificate chain; with certificate_key the service itself speaks https",
    ),
    Setting("certificate_key", "path", "", "", "证书的 PEM 私钥", "the certificate's private key, PEM"),
    Setting(
        "plain_http",
        "choice",
        "refuse",
        "",
        "accept 表示明知风险，仍允许其他机器不经 https 访问",
        "accept: other machines may reach the service without https, and read all that is sent",
        choices=("refuse", "accept"),
    ),
    Setting(
        "openid",
        "choice",
        "off",
        "",
        "用外部账号登录：oidc（任何 OpenID Connect 服务）、dingtalk（钉钉）、feishu（飞书）",
        "sign-in by a provider: oidc (any of OpenID Connect), dingtalk, feishu",
        choices=("off", "oidc", "dingtalk", "feishu"),
    ),
    Setting(
        "openid_issuer",
        "text",
        "",
        "",
        "OpenID 服务的 issuer 地址；钉钉、飞书可留空，国际版填登录与接口两个地址，中间空格",
        "the provider's issuer; empty for dingtalk and feishu, abroad: login and API address, a blank between",
    ),
    Setting(
        "openid_client", "text", "", "", "在该服务登记的应用编号（client id）", "client id at the provider"
    ),
    Setting(
        "openid_secret", "secret", "", "", "该应用的密钥（client secret）", "client secret at the provider"
    ),
    Setting(
        "openid_claim",
        "text",
        "",
        "",
        "用哪个字段作为用户名；空为 preferred_username、name、email 中第一个有值的",
        "which claim names a person; empty: the first there is of preferred_username, name, email",
    ),
    Setting(
        "openid_must",
        "text",
        "",
        "",
        "该服务必须证明的字段，逗号分隔，如 hd=example.com,email_verified=true；钉钉用 corpId=本企业编号，飞书用 tenant_key=…",
        "what the provider must tell, comma list, as hd=example.com,email_verified=true; dingtalk: corpId=…; feishu: tenant_key=…",
    ),
    Setting(
        "openid_role",
        "choice",
        "known",
        "",
        "首次登录的人得到的角色；known 表示只放行已在账号页关联过的人",
        "role of who comes for the first time; known: only those come in who linked their account before",
        choices=("known", "viewer", "operator", "approver", "developer"),
    ),
    Setting(
        "api_per_minute",
        "int",
        600,
        "",
        "每个密钥每分钟最多的 API 请求",
        "API requests a minute for each key",
        least=1,
    ),
    Setting(
        "events_days",
        "int",
        30,
        "days",
        "事件和 Webhook 消息保留的天数，比消息重试的三天长",
        "how long events and messages to webhooks are kept; longer than a message is tried again",
        least=4,
    ),
    Setting("connect_timeout_s", "float", 5.0, "s", "连接超时", "time to connect", least=0.1),
    Setting("read_timeout_s", "float", 15.0, "s", "读操作超时", "time a read may take", least=0.1),
    Setting("write_timeout_s", "float", 30.0, "s", "写操作超时", "time a write may take", least=0.1),
    Setting(
        "lease_s",
        "float",
        120.0,
        "s",
        "任务行的租约；须大于写超时加余量",
        "lease of a line; longer than a write may take",
        least=1,
    ),
    Setting("batch", "int", 50, "lines", "每批处理的行数", "lines claimed at once", least=1),
    Setting("concurrency", "int", 32, "calls", "同时进行的平台调用数", "platform calls in flight", least=1),
    Setting(
        "settle_s",
        "float",
        120.0,
        "s",
        "结果未知的写操作，等多久才去查询",
        "rest before an unanswered write is looked up",
        least=0,
        verified=NEVER,
    ),
    Setting(
        "look_spacing_s",
        "float",
        60.0,
        "s",
        "两次查询之间的间隔",
        "rest between two look-ups",
        least=0,
        verified=NEVER,
    ),
    Setting(
        "looks",
        "int",
        3,
        "times",
        "查询多少次都没有，才认定没有创建",
        "look-ups without a find before a create counts as not done",
        least=1,
        verified=NEVER,
    ),
    Setting(
        "clock_skew_s",
        "float",
        600.0,
        "s",
        "平台与本机时间允许的偏差",
        "difference allowed between the platform's clock and ours",
        least=0,
        verified=NEVER,
    ),
    Setting(
        "quota_per_day",
        "int",
        5000,
        "calls",
        "每个应用每天的调用上限，0 为不限",
        "calls a day of an app; 0: no limit",
        least=0,
        verified=NEVER,
    ),
    Setting(
        "quota_per_minute",
        "int",
        0,
        "calls",
        "每个应用每分钟的调用上限，0 为不限",
        "calls a minute of an app; 0: no limit",
        least=0,
        verified=NEVER,
    ),
    Setting(
        "quota_per_second",
        "int",
        0,
        "calls",
        "每个应用每秒的调用上限，0 为不限",
        "calls a second of an app; 0: no limit",
        least=0,
        verified=NEVER,
    ),
    Setting(
        "quota_basic_per_minute",
        "int",
        1000,
        "calls",
        "每个应用每分钟调用基础类接口的上限，0 为不限",
        "calls a minute of an app to basic methods; 0: no limit",
        least=0,
        verified=NEVER,
    ),
    Setting(
        "quota_trade_per_minute",
        "int",
        200,
        "calls",
        "每个应用每分钟调用交易类接口的上限，0 为不限",
        "calls a minute of an app to trade methods; 0: no limit",
        least=0,
        verified=NEVER,
    ),
    Setting(
        "quota_logistics_per_minute",
        "int",
        500,
        "calls",
        "每个应用每分钟调用物流类接口的上限，0 为不限",
        "calls a minute of an app to logistics methods; 0: no limit",
        least=0,
        verified=NEVER,
    ),
    Setting(
        "quota_methods",
        "text",
        "",
        "",
        "单个接口的上限，如 taobao.item.add=100/60,taobao.items.onsale.get=50/1（次数/秒数）",
        "limits of single methods, like taobao.item.add=100/60,taobao.items.onsale.get=50/1 (calls/seconds)",
        verified=NEVER,
    ),
    Setting(
        "watch_every_s", "float", 300.0, "s", "巡检间隔", "rest between two looks at the shelf", least=0.05
    ),
    Setting(
        "sweep_every_s",
        "float",
        86_400.0,
        "s",
        "全量对账间隔",
        "rest between two full reconciliations",
        least=0.05,
    ),
    Setting(
        "watch_overlap_s",
        "float",
        120.0,
        "s",
        "增量查询向前重叠的时间，用来吸收平台列表的延迟",
        "how far slices reach back, against lists that lag behind",
        least=0,
        verified=NEVER,
    ),
    Setting(
        "absent_looks",
        "int",
        2,
        "times",
        "连续多少次按编号查不到才算删除",
        "id reads without the item before it counts as deleted",
        least=1,
        verified=NEVER,
    ),
    Setting(
        "absent_spacing_s",
        "float",
        30.0,
        "s",
        "两次确认之间的间隔",
        "rest between two such reads",
        least=0,
        verified=NEVER,
    ),
    Setting(
        "probe_at",
        "text",
        "20:00",
        "",
        "每天几点（北京时间）检查各店铺的授权、权限与时钟；空为不检查",
        "when shops are probed each day (Beijing time): token, permissions, clock; empty: never",
    ),
    Setting(
        "record",
        "path",
        "",
        "",
        "把平台调用与返回写入这个文件（NDJSON，密钥与买家信息已隐去）；空为不写",
        "write platform calls and replies to this file (NDJSON, secrets and buyers hidden); empty: none",
    ),
    Setting(
        "cache_s",
        "float",
        300.0,
        "s",
        "允许使用旧结果的查询，结果最旧多久",
        "how old a kept reply may be, for reads that accept one",
        least=0,
    ),
    Setting(
        "cache_slow_s",
        "float",
        86_400.0,
        "s",
        "同上，类目、发布规则等变化很慢的内容",
        "the same for what moves slowly: categories, schemas",
        least=0,
    ),
    Setting(
        "push",
        "choice",
        "auto",
        "",
        "如何接收平台消息：auto 先用长连接，连不上时改用 HTTP 轮询；off 不接收",
        "how pushed messages are received: auto takes the socket, and asks over HTTP while it cannot be had; off: not at all",
        choices=("auto", "socket", "http", "off"),
    ),
    Setting(
        "push_groups",
        "text",
        "default",
        "",
        "消费分组，逗号分隔；同一分组的连接共享一个队列，测试机应使用自己的分组",
        "consumer groups, comma list; connections of a group share one queue, so a test machine needs a group of its own",
    ),
    Setting(
        "push_poll_s",
        "float",
        60.0,
        "s",
        "用 HTTP 接收时，没有消息后的间隔（每次占用一次调用配额）",
        "rest after an empty reply when messages are asked for over HTTP (each costs a call)",
        least=0.05,
    ),
    Setting(
        "push_alert_s",
        "float",
        600.0,
        "s",
        "平台消息中断多久后预警；0 为不预警",
        "an alert is raised when no messages could come for so long; 0: never",
        least=0,
    ),
    Setting(
        "inside_addresses",
        "choice",
        "auto",
        "",
        "预警与事件的 Webhook 能否发往本机或内网地址；auto 仅在 service 只限本机、未设 public_address 且非 production 时允许",
        "may webhooks of alerts and events go to this machine or its network; auto: only while service is this machine's, there is "
        "no public_address, and it is not production",
        choices=("auto", "allow", "refuse"),
    ),
    Setting(
        "alert_wait_s",
        "float",
        5.0,
        "s",
        "预警合并等待时间",
        "how long alerts of one group gather before they are sent",
        least=0,
    ),
    Setting(
        "alert_interval_s",
        "float",
        30.0,
        "s",
        "同一组预警两条消息之间的最短间隔",
        "rest between two messages about one group",
        least=0,
    ),
)

BY_NAME = {row.name: row for row in TABLE}
ENV_PREFIX = "ONSHELF_"
OTHER_VARIABLES = frozenset({"ONSHELF_DATA", "ONSHELF_CONFIG"})
"""Variables of the prefix that are no settings (the outside data folder of checks, the place of the TOML file)."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, frozen. `origin` tells where each came from: "argument", "environment", a file's path, "default"."""

    values: Mapping[str, Any]
    origin: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    @property
    def home(self) -> Path:
        return Path(self.values["home"])


def read_settings(
    arguments: Mapping[str, Any], environment: Mapping[str, str], toml_file: Path | None = None
) -> Settings:
    """Merges the four sources; an unknown name or a malformed value raises SettingsError."""
    values = {row.name: _default(row) for row in TABLE}
    origin = {row.name: "default" for row in TABLE}
    for source, given in (
        (str(toml_file), _from_toml(toml_file)),
        ("environment", _from_environment(environment)),
        ("argument", {name: value for name, value in arguments.items() if value is not None}),
    ):
        for name, raw in given.items():
            if name not in BY_NAME:
                raise SettingsError(
                    name, value=str(raw)[:40], origin=source, expected=expected("setting_name")
                )
            values[name] = parse(BY_NAME[name], raw, source)
            origin[name] = source
    return Settings(values, origin)


def parse(row: Setting, raw: Any, origin: str) -> Any:
    """Turns a raw value into the setting's type, or raises SettingsError naming it."""
    shown = "•••" if row.kind == "secret" else str(raw)
    try:
        value = _PARSERS[row.kind](raw)
    except (TypeError, ValueError) as error:
        raise SettingsError(row.name, value=shown, origin=origin, expected=_expected(row)) from error
    if (row.choices and value not in row.choices) or (row.least is not None and value < row.least):
        raise SettingsError(row.name, value=shown, origin=origin, expected=_expected(row))
    return value


_PARSERS: dict[Kind, Any] = {
    "text": str,
    "int": int,
    "float": float,
    "path": str,
    "choice": str,
    "secret": Secret,
}


def _default(row: Setting) -> Any:
    return Secret(row.default) if row.kind == "secret" else row.default


def _expected(row: Setting) -> str | Words:
    if row.choices:
        return " | ".join(row.choices)
    bound = "" if row.least is None else f" ≥ {row.least:g} {row.unit}".rstrip()
    return expected("whole_number" if row.kind == "int" else "number", bound=bound)


def _from_toml(file: Path | None) -> dict[str, Any]:
    if file is None or not file.is_file():
        return {}
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(file.name, value=str(error), origin=str(file), expected="TOML") from error


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for variable, value in environment.items():
        if not variable.startswith(ENV_PREFIX) or variable in OTHER_VARIABLES:
            continue
        name = variable.removeprefix(ENV_PREFIX).lower()
        secret_name = name.removesuffix("_file")
        if name != secret_name and secret_name in BY_NAME and BY_NAME[secret_name].kind == "secret":
            given[secret_name] = _read_secret(Path(value), variable)
        else:
            given[name] = value
    return given


def _read_secret(file: Path, variable: str) -> str:
    try:
        return file.read_text("utf-8").strip()
    except OSError as error:
        raise SettingsError(
            variable, value=str(file), origin="environment", expected=expected("readable_file")
        ) from error
