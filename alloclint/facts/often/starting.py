"""
Starting: code that by its name, its class or its parameters belongs to the beginning or the end of a process.

Weaker than `once`, which knows: a component's constructor, `start` and `stop`, what reads the command line or
the configuration, what registers things. It runs a few times, so what it allocates is no more than advice.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from alloclint.facts.names.words import words_of
from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.file import File

#: Methods that a container or a program calls once for each component.
_LIFE = {
    "start", "stop", "shutdown", "doStart", "doStop", "doClose", "doShutdown", "onStart", "onStop", "close",
    "destroy", "init", "initialize", "initialise", "bootstrap", "afterPropertiesSet", "prepareForClose",
    "startup", "startUp", "shutDown", "setup", "setUp", "tearDown", "teardown", "preDestroy", "postConstruct",
}  # fmt: skip
#: First words of functions that are called once for each thing that is set up.
_SETTING_UP = {"register", "unregister", "bootstrap", "configure", "install", "uninstall", "startup", "bind"}
#: What is read once, and the verbs for it.
_READING = {
    "load", "parse", "read", "get", "build", "create", "make", "from", "init", "initialize", "new", "apply",
    "resolve", "validate", "check", "setup", "process", "handle",
}  # fmt: skip
_READ_ONCE = {
    "args", "arguments", "argv", "config", "configuration", "cfg", "conf", "settings", "env", "environment",
    "properties", "cli", "flags", "opts", "disk", "startup", "plugins", "modules", "extensions", "drivers",
}  # fmt: skip
#: Last words of classes of which a process has one, or a few.
_COMPONENTS = {
    "module", "modules", "plugin", "plugins", "registry", "service", "services", "pool", "manager",
    "bootstrap", "bootstrapper", "application", "server", "daemon", "config", "configuration", "settings",
    "environment", "controller", "coordinator", "engine", "provider", "resolver", "factory", "monitor",
    "probe", "repository", "loader", "installer", "configurer", "configurator", "cli", "launcher", "store",
    "indices", "interceptor", "registrar", "customizer",
}  # fmt: skip
#: Types of parameters that hold the command line.
_COMMAND_LINE = {
    "ArgMatches", "Args", "Cli", "CliArgs", "Opts", "Opt", "CommandLine", "ParseResult", "Namespace",
    "ArgumentParser", "OptionSet", "ApplicationArguments", "ClapApp",
}  # fmt: skip
#: Rust: traits of which one object runs for each command that somebody types.
_TYPED = {"Command", "Subcommand", "SubCommand", "CliCommand", "Runnable"}
#: Last words of classes that a person starts, to do one thing.
_TOOLS = {"tool", "cli", "console", "main", "launcher", "installer", "bootstrap", "bootstrapper"}
#: Last words of classes that hold what is configured.
_SETTINGS = {"config", "configuration", "settings", "options"}
_IN_FILES = re.compile(r"(?:^|/)(?:cli|args|opts|cfg|config|configuration|settings|commands/\w+)\.(?:rs|py)$")


def starting(declaration: m.Function, file: File) -> str | None:
    """Why a function belongs to a start, a stop or a configuration; None where nothing says so."""
    language = file.language.name
    owner = declaration.owner
    if language == "java" and owner is not None and declaration.name in (owner.name, "<init>"):
        return _of_component(owner.name)
    if owner is not None and _is_tool(owner, language):
        return f"`{owner.name}` is started by a person"
    if owner is not None and _fills_in(declaration.name, owner.name):
        return f"`{declaration.name}` completes what was configured"
    if owner is not None and "startup" in words_of(owner.name):
        return f"`{owner.name}` belongs to the start"
    if declaration.name in _LIFE and (language != "rust" or declaration.owner_type is not None):
        return f"`{declaration.name}` runs once for a component"
    if declaration.trait is not None and declaration.trait.rsplit("::", 1)[-1] in _TYPED:
        return "it runs once for each command that is typed"
    if any(param.type is not None and _given(param.type) in _COMMAND_LINE for param in declaration.params):
        return "it reads the command line"
    if language == "rust" and _IN_FILES.search(file.path):
        return "the file is about the command line or the configuration"
    return _by_name(declaration.name)


def _is_tool(owner: m.TypeDecl, language: str) -> bool:
    """`InstallTool`, `ConsoleApp`; Java: a class marked as a command of picocli, airline or a shell."""
    words = words_of(owner.name)
    while len(words) > 1 and words[-1] in ("app", "application"):
        words.pop()
    is_command = language == "java" and any(one.last == "Command" for one in owner.attributes)
    return is_command or bool(_TOOLS & set(words[-1:]))


def _fills_in(name: str, owner: str) -> bool:
    """`withDefaults` of `ServerSettings`."""
    return "defaults" in words_of(name) and bool(_SETTINGS & set(words_of(owner)[-1:]))


def _by_name(name: str) -> str | None:
    words = words_of(name)
    if words and (words[0] in _SETTING_UP or (words[0] in _READING and _READ_ONCE & set(words[1:]))):
        return f"`{name}` sets things up, once"
    return None


def _of_component(name: str) -> str | None:
    words = words_of(name)
    while len(words) > 1 and words[-1] in ("impl", "base", "default"):
        words.pop()
    is_one = bool(words) and words[-1] in _COMPONENTS
    return f"a process makes one `{name}`, or a few" if is_one else None


def _given(type_: m.Type) -> str:
    """The name of a parameter's type, behind a reference."""
    while type_.kind in ("ref", "mutref") and type_.args:
        type_ = type_.args[0]
    return type_.last
