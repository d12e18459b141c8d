import os
import shutil
import socket
import stat
import subprocess
import sys
from pathlib import Path

import psutil

from tests.house.homes import await_that, environment_of, main_process, servers_of
from truefans import embedded
from truefans.embedded import PROJECT
from truefans.embedded.postgres import Postgres
from truefans.embedded.valkey import Valkey


def test_two_homes_side_by_side_share_nothing(make_home, enter):
    here, there = enter(make_home("here", empty=True)), enter(make_home("there"))
    here.sql("CREATE TABLE only_here ()")
    with here.valkey() as mine, there.valkey() as yours:
        mine.set("only", "here")
        assert yours.get("only") is None
    tables = "SELECT count(*) FROM pg_tables WHERE tablename = 'only_here'"
    assert here.sql(tables) == [(1,)]
    assert there.sql(tables) == [(0,)]
    here.leave()
    assert there.sql("SELECT 1") == [(1,)]
    there.leave()


def test_the_database_is_utf8_and_keeps_utc(home, enter):
    user = enter(home)
    assert user.sql("SHOW server_encoding") == [("UTF8",)]
    assert user.sql("SHOW timezone") == [("UTC",)]
    assert user.sql("SHOW synchronous_commit") == [("on",)]
    assert user.sql("SELECT lower('ÉLODIE')") == [("élodie",)]
    user.leave()


def test_servers_stay_as_long_as_somebody_uses_them(home, enter):
    first, second = enter(home), enter(home)
    assert first.database_url == second.database_url
    first.leave()
    assert second.sql("SELECT 1") == [(1,)]
    second.leave()
    assert servers_of(home) == []


def test_joining_servers_that_run_takes_no_time(home, enter):
    first = enter(home)
    users = [enter(home) for _ in range(3)]
    assert min(user.seconds for user in users) < 0.1
    for user in [first, *users]:
        user.leave()


def test_what_was_written_survives_a_kill_of_the_servers(home, enter):
    user = enter(home)
    user.sql("CREATE TABLE note AS SELECT 'kept' AS text")
    with user.valkey() as valkey:
        valkey.rpush("jobs", "one", "two")
    main_process(Postgres(home)).kill()
    main_process(Valkey(home)).kill()
    after = enter(home)
    assert after.sql("SELECT text FROM note") == [("kept",)]
    with after.valkey() as valkey:
        assert valkey.lrange("jobs", 0, -1) == ["one", "two"]
    assert after.redis_url == user.redis_url  # so that who uses it finds it again
    user.leave()
    after.leave()


def test_who_uses_a_server_can_bring_it_up_again(home, enter):
    user = enter(home)
    main_process(Postgres(home)).kill()
    assert user.ask("tend") == "tended"
    assert user.sql("SELECT 1") == [(1,)]
    user.leave()


def test_servers_go_also_when_their_only_user_is_killed(home, enter):
    user = enter(home)
    assert servers_of(home)
    user.kill()
    await_that(lambda: not servers_of(home))
    enter(home).leave()


def test_servers_that_were_left_alone_are_joined_and_then_stopped(home, enter):
    user = enter(home)
    keeper_of(home).kill()
    user.kill()
    pid = main_process(Postgres(home)).pid
    after = enter(home)
    assert main_process(Postgres(home)).pid == pid
    after.leave()
    assert servers_of(home) == []


def test_a_forked_child_does_not_keep_servers_up(home, enter):
    user = enter(home)
    child = psutil.Process(int(user.ask("fork")))
    user.kill()
    await_that(lambda: not servers_of(home))
    assert child.is_running()
    child.kill()


def test_a_home_may_have_a_long_and_strange_path(make_home, enter):
    strange = make_home('Ann\'s "fans", 100 % é+')
    enter(strange).leave()
    long = make_home("long" * 40)
    user = enter(long)
    assert user.sql("SELECT 1") == [(1,)]
    user.leave()
    shutil.rmtree(Postgres(long).socket.parent)


def test_a_set_up_that_was_cut_short_is_made_anew(empty_home, enter):
    home = empty_home
    half = home / "postgres-new-half"
    (half / "base").mkdir(parents=True)
    (half / "PG_VERSION").write_text("18")
    user = enter(home)
    assert user.sql("SELECT 1") == [(1,)]
    assert not half.exists()
    user.leave()


def test_a_pid_file_that_names_a_stranger_does_not_matter(home, enter):
    enter(home).leave()
    stale = home / "postgres" / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{home / 'postgres'}\n1\n5432\n\n\n\n")
    enter(home).leave()


def test_a_queue_file_that_was_cut_in_the_middle_loads(home, enter):
    user = enter(home)
    with user.valkey() as valkey:
        valkey.rpush("jobs", "one")
    user.leave()
    (log,) = (home / "valkey" / "appendonlydir").glob("*.incr.aof")
    with log.open("ab") as file:
        file.write(b"*3\r\n$5\r\nRPUSH\r\n$4\r\njo")
    after = enter(home)
    with after.valkey() as valkey:
        assert valkey.lrange("jobs", 0, -1) == ["one"]
    after.leave()


def test_a_port_that_somebody_took_meanwhile_is_left_to_them(home, enter):
    enter(home).leave()
    port = Valkey(home).port
    with socket.create_server(("127.0.0.1", port)):
        user = enter(home)
        assert Valkey(home).port != port
        with user.valkey() as valkey:
            assert valkey.ping()
        user.leave()


def test_secrets_are_made_once_and_for_our_own_eyes(home, enter):
    enter(home).leave()
    files = sorted(path for path in (home / "secrets").iterdir() if path.name != ".lock")
    assert [path.name for path in files] == [
        "field_encryption_keys",
        "secret_key",
        "valkey_password",
    ]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    texts = [path.read_text() for path in files]
    enter(home).leave()
    assert [path.read_text() for path in files] == texts


def test_the_home_may_be_named_in_the_dotenv_file(monkeypatch, tmp_path):
    monkeypatch.setattr(embedded, "PROJECT", tmp_path)
    monkeypatch.delenv("TRUEFANS_HOME", raising=False)
    assert embedded.home() == tmp_path / "var"
    (tmp_path / ".env").write_text("TRUEFANS_HOME=elsewhere\n")
    assert embedded.home() == tmp_path / "elsewhere"
    monkeypatch.setenv("TRUEFANS_HOME", "/srv/here")
    assert embedded.home() == Path("/srv/here")


def test_what_is_given_is_left_alone(empty_home, tmp_path):
    url = tmp_path / "url"
    url.write_text("postgresql://them@elsewhere/theirs")
    given = {
        "DATABASE_URL_FILE": str(url),
        "REDIS_URL": "redis://elsewhere",
        "SECRET_KEY": "s",
        "FIELD_ENCRYPTION_KEYS": "k",
    }
    show = "import os; from truefans import embedded; embedded.ensure()\n"
    show += "print(os.environ.get('DATABASE_URL'), os.environ['REDIS_URL'])"
    done = subprocess.run(
        [sys.executable, "-c", show],
        env=environment_of(empty_home) | given,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["None", "redis://elsewhere"]
    assert not empty_home.exists()


def test_a_server_that_cannot_start_says_why_in_one_sentence(home, enter):
    with (home / "postgres" / "postgresql.auto.conf").open("a") as settings:
        settings.write("wal_buffers = '1000TB'\n")
    user = enter(home)
    complaint = user.leave()
    assert complaint.startswith("PostgreSQL did not start: ")
    assert complaint.count("\n") == 1
    assert user.process.returncode == 1


def test_commands_say_in_one_sentence_that_the_home_cannot_be_used(empty_home):
    empty_home.write_text("a file where the folder should be")
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=PROJECT,
        env=environment_of(empty_home),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"TrueFans cannot keep its data in {empty_home}")
    assert done.stderr.count("\n") == 1


def keeper_of(home: Path) -> psutil.Process:
    return next(
        process
        for process in psutil.process_iter(["cmdline"])
        if str(home) in (process.info["cmdline"] or []) and "keep(" in str(process.info["cmdline"])
    )
