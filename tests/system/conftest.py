import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from duck import LIBRARY  # noqa: E402
from s3_stand_in import KEY, REGION, S3, SECRET  # noqa: E402
from snowflake_stand_in import Snowflake  # noqa: E402
from weir import BINARY, ROOT, Weir, lasting_port, wait_until  # noqa: E402

POSTGRES = pathlib.Path("/usr/lib/postgresql/15/bin")
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/tmp"}


class Postgres:
    """A private PostgreSQL server; may be stopped, by its pid, and started again. Its folder is not pytest's: another pytest
    that starts closes that to all users but its own."""

    def __init__(self):
        if not (POSTGRES / "initdb").exists():
            pytest.skip("PostgreSQL 15 is not installed")
        self.folder = folder = pathlib.Path(tempfile.mkdtemp(prefix="weir-postgres-", dir="/tmp"))
        self.port, self.names = lasting_port(), (f"test_{i}" for i in range(1000))
        self.as_postgres = []
        if os.getuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
            self.as_postgres = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        subprocess.run([*self.as_postgres, POSTGRES / "initdb", "-D", folder / "db", "-A", "trust", "-U", "weir", "-E",
                        "UTF8", "--no-sync"], check=True, **QUIET)
        self.log = open(folder / "log", "ab")
        self.start()

    def start(self):
        self.server = subprocess.Popen([*self.as_postgres, POSTGRES / "postgres", "-D", self.folder / "db", "-p",
                                        str(self.port), "-k", self.folder, "-c", "listen_addresses=127.0.0.1", "-c",
                                        "fsync=off"], stdout=self.log, stderr=self.log, cwd="/tmp")
        wait_until(self.answers, f"PostgreSQL answers; see {self.log.name}", 30)

    def stop(self, how=signal.SIGTERM):
        self.server.send_signal(how)
        self.server.wait(30)

    def close(self):
        if self.server.poll() is None:
            self.stop(signal.SIGQUIT)
        self.log.close()
        shutil.rmtree(self.folder)

    def answers(self):
        return subprocess.run([*self.psql("postgres"), "-c", "select 1"], **QUIET).returncode == 0

    def psql(self, database):
        return ["psql", "-q", "-h", "127.0.0.1", "-p", str(self.port), "-U", "weir", "-d", database]

    def make_database(self):
        """The URL of a fresh database."""
        name = next(self.names)
        subprocess.run([*self.psql("postgres"), "-c", f"create database {name}"], check=True, **QUIET)
        return f"postgresql://weir@127.0.0.1:{self.port}/{name}"

    def query(self, url, sql):
        """The rows that a statement gives, as lists of texts."""
        done = subprocess.run([*self.psql(url.rsplit("/", 1)[1]), "-A", "-t", "-F", "\t", "-c", sql], check=True,
                              capture_output=True, text=True, cwd="/tmp")
        return [line.split("\t") for line in done.stdout.splitlines()]


@pytest.fixture(scope="session")
def postgres_server():
    server = Postgres()
    yield server
    server.close()


@pytest.fixture(scope="session")
def postgres(postgres_server):
    """Gives the URL of a fresh database at each call."""
    return postgres_server.make_database


@pytest.fixture
def own_postgres():
    """A server that a test may do anything to."""
    server = Postgres()
    yield server
    server.close()


@pytest.fixture
def make_weir(tmp_path):
    """Makes deployments that end with the test."""
    assert BINARY.exists(), f"{BINARY} is not built: run make"
    made = []

    def make(**kwargs):
        folder = tmp_path / f"weir{len(made)}"
        folder.mkdir()
        made.append(Weir(folder, **kwargs))
        return made[-1]

    yield make
    for weir in made:
        weir.close()


@pytest.fixture(params=["sqlite", "postgres"])
def weir(request, make_weir):
    """A running deployment with its sandbox, on each engine."""
    database = request.getfixturevalue("postgres")() if request.param == "postgres" else None
    deployment = make_weir(database=database)
    deployment.start()
    return deployment


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory):
    if not (ROOT / "tests/node_modules/s3rver").exists():
        pytest.skip("s3rver is not installed in tests/node_modules")
    server = S3(tmp_path_factory.mktemp("s3") / "objects")
    yield server
    server.close()


@pytest.fixture
def bucket(s3_server):
    """An empty bucket at a server of somebody else's that speaks S3."""
    return s3_server.make_bucket()


@pytest.fixture(scope="session")
def loader_key():
    """The private key of Snowflake's user."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def snowflake(bucket, loader_key):
    """A Snowflake whose stage is the bucket."""
    if not LIBRARY.exists():
        pytest.skip("DuckDB is not installed in web/node_modules")
    server = Snowflake(loader_key.public_key(), bucket)
    yield server
    server.close()


@pytest.fixture
def export_settings(bucket, snowflake, loader_key, tmp_path, monkeypatch):
    """Lines of a configuration, below warehouse:, by which exports go to the bucket and from there to Snowflake."""
    key = tmp_path / "key.pem"
    key.write_bytes(loader_key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                             serialization.NoEncryption()))
    monkeypatch.setenv("WEIR_S3_ACCESS_KEY", KEY)
    monkeypatch.setenv("WEIR_S3_SECRET_KEY", SECRET)
    snowflake.stages = {"WEIR_STAGE": "weir/"}
    return f"""
  s3: {{bucket: {bucket.name}, region: {REGION}, prefix: weir, endpoint: "{bucket.server.url}", path_style: true}}
  snowflake: {{account: {snowflake.account}, user: {snowflake.user}, private_key: {key}, database: {snowflake.database},
    schema: {snowflake.schema}, warehouse: {snowflake.warehouse}, role: {snowflake.role}, url: "{snowflake.url}"}}
"""
