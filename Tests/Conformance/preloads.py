"""Libraries that change what a program sees of its machine, compiled for this run."""

import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent


@contextmanager
def compiled(source):
    """The path of the shared library of *source*, a C file beside this one."""
    compiler = next((name for name in ("cc", "gcc", "clang") if shutil.which(name)), None)
    assert compiler, "a C compiler is needed; one comes with Swift"
    with tempfile.TemporaryDirectory(prefix="meridian-preload-") as folder:
        library = Path(folder) / Path(source).with_suffix(".so").name
        subprocess.run(
            [compiler, "-shared", "-fPIC", "-O1", "-o", library, HERE / source, "-ldl"],
            check=True,
            timeout=300,
        )
        yield library
