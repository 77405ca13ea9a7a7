"""Where Python imports a name: beside its like, below what must come first, once."""

from __future__ import annotations

import pytest

from alloclint.fix.apply import applied
from alloclint.fix.imports import importing


def imported(source: str, module: str = "functools", name: str = "lru_cache") -> str:
    edit = importing(source.encode(), module, name)
    assert edit is not None
    return applied(source.encode(), [edit]).decode()


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("x = 1\n", "from functools import lru_cache\n\nx = 1\n"),
        ('"""Doc."""\nx = 1\n', '"""Doc."""\n\nfrom functools import lru_cache\n\nx = 1\n'),
        (
            '"""Doc."""\n\nfrom __future__ import annotations\n\nx = 1\n',
            '"""Doc."""\n\nfrom __future__ import annotations\n\nfrom functools import lru_cache\n\nx = 1\n',
        ),
        (
            "#!/bin/python\n# c\nimport os\n",
            "#!/bin/python\n# c\nimport os\nfrom functools import lru_cache\n",
        ),
        (
            "import os\nfrom abc import A\nfrom sys import v\n\nimport y\n",
            "import os\nfrom abc import A\nfrom functools import lru_cache\nfrom sys import v\n\nimport y\n",
        ),
        (
            "from __future__ import annotations\n\nfrom sys import argv\n",
            "from __future__ import annotations\n\nfrom functools import lru_cache\nfrom sys import argv\n",
        ),
        ("import yaml\n\nx = 1\n", "from functools import lru_cache\n\nimport yaml\n\nx = 1\n"),
        ("from . import a\n", "from functools import lru_cache\n\nfrom . import a\n"),
        ("from functools import cache\n", "from functools import cache, lru_cache\n"),
        ("from functools import cache, wraps\n", "from functools import cache, lru_cache, wraps\n"),
        (
            "from functools import (\n    cache,\n    wraps,\n)\n",
            "from functools import (\n    cache,\n    lru_cache,\n    wraps,\n)\n",
        ),
        (
            "from functools import (\n    cache,\n    kwd,\n)\n",
            "from functools import (\n    cache,\n    kwd,\n    lru_cache,\n)\n",
        ),
        (
            "from functools import (\n    cache,  # c\n    wraps,\n)\n",
            "from functools import (\n    cache,  # c\n    wraps,\n)\nfrom functools import lru_cache\n",
        ),
        ("import os\r\nx = 'ä'\r\n", "import os\r\nfrom functools import lru_cache\r\nx = 'ä'\r\n"),
        ("\ufeffimport os\n", "\ufeffimport os\nfrom functools import lru_cache\n"),
        ("import os", "import os\nfrom functools import lru_cache"),
        ("def f(): pass\n", "from functools import lru_cache\n\n\ndef f(): pass\n"),
    ],
)
def test_place(source: str, wanted: str) -> None:
    assert imported(source) == wanted
    compile(wanted.removeprefix("\ufeff"), "a.py", "exec")


@pytest.mark.parametrize("source", [b"x = '\xff'\n", b"x = (\n"])
def test_text_that_cannot_be_read(source: bytes) -> None:
    assert importing(source, "functools", "lru_cache") is None
