"""Write the tables of docs/operations/settings.md anew from causeway.settings: ``python -m scripts.settings_table``."""

from __future__ import annotations

import inspect

from pydantic_settings import BaseSettings

from causeway import settings
from scripts.stages import ROOT

_PAGE = ROOT / "docs" / "operations" / "settings.md"
_INTRODUCTION = """# Settings

Every process reads its settings once, from the environment, and gets only those that it needs. The names are the same
on AWS and on one machine; `make up` sets them for its processes. This page is written by
`python -m scripts.settings_table`, and a test compares it with `causeway.settings`.

A value on AWS may hold `{secretsmanager:<arn>#<field>}`: it is replaced by the secret when the process starts.
"""

_PER_PROCESS = """## Set per process

Not settings of an installation: whoever starts one of these processes sets them.

| name | set by | meaning |
|---|---|---|
| `CAUSEWAY_JOB_ID` | job runner, Batch | The job that a worker works on. |
| `CAUSEWAY_SHARD_INDEX` | job runner, Batch | Its shard. |
| `CAUSEWAY_WORKER_NUMBER` | job runner | Its number on this machine: with n GPUs, worker i takes GPU i mod n. |
| `CAUSEWAY_CODE_VERSION` | image build | The commit that a result is stamped with; git is asked where it is not set. |
| `CAUSEWAY_SERVER` | a user | Address that the command line talks to. |
| `CAUSEWAY_API_KEY` | a user | API key of the command line, instead of a sign-in. |
| `CAUSEWAY_PASSWORD` | a user | Password for `causeway login` where nobody can type. |
| `CAUSEWAY_CREDENTIALS` | a user | File in which the command line keeps its sign-in. |
| `CAUSEWAY_TEST_DATA` | a developer | Directory of optional real market data; tests that want it skip without it. |
"""


def _rows(kind: type[BaseSettings]) -> str:
    rows = []
    for name, field in kind.model_fields.items():
        env = str(field.validation_alias or f"{kind.model_config.get('env_prefix', '')}{name}".upper())
        default = f"`{field.default}`" if field.default not in (None, "") else ""
        rows.append(f"| `{env}` | {'required' if field.is_required() else default} | {field.description} |")
    return "\n".join(["| name | default | meaning |", "|---|---|---|", *rows])


def main() -> None:
    kinds = [kind for _, kind in inspect.getmembers(settings, inspect.isclass) if issubclass(kind, BaseSettings)]
    own = sorted((kind for kind in kinds if kind is not BaseSettings), key=lambda kind: inspect.getsourcelines(kind)[1])
    sections = [f"## {(kind.__doc__ or '').strip().splitlines()[0]}\n\n{_rows(kind)}\n" for kind in own]
    _PAGE.write_text("\n".join([_INTRODUCTION, *sections, _PER_PROCESS]))


if __name__ == "__main__":
    main()
