"""Where the Java runtime is that IDTxl's JIDT estimators need."""

from __future__ import annotations

import os
from pathlib import Path


def find_java() -> None:
    """Set JAVA_HOME where it is not set: Java 17 if there is one, else whatever Debian's directory holds.

    Raises:
        ImportError: no Java runtime; the message says what to install.
    """
    if os.environ.get("JAVA_HOME"):
        return
    homes = sorted(path.parents[2] for path in Path("/usr/lib/jvm").glob("*/lib/server/libjvm.so"))
    if not homes:
        raise ImportError("no Java runtime; install openjdk-17-jre-headless or set JAVA_HOME")
    os.environ["JAVA_HOME"] = str(next((home for home in homes if "17" in home.name), homes[0]))
