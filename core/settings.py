"""Every setting once, and the only reader of the environment and of `.env`.

Unset means the embedded default: one process, SQLite, Milvus Lite, the inline queue and the bundled models.
Nothing is decided here: `core/app.py` turns these values into backends.
"""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

MEGABYTE = 1_000_000
"""What settings, limits and sentences mean by "MB"."""


class Settings(BaseSettings):
    """Names in the environment are these names in capitals (docs/settings.md lists them for people)."""

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="ignore")

    host: str = Field("127.0.0.1", description="Address the web server listens on.")
    port: int = Field(8080, ge=0, le=65535, description="Port of the web server.")
    public_url: str = Field("", description="How browsers reach the service; empty: http://HOST:PORT.")
    data_dir: Path = Field(
        Path("var"), description="Database, vectors, uploads, attachments, adapters, keys and models."
    )
    models_dir: Path | None = Field(None, description="Prepared models; empty: DATA_DIR/models.")

    owner_email: str = Field("owner@example.com", description="Login of the first owner.")
    owner_password: SecretStr | None = Field(None, description="His password; empty: made on the first start.")
    demo: bool = Field(True, description="Give the first owner a demo assistant on the first start.")

    admin_bot_token: SecretStr | None = Field(None, description="Token of the admin bot from @BotFather.")
    telegram_api_url: str = Field("https://api.telegram.org", description="Bot API server for all bots.")

    slack_api_url: str = Field("https://slack.com/api/", description="Slack's Web API.")
    slack_client_id: str = Field(
        "", description="This installation's own Slack app, for one-tap connecting: Client ID."
    )
    slack_client_secret: SecretStr | None = Field(None, description="Client Secret of that app.")
    slack_signing_secret: SecretStr | None = Field(None, description="Signing Secret of that app.")
    slack_app_token: SecretStr | None = Field(None, description="xapp-… token of that app; set: Socket Mode.")

    database_url: str = Field("", description="postgres://… for PostgreSQL; empty: SQLite in DATA_DIR.")
    milvus_uri: str = Field("", description="http://… of a Milvus server; empty: Milvus Lite in DATA_DIR.")
    milvus_token: SecretStr | None = Field(None, description="Token of the Milvus server.")
    redis_url: str = Field("", description="redis://… for ARQ and shared rate limits; empty: inside the process.")
    llm_url: str = Field("", description="OpenAI-compatible servers, …/v1, with commas; empty: a model here.")
    llm_model: str = Field(
        "",
        description="Model at LLM_URL, empty: its first; without LLM_URL a GGUF file or OpenVINO folder (CPU), or a "
        "Hub name or folder (GPU).",
    )
    llm_training_model: str = Field(
        "",
        description="Hub name or folder of the weights that adapters are trained on; empty: the bundled model's, or "
        "those of LLM_MODEL where transformers runs it.",
    )
    llm_api_key: SecretStr | None = Field(None, description="Key for LLM_URL.")
    llm_4bit: bool = Field(False, description="Hold a model loaded here in 4 bits: `make gpu` installs what it needs.")
    llm_context_tokens: int | None = Field(
        None, ge=512, description="Longest prompt and answer together, in tokens; empty: what LLM_URL says, or 8192."
    )
    llm_at_once: int = Field(16, ge=1, description="Answers at once of a model loaded here or of each server.")
    llm_adapters_mb: int = Field(2000, ge=1, description="Memory for adapters of a model loaded here, in MB.")
    llm_cache_mb: int = Field(
        0,
        ge=0,
        description="Memory for what a model loaded here reads, in MB; 0: most there is. Trainings need some, too.",
    )
    embeddings_url: str = Field("", description="OpenAI-compatible embeddings server; empty: the bundled model.")
    embeddings_model: str = Field("", description="Model name at EMBEDDINGS_URL, or a sentence-transformers name.")
    embeddings_api_key: SecretStr | None = Field(None, description="Key for EMBEDDINGS_URL.")

    transcriber_url: str = Field(
        "", description="OpenAI-compatible server, …/v1, that makes text of spoken answers; empty: owners type."
    )
    transcriber_model: str = Field("", description="Model at TRANSCRIBER_URL, where it wants a name.")
    transcriber_api_key: SecretStr | None = Field(None, description="Key for TRANSCRIBER_URL.")

    ocr_languages: str = Field("rus+eng", description="Languages of scanned pages, as Tesseract calls them.")
    ocr_models: Path | None = Field(None, description="Folder of Tesseract's *.traineddata; empty: the usual ones.")

    reranker_model: str = Field("", description="A cross-encoder that orders found passages anew; empty: none.")
    support_check: Literal["rules", "model"] = Field(
        "rules", description="Who checks what the model says: rules alone, or the model once more after them (slower)."
    )
    hyde: bool = Field(False, description="Search with an answer that the model imagines, too: slower.")

    model_threads: int = Field(2, ge=1, description="CPU threads of each bundled model.")
    cuda_visible_devices: str = Field("", description="GPUs of this process, as CUDA counts them; empty: all.")
    worker_jobs: int = Field(2, ge=1, description="Slow jobs at once in one worker.")
    trusted_proxies: int = Field(0, ge=0, description="Reverse proxies in front whose X-Forwarded-For is believed.")
    allowed_private_hosts: str = Field("", description="Private hosts that owners' addresses may name, by commas.")
    undo_days: float = Field(7, ge=0, description="Days for which changes can be taken back; then they are erased.")
    max_upload_mb: int = Field(50, ge=1, description="Largest file an owner may send, in MB.")
    max_archive_mb: int = Field(
        2000, ge=1, le=4000, description="Largest archive of an assistant that is made or restored, in MB."
    )
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR.")

    @field_validator("telegram_api_url", "llm_url", "embeddings_url", "transcriber_url", "public_url")
    @classmethod
    def _without_slash(cls, value: str) -> str:
        return value.rstrip("/")

    @property
    def models_folder(self) -> Path:
        return self.models_dir or self.data_dir / "models"

    @property
    def uploads_folder(self) -> Path:
        return self.data_dir / "uploads"

    @property
    def attachments_folder(self) -> Path:
        return self.data_dir / "attachments"

    @property
    def archives_folder(self) -> Path:
        return self.data_dir / "archives"

    @property
    def adapters_folder(self) -> Path:
        return self.data_dir / "adapters"

    @property
    def keys_folder(self) -> Path:
        return self.data_dir / "keys"

    @property
    def database_dsn(self) -> str:
        """A Tortoise URL. SQLite waits up to 10 s for another writer instead of failing."""
        if self.database_url:
            return self.database_url.replace("postgresql://", "postgres://").replace("postgres://", "asyncpg://", 1)
        return f"sqlite://{self.data_dir / 'llmchatbot.sqlite3'}?busy_timeout=10000&synchronous=NORMAL&secure_delete=ON"

    @property
    def milvus_address(self) -> str:
        return self.milvus_uri or str(self.data_dir / "vectors.db")

    @property
    def address(self) -> str:
        """Where a browser finds the service."""
        host = "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host  # noqa: S104 - compared, not bound
        return self.public_url or f"http://{host}:{self.port}"
