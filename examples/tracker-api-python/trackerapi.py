"""The client of trackerapi, of nothing but Python's own library: for machines where nothing may be installed.

The names, arguments and requests are those of the old package, so scripts run with either.
"""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass, field


class TrackerApiException(Exception):
    """The backend answered with anything but 200."""

    def __init__(self, status, detail):
        super().__init__(f"{status}: {detail}")
        self.status = status
        self.detail = detail


@dataclass
class StepConfiguration:
    name: str
    tag: str
    points: float
    metadata_configurations: list = field(default_factory=list)


@dataclass
class JobConfig:
    name: str
    tag: str
    step_configurations: list
    version: str = "1.0.0"


class JobConfigManager:
    """The job configurations of a file. `daybook config check FILE` says what is wrong with one."""

    def __init__(self, configurations_file):
        with open(configurations_file, encoding="utf-8") as file:
            configs = json.load(file)["job_configs"]
        self._configs = {config["tag"]: self._job_config(config) for config in configs}

    def get_job_config(self, tag):
        return self._configs[tag]

    @staticmethod
    def _job_config(config):
        steps = [StepConfiguration(**step) for step in config["step_configurations"]]
        return JobConfig(**{**config, "step_configurations": steps})


class TrackerEvent:
    def __init__(self, api, id, kind, name):
        self._api = api
        self.id = id
        self.kind = kind
        self.name = name

    def update(self, kind, metadata=None):
        """Lets the step of this event take a new state: Pending, In progress, Complete or Error."""
        body = {"kind": kind, "id": self.id, "event_metadata": metadata or {}}
        self._api.request("POST", "/update_event", body)
        self.kind = kind


class TrackerJob:
    def __init__(self, api, id, provider_job_id):
        self._api = api
        self.id = id
        self.provider_job_id = provider_job_id

    def send_event(self, kind, name, metadata=None):
        """Says what became of a step; kind "step" means that it is done."""
        body = {
            "kind": kind,
            "name": name,
            "provider_job_id": self.provider_job_id,
            "event_metadata": metadata or {},
        }
        answer = self._api.request("POST", "/events", body)
        return TrackerEvent(self._api, answer["id"], kind, name)


class TrackerApi:
    def __init__(self, api_key, base_url="http://localhost:8000", skip_verify=False):
        self._api_key = api_key
        self._base_url = base_url.rstrip("/")
        if not skip_verify:
            self.request("GET", "/api-keys/protected")

    def register_job_config(self, config):
        """Stores a configuration; the same tag, version and content again is fine."""
        steps = [vars(step) for step in config.step_configurations]
        return self.request("POST", "/job_configurations", {**vars(config), "step_configurations": steps})

    def create_job(self, provider_job_id, customer_id, tag):
        body = {"provider_job_id": provider_job_id, "customer_id": customer_id, "tag": tag}
        answer = self.request("POST", "/jobs", body)
        return TrackerJob(self, answer["id"], answer["provider_job_id"])

    def request(self, method, path, body=None):
        request = urllib.request.Request(
            self._base_url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"x-api_key": self._api_key, "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            text = error.read().decode(errors="replace")
            try:
                detail = json.loads(text)["detail"]
            except (ValueError, KeyError, TypeError):
                detail = text[:200]
            raise TrackerApiException(error.code, detail) from None
