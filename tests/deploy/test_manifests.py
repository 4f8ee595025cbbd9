"""compose.yaml and the Kubernetes manifests fit the official schemas, and say what docs/deploying.md says of them."""

from __future__ import annotations

import json
import re
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import validator_for

from deploy.health import HEALTH

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
KUBERNETES = "1.34"
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
IMAGE, USER = f"glassformer:{VERSION}", 10001


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def manifest(kind: str) -> Any:
    return next(one for one in map(read, MANIFESTS) if one["kind"] == kind)


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.stem)
def test_a_manifest_fits_the_schema_of_kubernetes(path: Path) -> None:
    one = read(path)
    kubernetes_validate.validate(one, KUBERNETES, strict=True)
    broken = {**one, "spec": {**one["spec"], "replicass": 3}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(broken, KUBERNETES, strict=True)


def test_compose_fits_its_specification() -> None:
    schema = json.loads((files("check_jsonschema.builtin_schemas.vendor") / "compose-spec.json").read_text("utf-8"))
    validator = validator_for(schema, Draft202012Validator)(schema)
    compose = read(DEPLOY / "compose.yaml")
    validator.validate(compose)
    with pytest.raises(ValidationError):
        validator.validate({**compose, "services": {"app": {"imagee": "x"}}})


def test_all_that_is_there_is_what_is_said() -> None:
    kinds = {"Deployment", "Service", "Ingress", "PodDisruptionBudget", "HorizontalPodAutoscaler", "NetworkPolicy"}
    assert {read(path)["kind"] for path in MANIFESTS} == kinds
    labels = manifest("Deployment")["spec"]["template"]["metadata"]["labels"]
    for kind, where in (("Service", "selector"), ("PodDisruptionBudget", "selector"), ("NetworkPolicy", "podSelector")):
        selector = manifest(kind)["spec"][where]
        assert set(selector.get("matchLabels", selector).items()) <= set(labels.items()), kind
    backend = manifest("Ingress")["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]
    assert backend["name"] == manifest("Service")["metadata"]["name"]
    assert (
        manifest("HorizontalPodAutoscaler")["spec"]["scaleTargetRef"]["name"]
        == manifest("Deployment")["metadata"]["name"]
    )
    assert manifest("NetworkPolicy")["spec"]["egress"] == []
    sticky = manifest("Service")["metadata"]["annotations"]
    assert sticky["traefik.ingress.kubernetes.io/service.sticky.cookie"] == "true"


def test_a_pod_has_limits_probes_and_no_rights() -> None:
    pod = manifest("Deployment")["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert container["image"] == IMAGE
    assert {"cpu", "memory"} == set(container["resources"]["limits"]) == set(container["resources"]["requests"])
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert container[probe]["httpGet"]["path"] == f"/{HEALTH}"
    rights = container["securityContext"]
    assert rights["readOnlyRootFilesystem"]
    assert not rights["allowPrivilegeEscalation"]
    assert rights["capabilities"] == {"drop": ["ALL"]}
    assert pod["securityContext"]["runAsNonRoot"]
    assert not pod["automountServiceAccountToken"]
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert f"USER {USER}:{USER}" in dockerfile
    assert pod["securityContext"]["runAsUser"] == USER
    assert f"EXPOSE {container['ports'][0]['containerPort']}\n" in dockerfile


def test_every_replica_of_compose_is_known_to_the_proxy() -> None:
    services = read(DEPLOY / "compose.yaml")["services"]
    apps = {name: one for name, one in services.items() if name != "proxy"}
    known = re.findall(r"^server ([\w-]+):8501 ", (DEPLOY / "nginx" / "replicas.conf").read_text("utf-8"), flags=re.M)
    assert sorted(apps) == sorted(known) == sorted(services["proxy"]["depends_on"])
    assert len(apps) >= 3
    for one in services.values():
        assert one["read_only"]
        assert one["cap_drop"] == ["ALL"]
    assert {one["image"] for one in apps.values()} == {IMAGE}
    (volume,) = services["proxy"]["volumes"]
    assert (DEPLOY / volume.partition(":")[0] / "nginx.conf").is_file()
