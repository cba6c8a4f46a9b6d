"""Names the packages the central service needs, one a line: the extra `service` of pyproject.toml and nothing else.

`pip install .[service]` would bring the desktop's packages too.
"""

import sys
import tomllib
from pathlib import Path


def names(project: Path) -> list[str]:
    """The packages of the extra."""
    content = tomllib.loads(project.read_text(encoding="utf-8"))
    return [str(name) for name in content["project"]["optional-dependencies"]["service"]]


if __name__ == "__main__":
    print("\n".join(names(Path(sys.argv[1]))))
