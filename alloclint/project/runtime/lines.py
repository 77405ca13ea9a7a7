"""A variable as a line of the kind of file that it stands in: what a suggestion prints."""

from __future__ import annotations

from alloclint.project.runtime.environment import Origin


def line(origin: Origin, name: str, value: str) -> str:
    """`ENV NAME=value` for an image, `export NAME=value` for a script …"""
    if origin == "image":
        return f"ENV {name}={_quoted(value)}"
    if origin == "shell":
        return f"export {name}={_quoted(value)}"
    if origin == "systemd":
        text = f"{name}={value}"
        return f'Environment="{text}"' if _has_blanks(value) else f"Environment={text}"
    if origin == "kubernetes":
        return f'{{name: {name}, value: "{_escaped(value)}"}}'
    if origin in ("compose", "workflow"):
        return f'{name}: "{_escaped(value)}"'
    return f"{name}={value}"


def _quoted(value: str) -> str:
    return f'"{_escaped(value)}"' if _has_blanks(value) else value


def _has_blanks(value: str) -> bool:
    return any(char in value for char in " \t;&|<>()*?'\"")


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')
