"""Kubernetes manifests as units."""

from __future__ import annotations

from textwrap import dedent, indent

import pytest

from alloclint.project.runtime import kubernetes
from alloclint.project.runtime.imports import resolved
from alloclint.project.runtime.unit import Unit
from alloclint.project.token import Source


def read(text: str, path: str = "k8s/app.yaml") -> tuple[Source, list[Unit]]:
    source = Source(path, dedent(text).encode())
    return source, list(kubernetes.read(source))


def container(text: str) -> str:
    """A Deployment `web` with one container `app` and these keys."""
    return (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    spec:\n"
        "      containers:\n      - name: app\n" + indent(dedent(text).strip(), " " * 8) + "\n"
    )


def one(text: str) -> Unit:
    (unit,) = read(container(text))[1]
    return unit


def values(unit: Unit) -> dict[str, str]:
    return {variable.name: variable.value.text for variable in unit.environment.effective()}


@pytest.mark.parametrize(
    "above",
    [
        "kind: Pod\nspec: ",
        "kind: StatefulSet\nspec:\n  template:\n    spec: ",
        "kind: CronJob\nspec:\n  jobTemplate:\n    spec:\n      template:\n        spec: ",
        "kind: Elasticsearch\nspec:\n  nodeSets:\n  - podTemplate:\n      spec: ",
    ],
)
def test_pods_are_found_wherever_a_kind_keeps_them(above: str) -> None:
    _, units = read(f"apiVersion: v1\n{above}{{containers: [{{name: a, image: i}}]}}\n")
    assert [unit.image and unit.image.text for unit in units] == ["i"]


def test_lists_and_several_documents() -> None:
    pod = "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: c}]}}"
    _, units = read(f"apiVersion: v1\nkind: List\nitems: [{pod}]\n---\n{pod}\n")
    assert [unit.name for unit in units] == ["p/c", "p/c"]


def test_containers_that_run_first_are_marked_but_sidecars_are_not() -> None:
    _, units = read("""
        apiVersion: v1
        kind: Pod
        spec:
          initContainers:
          - {name: once}
          - {name: beside, restartPolicy: Always}
          containers:
          - {name: app}
    """)
    assert [(unit.name, unit.init) for unit in units] == [
        ("Pod/once", True), ("Pod/beside", False), ("Pod/app", False)
    ]  # fmt: skip


def test_limits_with_units() -> None:
    unit = one("resources: {limits: {memory: 2Gi, cpu: 500m}, requests: {memory: 1Gi}}")
    assert unit.memory is not None and unit.memory.amount == 2 * 2**30
    assert unit.cpus is not None and unit.cpus.amount == 0.5
    decimal = one("resources: {limits: {memory: 500M, cpu: 2}}")
    assert decimal.memory is not None and decimal.memory.amount == 500e6
    assert decimal.cpus is not None and decimal.cpus.amount == 2
    assert one("resources: {requests: {memory: 1Gi}}").memory is None
    assert one("resources: {limits: {memory: '{{ .Values.memory }}'}}").memory is None


def test_variables_may_name_those_above() -> None:
    unit = one("""
        env:
        - name: HEAP
          value: 2g
        - {name: A, value: "-Xmx$(HEAP)"}
        - {name: B, value: "$(LATER) $$(HEAP)"}
        - {name: LATER, value: x}
        - {name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
        - {name: EMPTY}
    """)
    assert values(unit) == {
        "HEAP": "2g", "A": "-Xmx2g", "B": "$(LATER) $(HEAP)", "LATER": "x", "POD": "", "EMPTY": ""
    }  # fmt: skip
    assert {variable.name for variable in unit.environment.variables if not variable.known} == {"B", "POD"}


def test_command_and_args() -> None:
    unit = one('command: ["java"]\nargs: ["-Xmx1g", "-jar", "a.jar"]')
    assert unit.command is not None
    assert [word.text for word in unit.command.words] == ["java", "-Xmx1g", "-jar", "a.jar"]
    shell = one("command: [/bin/sh, -c]\nargs:\n- |\n  set -e\n  exec java -jar a.jar\n")
    assert shell.command is not None
    assert (shell.command.form, shell.command.program) == ("shell", "java")
    assert one("args: [--port=1]").command is None
    assert one("args: [serve]").command is not None


def test_config_maps_of_the_repository_are_assignments() -> None:
    maps = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: env}\ndata: {JAVA_OPTS: -Xmx1g, A: '1'}\n---\n"
    _, units = read(maps + container("""
        envFrom: [{configMapRef: {name: env}}]
        env:
        - {name: A, value: '2'}
        - {name: K, valueFrom: {configMapKeyRef: {name: env, key: JAVA_OPTS}}}
    """))  # fmt: skip
    (unit,) = resolved(units)
    assert values(unit) == {"JAVA_OPTS": "-Xmx1g", "A": "2", "K": "-Xmx1g"}
    assert not unit.unseen


@pytest.mark.parametrize(
    "keys", ["envFrom: [{secretRef: {name: s}}]", "envFrom: [{configMapRef: {name: elsewhere}}]"]
)
def test_what_other_places_set_is_unseen(keys: str) -> None:
    (unit,) = resolved([one(keys)])
    assert unit.unseen


def test_templates_are_unknown_and_no_damage() -> None:
    source, units = read(container("image: {{ .Values.image }}\nenv: {{ toYaml .Values.env }}\n"))
    assert [unit.image for unit in units] == [None]
    assert units[0].unseen
    assert not source.damage
    source, units = read(container("{{- with .Values.env }}\nenv: {{ . }}\n{{- end }}"))
    assert not units
    assert not source.damage


def test_yaml_that_is_no_manifest_is_left_alone() -> None:
    source, units = read("kind: of\nb: [\n")
    assert not units
    assert not source.damage


def test_a_damaged_manifest_keeps_the_documents_before() -> None:
    source, units = read(container("image: x") + "---\napiVersion: v1\nkind: Pod\nspec: [\n")
    assert len(units) == 1
    assert len(source.damage) == 1


def test_schemas_run_nothing() -> None:
    _, units = read("apiVersion: v1\nkind: CustomResourceDefinition\nspec: {containers: [{name: a}]}\n")
    assert not units


def test_purposes_by_folder_and_namespace() -> None:
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {namespace: NS}\nspec: {containers: [{name: a}]}\n"
    assert read(pod.replace("NS", "shop"))[1][0].purpose is None
    assert read(pod.replace("NS", "shop-dev"))[1][0].purpose == "dev"
    assert read(pod.replace("NS", "shop"), "overlays/test/app.yaml")[1][0].purpose == "test"


def test_aliases_of_aliases_end() -> None:
    lines = ["apiVersion: v1", "kind: Pod", "a0: &a0 [{b: c}]"]
    lines += [f"a{n + 1}: &a{n + 1} [{','.join([f'*a{n}'] * 9)}]" for n in range(40)]
    assert read("\n".join([*lines, "spec: {x: *a40}"]))[1] == []
