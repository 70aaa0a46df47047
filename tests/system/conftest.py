import os
import pathlib
import shutil
import subprocess
import sys

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from duck import LIBRARY  # noqa: E402
from s3_stand_in import S3  # noqa: E402
from snowflake_stand_in import Snowflake  # noqa: E402
from weir import BINARY, ROOT, Weir, free_port, wait_until  # noqa: E402

POSTGRES = pathlib.Path("/usr/lib/postgresql/15/bin")


@pytest.fixture(scope="session")
def postgres(tmp_path_factory):
    """A private PostgreSQL server in a temporary folder; gives the URL of a fresh database at each call."""
    if not (POSTGRES / "initdb").exists():
        pytest.skip("PostgreSQL 15 is not installed")
    folder = tmp_path_factory.mktemp("postgres")
    for parent in [folder, *folder.parents]:
        if parent == pathlib.Path("/tmp"):
            break
        parent.chmod(0o755)
    as_postgres = []
    if os.getuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
        as_postgres = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    port = free_port()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/tmp"}
    subprocess.run([*as_postgres, POSTGRES / "initdb", "-D", folder / "db", "-A", "trust", "-U", "weir", "-E", "UTF8", "--no-sync"],
                   check=True, **quiet)
    server = subprocess.Popen([*as_postgres, POSTGRES / "postgres", "-D", folder / "db", "-p", str(port), "-k", folder,
                               "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"], **quiet)
    psql = ["psql", "-q", "-h", "127.0.0.1", "-p", str(port), "-U", "weir", "-d", "postgres"]
    wait_until(lambda: subprocess.run([*psql, "-c", "select 1"], **quiet).returncode == 0, "PostgreSQL answers", 30)
    names = iter(f"test_{i}" for i in range(1000))

    def make():
        name = next(names)
        subprocess.run([*psql, "-c", f"create database {name}"], check=True, **quiet)
        return f"postgresql://weir@127.0.0.1:{port}/{name}"

    yield make
    server.terminate()
    server.wait(30)


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
