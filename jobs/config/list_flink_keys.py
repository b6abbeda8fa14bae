"""Write the list of Flink's own option keys: ``python -m jobs.config.list_flink_keys`` prints it, one key a line."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

FIELD = b"Lorg/apache/flink/configuration/ConfigOption;"
NOT_OF_A_JOB = re.compile("connector|format|filesystem|Factory", re.IGNORECASE)


def candidates(jar: Path) -> list[str]:
    """Return the classes of a jar that mention a field of type ConfigOption."""
    with zipfile.ZipFile(jar) as archive:
        return [
            entry.removesuffix(".class").replace("/", ".")
            for entry in archive.namelist()
            if entry.startswith("org/apache/flink/") and entry.endswith(".class") and FIELD in archive.read(entry)
        ]


def jars() -> list[Path]:
    """Return the jars of the installed distribution that a job or a client sees."""
    import pyflink

    root = Path(pyflink.__file__).parent
    return sorted(root.glob("lib/flink-*.jar")) + sorted(root.glob("opt/flink-python*.jar"))


def flink_keys() -> list[str]:
    """Return every key, current or deprecated, of the public static options that the JVM knows; starts a JVM."""
    from py4j.protocol import Py4JError, Py4JJavaError
    from pyflink.java_gateway import get_gateway

    jvm = get_gateway().jvm
    option = jvm.java.lang.Class.forName("org.apache.flink.configuration.ConfigOption")
    is_static = jvm.java.lang.reflect.Modifier.isStatic
    loader = jvm.java.lang.Thread.currentThread().getContextClassLoader()
    keys: set[str] = set()
    for name in sorted({name for jar in jars() for name in candidates(jar) if not NOT_OF_A_JOB.search(name)}):
        try:
            fields = jvm.java.lang.Class.forName(name, True, loader).getDeclaredFields()
        except (Py4JJavaError, Py4JError):
            continue
        for field in fields:
            if not option.equals(field.getType()) or not is_static(field.getModifiers()):
                continue
            try:
                field.setAccessible(True)
                value = field.get(None)
            except (Py4JJavaError, Py4JError):
                continue
            keys.add(value.key())
            keys.update(fallback.getKey() for fallback in value.fallbackKeys())
    return sorted(key for key in keys if "." in key and key[0].isalpha())


if __name__ == "__main__":
    print("\n".join(flink_keys()))
