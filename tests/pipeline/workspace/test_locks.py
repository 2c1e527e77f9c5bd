from pathlib import Path
from threading import Thread

from pipeline.workspace.locks import is_locked, locked, share_lock, try_lock


def test_who_asks_meanwhile_waits(tmp_path: Path) -> None:
    path, order = tmp_path / "lock", []

    def second() -> None:
        with locked(path) as file:
            order.append("second")
            file.write("b\n")

    with locked(path) as file:
        other = Thread(target=second)
        other.start()
        assert try_lock(path) is None
        assert is_locked(path)
        order.append("first")
        file.write("a\n")
    other.join()
    assert order == ["first", "second"]
    assert path.read_text() == "a\nb\n", "written before the lock was free"
    assert not is_locked(path)


def test_a_shared_lock_is_held_by_many_and_by_none_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with share_lock(path), share_lock(path):
        assert is_locked(path)
    assert not is_locked(path)
    file = try_lock(path)
    assert file is not None
    assert is_locked(path)
    file.close()


def test_to_ask_makes_no_file(tmp_path: Path) -> None:
    assert not is_locked(tmp_path / "none")
    assert not is_locked(tmp_path / "no folder" / "none")
    assert list(tmp_path.iterdir()) == []
