"""Settings from the environment or `.env`. Each is described here and nowhere else."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from clinic.staff.roles import ROLES, Role

ROOT = Path(__file__).resolve().parents[1]


class Settings(BaseSettings):
    """What a clinic can set. A missing or wrong value stops the start and is named in the error."""

    model_config = SettingsConfigDict(env_file=ROOT / ".env", extra="ignore")

    environment: Literal["development", "production"] = Field(
        "development", description="production refuses to start without keys and tokens of its own"
    )
    host: str = Field("127.0.0.1", description="address the clinic service listens on")
    port: int = Field(8000, ge=1, le=65535, description="port of the clinic service")
    public_url: str = Field("", description="address patients and staff use; default http://127.0.0.1:PORT")
    clinic_name: str = Field("The clinic", description="shown to patients and staff")
    time_zone: str = Field("Europe/London", description="of the clinic: staffed hours, sessions and reminders")
    allowed_origins: Annotated[list[str], NoDecode] = Field(
        default_factory=list, description="web sites that embed the chat, comma-separated"
    )

    var_folder: Path = Field(ROOT / "var", description="where the development database and keys are kept")
    database_url: str = Field("", description="SQLAlchemy URL; default a SQLite file in the var folder")
    data_keys: Annotated[list[SecretStr], NoDecode] = Field(
        default_factory=list,
        description="Fernet keys that texts and answers are encrypted with, newest first, comma-separated",
    )

    rasa_url: str = Field("http://127.0.0.1:5005", description="where Rasa listens; never a public address")
    rasa_timeout_s: float = Field(8.0, gt=0, description="after this long the safe reply is sent instead")
    internal_token: SecretStr = Field(SecretStr(""), description="shared by the clinic service and Rasa")
    screen_timeout_s: float = Field(2.0, gt=0, description="a detector slower than this counts as a concern")

    staff_api_token: SecretStr | None = Field(None, description="turns the staff API on for machines")
    staff_second_factor: Literal["", "required", "offered"] = Field(
        "", description="whether a password alone opens the console; by default required in production, else offered"
    )
    staff_idle_minutes: int = Field(480, ge=5, le=1440, description="minutes without use until staff log in again")
    staff_session_hours: int = Field(24, ge=1, le=168, description="hours until staff log in again in any case")
    oidc_issuer: str = Field("", description="the clinic's single sign-on: address of the OpenID provider; none: off")
    oidc_client_id: str = Field("", description="what the provider calls this service")
    oidc_client_secret: SecretStr = Field(SecretStr(""), description="its secret at the provider")
    oidc_name: str = Field("single sign-on", description="what the log-in page calls it: Log in with ...")
    oidc_scope: str = Field("openid profile email", description="scopes asked for; some providers have one for groups")
    oidc_roles_claim: str = Field("groups", description="the claim of the identity token that holds groups or roles")
    oidc_roles: Annotated[list[str], NoDecode] = Field(
        default_factory=list, description="role=group, comma-separated; the first that fits counts"
    )
    rate_limit: Literal["on", "off"] = Field("on", description="off for measuring")
    redis_url: str = Field("", description="counts rate limits across several processes; without it, in each process")
    alert_urls: Annotated[list[SecretStr], NoDecode] = Field(
        default_factory=list,
        description="apprise URLs that alerts go to, comma-separated; `duty=` before one makes it that contact's",
    )
    reminder_hour: int = Field(
        18, ge=8, le=20, description="hour of the day before a session at which a reminder goes out, unless chosen"
    )
    reliable_change_rule: Literal["none_against", "any"] = Field(
        "none_against",
        description="reliable improvement: one score falls reliably and none rises so, or any one falls",
    )
    staff_shown_as: Literal["name", "role"] = Field(
        "name", description="how patients know who of the clinic writes to them: by name, or as 'A duty clinician'"
    )
    invitation_days: int = Field(28, ge=1, le=365, description="days until the code of an invitation ends")
    join_second_factor: Literal["birth_date", "none"] = Field(
        "birth_date", description="what is asked for besides the code before anything personal is said"
    )
    sms_provider: Literal["", "off", "emulator", "twilio", "notify"] = Field(
        "", description="who carries text messages; by default the emulator in development and nobody in production"
    )
    sms_number: str = Field("", description="the clinic's own number at the provider, as +447700900000")
    twilio_account_sid: str = Field("", description="Twilio's account SID")
    twilio_auth_token: SecretStr = Field(SecretStr(""), description="Twilio's auth token; also checks its signatures")
    twilio_messaging_service_sid: str = Field("", description="sends through this messaging service, not SMS_NUMBER")
    notify_api_key: SecretStr = Field(SecretStr(""), description="GOV.UK Notify's API key")
    notify_template_id: str = Field("", description="a text message template of Notify that holds only ((text))")
    notify_callback_token: SecretStr = Field(
        SecretStr(""), description="the bearer token entered at Notify's callbacks"
    )
    test_alert_every_minutes: int = Field(
        60,
        ge=0,
        description="a test alert goes the whole way this often, and is missed when it is lost; 0: never",
    )
    erasure_keeps: Literal["escalation_facts", "nothing"] = Field(
        "escalation_facts",
        description="what stays after an erasure: that escalations happened, or nothing",
    )
    retention_unknown_days: int = Field(
        365, ge=0, description="days after the last message until a conversation of nobody known is erased; 0: never"
    )
    retention_finished_days: int = Field(
        0, ge=0, description="days after the last contact until a finished patient is erased; 0: never by itself"
    )
    retention_outbox_days: int = Field(30, ge=0, description="days until what was sent leaves the outbox; 0: never")
    retention_audit_days: int = Field(0, ge=0, description="days until audit events are deleted; 0: never")
    unanswered_after_s: float = Field(60.0, gt=0, description="a message this long without reply is told to staff")

    @model_validator(mode="before")
    @classmethod
    def _split_lists(cls, values: dict[str, object]) -> dict[str, object]:
        for name in ("allowed_origins", "data_keys", "alert_urls", "oidc_roles"):
            given = values.get(name)
            if isinstance(given, str):
                values[name] = [part.strip() for part in given.split(",") if part.strip()]
        if values.get("staff_api_token") == "":
            values["staff_api_token"] = None
        return values

    @model_validator(mode="after")
    def _zone_exists(self) -> Settings:
        if self.time_zone not in available_timezones():
            raise ValueError(f"TIME_ZONE: there is no time zone '{self.time_zone}'; use a name such as Europe/London")
        return self

    @model_validator(mode="after")
    def _complete_in_production(self) -> Settings:
        if self.environment == "production":
            missing = [
                name.upper()
                for name in ("data_keys", "internal_token", "public_url", "database_url", "alert_urls")
                if not _is_given(getattr(self, name))
            ]
            if missing:
                raise ValueError(f"set {', '.join(missing)}: required when ENVIRONMENT=production")
        return self

    @model_validator(mode="after")
    def _single_sign_on_complete(self) -> Settings:
        if not self.oidc_issuer:
            return self
        missing = [name.upper() for name in ("oidc_client_id", "oidc_roles") if not getattr(self, name)]
        if missing:
            raise ValueError(f"set {', '.join(missing)}: required with OIDC_ISSUER")
        wrong = [one for one in self.oidc_roles if one.partition("=")[0] not in ROLES or not one.partition("=")[2]]
        if wrong:
            raise ValueError(f"OIDC_ROLES: '{wrong[0]}' is not role=group, with a role of: {', '.join(ROLES)}")
        is_local = self.oidc_issuer.startswith(("http://localhost:", "http://127.0.0.1:"))
        if not self.oidc_issuer.startswith("https://") and (self.environment == "production" or not is_local):
            raise ValueError("OIDC_ISSUER: the provider must be reached over https")
        return self

    @model_validator(mode="after")
    def _sms_complete(self) -> Settings:
        needed: dict[str, tuple[str, ...]] = {
            "twilio": ("twilio_account_sid", "twilio_auth_token", "public_url"),
            "notify": ("notify_api_key", "notify_template_id", "notify_callback_token", "public_url"),
        }
        missing = [name.upper() for name in needed.get(self.sms_provider, ()) if not _is_given(getattr(self, name))]
        if self.sms_provider == "twilio" and not (self.sms_number or self.twilio_messaging_service_sid):
            missing.append("SMS_NUMBER or TWILIO_MESSAGING_SERVICE_SID")
        if missing:
            raise ValueError(f"set {', '.join(missing)}: required when SMS_PROVIDER={self.sms_provider}")
        if self.sms_provider == "emulator" and self.environment == "production":
            raise ValueError("SMS_PROVIDER=emulator: nothing leaves the machine; it is for development only")
        return self

    @cached_property
    def is_second_factor_required(self) -> bool:
        """STAFF_SECOND_FACTOR, or what the environment makes of none."""
        return (self.staff_second_factor or ("required" if self.environment == "production" else "")) == "required"

    @cached_property
    def oidc_role_groups(self) -> list[tuple[Role, str]]:
        """Which role belongs to which group of the provider, in the order of OIDC_ROLES."""
        pairs = [one.partition("=") for one in self.oidc_roles]
        return [(role, group) for name, _, group in pairs for role in ROLES if role == name]

    @cached_property
    def resolved_sms_provider(self) -> str:
        """SMS_PROVIDER, or what the environment makes of none."""
        return self.sms_provider or ("emulator" if self.environment == "development" else "off")

    @cached_property
    def local_url(self) -> str:
        """Where this process itself listens."""
        return f"http://{'127.0.0.1' if self.host in ('', '0.0.0.0') else self.host}:{self.port}"

    @cached_property
    def zone(self) -> ZoneInfo:
        """The clinic's time zone."""
        return ZoneInfo(self.time_zone)

    @cached_property
    def base_url(self) -> str:
        """The address in links, without a slash at its end."""
        return (self.public_url or f"http://127.0.0.1:{self.port}").rstrip("/")

    @cached_property
    def resolved_database_url(self) -> str:
        """DATABASE_URL, or the development database."""
        return self.database_url or f"sqlite:///{self.var_folder / 'interlude.db'}"


def _is_given(value: object) -> bool:
    if isinstance(value, SecretStr):
        return bool(value.get_secret_value())
    return bool(value)
