"""One line: this Python, and the version of each package that multitok declares."""

import platform
import re
from importlib.metadata import PackageNotFoundError, requires, version


def installed(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return f"no {package}"


packages = sorted({re.match(r"[\w-]+", line)[0] for line in requires("multitok")})
print(f"Python {platform.python_version()}:", ", ".join(map(installed, packages)))
